// Command causeway deploys the platform on a laptop: it starts the twin, a local cloud, and drives
// the ordinary Pulumi engine over the very program that `pulumi up` deploys to AWS.
//
// It never touches a real account. To deploy to one, use pulumi itself.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/fence"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/twin/live/can"
)

// The exit codes are those of the pulumi command, except for the last two.
const (
	exitError         = 1
	exitConfiguration = 2 // wrong flags or settings
	exitResource      = 4 // a resource could not be created, changed or deleted
	exitPolicy        = 5 // something that must hold does not
	exitStackNotFound = 6
	exitCancelled     = 8
	exitCannotLive    = 9  // what is deployed cannot live on this computer
	exitNoAnswer      = 10 // the public DNS could not be reached
)

func main() {
	shell := readShell()
	if err := fence.Enter(); err != nil {
		fmt.Fprintln(os.Stderr, "causeway: fencing off real clouds:", err)
		os.Exit(exitError)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // a second Ctrl-C ends at once
	}()
	os.Exit(run(ctx, shell, advice{os.Stdout, os.Args[0]}, advice{os.Stderr, os.Args[0]}, os.Args[1:]))
}

// run carries out a command line and returns the exit code.
func run(ctx context.Context, shell shell, out, errs io.Writer, args []string) int {
	root := newRoot(shell)
	root.SetOut(out)
	root.SetErr(errs)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	var told *toldError
	if !errors.As(err, &told) {
		fmt.Fprintln(errs, "causeway: "+err.Error())
		if what := remedy(err); what != "" {
			fmt.Fprintln(errs, what)
		}
	}
	return exitCode(err)
}

// exitCode is what pulumi would exit with.
func exitCode(err error) int {
	var unknown *project.UnknownStackError
	var coded *codedError
	var cannot *can.Refusal
	switch {
	case errors.As(err, &cannot):
		return exitCannotLive
	case engine.Cancelled(err):
		return exitCancelled
	case errors.As(err, &unknown):
		return exitStackNotFound
	case errors.As(err, &coded):
		return coded.code
	}
	return exitError
}

// codedError is an error with an exit code of its own.
type codedError struct {
	code int
	error
}

func (e *codedError) Unwrap() error { return e.error }

// toldError is an error that the person has already seen.
type toldError struct{ error }

func (e *toldError) Unwrap() error { return e.error }

// areResources is "1 resource is" or "3 resources are".
func areResources(n int) string {
	if n == 1 {
		return "1 resource is"
	}
	return fmt.Sprintf("%d resources are", n)
}

func newRoot(shell shell) *cobra.Command {
	root := &cobra.Command{
		Use:   "causeway",
		Short: "Deploy the platform on this machine, with no cloud account",
		Long: `Causeway deploys the platform (DNS, HTTPS, firewall, load balancers, web and
application servers, database) on the twin: a local cloud under the ordinary
Pulumi engine, on this machine, with no account. It never touches a real
account: to deploy to one, use pulumi itself (pulumi up -s dev).`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return &codedError{exitConfiguration, wrongFlag(cmd, err)} })
	root.Version = versions()
	root.SetVersionTemplate("{{.Version}}")
	var stack string
	root.PersistentFlags().StringVarP(&stack, "stack", "s", "local", "the stack: any that has a Pulumi.<stack>.yaml")
	completeStacks(root)
	root.AddCommand(
		upCommand(shell, &stack),
		previewCommand(shell, &stack),
		downCommand(shell, &stack),
		twinCommand(shell, &stack),
		liveCommand(shell, &stack),
		openCommand(shell, &stack),
		checkCommand(&stack, net.DefaultResolver),
		userdataCommand(shell, &stack),
		graphCommand(shell, &stack),
		verifyCommand(shell, &stack),
		reviewCommand(shell, &stack),
		costCommand(shell, &stack),
		releasesCommand(&stack),
		versionCommand(),
	)
	refuseUnknownHelp(root)
	refuseUnknownCommands(root)
	return root
}

// shell is what is kept of the environment that the command started in, before the fence: the passphrase of encrypted
// settings, where plugins are, and the names of what holds credentials.
type shell struct {
	passphrase  string
	pulumiHome  string // PULUMI_HOME
	credentials []string
	environ     []string // all of it, for a person's own programs
}

func readShell() shell {
	s := shell{
		passphrase: os.Getenv("PULUMI_CONFIG_PASSPHRASE"), pulumiHome: os.Getenv("PULUMI_HOME"),
		credentials: fence.Credentials(os.Environ()), environ: os.Environ(),
	}
	if s.passphrase == "" {
		if b, err := os.ReadFile(os.Getenv("PULUMI_CONFIG_PASSPHRASE_FILE")); err == nil {
			s.passphrase = strings.TrimSpace(string(b))
		}
	}
	return s
}
