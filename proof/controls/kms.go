package controls

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/iam"
)

var keyTypes = []string{keyType}

var keysAndSecrets = []Control{
	{
		Number: 144, Severity: proof.Medium, Title: "Keys are rotated, every year at least", Types: keyTypes,
		Remedy: "set enableKeyRotation", each: when(symmetric, all(is("enableKeyRotation", true), either(isAbsent("rotationPeriodInDays"), atMost("rotationPeriodInDays", 365)))),
	},
	{
		Number: 145, Severity: proof.Critical, Title: "No key's policy lets in everybody", Types: []string{keyType, replicaKeyType, keyPolicyType}, Later: true,
		Remedy: "name the account, roles and services as Principal", each: when(has("policy"), notPublic("policy")),
	},
	{
		Number: 146, Severity: proof.Low, Title: "Every key has a policy of its own", Types: []string{keyType, replicaKeyType},
		Remedy: "set policy", each: either(isAsked("policy"), companion("keyId", []string{keyPolicyType}, "it has no policy of its own")),
	},
	{
		Number: 147, Severity: proof.Medium, Title: "Every key works", Types: []string{keyType, replicaKeyType},
		Remedy: "leave out isEnabled", each: all(isNot("isEnabled", false), isNot("enabled", false)),
	},
	{
		Number: 148, Severity: proof.High, Title: "A key that is deleted by mistake can be kept for a month, and Pulumi does not delete it", Types: []string{keyType, replicaKeyType},
		Note:    "whether a deletion is under way only shows at run time",
		Waivers: []string{"unprotected"}, Remedy: "set deletionWindowInDays to 30, and protect the resource", each: keyKept,
	},
	{
		Number: 149, Severity: proof.Medium, Title: "No key's policy may lock out who manages it", Types: []string{keyType, replicaKeyType, keyPolicyType},
		Remedy: "leave out bypassPolicyLockoutSafetyCheck", each: isNot("bypassPolicyLockoutSafetyCheck", true),
	},
	{
		Number: 150, Severity: proof.Low, Title: "Every key says what it is for", Types: []string{keyType, replicaKeyType},
		Remedy: "set description", each: isAsked("description"),
	},
	{
		Number: 151, Severity: proof.Low, Title: "Every key stays in its region", Types: keyTypes,
		Remedy: "leave out multiRegion", each: isNot("multiRegion", true),
	},
	{
		Number: 152, Severity: proof.Medium, Title: "A service uses a key for this account only", Types: []string{keyType, replicaKeyType, keyPolicyType}, Later: true,
		Note:   "Route 53's DNSSEC sends aws:SourceAccount for what it signs, not for the grants that it makes",
		Remedy: "add a condition on kms:EncryptionContext:aws:logs:arn, or aws:SourceAccount", each: when(has("policy"), servicesConditioned),
	},
	{
		Number: 153, Severity: proof.Low, Title: "Secrets are encrypted by a key of the platform's own", Types: []string{secretType},
		Remedy: "set kmsKeyId", each: ownKey("kmsKeyId"),
	},
	{
		Number: 154, Severity: proof.Medium, Title: "Secrets are rotated", Types: []string{secretType},
		Note:   "a password that RDS manages is rotated by RDS every week",
		Remedy: "add a secretsmanager.SecretRotation", each: companion("secretId", []string{rotationType}, "it is never rotated"),
	},
	{
		Number: 155, Severity: proof.Medium, Title: "Secrets are rotated every 90 days at least", Types: []string{rotationType},
		Remedy: "set rotationRules.automaticallyAfterDays to 90 or less", each: either(atMost("rotationRules.automaticallyAfterDays", 90), isSet("rotationRules.scheduleExpression")),
	},
	{
		Number: 157, Severity: proof.Critical, Title: "No secret can be read by everybody", Types: []string{secretType, secretRuleType}, Later: true,
		Remedy: "name who may read it, and set the SecretPolicy's blockPublicPolicy", each: secretNotPublic,
	},
	{
		Number: 158, Severity: proof.Low, Title: "Every secret says what it is for", Types: []string{secretType},
		Remedy: "set description", each: isAsked("description"),
	},
	{
		Number: 159, Severity: proof.High, Title: "No secret's value is in the state in plain text, and a deleted one can be kept for a week",
		Note:   "every input of every resource is looked through for credentials, policies included; what servers read when they boot is C079's",
		Remedy: "pass the value as a Pulumi secret, or write it outside of Pulumi; set recoveryWindowInDays to 7 or more", whole: secretValues,
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

// symmetric says that AWS can rotate the key by itself: an asymmetric one it cannot.
func symmetric(_ *view, r *graph.Resource) bool {
	spec := r.String("customerMasterKeySpec") + r.String("keySpec")
	return (spec == "" || strings.HasPrefix(spec, "SYMMETRIC_DEFAULT")) && r.String("keyUsage") != "SIGN_VERIFY"
}

func notPublic(path string) check {
	return func(_ *view, r *graph.Resource) outcome {
		d, o := document(r, path)
		if o.verdict != proof.Holds {
			return o
		}
		for _, s := range d.Statements {
			if iam.Public(s) {
				return broken("its policy lets everybody %s", strings.Join(slices.Concat(s.Actions, s.NotActions), ", ")).because("statement " + s.ID)
			}
		}
		return holds()
	}
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

func servicesConditioned(_ *view, r *graph.Resource) outcome {
	d, o := document(r, "policy")
	if o.verdict != proof.Holds {
		return o
	}
	for _, s := range d.Statements {
		if !s.Allow || grantsForAWS(s.Conditions) {
			continue
		}
		for _, service := range s.Principals["Service"] {
			if !iam.FromKnownSource(s) {
				return broken("%s may use it for anybody", service).because("statement " + s.ID)
			}
		}
	}
	return holds()
}

// grantsForAWS says that the statement is about grants that services make for themselves.
func grantsForAWS(conditions map[string]map[string][]string) bool {
	for _, tests := range conditions {
		if slices.Equal(tests["kms:GrantIsForAWSResource"], []string{"true"}) {
			return true
		}
	}
	return false
}

func secretNotPublic(v *view, r *graph.Resource) outcome {
	if r.Type == secretRuleType {
		return all(is("blockPublicPolicy", true), notPublic("policy"))(v, r)
	}
	if _, known := asked(r, "policy"); known == absent {
		return holds()
	}
	return notPublic("policy")(v, r)
}

func secretValues(v *view) []outcome {
	var all []outcome
	for _, r := range v.g.Resources {
		o := outcome{}
		if r.Type == secretType || r.Type == secretValueType {
			o = secretValue(v, r)
		}
		for _, property := range sortedKeys(r.Inputs) {
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

// credentials is what of the texts in a value is a credential.
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
		for _, key := range sortedKeys(v) {
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
