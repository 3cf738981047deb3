// Package contents keeps the contents of files that objects were made from. A program gives a path and a hash, and by the
// time somebody fetches the object the file at that path may be another.
package contents

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/causeway-iac/causeway/twin/value"
)

// Store is a directory with a file for each content, named by its SHA-256. A nil Store keeps nothing.
type Store struct{ dir string }

// In is the store in a directory, which is made when it is needed.
func In(dir string) *Store { return &Store{dir} }

// Path is where the content of a hash is, if it is kept.
func (s *Store) Path(hash string) string { return filepath.Join(s.dir, hash) }

// Keep copies every file that a resource's inputs name. A file that cannot be read, or that has changed since the engine
// looked at it, is an error, as it is for the real provider.
func (s *Store) Keep(inputs value.Map) error {
	if s == nil {
		return nil
	}
	for name, v := range inputs {
		asset, _ := v.(value.Map)
		path, _ := asset["path"].(string)
		hash := value.AssetHash(v)
		if !value.IsAsset(v) || path == "" || len(hash) != hex.EncodedLen(sha256.Size) {
			continue
		}
		if err := s.keep(path, hash); err != nil {
			return fmt.Errorf("%s: keeping %s: %w", name, path, err)
		}
	}
	return nil
}

func (s *Store) keep(path, hash string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return nil // the engine makes and hashes an archive of a directory
	}
	if _, err := os.Stat(s.Path(hash)); err == nil {
		return nil
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return err
	}
	from, err := os.Open(path)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.CreateTemp(s.dir, ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(to.Name())
	sum := sha256.New()
	if _, err = io.Copy(io.MultiWriter(to, sum), from); err == nil {
		err = to.Close()
	}
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != hash {
		return fmt.Errorf("it has changed while it was being deployed: its SHA-256 was %s and is %s", hash, got)
	}
	return os.Rename(to.Name(), s.Path(hash))
}

// Prune deletes contents that no object is made from any more.
func (s *Store) Prune(used map[string]bool) error {
	files, err := os.ReadDir(s.dir)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking through the contents of objects: %w", err)
	}
	for _, f := range files {
		if !used[f.Name()] {
			if err := os.Remove(filepath.Join(s.dir, f.Name())); err != nil && !os.IsNotExist(err) {
				return fmt.Errorf("deleting a content that nothing has: %w", err)
			}
		}
	}
	return nil
}
