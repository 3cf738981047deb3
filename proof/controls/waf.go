package controls

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/webacl"
)

var firewalls = []Control{
	{
		Number: 194, Severity: report.High, Title: "Every web ACL has rules", Types: []string{webACLType},
		Known:  "FSBP WAF.10; Checkov CKV_AWS_175; Prowler wafv2_webacl_with_rules",
		Remedy: "set rules", each: elements("rules", 1,
			func(string) check { return func(*view, *graph.Resource) outcome { return holds() } }),
	},
	{
		Number: 195, Severity: report.Medium, Title: "Every rule of a web ACL does something", Types: []string{webACLType},
		Known:   "Checkov CKV_AWS_342",
		Waivers: []string{"countedRules"},
		Remedy:  "set action of a rule, or overrideAction none of a group of rules, and override none of its rules to count",
		each:    all(elements("rules", 0, decides), counts),
	},
	{
		Number: 196, Severity: report.Medium, Title: "What web ACLs see is logged", Types: []string{webACLType},
		Known:  "FSBP WAF.11; Checkov CKV2_AWS_31; Prowler wafv2_webacl_logging_enabled",
		Remedy: "add a wafv2.WebAclLoggingConfiguration to a log group named aws-waf-logs-…",
		each: companion("resourceArn", []string{webACLLogType}, "it logs nothing",
			logsTo("logDestinationConfigs", logGroupType, "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", bucketTypes[0],
				bucketTypes[1]),
			func(_ *view, l *graph.Resource) outcome { return lacks(webacl.Keeps(l)) }),
	},
	{
		Number: 197, Severity: report.Low, Title: "What web ACLs do is measured", Types: []string{webACLType},
		Known:  "FSBP WAF.12; Prowler wafv2_webacl_rule_logging_enabled",
		Remedy: "set cloudwatchMetricsEnabled of the web ACL and of each rule",
		each: all(is("visibilityConfig.cloudwatchMetricsEnabled", true),
			elements("rules", 0, func(at string) check { return is(at+".visibilityConfig.cloudwatchMetricsEnabled", true) })),
	},
	{
		Number: 198, Severity: report.High, Title: "Web ACLs block requests that are known to be attacks, such as Log4Shell's",
		Types:  []string{webACLType},
		Known:  "Checkov CKV_AWS_192 CKV2_AWS_76",
		Remedy: "add the managed group AWSManagedRulesKnownBadInputsRuleSet with overrideAction none", each: knownAttacks,
	},
	{
		Number: 199, Severity: report.Medium, Title: "Web ACLs hold back floods, and log no credentials", Types: []string{webACLType},
		Remedy: "add a rule with a rateBasedStatement that blocks; set redactedFields to authorization and cookie",
		each:   all(floods, redacted),
	},
	{
		Number: 200, Severity: report.Medium, Title: "No web ACL of WAF Classic", Remedy: "use wafv2.WebAcl",
		Known: "FSBP WAF.1-8",
		whole: none("WAF Classic is at its end", "aws:waf/", "aws:wafregional/"),
	},
}

var parameters = []Control{
	{
		Number: 201, Severity: report.Medium, Title: "Parameters are encrypted by a key of the platform's own",
		Types:  []string{parameterType},
		Known:  "Checkov CKV2_AWS_34 CKV_AWS_337",
		Remedy: "set type to SecureString and keyId, and leave out insecureValue",
		each:   all(is("type", "SecureString"), ownKey("keyId"), isUnset("insecureValue")),
	},
	{
		Number: 202, Severity: report.Medium, Title: "Sessions on servers are encrypted and logged", Types: []string{documentType},
		Known:  "FSBP SSM.6; Checkov CKV_AWS_112 CKV_AWS_113",
		Note:   "the account's own preferences of sessions are set outside of the stack",
		Remedy: "set kmsKeyId, cloudWatchLogGroupName and cloudWatchEncryptionEnabled in the document",
		each:   when(has("documentType", "Session"), sessions),
	},
	{
		Number: 203, Severity: report.High, Title: "No document of Systems Manager is shared with everybody", Types: []string{documentType},
		Known:  "FSBP SSM.4 SSM.7; Checkov CKV_AWS_303; Prowler ssm_documents_set_as_public",
		Remedy: "leave out permissions", each: documentPrivate,
	},
	{
		Number: 204, Severity: report.Medium, Title: "Nothing that is read from Systems Manager is sent away while deploying",
		Known:  "Checkov CKV2_AWS_36; Trivy AWS-0134",
		Note:   "Trivy looks for an HTTP data source, of which a graph shows only the provider",
		Remedy: "remove the provider", whole: none("it sends requests while deploying", "pulumi:providers:http", "http:"),
	},
}

// lacks is the outcome for what a web ACL lacks.
func lacks(l webacl.Lack) outcome {
	switch {
	case l.None():
		return holds()
	case l.Unknown:
		o := undecided("%s", l.Why)
		o.later = l.Later
		return o
	}
	return broken("%s", l.Why)
}

// knownAttacks demands the group as a whole. A program may set aside those of its rules that it answers for itself,
// except the ones against taking over a server. The platform also promises to refuse what attacks any program or its database, and whom
// AWS knows to attack: no other group of AWS's is for that. Whom a proxy lets through is the proxy's to know.
func knownAttacks(v *view, r *graph.Resource) outcome {
	lacking := webacl.Enforces(v.g, r, "AWSManagedRulesKnownBadInputsRuleSet", "Log4JRCE", "JavaDeserializationRCE")
	for _, group := range []string{"CommonRuleSet", "SQLiRuleSet", "AmazonIpReputationList"} {
		judged := v.ours && !(group == "AmazonIpReputationList" && v.proxied(r))
		if judged && lacking.None() { // of which C195 judges each rule
			lacking = webacl.Enforces(v.g, r, "AWSManagedRules"+group, "none of its rules")
		}
	}
	return lacks(lacking)
}

func decides(at string) check { return either(isSet(at+".action"), isSet(at+".overrideAction")) }

// counts demands that groups of rules refuse what they find. Letting one rule of a group only count may be waived;
// letting the whole group may not.
func counts(v *view, r *graph.Resource) outcome {
	missing, whole := webacl.Counts(v.g, r)
	return lacks(missing).unless(!whole)
}

func floods(v *view, r *graph.Resource) outcome { return lacks(webacl.Limits(v.g, r, v.proxied(r))) }

// proxied says that a web ACL sees requests from Cloudflare only.
func (v *view) proxied(acl *graph.Resource) bool {
	all := v.pointing(acl, "webAclArn", webACLForType)
	return len(all) > 0 && !slices.ContainsFunc(all, func(a *graph.Resource) bool {
		behind := v.g.Ref(a, "resourceArn", balancers...)
		return len(behind) != 1 || !v.onlyFromCloudflare(behind[0])
	})
}

// inForce applies a check to the web ACL that is in force at a load balancer.
func (v *view) inForce(balancer *graph.Resource, then check) outcome {
	acl, missing := webacl.InForce(v.g, balancer)
	switch {
	case !missing.None():
		return lacks(missing)
	case v.iam.Foreign(acl):
		return broken("its web ACL %s is another account's", acl.Name)
	}
	return then(v, acl)
}

func filters(v *view, acl *graph.Resource) outcome { return lacks(webacl.Filters(v.g, acl)) }

func redacted(v *view, r *graph.Resource) outcome {
	for _, l := range v.pointing(r, "resourceArn", webACLLogType) {
		var fields []string
		value, _ := read(l, "redactedFields")
		list, _ := value.([]any)
		for i := range list {
			fields = append(fields, strings.ToLower(l.String(fmt.Sprintf("redactedFields[%d].singleHeader.name", i))))
		}
		for _, header := range []string{"authorization", "cookie"} {
			if !slices.Contains(fields, header) {
				return broken("the header %s is logged", header).because(l.URN)
			}
		}
	}
	return holds()
}

func sessions(_ *view, r *graph.Resource) outcome {
	if _, known := read(r, "content"); known == hidden {
		return unknown(r, "content")
	}
	var content struct {
		Inputs struct {
			KmsKeyID   string `json:"kmsKeyId"`
			LogGroup   string `json:"cloudWatchLogGroupName"`
			Bucket     string `json:"s3BucketName"`
			LogSealed  bool   `json:"cloudWatchEncryptionEnabled"`
			ObjectsToo bool   `json:"s3EncryptionEnabled"`
		} `json:"inputs"`
	}
	if err := json.Unmarshal([]byte(r.String("content")), &content); err != nil {
		return undecided("content cannot be read: %v", err)
	}
	in := content.Inputs
	switch {
	case in.KmsKeyID == "":
		return broken("sessions have no key of the platform's own")
	case in.LogGroup == "" && in.Bucket == "":
		return broken("sessions are not logged")
	case in.LogGroup != "" && !in.LogSealed || in.Bucket != "" && !in.ObjectsToo:
		return broken("the log of sessions is not encrypted")
	}
	return holds()
}

func documentPrivate(_ *view, r *graph.Resource) outcome {
	// The keys of this map are AWS's own, which Pulumi does not rename.
	for _, path := range []string{"permissions", "permissions.account_ids", "permissions.accountIds"} {
		value, known := read(r, path)
		_, inside := value.(map[string]any)
		switch {
		case known == hidden:
			return unknown(r, path)
		case known == present && !inside && strings.Contains(strings.ToLower(text(value)), "all"):
			return broken("it is shared with everybody")
		}
	}
	return holds()
}
