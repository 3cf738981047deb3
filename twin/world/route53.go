package world

import (
	"fmt"
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
		id:   func(c *Call, _ *Object) string { return "Z0" + strings.ToUpper(c.hex(18)) },
		arn:  "arn:{partition}:route53:::hostedzone/{id}",
		text: map[string]string{"zoneId": "{id}"},
		check: []rule{
			refers("vpcs.vpcId", "InvalidVPCId", "The VPC %s does not exist", typeVPC),
			privateZoneAlone,
		},
		fill:    fillZone,
		remove:  []rule{zoneEmpty},
		removed: func(c *Call, o *Object) { c.dropUsers(o, use{typeRecord, "zoneId"}) },
	},
	typeRecord: {
		id:      recordID,
		taken:   "InvalidChangeBatch",
		prepare: []func(*Call, *Object){recordName},
		check: []rule{
			inZone("zoneId"),
			recordValues,
			recordAddresses,
			recordForms,
			aliasOfOne,
			apexNoAlias,
			aliasInZone,
			aliasTarget,
			refers("healthCheckId", "NoSuchHealthCheck", "No health check exists with the specified ID %s", typeHealthCheck),
			recordTwice,
			recordBesideCNAME,
			recordPolicies,
		},
	},
	typeHealthCheck: {
		id:    func(c *Call, _ *Object) string { return c.uuid("health") },
		arn:   "arn:{partition}:route53:::healthcheck/{id}",
		check: []rule{healthCheckOfOne},
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"failureThreshold": 3.0, "enableSni": strings.HasPrefix(o.Text("type"), "HTTPS")})
		},
		remove: []rule{
			unused("HealthCheckInUse", "The health check %s is in use by a record.", use{typeRecord, "healthCheckId"}),
		},
	},
	typeQueryLog: {
		id:  func(c *Call, _ *Object) string { return c.uuid("query") },
		arn: "arn:{partition}:route53:::queryloggingconfig/{id}",
		create: []rule{
			inZone("zoneId"),
			queryLogGroup,
			queryLogAllowed,
			unique("QueryLoggingConfigAlreadyExists", "A query logging configuration exists for the hosted zone %s", "zoneId"),
		},
	},
	typeResolverLog: {
		id:   func(c *Call, _ *Object) string { return "rqlc-" + c.hex(17) },
		arn:  "arn:{partition}:route53resolver:{region}:{account}:resolver-query-log-config/{id}",
		text: map[string]string{"ownerId": "{account}"},
		fill: func(_ *Call, o, _ *Object) { setDefault(o, "shareStatus", "NOT_SHARED") },
	},
	typePrivateNamespace: {
		id:  func(c *Call, _ *Object) string { return "ns-" + c.hex(16) },
		arn: "arn:{partition}:servicediscovery:{region}:{account}:namespace/{id}",
		create: []rule{
			refers("vpc", "InvalidInput", "VPC %s does not exist", typeVPC),
			unique("NamespaceAlreadyExists", "Namespace with name %s already exists in the VPC", "name", "vpc"),
		},
		fill: func(c *Call, o, _ *Object) { setDefault(o, "hostedZone", "Z0"+strings.ToUpper(c.hex(18, "zone"))) },
	},
}

func inZone(property string) rule {
	return refers(property, "NoSuchHostedZone", "No hosted zone found with ID: %s", typeZone)
}

// privateZoneAlone: a VPC has only one private zone of a name (Route 53 API, CreateHostedZone).
func privateZoneAlone(c *Call, o *Object) error {
	for _, id := range at(o.Outputs, "vpcs.vpcId") {
		for z := range c.having(typeZone, "vpcs.vpcId", id) {
			if z.ID != o.ID && domain(z) == domain(o) {
				return fault("ConflictingDomainExists", "The VPC is associated with another hosted zone of the name %s: %s", domain(o),
					called(z))
			}
		}
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
		o.Outputs["nameServers"] = []any{"ns-0.awsdns-00.com.", "ns-512.awsdns-00.net.", "ns-1024.awsdns-00.org.",
			"ns-1536.awsdns-00.co.uk."}
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

// zoneEmpty: a zone can be deleted only when just its own NS and SOA records are left, or by force (Route 53 API,
// DeleteHostedZone).
func zoneEmpty(c *Call, o *Object) error {
	if record := c.where(typeRecord, "zoneId", o.ID); record != nil && !o.Flag("forceDestroy") {
		return fault("HostedZoneNotEmpty",
			"The specified hosted zone contains non-required resource record sets and so cannot be deleted: %s; delete them first, or "+
				"set forceDestroy and deploy that first", called(record))
	}
	return nil
}

// queryLogGroup: query logs go to a log group in us-east-1 (Route 53 developer guide, "Public DNS query logging").
func queryLogGroup(c *Call, o *Object) error {
	arn := strings.TrimSuffix(o.Text("cloudwatchLogGroupArn"), ":*")
	if c.where(typeLogGroup, "arn", arn) == nil || !strings.Contains(arn, ":us-east-1:") {
		return fault("NoSuchCloudWatchLogsLogGroup", "The specified CloudWatch Logs log group doesn't exist: %s; it must be in us-east-1",
			arn)
	}
	return nil
}

// queryLogAllowed: a resource policy of the account lets Route 53 write to the group (Route 53 API,
// CreateQueryLoggingConfig).
func queryLogAllowed(c *Call, o *Object) error {
	arn := strings.TrimSuffix(o.Text("cloudwatchLogGroupArn"), ":*")
	for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
		if first(c.each(typeLogPolicy), func(p *Object) bool {
			return p.Region == "us-east-1" && serviceMay(p.Text("policyDocument"), "route53.amazonaws.com", action, arn+":log-stream:a")
		}) == nil {
			return fault("InsufficientCloudWatchLogsResourcePolicy",
				"The resource policy for CloudWatch Logs is insufficient: none of us-east-1 allows route53.amazonaws.com %s on %s:*; "+
					"let this depend on one that does", action, arn)
		}
	}
	return nil
}
