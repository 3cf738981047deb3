package survey

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// What the account has besides lives with the stack: a way out to its prefix list leads to the list's entries, its secret
// has a value, and its own VPC is not the one that lives.
func TestWhatTheAccountHasBesidesLives(t *testing.T) {
	const secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:mail-AbCdEf"
	has := func(typ, id string, in value.Map) world.Belonging {
		return world.Belonging{Type: typ, ID: id, Region: "eu-west-1", Inputs: in, Planned: value.CopyMap(in)}
	}
	w, err := world.Open(world.Options{Account: "111122223333", Belongings: []world.Belonging{
		has("aws:ec2/managedPrefixList:ManagedPrefixList", "pl-0123456789abcdef0", value.Map{"name": "partners", "addressFamily": "IPv4",
			"maxEntries": 2.0, "entries": []any{value.Map{"cidr": "198.51.100.0/24"}, value.Map{"cidr": "203.0.113.7/32"}}}),
		has("aws:secretsmanager/secret:Secret", secret, value.Map{"name": "mail"}),
		has("aws:secretsmanager/secretVersion:SecretVersion", "", value.Map{"secretId": secret, "secretString": "rehearsed"}),
		has("aws:ec2/vpc:Vpc", "", value.Map{"cidrBlock": "10.9.0.0/16"}),
	}})
	require.NoError(t, err)
	ours := func(typ string, in value.Map) *world.Object {
		o, err := w.Create(world.Request{Type: typ, URN: "urn:pulumi:s::p::" + typ + "::x", Region: "eu-west-1", Inputs: in,
			Planned: value.CopyMap(in)})
		require.NoError(t, err)
		return o
	}
	vpc := ours("aws:ec2/vpc:Vpc", value.Map{"cidrBlock": "10.0.0.0/16"})
	group := ours("aws:ec2/securityGroup:SecurityGroup", value.Map{"vpcId": vpc.ID, "name": "app"})
	ours("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", value.Map{"securityGroupId": group.ID, "ipProtocol": "tcp",
		"fromPort": 587.0, "toPort": 587.0, "prefixListId": "pl-0123456789abcdef0"})
	source := Read(w, "local")
	p := planned(t, source)
	var leads []netip.Prefix
	for _, g := range p.Network.Groups {
		if g.ID == group.ID {
			require.Len(t, g.Egress, 1)
			leads = g.Egress[0].Prefixes
		}
	}
	assert.Equal(t, []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.7/32")}, leads)
	assert.Equal(t, "rehearsed", Declared(source)[secret])
}
