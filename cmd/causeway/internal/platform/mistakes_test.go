package platform

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/specimen"
	"github.com/causeway-iac/causeway/stacks"
	"github.com/causeway-iac/causeway/twin"
)

// These tests make the mistakes that people make most often, in the program and in a stack's
// settings, have the real engine deploy the whole platform with each on a twin in memory, and hold
// that exactly the checks fail that should.

// trial is a stack on which programs are deployed one after another, each from nothing.
type trial struct {
	t       *testing.T
	twin    *twin.Twin
	engine  *engine.Engine
	program pulumi.RunFunc
	stack   string
	folder  string // of the project
	state   string
	empty   []byte // the state before anything was deployed
}

// newTrial opens a stack in home, where the next trial of the same stack then finds what was opened.
func newTrial(t *testing.T, home, stack string, lines ...string) *trial {
	t.Helper()
	if stack == "prod" { // whose alarms somebody hears
		lines = append([]string{"monitoring: {emails: [oncall@example.com]}"}, lines...)
	}
	s := newFiles(t, stack, lines...)
	options, err := setting(s.project, stack)
	require.NoError(t, err)
	tr := &trial{t: t, stack: stack, folder: s.project.Root}
	tr.state = filepath.Join(home, stack, "state", ".pulumi", "stacks", stacks.Project, stack+".json")
	tr.empty, err = os.ReadFile(tr.state + ".empty")
	if err == nil {
		require.NoError(t, os.WriteFile(tr.state, tr.empty, 0o600))
	}
	tr.twin, err = twin.Start(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, tr.twin.Close()) })
	command, err := filepath.Abs("../../../../bin/pulumi")
	require.NoError(t, err)
	tr.engine, err = engine.Open(t.Context(), engine.Options{
		Project: s.project, Stack: stack, Attach: tr.twin.Attach(), Command: command, Home: filepath.Join(home, stack), Throwaway: true,
		Program: func(ctx *pulumi.Context) error { return tr.program(ctx) },
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, tr.engine.Close()) })
	if tr.empty == nil {
		tr.empty, err = os.ReadFile(tr.state)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(tr.state+".empty", tr.empty, 0o600))
	}
	return tr
}

// deploy makes what the program declares, and judges what then exists.
func (tr *trial) deploy(program pulumi.RunFunc) (*report.Report, engine.Outcome, error) {
	tr.t.Helper()
	require.NoError(tr.t, tr.twin.Reset())
	require.NoError(tr.t, os.WriteFile(tr.state, tr.empty, 0o600))
	tr.program = program
	outcome, err := tr.engine.Up(tr.t.Context(), nil)
	if err != nil {
		return nil, outcome, err
	}
	g, err := tr.engine.Graph()
	require.NoError(tr.t, err)
	return proof.Verify(g, report.FromDeclared, time.Now()), outcome, nil
}

// verified is the judgement of the platform under the settings.
func verified(t *testing.T, home, stack string, lines ...string) *report.Report {
	t.Helper()
	r, outcome, err := newTrial(t, home, stack, lines...).deploy(stacks.Deploy)
	require.NoError(t, err, "%+v", outcome.Problems)
	return r
}

// failing is the checks that fail, once each, and why.
func failing(r *report.Report) (ids []string, why string) {
	var b strings.Builder
	for _, f := range r.Findings {
		if f.Verdict.Fails() {
			ids = append(ids, f.ID)
			fmt.Fprintf(&b, "%s %s: %s %q\n", f.ID, f.Verdict, f.Found, f.Evidence)
		}
	}
	return once(ids), b.String()
}

// once is the checks in the order of the documents, each once: I8, I10, C002.
func once(ids []string) []string {
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(b[:1], a[:1]), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	return slices.Compact(ids)
}

func listed(ids string) string { return strings.Join(strings.Fields(ids), ", ") }

// waivedBy is the checks that are broken and meant to be, by the waiver that says so.
func waivedBy(r *report.Report) map[string][]string {
	byName := map[string][]string{}
	for _, f := range r.Findings {
		if f.Verdict == report.Waived {
			byName[f.Waiver] = append(byName[f.Waiver], f.ID)
		}
	}
	for name, ids := range byName {
		byName[name] = once(ids)
	}
	return byName
}

func TestMistakesInTheProgramAreCaught(t *testing.T) {
	tr := newTrial(t, t.TempDir(), "prod")
	r, outcome, err := tr.deploy(codeMistake{}.program())
	require.NoError(t, err, "%+v", outcome.Problems)
	ids, why := failing(r)
	require.Empty(t, ids, "without a mistake: %s", why)

	for _, m := range codeMistakes {
		t.Run(m.what, func(t *testing.T) {
			r, outcome, err := tr.deploy(m.program())
			if m.refused != "" {
				require.Error(t, err)
				assert.Contains(t, fmt.Sprint(outcome.Problems), m.refused)
				return
			}
			require.NoError(t, err, "%+v", outcome.Problems)
			ids, why := failing(r)
			assert.Equal(t, strings.Fields(m.fails), ids, why)
		})
	}
}

func TestMistakesInSettingsAreRefusedOrWaivedByName(t *testing.T) {
	home := t.TempDir()
	for _, m := range settingMistakes {
		t.Run(m.what, func(t *testing.T) {
			s := newFiles(t, "prod", m.lines...)
			_, err := stacks.Check(s.project.Root, "prod", time.Now())
			require.Error(t, err)
			for _, refusal := range m.refused {
				assert.Contains(t, lineNumber.ReplaceAllString(err.Error(), ""), "Pulumi.prod.yaml: "+refusal)
			}
			assert.Equal(t, len(m.refused), strings.Count(err.Error(), "Pulumi.prod.yaml: "), err)
			if len(m.waives) == 0 {
				return
			}
			var waivers []string
			for name := range m.waives {
				waivers = append(waivers, waived(name))
			}
			r := verified(t, home, "prod", append(slices.Clone(m.lines), "waivers: {"+strings.Join(waivers, ", ")+"}")...)
			ids, why := failing(r)
			assert.Empty(t, ids, why)
			want := map[string][]string{}
			for name, ids := range m.waives {
				want[name] = strings.Fields(ids)
			}
			assert.Equal(t, want, waivedBy(r))
		})
	}
}

// The table of the documents is of these very mistakes.
func TestTheTableOfMistakes(t *testing.T) {
	var b strings.Builder
	b.WriteString("| mistake | made in | what comes of it |\n| --- | --- | --- |\n")
	for _, m := range codeMistakes {
		comes := listed(m.fails)
		if m.refused != "" {
			comes = "AWS refuses it: " + m.refused
		}
		require.NotEmpty(t, comes, m.what)
		b.WriteString(specimen.Row(m.what, "code", comes))
	}
	for _, m := range settingMistakes {
		b.WriteString(specimen.Row(m.what, "settings", m.comes()))
	}
	require.GreaterOrEqual(t, len(codeMistakes)+len(settingMistakes), 20)
	require.GreaterOrEqual(t, min(len(codeMistakes), len(settingMistakes)), 8, "of one source")
	specimen.Section(t, "../../../../docs/mutants.md", "mistakes", b.String(), *update)
}
