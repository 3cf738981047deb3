package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// way passes connections on to a port. When it is lost, the connections that it has stay open and carry nothing any more,
// as those to a machine whose zone is lost; new ones find their way.
type way struct {
	port int
	mu   sync.Mutex
	lost map[net.Conn]bool
	open map[net.Conn]bool
}

func newWay(t *testing.T, to int) *way {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	require.NoError(t, err)
	w := &way{port: l.Addr().(*net.TCPAddr).Port, lost: map[net.Conn]bool{}, open: map[net.Conn]bool{}}
	t.Cleanup(func() {
		l.Close()
		w.mu.Lock()
		defer w.mu.Unlock()
		for c := range w.open {
			c.Close()
		}
	})
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", fmt.Sprintf("localhost:%d", to))
			if err != nil {
				in.Close()
				continue
			}
			w.mu.Lock()
			w.open[in], w.open[out] = true, true
			w.mu.Unlock()
			go w.carry(in, out)
			go w.carry(out, in)
		}
	}()
	return w
}

func (w *way) carry(from, to net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		w.mu.Lock()
		lost := w.lost[from] || w.lost[to]
		w.mu.Unlock()
		switch {
		case lost && err != nil:
			return
		case lost:
			continue
		case err != nil:
			to.Close()
			return
		}
		if _, err := io.Writer(to).Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (w *way) lose() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.open {
		w.lost[c] = true
	}
}

func portOf(t *testing.T, s *tier) int {
	t.Helper()
	var port int
	_, err := fmt.Sscanf(s.url, "https://localhost:%d", &port)
	require.NoError(t, err)
	return port
}

func TestAVisitorDoesNotSeeThatConnectionsWereLost(t *testing.T) {
	ca := newAuthority(t)
	db := startPostgres(t, ca, 0)
	startAccount(t, db.password)
	toDatabase := newWay(t, db.port)
	migrate(t, appEnv(t, ca, toDatabase.port))
	app := startTier(t, "app", appEnv(t, ca, toDatabase.port))
	require.Eventually(t, ready(app), time.Minute, 50*time.Millisecond)
	toApp := newWay(t, portOf(t, app))
	web := startTier(t, "web", map[string]string{"APP_URL": fmt.Sprintf("https://localhost:%d", toApp.port), "APP_CA_FILE": ca.file})

	var several sync.WaitGroup // so that several connections are kept
	for range 8 {
		several.Go(func() { assert.Equal(t, http.StatusOK, get(web.url+"/")) })
	}
	several.Wait()
	toDatabase.lose()
	for range 3 {
		require.Equal(t, http.StatusOK, get(web.url+"/"), "the database has failed over")
	}
	toApp.lose()
	for range 3 {
		require.Equal(t, http.StatusOK, get(web.url+"/"), "a node of the load balancer is lost")
	}

	toApp.lose()
	response, _ := sign(t, web, "Ada", "an entry that must not be there twice")
	assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode, "nobody knows whether the entry was written: it is not sent again")
	response, _ = sign(t, web, "Ada", "another")
	assert.Equal(t, http.StatusSeeOther, response.StatusCode, "the connection that is lost is not used again")
}
