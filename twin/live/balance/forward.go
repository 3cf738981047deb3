package balance

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"time"
)

// connectTimeout is how long a target may take to accept (ELB user guide, "HTTP 504: Gateway timeout").
const connectTimeout = 10 * time.Second

func protocols(version string) *http.Protocols {
	p := &http.Protocols{}
	p.SetHTTP1(version != "HTTP2" && version != "GRPC")
	p.SetHTTP2(version == "HTTP2" || version == "GRPC")
	p.SetUnencryptedHTTP2(version == "HTTP2" || version == "GRPC")
	return p
}

// transport sends requests to targets, each once.
type transport struct{ http *http.Transport }

func newTransport(version string, idle time.Duration) *transport {
	return &transport{&http.Transport{
		TLSClientConfig:       &tls.Config{InsecureSkipVerify: true}, // as health checks
		DialContext:           (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: idle,
		IdleConnTimeout:       idle,
		MaxIdleConnsPerHost:   64,
		DisableCompression:    true,
		Protocols:             protocols(version),
	}}
}

// once is a body that makes Go's transport send a request only once. Without it, a request that has no body would be sent
// again over another connection when a target breaks off, which would hide the 502 that a load balancer answers.
type once struct{ io.ReadCloser }

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r.GetBody = nil
	if r.Body == nil || r.Body == http.NoBody {
		r.Body = once{http.NoBody}
	}
	return t.http.RoundTrip(r)
}

var buffers = pool{sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}}

type pool struct{ sync.Pool }

func (p *pool) Get() []byte  { return *p.Pool.Get().(*[]byte) }
func (p *pool) Put(b []byte) { p.Pool.Put(&b) }

// forward passes a request on to a target of the group, and the answer back.
func (l *listener) forward(w http.ResponseWriter, r *http.Request, g *group, e *entry) {
	t := g.pick(cookieOf(r, g))
	if t == nil {
		e.group = g
		ownError(w, l.spec, http.StatusServiceUnavailable)
		return
	}
	defer g.done(t)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(t.life, cancel)()
	e.to(g, t)
	scheme := strings.ToLower(g.settings().Protocol)
	proxy := &httputil.ReverseProxy{Transport: g.send, BufferPool: &buffers, FlushInterval: -1, ErrorLog: log.New(io.Discard, "", 0),
		Rewrite: func(p *httputil.ProxyRequest) {
			p.Out.URL.Scheme, p.Out.URL.Host = scheme, t.address()
			p.Out.Host = l.hostFor(p.In)
			if before, ok := p.In.Header["X-Forwarded-For"]; ok {
				p.Out.Header["X-Forwarded-For"] = before
			}
			l.toTarget(p.Out.Header, p.In)
			e.trace = p.Out.Header.Get(traceHeader)
		},
		ModifyResponse: func(response *http.Response) error {
			e.answered(response.StatusCode)
			keepTrailers(response)
			toClient(response.Header, l.spec)
			l.stick(response.Header, response, g, t)
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			e.failed(err)
			ownError(w, l.spec, statusOf(r.Context(), err))
		},
	}
	proxy.ServeHTTP(w, r.WithContext(ctx))
}

// keepTrailers turns a status that a gRPC server sends in its headers into trailers. Passed on as a header, it would be
// followed by a stream that ends without trailers, which clients take for a failure.
func keepTrailers(response *http.Response) {
	if response.Header.Get("Grpc-Status") == "" {
		return
	}
	if response.Trailer == nil {
		response.Trailer = http.Header{}
	}
	for _, name := range []string{"Grpc-Status", "Grpc-Message", "Grpc-Status-Details-Bin"} {
		if values, ok := response.Header[name]; ok {
			response.Trailer[name] = values
			delete(response.Header, name)
		}
	}
}

// statusOf is what a load balancer answers when a target does not (ELB user guide, "Troubleshoot your Application
// Load Balancers").
func statusOf(client context.Context, err error) int {
	var slow net.Error
	switch {
	case client.Err() != nil:
		return 460 // the client has gone
	case errors.As(err, &slow) && slow.Timeout(), strings.Contains(err.Error(), "timeout"):
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// hostFor adds the port to a host header that is not preserved, unless it is the protocol's own.
func (l *listener) hostFor(r *http.Request) string {
	if l.balancer.PreserveHost || strings.Contains(r.Host, ":") || l.spec.Port == 443 || l.spec.Port == 80 {
		return r.Host
	}
	return net.JoinHostPort(r.Host, l.portText())
}

// ownError is an answer that the load balancer makes itself.
func ownError(w http.ResponseWriter, spec *listenerSpec, status int) {
	h := w.Header()
	for name := range h {
		delete(h, name)
	}
	h.Set("Server", "awselb/2.0")
	h.Set("Content-Type", "text/html")
	toClient(h, spec)
	title := itoa(status) + " " + titleOf(status)
	w.WriteHeader(status)
	_, _ = io.WriteString(w,
		"<html>\r\n<head><title>"+title+"</title></head>\r\n<body>\r\n<center><h1>"+title+"</h1></center>\r\n</body>\r\n</html>\r\n")
}

func titleOf(status int) string {
	switch status {
	case 460:
		return "Client Closed Connection"
	case http.StatusGatewayTimeout:
		return "Gateway Time-out"
	case http.StatusServiceUnavailable:
		return "Service Temporarily Unavailable"
	}
	return http.StatusText(status)
}
