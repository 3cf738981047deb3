package balance

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// delivery is how often logs are delivered. ELB takes five minutes: nobody waits that long on a laptop.
const delivery = time.Minute

// logs are those of one node of a load balancer.
type logs struct{ access, connection file }

// file gathers the lines of the next object.
type file struct {
	mu    sync.Mutex
	lines []string
}

// most is how many lines are kept between deliveries, lest a load test fill the memory.
const most = 200_000

func (f *file) add(line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.lines) < most {
		f.lines = append(f.lines, line)
	}
}

func (f *file) take() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	lines := f.lines
	f.lines = nil
	return lines
}

// place is where a node's logs go.
type place struct {
	account, region, name, address string
}

// deliver reports what has been logged since the last time, as objects for the buckets that the load balancer names.
func (l *logs) deliver(port *node.Port, b *plan.Balancer, p place, now time.Time) {
	for _, d := range []struct {
		file   *file
		target *plan.LogTarget
		prefix string
	}{{&l.access, b.AccessLogs, ""}, {&l.connection, b.ConnectionLogs, "conn_log."}} {
		lines := d.file.take()
		if len(lines) == 0 || d.target == nil {
			continue
		}
		port.Say(node.Stored{Bucket: d.target.Bucket, Key: p.key(d.target.Prefix, d.prefix, now), Content: compressed(lines)})
	}
}

// key is an object's key in ELB's format (ELB user guide, "Access log files").
func (p place) key(prefix, kind string, now time.Time) string {
	id := make([]byte, 4)
	rand.Read(id)
	if prefix != "" {
		prefix += "/"
	}
	now = now.UTC()
	return fmt.Sprintf("%sAWSLogs/%s/elasticloadbalancing/%s/%s/%s%s_elasticloadbalancing_%s_%s_%s_%s_%s.log.gz", prefix, p.account,
		p.region,
		now.Format("2006/01/02"), kind, p.account, p.region, strings.ReplaceAll(p.name, "/",
			"."), now.Format("20060102T1504Z"), p.address, hex.EncodeToString(id))
}

func compressed(lines []string) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write([]byte(strings.Join(lines, "\n") + "\n")) // a buffer always takes it
	_ = z.Close()
	return out.Bytes()
}

// shake is the listener's TLS configuration for one connection, which is logged once established.
func (l *listener) shake(hello *tls.ClientHelloInfo) *tls.Config {
	if l.tls == nil || l.balancer.ConnectionLogs == nil {
		return l.tls
	}
	c, began := l.tls.Clone(), time.Now()
	verify := c.VerifyConnection
	c.VerifyConnection = func(s tls.ConnectionState) error {
		if verify != nil {
			if err := verify(s); err != nil {
				return err // Go's server reports it
			}
		}
		l.logs.connection.add(connectionLine(hello.Conn.RemoteAddr().String(), l.spec.Port, &s, time.Since(began), "Success"))
		return nil
	}
	return c
}

// connectionLine is an entry of a connection log (ELB user guide, "Connection logs for your Application Load Balancer").
func connectionLine(client string, port int, s *tls.ConnectionState, took time.Duration, verdict string) string {
	host, clientPort, _ := strings.Cut(client, ":")
	if i := strings.LastIndexByte(client, ':'); i >= 0 {
		host, clientPort = client[:i], client[i+1:]
	}
	version, suite, latency, subject, validity, serial := "-", "-", "-", "-", "-", "-"
	if s != nil {
		version, suite, latency = versionName(s.Version), suiteName(s.CipherSuite), fmt.Sprintf("%.3f", took.Seconds())
		if len(s.PeerCertificates) > 0 {
			leaf := s.PeerCertificates[0]
			subject, serial = leaf.Subject.String(), fmt.Sprintf("%X", leaf.SerialNumber)
			validity = "NotBefore=" + leaf.NotBefore.UTC().Format(time.RFC3339) + ";NotAfter=" + leaf.NotAfter.UTC().Format(time.RFC3339)
		}
	}
	return strings.Join([]string{time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"), host, clientPort, itoa(port), version, suite,
		latency,
		quoted(subject), validity, serial, verdict, "TID_" + mark(client)[:32]}, " ")
}

// handshakes hears what Go's server says of handshakes that failed.
type handshakes struct{ door *door }

func (h handshakes) Write(b []byte) (int, error) {
	l := h.door.now.Load()
	_, rest, found := strings.Cut(string(b), "TLS handshake error from ")
	client, why, split := strings.Cut(strings.TrimSpace(rest), ": ")
	if found && split && l.balancer.ConnectionLogs != nil {
		verdict := "Failed:UnmappedConnectionError"
		if strings.Contains(why, "certificate") {
			verdict = "Failed:ClientCertUntrusted"
		}
		l.logs.connection.add(connectionLine(client, l.spec.Port, nil, 0, verdict))
	}
	return len(b), nil
}
