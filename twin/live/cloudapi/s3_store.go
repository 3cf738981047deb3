package cloudapi

import (
	"bufio"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// written is an object that a server wrote. Its file, named by the hash of its key, is this as a line of JSON, followed
// by the content.
type written struct {
	Key     string            `json:"key"`
	Bucket  string            `json:"bucket,omitempty"` // of an upload in parts
	ETag    string            `json:"etag,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	KMS     string            `json:"kms,omitempty"` // ARN
	At      time.Time         `json:"at,omitzero"`
	Size    int64             `json:"-"`
}

const writtenFolder = "written"

func (w *world) folder(bucket string) string {
	return filepath.Join(string(w.keep[keepObjects]), writtenFolder, filepath.Base(bucket))
}

func (w *world) path(bucket, key string) string {
	return filepath.Join(w.folder(bucket), hexHash([]byte(key)))
}

// store writes an object; it appears as a whole or not at all.
func (w *world) store(bucket string, o written, content io.Reader) error {
	head, err := json.Marshal(o)
	if err == nil {
		err = os.MkdirAll(w.folder(bucket), 0o700)
	}
	if err != nil {
		return fmt.Errorf("storing %s: %w", o.Key, err)
	}
	f, err := os.CreateTemp(w.folder(bucket), ".new-")
	if err != nil {
		return fmt.Errorf("storing %s: %w", o.Key, err)
	}
	_, err = f.Write(append(head, '\n'))
	if err == nil && content != nil {
		_, err = io.Copy(f, content)
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), w.path(bucket, o.Key))
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("storing %s: %w", o.Key, err)
	}
	return nil
}

// section is the content of an object's file.
type section struct {
	*io.SectionReader
	io.Closer
}

func (w *world) open(bucket, key string) (file, written, error) {
	o, f, err := openWritten(w.path(bucket, key))
	return f, o, err
}

func openWritten(path string) (o written, content file, err error) {
	f, err := os.Open(path)
	if err != nil {
		return o, nil, err
	}
	head, err := bufio.NewReader(f).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(head, &o)
	}
	info, statErr := f.Stat()
	if err = errors.Join(err, statErr); err != nil {
		return o, nil, errors.Join(err, f.Close())
	}
	o.Size = info.Size() - int64(len(head))
	return o, section{io.NewSectionReader(f, int64(len(head)), o.Size), f}, nil
}

func (c *call) serveWritten(bucket string, o written, f file, w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	if err := c.encrypted("kms:Decrypt", o.KMS, c.bucketARN(bucket)+"/"+o.Key, h); err != nil {
		return err
	}
	h.Set("Content-Type", "binary/octet-stream")
	for name, v := range o.Headers {
		h.Set(name, v)
	}
	h.Set("Etag", o.ETag)
	http.ServeContent(w, r, "", o.At, f)
	return nil
}

func etag(content []byte) string {
	sum := md5.Sum(content) // as S3 does (API reference, "Object"): to tell contents apart, not to protect them
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// Tidy deletes what was in buckets that are gone, below the directory of objects' contents.
func Tidy(objects string, buckets []plan.Bucket) error {
	for _, kind := range []string{"delivered", writtenFolder} {
		entries, err := os.ReadDir(filepath.Join(objects, kind))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("looking for buckets that are gone: %w", err)
		}
		for _, e := range entries {
			if slices.ContainsFunc(buckets, func(b plan.Bucket) bool { return b.Name == e.Name() }) {
				continue
			}
			if err := os.RemoveAll(filepath.Join(objects, kind, e.Name())); err != nil {
				return fmt.Errorf("emptying the bucket %s, which is gone: %w", e.Name(), err)
			}
		}
	}
	return nil
}
