package network

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// modelled are the networking types that the package knows everything of that decides
// what may flow.
var modelled = []string{
	"aws:autoscaling/attachment:Attachment", "aws:autoscaling/group:Group",
	"aws:ec2/defaultNetworkAcl:DefaultNetworkAcl", "aws:ec2/defaultRouteTable:DefaultRouteTable",
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
	"aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", "aws:ec2/eip:Eip", "aws:ec2/eipAssociation:EipAssociation",
	"aws:ec2/instance:Instance", "aws:ec2/internetGateway:InternetGateway",
	"aws:ec2/internetGatewayAttachment:InternetGatewayAttachment", "aws:ec2/launchTemplate:LaunchTemplate",
	"aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation", "aws:ec2/managedPrefixList:ManagedPrefixList",
	"aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry", "aws:ec2/natGateway:NatGateway",
	"aws:ec2/networkAcl:NetworkAcl", "aws:ec2/networkAclAssociation:NetworkAclAssociation",
	"aws:ec2/networkAclRule:NetworkAclRule", "aws:ec2/route:Route", "aws:ec2/routeTable:RouteTable",
	"aws:ec2/routeTableAssociation:RouteTableAssociation", "aws:ec2/securityGroup:SecurityGroup",
	"aws:ec2/securityGroupRule:SecurityGroupRule", "aws:ec2/subnet:Subnet", "aws:ec2/vpc:Vpc",
	"aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
	"aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
	"aws:ec2/vpcIpv6CidrBlockAssociation:VpcIpv6CidrBlockAssociation", // its addresses are those of subnets
	"aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
	"aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
	"aws:lb/listener:Listener", "aws:lb/listenerRule:ListenerRule", "aws:lb/loadBalancer:LoadBalancer",
	"aws:lb/targetGroup:TargetGroup", "aws:lb/targetGroupAttachment:TargetGroupAttachment",
	"aws:rds/cluster:Cluster", "aws:rds/clusterInstance:ClusterInstance", "aws:rds/instance:Instance",
	"aws:rds/subnetGroup:SubnetGroup",
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
}

// networking are the packages whose every type carries packets, or decides where they go.
var networking = []string{
	"ec2", "vpc", "lb", "elb", "elasticloadbalancing", "ec2clientvpn", "ec2transitgateway", "directconnect", "networkfirewall", "networkmanager",
	"globalaccelerator", "vpclattice", "appmesh", "outposts", "mediaconnect", "verifiedaccess",
}

// quiet are the types of those packages through which no packet goes, and others that
// name a piece of the network without opening a way through it.
var quiet = []string{
	"aws:ec2/ami:Ami", "aws:ec2/amiCopy:AmiCopy", "aws:ec2/amiFromInstance:AmiFromInstance",
	"aws:ec2/amiLaunchPermission:AmiLaunchPermission", "aws:ec2/dedicatedHost:DedicatedHost", "aws:ec2/eipDomainName:EipDomainName",
	"aws:ec2/capacityReservation:CapacityReservation", "aws:ec2/defaultCreditSpecification:DefaultCreditSpecification",
	"aws:ec2/flowLog:FlowLog", "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
	"aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults", "aws:ec2/keyPair:KeyPair",
	"aws:ec2/networkInsightsAnalysis:NetworkInsightsAnalysis", "aws:ec2/networkInsightsPath:NetworkInsightsPath",
	"aws:ec2/peeringConnectionOptions:PeeringConnectionOptions", // names in DNS
	"aws:ec2/placementGroup:PlacementGroup", "aws:ec2/subnetCidrReservation:SubnetCidrReservation", "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission",
	"aws:ec2/tag:Tag", "aws:ec2/volumeAttachment:VolumeAttachment",
	"aws:ec2/vpcEndpointConnectionNotification:VpcEndpointConnectionNotification", "aws:ec2/vpcIpam:VpcIpam",
	"aws:ec2/vpcIpamPool:VpcIpamPool", "aws:ec2/vpcIpamPoolCidr:VpcIpamPoolCidr", "aws:ec2/vpcIpamScope:VpcIpamScope", "aws:ec2/vpcDhcpOptions:VpcDhcpOptions",
	"aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation", "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy",
	"aws:ec2/serialConsoleAccess:SerialConsoleAccess", "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
	"aws:lb/listenerCertificate:ListenerCertificate", "aws:lb/trustStore:TrustStore", "aws:lb/trustStoreRevocation:TrustStoreRevocation",
}

// quietPackages watch, name or guard the network, and carry nothing.
var quietPackages = []string{
	"acm", "backup", "budgets", "cfg", "cloudtrail", "cloudwatch", "cloudformation", "ebs", "guardduty", "iam", "inspector2", "kms",
	"logs", "route53", "s3", "secretsmanager", "securityhub", "shield", "sns", "sqs", "ssm", "wafv2", "resourcegroups", "ram",
	"accessanalyzer", "cloudfront", "detective", "wafregional", "macie2", "servicequotas", "dlm", "autoscaling", "rds", "scheduler",
}

// loud are types of those packages that do carry, or that make what the stack does not hold.
var loud = []string{
	"aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment",
	"aws:cloudformation/stack:Stack", "aws:cloudformation/stackSet:StackSet", "aws:cloudformation/stackSetInstance:StackSetInstance",
	"aws:cloudformation/stackInstances:StackInstances", "aws:cloudcontrol/resource:Resource", "aws:cloudfront/vpcOrigin:VpcOrigin",
	"aws:ec2/launchConfiguration:LaunchConfiguration", "aws:rds/proxy:Proxy", "aws:rds/proxyEndpoint:ProxyEndpoint",
	"aws:rds/shardGroup:ShardGroup", "aws:route53/resolverEndpoint:ResolverEndpoint",
}

// starters are types of those packages that start something in a network if they name a
// piece of it, or let somebody else do so.
var starters = []string{
	"aws:cloudwatch/eventTarget:EventTarget", "aws:ram/resourceAssociation:ResourceAssociation", "aws:scheduler/schedule:Schedule",
}

// strangers are packages of other providers that are nowhere near a network of AWS,
// whatever they are told of it. Cloudflare's tunnels lead into one from within.
var strangers = []string{"pulumi", "cloudflare", "command", "docker", "docker-build", "github", "random", "std", "time", "tls"}

// canonical is the type's name without the aliases under which the SDK offers it too.
func canonical(resourceType string) string {
	for _, alias := range []string{"aws:alb/", "aws:applicationloadbalancing/", "aws:elasticloadbalancingv2/"} {
		if rest, ok := strings.CutPrefix(resourceType, alias); ok {
			return "aws:lb/" + rest
		}
	}
	return resourceType
}

// all is the resources of the types, under any alias.
func (w *World) all(types ...string) []*graph.Resource {
	found := w.Graph.ByType(types...)
	for _, t := range types {
		if rest, ok := strings.CutPrefix(t, "aws:lb/"); ok {
			found = append(slices.Clip(found), w.Graph.ByType("aws:alb/"+rest, "aws:applicationloadbalancing/"+rest, "aws:elasticloadbalancingv2/"+rest)...)
		}
	}
	return found
}

// closed reports every resource that carries packets in a way that is not modelled:
// of a package of networks, or of any other that refers to a piece of one.
func (w *World) closed() {
	const remedy = "leave it out of the stack, or prove the stack without it by other means"
	for _, r := range w.Graph.Resources {
		t := canonical(r.Type)
		if !r.Custom || slices.Contains(modelled, t) || slices.Contains(quiet, t) {
			continue
		}
		provider, rest, _ := strings.Cut(t, ":")
		module, _, _ := strings.Cut(rest, "/")
		switch {
		case provider == "aws-native" || provider == "awscc":
			w.problem(r, r.Type+" is of a provider that is not modelled", "declare it by the aws provider")
		case provider == "aws" && (slices.Contains(networking, module) || slices.Contains(loud, t)):
			w.problem(r, r.Type+" is a networking type that is not modelled", remedy)
		case provider == "cloudflare" && strings.Contains(strings.ToLower(rest), "tunnel"):
			w.problem(r, r.Type+" leads from the internet to wherever its other end runs, which is not modelled", remedy)
		case r.External, provider != "aws" && slices.Contains(strangers, provider),
			provider == "aws" && slices.Contains(quietPackages, module) && !slices.Contains(starters, t):
		default:
			if piece := w.touches(r); piece != nil {
				w.problem(r, r.Type+" is attached to "+piece.Name+" ("+piece.Type+"), and how it carries packets is not modelled", remedy)
			}
		}
	}
	for _, r := range w.Graph.Leftovers {
		t := canonical(r.Type)
		_, rest, _ := strings.Cut(t, ":")
		module, _, _ := strings.Cut(rest, "/")
		if r.Custom && !slices.Contains(quiet, t) && (slices.Contains(modelled, t) || slices.Contains(networking, module) || slices.Contains(loud, t)) {
			w.problem(r, "a replacement has left it in place, and how it is still attached is not known", "run `pulumi up` again to finish the replacement")
		}
	}
}

var pieces = []string{
	"aws:ec2/subnet:Subnet", "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/vpc:Vpc", "aws:lb/targetGroup:TargetGroup",
	"aws:lb/listener:Listener", "aws:lb/loadBalancer:LoadBalancer", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
}

// touches is a piece of the network that a resource refers to.
func (w *World) touches(r *graph.Resource) *graph.Resource {
	for property := range r.Inputs {
		for _, piece := range w.Graph.Ref(r, property) {
			if slices.Contains(pieces, canonical(piece.Type)) {
				return piece
			}
		}
	}
	return nil
}
