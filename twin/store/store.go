// Package store keeps a world in one local file.
//
// Every record is sealed with AES-256-GCM under a key in a file beside it, both readable by their
// owner only, so that the file alone gives away neither a secret nor a name.
//
// A commit is not followed by an fsync: what a process wrote survives that process being killed,
// since the pages are the kernel's, and it is the loss of a twin's process that happens, not the
// loss of power. The file is synced every second and when it is closed.
package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// Version of the file's format. A file of a newer version is refused.
const Version = "1"

// Store is an open file.
type Store struct {
	db   *bbolt.DB
	seal cipher.AEAD
	done chan struct{}
	idle chan struct{}
}

// Change is one record to write, or to remove when Data is nil.
type Change struct {
	Key  string
	Data []byte
}

var (
	records    = []byte("records")
	meta       = []byte("meta")
	versionKey = []byte("version")
)

// Open opens or creates the file. It fails if another process holds it, if its key is missing or wrong, if it was cut
// short, and if it is of a newer version. A file that it refuses is left unchanged.
func Open(path string) (*Store, error) { return open(path, false) }

// Look opens a file to read it only. Any number of processes may look, and none may write meanwhile.
func Look(path string) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("opening the twin's file: %w", err)
	}
	return open(path, true)
}

func open(path string, readOnly bool) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the twin's file: %w", err)
	}
	_, statErr := os.Stat(path)
	if err := whole(path); err != nil {
		return nil, err
	}
	seal, err := openKey(path+".key", errors.Is(statErr, os.ErrNotExist))
	if err != nil {
		return nil, err
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second, NoSync: true, NoFreelistSync: true, ReadOnly: readOnly})
	if errors.Is(err, bbolt.ErrTimeout) {
		return nil, fmt.Errorf("opening %s: another twin is using it: stop that one or give another path", path)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the twin's file %s: %w", path, err)
	}
	s := &Store{db: db, seal: seal, done: make(chan struct{}), idle: make(chan struct{})}
	err = db.View(func(tx *bbolt.Tx) error { return checkVersion(tx, path) })
	if err == nil && !readOnly {
		err = s.prepare()
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if readOnly {
		close(s.idle)
		return s, nil
	}
	go s.syncEverySecond()
	return s, nil
}

func openKey(path string, mayCreate bool) (cipher.AEAD, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) && mayCreate {
		key = make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return nil, fmt.Errorf("making the key of the twin's file: %w", err)
		}
		if err = os.WriteFile(path+".new", key, 0o600); err == nil {
			err = os.Rename(path+".new", path) // at once: no kill leaves half a key
		}
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the key of the twin's file: %w: put a copy of it back, or move %s away and start anew", err,
			strings.TrimSuffix(path, ".key"))
	}
	if err != nil {
		return nil, fmt.Errorf("reading the key of the twin's file: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("reading the key of the twin's file %s: %w", path, err)
	}
	return cipher.NewGCM(block)
}

// checkVersion refuses a file whose format this program does not know. It comes before any write.
func checkVersion(tx *bbolt.Tx, path string) error {
	m := tx.Bucket(meta)
	if m == nil {
		return nil
	}
	if v := string(m.Get(versionKey)); v != "" && v != Version {
		return fmt.Errorf("the twin's file %s is of version %s and this program reads version %s: use a newer program, or move the file "+
			"away and start anew", path, v, Version)
	}
	return nil
}

func (s *Store) prepare() error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		if _, err := tx.CreateBucketIfNotExists(records); err != nil {
			return err
		}
		m, err := tx.CreateBucketIfNotExists(meta)
		if err != nil {
			return err
		}
		if m.Get(versionKey) != nil {
			return nil
		}
		return m.Put(versionKey, []byte(Version))
	})
}

func (s *Store) syncEverySecond() {
	defer close(s.idle)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last := s.writes()
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
			if now := s.writes(); now != last {
				last = now
				_ = s.db.Sync()
			}
		}
	}
}

func (s *Store) writes() int64 {
	stats := s.db.Stats()
	return stats.TxStats.GetWrite()
}

// Load calls f with every record, in the order of their keys.
func (s *Store) Load(f func(key string, data []byte) error) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(records)
		if b == nil {
			return nil
		}
		return b.ForEach(func(k, sealed []byte) error {
			if len(sealed) < s.seal.NonceSize() {
				return fmt.Errorf("the twin's file %s is damaged: record %q is cut short: it was left as it is; put a copy of it back, "+
					"or move it away and start anew", s.db.Path(), k)
			}
			n := s.seal.NonceSize()
			data, err := s.seal.Open(nil, sealed[:n], sealed[n:], k)
			if err != nil {
				return fmt.Errorf("the twin's file %s cannot be opened with its key, %[1]s.key: one of them is another's, or is damaged "+
					"(%w): they were left as they are; put a copy of them back, or move both away and start anew", s.db.Path(), err)
			}
			return f(string(k), data)
		})
	})
}

// Apply writes all changes or none.
func (s *Store) Apply(changes []Change) error {
	err := s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(records)
		for _, c := range changes {
			if c.Data == nil {
				if err := b.Delete([]byte(c.Key)); err != nil {
					return err
				}
				continue
			}
			nonce := make([]byte, s.seal.NonceSize())
			if _, err := rand.Read(nonce); err != nil {
				return err
			}
			if err := b.Put([]byte(c.Key), s.seal.Seal(nonce, nonce, c.Data, []byte(c.Key))); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("writing the twin's file: %w", err)
	}
	return nil
}

// Close syncs and closes the file.
func (s *Store) Close() error {
	close(s.done)
	<-s.idle
	if s.db.IsReadOnly() {
		return s.db.Close()
	}
	return errors.Join(s.db.Sync(), s.db.Close())
}
