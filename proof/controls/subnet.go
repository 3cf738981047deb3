package controls

import (
	"maps"
	"slices"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

var aclTypes = []string{aclType, defaultACLType}

var subnets = []Control{
	{
		Number: 17, Severity: report.High, Title: "No subnet gives public addresses to what starts in it", Types: []string{subnetType},
		Known:  "FSBP EC2.15; Checkov CKV_AWS_130; Trivy AWS-0164; Prowler vpc_subnet_no_public_ip_by_default",
		Remedy: "leave out mapPublicIpOnLaunch: load balancers and NAT gateways do not need it", each: isNot("mapPublicIpOnLaunch", true),
	},
	{
		Number: 18, Severity: report.Medium, Title: "No subnet gives IPv6 addresses to what starts in it", Types: []string{subnetType},
		Remedy: "leave out assignIpv6AddressOnCreation", each: isNot("assignIpv6AddressOnCreation", true),
	},
	{
		Number: 19, Severity: report.Medium, Title: "Every tier's subnets are in two zones or more", Types: []string{subnetType},
		Later:  true,
		Known:  "FSBP ELB.13 AutoScaling.2 RDS.5; Prowler vpc_subnet_different_az",
		Remedy: "add a subnet of the tier in another zone", whole: tiersInZones,
	},
	{
		Number: 20, Severity: report.High, Title: "Servers and databases have no subnet in common with what faces the internet",
		Types:  []string{subnetType},
		Known:  "Prowler vpc_subnet_separate_private_public",
		Remedy: "give the tier subnets of its own, whose route table has no internet gateway", each: separated,
	},
	{
		Number: 21, Severity: report.High, Title: "Servers reach the internet by NAT, if at all",
		Types:  []string{scalingType, instanceType},
		Known:  "Checkov CKV2_AWS_35",
		Remedy: "route 0.0.0.0/0 of its subnets to a NAT gateway", each: outByNAT,
	},
	{
		Number: 22, Severity: report.Critical, Title: "Database subnets have no way to the internet", Types: []string{subnetType},
		Known:  "FSBP RDS.46 RDS.18; Prowler rds_instance_inside_vpc",
		Remedy: "give them a route table without a route to any gateway", each: databaseStays,
	},
	{
		Number: 23, House: true, Severity: report.Medium, Title: "Every subnet names its route table, and the main ones are empty",
		Types:  []string{subnetType, vpcType},
		Remedy: "add an ec2.RouteTableAssociation for each subnet, and an ec2.DefaultRouteTable without routes",
		each:   all(associated, mainEmpty),
	},
	{
		Number: 24, Severity: report.Low, Title: "Every Elastic IP address is used", Types: []string{eipType},
		Remedy: "attach it, or release it", each: addressUsed,
		Known: "FSBP EC2.12; Checkov CKV2_AWS_19; Prowler ec2_elastic_ip_unassigned",
	},
	{
		Number: 25, Severity: report.Medium, Title: "Every zone with servers has a NAT gateway of its own, in a public subnet",
		Types:   []string{natType},
		Waivers: []string{"sharedNat"},
		Remedy:  "make one NAT gateway in the public subnet of each zone, and route each zone's subnets to its own", whole: natPerZone,
	},
	{
		Number: 26, Severity: report.High, Title: "Nothing forwards packets that are not its own",
		Types:  []string{interfaceType, instanceType},
		Known:  "FSBP EC2.180",
		Remedy: "leave out sourceDestCheck", each: isNot("sourceDestCheck", false),
	},
	{
		Number: 27, Severity: report.High, Title: "No network ACL lets the internet in to SSH or Remote Desktop", Types: aclTypes,
		Known: "FSBP EC2.21; CIS v3.0/5.1 v5.0/5.2; Checkov CKV_AWS_231 CKV_AWS_232; Trivy AWS-0105; " +
			"Prowler ec2_networkacl_allow_ingress_tcp_port_22 ec2_networkacl_allow_ingress_tcp_port_3389",
		Note:   "return traffic needs the high ports, of which 3389 is one: it is let in only if the rule before does not refuse it",
		Remedy: "refuse tcp 22 and 3389 from 0.0.0.0/0 under a lower number than what lets them in", each: aclCloses(22, 3389),
	},
	{
		Number: 28, Severity: report.Medium, Title: "No network ACL lets the internet in to FTP", Types: aclTypes,
		Known:  "Checkov CKV_AWS_229 CKV_AWS_230",
		Remedy: "narrow the rule down to the ports that are served", each: aclCloses(20, 21),
	},
	{
		Number: 29, Severity: report.High, Title: "No network ACL lets the internet in to every port", Types: aclTypes,
		Known:  "Checkov CKV_AWS_352; Trivy AWS-0102; Prowler ec2_networkacl_allow_ingress_any_port",
		Remedy: "name the protocol and the ports", each: aclNamesPorts,
	},
	{
		Number: 30, Severity: report.Low, Title: "Every network ACL is attached to a subnet", Types: []string{aclType},
		Known:  "FSBP EC2.16; Checkov CKV2_AWS_1; Prowler ec2_networkacl_unused",
		Remedy: "set subnetIds, or remove it", each: aclAttached,
	},
	{
		Number: 31, House: true, Severity: report.Medium, Title: "Every VPC's default network ACL lets nothing through",
		Types:  []string{vpcType},
		Remedy: "adopt it by ec2.DefaultNetworkAcl with no ingress and egress", each: defaultACLEmpty,
	},
}

// tiersInZones groups subnets by VPC and by the tier in their tag or, without one, by whether they are public, a
// database's, or neither.
func tiersInZones(v *view) []outcome {
	tiers := map[string][]*graph.Resource{}
	databases := v.databaseSubnets()
	for _, s := range v.g.ByType(subnetType) {
		tier := s.Tag("causeway:tier")
		switch {
		case tier != "":
		case v.public(s):
			tier = "public"
		case slices.Contains(databases, s):
			tier = "data"
		default:
			tier = "private"
		}
		for _, network := range v.g.Ref(s, "vpcId", vpcType) {
			tier = network.URN + " " + tier
		}
		tiers[tier] = append(tiers[tier], s)
	}
	var all []outcome
	for _, tier := range slices.Sorted(maps.Keys(tiers)) {
		all = append(all, twoZones(tiers[tier]).about(tiers[tier]...))
	}
	return all
}

func separated(v *view, s *graph.Resource) outcome {
	if !v.public(s) {
		return outcome{}
	}
	for _, path := range []string{"vpcZoneIdentifiers", "subnetId", "subnetIds"} {
		for _, inner := range v.pointing(s, path, scalingType, instanceType, subnetGroupType) {
			return broken("it has a route to the internet gateway, and %s is in it", inner.Name)
		}
	}
	return holds()
}

func outByNAT(v *view, r *graph.Resource) outcome {
	found, o := v.subnetsOf(r)
	for _, s := range found {
		for _, table := range v.tables(s) {
			for _, w := range v.ways(table) {
				switch w.by {
				case "networkInterfaceId", "instanceId":
					return broken("a server is the way out of %s", s.Name).because(w.from.URN)
				case "egressOnlyGatewayId", "natGatewayId":
					continue
				}
				if w.toInternetGateway() {
					return broken("%s has a route to the internet gateway", s.Name).because(w.from.URN)
				}
			}
		}
	}
	return o
}

func databaseStays(v *view, s *graph.Resource) outcome {
	if !slices.Contains(v.databaseSubnets(), s) {
		return outcome{}
	}
	tables := v.tables(s)
	if len(tables) == 0 {
		return undecided("its route table is not in the stack")
	}
	for _, table := range tables {
		for _, w := range v.ways(table) {
			if w.out() {
				return broken("a route of %s leads to %s", table.Name, w.to).because(w.from.URN)
			}
		}
	}
	return holds()
}

func associated(v *view, r *graph.Resource) outcome {
	if r.Type == subnetType && len(v.pointing(r, "subnetId", tableForSubnetType)) == 0 {
		return broken("it has no route table of its own, and uses the main one")
	}
	return holds()
}

func mainEmpty(v *view, network *graph.Resource) outcome {
	if network.Type != vpcType {
		return outcome{}
	}
	for _, main := range v.g.ByType(defaultTableType) {
		if !slices.Contains(v.g.Ref(main, "defaultRouteTableId", vpcType), network) &&
			!slices.Contains(v.g.Ref(main, "vpcId", vpcType), network) {
			continue
		}
		if ways := v.ways(main); len(ways) > 0 {
			return broken("its main route table has a route to %s", ways[0].to)
		}
		return holds()
	}
	return broken("its main route table is not adopted")
}

func addressUsed(v *view, r *graph.Resource) outcome {
	if r.String("domain") != "" && r.String("domain") != "vpc" {
		return broken("domain is %s", r.String("domain"))
	}
	used := len(v.pointing(r, "allocationId", natType, "aws:ec2/eipAssociation:EipAssociation")) > 0 ||
		len(v.pointing(r, "subnetMappings", balancers...)) > 0
	for _, path := range []string{"instance", "networkInterface"} {
		_, known := asked(r, path)
		used = used || known != absent
	}
	if !used {
		return broken("nothing has it")
	}
	return holds()
}

func natPerZone(v *view) []outcome {
	var all []outcome
	gateways := v.g.ByType(natType)
	for _, nat := range gateways {
		if nat.String("connectivityType") == "private" {
			continue
		}
		for _, s := range v.g.Ref(nat, "subnetId", subnetType) {
			if !v.public(s) {
				all = append(all, broken("its subnet %s has no route to an internet gateway", s.Name).about(nat))
			}
		}
	}
	for _, server := range v.g.ByType(scalingType, instanceType) {
		for _, s := range slices.Concat(v.g.Ref(server, "vpcZoneIdentifiers", subnetType), v.g.Ref(server, "subnetId", subnetType)) {
			for _, table := range v.tables(s) {
				for _, w := range v.ways(table) {
					if w.by != "natGatewayId" {
						continue
					}
					all = append(all, v.ownZone(s, w))
				}
			}
		}
	}
	return all
}

func (v *view) ownZone(s *graph.Resource, w way) outcome {
	zone := s.String("availabilityZone")
	for _, nat := range w.target {
		for _, at := range v.g.Ref(nat, "subnetId", subnetType) {
			if other := at.String("availabilityZone"); other != zone {
				return broken("it is in %s, and its way out is in %s", zone, other).about(s).because(w.from.URN, nat.URN)
			}
		}
	}
	return holds().about(s)
}
