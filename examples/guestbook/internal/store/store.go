// Package store keeps the guestbook's entries in PostgreSQL or MySQL, over verified TLS.
package store

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/causeway-iac/causeway/examples/guestbook/internal/entry"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/rdsca"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/secret"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/settings"
)

// queryTimeout bounds one statement, connecting included. A read may take it twice.
const queryTimeout = 3 * time.Second

// keptConnections is how many stay open between statements.
const keptConnections = 5

// Store is the guestbook's table.
type Store struct {
	db      *sql.DB
	dialect dialect
}

// dialect is what differs between the engines.
type dialect struct {
	connect  func(context.Context, settings.Database, *tls.Config, secret.Credentials) (driver.Conn, error)
	create   string // makes the table if it is absent
	insert   string
	returns  bool // insert returns id and time; else they are read back
	once     onceStatements
	isDenied func(error) bool // whether the database refused the user or password
	isAnswer func(error) bool // whether the error is what a database that serves answered
}

var dialects = map[string]dialect{"postgres": postgres, "mysql": mySQL}

// Open makes a store. It connects to nothing yet: the database may come later than this process.
func Open(d settings.Database, fetch secret.Fetch) (*Store, error) {
	roots, err := rdsca.Pool(d.CAFile)
	if err != nil {
		return nil, err
	}
	c := &connector{dialect: dialects[d.Engine], database: d, credentials: secret.NewCache(fetch),
		verified: &tls.Config{RootCAs: roots, ServerName: d.Host, MinVersion: tls.VersionTLS12}}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(10)
	db.SetMaxIdleConns(keptConnections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	db.SetConnMaxLifetime(30 * time.Minute) // a failover moves the name: do not stay with an old address
	return &Store{db: db, dialect: c.dialect}, nil
}

// Close ends every connection.
func (s *Store) Close() error { return s.db.Close() }

// Migrate makes the table if it is absent.
func (s *Store) Migrate(ctx context.Context) error {
	err := s.do(ctx, func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, s.dialect.create)
		return err
	})
	if err != nil {
		return fmt.Errorf("making the table: %w", err)
	}
	return nil
}

// Ping tells whether the database answers and the table is there.
func (s *Store) Ping(ctx context.Context) error {
	return s.read(ctx, func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, "SELECT id FROM guestbook_entry WHERE id = 0")
		return err
	})
}

// Latest returns the newest entries, newest first.
func (s *Store) Latest(ctx context.Context, limit int) ([]entry.Entry, error) {
	entries := []entry.Entry{}
	err := s.read(ctx, func(ctx context.Context) error {
		entries = entries[:0]
		rows, err := s.db.QueryContext(ctx, fmt.Sprintf(
			"SELECT id, name, message, created FROM guestbook_entry ORDER BY id DESC LIMIT %d", limit))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e entry.Entry
			if err := rows.Scan(&e.ID, &e.Name, &e.Message, &e.Created); err != nil {
				return err
			}
			e.Created = e.Created.UTC()
			entries = append(entries, e)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("reading entries: %w", err)
	}
	return entries, nil
}

// Add keeps a draft. It is never tried twice once the database may have it.
func (s *Store) Add(ctx context.Context, d entry.Draft) (entry.Entry, error) {
	added := entry.Entry{Name: d.Name, Message: d.Message}
	err := s.do(ctx, func(ctx context.Context) error {
		if s.dialect.returns {
			return s.db.QueryRowContext(ctx, s.dialect.insert, d.Name, d.Message).Scan(&added.ID, &added.Created)
		}
		result, err := s.db.ExecContext(ctx, s.dialect.insert, d.Name, d.Message)
		if err != nil {
			return err
		}
		if added.ID, err = result.LastInsertId(); err != nil {
			return err
		}
		return s.db.QueryRowContext(ctx, "SELECT created FROM guestbook_entry WHERE id = ?", added.ID).Scan(&added.Created)
	})
	if err != nil {
		return entry.Entry{}, fmt.Errorf("adding an entry: %w", err)
	}
	added.Created = added.Created.UTC()
	return added, nil
}

// do runs work, in time.
func (s *Store) do(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	err := work(ctx)
	if err != nil && !s.dialect.isAnswer(err) {
		// After a failover the connections that are left lead to a database that is gone: one statement after the other
		// would find that out for itself, each in its own time.
		s.db.SetMaxIdleConns(0)
		s.db.SetMaxIdleConns(keptConnections)
	}
	return err
}

// read is do for what may be done twice: where the database did not answer, it is asked again over a new connection.
func (s *Store) read(ctx context.Context, work func(context.Context) error) error {
	err := s.do(ctx, work)
	if err != nil && ctx.Err() == nil && !s.dialect.isAnswer(err) {
		return s.do(ctx, work)
	}
	return err
}
