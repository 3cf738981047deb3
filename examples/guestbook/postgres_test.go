package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// database is a PostgreSQL server of its own for one test. It speaks TLS only.
type database struct {
	t        *testing.T
	port     int
	ca       string // PEM file of the authority that signed its certificate
	password string // of the user "master"
}

// startPostgres starts a server on port, or on a free one when port is 0. The test is skipped on a
// machine without PostgreSQL.
func startPostgres(t *testing.T, ca authority, port int) *database {
	t.Helper()
	if port == 0 {
		port = freePort(t)
	}
	db := &database{t: t, port: port, ca: ca.file, password: "first password, with a ' and a $"}
	// PostgreSQL refuses to run as root, and a test's own temporary directory is closed to other users.
	dir, err := os.MkdirTemp("", "guestbook-postgres-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	certificate, key := ca.issue(t, "localhost")
	write(t, filepath.Join(dir, "server.crt"), certificate)
	write(t, filepath.Join(dir, "server.key"), key)
	write(t, filepath.Join(dir, "password"), []byte(db.password))

	var as *syscall.SysProcAttr
	if os.Getuid() == 0 {
		const nobody = 65534
		as = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		require.NoError(t, err)
		for _, file := range append(files, dir) {
			require.NoError(t, os.Chown(file, nobody, nobody))
		}
	}
	data := filepath.Join(dir, "data")
	create := exec.Command(postgresProgram(t, "initdb"), "-D", data, "-U", "master", "-E", "UTF8", "--locale=C",
		"--no-sync", "--auth=scram-sha-256", "--pwfile="+filepath.Join(dir, "password"))
	create.SysProcAttr, create.Dir = as, dir
	out, err := create.CombinedOutput()
	require.NoError(t, err, string(out))
	hba := filepath.Join(data, "pg_hba.conf")
	require.NoError(t, os.WriteFile(hba, []byte("hostssl all all 127.0.0.1/32 scram-sha-256\n"), 0o600))

	var log bytes.Buffer
	server := exec.Command(postgresProgram(t, "postgres"), "-D", data, "-p", strconv.Itoa(db.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "ssl=on",
		"-c", "ssl_cert_file="+filepath.Join(dir, "server.crt"), "-c", "ssl_key_file="+filepath.Join(dir, "server.key"))
	server.SysProcAttr, server.Dir, server.Stderr = as, dir, &log
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGINT)
		server.Wait()
		if t.Failed() {
			t.Log("PostgreSQL said:\n" + log.String())
		}
	})
	require.Eventually(t, func() bool {
		connection, err := db.connect()
		if err == nil {
			connection.Close(context.Background())
		}
		return err == nil
	}, time.Minute, 50*time.Millisecond, "PostgreSQL did not start")
	return db
}

func postgresProgram(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		skip(t, name+" is not on PATH nor in /usr/lib/postgresql; install PostgreSQL to test the guestbook with its database")
	}
	return found[len(found)-1]
}

// skip says why a test cannot run here, or fails it where it must: in the pipeline, which installs what it needs.
func skip(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CAUSEWAY_LIVE") == "required" {
		t.Fatal(why)
	}
	t.Skip("NOT TESTED: " + why)
}

func (db *database) connect() (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(fmt.Sprintf(
		"host=localhost port=%d user=master dbname=postgres sslmode=verify-full sslrootcert=%s", db.port, db.ca))
	if err != nil {
		return nil, err
	}
	config.Password = db.password
	return pgx.ConnectConfig(context.Background(), config)
}

// rotate changes the master password and ends every session that used the old one.
func (db *database) rotate(password string) {
	db.t.Helper()
	db.execute("ALTER USER master PASSWORD '" + password + "'")
	db.password = password
	db.endSessions()
}

// endSessions ends the guestbook's.
func (db *database) endSessions() {
	db.t.Helper()
	db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'guestbook'")
}

func (db *database) execute(statement string) {
	db.t.Helper()
	connection, err := db.connect()
	require.NoError(db.t, err)
	defer connection.Close(context.Background())
	_, err = connection.Exec(context.Background(), statement)
	require.NoError(db.t, err)
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, data, 0o600))
}
