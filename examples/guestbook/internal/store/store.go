// Package store keeps the guestbook's entries in PostgreSQL or MySQL, over verified TLS.
package store

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/causeway-iac/causeway/examples/guestbook/internal/entry"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/rdsca"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/secret"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/settings"
)

// ErrNotReady means that the database has not answered since the process started.
var ErrNotReady = errors.New("the database is not ready")

// queryTimeout bounds one statement, connecting included. A read may take it twice.
const queryTimeout = 3 * time.Second

// keptConnections is how many stay open between statements.
const keptConnections = 5

// Store is the guestbook's table.
type Store struct {
	db          *sql.DB
	dialect     dialect
	credentials *secret.Cache
	prepared    chan struct{} // closed once the table is there
}

// dialect is what differs between the engines.
type dialect struct {
	open     func(settings.Database, *tls.Config, *secret.Cache) (*sql.DB, error)
	create   string // makes the table if it is absent
	insert   string
	returns  bool             // insert returns id and time; else they are read back
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
	dialect := dialects[d.Engine]
	credentials := secret.NewCache(fetch)
	db, err := dialect.open(d, &tls.Config{RootCAs: roots, ServerName: d.Host, MinVersion: tls.VersionTLS12}, credentials)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(10)
	db.SetMaxIdleConns(keptConnections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	db.SetConnMaxLifetime(30 * time.Minute) // a failover moves the name: do not stay with an old address
	return &Store{db: db, dialect: dialect, credentials: credentials, prepared: make(chan struct{})}, nil
}

// Close ends every connection.
func (s *Store) Close() error { return s.db.Close() }

// Prepare makes the table if it is absent, and tries again until that works or ctx ends.
func (s *Store) Prepare(ctx context.Context, log *slog.Logger) {
	const longest = 5 * time.Second
	for wait := 500 * time.Millisecond; ; wait = min(2*wait, longest) {
		// Of two instances that make the table at the same moment one may fail: it tries again like any other.
		err := s.do(ctx, func(ctx context.Context) error {
			_, err := s.db.ExecContext(ctx, s.dialect.create)
			return err
		})
		if err == nil {
			close(s.prepared)
			log.Info("the database is ready")
			return
		}
		log.Warn("the database is not ready", "error", err, "retry_in", wait.String())
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// ready waits a moment for the table: a load balancer sends requests to a server that has just started, while it still
// connects for the first time.
func (s *Store) ready(ctx context.Context) error {
	select {
	case <-s.prepared:
		return nil
	case <-ctx.Done():
	case <-time.After(queryTimeout):
	}
	return ErrNotReady
}

// Ping tells whether the database answers and the table is there.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	return s.read(ctx, s.db.PingContext)
}

// Latest returns the newest entries, newest first.
func (s *Store) Latest(ctx context.Context, limit int) ([]entry.Entry, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
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
	if err := s.ready(ctx); err != nil {
		return entry.Entry{}, err
	}
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

// do runs work, and once more with fresh credentials when the database refused the ones at hand. A
// refusal comes before any statement is sent, so nothing is done twice.
func (s *Store) do(ctx context.Context, work func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	err := work(ctx)
	if err != nil && s.dialect.isDenied(err) {
		s.credentials.Refused()
		err = work(ctx)
	}
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
