package data

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/can"
)

func TestFindSaysWhatItFound(t *testing.T) {
	folder := t.TempDir()
	fake := func(name, says string, beside ...string) string {
		bin := filepath.Join(folder, fmt.Sprint(len(says), name), "bin")
		for _, name := range append(beside, name) {
			require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(bin, name)), 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\necho '"+says+"'\n"), 0o755))
		}
		return filepath.Join(bin, name)
	}
	defer func(before []string) { places = before }(places)
	made := ""
	find := func(engine, version string) (Program, string) {
		p, err := Find(t.Context(), engine, version, made, t.TempDir(), offline)
		if no := (*can.Refusal)(nil); err != nil && !errors.As(err, &no) {
			t.Errorf("%v is not a refusal", err)
		}
		return p, fmt.Sprint(err)
	}
	places = nil
	for engine, why := range map[string]string{
		"postgres": "this computer has no PostgreSQL; install it from the distribution (Debian and Ubuntu: `apt install postgresql`); " +
			"fetching version 17 failed: offline",
		"aurora-mysql": "this computer has no MySQL; install it from the distribution (Debian and Ubuntu: `apt install mysql-server`, or " +
			"`mariadb-server`, which then stands in)",
		"mariadb":       "this computer has no MariaDB; install it from the distribution (Debian and Ubuntu: `apt install mariadb-server`)",
		"sqlserver-web": "the engine sqlserver-web is not played; a stack whose database is PostgreSQL, MySQL or MariaDB lives",
	} {
		_, said := find(engine, "17")
		assert.Equal(t, why, said)
	}

	places = []string{filepath.Join(folder, "*", "bin")}
	fifteen := fake("postgres", "postgres (PostgreSQL) 15.3 (Debian)", "initdb")
	sixteen := fake("postgres", "postgres (PostgreSQL) 16.10 (Debian 12)", "initdb")
	maria := fake("mariadbd", "mariadbd  Ver 10.11.11-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)",
		"../share/mysql/mysql_system_tables.sql")
	require.NoError(t, os.Symlink("mariadbd", filepath.Join(filepath.Dir(maria), "mysqld")))
	finds := func(engine, version, path, brand, major, note string) {
		t.Helper()
		p, said := find(engine, version)
		assert.Equal(t, Program{Brand: brand, Version: major, Path: path, Note: note}, p, said)
	}
	const instead = ", which is installed, and not %s, which the stack asks for"
	finds("postgres", "15.4", fifteen, postgreSQL, "15", "")
	finds("aurora-postgresql", "17", sixteen, postgreSQL, "16", "the database is PostgreSQL 16"+fmt.Sprintf(instead, "PostgreSQL 17")+
		"; fetching version 17 failed: offline")
	finds("mysql", "8.4.5", maria, mariaDB, "10.11", "the database is MariaDB 10.11"+fmt.Sprintf(instead, "MySQL 8.4"))
	finds("mariadb", "10.11.11", maria, mariaDB, "10.11", "")

	older := fake("mysqld", "/usr/sbin/mysqld  Ver 8.0.42-0ubuntu0.24.04.1 for Linux on x86_64 ((Ubuntu))")
	newer := fake("mysqld", "/usr/sbin/mysqld  Ver 8.4.5 for Linux on x86_64 (MySQL Community Server - GPL)")
	finds("mysql", "8.4.3", newer, mySQL, "8.4", "")
	finds("mysql", "9.1", newer, mySQL, "8.4", "the database is MySQL 8.4"+fmt.Sprintf(instead, "MySQL 9.1"))
	p, _ := find("aurora-mysql", "8.0.mysql_aurora.3.08.2")
	assert.Equal(t, "MySQL 8.0", p.String())
	const reads = "the database is %s, which reads its data, and not %s, which the stack asks for" // rows matter more than versions
	for engine, instead := range map[string]Program{
		"PostgreSQL 15": {postgreSQL, "15", fifteen, fmt.Sprintf(reads, "PostgreSQL 15", "PostgreSQL 16")},
		"PostgreSQL 16": {postgreSQL, "16", sixteen, ""},
		"PostgreSQL 14": {postgreSQL, "16", sixteen, ""}, // the start refuses
		"MariaDB 10.6":  {mariaDB, "10.11", maria, fmt.Sprintf(reads, "MariaDB 10.11", "MySQL 8.0")},
		"MySQL 8.0":     {mySQL, "8.0", older, ""},
		"MySQL 8.4":     {mySQL, "8.4", newer, fmt.Sprintf(reads, "MySQL 8.4", "MySQL 8.0")},
	} {
		made = engine
		asked := map[bool][2]string{true: {"postgres", "16"}, false: {"mysql", "8.0.42"}}[strings.HasPrefix(engine, postgreSQL)]
		p, said := find(asked[0], asked[1])
		assert.Equal(t, instead, p, "%s: %s", engine, said)
	}
	made = ""
	finds("mariadb", "11.4.5", maria, mariaDB, "10.11", "the database is MariaDB 10.11"+fmt.Sprintf(instead, "MariaDB 11.4"))
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
		p, err := Find(t.Context(), "postgres", "17", "", cache, fetch)
		require.NoError(t, err)
		assert.Equal(t, Program{Brand: postgreSQL, Version: "17", Path: filepath.Join(cache, "postgresql-17", "bin", "postgres")}, p)
		fetch = offline
	}
	environment, err := os.ReadFile(filepath.Join(cache, "environment"))
	require.NoError(t, err)
	assert.Contains(t, string(environment), "https_proxy=http://proxy:1")
	assert.NotContains(t, string(environment), "AWS_")

	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\necho 'downloading'; echo 'world: no way there'; exit 1\n"), 0o755))
	_, err = Find(t.Context(), "postgres", "16", "", cache, FetchBy(program, os.Environ()))
	require.NoError(t, err, "17 is there")
	assert.ErrorContains(t, FetchBy(program, os.Environ())(t.Context(), 16, cache), "no way there")
}
