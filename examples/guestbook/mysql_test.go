package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// startMySQL is a server of its own for one test, which speaks TLS: MySQL's or MariaDB's program, whichever there is. They
// differ in nothing that the guestbook uses. The test is skipped where there is neither.
func startMySQL(t *testing.T, ca authority) *database {
	t.Helper()
	program, err := exec.LookPath("mysqld")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/mysqld")
	}
	if err != nil {
		skip(t, "mysqld is not on PATH nor in /usr/sbin; install MySQL or MariaDB to test the guestbook with it")
	}
	dir, err := os.MkdirTemp("", "guestbook-mysql-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	db := &database{t: t, port: freePort(t), ca: ca.file, password: "a password"}
	certificate, key := ca.issue(t, "localhost")
	write(t, filepath.Join(dir, "server.crt"), certificate)
	write(t, filepath.Join(dir, "server.key"), key)
	data := filepath.Join(dir, "data")
	// The package's folder for files is another user's.
	if out, err := exec.Command(program, "--no-defaults", "--initialize-insecure", "--user=root", "--secure-file-priv="+dir,
		"--datadir="+data).CombinedOutput(); err != nil {
		require.NoError(t, os.MkdirAll(filepath.Join(data, "mysql"), 0o700), string(out)) // MariaDB: what it needs, --bootstrap makes
		make := exec.Command(program, "--no-defaults", "--bootstrap", "--datadir="+data, "--user=root")
		scripts, _ := filepath.Glob(filepath.Join(filepath.Dir(program), "../share/mysql/mysql_system_tables*.sql"))
		var all bytes.Buffer
		all.WriteString("USE mysql;\n")
		for _, path := range scripts {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			all.Write(text)
		}
		make.Stdin = &all
		out, err := make.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	write(t, filepath.Join(dir, "init.sql"), []byte("CREATE DATABASE guestbook;\nCREATE USER 'master'@'%' IDENTIFIED BY 'a password';\n"+
		"GRANT ALL ON guestbook.* TO 'master'@'%';\n"))
	var log bytes.Buffer
	server := exec.Command(program, "--no-defaults", "--user=root", "--secure-file-priv="+dir, "--datadir="+data, "--port="+strconv.Itoa(db.port),
		"--bind-address=127.0.0.1", "--socket="+filepath.Join(dir, "socket"), "--init-file="+filepath.Join(dir, "init.sql"),
		"--ssl-cert="+filepath.Join(dir, "server.crt"), "--ssl-key="+filepath.Join(dir, "server.key"))
	server.Stdout, server.Stderr = &log, &log
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		if t.Failed() {
			t.Log("MySQL said:\n" + log.String())
		}
	})
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(db.port))
		if err == nil {
			c.Close()
		}
		return err == nil
	}, time.Minute, 50*time.Millisecond, "MySQL did not start")
	return db
}
