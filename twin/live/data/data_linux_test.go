package data

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/netip"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// TestMain runs the tests again in namespaces such as a node has, with a loopback interface: only there can a
// database be started.
func TestMain(m *testing.M) {
	if os.Getenv("IN_NODE") != "" {
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			panic(err)
		}
		if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
			panic(err)
		}
		if err := loopbackUp(); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	r, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	r.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, r)
}

// inNode runs the calling test in namespaces of its own, unless it is there already.
func inNode(t *testing.T) bool {
	t.Helper()
	if os.Getenv("IN_NODE") != "" {
		return true
	}
	if len(installed(t.Context(), places)) == 0 {
		skip(t, "NOT TESTED: this computer has no PostgreSQL")
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "IN_NODE=yes", "TMPDIR="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWIPC,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if cmd.Process == nil {
		skip(t, "NOT TESTED: this computer does not let an ordinary user make namespaces: %v", err)
	}
	require.NoError(t, err, "%s", out)
	return false
}

// skip says why a test cannot run here, or fails it where it must: in the pipeline, which installs what it needs.
func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CAUSEWAY_LIVE") != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

const host = "guestbook.abc.eu-west-1.rds.amazonaws.com"

func certificate(t *testing.T) (both []byte, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(chain)
	return append(chain, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})...), roots
}

// rig is a database with a node in each of two zones.
type rig struct {
	t      *testing.T
	home   string
	plan   *plan.Plan
	nodes  map[string]node.Player
	secret string
	cert   []byte
	roots  *x509.CertPool
}

func newRig(t *testing.T) *rig {
	r := &rig{t: t, home: t.TempDir(), secret: "it's a \\secret", nodes: map[string]node.Player{}}
	r.cert, r.roots = certificate(t)
	address := netip.MustParseAddr("127.0.0.1")
	r.plan = &plan.Plan{
		Nodes: []plan.Node{
			{Name: "a", Kind: plan.KindDatabase, Plays: "arn:db", Zone: "a", Interfaces: []plan.Interface{{Address: address}}},
			{Name: "b", Kind: plan.KindDatabase, Plays: "arn:db", Zone: "b", Interfaces: []plan.Interface{{Address: address}}}},
		Databases: []plan.Database{{ARN: "arn:db", ID: "main", Resource: "db-1", Engine: "postgres", Version: "17", Port: 5433,
			User: "app admin", Name: "guestbook", Zone: "a",
			Parameters: map[string]string{"rds.force_ssl": "1", "log_min_duration_statement": "1000", "work_mem": "8192",
				"max_connections": "LEAST({DBInstanceClassMemory/9531392},5000)", "rds.logical_replication": "1", "no_such": "1"}}},
	}
	return r
}

func (r *rig) database() *plan.Database { return &r.plan.Databases[0] }

func (r *rig) apply(names ...string) {
	r.t.Helper()
	program, err := Find(r.t.Context(), "postgres", "17", r.home, offline)
	require.NoError(r.t, err)
	require.NoError(r.t, Tidy(r.home, r.plan.Databases))
	for _, name := range names {
		if r.nodes[name] == nil {
			r.nodes[name] = New(nil)
			r.t.Cleanup(func() { require.NoError(r.t, r.nodes[name].Close(context.Background())) })
		}
		c := &node.Config{Name: name, Plan: r.plan, Dir: r.t.TempDir(), Keep: map[string][]byte{KeepProgram: []byte(program.Bin),
			KeepFolder: []byte(Folder(r.home, r.database())), KeepPassword: []byte(r.secret), KeepCert: r.cert}}
		require.NoError(r.t, r.nodes[name].Apply(r.t.Context(), c))
	}
}

func (r *rig) connect(user, password, database string, secure bool) (*pgconn.PgConn, error) {
	c, err := pgconn.ParseConfig("host=127.0.0.1 sslmode=disable connect_timeout=5")
	require.NoError(r.t, err)
	c.Port, c.User, c.Password, c.Database = 5433, user, password, database
	if secure {
		c.TLSConfig = &tls.Config{RootCAs: r.roots, ServerName: host}
	}
	return pgconn.ConnectConfig(r.t.Context(), c)
}

func (r *rig) ask(sql string) string {
	r.t.Helper()
	c, err := r.connect("app admin", r.secret, "guestbook", true)
	require.NoError(r.t, err)
	defer c.Close(r.t.Context())
	results, err := c.Exec(r.t.Context(), sql).ReadAll()
	if err != nil {
		return err.Error()
	}
	last := results[len(results)-1]
	if len(last.Rows) == 0 {
		return ""
	}
	return string(last.Rows[0][0])
}

func TestTheDatabaseIsAsRDSMakesIt(t *testing.T) {
	if !inNode(t) {
		return
	}
	r := newRig(t)
	r.apply("a")
	_, err := r.connect("app admin", r.secret, "guestbook", false)
	assert.ErrorContains(t, err, "no encryption", "without TLS nobody comes in")
	_, err = r.connect("app admin", "wrong", "guestbook", true)
	assert.ErrorContains(t, err, "password authentication failed")
	_, err = r.connect(superuser, r.secret, "postgres", true)
	assert.ErrorContains(t, err, "pg_hba.conf rejects connection")

	assert.Equal(t, "off", r.ask("SHOW is_superuser"))
	assert.Equal(t, "t", r.ask("SELECT pg_has_role('rds_superuser', 'member')"))
	assert.Contains(t, r.ask("COPY (SELECT 1) TO PROGRAM 'id'"), "SQLSTATE 42501")
	assert.Contains(t, r.ask("ALTER SYSTEM SET work_mem = '1GB'"), "SQLSTATE 42501")
	assert.Equal(t, "8MB", r.ask("SHOW work_mem"))
	assert.Equal(t, "1s", r.ask("SHOW log_min_duration_statement"))
	assert.Equal(t, "app", r.ask("CREATE ROLE app LOGIN; CREATE TABLE t (x text); INSERT INTO t VALUES ('kept'); SELECT rolname FROM "+
		"pg_roles WHERE rolname = 'app'"))
	assert.Equal(t, []string{"max_connections", "no_such", "rds.logical_replication"}, r.nodes["a"].(*player).now.unknown)

	r.database().Parameters = map[string]string{"work_mem": "16384"}
	r.apply("a")
	assert.Eventually(t, func() bool { return r.ask("SHOW work_mem") == "16MB" }, 10*time.Second, 20*time.Millisecond,
		"a parameter that needs no restart takes effect at once")

	old := r.secret
	r.secret = "rotated"
	r.apply("a")
	assert.Equal(t, "kept", r.ask("SELECT x FROM t"))
	_, err = r.connect("app admin", old, "guestbook", true)
	assert.ErrorContains(t, err, "password authentication failed")
}

func TestDataOutliveTheServerAndEndWithTheResource(t *testing.T) {
	if !inNode(t) {
		return
	}
	r := newRig(t)
	r.apply("a", "b")
	r.ask("CREATE TABLE t (x text); INSERT INTO t VALUES ('kept')")

	r.database().Zone = "b"
	r.apply("a", "b")
	assert.Nil(t, r.nodes["a"].(*player).now)
	assert.Equal(t, "kept", r.ask("SELECT x FROM t"), "after a failover")

	p := r.nodes["b"].(*player)
	p.mu.Lock()
	s := p.now
	p.mu.Unlock()
	require.NoError(t, s.process.Process.Kill())
	require.Eventually(t, func() bool { p.mu.Lock(); defer p.mu.Unlock(); return p.now != nil && p.now != s }, 20*time.Second,
		20*time.Millisecond)
	assert.Equal(t, "kept", r.ask("SELECT x FROM t"), "after the server was killed")

	_, err := p.Ask(t.Context(), "cut", nil)
	require.NoError(t, err)
	_, err = r.connect("app admin", r.secret, "guestbook", true)
	assert.ErrorContains(t, err, "refused")
	_, err = p.Ask(t.Context(), "mend", nil)
	require.NoError(t, err)
	assert.Equal(t, "kept", r.ask("SELECT x FROM t"))

	r.database().Final = "last"
	require.NoError(t, Tidy(r.home, r.plan.Databases))
	require.NoError(t, Tidy(r.home, nil))
	assert.DirExists(t, Folder(r.home, r.database()), "data that are in use stay")
	require.NoError(t, p.Close(t.Context()))
	require.NoError(t, Tidy(r.home, nil))
	assert.NoDirExists(t, Folder(r.home, r.database()))

	r.database().Resource, r.database().Snapshot, r.database().Final = "db-2", "last", ""
	r.apply("b")
	assert.Equal(t, "kept", r.ask("SELECT x FROM t"), "restored from the final snapshot")
	require.NoError(t, p.Close(t.Context()))
	require.NoError(t, Tidy(r.home, nil))
	left, err := os.ReadDir(r.home)
	require.NoError(t, err)
	assert.Len(t, left, 1, "of a database that wanted no snapshot nothing is left")
}
