package world

import (
	"iter"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

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
			return fault("InvalidChangeBatch",
				"[Invalid Resource Record: 'FATAL problem: Value is not a valid address of type %s' encountered with '%s']", kind, text)
		}
	}
	return nil
}

// recordFormats are how the values of some types are written.
var recordFormats = map[string]*regexp.Regexp{
	"MX": regexp.MustCompile(`^\d+\s+\S+$`), "SRV": regexp.MustCompile(`^\d+\s+\d+\s+\d+\s+\S+$`),
	"CAA": regexp.MustCompile(`^\d+\s+[a-z]+\s+"[^"]*"$`),
}

// recordForms: Route 53 developer guide, "Supported DNS record types".
func recordForms(_ *Call, o *Object) error {
	form := recordFormats[o.Text("type")]
	for _, text := range o.Texts("records") {
		if form != nil && !form.MatchString(text) {
			return fault("InvalidChangeBatch", "[Invalid Resource Record: 'FATAL problem: %sRRDATAIllegal' encountered with '%s']",
				o.Text("type"), text)
		}
	}
	return nil
}

// healthCheckOfOne: a health check has a host name or an address to check (Route 53 API, HealthCheckConfig).
func healthCheckOfOne(_ *Call, o *Object) error {
	switch o.Text("type") {
	case "HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP":
		if o.Text("fqdn") == "" && o.Text("ipAddress") == "" {
			return fault("InvalidInput", "Invalid parameter: either fqdn or ipAddress must be given for a health check of the type %s",
				o.Text("type"))
		}
	}
	return nil
}

// aliasOfOne: a CNAME names one host (RFC 1034, 3.6.2).
func aliasOfOne(_ *Call, o *Object) error {
	if n := len(o.Texts("records")); o.Text("type") == "CNAME" && n > 1 {
		return fault("InvalidChangeBatch", "[Invalid Resource Record: 'FATAL problem: CNAME %s has %d values' and may have one]",
			o.Text("fqdn"), n)
	}
	return nil
}

// apexNoAlias: a CNAME does not stand at a zone's own name (Route 53 developer guide, "Supported DNS record types").
func apexNoAlias(c *Call, o *Object) error {
	if zone := c.find(typeZone, o.Text("zoneId")); o.Text("type") == "CNAME" && o.Text("fqdn") == domain(zone) {
		return fault("InvalidChangeBatch", "[RRSet of type CNAME with DNS name %s. is not permitted at apex in zone %s]: use an alias",
			o.Text("fqdn"), zone.Text("name"))
	}
	return nil
}

// aliasInZone: an alias within a hosted zone names an existing record (Route 53 API, AliasTarget).
func aliasInZone(c *Call, o *Object) error {
	for _, alias := range o.Objects("aliases") {
		id, _ := alias["zoneId"].(string)
		name, _ := alias["name"].(string)
		zone := c.find(typeZone, id)
		if zone == nil {
			continue
		}
		if !within(hostName(name), domain(zone)) {
			return fault("InvalidChangeBatch",
				"[Tried to create an alias that targets %s., type %s in zone %s, but the alias target name does not lie within the "+
					"target zone]", hostName(name), o.Text("type"), id)
		}
		if first(c.having(typeRecord, "fqdn", hostName(name)), func(r *Object) bool {
			return r.Text("zoneId") == id && r.Text("type") == o.Text("type")
		}) == nil {
			return fault("InvalidChangeBatch",
				"[Tried to create an alias that targets %s., type %s in zone %s, but that target was not found]", hostName(name),
				o.Text("type"), id)
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
		if first(c.having(typeLoadBalancer, "zoneId", id), func(b *Object) bool { return hostName(b.Text("dnsName")) == host }) == nil {
			return fault("InvalidChangeBatch",
				"[Tried to create an alias that targets %s., type %s in zone %s, but that target was not found]: no load balancer of "+
					"the twin has that name in that zone", hostName(name), o.Text("type"), id)
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

// sameHost gives the other records of the same name.
func (c *Call) sameHost(o *Object) iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		for other := range c.having(typeRecord, "fqdn", o.Text("fqdn")) {
			if other.Text("zoneId") == o.Text("zoneId") && other.Key != o.Key && !yield(other) {
				return
			}
		}
	}
}

// recordTwice: each name and type has one record set, unless the program says that it overwrites (Route 53 API,
// ChangeResourceRecordSets).
func recordTwice(c *Call, o *Object) error {
	for other := range c.sameHost(o) {
		if sameIn([]string{"type", "setIdentifier"}, other, o) && !o.Flag("allowOverwrite") {
			return fault("InvalidChangeBatch",
				"[Tried to create resource record set [name='%s.', type='%s'] but it already exists]: it is %s", o.Text("fqdn"),
				o.Text("type"), called(other))
		}
	}
	return nil
}

// recordPolicy is the policy by which a record is chosen among those of its name and type.
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

// recordPolicies: records of a name and type all use the same policy, and one of them is the failover primary (Route
// 53 API, ResourceRecordSet).
func recordPolicies(c *Call, o *Object) error {
	mine, role := recordPolicy(o), at(o.Outputs, "failoverRoutingPolicies.type")
	for other := range c.sameHost(o) {
		theirs := recordPolicy(other)
		switch {
		case other.Text("type") != o.Text("type") || other.Text("setIdentifier") == o.Text("setIdentifier"):
		case theirs != mine:
			return fault("InvalidChangeBatch",
				"[RRSet with DNS name %s., type %s, SetIdentifier %s cannot be created because a %s rrset exists with the same name "+
					"and type, and this is %s]: it is %s", o.Text("fqdn"), o.Text("type"), o.Text("setIdentifier"), theirs, mine,
				called(other))
		case mine == "failover" && slices.Equal(role, at(other.Outputs, "failoverRoutingPolicies.type")):
			return fault("InvalidChangeBatch",
				"[RRSet with DNS name %s., type %s, SetIdentifier %s cannot be created because a failover rrset exists with the same "+
					"name, type and role %s]: it is %s", o.Text("fqdn"), o.Text("type"), o.Text("setIdentifier"), strings.Join(role, ""),
				called(other))
		}
	}
	return nil
}

// recordBesideCNAME: nothing stands beside a CNAME (RFC 1034, 3.6.2).
func recordBesideCNAME(c *Call, o *Object) error {
	for other := range c.sameHost(o) {
		if other.Text("type") != o.Text("type") && (other.Text("type") == "CNAME" || o.Text("type") == "CNAME") {
			return fault("InvalidChangeBatch",
				"[RRSet of type %s with DNS name %s. is not permitted because a conflicting RRSet of type %s with the same DNS name "+
					"already exists in zone]: it is %s",
				o.Text("type"), o.Text("fqdn"), other.Text("type"), called(other))
		}
	}
	return nil
}
