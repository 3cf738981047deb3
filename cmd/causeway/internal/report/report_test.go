package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
)

func TestChangesTellWhatForcesAReplacement(t *testing.T) {
	o := engine.Outcome{Operation: "preview", Same: 139, Changes: []engine.Change{
		{Path: "shop/web/template", Type: "aws:ec2/launchTemplate:LaunchTemplate", Op: engine.Update,
			Old: map[string]any{"tags": map[string]any{"Name": "a"}}, New: map[string]any{"tags": map[string]any{"Name": unknown}},
			Diffs: []string{"tags.Name"}},
		{Path: "shop/database/instance", Type: "aws:rds/instance:Instance", Op: engine.Replace,
			Old: map[string]any{"engine": "postgres", "list": []any{1.0}}, New: map[string]any{"engine": "mysql", "list": []any{1.0, 2.0}},
			Diffs: []string{"engine", "list[1]"}, Forces: []string{"engine", "name"}},
		{Path: "shop/web/group", Type: "aws:autoscaling/group:Group", Op: engine.Create, New: map[string]any{"x": 1}},
		{Path: "shop/alarm", Type: "aws:cloudwatch/metricAlarm:MetricAlarm", Op: engine.Delete, Old: map[string]any{"x": 1}},
	}}
	assert.Equal(t, "1 to create, 1 to update, 1 to replace, 1 to delete", Counts(o))
	assert.Equal(t, `  - delete   shop/alarm  aws:cloudwatch/metricAlarm:MetricAlarm
  ± replace  shop/database/instance  aws:rds/instance:Instance
               engine: "postgres" → "mysql"   forces the replacement
               list[1]: (none) → 2
               name: forces the replacement
  ~ update   shop/web/template  aws:ec2/launchTemplate:LaunchTemplate
               tags.Name: "a" → (known once it is made)
  + create   shop/web/group  aws:autoscaling/group:Group
`, Changes(o))

	o.Operation = "up"
	o.Changes[2].Failed = true
	assert.Equal(t, "1 updated, 1 replaced, 1 deleted", Counts(o), "what failed is not done")
}

// What differs of a map is told entry by entry, and what was not as declared as it was; a value that only the provider sets
// is left out.
func TestChangesTellWhatOfAMapDiffers(t *testing.T) {
	tags := map[string]any{"Name": "a", "team": "web"}
	assert.Equal(t, `  ~ update   address  aws:ec2/eip:Eip
               tags.Name: (none) → "a"
               tags.team: (none) → "web"
  ~ update   network  aws:ec2/vpc:Vpc
               tags.team: "db" → "web"
               enableDnsSupport: (none) → false
  ~ update   zone     aws:route53/zone:Zone
               tags.Name: "a" → (none)   forces the replacement
               tags.team: "web" → (none)   forces the replacement
`, Changes(engine.Outcome{Changes: []engine.Change{
		{Path: "network", Type: "aws:ec2/vpc:Vpc", Op: engine.Update,
			Old: map[string]any{"tags": map[string]any{"Name": "a", "team": "db", "__defaults": []any{}}},
			New: map[string]any{"tags": tags, "enableDnsSupport": false}, Diffs: []string{"tags", "tagsAll", "enableDnsSupport"}},
		{Path: "address", Type: "aws:ec2/eip:Eip", Op: engine.Update, Old: map[string]any{"tags": tags}, New: map[string]any{"tags": tags},
			Was: map[string]any{"tags": map[string]any{}, "tagsAll": map[string]any{}}, Diffs: []string{"tags", "tagsAll"}},
		{Path: "zone", Type: "aws:route53/zone:Zone", Op: engine.Update, Was: map[string]any{"tags": tags}, Diffs: []string{"tags"},
			Forces: []string{"tags"}},
	}}))
}

func TestManyCreationsAreCountedByComponent(t *testing.T) {
	var o engine.Outcome
	for range 15 {
		o.Changes = append(o.Changes,
			engine.Change{Path: "shop/network/subnet", Op: engine.Create},
			engine.Change{Path: "shop/web/roles/role", Op: engine.Create})
	}
	o.Changes = append(o.Changes, engine.Change{Path: "key", Op: engine.Create})
	assert.Equal(t, `  + create   key           1 resource
  + create   shop/network  15 resources
  + create   shop/web      15 resources
`, Changes(o))
}

func TestProblemsAreUnwrapped(t *testing.T) {
	o := engine.Outcome{Problems: []engine.Problem{
		{Path: "shop/network/a", Type: "aws:ec2/subnet:Subnet", Message: "1 error occurred:\n\t* InvalidSubnet.Conflict: overlaps\n\n"},
		{Path: "shop/network/a", Type: "aws:ec2/subnet:Subnet", Message: "InvalidSubnet.Conflict: overlaps"},
		{Message: "go inline source runtime error, an unhandled panic occurred: boom\ngoroutine 7 [running]:\nmain.x()"},
		{Message: `waiting for RPCs: marshaling properties: awaiting input property "metricQueries": no new server became healthy`},
		{Warning: true, Message: "old"},
	}}
	assert.Equal(t, `error in shop/network/a (aws:ec2/subnet:Subnet):
    InvalidSubnet.Conflict: overlaps
error:
    an unhandled panic occurred: boom
error:
    no new server became healthy
warning:
    old
`, Problems(o))
}

func event(op apitype.OpType, name string) apitype.EngineEvent {
	u := "urn:pulumi:prod::shop::aws:ec2/subnet:Subnet::" + name
	return apitype.EngineEvent{ResourcePreEvent: &apitype.ResourcePreEvent{Metadata: apitype.StepEventMetadata{
		Op: op, URN: u, Type: "aws:ec2/subnet:Subnet", New: &apitype.StepEventStateMetadata{Custom: true},
	}}}
}

func TestProgressNamesWhatIsWaitedFor(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, "deploying")
	p.begun = time.Now().Add(-12 * time.Second)
	assert.Equal(t, "deploying, 12s", p.line(), "there is nothing to count yet")
	p.Observe(event(apitype.OpSame, "kept"))
	p.Observe(event(apitype.OpCreate, "first"))
	p.Observe(event(apitype.OpUpdate, "second"))
	assert.Equal(t, "deploying: 1 of 3 resources, 12s, creating first and 1 more", p.line())

	done := event(apitype.OpCreate, "first").ResourcePreEvent.Metadata
	p.Observe(apitype.EngineEvent{ResOutputsEvent: &apitype.ResOutputsEvent{Metadata: done}})
	assert.Equal(t, "deploying: 2 of 3 resources, 12s, updating second", p.line())

	p.show()
	p.show()
	assert.Equal(t, 1, strings.Count(out.String(), "\n"), "away from a terminal, the same line is not repeated")
}

func TestProgressOnATerminalFitsAndIsWiped(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, "deploying")
	p.terminal, p.width = true, 30
	p.Observe(event(apitype.OpCreate, strings.Repeat("long", 20)))
	p.show()
	assert.Equal(t, 30, len([]rune(strings.TrimPrefix(out.String(), "\r\033[K"))))
	out.Reset()
	p.Close()
	assert.Equal(t, "\r\033[K", out.String())
	p.Close()
	p.show()
	assert.Equal(t, "\r\033[K", out.String(), "a tick that came late is in the midst of the result")
}

func TestOutputsShowNoSecret(t *testing.T) {
	assert.Equal(t, `url:          https://shop.example
nameServers:  a.example, b.example
database:     (secret)
ports:        {"https":443}
state:        .causeway/local/state
`, Outputs(auto.OutputMap{
		"database":    {Value: "hunter2", Secret: true},
		"ds":          {Value: ""},
		"nameServers": {Value: []any{"a.example", "b.example"}},
		"ports":       {Value: map[string]any{"https": 443.0}},
		"url":         {Value: "https://shop.example"},
	}, Fact{"state", ".causeway/local/state"}))
}
