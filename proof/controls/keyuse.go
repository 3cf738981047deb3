package controls

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/report"
)

// keysAt are the keys of the stack that a property names, directly or through an alias.
func (v *view) keysAt(r *graph.Resource, path string) []*graph.Resource {
	keys := v.g.Ref(r, path, anyKey...)
	for _, alias := range v.g.Ref(r, path, aliasType) {
		keys = append(keys, v.g.Ref(alias, "targetKeyId", anyKey...)...)
	}
	return keys
}

// keyUse is who must be able to use the key that encrypts something: without them it does not work, and AWS admits nobody
// whom the key's policy does not name.
type keyUse struct {
	types []string
	path  string
	// service is the service that uses the key itself, by its name before the region; through is the service through
	// which the account's own principals use it.
	service, through string
	actions          []string
	// groups limits this to templates that groups of servers start from: there, Auto Scaling's own role creates the
	// volumes.
	groups bool
}

// keyUses follow AWS's user guides: "Encrypt log data in CloudWatch Logs", "Required AWS KMS key policy for use with
// encrypted volumes", "Encrypting Amazon RDS resources", "Secret encryption in Secrets Manager", "Using server-side
// encryption with AWS KMS keys", "Working with customer managed keys for DNSSEC".
var keyUses = []keyUse{
	{types: []string{logGroupType}, path: "kmsKeyId", service: "logs",
		actions: []string{"kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"}},
	{types: []string{templateType}, path: "blockDeviceMappings", groups: true,
		actions: []string{"kms:Decrypt", "kms:GenerateDataKeyWithoutPlaintext", "kms:CreateGrant"}},
	{types: []string{databaseType, clusterType}, path: "kmsKeyId", through: "rds", actions: []string{"kms:CreateGrant"}},
	{types: []string{databaseType, clusterType}, path: "masterUserSecretKmsKeyId", through: "secretsmanager",
		actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}},
	{types: []string{secretType}, path: "kmsKeyId", through: "secretsmanager", actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}},
	{types: part("ServerSideEncryptionConfiguration"), path: "rules", through: "s3",
		actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}},
	{types: []string{topicType}, path: "kmsMasterKeyId"}, {types: []string{vaultType}, path: "kmsKeyArn"},
	// whose users are asked for elsewhere
	{types: []string{keySigningType}, path: "keyManagementServiceArn", service: "dnssec-route53",
		actions: []string{"kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:CreateGrant"}},
}

// usable demands, for each thing that a key encrypts, that everybody who must use the key can.
func usable(v *view, key *graph.Resource) outcome {
	worst := holds()
	for _, use := range keyUses {
		for _, r := range v.g.ByType(use.types...) {
			if !slices.Contains(v.keysAt(r, use.path), key) || use.groups && !v.startedFrom(r) {
				continue
			}
			if o := keyFits(use, key); o.verdict != report.Holds {
				return o.because(r.URN)
			}
			for _, action := range use.actions {
				q := v.keyRequest(use, key, r, action)
				who := slices.Concat(q.Services, q.Principals)[0]
				o := v.admitted(v.iam.Admits(key, q), "%s may use it, which encrypts %s", who, r.Name).because("it needs "+action, r.URN).
					write("let " + who + " do " + action + " in the key's policy")
				if worse(o, worst) {
					worst = o
				}
			}
		}
	}
	return worst
}

// keyFits demands a key of the kind that the use needs: a signing key encrypts nothing.
func keyFits(use keyUse, key *graph.Resource) outcome {
	signs := use.service == "dnssec-route53"
	usage, spec := key.String("keyUsage"), key.String("customerMasterKeySpec")
	switch {
	case signs && usage != "SIGN_VERIFY":
		return broken("it signs nothing: keyUsage is %s", usage).
			write("set keyUsage to SIGN_VERIFY, and customerMasterKeySpec to ECC_NIST_P256")
	case !signs && usage != "" && usage != "ENCRYPT_DECRYPT", !signs && spec != "" && spec != "SYMMETRIC_DEFAULT":
		return broken("it encrypts nothing for a service: it is %s of %s", spec, usage).
			write("leave out keyUsage and customerMasterKeySpec")
	}
	return holds()
}

// keyRequest is what a service, or the account through one, asks of the key on behalf of a resource.
func (v *view) keyRequest(use keyUse, key, r *graph.Resource, action string) iam.Request {
	q := iam.Request{Action: action, Known: v.byService(r)}
	region := v.regionOf(key)
	accounts := v.iam.AccountsOf(r)
	if len(accounts) == 1 {
		q.Known["kms:calleraccount"], q.Known["aws:principalaccount"] = accounts[0], accounts[0]
	}
	q.Known["kms:grantisforawsresource"] = "true"
	switch {
	case use.service == "logs":
		q.Services = []string{"logs." + region + ".amazonaws.com", "logs.amazonaws.com"}
		q.Known["kms:encryptioncontext:aws:logs:arn"] = r.String("arn")
	case use.service != "":
		q.Services = []string{use.service + ".amazonaws.com"}
		for _, zone := range v.g.Ref(r, "hostedZoneId", zoneType) {
			q.Known["aws:sourcearn"] = zone.String("arn")
		}
	case use.groups:
		for _, account := range accounts {
			q.Principals = append(q.Principals,
				"arn:aws:iam::"+account+":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling")
		}
	default:
		q.Known["kms:viaservice"] = use.through + "." + region + ".amazonaws.com"
		q.Known["aws:principalisawsservice"] = "false"
		q.Principals = accounts
	}
	if len(q.Services)+len(q.Principals) == 0 {
		q.Principals = []string{"the account"}
	}
	return q
}

// startedFrom says that a group of servers starts from the template.
func (v *view) startedFrom(template *graph.Resource) bool {
	return len(v.pointing(template, "launchTemplate", scalingType))+len(v.pointing(template, "mixedInstancesPolicy", scalingType)) > 0
}

// backsUp demands of a backup plan's selection that its role can back up, and that backups are kept for a week, in a
// vault of the stack.
func backsUp(v *view, selection *graph.Resource) outcome {
	roles := v.g.Ref(selection, "iamRoleArn", roleType)
	if len(roles) == 0 {
		return undecided("the role of %s is not in the stack", selection.Name)
	}
	for _, role := range roles {
		o := v.admitted(v.iam.Serves(v.iam.Of(role), "backup.amazonaws.com", "rds:CreateDBSnapshot", "", v.byService(selection)),
			"AWS Backup may make snapshots by %s", role.Name).
			write("let backup.amazonaws.com take the role, and the role do rds:CreateDBSnapshot")
		if o.verdict != report.Holds {
			return o
		}
	}
	for _, plan := range v.g.Ref(selection, "planId", planType) {
		for _, vault := range v.g.Ref(plan, "rules", vaultType) {
			if o := all(isNot("forceDestroy", true), v.keeps(selection, plan))(v, vault); o.verdict != report.Holds {
				return o.because(vault.URN)
			}
		}
		o := elements("rules", 1, func(at string) check {
			return all(
				monthly(at+".schedule"),
				either(isAbsent(at+".lifecycle.deleteAfter"), atLeast(at+".lifecycle.deleteAfter", 7)),
				logsTo(at+".targetVaultName", vaultType, "aws:backup/logicallyAirGappedVault:LogicallyAirGappedVault"),
			)
		})(v, plan)
		if o.verdict != report.Holds {
			return o.because(plan.URN)
		}
	}
	return holds()
}

// keeps demands that a vault takes what the plan makes: its policy does not refuse the role, nor its lock how long it is
// to be kept. AWS Backup developer guide, "Vault access policies" and "AWS Backup Vault Lock".
func (v *view) keeps(selection, plan *graph.Resource) check {
	return func(_ *view, vault *graph.Resource) outcome {
		for _, p := range v.pointing(vault, "backupVaultName", vaultPolicyType) {
			s := iam.SourceAt(p, "policy")
			s.Statements = append(slices.Clone(s.Statements), iam.Statement{Allow: true, Actions: []string{"*"}, Resources: []string{"*"},
				Principals: map[string][]string{"*": {"*"}}})
			for _, action := range []string{"backup:StartBackupJob", "backup:CopyIntoBackupVault"} {
				q := iam.Request{Services: []string{"backup.amazonaws.com"}, Action: action, Known: v.byService(selection)}
				for _, role := range v.g.Ref(selection, "iamRoleArn", roleType) {
					q.Principals = append(q.Principals, v.iam.Of(role).Principals()...)
				}
				if o := v.admitted(s.Admits(q), "AWS Backup may put backups into %s", vault.Name); o.verdict != report.Holds {
					return o.because(p.URN, "its policy denies "+action).write("let the vault's policy deny neither the service nor the " +
						"plan's role")
				}
			}
		}
		for _, lock := range v.pointing(vault, "backupVaultName", "aws:backup/vaultLockConfiguration:VaultLockConfiguration") {
			rules, _ := blocks(plan, "rules")
			for i := range rules {
				days, ends := plan.Int(fmt.Sprintf("rules[%d].lifecycle.deleteAfter", i))
				least, _ := lock.Int("minRetentionDays")
				most, limited := lock.Int("maxRetentionDays")
				if ends && days < least || limited && most > 0 && (!ends || days > most) {
					return broken("its lock takes backups for %d to %d days, and the plan makes some for %d", least, most, days).
						because(lock.URN).write("let the vault's lock take what the plan keeps")
				}
			}
		}
		return holds()
	}
}

// monthly demands a schedule by which backups are made at least every month, indefinitely: rate(1 day), or cron with its
// six fields (AWS, Amazon EventBridge, cron expressions).
func monthly(path string) check {
	return func(_ *view, r *graph.Resource) outcome {
		value, known := read(r, path)
		switch {
		case known == hidden:
			return unknown(r, path)
		case known == absent:
			return broken("%s is not set, so that nothing is backed up by itself", path)
		}
		written := text(value)
		kind, fields, _ := strings.Cut(strings.TrimSuffix(written, ")"), "(")
		when := strings.Fields(fields)
		everywhere := func(field string) bool { return field == "*" || field == "?" || field == "*/1" || field == "1/1" }
		if kind == "cron" && len(when) == 6 && everywhere(when[3]) && everywhere(when[5]) || kind == "rate" {
			return holds()
		}
		return broken("%s is %s, which is not every month", path, written)
	}
}

const (
	planType  = "aws:backup/plan:Plan"
	vaultType = "aws:backup/vault:Vault"
)
