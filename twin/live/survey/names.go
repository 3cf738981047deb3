package survey

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

func domain(n string) string { return strings.ToLower(strings.TrimSuffix(n, ".")) }

func (s *survey) zones() {
	for _, o := range s.of["cloudflare:index/zone:Zone"] {
		s.plan.Zones = append(s.plan.Zones, s.cloudflare(o))
	}
	for _, o := range s.of["aws:route53/zone:Zone"] {
		s.plan.Zones = append(s.plan.Zones, s.route53(o))
	}
	slices.SortFunc(s.plan.Zones, func(a, b plan.Zone) int { return cmp.Compare(a.Name+a.ID, b.Name+b.ID) })
}

func sortRecords(z *plan.Zone) {
	slices.SortFunc(z.Records, func(a, b plan.Record) int {
		return cmp.Compare(a.Name+" "+a.Type+" "+strings.Join(a.Values, ","), b.Name+" "+b.Type+" "+strings.Join(b.Values, ","))
	})
}

func (s *survey) cloudflare(o *world.Object) plan.Zone {
	z := plan.Zone{ID: o.ID, Name: domain(cmp.Or(o.Text("zone"), o.Text("name"))), At: "cloudflare", Served: s.Delegated[o.ID],
		Servers: o.Texts("nameServers")}
	z.DNSSEC = s.find("cloudflare:index/zoneDnssec:ZoneDnssec", "zoneId", o.ID) != nil
	strict := false
	z.Edge.MinTLS = "1.0" // (Cloudflare SSL docs, "Minimum TLS Version")
	for _, settings := range s.of["cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride"] {
		ssl := text(object(settings.Outputs, "settings"), "ssl")
		if settings.Text("zoneId") == o.ID {
			z.Edge = edgeSettings(object(settings.Outputs, "settings"))
		}
		strict = strict || settings.Text("zoneId") == o.ID && (ssl == "strict" || ssl == "origin_pull" || ssl == "full_strict")
	}
	for _, r := range s.of["cloudflare:index/record:Record"] {
		if r.Text("zoneId") != o.ID {
			continue
		}
		record := plan.Record{Name: domain(cmp.Or(r.Text("hostname"), r.Text("name"))), Type: r.Text("type"), TTL: int(r.Number("ttl")),
			Proxied: r.Flag("proxied"), Strict: strict}
		if record.TTL <= 1 {
			record.TTL = 300 // automatic
		}
		record.Pulls = s.pulls(o.ID, record.Name)
		v := cmp.Or(r.Text("content"), r.Text("value"), data(object(r.Outputs, "data"), record.Type))
		switch record.Type {
		case "MX", "SRV", "URI":
			if priority := number(r.Outputs, "priority"); r.Outputs["priority"] != nil {
				v = fmt.Sprintf("%d %s", priority, v)
			}
		case "TXT":
			v = quoted(v)
		}
		record.Values = []string{v}
		z.Records = append(z.Records, record)
	}
	sortRecords(&z)
	return z
}

// edgeSettings are a zone's settings that its proxies play.
func edgeSettings(settings value.Map) plan.EdgeSettings {
	e := plan.EdgeSettings{MinTLS: cmp.Or(text(settings, "minTlsVersion"), "1.0"), NoTLS13: text(settings, "tls13") == "off",
		AlwaysHTTPS: text(settings, "alwaysUseHttps") == "on"}
	h := object(settings, "securityHeader")
	if on, _ := h["enabled"].(bool); !on {
		return e
	}
	e.Headers = map[string]string{"Strict-Transport-Security": fmt.Sprintf("max-age=%d", number(h, "maxAge"))}
	if on, _ := h["includeSubdomains"].(bool); on {
		e.Headers["Strict-Transport-Security"] += "; includeSubDomains"
	}
	if on, _ := h["nosniff"].(bool); on {
		e.Headers["X-Content-Type-Options"] = "nosniff"
	}
	return e
}

// quoted is the text of a TXT record as in a zone file.
func quoted(v string) string {
	if strings.HasPrefix(v, `"`) {
		return v
	}
	return `"` + strings.ReplaceAll(v, `"`, `\"`) + `"`
}

// data is the data of a record that is written as fields.
func data(m value.Map, typ string) string {
	if m == nil {
		return ""
	}
	fields := map[string][]string{"CAA": {"flags", "tag", "value"}, "SRV": {"priority", "weight", "port", "target"},
		"DS":   {"keyTag", "algorithm", "digestType", "digest"},
		"TLSA": {"usage", "selector", "matchingType", "certificate"}, "MX": {"priority", "target"}}[typ]
	var out []string
	for _, f := range fields {
		t := text(m, f)
		if _, is := m[f].(string); !is {
			t = fmt.Sprint(number(m, f))
		}
		if typ == "CAA" && f == "value" {
			t = quoted(t)
		}
		out = append(out, t)
	}
	return strings.Join(out, " ")
}

// pulls says whether Cloudflare shows its client certificate to the origin of a name.
func (s *survey) pulls(zone, host string) bool {
	return slices.ContainsFunc(s.of["cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls"], func(o *world.Object) bool {
		return o.Text("zoneId") == zone && o.Flag("enabled") && (o.Text("hostname") == "" || domain(o.Text("hostname")) == host)
	})
}

func (s *survey) route53(o *world.Object) plan.Zone {
	z := plan.Zone{ID: o.ID, Name: domain(o.Text("name")), At: "route53", Private: len(o.Objects("vpcs")) > 0,
		Servers: o.Texts("nameServers")}
	z.Served = z.Private || s.Delegated[o.ID]
	z.DNSSEC = s.find("aws:route53/hostedZoneDnsSec:HostedZoneDnsSec", "hostedZoneId", o.ID) != nil
	for _, r := range s.of["aws:route53/record:Record"] {
		if r.Text("zoneId") != o.ID {
			continue
		}
		record := plan.Record{Name: domain(cmp.Or(r.Text("fqdn"), r.Text("name"))), Type: r.Text("type"),
			TTL: cmp.Or(int(r.Number("ttl")), 60)}
		for _, v := range r.Texts("records") {
			if record.Type == "TXT" {
				v = quoted(v)
			}
			record.Values = append(record.Values, v)
		}
		if a := object(r.Outputs, "aliases"); a != nil {
			record.Alias = domain(text(a, "name"))
		}
		if r.Text("setIdentifier") != "" {
			s.unplayed("routing policies of DNS: of %s every answer is given", record.Name)
		}
		z.Records = append(z.Records, record)
	}
	sortRecords(&z)
	return z
}
