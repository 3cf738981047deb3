package controls

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/report"
)

var (
	keyTypes = []string{keyType}
	// anyKey are the keys whose policy, description and deletion the program writes.
	anyKey = []string{keyType, replicaKeyType, "aws:kms/externalKey:ExternalKey", "aws:kms/replicaExternalKey:ReplicaExternalKey"}
)

var keysAndSecrets = []Control{
	{
		Number: 144, Severity: report.Medium, Title: "Keys are rotated, every year at least", Types: keyTypes,
		Known:  "FSBP KMS.4; CIS v3.0/3.6 v5.0/3.6; Checkov CKV_AWS_7; Trivy AWS-0065; Prowler kms_cmk_rotation_enabled",
		Remedy: "set enableKeyRotation",
		each: when(symmetric, all(is("enableKeyRotation", true),
			either(isAbsent("rotationPeriodInDays"), atMost("rotationPeriodInDays", 365)))),
	},
	{
		Number: 145, Severity: report.Critical, Title: "No key's policy or grant lets in everybody, or another account",
		Types: append(slices.Clone(anyKey), keyPolicyType, iam.GrantType), Later: true,
		Known:  "FSBP KMS.5; Checkov CKV_AWS_33; Prowler kms_key_not_publicly_accessible",
		Remedy: "name the account, its roles and services as Principal", each: when(anyOf(has("policy"), has("granteePrincipal")),
			all(noStrangers, noneUnknown, retires)),
	},
	{
		Number: 146, Severity: report.Low, Title: "Every key has a policy of its own", Types: anyKey,
		Known:  "Checkov CKV2_AWS_64",
		Remedy: "set policy", each: either(isAsked("policy"), companion("keyId", []string{keyPolicyType}, "it has no policy of its own")),
	},
	{
		Number: 147, Severity: report.Medium, Title: "Every key works, for all that is encrypted with it", Types: anyKey, Later: true,
		Known:  "Checkov CKV_AWS_227",
		Remedy: "leave out isEnabled, and let in whoever uses the key in its policy",
		each:   all(isNot("isEnabled", false), isNot("enabled", false), usable),
	},
	{
		Number: 148, Severity: report.High,
		Title: "A key that is deleted by mistake can be kept for a month, and Pulumi does not delete it", Types: anyKey,
		Known:   "FSBP KMS.3; Prowler kms_cmk_not_deleted_unintentionally",
		Note:    "whether a deletion is under way only shows at run time",
		Waivers: []string{"unprotected"}, Remedy: "set deletionWindowInDays to 30, and protect the resource", each: keyKept,
	},
	{
		Number: 149, Severity: report.Medium, Title: "No key's policy may lock out who manages it",
		Types: append(slices.Clone(anyKey), keyPolicyType), Later: true,
		Remedy: "leave out bypassPolicyLockoutSafetyCheck, and let the account do kms:PutKeyPolicy",
		each:   all(isNot("bypassPolicyLockoutSafetyCheck", true), when(has("policy"), manageable)),
	},
	{
		Number: 150, Severity: report.Low, Title: "Every key says what it is for", Types: anyKey,
		Remedy: "set description", each: isAsked("description"),
	},
	{
		Number: 151, Severity: report.Low, Title: "Every key stays in its region", Types: keyTypes,
		Known:  "Prowler kms_cmk_not_multi_region",
		Remedy: "leave out multiRegion", each: isNot("multiRegion", true),
	},
	{
		Number: 152, Severity: report.Medium, Title: "A service uses a key for this account only",
		Types: append(slices.Clone(anyKey), keyPolicyType, iam.GrantType), Later: true,
		Note:   "Route 53's DNSSEC sends aws:SourceAccount for what it signs, not for the grants that it makes",
		Remedy: "add a condition on kms:EncryptionContext:aws:logs:arn, or aws:SourceAccount",
		each:   when(anyOf(has("policy"), has("granteePrincipal")), servicesConditioned),
	},
	{
		Number: 153, Severity: report.Low, Title: "Secrets are encrypted by a key of the platform's own", Types: []string{secretType},
		Known:  "Checkov CKV_AWS_149; Trivy AWS-0098",
		Remedy: "set kmsKeyId", each: ownKey("kmsKeyId"),
	},
	{
		Number: 154, Severity: report.Medium, Title: "Secrets are rotated", Types: []string{secretType},
		Known:  "FSBP SecretsManager.1; Checkov CKV2_AWS_57; Prowler secretsmanager_automatic_rotation_enabled",
		Note:   "a password that RDS manages is rotated by RDS every week",
		Remedy: "add a secretsmanager.SecretRotation", each: companion("secretId", []string{rotationType}, "it is never rotated"),
	},
	{
		Number: 155, Severity: report.Medium, Title: "Secrets are rotated every 90 days at least", Types: []string{rotationType},
		Known:  "FSBP SecretsManager.4; Checkov CKV_AWS_304; Prowler secretsmanager_secret_rotated_periodically",
		Remedy: "set rotationRules.automaticallyAfterDays to 90 or less", each: rotatedInTime,
	},
	{
		Number: 157, Severity: report.Critical, Title: "No secret can be read by everybody, or by another account",
		Types: []string{secretType, secretRuleType}, Later: true,
		Known:  "Prowler secretsmanager_not_publicly_accessible secretsmanager_has_restrictive_resource_policy",
		Remedy: "name who may read it, and set the SecretPolicy's blockPublicPolicy", each: secretNotPublic,
	},
	{
		Number: 158, House: true, Severity: report.Low, Title: "Every secret says what it is for", Types: []string{secretType},
		Remedy: "set description", each: isAsked("description"),
	},
	{
		Number: 159, Severity: report.High,
		Title: "No secret's value is in the state in plain text, and a deleted one can be kept for a week",
		Known: "Checkov CKV_AWS_46",
		Note: "every input of every resource is looked through for credentials, policies included; " +
			"what servers read when they boot is C079's",
		Remedy: "pass the value as a Pulumi secret, or write it outside of Pulumi; set recoveryWindowInDays to 7 or more",
		whole:  secretValues,
	},
}

// isAsked is isSet for what the program itself must write.
func isAsked(path string) check {
	return func(_ *view, r *graph.Resource) outcome {
		if _, known := asked(r, path); known == absent {
			return broken("%s is not set", path)
		}
		return holds()
	}
}

func isAbsent(path string) check {
	return func(_ *view, r *graph.Resource) outcome {
		if _, known := read(r, path); known == absent {
			return holds()
		}
		return broken("%s is set", path)
	}
}

// symmetric says that AWS can rotate the key itself, as it cannot an asymmetric one.
func symmetric(_ *view, r *graph.Resource) bool {
	spec := r.String("customerMasterKeySpec") + r.String("keySpec")
	return (spec == "" || strings.HasPrefix(spec, "SYMMETRIC_DEFAULT")) && r.String("keyUsage") != "SIGN_VERIFY"
}

// ownAccountOnly demands that a resource's policy, or a grant, admit nobody but the resource's own account, and services
// that act for it.
func ownAccountOnly(v *view, r *graph.Resource) outcome { return letsIn(v, r, v.iam.Outsiders) }

// noStrangers is ownAccountOnly without the services.
func noStrangers(v *view, r *graph.Resource) outcome { return letsIn(v, r, v.iam.Strangers) }

// noneUnknown demands that the account's own roles and users that a policy names be in the stack: who can act as any
// other is not known.
func noneUnknown(v *view, r *graph.Resource) outcome {
	o := letsIn(v, r, v.iam.Elsewhere)
	if o.verdict == report.Broken {
		o.verdict = report.Undecided
	}
	return o
}

func letsIn(v *view, r *graph.Resource, outsiders func(iam.Statement, *graph.Resource) []string) outcome {
	policy := policyOrGrant(r)
	if policy.Err != nil {
		return unreadable(policy)
	}
	for i, s := range policy.Statements {
		if found := outsiders(s, r); len(found) > 0 {
			return broken("its policy lets %s %s", strings.Join(found, ", "), strings.Join(slices.Concat(s.Actions, s.NotActions), ", ")).
				because(statementNamed(i, s), inAccount(v, r))
		}
	}
	return holds()
}

func policyOrGrant(r *graph.Resource) iam.Source {
	if r.Type == iam.GrantType {
		return iam.Grant(r)
	}
	return iam.SourceAt(r, "policy")
}

func statementNamed(i int, s iam.Statement) string {
	return strings.TrimSpace(fmt.Sprintf("statement %d %s", i+1, s.ID))
}

// inAccount is the account that the resource counts as in.
func inAccount(v *view, r *graph.Resource) string {
	accounts := v.iam.AccountsOf(r)
	if len(accounts) == 0 {
		return "which account it is in is not known"
	}
	return "it is in the account " + strings.Join(accounts, " or ")
}

// everyDays are Secrets Manager's rates, such as rate(10 days), and months those in which one of its cron expressions
// runs.
var everyDays = regexp.MustCompile(`^rate\((\d+) (hour|day)s?\)$`)

func rotatedInTime(v *view, r *graph.Resource) outcome {
	schedule, known := read(r, "rotationRules.scheduleExpression")
	if known == absent {
		return atMost("rotationRules.automaticallyAfterDays", 90)(v, r)
	}
	if known == hidden {
		return unknown(r, "rotationRules.scheduleExpression")
	}
	if m := everyDays.FindStringSubmatch(text(schedule)); m != nil {
		n, _ := strconv.Atoi(m[1])
		if m[2] == "hour" {
			n /= 24
		}
		if n <= 90 {
			return holds()
		}
	}
	// cron(minutes hours day-of-month month day-of-week year)
	fields := strings.Fields(strings.TrimSuffix(strings.TrimPrefix(text(schedule), "cron("), ")"))
	if len(fields) == 6 && slices.Contains([]string{"*", "*/1", "*/2", "1/1", "1/2"}, fields[3]) && fields[5] == "*" {
		return holds()
	}
	return broken("scheduleExpression is %s, which is not every 90 days", text(schedule))
}

func keyKept(v *view, r *graph.Resource) outcome {
	var found []string
	if n, ok := r.Int("deletionWindowInDays"); !ok || n < 30 {
		found = append(found, "deletionWindowInDays is not 30")
	}
	if !r.Protect {
		found = append(found, "Pulumi may delete it")
	}
	if len(found) > 0 {
		return broken("%s", strings.Join(found, "; "))
	}
	return holds()
}

// manageable demands that the account, or an identity of it, may mend the key's policy.
func manageable(v *view, r *graph.Resource) outcome {
	policy := iam.SourceAt(r, "policy")
	if policy.Err != nil {
		return unreadable(policy)
	}
	own := v.iam.AccountsOf(r)
	if len(own) > 0 && !slices.ContainsFunc(policy.Statements, func(s iam.Statement) bool {
		return s.Allow && s.Speaks("kms:PutKeyPolicy") && slices.ContainsFunc(append(s.Principals["AWS"], s.Principals["*"]...),
			func(id string) bool {
				return id == "*" || slices.Contains(own, id) || slices.Contains(own, accountIn(id))
			})
	}) {
		return broken("nobody of the account may mend its policy")
	}
	return holds()
}

// retires demands that nobody of another account may take a grant back.
func retires(v *view, r *graph.Resource) outcome {
	retiring := iam.Statement{Allow: true, Principals: map[string][]string{"AWS": {r.String("retiringPrincipal")}}}
	if _, known := asked(r, "retiringPrincipal"); r.Type == iam.GrantType && known == present && len(v.iam.Outsiders(retiring, r)) > 0 {
		return broken("%s may take it back", r.String("retiringPrincipal"))
	}
	return holds()
}

func servicesConditioned(v *view, r *graph.Resource) outcome {
	policy := policyOrGrant(r)
	if policy.Err != nil {
		return unreadable(policy)
	}
	for _, s := range policy.Statements {
		if !s.Allow || grantsForAWS(s.Conditions) {
			continue
		}
		if found := v.iam.Unbound(s, r); len(found) > 0 {
			return broken("%s may use it for anybody", strings.Join(found, ", ")).because("statement "+s.ID, inAccount(v, r))
		}
	}
	return holds()
}

// grantsForAWS says that the statement is about grants that services make for themselves.
func grantsForAWS(conditions map[string]map[string][]string) bool {
	return slices.Equal(conditions["bool"]["kms:grantisforawsresource"], []string{"true"})
}

func secretNotPublic(v *view, r *graph.Resource) outcome {
	if r.Type == secretRuleType {
		return all(is("blockPublicPolicy", true), noStrangers)(v, r)
	}
	if _, known := asked(r, "policy"); known == absent {
		return holds()
	}
	return noStrangers(v, r)
}

func secretValues(v *view) []outcome {
	var all []outcome
	for _, r := range v.g.Resources {
		o := outcome{}
		if r.Type == secretType || r.Type == secretValueType {
			o = secretValue(v, r)
		}
		for _, property := range slices.Sorted(maps.Keys(r.Inputs)) {
			if strings.HasPrefix(property, "userData") {
				continue
			}
			if found := credentials(r.Inputs[property]); r.Custom && len(found) > 0 {
				o = broken("%s has %s in plain text", property, strings.Join(found, " and "))
			}
		}
		if o.verdict != "" {
			all = append(all, o.about(r))
		}
	}
	if len(all) == 0 {
		return []outcome{holds()}
	}
	return all
}

// credentials is what, in the texts within a value, is a credential.
func credentials(value any) []string {
	switch v := value.(type) {
	case string:
		return findCredentials(v)
	case graph.Asset:
		return findCredentials(v.Text)
	case []any:
		var all []string
		for _, element := range v {
			all = append(all, credentials(element)...)
		}
		return all
	case map[string]any:
		var all []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			all = append(all, credentials(v[key])...)
		}
		return all
	}
	return nil
}

func secretValue(v *view, r *graph.Resource) outcome {
	if r.Type == secretType {
		if n, ok := r.Int("recoveryWindowInDays"); ok && n < 7 {
			return broken("recoveryWindowInDays is %d", n)
		}
		return holds()
	}
	for _, path := range []string{"secretString", "secretBinary"} {
		value, _ := r.Get(path)
		switch value.(type) {
		case nil, graph.Secret:
		case graph.Unknown:
			return undecided("%s is not known, nor whether it is a Pulumi secret", path)
		default:
			return broken("%s is in plain text in the state", path)
		}
	}
	return holds()
}
