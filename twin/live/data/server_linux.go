package data

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// config is what a server is started with.
type config struct {
	bin        string // folder of its programs
	folder     string // of this database, on the host
	address    netip.Addr
	port       int
	name       string // of the first database
	user       string // the master's
	password   string
	parameters map[string]string
	snapshot   string // that the data comes from when there is none yet
	cert       []byte // PEM, the chain, then the key
}

// serverUser is the user that PostgreSQL runs as, since it refuses to be root: the number is that of Red Hat's package.
// In its user namespace the person's own account has that number.
const serverUser = 26

// server is a running PostgreSQL.
type server struct {
	config
	lock    *os.File
	process *exec.Cmd
	ended   chan error
	unknown []string // parameters that this server does not have
}

func (c config) data() string { return filepath.Join(c.folder, "pgdata") }

// command is a call of one of the server's programs.
func (c config) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, name), args...)
	id := []syscall.SysProcIDMap{{ContainerID: serverUser, HostID: os.Getuid(), Size: 1}}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER, UidMappings: id, GidMappings: id,
		Credential: &syscall.Credential{Uid: serverUser, Gid: serverUser, NoSetGroups: true}}
	cmd.Env = []string{"PATH=" + c.bin + ":/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.Dir = c.folder
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return cmd
}

// start takes the data, creates it if there is none, and serves it. If another process has it, start waits until that has
// ended: that is how a standby takes over.
func start(ctx context.Context, c config) (*server, error) {
	s := &server{config: c, ended: make(chan error, 1)}
	if err := s.take(ctx); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.lock.Close())
	}
	s.process = s.command(context.Background(), "postgres", "-D", s.data(), "-c", "config_file="+filepath.Join(s.folder, "postgresql.conf"))
	if err := s.process.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting PostgreSQL: %w", err), s.lock.Close())
	}
	go func() { s.ended <- s.process.Wait() }()
	if err := s.setUp(ctx); err != nil {
		return nil, errors.Join(err, s.stop(unix.SIGQUIT))
	}
	return s, nil
}

// take locks the data. PostgreSQL's own lock holds a process id, which means nothing in another namespace, so it is
// removed.
func (s *server) take(ctx context.Context) error {
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return fmt.Errorf("making the database's folder: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(s.folder, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("locking the database's data: %w", err)
	}
	for {
		err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			break
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the database's data are in use by another process: %w", ctx.Err()), lock.Close())
		case <-time.After(50 * time.Millisecond):
		}
	}
	s.lock = lock
	if err := os.Remove(filepath.Join(s.data(), "postmaster.pid")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("taking over the database's data: %w", err), lock.Close())
	}
	return nil
}

// prepare creates the data and writes the server's configuration.
func (s *server) prepare(ctx context.Context) error {
	for _, name := range []string{"server.crt", "server.key"} { // the key must be its own alone
		if err := os.WriteFile(filepath.Join(s.folder, name), s.cert, 0o600); err != nil {
			return fmt.Errorf("writing the database's certificate: %w", err)
		}
	}
	have, err := os.ReadFile(filepath.Join(s.data(), "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.create(ctx); err != nil {
			return err
		}
	} else if err != nil {
		return fmt.Errorf("looking at the database's data: %w", err)
	} else if err := s.sameMajor(ctx, strings.TrimSpace(string(have))); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.data(), "pg_hba.conf"), []byte(s.access()), 0o600); err != nil {
		return fmt.Errorf("writing who may connect: %w", err)
	}
	return s.writeSettings(ctx)
}

func (s *server) sameMajor(ctx context.Context, have string) error {
	found := installed(ctx, []string{s.bin})
	if len(found) > 0 && strconv.Itoa(found[0].Major) != have {
		return fmt.Errorf("the database's data are of PostgreSQL %s and this computer's is %d: install that version, or delete %s, which "+
			"loses the data",
			have, found[0].Major, s.folder)
	}
	return nil
}

// create starts from a snapshot's data or from none.
func (s *server) create(ctx context.Context) error {
	if err := os.RemoveAll(s.data()); err != nil { // what an interrupted start left
		return fmt.Errorf("clearing the database's folder: %w", err)
	}
	if s.snapshot != "" {
		from := snapshotFolder(filepath.Dir(s.folder), s.snapshot)
		if _, err := os.Stat(from); err == nil {
			if err := copyTree(from, s.data()); err != nil {
				return fmt.Errorf("restoring the snapshot %s: %w", s.snapshot, err)
			}
			return nil
		}
		fmt.Fprintf(os.Stderr, "the snapshot %s has no data on this computer: the database begins empty\n", s.snapshot)
	}
	making := s.data() + ".making"
	if err := os.RemoveAll(making); err != nil {
		return fmt.Errorf("clearing the database's folder: %w", err)
	}
	if err := s.command(ctx, "initdb", "-D", making, "-U", superuser, "--auth=reject", "-E", "UTF8", "--locale=C.UTF-8",
		"--no-instructions", "--no-sync").Run(); err != nil {
		return fmt.Errorf("making the database: initdb: %w", err)
	}
	if err := os.Rename(making, s.data()); err != nil {
		return fmt.Errorf("making the database: %w", err)
	}
	return nil
}

// access is pg_hba.conf as RDS has it: the superuser is RDS's own and cannot log in from the network, and nobody can
// without TLS if the parameter group forces it, as that of PostgreSQL 15 and later does by default.
func (s *server) access() string {
	kind := "hostssl"
	if s.parameters["rds.force_ssl"] == "0" {
		kind = "host"
	}
	return "local all " + superuser + " trust\nhost all " + superuser + " all reject\n" + kind + " all all all scram-sha-256\n"
}

// writeSettings writes postgresql.conf: the parameter group's parameters, as far as this server takes them, then the
// living world's own.
func (s *server) writeSettings(ctx context.Context) error {
	settings, unknown := s.applicable(ctx)
	s.unknown = unknown
	own := map[string]string{
		"listen_addresses": s.address.String(), "port": strconv.Itoa(s.port), "unix_socket_directories": socketFolder,
		"ssl": "on", "ssl_cert_file": filepath.Join(s.folder, "server.crt"), "ssl_key_file": filepath.Join(s.folder, "server.key"),
		"dynamic_shared_memory_type": "mmap", "password_encryption": "scram-sha-256",
	}
	for name, otherwise := range map[string]string{"shared_buffers": "32MB", "max_connections": "100",
		"ssl_min_protocol_version": "TLSv1.2"} {
		if _, ok := settings[name]; !ok {
			own[name] = otherwise
		}
	}
	var b strings.Builder
	for _, group := range []map[string]string{settings, own} {
		for name, value := range group {
			fmt.Fprintf(&b, "%s = '%s'\n", name, strings.ReplaceAll(value, "'", "''"))
		}
	}
	if err := os.WriteFile(filepath.Join(s.folder, "postgresql.conf"), []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("writing the database's parameters: %w", err)
	}
	return nil
}

// stop ends the server with a signal: SIGINT for a clean end, SIGQUIT for a machine that fails.
func (s *server) stop(signal syscall.Signal) error {
	_ = s.process.Process.Signal(signal)
	select {
	case <-s.ended:
	case <-time.After(8 * time.Second):
		_ = s.process.Process.Kill()
		<-s.ended
	}
	return s.lock.Close()
}
