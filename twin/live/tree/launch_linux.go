package tree

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/causeway-iac/causeway/twin/live/node"
)

// Launch starts a world: the program with the argument "world", as pid 1 of new namespaces in which this user is root. It
// ends when the link closes, for whatever reason. door is a socket for the internet's node; it may be nil.
func Launch(program, log string, door *os.File) (*Top, error) {
	ours, theirs, err := node.Pair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the world's log: %w", err), ours.Close())
	}
	defer out.Close()
	cmd := exec.Command(program, "world")
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = environment, out, out, []*os.File{theirs}
	if door != nil {
		cmd.ExtraFiles = append(cmd.ExtraFiles, door)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET | syscall.CLONE_NEWNS |
			syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		Setpgid:     true, // a terminal's interrupt is for the master, which ends the world cleanly
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the world in namespaces of its own: %w", err), ours.Close())
	}
	gone := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(gone)
	}()
	return &Top{Link: node.NewLink(ours), Gone: gone, process: cmd.Process}, nil
}
