// Package image provides the container images of a living world: it finds an image on this computer, in an archive or
// a folder in OCI's image layout, and unpacks it for the machines that run it. It needs no registry and no container
// engine.
package image

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// manifest is that of an image, or an index of images for several processors (OCI, "Image Manifest", "Image Index").
type manifest struct {
	Manifests []struct {
		Digest   string
		Platform struct{ OS, Architecture string }
	}
	Config struct{ Digest string }
	Layers []struct{ Digest string }
}

// Unpacked returns the folder with the image of a reference, REGISTRY/REPOSITORY@sha256:DIGEST. It looks for the
// image in the folder images and unpacks it below cache, once.
func Unpacked(images, cache, reference string) (string, error) {
	_, digest, _ := strings.Cut(reference, "@")
	to := filepath.Join(cache, strings.TrimPrefix(digest, "sha256:"))
	if _, err := os.Stat(to); err == nil {
		return to, nil
	}
	entries, err := os.ReadDir(images)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("looking for the image %s: %w", reference, err)
	}
	for _, e := range entries {
		l, err := open(filepath.Join(images, e.Name()))
		if err != nil {
			return "", fmt.Errorf("reading %s of %s: %w", e.Name(), images, err)
		}
		_, found := l.blobs[digest]
		if found {
			err = l.unpack(digest, to)
		}
		l.close()
		if err != nil {
			return "", fmt.Errorf("unpacking %s of %s: %w", digest, e.Name(), err)
		}
		if found {
			return to, nil
		}
	}
	return "", fmt.Errorf("the image %s is not on this computer: have it in %s, as `docker buildx build --output type=oci,dest=FILE` or "+
		"`skopeo copy docker://%s oci-archive:FILE` writes it", reference, images, reference)
}

// Tidy removes what was unpacked below cache from images that are not wanted any more.
func Tidy(cache string, wanted []string) error {
	entries, _ := os.ReadDir(cache) // there is no folder until something is unpacked
	var errs []error
	for _, e := range entries {
		if !slices.ContainsFunc(wanted, func(reference string) bool { return strings.HasSuffix(reference, e.Name()) }) {
			errs = append(errs, os.RemoveAll(filepath.Join(cache, e.Name())))
		}
	}
	return errors.Join(errs...)
}

// layout is a folder or an archive that contains an image's parts, by their digests.
type layout struct {
	file  *os.File // the archive, if it is one
	blobs map[string]func() (io.ReadCloser, error)
}

func (l *layout) close() {
	if l.file != nil {
		l.file.Close()
	}
}

// open finds the parts. Anything that is not a layout has none.
func open(from string) (*layout, error) {
	l := &layout{blobs: map[string]func() (io.ReadCloser, error){}}
	const folder = "blobs/sha256/"
	if info, err := os.Stat(from); err != nil || info.IsDir() {
		entries, _ := os.ReadDir(filepath.Join(from, filepath.FromSlash(folder)))
		for _, e := range entries {
			l.blobs["sha256:"+e.Name()] = func() (io.ReadCloser, error) { return os.Open(filepath.Join(from, folder, e.Name())) }
		}
		return l, err
	}
	file, err := os.Open(from)
	if err != nil {
		return nil, err
	}
	l.file = file
	for r := tar.NewReader(file); ; {
		h, err := r.Next()
		if err != nil { // the end, or not an archive
			return l, nil
		}
		at, err := file.Seek(0, io.SeekCurrent) // tar reads no further than the entry
		if err != nil {
			return l, err
		}
		if name, is := strings.CutPrefix(path.Clean(h.Name), folder); is {
			l.blobs["sha256:"+name] = func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(file, at, h.Size)), nil }
		}
	}
}

// part reads a part and checks its digest.
func (l *layout) part(digest string, read func(io.Reader) error) error {
	open := l.blobs[digest]
	if open == nil {
		return fmt.Errorf("it has no part %s", digest)
	}
	from, err := open()
	if err != nil {
		return err
	}
	defer from.Close()
	hash := sha256.New()
	all := io.TeeReader(from, hash)
	if err := read(all); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, all); err != nil {
		return err
	}
	if is := "sha256:" + hex.EncodeToString(hash.Sum(nil)); is != digest {
		return fmt.Errorf("its part %s is %s", digest, is)
	}
	return nil
}

func (l *layout) json(digest string, into any) error {
	return l.part(digest, func(r io.Reader) error { return json.NewDecoder(r).Decode(into) })
}

// manifest returns the image's manifest for this computer's processor.
func (l *layout) manifest(digest string) (m manifest, err error) {
	if err := l.json(digest, &m); err != nil || len(m.Manifests) == 0 {
		return m, err
	}
	for _, one := range m.Manifests {
		if one.Platform.OS == "linux" && one.Platform.Architecture == runtime.GOARCH {
			m = manifest{}
			return m, l.json(one.Digest, &m)
		}
	}
	return m, fmt.Errorf("it has nothing for this computer's processor, %s", runtime.GOARCH)
}

// unpack makes the folder to, completely or not at all.
func (l *layout) unpack(digest, to string) error {
	m, err := l.manifest(digest)
	if err != nil {
		return err
	}
	var about struct {
		Architecture string
		Config       plan.ImageConfig
	}
	if err := l.json(m.Config.Digest, &about); err != nil {
		return err
	}
	if about.Architecture != runtime.GOARCH {
		return fmt.Errorf("it is for the processor %s, and this computer's is %s", about.Architecture, runtime.GOARCH)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(to), "unpacking-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	text, err := json.Marshal(about.Config)
	if err != nil {
		return err
	}
	files := filepath.Join(fresh, plan.ImageRoot)
	err = errors.Join(os.WriteFile(filepath.Join(fresh, plan.ImageConfigFile), text, 0o600), os.Mkdir(files, 0o755))
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(files)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, layer := range m.Layers {
		if err := l.part(layer.Digest, func(r io.Reader) error { return unpackLayer(root, r) }); err != nil {
			return err
		}
	}
	if err := makePlaces(root); err != nil {
		return err
	}
	return os.Rename(fresh, to)
}
