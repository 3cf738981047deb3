package data

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/can"
)

func TestFindSaysWhatItFound(t *testing.T) {
	folder := t.TempDir()
	fake := func(major int) string {
		bin := filepath.Join(folder, fmt.Sprint(major), "bin")
		require.NoError(t, os.MkdirAll(bin, 0o755))
		for _, name := range []string{"postgres", "initdb"} {
			require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(fmt.Sprintf("#!/bin/sh\necho 'postgres (PostgreSQL) %d.3 "+
				"(Debian)'\n", major)), 0o755))
		}
		return bin
	}
	fifteen, sixteen := fake(15), fake(16)
	defer func(before []string) { places = before }(places)

	places = []string{filepath.Join(folder, "*", "bin")}
	p, err := Find(t.Context(), "postgres", "15.4", t.TempDir(), offline)
	require.NoError(t, err)
	assert.Equal(t, Program{Bin: fifteen, Major: 15}, p)
	p, err = Find(t.Context(), "aurora-postgresql", "17", t.TempDir(), offline)
	require.NoError(t, err)
	assert.Equal(t, Program{Bin: sixteen, Major: 16, Note: "the database is PostgreSQL 16, which is installed, and not 17, which the " +
		"stack asks for"}, p)
	places = nil
	var no *can.Refusal
	_, err = Find(t.Context(), "postgres", "17", t.TempDir(), offline)
	require.ErrorAs(t, err, &no)
	assert.Equal(t, "this computer has no PostgreSQL; install it from the distribution (Debian and Ubuntu: `apt install postgresql`); "+
		"fetching version 17 failed: offline", err.Error())
	_, err = Find(t.Context(), "mysql", "8.4", t.TempDir(), offline)
	require.ErrorAs(t, err, &no)
	assert.Contains(t, no.Why, "MariaDB, which distributions have, is not MySQL")
	assert.Contains(t, no.Remedy, "database.engine is postgres")
}

func offline(context.Context, int, string) error { return errors.New("offline") }

// What is fetched is fetched once, by a process that has the person's way to the internet and nothing else of theirs.
func TestFindFetchesOnce(t *testing.T) {
	defer func(before []string) { places = before }(places)
	places = nil
	cache, program := t.TempDir(), filepath.Join(t.TempDir(), "world")
	require.NoError(t, os.WriteFile(program, []byte(`#!/bin/sh
[ "$1" = postgresql ] && [ "$2" = 17 ] || exit 1
env > "$3/environment"
mkdir -p "$3/postgresql-17/bin" && cd "$3/postgresql-17/bin"
printf '#!/bin/sh\necho "postgres (PostgreSQL) 17.5"\n' > postgres
cp postgres initdb; chmod +x postgres initdb
`), 0o755))
	fetch := FetchBy(program, []string{"PATH=" + os.Getenv("PATH"), "https_proxy=http://proxy:1", "AWS_SECRET_ACCESS_KEY=x"})
	for range 2 {
		p, err := Find(t.Context(), "postgres", "17", cache, fetch)
		require.NoError(t, err)
		assert.Equal(t, Program{Bin: filepath.Join(cache, "postgresql-17", "bin"), Major: 17}, p)
		fetch = offline
	}
	environment, err := os.ReadFile(filepath.Join(cache, "environment"))
	require.NoError(t, err)
	assert.Contains(t, string(environment), "https_proxy=http://proxy:1")
	assert.NotContains(t, string(environment), "AWS_")

	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\necho 'downloading'; echo 'world: no way there'; exit 1\n"), 0o755))
	_, err = Find(t.Context(), "postgres", "16", cache, FetchBy(program, os.Environ()))
	require.NoError(t, err, "17 is there")
	assert.ErrorContains(t, FetchBy(program, os.Environ())(t.Context(), 16, cache), "no way there (exit status 1)")
}
