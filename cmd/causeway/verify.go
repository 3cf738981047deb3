package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	reach "github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/twin"
)

// verification is what verify was asked for.
type verification struct {
	preview, state        string
	beside                []string
	declared              bool
	json, sarif, markdown bool
	all                   bool
	reach, mermaid        bool
	from, to              string
	access                question
	against, base         string
}

func verifyCommand(sh shell, stack *string) *cobra.Command {
	var v verification
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "prove what can reach what, and what holds of a stack",
		Long: `Decides from a stack's resources whether the platform's invariants hold: who may
reach whom and on what, where routes lead, what is encrypted, who can read the
database's secret. It needs no credential, and works on stacks of others too.

The resources are those that are deployed on the twin or, where nothing is, those
that the program declares, which the report's first line then says. --declared
asks for the latter in any case, --preview for those of a preview (pulumi preview
--json --show-sames), --state for those of an exported state (pulumi stack export).

With --reach it prints who can reach whom on what; with --from and --to every
path between the two, hop by hop, or what stops it. Ends are named by internet,
a tier (edge, web, internal, app, data), a kind (database, loadBalancer,
servers) or a resource's name.

With --against FILE (an exported state or a preview, - for standard input) it prints the
ways that were not there, that are there no longer, and that became certain or uncertain.
With --base REVISION it compares what the program declares here with what that revision
deploys, on a twin of its own.

With --who can ACTION --on NAME it prints who may do that to a resource, by which policy
and in which steps; with --what can ROLE do everything that a role may do.

The exit code is 5 if something is broken or cannot be decided.`,
		Example: `  causeway verify
  causeway verify --stack prod --declared
  pulumi preview -s prod --json --show-sames | causeway verify --preview -
  pulumi stack export -s prod | causeway verify --state - --sarif
  causeway verify --from internet --to database
  causeway verify --stack prod --declared --against before.json
  causeway verify --stack prod --base main
  causeway verify --who can secretsmanager:GetSecretValue --on prod-database
  causeway verify --what can prod-web do`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, words []string) error {
			if err := errors.Join(v.check(), v.access.words(words)); err != nil {
				return &codedError{exitConfiguration, err}
			}
			if v.base != "" {
				p, err := (&reviewed{base: v.base}).onBase(cmd, sh, *stack)
				if err != nil {
					return err
				}
				return compare(cmd.OutOrStdout(), p.Before, p.After)
			}
			g, source, err := v.graph(cmd, sh, *stack)
			if err != nil {
				return err
			}
			if v.access.asked() {
				return v.access.answer(cmd.OutOrStdout(), g, v.json)
			}
			if v.against != "" {
				before, err := readAny(cmd.InOrStdin(), v.against)
				if err != nil {
					return err
				}
				return compare(cmd.OutOrStdout(), before, g)
			}
			if v.reach {
				return v.ways(cmd.OutOrStdout(), g)
			}
			return v.report(cmd.OutOrStdout(), g, source)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&v.preview, "preview", "", "a `FILE` that 'pulumi preview --json --show-sames' wrote, or - for standard input")
	flags.StringVar(&v.state, "state", "", "a `FILE` that 'pulumi stack export' wrote, or - for standard input")
	flags.BoolVar(&v.declared, "declared", false, "what the program declares now, whatever is deployed")
	flags.StringArrayVar(&v.beside, "beside", nil,
		"an exported state of another environment, which must share nothing with this one (may be repeated)")
	flags.BoolVar(&v.json, "json", false, "write the report as JSON")
	flags.BoolVar(&v.sarif, "sarif", false, "write the report as SARIF, for code scanning")
	flags.BoolVar(&v.markdown, "markdown", false, "write the report as Markdown, for a comment")
	flags.BoolVar(&v.all, "all", false, "write everything, also what holds")
	flags.BoolVar(&v.reach, "reach", false, "write who can reach whom on what")
	flags.BoolVar(&v.mermaid, "mermaid", false, "with --reach: as a flowchart")
	flags.StringVar(&v.from, "from", "", "where paths begin")
	flags.StringVar(&v.to, "to", "", "where paths end")
	flags.StringVar(&v.against, "against", "", "a `FILE` to compare who reaches whom with: an exported state or a preview, or -")
	flags.StringVar(&v.base, "base", "", "the `REVISION` whose stack to compare who reaches whom with, such as main")
	v.access.flags(cmd)
	for _, end := range []string{"from", "to"} {
		_ = cmd.RegisterFlagCompletionFunc(end, cobra.FixedCompletions(
			[]string{"internet", "edge", "web", "internal", "app", "data", "database", "loadBalancer", "servers"},
			cobra.ShellCompDirectiveNoFileComp))
	}
	return cmd
}

func (v *verification) check() error {
	count := func(flags ...bool) int {
		return len(slices.DeleteFunc(flags, func(set bool) bool { return !set }))
	}
	v.reach = v.reach || v.from != "" || v.to != ""
	switch {
	case count(v.preview != "", v.state != "", v.declared) > 1:
		return errors.New("--preview, --state and --declared cannot be combined: give one")
	case v.access.asked() && (v.sarif || v.markdown || v.reach):
		return errors.New("--who and --what are answered as text, or with --json: leave out --sarif, --markdown and --reach")
	case count(v.json, v.sarif, v.markdown, v.reach) > 1:
		return errors.New("--json, --sarif, --markdown and --reach cannot be combined: give one")
	case v.against != "" && v.base != "":
		return errors.New("--against and --base cannot be combined: give one")
	case v.base != "" && (v.preview != "" || v.state != ""):
		return errors.New("--base compares with what the program declares here: give it without --preview and --state")
	case v.against == "-" && (v.preview == "-" || v.state == "-"):
		return errors.New("only one of two stacks can be read from standard input: give a file for the other")
	case (v.against != "" || v.base != "") && (v.json || v.sarif || v.markdown || v.reach || v.access.asked()):
		return errors.New("--against and --base are answered as text: leave out --json, --sarif, --markdown, --reach, --who and --what")
	case (v.from == "") != (v.to == ""):
		return errors.New("--from and --to go together: give both, such as --from internet --to database")
	case v.mermaid && (!v.reach || v.from != ""):
		return errors.New("--mermaid is a form of --reach: give both, without --from and --to")
	}
	return nil
}

// graph reads the resources from where they were asked for.
func (v *verification) graph(cmd *cobra.Command, sh shell, stack string) (g *graph.Graph, source report.Source, err error) {
	switch {
	case v.preview != "":
		g, err = readGraph(cmd.InOrStdin(), v.preview, graph.FromPreview)
		return g, report.FromPreview, err
	case v.state != "":
		g, err = readGraph(cmd.InOrStdin(), v.state, graph.FromState)
		return g, report.FromState, err
	case !v.declared:
		if g, err = deployed(cmd, sh, stack); g != nil || err != nil {
			return g, report.FromTwin, err
		}
	}
	err = throwaway(cmd, sh, stack, func(_ *twin.Twin, e *engine.Engine) error {
		g, err = e.Graph()
		return err
	})
	return g, report.FromDeclared, err
}

// deployed is what is deployed on the twin; nil if nothing is.
func deployed(cmd *cobra.Command, sh shell, stack string) (g *graph.Graph, err error) {
	c, err := begin(cmd.Context(), cmd, sh, stack, notNeeded)
	if err != nil {
		return nil, err
	}
	if len(c.twin.Resources()) > 0 {
		g, err = c.engine.Graph()
	}
	return g, errors.Join(err, c.close())
}

func readGraph(in io.Reader, path string, read func(io.Reader) (*graph.Graph, error)) (*graph.Graph, error) {
	f, err := opened(in, path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	g, err := read(f)
	if err != nil && path != "-" {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return g, err
}

func (v *verification) report(out io.Writer, g *graph.Graph, source report.Source) error {
	var beside []*graph.Graph
	for _, path := range v.beside {
		other, err := readGraph(nil, path, graph.FromState)
		if err != nil {
			return err
		}
		beside = append(beside, other)
	}
	r := proof.Verify(g, source, time.Now(), beside...)
	text, err := []byte(nil), error(nil)
	switch {
	case v.json:
		text, err = r.JSON()
	case v.sarif:
		text, err = r.SARIF()
	case v.markdown:
		text = []byte(r.Markdown())
	default:
		text = []byte(r.Text(v.all))
	}
	if err != nil {
		return err
	}
	if _, err := out.Write(text); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if r.Failed {
		return &codedError{exitPolicy, &toldError{fmt.Errorf("%s: %s", g.Stack, r.Summary())}}
	}
	return nil
}

// shownPaths is how many paths are written; a mistake that opens everything has more than anybody reads.
const shownPaths = 100

// ways writes who reaches whom, or the paths between two ends.
func (v *verification) ways(out io.Writer, g *graph.Graph) error {
	w := reach.New(g)
	for _, p := range w.Problems {
		fmt.Fprintf(out, "not modelled: %s: %s\n    Instead: %s\n", p.Resource.Name, p.What, p.Remedy)
	}
	switch {
	case v.mermaid:
		fmt.Fprint(out, reach.Mermaid(w.Matrix()))
	case v.from == "":
		fmt.Fprint(out, reach.FormatMatrix(w.Matrix()))
	default:
		from, to := w.Find(v.from), w.Find(v.to)
		for word, found := range map[string][]*reach.Node{v.from: from, v.to: to} {
			if len(found) == 0 {
				return &codedError{exitConfiguration, fmt.Errorf("nothing in %s is called %q: name internet, a tier, a kind or a resource",
					g.Stack, word)}
			}
		}
		for _, a := range from {
			for _, b := range to {
				if a != b {
					fmt.Fprintln(out, w.FormatWays(a, b, shownPaths))
				}
			}
		}
	}
	if len(w.Problems) > 0 {
		return &codedError{exitPolicy, errors.New("part of the network is not modelled, so there may be more than is shown")}
	}
	return nil
}
