package proof_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/specimen"
)

var today = time.Date(2026, 11, 23, 23, 59, 0, 0, time.UTC)

type tags = map[string]any

// stack has two buckets with the tags, and a policy without any that belongs to the first.
func stack(t *testing.T, first, second tags) (g *graph.Graph, urns []string) {
	s := specimen.Empty(t)
	a := s.Add("s3/bucketV2:BucketV2", "first", specimen.Inputs{"tags": first})
	b := s.Add("s3/bucketV2:BucketV2", "second", specimen.Inputs{"tags": second})
	p := s.Add("s3/bucketPolicy:BucketPolicy", "first", specimen.Inputs{"bucket": a.ID()}).DependsOn("bucket", a)
	return s.Graph(), []string{a.URN(), b.URN(), p.URN()}
}

func broken(id string, urns ...string) proof.Finding {
	return proof.Finding{ID: id, Title: "t", Severity: proof.High, Verdict: proof.Broken, Resources: urns, Waivers: []string{"named"}}
}

func TestWaivers(t *testing.T) {
	const good = "2026-11-23 the auditor has agreed to it"
	for name, c := range map[string]struct {
		first, second tags
		finding       func(urns []string) proof.Finding
		waived        bool
		problem       string
	}{
		"by the check's id":            {tags{"causeway:waiver:C1": good}, nil, func(u []string) proof.Finding { return broken("C1", u[0]) }, true, ""},
		"by a name that it answers to": {tags{"causeway:waiver:named": good}, nil, func(u []string) proof.Finding { return broken("C1", u[0]) }, true, ""},
		"for what has no tags":         {tags{"causeway:waiver:C1": good}, tags{"x": "y"}, func(u []string) proof.Finding { return broken("C1", u[2]) }, true, ""},
		"for the whole stack":          {tags{"causeway:waiver:C1": good}, tags{"causeway:waiver:C1": good}, func([]string) proof.Finding { return broken("C1") }, true, ""},
		"of another check":             {tags{"causeway:waiver:C2": good}, nil, func(u []string) proof.Finding { return broken("C1", u[0]) }, false, "waives nothing"},
		"of another resource":          {tags{"causeway:waiver:C1": good}, tags{"x": "y"}, func(u []string) proof.Finding { return broken("C1", u[1]) }, false, "waives nothing"},
		"of one resource of two":       {tags{"causeway:waiver:C1": good}, tags{"x": "y"}, func(u []string) proof.Finding { return broken("C1", u[0], u[1]) }, false, "waives nothing"},
		"of a part of the stack":       {tags{"causeway:waiver:C1": good}, tags{"x": "y"}, func([]string) proof.Finding { return broken("C1") }, false, "waives nothing"},
		"expired yesterday":            {tags{"causeway:waiver:C1": "2026-11-22 the auditor has agreed"}, nil, func(u []string) proof.Finding { return broken("C1", u[0]) }, false, "it ended on 2026-11-22"},
		"without a day":                {tags{"causeway:waiver:C1": "the auditor has agreed"}, nil, func(u []string) proof.Finding { return broken("C1", u[0]) }, false, "does not begin with the day"},
		"without a reason":             {tags{"causeway:waiver:C1": "2027-01-01"}, nil, func(u []string) proof.Finding { return broken("C1", u[0]) }, false, "no reason"},
		"not the same everywhere":      {tags{"causeway:waiver:C1": good}, tags{"causeway:waiver:C1": good + "!"}, func(u []string) proof.Finding { return broken("C1", u[0]) }, false, "not the same on every resource"},
		"of what cannot be decided":    {tags{"causeway:waiver:C1": good}, nil, func(u []string) proof.Finding { f := broken("C1", u[0]); f.Verdict = proof.Undecided; return f }, false, "waives nothing"},
		"of what holds":                {tags{"causeway:waiver:C1": good}, nil, func([]string) proof.Finding { return proof.Finding{ID: "C1", Verdict: proof.Holds} }, false, "waives nothing"},
		"relaxed":                      {tags{"causeway:relaxed": "other named"}, nil, func(u []string) proof.Finding { return broken("C1", u[0]) }, true, ""},
		"relaxed, and not by its id":   {tags{"causeway:relaxed": "C2"}, nil, func(u []string) proof.Finding { return broken("C1", u[0]) }, false, ""},
		"prod relaxes nothing":         {tags{"causeway:relaxed": "named", "causeway:environment": "prod"}, nil, func(u []string) proof.Finding { return broken("C1", u[0]) }, false, "prod relaxes nothing"},
	} {
		g, urns := stack(t, c.first, c.second)
		r := proof.NewReport(g, proof.FromState, []proof.Finding{c.finding(urns)}, today)
		var own, waiver proof.Finding
		for _, f := range r.Findings {
			if f.ID == "W" {
				waiver = f
			} else {
				own = f
			}
		}
		assert.Equal(t, c.waived, own.Verdict == proof.Waived, name)
		assert.Equal(t, c.problem != "", waiver.Found != "", "%s: %s", name, waiver.Found)
		assert.Contains(t, waiver.Found, c.problem, name)
		assert.Equal(t, own.Verdict.Fails() || c.problem != "", r.Failed, name)
	}
}

func sample(t *testing.T) *proof.Report {
	g, urns := stack(t, tags{"causeway:waiver:C9": "2027-01-01 the auditor has agreed"}, nil)
	findings := []proof.Finding{
		{ID: "C1", Title: "holds", Severity: proof.Critical, Verdict: proof.Holds, Found: "shown"},
		{ID: "C2", Title: "low", Severity: proof.Low, Verdict: proof.Broken, Found: "little", Resources: urns[:1]},
		{ID: "C3", Title: "unknown", Severity: proof.Critical, Verdict: proof.Undecided, Found: "it is not known"},
		{ID: "C4", Title: "worst", Severity: proof.Critical, Verdict: proof.Broken, Found: "<b>bad</b> | `x` @all", Evidence: []string{"a -> b", "```"}, Remedy: "mend it", Resources: urns[1:2], Sources: map[string][]string{"FSBP": {"S3.1"}}},
		{ID: "C5", Title: "none", Severity: proof.High, Verdict: proof.NotApplicable},
		{ID: "C9", Title: "meant", Severity: proof.High, Verdict: proof.Broken, Found: "meant so", Resources: urns[:1]},
	}
	return proof.NewReport(g, proof.FromPreview, findings, today)
}

func TestTheWorstComesFirst(t *testing.T) {
	r := sample(t)
	var ids []string
	for _, f := range r.Findings {
		ids = append(ids, f.ID)
	}
	assert.Equal(t, []string{"C4", "C2", "C3", "C9", "C1", "C5"}, ids)
	assert.Equal(t, "1 hold, 2 broken, 1 undecided, 1 waived, 1 not applicable", r.Summary())
	text := r.Text(false)
	assert.Less(t, strings.Index(text, "C4"), strings.Index(text, "C2"))
	assert.Contains(t, text, "instead: mend it")
	assert.Contains(t, text, "at BucketV2 second")
	assert.Contains(t, text, "waived by C9 until 2027-01-01: the auditor has agreed")
	assert.NotContains(t, text, "shown", "what holds is only counted")
	assert.Contains(t, r.Text(true), "shown")
}

func TestTheTerminalReportFitsAScreen(t *testing.T) {
	g, urns := stack(t, nil, nil)
	var findings []proof.Finding
	for i := range 60 {
		for j := range 9 {
			f := broken(fmt.Sprintf("C%d", i), urns...)
			f.Found, f.Evidence = fmt.Sprintf("found %d", j), strings.Split(strings.Repeat("line ", 40), " ")
			findings = append(findings, f)
		}
	}
	text := proof.NewReport(g, proof.FromTwin, findings, today).Text(false)
	assert.Less(t, strings.Count(text, "\n"), 150)
	assert.Contains(t, text, "and 54 more: --all shows them")
	assert.Contains(t, text, "and 7 more like it")
	assert.Contains(t, text, "lines more")
}

// The names are what other programs read: a change here needs another version.
func TestTheShapeOfJSON(t *testing.T) {
	raw, err := sample(t).JSON()
	require.NoError(t, err)
	var r map[string]any
	require.NoError(t, json.Unmarshal(raw, &r))
	assert.EqualValues(t, 1, r["version"])
	assert.Equal(t, true, r["failed"])
	assert.Equal(t, "preview", r["source"])
	assert.Equal(t, map[string]any{"broken": 2.0, "undecided": 1.0, "waived": 1.0, "holds": 1.0, "notApplicable": 1.0}, r["counts"])
	f := r["findings"].([]any)[0].(map[string]any)
	assert.Equal(t, "C4", f["id"])
	assert.Equal(t, "critical", f["severity"])
	assert.Equal(t, "broken", f["verdict"])
	for _, key := range []string{"title", "resources", "found", "evidence", "remedy", "sources"} {
		assert.Contains(t, f, key)
	}
	w := r["waivers"].([]any)[0].(map[string]any)
	assert.Equal(t, map[string]any{"name": "C9", "expires": "2027-01-01", "reason": "the auditor has agreed", "used": []any{"C9"}}, w)
}

func TestSARIF(t *testing.T) {
	raw, err := sample(t).SARIF()
	require.NoError(t, err)
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID, Level string
				Message       struct{ Text string }
				Locations     []struct {
					PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
				}
				Suppressions []struct{ Justification string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(raw, &log))
	assert.Equal(t, "2.1.0", log.Version)
	run := log.Runs[0]
	assert.Len(t, run.Tool.Driver.Rules, 6)
	require.Len(t, run.Results, 4, "what holds is no result")
	assert.Equal(t, "C4", run.Results[0].RuleID)
	assert.Equal(t, "error", run.Results[0].Level)
	assert.Contains(t, run.Results[0].Message.Text, "Instead: mend it")
	assert.Equal(t, "Pulumi.test.yaml", run.Results[0].Locations[0].PhysicalLocation.ArtifactLocation.URI)
	assert.Empty(t, run.Results[0].Suppressions)
	assert.Contains(t, run.Results[3].Suppressions[0].Justification, "the auditor has agreed")
}

// A name in a stack is chosen by whoever writes the program, and must not become markup.
func TestMarkdownIsNotMarkup(t *testing.T) {
	text := sample(t).Markdown()
	assert.Contains(t, text, "<details open><summary><b>broken C4</b> worst (critical)</summary>")
	assert.Contains(t, text, `&lt;b&gt;bad&lt;/b&gt; \| \`+"`x"+`\`+"` &#64;all")
	assert.NotContains(t, text, "<b>bad")
	assert.Equal(t, 2, strings.Count(text, "```"), "the evidence cannot end its block")
	assert.Contains(t, text, "| C9 | meant so | C9 until 2027-01-01: the auditor has agreed |")
}
