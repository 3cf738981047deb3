// Package release is what instances run: an executable, or an archive of files with a command, named in its bucket by
// the hash of its content. The same file is the same release wherever and whenever it was built, so a deployment
// changes only if what runs has changed.
package release

import (
	"bufio"
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Release is an executable file for Amazon Linux 2023, or an archive.
type Release struct {
	Path         string // of the file; of a folder, what it was packed into; empty if the release is only in its bucket
	SHA256       string // of its content, in lower-case hexadecimal
	Size         int64  // in bytes
	Key          string // of its object in the bucket: "releases/" and SHA256
	Architecture string // "amd64" or "arm64", as Go names them; empty for a script or an archive
	Format       string // of an archive: tar.gz, tar.zst or zip, or Any
	Bucket, Tier string // of a release in a bucket, if its whole address was given

	// Libraries are those that an executable needs and Amazon Linux 2023 does not have by itself.
	Libraries []string

	entries map[string]entry // of an archive, by name
}

// Open reads the release at path: an executable, an archive (recognised by its name's ending), or a folder, which is
// packed into the folder cache. If it is not there, is not an executable for Linux, needs libraries that Amazon Linux
// 2023 does not have, or cannot be unpacked, the error says what to name instead.
func Open(path, cache string) (Release, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return Release{}, fmt.Errorf("opening a release: there is no file %s; build it first, or name another", path)
	case err != nil:
		return Release{}, fmt.Errorf("opening a release: %w", err)
	case info.IsDir():
		packed, err := packFolder(path, cache)
		if err != nil {
			return Release{}, fmt.Errorf("opening a release: packing %s: %w", path, err)
		}
		return Open(packed, cache)
	case !info.Mode().IsRegular():
		return Release{}, fmt.Errorf("opening a release: %s is not a file; name the executable itself", path)
	case info.Size() == 0:
		return Release{}, fmt.Errorf("opening a release: %s is empty; build it again", path)
	case info.Size() > mostSize:
		return Release{}, fmt.Errorf("opening a release: %s has %d MiB and may have %d; leave out what does not run",
			path, info.Size()>>20, mostSize>>20)
	}
	r := Release{Path: path, Format: formatOf(path)}
	if r.Format == "" {
		r.Architecture, r.Libraries, err = executableAt(path)
	} else {
		if r.entries, err = readArchive(path, r.Format); err != nil {
			err = fmt.Errorf("cannot be unpacked: %w", err)
		}
	}
	if err != nil {
		return Release{}, fmt.Errorf("opening a release: %s %w", path, err)
	}
	if r.SHA256, r.Size, err = hashOf(path); err != nil {
		return Release{}, fmt.Errorf("opening a release: %w", err)
	}
	r.Key = "releases/" + r.SHA256
	return r, nil
}

func hashOf(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	hash := sha256.New()
	size, err = io.Copy(hash, f)
	return hex.EncodeToString(hash.Sum(nil)), size, err
}

func executableAt(path string) (architecture string, lacking []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	return executable(f)
}

// architectures are Go's names of the processors that instances have.
var architectures = map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64"}

// RunsOn returns an error if the release is for a processor other than architecture ("amd64", "arm64").
func (r Release) RunsOn(architecture string) error {
	if r.Architecture == "" || r.Architecture == architecture {
		return nil
	}
	return fmt.Errorf("release %s is for %s and the instances are %s; build it with GOARCH=%s, or choose an instance type with a %s "+
		"processor",
		r.Path, r.Architecture, architecture, architecture, r.Architecture)
}

// executable returns the architecture of an ELF file and the libraries that it lacks, or no architecture if f is a
// script.
func executable(f *os.File) (architecture string, lacking []string, err error) {
	start, err := bufio.NewReader(f).Peek(4)
	switch {
	case strings.HasPrefix(string(start), "#!"):
		return "", nil, nil
	case string(start) != elf.ELFMAG:
		return "", nil, errors.New("is neither an executable for Linux (ELF), a script (#!), " +
			"an archive (.tar.gz, .tar.zst, .zip) nor a folder; " +
			"build it with GOOS=linux, or name the folder of what a runtime runs, such as a .jar, and the command that runs it")
	case err != nil && !errors.Is(err, io.EOF):
		return "", nil, err
	}
	if err := plainTables(f); err != nil {
		return "", nil, err
	}
	file, err := elf.NewFile(f)
	if err != nil {
		return "", nil, fmt.Errorf("cannot be read as an executable: %w; build it again", err)
	}
	architecture = architectures[file.Machine]
	switch {
	case architecture == "":
		return "", nil, fmt.Errorf("is for the processor %s; build it with GOARCH=arm64 or GOARCH=amd64", file.Machine)
	case file.OSABI != elf.ELFOSABI_NONE && file.OSABI != elf.ELFOSABI_LINUX:
		return "", nil, fmt.Errorf("is for %s; build it with GOOS=linux", file.OSABI)
	case file.Type != elf.ET_EXEC && file.Type != elf.ET_DYN:
		return "", nil, fmt.Errorf("is an ELF file of type %s; name the linked executable", file.Type)
	}
	needed, err := file.ImportedLibraries()
	if err != nil {
		return "", nil, fmt.Errorf("cannot be read as an executable: %w; build it again", err)
	}
	return architecture, slices.DeleteFunc(needed, onImage), linkable(file)
}

// mostTable is the largest size in bytes of a symbol table, since each is read whole.
const mostTable = 64 << 20

// plainTables returns an error if f is not for the processors that instances have, or if one of its tables is not as
// linkers write it, so that reading it could exhaust memory: too long, or compressed, as only debugging data is.
func plainTables(f *os.File) error {
	var h elf.Header64
	if err := binary.Read(io.NewSectionReader(f, 0, 64), binary.LittleEndian, &h); err != nil {
		return fmt.Errorf("cannot be read as an executable: %w; build it again", err)
	}
	if h.Ident[elf.EI_CLASS] != byte(elf.ELFCLASS64) || h.Ident[elf.EI_DATA] != byte(elf.ELFDATA2LSB) {
		return errors.New("is for a processor that no instance has; build it with GOARCH=arm64 or GOARCH=amd64")
	}
	if h.Shoff > 0 && h.Shnum == 0 {
		return errors.New("has more sections than an executable has; build it again")
	}
	for i := range int64(h.Shnum) {
		var s elf.Section64
		at := io.NewSectionReader(f, int64(h.Shoff)+i*int64(h.Shentsize), 64)
		if err := binary.Read(at, binary.LittleEndian, &s); err != nil {
			return fmt.Errorf("cannot be read as an executable: %w; build it again", err)
		}
		switch t := elf.SectionType(s.Type); {
		case t != elf.SHT_PROGBITS && s.Flags&uint64(elf.SHF_COMPRESSED) != 0:
			return errors.New("has tables that are compressed; build it again")
		case s.Size > mostTable && slices.Contains(symbols, t):
			return fmt.Errorf("has a table of symbols with more than %d MiB; build it again", mostTable>>20)
		}
	}
	return nil
}

// symbols are the tables that say what an executable needs.
var symbols = []elf.SectionType{elf.SHT_DYNAMIC, elf.SHT_DYNSYM, elf.SHT_GNU_VERSYM, elf.SHT_GNU_VERNEED}

// libraries are those that every image of Amazon Linux 2023 provides for executables (AWS, Amazon Linux 2023 release
// notes, "Package lists", packages of the AMI): glibc, libgcc, libstdc++, zlib and OpenSSL.
var libraries = []string{
	"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libresolv.so.2", "libutil.so.1", "libanl.so.1",
	"libgcc_s.so.1", "libstdc++.so.6", "libz.so.1", "libssl.so.3", "libcrypto.so.3", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1",
}

func onImage(library string) bool { return slices.Contains(libraries, library) }

// loaders and glibcMinor are those of Amazon Linux 2023 (AWS, Amazon Linux 2023 user guide, "Core toolchain packages
// glibc, gcc, binutils": glibc 2.34).
var loaders = []string{"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"}

const glibcMinor = 34

// linkable returns an error if an instance lacks the file's loader or its version of libc.
func linkable(file *elf.File) error {
	for _, p := range file.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		name, err := io.ReadAll(io.LimitReader(p.Open(), 4096))
		if err != nil {
			return fmt.Errorf("cannot be read as an executable: %w; build it again", err)
		}
		if loader := strings.TrimRight(string(name), "\x00"); !slices.Contains(loaders, loader) {
			return fmt.Errorf("is loaded by %s, which Amazon Linux 2023 does not have; link it statically (Go: CGO_ENABLED=0)", loader)
		}
	}
	needs, err := file.DynamicVersionNeeds()
	if err != nil {
		return nil // a file without a table of versions needs none
	}
	return glibcHas(needs)
}

func glibcHas(needs []elf.DynamicVersionNeed) error {
	for _, library := range needs {
		for _, need := range library.Needs {
			minor, found := strings.CutPrefix(need.Dep, "GLIBC_2.")
			minor, _, _ = strings.Cut(minor, ".")
			if n, err := strconv.Atoi(minor); found && err == nil && n > glibcMinor {
				return fmt.Errorf("needs glibc 2.%d and Amazon Linux 2023 has 2.%d; "+
					"link it statically (Go: CGO_ENABLED=0), or build it on an older system", n, glibcMinor)
			}
		}
	}
	return nil
}

// Any is the format of an archive whose kind is unknown: of a release that is in its bucket, only the hash is known
// here.
const Any = "any"

var keptPattern = regexp.MustCompile(`^(?:sha256:|s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/([a-z0-9-]+)/releases/)([0-9a-f]{64})$`)

// Kept reads the name of a release that is in a bucket already: sha256: and the hash of its content, or the object's
// whole address. meant reports whether text is meant as such a name.
func Kept(text string) (r Release, meant bool, err error) {
	if !strings.HasPrefix(text, "sha256:") && !strings.HasPrefix(text, "s3://") {
		return Release{}, false, nil
	}
	parts := keptPattern.FindStringSubmatch(text)
	if parts == nil {
		return Release{}, true, fmt.Errorf("%q names no release in a bucket; write sha256: and its 64 hexadecimal digits, "+
			"or s3://BUCKET/TIER/releases/ and them, as causeway releases lists them", text)
	}
	return Release{SHA256: parts[3], Key: "releases/" + parts[3], Bucket: parts[1], Tier: parts[2]}, true, nil
}
