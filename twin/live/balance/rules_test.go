package balance

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

func TestFromBrowserToTarget(t *testing.T) {
	s := setUp(t, application(t, "one", nil))
	s.apply()
	s.state("i-0", healthy)
	response, body := s.get("https://guestbook.test/a%2Fb?q=1", "X_Bad", "1", "X-Good", "2", "X-Forwarded-For", "9.9.9.9",
		"X-Amzn-Mtls-Clientcert-Subject", "forged")
	assert.Equal(t, 200, response.StatusCode)
	assert.Equal(t, 2, response.ProtoMajor, "HTTP/2 to the client")
	assert.Equal(t, []string{"max-age=1"}, response.Header.Values("Strict-Transport-Security"), "once, and the listener's")
	assert.Empty(t, response.Header.Get("Server"))
	for _, line := range []string{"Host: guestbook.test", "GET /a%2Fb?q=1", "X-Good: 2", "X-Forwarded-For: 9.9.9.9, 127.0.0.1",
		"X-Forwarded-Proto: https",
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

func TestWeights(t *testing.T) {
	a := &plan.Action{Sticky: 60, Forward: []plan.Weight{{TargetGroup: "a", Weight: 1}, {TargetGroup: "b", Weight: 3},
		{TargetGroup: "c", Weight: 0}}}
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
	assert.Regexp(t,
		`^access/AWSLogs/123456789012/elasticloadbalancing/eu-west-1/\d{4}/\d\d/\d\d/`+
			`123456789012_elasticloadbalancing_eu-west-1_app\.edge\.1_\d{8}T\d{4}Z_127\.0\.0\.1_[0-9a-f]{8}\.log\.gz$`, o.Key)
	require.Len(t, lines, 2)
	assert.Regexp(t,
		`^h2 \S+Z app/edge/1 127\.0\.0\.1:\d+ 127\.0\.0\.1:\d+ 0\.\d{3} 0\.\d{3} 0\.\d{3} 200 200 0 \d+ "GET `+
			`https://guestbook\.test:\d+/x\?y=\\x22 HTTP/2\.0" "probe \\x221\\x22" TLS_\w+ TLSv1\.3 g1 "Root=1-\S+" "guestbook\.test" `+
			`"c1" 1 \S+Z "forward" "-" "-" "127\.0\.0\.1:\d+" "200" "-" "-" TID_`, lines[0])
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
