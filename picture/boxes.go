package picture

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// balancer is the load balancer of the tier, found by its tag or else by whether it faces the internet.
func (p *platform) balancer(tier, title string) *box {
	for _, r := range p.g.ByType(typeBalancer) {
		tagged := r.Tag(tagTier)
		internal, known := r.Bool("internal")
		if tagged != tier && (tagged != "" || !known || internal != (tier == "internal")) {
			continue
		}
		b := &box{kind: "balancer", party: tier, title: title, r: r, groups: p.g.Ref(r, "securityGroups", typeSecurityGroup)}
		b.add(r.Name)
		var ports []string
		for _, listener := range p.listeners(r) {
			if port, ok := listener.Int("port"); ok {
				ports = append(ports, fmt.Sprintf("%s :%d", cmp.Or(listener.String("protocol"), "HTTP"), port))
			}
		}
		b.badge = strings.Join(ports, ", ")
		if hosts := p.served(r); len(hosts) > 0 && tier == "internal" {
			b.add(andMore(hosts))
		}
		return b
	}
	return nil
}

// listeners are those of a load balancer, by port.
func (p *platform) listeners(balancer *graph.Resource) []*graph.Resource {
	found := p.pointing(typeListener, "loadBalancerArn", balancer)
	slices.SortStableFunc(found, func(a, b *graph.Resource) int {
		first, _ := a.Int("port")
		second, _ := b.Int("port")
		return cmp.Compare(first, second)
	})
	return found
}

// pointing are the resources of a type whose property refers to r.
func (p *platform) pointing(kind, property string, r *graph.Resource) (found []*graph.Resource) {
	for _, candidate := range p.g.ByType(kind) {
		if slices.Contains(p.g.Ref(candidate, property, r.Type), r) {
			found = append(found, candidate)
		}
	}
	return found
}

// served are the hosts that a load balancer forwards, shortest first.
func (p *platform) served(balancer *graph.Resource) []string {
	var hosts []string
	for _, listener := range p.listeners(balancer) {
		for _, rule := range p.pointing(typeRule, "listenerArn", listener) {
			conditions, _ := rule.Get("conditions")
			list, _ := conditions.([]any)
			for i := range list {
				hosts = append(hosts, rule.Strings(fmt.Sprintf("conditions[%d].hostHeader.values", i))...)
			}
		}
	}
	return shortestFirst(hosts)
}

// andMore returns the first name and how many more there are.
func andMore(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return fmt.Sprintf("%s +%d", names[0], len(names)-1)
}

func shortestFirst(names []string) []string {
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
	return slices.Compact(names)
}

// servers is the Auto Scaling group of the tier.
func (p *platform) servers(tier, title string) *box {
	for _, r := range p.g.ByType(typeServers) {
		if r.Tag(tagTier) == tier {
			return p.group(r, tier, title)
		}
	}
	return nil
}

// readWorkers finds the groups that no load balancer sends requests to, by their names.
func (p *platform) readWorkers() (all []*box) {
	for _, r := range p.g.ByType(typeServers) {
		if r.Tag(tagTier) == "worker" {
			party := strings.TrimPrefix(r.Name, p.name+"-")
			all = append(all, p.group(r, party, "Workers "+strings.TrimPrefix(party, "worker-")))
		}
	}
	slices.SortFunc(all, func(a, b *box) int { return strings.Compare(a.party, b.party) })
	return all
}

// group is a group of servers.
func (p *platform) group(r *graph.Resource, party, title string) *box {
	b := &box{kind: "servers", party: party, title: title, r: r}
	size := between(r, "minSize", "maxSize")
	templates := p.g.Ref(r, "launchTemplate", typeTemplate)
	if len(templates) == 0 {
		templates = p.g.Ref(r, "mixedInstancesPolicy", typeTemplate)
	}
	if len(templates) == 1 {
		b.groups = p.g.Ref(templates[0], "networkInterfaces", typeSecurityGroup)
		if len(b.groups) == 0 {
			b.groups = p.g.Ref(templates[0], "vpcSecurityGroupIds", typeSecurityGroup)
		}
		if instance := templates[0].String("instanceType"); instance != "" && size != "" {
			size += " × " + instance
		}
	}
	b.add(r.Name)
	b.badge = size
	for _, target := range p.g.Ref(r, "targetGroupArns", typeTargetGroup) {
		if port, ok := target.Int("port"); ok {
			b.add(fmt.Sprintf("%s :%d", cmp.Or(target.String("protocol"), "HTTP"), port))
		}
		if path := target.String("healthCheck.path"); path != "" {
			b.add("health " + path)
		}
	}
	return b
}

// between returns a range such as "3–12".
func between(r *graph.Resource, least, most string) string {
	from, ok := r.Int(least)
	to, known := r.Int(most)
	switch {
	case !ok || !known:
		return ""
	case from == to:
		return fmt.Sprint(from)
	default:
		return fmt.Sprintf("%d–%d", from, to)
	}
}

var engines = map[string]string{
	"postgres": "PostgreSQL", "mysql": "MySQL", "aurora-postgresql": "Aurora PostgreSQL", "aurora-mysql": "Aurora MySQL",
	"mariadb": "MariaDB",
}

// database is the one database, an instance or a cluster.
func (p *platform) database() *box {
	for _, r := range p.g.ByType(typeInstance, typeCluster) {
		engine := r.String("engine")
		b := &box{kind: "database", party: "database", title: "Database", r: r,
			groups: p.g.Ref(r, "vpcSecurityGroupIds", typeSecurityGroup)}
		b.add(r.Name)
		b.add(strings.TrimSpace(cmp.Or(engines[engine], engine) + " " + r.String("engineVersion")))
		if multi, _ := r.Bool("multiAz"); multi {
			b.add("Multi-AZ")
		}
		if r.Type == typeCluster {
			if members := p.pointing(typeMember, "clusterIdentifier", r); len(members) > 0 {
				b.badge = fmt.Sprintf("%d × %s", len(members), members[0].String("instanceClass"))
			}
		} else {
			b.badge = r.String("instanceClass")
		}
		if storage := between(r, "allocatedStorage", "maxAllocatedStorage"); storage != "" {
			b.add(storage + " GiB")
		}
		if port, ok := r.Int("port"); ok {
			b.add(fmt.Sprintf("port %d", port))
		}
		return b
	}
	return nil
}

func (b *box) add(detail string) {
	if detail != "" {
		b.details = append(b.details, detail)
	}
}

// readNames finds the names that lead to the edge, who answers for them, and the certificate that proves them to a
// browser.
func (p *platform) readNames() {
	if p.edge == nil {
		return
	}
	p.filter = p.entry()
	var zones []*graph.Resource
	var hosts []string
	proxied := false
	for _, record := range p.g.ByType(typeRecord, typeAlias) {
		property := "content"
		if record.Type == typeAlias {
			property = "aliases"
		}
		if !slices.Contains(p.g.Ref(record, property, typeBalancer), p.edge.r) {
			continue
		}
		hosts = append(hosts, strings.TrimSuffix(record.String("name"), "."))
		through, _ := record.Bool("proxied")
		proxied = proxied || through
		zones = append(zones, p.g.Ref(record, "zoneId", typeZone, typeHostedZone)...)
		p.answers(record.Type)
	}
	p.hosts = shortestFirst(hosts)
	if p.dns != nil {
		p.dns.add(andMore(p.hosts))
		if proxied {
			p.dns.add("proxied")
		}
		p.zone(zones)
	}
	p.certificate()
}

func (p *platform) answers(record string) {
	provider := "Cloudflare"
	if record == typeAlias {
		provider = "Route 53"
	}
	p.dns = &box{kind: "dns", title: "DNS · " + provider}
}

func (p *platform) zone(zones []*graph.Resource) {
	if len(zones) == 0 { // adopted, so made elsewhere
		return
	}
	p.zoned = zones[0]
	name := cmp.Or(zones[0].String("zone"), zones[0].String("name"))
	if name != "" && !slices.Contains(p.hosts, name) {
		p.dns.add("zone " + name)
	}
}

// certificate finds what the edge shows to browsers.
func (p *platform) certificate() {
	for _, listener := range p.listeners(p.edge.r) {
		if listener.String("protocol") != "HTTPS" {
			continue
		}
		port, _ := listener.Int("port")
		p.https = &box{kind: "tls", title: fmt.Sprintf("HTTPS :%d", port)}
		p.https.add(tls(listener.String("sslPolicy")))
		for _, c := range p.g.Ref(listener, "certificateArn", typeCertificate) {
			names := shortestFirst(append(c.Strings("subjectAlternativeNames"), c.String("domainName")))
			if len(p.hosts) > 0 && covers(names, p.hosts) {
				p.https.add("certificate for every name")
			} else {
				p.https.add("certificate for " + andMore(names))
			}
		}
		return
	}
}

// covers reports whether a certificate for the names is accepted for every host.
func covers(names, hosts []string) bool {
	return !slices.ContainsFunc(hosts, func(host string) bool {
		_, parent, _ := strings.Cut(host, ".")
		return !slices.Contains(names, host) && !slices.Contains(names, "*."+parent)
	})
}

// tls returns the protocol versions that an AWS policy allows, judged by its name.
func tls(policy string) string {
	switch {
	case strings.Contains(policy, "TLS13-1-3"):
		return "TLS 1.3"
	case strings.Contains(policy, "TLS13-1-2"):
		return "TLS 1.3 and 1.2"
	case strings.Contains(policy, "TLS13-1-"):
		return "TLS 1.3 and old ones"
	default:
		return ""
	}
}
