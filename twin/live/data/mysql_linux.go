package data

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"
	"golang.org/x/sys/unix"
)

// mysqlEngine is MySQL as RDS runs it, or MariaDB.
type mysqlEngine struct{ *server }

const (
	socketFile = "inside.sock" // in the data
	firstFile  = "first.sql"   // in the database's folder: what the server does before it answers
)

func (mysqlEngine) habits() habits {
	return habits{stale: []string{socketFile, socketFile + ".lock"}, clean: unix.SIGTERM, abrupt: unix.SIGKILL}
}

func (s mysqlEngine) make(ctx context.Context, into string) error {
	args := append(s.plain(into), "--innodb-use-native-aio=0", "--innodb-flush-method=nosync")
	if names, ok := s.parameters[lowerCase]; ok && s.takes(ctx, map[string]string{lowerCase: names}) {
		args = append(args, "--"+lowerCase+"="+names)
	}
	for name, value := range s.logSize() {
		args = append(args, "--"+name+"="+value)
	}
	call := s.command(ctx, s.runs, append(args, "--initialize-insecure", "--auto-generate-certs=OFF",
		"--caching-sha2-password-auto-generate-rsa-keys=OFF")...)
	if s.program.Brand == mariaDB {
		if err := os.MkdirAll(filepath.Join(into, "mysql"), 0o700); err != nil {
			return err
		}
		call = s.command(ctx, s.runs, append(args, "--bootstrap", "--log-warnings=0", "--max-allowed-packet=8M")...)
		script, err := s.script()
		if err != nil {
			return err
		}
		call.Stdin = strings.NewReader(script)
	}
	if err := call.Run(); err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(call.Path), err)
	}
	return s.sign(into)
}

// lowerCase is the parameter that MySQL's data are made with: no server with another value serves them.
const lowerCase = "lower_case_table_names"

// plain are the arguments of a server that reads no file, and minds no folder that a package made for another user.
func (s mysqlEngine) plain(data string) []string {
	args := []string{"--no-defaults", "--basedir=" + s.base(), "--datadir=" + data}
	if s.program.Brand == mySQL {
		args = append(args, "--secure-file-priv=NULL")
	}
	return args
}

// logSize is the parameter that keeps the log of a small database small.
func (s mysqlEngine) logSize() map[string]string {
	if s.program.Brand == mariaDB {
		return map[string]string{"innodb_log_file_size": "16M"}
	}
	return map[string]string{"innodb_redo_log_capacity": "32M"}
}

// script is what mariadb-install-db, which is not always there, has MariaDB do: it makes the tables that the server needs, and no user.
func (s mysqlEngine) script() (string, error) {
	first := maker(mariaDB, s.program.Path)
	script := "USE mysql;\n"
	for _, name := range []string{"system_tables", "performance_tables", "system_tables_data", "sys_schema"} {
		text, err := os.ReadFile(strings.Replace(first, "system_tables", name, 1))
		if err != nil {
			return "", err
		}
		script += string(text)
	}
	return script + "DELETE FROM mysql.global_priv WHERE User = 'root';\nDELETE FROM mysql.proxies_priv;\n", nil
}

// base is the folder of what came with the server.
func (s mysqlEngine) base() string { return filepath.Dir(filepath.Dir(s.program.Path)) }

func (s mysqlEngine) sign(folder string) error {
	return os.WriteFile(filepath.Join(folder, madeFile), []byte(s.program.String()), 0o600)
}

func (mysqlEngine) adapt(_, value string) (string, bool) { return value, true }

func (s mysqlEngine) takes(ctx context.Context, parameters map[string]string) bool {
	args := s.plain(s.data())
	for name, value := range parameters {
		args = append(args, "--"+name+"="+value)
	}
	if s.program.Brand == mariaDB {
		args = append(args, "--verbose", "--help")
	} else {
		args = append(args, "--validate-config")
	}
	call := s.command(ctx, s.runs, args...)
	call.Stdout, call.Stderr = nil, nil
	return call.Run() == nil
}

func (s mysqlEngine) own() (usual, fixed map[string]string) {
	usual = map[string]string{"innodb_buffer_pool_size": "32M", "performance_schema": "OFF", "max_connections": "100"}
	maps.Copy(usual, s.logSize())
	fixed = map[string]string{
		"basedir": s.base(), "datadir": s.data(), "socket": socketFile, "bind_address": s.address.String(), "port": strconv.Itoa(s.port),
		"ssl_cert": filepath.Join(s.folder, "server.crt"), "ssl_key": filepath.Join(s.folder, "server.key"),
		"init_file": filepath.Join(s.folder, firstFile), "skip_name_resolve": "ON", "innodb_use_native_aio": "0",
		"slow_query_log_file": "/dev/stderr", "general_log_file": "/dev/stderr", "pid_file": "server.pid",
	}
	if s.program.Brand == mySQL {
		maps.Copy(fixed, map[string]string{"mysqlx": "OFF", "partial_revokes": "ON", "secure_file_priv": "NULL"})
	}
	if s.backups { // then RDS has a binary log, and whoever makes a trigger needs log_bin_trust_function_creators
		maps.Copy(fixed, map[string]string{"log_bin": "binlog", "server_id": "1", "loose_binlog_expire_logs_seconds": "300"})
		usual["max_binlog_size"] = "16M"
	} else {
		fixed["skip_log_bin"] = "ON"
	}
	return usual, fixed
}

func (mysqlEngine) line(name, value string) string {
	return name + ` = "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

// files hold what the server does first: RDS's own user, who comes in from inside alone, replaces the one without a password.
func (mysqlEngine) files() map[string]string {
	return map[string]string{settingsFile: "[mysqld]\n", firstFile: "CREATE USER IF NOT EXISTS " + superuser + "@localhost;\n" +
		"GRANT ALL ON *.* TO " + superuser + "@localhost WITH GRANT OPTION;\n" +
		"DROP USER IF EXISTS root@localhost;\n"}
}

func (s mysqlEngine) serve(file string) *exec.Cmd {
	return s.command(context.Background(), s.runs, "--defaults-file="+file)
}

// connect connects as the superuser, from inside.
func (s mysqlEngine) connect(ctx context.Context) (*sql.DB, *sql.Conn, error) {
	c := mysql.NewConfig()
	c.User, c.Net, c.Addr = superuser, "unix", socketFile
	c.DialFunc = func(ctx context.Context, _, _ string) (net.Conn, error) {
		folder, err := os.Open(s.data()) // whose path may be longer than a socket's can be
		if err != nil {
			return nil, err
		}
		defer folder.Close()
		return (&net.Dialer{}).DialContext(ctx, "unix", fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), socketFile))
	}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, nil, err
	}
	all := sql.OpenDB(connector)
	one, err := all.Conn(ctx)
	if err != nil {
		return nil, nil, errors.Join(err, all.Close())
	}
	return all, one, nil
}

// silence keeps a session's statements out of the server's logs.
const silence = "SET SESSION sql_log_off = 1, SESSION sql_log_bin = 0, SESSION long_query_time = 3600, SESSION sql_mode = ''"

// execute runs statements and keeps them out of the server's logs.
func (s mysqlEngine) execute(ctx context.Context, statements ...string) error {
	all, c, err := s.connect(ctx)
	if err != nil {
		return fmt.Errorf("connecting to the database: %w", err)
	}
	defer all.Close()
	defer c.Close()
	for _, text := range append([]string{silence}, statements...) {
		if _, err := c.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("setting the database up: %w", err)
		}
	}
	return nil
}

func (s mysqlEngine) served(ctx context.Context) (func(context.Context) (int, error), func(), error) {
	all, c, err := s.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	end := func() { _ = errors.Join(c.Close(), all.Close()) }
	if _, err := c.ExecContext(ctx, silence); err != nil {
		end()
		return nil, nil, err
	}
	own := 1
	return func(ctx context.Context) (total int, err error) {
		var name string
		own++ // this question is one too
		err = c.QueryRowContext(ctx, "SHOW GLOBAL STATUS LIKE 'Questions'").Scan(&name, &total)
		return total - own, err
	}, end, nil
}

func (s mysqlEngine) answers(ctx context.Context) error {
	all, c, err := s.connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.Close(), all.Close())
}

// What RDS's master user may, which is neither SUPER, nor FILE, nor SHUTDOWN (RDS user guide, "Master user account privileges").
const (
	masters = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, " +
		"CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, " +
		"ALTER ROUTINE, CREATE USER, EVENT, TRIGGER"
	mySQLMasters = "CREATE ROLE, DROP ROLE, APPLICATION_PASSWORD_ADMIN, ROLE_ADMIN, XA_RECOVER_ADMIN"
	masterRole   = "rds_superuser_role"
	// On the server's own tables, by which it could make itself more.
	revoked = "INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, TRIGGER, CREATE VIEW, CREATE ROUTINE, ALTER ROUTINE"
)

func (s mysqlEngine) setUp(ctx context.Context) error {
	master := text(s.user) + "@'%'"
	statements := []string{
		"CREATE USER IF NOT EXISTS " + master,
		"ALTER USER " + master + " IDENTIFIED BY " + text(s.password),
		"GRANT " + masters + " ON *.* TO " + master + " WITH GRANT OPTION",
	}
	if s.program.Brand == mySQL {
		definer := "SET_USER_ID"
		if newest(s.program.Version, "8.4") <= 0 {
			definer = "SET_ANY_DEFINER"
		}
		statements = append(statements, "CREATE ROLE IF NOT EXISTS "+masterRole,
			"GRANT "+masters+" ON *.* TO "+masterRole+" WITH GRANT OPTION")
		for _, grantee := range []string{master, masterRole} {
			statements = append(statements, "GRANT "+mySQLMasters+", "+definer+" ON *.* TO "+grantee+" WITH GRANT OPTION",
				"REVOKE "+revoked+" ON mysql.* FROM "+grantee)
		}
		statements = append(statements, "GRANT "+masterRole+" TO "+master+" WITH ADMIN OPTION")
	}
	if s.name != "" {
		statements = append(statements, "CREATE DATABASE IF NOT EXISTS `"+strings.ReplaceAll(s.name, "`", "``")+"`")
	}
	return errors.Join(s.execute(ctx, statements...), s.sign(s.data()))
}

func (s mysqlEngine) setPassword(ctx context.Context, password string) error {
	return s.execute(ctx, "ALTER USER "+text(s.user)+"@'%' IDENTIFIED BY "+text(password))
}

// reload sets what changed. A variable that can be set at the start alone waits for that, as at RDS.
func (s mysqlEngine) reload(ctx context.Context, former map[string]string) error {
	names := maps.Clone(former)
	maps.Copy(names, s.settings)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		value, wanted := s.settings[name]
		if was, had := former[name]; wanted == had && was == value {
			continue
		}
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			value = text(value)
		}
		if !wanted {
			value = "DEFAULT"
		}
		err := s.execute(ctx, "SET GLOBAL "+strings.ReplaceAll(name, "-", "_")+" = "+value)
		if no := (*mysql.MySQLError)(nil); err != nil && !errors.As(err, &no) {
			return err
		}
	}
	return nil
}

func text(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(value) + "'"
}
