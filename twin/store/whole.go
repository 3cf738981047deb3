package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
)

// The head of a bbolt file: two pages, each with a copy of its measures (go.etcd.io/bbolt, internal/common: page and
// meta). The newer valid one counts.
const (
	pageHead  = 16
	metaSize  = 64
	metaMagic = 0xED0CDAED
)

// whole fails if the file is shorter than it says: reading beyond the end of a mapped file kills the process. A file of
// another kind is left to bbolt, which says so.
func whole(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening the twin's file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("opening the twin's file: %w", err)
	}
	if info.Size() == 0 {
		return nil // nothing was ever written
	}
	needs, ok := needed(f)
	if !ok {
		return fmt.Errorf("the twin's file %s is damaged, or is not one: it was left as it is; put a copy of it back, or move it away "+
			"and start anew", path)
	}
	if info.Size() < needs {
		return fmt.Errorf("the twin's file %s was cut short: it has %d bytes and needs %d: it was left as it is; put a copy of it back, "+
			"or move it away and start anew", path, info.Size(), needs)
	}
	return nil
}

// needed is the size that the file's newer head gives it.
func needed(f io.ReaderAt) (size int64, ok bool) {
	first, pageSize, newest, ok := readHead(f, 0)
	if !ok {
		pageSize = int64(os.Getpagesize())
	}
	if second, secondPage, txid, secondOK := readHead(f, pageSize); secondOK && (!ok || txid > newest) {
		return second * secondPage, true
	}
	return first * pageSize, ok
}

// readHead reads one copy: the number of pages, their size and the transaction that wrote it.
func readHead(f io.ReaderAt, at int64) (pages, pageSize int64, txid uint64, ok bool) {
	b := make([]byte, metaSize)
	if _, err := f.ReadAt(b, at+pageHead); err != nil {
		return 0, 0, 0, false
	}
	order := binary.NativeEndian
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56])
	if order.Uint32(b) != metaMagic || sum.Sum64() != order.Uint64(b[56:]) {
		return 0, 0, 0, false
	}
	return int64(order.Uint64(b[40:])), int64(order.Uint32(b[8:])), order.Uint64(b[48:]), true
}
