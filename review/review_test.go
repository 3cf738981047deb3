package review

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
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

// today is a day on which the waivers of the fixtures hold.
var today = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)

// state is a resource of an exported state, as JSON.
type state = map[string]any

// planned is a preview of a change to the deployed production stack.
type planned struct {
	t      *testing.T
	steps  []state
	config state
}

func plan(t *testing.T) *planned {
	raw, err := os.ReadFile("../graph/testdata/prod.json")
	require.NoError(t, err)
	var file struct {
		Deployment struct{ Resources []state }
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	p := &planned{t: t}
	for _, r := range file.Deployment.Resources {
		p.steps = append(p.steps, state{"op": "same", "urn": r["urn"], "oldState": r, "newState": r})
	}
	return p
}

// step is the one of the resource of that type and name.
func (p *planned) step(kind, name string) state {
	for _, s := range p.steps {
		urn := s["urn"].(string)
		if strings.HasSuffix(urn, "::"+name) && strings.HasSuffix(strings.TrimSuffix(urn, "::"+name), kind) {
			return s
		}
	}
	require.Failf(p.t, "no such resource", "%s %s", kind, name)
	return nil
}

// update changes a resource's inputs; forced are the properties that make it a replacement.
func (p *planned) update(kind, name string, edit func(inputs state), forced ...string) *planned {
	s := p.step(kind, name)
	after := copied(p.t, s["oldState"].(state))
	edit(after["inputs"].(state))
	s["newState"], s["op"] = after, "update"
	details := state{}
	for _, path := range forced {
		s["op"] = "replace"
		details[path] = state{"kind": "update-replace"}
	}
	s["detailedDiff"] = details
	return p
}

func (p *planned) delete(kind, name string) *planned {
	s := p.step(kind, name)
	s["op"] = "delete"
	delete(s, "newState")
	return p
}

func copied(t *testing.T, s state) state {
	raw, err := json.Marshal(s)
	require.NoError(t, err)
	var c state
	require.NoError(t, json.Unmarshal(raw, &c))
	return c
}

func (p *planned) preview() *graph.Preview {
	summary := map[string]int{}
	for _, s := range p.steps {
		summary[s["op"].(string)]++
	}
	raw, err := json.Marshal(state{"steps": p.steps, "changeSummary": summary, "config": p.config})
	require.NoError(p.t, err)
	preview, err := graph.ReadPreview(bytes.NewReader(raw))
	require.NoError(p.t, err)
	return preview
}

func (p *planned) review() *Report { return Of(p.preview(), today) }

const database = "aws:rds/instance:Instance"

func TestNothingIsOneGreenLine(t *testing.T) {
	r := plan(t).review()
	assert.False(t, r.Stopped)
	assert.Equal(t, 1, strings.Count(r.Markdown(Most), "\n"))
	assert.Contains(t, r.Markdown(Most), "nothing would change")
}

func TestAReplacedDatabaseStops(t *testing.T) {
	r := plan(t).update(database, "prod-database", func(in state) { in["engine"] = "mysql" }, "engine").review()
	require.True(t, r.Stopped)
	require.NotEmpty(t, r.Losses)
	l := r.Losses[0]
	assert.Equal(t, "prod-database", l.Name)
	assert.Contains(t, l.Why, "engine: postgres → mysql")
	assert.Contains(t, l.Protection, "Pulumi's protect")
	assert.Contains(t, l.Protection, "AWS's deletionProtection")
	assert.Equal(t, graph.Replace, r.Changes[0].Action)
}

// The generator: each type that holds something, deleted and replaced.
func TestEveryHolderStopsWhenItGoes(t *testing.T) {
	tried := map[string]bool{}
	for _, r := range plan(t).preview().After.Resources {
		if _, holds := holders[r.Type]; !holds || tried[r.Type] {
			continue
		}
		tried[r.Type] = true
		found := plan(t).update(r.Type, r.Name, func(state) {}, "name").preview()
		l := losses(found, changes(found))
		require.Len(t, l, 1, r.Type)
		assert.Contains(t, l[0].What, "would be replaced", r.Type)
	}
	assert.Greater(t, len(tried), 8)
}

// The generator: each guard, from its safe value to the other.
func TestEveryProtectionThatIsSwitchedOffStops(t *testing.T) {
	for _, g := range guards {
		for _, values := range [][2]any{{true, false}, {"true", "false"}, {false, true}, {30.0, 7.0}, {"Enabled", "Suspended"}} {
			if !g.weaker(values[0], values[1]) {
				continue
			}
			one := &graph.Resource{URN: "urn:x", Name: "x", Custom: true, Inputs: nested(g.path, values[0])}
			two := &graph.Resource{URN: "urn:x", Name: "x", Custom: true, Inputs: nested(g.path, values[1])}
			assert.NotEmpty(t, weakened(graph.Change{Before: one, After: two}), g.path)
			assert.Empty(t, weakened(graph.Change{Before: two, After: one}), "%s: made stronger", g.path)
			assert.Empty(t, weakened(graph.Change{Before: one, After: one}), g.path)
		}
	}
	p := plan(t).update(database, "prod-database", func(state) {})
	p.step(database, "prod-database")["newState"].(state)["protect"] = false
	assert.True(t, p.review().Stopped, "Pulumi's protect")
}

// What guards another takes it with it, and is no loss of its own where both go.
func TestWhatMakesBackupsStopsWhenItGoes(t *testing.T) {
	p := plan(t).delete("aws:backup/plan:Plan", "prod-backup").delete("aws:backup/selection:Selection", "prod-backup")
	found := Losses(p.preview(), today)
	require.Len(t, found, 1)
	assert.Equal(t, "prod-backup would be deleted: no more backups are made by this plan", found[0].Sentence())
	p = plan(t).update("aws:backup/plan:Plan", "prod-backup", func(in state) { in["rules"] = in["rules"].([]any)[:1] })
	found = Losses(p.preview(), today)
	require.NotEmpty(t, found)
	assert.Contains(t, found[0].Why, "makes backups → (none)")
}

func TestWhatBeginsToBeDeletedStops(t *testing.T) {
	of := func(kind string, before, after map[string]any) []Loss {
		return weakened(graph.Change{
			Before: &graph.Resource{Type: kind, Inputs: before}, After: &graph.Resource{Type: kind, Inputs: after},
		})
	}
	days := func(n float64) map[string]any {
		return map[string]any{"rules": []any{map[string]any{"id": "old", "expiration": map[string]any{"days": n}}}}
	}
	const lifecycle = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	assert.NotEmpty(t, of(lifecycle, map[string]any{}, days(30)), "a rule that is new")
	assert.NotEmpty(t, of(lifecycle, days(60), days(30)))
	assert.Empty(t, of(lifecycle, days(30), map[string]any{}))
	month := map[string]any{"retentionInDays": 30.0}
	assert.NotEmpty(t, of("aws:cloudwatch/logGroup:LogGroup", map[string]any{}, month), "kept for ever until now")
	protected := map[string]any{"deletionProtection": true}
	assert.NotEmpty(t, of(database, protected, map[string]any{"deletionProtection": graph.Unknown{}}), "not known yet")
	move := map[string]any{"rules": []any{map[string]any{"id": "old", "transitions": []any{map[string]any{"days": 1.0}}}}}
	assert.Empty(t, of(lifecycle, map[string]any{}, move))
}

func TestALossIsAllowedByNameForAReasonUntilADay(t *testing.T) {
	for allowed, want := range map[string]string{
		`{"prod-database": {"reason": "moved", "expires": "2026-12-31"}}`:                            "",
		`{"aws:rds/instance:Instance::prod-database": {"reason": "moved", "expires": "2026-11-30"}}`: "",
		`{"prod-database": {"reason": "moved", "expires": "2026-11-29"}}`:                            "allowed it until 2026-11-29",
		`{"prod-database": {"reason": " ", "expires": "2026-12-31"}}`:                                "without a reason",
		`{"prod-database": {"reason": "moved"}}`:                                                     "is not a day such as 2026-12-30",
		`{"prod-database": {"reason": "moved", "expires": "2028-01-01"}}`:                            "more than a year away",
		`{"prod-web": {"reason": "moved", "expires": "2026-12-31"}}`:                                 "would be replaced",
		`{"aws:rds/cluster:Cluster::prod-database": {"reason": "moved", "expires": "2026-12-31"}}`:   "would be replaced",
		`["prod-database"]`: "cannot be read",
	} {
		p := plan(t).update(database, "prod-database", func(in state) { in["engine"] = "mysql" }, "engine")
		p.config = state{"causeway:losses": allowed}
		found := Losses(p.preview(), today)
		require.Len(t, found, 1)
		remedy := Remedy("causeway", found, today)
		if want == "" {
			assert.Contains(t, found[0].Allowed, "moved (until ", allowed)
			assert.Empty(t, remedy)
			continue
		}
		assert.Empty(t, found[0].Allowed, allowed)
		assert.Contains(t, found[0].Sentence(), want)
		assert.Contains(t, remedy, `causeway:losses: {"prod-database": {reason: "...", expires: 2026-12-07}}`)
	}
	p := plan(t).update(database, "prod-database", func(in state) { in["deletionProtection"] = false }).
		update("aws:lb/loadBalancer:LoadBalancer", "prod-edge", func(state) {}, "name")
	p.config = state{"causeway:losses": `{"prod-database": {"reason": "moved to Aurora", "expires": "2026-12-31"}}`}
	r := p.review()
	require.Len(t, r.Losses, 2)
	assert.Equal(t, "prod-edge", r.Losses[0].Name, "what is gone comes first")
	assert.NotEmpty(t, r.Losses[1].Allowed)
	assert.True(t, r.Stopped)
	assert.Equal(t, 1, strings.Count(strings.Join(r.Reasons, "\n"), "would be replaced"), "the other is not named")
	assert.NotContains(t, r.Reasons, r.Losses[1].Sentence())
}

func nested(path string, value any) map[string]any {
	first, rest, deeper := strings.Cut(path, ".")
	if deeper {
		return map[string]any{first: nested(rest, value)}
	}
	return map[string]any{first: value}
}

func TestWhatIsKeptForAShorterTimeStops(t *testing.T) {
	r := plan(t).update("aws:backup/plan:Plan", "prod-backup", func(in state) {
		in["rules"].([]any)[0].(state)["lifecycle"].(state)["deleteAfter"] = 1.0
	}).review()
	require.True(t, r.Stopped)
	assert.Contains(t, r.Losses[0].Why, "deleteAfter")
}

// What follows from one replacement is told in a line, and a change of many of a type in another; what holds
// something is told alone.
func TestWhatOneCauseChangesIsToldOnce(t *testing.T) {
	const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
	p := plan(t).update("aws:ec2/vpc:Vpc", "prod-network", func(in state) { in["cidrBlock"] = "10.99.0.0/16" }, "cidrBlock")
	subnets := 0
	for _, s := range p.steps {
		r := s["oldState"].(state)
		if name := s["urn"].(string)[strings.LastIndex(s["urn"].(string), ":")+1:]; r["type"] == "aws:ec2/subnet:Subnet" {
			moved := func(in state) { in["vpcId"], in["cidrBlock"] = unknown, "10.99.0.0/22" }
			p.update("aws:ec2/subnet:Subnet", name, moved, "vpcId", "cidrBlock")
			subnets++
		} else if r["type"] == "aws:ec2/securityGroup:SecurityGroup" {
			p.update("aws:ec2/securityGroup:SecurityGroup", name, func(in state) { in["vpcId"] = unknown }, "vpcId")
		}
	}
	all := changes(p.preview())
	own, told := kindred(all)
	require.Len(t, own, 1)
	assert.Equal(t, "aws:ec2/vpc:Vpc", own[0].Type)
	require.Len(t, told, 1)
	assert.Equal(t, "replace, since prod-network is replaced: ", told[0].what)
	members := strings.Join(told[0].members, "\n")
	assert.Contains(t, members, "aws:ec2:SecurityGroup: prod-app, prod-database")
	assert.Equal(t, subnets, strings.Count(members, "→ 10.99.0.0/22)"), "what else differs is told too")
}

func TestIdsAreToldByName(t *testing.T) {
	subnet := plan(t).step("aws:ec2/subnet:Subnet", "prod-network-data-a")["oldState"].(state)["id"].(string)
	r := plan(t).update("aws:autoscaling/group:Group", "prod-web", func(in state) { in["vpcZoneIdentifiers"] = []any{subnet} }).preview()
	assert.Contains(t, fmt.Sprint(changes(r)[0].Differences), "prod-network-data-a ("+subnet+")")
}

// A new resource is told with what it is made with, and one that went with the new one that it may have become.
func TestANewResourceIsDescribed(t *testing.T) {
	p := plan(t).delete("aws:cloudwatch/logGroup:LogGroup", "prod-web")
	created := copied(t, p.step("aws:cloudwatch/logGroup:LogGroup", "prod-web")["oldState"].(state))
	created["urn"] = created["urn"].(string) + "-2"
	delete(created, "id")
	p.steps = append(p.steps, state{"op": "create", "urn": created["urn"], "newState": created})
	for _, s := range p.steps {
		if s["op"] == "same" {
			raw, err := json.Marshal(s["newState"])
			require.NoError(t, err)
			var again state
			raw = bytes.ReplaceAll(raw, []byte("LogGroup::prod-web\""), []byte("LogGroup::prod-web-2\""))
			require.NoError(t, json.Unmarshal(raw, &again))
			s["newState"] = again
		}
	}
	preview := p.preview()
	all := changes(preview)
	require.Len(t, all, 2)
	assert.Contains(t, fmt.Sprint(all[1].Differences), "retentionInDays")
	assert.Contains(t, losses(preview, all)[0].Why, "but a new prod-web-2: if it is the same under another name, give that an alias")
}

// A tag on everything is one line; what else differs is told still.
func TestWhatManyShareIsToldOnce(t *testing.T) {
	p := plan(t)
	n := 0
	for _, s := range p.steps {
		if tags, ok := s["oldState"].(state)["inputs"].(state); ok && tags["tags"] != nil {
			if _, isMap := tags["tags"].(state); !isMap {
				continue
			}
			after := copied(t, s["oldState"].(state))
			after["inputs"].(state)["tags"].(state)["team"] = "shop"
			s["newState"], s["op"], s["detailedDiff"] = after, "update", state{"tagsAll": state{"kind": "update"}}
			n++
		}
	}
	p.step(database, "prod-database")["newState"].(state)["inputs"].(state)["backupWindow"] = "01:00-02:00"
	r := p.review()
	require.Len(t, r.Common, 1)
	assert.Len(t, r.Common[0].URNs, n)
	require.Len(t, r.Changes, 1)
	assert.Equal(t, "backupWindow", r.Changes[0].Differences[0].Path)
	assert.NotContains(t, r.Markdown(Most), "tagsAll")
}

func TestAWayThatWasNotThereIsTold(t *testing.T) {
	r := plan(t).update("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "prod-internet-to-edge-443", func(in state) {
		in["toPort"] = 8443.0
	}).review()
	assert.NotEmpty(t, r.Controls.Broken, "an invariant breaks")
	closed := plan(t).update("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "prod-edge-to-web-8443", func(in state) {
		in["fromPort"], in["toPort"] = 1.0, 1.0
	}).review()
	require.NotEmpty(t, closed.Reach.Closed)
	assert.Contains(t, closed.Reach.Closed[0].Text(), "prod-edge → prod-web")
}

func TestCostIsTheDifference(t *testing.T) {
	r := plan(t).update(database, "prod-database", func(in state) { in["instanceClass"] = "db.m7g.xlarge" }).review()
	assert.InDelta(t, 2*730*0.186, r.Cost.Least-r.Cost.LeastBefore, 5)
	unpriced := plan(t).update(database, "prod-database", func(in state) { in["instanceClass"] = "db.m99g.large" }).review()
	require.NotEmpty(t, unpriced.Cost.Unpriced)
	assert.Contains(t, unpriced.Markdown(Most), "unpriced")
}

// What only the deployment can tell stops nobody: a new stack's policies name what it will make.
func TestANewStackIsNotStoppedForWhatItWillMake(t *testing.T) {
	f, err := os.Open("../graph/testdata/prod-preview.json")
	require.NoError(t, err)
	defer f.Close()
	p, err := graph.ReadPreview(f)
	require.NoError(t, err)
	r := Of(p, today)
	assert.True(t, r.New)
	assert.NotEmpty(t, r.Controls.Undecided)
	assert.Empty(t, r.Reasons)
}

// The comment job decodes what an untrusted run saved, and must write the same from it.
func TestMarkdownComesFromJSONAlone(t *testing.T) {
	r := plan(t).update(database, "prod-database", func(in state) { in["engine"] = "mysql" }, "engine").review()
	raw, err := r.JSON()
	require.NoError(t, err)
	var again Report
	require.NoError(t, json.Unmarshal(raw, &again))
	assert.Equal(t, r.Markdown(Most), again.Markdown(Most))
}

// Whatever is too long, whole sections go, and the verdict stays.
func TestACommentIsNeverTooLong(t *testing.T) {
	p := plan(t)
	for _, s := range p.steps {
		if after := copied(t, s["oldState"].(state)); after["custom"] == true {
			after["inputs"].(state)["description"] = strings.Repeat(s["urn"].(string), 5)
			s["newState"], s["op"], s["detailedDiff"] = after, "update", state{}
		}
	}
	r := p.review()
	whole := r.Markdown(1 << 30)
	for limit := len(whole); limit > 2000; limit = limit * 4 / 5 {
		text := r.Markdown(limit)
		assert.LessOrEqual(t, len(text), limit)
		assert.Contains(t, text, r.Summary())
		assert.Equal(t, strings.Count(text, "<details>"), strings.Count(text, "</details>"))
		assert.Equal(t, strings.Count(text, "<table>"), strings.Count(text, "</table>"))
	}
}

// attacks are texts that would be markup, a link or a person's name.
var attacks = []string{
	"<script>alert(1)</script>", "</code></details><h1>x</h1>", "a | b", "`code`", "**bold**", "[x](https://evil.example)",
	"![x](https://evil.example/x.png)", "@octocat", "#1", "https://evil.example", "www.evil.example", "line\nbreak\n# title",
	"<!-- causeway:x -->", "&#60;b&#62;", "\u202ereversed", "~~~", "$x$", ":tada:", "\\`x\\`",
}

func TestNothingOfAProgramIsMarkup(t *testing.T) {
	p := plan(t).update(database, "prod-database", func(in state) {
		in["engine"] = strings.Join(attacks, " ")
		for _, attack := range attacks {
			in["tags"].(state)[attack] = attack
			in[attack] = attack
		}
	}, "engine")
	text := p.review().Markdown(Most)
	for _, raw := range []string{"<script", "<h1", "<!--", "](http", "**bold", "@octocat", "\u202e", "https://evil", "\n# title", "~~~"} {
		assert.NotContains(t, text, raw)
		assert.Contains(t, strings.Join(attacks, "\n"), strings.TrimPrefix(raw, "\n"), "it is no attack")
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| ---") {
			assert.Contains(t, []int{4, 6}, strings.Count(line, "|"), line)
		}
	}
}

func TestSecretsStayHidden(t *testing.T) {
	secret := state{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:hunter2"}
	r := plan(t).update(database, "prod-database", func(in state) { in["password"] = secret }).review()
	raw, err := r.JSON()
	require.NoError(t, err)
	for _, text := range []string{r.Text(), r.Markdown(Most), string(raw)} {
		assert.NotContains(t, text, "hunter2")
		assert.Contains(t, strings.NewReplacer("&#91;", "[", "&#93;", "]").Replace(text), "[secret]")
	}
}

func TestTheOrderIsAReviewers(t *testing.T) {
	r := plan(t).
		update(database, "prod-database", func(in state) { in["engine"] = "mysql" }, "engine").
		delete("aws:cloudwatch/dashboard:Dashboard", "prod").
		update("aws:autoscaling/group:Group", "prod-web", func(in state) { in["maxSize"] = 20.0 }).review()
	var order []graph.Action
	for _, c := range r.Changes {
		order = append(order, c.Action)
	}
	assert.Equal(t, []graph.Action{graph.Replace, graph.Delete, graph.Update}, order)
	assert.Equal(t, map[graph.Action]int{graph.Replace: 1, graph.Delete: 1, graph.Update: 1}, maps.Clone(r.Counts))
	assert.True(t, slices.ContainsFunc(r.Changes,
		func(c Change) bool { return c.Differences != nil && c.Differences[0].Text() == "12 → 20" }))
}

// A waiver is spoken of in its last thirty days and after, also where nothing else changes.
func TestWaiversThatEndAreTold(t *testing.T) {
	now := time.Date(2026, 11, 1, 15, 0, 0, 0, time.UTC)
	for day, says := range map[string]string{
		"2026-10-31": "waiver has expired: noWebAcl on 2026-10-31", "2026-11-01": "waiver expires soon: noWebAcl on 2026-11-01",
		"2026-11-30": "waiver expires soon: noWebAcl on 2026-11-30", "2026-12-02": "",
	} {
		r := &Report{Stack: "prod"}
		r.Controls.waivers(nil, []report.Waiver{{Name: "noWebAcl", Expires: day}}, now)
		for _, text := range []string{r.Text(), r.Markdown(Most)} {
			assert.Equal(t, says != "", strings.Contains(text, "waiver "), text)
			assert.Contains(t, text, says)
		}
	}
}
