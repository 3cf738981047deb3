package data

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sys/unix"
)

// postgresEngine is PostgreSQL as RDS runs it.
type postgresEngine struct{ *server }

func (postgresEngine) habits() habits {
	return habits{stale: []string{"postmaster.pid"}, clean: unix.SIGINT, abrupt: unix.SIGQUIT}
}

func (s postgresEngine) make(ctx context.Context, into string) error {
	err := s.command(ctx, maker(postgreSQL, s.program.Path), "-D", into, "-U", superuser, "--auth=reject", "-E", "UTF8",
		"--locale=C.UTF-8", "--no-instructions", "--no-sync").Run()
	if err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	return nil
}

func (s postgresEngine) adapt(name, value string) (string, bool) {
	switch {
	case name == "rds.force_ssl":
		return "", true // pg_hba.conf's
	case strings.HasPrefix(name, "rds."):
		return "", false
	case name == "shared_preload_libraries":
		had := s.libraries(value)
		return had, had == value
	}
	return value, true
}

// libraries are the listed ones that this server has.
func (s postgresEngine) libraries(list string) string {
	var have []string
	for _, name := range strings.Split(list, ",") {
		name = strings.TrimSpace(name)
		for _, folder := range []string{"../lib", "../lib/postgresql", "../../lib/postgresql"} {
			if found, _ := filepath.Glob(filepath.Join(filepath.Dir(s.program.Path), folder, name+".so")); len(found) > 0 {
				have = append(have, name)
				break
			}
		}
	}
	return strings.Join(have, ",")
}

func (s postgresEngine) takes(ctx context.Context, parameters map[string]string) bool {
	args := []string{"-D", s.data(), "-C", "port"}
	for name, value := range parameters {
		args = append(args, "-c", name+"="+value)
	}
	cmd := s.command(ctx, s.program.Path, args...)
	cmd.Stdout, cmd.Stderr = nil, nil
	return cmd.Run() == nil
}

func (s postgresEngine) own() (usual, fixed map[string]string) {
	return map[string]string{"shared_buffers": "32MB", "max_connections": "100", "ssl_min_protocol_version": "TLSv1.2"},
		map[string]string{
			"listen_addresses": s.address.String(), "port": strconv.Itoa(s.port), "unix_socket_directories": socketFolder,
			"ssl": "on", "ssl_cert_file": filepath.Join(s.folder, "server.crt"), "ssl_key_file": filepath.Join(s.folder, "server.key"),
			"dynamic_shared_memory_type": "mmap", "password_encryption": "scram-sha-256",
			"hba_file": filepath.Join(s.folder, "pg_hba.conf"),
		}
}

func (postgresEngine) line(name, value string) string { return name + " = " + quoted(value) }

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// files hold pg_hba.conf as RDS has it: the superuser is RDS's own and cannot log in from the network, and nobody can
// without TLS if the parameter group forces it, as that of PostgreSQL 15 and later does by default.
func (s postgresEngine) files() map[string]string {
	kind := "hostssl"
	if s.parameters["rds.force_ssl"] == "0" {
		kind = "host"
	}
	return map[string]string{"pg_hba.conf": "local all " + superuser + " trust\nhost all " + superuser + " all reject\n" + kind +
		" all all all scram-sha-256\n"}
}

func (s postgresEngine) serve(file string) *exec.Cmd {
	return s.command(context.Background(), s.program.Path, "-D", s.data(), "-c", "config_file="+file)
}

// socketFolder is in the abstract namespace, which belongs to the network namespace: no other node sees it.
const socketFolder = "@causeway"

// connect connects as the superuser, from inside.
func (s postgresEngine) connect(ctx context.Context, database string) (*pgconn.PgConn, error) {
	c, err := pgconn.ParseConfig("host=localhost sslmode=disable user=" + superuser)
	if err != nil {
		return nil, err
	}
	c.Database = database
	c.LookupFunc = func(context.Context, string) ([]string, error) { return []string{"localhost"}, nil }
	c.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socketFolder+"/.s.PGSQL."+strconv.Itoa(s.port))
	}
	return pgconn.ConnectConfig(ctx, c)
}

// quiet keeps a connection's statements out of the server's log.
const quiet = "SET log_statement = none; SET log_min_duration_statement = -1; SET log_min_error_statement = panic"

// execute runs statements and keeps them out of the server's log.
func (s postgresEngine) execute(ctx context.Context, database string, statements ...string) error {
	c, err := s.connect(ctx, database)
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	defer c.Close(ctx)
	for _, sql := range append([]string{quiet}, statements...) {
		if _, err := c.Exec(ctx, sql).ReadAll(); err != nil {
			return fmt.Errorf("setting the database up: %w", err)
		}
	}
	return nil
}

func (s postgresEngine) answers(ctx context.Context) error {
	c, err := s.connect(ctx, "postgres")
	if err == nil {
		c.Close(ctx)
	}
	return err
}

func (s postgresEngine) served(ctx context.Context) (func(context.Context) (int, error), func(), error) {
	c, err := s.connect(ctx, "postgres")
	if err != nil {
		return nil, nil, err
	}
	end := func() { _ = c.Close(context.Background()) }
	if _, err := c.Exec(ctx, quiet).ReadAll(); err != nil {
		end()
		return nil, nil, err
	}
	return func(ctx context.Context) (int, error) {
		sum := "SELECT coalesce(sum(xact_commit + xact_rollback), 0) FROM pg_stat_database WHERE datname <> 'postgres'"
		results, err := c.Exec(ctx, sum).ReadAll()
		if err != nil {
			return 0, err
		}
		return strconv.Atoi(string(results[0].Rows[0][0]))
	}, end, nil
}

// setUp creates the roles and the database that RDS creates.
func (s postgresEngine) setUp(ctx context.Context) error {
	verifier, err := scram(s.password)
	if err != nil {
		return err
	}
	master := identifier(s.user)
	if err := s.execute(ctx, "postgres",
		role("rds_superuser", "NOLOGIN"), role("rds_iam", "NOLOGIN"), role("rds_password", "NOLOGIN"), role("rds_replication", "NOLOGIN"),
		"GRANT pg_monitor, pg_signal_backend, pg_read_all_data, pg_write_all_data TO rds_superuser WITH ADMIN OPTION",
		role(s.user, "LOGIN"),
		"ALTER ROLE "+master+" LOGIN CREATEDB CREATEROLE NOSUPERUSER PASSWORD "+quoted(verifier),
		"GRANT rds_superuser TO "+master,
		"ALTER DATABASE postgres OWNER TO "+master, // RDS's own is called rdsadmin
	); err != nil {
		return err
	}
	if s.name == "" {
		return nil
	}
	there, err := s.ask(ctx, "SELECT 1 FROM pg_database WHERE datname = "+quoted(s.name))
	if err != nil || there {
		return err
	}
	return s.execute(ctx, "postgres", "CREATE DATABASE "+identifier(s.name)+" OWNER "+master)
}

// ask says whether a query returns a row.
func (s postgresEngine) ask(ctx context.Context, query string) (bool, error) {
	c, err := s.connect(ctx, "postgres")
	if err != nil {
		return false, fmt.Errorf("connecting to the database: %w", err)
	}
	defer c.Close(ctx)
	results, err := c.Exec(ctx, query).ReadAll()
	if err != nil {
		return false, fmt.Errorf("setting the database up: %w", err)
	}
	return len(results[0].Rows) > 0, nil
}

// role creates a role that may exist already.
func role(name, how string) string {
	return "DO $make$ BEGIN CREATE ROLE " + identifier(name) + " " + how + "; EXCEPTION WHEN duplicate_object THEN NULL; END $make$"
}

// setPassword gives the master user another password. Open connections stay open.
func (s postgresEngine) setPassword(ctx context.Context, password string) error {
	verifier, err := scram(password)
	if err != nil {
		return err
	}
	return s.execute(ctx, "postgres", "ALTER ROLE "+identifier(s.user)+" PASSWORD "+quoted(verifier))
}

func (s postgresEngine) reload(ctx context.Context, _ map[string]string) error {
	return s.execute(ctx, "postgres", "SELECT pg_reload_conf()")
}

// scram is what the server keeps of a password (RFC 5803), so that the password itself is in no statement.
func scram(password string) (string, error) {
	const rounds = 4096
	salt := make([]byte, 16)
	rand.Read(salt)
	salted, err := pbkdf2.Key(sha256.New, password, salt, rounds, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("hashing the master's password: %w", err)
	}
	sign := func(key []byte, text string) []byte {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(text))
		return m.Sum(nil)
	}
	stored := sha256.Sum256(sign(salted, "Client Key"))
	b64 := base64.StdEncoding.EncodeToString
	return strings.Join([]string{"SCRAM-SHA-256$" + strconv.Itoa(rounds), b64(salt) + "$" + b64(stored[:]),
		b64(sign(salted, "Server Key"))}, ":"), nil
}
