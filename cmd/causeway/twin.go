package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/fence"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/hold"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/rehearsal"
)

func twinCommand(sh shell, stack *string) *cobra.Command {
	var env bool
	cmd := &cobra.Command{
		Use:   "twin",
		Short: "serve the twin for the ordinary pulumi command",
		Long: `Serves the twin of a stack until Ctrl-C, for the ordinary pulumi command, and
prints the environment that puts a shell on it. In another terminal:

    eval "$(bin/causeway twin --env)"
    pulumi preview -s local

The environment names a state, a passphrase and providers of the twin's own, so
the real stack and its state are not touched; it drops the clouds' credentials.
It knows one stack only, the one of the twin.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if env {
				return printEnvironment(cmd.OutOrStdout(), *stack, sh)
			}
			return serve(cmd, sh, *stack)
		},
	}
	(manners | brains).add(cmd)
	cmd.AddCommand(twinStatusCommand(stack), twinResourcesCommand(stack), twinShowCommand(stack), twinEventsCommand(stack),
		twinDriftCommand(stack), twinDelegateCommand(stack), twinQuotasCommand(stack), twinFaultsCommand(stack), twinResetCommand(stack))
	cmd.Flags().BoolVar(&env, "env", false, "print the environment of the twin that another terminal serves")
	return cmd
}

// serve runs the twin in the foreground.
func serve(cmd *cobra.Command, sh shell, stack string) (err error) {
	ctx := cmd.Context()
	c, err := begin(ctx, cmd, sh, stack, needed)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()

	vars := c.engine.Variables()
	maps.Copy(vars, fence.Shell())
	path := environmentFile(c.project.Home(stack))
	if err := os.WriteFile(path, []byte(exports(vars)), 0o600); err != nil {
		return fmt.Errorf("writing the twin's environment: %w", err)
	}
	defer os.Remove(path)

	if err := printEnvironment(c.out, stack, sh); err != nil {
		return err
	}
	fmt.Fprintf(c.errs, "\nthe twin of %s is served, with %d resources; Ctrl-C ends it\nin another terminal:\n"+
		"    eval \"$(bin/causeway twin%s --env)\"\n    pulumi preview -s %s\n"+
		"pulumi notes the passphrase's salt in Pulumi.%s.yaml, as it does for every stack with one: `git checkout Pulumi.%[4]s.yaml` "+
		"when done\n",
		stack, len(c.twin.Resources()), c.flag(), stack, stack)
	<-ctx.Done()
	fmt.Fprintln(c.errs, "the twin is ended; its world is kept")
	return nil
}

// printEnvironment prints what points a shell at the twin of a stack that is being served.
func printEnvironment(w io.Writer, stack string, sh shell) error {
	p, err := locate(stack)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(environmentFile(p.Home(stack)))
	served := err == nil && held(rehearsal.Lock(p, stack), stack)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("reading the twin's environment: %w", err)
	}
	if !served {
		return fmt.Errorf("no twin of %s is being served: start `causeway twin --stack %s` in another terminal", stack, stack)
	}
	if len(sh.credentials) > 0 {
		fmt.Fprintf(w, "unset %s\n", strings.Join(sh.credentials, " "))
	}
	_, err = w.Write(b)
	return err
}

// held says whether a process holds the stack.
func held(lock, stack string) bool {
	h, err := hold.Take(lock, stack, "causeway twin --env")
	if err == nil {
		return h.Release() != nil
	}
	var other *hold.HeldError
	return errors.As(err, &other)
}

func environmentFile(home string) string { return filepath.Join(home, "twin.env") }

// exports are lines for a shell.
func exports(vars map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		fmt.Fprintf(&b, "export %s=%s\n", name, quote(vars[name]))
	}
	return b.String()
}

// quote makes one word of a value, for any POSIX shell.
func quote(value string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/.,:_-", r)
	}
	if value != "" && strings.IndexFunc(value, func(r rune) bool { return !plain(r) }) < 0 {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
