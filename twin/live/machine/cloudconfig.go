// Package machine makes a namespace a server: it builds the machine's file system, carries out the user
// data that its launch template has, unmodified, and runs the systemd units that the user data starts.
//
// The image is this computer's own /usr, read-only, under an /etc, /var and /opt of the machine's own. Programs
// that Amazon Linux has and this computer may not (aws, systemctl, rpm, dnf) are played by Shim.
package machine

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// userData is what a machine is told to become.
type userData struct {
	script  string // of the "#!" form: run as it stands
	users   []user
	files   []writtenFile
	boot    []command // bootcmd, before anything else
	run     []command // runcmd
	ignored []string  // keys that are not carried out
}

type user struct {
	Name   string `yaml:"name"`
	Shell  string `yaml:"shell"`
	Home   string `yaml:"homedir"`
	NoHome bool   `yaml:"no_create_home"`
	System bool   `yaml:"system"`
	UID    int    `yaml:"uid"`
}

type writtenFile struct {
	Path        string `yaml:"path"`
	Permissions string `yaml:"permissions"`
	Owner       string `yaml:"owner"`
	Encoding    string `yaml:"encoding"`
	Content     string `yaml:"content"`
	Append      bool   `yaml:"append"`
	Defer       bool   `yaml:"defer"`
}

// command is a line for the shell, or the words of a program's call.
type command []string

// UnmarshalYAML reads both forms.
func (c *command) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*c = command{"/bin/sh", "-c", node.Value}
		return nil
	}
	return node.Decode((*[]string)(c))
}

// readUserData understands a #cloud-config and a script; each may be compressed, as EC2 allows.
func readUserData(text string) (userData, error) {
	if strings.HasPrefix(text, "\x1f\x8b") {
		plain, err := inflate([]byte(text))
		if err != nil {
			return userData{}, fmt.Errorf("reading the user data: %w", err)
		}
		text = string(plain)
	}
	switch {
	case strings.TrimSpace(text) == "":
		return userData{}, nil
	case strings.HasPrefix(text, "#!"):
		return userData{script: text}, nil
	case strings.HasPrefix(text, "#cloud-config"):
		return readCloudConfig(text)
	}
	first, _, _ := strings.Cut(text, "\n")
	return userData{}, fmt.Errorf("reading the user data: it begins with %q, and what is played is #cloud-config and #! scripts", first)
}

func readCloudConfig(text string) (d userData, err error) {
	var keys map[string]yaml.Node
	if err := yaml.Unmarshal([]byte(text), &keys); err != nil {
		return d, fmt.Errorf("reading the cloud-config: %w", err)
	}
	into := map[string]any{"users": &d.users, "write_files": &d.files, "bootcmd": &d.boot, "runcmd": &d.run}
	for key, node := range keys {
		target := into[key]
		if target == nil {
			d.ignored = append(d.ignored, key)
			continue
		}
		if key == "users" { // "default" is the image's own login, which this image has not
			node.Content = slices.DeleteFunc(node.Content, func(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode })
		}
		if err := node.Decode(target); err != nil {
			return d, fmt.Errorf("reading the cloud-config: %s: %w", key, err)
		}
	}
	slices.Sort(d.ignored)
	return d, nil
}

// decoded is a file's content as it is to be written.
func (f writtenFile) decoded() ([]byte, error) {
	content := []byte(f.Content)
	encoding := strings.ToLower(f.Encoding)
	switch encoding {
	case "", "text/plain":
		return content, nil
	case "b64", "base64", "gz+b64", "gz+base64", "gzip+b64", "gzip+base64":
		var err error
		if content, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(f.Content), "")); err != nil {
			return nil, fmt.Errorf("%s: decoding base64: %w", f.Path, err)
		}
	case "gz", "gzip":
	default:
		return nil, fmt.Errorf("%s: the encoding %q is not known", f.Path, f.Encoding)
	}
	if strings.HasPrefix(encoding, "gz") {
		return inflate(content)
	}
	return content, nil
}

func inflate(content []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("decompressing: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return nil, fmt.Errorf("decompressing: %w", err)
	}
	return plain, nil
}

// write puts the file under root.
func (f writtenFile) write(root string) error {
	if !filepath.IsAbs(f.Path) {
		return fmt.Errorf("write_files: %q is not an absolute path", f.Path)
	}
	content, err := f.decoded()
	if err != nil {
		return fmt.Errorf("write_files: %w", err)
	}
	mode := uint64(0o644)
	if f.Permissions != "" {
		if mode, err = strconv.ParseUint(f.Permissions, 8, 12); err != nil {
			return fmt.Errorf("write_files: %s: the permissions %q are not octal digits", f.Path, f.Permissions)
		}
	}
	path := filepath.Join(root, f.Path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write_files: %w", err)
	}
	how := os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	if f.Append {
		how = os.O_CREATE | os.O_WRONLY | os.O_APPEND
	}
	file, err := os.OpenFile(path, how, 0o600)
	if err != nil {
		return fmt.Errorf("write_files: %w", err)
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Chmod(os.FileMode(mode)), file.Close()); err != nil {
		return fmt.Errorf("write_files: %w", err)
	}
	return nil
}

// accounts are the lines of passwd and group for a machine's users: the first of them, if it has no number of its
// own, gets 999, as Amazon Linux numbers system accounts downwards.
func accounts(users []user) (passwd, group string) {
	passwd, group = "root:x:0:0:root:/root:/bin/bash\n", "root:x:0:\n"
	for i, u := range users {
		id, shell, home := u.UID, u.Shell, u.Home
		if id == 0 && u.System {
			id = 999 - i
		} else if id == 0 {
			id = 1000 + i
		}
		if shell == "" {
			shell = "/bin/bash"
		}
		if home == "" {
			home = "/home/" + u.Name
		}
		passwd += fmt.Sprintf("%s:x:%d:%d::%s:%s\n", u.Name, id, id, home, shell)
		group += fmt.Sprintf("%s:x:%d:\n", u.Name, id)
	}
	return passwd, group
}
