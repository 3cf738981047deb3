package livetest

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkLiving measures the local platform alive: seconds until the first page, beyond those of a deployment that changes
// nothing, with a new database and with a kept one; memory and idle processor; and how long /healthz and a page with a read take
// through door and load balancers, as times of what they take where the same programs run side by side. `make bench` runs it.
func BenchmarkLiving(b *testing.B) {
	at := newPlace(b, "")
	at.must("up")
	seconds := func(do func()) float64 {
		began := time.Now()
		do()
		return time.Since(began).Seconds()
	}
	deploys := seconds(func() { at.must("up") }) // nothing is to be deployed: it reads the state
	start := func() float64 { return seconds(func() { at.upLive() }) - deploys }
	b.ReportMetric(start(), "s/start-new")
	at.must("live", "--stop")
	b.ReportMetric(start(), "s/start-kept")
	s := at.state()
	b.ReportMetric(float64(s.Memory>>20), "MiB")
	b.ReportMetric(at.idle(10*time.Second), "%core-idle")

	// The server's certificate is made when it starts.
	insecure := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	direct := directly(b, insecure)
	through := at.client(s)
	var health, pages []float64
	for range 300 {
		health = append(health, took(b, through, s.URLs[0]+"/healthz")/took(b, insecure, direct+"/healthz"))
		pages = append(pages, took(b, through, s.URLs[0]+"/")/took(b, insecure, direct+"/"))
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

// directly runs the same programs and a PostgreSQL side by side, as a developer does, without anything between them. PostgreSQL
// does not run as root: it is nobody's, in a user namespace.
func directly(b *testing.B, c *http.Client) (address string) {
	b.Helper()
	cmd := exec.Command("bash", "../../examples/guestbook/laptop.sh")
	const nobody = 65534
	id := []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getuid(), Size: 1}}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Cloneflags: syscall.CLONE_NEWUSER, UidMappings: id, GidMappings: id}
	require.NoError(b, cmd.Start())
	b.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM); _ = cmd.Wait() })
	address = "https://localhost:8443"
	require.Eventually(b, func() bool { _, err := page(c, address+"/"); return err == nil }, 3*time.Minute, 100*time.Millisecond)
	return address
}

func took(b *testing.B, c *http.Client, address string) float64 {
	b.Helper()
	began := time.Now()
	_, err := page(c, address)
	require.NoError(b, err)
	return time.Since(began).Seconds()
}

func middle(values []float64) float64 { return slices.Sorted(slices.Values(values))[len(values)/2] }
