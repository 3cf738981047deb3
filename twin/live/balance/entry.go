package balance

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// entry is what the access log says of a request (ELB user guide, "Access logs for your Application Load Balancer").
type entry struct {
	listener *listener
	request  *http.Request
	began    time.Time
	sent     time.Time // to the target
	first    time.Time // of the target's answer
	group    *group
	target   *target
	status   int // the target's
	rule     int // priority; 0 is the default
	actions  []string
	redirect string
	trace    string
	why      string
	received *counted
}

func newEntry(l *listener, r *http.Request) *entry {
	e := &entry{listener: l, request: r, began: time.Now(), received: &counted{ReadCloser: r.Body}}
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = e.received
	}
	return e
}

// counted counts the bytes read from a body.
type counted struct {
	io.ReadCloser
	n int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	c.n += int64(n)
	return n, err
}

// counter counts what is sent, and keeps the status.
type counter struct {
	http.ResponseWriter
	status int
	n      int64
}

func (c *counter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.n += int64(n)
	return n, err
}

func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (e *entry) acted(action string) { e.actions = append(e.actions, action) }

func (e *entry) to(g *group, t *target) { e.group, e.target, e.sent = g, t, time.Now() }

func (e *entry) answered(status int) { e.status, e.first = status, time.Now() }

func (e *entry) failed(err error) {
	var tlsFailed *tls.CertificateVerificationError
	if errors.As(err, &tlsFailed) || strings.Contains(err.Error(), "tls:") {
		e.why = "TargetTLSError"
	}
}

// finish counts a request and logs it.
func (l *listener) finish(e *entry, c *counter) {
	to := ""
	if e.target != nil {
		to = e.target.ID
	}
	l.counts.Add(to, c.status)
	if l.balancer.AccessLogs != nil {
		l.logs.access.add(e.line(c))
	}
}

func seconds(from, to time.Time) string {
	if from.IsZero() || to.IsZero() {
		return "-1"
	}
	return fmt.Sprintf("%.3f", to.Sub(from).Seconds())
}

func quoted(s string) string {
	s = cmp.Or(s, "-")
	return `"` + strings.NewReplacer(`"`, `\x22`, "\n", `\x0a`, "\r", `\x0d`).Replace(s) + `"`
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (e *entry) line(c *counter) string {
	r, l, now := e.request, e.listener, time.Now()
	kind, suite, version, domain, certificate := "http", "-", "-", "-", "-"
	if r.TLS != nil {
		kind, suite, version = "https", suiteName(r.TLS.CipherSuite), versionName(r.TLS.Version)
		domain, certificate = orDash(r.TLS.ServerName), orDash(first(l.spec.Certificates))
		if r.ProtoMajor == 2 {
			kind = "h2"
		}
	}
	switch {
	case c.status == http.StatusSwitchingProtocols:
		kind = map[bool]string{true: "wss", false: "ws"}[r.TLS != nil]
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc"):
		kind = "grpcs"
	}
	target, status, group := "-", "-", "-"
	if e.target != nil {
		target = e.target.address()
	}
	if e.group != nil {
		group = e.group.arn
	}
	if e.status != 0 {
		status = itoa(e.status)
	}
	url := fmt.Sprintf("%s %s://%s%s %s", r.Method, strings.ToLower(l.spec.Protocol), net.JoinHostPort(hostOf(r), l.portText()),
		r.URL.RequestURI(), r.Proto)
	processing, waiting, replying := seconds(e.began, e.sent), seconds(e.sent, e.first), "-1"
	if !e.first.IsZero() {
		replying = seconds(e.first, now)
	}
	return strings.Join([]string{
		kind, now.UTC().Format("2006-01-02T15:04:05.000000Z"), l.nameInLogs(), r.RemoteAddr, target, processing, waiting, replying,
		itoa(c.status), status, fmt.Sprint(e.received.n), fmt.Sprint(c.n), quoted(url), quoted(r.UserAgent()), suite, version, group,
		quoted(e.trace),
		quoted(domain), quoted(certificate), itoa(e.rule), e.began.UTC().Format("2006-01-02T15:04:05.000000Z"),
		quoted(strings.Join(e.actions, ",")),
		quoted(e.redirect), quoted(e.why), quoted(target), quoted(status), `"-"`, `"-"`, "TID_" + mark(r.RemoteAddr)[:32],
	}, " ")
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// nameInLogs is the load balancer's ARN from app/ on.
func (l *listener) nameInLogs() string {
	_, name, _ := strings.Cut(l.balancer.ARN, ":loadbalancer/")
	return name
}
