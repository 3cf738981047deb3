package network_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/proof/network"
)

// A modelled type is modelled in all that it says: a change of it that the model does not follow is
// a problem, and not a proof.
func TestWhatAModelledTypeMaySayIsRead(t *testing.T) {
	template := func(s *site) in { return in{"id": s.template(), "version": "$Latest"} }
	group := func(s *site, more in) in {
		all := in{"vpcZoneIdentifiers": []any{s.private}, "minSize": 1, "maxSize": 2}
		for key, value := range more {
			all[key] = value
		}
		return all
	}
	override := func(specification in) in {
		return in{"launchTemplate": in{"launchTemplateSpecification": in{"launchTemplateId": "TEMPLATE", "version": "$Latest"},
			"overrides": []any{in{"launchTemplateSpecification": specification}}}}
	}
	for name, c := range map[string]struct {
		build func(*site)
		want  string
	}{
		"a template of its own": {func(s *site) { s.add("autoscaling/group:Group", "a", group(s, in{"launchTemplate": template(s)})) }, ""},
		"another template": {func(s *site) {
			s.add("autoscaling/group:Group", "a", group(s, in{"launchTemplate": in{"name": "theirs"}}))
		}, "launchTemplate.name names a template that is not of this stack"},
		"an override with another template": {func(s *site) {
			s.mixed(group(s, nil), override(in{"launchTemplateId": "lt-0123456789abcdef0", "version": "$Latest"}))
		}, "overrides[0].launchTemplateSpecification.launchTemplateId names a template that is not of this stack"},
		"an override with an older version": {func(s *site) {
			s.mixed(group(s, nil), override(in{"launchTemplateId": "TEMPLATE", "version": "1"}))
		}, "it launches version 1 of servers, and what is known is version 3"},
		"an override with the default version, which is older": {func(s *site) {
			s.mixed(group(s, nil), override(in{"launchTemplateId": "TEMPLATE"}))
		}, "it launches version 2 of servers, and what is known is version 3"},
		"an override with the version": {func(s *site) {
			s.mixed(group(s, nil), override(in{"launchTemplateId": "TEMPLATE", "version": "3"}))
		}, ""},
		"servers of another stack": {func(s *site) {
			s.add("autoscaling/attachment:Attachment", "a",
				in{"autoscalingGroupName": "theirs",
					"lbTargetGroupArn": s.add("lb/targetGroup:TargetGroup", "targets", in{"port": 80, "protocol": "HTTP", "vpcId": s.vpc})})
		}, "which servers it puts in the target group is not known"},
		"an endpoint of somebody": {func(s *site) {
			s.add("ec2/vpcEndpoint:VpcEndpoint", "a",
				in{"vpcId": s.vpc, "vpcEndpointType": "Interface", "serviceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0",
					"subnetIds": []any{s.private}})
		}, "it leads to a service that is not AWS's own"},
		"an endpoint of a partner's name": {func(s *site) {
			s.add("ec2/vpcEndpoint:VpcEndpoint", "a",
				in{"vpcId": s.vpc, "vpcEndpointType": "Interface", "serviceName": "com.partner.service", "subnetIds": []any{s.private}})
		}, "it leads to a service that is not AWS's own"},
		"an endpoint of a resource": {func(s *site) {
			s.add("ec2/vpcEndpoint:VpcEndpoint", "a",
				in{"vpcId": s.vpc, "vpcEndpointType": "Interface",
					"resourceConfigurationArn": "arn:aws:vpc-lattice:eu-west-1:1:resourceconfiguration/r", "subnetIds": []any{s.private}})
		}, "what its resourceConfigurationArn changes about who reaches whom is not modelled"},
		"IPv4 by IPv6 through a NAT gateway": {func(s *site) {
			nat := s.add("ec2/natGateway:NatGateway", "nat", in{"subnetId": s.public})
			s.route(s.privateTable, "64:ff9b::/96", in{"natGatewayId": nat})
		}, "what a NAT gateway does with 64:ff9b::/96 is not modelled"},
		"a subnet that makes IPv6 of names": {func(s *site) { s.The("ec2/subnet:Subnet", "private").Set("enableDns64", true) },
			"what its enableDns64 changes"},
		"a gateway of another network": {func(s *site) {
			s.route(s.privateTable, "8.8.8.0/24",
				in{"gatewayId": "igw-0123456789abcdef0"})
		}, "igw-0123456789abcdef0 is no internet gateway of this stack"},
		"a carrier's address": {func(s *site) {
			s.add("ec2/launchTemplate:LaunchTemplate", "a",
				in{"networkInterfaces": []any{in{"associateCarrierIpAddress": "true", "securityGroups": []any{s.back}}}})
		}, "what its networkInterfaces.associateCarrierIpAddress changes"},
		"names asked of a stranger": {func(s *site) {
			s.add("ec2/vpcDhcpOptions:VpcDhcpOptions", "a", in{"domainNameServers": []any{"AmazonProvidedDNS", "203.0.113.53"}})
		}, "names are asked of AmazonProvidedDNS, 203.0.113.53, who may lead them anywhere"},
		"names asked of AWS": {func(s *site) {
			o := s.add("ec2/vpcDhcpOptions:VpcDhcpOptions", "a", in{"domainNameServers": []any{"AmazonProvidedDNS"}})
			s.add("ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation", "a", in{"vpcId": s.vpc, "dhcpOptionsId": o})
		}, ""},
		"options of another stack": {func(s *site) {
			s.add("ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation", "a",
				in{"vpcId": s.vpc, "dhcpOptionsId": "dopt-0123456789abcdef0"})
		}, "whom its DHCP options have names asked of is not known"},
		"an ACL of another stack": {func(s *site) {
			s.add("ec2/networkAclAssociation:NetworkAclAssociation", "a",
				in{"subnetId": s.private, "networkAclId": "acl-0123456789abcdef0"})
		}, "acl-0123456789abcdef0 is not an ACL of this stack"},
		"an address given by hand": {func(s *site) {
			s.Add("ec2/eip:Eip", "a", in{}).Answer("instance", "i-0123456789abcdef0")
		}, "the cloud's last answer has it at the instance i-0123456789abcdef0"},
		"a route made by hand to a stranger's endpoint": {func(s *site) {
			s.The("ec2/routeTable:RouteTable", "private").
				Answer("routes", []any{in{"cidrBlock": "0.0.0.0/0", "gatewayId": "vpce-0123456789abcdef0"}})
		}, "the cloud's last answer has a route that no resource declares: 0.0.0.0/0"},
	} {
		s := newSite(t)
		c.build(s)
		problems := strings.Join(s.problems(), "\n")
		if c.want == "" {
			assert.Empty(t, problems, name)
		} else {
			assert.Contains(t, problems, c.want, name)
		}
	}
}

// template is a template whose third version is the latest and whose second the default.
func (s *site) template() string {
	r := s.Add("ec2/launchTemplate:LaunchTemplate", "servers", in{"vpcSecurityGroupIds": []any{s.back}})
	return r.Answer("latestVersion", 3).Answer("defaultVersion", 2).ID()
}

// mixed adds servers of a policy, in which TEMPLATE stands for a template of the stack.
func (s *site) mixed(group, policy in) {
	id := s.template()
	launch := policy["launchTemplate"].(in)
	for _, specification := range []any{launch["launchTemplateSpecification"],
		launch["overrides"].([]any)[0].(in)["launchTemplateSpecification"]} {
		if specification.(in)["launchTemplateId"] == "TEMPLATE" {
			specification.(in)["launchTemplateId"] = id
		}
	}
	group["mixedInstancesPolicy"] = policy
	s.add("autoscaling/group:Group", "a", group)
}

// Where internet gateways are shut, nothing gets in for sure, and everything still may.
func TestShutInternetGatewaysAreNoWay(t *testing.T) {
	for mode, want := range map[string]string{"off": "tcp 443", "block-bidirectional": "nothing", "block-ingress": "nothing"} {
		s := newSite(t)
		s.add("ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions", "options", in{"internetGatewayBlockMode": mode})
		s.route(s.publicTable, "0.0.0.0/0", in{"gatewayId": s.gateway})
		s.rule(s.front, false, in{"cidrIpv4": "0.0.0.0/0"})
		w := network.New(s.Graph())
		to := w.Find("front")[0]
		assert.Equal(t, "tcp 443", w.Edge(network.May, w.Internet, to).String(), mode)
		assert.Equal(t, want, w.Edge(network.Must, w.Internet, to).String(), mode)
		if want == "nothing" {
			assert.Contains(t, w.Stopped(network.Must, w.Internet, to), "block public access")
		}
	}
}
