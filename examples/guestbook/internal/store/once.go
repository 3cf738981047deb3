package store

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// onceStatements keep in the database what has been done.
type onceStatements struct {
	lock   string // waits for the lock, for as long as a statement may; its one value is 1 if its connection then has it
	table  string // makes the record if it is absent
	done   string // counts the records of one thing
	record string
}

// Once does what has the given name unless it has been done, whoever else asks at the same time: one does it, and the others
// wait for the end. What fails has not been done. The database keeps the lock, which ends with the connection, and the record.
func (s *Store) Once(ctx context.Context, name string, do func(context.Context) error) (did bool, err error) {
	c, err := s.db.Conn(ctx)
	if err != nil {
		return false, fmt.Errorf("connecting to the database: %w", err)
	}
	defer c.Close()
	// A connection that is given back would keep the lock.
	defer func() { _ = c.Raw(func(any) error { return driver.ErrBadConn }) }()
	var locked, times int
	for locked != 1 {
		if err := c.QueryRowContext(ctx, s.dialect.once.lock).Scan(&locked); err != nil {
			return false, fmt.Errorf("waiting for the database's lock: %w", err)
		}
	}
	if _, err := c.ExecContext(ctx, s.dialect.once.table); err != nil {
		return false, fmt.Errorf("making the record of what is done: %w", err)
	}
	if err := c.QueryRowContext(ctx, s.dialect.once.done, name).Scan(&times); err != nil {
		return false, fmt.Errorf("reading what is done: %w", err)
	}
	if times > 0 {
		return false, nil
	}
	if err := do(ctx); err != nil {
		return true, err
	}
	if _, err := c.ExecContext(ctx, s.dialect.once.record, name); err != nil {
		return true, fmt.Errorf("recording what is done: %w", err)
	}
	return true, nil
}
