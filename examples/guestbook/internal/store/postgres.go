package store

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/causeway-iac/causeway/examples/guestbook/internal/secret"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/settings"
)

var postgres = dialect{
	connect: connectPostgres,
	create: `CREATE TABLE IF NOT EXISTS guestbook_entry (
			id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
			name    text NOT NULL,
			message text NOT NULL,
			created timestamptz NOT NULL DEFAULT now())`,
	insert:  "INSERT INTO guestbook_entry (name, message) VALUES ($1, $2) RETURNING id, created",
	returns: true,
	once: onceStatements{
		// The number is any that others do not lock: it is the beginning of the SHA-256 of "causeway_once".
		lock:   "SELECT 1 FROM (SELECT pg_advisory_lock(x'1b6f7a30'::bigint)) AS held",
		table:  "CREATE TABLE IF NOT EXISTS causeway_once (name text PRIMARY KEY, done timestamptz NOT NULL DEFAULT now())",
		done:   "SELECT count(*) FROM causeway_once WHERE name = $1",
		record: "INSERT INTO causeway_once (name) VALUES ($1)",
	},
	isDenied: func(err error) bool {
		var e *pgconn.PgError
		// PostgreSQL error codes, class 28: invalid authorization specification, invalid password.
		return errors.As(err, &e) && (e.Code == "28P01" || e.Code == "28000")
	},
	isAnswer: func(err error) bool {
		var e *pgconn.PgError
		// Class 57, operator intervention, is the last word of a server that ends; class 25 that of one which has
		// become a standby (25006, read only).
		return errors.As(err, &e) && !strings.HasPrefix(e.Code, "57") && e.Code != "25006"
	},
}

func connectPostgres(ctx context.Context, d settings.Database, verified *tls.Config, as secret.Credentials) (driver.Conn, error) {
	config, err := pgx.ParseConfig(fmt.Sprintf("host='%s' port=%d user=guestbook sslmode=verify-full", d.Host, d.Port))
	if err != nil {
		return nil, fmt.Errorf("configuring PostgreSQL: %w", err)
	}
	config.Database = d.Name
	config.User, config.Password = as.Username, as.Password
	config.TLSConfig = verified
	config.Fallbacks = nil
	config.RuntimeParams["application_name"] = "guestbook"
	return stdlib.GetConnector(*config).Connect(ctx)
}
