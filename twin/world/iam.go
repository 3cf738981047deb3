package world

import (
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeRole             = "aws:iam/role:Role"
	typePolicy           = "aws:iam/policy:Policy"
	typeRolePolicy       = "aws:iam/rolePolicy:RolePolicy"
	typeRoleAttachment   = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	typeInstanceProfile  = "aws:iam/instanceProfile:InstanceProfile"
	typeIdentityProvider = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
)

const iamARN = "arn:{partition}:iam::{account}:"

var iamKinds = map[string]*kind{
	typeRole: {
		id: byOutput("name"), arn: iamARN + "role{path}{name}", taken: "EntityAlreadyExists",
		check:  []rule{policyText("assumeRolePolicy", "MalformedPolicyDocument", true), refers("permissionsBoundary", "NoSuchEntity", "Scope ARN: %s does not exist or is not attachable.", typePolicy)},
		create: []rule{nameFromPrefix},
		fill:   fillEntity("AROA"),
		remove: []rule{roleUnused},
	},
	typePolicy: {
		id: byTemplate(iamARN + "policy{path}{name}"), arn: "{id}", taken: "EntityAlreadyExists",
		check:  []rule{policyText("policy", "MalformedPolicyDocument", false), policySize("policy", 6144)},
		create: []rule{nameFromPrefix},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"policyId": "ANPA" + strings.ToUpper(c.hex(17)), "attachmentCount": 0.0})
		},
		remove: []rule{unused("DeleteConflict", "Cannot delete policy %s: it is attached to entities.", use{typeRoleAttachment, "policyArn"}, use{typeRole, "permissionsBoundary"}, use{typeRole, "managedPolicyArns"})},
	},
	typeRolePolicy: {
		id:    byTemplate("{role}:{name}"),
		check: []rule{inRole, policyText("policy", "MalformedPolicyDocument", false), policySize("policy", 10240)}, create: []rule{nameFromPrefix},
	},
	typeRoleAttachment: {
		id: func(c *Call, o *Object) string {
			return o.Text("role") + "-" + c.Now.Format("20060102150405") + c.hex(12)
		},
		create: []rule{inRole, policyExists("policyArn")},
		adopt: func(c *Call, id string) *Object {
			role, arn, _ := strings.Cut(id, "/")
			var found *Object
			c.each(typeRoleAttachment, func(o *Object) bool {
				if o.Text("role") == role && o.Text("policyArn") == arn {
					found = o
				}
				return found == nil
			})
			return found
		},
	},
	typeInstanceProfile: {
		id: byOutput("name"), arn: iamARN + "instance-profile{path}{name}", taken: "EntityAlreadyExists",
		check: []rule{inRole}, create: []rule{nameFromPrefix}, fill: fillEntity("AIPA"),
	},
	typeIdentityProvider: {id: func(c *Call, o *Object) string {
		return c.expand(iamARN+"oidc-provider/", o) + strings.TrimPrefix(o.Text("url"), "https://")
	}, arn: "{id}", taken: "EntityAlreadyExists"},
}

var inRole = refers("role", "NoSuchEntity", "The role with name %s cannot be found.", typeRole)

func fillEntity(prefix string) func(c *Call, o, old *Object) {
	return func(c *Call, o, _ *Object) {
		setDefaults(o, value.Map{"uniqueId": prefix + strings.ToUpper(c.hex(17)), "createDate": c.Now.Format(time.RFC3339)})
		if o.Type == typeRole {
			setDefaults(o, value.Map{"managedPolicyArns": []any{}, "inlinePolicies": []any{}})
		}
	}
}

// policySize: IAM counts the characters without white space (IAM user guide, "Quotas").
func policySize(property string, limit int) rule {
	return func(_ *Call, o *Object) error {
		size := len(strings.Join(strings.Fields(o.Text(property)), ""))
		if size > limit {
			return fault("LimitExceeded", "Cannot exceed quota for PolicySize: %d (it has %d)", limit, size)
		}
		return nil
	}
}

func policyExists(property string) rule {
	return func(c *Call, o *Object) error {
		arn := o.Text(property)
		if strings.Contains(arn, ":iam::aws:policy/") || c.find(typePolicy, arn) != nil {
			return nil
		}
		return fault("NoSuchEntity", "Policy %s does not exist or is not attachable.", arn)
	}
}

func roleUnused(c *Call, o *Object) error {
	if err := unused("DeleteConflict", "Cannot delete entity %s, must remove roles from instance profile first.", use{typeInstanceProfile, "role"})(c, o); err != nil {
		return err
	}
	if o.Flag("forceDetachPolicies") {
		return nil
	}
	if err := unused("DeleteConflict", "Cannot delete entity %s, must detach all policies first.", use{typeRoleAttachment, "role"})(c, o); err != nil {
		return err
	}
	return unused("DeleteConflict", "Cannot delete entity %s, must delete policies first.", use{typeRolePolicy, "role"})(c, o)
}
