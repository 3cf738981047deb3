package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

const (
	lockFile  = "lock"
	aboutFile = "about.json"
	snapshots = "snapshots"
	madeFile  = "made-by" // in the data of MySQL and MariaDB: brand and version
)

// What a database node finds in node.Config.Keep.
const (
	KeepProgram  = "program"  // the server: a Program, as JSON
	KeepFolder   = "data"     // the folder of its data: Folder
	KeepPassword = "password" // of the master
	KeepCert     = "cert"     // PEM, the chain, then the key
)

// about is what is remembered of a database beside its data, for when the resource is gone.
type about struct {
	ID    string `json:"id"`
	Final string `json:"final,omitempty"` // the snapshot that its deletion makes
}

// Folder is where a database's data is kept.
func Folder(home string, d *plan.Database) string {
	return filepath.Join(home, filepath.Base(d.Resource))
}

// dataFolders are where in its folder a database's data are, by the brand of the server that reads them.
var dataFolders = map[string]string{postgreSQL: "pgdata", mySQL: "mysql", mariaDB: "mysql"}

// MadeBy is the server whose data a database has or begins with, such as "PostgreSQL 17", or "" where there are none.
func MadeBy(home string, d *plan.Database) string {
	folder := Folder(home, d)
	for _, at := range []string{filepath.Join(folder, dataFolders[postgreSQL]), filepath.Join(folder, dataFolders[mySQL]),
		snapshotFolder(home, d.Snapshot)} {
		if made, err := madeBy(at); err == nil {
			return made
		}
	}
	return ""
}

// madeBy is the server that made the data in a folder.
func madeBy(data string) (string, error) {
	if version, err := os.ReadFile(filepath.Join(data, "PG_VERSION")); err == nil {
		return postgreSQL + " " + strings.TrimSpace(string(version)), nil
	}
	made, err := os.ReadFile(filepath.Join(data, madeFile))
	return string(made), err
}

func snapshotFolder(home, name string) string {
	return filepath.Join(home, snapshots, filepath.Base(name))
}

// Tidy makes folders for a plan's databases and deletes the data of those that are gone: it becomes the final snapshot
// that the resource asked for, or nothing. Data that a process still uses is left for the next time.
func Tidy(home string, databases []plan.Database) error {
	wanted := map[string]bool{snapshots: true}
	for i := range databases {
		d := &databases[i]
		folder := Folder(home, d)
		wanted[filepath.Base(folder)] = true
		text, err := json.Marshal(about{ID: d.ID, Final: d.Final})
		if err != nil {
			return fmt.Errorf("remembering the database %s: %w", d.ID, err)
		}
		if err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, aboutFile), text, 0o600)); err != nil {
			return fmt.Errorf("remembering the database %s: %w", d.ID, err)
		}
	}
	entries, err := os.ReadDir(home)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for databases that are gone: %w", err)
	}
	for _, e := range entries {
		if !e.IsDir() || wanted[e.Name()] {
			continue
		}
		if err := retire(home, filepath.Join(home, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// retire ends a database's data, unless it is in use.
func retire(home, folder string) error {
	text, err := os.ReadFile(filepath.Join(folder, aboutFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it is not a database's
	}
	var a about
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		return fmt.Errorf("looking at a database that is gone: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(folder, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("locking the data of %s: %w", a.ID, err)
	}
	defer lock.Close()
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return nil
	}
	for _, name := range dataFolders {
		data := filepath.Join(folder, name)
		if _, err := os.Stat(data); err != nil || a.Final == "" {
			continue
		}
		to := snapshotFolder(home, a.Final)
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o700), os.RemoveAll(to), os.Rename(data, to)); err != nil {
			return fmt.Errorf("keeping the final snapshot of %s: %w", a.ID, err)
		}
	}
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("deleting the data of %s: %w", a.ID, err)
	}
	return nil
}

// copyTree copies a folder of plain files and folders; to appears once it is complete.
func copyTree(from, to string) error {
	making := to + ".making"
	if err := os.RemoveAll(making); err != nil {
		return err
	}
	err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.MkdirAll(filepath.Join(making, relative), 0o700)
		}
		return copyFile(path, filepath.Join(making, relative))
	})
	if err != nil {
		return err
	}
	return os.Rename(making, to)
}

func copyFile(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}
