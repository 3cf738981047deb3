package graph_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

func step(op string, old, after object) object {
	s := object{"op": op, "detailedDiff": nil}
	if old != nil {
		s["urn"], s["oldState"] = old["urn"], old
	}
	if after != nil {
		s["urn"], s["newState"] = after["urn"], after
	}
	return s
}

// preview is a whole preview of the steps.
func preview(t *testing.T, steps ...object) string {
	t.Helper()
	summary := map[string]int{}
	for _, s := range steps {
		summary[s["op"].(string)]++
	}
	return document(t, object{"steps": steps, "changeSummary": summary})
}

func planned(kind, name string, inputs object, more object) object {
	return resource(kind, name, "", inputs, nil, more)
}

func fromPreview(t *testing.T, file string) *graph.Graph {
	t.Helper()
	g, err := graph.FromPreview(strings.NewReader(file))
	require.NoError(t, err)
	return g
}

func TestPlannedResourcesAreFoundByWhereValuesComeFrom(t *testing.T) {
	vpc := planned(vpcType, "net", object{"cidrBlock": "10.0.0.0/16"}, nil)
	certificate := planned(certType, "cert", object{"domainName": "a.test"}, nil)
	validation := planned(validType, "cert", object{"certificateArn": unknown}, comesFrom("certificateArn", urn(certType, "cert")))
	listener := planned(listenType, "l", object{"certificateArn": unknown, "port": 443},
		comesFrom("certificateArn", urn(validType, "cert")))
	subnet := planned(subnetType, "a", object{"vpcId": unknown, "note": "in " + unknown, "free": unknown},
		comesFrom("vpcId", urn(vpcType, "net")))
	g := fromPreview(t, preview(t, step("create", nil, vpc), step("create", nil, certificate),
		step("create", nil, validation), step("create", nil, listener), step("create", nil, subnet)))

	a, l := g.ByType(subnetType)[0], g.ByType(listenType)[0]
	assert.True(t, a.Planned)
	assert.Empty(t, a.ID)
	assert.Equal(t, []string{"net"}, names(g.Ref(a, "vpcId")))
	assert.Equal(t, []*graph.Resource{g.ByType(certType)[0]}, g.Ref(l, "certificateArn"))
	assert.False(t, g.Resolve(a, "vpcId").Undecided)
	assert.True(t, g.Resolve(a, "free").Undecided)
	note, _ := a.Get("note")
	assert.Equal(t, graph.Unknown{}, note, "a text with an unknown part")
	arn, ok := a.Output("arn")
	assert.True(t, ok)
	assert.Equal(t, graph.Unknown{}, arn)
}

func TestWhatStaysKeepsItsIdentity(t *testing.T) {
	old := resource("aws:ec2/launchTemplate:LaunchTemplate", "web", "lt-1", object{"imageId": "ami-1", "name": "web"},
		object{"imageId": "ami-1", "name": "web", "arn": "arn:lt", "latestVersion": 7.0, "kernelId": nil}, nil)
	changed := planned("aws:ec2/launchTemplate:LaunchTemplate", "web", object{"imageId": "ami-2", "name": "web"}, nil)

	same := fromPreview(t, preview(t,
		step("same", old, planned("aws:ec2/launchTemplate:LaunchTemplate", "web", old["inputs"].(object), nil)))).Resources[0]
	assert.Equal(t, "lt-1", same.ID)
	version, _ := same.Int("latestVersion")
	assert.Equal(t, 7, version)

	g := fromPreview(t, preview(t, step("update", old, changed)))
	updated := g.Resources[0]
	assert.Equal(t, "lt-1", updated.ID)
	assert.Equal(t, map[string]any{
		"imageId": "ami-2", "name": "web", "arn": "arn:lt", "latestVersion": graph.Unknown{}, "kernelId": nil,
	}, updated.Outputs)
	assert.Equal(t, []string{"web"}, names(g.ByIdentity("arn:lt")))

	replaced := fromPreview(t, preview(t, step("replace", old, changed))).Resources[0]
	assert.True(t, replaced.Planned)
	assert.Empty(t, replaced.ID, "the new one has another")
	assert.Empty(t, replaced.Outputs)
}

func TestPreviewShowsWhatIsLeft(t *testing.T) {
	vpc := func(name string) object {
		return resource(vpcType, name, "vpc-"+name, object{"cidrBlock": "10.0.0.0/16"}, nil, nil)
	}
	steps := []object{
		step("delete", vpc("gone"), nil), step("same", vpc("kept"), vpc("kept")),
		// With --refresh and --show-replacement-steps one resource has several steps.
		step("refresh", vpc("new"), vpc("new")),
		step("create-replacement", vpc("new"), planned(vpcType, "new", object{"cidrBlock": "10.1.0.0/16"}, nil)),
		step("replace", vpc("new"), planned(vpcType, "new", object{"cidrBlock": "10.1.0.0/16"}, nil)),
		step("delete-replaced", vpc("new"), nil),
	}
	for range 2 {
		g := fromPreview(t, preview(t, steps...))
		assert.Equal(t, []string{"kept", "new"}, names(g.Resources))
		assert.Equal(t, "10.1.0.0/16", g.Resources[1].String("cidrBlock"))
		assert.True(t, g.Resources[1].Planned)
		assert.Equal(t, []string{"gone", "new"}, names(g.Before), "each once, as it is")
		assert.Equal(t, "10.0.0.0/16", g.Before[1].String("cidrBlock"))
		slices.Reverse(steps)
	}
}

func TestWhatAnUnknownComesFromIsInOrder(t *testing.T) {
	first, last := planned(certType, "a", nil, nil), planned(certType, "z", nil, nil)
	validation := planned(validType, "b", object{"certificateArn": unknown}, comesFrom("certificateArn", urn(certType, "z")))
	vpc := planned(vpcType, "y", object{"arns": unknown}, comesFrom("arns", urn(validType, "b"), urn(certType, "a"), urn(certType, "z")))
	bucket, other := planned(bucketType, "z", nil, nil), planned(bucketType, "a", nil, nil)
	policy := planned(policyType, "p", object{"bucket": unknown}, comesFrom("bucket", urn(bucketType, "z")))
	logs := planned("aws:ec2/flowLog:FlowLog", "f", object{"to": unknown}, comesFrom("to", urn(policyType, "p"), urn(bucketType, "a")))
	var steps []object
	for _, r := range []object{first, last, validation, vpc, bucket, other, policy, logs} {
		steps = append(steps, step("create", nil, r))
	}
	g := fromPreview(t, preview(t, steps...))
	assert.Equal(t, []string{"a", "z"}, names(g.Ref(g.ByType(vpcType)[0], "arns")), "each once")
	assert.Equal(t, []string{"a", "z"}, names(g.Ref(g.ByType("aws:ec2/flowLog:FlowLog")[0], "to")))
}

func TestDefaultProvidersAreNotCounted(t *testing.T) {
	provider := planned("pulumi:providers:aws", "default_6_83_2", nil, nil)
	same := resource(vpcType, "net", "vpc-1", nil, nil, nil)
	file := document(t, object{"steps": []object{step("same", provider, provider)}, "changeSummary": object{"same": 1}})
	_, err := graph.FromPreview(strings.NewReader(file))
	assert.ErrorContains(t, err, "1 unchanged resources are left out", "a default provider must not stand in for what is missing")

	file = document(t, object{"steps": []object{step("same", provider, provider), step("same", same, same)},
		"changeSummary": object{"same": 1}})
	fromPreview(t, file)
}

func TestPreviewFailsClosed(t *testing.T) {
	vpc := resource(vpcType, "net", "vpc-1", nil, nil, nil)
	subnet := planned(subnetType, "a", object{"vpcId": "vpc-1"}, comesFrom("vpcId", urn(vpcType, "net")))
	whole := preview(t, step("same", vpc, vpc), step("create", nil, subnet))
	edit := func(change func(d object)) string {
		var d object
		require.NoError(t, json.Unmarshal([]byte(whole), &d))
		change(d)
		return document(t, d)
	}
	steps := func(d object) []any { return d["steps"].([]any) }
	for name, c := range map[string]struct{ file, message string }{
		"empty":      {"", "it is empty: run `pulumi preview --json --show-sames` again"},
		"cut off":    {whole[:len(whole)-9], "it is cut off"},
		"an export":  {export(t, small()...), "this is an exported state: give it with --state"},
		"no summary": {edit(func(d object) { delete(d, "changeSummary") }), "it has no summary"},
		"nothing changes": {document(t, object{"changeSummary": object{"same": 7}}),
			"7 unchanged resources are left out: run `pulumi preview --json --show-sames`"},
		"no sames": {edit(func(d object) { d["steps"] = steps(d)[1:] }),
			"1 unchanged resources are left out: run `pulumi preview --json --show-sames`"},
		"step lost": {edit(func(d object) { d["steps"] = steps(d)[:1] }), "1 resources to create are left out"},
		"failed": {edit(func(d object) { d["diagnostics"] = []any{object{"severity": "error", "message": "no such zone\n"}} }),
			"the preview failed: no such zone"},
		"a step of nobody": {edit(func(d object) { delete(steps(d)[0].(object), "urn") }), `"" is not the URN of a resource`},
		"a step of another": {edit(func(d object) { steps(d)[0].(object)["urn"] = urn(vpcType, "other") }),
			"tells of " + urn(vpcType, "net")},
		"damaged state": {edit(func(d object) { d["maybeCorrupt"] = true }), "pulumi refresh"},
		"no new state": {preview(t, step("create", nil, object{"urn": vpc["urn"]}), object{"op": "same", "urn": vpc["urn"]}),
			"the preview does not tell what it becomes"},
		"unknown step":     {preview(t, step("teleport", nil, vpc)), `"teleport" is a step that this version of causeway does not know`},
		"twice":            {preview(t, step("create", nil, vpc), step("create", nil, vpc)), "vpc:Vpc::net occurs twice"},
		"targeted":         {preview(t, step("same", nil, vpc)), "run it without --target"},
		"dependency lost":  {preview(t, step("create", nil, subnet)), "it is only a part"},
		"everything goes":  {preview(t, step("delete", vpc, nil)), "nothing would be left of the stack"},
		"PowerShell's":     {"\xff\xfe{\x00", "it is UTF-16"},
		"stream of events": {`{"type":"prelude"}` + "\n" + `{"type":"summary"}`, "something follows its end"},
	} {
		if _, err := graph.FromPreview(strings.NewReader(c.file)); assert.Error(t, err, name) {
			assert.Contains(t, err.Error(), "reading a preview: ", name)
			assert.Contains(t, err.Error(), c.message, name)
		}
	}
	for i := range len(whole) {
		_, err := graph.FromPreview(strings.NewReader(whole[:i]))
		require.Error(t, err, "the first %d bytes", i)
	}
}

func TestSecretsOfAPreview(t *testing.T) {
	g := fromPreview(t, preview(t, step("create", nil, planned(vpcType, "net", object{"password": "[secret]"}, nil))))
	value, _ := g.Resources[0].Get("password")
	assert.Equal(t, graph.Secret{}, value)
}

// What is updated may get other outputs. One that the engine has told another resource stays, and so does what only
// a replacement changes.
func TestWhatIsToldOfAnUpdateStays(t *testing.T) {
	old := resource(vpcType, "net", "vpc-1", object{"cidrBlock": "10.0.0.0/16"}, object{
		"defaultNetworkAclId": "acl-1", "ipv6CidrBlock": "fd00::/56", "state": "available", "instanceTenancy": "",
	}, nil)
	after := resource(vpcType, "net", "vpc-1", object{"cidrBlock": "10.0.0.0/16", "tags": object{"a": "b"}}, nil, nil)
	told := planned(subnetType, "a", object{"vpcId": "vpc-1", "ipv6CidrBlock": "fd00::/56"},
		comesFrom("ipv6CidrBlock", urn(vpcType, "net")))
	vpc := fromPreview(t, preview(t, step("update", old, after), step("create", nil, told))).ByType(vpcType)[0]
	assert.Equal(t, "acl-1", vpc.Outputs["defaultNetworkAclId"])
	assert.Equal(t, "fd00::/56", vpc.Outputs["ipv6CidrBlock"])
	assert.Equal(t, graph.Unknown{}, vpc.Outputs["state"])
	assert.Equal(t, "", vpc.Outputs["instanceTenancy"])
}

// A provider that the engine would make by itself is in no step of a preview.
func TestADefaultProviderIsAdded(t *testing.T) {
	provider := "urn:pulumi:dev::shop::pulumi:providers:aws::default_6_83_2"
	alone := planned(vpcType, "net", object{"cidrBlock": "10.0.0.0/16"}, object{"provider": provider + "::" + unknown})
	g := fromPreview(t, preview(t, step("create", nil, alone)))
	require.NotNil(t, g.ByURN(provider))
	assert.True(t, g.ByURN(provider).Planned)
	_, err := graph.FromPreview(strings.NewReader(preview(t, step("create", nil, planned(vpcType, "net", object{},
		object{"provider": "urn:pulumi:dev::shop::pulumi:providers:aws::mine::" + unknown})))))
	assert.ErrorContains(t, err, "is only a part")
}
