package edge

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"

	"github.com/causeway-iac/causeway/twin/live/ca"
	"github.com/causeway-iac/causeway/twin/live/names"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// origin is where the requests for a proxied name go.
type origin struct {
	name     string // what the record leads to: a name or an address
	pulls    bool
	settings plan.EdgeSettings
	send     *http.Transport
}

// internetResolver asks the internet's DNS, as the edge does, where an origin's name leads.
func internetResolver(p *plan.Plan) *net.Resolver {
	for i := range p.Nodes {
		if p.Nodes[i].Kind == plan.KindInternet {
			return names.Resolver(netip.AddrPortFrom(p.Nodes[i].Address(), 53).String())
		}
	}
	return net.DefaultResolver
}

func (e *edge) addZone(s *state, z *plan.Zone, keep map[string][]byte) error {
	for _, r := range z.Records {
		if !r.Proxied || len(r.Values) == 0 {
			continue
		}
		o := &origin{name: strings.TrimSuffix(r.Values[0], "."), pulls: r.Pulls, settings: z.Edge}
		config, err := originTLS(&r, keep)
		if err != nil {
			return fmt.Errorf("the origin of %s: %w", r.Name, err)
		}
		o.send = &http.Transport{TLSClientConfig: config, TLSHandshakeTimeout: 15 * time.Second, ResponseHeaderTimeout: 100 * time.Second,
			MaxIdleConnsPerHost: 32, IdleConnTimeout: 50 * time.Second, DisableCompression: true, ForceAttemptHTTP2: true,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return e.dial(ctx, o, network, address)
			}}
		s.origins[dns.CanonicalName(r.Name)] = o
	}
	return nil
}

// originTLS is how the edge meets an origin: in the strict modes it verifies the certificate (Cloudflare SSL docs,
// "Encryption modes"), and it shows its own if authenticated origin pulls are on.
func originTLS(r *plan.Record, keep map[string][]byte) (*tls.Config, error) {
	config := &tls.Config{ServerName: r.Name, InsecureSkipVerify: !r.Strict}
	if r.Strict {
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM(keep[keepRoots])
	}
	if r.Pulls {
		client, err := ca.Read(keep[keepClient])
		if err != nil {
			return nil, err
		}
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &client, nil }
	}
	return config, nil
}

// unknownOrigin says that an origin's name leads nowhere.
var unknownOrigin = errors.New("the origin's name leads nowhere")

// dial connects to one of an origin's addresses, whatever name the request is for.
func (e *edge) dial(ctx context.Context, o *origin, network, address string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if p := e.toPort[port]; p != "" {
		port = p
	}
	found := []string{o.name}
	if _, err := netip.ParseAddr(o.name); err != nil {
		if found, err = e.lookup.LookupHost(ctx, o.name); err != nil || len(found) == 0 {
			return nil, unknownOrigin
		}
	}
	rand.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	for _, a := range found {
		var c net.Conn
		if c, err = (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, network, net.JoinHostPort(a, port)); err == nil {
			return c, nil
		}
	}
	return nil, err
}

// failure is what Cloudflare answers when an origin does not (Cloudflare support docs, "Cloudflare 5xx errors").
func failure(err error) (status int, why string) {
	var untrusted *tls.CertificateVerificationError
	var slow net.Error
	var dialing *net.OpError
	switch {
	case errors.Is(err, unknownOrigin):
		return 530, "Origin DNS error"
	case errors.As(err, &untrusted):
		return 526, "Invalid SSL certificate"
	case strings.Contains(err.Error(), "tls:") || strings.Contains(err.Error(), "TLS handshake"):
		return 525, "SSL handshake failed"
	case errors.As(err, &dialing) && dialing.Op == "dial" && dialing.Timeout():
		return 522, "Connection timed out"
	case errors.As(err, &slow) && slow.Timeout():
		return 524, "A timeout occurred"
	case errors.Is(err, syscall.ECONNREFUSED):
		return 521, "Web server is down"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return 523, "Origin is unreachable"
	}
	return 520, "Web server returned an unknown error"
}

func failed(w http.ResponseWriter, status int, code, why string) {
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "error code: %s (%s)\n", code, why)
}
