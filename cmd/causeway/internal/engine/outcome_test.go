package engine

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/assert"
)

const (
	stackURN     = "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod"
	componentURN = "urn:pulumi:prod::shop::shop:index:Network::network"
	subnetURN    = "urn:pulumi:prod::shop::shop:index:Network$aws:ec2/subnet:Subnet::a"
)

func step(op apitype.OpType, urn, typ, parent string, custom bool, change func(*apitype.StepEventMetadata)) apitype.EngineEvent {
	m := apitype.StepEventMetadata{Op: op, URN: urn, Type: typ, New: &apitype.StepEventStateMetadata{Parent: parent, Custom: custom}}
	if change != nil {
		change(&m)
	}
	return apitype.EngineEvent{ResourcePreEvent: &apitype.ResourcePreEvent{Metadata: m}}
}

func diagnostic(severity, urn, message string) apitype.EngineEvent {
	return apitype.EngineEvent{DiagnosticEvent: &apitype.DiagnosticEvent{Severity: severity, URN: urn, Message: message}}
}

// A replacement is three steps of the engine, and one change to a person.
func TestAReplacementIsOneChange(t *testing.T) {
	c := newCollector("preview")
	old := &apitype.StepEventStateMetadata{Parent: componentURN, Custom: true, Inputs: map[string]any{"cidrBlock": "x"}}
	keys := func(m *apitype.StepEventMetadata) {
		m.Old, m.Keys = old, []string{"cidrBlock"}
		m.DetailedDiff = map[string]apitype.PropertyDiff{"tags.Name": {}, "cidrBlock": {}}
	}
	subnet := "aws:ec2/subnet:Subnet"
	c.add(step(apitype.OpSame, stackURN, "pulumi:pulumi:Stack", "", false, nil))
	c.add(step(apitype.OpSame, componentURN, "shop:index:Network", stackURN, false, nil))
	c.add(step(apitype.OpSame, "urn:pulumi:prod::shop::aws:ec2/vpc:Vpc::vpc", "aws:ec2/vpc:Vpc", componentURN, true, nil))
	c.add(step(apitype.OpSame, "urn:pulumi:prod::shop::pulumi:providers:aws::aws", "pulumi:providers:aws", stackURN, true, nil))
	c.add(step(apitype.OpCreateReplacement, subnetURN, subnet, componentURN, true, keys))
	c.add(step(apitype.OpReplace, subnetURN, subnet, componentURN, true, keys))
	c.add(step(apitype.OpDeleteReplaced, subnetURN, subnet, componentURN, true, keys))

	o := c.outcome()
	assert.Equal(t, []Change{{
		URN: subnetURN, Path: "network/a", Type: subnet, Op: Replace, Old: map[string]any{"cidrBlock": "x"},
		Diffs: []string{"cidrBlock", "tags.Name"}, Forces: []string{"cidrBlock"},
	}}, o.Changes)
	assert.Equal(t, 1, o.Same, "components and providers are not resources to a person")
}

func TestProblems(t *testing.T) {
	c := newCollector("up")
	c.add(step(apitype.OpCreate, subnetURN, "aws:ec2/subnet:Subnet", componentURN, true, nil))
	for _, e := range []apitype.EngineEvent{
		diagnostic("error", subnetURN, "<{%fg 1%}>error: <{%reset%}>InvalidSubnet.Range\n"),
		diagnostic("error", stackURN, "update failed"),
		diagnostic("warning", stackURN, "old"),
		diagnostic("info", subnetURN, "still creating"),
		diagnostic("error", subnetURN, "post-step event returned an error: write x.json: no space left on device"),
	} {
		c.add(e)
	}
	assert.Equal(t, []Problem{
		{Path: "network/a", Type: "aws:ec2/subnet:Subnet", Message: "error: InvalidSubnet.Range"},
		{Warning: true, Message: "old", Type: "pulumi:pulumi:Stack"},
		{Message: diskFull},
	}, c.outcome().Problems)
}
