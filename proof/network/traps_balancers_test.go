package network_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/network"
)

// balancer puts a load balancer into the public subnet, which listens on 443 and forwards
// to a target group on 8443 that back is in.
func (s *site) balancer(kind string, inputs, listener, target in) {
	s.online()
	all := in{"subnets": []any{s.public}, "loadBalancerType": kind}
	for key, value := range inputs {
		all[key] = value
	}
	group := in{"port": 8443, "protocol": map[string]string{"network": "TCP", "application": "HTTPS"}[kind], "vpcId": s.vpc}
	for key, value := range target {
		group[key] = value
	}
	lb, tg := s.add("lb/loadBalancer:LoadBalancer", "lb", all), s.add("lb/targetGroup:TargetGroup", "targets", group)
	l := in{"loadBalancerArn": lb, "port": 443, "protocol": group["protocol"],
		"defaultActions": []any{map[string]any{"type": "forward", "targetGroupArn": tg}}}
	for key, value := range listener {
		l[key] = value
	}
	s.add("lb/listener:Listener", "listener", l)
	s.add("lb/targetGroupAttachment:TargetGroupAttachment", "back",
		in{"targetGroupArn": tg, "targetId": s.The("ec2/instance:Instance", "back").ID()})
}

func (s *site) edge() string {
	return s.add("ec2/securityGroup:SecurityGroup", "edge", in{"vpcId": s.vpc})
}

func TestTrapsOfLoadBalancers(t *testing.T) {
	admits := func(s *site, prefix string) {
		s.rule(s.back, false, in{"cidrIpv4": prefix, "fromPort": 8443, "toPort": 8443})
	}
	dual := func(s *site) {
		s.The("ec2/subnet:Subnet", "public").Set("ipv6CidrBlock", "2a05:d018:1::/64")
		s.route(s.publicTable, "::/0", in{"gatewayId": s.gateway})
	}
	check(t, []trap{
		{"a network load balancer without groups is as open as its listeners", func(s *site) {
			s.balancer("network", nil, nil, nil)
		}, "internet", "lb", "tcp 443", "tcp 443", ""},
		{"its targets see the clients", func(s *site) {
			s.balancer("network", nil, nil, nil)
			admits(s, "203.0.113.0/24")
		}, "lb", "back", "tcp 8443", "nothing", ""},
		{"its targets see the clients, and its health checks", func(s *site) {
			s.balancer("network", nil, nil, nil)
			admits(s, "203.0.113.0/24")
			admits(s, "10.0.0.0/24")
		}, "lb", "back", "tcp 8443", "tcp 8443", ""},
		{"its targets see the load balancer, if told to", func(s *site) {
			s.balancer("network", nil, nil, in{"preserveClientIp": "false"})
			admits(s, "203.0.113.0/24")
		}, "lb", "back", "nothing", "nothing", "no ingress rule of back"},
		{"targets by address see the load balancer over TCP", func(s *site) {
			s.balancer("network", nil, nil, in{"targetType": "ip"})
			admits(s, "10.0.0.0/24")
		}, "lb", "back", "tcp 8443", "tcp 8443", ""},
		{"its group admits the clients that its targets see", func(s *site) {
			edge := s.edge()
			s.balancer("network", in{"securityGroups": []any{edge}}, nil, nil)
			s.rule(edge, true, in{"referencedSecurityGroupId": s.back, "fromPort": 8443, "toPort": 8443})
			s.rule(s.back, false, in{"referencedSecurityGroupId": edge, "fromPort": 8443, "toPort": 8443})
		}, "lb", "back", "tcp 8443", "tcp 8443", ""},
		{"the targets' ACL is asked of the clients' addresses", func(s *site) {
			s.balancer("network", nil, nil, nil)
			admits(s, "0.0.0.0/0")
			acl := s.acl(s.private)
			s.entry(acl, 10, false, "deny", "10.0.0.0/16")
			s.entry(acl, 20, false, "allow", "0.0.0.0/0")
		}, "lb", "back", "tcp 8443", "nothing", ""},
		{"UDP", func(s *site) {
			s.balancer("network", nil, in{"port": 53, "protocol": "UDP"},
				in{"port": 53, "protocol": "UDP", "healthCheck": map[string]any{"enabled": true, "port": "traffic-port"}})
			s.rule(s.back, false, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "udp", "fromPort": 53, "toPort": 53})
		}, "lb", "back", "udp 53", "udp 53", ""},
		{"UDP does not come in by a TCP listener", func(s *site) {
			s.balancer("network", nil, in{"port": 53, "protocol": "TCP"}, in{"port": 53, "protocol": "TCP"})
			s.rule(s.back, false, in{"cidrIpv4": "0.0.0.0/0", "ipProtocol": "udp", "fromPort": 53, "toPort": 53})
		}, "lb", "back", "nothing", "nothing", ""},
		{"an internal load balancer with IPv6 addresses", func(s *site) {
			edge := s.edge()
			s.balancer("application", in{"internal": true, "ipAddressType": "dualstack", "securityGroups": []any{edge}}, nil, nil)
			dual(s)
			s.rule(edge, false, in{"cidrIpv6": "::/0"})
		}, "internet", "lb", "nothing", "nothing", ""},
		{"one that faces the internet, with IPv6 addresses", func(s *site) {
			edge := s.edge()
			s.balancer("application", in{"ipAddressType": "dualstack", "securityGroups": []any{edge}}, nil, nil)
			dual(s)
			s.rule(edge, false, in{"cidrIpv6": "::/0"})
		}, "internet", "lb", "tcp 443", "nothing", ""},
		{"one that has no public IPv4 address", func(s *site) {
			edge := s.edge()
			s.balancer("application", in{"ipAddressType": "dualstack-without-public-ipv4", "securityGroups": []any{edge}}, nil, nil)
			dual(s)
			s.rule(edge, false, in{"cidrIpv4": "0.0.0.0/0"})
		}, "internet", "lb", "nothing", "nothing", ""},
		{"a port of the attachment's own", func(s *site) {
			s.balancer("application", nil, nil, nil)
			s.add("ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", in{"vpcId": s.vpc})
			s.rule(s.The("ec2/defaultSecurityGroup:DefaultSecurityGroup", "default").ID(), true,
				in{"cidrIpv4": "0.0.0.0/0", "fromPort": 0, "toPort": 65535})
			s.The("lb/targetGroupAttachment:TargetGroupAttachment", "back").Set("port", 9000)
			s.rule(s.back, false, in{"cidrIpv4": "10.0.0.0/16", "fromPort": 0, "toPort": 65535})
		}, "lb", "back", "tcp 9000", "tcp 9000", ""},
		{"a target that is an address", func(s *site) {
			s.balancer("network", nil, nil, in{"targetType": "ip"})
			s.The("lb/targetGroupAttachment:TargetGroupAttachment", "back").Set("targetId", "10.0.1.77")
			admits(s, "0.0.0.0/0")
		}, "lb", "back", "tcp 8443", "nothing", ""},
		{"servers by an attachment", func(s *site) {
			s.balancer("network", nil, nil, nil)
			template := s.add("ec2/launchTemplate:LaunchTemplate", "web", in{"vpcSecurityGroupIds": []any{s.back}})
			web := s.add("autoscaling/group:Group", "web",
				in{"vpcZoneIdentifiers": []any{s.private}, "launchTemplate": map[string]any{"id": template, "version": "$Latest"}})
			s.add("autoscaling/attachment:Attachment", "web",
				in{"autoscalingGroupName": web, "lbTargetGroupArn": s.The("lb/targetGroup:TargetGroup", "targets").ID()})
			admits(s, "0.0.0.0/0")
		}, "lb", "web", "tcp 8443", "tcp 8443", ""},
		{"a health check's port is open to the health check alone", func(s *site) {
			s.balancer("network", nil, nil, in{"healthCheck": map[string]any{"enabled": true, "port": "8081", "protocol": "HTTP"}})
			s.rule(s.back, false, in{"cidrIpv4": "0.0.0.0/0", "fromPort": 8000, "toPort": 9000})
		}, "lb", "back", "tcp 8081, 8443", "tcp 8081, 8443", ""},
	})
}

// A network load balancer before an application load balancer, which leads to a server:
// a path of three hops.
func TestALoadBalancerBehindALoadBalancer(t *testing.T) {
	s := newSite(t)
	edge := s.edge()
	s.balancer("application", in{"internal": true, "subnets": []any{s.private}, "securityGroups": []any{edge}},
		in{"port": 80, "protocol": "HTTP"}, nil)
	front := s.add("lb/loadBalancer:LoadBalancer", "front-door", in{"subnets": []any{s.public}, "loadBalancerType": "network"})
	group := s.add("lb/targetGroup:TargetGroup", "inner", in{"port": 80, "protocol": "TCP", "targetType": "alb", "vpcId": s.vpc})
	s.add("lb/targetGroupAttachment:TargetGroupAttachment", "inner",
		in{"targetGroupArn": group, "targetId": s.The("lb/loadBalancer:LoadBalancer", "lb").ID(), "port": 80})
	s.add("lb/listener:Listener", "front-door",
		in{"loadBalancerArn": front, "port": 443, "protocol": "TCP",
			"defaultActions": []any{map[string]any{"type": "forward", "targetGroupArn": group}}})
	s.rule(edge, false, in{"cidrIpv4": "0.0.0.0/0", "fromPort": 80, "toPort": 80})
	s.rule(edge, true, in{"referencedSecurityGroupId": s.back, "fromPort": 8443, "toPort": 8443})
	s.rule(s.back, false, in{"referencedSecurityGroupId": edge, "fromPort": 8443, "toPort": 8443})
	w := network.New(s.Graph())
	require.Empty(t, w.Problems)
	paths, more := w.Paths(network.May, w.Internet, w.Find("back")[0], 10)
	require.Len(t, paths, 1)
	assert.False(t, more)
	var hops []string
	for _, h := range paths[0] {
		hops = append(hops, h.From.Name+" "+h.Traffic.String())
	}
	assert.Equal(t, []string{"internet tcp 443", "front-door tcp 80", "lb tcp 8443"}, hops)
}

// Two load balancers, two listeners, a weight of zero: each is a way.
func TestEveryForwardIsAWay(t *testing.T) {
	for name, forward := range map[string]func(s *site, target string){
		"a rule of weight 0": func(s *site, target string) {
			s.add("lb/listenerRule:ListenerRule", "hidden",
				in{"listenerArn": s.The("lb/listener:Listener", "listener").ID(),
					"actions": []any{map[string]any{"type": "forward", "forward": map[string]any{
						"targetGroups": []any{map[string]any{"arn": s.The("lb/targetGroup:TargetGroup", "targets").ID(), "weight": 100},
							map[string]any{"arn": target, "weight": 0}},
						"stickiness": map[string]any{"enabled": true, "duration": 60}}}}})
		},
		"a second listener": func(s *site, target string) {
			s.add("lb/listener:Listener", "second", in{"loadBalancerArn": s.The("lb/loadBalancer:LoadBalancer", "lb").ID(), "port": 8080,
				"protocol": "HTTP", "defaultActions": []any{map[string]any{"type": "forward", "targetGroupArn": target}}})
		},
		"a second load balancer": func(s *site, target string) {
			second := s.add("lb/loadBalancer:LoadBalancer", "second", in{"subnets": []any{s.public}, "loadBalancerType": "network"})
			s.add("lb/listener:Listener", "second",
				in{"loadBalancerArn": second, "port": 8080, "protocol": "TCP",
					"defaultActions": []any{map[string]any{"type": "forward", "targetGroupArn": target}}})
		},
		"an alias of the old name": func(s *site, target string) {
			s.add("elasticloadbalancingv2/listenerRule:ListenerRule", "hidden",
				in{"listenerArn": s.The("lb/listener:Listener", "listener").ID(),
					"actions": []any{map[string]any{"type": "forward", "targetGroupArn": target}}})
		},
	} {
		s := newSite(t)
		s.balancer("network", nil, nil, nil)
		hidden := s.add("ec2/instance:Instance", "hidden", in{"subnetId": s.private, "vpcSecurityGroupIds": []any{s.front}})
		s.rule(s.front, false, in{"cidrIpv4": "0.0.0.0/0", "fromPort": 9000, "toPort": 9000})
		target := s.add("lb/targetGroup:TargetGroup", "hidden", in{"port": 9000, "protocol": "TCP", "vpcId": s.vpc})
		s.add("lb/targetGroupAttachment:TargetGroupAttachment", "hidden", in{"targetGroupArn": target, "targetId": hidden})
		reached := func() bool {
			w := network.New(s.Graph())
			require.Empty(t, w.Problems, name)
			return w.Reachable(network.May, w.Internet)[w.Find("hidden")[0]]
		}
		assert.False(t, reached(), name)
		forward(s, target)
		assert.True(t, reached(), name)
	}
}

func TestLoadBalancersThatCannotBeDecided(t *testing.T) {
	for what, build := range map[string]func(*site){
		"which load balancer it is of": func(s *site) {
			s.The("lb/listener:Listener", "listener").Set("loadBalancerArn", "arn:aws:elasticloadbalancing:x")
		},
		"which is not of this stack": func(s *site) {
			s.The("lb/listener:Listener", "listener").
				Set("defaultActions", []any{map[string]any{"type": "forward", "targetGroupArn": "arn:aws:elasticloadbalancing:x"}})
		},
		"what it puts in the target group is not modelled": func(s *site) {
			s.The("lb/targetGroupAttachment:TargetGroupAttachment", "back").Set("targetId", "arn:aws:lambda:eu-west-1:1:function:f")
		},
		"which target groups it is in": func(s *site) {
			s.The("lb/targetGroupAttachment:TargetGroupAttachment", "back").Set("targetGroupArn", "arn:aws:x")
		},
		"what an action of type": func(s *site) {
			s.The("lb/listener:Listener", "listener").Set("defaultActions", []any{map[string]any{"type": unknown}})
		},
		"whether it is an application": func(s *site) { s.The("lb/loadBalancer:LoadBalancer", "lb").Set("loadBalancerType", unknown) },
		"which subnets it is in":       func(s *site) { s.The("lb/loadBalancer:LoadBalancer", "lb").Set("subnets", nil) },
		"trafficSources is not modelled": func(s *site) {
			s.add("autoscaling/group:Group", "web", in{"trafficSources": []any{map[string]any{"identifier": "arn:aws:x"}}})
		},
		"its network interfaces are not known": func(s *site) {
			template := s.add("ec2/launchTemplate:LaunchTemplate", "web", in{"networkInterfaces": unknown})
			s.add("autoscaling/group:Group", "web",
				in{"vpcZoneIdentifiers": []any{s.private}, "launchTemplate": map[string]any{"id": template}})
		},
	} {
		s := newSite(t)
		s.balancer("network", nil, nil, nil)
		require.Empty(t, s.problems())
		build(s)
		assert.Contains(t, strings.Join(s.problems(), "\n"), what)
	}
}
