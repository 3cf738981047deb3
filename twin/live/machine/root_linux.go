package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Config is what a machine is made of before user data tells it what to become.
type Config struct {
	Hostname    string
	Root        string // an empty directory, on which the machine's file system is mounted
	Tool        string // this program, which plays what the image lacks
	Resolver    string // the address of the DNS server
	Search      string // domain of names without a dot
	Authorities []byte // PEM of the certificate authorities that the machine trusts
	Image       string // folder of its container's image; empty if it has none
}

// diskMiB is the most that a machine may write: its disk is this computer's memory.
const diskMiB = 256

// Where the machine finds the player of the image's programs, and how it is told about it.
const (
	toolPath      = toolFolder + "/world"
	managerSocket = toolFolder + "/manager"
	bundle        = "/etc/pki/tls/certs/ca-bundle.crt"
)

// played are the programs of the image that Shim plays.
var played = []string{"aws", "systemctl", "rpm", "dnf", "docker"}

// Boot makes the machine's file system and enters it. Call it in a mount namespace of its own.
func Boot(c Config) error {
	if err := unix.Sethostname([]byte(c.Hostname)); err != nil {
		return fmt.Errorf("naming the machine: %w", err)
	}
	b := &rootBuilder{at: c.Root}
	b.do("separating its mounts", func() error { return unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") })
	b.mount("tmpfs", "", unix.MS_NOSUID|unix.MS_NODEV, fmt.Sprintf("mode=755,size=%dm", diskMiB))
	b.image()
	b.configuration(c)
	b.devices()
	b.tools(c.Tool)
	if c.Image != "" {
		b.folder(strings.TrimPrefix(imageFolder, "/"), 0o755)
		b.bind(c.Image, imageFolder, true)
	}
	b.mount("proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
	b.do("entering its file system", func() error {
		old := filepath.Join(c.Root, "mnt")
		return errors.Join(unix.PivotRoot(c.Root, old), os.Chdir("/"), unix.Unmount("/mnt", unix.MNT_DETACH))
	})
	if b.err != nil {
		return fmt.Errorf("making the machine's file system: %w", b.err)
	}
	return nil
}

// rootBuilder builds a file system and stops at the first failure.
type rootBuilder struct {
	at  string
	err error
}

func (b *rootBuilder) do(what string, work func() error) {
	if b.err != nil {
		return
	}
	if err := work(); err != nil {
		b.err = fmt.Errorf("%s: %w", what, err)
	}
}

func (b *rootBuilder) mount(kind, to string, flags uintptr, data string) {
	b.do("mounting "+kind+" on /"+to, func() error { return unix.Mount(kind, filepath.Join(b.at, to), kind, flags, data) })
}

func (b *rootBuilder) bind(from, to string, readOnly bool) {
	to = filepath.Join(b.at, to)
	b.do("lending "+from, func() error {
		if err := unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, ""); err != nil || !readOnly {
			return err
		}
		return unix.MountSetattr(-1, to, unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY})
	})
}

func (b *rootBuilder) folder(path string, mode os.FileMode) {
	b.do("making /"+path, func() error {
		path := filepath.Join(b.at, path)
		return errors.Join(os.MkdirAll(path, mode), os.Chmod(path, mode))
	})
}

func (b *rootBuilder) file(path, content string, mode os.FileMode) {
	b.folder(filepath.Dir(path), 0o755)
	b.do("writing /"+path, func() error {
		path := filepath.Join(b.at, path)
		return errors.Join(os.WriteFile(path, []byte(content), mode), os.Chmod(path, mode))
	})
}

// lent are the folders without which programs of /usr do not start: where links to them lead, and what Debian keeps of runtimes there.
var lent = []string{"/etc/alternatives", "/etc/java-*", "/etc/php", "/etc/dotnet"}

// image lends this computer's programs and libraries, and none of its other configuration or data.
func (b *rootBuilder) image() {
	for _, d := range []string{"usr", "proc", "sys", "dev", "run", "var/log", "var/lib", "opt", "home", "mnt"} {
		b.folder(d, 0o755)
	}
	b.folder("root", 0o700)
	b.folder("tmp", 0o1777)
	b.folder("var/tmp", 0o1777)
	b.bind("/usr", "usr", true)
	for _, name := range []string{"bin", "sbin", "lib", "lib32", "lib64", "libx32"} {
		if target, err := os.Readlink("/" + name); err == nil {
			b.do("linking /"+name, func() error { return os.Symlink(target, filepath.Join(b.at, name)) })
		} else if _, err := os.Stat("/" + name); err == nil {
			b.folder(name, 0o755)
			b.bind("/"+name, name, true)
		}
	}
	for _, pattern := range lent {
		folders, _ := filepath.Glob(pattern)
		for _, path := range folders {
			b.folder(path[1:], 0o755)
			b.bind(path, path[1:], true)
		}
	}
	for _, name := range []string{"ld.so.cache", "protocols", "services"} {
		if content, err := os.ReadFile("/etc/" + name); err == nil {
			b.file("etc/"+name, string(content), 0o644)
		}
	}
}

// dropIn makes every service verify the database against the machine's authorities instead of Amazon RDS's, whose key
// nobody here has. The service's own environment file still has the last word.
const dropIn = "# Written by the living world: its databases have certificates of its own authority.\n" +
	"[Service]\nEnvironment=DATABASE_CA_FILE=" + bundle + "\n"

func (b *rootBuilder) configuration(c Config) {
	passwd, group := accounts(nil)
	for path, content := range map[string]string{
		"passwd": passwd, "group": group,
		"hostname":      c.Hostname + "\n",
		"hosts":         "127.0.0.1 localhost\n127.0.1.1 " + c.Hostname + "\n",
		"resolv.conf":   "search " + c.Search + "\nnameserver " + c.Resolver + "\n",
		"nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
		"os-release": "NAME=\"Causeway living world\"\nID=causeway\nPRETTY_NAME=\"this computer's /usr, as a " +
			"machine of the living world\"\n",
		"system-release":                         "this computer's /usr, not Amazon Linux\n",
		strings.TrimPrefix(bundle, "/etc/"):      string(c.Authorities),
		"ssl/certs/ca-certificates.crt":          string(c.Authorities),
		"systemd/system/service.d/50-world.conf": dropIn,
	} {
		b.file("etc/"+path, content, 0o644)
	}
}

// devices are the few that a process may expect. Output to the console is dropped: those who write there write to their
// log too.
func (b *rootBuilder) devices() {
	b.folder("dev/shm", 0o1777)
	b.folder("dev/mqueue", 0o1777)
	for _, name := range []string{"null", "zero", "full", "random", "urandom", "tty"} {
		b.file("dev/"+name, "", 0o666)
		b.bind("/dev/"+name, "dev/"+name, false)
	}
	b.file("dev/console", "", 0o666)
	b.bind("/dev/null", "dev/console", false)
	for name, target := range map[string]string{"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"} {
		b.do("linking /dev/"+name, func() error { return os.Symlink(target, filepath.Join(b.at, "dev", name)) })
	}
}

// tools puts the programs that Shim plays where the image has its own.
func (b *rootBuilder) tools(tool string) {
	b.file(strings.TrimPrefix(toolPath, "/"), "", 0o755)
	b.bind(tool, strings.TrimPrefix(toolPath, "/"), true)
	b.folder(strings.TrimPrefix(shimFolder, "/"), 0o755)
	names := played
	if lacks(standIn) {
		names = append(slices.Clip(names), standIn)
	}
	for _, name := range names {
		b.do("playing "+name, func() error { return os.Symlink(toolPath, filepath.Join(b.at, shimFolder, name)) })
	}
}
