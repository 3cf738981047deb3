package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/control"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/fence"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/living"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/rehearsal"
	"github.com/causeway-iac/causeway/picture"
	"github.com/causeway-iac/causeway/twin/live"
	"github.com/causeway-iac/causeway/twin/live/can"
)

func liveCommand(sh shell, stack *string) *cobra.Command {
	var stop, quiet bool
	cmd := &cobra.Command{
		Use:   "live",
		Short: "let what is deployed live: real servers, real packets, a page to open",
		Long: `Lets a deployed stack live on this computer: load balancers, servers, database and
firewall become processes between which real packets flow, exactly as far as what is deployed lets them.
It tells what happens, until Ctrl-C; causeway up --live leaves a world alive in the background instead.
docs/live.md says what is played and what is not.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if stop {
				return stopLiving(cmd, *stack, quiet)
			}
			return liveHere(cmd, sh, *stack)
		},
	}
	cmd.Flags().BoolVar(&stop, "stop", false, "end the world that is alive")
	cmd.Flags().BoolVar(&quiet, "quiet", false, "with --stop: say nothing where none is alive")
	manners.add(cmd)
	cmd.AddCommand(liveStatusCommand(stack), liveLogsCommand(stack), liveDropsCommand(stack), liveFaultCommand(stack),
		liveProveCommand(sh, stack))
	return cmd
}

// liveHome is where a living world keeps its files.
func liveHome(home string) string { return filepath.Join(home, "live") }

// worldProgram is what runs inside; it is built beside this program.
var worldProgram = func() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding this program: %w", err)
	}
	path := filepath.Join(filepath.Dir(self), "world")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%s is not there: `make build` in Causeway's repository builds it", path)
	}
	return path, nil
}

// liveHere holds the world in this process.
func liveHere(cmd *cobra.Command, sh shell, stack string) (err error) {
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	program, err := worldProgram()
	if err != nil {
		return err
	}
	checked := make(chan error, 1)
	go func() { checked <- can.Check(ctx, program) }() // it mostly waits, and so does the engine
	r, err := begin(ctx, cmd, sh, stack, notNeeded)
	if cannot := <-checked; cannot != nil {
		if err == nil {
			err = r.close()
		}
		return errors.Join(fmt.Errorf("%s cannot live on this computer: %w", stack, cannot), err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if len(r.twin.Resources()) == 0 {
		return fmt.Errorf("nothing of %s is deployed, so nothing can live: start `causeway up%s` first", stack, r.flag())
	}
	deployed, err := r.onlyServe()
	if err != nil {
		return err
	}
	defer os.Remove(environmentFile(r.project.Home(stack)))
	home := r.project.Home(stack)
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = home
	}
	w, err := live.Start(ctx, live.Options{Stack: stack, Home: liveHome(home), Objects: filepath.Join(home, "objects"), Program: program,
		World: r.under.Local.World(), Notice: r.notice, Cache: filepath.Join(cache, "causeway"),
		Images: filepath.Join(r.project.Root, ".causeway", "images"), Environ: sh.environ})
	if no := (*can.Refusal)(nil); errors.As(err, &no) {
		return fmt.Errorf("%s cannot live on this computer: %w", stack, err)
	}
	if err != nil {
		return fmt.Errorf("letting %s live: %w", stack, err)
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	h := &living.Host{World: w, Stop: cancel, Draw: deployed}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("serving the page: %w", err)
	}
	defer l.Close()
	h.Page = "http://" + l.Addr().String() + "/"
	go func() { _ = h.Serve(l) }() // it ends with the listener
	h.Control(r.under.Handle)
	fmt.Fprintf(r.errs, "%s is alive; %s shows it\n", stack, h.Page)
	h.Console(ctx, r.errs)
	select {
	case <-w.Done():
		if ctx.Err() == nil {
			return fmt.Errorf("the world of %s has ended on its own: %s says why", stack, r.relative(w.Log("world")))
		}
	default:
	}
	fmt.Fprintf(r.errs, "%s does not live any more; what is deployed and the databases' data are kept\n", stack)
	return nil
}

// onlyServe ends this process's use of the engine, so that other runs can have it, and leaves for a shell how to reach
// the twin. It returns a function that draws the stack as deployed.
func (r *console) onlyServe() (func() ([]byte, error), error) {
	vars := r.engine.Variables()
	maps.Copy(vars, fence.Shell())
	path := environmentFile(r.project.Home(r.stack))
	if err := os.WriteFile(path, []byte(exports(vars)), 0o600); err != nil {
		return nil, fmt.Errorf("writing the twin's environment: %w", err)
	}
	e := r.engine // what it knows of the stack is in a file, which other runs write
	if err := r.under.OnlyServe(); err != nil {
		return nil, err
	}
	return func() ([]byte, error) {
		g, err := e.Graph()
		if err != nil {
			return nil, err
		}
		return picture.SVG(g)
	}, nil
}

// alive is a stack whose world another process holds.
type alive struct {
	*living.Client
	home string
	flag string
}

var errNotAlive = errors.New("is not alive")

// findAlive finds the process that holds a stack's world.
func findAlive(ctx context.Context, stack string) (*alive, living.State, error) {
	p, err := locate(stack)
	if err != nil {
		return nil, living.State{}, err
	}
	r := &console{project: p, stack: stack}
	a := &alive{home: p.Home(stack), flag: r.flag()}
	not := fmt.Errorf("%s %w: `causeway up --live%s` or `causeway live%[3]s` has it live", stack, errNotAlive, a.flag)
	c := control.Dial(rehearsal.ControlSocket(p, stack))
	if c == nil {
		return nil, living.State{}, not
	}
	a.Client = living.NewClient(c.HTTP())
	s, err := a.State(ctx)
	if errors.Is(err, living.ErrNotAlive) {
		err = not
	}
	return a, s, err
}

func stopLiving(cmd *cobra.Command, stack string, quiet bool) error {
	a, _, err := findAlive(cmd.Context(), stack)
	if quiet && errors.Is(err, errNotAlive) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := a.end(cmd.Context(), stack); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s does not live any more; what is deployed and the databases' data are kept\n", stack)
	return nil
}

// inspect tells a person how to look at a living world.
func inspect(w io.Writer, s living.State, flag, roots string) {
	if len(s.URLs) > 0 {
		fmt.Fprintf(w, "  %s\n\n", s.URLs[0])
		fmt.Fprintf(w, "  bin/causeway open%s   in a browser\n", flag)
		fmt.Fprintf(w, "  %s\n", curlLine(s, roots))
	}
	fmt.Fprintf(w, "  %s   what happens, as a page\n", s.Page)
	fmt.Fprintf(w, "  bin/causeway live%s status | logs web | drops | fault   (docs/live.md)\n", flag)
	fmt.Fprintf(w, "it lives until `bin/causeway down%s`, or `bin/causeway live%[1]s --stop`\n", flag)
	for _, sentence := range slices.Sorted(slices.Values(s.Unplayed)) {
		fmt.Fprintf(w, "not as deployed: %s\n", sentence)
	}
}

// curlLine is a command that requests the first address.
func curlLine(s living.State, roots string) string {
	return strings.Join([]string{"curl", "--proxy", "http://" + s.Door, "--cacert", quote(roots), s.URLs[0] + "/"}, " ")
}
