package machine

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// imageFolder is where the machine keeps its container's image.
const imageFolder = toolFolder + "/image"

// dockerCommand implements the part of Docker that the platform's servers use. There is no engine: a container is a
// process of the machine, with the image's files and without any privilege.
func dockerCommand(args []string) (code int, err error) {
	switch verb := append(args, "")[0]; verb {
	case "rm":
		return 0, nil
	case "login":
		return 0, login(args[len(args)-1])
	case "image": // inspect
		_, err := os.Stat(pulled)
		return 0, err
	case "pull":
		if err := pullImage(args[len(args)-1]); err != nil {
			return 1, err
		}
		if _, err := os.Stat(filepath.Join(imageFolder, plan.ImageConfigFile)); err != nil {
			return 1, errors.New("the image is not on this computer: `causeway live status` says where it is looked for")
		}
		return 0, os.WriteFile(pulled, nil, 0o600)
	case "run":
		return runContainer(args[1:])
	default:
		return 1, fmt.Errorf("the living world plays login, pull, image inspect, run and rm of Docker, and not %q", verb)
	}
}

// container is a container as a command line describes it.
type container struct {
	box     sandbox
	env     []string
	command []string
}

func readContainer(args []string, env []string) (c container, err error) {
	c.box = sandbox{Root: filepath.Join(imageFolder, plan.ImageRoot), NoNew: true, DropBounding: true, OwnKeyring: true, Umask: 0o022}
	for len(args) > 0 && strings.HasPrefix(args[0], "--") {
		name := args[0]
		if args = args[1:]; name == "--rm" || name == "--read-only" {
			continue
		}
		if len(args) == 0 {
			return c, fmt.Errorf("%s has no value", name)
		}
		value := args[0]
		args = args[1:]
		switch name {
		case "--user":
			user, group, _ := strings.Cut(value, ":")
			var wrong error
			c.box.UID, err = strconv.Atoi(user)
			c.box.GID, wrong = strconv.Atoi(group)
			if err = errors.Join(err, wrong); err != nil {
				return c, fmt.Errorf("--user %s: %w", value, err)
			}
		case "--ulimit":
			if files, is := strings.CutPrefix(value, "nofile="); is {
				c.box.Files, _ = strconv.ParseUint(files, 10, 64)
			}
		case "--env":
			c.env = append(c.env, value+"="+valueOf(env, value))
		}
	}
	if len(args) == 0 {
		return c, errors.New("no image is named")
	}
	c.command = args[1:]
	return c, nil
}

// runContainer runs the image's program until it ends, and forwards the signals that this process receives.
func runContainer(args []string) (code int, err error) {
	c, err := readContainer(args, os.Environ())
	if err != nil {
		return 125, err // as Docker does
	}
	text, err := os.ReadFile(filepath.Join(imageFolder, plan.ImageConfigFile))
	if err != nil {
		return 125, fmt.Errorf("there is no image: %w", err)
	}
	var about plan.ImageConfig
	if err := json.Unmarshal(text, &about); err != nil {
		return 125, fmt.Errorf("reading the image's configuration: %w", err)
	}
	words := append(about.Entrypoint, c.command...)
	if len(c.command) == 0 {
		words = append(about.Entrypoint, about.Cmd...)
	}
	if len(words) == 0 {
		return 125, errors.New("the image has no entry point, and no command is given")
	}
	c.box.Folder = about.WorkingDir
	env := append([]string{searchPath, "HOME=/", "DATABASE_CA_FILE=" + bundle}, about.Env...)
	runtime.LockOSThread() // the container ends with the thread that starts it
	cmd, err := c.box.command(words, append(env, c.env...))
	if err != nil {
		return 125, err
	}
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	told := make(chan os.Signal, 4)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	if err := cmd.Start(); err != nil {
		return 125, err
	}
	go func() {
		for s := range told {
			_ = cmd.Process.Signal(s)
		}
	}()
	err = cmd.Wait()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return max(ended.ExitCode(), 1), nil
	}
	return 0, err
}

// enterRoot makes the image's files the only ones there are, read-only except for a /tmp of its own.
func (b sandbox) enterRoot() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	bind := func(from, to string) error {
		if err := unix.Mount(from, to, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return fmt.Errorf("%s: %w", to, err)
		}
		return nil
	}
	if err := bind(b.Root, b.Root); err != nil {
		return err
	}
	if err := setReadOnly(b.Root, unix.AT_RECURSIVE, true); err != nil {
		return err
	}
	for _, folder := range plan.ImageMounted {
		at := filepath.Join(b.Root, folder)
		if folder == "tmp" {
			if err := unix.Mount("tmpfs", at, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777"); err != nil {
				return fmt.Errorf("/tmp: %w", err)
			}
		} else if err := bind("/"+folder, at); err != nil {
			return err
		}
	}
	for _, file := range plan.ImageLent {
		at := filepath.Join(b.Root, file)
		if err := errors.Join(bind("/"+file, at), setReadOnly(at, 0, true)); err != nil {
			return err
		}
	}
	// The old root then lies over the new one, and is unmounted (pivot_root(2), notes).
	if err := errors.Join(os.Chdir(b.Root), unix.PivotRoot(".", "."), unix.Unmount(".", unix.MNT_DETACH)); err != nil {
		return fmt.Errorf("entering it: %w", err)
	}
	return os.Chdir("/")
}
