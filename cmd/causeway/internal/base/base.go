// Package base deploys a stack as another revision of the repository has it, so that a change can be compared with what
// it changes.
//
// The revision is checked out in a worktree of its own below .causeway, built there, and deployed on its own twin by its
// own command: nothing of the change takes part. Worktree, build and deployment are kept, so that a second review of the
// same base costs a copy.
package base

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
)

// Base is a revision in its worktree.
type Base struct {
	// Commit is the revision's full name.
	Commit string

	project, own project.Project
	say          io.Writer // progress
}

// Find resolves a revision, such as main or HEAD~3, and checks it out.
func Find(ctx context.Context, p project.Project, revision string, say io.Writer) (*Base, error) {
	if strings.HasPrefix(revision, "-") {
		return nil, fmt.Errorf("%q is not a revision", revision)
	}
	commit, err := git(ctx, p.Root, "rev-parse", "--verify", "--quiet", revision+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("there is no revision %s here: fetch it, or name another with --base", revision)
	}
	dir := filepath.Join(p.Root, ".causeway", "base")
	b := &Base{Commit: commit, project: p, own: project.Project{Root: dir, Name: p.Name}, say: say}
	if at, err := git(ctx, dir, "rev-parse", "HEAD"); err == nil && at == commit && isWorktree(ctx, dir) {
		return b, nil
	}
	fmt.Fprintf(say, "checking out %.12s\n", commit)
	if isWorktree(ctx, dir) {
		_, err = git(ctx, dir, "checkout", "--quiet", "--force", "--detach", commit)
	} else {
		_, _ = git(ctx, p.Root, "worktree", "prune")
		_, err = git(ctx, p.Root, "worktree", "add", "--quiet", "--force", "--detach", dir, commit)
	}
	if err != nil {
		return nil, fmt.Errorf("checking out the base: %w", err)
	}
	return b, nil
}

// isWorktree says whether dir is a checkout of its own, and not just a folder within one.
func isWorktree(ctx context.Context, dir string) bool {
	top, err := git(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(dir)
	return err == nil && top == real
}

// Deploy has the base deploy a stack, unless it already has, and returns a project whose home is a copy of that
// deployment: working on it changes neither the base's nor any other deployment.
func (b *Base) Deploy(ctx context.Context, stack string) (project.Project, error) {
	if err := b.own.Check(stack); err != nil {
		return project.Project{}, fmt.Errorf("the base %.12s has no stack %s: review it without --base", b.Commit, stack)
	}
	done := filepath.Join(b.own.Home(stack), "deployed")
	if at, err := os.ReadFile(done); err != nil || string(at) != b.Commit {
		if err := b.up(ctx, stack); err != nil {
			return project.Project{}, err
		}
		if err := os.WriteFile(done, []byte(b.Commit), 0o600); err != nil {
			return project.Project{}, fmt.Errorf("noting what was deployed: %w", err)
		}
	}
	work := b.project
	work.Area = "review"
	if err := os.RemoveAll(work.Home(stack)); err != nil {
		return project.Project{}, fmt.Errorf("making room for the review: %w", err)
	}
	return work, copyHome(b.own.Home(stack), work.Home(stack))
}

// up builds the base and has it deploy the stack.
func (b *Base) up(ctx context.Context, stack string) error {
	fmt.Fprintf(b.say, "building the base %.12s\n", b.Commit)
	if err := b.borrowEngine(); err != nil {
		return err
	}
	if err := b.run(ctx, "go", "run", "./tools/build", "causeway", "guestbook"); err != nil {
		return fmt.Errorf("building the base %.12s: %w", b.Commit, err)
	}
	fmt.Fprintf(b.say, "deploying the base on a twin of its own\n")
	if err := b.run(ctx, filepath.Join(b.own.Root, "bin", "causeway"), "up", "--stack", stack); err != nil {
		return fmt.Errorf("deploying %s as the base %.12s declares it: %w", stack, b.Commit, err)
	}
	return nil
}

// borrowEngine gives the base the pulumi command that is already built.
func (b *Base) borrowEngine() error {
	bin := filepath.Join(b.own.Root, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return fmt.Errorf("building the base: %w", err)
	}
	err := os.Symlink(filepath.Join(b.project.Root, "bin", "pulumi"), filepath.Join(bin, "pulumi"))
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("building the base: %w", err)
	}
	return nil
}

// run runs a command in the base's worktree. A build may need modules, so the network is open to it.
func (b *Base) run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stderr = b.own.Root, b.say // progress for a person, not part of the review
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); name != "HTTP_PROXY" && name != "HTTPS_PROXY" && !strings.HasPrefix(name, "CAUSEWAY_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	return cmd.Run()
}

// copyHome copies the files of a rehearsal's home. Sockets and locks are no part of a deployment.
func copyHome(from, to string) error {
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rest, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rest)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case !d.Type().IsRegular() || rest == "lock":
			return nil
		}
		return copyFile(path, target)
	})
	if err != nil {
		return fmt.Errorf("copying what the base deployed: %w", err)
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// git runs a git command and returns its output without the final newline.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...)
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		err = fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(string(exit.Stderr)))
	}
	return strings.TrimSpace(string(out)), err
}
