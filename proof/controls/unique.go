package controls

import (
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

var uniques = []Control{{
	Number: 242, Severity: report.Medium, Title: "No two resources claim a name, a place or a number that only one can have",
	Note: "the second is refused, or takes over the first, and both then write to one thing in turn; what another provider makes is in " +
		"another account or region",
	Remedy: "give each its own, or leave the name to Pulumi", whole: claimedOnce,
}}

// apart is the inputs by which AWS and Cloudflare tell the resources of a type apart, within a region of an account (their
// API references, the error "already exists" or "duplicate" of the call that makes each). A type that is not here may have
// several of one name. Types joined by = are one thing to the cloud.
var apart = map[string]string{
	"alarmName":                             "aws:cloudwatch/compositeAlarm:CompositeAlarm",
	"autoscalingGroupName name":             "aws:autoscaling/policy:Policy aws:autoscaling/lifecycleHook:LifecycleHook",
	"bucket":                                "aws:s3/bucketV2:BucketV2=aws:s3/bucket:Bucket",
	"clusterIdentifier":                     "aws:rds/cluster:Cluster",
	"dashboardName":                         "aws:cloudwatch/dashboard:Dashboard",
	"eventBusName name":                     "aws:cloudwatch/eventRule:EventRule",
	"logGroupName name":                     "aws:cloudwatch/logMetricFilter:LogMetricFilter",
	"keyName":                               "aws:ec2/keyPair:KeyPair",
	"identifier":                            "aws:rds/instance:Instance aws:rds/clusterInstance:ClusterInstance",
	"listenerArn priority":                  "aws:lb/listenerRule:ListenerRule",
	"loadBalancerArn port":                  "aws:lb/listener:Listener",
	"name scope":                            "aws:wafv2/webAcl:WebAcl aws:wafv2/ipSet:IpSet aws:wafv2/ruleGroup:RuleGroup",
	"resourceArn":                           "aws:wafv2/webAclAssociation:WebAclAssociation",
	"name vpcId":                            "aws:ec2/securityGroup:SecurityGroup",
	"networkAclId egress ruleNumber":        "aws:ec2/networkAclRule:NetworkAclRule",
	"role name":                             "aws:iam/rolePolicy:RolePolicy",
	"routeTableId destinationCidrBlock":     "aws:ec2/route:Route",
	"routeTableId destinationIpv6CidrBlock": "aws:ec2/route:Route",
	"routeTableId destinationPrefixListId":  "aws:ec2/route:Route",
	"subnetId":                              "aws:ec2/routeTableAssociation:RouteTableAssociation",
	"zoneId name type content":              "cloudflare:index/record:Record=cloudflare:index/dnsRecord:DnsRecord",
	"zoneId name type setIdentifier":        "aws:route53/record:Record",
	"name": "aws:autoscaling/group:Group aws:backup/vault:Vault aws:cloudwatch/logGroup:LogGroup aws:cloudwatch/metricAlarm:MetricAlarm " +
		"aws:dynamodb/table:Table aws:ec2/launchTemplate:LaunchTemplate aws:ecr/repository:Repository " +
		"aws:iam/instanceProfile:InstanceProfile aws:iam/policy:Policy aws:iam/role:Role aws:iam/user:User aws:iam/group:Group " +
		"aws:kms/alias:Alias aws:lambda/function:Function aws:lb/loadBalancer:LoadBalancer aws:lb/targetGroup:TargetGroup " +
		"aws:rds/clusterParameterGroup:ClusterParameterGroup aws:rds/eventSubscription:EventSubscription " +
		"aws:rds/parameterGroup:ParameterGroup aws:rds/subnetGroup:SubnetGroup aws:secretsmanager/secret:Secret aws:sns/topic:Topic " +
		"aws:sqs/queue:Queue aws:ssm/parameter:Parameter",
}

// otherwise are keys that say something by being left out.
var otherwise = map[string]string{"egress": "false", "eventBusName": "default", "setIdentifier": ""}

// claimedOnce finds resources that say the same where only one may. What is not known, or left to the cloud, is no claim.
func claimedOnce(v *view) []outcome {
	var all []outcome
	for _, keys := range slices.Sorted(maps.Keys(apart)) {
		for _, kind := range strings.Fields(apart[keys]) {
			first := map[string]*graph.Resource{}
			for _, r := range v.g.ByType(typesOf(kind)...) {
				said, known := v.claimOf(r, keys)
				claim := r.Provider + " " + strings.ToLower(said)
				switch {
				case !known || r.External:
				case first[claim] == nil:
					first[claim] = r
				default:
					all = append(all, broken("%s and %s are both %s", first[claim].Name, r.Name, said).because(first[claim].URN).about(r))
				}
			}
		}
	}
	if len(all) == 0 {
		return []outcome{holds()}
	}
	return all
}

// typesOf is every type that the SDK has for a kind of apart.
func typesOf(kind string) []string {
	if name, ok := strings.CutPrefix(kind, "aws:lb/"); ok {
		return underAliases(name)
	}
	return strings.Split(kind, "=")
}

func (v *view) claimOf(r *graph.Resource, keys string) (said string, known bool) {
	for _, key := range strings.Fields(keys) {
		value, is := asked(r, key)
		usual, optional := otherwise[key]
		named := v.g.Ref(r, key)
		switch {
		case is == hidden && len(named) == 1 && (strings.HasSuffix(key, "Id") || strings.HasSuffix(key, "Arn")):
			value = named[0].URN
		case is == absent && optional:
			value = usual
		case is != present:
			return "", false
		}
		said += " " + key + " " + text(value)
	}
	return said[1:], true
}
