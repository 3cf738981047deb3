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

// entry is what stands before the edge.
func (p *platform) entry() []string {
	var all []string
	who, ports := p.entrance()
	if who != "" {
		all = append(all, who+" → edge "+ports)
	}
	if p.webACL() {
		all = append(all, "web ACL")
	}
	return all
}

func (p *platform) webACL() bool {
	return p.edge != nil && len(p.pointing(typeWebACLUse, "resourceArn", p.edge.r)) > 0
}

func (p *platform) readPanels() {
	if rows := p.sentenceRows(); len(rows) > 0 {
		p.panels = append(p.panels, panel{"Firewall", rows})
	}
	if rows := p.waysOut(); len(rows) > 0 {
		p.panels = append(p.panels, panel{"Ways out", rows})
	}
	p.panels = append(p.panels, panel{"Protections", p.protections()})
}

func (p *platform) sentenceRows() []row {
	var rows []row
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
	if p.dns != nil {
		rows = append(rows, has("DNSSEC", len(p.g.ByType(typeDNSSEC, typeSigned)) > 0))
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

// deletionRows tell what AWS itself refuses to delete.
func (p *platform) deletionRows() []row {
	said := map[string][]string{}
	for _, box := range p.inside() {
		property := map[string]string{"balancer": "enableDeletionProtection", "database": "deletionProtection"}[box.kind]
		if property != "" {
			set := flag("", box.r, property).value
			said[set] = append(said[set], box.party)
		}
	}
	var rows []row
	for _, set := range []string{"on", "off", unknown} {
		parties := strings.Join(said[set], ", ")
		switch {
		case parties == "":
		case set == "on":
			rows = append(rows, row{"Deletion protection", parties, on})
		case set == "off":
			rows = append(rows, row{"No deletion protection", parties, off})
		default:
			rows = append(rows, row{"Deletion protection " + unknown, parties, plain})
		}
	}
	return rows
}

const unknown = "not known yet"

func (p *platform) databaseRows(r *graph.Resource) []row {
	rows := []row{flag("Encryption at rest, database", r, "storageEncrypted")}
	if days, ok := r.Int("backupRetentionPeriod"); ok {
		rows = append(rows, row{"Backups", count(days, "day", "days"), stateOf(days > 0)})
	}
	return append(rows, has("Backup plan", len(p.g.ByType(typeBackupPlan)) > 0))
}

// flag is a property that is true or false; what is not set is off, as the clouds have it.
func flag(name string, r *graph.Resource, property string) row {
	value, _ := r.Get(property)
	if _, open := value.(graph.Unknown); open {
		return row{name, unknown, plain}
	}
	set, _ := r.Bool(property)
	return has(name, set)
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
