package controls

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

var today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func failing(findings []report.Finding) []string {
	var all []string
	for _, f := range findings {
		if f.Verdict.Fails() {
			all = append(all, fmt.Sprintf("%s %s: %s %v", f.ID, f.Verdict, f.Found, f.Evidence))
		}
	}
	return all
}

// Prod passes with no waiver, and dev and local but for what their tags relax by name.
func TestTheShippedPlatformPasses(t *testing.T) {
	for _, stack := range []string{"prod", "proxied", "aurora", "dev", "local"} {
		t.Run(stack, func(t *testing.T) {
			g := deployed(t, stack)
			judged := report.New(g, report.FromState, Check(g), today)
			assert.Empty(t, failing(judged.Findings))
			if stack != "dev" && stack != "local" {
				assert.Zero(t, judged.Counts[report.Waived])
			}
			t.Log(judged.Counts)
		})
	}
}

// RDS cannot measure statements where MySQL has no memory for it, so nobody can be asked to turn it on.
func TestSmallMySQLIsNotAskedForWhatItCannot(t *testing.T) {
	s := begin(t, "prod")
	s.set(databaseType, db, "engine", "mysql")
	s.set(databaseType, db, "instanceClass", "db.t4g.micro")
	s.set(databaseType, db, "performanceInsightsEnabled", false)
	assert.NotContains(t, strings.Join(failing(Check(s.graph())), "\n"), "C127 ")
}

// The platform as it would be: what only a deployment tells does not break it.
func TestThePreviewOfProdPasses(t *testing.T) {
	f, err := os.Open("../../graph/testdata/prod-preview.json")
	require.NoError(t, err)
	defer f.Close()
	g, err := graph.FromPreview(f)
	require.NoError(t, err)
	findings := Check(g)
	assert.Empty(t, failing(findings))
	later := 0
	for _, f := range findings {
		if f.Verdict == report.NotApplicable && f.Found != "the stack has nothing that it speaks of" {
			later++
		}
	}
	assert.NotZero(t, later)
	t.Log(later, "are decided after the deployment")
}

func TestFindingsAreInOneOrder(t *testing.T) {
	g := deployed(t, "dev")
	first := Check(g)
	for range 3 {
		assert.Equal(t, first, Check(g))
	}
}

// Every row of the list of 235, and those that came after it, is decided, or is out of scope for a reason.
func TestEveryRowIsDecidedOrOutOfScope(t *testing.T) {
	rows := map[int]int{}
	for _, c := range All {
		rows[c.Number]++
		assert.NotEmpty(t, c.Title, c.ID())
		assert.NotEmpty(t, c.Remedy, c.ID())
		assert.NotEmpty(t, c.Severity, c.ID())
		assert.True(t, (c.each == nil) != (c.whole == nil), c.ID())
		assert.True(t, c.each == nil || len(c.Types) > 0, c.ID())
	}
	for _, e := range OutOfScope {
		rows[e.Number]++
		assert.NotEmpty(t, e.Reason)
	}
	for n := 1; n <= 242; n++ {
		assert.Equal(t, 1, rows[n], "row %d", n)
	}
	assert.Len(t, All, 232)
}

// Where the sources contradict each other, the control says what was decided.
func TestConflictsAreDecidedInANote(t *testing.T) {
	conflicting := []int{34, 41, 50, 51, 52, 61, 162, 165, 213} // and 5, which is out of scope
	for _, c := range All {
		if slices.Contains(conflicting, c.Number) {
			assert.NotEmpty(t, c.Note, "%s %s", c.ID(), c.Title)
		}
	}
}
