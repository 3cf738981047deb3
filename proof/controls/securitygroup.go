package controls

import (
	"slices"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

const minusOne = "a rule of ipProtocol -1 has no ports, and is read here as all of them: scanners that look for from and to let it pass"

var (
	anyGroup  = []string{groupType, defaultGroupType}
	ruleTypes = []string{ingressType, egressType, ruleType}
	// anyRules are the groups, and the rules of groups that are not in the stack.
	anyRules = slices.Concat(anyGroup, ruleTypes)
)

// ofGroup is a check of the rules of one group. A rule whose group is in the stack is
// checked with it.
func ofGroup(then check) check {
	return func(v *view, r *graph.Resource) outcome {
		if slices.Contains(ruleTypes, r.Type) && len(v.byGroup[r]) == 0 {
			return outcome{}
		}
		return then(v, r)
	}
}

var securityGroups = []Control{
	{
		Number: 32, Severity: report.Critical, Title: "SSH is not open to the internet", Types: anyRules, Note: minusOne,
		Known: "FSBP EC2.13; CIS v3.0/5.2 v3.0/5.3 v5.0/5.3 v5.0/5.4; Checkov CKV_AWS_24; Trivy AWS-0107; " +
			"Prowler ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22",
		Remedy: "remove the rule: servers are reached by Session Manager", each: ofGroup(notOpen("tcp", 22)),
	},
	{
		Number: 33, Severity: report.Critical, Title: "Remote Desktop is not open to the internet", Types: anyRules, Note: minusOne,
		Known: "FSBP EC2.14; CIS v3.0/5.2 v3.0/5.3 v5.0/5.3 v5.0/5.4; Checkov CKV_AWS_25; Trivy AWS-0107; " +
			"Prowler ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389",
		Remedy: "remove the rule: servers are reached by Session Manager", each: ofGroup(all(notOpen("tcp", 3389), notOpen("udp", 3389))),
	},
	{
		Number: 34, Severity: report.Medium, Title: "Port 80 is not open to the internet", Types: anyRules,
		Known: "Checkov CKV_AWS_260",
		Note: "Security Hub admits a port 80 that redirects, Checkov none; here there is none, and browsers are sent to HTTPS by HSTS " +
			"and the edge",
		Waivers: []string{"httpRedirect"}, Remedy: "remove the rule and the listener of port 80", each: ofGroup(notOpen("tcp", 80)),
	},
	{
		Number: 35, Severity: report.Critical, Title: "The internet reaches port 443 of the edge load balancer, and nothing else",
		Types: anyRules, Note: minusOne,
		Known:   "FSBP EC2.18; Prowler ec2_securitygroup_allow_ingress_from_internet_to_any_port",
		Waivers: []string{"httpRedirect"},
		Remedy:  "remove the rule, or attach the group to the load balancer that faces the internet only", each: ofGroup(onlyEdgeOpen),
	},
	{
		Number: 36, Severity: report.Critical, Title: "No port of a database or an administrator is open to the internet", Types: anyRules,
		Note:   minusOne,
		Known:  "FSBP EC2.19; Prowler ec2_securitygroup_allow_ingress_from_internet_to_high_risk_tcp_ports",
		Remedy: "remove the rule", each: ofGroup(noRiskyPort),
	},
	{
		Number: 37, Severity: report.High, Title: "No rule lets in every port or protocol", Types: anyRules, Note: minusOne,
		Known:  "FSBP EC2.18; Checkov CKV_AWS_277; Prowler ec2_securitygroup_allow_ingress_from_internet_to_all_ports",
		Remedy: "write one rule for each port, with ipProtocol tcp", each: ofGroup(noAllPorts),
	},
	{
		Number: 38, Severity: report.High, Title: "No file sharing (SMB) is let in", Types: anyRules, Note: minusOne,
		Known:  "CIS v5.0/5.1.2; Prowler ec2_instance_port_cifs_exposed_to_internet",
		Remedy: "remove the rule", each: ofGroup(noFileSharing),
	},
	{
		Number: 39, Severity: report.High, Title: "No wide range of public addresses is let in, but Cloudflare's at the edge",
		Types:  anyRules,
		Known:  "Prowler ec2_securitygroup_allow_wide_open_public_ipv4",
		Remedy: "name ranges no wider than /24 (IPv4) or /48 (IPv6)", each: ofGroup(noWideRange),
	},
	{
		Number: 40, House: true, Severity: report.Medium, Title: "No ingress is written inside a security group", Types: anyGroup,
		Note:   "Pulumi's own pack reads only such rules, and is blind to rules that are resources; both are read here",
		Remedy: "write it as a vpc.SecurityGroupIngressRule", each: isUnset("ingress"),
	},
	{
		Number: 41, Severity: report.Medium, Title: "Nothing but the app tier may open connections to the internet, and it only HTTPS, " +
			"beside what a group declares", Types: anyRules,
		Known: "Checkov CKV_AWS_382; Trivy AWS-0104",
		Note: "scanners refuse every way out; here the app tier has one, tcp 443 by NAT, for packages and the APIs that it calls, and " +
			"servers those that their group declares in a tag. " + minusOne,
		Waivers: []string{"webInternet"}, Remedy: "name the security groups and prefix lists that it talks to", each: ofGroup(egress),
	},
	{
		Number: 42, Severity: report.Low, Title: "Every security group and rule says what it is for",
		Types:  []string{groupType, ingressType, egressType, ruleType},
		Known:  "Checkov CKV_AWS_23; Trivy AWS-0099 AWS-0124",
		Remedy: "set description", each: described,
	},
	{
		Number: 43, Severity: report.Low, Title: "Every security group is attached to something", Types: []string{groupType},
		Known:  "FSBP EC2.22; Checkov CKV2_AWS_5; Prowler ec2_securitygroup_not_used",
		Remedy: "attach it, or remove it", each: attached,
	},
	{
		Number: 44, Severity: report.Medium, Title: "No security group has rules both inside it and as resources", Types: anyGroup,
		Remedy: "write all as resources: the two kinds undo each other at every deployment", each: notBoth,
	},
	{
		Number: 45, Severity: report.Low, Title: "No security group has more than 50 rules", Types: anyGroup,
		Known:  "Prowler ec2_securitygroup_with_many_ingress_egress_rules",
		Remedy: "refer to groups and prefix lists in place of addresses", each: fewRules,
	},
	{
		Number: 46, Severity: report.Low, Title: "No security group was made by the launch wizard", Types: []string{groupType},
		Known:  "Prowler ec2_securitygroup_from_launch_wizard",
		Remedy: "declare a group of its own", each: notByWizard,
	},
	{
		Number: 47, Severity: report.High, Title: "Behind the edge, rules name groups and not addresses",
		Types: slices.Concat([]string{groupType}, ruleTypes),
		Note: "the app tier's way out by NAT, those that a group of servers declares, and the ranges that the edge lets in, are the " +
			"only addresses",
		Remedy: "set referencedSecurityGroupId in place of cidrIpv4", Waivers: []string{"webInternet"}, each: groupsNotAddresses,
	},
	{
		Number: 48, Severity: report.Medium, Title: "No security group lets its own members talk to each other", Types: anyGroup,
		Remedy: "remove the rule: servers of one tier have nothing to say to each other", each: notItself,
	},
	{
		Number: 49, Severity: report.Low, Title: "No database security group of EC2-Classic", Remedy: "use ec2.SecurityGroup",
		Known: "Checkov CKV_AWS_198",
		whole: none("EC2-Classic is gone", "aws:rds/securityGroup:", "aws:redshift/securityGroup:", "aws:elasticache/securityGroup:"),
	},
}
