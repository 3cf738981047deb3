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

// A step that only deletes is a deletion, though the engine calls it a part of a replacement: what an earlier one
// left, and what goes with something that is replaced and is not to be again.
func TestADeletionIsNoReplacement(t *testing.T) {
	const gone = "urn:pulumi:prod::shop::aws:route53/record:Record::old"
	c := newCollector("preview")
	old := func(m *apitype.StepEventMetadata) { m.Old, m.New = &apitype.StepEventStateMetadata{Custom: true}, nil }
	c.add(step(apitype.OpDeleteReplaced, gone, "aws:route53/record:Record", "", true, old))
	c.add(step(apitype.OpDeleteReplaced, subnetURN, "aws:ec2/subnet:Subnet", "", true, old))
	c.add(step(apitype.OpReplace, subnetURN, "aws:ec2/subnet:Subnet", "", true, nil))
	c.add(step(apitype.OpCreateReplacement, subnetURN, "aws:ec2/subnet:Subnet", "", true, nil))
	ops := map[string]Op{}
	for _, change := range c.outcome().Changes {
		ops[change.URN] = change.Op
	}
	assert.Equal(t, map[string]Op{gone: Delete, subnetURN: Replace}, ops)
}
