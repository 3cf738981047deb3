package data

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// superuser is RDS's own; there is no other.
const superuser = "rdsadmin"

// socketFolder is in the abstract namespace, which belongs to the network namespace: no other node sees it.
const socketFolder = "@causeway"

// connect connects as the superuser, from inside.
func (s *server) connect(ctx context.Context, database string) (*pgconn.PgConn, error) {
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

// execute runs statements and keeps them out of the server's log.
func (s *server) execute(ctx context.Context, database string, statements ...string) error {
	c, err := s.connect(ctx, database)
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	defer c.Close(ctx)
	quiet := "SET log_statement = none; SET log_min_duration_statement = -1; SET log_min_error_statement = panic"
	for _, sql := range append([]string{quiet}, statements...) {
		if _, err := c.Exec(ctx, sql).ReadAll(); err != nil {
			return fmt.Errorf("setting the database up: %w", err)
		}
	}
	return nil
}

// setUp waits until the server answers and creates the roles and the database that RDS creates.
func (s *server) setUp(ctx context.Context) error {
	for {
		c, err := s.connect(ctx, "postgres")
		if err == nil {
			c.Close(ctx)
			break
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("PostgreSQL ended before it answered: %w", errors.Join(errors.New("its log says why"), err))
		case <-ctx.Done():
			return fmt.Errorf("waiting for PostgreSQL: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
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
func (s *server) ask(ctx context.Context, query string) (bool, error) {
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
func (s *server) setPassword(ctx context.Context, password string) error {
	verifier, err := scram(password)
	if err != nil {
		return err
	}
	if err := s.execute(ctx, "postgres", "ALTER ROLE "+identifier(s.user)+" PASSWORD "+quoted(verifier)); err != nil {
		return err
	}
	s.password = password
	return nil
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
