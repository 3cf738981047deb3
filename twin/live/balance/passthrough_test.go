package balance

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// A WebSocket is an upgrade of HTTP/1.1, after which bytes go both ways.
func TestWebSocket(t *testing.T) {
	server := application(t, "chat", func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Upgrade") != "websocket" {
			return false
		}
		conn, both, err := w.(http.Hijacker).Hijack()
		if !assert.NoError(t, err) {
			return true
		}
		defer conn.Close()
		fmt.Fprint(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n")
		for {
			line, err := both.ReadString('\n')
			if err != nil {
				return true
			}
			fmt.Fprint(conn, "echo "+line)
		}
	})
	s := setUp(t, server)
	s.apply()
	s.state("i-0", healthy)
	conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.listener().Port),
		&tls.Config{RootCAs: s.ca.Pool(), ServerName: "guestbook.test", NextProtos: []string{"http/1.1"}})
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	fmt.Fprint(conn, "GET /chat HTTP/1.1\r\nHost: guestbook.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "+
		"x\r\nSec-WebSocket-Version: 13\r\n\r\n")
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
	for _, word := range []string{"one\n", "two\n"} {
		fmt.Fprint(conn, word)
		got, err := reader.ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, "echo "+word, got)
	}
}

// gRPC goes to its targets over HTTP/2, trailers and all, and is checked with a call of its own.
func TestGRPC(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	healthpb.RegisterHealthServer(server, health.NewServer())
	go server.Serve(l)
	defer server.Stop()

	s := setUp(t)
	at := l.Addr().(*net.TCPAddr)
	g := s.group()
	g.Protocol, g.ProtocolVersion = "HTTP", "GRPC"
	g.Health.Protocol, g.Health.Path, g.Health.Matcher = "HTTP", "/grpc.health.v1.Health/Check", "0"
	g.Targets = []plan.Target{{ID: "i-0", Address: "127.0.0.1", Port: at.Port}}
	s.apply()
	s.state("i-0", healthy)
	conn, err := grpc.NewClient("passthrough:///guestbook.test:443",
		grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: s.ca.Pool(), ServerName: "guestbook.test"})),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", s.listener().Port))
		}))
	require.NoError(t, err)
	defer conn.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	answer, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
	require.NoError(t, err)
	assert.Equal(t, healthpb.HealthCheckResponse_SERVING, answer.Status)
	for range 50 { // it was a matter of luck once
		_, err = healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{Service: "none"})
		assert.ErrorContains(t, err, "NotFound", "the status is in the trailers")
	}

	g.Health.Matcher = "12"
	s.apply()
	s.state("i-0", unhealthy)
}

// What a target sends piece by piece arrives piece by piece, and a body of any size both ways.
func TestStreams(t *testing.T) {
	next := make(chan struct{})
	s := setUp(t, application(t, "one", func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case "/events":
			fmt.Fprintln(w, "first")
			w.(http.Flusher).Flush()
			<-next
			fmt.Fprintln(w, "second")
			return true
		case "/size":
			n, err := io.Copy(io.Discard, r.Body)
			assert.NoError(t, err)
			fmt.Fprint(w, n)
			return true
		}
		return false
	}))
	s.apply()
	s.state("i-0", healthy)
	response, err := s.client.Get("https://guestbook.test/events")
	require.NoError(t, err)
	defer response.Body.Close()
	reader := bufio.NewReader(response.Body)
	line, err := reader.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "first\n", line)
	close(next)
	line, err = reader.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "second\n", line)

	const size = 5 << 20
	posted, err := s.client.Post("https://guestbook.test/size", "application/octet-stream", io.LimitReader(zeros{}, size))
	require.NoError(t, err)
	defer posted.Body.Close()
	got, err := io.ReadAll(posted.Body)
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprint(size), string(got))
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// BenchmarkThrough is a request through the load balancer, beside one to the target itself.
func BenchmarkThrough(b *testing.B) {
	server := application(b, "one", nil)
	s := setUp(b, server)
	s.apply()
	s.state("i-0", healthy)
	for name, c := range map[string]struct {
		client *http.Client
		url    string
	}{"direct": {server.Client(), server.URL}, "balanced": {s.client, "https://guestbook.test/"}} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				response, err := c.client.Get(c.url)
				if err != nil {
					b.Fatal(err)
				}
				io.Copy(io.Discard, response.Body)
				response.Body.Close()
			}
		})
	}
}
