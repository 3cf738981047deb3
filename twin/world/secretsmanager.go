package world

import (
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeSecret         = "aws:secretsmanager/secret:Secret"
	typeSecretVersion  = "aws:secretsmanager/secretVersion:SecretVersion"
	typeSecretRotation = "aws:secretsmanager/secretRotation:SecretRotation"

	// typeScheduledSecret is a secret that waits to be deleted. No program of the twin makes one.
	typeScheduledSecret = "aws:secretsmanager/scheduledSecret:ScheduledSecret"
)

var secretKinds = map[string]*kind{
	typeSecret: {
		id: func(c *Call, o *Object) string {
			return c.expand("arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-", o) + c.hex(6)
		},
		arn:     "{id}",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check: []rule{
			keyUsable("kmsKeyId", "InvalidParameterException"),
			policyText("policy", secretPolicy),
			principalsExist("policy", secretPolicy.code),
		},
		create: []rule{
			secretNotScheduled,
			unique("ResourceExistsException", "The operation failed because the secret %s already exists.", "name"),
		},
		fill:    func(_ *Call, o, _ *Object) { setDefaults(o, value.Map{"policy": "", "replicas": []any{}}) },
		removed: scheduleSecret,
	},
	typeSecretVersion: {
		id: func(c *Call, o *Object) string {
			return o.Text("secretId") + "|terraform-" + c.Now.Format("20060102150405") + c.hex(12)
		},
		check: []rule{inSecret},
		text:  map[string]string{"arn": "{secretId}"},
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"versionId": o.ID[strings.LastIndexByte(o.ID, '|')+1:], "versionStages": []any{"AWSCURRENT"}})
		},
	},
	typeSecretRotation: {
		id:    byOutput("secretId"),
		check: []rule{inSecret},
		fill:  func(_ *Call, o, _ *Object) { setDefault(o, "rotationEnabled", true) },
	},
}

var inSecret = refers("secretId", "ResourceNotFoundException", "Secrets Manager can't find the specified secret: %s", typeSecret)

// scheduleSecret keeps a deleted secret until its window has passed: 30 days by default, and not at all if it is 0
// (Secrets Manager API, DeleteSecret).
func scheduleSecret(c *Call, o *Object) {
	c.dropUsers(o, use{typeSecretVersion, "secretId"}, use{typeSecretRotation, "secretId"})
	days := 30.0
	if o.Outputs["recoveryWindowInDays"] != nil {
		days = o.Number("recoveryWindowInDays")
	}
	if days == 0 {
		return
	}
	gone := &Object{Type: typeScheduledSecret, ID: o.ID, Region: o.Region, Inputs: value.Map{}, Hidden: value.Map{}, Created: c.Now,
		Implicit: true,
		Outputs: value.Map{"name": o.Text("name"), "arn": o.ID,
			"deletionDate": c.Now.Add(time.Duration(days) * 24 * time.Hour).Format(time.RFC3339)}}
	c.Put(gone)
}

// secretNotScheduled: a deleted secret keeps its name until it is gone (Secrets Manager user guide, "Delete a secret").
func secretNotScheduled(c *Call, o *Object) error {
	if gone := c.where(typeScheduledSecret, "name", o.Text("name")); gone != nil {
		return fault("InvalidRequestException",
			"You can't create this secret because a secret with this name is already scheduled for deletion: %s, on %s; choose "+
				"another name, or set recoveryWindowInDays to 0 before a secret is deleted", gone.ID, gone.Text("deletionDate"))
	}
	return nil
}
