package edge

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/ca"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

type stand struct {
	t             *testing.T
	zone, pulls   *ca.Authority
	config        *node.Config
	edge          *edge
	secure, plain string
	originPort    string
}

func (s *stand) record() *plan.Record { return &s.config.Plan.Zones[0].Records[0] }

// setUp is an edge on the loopback address in front of an origin with its own certificate.
func setUp(t *testing.T, originNames []string, handler http.HandlerFunc) *stand {
	t.Helper()
	s := &stand{t: t}
	var err error
	s.zone, err = ca.New("zone", ca.Scope{Domains: []string{"guestbook.test"}})
	require.NoError(t, err)
	s.pulls, err = ca.New("pulls", ca.Scope{Clients: true})
	require.NoError(t, err)
	client, err := s.pulls.Issue(ca.Order{Client: "origin-pull"})
	require.NoError(t, err)
	s.originPort = s.origin(originNames, handler)
	s.config = &node.Config{Name: "cf", Keep: map[string][]byte{keepCert: s.issue("www.guestbook.test"), keepClient: client.PEM(),
		keepRoots: s.zone.PEM()}, Plan: &plan.Plan{
		Nodes: []plan.Node{{Name: "cf", Kind: plan.KindEdge}},
		Zones: []plan.Zone{{Name: "guestbook.test", At: "cloudflare", Served: true,
			Edge: plan.EdgeSettings{MinTLS: "1.2", AlwaysHTTPS: true, Headers: map[string]string{"X-Content-Type-Options": "nosniff"}},
			Records: []plan.Record{{Name: "www.guestbook.test", Type: "A", Values: []string{"127.0.0.1"}, Proxied: true, Strict: true,
				Pulls: true}}}},
	}}
	s.edge = New(nil).(*edge)
	t.Cleanup(func() { s.edge.Close(context.Background()) })
	s.apply()
	for _, secure := range []bool{true, false} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		s.edge.serve(l, secure)
		if secure {
			s.secure = l.Addr().String()
		} else {
			s.plain = l.Addr().String()
		}
	}
	return s
}

func (s *stand) issue(names ...string) []byte {
	pair, err := s.zone.Issue(ca.Order{Names: names})
	require.NoError(s.t, err)
	return pair.PEM()
}

// origin demands the edge's client certificate.
func (s *stand) origin(names []string, handler http.HandlerFunc) string {
	certificate, err := ca.Read(s.issue(names...))
	require.NoError(s.t, err)
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequireAndVerifyClientCert,
		ClientCAs: s.pulls.Pool()}
	server.StartTLS()
	s.t.Cleanup(server.Close)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	return port
}

func (s *stand) apply() {
	s.edge.toPort = map[string]string{"443": s.originPort}
	require.NoError(s.t, s.edge.Apply(context.Background(), s.config))
}

func (s *stand) get(url string, change func(*tls.Config)) (*http.Response, string, error) {
	c := &tls.Config{RootCAs: s.zone.Pool()}
	if change != nil {
		change(c)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{TLSClientConfig: c, ForceAttemptHTTP2: true,
			DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
				at := s.secure
				if _, port, _ := net.SplitHostPort(address); port == "80" {
					at = s.plain
				}
				return (&net.Dialer{}).DialContext(ctx, "tcp", at)
			}}}
	response, err := client.Get(url)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response, string(body), err
}

func tell(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", "origin")
	fmt.Fprintf(w, "%s %s for %s, X-Forwarded-For %s, %s, shown %s", r.Host, r.URL, r.Header.Get("Cf-Connecting-Ip"),
		r.Header.Get("X-Forwarded-For"), r.Header.Get("Cf-Visitor"), r.TLS.PeerCertificates[0].Subject.CommonName)
}

func TestThroughTheEdge(t *testing.T) {
	s := setUp(t, []string{"www.guestbook.test"}, tell)
	response, body, err := s.get("https://www.guestbook.test/a?b=1", nil)
	require.NoError(t, err)
	assert.Equal(t, `www.guestbook.test /a?b=1 for 127.0.0.1, X-Forwarded-For 127.0.0.1, {"scheme":"https"}, shown origin-pull`, body)
	assert.Equal(t, []string{"cloudflare"}, response.Header.Values("Server"))
	assert.Len(t, response.Header.Values("Cf-Ray"), 1)
	assert.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
	assert.Equal(t, 2, response.ProtoMajor)

	response, _, err = s.get("http://www.guestbook.test/a?b=1", nil)
	require.NoError(t, err)
	assert.Equal(t, 301, response.StatusCode)
	assert.Equal(t, "https://www.guestbook.test/a?b=1", response.Header.Get("Location"))

	_, _, err = s.get("https://guestbook.test/", nil)
	assert.Error(t, err, "a name that is not proxied")
	_, _, err = s.get("https://www.guestbook.test/",
		func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11; c.MinVersion = tls.VersionTLS10 })
	assert.Error(t, err, "below the zone's lowest version")
}

func TestOriginsThatDoNotAnswer(t *testing.T) {
	s := setUp(t, []string{"other.guestbook.test"}, tell)
	status := func() int {
		response, _, err := s.get("https://www.guestbook.test/", nil)
		require.NoError(t, err)
		return response.StatusCode
	}
	assert.Equal(t, 526, status(), "a certificate of another name")
	s.record().Strict = false
	s.apply()
	assert.Equal(t, 200, status(), "is not looked at in the mode full")
	s.record().Pulls = false
	s.apply()
	assert.Equal(t, 525, status(), "no certificate for an origin that demands one")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	_, s.originPort, _ = net.SplitHostPort(l.Addr().String())
	l.Close()
	s.apply()
	assert.Equal(t, 521, status(), "nobody listens")
	s.edge.lookup = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil,
			fmt.Errorf("no DNS")
	}}
	s.record().Values = []string{"none.example"}
	s.apply()
	assert.Equal(t, 530, status(), "a name that leads nowhere")
}

func TestAnOriginTrustsThePullsOnly(t *testing.T) {
	s := setUp(t, []string{"www.guestbook.test"}, tell)
	stranger, err := ca.New("stranger", ca.Scope{Clients: true})
	require.NoError(t, err)
	pair, err := stranger.Issue(ca.Order{Client: "stranger"})
	require.NoError(t, err)
	s.config.Keep[keepClient] = pair.PEM()
	s.apply()
	response, _, err := s.get("https://www.guestbook.test/", nil)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, response.StatusCode, 520)
}
