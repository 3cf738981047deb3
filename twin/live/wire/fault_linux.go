package wire

import (
	"errors"
	"fmt"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Slow delays what goes to a node by delay milliseconds and loses loss percent of it; 0 and 0 ends that.
func (r *Router) Slow(n *plan.Node, delay int, loss float64) error {
	return each(n, func(_ *plan.Interface, l netlink.Link) error {
		if err := r.quicken(l.Attrs().Name); err != nil || delay == 0 && loss == 0 {
			return err
		}
		var by *relay
		err := netlink.QdiscReplace(netlink.NewNetem(root(l), netlink.NetemQdiscAttrs{Latency: uint32(delay) * 1000, Loss: float32(loss)}))
		if errors.Is(err, unix.ENOENT) {
			by, err = newRelay(l, time.Duration(delay)*time.Millisecond, loss)
		}
		if err == nil {
			r.slow[l.Attrs().Name] = by
		}
		return err
	})
}

// quicken has a link as before it was slow.
func (r *Router) quicken(link string) error {
	by, is := r.slow[link]
	if !is {
		return nil
	}
	delete(r.slow, link)
	if by != nil {
		return by.end()
	}
	l, err := netlink.LinkByName(link)
	if err == nil {
		err = netlink.QdiscDel(&netlink.Netem{QdiscAttrs: root(l)})
	}
	return err
}

func root(l netlink.Link) netlink.QdiscAttrs {
	return netlink.QdiscAttrs{LinkIndex: l.Attrs().Index, Handle: netlink.MakeHandle(1, 0), Parent: netlink.HANDLE_ROOT}
}

func each(n *plan.Node, do func(*plan.Interface, netlink.Link) error) error {
	for k := range n.Interfaces {
		i := &n.Interfaces[k]
		if i.At == plan.AtOutside {
			continue
		}
		l, err := netlink.LinkByName(Link(i.ID))
		if err == nil {
			err = do(i, l)
		}
		if err != nil {
			return fmt.Errorf("links of %s: %w", n.Name, err)
		}
	}
	return nil
}
