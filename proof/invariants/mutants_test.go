package invariants_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/invariants"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/specimen"
)

const prod = "../../graph/testdata/prod.json"

// mutant is a small change to the prod platform that one invariant must catch.
type mutant struct {
	name   string
	change func(*specimen.Stack)
}

const (
	group    = "ec2/securityGroup:SecurityGroup"
	ingress  = "vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egress   = "vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	balancer = "lb/loadBalancer:LoadBalancer"
	listener = "lb/listener:Listener"
	onRule   = "lb/listenerRule:ListenerRule"
	targets  = "lb/targetGroup:TargetGroup"
	template = "ec2/launchTemplate:LaunchTemplate"
	servers  = "autoscaling/group:Group"
	db       = "rds/instance:Instance"
	subnet   = "ec2/subnet:Subnet"
	table    = "ec2/routeTable:RouteTable"
	route    = "ec2/route:Route"
	acl      = "ec2/networkAcl:NetworkAcl"
	aclRule  = "ec2/networkAclRule:NetworkAclRule"
	vpc      = "ec2/vpc:Vpc"
	record   = "cloudflare:index/record:Record"

	internalName = "prod-internal-app.internal.guestbook.example.com-a"
)

type in = specimen.Inputs

func id(s *specimen.Stack, kind, name string) string { return s.The(kind, name).ID() }

// allow writes both ends of a sentence.
func allow(s *specimen.Stack, from, to string, port int) {
	a, b := id(s, group, "prod-"+from), id(s, group, "prod-"+to)
	name := fmt.Sprintf("mutant-%s-%s-%d", from, to, port)
	s.Add(egress, name, in{"securityGroupId": a, "referencedSecurityGroupId": b, "ipProtocol": "tcp", "fromPort": port, "toPort": port})
	s.Add(ingress, name, in{"securityGroupId": b, "referencedSecurityGroupId": a, "ipProtocol": "tcp", "fromPort": port, "toPort": port})
}

// firstRule adds a rule that answers 503 before any other is tried.
func firstRule(s *specimen.Stack, condition map[string]any) {
	s.Add(onRule, "mutant", in{"listenerArn": id(s, listener, "prod-edge-https"), "priority": 1, "conditions": []any{condition},
		"actions": []any{map[string]any{"type": "fixed-response", "fixedResponse": map[string]any{"statusCode": "503"}}}})
}

// openACLs lets everything through all ACLs, so that only groups and routes hold.
func openACLs(s *specimen.Stack) {
	for _, a := range s.All(acl) {
		for _, out := range []bool{false, true} {
			s.Add(aclRule, "mutant", in{"networkAclId": a.ID(), "egress": out, "ruleNumber": 1, "ruleAction": "allow", "protocol": "-1",
				"cidrBlock": "0.0.0.0/0"}).
				Rename(a.ID() + map[bool]string{true: "-out", false: "-in"}[out])
		}
	}
}

// forward makes the edge pass a path on to the target group.
func forward(s *specimen.Stack, group string) {
	s.Add(onRule, "mutant", in{"listenerArn": id(s, listener, "prod-edge-https"), "priority": 7,
		"actions":    []any{map[string]any{"type": "forward", "targetGroupArn": id(s, targets, group)}},
		"conditions": []any{map[string]any{"pathPattern": map[string]any{"values": []any{"/hidden"}}}}})
}

func admit(s *specimen.Stack, to string, peer in) {
	rule := in{"securityGroupId": id(s, group, "prod-"+to), "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
	for key, value := range peer {
		rule[key] = value
	}
	s.Add(ingress, "mutant", rule)
}

func release(s *specimen.Stack, from string, peer in) {
	rule := in{"securityGroupId": id(s, group, "prod-"+from), "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
	for key, value := range peer {
		rule[key] = value
	}
	s.Add(egress, "mutant", rule)
}

// declare has the group of app declare ways out, with rules for them but for the ACLs, which let 443 out and nothing else.
func declare(s *specimen.Stack, ways string, rules ...in) {
	g := s.The(group, "prod-app")
	tags := map[string]any{"causeway:egress": ways}
	for key, value := range g.Get("tags").(map[string]any) {
		tags[key] = value
	}
	g.Set("tags", tags)
	for i, peer := range rules {
		rule := in{"securityGroupId": g.ID(), "ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
		for key, value := range peer {
			rule[key] = value
		}
		s.Add(egress, "mutant-"+string(rune('a'+i)), rule)
	}
}

// interfaces changes the network interface of a tier's servers.
func interfaces(s *specimen.Stack, tier, key string, value any) {
	t := s.The(template, "prod-"+tier)
	one := t.Get("networkInterfaces").([]any)[0].(map[string]any)
	changed := map[string]any{key: value}
	for k, v := range one {
		if k != key {
			changed[k] = v
		}
	}
	t.Set("networkInterfaces", []any{changed})
}

// leadOut gives the table of a tier's subnet the routes of the internet.
func leadOut(s *specimen.Stack, tableName string, prefixes ...string) {
	for i, p := range prefixes {
		s.Add(route, "mutant-"+string(rune('a'+i)), in{"routeTableId": id(s, table, tableName), "destinationCidrBlock": p,
			"gatewayId": id(s, "ec2/internetGateway:InternetGateway", "prod-network")})
	}
}

var mutants = map[string][]mutant{
	"I0": {
		{"inline rules of a group", func(s *specimen.Stack) {
			s.The(group, "prod-web").
				Set("ingress", []any{map[string]any{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": []any{"0.0.0.0/0"}}})
		}},
		{"inline routes", func(s *specimen.Stack) {
			s.The(table, "prod-network-data").Set("routes", []any{map[string]any{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}})
		}},
		{"a transit gateway", func(s *specimen.Stack) {
			s.Add("ec2transitgateway/vpcAttachment:VpcAttachment", "mutant",
				in{"vpcId": id(s, vpc, "prod-network"), "transitGatewayId": "tgw-1"})
		}},
		{"a function in the app's subnets", func(s *specimen.Stack) {
			s.Add("lambda/function:Function", "mutant",
				in{"vpcConfig": map[string]any{"subnetIds": []any{id(s, subnet, "prod-network-app-a")}}})
		}},
		{"a rule that was made by hand, in a refreshed state", func(s *specimen.Stack) {
			s.The(group, "prod-database").
				Answer("ingress",
					[]any{map[string]any{"protocol": "tcp", "fromPort": 5433, "toPort": 5433, "cidrBlocks": []any{"0.0.0.0/0"},
						"self": false}})
		}},
		{"a route that was made by hand, in a refreshed state", func(s *specimen.Stack) {
			s.The(table, "prod-network-data").Answer("routes", []any{map[string]any{"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"}})
		}},
		{"a rule of an ACL that was made by hand, in a refreshed state", func(s *specimen.Stack) {
			s.The(acl, "prod-network-data").
				Answer("ingress",
					[]any{map[string]any{"ruleNo": 1, "action": "allow", "protocol": "-1", "fromPort": 0, "toPort": 0,
						"cidrBlock": "0.0.0.0/0"}})
		}},
		{"servers of an older version of their template", func(s *specimen.Stack) {
			s.The(template, "prod-web").Answer("latestVersion", 2)
		}},
		{"a resource of another provider", func(s *specimen.Stack) { s.Add("aws-native:ec2:Instance", "mutant", in{}) }},
		{"a route to a network interface", func(s *specimen.Stack) {
			s.Add(route, "mutant", in{"routeTableId": id(s, table, "prod-network-data"), "destinationCidrBlock": "0.0.0.0/0",
				"networkInterfaceId": "eni-1"})
		}},
	},
	"I1": {
		{"a public address in the launch template, as a text",
			func(s *specimen.Stack) { interfaces(s, "web", "associatePublicIpAddress", "true") }},
		{"a public database", func(s *specimen.Stack) { s.The(db, "prod-database").Set("publiclyAccessible", true) }},
		{"the internal load balancer faces the internet",
			func(s *specimen.Stack) { s.The(balancer, "prod-internal").Set("internal", false) }},
		{"a subnet hands out addresses, and the template says nothing", func(s *specimen.Stack) {
			interfaces(s, "app", "associatePublicIpAddress", nil)
			s.The(subnet, "prod-network-app-a").Set("mapPublicIpOnLaunch", true)
		}},
		{"IPv6 by an internet gateway", func(s *specimen.Stack) {
			s.The(subnet, "prod-network-app-a").Set("ipv6CidrBlock", "2a05:d018::/64").Set("assignIpv6AddressOnCreation", true)
			s.Add(route, "mutant", in{"routeTableId": id(s, table, "prod-network-private-a"), "destinationIpv6CidrBlock": "::/0",
				"gatewayId": id(s, "ec2/internetGateway:InternetGateway", "prod-network")})
		}},
		{"a second load balancer that faces the internet", func(s *specimen.Stack) {
			s.Add(balancer, "mutant",
				in{"subnets": s.The(balancer, "prod-edge").Get("subnets"), "securityGroups": []any{id(s, group, "prod-edge")}})
		}},
		{"a second load balancer of the network type, tagged as the edge", func(s *specimen.Stack) {
			s.Add(balancer, "mutant", in{"loadBalancerType": "network", "subnets": s.The(balancer, "prod-edge").Get("subnets"),
				"tags": map[string]any{"causeway:tier": "edge"}})
		}},
		{"an instance with an elastic address", func(s *specimen.Stack) {
			i := s.Add("ec2/instance:Instance", "mutant",
				in{"subnetId": id(s, subnet, "prod-network-web-a"), "vpcSecurityGroupIds": []any{id(s, group, "prod-web")}})
			s.Add("ec2/eip:Eip", "mutant", in{"instance": i.ID()})
		}},
	},
	"I2": {
		{"port 80", func(s *specimen.Stack) { admit(s, "edge", in{"fromPort": 80, "toPort": 80, "cidrIpv4": "0.0.0.0/0"}) }},
		{"one port more", func(s *specimen.Stack) { s.The(ingress, "prod-internet-to-edge-443").Set("toPort", 444) }},
		{"all protocols", func(s *specimen.Stack) { s.The(ingress, "prod-internet-to-edge-443").Set("ipProtocol", "-1") }},
		{"another port from half of the internet", func(s *specimen.Stack) {
			admit(s, "edge", in{"fromPort": 8080, "toPort": 8080, "cidrIpv4": "128.0.0.0/1"})
		}},
		{"another port over IPv6", func(s *specimen.Stack) { admit(s, "edge", in{"fromPort": 8080, "toPort": 8080, "cidrIpv6": "::/0"}) }},
	},
	"I3": {
		{"web to database", func(s *specimen.Stack) { openACLs(s); allow(s, "web", "database", 5433) }},
		{"the edge forwards to the app servers", func(s *specimen.Stack) {
			openACLs(s)
			forward(s, "prod-app")
			allow(s, "edge", "app", 9443)
		}},
		{"a public database by 0/1 and 128/1", func(s *specimen.Stack) {
			openACLs(s)
			s.The(db, "prod-database").Set("publiclyAccessible", true)
			leadOut(s, "prod-network-data", "0.0.0.0/1", "128.0.0.0/1")
			admit(s, "database", in{"fromPort": 5433, "toPort": 5433, "cidrIpv4": "0.0.0.0/0"})
		}},
		{"a peer that is a whole VPC", func(s *specimen.Stack) {
			openACLs(s)
			p := s.Add("ec2/vpcPeeringConnection:VpcPeeringConnection", "mutant",
				in{"vpcId": id(s, vpc, "prod-network"), "peerVpcId": "vpc-office"})
			s.Add(route, "mutant", in{"routeTableId": id(s, table, "prod-network-data"), "destinationCidrBlock": "10.99.0.0/16",
				"vpcPeeringConnectionId": p.ID()})
			admit(s, "database", in{"fromPort": 5433, "toPort": 5433, "cidrIpv4": "10.0.0.0/8"})
		}},
		{"a prefix list that nobody can resolve, on a public database", func(s *specimen.Stack) {
			openACLs(s)
			s.The(db, "prod-database").Set("publiclyAccessible", true)
			leadOut(s, "prod-network-data", "0.0.0.0/0")
			admit(s, "database", in{"fromPort": 5433, "toPort": 5433, "prefixListId": "pl-unknown"})
		}},
	},
	"I4": {
		{"a second listener rule to a hidden target group", func(s *specimen.Stack) {
			openACLs(s)
			arn := s.Add(targets, "mutant",
				in{"port": 9443, "protocol": "HTTPS", "targetType": "instance", "vpcId": id(s, vpc, "prod-network")}).ID()
			asg := s.The(servers, "prod-app")
			asg.Set("targetGroupArns", append([]any{arn}, asg.Get("targetGroupArns").([]any)...))
			s.Add(onRule, "mutant-rule",
				in{"listenerArn": id(s, listener, "prod-edge-https"), "actions": []any{map[string]any{"type": "forward",
					"forward": map[string]any{"targetGroups": []any{map[string]any{"arn": id(s, targets, "prod-web"), "weight": 99},
						map[string]any{"arn": arn, "weight": 1}}}}}})
			allow(s, "edge", "app", 9443)
		}},
		{"the internal load balancer faces the internet", func(s *specimen.Stack) {
			openACLs(s)
			s.The(balancer, "prod-internal").Set("internal", false)
			for _, t := range []string{"a", "b", "c"} {
				s.The(route, "prod-network-private-"+t+"-internet").Set("natGatewayId", nil).
					Set("gatewayId", id(s, "ec2/internetGateway:InternetGateway", "prod-network"))
			}
			admit(s, "internal", in{"cidrIpv4": "0.0.0.0/0"})
		}},
	},
	"I5": {
		{"web admits a CIDR", func(s *specimen.Stack) {
			admit(s, "web", in{"fromPort": 8443, "toPort": 8443, "cidrIpv4": "10.30.0.0/16"})
		}},
		{"web admits app", func(s *specimen.Stack) { openACLs(s); allow(s, "app", "web", 8443) }},
		{"web admits one port more", func(s *specimen.Stack) { s.The(ingress, "prod-edge-to-web-8443").Set("toPort", 8444) }},
	},
	"I6": {
		{"internal admits the edge", func(s *specimen.Stack) { allow(s, "edge", "internal", 443) }},
		{"internal admits another port", func(s *specimen.Stack) { allow(s, "web", "internal", 80) }},
		{"internal admits a group of another account",
			func(s *specimen.Stack) { admit(s, "internal", in{"referencedSecurityGroupId": "222233334444/sg-0123"}) }},
	},
	"I7": {
		{"app admits itself", func(s *specimen.Stack) { allow(s, "app", "app", 9443) }},
		{"app admits a prefix list", func(s *specimen.Stack) {
			admit(s, "app",
				in{"fromPort": 9443, "toPort": 9443, "prefixListId": "pl-1"})
		}},
	},
	"I8": {
		{"the database admits a CIDR", func(s *specimen.Stack) {
			admit(s, "database", in{"fromPort": 5433, "toPort": 5433, "cidrIpv4": "10.30.64.0/19"})
		}},
		{"the database admits itself", func(s *specimen.Stack) { allow(s, "database", "database", 5433) }},
		{"the database admits everything from app", func(s *specimen.Stack) {
			s.The(ingress, "prod-app-to-database-5433").
				Set("ipProtocol", "-1")
		}},
		{"the database admits web, by the old type of rule", func(s *specimen.Stack) {
			s.Add("ec2/securityGroupRule:SecurityGroupRule", "mutant",
				in{"type": "ingress", "securityGroupId": id(s, group, "prod-database"), "sourceSecurityGroupId": id(s, group, "prod-web"),
					"protocol": "tcp", "fromPort": 5433, "toPort": 5433})
		}},
		{"IPv6", func(s *specimen.Stack) {
			admit(s, "database", in{"fromPort": 5433, "toPort": 5433, "cidrIpv6": "::/0"})
		}},
	},
	"I9": {
		{"web to web", func(s *specimen.Stack) { allow(s, "web", "web", 8443) }},
		{"app to app", func(s *specimen.Stack) { allow(s, "app", "app", 9443) }},
		{"app to web", func(s *specimen.Stack) { allow(s, "app", "web", 8443) }},
		{"database to app", func(s *specimen.Stack) { openACLs(s); allow(s, "database", "app", 443) }},
		{"web to database", func(s *specimen.Stack) { openACLs(s); allow(s, "web", "database", 5433) }},
	},
	"I10": {
		{"an ingress CIDR", func(s *specimen.Stack) { admit(s, "internal", in{"cidrIpv4": "10.30.32.0/19"}) }},
		{"an egress CIDR", func(s *specimen.Stack) {
			release(s, "edge", in{"fromPort": 8443, "toPort": 8443, "cidrIpv4": "10.30.32.0/19"})
		}},
		{"an egress CIDR of all", func(s *specimen.Stack) {
			release(s, "app", in{"fromPort": 0, "toPort": 65535, "cidrIpv4": "0.0.0.0/0"})
		}},
	},
	"I11": {
		{"SSH", func(s *specimen.Stack) {
			admit(s, "app", in{"fromPort": 22, "toPort": 22, "cidrIpv4": "203.0.113.0/24"})
		}},
		{"WinRM inside a range", func(s *specimen.Stack) { allow(s, "web", "internal", 5986) }},
		{"a key pair", func(s *specimen.Stack) { s.The(template, "prod-web").Set("keyName", "ops") }},
		{"the way out on all ports", func(s *specimen.Stack) { release(s, "web", in{"ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"}) }},
	},
	"I12": {
		{"a wider target port", func(s *specimen.Stack) {
			s.The(ingress, "prod-internal-to-app-9443").Set("toPort", 9500)
			s.The(egress, "prod-internal-to-app-9443").Set("toPort", 9500)
		}},
		{"a health check port that is not open", func(s *specimen.Stack) {
			check := map[string]any{"enabled": true, "port": "8081", "protocol": "HTTPS"}
			s.The(targets, "prod-web").Set("healthCheck", check)
		}},
		{"an ACL that stops the replies", func(s *specimen.Stack) {
			s.Add(aclRule, "mutant", in{"networkAclId": id(s, acl, "prod-network-web"), "egress": true, "ruleNumber": 5,
				"ruleAction": "deny", "protocol": "tcp", "fromPort": 40000, "toPort": 40000, "cidrBlock": "10.30.0.0/19"})
		}},
	},
	"I13": {
		{"egress to all", func(s *specimen.Stack) {
			release(s, "edge", in{"fromPort": 8443, "toPort": 8443, "cidrIpv4": "0.0.0.0/0"})
		}},
		{"another port", func(s *specimen.Stack) { s.The(egress, "prod-edge-to-web-8443").Set("fromPort", 8442) }},
	},
	"I14": {
		{"a port that nothing listens on", func(s *specimen.Stack) { allow(s, "web", "internal", 8443) }},
		{"a listener that nobody is let in to", func(s *specimen.Stack) {
			s.Add(listener, "mutant", in{"loadBalancerArn": id(s, balancer, "prod-internal"), "port": 8443, "protocol": "HTTPS",
				"defaultActions": []any{map[string]any{"type": "fixed-response"}}})
		}},
	},
	"I15": {
		{"a rule with one end", func(s *specimen.Stack) {
			release(s, "web", in{"referencedSecurityGroupId": id(s, group, "prod-app"), "fromPort": 9443, "toPort": 9443})
		}},
		{"a group of nobody", func(s *specimen.Stack) { s.Add(group, "mutant", in{"vpcId": id(s, vpc, "prod-network")}) }},
		{"an ACL that undoes a group", func(s *specimen.Stack) {
			s.Add(aclRule, "mutant", in{"networkAclId": id(s, acl, "prod-network-data"), "egress": false, "ruleNumber": 1,
				"ruleAction": "deny", "protocol": "-1", "cidrBlock": "10.30.64.0/22"})
		}},
	},
	"I16": {
		{"a NAT gateway that is private", func(s *specimen.Stack) {
			s.The("ec2/natGateway:NatGateway", "prod-network-nat-b").Set("connectivityType", "private")
		}},
		{"a zone without the way out", func(s *specimen.Stack) { s.Remove(route, "prod-network-private-c-internet") }},
		{"a second way out", func(s *specimen.Stack) { release(s, "web", in{"cidrIpv4": "0.0.0.0/0"}) }},
		{"a way out on another port", func(s *specimen.Stack) {
			release(s, "app",
				in{"fromPort": 25, "toPort": 25, "cidrIpv4": "0.0.0.0/0"})
		}},
		{"the database opens connections", func(s *specimen.Stack) { release(s, "database", in{"cidrIpv4": "0.0.0.0/0"}) }},
		{"a way out that is declared to somebody else", func(s *specimen.Stack) {
			declare(s, "443/tcp=198.51.100.0/24", in{"cidrIpv4": "198.51.100.0/24"},
				in{"cidrIpv4": "198.51.96.0/20", "fromPort": 587, "toPort": 587})
		}},
		{"a way out that is wider than declared", func(s *specimen.Stack) {
			declare(s, "443/tcp=198.51.100.0/24", in{"cidrIpv4": "198.51.100.0/24", "toPort": 444})
		}},
		{"a declared way out that has no rule", func(s *specimen.Stack) { declare(s, "443/tcp=198.51.100.0/24") }},
		{"a declared way out that an ACL closes", func(s *specimen.Stack) {
			declare(s, "587/tcp=198.51.100.0/24", in{"cidrIpv4": "198.51.100.0/24", "fromPort": 587, "toPort": 587})
		}},
		{"a declared way out that an ACL closes in part", func(s *specimen.Stack) {
			declare(s, "443/tcp=198.51.100.0/24", in{"cidrIpv4": "198.51.100.0/24"})
			s.Add(aclRule, "mutant", in{"networkAclId": id(s, acl, "prod-network-public"), "egress": true, "ruleNumber": 5,
				"ruleAction": "deny", "protocol": "tcp", "cidrBlock": "198.51.100.128/25", "fromPort": 443, "toPort": 443})
		}},
		{"another prefix list than is declared", func(s *specimen.Stack) {
			declare(s, "443/tcp=pl-0123456789abcdef0", in{"prefixListId": "pl-0123456789abcdef1"})
		}},
		{"a prefix list that nobody can resolve", func(s *specimen.Stack) { release(s, "web", in{"prefixListId": "pl-unknown"}) }},
	},
	"I17": {
		{"a default route", func(s *specimen.Stack) {
			s.Add(route, "mutant", in{"routeTableId": id(s, table, "prod-network-data"), "destinationCidrBlock": "0.0.0.0/0",
				"natGatewayId": id(s, "ec2/natGateway:NatGateway", "prod-network-nat-a")})
		}},
		{"half of the internet", func(s *specimen.Stack) { leadOut(s, "prod-network-data", "0.0.0.0/1") }},
		{"IPv6 by an egress-only gateway", func(s *specimen.Stack) {
			g := s.Add("ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", "mutant", in{"vpcId": id(s, vpc, "prod-network")})
			s.Add(route, "mutant", in{"routeTableId": id(s, table, "prod-network-data"), "destinationIpv6CidrBlock": "::/0",
				"egressOnlyGatewayId": g.ID()})
		}},
		{"the table of another tier", func(s *specimen.Stack) {
			s.The("ec2/routeTableAssociation:RouteTableAssociation", "prod-network-data-a").
				Set("routeTableId", id(s, table, "prod-network-private-a"))
		}},
	},
	"I18": {
		{"over IPv6 by an egress-only gateway", func(s *specimen.Stack) {
			g := s.Add("ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", "mutant", in{"vpcId": id(s, vpc, "prod-network")}).ID()
			s.Add(route, "mutant", in{"routeTableId": id(s, table, "prod-network-private-a"), "destinationIpv6CidrBlock": "::/0",
				"egressOnlyGatewayId": g})
		}},
		{"by the internet gateway", func(s *specimen.Stack) { leadOut(s, "prod-network-private-b", "128.0.0.0/1") }},
		{"by the NAT of another zone", func(s *specimen.Stack) {
			s.The(route, "prod-network-private-b-internet").Set("natGatewayId", id(s, "ec2/natGateway:NatGateway", "prod-network-nat-a"))
		}},
	},
	"I19": {
		{"a subnet without a table", func(s *specimen.Stack) {
			s.Remove("ec2/routeTableAssociation:RouteTableAssociation", "prod-network-web-a")
		}},
		{"the default group is not adopted", func(s *specimen.Stack) {
			s.Remove("ec2/defaultSecurityGroup:DefaultSecurityGroup", "prod-network-default")
		}},
		{"the default ACL is not adopted",
			func(s *specimen.Stack) { s.Remove("ec2/defaultNetworkAcl:DefaultNetworkAcl", "prod-network-default") }},
		{"the default ACL has a rule", func(s *specimen.Stack) {
			s.The("ec2/defaultNetworkAcl:DefaultNetworkAcl", "prod-network-default").
				Set("ingress",
					[]any{map[string]any{"ruleNo": 1, "action": "allow", "protocol": "-1", "fromPort": 0, "toPort": 0,
						"cidrBlock": "0.0.0.0/0"}})
		}},
		{"the main table has a route", func(s *specimen.Stack) {
			s.Add(route, "mutant", in{"routeTableId": id(s, "ec2/defaultRouteTable:DefaultRouteTable", "prod-network-default"),
				"destinationCidrBlock": "0.0.0.0/0", "gatewayId": id(s, "ec2/internetGateway:InternetGateway", "prod-network")})
		}},
	},
	"I20": {
		{"a group of the account's default network", func(s *specimen.Stack) { s.The(group, "prod-internal").Set("vpcId", "") }},
		{"two subnets of the same addresses", func(s *specimen.Stack) {
			s.The(subnet, "prod-network-app-b").Set("cidrBlock", s.The(subnet, "prod-network-app-c").Get("cidrBlock"))
		}},
		{"app servers in a web subnet", func(s *specimen.Stack) {
			asg := s.The(servers, "prod-app")
			asg.Set("vpcZoneIdentifiers", append([]any{id(s, subnet, "prod-network-web-a")}, asg.Get("vpcZoneIdentifiers").([]any)...))
		}},
		{"one zone", func(s *specimen.Stack) {
			s.The(servers, "prod-web").Set("vpcZoneIdentifiers", []any{id(s, subnet, "prod-network-web-a")})
		}},
		{"a group of two tiers", func(s *specimen.Stack) {
			interfaces(s, "web", "securityGroups", []any{id(s, group, "prod-web"), id(s, group, "prod-app")})
		}},
	},
	"I21": {
		{"a delivery of logs to a stranger's bucket", func(s *specimen.Stack) {
			s.Add("cloudwatch/logDeliveryDestination:LogDeliveryDestination", "mutant", in{"name": "x",
				"deliveryDestinationConfiguration": in{"destinationResourceArn": "arn:aws:s3:::theirs"}})
		}},
		{"a policy that is none of IAM's, and names a stranger's bucket", func(s *specimen.Stack) {
			s.Add("cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy", "mutant", in{"policyDocument": `{"Statement": ` +
				`[{"Operation": {"Audit": {"FindingsDestination": {"S3": {"Bucket": "theirs"}}}}}]}`})
		}},
		{"what servers do is told to somebody else", func(s *specimen.Stack) {
			s.Add("autoscaling/notification:Notification", "mutant", in{"groupNames": []any{s.The(servers, "prod-app").ID()},
				"topicArn": "arn:aws:sns:eu-west-1:999999999999:theirs"})
		}},
		{"a function of somebody else decides which servers go", func(s *specimen.Stack) {
			s.The(servers, "prod-app").Set("terminationPolicies", []any{"arn:aws:lambda:eu-west-1:999999999999:function:theirs"})
		}},
		{"an option group of somebody else", func(s *specimen.Stack) { s.All(db)[0].Set("optionGroupName", "theirs") }},
		{"a database that is made of somebody else's snapshot", func(s *specimen.Stack) {
			s.All(db)[0].Set("snapshotIdentifier", "arn:aws:rds:eu-west-1:999999999999:snapshot:theirs")
		}},
		{"a private zone that another network asks", func(s *specimen.Stack) {
			s.Add("route53/zone:Zone", "mutant",
				in{"name": "inside", "vpcs": []any{map[string]any{"vpcId": id(s, vpc, "prod-network"), "vpcRegion": "eu-west-1"},
					map[string]any{"vpcId": "vpc-0000000000000000f"}}})
		}},
		{"a private zone that is lent to another network", func(s *specimen.Stack) {
			s.Add("route53/zoneAssociation:ZoneAssociation", "mutant",
				in{"zoneId": id(s, "route53/zone:Zone", s.All("route53/zone:Zone")[0].Name()), "vpcId": "vpc-0000000000000000f"})
		}},
		{"a key of somebody else, deep in a template", func(s *specimen.Stack) {
			s.The(template, "prod-app").
				Set("blockDeviceMappings",
					[]any{map[string]any{"deviceName": "/dev/xvda",
						"ebs": map[string]any{"encrypted": "true", "kmsKeyId": "arn:aws:kms:eu-west-1:1:key/dev"}}})
		}},
		{"logs that go to somebody else's bucket", func(s *specimen.Stack) {
			s.The(balancer, "prod-edge").Compute("accessLogs", map[string]any{"bucket": "somebody-elses", "enabled": true})
		}},
		{"alarms that tell somebody else", func(s *specimen.Stack) {
			s.The("cloudwatch/metricAlarm:MetricAlarm", "prod-database-cpu").
				Compute("alarmActions", []any{"arn:aws:sns:eu-west-1:999999999999:alarms"})
		}},
		{"a peering", func(s *specimen.Stack) {
			s.Add("ec2/vpcPeeringConnection:VpcPeeringConnection", "mutant",
				in{"vpcId": id(s, vpc, "prod-network"), "peerVpcId": "vpc-dev"})
		}},
		{"a key of somebody else", func(s *specimen.Stack) {
			s.The(db, "prod-database").
				Set("kmsKeyId", "arn:aws:kms:eu-west-1:1:key/dev")
		}},
		{"a group of another environment", func(s *specimen.Stack) { s.The(group, "prod-app").Tag("causeway:environment", "dev") }},
		{"another VPC with the same addresses", func(s *specimen.Stack) { s.Add(vpc, "mutant", in{"cidrBlock": "10.30.128.0/17"}) }},
	},
	"I22": {
		{"targets without TLS", func(s *specimen.Stack) { s.The(targets, "prod-app").Set("protocol", "HTTP") }},
		{"a listener without TLS", func(s *specimen.Stack) { s.The(listener, "prod-internal-https").Set("protocol", "HTTP") }},
		{"a database that takes connections without TLS", func(s *specimen.Stack) {
			s.All("rds/parameterGroup:ParameterGroup")[0].Set("parameters", []any{map[string]any{"name": "rds.force_ssl", "value": "0"}})
		}},
	},
	"I23": {
		{"a record in somebody else's zone", func(s *specimen.Stack) {
			s.The("cloudflare:index/record:Record", "prod-edge-guestbook.example.com").Set("zoneId", "0123456789abcdef0123456789abcdef")
		}},
		{"somebody else proves that the name is his", func(s *specimen.Stack) {
			s.Add("cloudflare:index/dnsRecord:DnsRecord", "mutant",
				in{"name": "_acme-challenge.guestbook.example.com", "type": "CNAME", "content": "x.stranger.example"})
		}},
		{"a name that is delegated to somebody else", func(s *specimen.Stack) {
			s.Add("cloudflare:index/dnsRecord:DnsRecord", "mutant",
				in{"name": "www.guestbook.example.com", "type": "NS", "content": "ns1.stranger.example"})
		}},
		{"a record of the newer type that points elsewhere", func(s *specimen.Stack) {
			s.Add("cloudflare:index/dnsRecord:DnsRecord", "mutant",
				in{"name": "guestbook.example.com", "type": "A", "content": "203.0.113.9"})
		}},
		{"a service record that leads browsers elsewhere", func(s *specimen.Stack) {
			s.Add("cloudflare:index/dnsRecord:DnsRecord", "mutant",
				in{"name": "guestbook.example.com", "type": "HTTPS", "content": "1 stranger.example."})
		}},
		{"a stranger's certificate is proved", func(s *specimen.Stack) {
			s.Add(record, "mutant", in{"name": "_0.guestbook.example.com", "type": "CNAME", "content": "_1.2.acm-validations.aws"})
		}},
		{"a certificate that cannot be renewed",
			func(s *specimen.Stack) { s.Remove(record, "prod-certificate-www.guestbook.example.com") }},
		{"a proof of something else", func(s *specimen.Stack) {
			s.The(record, "prod-certificate-www.guestbook.example.com").Compute("content", "_1.stranger.example")
		}},
		{"nobody waits for the certificate", func(s *specimen.Stack) {
			s.Remove("acm/certificateValidation:CertificateValidation", "prod-certificate")
		}},
		{"a name that the certificate does not cover", func(s *specimen.Stack) {
			s.The("acm/certificate:Certificate", "prod-certificate").Set("subjectAlternativeNames", nil)
		}},
		{"a name that points elsewhere", func(s *specimen.Stack) {
			s.The(record, "prod-edge-www.guestbook.example.com").Set("content", "old.example.net")
		}},
		{"a second record of the name, by the other type", func(s *specimen.Stack) {
			s.Add("cloudflare:index/dnsRecord:DnsRecord", "mutant",
				in{"name": "guestbook.example.com", "type": "A", "content": "203.0.113.9"})
		}},
		{"a second record of the name", func(s *specimen.Stack) {
			s.Add(record, "mutant", in{"name": "guestbook.example.com", "type": "A", "content": "203.0.113.9"})
		}},
	},
	"I24": {
		{"no web ACL", func(s *specimen.Stack) { s.Remove("wafv2/webAclAssociation:WebAclAssociation", "prod-edge") }},
		{"somebody else's web ACL", func(s *specimen.Stack) {
			s.The("wafv2/webAclAssociation:WebAclAssociation", "prod-edge").
				Set("webAclArn", "arn:aws:wafv2:eu-west-1:999999999999:regional/webacl/theirs/1")
		}},
		{"a second web ACL", func(s *specimen.Stack) {
			s.Add("wafv2/webAclAssociation:WebAclAssociation", "mutant",
				in{"resourceArn": arn(s, balancer, "prod-edge"), "webAclArn": arn(s, "wafv2/webAcl:WebAcl", "prod-edge")})
		}},
		{"a web ACL whose first rule lets everything in", func(s *specimen.Stack) {
			acl := s.The("wafv2/webAcl:WebAcl", "prod-edge")
			everything := map[string]any{"byteMatchStatement": map[string]any{"searchString": "/", "positionalConstraint": "STARTS_WITH",
				"fieldToMatch": map[string]any{"uriPath": map[string]any{}}}}
			acl.Set("rules",
				append([]any{map[string]any{"name": "all", "priority": -1, "action": map[string]any{"allow": map[string]any{}},
					"statement": everything}}, acl.Get("rules").([]any)...))
		}},
		{"a web ACL that only counts", func(s *specimen.Stack) {
			for _, r := range s.The("wafv2/webAcl:WebAcl", "prod-edge").Get("rules").([]any) {
				rule := r.(map[string]any)
				for _, action := range []string{"action", "overrideAction"} {
					if rule[action] != nil {
						rule[action] = map[string]any{"count": map[string]any{}}
					}
				}
			}
		}},
		{"a proxied name, and all the internet", func(s *specimen.Stack) {
			s.The(record, "prod-edge-guestbook.example.com").
				Set("proxied", true)
		}},
	},
	"I25": identityMutants,
	"I26": {
		{"a hook that gives servers up", func(s *specimen.Stack) {
			s.Add("autoscaling/lifecycleHook:LifecycleHook", "mutant", in{"autoscalingGroupName": s.The(servers, "prod-app").ID(),
				"lifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"})
		}},
		{"releases that are deleted after a day", func(s *specimen.Stack) {
			s.The("s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", "prod-releases").
				Compute("rules", []any{map[string]any{"status": "Enabled", "expiration": map[string]any{"days": 1}}})
		}},
		{"a bucket that asks servers to pay", func(s *specimen.Stack) {
			s.Add("s3/bucketRequestPaymentConfigurationV2:BucketRequestPaymentConfigurationV2", "mutant", in{"payer": "Requester",
				"bucket": s.The("s3/bucketV2:BucketV2", "prod-releases").ID()})
		}},
		{"a release that is archived", func(s *specimen.Stack) {
			s.The("s3/bucketObjectv2:BucketObjectv2", "prod-app").Set("storageClass", "GLACIER")
		}},
		{"another file under the release's name", func(s *specimen.Stack) {
			o := s.The("s3/bucketObjectv2:BucketObjectv2", "prod-app")
			s.Add("s3/bucketObjectv2:BucketObjectv2", "mutant", in{"bucket": o.Get("bucket"), "key": o.Get("key"), "content": "x"})
		}},
		{"another file under the release's hash", func(s *specimen.Stack) {
			o := s.The("s3/bucketObjectv2:BucketObjectv2", "prod-app")
			source := o.Get("source").(map[string]any)
			source["hash"] = strings.Repeat("0", 64)
		}},
		{"a private zone that hides the database", func(s *specimen.Stack) {
			s.Add("route53/zone:Zone", "mutant", in{"name": "eu-west-1.rds.amazonaws.com",
				"vpcs": []any{map[string]any{"vpcId": id(s, vpc, "prod-network")}}})
		}},
		{"an endpoint that lets nobody be looked after", func(s *specimen.Stack) {
			s.The(endpoint, "prod-endpoints-ssm").Set("policy",
				`{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}`)
		}},
		{"a role that may not fetch its release", func(s *specimen.Stack) {
			statements(s.The(rolePolicy, "prod-web"), func(all []map[string]any) []map[string]any { return all[1:] })
		}},
		{"a bucket that refuses its reader", func(s *specimen.Stack) {
			statements(s.The("s3/bucketPolicy:BucketPolicy", "prod-releases"), func(all []map[string]any) []map[string]any {
				return append(all, map[string]any{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"})
			})
		}},
		{"a key that leaves nothing to its account", func(s *specimen.Stack) {
			statements(s.The("kms/key:Key", "prod-data"), func(all []map[string]any) []map[string]any {
				return slices.DeleteFunc(all, func(s map[string]any) bool { return strings.Contains(fmt.Sprint(s["Principal"]), ":root") })
			})
		}},
		{"no rule that leads to S3", func(s *specimen.Stack) { s.Remove(egress, "prod-web-to-s3-443") }},
		{"no way to where secrets are kept", func(s *specimen.Stack) {
			s.Remove(endpoint, "prod-endpoints-secretsmanager")
			s.Remove(egress, "prod-app-to-internet-443")
		}},
		{"another database's address", func(s *specimen.Stack) { told(s, "prod-app", "prod-database-f2e5d92.", "another.") }},
		{"a stranger's address for the database", func(s *specimen.Stack) {
			told(s, "prod-app", "prod-database-f2e5d92.ccb358efaaca.eu-west-1.rds.amazonaws.com", "203.0.113.9")
		}},
		{"another port of the database", func(s *specimen.Stack) { told(s, "prod-app", `PORT="5433"`, `PORT="5432"`) }},
		{"another name of the next tier", func(s *specimen.Stack) { told(s, "prod-web", "https://app.", "https://apq.") }},
		{"a stranger in place of the next tier", func(s *specimen.Stack) {
			told(s, "prod-web", "app.internal.guestbook.example.com", "stranger.example")
		}},
		{"servers that listen on another port", func(s *specimen.Stack) { told(s, "prod-web", `":8443"`, `":8444"`) }},
		{"servers that listen to themselves", func(s *specimen.Stack) { told(s, "prod-web", `":8443"`, `"127.0.0.1:8443"`) }},
		{"a release that nobody uploads", func(s *specimen.Stack) {
			s.The("s3/bucketObjectv2:BucketObjectv2", "prod-app").Compute("key", "app/releases/another")
		}},
		{"a service that nobody starts", func(s *specimen.Stack) {
			told(s, "prod-app", "--no-block, app.service",
				"--no-block, other.service")
		}},
		{"internet gateways are shut", func(s *specimen.Stack) {
			s.Add("ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions", "mutant", in{"internetGatewayBlockMode": "block-ingress"})
		}},
		{"a rule that sends browsers to a stranger", func(s *specimen.Stack) {
			redirect := map[string]any{"type": "redirect", "redirect": map[string]any{"host": "stranger.example", "statusCode": "HTTP_302"}}
			s.The(onRule, "prod-web-www.guestbook.example.com").Set("actions", []any{redirect})
		}},
		{"a target group that is sent nothing", func(s *specimen.Stack) {
			groups := []any{map[string]any{"arn": arn(s, targets, "prod-web"), "weight": 0}}
			s.The(onRule, "prod-web-www.guestbook.example.com").Set("actions",
				[]any{map[string]any{"type": "forward", "forward": map[string]any{"targetGroups": groups}}})
		}},
		{"a target group of addresses that servers do not have",
			func(s *specimen.Stack) { s.The(targets, "prod-web").Set("ipAddressType", "ipv6") }},
		{"a target group of functions", func(s *specimen.Stack) { s.The(targets, "prod-app").Set("targetType", "lambda") }},
		{"servers that are not put behind the load balancer", func(s *specimen.Stack) {
			s.The(servers, "prod-web").Set("suspendedProcesses", []any{"AddToLoadBalancer"})
		}},
		{"no servers at night", func(s *specimen.Stack) {
			s.Add("autoscaling/schedule:Schedule", "mutant", in{"autoscalingGroupName": s.The(servers, "prod-app").ID(), "minSize": 0,
				"maxSize": 0, "recurrence": "0 22 * * *"})
		}},
		{"a name that is gone", func(s *specimen.Stack) { s.Remove(record, "prod-edge-www.guestbook.example.com") }},
		{"a name that is no address", func(s *specimen.Stack) {
			s.The(record, "prod-edge-www.guestbook.example.com").Compute("type",
				"TXT")
		}},
		{"another name", func(s *specimen.Stack) {
			s.The(record, "prod-edge-www.guestbook.example.com").Compute("name", "old.example.com")
		}},
		{"an internal name for one continent", func(s *specimen.Stack) {
			s.The("route53/record:Record", internalName).Set("geolocationRoutingPolicies", []any{map[string]any{"continent": "AN"}})
		}},
		{"an internal name that no rule is for", func(s *specimen.Stack) {
			s.The("route53/record:Record", internalName).Compute("name", "old.internal.guestbook.example.com")
		}},
		{"a zone in front of the internal name's", func(s *specimen.Stack) {
			s.Add("route53/zone:Zone", "mutant", in{"name": "app.internal.guestbook.example.com",
				"vpcs": []any{map[string]any{"vpcId": id(s, vpc, "prod-network")}}})
		}},
		{"a web ACL whose first rule refuses everybody", func(s *specimen.Stack) {
			acl := s.The("wafv2/webAcl:WebAcl", "prod-edge")
			geo := map[string]any{"geoMatchStatement": map[string]any{"countryCodes": []any{"AQ"}}}
			home := map[string]any{"notStatement": map[string]any{"statements": []any{geo}}}
			acl.Set("rules", append([]any{map[string]any{"name": "home", "priority": -1,
				"action": map[string]any{"block": map[string]any{}}, "statement": home}}, acl.Get("rules").([]any)...))
		}},
		{"a rule of the first priority answers 503", func(s *specimen.Stack) {
			firstRule(s, map[string]any{"pathPattern": map[string]any{"values": []any{"/*"}}})
		}},
		{"a rule of the first priority answers 503 for one name", func(s *specimen.Stack) {
			firstRule(s, map[string]any{"hostHeader": map[string]any{"values": []any{"WWW.guestbook.*"}}})
		}},
		{"a rule for everybody answers 503", func(s *specimen.Stack) {
			firstRule(s, map[string]any{"sourceIp": map[string]any{"values": []any{"0.0.0.0/1", "128.0.0.0/1"}}})
		}},
		{"a rule for a name that nobody asks for", func(s *specimen.Stack) {
			for _, r := range s.All(onRule) {
				r.Set("conditions", []any{map[string]any{"hostHeader": map[string]any{"values": []any{"old.example.com"}}}})
			}
		}},
		{"a web ACL that blocks by default", func(s *specimen.Stack) {
			s.The("wafv2/webAcl:WebAcl", "prod-edge").Set("defaultAction", map[string]any{"block": map[string]any{}})
		}},
		{"a web ACL of somebody else", func(s *specimen.Stack) {
			s.All("wafv2/webAclAssociation:WebAclAssociation")[0].Set("webAclArn",
				"arn:aws:wafv2:eu-west-1:999999999999:regional/webacl/theirs/1")
		}},
		{"no server at most", func(s *specimen.Stack) { s.The(servers, "prod-app").Set("maxSize", 0) }},
		{"nobody says how many servers", func(s *specimen.Stack) { s.The(servers, "prod-app").Set("minSize", nil) }},
		{"no server at least", func(s *specimen.Stack) { s.The(servers, "prod-web").Set("minSize", 0) }},
		{"no server is launched", func(s *specimen.Stack) { s.The(servers, "prod-web").Set("suspendedProcesses", []any{"Launch"}) }},
		{"the internal name leads elsewhere", func(s *specimen.Stack) {
			s.All("route53/record:Record")[0].Set("aliases",
				[]any{map[string]any{"name": "old.eu-west-1.elb.amazonaws.com", "zoneId": "Z1"}})
		}},
		{"a health check on a port that is shut", func(s *specimen.Stack) {
			s.The(targets, "prod-web").Set("healthCheck", map[string]any{"port": "8081", "path": "/healthz", "protocol": "HTTPS"})
		}},
		{"browsers are asked for a certificate", func(s *specimen.Stack) {
			s.The(listener, "prod-edge-https").Set("mutualAuthentication", map[string]any{"mode": "verify", "trustStoreArn": "arn:aws:ts"})
		}},
		{"an egress rule is missing", func(s *specimen.Stack) { s.Remove(egress, "prod-app-to-database-5433") }},
		{"the replies to the internet are stopped", func(s *specimen.Stack) {
			s.Add(aclRule, "mutant", in{"networkAclId": id(s, acl, "prod-network-public"), "egress": true, "ruleNumber": 1,
				"ruleAction": "deny", "protocol": "tcp", "fromPort": 2000, "toPort": 3000, "cidrBlock": "0.0.0.0/0"})
		}},
		{"the servers are in no target group", func(s *specimen.Stack) { s.The(servers, "prod-web").Set("targetGroupArns", nil) }},
		{"the listener only answers by itself", func(s *specimen.Stack) {
			for _, r := range s.All(onRule) {
				r.Set("actions", []any{map[string]any{"type": "fixed-response"}})
			}
		}},
		{"the route to the internet is missing", func(s *specimen.Stack) { s.Remove(route, "prod-network-public-internet") }},
	},
	"I28": {
		{"secrets by the internet", func(s *specimen.Stack) { s.Remove(endpoint, "prod-endpoints-secretsmanager") }},
		{"secrets by the internet's name", func(s *specimen.Stack) {
			s.The(endpoint, "prod-endpoints-secretsmanager").Set("privateDnsEnabled", false)
		}},
		{"an endpoint less than promised", func(s *specimen.Stack) { s.Remove(endpoint, "prod-endpoints-monitoring") }},
	},
	"I27": {
		{"everything", openACLs},
		{"a stranger's address", func(s *specimen.Stack) { admits(s, "prod-network-data", false, in{"cidrBlock": "203.0.113.9/32"}) }},
		{"web may ask the database", func(s *specimen.Stack) { admits(s, "prod-network-data", false, in{"cidrBlock": "10.30.32.0/19"}) }},
		{"a denial less", func(s *specimen.Stack) { s.Remove(aclRule, "prod-network-web-from-rest") }},
	},
}

// A refreshed state repeats what is declared: that is not drift.
func TestRepeatedRulesAreNoDrift(t *testing.T) {
	s := specimen.Read(t, prod)
	s.The(group, "prod-database").Answer("ingress", []any{map[string]any{
		"protocol": "tcp", "fromPort": 5433, "toPort": 5433, "securityGroups": []any{id(s, group, "prod-app")}, "self": false,
		"cidrBlocks": []any{},
	}})
	s.The(group, "prod-app").Answer("egress", []any{
		map[string]any{"protocol": "tcp", "fromPort": 443, "toPort": 443,
			"prefixListIds": []any{s.The("ec2/vpcEndpoint:VpcEndpoint", "prod-network-s3").Get("prefixListId")}},
		map[string]any{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": []any{"0.0.0.0/0"}},
	})
	s.The(table, "prod-network-public").
		Answer("routes",
			[]any{map[string]any{"cidrBlock": "0.0.0.0/0", "gatewayId": id(s, "ec2/internetGateway:InternetGateway", "prod-network")}})
	s.The(acl, "prod-network-data").
		Answer("ingress",
			[]any{map[string]any{"ruleNo": 220, "action": "allow", "protocol": "6", "fromPort": 1, "toPort": 65535,
				"cidrBlock": "10.30.64.0/19"}})
	assert.Empty(t, failing(invariants.Check(s.Graph())))
}

// Without tags the tiers are recognised by shape, and everything holds as before.
func TestTiersAreRecognisedByShape(t *testing.T) {
	s := specimen.Read(t, prod)
	for _, r := range s.Every() {
		r.Set("tags", nil)
	}
	for _, f := range invariants.Check(s.Graph()) {
		assert.Equal(t, report.Holds, f.Verdict, "%s %s", f.ID, f.Found)
	}
	openACLs(s)
	allow(s, "web", "database", 5433)
	found := failing(invariants.Check(s.Graph()))
	assert.Contains(t, found, "I3")
	assert.Contains(t, found, "I9")
}

// Several platforms in one stack are judged each by itself: all of it holds, but that they share
// addresses.
func TestSeveralPlatformsInOneStack(t *testing.T) {
	for _, f := range invariants.Check(specimen.Read(t, prod).Copies(5)) {
		require.True(t, f.Verdict == report.Holds || f.ID == "I21", "%s %s", f.ID, f.Found)
	}
}

// Two environments that share addresses, or a key, are told apart from two that do not.
func TestEnvironmentsBeside(t *testing.T) {
	local := specimen.Read(t, "../../graph/testdata/local.json").Graph()
	assert.Empty(t, failing(invariants.Check(specimen.Read(t, prod).Graph(), local)))
	assert.Contains(t, failing(invariants.Check(specimen.Read(t, prod).Graph(), specimen.Read(t, prod).Graph())), "I21")
}

// Where a part of the network is not modelled, nothing that stands on it may hold.
func TestNothingHoldsOnAPartOfTheNetwork(t *testing.T) {
	s := specimen.Read(t, prod)
	s.Add("ec2transitgateway/vpcAttachment:VpcAttachment", "mutant", in{})
	held := 0
	for _, f := range invariants.Check(s.Graph()) {
		if f.Verdict == report.Holds {
			held++
			assert.Contains(t, []string{"I11", "I25"}, f.ID, "it needs no network")
		}
	}
	assert.Equal(t, 2, held)
}

func failing(findings []report.Finding) map[string][]string {
	found := map[string][]string{}
	for _, f := range findings {
		if f.Verdict.Fails() {
			found[f.ID] = append(found[f.ID], f.Found)
		}
	}
	return found
}

// Rules of a listener that change nothing for browsers are no outage.
func TestRulesBesideTheWayAreNoOutage(t *testing.T) {
	for name, condition := range map[string]map[string]any{
		"a path":         {"pathPattern": map[string]any{"values": []any{"/admin*"}}},
		"a method":       {"httpRequestMethod": map[string]any{"values": []any{"TRACE"}}},
		"some addresses": {"sourceIp": map[string]any{"values": []any{"198.51.100.0/24"}}},
		"a query":        {"queryStrings": []any{map[string]any{"key": "debug", "value": "*"}}},
		"a header":       {"httpHeader": map[string]any{"httpHeaderName": "X-Probe", "values": []any{"*"}}},
		"another's host": {"hostHeader": map[string]any{"values": []any{"*.example.net"}}},
		"an old browser": {"httpHeader": map[string]any{"httpHeaderName": "User-Agent", "values": []any{"*MSIE*"}}},
	} {
		s := specimen.Read(t, prod)
		firstRule(s, condition)
		assert.Empty(t, failing(invariants.Check(s.Graph()))["I26"], name)
	}
}

// A name waives what it stands for, and nothing that is worse.
func TestWhatIsWorseIsBeyondAWaiversName(t *testing.T) {
	for name, c := range map[string]struct {
		id     string
		change func(*specimen.Stack)
		beyond bool
	}{
		"port 80": {"I2", func(s *specimen.Stack) { admit(s, "edge", in{"fromPort": 80, "toPort": 80, "cidrIpv4": "0.0.0.0/0"}) }, false},
		"SSH":     {"I2", func(s *specimen.Stack) { admit(s, "edge", in{"fromPort": 22, "toPort": 22, "cidrIpv4": "0.0.0.0/0"}) }, true},
		"the NAT gateway of another zone": {"I18", func(s *specimen.Stack) {
			s.The(route, "prod-network-private-b-internet").Set("natGatewayId", id(s, "ec2/natGateway:NatGateway", "prod-network-nat-a"))
		}, false},
		"an internet gateway": {"I18", func(s *specimen.Stack) { leadOut(s, "prod-network-private-b", "128.0.0.0/1") }, true},
		"a database that asks out": {"I16", func(s *specimen.Stack) {
			s.Add(egress, "mutant", in{"securityGroupId": id(s, group, "prod-database"), "cidrIpv4": "0.0.0.0/0", "ipProtocol": "tcp",
				"fromPort": 443, "toPort": 443})
		}, true},
	} {
		s := specimen.Read(t, prod)
		c.change(s)
		found := false
		for _, f := range invariants.Check(s.Graph()) {
			if f.ID == c.id && f.Verdict == report.Broken {
				found = true
				assert.Equal(t, c.beyond, f.Beyond, "%s: %s", name, f.Found)
				assert.Equal(t, name == "port 80", f.ID == "I2" && f.Severity != report.Critical, name)
			}
		}
		assert.True(t, found, name)
	}
}

// onlyDeployed are the mutants that no preview can have, or tell, and why. In any other preview what breaks an invariant when it is
// deployed is broken too, or not known: nothing holds because there is nothing yet to look at.
var onlyDeployed = map[string]string{
	"a rule that was made by hand, in a refreshed state":           "only a refresh tells of it",
	"a route that was made by hand, in a refreshed state":          "only a refresh tells of it",
	"a rule of an ACL that was made by hand, in a refreshed state": "only a refresh tells of it",
	"servers of an older version of their template":                "EC2 counts the versions",
}

// What holds when it is deployed is not broken in the preview.
func TestNothingIsBrokenForBeingOnlyPlanned(t *testing.T) {
	for _, f := range invariants.Check(specimen.Foretold(t, specimen.Read(t, prod).Graph())) {
		assert.NotEqual(t, report.Broken, f.Verdict, "%s %s", f.ID, f.Found)
		assert.True(t, f.Verdict != report.Undecided || f.Later, "%s %s", f.ID, f.Found)
	}
}

func TestEveryInvariantHasMutantsThatItCatches(t *testing.T) {
	for _, i := range invariants.All {
		require.NotEmpty(t, mutants[i.ID], "%s has no mutant: whether it can fail is not known", i.ID)
		for _, m := range mutants[i.ID] {
			t.Run(i.ID+" "+m.name, func(t *testing.T) {
				s := specimen.Read(t, prod)
				m.change(s)
				g := s.Graph()
				findings := invariants.Check(g)
				assert.NotEmpty(t, failing(findings)[i.ID], "%s does not catch it; caught by %v", i.ID, failing(findings))
				if onlyDeployed[m.name] == "" {
					assert.NotEmpty(t, failing(invariants.Only(specimen.Foretold(t, g), i.ID)), "it holds before the deployment")
				}
				for _, f := range findings {
					if f.ID == i.ID && f.Verdict == report.Broken {
						assert.NotEmpty(t, f.Resources, "it blames nobody")
						assert.NotEmpty(t, f.Found)
						assert.NotEmpty(t, f.Remedy)
					}
				}
			})
		}
	}
	assert.Len(t, mutants, len(invariants.All), "a mutant of no invariant")
}

// What a group declares is what holds, and no more.
func TestDeclaredWaysOutHold(t *testing.T) {
	s := specimen.Read(t, prod)
	declare(s, "443/tcp=198.51.100.0/24 443/tcp=pl-0123456789abcdef0", in{"cidrIpv4": "198.51.100.0/24"},
		in{"prefixListId": "pl-0123456789abcdef0"})
	assert.Empty(t, failing(invariants.Check(s.Graph()))["I16"])
	assert.Empty(t, failing(invariants.Check(s.Graph()))["I10"])
}

// work adds workers to the platform, as the components declare them.
func work(s *specimen.Stack, ways string) {
	g := s.Add(group, "prod-worker-mail", in{"vpcId": id(s, vpc, "prod-network"), "description": "Workers", "tags": map[string]any{
		"causeway:tier": "worker", "causeway:egress": ways,
	}})
	app := s.The(servers, "prod-app")
	t := s.Add(template, "prod-worker-mail", in{"networkInterfaces": []any{map[string]any{"securityGroups": []any{g.ID()},
		"associatePublicIpAddress": "false"}}})
	s.Add(servers, "prod-worker-mail", in{"vpcZoneIdentifiers": app.Get("vpcZoneIdentifiers"), "minSize": 1, "maxSize": 1,
		"launchTemplate": map[string]any{"id": t.ID(), "version": "1"}, "tags": []any{map[string]any{"key": "causeway:tier",
			"value": "worker"}}})
	allow(s, "worker-mail", "database", 5433)
}

// Workers use the database and nothing else, unless they say so.
func TestWorkersAreBesideTheWay(t *testing.T) {
	for name, c := range map[string]struct {
		ways   string
		change func(*specimen.Stack)
		fails  []string
	}{
		"the database alone":           {"", func(*specimen.Stack) {}, nil},
		"the application, as declared": {"443/tcp=internal", func(s *specimen.Stack) { allow(s, "worker-mail", "internal", 443) }, nil},
		"the application, undeclared":  {"", func(s *specimen.Stack) { allow(s, "worker-mail", "internal", 443) }, []string{"I6", "I16"}},
		"its servers":                  {"", func(s *specimen.Stack) { allow(s, "worker-mail", "app", 9443) }, []string{"I7", "I9", "I16"}},
		"each other": {"", func(s *specimen.Stack) { allow(s, "worker-mail", "worker-mail", 22) },
			[]string{"I9", "I11", "I16"}},
		"asked by app":                 {"", func(s *specimen.Stack) { allow(s, "app", "worker-mail", 8443) }, []string{"I9", "I16"}},
		"another port of the database": {"", func(s *specimen.Stack) { allow(s, "worker-mail", "database", 22) }, []string{"I8", "I11"}},
	} {
		s := specimen.Read(t, prod)
		work(s, c.ways)
		before := failing(invariants.Check(s.Graph()))
		for _, id := range []string{"I3", "I4", "I6", "I7", "I8", "I9", "I10", "I15", "I16", "I20"} {
			if c.ways == "" {
				assert.Empty(t, before[id], "%s: workers as they are: %s", name, id)
			}
		}
		c.change(s)
		after := failing(invariants.Check(s.Graph()))
		for _, id := range []string{"I6", "I7", "I8", "I9", "I11", "I16"} {
			assert.Equal(t, slices.Contains(c.fails, id), len(after[id]) > 0, "%s: %s %v", name, id, after[id])
		}
	}
}

func TestTheProdPlatformHolds(t *testing.T) {
	findings := invariants.Check(specimen.Read(t, prod).Graph())
	assert.Empty(t, failing(findings))
	for _, f := range findings {
		assert.Equal(t, report.Holds, f.Verdict, "%s %s", f.ID, f.Found)
	}
}

// Before the first deployment only what the cloud computes is not known: which secret the
// policies of roles name, and what servers are told.
func TestThePreviewOfProdHoldsButForWhatIsNotKnown(t *testing.T) {
	file, err := os.Open("../../graph/testdata/prod-preview.json")
	require.NoError(t, err)
	defer file.Close()
	g, err := graph.FromPreview(file)
	require.NoError(t, err)
	for _, f := range invariants.Check(g) {
		if f.ID == "I25" || f.ID == "I26" {
			assert.Equal(t, report.Undecided, f.Verdict)
			assert.True(t, f.Later)
			assert.Contains(t, f.Found, "is not known")
			continue
		}
		assert.Equal(t, report.Holds, f.Verdict, "%s %s", f.ID, f.Found)
	}
}
