// Package edge plays Cloudflare's proxies: what visitors of a proxied name talk to, and what talks to the origin.
package edge

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/causeway-iac/causeway/twin/live/ca"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// What node.Config.Keep holds for an edge node.
const (
	keepCert   = "cert"   // of all proxied names
	keepClient = "client" // shown to origins that require a client certificate
	keepRoots  = "ca"     // whom it trusts as an origin
)

// edge plays one node.
type edge struct {
	port    *node.Port
	lookup  *net.Resolver
	toPort  map[string]string // tests: where ports of origins really are
	servers []*http.Server
	now     atomic.Pointer[state]
	counts  node.Counts
	stop    context.CancelFunc
}

// state is what the edge answers from. It never changes: a new config makes a new one.
type state struct {
	certificate tls.Certificate
	origins     map[string]*origin
}

// New plays a node of kind edge.
func New(p *node.Port) node.Player {
	ctx, stop := context.WithCancel(context.Background())
	e := &edge{port: p, stop: stop}
	go e.counts.Report(ctx, p)
	return e
}

func (e *edge) Apply(_ context.Context, c *node.Config) error {
	s := &state{origins: map[string]*origin{}}
	var err error
	if s.certificate, err = ca.Read(c.Keep[keepCert]); err != nil {
		return err
	}
	if e.lookup == nil {
		e.lookup = internetResolver(c.Plan)
	}
	for i := range c.Plan.Zones {
		if z := &c.Plan.Zones[i]; !z.Private && z.Served {
			if err := e.addZone(s, z, c.Keep); err != nil {
				return err
			}
		}
	}
	e.now.Store(s)
	return e.listen(c.Node())
}

// listen opens the node's ports once.
func (e *edge) listen(n *plan.Node) error {
	if len(e.servers) > 0 {
		return nil
	}
	for _, i := range n.Interfaces {
		for _, a := range i.All() {
			for _, port := range []uint16{443, 80} {
				l, err := net.Listen("tcp", netip.AddrPortFrom(a, port).String())
				if err != nil {
					return fmt.Errorf("serving Cloudflare's edge: %w", err)
				}
				e.serve(l, port == 443)
			}
		}
	}
	return nil
}

func (e *edge) serve(l net.Listener, secure bool) {
	s := &http.Server{Handler: e, ReadHeaderTimeout: 30 * time.Second, IdleTimeout: 400 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	e.servers = append(e.servers, s)
	if !secure {
		go s.Serve(l)
		return
	}
	s.TLSConfig = &tls.Config{NextProtos: []string{"h2", "http/1.1"}, GetConfigForClient: e.shake}
	go s.Serve(tls.NewListener(l, s.TLSConfig))
}

// shake is the zone's TLS for a visitor: its certificate and lowest version.
func (e *edge) shake(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	s := e.now.Load()
	o := s.origins[dns.CanonicalName(hello.ServerName)]
	if o == nil {
		return nil, fmt.Errorf("%q is not a proxied name", hello.ServerName)
	}
	return &tls.Config{Certificates: []tls.Certificate{s.certificate}, NextProtos: []string{"h2", "http/1.1"},
		MinVersion: lowest(o.settings.MinTLS), MaxVersion: highest(o.settings.NoTLS13)}, nil
}

func lowest(version string) uint16 {
	if v := map[string]uint16{"1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}[version]; v != 0 {
		return v
	}
	return tls.VersionTLS10
}

func highest(without13 bool) uint16 {
	if without13 {
		return tls.VersionTLS12
	}
	return tls.VersionTLS13
}

// ServeHTTP answers a visitor.
func (e *edge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	o := e.now.Load().origins[dns.CanonicalName(host)]
	ray := fmt.Sprintf("%016x-TWN", rand.Uint64())
	w.Header().Set("Cf-Ray", ray)
	w.Header().Set("Server", "cloudflare")
	switch {
	case o == nil:
		failed(w, http.StatusForbidden, "1000", "DNS points to a prohibited IP")
	case r.TLS == nil && o.settings.AlwaysHTTPS:
		http.Redirect(w, r, "https://"+host+r.URL.RequestURI(), http.StatusMovedPermanently)
	default:
		e.forward(w, r, o, host, ray)
	}
}

func (e *edge) forward(w http.ResponseWriter, r *http.Request, o *origin, host, ray string) {
	scheme := "https"
	if r.TLS == nil {
		scheme = "http"
	}
	client, _, _ := net.SplitHostPort(r.RemoteAddr)
	status := 0
	proxy := &httputil.ReverseProxy{Transport: o.send, ErrorLog: log.New(io.Discard, "", 0),
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host, p.Out.Host = scheme, host, p.In.Host
			h := p.Out.Header
			h.Set("X-Forwarded-For", strings.Join(append(p.In.Header.Values("X-Forwarded-For"), client), ","))
			h.Set("X-Forwarded-Proto", scheme)
			h.Set("Cf-Connecting-Ip", client)
			h.Set("Cf-Ray", ray)
			h.Set("Cf-Visitor", `{"scheme":"`+scheme+`"}`)
			h.Set("Cdn-Loop", "cloudflare; loops=1")
		},
		ModifyResponse: func(response *http.Response) error {
			status = response.StatusCode
			response.Header.Del("Server") // its own stands already
			response.Header.Set("Cf-Cache-Status", "DYNAMIC")
			for name, value := range o.settings.Headers {
				if r.TLS != nil {
					response.Header.Set(name, value)
				}
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			var why string
			status, why = failure(err)
			failed(w, status, fmt.Sprint(status), why)
		},
	}
	proxy.ServeHTTP(w, r)
	e.counts.Add(o.name, status)
}

func (e *edge) Ask(_ context.Context, what string, _ json.RawMessage) (any, error) {
	return nil, fmt.Errorf("Cloudflare's edge has no answer to %s", what)
}

func (e *edge) Close(context.Context) error {
	e.stop()
	var errs []error
	for _, s := range e.servers {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
