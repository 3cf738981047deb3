package invariants

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/userdata"
)

// ports are the default ports of URL schemes.
var ports = map[string]network.Port{"http": 80, "https": 443, "ws": 80, "wss": 443, "postgres": 5432, "postgresql": 5432, "mysql": 3306,
	"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671, "smtp": 25, "smtps": 465}

// calls demands that servers can reach the hosts in the URLs that they are told.
func (b boot) calls() {
	for _, a := range userdata.Addresses(strings.Join(userdata.Lines(b.told.Text), "\n")) {
		port := ports[a.Scheme]
		if n, err := parsePort(a.Port); err == nil {
			port = n
		}
		nodes, own := b.at(a.Host)
		if port == 0 && len(nodes) > 0 {
			b.lacks(report.High, "write its scheme, such as https", "is told to call %s by %s, which is no scheme", a.Host, a.Scheme)
		}
		if port == 0 || !strings.Contains(a.Host, ".") || strings.HasPrefix(a.Host, "127.") || strings.HasPrefix(a.Host, "169.254.") ||
			strings.HasSuffix(a.Host, ".amazonaws.com") {
			continue
		}
		what := a.Scheme + "://" + a.Host
		switch {
		case len(nodes) > 0:
			for _, to := range nodes {
				if !b.w.Edge(network.Must, b.n, to).Overlaps(network.TCP(port)) {
					b.lacks(report.High, "name the port that "+to.Name+" listens on, and open the way to it",
						"is told to call %s, and does not reach %s by %d for sure", what, to.Name, port)
				}
			}
		case own:
			b.lacks(report.High, "write a record of the name, or one that there is",
				"is told to call %s, a name of the stack that no record has", what)
		case !b.w.Edge(network.Must, b.n, b.w.Internet).Overlaps(network.TCP(port)):
			b.lacks(report.High, "declare a way out to it, or name what is in the stack",
				"is told to call %s, which is not in the stack, and has no way out by %d for sure", what, port)
		}
	}
}

// at returns the nodes that a name leads to; own reports whether the name is the stack's own.
func (b boot) at(host string) (nodes []*network.Node, own bool) {
	add := func(resources []*graph.Resource) {
		for _, r := range resources {
			if n := b.w.Of(r); n != nil && n.VPC == b.n.VPC && !slices.Contains(nodes, n) {
				nodes = append(nodes, n)
			}
		}
	}
	add(b.g.ByIdentity(host))
	for _, record := range b.records() {
		if dotless(recordName(record)) == host && !b.shadowed(record) {
			add(b.pointsAt(record))
			own = own || len(nodes) > 0
		}
	}
	for _, zone := range b.g.ByType("aws:route53/zone:Zone") {
		_, private := zone.Inputs["vpcs"].([]any)
		own = own || private && strings.HasSuffix("."+host, "."+dotless(zone.String("name")))
	}
	return nodes, own
}

func parsePort(text string) (network.Port, error) {
	var n int
	_, err := fmt.Sscanf(text, "%d", &n)
	return network.Port(n), err
}

// endpoints are the addresses by which programs know a database.
func endpoints(db *graph.Resource) (all []string) {
	for _, key := range []string{"address", "endpoint", "readerEndpoint"} {
		if host, _, _ := strings.Cut(db.String(key), ":"); host != "" {
			all = append(all, host)
		}
	}
	return all
}

var ofRDS = regexp.MustCompile(`\b[a-z0-9-]+(?:\.[a-z0-9-]+){2,3}\.rds\.amazonaws\.com\b`)

// asksDatabase demands that servers that are told about the database are told its own address and port.
func (b boot) asksDatabase() {
	var hosts []string
	for _, n := range b.tiers[database] {
		own := endpoints(n.Resource)
		for _, member := range b.g.ByType("aws:rds/clusterInstance:ClusterInstance") {
			if slices.Contains(b.g.Ref(member, "clusterIdentifier"), n.Resource) {
				own = append(own, endpoints(member)...)
			}
		}
		for _, record := range b.records() {
			if slices.Contains(b.pointsAt(record), n.Resource) {
				own = append(own, recordName(record))
			}
		}
		hosts = append(hosts, own...)
		secrets, _ := b.secretsOf(n.Resource)
		told := slices.Contains(b.of.PropertyDependencies["userData"], n.Resource.URN) ||
			slices.ContainsFunc(secrets, func(k keeper) bool { return strings.Contains(b.told.Text, k.arn) })
		named := slices.IndexFunc(own, func(host string) bool { return strings.Contains(b.told.Text, host) })
		switch {
		case len(own) > 0 && told && named < 0 && slices.Contains(b.clients(), b.n):
			b.lacks(report.High, "pass on the database's address", "is told of %s, and not its address", n.Name)
		case named >= 0:
			b.toldOf(n, own, secrets)
			for _, k := range secrets {
				if b.mayRead(k.arn) && !strings.Contains(b.told.Text, k.arn) && strings.Contains(b.told.Text, "EnvironmentFile=") {
					b.lacks(report.High, "pass on the secret's ARN", "may read the password of %s, and is not told its secret", n.Name)
				}
			}
		}
	}
	for _, host := range unique(ofRDS.FindAllString(b.about(".rds."), -1)) {
		if !slices.Contains(hosts, host) && len(hosts) > 0 {
			b.lacks(report.High, "pass on the address of the stack's own database",
				"is told of the database %s, which is not of the stack", host)
		}
	}
}

// mayRead reports whether the role may read this very secret.
func (b boot) mayRead(arn string) bool {
	return slices.ContainsFunc(b.roles, func(i *iam.Identity) bool {
		return slices.ContainsFunc(i.Policies, func(p iam.Source) bool {
			return slices.ContainsFunc(p.Statements, func(s iam.Statement) bool { return s.Allow && slices.Contains(s.Resources, arn) })
		})
	})
}

// asksNext demands that servers that are configured by an environment file are told the name of the next tier, if
// that has one.
func (b boot) asksNext() {
	if !slices.Contains(b.tiers[web], b.n) || b.after(web) != internal || !strings.Contains(b.told.Text, "EnvironmentFile=") {
		return
	}
	var names []string
	for _, n := range b.tiers[internal] {
		for _, record := range b.recordsFor(n) {
			names = append(names, recordName(record))
		}
		names = append(names, n.Resource.String("dnsName"))
	}
	if (len(names) > 1 || b.ours) &&
		!slices.ContainsFunc(names, func(name string) bool { return name != "" && strings.Contains(b.told.Text, name) }) {
		b.lacks(report.High, "pass on the name of the internal load balancer", "is not told where the next tier is: %s",
			strings.Join(names, ", "))
	}
}

var listening = regexp.MustCompile(`(?m)^\s*(?:LISTEN_ADDRESS=["']?([0-9.]*):|listen\s+)(\d+)`)

// listens demands that servers are told to listen where they are called.
func (b boot) listens() {
	var asked network.Traffic
	for _, balancer := range b.w.OfKind(network.LoadBalancer) {
		for _, t := range balancer.Targets {
			if t.To == b.n {
				asked = asked.Union(t.Requests)
			}
		}
	}
	var told []string
	for _, m := range listening.FindAllStringSubmatch(b.about("LISTEN_ADDRESS", "listen"), -1) {
		port, _ := parsePort(m[2])
		if strings.HasPrefix(m[1], "127.") {
			told = append(told, m[2]+" of itself only")
			continue
		}
		if asked.Overlaps(network.TCP(port)) {
			return
		}
		told = append(told, m[2])
	}
	if len(told) == 0 && b.ours && strings.Contains(b.told.Text, "EnvironmentFile=") {
		told = []string{"nothing"}
	}
	if len(told) > 0 && !asked.Empty() {
		b.lacks(report.High, "listen on the target group's port", "is told to listen on %s, and is asked on %s", strings.Join(told,
			", "), asked)
	}
}

// starts demands that each unit that is written to be started at boot is started.
func (b boot) starts() {
	for _, u := range b.told.Units {
		started := slices.ContainsFunc(b.told.Commands, func(command string) bool {
			return strings.Contains(command, "systemctl") && slices.ContainsFunc(strings.Fields(command), func(word string) bool {
				word = strings.Trim(word, `"';&`)
				return word == u.Name() || word+".service" == u.Name()
			})
		})
		timer := slices.ContainsFunc(b.told.Units, func(t userdata.Unit) bool {
			return t.Name() == strings.TrimSuffix(u.Name(), ".service")+".timer"
		})
		if u.Installed && !started && !timer {
			b.lacks(report.High, "enable it by systemctl in runcmd", "is given the unit %s, and starts it nowhere", u.Name())
		}
	}
}
