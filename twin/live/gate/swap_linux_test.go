package gate

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// The test binary swaps rulesets in a network namespace of its own: "swap INTERFACES".
func TestMain(m *testing.M) {
	var n int
	if len(os.Args) == 3 && os.Args[1] == "swap" {
		if _, err := fmt.Sscan(os.Args[2], &n); err == nil {
			swapping(n)
			return
		}
	}
	os.Exit(m.Run())
}

// swaps are how often a ruleset is replaced to know how long that takes.
const swaps = 5

func swapping(interfaces int) {
	p := large(interfaces)
	begun := time.Now()
	rules := 0
	for n := range swaps {
		var err error
		if rules, err = Swap(p, n); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	fmt.Println(rules, time.Since(begun)/swaps)
}

// large is a network of so many interfaces in four security groups, with a rule for every tenth of them.
func large(interfaces int) *plan.Plan {
	everybody := netip.MustParsePrefix("0.0.0.0/0")
	p := &plan.Plan{Network: plan.Network{CIDRs: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")}}}
	all := []plan.ACLRule{{Number: 100, Allow: true, Protocol: "-1", Prefix: everybody}}
	p.Network.ACLs = []plan.ACL{{ID: "acl", Ingress: all, Egress: all}}
	p.Network.Subnets = []plan.Subnet{{ID: "subnet", CIDR: p.Network.CIDRs[0], ACL: "acl"}}
	for g := range 4 {
		group := plan.SecurityGroup{ID: fmt.Sprintf("sg-%d", g)}
		for n := range interfaces / 10 {
			r := plan.Rule{Protocol: "tcp", From: 1000 + n, To: 1000 + n, Group: fmt.Sprintf("sg-%d", (g+1)%4)}
			group.Ingress, group.Egress = append(group.Ingress, r), append(group.Egress, r)
		}
		p.Network.Groups = append(p.Network.Groups, group)
	}
	a := netip.MustParseAddr("10.0.0.10")
	for n := range interfaces {
		id := fmt.Sprintf("eni-%d", n)
		p.Nodes = append(p.Nodes,
			plan.Node{Name: id, Kind: plan.KindMachine,
				Interfaces: []plan.Interface{{ID: id, Subnet: "subnet", Address: a, Groups: []string{fmt.Sprintf("sg-%d", n%4)},
					Guarded: true}}})
		a = a.Next()
	}
	return p
}

// swapped replaces the ruleset of so many interfaces in a namespace, and says how many rules it has and how long one
// replacement took.
func swapped(t testing.TB, interfaces int) (rules int, took time.Duration) {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", "swap", fmt.Sprint(interfaces))
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		if strings.Contains(err.Error(), "not permitted") && os.Getenv("CAUSEWAY_LIVE") != "required" {
			t.Skip(err)
		}
		t.Fatalf("%v: %s", err, out)
	}
	var text string
	if _, err := fmt.Sscan(string(out), &rules, &text); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	took, err = time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return rules, took
}

// A large ruleset is one transaction too: with the kernel's own buffers 500 rules fail. Rules grow with the sentences, not
// with the machines.
func TestALargeRulesetIsSwapped(t *testing.T) {
	few, _ := swapped(t, 12)
	many, _ := swapped(t, 2000)
	if many < 1500 {
		t.Errorf("%d rules", many)
	}
	if few > 60 {
		t.Errorf("12 interfaces in four groups have %d rules", few)
	}
}

// BenchmarkSwap tells what a replacement costs at 12, 100 and 400 interfaces, and beside that of 12.
func BenchmarkSwap(b *testing.B) {
	_, least := swapped(b, 12)
	for _, n := range []int{12, 100, 400} {
		b.Run(fmt.Sprintf("interfaces=%d", n), func(b *testing.B) {
			var took time.Duration
			rules := 0
			for b.Loop() {
				rules, took = swapped(b, n)
			}
			b.ReportMetric(float64(rules), "rules")
			b.ReportMetric(float64(took)/float64(least), "x-of-12")
			b.ReportMetric(float64(took.Milliseconds()), "ms/swap")
		})
	}
}
