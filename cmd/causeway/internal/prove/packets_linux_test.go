package prove

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/fleet"
	"github.com/causeway-iac/causeway/twin/live"
	"github.com/causeway-iac/causeway/twin/live/can"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/survey"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// program builds what runs inside a living world, or skips the test where none can be.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "world")
	build := exec.Command("go", "build", "-trimpath", "-o", path, "../../../world")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	if err := can.Check(t.Context(), path); err != nil {
		if os.Getenv("CAUSEWAY_LIVE") == "required" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return path
}

// addressed is the plan of a state, in which everything has the addresses that the twin's world would give it: the
// next of its subnets, and a server in each subnet of its group.
func (s *state) addressed() *plan.Plan {
	w := s.world()
	next := map[string]netip.Addr{}
	take := func(subnet string) string {
		for _, o := range w.Objects {
			if o.ID == subnet && !next[subnet].IsValid() {
				next[subnet] = netip.MustParsePrefix(o.Text("cidrBlock")).Addr()
				for range 10 {
					next[subnet] = next[subnet].Next()
				}
			}
		}
		next[subnet] = next[subnet].Next()
		return next[subnet].String()
	}
	public := netip.MustParseAddr("198.18.200.1")
	templates := map[string]value.Map{}
	for _, o := range w.Objects {
		held, out := value.Map{}, value.Map{}
		for _, subnet := range slices.Concat(o.Texts("subnets"), o.Texts("subnetIds")) {
			if strings.Contains(o.Type, "LoadBalancer") || strings.Contains(o.Type, "VpcEndpoint") &&
				o.Text("vpcEndpointType") == "Interface" {
				held[subnet] = take(subnet)
				if !o.Flag("internal") {
					out[subnet], public = public.String(), public.Next()
				}
			}
		}
		if strings.HasSuffix(o.Type, "rds/instance:Instance") {
			for _, g := range w.Objects {
				if strings.HasSuffix(g.Type, "SubnetGroup") && g.Text("name") == o.Text("dbSubnetGroupName") {
					for _, subnet := range g.Texts("subnetIds") {
						held[subnet] = take(subnet)
					}
				}
			}
		}
		if strings.HasSuffix(o.Type, "LaunchTemplate") {
			templates[o.ID] = o.Outputs
		}
		o.Hidden["addresses"], o.Hidden["public"] = held, out
	}
	for _, o := range w.Objects {
		if !strings.HasSuffix(o.Type, "autoscaling/group:Group") {
			continue
		}
		template, _ := o.Objects("launchTemplate")[0]["id"].(string)
		for n, subnet := range o.Texts("vpcZoneIdentifiers") {
			w.Servers = append(w.Servers, world.Server{Group: o, Content: templates[template], Instance: fleet.Instance{
				ID: fmt.Sprintf("i-%s-%d", o.ID, n), Zone: zone(w, subnet), Subnet: subnet, Address: take(subnet), State: fleet.InService}})
		}
	}
	p, err := survey.Of(w)
	require.NoError(s.t, err)
	return p
}

func zone(w survey.Source, subnet string) string {
	for _, o := range w.Objects {
		if o.ID == subnet {
			return o.Text("availabilityZone")
		}
	}
	return ""
}

const wait = 700 * time.Millisecond

func TestPacketsReachWhatIsProved(t *testing.T) {
	path := program(t)
	for _, name := range []string{"local", "prod"} {
		t.Run(name, func(t *testing.T) {
			s, dir := deployed(t, name), t.TempDir()
			p := s.addressed()
			bare, err := live.OpenBare(t.Context(), path, dir, p)
			require.NoError(t, err)
			defer bare.Close()
			var mu sync.Mutex
			passed := map[passage]bool{}
			all, asked, err := Packets(s.graph(), p, func(from string, probes []node.Probe) ([]node.Outcome, error) {
				out, err := bare.Try(t.Context(), from, probes, wait)
				mu.Lock()
				defer mu.Unlock()
				for i, o := range out {
					if o.Passed() {
						passed[passage{from, probes[i]}] = true
					}
				}
				return out, err
			})
			require.NoError(t, err)
			assert.Empty(t, all, Summary(all))
			t.Logf("%d nodes, %d probes, %d passed", len(p.Nodes), asked, len(passed))
			assert.Greater(t, asked, 500)
			assert.Greater(t, len(passed), 10)
			assert.Less(t, len(passed), asked/4, "most of what could be asked is refused")
			for _, z := range zones(p) {
				lose(t, bare, dir, p, z, passed)
			}
		})
	}
}

// passage is a connection that packets made.
type passage struct {
	from  string
	probe node.Probe
}

// lose has a zone lost, and then the network changed: what needs nothing of the zone passes as before, and nothing else does.
func lose(t *testing.T, bare *live.Bare, dir string, p *plan.Plan, zone string, passed map[passage]bool) {
	t.Helper()
	without := *p
	without.Lost = []string{zone}
	require.NoError(t, bare.Apply(t.Context(), dir, &without))
	without.Network.RouteTables = slices.Clone(p.Network.RouteTables)
	for k := range without.Network.RouteTables { // as a change of every way does
		r := &without.Network.RouteTables[k]
		r.Routes = append(slices.Clone(r.Routes), plan.Route{To: netip.MustParsePrefix("203.0.113.0/24"), Via: plan.ViaNothing})
	}
	require.NoError(t, bare.Apply(t.Context(), dir, &without), "a change of the network while %s is lost", zone)
	by := map[string][]node.Probe{}
	for way := range passed {
		by[way.from] = append(by[way.from], way.probe)
	}
	var silent atomic.Int64
	var nodes sync.WaitGroup
	for from, probes := range by {
		nodes.Go(func() {
			out, err := bare.Try(t.Context(), from, probes, wait)
			assert.NoError(t, err)
			for i, o := range out {
				gone := needs(&without, p.Node(from), probes[i])
				for range 3 {
					if !o.Passed() && !gone { // on a busy machine a packet can be late
						again, err := bare.Try(t.Context(), from, probes[i:i+1], wait)
						assert.NoError(t, err)
						o = again[0]
					}
				}
				assert.Equal(t, !gone, o.Passed(), "%s to %s without %s", from, probes[i].To, zone)
				if gone {
					silent.Add(1)
				}
			}
		})
	}
	nodes.Wait()
	assert.Positive(t, silent.Load())
	assert.Less(t, silent.Load(), int64(len(passed)))
}

// needs says whether a connection needs what is in a lost zone: either end, or the NAT gateway between them.
func needs(p *plan.Plan, from *plan.Node, probe node.Probe) bool {
	to := netip.MustParseAddrPort(probe.To).Addr()
	if slices.ContainsFunc(from.Interfaces, func(i plan.Interface) bool { return p.Gone(&i) }) {
		return true
	}
	for k := range p.Nodes {
		for _, i := range p.Nodes[k].Interfaces {
			if i.Public == to || slices.Contains(i.All(), to) && i.Subnet != "" {
				return p.Gone(&i)
			}
		}
	}
	table := ""
	if s := p.Network.Subnet(from.Interfaces[0].Subnet); s != nil {
		table = s.RouteTable
	}
	for _, t := range p.Network.RouteTables {
		for _, r := range t.Routes {
			if t.ID == table && r.Via == plan.ViaNAT && r.To.Contains(to) {
				return slices.ContainsFunc(p.Playing(r.Target), func(n *plan.Node) bool { return p.Gone(&n.Interfaces[0]) })
			}
		}
	}
	return false
}

// zones are the network's.
func zones(p *plan.Plan) (all []string) {
	for _, s := range p.Network.Subnets {
		all = append(all, s.Zone)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestASlowLinkIsSlow(t *testing.T) {
	p := deployed(t, "local").addressed()
	bare, err := live.OpenBare(t.Context(), program(t), t.TempDir(), p)
	require.NoError(t, err)
	defer bare.Close()
	begins := func(name string) *plan.Node {
		at := slices.IndexFunc(p.Nodes, func(n plan.Node) bool { return strings.HasPrefix(n.Name, name) })
		require.GreaterOrEqual(t, at, 0, "%s is none of %v", name, p.Nodes)
		return &p.Nodes[at]
	}
	web, edge := begins("local-web-"), begins("local-edge-")
	probe := []node.Probe{{Network: "tcp", To: netip.AddrPortFrom(web.Address(), 8443).String()}}
	try := func() (bool, time.Duration) {
		begun := time.Now()
		out, err := bare.Try(t.Context(), edge.Name, probe, 2*time.Second)
		require.NoError(t, err)
		return out[0].Passed(), time.Since(begun)
	}
	passed, _ := try()
	require.True(t, passed)
	const delay = 400
	require.NoError(t, bare.Slow(t.Context(), web.Name, delay, 0))
	passed, took := try()
	assert.True(t, passed)
	assert.GreaterOrEqual(t, took, delay*time.Millisecond)
	require.NoError(t, bare.Slow(t.Context(), web.Name, delay, 100))
	passed, _ = try()
	assert.False(t, passed, "all is lost")
	require.NoError(t, bare.Slow(t.Context(), web.Name, 0, 0))
	passed, _ = try()
	assert.True(t, passed)
}

// Each rule taken away, from the graph that is proved and from the network that packets cross, makes both say no where
// they said yes; from one alone, it is told.
func TestEachRuleIsMissedByBoth(t *testing.T) {
	path, dir := program(t), t.TempDir()
	whole := deployed(t, "local")
	bare, err := live.OpenBare(t.Context(), path, dir, whole.addressed())
	require.NoError(t, err)
	defer bare.Close()
	var mu sync.Mutex
	seen := map[string]node.Outcome{} // of the network as it is now, which need not be asked twice
	try := func(from string, probes []node.Probe) ([]node.Outcome, error) {
		out, err := bare.Try(t.Context(), from, probes, wait)
		mu.Lock()
		defer mu.Unlock()
		for i, outcome := range out {
			seen[from+" "+probes[i].To] = outcome
		}
		return out, err
	}
	remembered := func(from string, probes []node.Probe) (out []node.Outcome, err error) {
		mu.Lock()
		defer mu.Unlock()
		for _, p := range probes {
			outcome, is := seen[from+" "+p.To]
			assert.True(t, is, "%s to %s was not tried", from, p.To)
			out = append(out, outcome)
		}
		return out, nil
	}
	rules := 0
	for _, urn := range whole.urns("SecurityGroupIngressRule", "SecurityGroupEgressRule") {
		rules++
		less := whole.without(urn)
		p := less.addressed()
		require.NoError(t, bare.Apply(t.Context(), dir, p))
		clear(seen)
		all, _, err := Packets(less.graph(), p, try)
		require.NoError(t, err)
		assert.Empty(t, all, "without %s:\n%s", urn, Summary(all))
		all, _, err = Packets(whole.graph(), p, remembered)
		require.NoError(t, err)
		if name := urn[strings.LastIndexByte(urn, ':')+1:]; !slices.Contains(covered, name) {
			assert.NotEmpty(t, all, "the network is without %s, and the proof is not told", urn)
		}
	}
	assert.Greater(t, rules, 10)
}

// covered are rules without which all gets through that did: HTTPS to anywhere is also HTTPS to the internal load
// balancer, and to S3.
var covered = []string{"local-web-to-internal-443", "local-web-to-s3-443", "local-app-to-s3-443"}

type resources map[string]any

// urns are the state's resources of types that end so.
func (s *state) urns(types ...string) (urns []string) {
	for _, r := range s.resources() {
		if typ, _ := r["type"].(string); slices.ContainsFunc(types, func(t string) bool { return strings.HasSuffix(typ, t) }) {
			urns = append(urns, r["urn"].(string))
		}
	}
	return urns
}

func (s *state) resources() (all []resources) {
	var whole struct {
		Deployment struct{ Resources []resources }
	}
	require.NoError(s.t, json.Unmarshal([]byte(s.text), &whole))
	return whole.Deployment.Resources
}

// without is the state without a resource.
func (s *state) without(urn string) *state {
	var whole map[string]any
	require.NoError(s.t, json.Unmarshal([]byte(s.text), &whole))
	deployment := whole["deployment"].(map[string]any)
	deployment["resources"] = slices.DeleteFunc(deployment["resources"].([]any),
		func(r any) bool { return r.(map[string]any)["urn"] == urn })
	for _, r := range deployment["resources"].([]any) { // nor what else names it
		delete(r.(map[string]any), "dependencies")
		delete(r.(map[string]any), "propertyDependencies")
	}
	text, err := json.Marshal(whole)
	require.NoError(s.t, err)
	return &state{s.t, string(text)}
}
