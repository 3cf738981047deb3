package world

import (
	"regexp"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeVault      = "aws:backup/vault:Vault"
	typeBackupPlan = "aws:backup/plan:Plan"
	typeSelection  = "aws:backup/selection:Selection"
)

var backupKinds = map[string]*kind{
	typeVault: {
		id:    byOutput("name"),
		arn:   "arn:{partition}:backup:{region}:{account}:backup-vault:{name}",
		taken: "AlreadyExistsException",
		check: []rule{
			vaultName,
			keyUsable("kmsKeyArn", "InvalidParameterValueException"),
		},
		fill: func(c *Call, o, _ *Object) {
			setDefault(o, "recoveryPoints", 0.0)
			setDefault(o, "kmsKeyArn", c.expand("arn:{partition}:kms:{region}:{account}:key/", o)+c.uuidFor("aws/backup "+o.Region))
		},
		remove: []rule{vaultEmpty},
	},
	typeBackupPlan: {
		id:  func(c *Call, _ *Object) string { return c.uuid("plan") },
		arn: "arn:{partition}:backup:{region}:{account}:backup-plan:{id}",
		check: []rule{
			refers("rules.targetVaultName", "InvalidParameterValueException", "Backup vault %s does not exist", typeVault),
			backupDays,
		},
		fill: func(c *Call, o, _ *Object) {
			o.Outputs["version"] = c.hex(48, "version", value.Canonical(o.Outputs["rules"]))
		},
		remove: []rule{
			unused("InvalidRequestException",
				"Related backup plan selections must be deleted prior to backup plan %s deletion", use{typeSelection, "planId"}),
		},
	},
	typeSelection: {
		id: func(c *Call, _ *Object) string { return c.uuid("selection") },
		check: []rule{
			refers("planId", "InvalidParameterValueException", "Backup plan %s does not exist", typeBackupPlan),
			refers("iamRoleArn", "InvalidParameterValueException", "IAM Role %s cannot be assumed by AWS Backup", typeRole),
		},
		fill: func(_ *Call, o, _ *Object) { setDefaults(o, value.Map{"notResources": []any{}}) },
	},
}

var vaultPattern = regexp.MustCompile(`^[a-zA-Z0-9_-]{2,50}$`)

// vaultName: a vault's name is 2 to 50 letters, digits, hyphens and underscores (AWS Backup API, CreateBackupVault).
func vaultName(_ *Call, o *Object) error {
	if !vaultPattern.MatchString(o.Text("name")) {
		return fault("InvalidParameterValueException", "Invalid vault name: %s: 2 to 50 letters, digits, hyphens and underscores",
			o.Text("name"))
	}
	return nil
}

// backupDays: cold storage keeps a backup for at least ninety days (AWS Backup API, Lifecycle).
func backupDays(_ *Call, o *Object) error {
	for _, r := range o.Objects("rules") {
		for _, l := range objectsIn(r["lifecycle"]) {
			cold, moved := l["coldStorageAfter"].(float64)
			if gone, deleted := l["deleteAfter"].(float64); moved && deleted && cold > 0 && gone > 0 && gone < cold+90 {
				return fault("InvalidParameterValueException",
					"Error in rule %v: Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from "+
						"MoveToColdStorageAfterDays: %v and %v", r["ruleName"], gone, cold)
			}
		}
	}
	return nil
}

// vaultEmpty: a vault can be deleted only when it holds no recovery point, or by force (AWS Backup API,
// DeleteBackupVault).
func vaultEmpty(_ *Call, o *Object) error {
	if o.Number("recoveryPoints") > 0 && !o.Flag("forceDestroy") {
		return fault("InvalidRequestException",
			"Backup vault cannot be deleted because it contains recovery points: %s; set forceDestroy and deploy that first", o.ID)
	}
	return nil
}
