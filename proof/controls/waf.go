package controls

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

var firewalls = []Control{
	{
		Number: 194, Severity: report.High, Title: "Every web ACL has rules", Types: []string{webACLType},
		Remedy: "set rules", each: elements("rules", 1, func(string) check { return func(*view, *graph.Resource) outcome { return holds() } }),
	},
	{
		Number: 195, Severity: report.Medium, Title: "Every rule of a web ACL does something", Types: []string{webACLType},
		Remedy: "set action of a rule, or overrideAction of a group of rules", each: elements("rules", 0, func(at string) check { return either(isSet(at+".action"), isSet(at+".overrideAction")) }),
	},
	{
		Number: 196, Severity: report.Medium, Title: "What web ACLs see is logged", Types: []string{webACLType},
		Remedy: "add a wafv2.WebAclLoggingConfiguration to a log group named aws-waf-logs-…", each: companion("resourceArn", []string{webACLLogType}, "it logs nothing", isSet("logDestinationConfigs")),
	},
	{
		Number: 197, Severity: report.Low, Title: "What web ACLs do is measured", Types: []string{webACLType},
		Remedy: "set cloudwatchMetricsEnabled of the web ACL and of each rule", each: all(is("visibilityConfig.cloudwatchMetricsEnabled", true), elements("rules", 0, func(at string) check { return is(at+".visibilityConfig.cloudwatchMetricsEnabled", true) })),
	},
	{
		Number: 198, Severity: report.High, Title: "Web ACLs block requests that are known to be attacks, such as Log4Shell's", Types: []string{webACLType},
		Remedy: "add the managed group AWSManagedRulesKnownBadInputsRuleSet with overrideAction none", each: knownAttacks,
	},
	{
		Number: 199, Severity: report.Medium, Title: "Web ACLs hold back floods, and log no credentials", Types: []string{webACLType},
		Remedy: "add a rule with a rateBasedStatement that blocks; set redactedFields to authorization and cookie", each: all(floods, redacted),
	},
	{
		Number: 200, Severity: report.Medium, Title: "No web ACL of WAF Classic", Remedy: "use wafv2.WebAcl",
		whole: none("WAF Classic is at its end", "aws:waf/", "aws:wafregional/"),
	},
}

var parameters = []Control{
	{
		Number: 201, Severity: report.Medium, Title: "Parameters are encrypted by a key of the platform's own", Types: []string{parameterType},
		Remedy: "set type to SecureString and keyId, and leave out insecureValue", each: all(is("type", "SecureString"), ownKey("keyId"), isUnset("insecureValue")),
	},
	{
		Number: 202, Severity: report.Medium, Title: "Sessions on servers are encrypted and logged", Types: []string{documentType},
		Note:   "the account's own preferences of sessions are set outside of the stack",
		Remedy: "set kmsKeyId, cloudWatchLogGroupName and cloudWatchEncryptionEnabled in the document", each: when(has("documentType", "Session"), sessions),
	},
	{
		Number: 203, Severity: report.High, Title: "No document of Systems Manager is shared with everybody", Types: []string{documentType},
		Remedy: "leave out permissions", each: documentPrivate,
	},
	{
		Number: 204, Severity: report.Medium, Title: "Nothing that is read from Systems Manager is sent away while deploying",
		Note:   "Trivy looks for a data source of HTTP, of which a graph shows only the provider",
		Remedy: "remove the provider", whole: none("it sends requests while deploying", "pulumi:providers:http", "http:"),
	},
}

// managed is the index of the rule that holds AWS's managed group, -1 if there is none.
func managed(r *graph.Resource, name string) int {
	value, _ := read(r, "rules")
	list, _ := value.([]any)
	for i := range list {
		at := fmt.Sprintf("rules[%d].statement.managedRuleGroupStatement", i)
		if r.String(at+".name") == name && r.String(at+".vendorName") == "AWS" {
			return i
		}
	}
	return -1
}

func knownAttacks(v *view, r *graph.Resource) outcome {
	if _, known := read(r, "rules"); known == hidden {
		return unknown(r, "rules")
	}
	i := managed(r, "AWSManagedRulesKnownBadInputsRuleSet")
	if i < 0 {
		return broken("it has no rules against them")
	}
	at := fmt.Sprintf("rules[%d].", i)
	if o := isSet(at+"overrideAction.none")(v, r); o.verdict != report.Holds {
		return broken("it only counts them")
	}
	group := at + "statement.managedRuleGroupStatement."
	if _, narrowed := read(r, group+"scopeDownStatement"); narrowed != absent {
		return broken("it looks at some requests only")
	}
	for _, path := range []string{"ruleActionOverrides", "excludedRules"} {
		list, known := blocks(r, group+path)
		if known == hidden {
			return unknown(r, group+path)
		}
		for j := range list {
			overridden, _ := read(r, fmt.Sprintf("%s%s[%d].name", group, path, j))
			name := text(overridden)
			_, blocks := read(r, fmt.Sprintf("%s%s[%d].actionToUse.block", group, path, j))
			if strings.HasPrefix(name, "Log4JRCE") && blocks == absent {
				return broken("%s is made to do nothing", name)
			}
		}
	}
	return holds()
}

func floods(_ *view, r *graph.Resource) outcome {
	value, known := read(r, "rules")
	if known == hidden {
		return unknown(r, "rules")
	}
	list, _ := value.([]any)
	for i := range list {
		at := fmt.Sprintf("rules[%d].", i)
		_, limits := read(r, at+"statement.rateBasedStatement")
		_, blocks := read(r, at+"action.block")
		_, challenges := read(r, at+"action.challenge")
		if limits != absent && (blocks != absent || challenges != absent) {
			return holds()
		}
	}
	return broken("no rule limits the rate of requests")
}

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
