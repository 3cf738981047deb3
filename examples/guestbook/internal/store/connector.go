package store

import (
	"context"
	"crypto/tls"
	"database/sql/driver"
	"fmt"

	"github.com/causeway-iac/causeway/examples/guestbook/internal/secret"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/settings"
)

// connector opens connections with the credentials at hand, and with others where the database refuses those: it has rotated
// them.
type connector struct {
	dialect     dialect
	database    settings.Database
	verified    *tls.Config
	credentials *secret.Cache
}

// Connect opens a connection.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	known, err := c.credentials.Get(ctx)
	if err != nil {
		return nil, err
	}
	opened, refusal := c.dialect.connect(ctx, c.database, c.verified, known)
	if refusal == nil || !c.dialect.isDenied(refusal) {
		return opened, refusal
	}
	fresh, err := c.credentials.Instead(ctx, known)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w, and no others are to be had: %w", refusal, err)
	case fresh == known:
		return nil, refusal
	}
	return c.dialect.connect(ctx, c.database, c.verified, fresh)
}

// Driver is asked for by nothing here.
func (c *connector) Driver() driver.Driver { return nil }
