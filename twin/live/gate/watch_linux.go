package gate

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/wire"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Watch reads the kernel's packet log: what the gates refuse, and what they let pass where a flow log wants it.
type Watch struct {
	port *node.Port

	mu     sync.Mutex
	plan   *plan.Plan
	links  map[string]*plan.Interface
	names  map[uint32]string // of links, by their numbers
	recent map[string]*seen
	flows  *flows
}

// seen is a drop that repeats: it is reported at once, and then with a count now and then.
type seen struct {
	drop node.Drop
	told time.Time
}

const repeat = 2 * time.Second

// NewWatch begins to read.
func NewWatch(p *node.Port) (*Watch, error) {
	w := &Watch{port: p, links: map[string]*plan.Interface{}, names: map[uint32]string{}, recent: map[string]*seen{}, flows: newFlows(p)}
	for _, group := range []uint16{dropGroup, passGroup} {
		c, err := subscribe(group)
		if err != nil {
			return nil, fmt.Errorf("reading the packet log: %w", err)
		}
		go w.read(c, group)
	}
	go w.count()
	return w, nil
}

// See takes the plan that holds from now on.
func (w *Watch) See(p *plan.Plan) {
	links := map[string]*plan.Interface{}
	for n := range p.Nodes {
		for k := range p.Nodes[n].Interfaces {
			i := &p.Nodes[n].Interfaces[k]
			links[wire.Link(i.ID)] = i
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.plan, w.links = p, links
	w.flows.see(p)
}

const (
	configCommand = unix.NFNL_SUBSYS_ULOG<<8 | 1

	attrCommand = 1
	attrMode    = 2
	bind        = 1

	attrMark    = 2
	attrIn      = 4
	attrOut     = 5
	attrPayload = 9
	attrPrefix  = 10

	copyPacket = 2
	captured   = 96
)

// subscribe binds a socket to a group of the packet log, which needs no rights beyond the namespace's own.
func subscribe(group uint16) (*netlink.Conn, error) {
	c, err := netlink.Dial(unix.NETLINK_NETFILTER, nil)
	if err != nil {
		return nil, err
	}
	_ = c.SetReadBuffer(1 << 20) // as much of it as the kernel gives
	mode := append(binary.BigEndian.AppendUint32(nil, captured), copyPacket, 0)
	for _, a := range []netlink.Attribute{{Type: attrCommand, Data: []byte{bind}}, {Type: attrMode, Data: mode}} {
		b, err := netlink.MarshalAttributes([]netlink.Attribute{a})
		if err != nil {
			return nil, err
		}
		header := append([]byte{unix.AF_UNSPEC, 0}, binary.BigEndian.AppendUint16(nil, group)...)
		m := netlink.Message{Header: netlink.Header{Type: configCommand, Flags: netlink.Request | netlink.Acknowledge},
			Data: append(header, b...)}
		if _, err := c.Execute(m); err != nil {
			_ = c.Close()
			return nil, err
		}
	}
	return c, nil
}

func (w *Watch) read(c *netlink.Conn, group uint16) {
	for {
		messages, err := c.Receive()
		if err != nil {
			if overrun(err) {
				continue // more came than could be read; what follows is read again
			}
			return
		}
		for _, m := range messages {
			if len(m.Data) > 4 {
				unharmed(func() { w.packet(m.Data[4:], group) })
			}
		}
	}
}

// unharmed keeps a bug in the explanation of a packet from ending the world, whose first process reads the log.
func unharmed(do func()) {
	defer func() {
		if what := recover(); what != nil {
			fmt.Fprintf(os.Stderr, "a packet is not explained: %v\n%s\n", what, debug.Stack())
		}
	}()
	do()
}

func (w *Watch) packet(b []byte, group uint16) {
	d, err := netlink.NewAttributeDecoder(b)
	if err != nil {
		return
	}
	var k Packet
	var from, to uint32
	var payload []byte
	for d.Next() {
		switch d.Type() {
		case attrMark:
			k.Mark = number(d.Bytes())
		case attrIn:
			from = number(d.Bytes())
		case attrOut:
			to = number(d.Bytes())
		case attrPayload:
			payload = d.Bytes()
		case attrPrefix:
			k.Answer, k.Forged = d.String() == answered, d.String() == forged
		}
	}
	if !k.parse(payload) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.plan == nil {
		return
	}
	k.From, k.To = w.links[w.name(from)], w.links[w.name(to)]
	w.flows.add(k, group == passGroup)
	if group == dropGroup {
		w.drop(k)
	}
}

func number(b []byte) uint32 {
	if len(b) != 4 {
		return 0
	}
	return binary.BigEndian.Uint32(b)
}

func (w *Watch) name(index uint32) string {
	if index == 0 {
		return ""
	}
	if w.names[index] == "" {
		if i, err := net.InterfaceByIndex(int(index)); err == nil {
			w.names[index] = i.Name
		}
	}
	return w.names[index]
}

func (w *Watch) drop(k Packet) {
	key := fmt.Sprint(k.Source, k.Dest, k.Protocol, k.Port, k.Mark, k.Answer)
	s := w.recent[key]
	if s == nil {
		s = &seen{drop: node.Drop{From: k.Source, To: k.Dest, FromNode: w.at(k.From), ToNode: w.at(k.To),
			Protocol: k.Protocol, Port: k.Port, Reply: k.Answer, Gates: Explain(w.plan, k)}}
		w.recent[key] = s
	}
	s.drop.At = time.Now()
	s.drop.Count++
	if s.drop.At.Sub(s.told) >= repeat {
		w.tell(s)
	}
}

func (w *Watch) tell(s *seen) {
	w.port.Say(s.drop)
	s.told, s.drop.Count = time.Now(), 0
}

func (w *Watch) at(i *plan.Interface) string {
	if i == nil {
		return ""
	}
	return explainer{plan: w.plan}.node(i)
}

// count reports the rest of what repeated, and forgets what no longer does. An explanation is of its time.
func (w *Watch) count() {
	for range time.Tick(repeat) {
		unharmed(w.sum)
	}
}

func (w *Watch) sum() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flows.due()
	for key, s := range w.recent {
		switch {
		case s.drop.Count > 0:
			w.tell(s)
		case time.Since(s.told) > 2*repeat:
			delete(w.recent, key)
		}
	}
}
