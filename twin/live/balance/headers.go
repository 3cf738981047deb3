package balance

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

const traceHeader = "X-Amzn-Trace-Id"

// toTarget turns a client's headers into those that a target gets (ELB user guide, "HTTP headers and Application Load
// Balancers").
func (l *listener) toTarget(h http.Header, r *http.Request) {
	b, spec := l.balancer, l.spec
	if b.DropInvalidHeaders {
		for name := range h {
			if !valid(name) {
				delete(h, name)
			}
		}
	}
	client, port, _ := net.SplitHostPort(r.RemoteAddr)
	switch b.XFF {
	case "remove":
		h.Del("X-Forwarded-For")
	case "preserve":
	default:
		if b.XFFPort {
			client = net.JoinHostPort(client, port)
		}
		h.Set("X-Forwarded-For", strings.Join(append(h.Values("X-Forwarded-For"), client), ", "))
	}
	h.Set("X-Forwarded-Proto", strings.ToLower(spec.Protocol))
	h.Set("X-Forwarded-Port", fmt.Sprint(spec.Port))
	h.Set(traceHeader, trace(h.Get(traceHeader)))
	mutualHeaders(h, spec.MutualTLS, r.TLS)
	tlsHeaders(h, b.TLSHeaders, r.TLS)
	for from, to := range spec.Renamed {
		from = http.CanonicalHeaderKey(from)
		if values, ok := h[from]; ok && !strings.EqualFold(from, to) {
			delete(h, from)
			h[http.CanonicalHeaderKey(to)] = values
		}
	}
}

// valid: names of letters, digits and hyphens only.
func valid(name string) bool {
	return strings.Trim(name, "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == ""
}

func tlsHeaders(h http.Header, wanted bool, s *tls.ConnectionState) {
	h.Del("X-Amzn-Tls-Version")
	h.Del("X-Amzn-Tls-Cipher-Suite")
	if wanted && s != nil {
		h.Set("X-Amzn-Tls-Version", versionName(s.Version))
		h.Set("X-Amzn-Tls-Cipher-Suite", suiteName(s.CipherSuite))
	}
}

// trace extends a request's trace, or begins one.
func trace(before string) string {
	id := make([]byte, 12)
	rand.Read(id)
	own := fmt.Sprintf("1-%08x-%s", time.Now().Unix(), hex.EncodeToString(id))
	switch {
	case before == "":
		return "Root=" + own
	case strings.Contains(before, "Root="):
		return "Self=" + own + ";" + before
	}
	return "Root=" + own + ";" + before
}

// toClient sets the headers that the listener adds to every answer.
func toClient(h http.Header, spec *plan.Listener) {
	for name, value := range spec.Headers {
		h.Set(name, value)
	}
	if !spec.ServerHeader {
		h.Del("Server")
	}
}
