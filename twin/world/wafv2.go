package world

import (
	"net/netip"
	"regexp"
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

const wafTaken = "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of an existing one: %s"

var wafKinds = map[string]*kind{
	typeIPSet: {
		id:      func(c *Call, _ *Object) string { return c.uuid("ipset") },
		prepare: []func(*Call, *Object){nameFromPrefix},
		check: []rule{
			wafRegion,
			ipSetAddresses,
		},
		create: []rule{unique("WAFDuplicateItemException", wafTaken, "name", "scope")},
		fill:   fillWAF("ipset"),
		remove: []rule{ipSetUnused},
	},
	typeWebACL: {
		id:      func(c *Call, _ *Object) string { return c.uuid("webacl") },
		prepare: []func(*Call, *Object){nameFromPrefix},
		check: []rule{
			wafRegion,
			uniquePriorities,
			ipSetsExist,
		},
		create: []rule{unique("WAFDuplicateItemException", wafTaken, "name", "scope")},
		fill:   fillWAF("webacl"),
		remove: []rule{
			unused("WAFAssociatedItemException",
				"AWS WAF couldn't perform the operation because your resource is being used by another resource: %s",
				use{typeACLAttachment, "webAclArn"}),
		},
		removed: func(c *Call, o *Object) {
			c.dropWhere(typeWebACLLogging, func(l *Object) bool { return l.Text("resourceArn") == o.Text("arn") })
		},
	},
	typeACLAttachment: {
		id: byTemplate("{webAclArn},{resourceArn}"),
		create: []rule{
			refers("webAclArn", "WAFNonexistentItemException", "the web ACL %s does not exist", typeWebACL),
			refers("resourceArn", "WAFUnavailableEntityException", "the resource %s does not exist", typeLoadBalancer),
			unique("WAFDuplicateItemException", "the resource %s has a web ACL already", "resourceArn"),
		},
	},
	typeWebACLLogging: {
		id:  byOutput("resourceArn"),
		put: true,
		check: []rule{
			refers("resourceArn", "WAFNonexistentItemException", "the web ACL %s does not exist", typeWebACL),
			wafLogName,
		},
	},
	typeShield: {
		id:  func(c *Call, _ *Object) string { return c.uuid("protection") },
		arn: "arn:{partition}:shield::{account}:protection/{id}",
		create: []rule{
			refers("resourceArn", "ResourceNotFoundException", "the resource %s does not exist", typeLoadBalancer, typeEIP,
				typeZone),
			unique("ResourceAlreadyExistsException", "the resource %s is protected already", "resourceArn"),
		},
	},
}

// wafRegion: resources for CloudFront are created in us-east-1 (WAF API, Scope).
func wafRegion(_ *Call, o *Object) error {
	if o.Text("scope") == "CLOUDFRONT" && o.Region != "us-east-1" {
		return fault("WAFInvalidParameterException",
			"Error reason: The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT: it is made in us-east-1 and this is "+
				"asked of %s", o.Region)
	}
	return nil
}

// ipSetUnused: an IP set that rules name cannot be deleted (WAF API, DeleteIPSet).
func ipSetUnused(c *Call, o *Object) error {
	for acl := range c.each(typeWebACL) {
		if strings.Contains(value.Canonical(acl.Outputs["rules"]), o.Text("arn")) {
			return fault("WAFAssociatedItemException",
				"AWS WAF couldn't perform the operation because your resource is being used by another resource: %s by %s", o.ID,
				called(acl))
		}
	}
	return nil
}

var ipSetARN = regexp.MustCompile(`arn:[a-z0-9-]+:wafv2:[a-z0-9-]+:[0-9]{12}:(?:regional|global)/ipset/[^"\\]+`)

// ipSetsExist: the IP sets that rules name exist, at any depth of their statements (WAF API, CreateWebACL).
func ipSetsExist(c *Call, o *Object) error {
	for _, arn := range ipSetARN.FindAllString(value.Canonical(o.Outputs["rules"]), -1) {
		if c.where(typeIPSet, "arn", arn) == nil && !external(arn, c.accountID()) {
			return fault("WAFNonexistentItemException", "AWS WAF couldn't perform the operation because your resource doesn't exist: %s",
				arn)
		}
	}
	return nil
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
	managed := map[string]int{"AWSManagedRulesCommonRuleSet": 700, "AWSManagedRulesKnownBadInputsRuleSet": 200,
		"AWSManagedRulesSQLiRuleSet":            200,
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
		if len(objectsIn(r["statement"])) > 0 && objectsIn(r["statement"])[0]["rateBasedStatement"] != nil {
			cost = 2
		}
		total += cost
	}
	return total
}

// ipSetAddresses: addresses are prefixes of the set's family, and never /0 (WAF API, CreateIPSet).
func ipSetAddresses(_ *Call, o *Object) error {
	for _, a := range o.Texts("addresses") {
		p, err := netip.ParsePrefix(a)
		if err != nil || p.Addr().Is4() != (o.Text("ipAddressVersion") == "IPV4") || p.Bits() == 0 {
			return fault("WAFInvalidParameterException",
				"Error reason: The parameter contains formatting that is not valid, field: IP_ADDRESS, parameter: %s", a)
		}
	}
	return nil
}

// uniquePriorities: rules have unique names and priorities (WAF API, Rule).
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
			return fault("WAFInvalidParameterException",
				"Error reason: The ARN isn't valid. A valid log destination's name begins with aws-waf-logs-: %s", arn)
		}
	}
	return nil
}
