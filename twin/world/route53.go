package world

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeZone             = "aws:route53/zone:Zone"
	typeRecord           = "aws:route53/record:Record"
	typeHealthCheck      = "aws:route53/healthCheck:HealthCheck"
	typeQueryLog         = "aws:route53/queryLog:QueryLog"
	typeResolverLog      = "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig"
	typePrivateNamespace = "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace"
)

var route53Kinds = map[string]*kind{
	typeZone: {
		id:  func(c *Call, _ *Object) string { return "Z0" + strings.ToUpper(c.hex(18)) },
		arn: "arn:{partition}:route53:::hostedzone/{id}", text: map[string]string{"zoneId": "{id}"},
		check:   []rule{refers("vpcs.vpcId", "InvalidVPCId", "The VPC %s does not exist", typeVPC), privateZoneAlone},
		fill:    fillZone,
		remove:  []rule{zoneEmpty},
		removed: func(c *Call, o *Object) { c.dropUsers(o, use{typeRecord, "zoneId"}) },
	},
	typeRecord: {
		id: recordID, taken: "InvalidChangeBatch", prepare: []func(*Call, *Object){recordName},
		check: []rule{inZone("zoneId"), recordValues, recordAddresses, recordForms, aliasOfOne, apexNoAlias, aliasInZone, aliasTarget,
			refers("healthCheckId", "NoSuchHealthCheck", "No health check exists with the specified ID %s", typeHealthCheck)},
		create: []rule{recordTwice, recordBesideCNAME, recordPolicies},
		fill:   func(_ *Call, o, _ *Object) { setDefault(o, "allowOverwrite", false) },
	},
	typeHealthCheck: {
		id: func(c *Call, _ *Object) string { return c.uuid("health") }, arn: "arn:{partition}:route53:::healthcheck/{id}",
		check: []rule{healthCheckOfOne},
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"failureThreshold": 3.0, "enableSni": strings.HasPrefix(o.Text("type"), "HTTPS")})
		},
		remove: []rule{unused("HealthCheckInUse", "The health check %s is in use by a record.", use{typeRecord, "healthCheckId"})},
	},
	typeQueryLog: {id: func(c *Call, _ *Object) string { return c.uuid("query") }, arn: "arn:{partition}:route53:::queryloggingconfig/{id}",
		create: []rule{inZone("zoneId"), queryLogGroup, queryLogAllowed, unique("QueryLoggingConfigAlreadyExists", "A query logging configuration exists for the hosted zone %s", "zoneId")}},
	typeResolverLog: {id: func(c *Call, _ *Object) string { return "rqlc-" + c.hex(17) },
		arn:  "arn:{partition}:route53resolver:{region}:{account}:resolver-query-log-config/{id}",
		text: map[string]string{"ownerId": "{account}"}, fill: func(_ *Call, o, _ *Object) { setDefault(o, "shareStatus", "NOT_SHARED") }},
	typePrivateNamespace: {id: func(c *Call, _ *Object) string { return "ns-" + c.hex(16) },
		arn:    "arn:{partition}:servicediscovery:{region}:{account}:namespace/{id}",
		create: []rule{refers("vpc", "InvalidInput", "VPC %s does not exist", typeVPC), unique("NamespaceAlreadyExists", "Namespace with name %s already exists in the VPC", "name", "vpc")},
		fill:   func(c *Call, o, _ *Object) { setDefault(o, "hostedZone", "Z0"+strings.ToUpper(c.hex(18, "zone"))) }},
}

func inZone(property string) rule {
	return refers(property, "NoSuchHostedZone", "No hosted zone found with ID: %s", typeZone)
}

// privateZoneAlone: a VPC has one private zone of a name (Route 53 API, CreateHostedZone).
func privateZoneAlone(c *Call, o *Object) error {
	mine := map[string]bool{}
	for _, id := range at(o.Outputs, "vpcs.vpcId") {
		mine[id] = true
	}
	var other *Object
	c.each(typeZone, func(z *Object) bool {
		for _, id := range at(z.Outputs, "vpcs.vpcId") {
			if mine[id] && z.ID != o.ID && domain(z) == domain(o) {
				other = z
			}
		}
		return other == nil
	})
	if other != nil {
		return fault("ConflictingDomainExists", "The VPC is associated with another hosted zone of the name %s: %s", domain(o), called(other))
	}
	return nil
}

func fillZone(c *Call, o, old *Object) {
	private := len(o.Objects("vpcs")) > 0
	if old == nil && !private {
		var servers []any
		for i, tld := range []string{"com", "net", "org", "co.uk"} {
			var n int
			_, _ = fmt.Sscanf(c.hex(6, "ns", tld), "%x", &n)
			servers = append(servers, fmt.Sprintf("ns-%d.awsdns-%02d.%s", n%512+i*512, n%64, tld))
		}
		o.Outputs["nameServers"] = servers
		c.delegateNew(o)
	}
	if old == nil && private {
		o.Outputs["nameServers"] = []any{"ns-0.awsdns-00.com.", "ns-512.awsdns-00.net.", "ns-1024.awsdns-00.org.", "ns-1536.awsdns-00.co.uk."}
	}
	for _, vpc := range o.Objects("vpcs") {
		if vpc["vpcRegion"] == nil {
			vpc["vpcRegion"] = o.Region
		}
	}
	if servers := o.Texts("nameServers"); len(servers) > 0 {
		setDefault(o, "primaryNameServer", servers[0])
	}
}

// zoneEmpty: a zone goes when its own NS and SOA records are all that is left, or by force (Route 53 API,
// DeleteHostedZone).
func zoneEmpty(c *Call, o *Object) error {
	if record := c.where(typeRecord, "zoneId", o.ID); record != nil && !o.Flag("forceDestroy") {
		return fault("HostedZoneNotEmpty", "The specified hosted zone contains non-required resource record sets and so cannot be deleted: %s; delete them first, or set forceDestroy and deploy that first", called(record))
	}
	return nil
}

func recordID(_ *Call, o *Object) string {
	id := o.Text("zoneId") + "_" + strings.ToLower(strings.TrimSuffix(o.Text("name"), ".")) + "_" + o.Text("type")
	if set := o.Text("setIdentifier"); set != "" {
		id += "_" + set
	}
	return id
}

// recordName gives a record its full name: one that does not end in the zone's is relative to it.
func recordName(c *Call, o *Object) {
	zone := c.find(typeZone, o.Text("zoneId"))
	if zone == nil {
		return
	}
	name := hostName(o.Text("name"))
	if !within(name, domain(zone)) {
		name = strings.TrimPrefix(name+"."+domain(zone), ".")
	}
	o.Outputs["fqdn"] = name
}

// recordValues: a record has values, or is an alias (Route 53 API, ResourceRecordSet).
func recordValues(_ *Call, o *Object) error {
	if len(o.Objects("aliases")) == 0 && len(o.Texts("records")) == 0 {
		return fault("InvalidChangeBatch", "[RRSet with DNS name %s, type %s contains no values]", o.Text("fqdn"), o.Text("type"))
	}
	return nil
}

// recordAddresses: an A record holds IPv4 addresses and an AAAA record IPv6 ones (Route 53 developer guide, "Supported
// DNS record types").
func recordAddresses(_ *Call, o *Object) error {
	kind := o.Text("type")
	if kind != "A" && kind != "AAAA" {
		return nil
	}
	for _, text := range o.Texts("records") {
		if a, err := netip.ParseAddr(text); err != nil || a.Is4() != (kind == "A") {
			return fault("InvalidChangeBatch", "[Invalid Resource Record: 'FATAL problem: Value is not a valid address of type %s' encountered with '%s']", kind, text)
		}
	}
	return nil
}

// recordFormats are how the values of some types are written.
var recordFormats = map[string]*regexp.Regexp{
	"MX": regexp.MustCompile(`^\d+\s+\S+$`), "SRV": regexp.MustCompile(`^\d+\s+\d+\s+\d+\s+\S+$`), "CAA": regexp.MustCompile(`^\d+\s+[a-z]+\s+"[^"]*"$`),
}

// recordForms: Route 53 developer guide, "Supported DNS record types".
func recordForms(_ *Call, o *Object) error {
	form := recordFormats[o.Text("type")]
	for _, text := range o.Texts("records") {
		if form != nil && !form.MatchString(text) {
			return fault("InvalidChangeBatch", "[Invalid Resource Record: 'FATAL problem: %sRRDATAIllegal' encountered with '%s']", o.Text("type"), text)
		}
	}
	return nil
}

// healthCheckOfOne: what is asked has a name or an address (Route 53 API, HealthCheckConfig).
func healthCheckOfOne(_ *Call, o *Object) error {
	switch o.Text("type") {
	case "HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP":
		if o.Text("fqdn") == "" && o.Text("ipAddress") == "" {
			return fault("InvalidInput", "Invalid parameter: either fqdn or ipAddress must be given for a health check of the type %s", o.Text("type"))
		}
	}
	return nil
}

// aliasOfOne: a CNAME names one host (RFC 1034, 3.6.2).
func aliasOfOne(_ *Call, o *Object) error {
	if n := len(o.Texts("records")); o.Text("type") == "CNAME" && n > 1 {
		return fault("InvalidChangeBatch", "[Invalid Resource Record: 'FATAL problem: CNAME %s has %d values' and may have one]", o.Text("fqdn"), n)
	}
	return nil
}

// apexNoAlias: a CNAME does not stand at a zone's own name (Route 53 developer guide, "Supported DNS record types").
func apexNoAlias(c *Call, o *Object) error {
	if zone := c.find(typeZone, o.Text("zoneId")); o.Text("type") == "CNAME" && o.Text("fqdn") == domain(zone) {
		return fault("InvalidChangeBatch", "[RRSet of type CNAME with DNS name %s. is not permitted at apex in zone %s]: use an alias", o.Text("fqdn"), zone.Text("name"))
	}
	return nil
}

// aliasInZone: an alias within a hosted zone names a record that is there (Route 53 API, AliasTarget).
func aliasInZone(c *Call, o *Object) error {
	for _, alias := range o.Objects("aliases") {
		id, _ := alias["zoneId"].(string)
		name, _ := alias["name"].(string)
		zone := c.find(typeZone, id)
		if zone == nil {
			continue
		}
		if !within(hostName(name), domain(zone)) {
			return fault("InvalidChangeBatch", "[Tried to create an alias that targets %s., type %s in zone %s, but the alias target name does not lie within the target zone]", hostName(name), o.Text("type"), id)
		}
		found := false
		c.each(typeRecord, func(r *Object) bool {
			found = r.Text("zoneId") == id && r.Text("fqdn") == hostName(name) && r.Text("type") == o.Text("type")
			return !found
		})
		if !found {
			return fault("InvalidChangeBatch", "[Tried to create an alias that targets %s., type %s in zone %s, but that target was not found]", hostName(name), o.Text("type"), id)
		}
	}
	return nil
}

// aliasTarget: an alias in a zone of load balancers names one that exists (Route 53 API, AliasTarget).
func aliasTarget(c *Call, o *Object) error {
	for _, alias := range o.Objects("aliases") {
		id, _ := alias["zoneId"].(string)
		name, _ := alias["name"].(string)
		if !isBalancerZone(id) {
			continue
		}
		host := strings.TrimPrefix(hostName(name), "dualstack.")
		found := false
		c.each(typeLoadBalancer, func(b *Object) bool {
			found = b.Text("zoneId") == id && hostName(b.Text("dnsName")) == host
			return !found
		})
		if !found {
			return fault("InvalidChangeBatch", "[Tried to create an alias that targets %s., type %s in zone %s, but that target was not found]: no load balancer of the twin has that name in that zone", hostName(name), o.Text("type"), id)
		}
	}
	return nil
}

func isBalancerZone(id string) bool {
	for _, zones := range balancerZones {
		if id == zones[0] || id == zones[1] {
			return true
		}
	}
	return false
}

// sameHost calls f with the other records of a record's name, until f returns false.
func (c *Call) sameHost(o *Object, f func(*Object) bool) {
	c.having(typeRecord, "fqdn", o.Text("fqdn"), func(other *Object) bool { return other.Text("zoneId") != o.Text("zoneId") || f(other) })
}

// recordTwice: one set of a name and type, unless the program says that it overwrites (Route 53 API,
// ChangeResourceRecordSets).
func recordTwice(c *Call, o *Object) error {
	var err error
	c.sameHost(o, func(other *Object) bool {
		if sameIn([]string{"type", "setIdentifier"}, other, o) && !o.Flag("allowOverwrite") {
			err = fault("InvalidChangeBatch", "[Tried to create resource record set [name='%s.', type='%s'] but it already exists]: it is %s", o.Text("fqdn"), o.Text("type"), called(other))
		}
		return err == nil
	})
	return err
}

// recordPolicy is by what a record is chosen among those of its name and type.
func recordPolicy(o *Object) string {
	for _, kind := range []string{"weighted", "latency", "failover", "geolocation", "geoproximity", "cidr"} {
		for _, property := range []string{kind + "RoutingPolicies", kind + "RoutingPolicy"} {
			if len(o.Objects(property)) > 0 {
				return kind
			}
		}
	}
	if o.Flag("multivalueAnswerRoutingPolicy") {
		return "multivalue"
	}
	return "simple"
}

// recordPolicies: records of a name and type are all chosen alike, and one of them is the first to fail over from (Route 53
// API, ResourceRecordSet).
func recordPolicies(c *Call, o *Object) error {
	var err error
	mine, role := recordPolicy(o), at(o.Outputs, "failoverRoutingPolicies.type")
	c.sameHost(o, func(other *Object) bool {
		theirs := recordPolicy(other)
		switch {
		case other.Text("type") != o.Text("type") || other.Text("setIdentifier") == o.Text("setIdentifier"):
		case theirs != mine:
			err = fault("InvalidChangeBatch", "[RRSet with DNS name %s., type %s, SetIdentifier %s cannot be created because a %s rrset exists with the same name and type, and this is %s]: it is %s", o.Text("fqdn"), o.Text("type"), o.Text("setIdentifier"), theirs, mine, called(other))
		case mine == "failover" && slices.Equal(role, at(other.Outputs, "failoverRoutingPolicies.type")):
			err = fault("InvalidChangeBatch", "[RRSet with DNS name %s., type %s, SetIdentifier %s cannot be created because a failover rrset exists with the same name, type and role %s]: it is %s", o.Text("fqdn"), o.Text("type"), o.Text("setIdentifier"), strings.Join(role, ""), called(other))
		}
		return err == nil
	})
	return err
}

// recordBesideCNAME: nothing stands beside a CNAME (RFC 1034, 3.6.2).
func recordBesideCNAME(c *Call, o *Object) error {
	var err error
	c.sameHost(o, func(other *Object) bool {
		if other.Text("type") != o.Text("type") && (other.Text("type") == "CNAME" || o.Text("type") == "CNAME") {
			err = fault("InvalidChangeBatch", "[RRSet of type %s with DNS name %s. is not permitted because a conflicting RRSet of type %s with the same DNS name already exists in zone]: it is %s",
				o.Text("type"), o.Text("fqdn"), other.Text("type"), called(other))
		}
		return err == nil
	})
	return err
}

// queryLogGroup: query logs go to a group of us-east-1 (Route 53 developer guide, "Public DNS query logging").
func queryLogGroup(c *Call, o *Object) error {
	arn := strings.TrimSuffix(o.Text("cloudwatchLogGroupArn"), ":*")
	if c.where(typeLogGroup, "arn", arn) == nil || !strings.Contains(arn, ":us-east-1:") {
		return fault("NoSuchCloudWatchLogsLogGroup", "The specified CloudWatch Logs log group doesn't exist: %s; it must be in us-east-1", arn)
	}
	return nil
}

// queryLogAllowed: a resource policy of the account lets Route 53 write to the group (Route 53 API,
// CreateQueryLoggingConfig).
func queryLogAllowed(c *Call, o *Object) error {
	arn := strings.TrimSuffix(o.Text("cloudwatchLogGroupArn"), ":*")
	for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
		allowed := false
		c.each(typeLogPolicy, func(p *Object) bool {
			allowed = p.Region == "us-east-1" && serviceMay(p.Text("policyDocument"), "route53.amazonaws.com", action, arn+":log-stream:a")
			return !allowed
		})
		if !allowed {
			return fault("InsufficientCloudWatchLogsResourcePolicy", "The resource policy for CloudWatch Logs is insufficient: none of us-east-1 allows route53.amazonaws.com %s on %s:*; let this depend on one that does", action, arn)
		}
	}
	return nil
}
