package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func TestCriticalPath(t *testing.T) {
	for _, c := range []struct {
		name  string
		nodes map[string]node
		path  []string
		takes int
	}{
		{"nothing", map[string]node{}, nil, 0},
		{"one", map[string]node{"a": {takes: seconds(3)}}, []string{"a"}, 3},
		{"side by side, the longer counts", map[string]node{"a": {takes: seconds(3)}, "b": {takes: seconds(5)}}, []string{"b"}, 5},
		{"the longest way, not that of most steps", map[string]node{
			"net": {takes: seconds(1)}, "db": {takes: seconds(600), after: []string{"net"}},
			"x": {takes: seconds(2), after: []string{"net"}}, "y": {takes: seconds(2), after: []string{"x"}},
			"z":   {takes: seconds(2), after: []string{"y"}},
			"app": {takes: seconds(10), after: []string{"z", "db"}},
		}, []string{"net", "db", "app"}, 611},
		{"a diamond counts its foot once", map[string]node{
			"foot": {takes: seconds(10)}, "left": {takes: seconds(1), after: []string{"foot"}},
			"right": {takes: seconds(2), after: []string{"foot"}},
			"top":   {takes: seconds(1), after: []string{"left", "right"}},
		}, []string{"foot", "right", "top"}, 13},
		{"what takes no time still passes on", map[string]node{
			"component": {after: []string{"slow"}}, "slow": {takes: seconds(7)}, "child": {takes: seconds(1), after: []string{"component"}},
		}, []string{"slow", "component", "child"}, 8},
		{"of two as long, the first by name", map[string]node{
			"b": {takes: seconds(4)}, "a": {takes: seconds(4)}, "end": {takes: seconds(1), after: []string{"b", "a"}},
		}, []string{"a", "end"}, 5},
		{"of two ends as late, the first by name", map[string]node{"b": {takes: seconds(4)}, "a": {takes: seconds(4)}}, []string{"a"}, 4},
	} {
		path, length, err := criticalPath(c.nodes)
		require.NoError(t, err, c.name)
		assert.Equal(t, c.path, path, c.name)
		assert.Equal(t, seconds(c.takes), length, c.name)
	}
}

func TestCriticalPathOfWhatIsNoGraph(t *testing.T) {
	_, _, err := criticalPath(map[string]node{"a": {after: []string{"b"}}, "b": {after: []string{"a"}}})
	assert.ErrorContains(t, err, "waits for itself")
	_, _, err = criticalPath(map[string]node{"a": {after: []string{"gone"}}})
	assert.ErrorContains(t, err, "gone, which is not there")
}

// exported is a stack's state: a provider, a network component with a VPC and an
// endpoint of each kind, and a database in two zones that waits for the VPC.
const exported = `{"version": 3, "deployment": {"manifest": {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""}, "resources": [
{"urn": "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", "type": "pulumi:pulumi:Stack"},
{"urn": "urn:pulumi:s::p::pulumi:providers:aws::aws", "type": "pulumi:providers:aws", "custom": true, "id": "1"},
{"urn": "urn:pulumi:s::p::shop:network::net", "type": "shop:network", "parent": "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s"},
{"urn": "urn:pulumi:s::p::shop:network$aws:ec2/vpc:Vpc::vpc", "type": "aws:ec2/vpc:Vpc", "custom": true, "id": "vpc-1",
 "parent": "urn:pulumi:s::p::shop:network::net", "provider": "urn:pulumi:s::p::pulumi:providers:aws::aws::1"},
{"urn": "urn:pulumi:s::p::shop:network$aws:ec2/vpcEndpoint:VpcEndpoint::gate", "type": "aws:ec2/vpcEndpoint:VpcEndpoint", "custom": true,
 "id": "vpce-1", "inputs": {"vpcEndpointType": "Gateway"}, "parent": "urn:pulumi:s::p::shop:network::net",
 "dependencies": ["urn:pulumi:s::p::shop:network$aws:ec2/vpc:Vpc::vpc"]},
{"urn": "urn:pulumi:s::p::shop:network$aws:ec2/vpcEndpoint:VpcEndpoint::face", "type": "aws:ec2/vpcEndpoint:VpcEndpoint", "custom": true,
 "id": "vpce-2", "inputs": {"vpcEndpointType": "Interface"}, "parent": "urn:pulumi:s::p::shop:network::net",
 "dependencies": ["urn:pulumi:s::p::shop:network$aws:ec2/vpc:Vpc::vpc"]},
{"urn": "urn:pulumi:s::p::aws:rds/instance:Instance::db", "type": "aws:rds/instance:Instance", "custom": true, "id": "db-1",
 "inputs": {"multiAz": true}, "propertyDependencies": {"vpc": ["urn:pulumi:s::p::shop:network$aws:ec2/vpc:Vpc::vpc"]}}
]}}`

func TestTheLongestPathOfAStack(t *testing.T) {
	g, err := graph.FromState(strings.NewReader(exported))
	require.NoError(t, err)
	path, err := longest(g)
	require.NoError(t, err)
	vpc, db := float64(slow["aws:ec2/vpc:Vpc"].seconds), float64(multiZone*slow["aws:rds/instance:Instance"].seconds)
	endpoint := float64(slow["aws:ec2/vpcEndpoint:VpcEndpoint"].seconds)
	assert.Equal(t, []Step{{"vpc", "aws:ec2/vpc:Vpc", vpc}, {"db", "aws:rds/instance:Instance", db}}, path.Steps)
	assert.Equal(t, vpc+db, path.Seconds)
	assert.Equal(t, vpc+db+endpoint+6, path.Sum, "a gateway endpoint is a route, made in seconds; components and providers take nothing")
}

func TestResourcesAreCountedWithoutProvidersAndTheStack(t *testing.T) {
	g, err := graph.FromState(strings.NewReader(exported))
	require.NoError(t, err)
	managed, components := resources(g)
	assert.Equal(t, []int{4, 1}, []int{managed, components})
}

func TestEveryCreationTimeSaysWhatItRestsOn(t *testing.T) {
	for token, c := range slow {
		assert.Positive(t, c.seconds, token)
		assert.NotEmpty(t, c.basis, token)
	}
}
