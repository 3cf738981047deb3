package balance

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/ca"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

const lbARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/edge/1"

// stand is a node of a load balancer on the loopback address, and a client.
type stand struct {
	t      testing.TB
	config *node.Config
	player node.Player
	client *http.Client
	ca     *ca.Authority
	mu     sync.Mutex
	events []any
}

func (s *stand) balancer() *plan.Balancer { return &s.config.Plan.Balancers[0] }
func (s *stand) listener() *plan.Listener { return &s.balancer().Listeners[0] }
func (s *stand) group() *plan.TargetGroup { return &s.config.Plan.TargetGroups[0] }

func setUp(t testing.TB, targets ...*httptest.Server) *stand {
	t.Helper()
	authority, err := ca.New("test", ca.Scope{Domains: []string{"test"}})
	require.NoError(t, err)
	s := &stand{t: t, ca: authority}
	s.config = &node.Config{Name: "edge-a", Keep: map[string][]byte{"cert:c1": s.issue("guestbook.test", "*.guestbook.test"), "cert:c2": s.issue("other.test")}, Plan: &plan.Plan{
		Region: "eu-west-1", Account: "123456789012",
		Nodes: []plan.Node{{Name: "edge-a", Kind: plan.KindBalancer, Plays: lbARN, Zone: "a", Interfaces: []plan.Interface{{Address: netip.MustParseAddr("127.0.0.1")}}}},
		Balancers: []plan.Balancer{{ARN: lbARN, Name: "edge", Kind: "application", Idle: 2, KeepAlive: 3600, CrossZone: true, DropInvalidHeaders: true, PreserveHost: true, XFF: "append", HTTP2: true,
			Listeners: []plan.Listener{{ARN: "l1", Port: free(t), Protocol: "HTTPS", Policy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", Certificates: []string{"c1", "c2"},
				Headers: map[string]string{"Strict-Transport-Security": "max-age=1"},
				Default: []plan.Action{{Type: "fixed-response", Fixed: &plan.Fixed{Status: 403, ContentType: "text/plain", Body: "not here\n"}}},
				Rules: []plan.ListenerRule{{Priority: 1, Conditions: []plan.Condition{{Field: "host", Values: []string{"guestbook.test", "*.guestbook.test"}}},
					Actions: []plan.Action{{Type: "forward", Forward: []plan.Weight{{TargetGroup: "g1", Weight: 1}}}}}}}}}},
		TargetGroups: []plan.TargetGroup{{ARN: "g1", Protocol: "HTTPS", Algorithm: "least_outstanding_requests", Drain: 5,
			Health: plan.HealthCheck{Enabled: true, Protocol: "HTTPS", Port: "traffic-port", Path: "/healthz", Matcher: "200", Interval: 1, Timeout: 1, Healthy: 2, Unhealthy: 2}}},
	}}
	for i, server := range targets {
		s.group().Targets = append(s.group().Targets, targetOf(server, fmt.Sprintf("i-%d", i)))
	}
	ours, theirs := net.Pipe()
	go s.listen(node.NewLink(theirs))
	s.player = New(node.NewPort("edge-a", node.NewLink(ours)))
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		s.player.Close(context.Background())
		ours.Close()
	})
	s.client = s.clientWith(nil)
	return s
}

func (s *stand) listen(l *node.Link) {
	for {
		m, err := l.Receive()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.events = append(s.events, node.Decode(m))
		s.mu.Unlock()
	}
}

func (s *stand) issue(names ...string) []byte {
	pair, err := s.ca.Issue(ca.Order{Names: names})
	require.NoError(s.t, err)
	return pair.PEM()
}

func targetOf(server *httptest.Server, id string) plan.Target {
	host, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	n, _ := strconv.Atoi(port)
	return plan.Target{ID: id, Address: host, Port: n, Zone: "a"}
}

func free(t testing.TB) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *stand) clientWith(change func(*tls.Config)) *http.Client {
	c := &tls.Config{RootCAs: s.ca.Pool()}
	if change != nil {
		change(c)
	}
	at := fmt.Sprintf("127.0.0.1:%d", s.listener().Port)
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Transport: &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", at)
		}}}
}

func (s *stand) apply() {
	text, err := json.Marshal(s.config)
	require.NoError(s.t, err)
	var c node.Config
	require.NoError(s.t, json.Unmarshal(text, &c))
	require.NoError(s.t, s.player.Apply(context.Background(), &c))
}

// state waits until the load balancer has said so of a target.
func (s *stand) state(target string, want State) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		last := State("")
		for _, e := range s.events {
			if h, ok := e.(node.Health); ok && h.Target == target {
				last = State(h.State)
			}
		}
		return last == want
	}, 10*time.Second, 10*time.Millisecond, "%s never became %s", target, want)
}

func (s *stand) get(url string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequest("GET", url, nil)
	require.NoError(s.t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := s.client.Do(r)
	require.NoError(s.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	return response, string(body)
}

// application is a target that tells what it got.
func application(t testing.TB, name string, more func(w http.ResponseWriter, r *http.Request) bool) *httptest.Server {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if more != nil && more(w, r) {
			return
		}
		w.Header().Set("Strict-Transport-Security", "max-age=9")
		w.Header().Set("Server", "mine")
		w.Header().Set("X-From", name)
		r.Header.Write(w)
		fmt.Fprintf(w, "Host: %s\r\n%s %s\r\n", r.Host, r.Method, r.URL)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func TestFromBrowserToTarget(t *testing.T) {
	s := setUp(t, application(t, "one", nil))
	s.apply()
	s.state("i-0", healthy)
	response, body := s.get("https://guestbook.test/a%2Fb?q=1", "X_Bad", "1", "X-Good", "2", "X-Forwarded-For", "9.9.9.9", "X-Amzn-Mtls-Clientcert-Subject", "forged")
	assert.Equal(t, 200, response.StatusCode)
	assert.Equal(t, 2, response.ProtoMajor, "HTTP/2 to the client")
	assert.Equal(t, []string{"max-age=1"}, response.Header.Values("Strict-Transport-Security"), "once, and the listener's")
	assert.Empty(t, response.Header.Get("Server"))
	for _, line := range []string{"Host: guestbook.test", "GET /a%2Fb?q=1", "X-Good: 2", "X-Forwarded-For: 9.9.9.9, 127.0.0.1", "X-Forwarded-Proto: https",
		fmt.Sprintf("X-Forwarded-Port: %d", s.listener().Port), "X-Amzn-Trace-Id: Root=1-"} {
		assert.Contains(t, body, line)
	}
	assert.NotContains(t, body, "X_Bad")
	assert.NotContains(t, body, "forged")

	response, body = s.get("https://other.test/")
	assert.Equal(t, 403, response.StatusCode, "a host that no rule knows")
	assert.Equal(t, "not here\n", body)
	assert.Equal(t, []string{"max-age=1"}, response.Header.Values("Strict-Transport-Security"))
}

func TestHeaders(t *testing.T) {
	s := setUp(t, application(t, "one", nil))
	b := s.balancer()
	b.DropInvalidHeaders, b.XFF, b.TLSHeaders = false, "remove", true
	s.listener().Renamed = map[string]string{"X-Amzn-Tls-Version": "X-Version"}
	s.listener().ServerHeader = true
	s.apply()
	s.state("i-0", healthy)
	response, body := s.get("https://guestbook.test/", "X_Bad", "1", "X-Forwarded-For", "9.9.9.9", "X-Amzn-Trace-Id", "Root=1-a-b")
	assert.Contains(t, body, "X_bad: 1")
	assert.NotContains(t, body, "X-Forwarded-For")
	assert.Contains(t, body, "X-Version: TLSv1.3")
	assert.Contains(t, body, "X-Amzn-Tls-Cipher-Suite: TLS_")
	assert.Regexp(t, `X-Amzn-Trace-Id: Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-a-b`, body)
	assert.Equal(t, "mine", response.Header.Get("Server"))
	b.XFF, b.XFFPort = "append", true
	s.apply()
	_, body = s.get("https://guestbook.test/")
	assert.Regexp(t, `X-Forwarded-For: 127.0.0.1:\d+\r\n`, body)
}

func TestTLSPolicies(t *testing.T) {
	s := setUp(t, application(t, "one", nil))
	handshake := func(c *tls.Config) error {
		c.RootCAs, c.ServerName = s.ca.Pool(), "guestbook.test"
		conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.listener().Port), c)
		if err == nil {
			conn.Close()
		}
		return err
	}
	weak := []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
	for _, c := range []struct {
		policy        string
		v10, v12, v13 bool
		weak          bool
	}{
		{"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", false, true, true, false},
		{"ELBSecurityPolicy-TLS13-1-3-2021-06", false, false, true, false},
		{"ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", false, true, true, true},
		{"ELBSecurityPolicy-FS-1-2-Res-2020-10", false, true, false, false},
		{"ELBSecurityPolicy-2016-08", true, true, false, true},
		{"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", false, true, true, false},
	} {
		s.listener().Policy = c.policy
		s.apply()
		for version, want := range map[uint16]bool{tls.VersionTLS10: c.v10, tls.VersionTLS12: c.v12, tls.VersionTLS13: c.v13} {
			err := handshake(&tls.Config{MinVersion: version, MaxVersion: version})
			assert.Equal(t, want, err == nil, "%s %s: %v", c.policy, versionName(version), err)
		}
		err := handshake(&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: weak})
		assert.Equal(t, c.weak, err == nil, "%s with CBC: %v", c.policy, err)
	}
	_, err := tlsPolicy("ELBSecurityPolicy-None-2025-01")
	assert.ErrorContains(t, err, "None-2025-01")
	assert.Equal(t, "ECDHE-RSA-AES128-GCM-SHA256", suiteName(tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256))
	assert.Equal(t, "AES128-SHA", suiteName(tls.TLS_RSA_WITH_AES_128_CBC_SHA))
}

func TestCertificateOfTheName(t *testing.T) {
	s := setUp(t)
	s.apply()
	for name, want := range map[string]string{"www.guestbook.test": "guestbook.test", "other.test": "other.test", "none.test": "guestbook.test", "": "guestbook.test"} {
		c, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.listener().Port), &tls.Config{ServerName: name, InsecureSkipVerify: true})
		require.NoError(t, err)
		assert.Equal(t, want, c.ConnectionState().PeerCertificates[0].DNSNames[0], name)
		c.Close()
	}
}

func TestClientCertificates(t *testing.T) {
	s := setUp(t, application(t, "one", nil))
	clients, err := ca.New("clients", ca.Scope{Clients: true})
	require.NoError(t, err)
	strangers, err := ca.New("strangers", ca.Scope{Clients: true})
	require.NoError(t, err)
	shown := func(a *ca.Authority, ends time.Time) func(*tls.Config) {
		pair, err := a.Issue(ca.Order{Client: "ada", Ends: ends})
		require.NoError(t, err)
		c, err := ca.Read(pair.PEM())
		require.NoError(t, err)
		return func(config *tls.Config) {
			config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &c, nil }
		}
	}
	s.config.Keep["trust:store"] = clients.PEM()
	s.listener().MutualTLS = &plan.MutualTLS{Mode: "verify", TrustStore: "store"}
	s.apply()
	s.state("i-0", healthy)
	past := time.Now().Add(-time.Hour)
	for name, c := range map[string]struct {
		show    func(*tls.Config)
		ignore  bool
		welcome bool
	}{
		"none": {nil, false, false}, "ours": {shown(clients, time.Time{}), false, true}, "a stranger's": {shown(strangers, time.Time{}), false, false},
		"an old one": {shown(clients, past), false, false}, "an old one, forgiven": {shown(clients, past), true, true}, "a stranger's old one": {shown(strangers, past), true, false},
	} {
		s.listener().MutualTLS.IgnoreExpired = c.ignore
		s.apply()
		s.client = s.clientWith(c.show)
		_, err := s.client.Get("https://guestbook.test/")
		assert.Equal(t, c.welcome, err == nil, "%s: %v", name, err)
	}
	s.client = s.clientWith(shown(clients, time.Time{}))
	_, body := s.get("https://guestbook.test/")
	assert.Contains(t, body, "X-Amzn-Mtls-Clientcert-Subject: CN=ada")
	assert.Contains(t, body, "X-Amzn-Mtls-Clientcert-Leaf: -----BEGIN%20CERTIFICATE-----%0A")

	s.listener().MutualTLS = &plan.MutualTLS{Mode: "passthrough"}
	s.apply()
	s.client = s.clientWith(shown(strangers, time.Time{}))
	_, body = s.get("https://guestbook.test/")
	assert.Contains(t, body, "X-Amzn-Mtls-Clientcert: -----BEGIN%20CERTIFICATE-----%0A", "it is the target's to judge")
}

func TestConditions(t *testing.T) {
	r := httptest.NewRequest("GET", "/img/a.png?v=1&Size=Big", nil)
	r.Host = "WWW.Guestbook.test:443"
	r.Header.Set("User-Agent", "Mozilla/5.0")
	for _, c := range []struct {
		condition plan.Condition
		want      bool
	}{
		{plan.Condition{Field: "host", Values: []string{"*.guestbook.TEST"}}, true},
		{plan.Condition{Field: "host", Values: []string{"guestbook.test"}}, false},
		{plan.Condition{Field: "path", Values: []string{"/x", "/img/*"}}, true},
		{plan.Condition{Field: "path", Values: []string{"/IMG/*"}}, false},
		{plan.Condition{Field: "path", Values: []string{"/img/?.png"}}, true},
		{plan.Condition{Field: "method", Values: []string{"POST"}}, false},
		{plan.Condition{Field: "method", Values: []string{"GET"}}, true},
		{plan.Condition{Field: "source", Values: []string{"10.0.0.0/8"}}, true},
		{plan.Condition{Field: "source", Values: []string{"192.0.2.0/24"}}, false},
		{plan.Condition{Field: "header", Header: "user-agent", Values: []string{"*mozilla*"}}, true},
		{plan.Condition{Field: "header", Header: "accept", Values: []string{"*"}}, false},
		{plan.Condition{Field: "query", Values: []string{"size=big"}}, true},
		{plan.Condition{Field: "query", Values: []string{"v=2"}}, false},
		{plan.Condition{Field: "query", Values: []string{"1"}}, true},
		{plan.Condition{Field: "none", Values: []string{"x"}}, false},
	} {
		assert.Equal(t, c.want, matches([]plan.Condition{c.condition}, r, netip.MustParseAddr("10.1.2.3")), "%+v", c.condition)
	}
	yes, no := plan.Condition{Field: "method", Values: []string{"GET"}}, plan.Condition{Field: "path", Values: []string{"/x"}}
	assert.False(t, matches([]plan.Condition{yes, no}, r, netip.Addr{}), "all must hold")
}

func TestRedirects(t *testing.T) {
	r := httptest.NewRequest("GET", "/a/b?q=1", nil)
	r.Host = "guestbook.test"
	for _, c := range []struct {
		to   plan.Redirect
		want string
	}{
		{plan.Redirect{Protocol: "HTTPS", Port: "443"}, "https://guestbook.test/a/b?q=1"},
		{plan.Redirect{Host: "www.#{host}", Path: "/x/#{path}", Query: "from=#{port}"}, "http://www.guestbook.test/x/a/b?from=80"},
		{plan.Redirect{Protocol: "HTTPS", Port: "8443"}, "https://guestbook.test:8443/a/b?q=1"},
	} {
		assert.Equal(t, c.want, location(&c.to, r, "HTTP", 80))
	}
	s := setUp(t)
	s.listener().Default = []plan.Action{{Type: "redirect", Redirect: &plan.Redirect{Status: 301, Host: "guestbook.test", Port: "443"}}}
	s.apply()
	response, _ := s.get("https://other.test/x")
	assert.Equal(t, 301, response.StatusCode)
	assert.Equal(t, "https://guestbook.test/x", response.Header.Get("Location"))
	s.listener().Default = []plan.Action{{Type: "authenticate-oidc"}}
	s.apply()
	response, body := s.get("https://other.test/x")
	assert.Equal(t, 501, response.StatusCode)
	assert.Contains(t, body, "authenticate-oidc")
}

func TestHealth(t *testing.T) {
	var sick atomic.Bool
	var checks atomic.Int64
	sick.Store(true)
	one := application(t, "one", func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/healthz" {
			return false
		}
		checks.Add(1)
		assert.Equal(t, "ELB-HealthChecker/2.0", r.UserAgent())
		if sick.Load() {
			w.WriteHeader(500)
		}
		return true
	})
	s := setUp(t, one, application(t, "two", nil))
	s.apply()
	s.state("i-1", healthy)
	require.Eventually(t, func() bool { return checks.Load() > 4 }, 5*time.Second, 10*time.Millisecond)
	s.state("i-0", initial) // until its first success, however often it fails
	for range 10 {
		response, _ := s.get("https://guestbook.test/")
		assert.Equal(t, "two", response.Header.Get("X-From"), "none for a target that was never well")
	}
	sick.Store(false)
	s.state("i-0", healthy)
	sick.Store(true)
	s.state("i-0", unhealthy)
	for range 10 {
		response, _ := s.get("https://guestbook.test/")
		assert.Equal(t, "two", response.Header.Get("X-From"))
	}
	before := checks.Load()
	sick.Store(false)
	s.state("i-0", healthy)
	assert.GreaterOrEqual(t, checks.Load()-before, int64(2), "as often as the threshold says")

	s.mu.Lock()
	defer s.mu.Unlock()
	assert.Contains(t, s.events, node.Health{TargetGroup: "g1", Target: "i-0", Port: s.group().Targets[0].Port, State: "unhealthy", Reason: "Target.ResponseCodeMismatch: 500"})
}

func TestMatcher(t *testing.T) {
	for _, c := range []struct {
		matcher string
		code    int
		ok      bool
	}{{"200", 200, true}, {"200", 204, false}, {"200-299", 204, true}, {"200,301", 301, true}, {"200, 300-302", 302, true}, {"", 200, true}, {"x", 200, false}} {
		assert.Equal(t, c.ok, within(c.code, c.matcher, "200") == nil, "%v", c)
	}
}

// A target that is leaving gets no new request, and finishes those that it has.
func TestDraining(t *testing.T) {
	hold := make(chan struct{})
	slow := application(t, "slow", func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/slow" {
			<-hold
		}
		return false
	})
	s := setUp(t, slow)
	s.apply()
	s.state("i-0", healthy)
	answer := make(chan string)
	go func() {
		response, err := s.client.Get("https://guestbook.test/slow")
		if err != nil {
			answer <- err.Error()
			return
		}
		answer <- response.Status
	}()
	require.Eventually(t, func() bool { return s.flying() == 1 }, 5*time.Second, time.Millisecond)
	s.group().Targets[0].Draining = true
	s.group().Targets = append(s.group().Targets, targetOf(application(t, "new", nil), "i-1"))
	s.apply()
	s.state("i-0", draining)
	s.state("i-1", healthy)
	for range 5 {
		response, _ := s.get("https://guestbook.test/")
		assert.Equal(t, "new", response.Header.Get("X-From"))
	}
	close(hold)
	assert.Equal(t, "200 OK", <-answer)
	s.state("i-0", unused) // its last request was answered
}

func (s *stand) flying() int64 {
	b := s.player.(*balancer)
	b.mu.Lock()
	defer b.mu.Unlock()
	total := int64(0)
	for _, g := range b.groups {
		g.mu.Lock()
		for _, t := range g.targets {
			total += t.flying.Load()
		}
		g.mu.Unlock()
	}
	return total
}

// What a target leaves unanswered at the end of its delay is broken off, and not sent to another.
func TestBrokenOff(t *testing.T) {
	var asked atomic.Int64
	hang := func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/hang" {
			return false
		}
		asked.Add(1)
		<-r.Context().Done()
		return true
	}
	s := setUp(t, application(t, "one", hang), application(t, "two", hang))
	s.apply()
	s.state("i-0", healthy)
	s.state("i-1", healthy)
	status := make(chan int)
	go func() {
		response, err := s.client.Get("https://guestbook.test/hang")
		assert.NoError(t, err)
		status <- response.StatusCode
	}()
	require.Eventually(t, func() bool { return asked.Load() == 1 }, 5*time.Second, time.Millisecond)
	s.group().Targets = nil
	s.apply()
	assert.Equal(t, 502, <-status)
	assert.Equal(t, int64(1), asked.Load())
	response, body := s.get("https://guestbook.test/")
	assert.Equal(t, 503, response.StatusCode)
	assert.Contains(t, body, "503 Service Temporarily Unavailable")
}

// Go's transport would send such requests again over another connection, and hide what an ALB answers.
func TestATargetThatBreaksOffIsA502(t *testing.T) {
	var asked atomic.Int64
	rude := application(t, "rude", func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/rude" {
			return false
		}
		asked.Add(1)
		panic(http.ErrAbortHandler)
	})
	s := setUp(t, rude)
	s.apply()
	s.state("i-0", healthy)
	s.get("https://guestbook.test/") // a connection that will be used again
	response, body := s.get("https://guestbook.test/rude")
	assert.Equal(t, 502, response.StatusCode)
	assert.Contains(t, body, "502 Bad Gateway")
	assert.Equal(t, int64(1), asked.Load())
}

func TestATargetThatIsSlowIsA504(t *testing.T) {
	s := setUp(t, application(t, "slow", func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
			return true
		}
		return false
	}))
	s.balancer().Idle = 1
	s.apply()
	s.state("i-0", healthy)
	response, _ := s.get("https://guestbook.test/slow")
	assert.Equal(t, 504, response.StatusCode)
}

func TestStickiness(t *testing.T) {
	s := setUp(t, application(t, "one", nil), application(t, "two", nil))
	s.group().Stickiness = &plan.Stickiness{Type: "lb_cookie", Seconds: 60}
	s.apply()
	s.state("i-0", healthy)
	s.state("i-1", healthy)
	response, _ := s.get("https://guestbook.test/")
	from, cookie := response.Header.Get("X-From"), response.Cookies()[0]
	assert.Equal(t, "AWSALB", cookie.Name)
	assert.Equal(t, "AWSALBCORS", response.Cookies()[1].Name)
	for range 10 {
		response, _ := s.get("https://guestbook.test/", "Cookie", cookie.Name+"="+cookie.Value)
		assert.Equal(t, from, response.Header.Get("X-From"))
	}
	seen := map[string]bool{}
	for range 10 {
		response, _ := s.get("https://guestbook.test/")
		seen[response.Header.Get("X-From")] = true
	}
	assert.Len(t, seen, 2, "without the cookie, both")
}

func TestWeights(t *testing.T) {
	a := &plan.Action{Sticky: 60, Forward: []plan.Weight{{TargetGroup: "a", Weight: 1}, {TargetGroup: "b", Weight: 3}, {TargetGroup: "c", Weight: 0}}}
	r := httptest.NewRequest("GET", "/", nil)
	counts := map[string]int{}
	for n := range 4 {
		arn, fresh := share(a, r, func(int) int { return n })
		counts[arn]++
		assert.True(t, fresh)
	}
	assert.Equal(t, map[string]int{"a": 1, "b": 3}, counts)
	r.AddCookie(&http.Cookie{Name: cookieGroup, Value: mark("a")})
	arn, fresh := share(a, r, func(int) int { return 3 })
	assert.Equal(t, "a", arn)
	assert.False(t, fresh)
	arn, _ = share(&plan.Action{Forward: []plan.Weight{{TargetGroup: "a"}}}, r, func(int) int { return 0 })
	assert.Empty(t, arn)
}

func TestSlowStart(t *testing.T) {
	now := time.Now()
	veteran, rookie := &target{}, &target{since: now.Add(-3 * time.Second)}
	assert.Equal(t, 1.0, veteran.share(30*time.Second, now))
	assert.InDelta(t, 0.1, rookie.share(30*time.Second, now), 0.01)
	assert.Equal(t, 1.0, rookie.share(0, now))
	g := &group{plan: plan.TargetGroup{SlowStart: 30}, targets: []*target{veteran, rookie}}
	veteran.state, rookie.state = healthy, healthy
	for range 1000 {
		g.pick("")
	}
	assert.InDelta(t, 100, rookie.flying.Load(), 70)
}

func TestOwnZoneFirst(t *testing.T) {
	near, far := &target{Target: plan.Target{Zone: "a"}, state: healthy}, &target{Target: plan.Target{Zone: "b"}, state: healthy}
	g := &group{zone: "a", targets: []*target{near, far}}
	for range 10 {
		assert.Same(t, near, g.pick(""))
	}
	g.zone = ""
	assert.Len(t, g.choice(), 2)
}

func TestAccessLog(t *testing.T) {
	s := setUp(t, application(t, "one", nil))
	s.balancer().AccessLogs = &plan.LogTarget{Bucket: "logs", Prefix: "access"}
	s.balancer().ConnectionLogs = &plan.LogTarget{Bucket: "logs", Prefix: "connection"}
	s.apply()
	s.state("i-0", healthy)
	s.get("https://guestbook.test/x?y=\"", "User-Agent", "probe \"1\"")
	s.get("https://other.test/")
	_, err := s.player.Ask(context.Background(), AskDeliver, nil)
	require.NoError(t, err)
	stored := func(prefix string) (node.Stored, []string) {
		var found node.Stored
		require.Eventually(t, func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, e := range s.events {
				if f, ok := e.(node.Stored); ok && strings.HasPrefix(f.Key, prefix) {
					found = f
				}
			}
			return found.Key != ""
		}, 5*time.Second, 10*time.Millisecond)
		z, err := gzip.NewReader(bytes.NewReader(found.Content))
		require.NoError(t, err)
		text, err := io.ReadAll(z)
		require.NoError(t, err)
		return found, strings.Split(strings.TrimSpace(string(text)), "\n")
	}
	o, lines := stored("access/")
	assert.Equal(t, "logs", o.Bucket)
	assert.Regexp(t, `^access/AWSLogs/123456789012/elasticloadbalancing/eu-west-1/\d{4}/\d\d/\d\d/123456789012_elasticloadbalancing_eu-west-1_app\.edge\.1_\d{8}T\d{4}Z_127\.0\.0\.1_[0-9a-f]{8}\.log\.gz$`, o.Key)
	require.Len(t, lines, 2)
	assert.Regexp(t, `^h2 \S+Z app/edge/1 127\.0\.0\.1:\d+ 127\.0\.0\.1:\d+ 0\.\d{3} 0\.\d{3} 0\.\d{3} 200 200 0 \d+ "GET https://guestbook\.test:\d+/x\?y=\\x22 HTTP/2\.0" "probe \\x221\\x22" TLS_\w+ TLSv1\.3 g1 "Root=1-\S+" "guestbook\.test" "c1" 1 \S+Z "forward" "-" "-" "127\.0\.0\.1:\d+" "200" "-" "-" TID_`, lines[0])
	assert.Regexp(t, ` - -1 -1 -1 403 - .* "fixed-response" `, lines[1])
	_, lines = stored("connection/")
	assert.Regexp(t, `^\S+Z 127\.0\.0\.1 \d+ \d+ TLSv1\.3 TLS_\w+ \d+\.\d{3} "-" - - Success TID_`, lines[0])
}

// A change of rules holds for the next request, on connections that are open already.
func TestChangedWhileItServes(t *testing.T) {
	s := setUp(t, application(t, "one", nil))
	s.apply()
	s.state("i-0", healthy)
	s.get("https://guestbook.test/")
	s.listener().Rules = nil
	s.apply()
	response, _ := s.get("https://guestbook.test/")
	assert.Equal(t, 403, response.StatusCode)
	old := s.listener().Port
	s.listener().Port = free(t)
	s.apply()
	_, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", old))
	assert.Error(t, err, "a listener that is gone")
}
