package balance

import (
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
	"sync"
	"testing"
	"time"

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
	s.config = &node.Config{Name: "edge-a", Keep: map[string][]byte{"cert:c1": s.issue("guestbook.test", "*.guestbook.test"),
		"cert:c2": s.issue("other.test")}, Plan: &plan.Plan{
		Region: "eu-west-1", Account: "123456789012",
		Nodes: []plan.Node{{Name: "edge-a", Kind: plan.KindBalancer, Plays: lbARN, Zone: "a",
			Interfaces: []plan.Interface{{Address: netip.MustParseAddr("127.0.0.1")}}}},
		Balancers: []plan.Balancer{{ARN: lbARN, Name: "edge", Kind: "application", Idle: 2, KeepAlive: 3600, CrossZone: true,
			DropInvalidHeaders: true, PreserveHost: true, XFF: "append", HTTP2: true,
			Listeners: []plan.Listener{{ARN: "l1", Port: free(t), Protocol: "HTTPS", Policy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
				Certificates: []string{"c1", "c2"},
				Headers:      map[string]string{"Strict-Transport-Security": "max-age=1"},
				Default: []plan.Action{{Type: "fixed-response",
					Fixed: &plan.Fixed{Status: 403, ContentType: "text/plain", Body: "not here\n"}}},
				Rules: []plan.ListenerRule{{Priority: 1,
					Conditions: []plan.Condition{{Field: "host", Values: []string{"guestbook.test", "*.guestbook.test"}}},
					Actions:    []plan.Action{{Type: "forward", Forward: []plan.Weight{{TargetGroup: "g1", Weight: 1}}}}}}}}}},
		TargetGroups: []plan.TargetGroup{{ARN: "g1", Protocol: "HTTPS", Algorithm: "least_outstanding_requests", Drain: 5,
			Health: plan.HealthCheck{Enabled: true, Protocol: "HTTPS", Port: "traffic-port", Path: "/healthz", Matcher: "200", Interval: 1,
				Timeout: 1, Healthy: 2, Unhealthy: 2}}},
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
	return &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true,
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
