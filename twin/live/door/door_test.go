//go:build unix

package door

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// opened is a door whose other side connects with dial, and a client that goes through it.
func opened(t *testing.T, dial Dial) (*http.Client, *Dialer, *net.UnixConn) {
	t.Helper()
	ours, theirs, err := Pair()
	require.NoError(t, err)
	c, err := net.FileConn(theirs)
	require.NoError(t, err)
	theirs.Close()
	inside := c.(*net.UnixConn)
	go Answer(inside, dial)
	dialer := NewDialer(ours)
	t.Cleanup(func() { ours.Close(); inside.Close() })

	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	d := New(dialer.DialContext)
	go d.Serve(l)
	t.Cleanup(func() { d.Close() })
	proxy := &url.URL{Scheme: "http", Host: l.Addr().String()}
	return &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: nil}}, dialer, inside
}

// toward dials one server, whatever is asked for.
func toward(server *httptest.Server) Dial {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", server.Listener.Addr().String())
	}
}

func get(t *testing.T, c *http.Client, url string) (int, string) {
	t.Helper()
	r, err := c.Get(url)
	require.NoError(t, err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r.StatusCode, string(body)
}

func echo(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%s %s", r.Host, r.URL.Path) }

func TestPlainAndEncrypted(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(echo))
	defer plain.Close()
	client, _, _ := opened(t, toward(plain))
	code, body := get(t, client, "http://guestbook.test/x")
	assert.Equal(t, 200, code)
	assert.Equal(t, "guestbook.test /x", body, "the host that the person asked for")

	encrypted := httptest.NewTLSServer(http.HandlerFunc(echo))
	defer encrypted.Close()
	client, _, _ = opened(t, toward(encrypted))
	client.Transport.(*http.Transport).TLSClientConfig = encrypted.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	code, body = get(t, client, "https://example.com/y")
	assert.Equal(t, 200, code)
	assert.Equal(t, "example.com /y", body)
}

func TestManyAtOnce(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()
	client, _, _ := opened(t, toward(server))
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			if r, err := client.Get(fmt.Sprintf("http://h%d.test/%d", i, i)); assert.NoError(t, err) {
				body, _ := io.ReadAll(r.Body)
				r.Body.Close()
				assert.Equal(t, fmt.Sprintf("h%d.test /%d", i, i), string(body))
			}
		})
	}
	all.Wait()
}

func TestWhatCannotBeReached(t *testing.T) {
	client, dialer, inside := opened(t, func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("lookup nowhere.test: no such host")
	})
	code, body := get(t, client, "http://nowhere.test/")
	assert.Equal(t, http.StatusBadGateway, code)
	assert.Contains(t, body, "no such host")
	_, err := client.Get("https://nowhere.test/")
	assert.ErrorContains(t, err, "Bad Gateway")

	inside.Close()
	_, err = dialer.DialContext(context.Background(), "tcp", "x:1")
	assert.Error(t, err, "a world that has ended keeps nobody waiting")
}

func TestWhoeverStopsWaitingLeavesNoSocket(t *testing.T) {
	slow := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(echo))
	defer server.Close()
	accepted := make(chan net.Conn, 1)
	_, dialer, _ := opened(t, func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-slow
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		go func() {
			c, _ := l.Accept()
			accepted <- c
		}()
		return net.Dial("tcp", l.Addr().String())
	})
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := dialer.DialContext(ctx, "tcp", "x:1")
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	close(slow)
	far := <-accepted
	require.NoError(t, far.SetDeadline(time.Now().Add(5*time.Second)))
	_, err = far.Read(make([]byte, 1))
	assert.ErrorIs(t, err, io.EOF, "the connection that nobody waits for is closed")
}

func TestOnlyOnTheLoopbackAddress(t *testing.T) {
	l, err := net.Listen("tcp", "0.0.0.0:0")
	require.NoError(t, err)
	defer l.Close()
	assert.ErrorContains(t, New(nil).Serve(l), "not a loopback address")
}

func TestNoServerOfItsOwn(t *testing.T) {
	w := httptest.NewRecorder()
	New(nil).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	assert.Equal(t, http.StatusBadRequest, w.Code)
	assert.Contains(t, w.Body.String(), "proxy")
}
