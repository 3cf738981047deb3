package data

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
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

// onEach has a test run with a server of each brand that this computer has, in namespaces of its own. Of MySQL and MariaDB one is enough.
func onEach(t *testing.T, test func(r *rig)) {
	for engine, kind := range kinds {
		t.Run(engine, func(t *testing.T) {
			switch found, err := Find(t.Context(), engine, kind.version, "", t.TempDir(), offline); {
			case err != nil:
				skip(t, "NOT TESTED: %v", err)
			case found.Brand != brandOf(engine):
				t.Skipf("NOT TESTED: %s", found.Note)
			}
			if inNode(t) {
				test(newRig(t, engine))
			}
		})
	}
}

// inNode runs the calling test in namespaces of its own, unless it is there already.
func inNode(t *testing.T) bool {
	t.Helper()
	if os.Getenv("IN_NODE") != "" {
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+strings.ReplaceAll(t.Name(), "/", "$/^")+"$", "-test.v")
	cmd.Env = append(os.Environ(), "IN_NODE=yes", "TMPDIR="+t.TempDir())
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWIPC,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	log, err := os.OpenFile(filepath.Join(t.TempDir(), "log"), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600) // as a node's is
	require.NoError(t, err)
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	if err = cmd.Start(); err != nil {
		skip(t, "NOT TESTED: this computer does not let an ordinary user make namespaces: %v", err)
	}
	err = cmd.Wait()
	out, _ := os.ReadFile(log.Name())
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

// kinds are the engines that are tested.
var kinds = map[string]struct {
	version, plain, wrong, inside string // what is said of a connection without TLS, a wrong password, and RDS's own user
	connect                       func(r *rig, user, password, database string, secure bool) (connection, error)
	parameters                    map[string]string
	unknown                       []string
}{
	"postgres": {"17", "no encryption", "password authentication failed", "pg_hba.conf rejects connection", connectPostgres,
		map[string]string{"rds.force_ssl": "1", "log_min_duration_statement": "1000", "work_mem": "8192",
			"max_connections": "LEAST({DBInstanceClassMemory/9531392},5000)", "rds.logical_replication": "1", "no_such": "1"},
		[]string{"max_connections", "no_such", "rds.logical_replication"}},
	"mysql":   {"8.4", "", "Access denied", "Access denied", connectMySQL, mysqlParameters, []string{"max_connections", "no_such"}},
	"mariadb": {"10.11", "", "Access denied", "Access denied", connectMySQL, mysqlParameters, []string{"max_connections", "no_such"}},
}

var mysqlParameters = map[string]string{"require_secure_transport": "ON", "tls_version": "TLSv1.2,TLSv1.3", "log_output": "FILE",
	"slow_query_log": "1", "long_query_time": "0.5", "max_connections": "{DBInstanceClassMemory/12582880}", "no_such": "1",
	"lower_case_table_names": "1"}

// connection is a session: ask gives the first value of the last statement's answer.
type connection interface {
	ask(ctx context.Context, text string) (string, error)
	close()
}

type postgresConnection struct{ *pgconn.PgConn }

func connectPostgres(r *rig, user, password, database string, secure bool) (connection, error) {
	c, err := pgconn.ParseConfig("host=127.0.0.1 sslmode=disable connect_timeout=5")
	require.NoError(r.t, err)
	c.Port, c.User, c.Password, c.Database = port, user, password, database
	if secure {
		c.TLSConfig = &tls.Config{RootCAs: r.roots, ServerName: host}
	}
	session, err := pgconn.ConnectConfig(r.t.Context(), c)
	return postgresConnection{session}, err
}

func (c postgresConnection) close() { c.Close(context.Background()) }

func (c postgresConnection) ask(ctx context.Context, text string) (string, error) {
	results, err := c.Exec(ctx, text).ReadAll()
	if err != nil || len(results[len(results)-1].Rows) == 0 {
		return "", err
	}
	return string(results[len(results)-1].Rows[0][0]), nil
}

type mysqlConnection struct{ *sql.DB }

func connectMySQL(r *rig, user, password, database string, secure bool) (connection, error) {
	c := mysql.NewConfig()
	c.Net, c.Addr, c.User, c.Passwd, c.DBName = "tcp", fmt.Sprintf("127.0.0.1:%d", port), user, password, database
	c.Timeout, c.MultiStatements = 5*time.Second, true
	if secure {
		c.TLS = &tls.Config{RootCAs: r.roots, ServerName: host}
	}
	connector, err := mysql.NewConnector(c)
	require.NoError(r.t, err)
	db := sql.OpenDB(connector)
	return mysqlConnection{db}, db.PingContext(r.t.Context())
}

func (c mysqlConnection) close() { _ = c.Close() }

func (c mysqlConnection) ask(ctx context.Context, text string) (value string, err error) {
	rows, err := c.QueryContext(ctx, text)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for more := true; more; more = rows.NextResultSet() {
		for rows.Next() {
			if err := rows.Scan(&value); err != nil {
				return "", err
			}
		}
	}
	return value, rows.Err()
}

const port = 5433

// rig is a database with a node in each of two zones.
type rig struct {
	t      *testing.T
	engine string
	home   string
	plan   *plan.Plan
	nodes  map[string]node.Player
	secret string
	cert   []byte
	roots  *x509.CertPool
}

func newRig(t *testing.T, engine string) *rig {
	r := &rig{t: t, engine: engine, home: t.TempDir(), secret: "it's a \\secret", nodes: map[string]node.Player{}}
	r.cert, r.roots = certificate(t)
	address := netip.MustParseAddr("127.0.0.1")
	r.plan = &plan.Plan{
		Nodes: []plan.Node{
			{Name: "a", Kind: plan.KindDatabase, Plays: "arn:db", Zone: "a", Interfaces: []plan.Interface{{Address: address}}},
			{Name: "b", Kind: plan.KindDatabase, Plays: "arn:db", Zone: "b", Interfaces: []plan.Interface{{Address: address}}}},
		Databases: []plan.Database{{ARN: "arn:db", ID: "main", Resource: "db-1", Engine: engine, Version: kinds[engine].version, Port: port,
			Backups: true,
			User:    "app admin", Name: "guestbook", Zone: "a", Parameters: kinds[engine].parameters}},
	}
	return r
}

func (r *rig) database() *plan.Database { return &r.plan.Databases[0] }

func (r *rig) apply(names ...string) {
	r.t.Helper()
	found, err := Find(r.t.Context(), r.engine, kinds[r.engine].version, MadeBy(r.home, r.database()), r.home, offline)
	require.NoError(r.t, err)
	if made := MadeBy(r.home, r.database()); made != "" {
		require.Equal(r.t, made, found.String())
	}
	program, err := json.Marshal(found)
	require.NoError(r.t, err)
	require.NoError(r.t, Tidy(r.home, r.plan.Databases))
	for _, name := range names {
		if r.nodes[name] == nil {
			r.nodes[name] = New(nil)
			r.t.Cleanup(func() { require.NoError(r.t, r.nodes[name].Close(context.Background())) })
		}
		dir := r.t.TempDir()
		r.t.Cleanup(func() { _ = unix.Unmount(filepath.Join(dir, filepath.Base(found.Path)), unix.MNT_DETACH) })
		c := &node.Config{Name: name, Plan: r.plan, Dir: dir, Keep: map[string][]byte{KeepProgram: program,
			KeepFolder: []byte(Folder(r.home, r.database())), KeepPassword: []byte(r.secret), KeepCert: r.cert}}
		require.NoError(r.t, r.nodes[name].Apply(r.t.Context(), c))
	}
}

// refused tries to connect and gives the error.
func (r *rig) refused(user, password, database string, secure bool) error {
	c, err := kinds[r.engine].connect(r, user, password, database, secure)
	if err == nil {
		c.close()
	}
	return err
}

// ask gives the answer, or what the error says.
func (r *rig) ask(text string) string {
	r.t.Helper()
	c, err := kinds[r.engine].connect(r, "app admin", r.secret, "guestbook", true)
	require.NoError(r.t, err)
	defer c.close()
	answer, err := c.ask(r.t.Context(), text)
	if err != nil {
		return err.Error()
	}
	return answer
}

// countsWhatOthersDo asks twenty times as an application does, and finds about as many counted, and that counting is not.
func (r *rig) countsWhatOthersDo() {
	r.t.Helper()
	served, end, err := r.nodes["a"].(*player).now.engine.served(r.t.Context())
	require.NoError(r.t, err)
	defer end()
	total := func() int {
		n, err := served(r.t.Context())
		require.NoError(r.t, err)
		return n
	}
	before := total()
	c, err := kinds[r.engine].connect(r, "app admin", r.secret, "guestbook", true)
	require.NoError(r.t, err)
	for range 20 {
		_, err := c.ask(r.t.Context(), "SELECT 1")
		require.NoError(r.t, err)
	}
	c.close()
	require.Eventually(r.t, func() bool { return total() >= before+20 }, 5*time.Second, 50*time.Millisecond)
	after := total()
	assert.Less(r.t, after, before+40)
	for range 20 {
		total()
	}
	time.Sleep(1200 * time.Millisecond) // PostgreSQL sums up once a second, with the next statement
	total()
	assert.Less(r.t, total(), after+10, "counting counts")
}

func TestTheDatabaseIsAsRDSMakesIt(t *testing.T) {
	onEach(t, func(r *rig) {
		t, kind := r.t, kinds[r.engine]
		r.apply("a")
		assert.ErrorContains(t, r.refused("app admin", r.secret, "guestbook", false), kind.plain, "without TLS nobody comes in")
		assert.ErrorContains(t, r.refused("app admin", "wrong", "guestbook", true), kind.wrong)
		assert.ErrorContains(t, r.refused(superuser, "", "guestbook", true), kind.inside)
		assert.Equal(t, kind.unknown, r.nodes["a"].(*player).now.unknown)
		r.countsWhatOthersDo()
		assert.Empty(t, r.ask("CREATE TABLE t (x text); INSERT INTO t VALUES ('kept')"))
		if r.engine == "postgres" {
			r.likePostgres()
		} else {
			r.likeMySQL()
		}

		old := r.secret
		r.secret = "rotated"
		r.apply("a")
		assert.Equal(t, "kept", r.ask("SELECT x FROM t"))
		assert.ErrorContains(t, r.refused("app admin", old, "guestbook", true), kind.wrong)
	})
}

func (r *rig) likePostgres() {
	assert.Equal(r.t, "off", r.ask("SHOW is_superuser"))
	assert.Equal(r.t, "t", r.ask("SELECT pg_has_role('rds_superuser', 'member')"))
	assert.Contains(r.t, r.ask("COPY (SELECT 1) TO PROGRAM 'id'"), "SQLSTATE 42501")
	assert.Contains(r.t, r.ask("ALTER SYSTEM SET work_mem = '1GB'"), "SQLSTATE 42501")
	assert.Equal(r.t, "8MB", r.ask("SHOW work_mem"))
	assert.Equal(r.t, "1s", r.ask("SHOW log_min_duration_statement"))
	assert.Equal(r.t, "app", r.ask("CREATE ROLE app LOGIN; SELECT rolname FROM pg_roles WHERE rolname = 'app'"))

	r.database().Parameters = map[string]string{"work_mem": "16384"}
	r.apply("a")
	assert.Eventually(r.t, func() bool { return r.ask("SHOW work_mem") == "16MB" }, 10*time.Second, 20*time.Millisecond,
		"a parameter that needs no restart takes effect at once")
}

func (r *rig) likeMySQL() {
	forbidden := []string{"SET GLOBAL max_connections = 5", "SELECT 1 INTO OUTFILE '/tmp/x'", "LOAD DATA INFILE '/etc/passwd' INTO TABLE t",
		"SHUTDOWN", "GRANT SUPER ON *.* TO 'app admin'@'%'"}
	if r.engine == "mysql" {
		forbidden = append(forbidden, "RESTART", "SET PERSIST long_query_time = 5", "INSTALL COMPONENT 'file://component_x'",
			"INSTALL PLUGIN x SONAME 'x.so'", "CREATE FUNCTION f RETURNS STRING SONAME 'x.so'", "DROP USER rdsadmin@localhost",
			"GRANT SYSTEM_USER ON *.* TO 'app admin'@'%'", "UPDATE mysql.user SET Super_priv = 'Y' WHERE User = 'app admin'",
			"CREATE TABLE mysql.x (a int)", "ALTER USER rdsadmin@localhost IDENTIFIED BY 'x'", "DROP TABLE mysql.user",
			"REVOKE SYSTEM_USER ON *.* FROM rdsadmin@localhost", "ALTER INSTANCE DISABLE INNODB REDO_LOG",
			"CLONE LOCAL DATA DIRECTORY = '/tmp/x'", "CREATE PROCEDURE mysql.p() SELECT 1")
		assert.Equal(r.t, "rdsadmin", r.ask("SELECT User FROM mysql.user WHERE Super_priv = 'Y' AND Host = 'localhost'"),
			"it may read who there is")
		assert.Contains(r.t, r.ask("SHOW GRANTS"), "rds_superuser_role")
		assert.Empty(r.t, r.ask("CREATE USER dba IDENTIFIED BY 'x'; GRANT rds_superuser_role TO dba"))
		assert.NoError(r.t, r.refused("dba", "x", "", true), "caching_sha2_password over TLS")
		assert.Empty(r.t, r.ask("CREATE DEFINER = dba VIEW v AS SELECT 1"), "it restores what others define")
	}
	for _, statement := range forbidden {
		assert.Regexp(r.t, "denied|1044|1227|--secure-file-priv", r.ask(statement), statement)
	}
	assert.Empty(r.t, r.ask("CREATE DATABASE more; CREATE USER app IDENTIFIED BY 'x'; GRANT SELECT ON more.* TO app"))
	trigger := "CREATE TRIGGER e BEFORE INSERT ON t FOR EACH ROW SET NEW.x = 'y'"
	assert.Contains(r.t, r.ask(trigger), "1419", "there is a binary log, and it has no SUPER")
	assert.Equal(r.t, "500", r.ask("SELECT round(@@global.long_query_time * 1000)"))
	assert.Equal(r.t, "1", r.ask("SELECT @@global.lower_case_table_names"), "which data must be made with")
	assert.Equal(r.t, "1", r.ask("SELECT @@global.slow_query_log"))
	r.ask("SELECT 'slowly', SLEEP(0.6)")
	slow := regexp.MustCompile("(?s)Query_time: 0.*SELECT 'slowly'")
	var log []byte
	require.Eventually(r.t, func() bool { log, _ = os.ReadFile("/proc/self/fd/2"); return slow.Match(log) }, 10*time.Second,
		20*time.Millisecond, "the log has no slow query")
	assert.NotContains(r.t, string(log), "secret")

	r.database().Parameters = map[string]string{"require_secure_transport": "OFF", "long_query_time": "2.5", "innodb_page_size": "16384",
		"lower_case_table_names": "1", "gtid-mode": "OFF_PERMISSIVE", "log_bin_trust_function_creators": "1"}
	r.apply("a")
	assert.Equal(r.t, "2500", r.ask("SELECT round(@@global.long_query_time * 1000)"),
		"a parameter that needs no restart takes effect at once")
	assert.Empty(r.t, r.ask(trigger), "with the parameter it may")
	assert.Equal(r.t, "0", r.ask("SELECT @@global.slow_query_log"), "and one that is gone is as it is otherwise")
	assert.NoError(r.t, r.refused("app admin", r.secret, "guestbook", false), "who may come in without TLS does")
}

func TestDataOutliveTheServerAndEndWithTheResource(t *testing.T) { onEach(t, (*rig).outlives) }

func (r *rig) outlives() {
	t := r.t
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
	assert.ErrorContains(t, r.refused("app admin", r.secret, "guestbook", true), "refused")
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

	assert.Empty(t, MadeBy(r.home, r.database()))
	r.database().Resource, r.database().Snapshot, r.database().Final = "db-2", "last", ""
	assert.NotEmpty(t, MadeBy(r.home, r.database()), "of the snapshot")
	r.apply("b")
	assert.Equal(t, "kept", r.ask("SELECT x FROM t"), "restored from the final snapshot")
	require.NoError(t, p.Close(t.Context()))
	require.NoError(t, Tidy(r.home, nil))
	left, err := os.ReadDir(r.home)
	require.NoError(t, err)
	assert.Len(t, left, 1, "of a database that wanted no snapshot nothing is left")
}
