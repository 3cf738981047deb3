package network_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/network"
)

const ruleType = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"

// changed is a deployed site, and the graph of what a change would make of it.
func changed(t *testing.T, before, change func(*site), replaced ...string) *network.Model {
	s := newSite(t)
	s.rule(s.front, true, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "-1"})
	before(s)
	after := *s
	after.Stack = s.Copy()
	change(&after)
	return network.New(s.PreviewOf(after.Stack, replaced...))
}

func edge(w *network.Model, m network.Mode, from, to string) string {
	return w.Edge(m, w.Find(from)[0], w.Find(to)[0]).String()
}

func told(w *network.Model) string {
	var all []string
	for _, p := range w.Problems {
		all = append(all, p.What)
	}
	return strings.Join(all, "\n")
}

// answers is what a refreshed group tells of a rule for 443.
func answers(more in) []any {
	entry := map[string]any{"protocol": "tcp", "fromPort": 443, "toPort": 443, "self": false}
	for key, value := range more {
		entry[key] = value
	}
	return []any{entry}
}

func TestAPreviewIsOfWhatIsThereAfterwards(t *testing.T) {
	open := func(s *site) {
		s.Add(ruleType, "hole", in{"securityGroupId": s.back, "cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 443,
			"toPort": 443}).Answer("cidrIpv4", "0.0.0.0/0")
		s.The("ec2/securityGroup:SecurityGroup", "back").Answer("ingress", answers(in{"cidrBlocks": []any{"0.0.0.0/0"}}))
	}
	w := changed(t, open, func(s *site) { s.Remove(ruleType, "hole") })
	assert.Equal(t, "nothing", edge(w, network.May, "front", "back"), "a rule that is deleted")
	assert.Empty(t, told(w), "what the cloud still tells of it is not drift")

	w = changed(t, open, func(s *site) {
		s.The(ruleType, "hole").Set("cidrIpv4", nil).Set("referencedSecurityGroupId", s.back)
	})
	assert.Equal(t, "nothing", edge(w, network.May, "front", "back"), "a rule that names a group from now on")
	assert.Empty(t, told(w))

	w = changed(t, func(s *site) {}, open)
	assert.Equal(t, "tcp 443", edge(w, network.Must, "front", "back"), "a rule that is new")

	w = changed(t, open, func(s *site) { s.The("ec2/securityGroup:SecurityGroup", "back").Set("description", "new") },
		"ec2/securityGroup:SecurityGroup")
	assert.Equal(t, "tcp 443", edge(w, network.Must, "front", "back"), "a group that is replaced, with what names it")
	assert.Empty(t, told(w))
}

func TestAPreviewOfRoutes(t *testing.T) {
	lead := func(s *site) {
		s.anyone(s.back)
		s.The("ec2/instance:Instance", "back").Set("associatePublicIpAddress", true)
		nat := s.add("ec2/natGateway:NatGateway", "nat", in{"subnetId": s.public})
		s.Add("ec2/route:Route", "out", in{"routeTableId": s.privateTable, "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": nat}).
			Answer("natGatewayId", nat)
		s.The("ec2/routeTable:RouteTable", "private").Answer("routes", []any{map[string]any{"cidrBlock": "0.0.0.0/0", "natGatewayId": nat}})
	}
	w := changed(t, lead, func(s *site) { s.The("ec2/route:Route", "out").Set("natGatewayId", nil).Set("gatewayId", s.gateway) })
	assert.Equal(t, "tcp 443", edge(w, network.May, "internet", "back"))
	assert.Empty(t, told(w))
	w = changed(t, lead, func(s *site) { s.Remove("ec2/route:Route", "out") })
	assert.Equal(t, "nothing", edge(w, network.May, "back", "internet"))
	assert.Empty(t, told(w))
}

// The provider leaves alone what a group no longer says inline, and a change of tags
// hides no rule that was made by hand.
func TestDriftIsSeenThroughAChange(t *testing.T) {
	const group = "ec2/securityGroup:SecurityGroup"
	inline := answers(in{"cidrBlocks": []any{"0.0.0.0/0"}})
	w := changed(t, func(s *site) { s.The(group, "back").Set("ingress", inline) }, func(s *site) {
		back := s.The(group, "back").Set("ingress", nil)
		back.Set("tags", map[string]any{"Name": "back"})
	})
	assert.Contains(t, told(w), "the cloud's last answer has a rule that no resource declares")
	w = changed(t, func(s *site) { s.The(group, "back").Answer("ingress", inline) }, func(s *site) {
		s.The(group, "back").Set("tags", map[string]any{"Name": "back"})
	})
	assert.Contains(t, told(w), "the cloud's last answer has a rule that no resource declares")
}

// A rule that was taken away after the last refresh is still in its group's answer: nobody can see in
// the state that it has gone, so the report says how to find out.
func TestAStateThatIsNotRefreshedSaysSo(t *testing.T) {
	s := newSite(t)
	s.Add(ruleType, "hole", in{"securityGroupId": s.back, "cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp", "fromPort": 443, "toPort": 443})
	s.The("ec2/securityGroup:SecurityGroup", "back").Answer("ingress", answers(in{"cidrBlocks": []any{"0.0.0.0/0"}}))
	assert.Empty(t, network.New(s.Graph()).Problems)
	s.Remove(ruleType, "hole")
	problems := network.New(s.Graph()).Problems
	require.Len(t, problems, 1)
	assert.Contains(t, problems[0].Remedy, "run `pulumi refresh` and verify again")
}

// What a preview says before the first deployment is what the state says after it.
func TestAFirstPreviewSaysWhatTheStateWill(t *testing.T) {
	s := newSite(t)
	s.balancer("application", in{"securityGroups": []any{s.front}}, nil, nil)
	s.anyone(s.front)
	s.rule(s.front, true, in{"referencedSecurityGroupId": s.back, "fromPort": 8443, "toPort": 8443})
	s.rule(s.back, false, in{"referencedSecurityGroupId": s.front, "fromPort": 8443, "toPort": 8443})
	s.nat(nil)
	rows := func(g *graph.Graph) string {
		w := network.New(g)
		assert.Empty(t, told(w))
		return network.FormatMatrix(w.Matrix())
	}
	empty := newSite(t)
	for _, r := range empty.Every()[1:] {
		empty.Remove(strings.TrimPrefix(r.Type(), "aws:"), r.Name())
	}
	assert.Equal(t, rows(s.Graph()), rows(empty.PreviewOf(s.Stack)))
}
