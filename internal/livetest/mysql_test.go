package livetest

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheGuestbookLivesOnMySQL has the guestbook keep its rows in MySQL, or in MariaDB where only that is installed, and what happens
// to databases happen to it.
func TestTheGuestbookLivesOnMySQL(t *testing.T) {
	at := newPlace(t, "  causeway:database: {engine: mysql, multiZone: true}\n")
	at.upLive()
	s := at.state()
	require.True(t, s.well(), "%+v", s)
	require.NoError(t, sign(at.client(s), s.URLs[0]+"/", row))
	at.kept(t)
	assert.Contains(t, at.must("live", "prove"), "the living world and the proof agree")
	t.Run("the secret is rotated and nobody notices", at.secretIsRotated)
	t.Run("the database fails over and keeps its rows", at.databaseFailsOver)
	t.Run("killed it leaves nothing and loses nothing", at.killedWhileSigned)
	assert.Contains(t, at.must("live", "logs", "database", "--lines", "500"), "ready for connections")
	at.must("down")
	left, err := filepath.Glob(filepath.Join(at.root, ".causeway/local/live/databases/db-*"))
	require.NoError(t, err)
	assert.Empty(t, left, "a database's data end with it")
}
