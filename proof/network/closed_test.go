package network_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// What carries packets and is not modelled fails closed, of whatever package it is, and
// also within a property.
func TestTheWorldIsClosed(t *testing.T) {
	for kind, inputs := range map[string]func(*site) in{
		"apigateway/vpcLink:VpcLink":                  func(s *site) in { return in{"targetArn": s.lb()} },
		"apigatewayv2/vpcLink:VpcLink":                func(s *site) in { return in{"subnetIds": []any{s.private}} },
		"batch/computeEnvironment:ComputeEnvironment": func(s *site) in { return in{"computeResources": in{"subnets": []any{s.private}}} },
		"cloudformation/stack:Stack":                  func(*site) in { return in{"templateBody": "{}"} },
		"cloudfront/vpcOrigin:VpcOrigin":              func(s *site) in { return in{"vpcOriginEndpointConfig": in{"arn": s.lb()}} },
		"cloudwatch/eventTarget:EventTarget": func(s *site) in {
			return in{"ecsTarget": in{"networkConfiguration": in{"subnets": []any{s.public}, "assignPublicIp": true}}}
		},
		"directoryservice/directory:Directory":              func(s *site) in { return in{"vpcSettings": in{"vpcId": s.vpc}} },
		"dms/replicationSubnetGroup:ReplicationSubnetGroup": func(s *site) in { return in{"subnetIds": []any{s.private}} },
		"ec2/defaultSubnet:DefaultSubnet":                   func(*site) in { return in{} },
		"ec2/networkInterface:NetworkInterface":             func(s *site) in { return in{"subnetId": s.private} },
		"ec2/spotInstanceRequest:SpotInstanceRequest":       func(s *site) in { return in{"subnetId": s.private} },
		"ec2/vpcEndpointService:VpcEndpointService":         func(s *site) in { return in{"networkLoadBalancerArns": []any{s.lb()}} },
		"ec2/vpnConnection:VpnConnection":                   func(*site) in { return in{"vpnGatewayId": "vgw-1"} },
		"ec2clientvpn/endpoint:Endpoint":                    func(*site) in { return in{} },
		"ecs/service:Service": func(s *site) in {
			return in{"networkConfiguration": in{"subnets": []any{s.private}, "securityGroups": []any{s.back}}}
		},
		"efs/mountTarget:MountTarget":                    func(s *site) in { return in{"subnetId": s.private} },
		"eks/cluster:Cluster":                            func(s *site) in { return in{"vpcConfig": in{"subnetIds": []any{s.private}}} },
		"eks/nodeGroup:NodeGroup":                        func(s *site) in { return in{"subnetIds": []any{s.private}} },
		"elasticache/subnetGroup:SubnetGroup":            func(s *site) in { return in{"subnetIds": []any{s.private}} },
		"elasticloadbalancing/loadBalancer:LoadBalancer": func(*site) in { return in{} },
		"globalaccelerator/endpointGroup:EndpointGroup": func(s *site) in {
			return in{"endpointConfigurations": []any{in{"endpointId": s.lb()}}}
		},
		"lambda/function:Function": func(s *site) in {
			return in{"vpcConfig": in{"securityGroupIds": []any{s.back}}}
		},
		"memorydb/subnetGroup:SubnetGroup": func(s *site) in { return in{"subnetIds": []any{s.private}} },
		"msk/cluster:Cluster": func(s *site) in {
			return in{"brokerNodeGroupInfo": in{"clientSubnets": []any{s.private}}}
		},
		"opensearch/domain:Domain":                    func(s *site) in { return in{"vpcOptions": in{"subnetIds": []any{s.private}}} },
		"ram/resourceAssociation:ResourceAssociation": func(s *site) in { return in{"resourceArn": s.private} },
		"rds/proxy:Proxy":                             func(s *site) in { return in{"vpcSubnetIds": []any{s.private}} },
		"redshift/subnetGroup:SubnetGroup":            func(s *site) in { return in{"subnetIds": []any{s.private}} },
		"route53/resolverEndpoint:ResolverEndpoint":   func(s *site) in { return in{"ipAddresses": []any{in{"subnetId": s.private}}} },
		"scheduler/schedule:Schedule": func(s *site) in {
			return in{"target": in{"ecsParameters": in{"networkConfiguration": in{"subnets": []any{s.private}}}}}
		},
		"transfer/server:Server": func(s *site) in { return in{"endpointDetails": in{"subnetIds": []any{s.public}}} },
		"vpc/securityGroupVpcAssociation:SecurityGroupVpcAssociation":          func(s *site) in { return in{"securityGroupId": s.back} },
		"vpclattice/serviceNetworkVpcAssociation:ServiceNetworkVpcAssociation": func(s *site) in { return in{"vpcIdentifier": s.vpc} },
		"elasticbeanstalk/environment:Environment":                             func(*site) in { return in{} },
		"fms/policy:Policy": func(*site) in { return in{} },
		"route53/resolverRule:ResolverRule": func(*site) in {
			return in{"domainName": "example.com",
				"targetIps": []any{in{"ip": "203.0.113.53"}}}
		},
		"route53/resolverRuleAssociation:ResolverRuleAssociation": func(s *site) in {
			return in{"resolverRuleId": "rslvr-rr-1", "vpcId": s.vpc}
		},
		"serverlessrepository/cloudFormationStack:CloudFormationStack": func(*site) in { return in{} },
		"servicecatalog/provisionedProduct:ProvisionedProduct":         func(*site) in { return in{} },
		"ssm/association:Association": func(*site) in {
			return in{"name": "AWS-RunShellScript"}
		},
		"somethingnew/thing:Thing":                                 func(*site) in { return in{} },
		"aws-terraform:index/iamRolePolicy:IamRolePolicy":          func(*site) in { return in{} },
		"cloudflare:index/workersScript:WorkersScript":             func(*site) in { return in{} },
		"cloudflare:index/pageRule:PageRule":                       func(*site) in { return in{} },
		"cloudflare:index/spectrumApplication:SpectrumApplication": func(*site) in { return in{} },
		"command:local:Command": func(*site) in {
			return in{"create": "aws ec2 authorize-security-group-ingress"}
		},
		"pulumi-python:dynamic:Resource": func(*site) in { return in{} },
		"awscc:ec2:Instance":             func(*site) in { return in{} },
		"cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared": func(*site) in { return in{} },
		"kubernetes:networking.k8s.io/v1:Ingress": func(s *site) in {
			return in{"metadata": in{"annotations": in{"groups": s.front}}}
		},
		"pulumi-nodejs:dynamic:Resource": func(s *site) in { return in{"subnet": s.private} },
	} {
		s := newSite(t)
		s.Add(kind, "other", inputs(s))
		assert.Contains(t, strings.Join(s.problems(), "\n"), "not modelled", kind)
	}
}

func (s *site) lb() string {
	return s.add("lb/loadBalancer:LoadBalancer", "lb", in{"subnets": []any{s.public}, "loadBalancerType": "network"})
}

// What only watches, names or guards the network is no reason to refuse it.
func TestWhatCarriesNothingIsLetBe(t *testing.T) {
	for kind, inputs := range map[string]func(*site) in{
		"cloudwatch/eventTarget:EventTarget":                    func(*site) in { return in{"arn": "arn:aws:sns:eu-west-1:1:topic"} },
		"cloudwatch/metricAlarm:MetricAlarm":                    func(s *site) in { return in{"dimensions": in{"LoadBalancer": s.lb()}} },
		"ec2/flowLog:FlowLog":                                   func(s *site) in { return in{"vpcId": s.vpc} },
		"ec2/keyPair:KeyPair":                                   func(*site) in { return in{} },
		"elasticache/cluster:Cluster":                           func(*site) in { return in{"engine": "redis"} },
		"lambda/function:Function":                              func(*site) in { return in{"runtime": "nodejs22.x"} },
		"route53/record:Record":                                 func(s *site) in { return in{"aliases": []any{in{"name": s.lb()}}} },
		"route53/zone:Zone":                                     func(s *site) in { return in{"vpcs": []any{in{"vpcId": s.vpc}}} },
		"ssm/parameter:Parameter":                               func(s *site) in { return in{"value": s.private} },
		"wafv2/webAclAssociation:WebAclAssociation":             func(s *site) in { return in{"resourceArn": s.lb()} },
		"cloudflare:index/record:Record":                        func(s *site) in { return in{"content": s.lb()} },
		"random:index/randomId:RandomId":                        func(s *site) in { return in{"keepers": in{"subnet": s.private}} },
		"ec2/peeringConnectionOptions:PeeringConnectionOptions": func(*site) in { return in{} },
	} {
		s := newSite(t)
		s.Add(kind, "other", inputs(s))
		assert.Empty(t, s.problems(), kind)
	}
}

// What a replacement has not deleted yet still carries.
func TestLeftoversOfAReplacementAreRefused(t *testing.T) {
	for _, kind := range []string{"ec2/securityGroup:SecurityGroup", "elb/loadBalancer:LoadBalancer", "rds/proxy:Proxy",
		"s3/bucketPolicy:BucketPolicy", "cloudflare:index/record:Record"} {
		s := newSite(t)
		s.Add(kind, "old", in{"vpcId": s.vpc}).Leftover()
		assert.Contains(t, strings.Join(s.problems(), "\n"), "a replacement has left it in place", kind)
	}
}

// Types that are harmless in most forms, and not in these.
func TestWhatIsHarmlessInAnotherForm(t *testing.T) {
	s := newSite(t)
	for kind, inputs := range map[string]in{
		"budgets/budgetAction:BudgetAction":                     {"actionType": "RUN_SSM_DOCUMENTS"},
		"cfg/remediationConfiguration:RemediationConfiguration": {"targetId": "AWS-RunShellScript"},
		"cloudwatch/eventTarget:EventTarget":                    {"arn": "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript"},
		"docker:index/container:Container":                      {"image": "amazon/aws-cli"},
		"route53/profilesAssociation:ProfilesAssociation":       {"profileId": "rp-1", "resourceId": s.vpc},
		"route53/resolverFirewallRule:ResolverFirewallRule":     {"blockOverrideDomain": "stranger.example"},
		"route53/zoneAssociation:ZoneAssociation":               {"vpcId": s.vpc, "zoneId": "Z0STRANGER"},
		"cloudflare:index/ruleset:Ruleset":                      {"phase": "http_request_dynamic_redirect"},
	} {
		s := newSite(t)
		s.Add(kind, "other", inputs)
		assert.Contains(t, strings.Join(s.problems(), "\n"), "not modelled", kind)
	}
}
