package world

import (
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeUser             = "aws:iam/user:User"
	typeUserGroup        = "aws:iam/group:Group"
	typeUserPolicy       = "aws:iam/userPolicy:UserPolicy"
	typeUserAttachment   = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
	typePolicyAttachment = "aws:iam/policyAttachment:PolicyAttachment"
	typeAccessKey        = "aws:iam/accessKey:AccessKey"
)

// noUser is IAM's error for a user that does not exist.
var noUser = refers("user", "NoSuchEntity", "The user with name %s cannot be found.", typeUser)

var userKinds = map[string]*kind{
	typeUser: {
		id:    byOutput("name"),
		arn:   iamARN + "user{path}{name}",
		taken: "EntityAlreadyExists",
		check: []rule{
			refers("permissionsBoundary", "NoSuchEntity", "Scope ARN: %s does not exist or is not attachable.", typePolicy),
		},
		fill: func(c *Call, o, _ *Object) { setDefault(o, "uniqueId", "AIDA"+strings.ToUpper(c.hex(17))) },
		remove: []rule{
			unusedUnless("forceDestroy", "DeleteConflict", "Cannot delete entity %s, must delete access keys first.",
				use{typeAccessKey, "user"}),
			unused("DeleteConflict", "Cannot delete entity %s, must delete policies first.", use{typeUserPolicy, "user"},
				use{typeUserAttachment, "user"}),
		},
		removed: func(c *Call, o *Object) { c.dropUsers(o, use{typeAccessKey, "user"}) },
	},
	typeUserGroup: {
		id:    byOutput("name"),
		arn:   iamARN + "group{path}{name}",
		taken: "EntityAlreadyExists",
		fill:  func(c *Call, o, _ *Object) { setDefault(o, "uniqueId", "AGPA"+strings.ToUpper(c.hex(17))) },
	},
	typeUserPolicy: {
		id:      byTemplate("{user}:{name}"),
		prepare: []func(*Call, *Object){nameFromPrefix},
		put:     true,
		check: []rule{
			noUser,
			policyText("policy", identityPolicy),
		},
	},
	typeUserAttachment: {
		id: func(c *Call, o *Object) string {
			return o.Text("user") + "-" + c.Now.Format("20060102150405") + c.hex(12)
		},
		check: []rule{
			noUser,
			refers("policyArn", "NoSuchEntity", "Policy %s does not exist or is not attachable.", typePolicy),
		},
	},
	typePolicyAttachment: {
		id: byOutput("name"),
		check: []rule{
			refers("policyArn", "NoSuchEntity", "Policy %s does not exist or is not attachable.", typePolicy),
			refers("roles", "NoSuchEntity", "The role with name %s cannot be found.", typeRole),
			refers("users", "NoSuchEntity", "The user with name %s cannot be found.", typeUser),
			refers("groups", "NoSuchEntity", "The group with name %s cannot be found.", typeUserGroup),
			attachedToSome,
		},
	},
	typeAccessKey: {
		id: func(c *Call, _ *Object) string { return "AKIA" + strings.ToUpper(c.hex(16)) },
		check: []rule{
			noUser,
			fewAccessKeys,
		},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"createDate": c.Now.Format(time.RFC3339), "secret": c.hex(40, "secret"),
				"sesSmtpPasswordV4": c.hex(44, "ses")})
		},
	},
}

// attachedToSome: a policy is attached to somebody (IAM API, AttachRolePolicy). The provider checks this itself.
func attachedToSome(_ *Call, o *Object) error {
	if len(o.Texts("roles"))+len(o.Texts("users"))+len(o.Texts("groups")) == 0 {
		return message("NobodyAttached", "No Users, Roles, or Groups specified for IAM Policy Attachment %s", o.Text("name"))
	}
	return nil
}

// fewAccessKeys: a user has at most two access keys (IAM user guide, "IAM and AWS STS quotas").
func fewAccessKeys(c *Call, o *Object) error {
	n := 0
	for other := range c.having(typeAccessKey, "user", o.Text("user")) {
		if other.Key != o.Key {
			n++
		}
	}
	if n >= 2 {
		return fault("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2")
	}
	return nil
}
