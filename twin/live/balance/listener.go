package balance

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/causeway-iac/causeway/twin/live/ca"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

type listenerSpec = plan.Listener

// listener is what one port of the load balancer does. It never changes: a new plan makes a new one.
type listener struct {
	balancer *plan.Balancer
	spec     *listenerSpec
	groups   map[string]*group
	tls      *tls.Config
	logs     *logs
	counts   *node.Counts

	shows [sha256.Size]byte // its certificates
	since time.Time         // it shows these
}

func newListener(b *plan.Balancer, spec *listenerSpec, groups map[string]*group, keep map[string][]byte) (*listener, error) {
	l := &listener{balancer: b, spec: spec, groups: groups}
	if spec.Protocol != "HTTPS" {
		if spec.Protocol != "HTTP" {
			return nil, fmt.Errorf("the living world does not play listeners of %s", spec.Protocol)
		}
		return l, nil
	}
	var err error
	if l.tls, err = tlsPolicy(spec.Policy); err != nil {
		return nil, err
	}
	var certificates []tls.Certificate
	for _, arn := range spec.Certificates {
		c, err := ca.Read(keep["cert:"+arn])
		if err != nil {
			return nil, fmt.Errorf("the certificate %s: %w", arn, err)
		}
		certificates = append(certificates, c)
		l.shows = sha256.Sum256(append(l.shows[:], keep["cert:"+arn]...))
	}
	if len(certificates) == 0 {
		return nil, errors.New("it has no certificate")
	}
	l.tls.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) { return choose(certificates, hello), nil }
	l.tls.NextProtos = []string{"http/1.1"}
	if b.HTTP2 {
		l.tls.NextProtos = []string{"h2", "http/1.1"}
	}
	var bundle []byte
	if spec.MutualTLS != nil {
		bundle = keep["trust:"+spec.MutualTLS.TrustStore]
	}
	return l, addMutual(l.tls, spec.MutualTLS, bundle)
}

// choose returns the certificate that fits the name the client asks for, preferring elliptic curves to RSA, or the
// default one (ELB user guide, "SSL certificates for your Application Load Balancer").
func choose(all []tls.Certificate, hello *tls.ClientHelloInfo) *tls.Certificate {
	var found *tls.Certificate
	for i := range all {
		if hello.ServerName == "" || hello.SupportsCertificate(&all[i]) != nil || all[i].Leaf.VerifyHostname(hello.ServerName) != nil {
			continue
		}
		if _, curve := all[i].Leaf.PublicKey.(*ecdsa.PublicKey); found == nil || curve {
			found = &all[i]
		}
	}
	if found == nil {
		return &all[0]
	}
	return found
}

func (l *listener) portText() string { return strconv.Itoa(l.spec.Port) }

func itoa(n int) string { return strconv.Itoa(n) }

// ServeHTTP does what the first matching rule says, or the default.
func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e := newEntry(l, r)
	counted := &counter{ResponseWriter: w, status: http.StatusOK}
	defer func() { l.finish(e, counted) }()
	actions, priority := l.spec.Default, 0
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	for i := range l.spec.Rules {
		if rule := &l.spec.Rules[i]; matches(rule.Conditions, r, from.Addr().Unmap()) {
			actions, priority = rule.Actions, rule.Priority
			break
		}
	}
	e.rule = priority
	if opened, ok := r.Context().Value(openedKey{}).(time.Time); ok && l.outlived(opened) {
		w.Header().Set("Connection", "close")
	}
	for i := range actions {
		if l.act(counted, r, &actions[i], e) {
			return
		}
	}
	ownError(counted, l.spec, http.StatusServiceUnavailable)
}

// outlived says whether a client's connection has lived long enough, or was opened with certificates that the listener no
// longer has: a replacement does not affect what is under way, and new requests use the new one (ELB user guide, "Replace
// the default certificate").
func (l *listener) outlived(opened time.Time) bool {
	return opened.Before(l.since) || l.balancer.KeepAlive > 0 && time.Since(opened) > time.Duration(l.balancer.KeepAlive)*time.Second
}

// act carries out one action; false leaves the request to the next.
func (l *listener) act(w http.ResponseWriter, r *http.Request, a *plan.Action, e *entry) bool {
	e.acted(a.Type)
	switch a.Type {
	case "forward":
		arn, fresh := share(a, r, rand.IntN)
		g := l.groups[arn]
		if g == nil {
			ownError(w, l.spec, http.StatusServiceUnavailable)
			return true
		}
		if fresh {
			w = &decorated{w, func(h http.Header) { stayWith(h, arn, a.Sticky) }}
		}
		l.forward(w, r, g, e)
	case "redirect":
		protocol, port := l.spec.Protocol, l.spec.Port
		to := location(a.Redirect, r, protocol, port)
		e.redirect = to
		w.Header().Set("Location", to)
		w.Header().Set("Server", "awselb/2.0")
		toClient(w.Header(), l.spec)
		w.WriteHeader(a.Redirect.Status)
	case "fixed-response":
		w.Header().Set("Server", "awselb/2.0")
		w.Header().Set("Content-Type", a.Fixed.ContentType)
		toClient(w.Header(), l.spec)
		w.WriteHeader(a.Fixed.Status)
		_, _ = io.WriteString(w, a.Fixed.Body)
	default:
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusNotImplemented)
		_, _ = io.WriteString(w, "The living world does not play the action "+a.Type+".\n")
	}
	return true
}

// decorated changes the headers of an answer just before they are sent.
type decorated struct {
	http.ResponseWriter
	add func(http.Header)
}

func (d *decorated) WriteHeader(status int) {
	if d.add != nil && status >= 200 {
		d.add(d.Header())
		d.add = nil
	}
	d.ResponseWriter.WriteHeader(status)
}

func (d *decorated) Unwrap() http.ResponseWriter { return d.ResponseWriter }

type openedKey struct{}

// door is an open port, whose listener can be changed while it serves.
type door struct {
	now    atomic.Pointer[listener]
	server *http.Server
}

// open serves a port with whatever listener it has when a request arrives.
func open(l *listener, address string) (*door, error) {
	d := &door{}
	d.now.Store(l)
	tcp, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	d.server = &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.now.Load().ServeHTTP(w, r) }),
		IdleTimeout:       time.Duration(l.balancer.Idle) * time.Second,
		ReadHeaderTimeout: 60 * time.Second,
		MaxHeaderBytes:    64 << 10, // (ELB user guide, "Quotas")
		ErrorLog:          log.New(handshakes{d}, "", 0),
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, openedKey{}, time.Now())
		},
	}
	if l.tls == nil {
		go d.server.Serve(tcp)
		return d, nil
	}
	d.server.TLSConfig = &tls.Config{NextProtos: []string{"h2", "http/1.1"},
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			return d.now.Load().shake(hello), nil
		}}
	// GetConfigForClient supplies the certificates: the empty ones here are never used.
	go d.server.Serve(tls.NewListener(tcp, d.server.TLSConfig))
	return d, nil
}

func (d *door) close() { _ = d.server.Close() }
