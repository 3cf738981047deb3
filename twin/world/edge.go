package world

import (
	"net/netip"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeIPSet         = "aws:wafv2/ipSet:IpSet"
	typeWebACL        = "aws:wafv2/webAcl:WebAcl"
	typeACLAttachment = "aws:wafv2/webAclAssociation:WebAclAssociation"
	typeWebACLLogging = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
	typeShield        = "aws:shield/protection:Protection"
)

var edgeKinds = map[string]*kind{
	typeIPSet: {
		id:    func(c *Call, _ *Object) string { return c.uuid("ipset") },
		check: []rule{ipSetAddresses}, create: []rule{nameFromPrefix, unique("WAFDuplicateItemException", "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of an existing one: %s", "name", "scope")},
		fill: fillWAF("ipset"),
		remove: []rule{func(c *Call, o *Object) error {
			var err error
			c.each(typeWebACL, func(acl *Object) bool {
				if strings.Contains(value.Canonical(acl.Outputs["rules"]), o.Text("arn")) {
					err = fault("WAFAssociatedItemException", "AWS WAF couldn't perform the operation because your resource is being used by another resource: %s by %s", o.ID, acl.ID)
				}
				return err == nil
			})
			return err
		}},
	},
	typeWebACL: {
		id:    func(c *Call, _ *Object) string { return c.uuid("webacl") },
		check: []rule{uniquePriorities}, create: []rule{nameFromPrefix, unique("WAFDuplicateItemException", "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of an existing one: %s", "name", "scope")},
		fill:   fillWAF("webacl"),
		remove: []rule{unused("WAFAssociatedItemException", "AWS WAF couldn't perform the operation because your resource is being used by another resource: %s", use{typeACLAttachment, "webAclArn"})},
	},
	typeACLAttachment: {id: byTemplate("{webAclArn},{resourceArn}"),
		create: []rule{refers("webAclArn", "WAFNonexistentItemException", "the web ACL %s does not exist", typeWebACL),
			refers("resourceArn", "WAFUnavailableEntityException", "the resource %s does not exist", typeLoadBalancer),
			unique("WAFDuplicateItemException", "the resource %s has a web ACL already", "resourceArn")}},
	typeWebACLLogging: {id: byOutput("resourceArn"), check: []rule{
		refers("resourceArn", "WAFNonexistentItemException", "the web ACL %s does not exist", typeWebACL), wafLogName}},
	typeShield: {id: func(c *Call, _ *Object) string { return c.uuid("protection") }, arn: "arn:{partition}:shield::{account}:protection/{id}",
		create: []rule{unique("ResourceAlreadyExistsException", "the resource %s is protected already", "resourceArn")}},
}

func fillWAF(kind string) func(c *Call, o, old *Object) {
	return func(c *Call, o, old *Object) {
		scope := "regional"
		if o.Text("scope") == "CLOUDFRONT" {
			scope = "global"
		}
		o.Outputs["arn"] = c.expand("arn:{partition}:wafv2:{region}:{account}:"+scope+"/"+kind+"/{name}/{id}", o)
		before := ""
		if old != nil {
			before = old.Text("lockToken")
		}
		o.Outputs["lockToken"] = c.uuid("lock " + before + c.Now.String())
		if kind == "webacl" {
			setDefaults(o, value.Map{"applicationIntegrationUrl": ""})
			o.Outputs["capacity"] = float64(wafCapacity(o))
		}
	}
}

// wafCapacity adds up what the rules cost, as far as AWS publishes it (WAF developer guide, "Web ACL capacity units").
func wafCapacity(o *Object) int {
	managed := map[string]int{"AWSManagedRulesCommonRuleSet": 700, "AWSManagedRulesKnownBadInputsRuleSet": 200, "AWSManagedRulesSQLiRuleSet": 200,
		"AWSManagedRulesAmazonIpReputationList": 25, "AWSManagedRulesAnonymousIpList": 50, "AWSManagedRulesAdminProtectionRuleSet": 100,
		"AWSManagedRulesLinuxRuleSet": 200, "AWSManagedRulesUnixRuleSet": 100, "AWSManagedRulesBotControlRuleSet": 50}
	total := 0
	for _, r := range o.Objects("rules") {
		cost := 1
		for _, name := range at(r, "statement.managedRuleGroupStatement.name") {
			if c, known := managed[name]; known {
				cost = c
			}
		}
		if len(maps(r["statement"])) > 0 && maps(r["statement"])[0]["rateBasedStatement"] != nil {
			cost = 2
		}
		total += cost
	}
	return total
}

func ipSetAddresses(_ *Call, o *Object) error {
	for _, a := range o.Texts("addresses") {
		p, err := netip.ParsePrefix(a)
		if err != nil || p.Addr().Is4() != (o.Text("ipAddressVersion") == "IPV4") || p.Bits() == 0 {
			return fault("WAFInvalidParameterException", "Error reason: The parameter contains formatting that is not valid, field: IP_ADDRESS, parameter: %s", a)
		}
	}
	return nil
}

func uniquePriorities(_ *Call, o *Object) error {
	seen := map[any]bool{}
	for _, r := range o.Objects("rules") {
		if seen[r["priority"]] || seen[r["name"]] {
			return fault("WAFInvalidParameterException", "Error reason: rules have the same name or priority: %v", r["name"])
		}
		seen[r["priority"]], seen[r["name"]] = true, true
	}
	return nil
}

// wafLogName: destinations of WAF logs are named aws-waf-logs-... (WAF developer guide, "Logging destinations").
func wafLogName(_ *Call, o *Object) error {
	for _, arn := range o.Texts("logDestinationConfigs") {
		name := arn[strings.LastIndexAny(arn, ":/")+1:]
		if strings.Contains(arn, ":log-group:") {
			name = strings.SplitN(arn[strings.Index(arn, ":log-group:")+len(":log-group:"):], ":", 2)[0]
		}
		if !strings.HasPrefix(name, "aws-waf-logs-") {
			return fault("WAFInvalidParameterException", "Error reason: The ARN isn't valid. A valid log destination's name begins with aws-waf-logs-: %s", arn)
		}
	}
	return nil
}
