package gate

import (
	"errors"
	"fmt"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/wire"
	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

const tableName = "causeway"

// buffers are how large a ruleset's transaction may be: the kernel's defaults are too small for 500 rules.
const buffers = 16 << 20

func connect() (*nftables.Conn, error) {
	c, err := nftables.New(nftables.WithSockOptions(func(s *netlink.Conn) error {
		return errors.Join(s.SetWriteBuffer(buffers), s.SetReadBuffer(buffers))
	}))
	if err != nil {
		return nil, fmt.Errorf("reaching nftables: %w", err)
	}
	return c, nil
}

// Swap replaces the router's rules by those of the plan, all at once: no packet meets half of them. It returns how many
// there are. number tells one ruleset from the next.
func Swap(p *plan.Plan, number int) (rules int, err error) {
	c, err := connect()
	if err != nil {
		return 0, err
	}
	t := &table{conn: c, plan: p, of: &nftables.Table{Name: tableName, Family: nftables.TableFamilyINet}}
	c.AddTable(t.of)
	c.DelTable(t.of)
	c.AddTable(t.of)
	t.compile()
	mark := generation(number)
	t.chain(mark)
	if t.err != nil {
		return 0, fmt.Errorf("compiling the firewall: %w", t.err)
	}
	err = c.Flush()
	if errors.Is(err, unix.ENOBUFS) { // an answer was lost; the transaction may have happened
		err = t.made(mark)
	}
	if err != nil {
		return 0, fmt.Errorf("replacing the firewall's %d rules: %w", t.rules, err)
	}
	return t.rules, nil
}

func generation(n int) string { return fmt.Sprintf("generation-%d", n) }

// made says whether the kernel has the ruleset with the mark.
func (t *table) made(mark string) error {
	c, err := connect()
	if err != nil {
		return err
	}
	if _, err := c.ListChain(t.of, mark); err != nil {
		return errors.Join(unix.ENOBUFS, err)
	}
	return nil
}

func (t *table) compile() {
	drop := nftables.ChainPolicyDrop
	t.groups()
	t.refused()
	forward := t.conn.AddChain(&nftables.Chain{Name: "forward", Table: t.of, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookForward, Priority: nftables.ChainPriorityFilter, Policy: &drop})
	t.add(forward, exprs{&expr.Immediate{Register: 1, Data: native(0)},
		&expr.Meta{Key: expr.MetaKeyMARK, SourceRegister: true, Register: 1}})
	t.lost(forward)
	t.resolver(forward)
	t.add(forward, tracked(expr.CtStateBitESTABLISHED|expr.CtStateBitRELATED), marking(out|in))
	for _, g := range t.gates() {
		t.judge(forward, g)
	}
	t.ways(forward, wire.Void, t.border())
	if len(t.plan.Network.FlowLogs) > 0 {
		t.add(forward, marked(every, every), tracked(expr.CtStateBitNEW), log(passGroup, asked))
	}
	t.add(forward, marked(every, every), verdict(expr.VerdictAccept, ""))
	t.add(forward, verdict(expr.VerdictGoto, refusedChain))
	t.sources()
	// The router itself is nobody's: it hears IPv6's finding of neighbours alone.
	input := t.conn.AddChain(&nftables.Chain{Name: "input", Table: t.of, Type: nftables.ChainTypeFilter,
		Hooknum: nftables.ChainHookInput, Priority: nftables.ChainPriorityFilter, Policy: &drop})
	t.add(input, service("icmpv6", -1, -1), verdict(expr.VerdictAccept, ""))
}

// lost lets nothing into a lost zone, nor out of it, connections that are open included.
func (t *table) lost(forward *nftables.Chain) {
	var links []nftables.SetElement
	t.each(func(_ *plan.Node, i *plan.Interface) {
		if t.plan.Gone(i) {
			links = append(links, nftables.SetElement{Key: linkName(i.ID)})
		}
	})
	if len(links) == 0 {
		return
	}
	set := t.set(&nftables.Set{Name: "lost", KeyType: nftables.TypeIFName}, links)
	for _, side := range []expr.MetaKey{expr.MetaKeyIIFNAME, expr.MetaKeyOIFNAME} {
		t.add(forward, onLinks(side, set), verdict(expr.VerdictGoto, refusedChain))
	}
}

const refusedChain = "refused"

// refused logs and drops what some gate did not let pass.
func (t *table) refused() {
	c := t.chain(refusedChain)
	t.add(c, isAnswer(true), log(dropGroup, answered), verdict(expr.VerdictDrop, ""))
	t.add(c, isAnswer(false), log(dropGroup, asked), verdict(expr.VerdictDrop, ""))
	t.add(c, verdict(expr.VerdictDrop, "")) // more than are logged in a second
}

// resolver lets DNS pass: neither groups nor ACLs guard VPC+2.
func (t *table) resolver(forward *nftables.Chain) {
	t.each(func(n *plan.Node, i *plan.Interface) {
		if n.Kind != plan.KindResolver {
			return
		}
		t.add(forward, onLink(expr.MetaKeyIIFNAME, linkName(i.ID)), verdict(expr.VerdictAccept, ""))
		for _, protocol := range []string{"udp", "tcp"} {
			t.add(forward, onLink(expr.MetaKeyOIFNAME, linkName(i.ID)), service(protocol, 53, 53), verdict(expr.VerdictAccept, ""))
		}
		t.add(forward, onLink(expr.MetaKeyOIFNAME, linkName(i.ID)), verdict(expr.VerdictGoto, refusedChain))
	})
}
