package machine

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"sync/atomic"
	"syscall"
	"time"
)

// standIn plays nginx where this computer has none, as far as the platform's servers use it: it speaks TLS and passes
// everything on to one program on localhost.
const standIn = "nginx"

// terminator is what it reads of nginx's configuration.
type terminator struct {
	listen, program  string
	certificate, key string
	http2, grpc      bool
}

var directives = map[string]*regexp.Regexp{
	"listen":  regexp.MustCompile(`(?m)^\s*listen (\d+) ssl( http2)?;`),
	"program": regexp.MustCompile(`(?m)^\s*server (127\.0\.0\.1:\d+);`),
	"chain":   regexp.MustCompile(`(?m)^\s*ssl_certificate (\S+);`),
	"key":     regexp.MustCompile(`(?m)^\s*ssl_certificate_key (\S+);`),
	"grpc":    regexp.MustCompile(`(?m)^\s*grpc_pass (grpc):`),
}

func readTerminator(conf string) (t terminator, err error) {
	find := func(name string, group int) string {
		match := directives[name].FindStringSubmatch(conf)
		if match == nil {
			if name != "grpc" {
				err = errors.Join(err, fmt.Errorf("the living world's nginx finds no %s in its configuration", name))
			}
			return ""
		}
		return match[group]
	}
	t.listen, t.program = ":"+find("listen", 1), find("program", 1)
	t.certificate, t.key = find("chain", 1), find("key", 1)
	t.http2, t.grpc = err == nil && find("listen", 2) != "", find("grpc", 1) != ""
	return t, err
}

// terminate runs an nginx command line until it is told to end.
func terminate(args []string) error {
	i := slices.Index(args, "-c")
	if i < 0 || i+1 == len(args) {
		return errors.New("the living world plays `nginx -c FILE`")
	}
	conf, err := os.ReadFile(args[i+1])
	if err != nil {
		return err
	}
	t, err := readTerminator(string(conf))
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(t.certificate, t.key)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", t.listen)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "this computer has no nginx: the living world speaks TLS in its place")
	server := t.server()
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.ServeTLS(l, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// server passes on at once what either side sends, with headers unchanged.
func (t terminator) server() *http.Server {
	program := &url.URL{Scheme: "http", Host: t.program}
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		DisableCompression: true}
	if t.grpc {
		transport.Protocols = &http.Protocols{}
		transport.Protocols.SetUnencryptedHTTP2(true)
	}
	var silent atomic.Bool // that the program does not answer is said once, and not at every health check
	proxy := &httputil.ReverseProxy{
		Transport: transport, FlushInterval: -1, ErrorLog: log.New(os.Stderr, "", 0),
		ModifyResponse: func(*http.Response) error { silent.Store(false); return nil },
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if !silent.Swap(true) {
				fmt.Fprintln(os.Stderr, "the program does not answer:", err)
			}
			w.WriteHeader(http.StatusBadGateway)
		},
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(program)
			r.Out.Host = r.In.Host
			for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"} {
				if values, said := r.In.Header[name]; said {
					r.Out.Header[name] = values
				}
			}
		},
	}
	protocols := &http.Protocols{}
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(t.http2)
	return &http.Server{Handler: proxy, Protocols: protocols, ErrorLog: log.New(os.Stderr, "", 0)}
}

// lacks says that this computer has no program of the name.
func lacks(name string) bool {
	return !slices.ContainsFunc([]string{"/usr/sbin/", "/usr/bin/"}, func(folder string) bool {
		info, err := os.Stat(folder + name)
		return err == nil && info.Mode()&0o111 != 0
	})
}
