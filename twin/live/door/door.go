// Package door is the way from a person's own browser into the living world: a proxy on the loopback address whose
// connections are made on the other side, where visitors come from.
package door

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Door is an HTTP proxy: CONNECT for encrypted requests, and plain ones.
type Door struct {
	dial    Dial
	server  *http.Server
	through *http.Transport
}

// New makes a door whose connections dial makes.
func New(dial Dial) *Door {
	d := &Door{dial: dial, through: &http.Transport{DialContext: dial, DisableCompression: true, DisableKeepAlives: true}}
	d.server = &http.Server{Handler: d, ReadHeaderTimeout: 30 * time.Second}
	return d
}

// Serve takes connections until Close. The listener must be on the loopback address: whoever reaches the door is a
// visitor of the world.
func (d *Door) Serve(l net.Listener) error {
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		return fmt.Errorf("opening the door: %s is not a loopback address", l.Addr())
	}
	if err := d.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the door: %w", err)
	}
	return nil
}

// Close ends the door and every connection through it.
func (d *Door) Close() error { return d.server.Close() }

// ServeHTTP passes on one request.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		d.connect(w, r)
	case r.URL.Host == "":
		http.Error(w, "This is the door of a living world: give it to a browser or curl as the proxy.", http.StatusBadRequest)
	default:
		d.pass(w, r)
	}
}

func (d *Door) pass(w http.ResponseWriter, r *http.Request) {
	out := r.Clone(r.Context())
	out.RequestURI = ""
	for _, name := range []string{"Proxy-Connection", "Proxy-Authorization", "Connection"} {
		out.Header.Del(name)
	}
	response, err := d.through.RoundTrip(out)
	if err != nil {
		refuse(w, err)
		return
	}
	defer response.Body.Close()
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body)
}

func refuse(w http.ResponseWriter, err error) {
	code := http.StatusBadGateway
	var slow net.Error
	if errors.As(err, &slow) && slow.Timeout() || errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "i/o timeout") {
		code = http.StatusGatewayTimeout
	}
	http.Error(w, err.Error(), code)
}

func (d *Door) connect(w http.ResponseWriter, r *http.Request) {
	far, err := d.dial(r.Context(), "tcp", r.Host)
	if err != nil {
		refuse(w, err)
		return
	}
	near, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		far.Close()
		return
	}
	if _, err := io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		far.Close()
		near.Close()
		return
	}
	join(near, buffered.Reader, far)
}

// join copies both ways until both have ended; early is what the near side has already sent.
func join(near net.Conn, early *bufio.Reader, far net.Conn) {
	var both sync.WaitGroup
	both.Go(func() { copyHalf(far, early) })
	both.Go(func() { copyHalf(near, far) })
	both.Wait()
	near.Close()
	far.Close()
}

func copyHalf(to net.Conn, from io.Reader) {
	_, _ = io.Copy(to, from)
	if half, ok := to.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
		return
	}
	to.Close()
}
