package cloudapi

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/causeway-iac/causeway/twin/live/ca"
	"github.com/causeway-iac/causeway/twin/live/judge"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// player plays the node of AWS's API.
type player struct {
	Server
	certificate atomic.Pointer[tls.Certificate]
	servers     map[netip.Addr][]*http.Server
}

// New plays a node of kind cloud.
func New(p *node.Port) node.Player {
	return &player{Server: Server{port: p}, servers: map[netip.Addr][]*http.Server{}}
}

func (p *player) Apply(_ context.Context, c *node.Config) error {
	certificate, err := ca.Read(c.Keep[keepCert])
	if err != nil {
		return err
	}
	p.certificate.Store(&certificate)
	p.Update(c)
	wanted := map[netip.Addr]bool{}
	for _, i := range c.Node().Interfaces {
		for _, a := range i.All() {
			wanted[a] = true
			if p.servers[a] == nil {
				if err := p.listen(a); err != nil {
					return err
				}
			}
		}
	}
	for a, servers := range p.servers {
		if !wanted[a] {
			for _, s := range servers {
				_ = s.Close() // of an endpoint that is gone
			}
			delete(p.servers, a)
		}
	}
	return nil
}

// listen serves an address as AWS does: encrypted, and in the clear for policies that must refuse it.
func (p *player) listen(a netip.Addr) error {
	for _, port := range []uint16{443, 80} {
		l, err := net.Listen("tcp", netip.AddrPortFrom(a, port).String())
		if err != nil {
			return fmt.Errorf("serving AWS's API: %w", err)
		}
		s := &http.Server{Handler: p, ReadHeaderTimeout: 30 * time.Second, ErrorLog: log.New(quiet{}, "", 0),
			TLSConfig: &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
				return p.certificate.Load(),
					nil
			}}}
		p.servers[a] = append(p.servers[a], s)
		if port == 443 {
			go s.ServeTLS(l, "", "")
		} else {
			go s.Serve(l)
		}
	}
	return nil
}

// quiet drops what Go's server says of clients that broke off.
type quiet struct{}

func (quiet) Write(b []byte) (int, error) { return len(b), nil }

// Question asks whether a role may do something, as its machines would: through the VPC's endpoint where there is one.
type Question struct{ Role, Action, Resource string }

// AskJudge asks a cloud node for the judge's answers to a list of questions.
const AskJudge = "judge"

func (p *player) Ask(_ context.Context, what string, body json.RawMessage) (any, error) {
	if what != AskJudge {
		return nil, fmt.Errorf("AWS's API has no answer to %s", what)
	}
	var questions []Question
	if err := json.Unmarshal(body, &questions); err != nil {
		return nil, fmt.Errorf("reading the questions: %w", err)
	}
	return p.Judge(questions)
}

func (p *player) Close(context.Context) error {
	var errs []error
	for _, servers := range p.servers {
		for _, s := range servers {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}

// Judge answers questions without a call: for each, whether the role may read the object or secret, its key included.
func (s *Server) Judge(questions []Question) ([]judge.Verdict, error) {
	w := s.now.Load()
	if w == nil {
		return nil, errors.New("the living world has not begun")
	}
	var out []judge.Verdict
	for _, q := range questions {
		role := w.roles[q.Role]
		if role == nil {
			return nil, fmt.Errorf("the role %s is not in the world", q.Role)
		}
		c := &call{world: w, role: role, session: Session{Role: q.Role, Instance: instanceOf(w.plan, q.Role)}, secure: true,
			agent: "aws-sdk-go-v2", now: time.Now(), say: func(judged) {}}
		verdict := judge.Verdict{Allowed: true}
		if err := c.would(q); err != nil {
			verdict = judge.Verdict{Why: err.Error()}
		}
		out = append(out, verdict)
	}
	return out, nil
}

func instanceOf(p *plan.Plan, role string) string {
	for _, m := range p.Machines {
		if m.Role == role {
			return m.ID
		}
	}
	return "i-none"
}
