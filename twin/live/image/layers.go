package image

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// makePlaces makes the files and folders that are mounted over when a container starts.
func makePlaces(root *os.Root) error {
	for _, folder := range plan.ImageMounted {
		if err := root.MkdirAll(folder, 0o755); err != nil {
			return err
		}
	}
	for _, file := range plan.ImageLent {
		if err := root.MkdirAll(path.Dir(file), 0o755); err != nil {
			return err
		}
		_ = root.Remove(file) // a link would lead elsewhere
		if err := root.WriteFile(file, nil, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func unpackLayer(root *os.Root, from io.Reader) error {
	packed := bufio.NewReader(from)
	begins, _ := packed.Peek(4)
	var plain io.Reader = packed
	switch {
	case strings.HasPrefix(string(begins), "\x1f\x8b"):
		unzipped, err := gzip.NewReader(packed)
		if err != nil {
			return err
		}
		plain = unzipped
	case string(begins) == "\x28\xb5\x2f\xfd":
		unzipped, err := zstd.NewReader(packed)
		if err != nil {
			return err
		}
		defer unzipped.Close()
		plain = unzipped
	}
	for r := tar.NewReader(plain); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = unpackEntry(root, h, r)
		}
		if err != nil {
			return err
		}
	}
}

// unpackEntry makes one file of a layer, or removes one of the layers below (OCI, "Image Layer Filesystem
// Changeset"). Devices are left out; all files belong to the person who runs this.
func unpackEntry(root *os.Root, h *tar.Header, content io.Reader) error {
	name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
	folder, base := path.Split(name)
	folder = path.Clean(folder)
	if base == ".wh..wh..opq" {
		return emptied(root, folder)
	}
	if gone, is := strings.CutPrefix(base, ".wh."); is {
		return root.RemoveAll(path.Join(folder, gone))
	}
	if name == "" {
		return nil
	}
	if err := root.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	mode := h.FileInfo().Mode().Perm()
	if h.Typeflag == tar.TypeDir {
		if info, err := root.Lstat(name); err == nil && !info.IsDir() {
			if err := root.Remove(name); err != nil {
				return err
			}
		}
		return errors.Join(root.MkdirAll(name, 0o755), root.Chmod(name, mode|0o700))
	}
	if err := root.RemoveAll(name); err != nil {
		return err
	}
	switch h.Typeflag {
	case tar.TypeSymlink:
		return root.Symlink(h.Linkname, name)
	case tar.TypeLink:
		return root.Link(strings.TrimPrefix(path.Clean("/"+h.Linkname), "/"), name)
	case tar.TypeReg:
		file, err := root.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, mode|0o400)
		if err != nil {
			return err
		}
		_, err = io.Copy(file, content)
		return errors.Join(err, file.Chmod(mode|0o400), file.Close())
	}
	return nil
}

func emptied(root *os.Root, folder string) error {
	entries, err := fs.ReadDir(root.FS(), folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		err = errors.Join(err, root.RemoveAll(path.Join(folder, e.Name())))
	}
	return err
}
