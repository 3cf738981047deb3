package brain

import (
	"strings"

	"github.com/causeway-iac/causeway/twin/rules"
	"github.com/causeway-iac/causeway/twin/value"
)

// What the real provider decides by code of its own, which its schema, and so the facts, does not tell. Each was found by
// asking it: in the cases of twin/conformance, and those of the platform (make check-aws).

// sameName compares DNS names: case and a final dot do not matter.
func sameName(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

// kept is what stays as it is when a program no longer mentions it; of an object, only if it says nothing beyond the
// defaults.
var kept = map[string]bool{
	"aws:ec2/flowLog:FlowLog.destinationOptions":                                     true,
	"aws:lb/listener:Listener.defaultActions.forward.stickiness":                     true,
	"aws:lb/listenerRule:ListenerRule.actions.forward.stickiness":                    true,
	"aws:lb/loadBalancer:LoadBalancer.accessLogs":                                    true,
	"aws:lb/loadBalancer:LoadBalancer.connectionLogs":                                true,
	"aws:rds/cluster:Cluster.scalingConfiguration":                                   true,
	"aws:rds/cluster:Cluster.snapshotIdentifier":                                     true,
	"aws:wafv2/ipSet:IpSet.addresses":                                                true,
	"aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration.redactedFields": true,
}

// unseen is what the provider does not compare: a change of it alone is no change.
var unseen = map[string]bool{
	"aws:backup/plan:Plan.rules.copyActions.lifecycle.optInToArchiveForSupportedResources": true,
	"aws:backup/plan:Plan.rules.lifecycle.optInToArchiveForSupportedResources":             true,
	"aws:ec2/defaultRouteTable:DefaultRouteTable.routes.instanceId":                        true,
	"aws:rds/proxy:Proxy.auths.clientPasswordAuthType":                                     true,
	"aws:route53/zone:Zone.vpcs.vpcRegion":                                                 true,
}

// settled is what the provider does not compare once it exists.
var settled = map[string]bool{"aws:rds/instance:Instance.characterSetName": true}

// replacedBy is which changes of a property replace the resource, where only some do.
var replacedBy = map[string]func(old, news any) bool{
	"aws:ec2/vpc:Vpc.instanceTenancy": func(_, news any) bool { return news != "default" },
}

// equivalences say which texts mean the same.
var equivalences = map[string]func(a, b string) bool{
	"aws:acm/certificate:Certificate.domainName":                         sameName,
	"aws:ec2/defaultNetworkAcl:DefaultNetworkAcl.egress.protocol":        rules.SameProtocol,
	"aws:ec2/defaultNetworkAcl:DefaultNetworkAcl.ingress.protocol":       rules.SameProtocol,
	"aws:ec2/networkAcl:NetworkAcl.egress.protocol":                      rules.SameProtocol,
	"aws:ec2/networkAcl:NetworkAcl.ingress.protocol":                     rules.SameProtocol,
	"aws:ec2/networkAclRule:NetworkAclRule.protocol":                     rules.SameProtocol,
	"aws:rds/cluster:Cluster.preferredMaintenanceWindow":                 strings.EqualFold,
	"aws:rds/clusterInstance:ClusterInstance.preferredMaintenanceWindow": strings.EqualFold,
	"aws:rds/instance:Instance.maintenanceWindow":                        strings.EqualFold,
	"aws:route53/record:Record.name":                                     sameName,
	"aws:route53/zone:Zone.name":                                         sameName,
	"cloudflare:index/record:Record.content":                             sameContent,
	"cloudflare:index/record:Record.name":                                strings.EqualFold,
	"cloudflare:index/record:Record.value":                               sameBeforeDot,
	"cloudflare:index/zone:Zone.zone":                                    sameUnicode,
}

// rewritten are the texts that a plan writes differently than the program: JSON with its keys in order, times in lower
// case, a zone without its final dot.
var rewritten = map[string]struct {
	property string
	as       func(string) string
}{
	"aws:cloudwatch/dashboard:Dashboard":                 {"dashboardBody", sortedJSON},
	"aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {"policyDocument", sortedJSON},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                    {"policy", sortedJSON},
	"aws:iam/policy:Policy":                              {"policy", sortedJSON},
	"aws:iam/role:Role":                                  {"assumeRolePolicy", sortedJSON},
	"aws:iam/rolePolicy:RolePolicy":                      {"policy", versionFirst},
	"aws:kms/key:Key":                                    {"policy", sortedJSON},
	"aws:rds/cluster:Cluster":                            {"preferredMaintenanceWindow", strings.ToLower},
	"aws:rds/clusterInstance:ClusterInstance":            {"preferredMaintenanceWindow", strings.ToLower},
	"aws:rds/instance:Instance":                          {"maintenanceWindow", strings.ToLower},
	"aws:route53/zone:Zone":                              {"name", func(s string) string { return strings.TrimSuffix(s, ".") }},
	"aws:s3/bucketPolicy:BucketPolicy":                   {"policy", sortedJSON},
	"aws:sns/topicPolicy:TopicPolicy":                    {"policy", sortedJSON},
}

// consequences are the changes that follow from others. said is what the program itself says.
var consequences = map[string]func(changes []Change, old, news, said value.Map) []Change{
	"aws:acm/certificate:Certificate":                          newNames,
	"aws:ec2/natGateway:NatGateway":                            newAddresses,
	"cloudflare:index/originCaCertificate:OriginCaCertificate": renewed,
	"cloudflare:index/record:Record":                           rankedOnly,
}

// newNames: other names are validated differently. Alternative names that follow from the domain, and are not listed,
// replace nothing by themselves.
func newNames(changes []Change, old, news, said value.Map) []Change {
	domain, names := false, false
	for _, c := range changes {
		domain = domain || c.Path == "domainName"
		names = names || root(c.Path) == "subjectAlternativeNames"
	}
	if domain {
		for i := range changes {
			if root(changes[i].Path) == "subjectAlternativeNames" && said["subjectAlternativeNames"] == nil {
				changes[i].Replace = false
			}
		}
		if !names {
			changes = append(changes, Change{Path: "subjectAlternativeNames", Kind: Update})
		}
	}
	before, _ := old["domainValidationOptions"].([]any)
	after, known := news["subjectAlternativeNames"].([]any)
	known = known && !value.HasUnknown(after)
	if (domain || names) && news["validationMethod"] == "DNS" && (!known || isUnknown(news["domainName"]) || len(before) != len(after)) {
		changes = append(changes, Change{Path: "domainValidationOptions", Kind: Update})
	}
	return changes
}

// newAddresses: with other elastic addresses the provider does not know how many a gateway has, and another number
// replaces it.
func newAddresses(changes []Change, _, _, _ value.Map) []Change {
	for _, c := range changes {
		if root(c.Path) == "secondaryAllocationIds" {
			return append(changes, Change{Path: "secondaryPrivateIpAddressCount", Kind: Update, Replace: true})
		}
	}
	return changes
}

// framework are the types that the provider serves with its newer library, which neither converts texts to numbers nor
// truncates fractions, and has no tags where there are none.
var framework = map[string]bool{
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   true,
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": true,
}
