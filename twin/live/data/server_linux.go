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
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// config is what a server is started with.
type config struct {
	program    Program
	runs       string // its program, at a path of this process's own
	folder     string // of this database, on the host
	address    netip.Addr
	port       int
	name       string // of the first database
	user       string // the master's
	password   string
	parameters map[string]string
	backups    bool   // automated ones
	snapshot   string // that the data comes from when there is none yet
	cert       []byte // PEM, the chain, then the key
}

// serverUser is the user that a server runs as, since none wants to be root: the number is that of Red Hat's PostgreSQL.
// In its user namespace the person's own account has that number.
const serverUser = 26

// superuser is RDS's own; there is no other.
const superuser = "rdsadmin"

// engine is what differs between servers.
type engine interface {
	habits() habits
	make(ctx context.Context, into string) error // data with nothing in them

	// adapt is a parameter as it can be had, "" where the server has none such, and whether that is all it asks for.
	adapt(name, value string) (string, bool)
	takes(ctx context.Context, parameters map[string]string) bool
	own() (usual, fixed map[string]string) // parameters of the living world's: where the group has none, and in any case
	line(name, value string) string        // of the file of parameters
	files() map[string]string              // others that it reads, by their names in the database's folder

	serve(file string) *exec.Cmd
	answers(ctx context.Context) error
	setUp(ctx context.Context) error // the users and the database that RDS makes
	setPassword(ctx context.Context, password string) error
	// served opens a way to ask how many transactions or statements of others there have been; close ends it.
	served(ctx context.Context) (total func(context.Context) (int, error), close func(), err error)
	reload(ctx context.Context, former map[string]string) error // has the parameters that need no restart take effect
}

// habits are an engine's smaller peculiarities.
type habits struct {
	stale         []string // in the data: what a server that was killed leaves there, and the next one takes for a running one
	clean, abrupt unix.Signal
}

// server is a running database.
type server struct {
	config
	engine   engine
	lock     *os.File
	process  *exec.Cmd
	ended    chan error
	settings map[string]string // the parameter group's that it takes
	unknown  []string          // and those that it does not
}

func (c config) data() string { return filepath.Join(c.folder, dataFolders[c.program.Brand]) }

// command is a call of one of the server's programs.
func (c config) command(ctx context.Context, path string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	id := []syscall.SysProcIDMap{{ContainerID: serverUser, HostID: os.Getuid(), Size: 1}}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER, UidMappings: id, GidMappings: id,
		Credential: &syscall.Credential{Uid: serverUser, Gid: serverUser, NoSetGroups: true}}
	cmd.Env = []string{"PATH=" + filepath.Dir(c.program.Path) + ":/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.Dir = c.folder
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return cmd
}

// start takes the data, creates it if there is none, and serves it. If another process has it, start waits until that has
// ended: that is how a standby takes over.
func start(ctx context.Context, c config) (*server, error) {
	s := &server{config: c, ended: make(chan error, 1)}
	if s.engine = (mysqlEngine{s}); c.program.Brand == postgreSQL {
		s.engine = postgresEngine{s}
	}
	if err := s.take(ctx); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.lock.Close())
	}
	s.process = s.engine.serve(filepath.Join(s.folder, settingsFile))
	if err := s.process.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", c.program.Brand, err), s.lock.Close())
	}
	go func() { s.ended <- s.process.Wait() }()
	err := s.awaitAnswer(ctx)
	if err == nil {
		err = s.engine.setUp(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.stop(s.engine.habits().abrupt))
	}
	return s, nil
}

func (s *server) awaitAnswer(ctx context.Context) error {
	for {
		err := s.engine.answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("%s ended before it answered: %w", s.program.Brand, errors.Join(errors.New("its log says why"), err))
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", s.program.Brand, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// take locks the data. The servers' own locks hold a process id, which means nothing in another namespace, so they are
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
	for _, name := range s.engine.habits().stale {
		if err := os.Remove(filepath.Join(s.data(), name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(fmt.Errorf("taking over the database's data: %w", err), lock.Close())
		}
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
	made, err := madeBy(s.data())
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.create(ctx); err != nil {
			return err
		}
		made, err = madeBy(s.data())
	}
	switch {
	case err != nil:
		return fmt.Errorf("looking at the database's data: %w", err)
	case !s.program.reads(made):
		return fmt.Errorf("the database's data are of %s and this computer's is %s: install that version, or delete %s, which loses "+
			"the data", made, s.program, s.folder)
	}
	return s.configure(ctx)
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
	err := s.engine.make(ctx, making)
	if err == nil {
		err = os.Rename(making, s.data())
	}
	if err != nil {
		return fmt.Errorf("making the database: %w", err)
	}
	return nil
}

// stop ends the server with a signal, for a clean end or for a machine that fails.
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
