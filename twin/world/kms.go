package world

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeKey   = "aws:kms/key:Key"
	typeAlias = "aws:kms/alias:Alias"

	// typeScheduledKey is a key that waits to be deleted. No program of the twin makes one.
	typeScheduledKey = "aws:kms/scheduledKey:ScheduledKey"
)

const kmsARN = "arn:{partition}:kms:{region}:{account}:"

var kmsKinds = map[string]*kind{
	typeKey: {
		id:   func(c *Call, _ *Object) string { return c.uuid("key") },
		arn:  kmsARN + "key/{id}",
		text: map[string]string{"keyId": "{id}"},
		check: []rule{
			policyText("policy", keyPolicy),
			principalsExist("policy", keyPolicy.code),
			keyPolicyOpen,
		},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"description": "", "multiRegion": false, "policy": defaultKeyPolicy(c, o)})
			if o.Flag("enableKeyRotation") {
				setDefault(o, "rotationPeriodInDays", 365.0)
			}
		},
		removed: scheduleKey,
	},
	typeAlias: {
		id:    byOutput("name"),
		arn:   kmsARN + "{name}",
		taken: "AlreadyExistsException",
		check: []rule{
			aliasName,
			keyNotScheduled("targetKeyId", "KMSInvalidStateException"),
			refers("targetKeyId", "NotFoundException", "Key '%s' does not exist", typeKey),
		},
		fill: func(c *Call, o, _ *Object) {
			if key := c.any(o.Text("targetKeyId"), typeKey); key != nil {
				o.Outputs["targetKeyArn"] = key.Text("arn")
			}
		},
	},
}

// defaultKeyPolicy is what KMS gives a key that is made without one (KMS developer guide, "Default key policy").
func defaultKeyPolicy(c *Call, o *Object) string {
	return `{"Id":"key-default-1","Statement":[{"Action":"kms:*","Effect":"Allow","Principal":{"AWS":"arn:` +
		Partition(o.Region) + `:iam::` + c.accountID() +
		`:root"},"Resource":"*","Sid":"Enable IAM User Permissions"}],"Version":"2012-10-17"}`
}

// keyPolicyOpen: a key's policy lets whoever makes the key change it later (KMS API, CreateKey,
// BypassPolicyLockoutSafetyCheck).
func keyPolicyOpen(c *Call, o *Object) error {
	d, err := parseDocument(o.Text("policy"))
	if err != nil || o.Text("policy") == "" || o.Flag("bypassPolicyLockoutSafetyCheck") {
		return nil
	}
	for _, s := range d.Statement {
		for _, p := range s.principals() {
			if s.Effect == "Allow" && allowsAction(s, "kms:PutKeyPolicy") &&
				(p == "*" || p == "AWS:*" || strings.Contains(p, c.accountID())) {
				return nil
			}
		}
	}
	return fault("MalformedPolicyDocumentException",
		"The new key policy will not allow you to update the key policy in the future: let arn:%s:iam::%s:root do kms:*",
		Partition(o.Region), c.accountID())
}

// scheduleKey keeps a deleted key until its window has passed, 30 days by default (KMS API, ScheduleKeyDeletion).
func scheduleKey(c *Call, o *Object) {
	days := cmp.Or(o.Number("deletionWindowInDays"), 30)
	gone := &Object{Type: typeScheduledKey, ID: o.ID, Region: o.Region, Inputs: value.Map{}, Hidden: value.Map{}, Created: c.Now,
		Implicit: true,
		Outputs: value.Map{"name": o.ID, "arn": o.Text("arn"),
			"deletionDate": c.Now.Add(time.Duration(days) * 24 * time.Hour).Format(time.RFC3339)}}
	c.Put(gone)
}

// keyReference finds the key behind an id, an ARN or an alias; scheduled is the deletion date of one that waits for it.
func (c *Call) keyReference(reference string) (key *Object, scheduled string) {
	if alias := c.any(reference, typeAlias); alias != nil {
		reference = alias.Text("targetKeyId")
	}
	key = c.any(reference, typeKey)
	if gone := c.any(reference, typeScheduledKey); key == nil && gone != nil {
		scheduled = gone.Text("deletionDate")
	}
	return key, scheduled
}

// keyNotScheduled refuses the use of a key that waits to be deleted (KMS developer guide, "Key states").
func keyNotScheduled(path, code string) rule {
	return func(c *Call, o *Object) error {
		for _, reference := range at(o.Outputs, path) {
			if _, date := c.keyReference(reference); date != "" {
				return fault(code, "%s is pending deletion, on %s: use another key, or cancel its deletion", reference, date)
			}
		}
		return nil
	}
}

// keyUsable refuses the use of a key that does not exist, is disabled or waits to be deleted, with the service's code.
func keyUsable(path, code string) rule {
	scheduled := keyNotScheduled(path, code)
	return func(c *Call, o *Object) error {
		if err := scheduled(c, o); err != nil {
			return err
		}
		for _, reference := range at(o.Outputs, path) {
			key, _ := c.keyReference(reference)
			if key == nil && !external(reference, c.accountID()) && !strings.HasPrefix(reference, "aws/") && !c.ownKey(reference) {
				return fault(code, "The KMS key %s does not exist%s", reference, c.instead(reference, typeKey, typeAlias))
			}
			if key != nil && key.Outputs["isEnabled"] == false {
				return fault(code, "The KMS key %s is disabled: set isEnabled of %s first", reference, called(key))
			}
		}
		return nil
	}
}

// ownKeys are the keys that AWS keeps for its services and the twin names in outputs.
var ownKeys = []string{"aws/rds", "aws/secretsmanager", "aws/backup", "aws/ebs", "aws/s3"}

// ownKey says whether a reference is to a key that AWS keeps for a service.
func (c *Call) ownKey(reference string) bool {
	return slices.ContainsFunc(ownKeys, func(service string) bool {
		return strings.HasSuffix(reference, ":key/"+c.uuidFor(service+" "+c.Region))
	})
}

// aliasName: an alias begins with alias/ but not with alias/aws/ (KMS API, CreateAlias).
func aliasName(_ *Call, o *Object) error {
	if name := o.Text("name"); !strings.HasPrefix(name, "alias/") || strings.HasPrefix(name, "alias/aws/") {
		return fault("NotAuthorizedException", "Alias names begin with alias/ and not with alias/aws/: %s", name)
	}
	return nil
}
