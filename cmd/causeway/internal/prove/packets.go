package prove

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Try makes a node of the living world try connections.
type Try func(from string, probes []node.Probe) ([]node.Outcome, error)

// asides are ports where nothing of a platform should listen.
var asides = []int{22, 80, 443, 3389, 8080}

// Packets makes every node try to reach every other on every port of interest, and compares what arrived with what is
// proved from the graph: what the proof rules out must not arrive, and what it holds for certain must.
func Packets(g *graph.Graph, p *plan.Plan, try Try) (all []Disagreement, asked int, err error) {
	k := prover{world: network.New(g), graph: g, plan: p, ports: ports(p)}
	attempts := make([][]attempt, len(p.Nodes))
	for n := range p.Nodes {
		attempts[n] = k.attempts(&p.Nodes[n])
		asked += len(attempts[n])
	}
	if err := ask(try, attempts, func(*attempt) bool { return true }); err != nil {
		return nil, 0, err
	}
	for range 3 { // on a busy machine a packet can be late
		err := ask(try, attempts, func(a *attempt) bool { return !a.outcome.Passed() && k.agrees(a.question, a.outcome) != nil })
		if err != nil {
			return nil, 0, err
		}
	}
	reached := map[question]node.Outcome{}
	for n := range attempts {
		for _, a := range attempts[n] {
			if outside(&p.Nodes[n]) {
				a.name = "the internet" // as a whole, as in the proof: what any of its addresses reaches, it reaches
			}
			if !reached[a.question].Passed() {
				reached[a.question] = a.outcome
			}
		}
	}
	for q, outcome := range reached {
		if d := k.agrees(q, outcome); d != nil {
			all = append(all, *d)
		}
	}
	return all, asked, nil
}

// question is whether the thing a name stands for reaches a target.
type question struct {
	name string
	from *network.Node
	to   target
}

// attempt is a question asked by sending packets, and its outcome.
type attempt struct {
	question
	probe   node.Probe
	outcome node.Outcome
}

// ask makes the wanted ones of each node's attempts.
func ask(try Try, attempts [][]attempt, wanted func(*attempt) bool) error {
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, own := range attempts {
		var asked []*attempt
		var probes []node.Probe
		for i := range own {
			if wanted(&own[i]) {
				asked, probes = append(asked, &own[i]), append(probes, own[i].probe)
			}
		}
		if len(asked) == 0 {
			continue
		}
		group.Go(func() error {
			outcomes, err := try(asked[0].name, probes)
			if err != nil {
				return fmt.Errorf("trying what %s can reach: %w", asked[0].name, err)
			}
			for i, outcome := range outcomes {
				asked[i].outcome = outcome
			}
			return nil
		})
	}
	return group.Wait()
}

// outside reports whether a node is on the internet: visitors, and Cloudflare's proxies.
func outside(n *plan.Node) bool { return n.Kind == plan.KindInternet || n.Kind == plan.KindEdge }

// atOnce is how many nodes try at the same time.
const atOnce = 8

type prover struct {
	world *network.Model
	graph *graph.Graph
	plan  *plan.Plan
	ports []int
}

// ports are all those that a rule, an ACL, a listener, a target group or a database names, and the asides.
func ports(p *plan.Plan) []int {
	all := slices.Clone(asides)
	add := func(ns ...int) {
		for _, n := range ns {
			if n > 0 && n < 65536 {
				all = append(all, n)
			}
		}
	}
	for _, g := range p.Network.Groups {
		for _, r := range append(slices.Clone(g.Ingress), g.Egress...) {
			add(r.From, r.To)
		}
	}
	for _, b := range p.Balancers {
		for _, l := range b.Listeners {
			add(l.Port)
		}
	}
	for _, t := range p.TargetGroups {
		add(t.Port)
	}
	for _, d := range p.Databases {
		add(d.Port)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// end is what stands for a live node in the proof: for a server, its group. Nodes without one are not compared.
func (k *prover) end(n *plan.Node) *network.Node {
	identity := n.Plays
	switch n.Kind {
	case plan.KindInternet, plan.KindEdge:
		return k.world.Internet
	case plan.KindMachine:
		if m := k.plan.Machine(n.Plays); m != nil {
			identity = m.Group
		}
	case plan.KindBalancer, plan.KindDatabase:
	default:
		return nil
	}
	return k.of(identity)
}

func (k *prover) of(identity string) *network.Node {
	for _, r := range k.graph.ByIdentity(identity) {
		if found := k.world.Of(r); found != nil {
			return found
		}
	}
	return nil
}

// target is where a probe goes, and the end in the proof that it stands for.
type target struct {
	name    string
	port    int
	end     *network.Node
	address netip.Addr
}

// attempts are what a node tries: every interface of the VPC, the internet and, from there, every public address. A
// node without an end in the proof tries nothing.
func (k *prover) attempts(from *plan.Node) (all []attempt) {
	source := k.end(from)
	if source == nil {
		return nil
	}
	for n := range k.plan.Nodes {
		to := &k.plan.Nodes[n]
		if to.Name == from.Name {
			continue
		}
		for i := range to.Interfaces {
			for _, a := range k.addresses(from, to, &to.Interfaces[i]) {
				end := k.end(to)
				if e := to.Interfaces[i].Endpoint; e != "" {
					end = k.of(e)
				}
				if end == nil {
					continue
				}
				for _, port := range k.ports {
					all = append(all, attempt{question{from.Name, source, target{to.Name, port, end, a}},
						node.Probe{Network: "tcp", To: netip.AddrPortFrom(a, uint16(port)).String()}, ""})
				}
			}
		}
	}
	return all
}

// addresses are those at which a node looks for another's interface.
func (k *prover) addresses(from, to *plan.Node, i *plan.Interface) []netip.Addr {
	switch {
	case !outside(from) && (i.At == plan.AtBorder || i.At == plan.InVPC):
		return []netip.Addr{i.Address}
	case i.At == plan.InVPC && i.Public.IsValid():
		return []netip.Addr{i.Public}
	case i.At == plan.InVPC:
		return []netip.Addr{i.Address} // not reachable from the internet
	}
	return nil
}

// agrees returns nil if the proof permits the outcome.
func (k *prover) agrees(q question, outcome node.Outcome) *Disagreement {
	has := func(t network.Traffic) bool { return t.Overlaps(network.TCP(network.Port(q.to.port))) }
	may, must := has(k.world.Gate(network.May, q.from, q.to.end)), has(k.world.Gate(network.Must, q.from, q.to.end))
	if q.to.end == k.world.Internet { // a tier may reach part of the internet, and this is one address
		one := network.AddrsOf(netip.PrefixFrom(q.to.address, q.to.address.BitLen()))
		must = has(k.world.Reaches(q.from, one))
	}
	live := outcome.Passed()
	if live && may || !live && !must {
		return nil
	}
	return &Disagreement{Question: fmt.Sprintf("%s to %s on tcp %d", q.name, q.to.name, q.to.port), Proved: may, Live: live,
		Why: string(outcome)}
}

// Summary is the disagreements, one a line.
func Summary(all []Disagreement) string {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Disagreement) int { return cmp.Compare(a.Question, b.Question) })
	var lines []string
	for _, d := range all {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n")
}
