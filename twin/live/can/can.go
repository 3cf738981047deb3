// Package can finds out whether a world can live on this computer by letting a very small one live, and says in one
// sentence what is in the way and what would change it.
package can

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/tree"
)

// patience is how long the small world may take.
const patience = 20 * time.Second

// Refusal is why a world cannot live here, and what would change that.
type Refusal struct {
	Why, Remedy string
	cause       error
}

func (r *Refusal) Error() string { return r.Why + "; " + r.Remedy }

// Unwrap is what the system said.
func (r *Refusal) Unwrap() error { return r.cause }

// Check lets a world of four nodes live for a moment: namespaces, mounts, links, routes, every kind of rule that the
// firewall is made of. program is bin/world. The error is a *Refusal.
func Check(ctx context.Context, program string) error { return check(ctx, runtime.GOOS, program) }

func check(ctx context.Context, system, program string) error {
	if system != "linux" {
		return &Refusal{Why: "live needs Linux's namespaces and nftables, which " + system + " lacks",
			Remedy: "run it on Linux, in a virtual machine for example"}
	}
	if _, err := os.Stat(program); err != nil {
		return &Refusal{Why: "the program that runs inside the living world is missing",
			Remedy: "`make build` in Causeway's repository builds it", cause: err}
	}
	sweep()
	dir, err := os.MkdirTemp("", folders)
	if err != nil {
		return fmt.Errorf("looking whether a world can live here: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := rehearse(ctx, program, dir); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "world.log")) // if nothing was started it does not exist
		return explain(err, string(log), thisMachine{})
	}
	return nil
}

const folders = "causeway-can-"

// sweep removes the folders of those who were killed meanwhile: nobody needs one for a minute.
func sweep() {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), folders+"*"))
	for _, dir := range left {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && time.Since(info.ModTime()) > time.Minute {
			_ = os.RemoveAll(dir) // another account's stays
		}
	}
}

// rehearse lets the small world live, and ends it.
func rehearse(ctx context.Context, program, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	top, err := tree.Launch(program, filepath.Join(dir, "world.log"), nil)
	if err != nil {
		return err
	}
	go top.Ignore()
	defer func() { _ = top.End(3 * time.Second) }()
	if err := top.Everyone(ctx, small(), dir); err != nil {
		return err
	}
	return reaches(ctx, top)
}

// reaches tries one packet that is allowed and one that is not.
func reaches(ctx context.Context, top *tree.Top) error {
	try := func(to string, wait time.Duration) (node.Outcome, error) {
		out, err := top.Link.Try(ctx, "web", []node.Probe{{Network: "tcp", To: to}}, wait)
		if err != nil {
			return "", err
		}
		return out[0], nil
	}
	allowed, err := try("10.0.1.10:9443", 5*time.Second)
	if err != nil {
		return err
	}
	other, err := try("10.0.1.10:9444", 200*time.Millisecond)
	if err == nil && (!allowed.Passed() || other.Passed()) {
		return fmt.Errorf("the firewall does not do what its rules say: what is allowed was %s, what is not was %s", allowed, other)
	}
	return err
}

// small is a world with one of everything that makes up a network.
func small() *plan.Plan {
	everywhere, here := netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("10.0.0.0/16")
	at := func(id, subnet, address, public string, groups ...string) []plan.Interface {
		i := plan.Interface{ID: id, Subnet: subnet, Address: netip.MustParseAddr(address), Groups: groups, Guarded: len(groups) > 0}
		if public != "" {
			i.Public = netip.MustParseAddr(public)
		}
		return []plan.Interface{i}
	}
	rules := []plan.ACLRule{{Number: 90, Protocol: "udp", Prefix: everywhere, From: 7, To: 9}, {Number: 100, Allow: true,
		Protocol: "-1", Prefix: everywhere}}
	return &plan.Plan{
		Stack: "can", Region: "eu-west-1",
		Network: plan.Network{
			ID: "vpc", CIDRs: []netip.Prefix{here}, Resolver: netip.MustParseAddr("10.0.0.2"),
			Subnets: []plan.Subnet{{ID: "public", CIDR: netip.MustParsePrefix("10.0.0.0/24"), RouteTable: "out", ACL: "acl"},
				{ID: "private", CIDR: netip.MustParsePrefix("10.0.1.0/24"), RouteTable: "nat", ACL: "acl"}},
			RouteTables: []plan.RouteTable{{ID: "out", Routes: []plan.Route{{To: everywhere, Via: plan.ViaInternet}}},
				{ID: "nat", Routes: []plan.Route{{To: everywhere, Via: plan.ViaNAT, Target: "nat"}}}},
			ACLs: []plan.ACL{{ID: "acl", Ingress: rules, Egress: rules}},
			Groups: []plan.SecurityGroup{
				{ID: "web", Egress: []plan.Rule{{Protocol: "tcp", From: 9443, To: 9443, Group: "app"}}},
				{ID: "app", Ingress: []plan.Rule{{Protocol: "tcp", From: 9443, To: 9443, Group: "web"}, {Protocol: "icmp", From: -1, To: -1,
					Prefixes: []netip.Prefix{here}}}},
			},
			FlowLogs: []plan.FlowLog{{ID: "flow", Traffic: "ALL", Destination: "arn:aws:logs:eu-west-1:000000000000:log-group:can",
				Interval: 60}},
		},
		// Nodes of a kind that nobody plays do nothing.
		Nodes: []plan.Node{
			{Name: "app", Kind: "idle", Interfaces: at("app", "private", "10.0.1.10", "", "app")},
			{Name: "internet", Kind: "idle", Interfaces: []plan.Interface{{ID: "border", At: plan.AtBorder,
				Address: netip.MustParseAddr("198.51.100.10")}}},
			{Name: "nat", Kind: plan.KindNAT, Plays: "nat", Interfaces: at("nat", "public", "10.0.0.5", "198.18.0.5")},
			{Name: "web", Kind: "idle", Interfaces: at("web", "public", "10.0.0.10", "198.18.0.10", "web")},
		},
	}
}
