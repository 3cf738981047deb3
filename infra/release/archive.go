package release

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// The formats that a release can be packed in. An executable is not packed.
const (
	TarGz  = "tar.gz"
	TarZst = "tar.zst"
	Zip    = "zip"
)

const (
	// mostSize is the largest size in bytes of a release, which is uploaded in one piece (AWS, S3 user guide,
	// "Uploading objects": 5 GB) and must be fetched within two minutes.
	mostSize = 1 << 30
	// mostUnpacked is the largest total size in bytes of an archive's files, which share the server's disk with those
	// of the previous release.
	mostUnpacked = 2 << 30
	mostEntries  = 200_000
	// mostPacked is the largest size in bytes of a tar file: each entry adds a block for its name and padding.
	mostPacked = mostUnpacked + 2048*mostEntries
	// mostDirectory is the largest size in bytes of a zip file's list of entries, which is read whole.
	mostDirectory = 256 * mostEntries
	// mostWindow is the most memory that the zstd command uses for a file by default (zstd's manual, --memory).
	mostWindow = 128 << 20
)

// formatOf is how the file at path is packed, judged by its name; "" if it is not packed.
func formatOf(path string) string {
	name := strings.ToLower(path)
	for suffix, format := range map[string]string{".tar.gz": TarGz, ".tgz": TarGz, ".tar.zst": TarZst, ".zip": Zip} {
		if strings.HasSuffix(name, suffix) {
			return format
		}
	}
	return ""
}

// entry is one file of an archive.
type entry struct {
	executable   bool
	architecture string // of an ELF file, as Go names it; "other" for one that is neither arm64 nor amd64
}

// Runs returns an error if an archive has no program of that name that runs on architecture.
func (r Release) Runs(program, architecture string) error {
	if r.Format == Any {
		return nil // the archive is not on this computer
	}
	e, found := r.entries[path.Clean(program)]
	switch {
	case !found:
		return fmt.Errorf("%s has no file %s", r.Path, program)
	case !e.executable:
		return fmt.Errorf("%s of %s is not executable; chmod +x it before it is packed", program, r.Path)
	case e.architecture != "" && e.architecture != architecture:
		return fmt.Errorf("%s of %s is for %s and the instances are %s; build it with GOARCH=%s",
			program, r.Path, e.architecture, architecture, architecture)
	}
	return nil
}

// Contains reports whether a file of the archive has a name that is looked for.
func (r Release) Contains(is func(name string) bool) bool {
	for name := range r.entries {
		if is(name) {
			return true
		}
	}
	return false
}

// readArchive returns an archive's entries. The error names an entry that a server could not unpack.
func readArchive(path, format string) (map[string]entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	c := &content{entries: map[string]entry{}}
	switch format {
	case Zip:
		err = c.readZip(&bounded{f, mostDirectory})
	case TarGz:
		var plain *gzip.Reader
		if plain, err = gzip.NewReader(f); err == nil {
			err = c.readTar(plain)
		}
	default:
		var plain *zstd.Decoder
		if plain, err = zstd.NewReader(f, zstd.WithDecoderMaxWindow(mostWindow), zstd.WithDecoderConcurrency(1)); err == nil {
			if err = c.readTar(plain); errors.Is(err, zstd.ErrWindowSizeExceeded) {
				err = fmt.Errorf("it takes more than %d MiB of memory, which zstd refuses; pack it without --long", mostWindow>>20)
			}
			plain.Close()
		}
	}
	if err == nil && len(c.entries) == 0 {
		err = errors.New("there is no file in it")
	}
	return c.entries, err
}

var errTooLarge = fmt.Errorf("its files have more than %d MiB", mostUnpacked>>20)

// bounded reads only so many bytes of a file, since a list of entries may have no end.
type bounded struct {
	*os.File
	left int64
}

func (b *bounded) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, fmt.Errorf("it has more than %d files", mostEntries)
	}
	return b.File.ReadAt(p, off)
}

// content collects an archive's entries.
type content struct {
	entries map[string]entry
	size    int64
	count   int
}

func (c *content) readTar(from io.Reader) error {
	all := &io.LimitedReader{R: from, N: mostPacked}
	for r := tar.NewReader(all); ; {
		h, err := r.Next()
		if all.N == 0 {
			return errTooLarge
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag == tar.TypeLink {
			return fmt.Errorf("%s is a hard link; pack it with tar --hard-dereference", h.Name)
		}
		if err := c.add(h.Name, h.Linkname, h.FileInfo().Mode(), h.Size, r); err != nil {
			return err
		}
	}
}

func (c *content) readZip(f *bounded) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	r, err := zip.NewReader(f, info.Size())
	if err != nil {
		return err
	}
	f.left = mostPacked
	for _, file := range r.File {
		body, err := file.Open()
		if err != nil {
			return err
		}
		link := ""
		if file.Mode()&fs.ModeSymlink != 0 {
			target, err := io.ReadAll(io.LimitReader(body, 4096))
			if err != nil {
				return err
			}
			link = string(target)
		}
		err = c.add(file.Name, link, file.Mode(), int64(file.UncompressedSize64), body)
		_ = body.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// add checks one entry: nothing may lie or lead outside the folder that the archive is unpacked into.
func (c *content) add(name, link string, mode fs.FileMode, size int64, body io.Reader) error {
	clean := path.Clean(name)
	c.size += size
	c.count++
	switch {
	case !filepath.IsLocal(filepath.FromSlash(clean)) || strings.ContainsRune(name, '\\'):
		return fmt.Errorf("%s would lie outside of the release; pack it with names below its root", name)
	case c.size > mostUnpacked:
		return errTooLarge
	case c.count > mostEntries:
		return fmt.Errorf("it has more than %d files", mostEntries)
	case mode.IsDir():
		return nil
	case mode&fs.ModeSymlink != 0:
		if path.IsAbs(link) || !filepath.IsLocal(filepath.FromSlash(path.Join(path.Dir(clean), link))) {
			return fmt.Errorf("%s leads outside of the release, to %s; pack what it leads to", name, link)
		}
		c.entries[clean] = entry{executable: true}
		return nil
	case !mode.IsRegular():
		return fmt.Errorf("%s is neither a file nor a folder", name)
	}
	head, err := io.ReadAll(io.LimitReader(body, 20))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.entries[clean] = entry{executable: mode&0o111 != 0, architecture: architectureOf(head)}
	return nil
}

// architectureOf is the architecture that the first bytes of an ELF file name, "" if they are not from such a file.
func architectureOf(head []byte) string {
	if len(head) < 20 || !bytes.HasPrefix(head, []byte(elf.ELFMAG)) {
		return ""
	}
	if known, ok := architectures[elf.Machine(binary.LittleEndian.Uint16(head[18:]))]; ok {
		return known
	}
	return "other"
}

// leftOut are folders that no release needs: history, and what the twin keeps for the project, which includes state
// and secrets.
var leftOut = []string{".git", ".causeway"}

// packFolder packs a folder into cache. The same files give the same bytes: who packed them, when and where is left
// out.
func packFolder(folder, cache string) (string, error) {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	if err := smallEnough(folder, cache); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(cache, ".packing-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	zipped := gzip.NewWriter(f)
	w := tar.NewWriter(zipped)
	err = walk(folder, cache, func(at string, d fs.DirEntry) error {
		name, err := filepath.Rel(folder, at)
		if err != nil {
			return err
		}
		return packFile(w, at, filepath.ToSlash(name), d)
	})
	if err := errors.Join(err, w.Close(), zipped.Close()); err != nil {
		return "", err
	}
	sum, _, err := hashOf(f.Name())
	if err != nil {
		return "", err
	}
	packed := filepath.Join(cache, sum+"."+TarGz)
	return packed, os.Rename(f.Name(), packed)
}

// walk visits the files of a folder that are packed.
func walk(folder, cache string, visit func(at string, d fs.DirEntry) error) error {
	return filepath.WalkDir(folder, func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(leftOut, d.Name()) || at == filepath.Clean(cache):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		return visit(at, d)
	})
}

// smallEnough checks the sizes of a folder's files before any is read.
func smallEnough(folder, cache string) error {
	size, count := int64(0), 0
	return walk(folder, cache, func(_ string, d fs.DirEntry) error {
		info, err := d.Info()
		if err != nil {
			return err
		}
		count++
		if size += info.Size(); size > mostUnpacked || count > mostEntries {
			return fmt.Errorf("its files have more than %d MiB, or are more than %d; leave out what does not run",
				mostUnpacked>>20, mostEntries)
		}
		return nil
	})
}

func packFile(w *tar.Writer, at, name string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil {
		return err
	}
	header := &tar.Header{Name: name, Mode: 0o644, Size: info.Size(), Typeflag: tar.TypeReg, Format: tar.FormatPAX}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		header.Typeflag, header.Size = tar.TypeSymlink, 0
		if header.Linkname, err = os.Readlink(at); err != nil {
			return err
		}
		return w.WriteHeader(header)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is neither a file nor a folder", at)
	case info.Mode()&0o111 != 0:
		header.Mode = 0o755
	}
	f, err := os.Open(at)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := w.WriteHeader(header); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}
