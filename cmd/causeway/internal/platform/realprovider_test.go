//go:build awsplugin

package platform

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/twin"
	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/compare"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// `make check-aws` runs this test: the whole platform, in every variant, checked, planned and
// compared by the real AWS provider, on a twin. The built-in brain is asked the same, and what it
// answers otherwise must be listed in twin/compare/disagreements.txt
// with a reason. CAUSEWAY_LAX=1 lists the values that only the real provider refuses.

func TestRealProvider(t *testing.T) {
	path := brain.FindPlugin(os.Getenv("PULUMI_HOME"))
	if path == "" {
		t.Skip("skipped: the real AWS provider is neither on PATH nor in Pulumi's plugin cache: " + brain.HowToInstall)
	}
	began := time.Now()
	real, err := brain.OpenPlugin(t.Context(), path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = real.Close() })
	t.Logf("%s, started in %.1f s", real.Name(), time.Since(began).Seconds())

	pair := compare.New(real, brain.NewBuiltin(facts.AWS()))
	ordinary := setting
	t.Cleanup(func() { setting = ordinary })
	setting = func(p project.Project, stack string) (twin.Options, error) {
		o, err := ordinary(p, stack)
		o.Brain = pair
		return o, err
	}
	types := map[string]bool{}
	asked := map[string]bool{}
	total := 0
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			began := time.Now()
			s := newSite(t, v.stack, v.lines...)
			planned, err := s.engine.Preview(t.Context(), nil)
			require.NoError(t, err, refusals(planned))
			made, err := s.engine.Up(t.Context(), nil)
			require.NoError(t, err, refusals(made))
			assert.Equal(t, changed(planned), changed(made), "the preview shows exactly what up does")
			again, err := s.engine.Up(t.Context(), nil)
			require.NoError(t, err, refusals(again))
			assert.Empty(t, changed(again), "a second deployment changes something")
			n := 0
			for _, r := range s.twin.Resources() {
				if strings.HasPrefix(r.Type, "aws:") {
					n++
					types[r.Type] = true
					change(t.Context(), pair, r, asked)
				}
			}
			total += n
			t.Logf("%d AWS resources, %.1f s", n, time.Since(began).Seconds())
		})
	}
	t.Logf("%d variants, %d resources of %d types; %s; %.0f s", len(variants), total, len(types), pair.Summary(), time.Since(began).
		Seconds())
	judge(t, pair)
}

// change asks about every change to one resource of each shape.
func change(ctx context.Context, pair *compare.Pair, r twin.Resource, asked map[string]bool) {
	shape := r.Type + " " + strings.Join(names(r.Inputs), " ")
	if asked[shape] {
		return
	}
	asked[shape] = true
	pair.Changes(ctx, brain.DiffRequest{
		Type: r.Type, ID: r.ID, Old: r.Outputs, OldInputs: r.Inputs, New: value.CopyMap(r.Inputs),
		Settings: brain.Settings{Region: r.Region},
	}, facts.AWS().Resources[r.Type])
}

func names(m map[string]any) []string {
	var all []string
	for name := range m {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func refusals(o engine.Outcome) string {
	var all []string
	for _, p := range o.Problems {
		all = append(all, fmt.Sprintf("%s (%s): %s", p.Path, p.Type, p.Message))
	}
	return strings.Join(all, "\n")
}

// judge fails on disagreements that are not listed, and on listed ones that are no more.
func judge(t *testing.T, pair *compare.Pair) {
	unlisted, stale, err := compare.Unlisted(pair.Disagreements())
	require.NoError(t, err)
	lived := !t.Failed()
	for _, d := range unlisted {
		t.Errorf("the real provider and the built-in brain disagree: mend the brain, or list it with a reason in "+
			"twin/compare/disagreements.txt:\n%s", d)
	}
	if pair.Asked()["change"] > 0 && lived && whole() {
		assert.Empty(t, stale, "twin/compare/disagreements.txt lists what is no more")
	}
	if os.Getenv("CAUSEWAY_LAX") != "" {
		for _, change := range pair.Lax() {
			t.Log("only the real provider refuses " + change)
		}
	}
}

// whole says whether all variants were run.
func whole() bool { return !strings.Contains(flag.Lookup("test.run").Value.String(), "/") }
