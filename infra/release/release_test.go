package release

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func file(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(path, content, 0o644))
	return path
}

// program is an ELF file that holds its header and, unless loader is empty, the name of its loader.
func program(t *testing.T, machine elf.Machine, abi elf.OSABI, kind elf.Type, loader string) []byte {
	t.Helper()
	const headerSize, segmentSize = 64, 56
	header := elf.Header64{
		Type: uint16(kind), Machine: uint16(machine), Version: 1, Phoff: headerSize,
		Ehsize: headerSize, Phentsize: segmentSize, Phnum: 1, Shentsize: 64,
	}
	copy(header.Ident[:], elf.ELFMAG)
	header.Ident[elf.EI_CLASS], header.Ident[elf.EI_DATA] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB)
	header.Ident[elf.EI_VERSION], header.Ident[elf.EI_OSABI] = 1, byte(abi)
	segment := elf.Prog64{Type: uint32(elf.PT_NULL)}
	if loader != "" {
		size := uint64(len(loader) + 1)
		segment = elf.Prog64{Type: uint32(elf.PT_INTERP), Off: headerSize + segmentSize, Filesz: size, Memsz: size}
	}
	var out bytes.Buffer
	require.NoError(t, binary.Write(&out, binary.LittleEndian, header))
	require.NoError(t, binary.Write(&out, binary.LittleEndian, segment))
	out.WriteString(loader + "\x00")
	return out.Bytes()
}

func TestOpen(t *testing.T) {
	content := program(t, elf.EM_AARCH64, elf.ELFOSABI_NONE, elf.ET_EXEC, "")
	path := file(t, content)
	got, err := Open(path, "")
	require.NoError(t, err)
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	assert.Equal(t, Release{Path: path, SHA256: hash, Size: int64(len(content)), Key: "releases/" + hash, Architecture: "arm64"}, got)
	assert.NoError(t, got.RunsOn("arm64"))
	assert.ErrorContains(t, got.RunsOn("amd64"), "is for arm64 and the instances are amd64; build it with GOARCH=amd64")

	script, err := Open(file(t, []byte("#!/bin/sh\necho hello\n")), "")
	require.NoError(t, err)
	assert.NoError(t, script.RunsOn("amd64"))
	assert.NoError(t, script.RunsOn("arm64"))
}

func TestOpenAcceptsWhatAmazonLinuxCanLoad(t *testing.T) {
	for _, loader := range loaders {
		_, err := Open(file(t, program(t, elf.EM_X86_64, elf.ELFOSABI_LINUX, elf.ET_DYN, loader)), "")
		assert.NoError(t, err, loader)
	}
}

func TestOpenRefuses(t *testing.T) {
	elfFile := func(m elf.Machine, abi elf.OSABI, kind elf.Type, loader string) string {
		return file(t, program(t, m, abi, kind, loader))
	}
	for _, c := range []struct{ name, path, want string }{
		{"an absent file", filepath.Join(t.TempDir(), "absent"), "there is no file"},
		{"an empty file", file(t, nil), "is empty; build it again"},
		{"text", file(t, []byte("hello")), "is neither an executable for Linux (ELF), a script (#!), an archive"},
		{"a file of one byte", file(t, []byte("#")), "neither an executable"},
		{"a program for macOS", file(t, []byte{0xcf, 0xfa, 0xed, 0xfe, 0, 0}), "build it with GOOS=linux"},
		{"half an ELF file", file(t, []byte(elf.ELFMAG+"\x02\x01\x01")), "cannot be read as an executable"},
		{"a program for RISC-V", elfFile(elf.EM_RISCV, 0, elf.ET_EXEC, ""), "is for the processor EM_RISCV; build it with GOARCH="},
		{"a program for FreeBSD", elfFile(elf.EM_X86_64, elf.ELFOSABI_FREEBSD, elf.ET_EXEC, ""), "build it with GOOS=linux"},
		{"an object file", elfFile(elf.EM_X86_64, 0, elf.ET_REL, ""), "name the linked executable"},
		{"a program linked with musl", elfFile(elf.EM_X86_64, 0, elf.ET_DYN, "/lib/ld-musl-x86_64.so.1"),
			"is loaded by /lib/ld-musl-x86_64.so.1, which Amazon Linux 2023 does not have; link it statically"},
	} {
		_, err := Open(c.path, "")
		assert.ErrorContains(t, err, c.want, c.name)
	}
	for want, s := range map[string]elf.Section64{
		"tables that are compressed":    {Type: uint32(elf.SHT_STRTAB), Flags: uint64(elf.SHF_COMPRESSED)},
		"symbols with more than 64 MiB": {Type: uint32(elf.SHT_DYNSYM), Size: 1 << 40},
	} {
		content := program(t, elf.EM_X86_64, 0, elf.ET_EXEC, "")
		binary.LittleEndian.PutUint64(content[40:], uint64(len(content))) // where the sections are
		binary.LittleEndian.PutUint16(content[60:], 1)                    // how many
		var section bytes.Buffer
		require.NoError(t, binary.Write(&section, binary.LittleEndian, s))
		_, err := Open(file(t, append(content, section.Bytes()...)), "")
		assert.ErrorContains(t, err, want)
	}
}

func TestOpenRefusesANewerLibc(t *testing.T) {
	needs := func(versions ...string) []elf.DynamicVersionNeed {
		need := elf.DynamicVersionNeed{Name: "libc.so.6"}
		for _, v := range versions {
			need.Needs = append(need.Needs, elf.DynamicVersionDep{Dep: v})
		}
		return []elf.DynamicVersionNeed{{Name: "libm.so.6"}, need}
	}
	assert.NoError(t, glibcHas(needs("GLIBC_2.2.5", "GLIBC_2.34", "GLIBCXX_3.4.99", "GLIBC_PRIVATE")))
	assert.ErrorContains(t, glibcHas(needs("GLIBC_2.17", "GLIBC_2.38")), "needs glibc 2.38 and Amazon Linux 2023 has 2.34")
}
