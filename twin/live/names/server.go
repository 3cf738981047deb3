package names

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/causeway-iac/causeway/twin/live/door"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Withdrawn is the key of node.Config.Keep that lists, one a line, the nodes that no name leads to any more.
const Withdrawn = "withdrawn"

// Server answers for one side of the world.
type Server struct {
	inside  bool
	signers signers
	now     atomic.Pointer[directory]
	servers []*dns.Server
}

// Update answers from the plan from now on.
func (s *Server) Update(c *node.Config) error {
	withdrawn := map[string]bool{}
	for _, name := range strings.Fields(string(c.Keep[Withdrawn])) {
		withdrawn[name] = true
	}
	d, err := newDirectory(c.Plan, view{inside: s.inside, withdrawn: withdrawn, signers: &s.signers})
	if err != nil {
		return err
	}
	s.now.Store(d)
	return nil
}

// Listen serves an address, over UDP and TCP.
func (s *Server) Listen(address string) error {
	udp, err := net.ListenPacket("udp", address)
	if err != nil {
		return fmt.Errorf("serving DNS: %w", err)
	}
	tcp, err := net.Listen("tcp", udp.LocalAddr().String())
	if err != nil {
		udp.Close()
		return fmt.Errorf("serving DNS: %w", err)
	}
	for _, server := range []*dns.Server{{PacketConn: udp, Handler: s}, {Listener: tcp, Handler: s}} {
		s.servers = append(s.servers, server)
		go server.ActivateAndServe()
	}
	return nil
}

// Close ends all listening.
func (s *Server) Close() error {
	var errs []error
	for _, server := range s.servers {
		errs = append(errs, server.Shutdown())
	}
	return errors.Join(errs...)
}

// ServeDNS answers one question.
func (s *Server) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	m := new(dns.Msg)
	m.SetReply(q)
	if d := s.now.Load(); d == nil || len(q.Question) != 1 || q.Opcode != dns.OpcodeQuery {
		m.Rcode = dns.RcodeRefused
	} else {
		size, signed := uint16(dns.MinMsgSize), false
		if o := q.IsEdns0(); o != nil {
			size, signed = max(size, o.UDPSize()), o.Do()
			m.SetEdns0(1232, signed)
		}
		d.answer(m, q.Question[0], signed)
		if _, udp := w.RemoteAddr().(*net.UDPAddr); udp {
			m.Truncate(int(size))
		}
	}
	_ = w.WriteMsg(m) // who asked asks again
}

// Resolver is a resolver that asks the server at an address, for programs of the same node.
func Resolver(address string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
}

func at53(a netip.Addr) string { return netip.AddrPortFrom(a, 53).String() }

// listening are the addresses where a node answers: the VPC's resolver has one.
func listening(c *node.Config) []netip.Addr {
	if n := c.Node(); n != nil && n.Kind != plan.KindResolver {
		var all []netip.Addr
		for _, i := range n.Interfaces {
			all = append(all, i.All()...)
		}
		return all
	}
	return []netip.Addr{c.Plan.Network.Resolver}
}

// internet plays where visitors are: it answers public names, and makes connections for whoever comes through the door.
type internet struct {
	resolver
	port *node.Port
	open bool
}

// NewInternet plays a node of kind internet.
func NewInternet(p *node.Port) node.Player { return &internet{port: p} }

func (i *internet) Apply(ctx context.Context, c *node.Config) error {
	if err := i.resolver.Apply(ctx, c); err != nil {
		return err
	}
	if i.open || i.port == nil || i.port.Door == nil {
		return nil
	}
	visitor := c.Node().Address()
	dialer := &net.Dialer{Timeout: 10 * time.Second, Resolver: Resolver(at53(visitor)), LocalAddr: &net.TCPAddr{IP: visitor.AsSlice()}}
	go door.Answer(i.port.Door, dialer.DialContext)
	i.open = true
	return nil
}

// resolver plays the VPC's resolver.
type resolver struct {
	server Server
	begun  bool
}

// NewResolver plays a node of kind resolver.
func NewResolver(*node.Port) node.Player { return &resolver{server: Server{inside: true}} }

func (r *resolver) Apply(_ context.Context, c *node.Config) error {
	if err := r.server.Update(c); err != nil {
		return err
	}
	return r.begin(c)
}

func (r *resolver) begin(c *node.Config) error {
	if r.begun {
		return nil
	}
	for _, a := range listening(c) {
		if err := r.server.Listen(at53(a)); err != nil {
			return err
		}
	}
	r.begun = true
	return nil
}

func (r *resolver) Ask(_ context.Context, what string, _ json.RawMessage) (any, error) {
	return nil, fmt.Errorf("the resolver has no answer to %s", what)
}

func (r *resolver) Close(context.Context) error { return r.server.Close() }
