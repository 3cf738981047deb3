package brain

import (
	"encoding/json"
	"sort"

	"github.com/causeway-iac/causeway/twin/value"
)

// normal is what the real provider itself does to a type's checked inputs before it plans.
var normal = map[string]func(in value.Map) value.Map{
	"aws:acm/certificate:Certificate": certificateNames,
}

func normalised(token string, in value.Map) value.Map {
	if f := normal[token]; f != nil {
		return f(value.CopyMap(in))
	}
	return in
}

// certificateNames adds the domain to its alternative names, and plans one validation option a name.
func certificateNames(in value.Map) value.Map {
	domain, known := value.Reveal(in["domainName"]).(string)
	if !known || value.HasUnknown(in["subjectAlternativeNames"]) {
		return in
	}
	names := map[string]bool{domain: true}
	alternatives, _ := value.Reveal(in["subjectAlternativeNames"]).([]any)
	for _, n := range alternatives {
		if s, ok := n.(string); ok {
			names[s] = true
		}
	}
	sorted := sortedKeys(names)
	sort.Strings(sorted)
	list := make([]any, len(sorted))
	for i, n := range sorted {
		list[i] = n
	}
	in["subjectAlternativeNames"] = list
	return in
}

// documents are the JSON texts that the real provider rewrites, with the keys in order.
var documents = map[string]string{
	"aws:kms/key:Key":                  "policy",
	"aws:iam/role:Role":                "assumeRolePolicy",
	"aws:ec2/vpcEndpoint:VpcEndpoint":  "policy",
	"aws:s3/bucketPolicy:BucketPolicy": "policy",
}

// rewrite applies what the real provider rewrites in its plan.
func rewrite(token string, out value.Map) {
	if name := documents[token]; name != "" {
		if text, ok := out[name].(string); ok {
			out[name] = sortedJSON(text)
		}
	}
	if token != "aws:acm/certificate:Certificate" || !isUnknown(out["domainValidationOptions"]) {
		return
	}
	names, known := value.Reveal(out["subjectAlternativeNames"]).([]any)
	if method := value.Reveal(out["validationMethod"]); !known || method != "DNS" {
		return
	}
	options := make([]any, len(names))
	for i, n := range names {
		options[i] = value.Map{"domainName": n, "resourceRecordName": value.Unknown{}, "resourceRecordType": value.Unknown{}, "resourceRecordValue": value.Unknown{}}
	}
	out["domainValidationOptions"] = options
}

func sortedJSON(text string) string {
	var parsed any
	if json.Unmarshal([]byte(text), &parsed) != nil {
		return text
	}
	sorted, err := json.Marshal(parsed)
	if err != nil {
		return text
	}
	return string(sorted)
}
