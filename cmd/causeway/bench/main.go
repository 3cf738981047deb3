// Command bench measures how long the platform takes beside what the engine takes
// for that many resources, how it grows, and what building and starting it costs.
//
// A benchmark's seconds belong to the machine and the hour that it ran in, so it
// takes ratios: a platform and three other programs run in turn, and each round's
// times are divided by each other. The floor declares as many bare resources; the
// same declares the platform's own, with plain inputs; the empty one declares none.
// What is between floor and same is what the platform's resources hold, which the
// engine carries about; what is above same is how its program is written.
//
// Then many resources live on one twin, in one stack and in several at once: what
// one costs must not depend on how many there are. Nothing here is asserted by a test.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/fence"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/stacks"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := func() error { return measure(ctx, os.Args[1:]) }
	if len(os.Args) == 3 {
		switch os.Args[1] { // what this program starts as its own child
		case proveCommand:
			run = func() error { return prove(os.Args[2]) }
		case serveTwin:
			run = func() error { return twinMain(ctx, os.Args[2], os.Stdin, os.Stdout) }
		}
	}
	if err := run(); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		os.Exit(1)
	}
}

// options are what the person running it may choose.
type options struct {
	stack           string
	runs            int
	throwaway, kept sizes
	proven          sizes
	scale           counts
	together        int
	builds, cold    bool
	jobs            string
}

// sizes is numbers of platforms in one stack.
type sizes []int

func (s *sizes) String() string { return joined(*s) }

func (s *sizes) Set(text string) (err error) {
	*s, err = numbers(text, mostPlatforms, "platforms")
	return err
}

// mostPlatforms is how many fit side by side: each has an address range of its own.
const mostPlatforms = 200

// counts is numbers of resources.
type counts []int

func (c *counts) String() string { return joined(*c) }

func (c *counts) Set(text string) (err error) {
	*c, err = numbers(text, 40_000, "resources")
	return err
}

func joined(list []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(list), " ", ","), "[]")
}

func numbers(text string, most int, what string) (list []int, err error) {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 || n > most {
			return nil, fmt.Errorf("%q is not a number of %s: write 1 to %d, with commas between", part, what, most)
		}
		list = append(list, n)
	}
	return list, nil
}

func parse(args []string) (options, error) {
	o := options{throwaway: sizes{1, 5, 20}, kept: sizes{1, 2}, proven: sizes{1, 5, 20, 50}, scale: counts{1000, 2500, 5000}}
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	set.StringVar(&o.stack, "stack", "prod", "the stack whose platform is measured")
	set.IntVar(&o.runs, "runs", 5, "rounds for one platform; n platforms have fewer, by the root of n, and half as many with state kept")
	set.Var(&o.throwaway, "platforms", "platforms in one stack, where no state is kept")
	set.Var(&o.kept, "kept", "platforms in one stack, with state and world kept in files: 5 take minutes, 20 an hour")
	set.Var(&o.proven, "proven", "platforms in one stack that is read and proved")
	set.Var(&o.scale, "scale", "resources on one twin, for the cost of each and the twin's memory; as whole platforms")
	set.IntVar(&o.together, "together", 4, "stacks that live at once on one twin, at the largest number of resources")
	set.BoolVar(&o.builds, "builds", true, "measure start and rebuild")
	set.BoolVar(&o.cold, "cold", false, "measure first builds too, with nothing compiled: many minutes")
	set.StringVar(&o.jobs, "p", "2", "packages compiled at a time in a first build")
	if err := set.Parse(args); err != nil {
		return options{}, err
	}
	if o.runs < 1 || o.together < 1 {
		return options{}, errors.New("-runs and -together: at least 1")
	}
	return o, nil
}

// rounds is how often each size is measured.
func (o options) rounds(platforms int, kept bool) int {
	n := float64(o.runs) / math.Sqrt(float64(platforms))
	if kept {
		n /= 2
	}
	return max(1, int(n))
}

func measure(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if err := fence.Enter(); err != nil {
		return fmt.Errorf("fencing off real clouds: %w", err)
	}
	dir, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("finding the project: %w", err)
	}
	p, err := project.Find(dir)
	if err != nil {
		return err
	}
	s, err := stacks.Check(p.Root, o.stack, time.Now())
	if err != nil {
		return err
	}
	results := filepath.Join(p.Root, ".causeway", "bench")
	before, err := last(results)
	if err != nil {
		return err
	}
	r := newResults(time.Now())
	b := bench{options: o, settings: s.Settings, results: r, site: site{project: p, stack: o.stack, world: world(s.Settings)}}
	if err := b.run(ctx); err != nil {
		return err
	}
	var markdown strings.Builder
	fmt.Fprintf(&markdown, "# Benchmark\n\n%s, %s, %s\n", r.Taken.UTC().Format(time.RFC3339), r.Machine, r.Go)
	for _, t := range r.tables(before) {
		fmt.Println(t.text())
		markdown.WriteString("\n" + t.markdown())
	}
	path, err := r.write(results, markdown.String())
	if err != nil {
		return err
	}
	fmt.Printf("written to %s.json and .md\n", path)
	return nil
}

// bench is one run of the benchmark.
type bench struct {
	options
	settings stacks.Settings
	site     site
	results  *Results
	count    int    // resources of one platform
	exported []byte // its state
}

func (b *bench) run(ctx context.Context) error {
	if err := b.survey(ctx); err != nil {
		return err
	}
	if err := b.proofs(ctx); err != nil {
		return err
	}
	for _, kept := range []bool{false, true} {
		sizes := b.throwaway
		if kept {
			sizes = b.kept
		}
		for _, n := range sizes {
			if err := b.lives(ctx, kept, n); err != nil {
				return err
			}
		}
	}
	if err := b.scales(ctx); err != nil {
		return err
	}
	return b.programs(ctx)
}

// survey deploys the platform once, unmeasured: it warms the caches, counts the resources and finds the longest path.
func (b *bench) survey(ctx context.Context) error {
	say("deploying %s once, to count its resources", b.stack)
	sub := subject{"platform", stacks.Deploy}
	_, err := b.site.live(ctx, sub, false, func(e *engine.Engine) error {
		var err error
		if b.exported, err = e.Export(); err != nil {
			return err
		}
		g, err := graph.FromState(bytes.NewReader(b.exported))
		if err != nil {
			return err
		}
		managed, components := resources(g)
		say("%d resources in %d components", managed, components)
		b.count = managed
		b.results.Path, err = longest(g)
		return err
	})
	return err
}

// longest is the critical path of a deployed stack.
func longest(g *graph.Graph) (Path, error) {
	nodes := nodesOf(g)
	path, length, err := criticalPath(nodes)
	if err != nil {
		return Path{}, fmt.Errorf("finding the longest path: %w", err)
	}
	p := Path{Seconds: length.Seconds()}
	for _, n := range nodes {
		p.Sum += n.takes.Seconds()
	}
	for _, urn := range path {
		if n := nodes[urn]; n.takes > 0 {
			p.Steps = append(p.Steps, Step{Name: n.name, Type: g.ByURN(urn).Type, Seconds: n.takes.Seconds()})
		}
	}
	return p, nil
}

// programs measures builds and starts.
func (b *bench) programs(ctx context.Context) (err error) {
	temp, err := os.MkdirTemp("", "causeway-bench-")
	if err != nil {
		return fmt.Errorf("making a place for builds: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	made := builder{root: b.site.project.Root, temp: temp}
	var steps []func() (Figures, error)
	if b.builds {
		steps = append(steps,
			func() (Figures, error) { say("starting the program"); return made.start(ctx, 2*b.runs) },
			func() (Figures, error) {
				say("rebuilding it after an edit")
				return made.rebuild(ctx, b.rounds(3, false))
			})
	}
	if b.cold {
		steps = append(steps, func() (Figures, error) { say("building with nothing compiled"); return made.cold(ctx, b.jobs) })
	}
	for _, step := range steps {
		figures, err := step()
		if err != nil {
			return err
		}
		b.results.Figures = append(b.results.Figures, figures...)
	}
	return nil
}

func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...)
}
