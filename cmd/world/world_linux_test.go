package main

import (
	"context"
	"fmt"
	"iter"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/causeway-iac/causeway/twin/live/machine"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/tree"
)

// The test binary is the world's program too.
func TestMain(m *testing.M) {
	if machine.Plays(filepath.Base(os.Args[0])) || len(os.Args) > 1 && (os.Args[1] == "world" || os.Args[1] == "node") {
		main()
		return
	}
	os.Exit(m.Run())
}

func addr(s string) netip.Addr     { return netip.MustParseAddr(s) }
func prefix(s string) netip.Prefix { return netip.MustParsePrefix(s) }

// small is a VPC with a public web server, a private application server behind a NAT gateway, and the internet.
func small() *plan.Plan {
	all := []plan.ACLRule{{Number: 100, Allow: true, Protocol: "-1", Prefix: prefix("0.0.0.0/0")}}
	return &plan.Plan{
		Region: "eu-west-1",
		Network: plan.Network{
			ID: "vpc-1", CIDRs: []netip.Prefix{prefix("10.0.0.0/16")}, Resolver: addr("10.0.0.2"),
			Subnets: []plan.Subnet{
				{ID: "s-public", Name: "public-a", CIDR: prefix("10.0.0.0/24"), RouteTable: "rt-public", ACL: "acl"},
				{ID: "s-private", Name: "private-a", CIDR: prefix("10.0.1.0/24"), RouteTable: "rt-private", ACL: "acl"},
			},
			RouteTables: []plan.RouteTable{
				{ID: "rt-public", Name: "public", Routes: []plan.Route{{To: prefix("0.0.0.0/0"), Via: plan.ViaInternet}}},
				{ID: "rt-private", Name: "private", Routes: []plan.Route{{To: prefix("0.0.0.0/0"), Via: plan.ViaNAT, Target: "nat-1"}}},
			},
			ACLs: []plan.ACL{{ID: "acl", Name: "acl", Ingress: all, Egress: all}},
			Groups: []plan.SecurityGroup{
				{ID: "sg-web", Name: "web",
					Ingress: []plan.Rule{{Protocol: "tcp", From: 443, To: 443, Prefixes: []netip.Prefix{prefix("0.0.0.0/0")}}},
					Egress:  []plan.Rule{{Protocol: "tcp", From: 9443, To: 9443, Group: "sg-app"}}},
				{ID: "sg-app", Name: "app",
					Ingress: []plan.Rule{{Protocol: "tcp", From: 9443, To: 9443, Group: "sg-web"}},
					Egress:  []plan.Rule{{Protocol: "tcp", From: 443, To: 443, Prefixes: []netip.Prefix{prefix("0.0.0.0/0")}}}},
			},
		},
		Nodes: []plan.Node{
			{Name: "app-a", Kind: "idle",
				Interfaces: []plan.Interface{{ID: "eni-app", Subnet: "s-private", Address: addr("10.0.1.10"), Groups: []string{"sg-app"},
					Guarded: true}}},
			{Name: "internet", Kind: plan.KindInternet,
				Interfaces: []plan.Interface{{ID: "border", At: plan.AtBorder, Address: addr("198.51.100.10"),
					Extra: []netip.Addr{addr("198.51.100.53")}}}},
			{Name: "nat-a", Kind: plan.KindNAT, Plays: "nat-1",
				Interfaces: []plan.Interface{{ID: "eni-nat", Subnet: "s-public", Address: addr("10.0.0.5"), Public: addr("198.18.0.5")}}},
			{Name: "web-a", Kind: "idle",
				Interfaces: []plan.Interface{{ID: "eni-web", Subnet: "s-public", Address: addr("10.0.0.10"), Public: addr("198.18.0.10"),
					Groups: []string{"sg-web"}, Guarded: true}}},
			{Name: "cloud", Kind: "idle", Interfaces: []plan.Interface{{ID: "cloud", At: plan.AtOutside, Address: addr("198.51.100.200")}}},
		},
	}
}

type testWorld struct {
	*tree.Top
	t      *testing.T
	events chan node.Message
}

func start(t *testing.T, p *plan.Plan) *testWorld {
	t.Helper()
	dir := t.TempDir()
	top, err := tree.Launch("/proc/self/exe", filepath.Join(dir, "world.log"), nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &testWorld{top, t, make(chan node.Message, 1000)}
	go func() {
		for {
			m, err := top.Link.Receive()
			if err != nil {
				close(w.events)
				return
			}
			w.events <- m
		}
	}()
	t.Cleanup(func() {
		_ = top.Link.Close()
		select {
		case <-top.Gone:
		case <-time.After(3 * time.Second):
			t.Error("the world did not end with its link")
		}
		if t.Failed() {
			b, _ := os.ReadFile(filepath.Join(dir, "world.log"))
			t.Logf("the world's log:\n%s", b)
		}
	})
	w.apply(p, dir)
	for _, n := range p.Nodes {
		if err := top.Link.Configure(t.Context(), n.Name, &node.Config{Name: n.Name, Plan: p}); err != nil {
			t.Fatalf("%s: %v", n.Name, err)
		}
	}
	return w
}

func (w *testWorld) apply(p *plan.Plan, dir string) {
	w.t.Helper()
	begun := time.Now()
	if err := w.Link.Configure(w.t.Context(), "", &node.Config{Plan: p, Dir: dir}); err != nil {
		w.t.Fatal(err)
	}
	w.t.Logf("applied after %s", time.Since(begun))
}

// try tries a connection, again for longer where nothing was heard: this computer may be busy.
func (w *testWorld) try(from, to string) (outcome node.Outcome) {
	w.t.Helper()
	for _, wait := range []time.Duration{300 * time.Millisecond, 1500 * time.Millisecond} {
		out, err := w.Link.Try(w.t.Context(), from, []node.Probe{{Network: "tcp", To: to}}, wait)
		if err != nil {
			w.t.Fatal(err)
		}
		if outcome = out[0]; outcome != node.Silent {
			break
		}
	}
	return outcome
}

// drop waits for the next packet that is told to be refused.
func (w *testWorld) drop() node.Drop {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Second)
	defer cancel()
	for {
		select {
		case m := <-w.events:
			if d, ok := node.Decode(m).(node.Drop); ok {
				return d
			}
		case <-ctx.Done():
			w.t.Fatal("no drop was told")
		}
	}
}

// drops are the packets that are told to be refused, until none is for a time.
func (w *testWorld) drops(quiet time.Duration) iter.Seq[node.Drop] {
	return func(yield func(node.Drop) bool) {
		for {
			select {
			case m := <-w.events:
				if d, ok := node.Decode(m).(node.Drop); ok && !yield(d) {
					return
				}
			case <-time.After(quiet):
				return
			}
		}
	}
}

func TestPacketsGoWhereThePlanLetsThem(t *testing.T) {
	w := start(t, small())
	for _, c := range []struct {
		from, to string
		want     node.Outcome
	}{
		{"web-a", "10.0.1.10:9443", node.Refused},     // a port where nobody listens answers: the packet went there and back
		{"web-a", "10.0.1.10:9444", node.Silent},      // no rule
		{"app-a", "10.0.0.10:443", node.Refused},      // out to anybody, in from anybody
		{"app-a", "10.0.0.10:80", node.Silent},        // neither
		{"app-a", "198.51.100.200:443", node.Refused}, // by the NAT gateway
		{"web-a", "198.51.100.200:443", node.Silent},  // no egress
		{"internet", "198.18.0.10:443", node.Refused},
		{"internet", "198.18.0.10:80", node.Silent},
		{"internet", "198.18.0.5:443", node.Silent},
		{"internet", "10.0.0.10:443", node.NoWay},
		{"web-a", "10.0.9.9:9443", node.Silent},
		{"web-a", "169.254.0.1:22", node.Silent}, // the router
		{"internet", "169.254.0.1:443", node.Silent},
	} {
		if got := w.try(c.from, c.to); got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

func TestARefusedPacketNamesEveryGate(t *testing.T) {
	w := start(t, small())
	for _, c := range []struct {
		from, to string
		gates    []string
	}{
		{"web-a", "10.0.1.10:9444", []string{"egress of web-a: no rule of its security group web lets tcp 9444 out to app",
			"ingress of app-a: no rule of its security group app lets tcp 9444 in from web"}},
		{"app-a", "10.0.0.10:80", []string{"egress of app-a: no rule of its security group app lets tcp 80 out to web",
			"ingress of web-a: no rule of its security group web lets tcp 80 in from app"}},
		{"web-a", "10.0.9.9:9443", []string{"nobody in the VPC has the address 10.0.9.9"}},
		{"internet", "198.18.0.10:22", []string{"ingress of web-a: no rule of its security group web lets tcp 22 in from 198.51.100.10"}},
	} {
		if got := w.try(c.from, c.to); got != node.Silent {
			t.Errorf("%s to %s: %s", c.from, c.to, got)
		}
		d := w.drop()
		for !strings.HasSuffix(c.to, fmt.Sprint(":", d.Port)) { // what was tried again is told again
			d = w.drop()
		}
		if !slices.Equal(d.Gates, c.gates) {
			t.Errorf("%s to %s: told %q, want %q", c.from, c.to, d.Gates, c.gates)
		}
	}
}
