package controls

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/report"
)

var vpc = []Control{
	{
		Number: 1, Severity: report.Medium, Title: "Every VPC has a flow log of all traffic", Types: []string{vpcType}, Later: true,
		Known:  "FSBP EC2.6; CIS v3.0/3.7 v5.0/3.7; Checkov CKV2_AWS_11; Trivy AWS-0178; Prowler vpc_flow_logs_enabled",
		Remedy: "add an ec2.FlowLog with the VPC's id, trafficType ALL and a log destination",
		each: companion("vpcId", []string{flowLogType}, "it has no flow log",
			is("trafficType", "ALL"), either(isSet("logDestination"), isSet("logGroupName")), flowsTell, flowsWritten),
	},
	{
		Number: 2, Severity: report.Medium, Title: "A flow log's group is encrypted, and its role is for flow logs of this account only",
		Known: "Checkov CKV_AWS_158 CKV_AWS_60; Trivy AWS-0017; Prowler iam_role_cross_service_confused_deputy_prevention",
		Types: []string{flowLogType}, Remedy: "give the log group a kmsKeyId, and the role's trust policy aws:SourceAccount",
		each: all(flowLogEncrypted, flowLogRole),
	},
	{
		Number: 3, Severity: report.Medium, Title: "Nothing uses the account's default VPC",
		Known:  "Checkov CKV_AWS_148; Trivy AWS-0101",
		Remedy: "declare an ec2.Vpc of its own, and name its subnets",
		whole:  none("it is the account's default network", "aws:ec2/defaultVpc:", "aws:ec2/defaultSubnet:"),
	},
	{
		Number: 4, Severity: report.High, Title: "Every VPC's default security group lets nothing through", Types: []string{vpcType},
		Known: "FSBP EC2.2; CIS v3.0/5.4 v5.0/5.5; Checkov CKV2_AWS_12; Trivy AWS-0173; " +
			"Prowler ec2_securitygroup_default_restrict_traffic",
		Remedy: "adopt it by ec2.DefaultSecurityGroup with the VPC's id and no ingress and egress",
		each: companion("vpcId", []string{defaultGroupType},
			"its default security group is not adopted, and lets its members talk to each other and to anybody", defaultGroupEmpty),
	},
	{
		Number: 6, Severity: report.Medium, Title: "EC2's API is reached by an interface endpoint", Types: []string{vpcType},
		Known:   "FSBP EC2.10; Prowler vpc_endpoint_for_ec2_enabled",
		Remedy:  "add an ec2.VpcEndpoint for com.amazonaws.<region>.ec2, Interface, with privateDnsEnabled",
		Waivers: []string{"noEndpoints"}, each: when(hasServers, hasEndpoints("ec2")),
	},
	{
		Number: 7, Severity: report.Medium, Title: "Systems Manager is reached by interface endpoints", Types: []string{vpcType},
		Known:   "FSBP EC2.57",
		Remedy:  "add ec2.VpcEndpoints for ssm, ssmmessages and ec2messages, Interface, with privateDnsEnabled",
		Waivers: []string{"noEndpoints"}, each: when(hasServers, hasEndpoints("ssm", "ssmmessages", "ec2messages")),
	},
	{
		Number: 8, Severity: report.Low, Title: "No containers that would need a registry's endpoints",
		Known:  "FSBP EC2.55 EC2.56 EC2.58 EC2.60",
		Note:   "Security Hub asks every VPC for endpoints of ECR and of Incident Manager; without either service they are only a cost",
		Remedy: "run servers from a launch template, or add the endpoints ecr.api, ecr.dkr and ssm-incidents",
		whole:  needless([]string{"aws:ecs/", "aws:eks/", "aws:ecr/", "aws:ssmincidents/"}, "ecr.api", "ecr.dkr"),
	},
	{
		Number: 9, Severity: report.High, Title: "No endpoint's policy lets anybody do anything",
		Types:  []string{endpointType, endpointPolicyType},
		Known:  "Checkov CKV_AWS_283; Prowler vpc_endpoint_connections_trust_boundaries",
		Remedy: "allow the platform's account only, by aws:PrincipalAccount, or single actions on named resources", Later: true,
		Note: "an endpoint without a policy has AWS's, which allows everything: " +
			"scanners that read the policy only if there is one let it pass",
		each: endpointPolicy,
	},
	{
		Number: 10, Severity: report.Low, Title: "Interface endpoints are in two zones or more", Types: []string{endpointType},
		Known:  "Prowler vpc_endpoint_multi_az_enabled",
		Remedy: "name subnets of at least two zones in subnetIds", each: when(isInterface, inZones("subnetIds")),
	},
	{
		Number: 11, Severity: report.Medium, Title: "An interface endpoint lets in HTTPS from the platform's groups only",
		Types:  []string{endpointType},
		Known:  "Checkov CKV_AWS_24",
		Remedy: "give it a security group whose ingress rules are tcp 443 from the tiers' groups", each: when(isInterface, endpointGroup),
	},
	{
		Number: 12, House: true, Severity: report.Low, Title: "S3 is reached by a gateway endpoint from every private route table",
		Types:  []string{vpcType},
		Remedy: "add an ec2.VpcEndpoint for s3, Gateway, with the private route tables in routeTableIds", each: when(hasServers, s3Gateway),
	},
	{
		Number: 13, Severity: report.Low, Title: "A VPC's DNS answers, so that endpoints have private names", Types: []string{vpcType},
		Remedy: "set enableDnsSupport and enableDnsHostnames", each: all(isNot("enableDnsSupport", false), is("enableDnsHostnames", true),
			privateNames),
	},
	{
		Number: 14, Severity: report.High, Title: "No endpoint service that lets others in",
		Remedy: "remove the ec2.VpcEndpointService: the platform offers none",
		Known:  "Checkov CKV_AWS_123; Prowler vpc_endpoint_services_allowed_principals_trust_boundaries",
		whole:  none("it offers the platform to other networks", "aws:ec2/vpcEndpointService:"),
	},
	{
		Number: 15, Severity: report.High, Title: "No route leads to a peer's whole network",
		Types:  []string{routeType, routeTableType, defaultTableType},
		Known:  "CIS v3.0/5.5 v5.0/5.6; Checkov CKV2_AWS_44; Prowler vpc_peering_routing_tables_with_least_privilege",
		Remedy: "route single subnets to the peer, no wider than /24", each: peering,
	},
	{
		Number: 16, Severity: report.Medium, Title: "No transit gateway and no VPN",
		Remedy: "remove it: the platform is one VPC, whose edge is its load balancer",
		Known:  "FSBP EC2.23 EC2.171 EC2.20 EC2.51; Checkov CKV_AWS_331; Prowler ec2_transitgateway_auto_accept_vpc_attachments",
		whole: none("it joins the platform to other networks", "aws:ec2transitgateway/", "aws:ec2/vpnGateway:", "aws:ec2/vpnConnection:",
			"aws:ec2clientvpn/", "aws:ec2/customerGateway:"),
	},
}

// either demands that one of them holds.
func either(checks ...check) check {
	return func(v *view, r *graph.Resource) outcome {
		var found []string
		var last outcome
		for _, one := range checks {
			if last = one(v, r); last.verdict == report.Holds {
				return last
			}
			found = append(found, last.found)
		}
		last.found = strings.Join(found, ", and ")
		return last
	}
}

func flowLogEncrypted(v *view, r *graph.Resource) outcome {
	groups := slices.Concat(v.g.Ref(r, "logDestination", logGroupType), v.g.Ref(r, "logGroupName", logGroupType))
	if len(groups)+len(v.g.Ref(r, "logDestination", bucketTypes...)) == 0 {
		return undecided("where it writes is not in the stack")
	}
	for _, group := range groups {
		if o := isSet("kmsKeyId")(v, group); o.verdict != report.Holds {
			return broken("its log group %s has no key of its own", group.Name)
		}
	}
	return holds()
}

func flowLogRole(v *view, r *graph.Resource) outcome {
	roles := v.g.Ref(r, "iamRoleArn", roleType)
	if _, known := read(r, "iamRoleArn"); known != absent && len(roles) == 0 {
		return undecided("its role is not in the stack")
	}
	for _, role := range roles {
		doc, o := document(role, "assumeRolePolicy")
		if o.verdict != report.Holds {
			return o
		}
		for _, s := range doc.Statements {
			switch services := s.Principals["Service"]; {
			case !s.Allow:
			case len(s.Principals) != 1 || len(services) != 1 || services[0] != "vpc-flow-logs.amazonaws.com":
				return broken("its role %s can be taken by more than vpc-flow-logs.amazonaws.com", role.Name)
			case len(v.iam.Unbound(s, role)) > 0:
				return broken("its role %s can be taken for other accounts' flow logs", role.Name)
			}
		}
	}
	return holds()
}

func defaultGroupEmpty(v *view, r *graph.Resource) outcome {
	for _, rule := range v.byGroup[r] {
		return broken("the default security group has a rule: %s", rule)
	}
	for _, side := range []string{"ingress", "egress"} {
		if value, known := asked(r, side); known == hidden {
			return undecided("%s of the default security group is not known", side)
		} else if known == present {
			return broken("the default security group has %s: %s", side, text(value))
		}
	}
	// Rules may also name it through the VPC's own property.
	for _, network := range v.g.Ref(r, "vpcId", vpcType) {
		for _, rule := range v.byGroup[network] {
			return broken("the default security group has a rule: %s", rule)
		}
	}
	return holds()
}

// hasServers says that something which uses AWS's services runs in the VPC.
func hasServers(v *view, network *graph.Resource) bool {
	for _, server := range v.g.ByType(scalingType, instanceType) {
		for _, path := range []string{"vpcZoneIdentifiers", "subnetId"} {
			for _, s := range v.g.Ref(server, path, subnetType) {
				if slices.Contains(v.g.Ref(s, "vpcId"), network) {
					return true
				}
			}
		}
	}
	return false
}

func isInterface(v *view, r *graph.Resource) bool {
	return has("vpcEndpointType", "Interface")(v, r)
}

func service(endpoint *graph.Resource) string {
	parts := strings.SplitN(endpoint.String("serviceName"), ".", 4)
	return parts[len(parts)-1]
}

func hasEndpoints(services ...string) check {
	return func(v *view, network *graph.Resource) outcome {
		var missing []string
		for _, s := range services {
			found := only(v.pointing(network, "vpcId", endpointType),
				func(e *graph.Resource) bool { return service(e) == s && isInterface(v, e) })
			if len(found) == 0 {
				missing = append(missing, "it has no endpoint for "+s)
			}
			for _, e := range found {
				if private, _ := e.Bool("privateDnsEnabled"); !private {
					missing = append(missing, "the endpoint for "+s+" has no private name, so nothing uses it")
				}
			}
		}
		if len(missing) > 0 {
			return broken("%s", strings.Join(missing, "; "))
		}
		return holds()
	}
}

// privateNames demands that services with endpoints be reached by their usual names; S3 and DynamoDB have gateways.
func privateNames(v *view, network *graph.Resource) outcome {
	for _, e := range v.pointing(network, "vpcId", endpointType) {
		if of := service(e); of == "" || of == "s3" || of == "dynamodb" || !isInterface(v, e) {
			continue
		}
		if o := is("privateDnsEnabled", true)(v, e); o.verdict != report.Holds {
			return o.because(e.URN).write("set privateDnsEnabled of the endpoint, or nothing uses it")
		}
	}
	return holds()
}

// needless demands the endpoints only of a stack with resources of the types.
func needless(types []string, services ...string) func(*view) []outcome {
	return func(v *view) []outcome {
		var users []*graph.Resource
		for _, r := range v.g.Resources {
			if slices.ContainsFunc(types, func(t string) bool { return strings.HasPrefix(r.Type, t) }) {
				users = append(users, r)
			}
		}
		if len(users) == 0 {
			return []outcome{holds()}
		}
		var all []outcome
		for _, network := range v.g.ByType(vpcType) {
			o := hasEndpoints(services...)(v, network)
			all = append(all, o.about(network))
		}
		return all
	}
}

func endpointPolicy(v *view, r *graph.Resource) outcome {
	if r.String("vpcEndpointType") == "GatewayLoadBalancer" {
		return outcome{} // has no policy
	}
	if _, known := asked(r, "policy"); known == absent && r.Type == endpointType {
		if len(v.pointing(r, "vpcEndpointId", endpointPolicyType)) > 0 {
			return outcome{} // that one is judged
		}
		return broken("it has no policy, so AWS's allows everybody everything")
	}
	doc, o := document(r, "policy")
	if o.verdict != report.Holds {
		return o
	}
	for _, s := range doc.Statements {
		if len(v.iam.Everybody(s, r)) > 0 && (iam.Everything(s) || len(s.Resources) == 0 || slices.ContainsFunc(s.Resources, iam.Broad)) {
			return broken("its policy lets anybody use %s on %s", strings.Join(s.Actions, ", "), strings.Join(s.Resources, ", "))
		}
	}
	return holds()
}

func endpointGroup(v *view, r *graph.Resource) outcome {
	if _, known := asked(r, "securityGroupIds"); known == absent {
		return broken("it has no security group, so it has the VPC's default one")
	}
	groups := v.g.Ref(r, "securityGroupIds", groupType)
	if len(groups) == 0 {
		return undecided("its security groups are not in the stack")
	}
	for _, g := range groups {
		for _, rule := range v.byGroup[g] {
			switch {
			case !rule.ingress:
			case !rule.exactly("tcp", 443):
				return broken("its group lets in more than tcp 443: %s", rule)
			case len(rule.groups) == 0:
				return broken("its group lets in what is not one of the platform's groups: %s", rule)
			}
		}
	}
	return holds()
}

func s3Gateway(v *view, network *graph.Resource) outcome {
	gateways := only(v.pointing(network, "vpcId", endpointType), func(e *graph.Resource) bool {
		return service(e) == "s3" && !isInterface(v, e)
	})
	if len(gateways) == 0 {
		return broken("it has no gateway endpoint for S3")
	}
	var tables []*graph.Resource
	for _, e := range gateways {
		tables = append(tables, v.g.Ref(e, "routeTableIds")...)
		for _, a := range v.pointing(e, "vpcEndpointId", "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation") {
			tables = append(tables, v.g.Ref(a, "routeTableId")...)
		}
	}
	for _, s := range v.pointing(network, "vpcId", subnetType) {
		servers := slices.Concat(v.pointing(s, "vpcZoneIdentifiers", scalingType), v.pointing(s, "subnetId", instanceType))
		for _, table := range v.tables(s) {
			if len(servers) > 0 && !slices.Contains(tables, table) {
				return broken("the route table %s of %s does not lead to S3's endpoint", table.Name, servers[0].Name)
			}
		}
	}
	return holds()
}

func peering(v *view, r *graph.Resource) outcome {
	routes := v.ways(r)
	if r.Type == routeType {
		routes = []way{v.way(r, "", "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId")}
	}
	var o outcome
	for _, w := range routes {
		if w.by != "vpcPeeringConnectionId" || w.from != r {
			continue
		}
		o = holds()
		if bits := prefixBits(w.to); bits < 24 {
			return broken("%s leads to a peer", fmt.Sprintf("the route to %s", w.to))
		}
	}
	return o
}
