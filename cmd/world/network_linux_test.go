package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

func (w *testWorld) again(p *plan.Plan) {
	w.t.Helper()
	w.apply(p, w.t.TempDir())
	for _, n := range p.Nodes {
		if err := w.Link.Configure(w.t.Context(), n.Name, &node.Config{Name: n.Name, Plan: p}); err != nil {
			w.t.Fatalf("%s: %v", n.Name, err)
		}
	}
}

// A ruleset is replaced in one step: who connects all the while sees neither a closed gate open nor an open one close.
func TestAPlanIsAppliedWithoutAGap(t *testing.T) {
	w := start(t, small())
	const open, closed = 9443, 9444
	var tries [2]map[node.Outcome]int
	var opened, late atomic.Int64
	var all sync.WaitGroup
	done := make(chan struct{})
	for n, port := range []int{open, closed} {
		tries[n] = map[node.Outcome]int{}
		wait := map[int]time.Duration{open: 5 * time.Second, closed: 400 * time.Millisecond}[port]
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				begun := time.Now()
				out, err := w.Link.Try(t.Context(), "web-a", []node.Probe{{Network: "tcp", To: fmt.Sprintf("10.0.1.10:%d", port)}}, wait)
				if err != nil {
					t.Error(err)
					return
				}
				if tries[n][out[0]]++; port == open {
					opened.Add(1)
				}
				// What is lost in a gap is sent again after a second. A busy computer may be as late, but not time and again.
				if port == open && time.Since(begun) > 900*time.Millisecond {
					late.Add(1)
				}
			}
		})
	}
	begun := time.Now()
	for n := 0; n < 12 || opened.Load() < 200 && time.Since(begun) < 30*time.Second; n++ {
		p := small()
		for k := range 60 {
			p.Network.Groups[0].Egress = append(p.Network.Groups[0].Egress,
				plan.Rule{Protocol: "tcp", From: 20000 + n*100 + k, To: 20000 + n*100 + k, Group: "sg-app"})
		}
		w.apply(p, t.TempDir())
	}
	close(done)
	all.Wait()
	if len(tries[0]) != 1 || tries[0][node.Refused] < 12 || late.Load() > 2 {
		t.Errorf("an open gate was %v, %d times late", tries[0], late.Load())
	}
	if len(tries[1]) != 1 || tries[1][node.Silent] == 0 {
		t.Errorf("a closed gate was %v", tries[1])
	}
	told := 0
	for d := range w.drops(time.Second) {
		if told++; d.Port != closed {
			t.Errorf("a gate was shut to a packet that may pass: %+v", d)
		}
	}
	if told == 0 {
		t.Error("no drop was told, of a closed gate either")
	}
}

// A rule that is taken away closes the gate for new connections, and one that is added opens it.
func TestARuleIsFeltAtOnce(t *testing.T) {
	w := start(t, small())
	if got := w.try("web-a", "10.0.1.10:9443"); got != node.Refused {
		t.Fatal(got)
	}
	p := small()
	p.Network.Groups[1].Ingress = nil
	w.again(p)
	if got := w.try("web-a", "10.0.1.10:9443"); got != node.Silent {
		t.Errorf("without the rule: %s", got)
	}
	p = small()
	p.Network.Groups[1].Ingress[0].From, p.Network.Groups[0].Egress[0].From = 22, 22
	w.again(p)
	if got := w.try("web-a", "10.0.1.10:22"); got != node.Refused {
		t.Errorf("with a wider rule: %s", got)
	}
}

// An ACL sees the answer as a packet of its own, and says so.
func TestAnACLIsStateless(t *testing.T) {
	p := small()
	p.Network.ACLs = append(p.Network.ACLs, plan.ACL{ID: "acl-private", Name: "private",
		Ingress: []plan.ACLRule{{Number: 100, Allow: true, Protocol: "tcp", From: 0, To: 65535, Prefix: prefix("10.0.0.0/16")}},
		Egress: []plan.ACLRule{
			{Number: 70, Protocol: "udp", From: 0, To: 65535, Prefix: prefix("0.0.0.0/0")}, // another protocol
			// the port that was asked for, not the answer's
			{Number: 80, Protocol: "tcp", From: 9443, To: 9443, Prefix: prefix("0.0.0.0/0")},
			{Number: 85, Protocol: "-1", Prefix: prefix("10.0.9.0/24")}, // somebody else
			{Number: 90, Protocol: "tcp", From: 1024, To: 65535, Prefix: prefix("10.0.0.0/24")},
			{Number: 100, Allow: true, Protocol: "-1", Prefix: prefix("0.0.0.0/0")}}})
	p.Network.Subnets[1].ACL = "acl-private"
	w := start(t, p)
	if got := w.try("web-a", "10.0.1.10:9443"); got != node.Silent {
		t.Fatal(got)
	}
	d := w.drop()
	if want := "network ACL private: the answer of tcp 9443 out of subnet private-a to 10.0.0.10 is not allowed (rule 90 refuses " +
		"it)"; !slices.Equal(d.Gates, []string{want}) {
		t.Errorf("told %q", d.Gates)
	}
}

// Where there is no route nothing goes, and the route table is named.
func TestARouteThatIsMissingIsNamed(t *testing.T) {
	p := small()
	p.Network.RouteTables[1].Routes = nil
	w := start(t, p)
	if got := w.try("app-a", "198.51.100.200:443"); got != node.Silent {
		t.Fatal(got)
	}
	if d := w.drop(); !slices.Equal(d.Gates, []string{"route table private has no route to 198.51.100.200, which app-a asked for"}) {
		t.Errorf("told %q", d.Gates)
	}
}

// sixth is the small world with IPv6: the public subnet leads both ways, the private one only out.
func sixth() *plan.Plan {
	p := small()
	p.Network.CIDRs = append(p.Network.CIDRs, prefix("2600:1f00::/56"))
	p.Network.Subnets[0].CIDR6, p.Network.Subnets[1].CIDR6 = prefix("2600:1f00:0:1::/64"), prefix("2600:1f00:0:2::/64")
	p.Network.RouteTables[0].Routes = append(p.Network.RouteTables[0].Routes, plan.Route{To: prefix("::/0"), Via: plan.ViaInternet})
	p.Network.RouteTables[1].Routes = append(p.Network.RouteTables[1].Routes, plan.Route{To: prefix("::/0"), Via: plan.ViaEgressOnly})
	rule := plan.ACLRule{Number: 101, Allow: true, Protocol: "-1", Prefix: prefix("::/0")}
	p.Network.ACLs[0].Ingress = append(slices.Clone(p.Network.ACLs[0].Ingress), rule)
	p.Network.ACLs[0].Egress = append(slices.Clone(p.Network.ACLs[0].Egress), rule)
	everybody := []netip.Prefix{prefix("0.0.0.0/0"), prefix("::/0")}
	p.Network.Groups[0].Ingress[0].Prefixes, p.Network.Groups[1].Egress[0].Prefixes = everybody, everybody
	p.Network.Groups[1].Ingress = append(p.Network.Groups[1].Ingress, plan.Rule{Protocol: "tcp", From: 8080, To: 8080, Prefixes: everybody})
	for n := range p.Nodes {
		i := &p.Nodes[n].Interfaces[0]
		switch p.Nodes[n].Name {
		case "web-a":
			i.Address6 = addr("2600:1f00:0:1::10")
		case "app-a":
			i.Address6 = addr("2600:1f00:0:2::10")
		case "internet":
			i.Address6 = addr("2001:db8:ffff::10")
		}
	}
	return p
}

func TestPacketsOfIPv6(t *testing.T) {
	w := start(t, sixth())
	for _, c := range []struct {
		from, to string
		want     node.Outcome
	}{
		{"internet", "[2600:1f00:0:1::10]:443", node.Refused},
		{"internet", "[2600:1f00:0:1::10]:22", node.Silent},
		{"internet", "[2600:1f00:0:2::10]:8080", node.Silent}, // an egress-only gateway lets nobody in
		{"app-a", "[2001:db8:ffff::10]:443", node.Refused},
		{"app-a", "[2001:db8:ffff::10]:80", node.Silent},
		{"web-a", "[2600:1f00:0:2::10]:9443", node.Refused},
		{"web-a", "[2600:1f00:0:2::10]:9444", node.Silent},
	} {
		if got := w.try(c.from, c.to); got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

// A machine sends from its own addresses alone: an address of a trusted neighbour opens nothing.
func TestAMachineSendsFromItsOwnAddresses(t *testing.T) {
	p := sixth()
	intruder := p.Nodes[3]
	intruder.Name, intruder.Interfaces = "intruder", []plan.Interface{{ID: "eni-x", Subnet: "s-public", Address: addr("10.0.0.66"),
		Address6: addr("2600:1f00:0:1::66"), Groups: []string{"sg-web"}, Guarded: true}}
	p.Nodes = append(p.Nodes, intruder)
	w := start(t, p)
	for _, c := range [][2]string{{"10.0.0.10", "10.0.1.10:9443"}, {"2600:1f00:0:1::10", "[2600:1f00:0:2::10]:9443"}} {
		if got := w.try("intruder", c[1]); got != node.Refused {
			t.Errorf("to %s: %s", c[1], got)
		}
		_, err := w.Link.Try(t.Context(), "intruder", []node.Probe{{Network: "tcp", To: c[1], From: c[0]}}, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		want := "the source check: intruder sends from " + c[0] + ", which is not its own address"
		if d := w.drop(); !slices.Equal(d.Gates, []string{want}) {
			t.Errorf("told %q", d.Gates)
		}
	}
}

// Flow logs hear of what passed and of what was refused, each if the log asks for it.
func TestFlowLogsAreWritten(t *testing.T) {
	p := small()
	p.Account = "123456789012"
	p.Network.FlowLogs = []plan.FlowLog{{ID: "fl-1", Traffic: "ALL", Destination: "flows", Interval: 1}}
	w := start(t, p)
	lines := []string{}
	w.try("web-a", "10.0.1.10:9443")
	w.try("web-a", "10.0.1.10:9444")
	for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(50 * time.Millisecond) {
		for more := true; more; {
			select {
			case m := <-w.events:
				if l, ok := node.Decode(m).(node.Logged); ok && l.Group == "flows" {
					lines = append(lines, l.Lines...)
				}
			default:
				more = false
			}
		}
		text := strings.Join(lines, "\n")
		if strings.Contains(text, " 9443 6 ") && strings.Contains(text, "ACCEPT OK") && strings.Contains(text, " 9444 6 ") &&
			strings.Contains(text, "REJECT OK") {
			if !strings.HasPrefix(lines[0], "2 123456789012 eni-") {
				t.Errorf("a record begins %q", lines[0])
			}
			return
		}
	}
	t.Errorf("the flow log has %q", lines)
}
