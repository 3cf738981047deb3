package wire

import (
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Slow delays what goes to a node by delay milliseconds and loses loss percent of it; 0 and 0 ends that.
func (r *Router) Slow(n *plan.Node, delay int, loss float64) error {
	return each(n, func(_ *plan.Interface, l netlink.Link) error {
		if delay == 0 && loss == 0 {
			return netlink.QdiscDel(&netlink.Netem{QdiscAttrs: root(l)})
		}
		err := netlink.QdiscReplace(netlink.NewNetem(root(l), netlink.NetemQdiscAttrs{Latency: uint32(delay) * 1000, Loss: float32(loss)}))
		if errors.Is(err, unix.ENOENT) {
			return errors.New("this computer's kernel has no netem, which makes links slow: `sudo modprobe sch_netem` loads it where " +
				"it is installed")
		}
		return err
	})
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
