package world

import (
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeKey   = "aws:kms/key:Key"
	typeAlias = "aws:kms/alias:Alias"
)

const kmsARN = "arn:{partition}:kms:{region}:{account}:"

var kmsKinds = map[string]*kind{
	typeKey: {
		id: func(c *Call, _ *Object) string { return c.uuid("key") }, arn: kmsARN + "key/{id}", text: map[string]string{"keyId": "{id}"},
		check: []rule{policyText("policy", "MalformedPolicyDocumentException", true)},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"description": "", "multiRegion": false, "policy": keyPolicy(c, o)})
			if o.Flag("enableKeyRotation") {
				setDefault(o, "rotationPeriodInDays", 365.0)
			}
		},
	},
	typeAlias: {
		id: byOutput("name"), arn: kmsARN + "{name}", taken: "AlreadyExistsException",
		check: []rule{aliasName, refers("targetKeyId", "NotFoundException", "Key '%s' does not exist", typeKey)},
		fill: func(c *Call, o, _ *Object) {
			if key := c.any(o.Text("targetKeyId"), typeKey); key != nil {
				o.Outputs["targetKeyArn"] = key.Text("arn")
			}
		},
	},
}

// keyPolicy is what KMS gives a key that is made without one (KMS developer guide, "Default key policy").
func keyPolicy(c *Call, o *Object) string {
	return `{"Id":"key-default-1","Statement":[{"Action":"kms:*","Effect":"Allow","Principal":{"AWS":"arn:` +
		Partition(o.Region) + `:iam::` + c.accountID() + `:root"},"Resource":"*","Sid":"Enable IAM User Permissions"}],"Version":"2012-10-17"}`
}

// aliasName: alias/..., and not alias/aws/... (KMS API, CreateAlias).
func aliasName(_ *Call, o *Object) error {
	name := o.Text("name")
	if !strings.HasPrefix(name, "alias/") || strings.HasPrefix(name, "alias/aws/") {
		return fault("NotAuthorizedException", "Alias names begin with alias/ and not with alias/aws/: %s", name)
	}
	return nil
}
