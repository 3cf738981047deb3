package world

import (
	"regexp"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeSecret         = "aws:secretsmanager/secret:Secret"
	typeSecretVersion  = "aws:secretsmanager/secretVersion:SecretVersion"
	typeSecretRotation = "aws:secretsmanager/secretRotation:SecretRotation"
	typeParameter      = "aws:ssm/parameter:Parameter"
	typeDocument       = "aws:ssm/document:Document"
	typeVault          = "aws:backup/vault:Vault"
	typeBackupPlan     = "aws:backup/plan:Plan"
	typeSelection      = "aws:backup/selection:Selection"
)

var secretKinds = map[string]*kind{
	typeSecret: {
		id: func(c *Call, o *Object) string {
			return c.expand("arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-", o) + c.hex(6)
		},
		arn: "{id}", create: []rule{nameFromPrefix, unique("ResourceExistsException", "The operation failed because the secret %s already exists.", "name")},
		check: []rule{refers("kmsKeyId", "InvalidParameterException", "KMS key %s does not exist", typeKey, typeAlias)},
		fill:  func(_ *Call, o, _ *Object) { setDefaults(o, value.Map{"policy": "", "replicas": []any{}}) },
	},
	typeSecretVersion: {
		id: func(c *Call, o *Object) string {
			return o.Text("secretId") + "|terraform-" + c.Now.Format("20060102150405") + c.hex(12)
		},
		check: []rule{inSecret}, text: map[string]string{"arn": "{secretId}"},
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"versionId": o.ID[strings.LastIndexByte(o.ID, '|')+1:], "versionStages": []any{"AWSCURRENT"}})
		},
	},
	typeSecretRotation: {id: byOutput("secretId"), check: []rule{inSecret}, fill: func(_ *Call, o, _ *Object) { setDefault(o, "rotationEnabled", true) }},
	typeParameter: {
		id: byOutput("name"), taken: "ParameterAlreadyExists", check: []rule{parameterName},
		fill: func(c *Call, o, old *Object) {
			path := "/" + strings.TrimPrefix(o.Text("name"), "/")
			setDefaults(o, value.Map{"arn": c.expand("arn:{partition}:ssm:{region}:{account}:parameter"+path, o), "dataType": "text", "tier": "Standard", "keyId": "", "version": 1.0})
			if o.Text("type") == "SecureString" && o.Text("keyId") == "" {
				o.Outputs["keyId"] = "alias/aws/ssm"
			}
			if old != nil {
				o.Outputs["version"] = old.Number("version") + 1
			}
			if o.Inputs["insecureValue"] != nil {
				o.Outputs["value"] = o.Outputs["insecureValue"]
			} else if o.Text("type") != "SecureString" {
				o.Outputs["insecureValue"] = o.Outputs["value"]
			}
		},
	},
	typeDocument: {
		id: byOutput("name"), arn: "arn:{partition}:ssm:{region}:{account}:document/{name}", text: map[string]string{"owner": "{account}"}, taken: "DocumentAlreadyExists",
		fill: func(c *Call, o, old *Object) {
			setDefaults(o, value.Map{"createdDate": stamp(c.Now), "description": "", "documentVersion": "1", "defaultVersion": "1", "latestVersion": "1", "hashType": "Sha256",
				"parameters": []any{}, "platformTypes": []any{"Linux", "MacOS", "Windows"}, "schemaVersion": "1.0", "status": "Active"})
			o.Outputs["hash"] = c.hexFor(o.Text("content"), 64)
		},
	},
	typeVault: {
		id: byOutput("name"), arn: "arn:{partition}:backup:{region}:{account}:backup-vault:{name}", taken: "AlreadyExistsException", check: []rule{vaultName},
		fill: func(c *Call, o, _ *Object) {
			setDefault(o, "recoveryPoints", 0.0)
			setDefault(o, "kmsKeyArn", c.expand("arn:{partition}:kms:{region}:{account}:key/", o)+c.uuidFor("aws/backup "+o.Region))
		},
		remove: []rule{func(_ *Call, o *Object) error {
			if o.Number("recoveryPoints") > 0 && !o.Flag("forceDestroy") {
				return fault("InvalidRequestException", "Backup vault cannot be deleted because it contains recovery points: %s", o.ID)
			}
			return nil
		}},
	},
	typeBackupPlan: {
		id: func(c *Call, _ *Object) string { return c.uuid("plan") }, arn: "arn:{partition}:backup:{region}:{account}:backup-plan:{id}",
		check: []rule{refers("rules.targetVaultName", "InvalidParameterValueException", "Backup vault %s does not exist", typeVault)},
		fill: func(c *Call, o, _ *Object) {
			o.Outputs["version"] = c.hex(48, "version", value.Canonical(o.Outputs["rules"]))
		},
		remove: []rule{unused("InvalidRequestException", "Related backup plan selections must be deleted prior to backup plan %s deletion", use{typeSelection, "planId"})},
	},
	typeSelection: {
		id:    func(c *Call, _ *Object) string { return c.uuid("selection") },
		check: []rule{refers("planId", "InvalidParameterValueException", "Backup plan %s does not exist", typeBackupPlan), refers("iamRoleArn", "InvalidParameterValueException", "IAM Role %s cannot be assumed by AWS Backup", typeRole)},
		fill:  func(_ *Call, o, _ *Object) { setDefaults(o, value.Map{"notResources": []any{}, "conditions": []any{}}) },
	},
}

var inSecret = refers("secretId", "ResourceNotFoundException", "Secrets Manager can't find the specified secret: %s", typeSecret)

var vaultPattern = regexp.MustCompile(`^[a-zA-Z0-9_-]{2,50}$`)

func vaultName(_ *Call, o *Object) error {
	if !vaultPattern.MatchString(o.Text("name")) {
		return fault("InvalidParameterValueException", "Invalid vault name: %s: 2 to 50 letters, digits, hyphens and underscores", o.Text("name"))
	}
	return nil
}

// parameterName: names under aws and ssm are AWS's own (Systems Manager API, PutParameter).
func parameterName(_ *Call, o *Object) error {
	name := strings.ToLower(strings.TrimPrefix(o.Text("name"), "/"))
	if strings.HasPrefix(name, "aws") || strings.HasPrefix(name, "ssm") {
		return fault("ValidationException", "Parameter name: can't be prefixed with \"ssm\" or \"aws\" (case-insensitive): %s", o.Text("name"))
	}
	return nil
}
