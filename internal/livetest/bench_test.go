package livetest

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkLiving measures the local platform alive: seconds from `live` to the first page, with a new database and with a kept
// one; memory and idle processor; and how long /healthz and a page with a read take through door and load balancer, beside
// /healthz of the same program asked directly. `make bench` runs it.
func BenchmarkLiving(b *testing.B) {
	at := newPlace(b, "")
	at.must("up")
	start := func() float64 {
		began := time.Now()
		at.upLive() // nothing is to be deployed: it reads the state, and starts
		return time.Since(began).Seconds()
	}
	b.ReportMetric(start(), "s/start-new")
	at.must("live", "--stop")
	b.ReportMetric(start(), "s/start-kept")
	s := at.state()
	b.ReportMetric(float64(s.Memory>>20), "MiB")
	b.ReportMetric(at.idle(10*time.Second), "%core-idle")

	direct := directly(b)
	insecure := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // its certificate is made at start
	through := at.client(s)
	var health, pages []float64
	for range 300 {
		a, c := took(b, insecure, direct+"/healthz"), took(b, through, s.URLs[0]+"/healthz")
		health, pages = append(health, c/a), append(pages, took(b, through, s.URLs[0]+"/")/a)
	}
	b.ReportMetric(middle(health), "x-direct/healthz")
	b.ReportMetric(middle(pages), "x-direct/page")
	b.ReportMetric(0, "ns/op")
}

// idle is how much of a core the nodes take when nobody asks for anything, in percent.
func (at *place) idle(long time.Duration) float64 {
	spent := func() (sum float64) {
		var s struct{ Nodes []struct{ CPU float64 } }
		require.NoError(at.t, json.Unmarshal([]byte(at.must("live", "status", "--json")), &s))
		for _, n := range s.Nodes {
			sum += n.CPU
		}
		return sum
	}
	before := spent()
	time.Sleep(long)
	return 100 * (spent() - before) / long.Seconds()
}

// directly starts the web tier's program by itself.
func directly(b *testing.B) (address string) {
	b.Helper()
	const listen = "127.0.0.1:18443"
	program, err := filepath.Abs("../../bin/guestbook-linux-" + runtime.GOARCH)
	require.NoError(b, err)
	cmd := exec.Command(program, "web")
	cmd.Env = append(os.Environ(), "LISTEN_ADDRESS="+listen, "APP_URL=https://localhost:1")
	require.NoError(b, cmd.Start())
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	time.Sleep(time.Second)
	return "https://" + listen
}

func took(b *testing.B, c *http.Client, address string) float64 {
	b.Helper()
	began := time.Now()
	_, err := page(c, address)
	require.NoError(b, err)
	return time.Since(began).Seconds()
}

func middle(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }
