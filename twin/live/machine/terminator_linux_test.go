package machine

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// front runs nginx with the configuration that the servers have, as the golden file of their user data has it: this
// computer's own where there is one, or what stands in for it.
func front(t *testing.T, name, golden string, stand bool, program http.Handler) (address string, dead func()) {
	t.Helper()
	nginx, err := exec.LookPath(name)
	if !stand && err != nil {
		if os.Getenv("CAUSEWAY_LIVE") == "required" {
			t.Fatal("this computer has no nginx")
		}
		t.Skip("NOT TESTED: this computer has no nginx")
	}
	text, err := os.ReadFile("../../../infra/cloudinit/testdata/" + golden)
	require.NoError(t, err)
	data, err := readUserData(string(text))
	require.NoError(t, err)
	var conf string
	for _, f := range data.files {
		if f.Path == "/etc/causeway/nginx.conf" {
			conf = f.Content
		}
	}
	backend := httptest.NewUnstartedServer(program)
	backend.Config.Protocols = &http.Protocols{}
	backend.Config.Protocols.SetHTTP1(true)
	backend.Config.Protocols.SetUnencryptedHTTP2(true)
	backend.Start()
	t.Cleanup(backend.Close)
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address = free.Addr().String()
	require.NoError(t, free.Close())
	folder := t.TempDir()
	conf = strings.NewReplacer("127.0.0.1:8080", backend.Listener.Addr().String(), "listen 8443",
		"listen "+address[strings.LastIndex(address, ":")+1:],
		"/tmp/", folder+"/").Replace(conf)
	file := filepath.Join(folder, "nginx.conf")
	require.NoError(t, os.WriteFile(file, []byte(conf), 0o600))
	out, err := exec.Command("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
		"-subj", "/CN=web",
		"-keyout", folder+"/key.pem", "-out", folder+"/certificate.pem").CombinedOutput()
	require.NoError(t, err, string(out))
	cmd := exec.Command(nginx, "-e", "stderr", "-c", file)
	if stand {
		cmd = exec.Command("/proc/self/exe", "-e", "stderr", "-c", file)
		cmd.Args[0] = standIn
	}
	log := &lockedBuffer{}
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err == nil
	}, 10*time.Second, 10*time.Millisecond, "nothing listens")
	return address, backend.Close
}

// handler is a program that speaks plain HTTP, with whatever one may do.
func handler(t *testing.T) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/who", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %s %s", r.Host, r.Header.Get("X-Forwarded-For"), r.Header.Get("X-Forwarded-Proto"), r.URL.RequestURI())
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://program/elsewhere")
		w.WriteHeader(http.StatusFound)
	})
	mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		fmt.Fprint(w, "data: first\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("/upload", func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, err)
	})
	mux.HandleFunc("/socket", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" || !strings.EqualFold(r.Header.Get("Connection"), "upgrade") {
			http.Error(w, "no upgrade", http.StatusBadRequest)
			return
		}
		c, buffered, err := w.(http.Hijacker).Hijack()
		if !assert.NoError(t, err) {
			return
		}
		defer c.Close()
		fmt.Fprint(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		line, _ := buffered.ReadString('\n')
		fmt.Fprint(c, "you said "+line)
	})
	return mux
}

func client(protocols func(*http.Protocols)) *http.Client {
	p := &http.Protocols{}
	protocols(p)
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, Protocols: p},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       10 * time.Second,
	}
}

func eachNginx(t *testing.T, test func(t *testing.T, stand bool)) {
	t.Run("nginx", func(t *testing.T) { test(t, false) })
	t.Run("stand-in", func(t *testing.T) { test(t, true) })
}

// What a program behind plain HTTP may do, it may do behind the servers' nginx, and behind what stands in for it here.
func TestWhatSpeaksTLSPassesEverythingOn(t *testing.T) {
	eachNginx(t, func(t *testing.T, stand bool) {
		address, dead := front(t, "nginx", "plain.yaml", stand, handler(t))
		c := client(func(p *http.Protocols) { p.SetHTTP1(true) })
		get := func(path string) (*http.Response, string) {
			r, err := http.NewRequest("GET", "https://"+address+path, nil)
			require.NoError(t, err)
			r.Host = "shop.example.com"
			r.Header.Set("X-Forwarded-For", "203.0.113.7")
			r.Header.Set("X-Forwarded-Proto", "https")
			answer, err := c.Do(r)
			require.NoError(t, err)
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			require.NoError(t, err)
			return answer, string(body)
		}
		answer, body := get("/who?a=%2F&b")
		assert.Equal(t, "shop.example.com 203.0.113.7 https /who?a=%2F&b", body, "as the load balancer said it")
		assert.Equal(t, 1, answer.ProtoMajor)
		answer, _ = get("/moved")
		assert.Equal(t, "http://program/elsewhere", answer.Header.Get("Location"))

		events, err := c.Get("https://" + address + "/events")
		require.NoError(t, err)
		line, err := bufio.NewReader(events.Body).ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, "data: first\n", line, "at once, while the answer goes on")
		events.Body.Close()

		upload, err := c.Post("https://"+address+"/upload", "application/octet-stream", bytes.NewReader(make([]byte, 5<<20)))
		require.NoError(t, err)
		body2, _ := io.ReadAll(upload.Body)
		upload.Body.Close()
		assert.Equal(t, "5242880<nil>", strings.ReplaceAll(string(body2), " ", ""), "of any size")

		socket, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
		require.NoError(t, err)
		defer socket.Close()
		fmt.Fprint(socket, "GET /socket HTTP/1.1\r\nHost: shop\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
		require.NoError(t, socket.SetDeadline(time.Now().Add(10*time.Second)))
		answered := bufio.NewReader(socket)
		upgraded, err := http.ReadResponse(answered, nil)
		require.NoError(t, err)
		assert.Equal(t, http.StatusSwitchingProtocols, upgraded.StatusCode)
		fmt.Fprint(socket, "hello\n")
		said, err := answered.ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, "you said hello\n", said)

		dead()
		answer, _ = get("/who")
		assert.Equal(t, http.StatusBadGateway, answer.StatusCode, "a dead program is not well")
	})
}

// gRPC needs HTTP/2 on both sides, with trailers.
func TestWhatSpeaksTLSPassesGRPCOn(t *testing.T) {
	eachNginx(t, func(t *testing.T, stand bool) {
		address, _ := front(t, "nginx", "call.yaml", stand, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/grpc")
			w.Header().Set("Trailer", "Grpc-Status")
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%d %s", r.ProtoMajor, body)
			w.Header().Set("Grpc-Status", "0")
		}))
		r, err := http.NewRequest("POST", "https://"+address+"/grpc.health.v1.Health/Check", strings.NewReader("\x00\x00\x00\x00\x00"))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/grpc")
		r.Header.Set("TE", "trailers")
		answer, err := client(func(p *http.Protocols) { p.SetHTTP2(true) }).Do(r)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		assert.Equal(t, "2 \x00\x00\x00\x00\x00", string(body))
		assert.Equal(t, "0", answer.Trailer.Get("Grpc-Status"))
	})
}

// A machine boots from the very user data of a server that speaks HTTP: its unit makes a certificate, and this computer's nginx, or
// what stands in for it, listens for TLS.
func TestAMachineSpeaksTLSForItsProgram(t *testing.T) {
	text, err := os.ReadFile("../../../infra/cloudinit/testdata/plain.yaml")
	require.NoError(t, err)
	m := boot(t, string(text))
	if lacks(standIn) {
		m.says(t, "plain-tls.service: this computer has no nginx: the living world speaks TLS in its place")
	}
	listens := regexp.MustCompile(fmt.Sprintf(`:%04X \S+ 0A`, 8443))
	require.Eventually(t, func() bool {
		for _, name := range []string{"tcp", "tcp6"} {
			table, _ := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", m.cmd.Process.Pid, name))
			if listens.Match(table) {
				return true
			}
		}
		return false
	}, 20*time.Second, 20*time.Millisecond, "nothing listens for TLS")
	m.shutDown(t)
}

func TestAConfigurationThatIsNotPlayedIsNamed(t *testing.T) {
	_, err := readTerminator("server { listen 80; }")
	assert.ErrorContains(t, err, "finds no listen in its configuration")
	assert.ErrorContains(t, terminate([]string{"-t"}), "plays `nginx -c FILE`")
}
