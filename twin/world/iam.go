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
		id:      byOutput("name"),
		arn:     iamARN + "role{path}{name}",
		taken:   "EntityAlreadyExists",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check: []rule{
			policyText("assumeRolePolicy", trustPolicy),
			principalsExist("assumeRolePolicy", "MalformedPolicyDocument"),
			refers("permissionsBoundary", "NoSuchEntity", "Scope ARN: %s does not exist or is not attachable.", typePolicy),
			refers("managedPolicyArns", "NoSuchEntity", "Policy %s does not exist or is not attachable.", typePolicy),
		},
		fill: fillEntity("AROA"),
		remove: []rule{
			unused("DeleteConflict", "Cannot delete entity %s, must remove roles from instance profile first.",
				use{typeInstanceProfile, "role"}),
			unusedUnless("forceDetachPolicies", "DeleteConflict", "Cannot delete entity %s, must detach all policies first.",
				use{typeRoleAttachment, "role"}),
			unusedUnless("forceDetachPolicies", "DeleteConflict", "Cannot delete entity %s, must delete policies first.",
				use{typeRolePolicy, "role"}),
		},
		removed: func(c *Call, o *Object) {
			c.dropUsers(o, use{typeRoleAttachment, "role"}, use{typeRolePolicy, "role"})
		},
	},
	typePolicy: {
		id:      byTemplate(iamARN + "policy{path}{name}"),
		arn:     "{id}",
		taken:   "EntityAlreadyExists",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check:   []rule{policyText("policy", identityPolicy)},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"policyId": "ANPA" + strings.ToUpper(c.hex(17)), "attachmentCount": 0.0})
		},
		remove: []rule{
			unused("DeleteConflict", "Cannot delete policy %s: it is attached to entities.",
				use{typeUserAttachment, "policyArn"}, use{typePolicyAttachment, "policyArn"}, use{typeRoleAttachment, "policyArn"},
				use{typeRole, "permissionsBoundary"}, use{typeRole, "managedPolicyArns"}),
		},
	},
	typeRolePolicy: {
		id:      byTemplate("{role}:{name}"),
		put:     true,
		prepare: []func(*Call, *Object){nameFromPrefix},
		check: []rule{
			inRole,
			policyText("policy", identityPolicy),
		},
	},
	typeRoleAttachment: {
		id: func(c *Call, o *Object) string {
			return o.Text("role") + "-" + c.Now.Format("20060102150405") + c.hex(12)
		},
		create: []rule{
			inRole,
			refers("policyArn", "NoSuchEntity", "Policy %s does not exist or is not attachable.", typePolicy),
		},
		adopt: func(c *Call, id string) *Object {
			role, arn, _ := strings.Cut(id, "/")
			return first(c.each(typeRoleAttachment), func(o *Object) bool { return o.Text("role") == role && o.Text("policyArn") == arn })
		},
	},
	typeInstanceProfile: {
		id:      byOutput("name"),
		arn:     iamARN + "instance-profile{path}{name}",
		taken:   "EntityAlreadyExists",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check:   []rule{inRole},
		fill:    fillEntity("AIPA"),
	},
	typeIdentityProvider: {
		id: func(c *Call, o *Object) string {
			return c.expand(iamARN+"oidc-provider/", o) + strings.TrimPrefix(o.Text("url"), "https://")
		},
		arn:   "{id}",
		taken: "EntityAlreadyExists",
	},
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
