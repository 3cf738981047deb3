package picture

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

const (
	typeWebACLUse  = "aws:wafv2/webAclAssociation:WebAclAssociation"
	typeFlowLog    = "aws:ec2/flowLog:FlowLog"
	typeBackupPlan = "aws:backup/plan:Plan"
	typeAlarm      = "aws:cloudwatch/metricAlarm:MetricAlarm"
	typeDNSSEC     = "cloudflare:index/zoneDnssec:ZoneDnssec"
	typeSigned     = "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec"
)

// entry is what guards the edge.
func (p *platform) entry() (all []string) {
	if who, ports := p.entrance(); who != "" {
		all = append(all, who+" → edge "+ports)
	}
	if p.asksClients() {
		all = append(all, "client certificate")
	}
	if p.webACL() {
		all = append(all, "web ACL")
	}
	return all
}

// asksClients reports whether every listener of the edge refuses clients without a certificate.
func (p *platform) asksClients() bool {
	listeners := p.listeners(p.edge.r)
	return len(listeners) > 0 && !slices.ContainsFunc(listeners, func(l *graph.Resource) bool {
		return l.String("mutualAuthentication.mode") != "verify"
	})
}

func (p *platform) webACL() bool {
	return p.edge != nil && len(p.pointing(typeWebACLUse, "resourceArn", p.edge.r)) > 0
}

func (p *platform) readPanels() {
	var beside []row
	for _, b := range p.workers {
		beside = append(beside, row{name: strings.TrimPrefix(b.party, "worker-"), value: b.badge})
	}
	if len(beside) > 0 {
		p.panels = append(p.panels, panel{"Workers", beside})
	}
	if rows := p.sentenceRows(); len(rows) > 0 {
		p.panels = append(p.panels, panel{"Firewall", rows})
	}
	if rows := p.waysOut(); len(rows) > 0 {
		p.panels = append(p.panels, panel{"Ways out", rows})
	}
	p.panels = append(p.panels, panel{"Protections", p.protections()})
}

func (p *platform) sentenceRows() (rows []row) {
	for _, s := range p.said {
		rows = append(rows, row{name: s.from + " → " + s.to, value: s.port})
	}
	return rows
}

func (p *platform) waysOut() []row {
	var rows []row
	if p.vpc == nil {
		return nil
	}
	gateways := p.g.ByType(typeNAT)
	switch {
	case len(gateways) == 0:
		rows = append(rows, row{name: "NAT gateways", value: "none"})
	case len(gateways) == len(p.zones):
		rows = append(rows, row{name: "NAT gateways", value: "one in each zone"})
	default:
		rows = append(rows, row{name: "NAT gateways", value: fmt.Sprint(len(gateways))})
	}
	services := map[string][]string{}
	for _, e := range p.g.ByType(typeEndpoint) {
		name := e.String("serviceName")
		kind := e.String("vpcEndpointType")
		services[kind] = append(services[kind], name[strings.LastIndex(name, ".")+1:])
	}
	for _, kind := range []struct{ of, title string }{{"Gateway", "Gateway endpoints"}, {"Interface", "Interface endpoints"}} {
		if names := services[kind.of]; len(names) > 0 {
			slices.Sort(names)
			rows = append(rows, row{name: kind.title, value: strings.Join(names, ", ")})
		}
	}
	return rows
}

func (p *platform) protections() []row {
	rows := append([]row{p.pulumiProtect()}, p.deletionRows()...)
	for _, box := range p.inside() {
		if box.kind == "database" {
			rows = append(rows, p.databaseRows(box.r)...)
		}
	}
	if p.edge != nil {
		rows = append(rows, has("Web ACL", p.webACL()))
	}
	if p.zoned != nil {
		signed := append(p.pointing(typeDNSSEC, "zoneId", p.zoned), p.pointing(typeSigned, "hostedZoneId", p.zoned)...)
		rows = append(rows, has("DNSSEC", len(signed) > 0))
	}
	if p.vpc != nil {
		rows = append(rows, has("Flow log", len(p.pointing(typeFlowLog, "vpcId", p.vpc)) > 0))
	}
	rows = append(rows, row{name: "Alarms", value: fmt.Sprint(len(p.g.ByType(typeAlarm))), state: plain})
	return rows
}

func (p *platform) pulumiProtect() row {
	n := 0
	for _, r := range p.g.Resources {
		if r.Protect {
			n++
		}
	}
	if n == 0 {
		return row{"Pulumi protect", "off", off}
	}
	return row{"Pulumi protect", count(n, "resource", "resources"), on}
}

// deletionRows show what AWS itself refuses to delete.
func (p *platform) deletionRows() []row {
	return p.whose("deletion protection", map[string]string{"balancer": "enableDeletionProtection", "database": "deletionProtection"})
}

// whose returns which boxes have a property set, which do not, and for which it is not known. A property that is
// absent is off, as in the clouds.
func (p *platform) whose(what string, properties map[string]string) []row {
	parties := map[state][]string{}
	for _, box := range p.inside() {
		property := properties[box.kind]
		if property == "" {
			continue
		}
		set := plain
		if value, _ := box.r.Get(property); value != (graph.Unknown{}) {
			truth, _ := box.r.Bool(property)
			set = stateOf(truth)
		}
		parties[set] = append(parties[set], box.party)
	}
	var rows []row
	for _, set := range []struct {
		state state
		name  string
	}{{on, strings.ToUpper(what[:1]) + what[1:]}, {off, "No " + what}, {plain, "Unknown " + what}} {
		if whose := strings.Join(parties[set.state], ", "); whose != "" {
			rows = append(rows, row{set.name, whose, set.state})
		}
	}
	return rows
}

func (p *platform) databaseRows(r *graph.Resource) []row {
	rows := p.whose("encryption at rest", map[string]string{"database": "storageEncrypted"})
	if days, ok := r.Int("backupRetentionPeriod"); ok {
		rows = append(rows, row{"Backups", count(days, "day", "days"), stateOf(days > 0)})
	}
	return append(rows, has("Backup plan", len(p.g.ByType(typeBackupPlan)) > 0))
}

func has(name string, set bool) row {
	if set {
		return row{name, "on", on}
	}
	return row{name, "off", off}
}

func stateOf(set bool) state {
	if set {
		return on
	}
	return off
}
