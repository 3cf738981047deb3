package network_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra/infratest"
)

const (
	subnetType      = "aws:ec2/subnet:Subnet"
	routeType       = "aws:ec2/route:Route"
	tableType       = "aws:ec2/routeTable:RouteTable"
	associationType = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	natType         = "aws:ec2/natGateway:NatGateway"
	eipType         = "aws:ec2/eip:Eip"
	aclType         = "aws:ec2/networkAcl:NetworkAcl"
	aclRuleType     = "aws:ec2/networkAclRule:NetworkAclRule"
	endpointType    = "aws:ec2/vpcEndpoint:VpcEndpoint"
)

func zones(letters string) (all []string) {
	for _, l := range letters {
		all = append(all, "eu-west-1"+string(l))
	}
	return all
}

func outputs(d infratest.Declared) map[string]any {
	switch d.Type {
	case "aws:ec2/vpc:Vpc":
		return map[string]any{"defaultNetworkAclId": "acl-0", "defaultRouteTableId": "rtb-0"}
	case endpointType:
		return map[string]any{"prefixListId": "pl-s3"}
	case eipType:
		return map[string]any{"allocationId": d.Name, "publicIp": "203.0.113.1"}
	}
	return nil
}

func program(args network.Args, check func(*network.Network)) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		p := infratest.Platform("prod")
		k, err := keys.New(ctx, "prod-keys", p, keys.Args{})
		if err != nil {
			return err
		}
		boundary, err := identity.NewBoundary(ctx, "prod-boundary", p, k, identity.BoundaryArgs{})
		if err != nil {
			return err
		}
		n, err := network.New(ctx, "prod-network", p, network.Wiring{Keys: k, Boundary: boundary}, args)
		if err == nil && check != nil {
			check(n)
		}
		return err
	}
}

func record(t *testing.T, args network.Args) []infratest.Declared {
	t.Helper()
	return infratest.Record(t, outputs, program(args, nil))
}

func named(all []infratest.Declared, token string) map[string]map[string]any {
	found := map[string]map[string]any{}
	for _, d := range infratest.OfType(all, token) {
		found[d.Name] = d.Plain()
	}
	return found
}

// Pain 18: growing, shrinking and reordering move no subnet.
func TestGrowingMovesNothing(t *testing.T) {
	subnets := func(letters string) map[string]map[string]any {
		return named(record(t, network.Args{ZoneNames: zones(letters), NAT: network.NATSingle}), subnetType)
	}
	all := subnets("abcdef")
	assert.Len(t, all, 24)
	for _, letters := range []string{"ab", "ba", "bf", "cab"} {
		some := subnets(letters)
		assert.Len(t, some, 4*len(letters))
		for name, subnet := range some {
			assert.Equal(t, all[name], subnet, name)
		}
	}
}

// The same for everything else: a zone more adds resources and changes only those
// that list zones.
func TestAddingAZoneTouchesOnlyLists(t *testing.T) {
	lists := map[string]bool{aclType: true, endpointType: true}
	after := map[string]map[string]any{}
	for _, d := range record(t, network.Args{ZoneNames: zones("abc"), NAT: network.NATPerZone}) {
		after[d.Type+d.Name] = d.Plain()
	}
	for _, d := range record(t, network.Args{ZoneNames: zones("ab"), NAT: network.NATPerZone}) {
		require.Contains(t, after, d.Type+d.Name)
		if !lists[d.Type] {
			assert.Equal(t, after[d.Type+d.Name], d.Plain(), d.Name)
		}
	}
}

// Controls 13, 17 and 18.
func TestNothingGetsAPublicAddress(t *testing.T) {
	all := record(t, network.Args{ZoneNames: zones("abc")})
	vpc := infratest.One(t, all, "aws:ec2/vpc:Vpc").Plain()
	assert.Equal(t, true, vpc["enableDnsSupport"])
	assert.Equal(t, true, vpc["enableDnsHostnames"])
	assert.Equal(t, false, vpc["assignGeneratedIpv6CidrBlock"])
	for name, subnet := range named(all, subnetType) {
		assert.Equal(t, false, subnet["mapPublicIpOnLaunch"], name)
		assert.Equal(t, false, subnet["assignIpv6AddressOnCreation"], name)
		assert.NotContains(t, subnet, "ipv6CidrBlock")
	}
}

// routesOf is where a subnet's packets may leave the network, by association.
func routesOf(all []infratest.Declared) map[string][]string {
	targets := map[string][]string{}
	for _, r := range named(all, routeType) {
		for _, kind := range []string{"gatewayId", "natGatewayId"} {
			if id, ok := r[kind]; ok {
				table := r["routeTableId"].(string)
				targets[table] = append(targets[table], id.(string))
			}
		}
	}
	routes := map[string][]string{}
	for _, a := range named(all, associationType) {
		routes[a["subnetId"].(string)] = targets[a["routeTableId"].(string)]
	}
	return routes
}

// Controls 20 to 25 and invariants 17 to 19, for each NAT setting.
func TestWaysOut(t *testing.T) {
	for nat, want := range map[network.NAT]map[string][]string{
		network.NATNone:    {"a": nil, "b": nil},
		network.NATSingle:  {"a": {"prod-network-nat-a-id"}, "b": {"prod-network-nat-a-id"}},
		network.NATPerZone: {"a": {"prod-network-nat-a-id"}, "b": {"prod-network-nat-b-id"}},
	} {
		all := record(t, network.Args{ZoneNames: zones("ab"), NAT: nat})
		routes := routesOf(all)
		require.Len(t, routes, len(infratest.OfType(all, subnetType)), "every subnet has a table of its own choice")
		for _, zone := range []string{"a", "b"} {
			id := func(tier string) string { return "prod-network-" + tier + "-" + zone + "-id" }
			assert.Equal(t, []string{"prod-network-id"}, routes[id("public")], nat)
			assert.Equal(t, want[zone], routes[id("web")], nat)
			assert.Equal(t, want[zone], routes[id("app")], nat)
			assert.Empty(t, routes[id("data")], "pain 19: a database has no way out (%s)", nat)
		}
		for name, gateway := range named(all, natType) {
			assert.Equal(t, strings.Replace(name, "nat", "public", 1)+"-id", gateway["subnetId"], "NAT gateways are in public subnets")
			assert.Contains(t, named(all, eipType), name, "control 24: no address without a gateway")
		}
		assert.Len(t, named(all, eipType), len(named(all, natType)))
	}
}

// The way from one NAT gateway to one in each zone keeps tables, associations and
// the gateway there is: only a route changes.
func TestChangingNATReplacesNothing(t *testing.T) {
	single := record(t, network.Args{ZoneNames: zones("ab"), NAT: network.NATSingle})
	perZone := record(t, network.Args{ZoneNames: zones("ab"), NAT: network.NATPerZone})
	for _, token := range []string{tableType, associationType, subnetType, aclRuleType} {
		assert.Equal(t, named(single, token), named(perZone, token), token)
	}
	assert.Equal(t, named(single, natType)["prod-network-nat-a"], named(perZone, natType)["prod-network-nat-a"])
}

// Pain 4, for routes: an inline route and a standalone one would fight.
func TestRoutesAndACLRulesStandAlone(t *testing.T) {
	all := record(t, network.Args{ZoneNames: zones("ab")})
	for name, table := range named(all, tableType) {
		assert.NotContains(t, table, "routes", name)
	}
	for name, acl := range named(all, aclType) {
		assert.NotContains(t, acl, "ingress", name)
		assert.NotContains(t, acl, "egress", name)
	}
}

// Controls 4, 23 and 31.
func TestDefaultsAreEmptied(t *testing.T) {
	all := record(t, network.Args{ZoneNames: zones("ab")})
	group := infratest.One(t, all, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").Plain()
	assert.Equal(t, []any{}, group["ingress"])
	assert.Equal(t, []any{}, group["egress"])
	acl := infratest.One(t, all, "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl").Plain()
	assert.Equal(t, "acl-0", acl["defaultNetworkAclId"])
	assert.Equal(t, []any{}, acl["ingress"])
	assert.Equal(t, []any{}, acl["egress"])
	table := infratest.One(t, all, "aws:ec2/defaultRouteTable:DefaultRouteTable").Plain()
	assert.Equal(t, "rtb-0", table["defaultRouteTableId"])
	assert.Equal(t, []any{}, table["routes"])
}

// Controls 1 and 2.
func TestFlowLog(t *testing.T) {
	all := record(t, network.Args{ZoneNames: zones("ab")})
	flow := infratest.One(t, all, "aws:ec2/flowLog:FlowLog").Plain()
	assert.Equal(t, "prod-network-id", flow["vpcId"])
	assert.Equal(t, "ALL", flow["trafficType"])
	group := infratest.One(t, all, "aws:cloudwatch/logGroup:LogGroup")
	assert.Equal(t, "arn:aws:cloudwatch:eu-west-1:123456789012:"+group.Name, flow["logDestination"])
	assert.Contains(t, group.Plain()["kmsKeyId"], "prod-keys-logs")
	assert.Equal(t, 365.0, group.Plain()["retentionInDays"])
	role := infratest.One(t, all, "aws:iam/role:Role").Plain()
	assert.Contains(t, role["assumeRolePolicy"], `"aws:SourceArn":"arn:aws:ec2:eu-west-1:123456789012:vpc-flow-log/*"`)
	assert.Contains(t, role["permissionsBoundary"], "prod-boundary")
}

// Controls 9 and 12: the private tiers reach S3 without NAT, but neither the data
// tier nor a bucket of somebody else's.
func TestS3Endpoint(t *testing.T) {
	all := record(t, network.Args{ZoneNames: zones("ab"), NAT: network.NATNone})
	endpoint := infratest.One(t, all, endpointType).Plain()
	assert.ElementsMatch(t, []any{"prod-network-private-a-id", "prod-network-private-b-id"}, endpoint["routeTableIds"])
	var document struct {
		Statement []struct {
			Sid       string
			Action    any
			Resource  any
			Condition map[string]map[string]string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(endpoint["policy"].(string)), &document))
	require.Len(t, document.Statement, 2)
	own, packages := document.Statement[0], document.Statement[1]
	assert.Equal(t, "arn:aws:s3:::prod-*", own.Resource)
	assert.Equal(t, map[string]string{"aws:PrincipalAccount": "123456789012", "aws:ResourceAccount": "123456789012"},
		own.Condition["StringEquals"])
	assert.Contains(t, packages.Resource, "arn:aws:s3:::al2023-repos-eu-west-1-de612dc2/*")
	assert.Equal(t, "s3:GetObject", packages.Action)
	for _, resource := range packages.Resource.([]any) {
		assert.Contains(t, resource, "eu-west-1", "AWS's own buckets are named by region")
	}
}

func TestOutputs(t *testing.T) {
	infratest.Record(t, outputs, program(network.Args{ZoneNames: zones("cab"), NAT: network.NATSingle}, func(n *network.Network) {
		assert.Equal(t, zones("abc"), n.Zones)
		assert.Equal(t, "10.0.0.0/16", n.CIDR)
		pulumi.All(n.VPC(), n.S3PrefixList(), n.Subnets(network.App), n.NATAddresses).ApplyT(func(all []any) error {
			assert.Equal(t, []any{
				"prod-network-id", "pl-s3",
				[]string{"prod-network-app-a-id", "prod-network-app-b-id", "prod-network-app-c-id"},
				[]string{"203.0.113.1"},
			}, all)
			return nil
		})
	}))
}

// What comes first waits for the way: the internet gateway's route for a load
// balancer, NAT and S3 for servers; a database waits for no NAT gateway.
func TestReady(t *testing.T) {
	infratest.Record(t, outputs, program(network.Args{ZoneNames: zones("ab"), NAT: network.NATSingle}, func(n *network.Network) {
		types := func(tier network.Tier) map[string]int {
			count := map[string]int{}
			for _, r := range n.Ready(tier) {
				count[reflect.TypeOf(r).Elem().Name()]++
			}
			delete(count, "NetworkAclRule")
			return count
		}
		assert.Equal(t, map[string]int{"Route": 1, "RouteTableAssociation": 2}, types(network.Public))
		assert.Equal(t, map[string]int{"Route": 2, "RouteTableAssociation": 2, "VpcEndpoint": 1}, types(network.Web))
		assert.Equal(t, types(network.Web), types(network.App))
		assert.Equal(t, map[string]int{"RouteTableAssociation": 2}, types(network.Data))
	}))
}

var update = flag.Bool("update", false, "write the golden file")

// Pain 27: a resource that is called otherwise is replaced. Names may be added;
// where one must change, the old one becomes an alias.
func TestLogicalNamesAreGolden(t *testing.T) {
	const golden = "testdata/names.golden"
	var names strings.Builder
	for _, d := range record(t, network.Args{ZoneNames: zones("ab"), NAT: network.NATPerZone}) {
		if strings.HasPrefix(d.Name, "prod-network") {
			fmt.Fprintln(&names, d.Type, d.Name)
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(names.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), names.String(), "if this is meant: go test ./components/network -update, and add aliases")
}

func TestRefusedSettings(t *testing.T) {
	good := func(change func(*network.Args)) network.Args {
		args := network.Args{ZoneNames: zones("ab")}
		change(&args)
		return args
	}
	for _, c := range []struct {
		args    network.Args
		problem string
	}{
		{good(func(a *network.Args) { a.CIDR = "8.8.0.0/16" }), "cidr: 8.8.0.0/16 is not private"},
		{good(func(a *network.Args) { a.CIDR = "10.0.0.0/24" }), "cidr: 10.0.0.0/24 is too small"},
		{good(func(a *network.Args) { a.ZoneNames = nil }), "zoneNames: 0 is too few"},
		{good(func(a *network.Args) { a.ZoneNames = zones("a") }), "zoneNames: 1 is too few"},
		{good(func(a *network.Args) { a.ZoneNames = zones("aa") }), "zoneNames[1]: eu-west-1a is listed twice"},
		{good(func(a *network.Args) { a.ZoneNames = []string{"eu-west-1a", "eu-west-2b"} }),
			"zoneNames[1]: eu-west-2b is not in eu-west-1"},
		{good(func(a *network.Args) { a.ZoneNames = []string{"eu-west-1a", "us-east-1-bos-1a"} }), "is not an availability zone"},
		{good(func(a *network.Args) { a.NAT = "two" }), "nat: there is no NAT \"two\""},
		{good(func(a *network.Args) { a.PublicPorts = []int{443, 22} }), "publicPorts[1]: port 22 must not be reachable"},
		{good(func(a *network.Args) { a.PublicPorts = []int{3389} }), "Session Manager"},
		{good(func(a *network.Args) { a.PublicPorts = []int{0} }), "is not a port"},
		{good(func(a *network.Args) { a.PublicPorts = []int{443, 443} }), "is listed twice"},
		{good(func(a *network.Args) { a.PublicPorts = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} }),
			"publicPorts: the network ACL of the public tier needs 21 rules"},
		{good(func(a *network.Args) { a.LogDays = 100 }), "cannot keep logs for 100 days"},
	} {
		assert.ErrorContains(t, c.args.Validate().Err(), c.problem)
	}
	assert.Len(t, network.Args{CIDR: "x", ZoneNames: zones("a"), NAT: "x"}.Validate(), 3, "everything at once")
}

func TestRefusedWiring(t *testing.T) {
	_, err := infratest.TryRecord(outputs, func(ctx *pulumi.Context) error {
		_, err := network.New(ctx, "n", infratest.Platform("prod"), network.Wiring{}, network.Args{ZoneNames: zones("ab")})
		return err
	})
	assert.ErrorContains(t, err, "Boundary: is missing from the component's wiring")
	_, err = infratest.TryRecord(outputs, program(network.Args{ZoneNames: []string{"us-east-1a", "us-east-1b"}}, nil))
	assert.ErrorContains(t, err, "us-east-1a is not in the platform's region; write zones of eu-west-1")
}

func port(rule map[string]any, key string) int {
	n, ok := rule[key].(float64)
	if !ok {
		return -1
	}
	return int(n)
}

func describe(rule map[string]any) string {
	return fmt.Sprint(rule["egress"], rule["ruleNumber"], rule["cidrBlock"], port(rule, "fromPort"), port(rule, "toPort"))
}
