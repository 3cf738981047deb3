package webacl

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Keeps says whether a logging configuration keeps what the ACL refuses: a filter may drop
// all of it.
func Keeps(logging *graph.Resource) Lack {
	for _, to := range logging.Strings("logDestinationConfigs") {
		if name := to[strings.LastIndexAny(to, ":/")+1:]; strings.Contains(to, ":log-group:") &&
			!strings.HasPrefix(strings.TrimSuffix(name, "*"), "aws-waf-logs-") && name != "*" {
			return lack("it writes to %s, and AWS takes only names that begin with aws-waf-logs-", name)
		}
	}
	value, _ := logging.Get("loggingFilter")
	if value == nil {
		return Lack{}
	}
	filter := one(value)
	if filter == nil {
		return Lack{Why: "what it keeps is not known", Unknown: true, Later: true}
	}
	about := func(filter map[string]any) bool {
		return slices.ContainsFunc(list(filter["conditions"]), func(c any) bool {
			return one(one(c)["actionCondition"])["action"] == "BLOCK"
		})
	}
	kept, dropped := filter["defaultBehavior"] == "KEEP", false
	for _, element := range list(filter["filters"]) {
		f := one(element)
		alone := len(list(f["conditions"])) == 1 || f["requirement"] == "MEETS_ANY"
		switch {
		case f["behavior"] == "DROP" &&
			(about(f) || slices.ContainsFunc(list(f["conditions"]), func(c any) bool { return one(c)["actionCondition"] == nil })):
			dropped = true
		case f["behavior"] == "KEEP" && about(f) && alone:
			kept = true
		}
	}
	if !kept || dropped {
		return lack("its filter drops requests that are refused")
	}
	return Lack{}
}
