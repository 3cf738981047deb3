package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
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

func broken(id string, urns ...string) report.Finding {
	return report.Finding{ID: id, Title: "t", Severity: report.High, Verdict: report.Broken, Resources: urns, Waivers: []string{"named"}}
}

func TestWaivers(t *testing.T) {
	const good = "2026-11-23 the auditor has agreed to it"
	for name, c := range map[string]struct {
		first, second tags
		finding       func(urns []string) report.Finding
		waived        bool
		problem       string
	}{
		"by the check's id": {tags{"causeway:waiver:C1": good}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, true, ""},
		"by a name that it answers to": {tags{"causeway:waiver:named": good}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, true, ""},
		"for what has no tags": {tags{"causeway:waiver:C1": good}, tags{"x": "y"},
			func(u []string) report.Finding { return broken("C1", u[2]) }, true, ""},
		"for the whole stack": {tags{"causeway:waiver:C1": good}, tags{"causeway:waiver:C1": good},
			func([]string) report.Finding { return broken("C1") }, true, ""},
		"of another check": {tags{"causeway:waiver:C2": good}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, false, "waives nothing"},
		"of another resource": {tags{"causeway:waiver:C1": good}, tags{"x": "y"},
			func(u []string) report.Finding { return broken("C1", u[1]) }, false, "waives nothing"},
		"of one resource of two": {tags{"causeway:waiver:C1": good}, tags{"x": "y"},
			func(u []string) report.Finding { return broken("C1", u[0], u[1]) }, false, "waives nothing"},
		"of a part of the stack": {tags{"causeway:waiver:C1": good}, tags{"x": "y"},
			func([]string) report.Finding { return broken("C1") }, false, "waives nothing"},
		"expired yesterday": {tags{"causeway:waiver:C1": "2026-11-22 the auditor has agreed"}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, false, "it ended on 2026-11-22"},
		"without a day": {tags{"causeway:waiver:C1": "the auditor has agreed"}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, false, "does not begin with the day"},
		"without a reason": {tags{"causeway:waiver:C1": "2027-01-01"}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, false, "no reason"},
		"not the same everywhere": {tags{"causeway:waiver:C1": good}, tags{"causeway:waiver:C1": good + "!"},
			func(u []string) report.Finding { return broken("C1", u[0]) }, false, "not the same on every resource"},
		"of what cannot be decided": {tags{"causeway:waiver:C1": good}, nil,
			func(u []string) report.Finding { f := broken("C1", u[0]); f.Verdict = report.Undecided; return f }, false, "waives nothing"},
		"of what holds": {tags{"causeway:waiver:C1": good}, nil,
			func([]string) report.Finding { return report.Finding{ID: "C1", Verdict: report.Holds} }, false, "waives nothing"},
		"for longer than a year": {tags{"causeway:waiver:C1": "2027-11-24 the auditor has agreed"}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, false,
			"it ends on 2027-11-24, and none may hold for longer than a year, until 2027-11-23"},
		"for the whole of a year": {tags{"causeway:waiver:C1": "2027-11-23 the auditor has agreed"}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, true, ""},
		"for a reason that is none": {tags{"causeway:waiver:C1": "2027-01-01 todo todo, todo: todo"}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, false, "no reason"},
		"of what tells environments": {tags{"causeway:waiver:C233": good}, nil,
			func(u []string) report.Finding { return broken("C233", u[0]) }, false, "none may waive it"},
		"of the waivers": {tags{"causeway:waiver:W": good}, nil, func(u []string) report.Finding { return broken("W", u[0]) },
			false, "none may waive it"},
		"by a name, of what is worse": {tags{"causeway:waiver:named": good}, nil,
			func(u []string) report.Finding { f := broken("C1", u[0]); f.Beyond = true; return f }, false, "waives nothing"},
		"by its id, of what is worse": {tags{"causeway:waiver:C1": good}, nil,
			func(u []string) report.Finding { f := broken("C1", u[0]); f.Beyond = true; return f }, true, ""},
		"relaxed": {tags{"causeway:relaxed": "named", "causeway:environment": "dev"}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, true, ""},
		"relaxed by its id": {tags{"causeway:relaxed": "C1", "causeway:environment": "dev"}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, false, "no environment relaxes"},
		"relaxed by no name": {tags{"causeway:relaxed": "other", "causeway:environment": "dev"}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, false, "no environment relaxes"},
		"relaxed, and critical": {tags{"causeway:relaxed": "named", "causeway:environment": "dev"}, nil,
			func(u []string) report.Finding { f := broken("C1", u[0]); f.Severity = report.Critical; return f }, false, ""},
		"relaxed, and worse": {tags{"causeway:relaxed": "named", "causeway:environment": "dev"}, nil,
			func(u []string) report.Finding { f := broken("C1", u[0]); f.Beyond = true; return f }, false, ""},
		"relaxed by who knows": {tags{"causeway:relaxed": "named"}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, false,
			"a stack that does not tell its environment relaxes nothing"},
		"relaxed beside prod": {tags{"causeway:relaxed": "named"}, tags{"causeway:environment": "prod"},
			func(u []string) report.Finding { return broken("C1", u[0]) }, false, "prod relaxes nothing"},
		"relaxed beside another": {tags{"causeway:relaxed": "named", "causeway:environment": "dev"},
			tags{"causeway:environment": "local"}, func(u []string) report.Finding { return broken("C1", u[0]) }, false,
			"several environments (dev, local)"},
		"prod relaxes nothing": {tags{"causeway:relaxed": "named", "causeway:environment": "prod"}, nil,
			func(u []string) report.Finding { return broken("C1", u[0]) }, false, "prod relaxes nothing"},
	} {
		g, urns := stack(t, c.first, c.second)
		r := report.New(g, report.FromState, []report.Finding{c.finding(urns)}, today)
		var own, waiver report.Finding
		for _, f := range r.Findings {
			if f.ID == "W" {
				waiver = f
			} else {
				own = f
			}
		}
		assert.Equal(t, c.waived, own.Verdict == report.Waived, name)
		assert.Equal(t, c.problem != "", waiver.Found != "", "%s: %s", name, waiver.Found)
		assert.Contains(t, waiver.Found, c.problem, name)
		assert.Equal(t, own.Verdict.Fails() || c.problem != "", r.Failed, name)
	}
}

func sample(t *testing.T) *report.Report {
	g, urns := stack(t, tags{"causeway:waiver:C9": "2027-01-01 the auditor has agreed"}, nil)
	findings := []report.Finding{
		{ID: "C1", Title: "holds", Severity: report.Critical, Verdict: report.Holds, Found: "shown"},
		{ID: "C2", Title: "low", Severity: report.Low, Verdict: report.Broken, Found: "little", Resources: urns[:1]},
		{ID: "C3", Title: "unknown", Severity: report.Critical, Verdict: report.Undecided, Found: "it is not known"},
		{ID: "C4", Title: "worst", Severity: report.Critical, Verdict: report.Broken, Found: "<b>bad</b> | `x` @all",
			Evidence: []string{"a -> b", "```"}, Remedy: "mend it", Resources: urns[1:2], Sources: map[string][]string{"FSBP": {"S3.1"}}},
		{ID: "C5", Title: "none", Severity: report.High, Verdict: report.NotApplicable},
		{ID: "C9", Title: "meant", Severity: report.High, Verdict: report.Broken, Found: "meant so", Resources: urns[:1]},
	}
	return report.New(g, report.FromPreview, findings, today)
}

// What is waived for the whole stack is written once, where it is cheap to change.
func TestAWaiverOnTheVPCIsForTheWholeStack(t *testing.T) {
	with, without := tags{"causeway:waiver:C1": "2027-01-01 the auditor has agreed"}, tags{"x": "y"}
	for name, c := range map[string]struct {
		vpcs   []tags
		waived bool
	}{"the only one": {[]tags{with}, true}, "both": {[]tags{with, with}, true}, "one of two": {[]tags{with, without}, false}} {
		s := specimen.Empty(t)
		bucket := s.Add("s3/bucketV2:BucketV2", "tagged", specimen.Inputs{"tags": without})
		for i, vpc := range c.vpcs {
			s.Add("ec2/vpc:Vpc", fmt.Sprint(i), specimen.Inputs{"tags": vpc})
		}
		for _, f := range []report.Finding{broken("C1", bucket.URN()), broken("C1")} {
			r := report.New(s.Graph(), report.FromState, []report.Finding{f}, today)
			assert.Equal(t, !c.waived, r.Failed, name)
		}
	}
}

func TestTheWorstComesFirst(t *testing.T) {
	r := sample(t)
	var ids []string
	for _, f := range r.Findings {
		ids = append(ids, f.ID)
	}
	assert.Equal(t, []string{"C4", "C3", "C2", "C9", "C1", "C5"}, ids)
	assert.Equal(t, "1 hold, 2 broken, 1 undecided, 1 waived, 1 not applicable", r.Summary())
	text := r.Text(false)
	assert.Less(t, strings.Index(text, "C4"), strings.Index(text, "C3"))
	assert.Less(t, strings.Index(text, "C3"), strings.Index(text, "C2"), "what is not known may be critical")
	assert.Contains(t, text, "instead: mend it")
	assert.Contains(t, text, "at BucketV2 second")
	assert.Contains(t, text, "waived    C9 waives C9 until 2027-01-01: the auditor has agreed")
	assert.NotContains(t, text, "shown", "what holds is only counted")
	assert.Contains(t, r.Text(true), "shown")
	assert.Contains(t, r.Text(true), "waived by C9 until 2027-01-01: the auditor has agreed")
}

func TestWhatAnEnvironmentRelaxesIsOneLine(t *testing.T) {
	g, urns := stack(t, tags{"causeway:relaxed": "named", "causeway:environment": "dev"}, nil)
	r := report.New(g, report.FromState, []report.Finding{broken("C2", urns[0]), broken("C1", urns[0])}, today)
	assert.Equal(t, []string{"this environment relaxes C1 C2"}, r.Waived())
}

func TestTheFirstLineSaysThatNothingIsDeployed(t *testing.T) {
	g, _ := stack(t, nil, nil)
	text := report.New(g, report.FromDeclared, nil, today).Text(false)
	assert.Equal(t, "test (not what is deployed: what the program declares, 4 resources): 0 hold\n", text)
}

// Whoever names a resource must not move the cursor of whoever reads of it.
func TestTheTerminalReportHasNoControlCharacters(t *testing.T) {
	g, urns := stack(t, nil, nil)
	f := broken("C1", urns[0])
	f.Found, f.Evidence = "red \x1b[31m\r\n text", []string{"\x1b]0;title\a"}
	for _, all := range []bool{true, false} {
		text := report.New(g, report.FromState, []report.Finding{f}, today).Text(all)
		assert.NotRegexp(t, "[\x00-\x09\x0b-\x1f]", text)
		assert.Contains(t, text, "red  [31m")
	}
}

func TestTheTerminalReportFitsAScreen(t *testing.T) {
	g, urns := stack(t, nil, nil)
	for _, checks := range []int{1, 2, 3, 5, 9, 17, 28, 29, 30, 60, 200} {
		var findings []report.Finding
		for i := range checks {
			for j := range 9 {
				f := broken(fmt.Sprintf("C%03d", i), urns...)
				f.Remedy = "write something else"
				f.Found, f.Evidence = fmt.Sprintf("found %d %s", j, strings.Repeat("wide ", 40)),
					strings.Split(strings.Repeat("line ", 40), " ")
				findings = append(findings, f)
			}
		}
		r := report.New(g, report.FromTwin, findings, today)
		text := r.Text(false)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		assert.LessOrEqual(t, len(lines), 36, "%d checks:\n%s", checks, text)
		for _, line := range lines {
			assert.LessOrEqual(t, len([]rune(line)), 100)
		}
		assert.Contains(t, text, "C000")
		assert.Contains(t, text, "and 7 more like it")
		assert.Contains(t, text, "lines more")
		assert.Contains(t, text, "instead: write something else")
		named, more := strings.Count(text, "\nbroken "), 0
		if i := strings.Index(text, "\nand "); i >= 0 {
			_, err := fmt.Sscanf(text[i:], "\nand %d checks more: --all shows them", &more)
			require.NoError(t, err, text)
		}
		assert.Equal(t, checks, named+more, text)
		assert.Contains(t, r.Text(true), "found 8", "all is all")
	}
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

// TestSARIFIsOfItsSchema: a reader that checks what it reads takes the report, with findings of every verdict and with none.
func TestSARIFIsOfItsSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("testdata/sarif-2.1.0.json")
	require.NoError(t, err)
	for name, r := range map[string]*report.Report{"every verdict": sample(t),
		"nothing": report.New(specimen.Empty(t).Graph(), report.FromState, nil, today)} {
		raw, err := r.SARIF()
		require.NoError(t, err)
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		require.NoError(t, err)
		assert.NoError(t, schema.Validate(document), name)
	}
}

// What GitHub asks of an upload, beside what the standard does: a rule for each result, with texts
// and a severity, a place in a file, a fingerprint, and an analysis of its own for each stack.
func TestSARIF(t *testing.T) {
	raw, err := sample(t).SARIF()
	require.NoError(t, err)
	type text struct{ Text string }
	var log struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct {
						ID                                      string
						ShortDescription, FullDescription, Help text
						DefaultConfiguration                    struct{ Level string }
						Properties                              struct {
							Severity string `json:"security-severity"`
							Tags     []string
						}
					}
				}
			}
			AutomationDetails struct{ ID string }
			Results           []struct {
				RuleID, Level string
				RuleIndex     *int
				Message       text
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
					LogicalLocations []struct{ FullyQualifiedName, Name, Kind string }
				}
				PartialFingerprints map[string]string
				Suppressions        []struct{ Kind, Justification string }
			}
		}
	}
	require.NoError(t, json.Unmarshal(raw, &log))
	assert.Equal(t, "2.1.0", log.Version)
	run := log.Runs[0]
	assert.Equal(t, "causeway-verify/test/", run.AutomationDetails.ID)
	rules := run.Tool.Driver.Rules
	require.Len(t, rules, 6)
	ids := map[string]bool{}
	for _, r := range rules {
		assert.False(t, ids[r.ID], "%s is there twice", r.ID)
		ids[r.ID] = true
		for _, text := range []text{r.ShortDescription, r.FullDescription, r.Help} {
			assert.NotEmpty(t, text.Text, r.ID)
		}
		assert.Contains(t, []string{"error", "warning", "note"}, r.DefaultConfiguration.Level)
		assert.Regexp(t, `^\d\.\d$`, r.Properties.Severity)
		assert.Contains(t, r.Properties.Tags, "security")
	}
	require.Len(t, run.Results, 4, "what holds is no result")
	fingerprints := map[string]bool{}
	for _, r := range run.Results {
		require.NotNil(t, r.RuleIndex)
		assert.Equal(t, r.RuleID, rules[*r.RuleIndex].ID)
		assert.Equal(t, r.Level, rules[*r.RuleIndex].DefaultConfiguration.Level)
		require.Len(t, r.Locations, 1)
		assert.Equal(t, "Pulumi.test.yaml", r.Locations[0].PhysicalLocation.ArtifactLocation.URI)
		assert.Equal(t, 1, r.Locations[0].PhysicalLocation.Region.StartLine)
		fingerprints[r.PartialFingerprints["causeway/v1"]] = true
		assert.NotNil(t, r.Suppressions, "an empty list says that it is not suppressed")
	}
	assert.Len(t, fingerprints, 4)
	assert.Equal(t, "C4", run.Results[0].RuleID)
	assert.Equal(t, "error", run.Results[0].Level)
	assert.Contains(t, run.Results[0].Message.Text, "Instead: mend it")
	assert.Equal(t, "BucketV2 second", run.Results[0].Locations[0].LogicalLocations[0].Name)
	assert.Contains(t, rules[*run.Results[0].RuleIndex].Properties.Tags, "FSBP S3.1")
	assert.Contains(t, run.Results[1].Message.Text, "cannot be decided: ")
	assert.Empty(t, run.Results[0].Suppressions)
	assert.Equal(t, "external", run.Results[3].Suppressions[0].Kind)
	assert.Contains(t, run.Results[3].Suppressions[0].Justification, "the auditor has agreed")
}

// A name in a stack is chosen by whoever writes the program, and must not become markup.
func TestMarkdownIsNotMarkup(t *testing.T) {
	text := sample(t).Markdown()
	assert.Contains(t, text, "<details open><summary><b>broken C4</b> worst (critical)</summary>")
	assert.Contains(t, text, `&lt;b&gt;bad&lt;/b&gt; \| \`+"`x"+`\`+"` @&#8203;all")
	assert.NotContains(t, text, "<b>bad")
	assert.Equal(t, 2, strings.Count(text, "```"), "the evidence cannot end its block")
	assert.Contains(t, text, "| C9 | meant so | C9 until 2027-01-01: the auditor has agreed |")

	g, urns := stack(t, nil, nil)
	for chosen, harmless := range map[string]string{
		"\\`code`":            "\\\\\\`code\\`", // a backslash of theirs must not undo one of ours
		"[a](http://evil)":    `\[a\](http:&#8203;//evil)`,
		"www.evil.test #12":   "www&#8203;.evil.test #&#8203;12",
		"a\n\n# heading":      "a  #&#8203; heading",
		"~~struck~~ *x* _y_":  `\~\~struck\~\~ \*x\* \_y\_`,
		"<img src=x> &amp; y": "&lt;img src=x&gt; &amp;amp; y",
	} {
		f := broken("C1", urns[0])
		f.Found = chosen
		assert.Contains(t, report.New(g, report.FromState, []report.Finding{f}, today).Markdown(), "- "+harmless+" at ")
	}
}

// GitHub takes comments of 65,536 characters.
func TestMarkdownFitsAComment(t *testing.T) {
	g, urns := stack(t, nil, nil)
	var findings []report.Finding
	for i := range 200 {
		for range 50 {
			f := broken(fmt.Sprintf("C%d", i), urns...)
			f.Found = strings.Repeat("long ", 60)
			findings = append(findings, f)
		}
	}
	text := report.New(g, report.FromState, findings, today).Markdown()
	assert.Less(t, len(text), 65_536)
	assert.Contains(t, text, "- and 40 more like it\n")
	assert.Regexp(t, `and \d+ checks more`, text)
}

// Code scanning shows a finding at the line that declares its resource, or in the settings.
func TestSARIFHasTheLinesThatAreKnown(t *testing.T) {
	g, urns := stack(t, nil, nil)
	g.ByURN(urns[0]).Source = "components/a b.go:12"
	lines := func(urn string) string {
		raw, err := report.New(g, report.FromState, []report.Finding{broken("C1", urn)}, today).SARIF()
		require.NoError(t, err)
		return string(raw)
	}
	assert.Regexp(t, `"uri": "components/a%20b.go"\s*},\s*"region": {\s*"startLine": 12`, lines(urns[0]))
	assert.Regexp(t, `"uri": "Pulumi.test.yaml"\s*},\s*"region": {\s*"startLine": 1\b`, lines(urns[1]))
}
