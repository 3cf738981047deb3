package world

import (
	"fmt"
	"strings"
)

// anotherBalancer makes a second load balancer with a listener of its own.
func anotherBalancer(f *fixture) error {
	f.must(typeLoadBalancer, "lb2", in{"name": "second", "loadBalancerType": "application", "subnets": list1(f.id("a"), f.id("b"))})
	f.must(typeTargetGroup, "target2", in{"name": "second", "port": 8443.0, "protocol": "HTTPS", "vpcId": f.id("vpc"), "targetType": "instance"})
	f.must(typeListener, "listener2", in{"loadBalancerArn": f.id("lb2"), "port": 80.0, "protocol": "HTTP", "defaultActions": []any{in{"type": "forward", "targetGroupArn": f.id("target2")}}})
	return nil
}

// pendingCertificate makes one that is not issued.
func pendingCertificate(f *fixture) error {
	f.must(typeCertificate, "pending", in{"domainName": "other.test", "validationMethod": "DNS"})
	return nil
}

// sparse makes a subnet of eleven addresses in zone b, of which so many are taken.
func sparse(taken int) step {
	return func(f *fixture) error {
		f.must(typeSubnet, "sparse", in{"vpcId": f.id("vpc"), "cidrBlock": "10.0.9.0/28", "availabilityZone": "eu-central-1b"})
		for i := range taken {
			f.must(typeNAT, fmt.Sprint("n", i), in{"subnetId": f.id("sparse"), "connectivityType": "private"})
		}
		return nil
	}
}

func logsTo(bucket string) in { return in{"bucket": bucket, "enabled": true} }

var elsewhereBucket = madeIn("us-east-1", typeBucket, "far", in{"bucket": "far-away"})

var balancerRefusals = []refusal{
	{"balancer in one zone", create(typeLoadBalancer, in{"name": "x", "subnets": list1("@a")}), "ValidationError", "two different Availability Zones"},
	{"balancer in two subnets of a zone", after(made(typeSubnet, "s", in{"vpcId": "@vpc", "cidrBlock": "10.0.9.0/24", "availabilityZone": "eu-central-1a"}), create(typeLoadBalancer, in{"name": "x", "subnets": list1("@a", "@s")})),
		"InvalidConfigurationRequest", "same Availability Zone"},
	{"balancer in no subnet", another("lb", in{"name": "x", "subnets": list1("@a", "subnet-0")}), "SubnetNotFound", "subnet-0"},
	{"balancer across networks", after(otherVPC, another("lb", in{"name": "x", "subnets": list1("@a", "@d")})), "InvalidConfigurationRequest", "different VPCs"},
	{"balancer of no group", another("lb", in{"name": "x", "securityGroups": list1("sg-0")}), "InvalidSecurityGroup", "sg-0"},
	{"balancer of another network's group", after(otherVPC, another("lb", in{"name": "x", "securityGroups": list1("@sg2")})), "InvalidConfigurationRequest", "another VPC"},
	{"balancer with an address that is gone", create(typeLoadBalancer, in{"name": "x", "loadBalancerType": "network", "subnetMappings": []any{in{"subnetId": "@a", "allocationId": "eipalloc-0"}}}), "AllocationIdNotFound", "eipalloc-0"},
	{"balancer with an address of a NAT gateway", create(typeLoadBalancer, in{"name": "x", "loadBalancerType": "network", "subnetMappings": []any{in{"subnetId": "@a", "allocationId": "@eip"}}}), "ResourceInUse", "NatGateway nat"},
	{"balancer with an address of another", after(made(typeEIP, "e", in{}), made(typeLoadBalancer, "n", in{"name": "n", "loadBalancerType": "network", "subnetMappings": []any{in{"subnetId": "@a", "allocationId": "@e"}}}),
		create(typeLoadBalancer, in{"name": "x", "loadBalancerType": "network", "subnetMappings": []any{in{"subnetId": "@a", "allocationId": "@e"}}})), "ResourceInUse", "LoadBalancer n"},
	{"balancer with an address twice", after(made(typeEIP, "e", in{}), create(typeLoadBalancer, in{"name": "x", "loadBalancerType": "network", "subnetMappings": []any{in{"subnetId": "@a", "allocationId": "@e"}, in{"subnetId": "@b", "allocationId": "@e"}}})), "ResourceInUse", "twice"},
	{"internal balancer with an address", after(made(typeEIP, "e", in{}), create(typeLoadBalancer, in{"name": "x", "loadBalancerType": "network", "internal": true, "subnetMappings": []any{in{"subnetId": "@a", "allocationId": "@e"}}})), "InvalidConfigurationRequest", "internet-facing"},
	{"balancer without free addresses", after(more("nat-gateways-per-zone"), full, another("lb", in{"name": "x", "subnets": list1("@a", "@full")})), "InvalidSubnet", "it has 0"},
	{"balancer in a network without a gateway", after(made(typeVPC, "v", in{"cidrBlock": "10.7.0.0/16"}), made(typeSubnet, "s", in{"vpcId": "@v", "cidrBlock": "10.7.0.0/24", "availabilityZone": "eu-central-1a"}),
		made(typeSubnet, "u", in{"vpcId": "@v", "cidrBlock": "10.7.1.0/24", "availabilityZone": "eu-central-1b"}), create(typeLoadBalancer, in{"name": "x", "subnets": list1("@s", "@u")})), "InvalidSubnet", "no internet gateway"},
	{"balancer named twice", create(typeLoadBalancer, in{"name": "site", "subnets": list1("@a", "@b")}), "DuplicateLoadBalancerName", "site"},
	{"balancer name too long", create(typeLoadBalancer, in{"name": strings.Repeat("x", 33), "subnets": list1("@a", "@b")}), "ValidationError", "32"},
	{"balancer named as ELB names internal ones", create(typeLoadBalancer, in{"name": "internal-x", "subnets": list1("@a", "@b")}), "ValidationError", "internal-"},
	{"balancer where seven addresses are free", after(more("nat-gateways-per-zone"), sparse(4), another("lb", in{"name": "x", "subnets": list1("@a", "@sparse")})), "InvalidSubnet", "it has 7"},
	{"balancer logs to no bucket", update("lb", in{"accessLogs": logsTo("none")}), "InvalidConfigurationRequest", "does not exist"},
	{"balancer logs to a bucket that refuses", update("lb", in{"accessLogs": logsTo("logs-1234567")}), "InvalidConfigurationRequest", "Access Denied"},
	{"balancer logs to another region", after(elsewhereBucket, update("lb", in{"accessLogs": logsTo("far-away")})), "InvalidConfigurationRequest", "us-east-1"},
	{"connection logs to no bucket", update("lb", in{"connectionLogs": logsTo("none")}), "InvalidConfigurationRequest", "does not exist"},
	{"connection logs to a bucket that refuses", update("lb", in{"connectionLogs": logsTo("logs-1234567")}), "InvalidConfigurationRequest", "Access Denied"},
	{"connection logs to another region", after(elsewhereBucket, update("lb", in{"connectionLogs": logsTo("far-away")})), "InvalidConfigurationRequest", "us-east-1"},
	{"protected balancer", after(update("lb", in{"enableDeletionProtection": true}), remove("lb")), "OperationNotPermitted", "set enableDeletionProtection to false"},

	{"targets in no VPC", another("target", in{"name": "x", "vpcId": "vpc-0"}), "ValidationError", "vpc-0"},
	{"targets without a VPC", another("target", in{"name": "x", "vpcId": nil}), "ValidationError", "VPC"},
	{"targets without a protocol", another("target", in{"name": "x", "protocol": nil}), "ValidationError", "protocol"},
	{"targets without a port", another("target", in{"name": "x", "port": nil}), "ValidationError", "port"},
	{"targets named twice", another("target", in{}), "DuplicateTargetGroupName", "TargetGroup target"},
	{"targets named badly", another("target", in{"name": "under_score"}), "ValidationError", "under_score"},
	{"targets of TCP that go by cookies", create(typeTargetGroup, in{"name": "x", "port": 1.0, "protocol": "TCP", "vpcId": "@vpc", "stickiness": in{"type": "lb_cookie", "enabled": true}}), "InvalidConfigurationRequest", "lb_cookie"},
	{"targets of HTTP that go by addresses", another("target", in{"name": "x", "stickiness": in{"type": "source_ip", "enabled": true}}), "InvalidConfigurationRequest", "source_ip"},
	{"targets of a rule", after(another("target", in{"name": "x"}), update("listener", in{"defaultActions": []any{in{"type": "forward", "targetGroupArn": "@x"}}}), remove("target")), "ResourceInUse", "ListenerRule host"},
	{"targets of a listener", after(remove("host"), remove("target")), "ResourceInUse", "Listener listener"},
	{"targets with weights of a listener", after(remove("host"), update("listener", in{"defaultActions": []any{in{"type": "forward", "forward": in{"targetGroups": []any{in{"arn": "@target", "weight": 1.0}}}}}}), remove("target")), "ResourceInUse", "Listener listener"},
	{"targets with weights of a rule", after(another("target", in{"name": "x"}), update("listener", in{"defaultActions": []any{in{"type": "forward", "targetGroupArn": "@x"}}}),
		update("host", in{"actions": []any{in{"type": "forward", "forward": in{"targetGroups": []any{in{"arn": "@target", "weight": 1.0}}}}}}), remove("target")), "ResourceInUse", "ListenerRule host"},
}

var listenerRefusals = []refusal{
	{"listener of no balancer", another("listener", in{"loadBalancerArn": "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/none/0"}), "LoadBalancerNotFound", "none"},
	{"listener of another family", another("listener", in{"port": 81.0, "protocol": "TCP", "certificateArn": nil}), "ValidationError", "TCP"},
	{"listener of the web on a network load balancer", after(made(typeLoadBalancer, "n", in{"name": "n", "loadBalancerType": "network", "subnets": list1("@a")}), create(typeListener, in{"loadBalancerArn": "@n", "port": 80.0, "protocol": "HTTP"})), "ValidationError", "HTTP"},
	{"listener without a certificate", another("listener", in{"port": 8443.0, "certificateArn": nil}), "ValidationError", "certificate must"},
	{"listener with a certificate that it cannot use", another("listener", in{"port": 8443.0, "protocol": "HTTP"}), "ValidationError", "cannot be specified"},
	{"listener of no TLS policy", another("listener", in{"port": 8443.0, "sslPolicy": "none"}), "SSLPolicyNotFound", "none"},
	{"listener with a certificate that is gone", another("listener", in{"port": 8443.0, "certificateArn": "arn:aws:acm:eu-central-1:111122223333:certificate/none"}), "CertificateNotFound", "none"},
	{"listener with a certificate that is not issued", after(pendingCertificate, another("listener", in{"port": 8443.0, "certificateArn": "@pending"})), "UnsupportedCertificate", "PENDING_VALIDATION"},
	{"listener with no trust store", another("listener", in{"port": 8443.0, "mutualAuthentication": in{"mode": "verify", "trustStoreArn": "arn:aws:elasticloadbalancing:eu-central-1:111122223333:truststore/none/0"}}), "TrustStoreNotFound", "none"},
	{"listener to no targets", another("listener", in{"port": 8443.0, "defaultActions": []any{in{"type": "forward", "targetGroupArn": "arn:none"}}}), "TargetGroupNotFound", "arn:none"},
	{"listener to another network's targets", after(otherVPC, made(typeTargetGroup, "t", in{"name": "t", "port": 1.0, "protocol": "HTTPS", "vpcId": "@vpc2"}), another("listener", in{"port": 8443.0, "defaultActions": []any{in{"type": "forward", "targetGroupArn": "@t"}}})),
		"InvalidConfigurationRequest", "another VPC"},
	{"listener to targets of another family", after(made(typeTargetGroup, "t", in{"name": "t", "port": 1.0, "protocol": "TCP", "vpcId": "@vpc"}), another("listener", in{"port": 8443.0, "defaultActions": []any{in{"type": "forward", "targetGroupArn": "@t"}}})),
		"InvalidLoadBalancerAction", "TCP"},
	{"listener of TCP to targets of UDP", after(made(typeLoadBalancer, "n", in{"name": "n", "loadBalancerType": "network", "subnets": list1("@a")}), made(typeTargetGroup, "t", in{"name": "t", "port": 1.0, "protocol": "UDP", "vpcId": "@vpc"}),
		create(typeListener, in{"loadBalancerArn": "@n", "port": 1.0, "protocol": "TCP", "defaultActions": []any{in{"type": "forward", "targetGroupArn": "@t"}}})), "IncompatibleProtocols", "TCP and TCP_UDP"},
	{"listener of UDP to targets of TCP", after(made(typeLoadBalancer, "n", in{"name": "n", "loadBalancerType": "network", "subnets": list1("@a")}), made(typeTargetGroup, "t", in{"name": "t", "port": 1.0, "protocol": "TCP", "vpcId": "@vpc"}),
		create(typeListener, in{"loadBalancerArn": "@n", "port": 1.0, "protocol": "UDP", "defaultActions": []any{in{"type": "forward", "targetGroupArn": "@t"}}})), "IncompatibleProtocols", "UDP and TCP_UDP"},
	{"targets in two balancers", after(anotherBalancer, another("listener", in{"loadBalancerArn": "@lb2"})), "TargetGroupAssociationLimit", "LoadBalancer lb"},
	{"targets in two balancers, by a rule", after(anotherBalancer, create(typeListenerRule, in{"listenerArn": "@listener2", "priority": 1.0, "actions": []any{in{"type": "forward", "targetGroupArn": "@target"}}})), "TargetGroupAssociationLimit", "LoadBalancer lb"},
	{"port listened on twice", another("listener", in{}), "DuplicateListener", "Listener listener"},

	{"rule of no listener", another("host", in{"listenerArn": "arn:none"}), "ListenerNotFound", "arn:none"},
	{"rule to no targets", another("host", in{"priority": 2.0, "actions": []any{in{"type": "forward", "targetGroupArn": "arn:none"}}}), "TargetGroupNotFound", "arn:none"},
	{"rule to another network's targets", after(otherVPC, made(typeTargetGroup, "t", in{"name": "t", "port": 1.0, "protocol": "HTTPS", "vpcId": "@vpc2"}), another("host", in{"priority": 2.0, "actions": []any{in{"type": "forward", "targetGroupArn": "@t"}}})),
		"InvalidConfigurationRequest", "another VPC"},
	{"rule to targets of another family", after(made(typeTargetGroup, "t", in{"name": "t", "port": 1.0, "protocol": "TCP", "vpcId": "@vpc"}), another("host", in{"priority": 2.0, "actions": []any{in{"type": "forward", "targetGroupArn": "@t"}}})),
		"InvalidLoadBalancerAction", "TCP"},
	{"priority twice", another("host", in{}), "PriorityInUse", "ListenerRule host"},

	{"certificate on no listener", create(typeListenerCert, in{"listenerArn": "arn:none", "certificateArn": "@cert"}), "ListenerNotFound", "arn:none"},
	{"no certificate on a listener", create(typeListenerCert, in{"listenerArn": "@listener", "certificateArn": "arn:none"}), "CertificateNotFound", "arn:none"},
	{"certificate on a listener that is not issued", after(pendingCertificate, create(typeListenerCert, in{"listenerArn": "@listener", "certificateArn": "@pending"})), "UnsupportedCertificate", "PENDING"},
	{"trust store of no bundle", after(whole, another("truststore", in{"name": "x", "caCertificatesBundleS3Key": "none.pem"})), "CaCertificatesBundleNotFound", "none.pem"},
	{"trust store named twice", after(whole, another("truststore", in{})), "DuplicateTrustStoreName", "rest"},
	{"trust store in use", after(whole, update("listener", in{"mutualAuthentication": in{"mode": "verify", "trustStoreArn": "@truststore"}}), remove("truststore")), "TrustStoreInUse", "Listener listener"},
}

var rollsBack = in{"strategy": "Rolling", "preferences": in{"autoRollback": true}}

// slowly makes machines take their time.
func slowly(f *fixture) error { f.w.Hook(Hooks{Pace: 1}); return nil }

var scalingRefusals = []refusal{
	{"user data not Base64", create(typeLaunchTemplate, in{"name": "x", "userData": "#!/bin/sh"}), "InvalidUserData.Malformed", "BASE64"},
	{"template named twice", create(typeLaunchTemplate, in{"name": "web"}), "InvalidLaunchTemplateName.AlreadyExistsException", "web"},
	{"group without a template", another("group", in{"name": "x", "launchTemplate": nil}), "ValidationError", "LaunchConfigurationName"},
	{"group of no template", another("group", in{"name": "x", "launchTemplate": in{"id": "lt-0"}}), "ValidationError", "lt-0"},
	{"group of a template that was deleted", after(remove("template"), update("group", in{"maxSize": 3.0})), "ValidationError", "does not exist"},
	{"group of no template version", update("group", in{"launchTemplate": in{"id": "@template", "version": "7"}}), "ValidationError", "version 7"},
	{"group of a template with no group", after(made(typeLaunchTemplate, "t", in{"name": "t", "vpcSecurityGroupIds": list1("sg-0")}), another("group", in{"name": "x", "launchTemplate": in{"id": "@t"}})), "ValidationError", "sg-0"},
	{"group of a template with no profile", after(made(typeLaunchTemplate, "t", in{"name": "t", "iamInstanceProfile": in{"name": "none"}}), another("group", in{"name": "x", "launchTemplate": in{"id": "@t"}})), "ValidationError", "none"},
	{"group of a template with no profile of an ARN", after(made(typeLaunchTemplate, "t", in{"name": "t", "iamInstanceProfile": in{"arn": "arn:aws:iam::111122223333:instance-profile/none"}}), another("group", in{"name": "x", "launchTemplate": in{"id": "@t"}})), "ValidationError", "none"},
	{"group of no size of machine", after(made(typeLaunchTemplate, "t", in{"name": "t", "instanceType": "t4g.huge"}), another("group", in{"name": "x", "launchTemplate": in{"id": "@t"}})), "ValidationError", "t4g.huge"},
	{"group in no subnet", another("group", in{"name": "x", "vpcZoneIdentifiers": list1("subnet-0")}), "ValidationError", "subnet-0"},
	{"group across networks", after(otherVPC, another("group", in{"name": "x", "vpcZoneIdentifiers": list1("@a", "@d")})), "ValidationError", "different VPCs"},
	{"group nowhere", another("group", in{"name": "x", "vpcZoneIdentifiers": []any{}}), "ValidationError", "At least one"},
	{"group of no targets", another("group", in{"name": "x", "targetGroupArns": list1("arn:none")}), "ValidationError", "arn:none"},
	{"group of targets by address", after(made(typeTargetGroup, "t", in{"name": "t", "port": 1.0, "protocol": "HTTPS", "vpcId": "@vpc", "targetType": "ip"}), another("group", in{"name": "x", "targetGroupArns": list1("@t")})), "ValidationError", "target type ip"},
	{"group sizes out of order", update("group", in{"minSize": 3.0}), "ValidationError", "Max bound"},
	{"group desired below its bounds", update("group", in{"desiredCapacity": 0.0}), "ValidationError", "Desired capacity:0"},
	{"group desired above its bounds", update("group", in{"desiredCapacity": 9.0}), "ValidationError", "Desired capacity:9"},
	{"group named twice", another("group", in{}), "AlreadyExists", "Group group"},
	{"rollback to no numbered version", update("group", in{"instanceRefresh": rollsBack, "launchTemplate": in{"id": "@template", "version": "$Latest"}}), "ValidationError", "a numbered version"},
	{"rollback to an image by parameter", after(update("template", in{"imageId": "resolve:ssm:/x"}), update("group", in{"instanceRefresh": rollsBack, "launchTemplate": in{"id": "@template", "version": "2"}})), "ValidationError", "SSM parameter"},
	{"rollback of a launch configuration", update("group", in{"instanceRefresh": rollsBack, "launchTemplate": nil, "launchConfiguration": "old"}), "ValidationError", "AutoRollback"},
	{"another template during a refresh", after(slowly, update("template", in{"imageId": "ami-2"}),
		update("group", in{"instanceRefresh": rollsBack, "launchTemplate": in{"id": "@template", "version": "2"}}), update("group", in{"launchTemplate": in{"id": "@template", "version": "1"}})), "ValidationError", "An active instance refresh"},
	{"scaling policy of no group", create(typeScalingPolicy, in{"name": "x", "autoscalingGroupName": "none"}), "ValidationError", "none"},
	{"scaling policy of steps without one", create(typeScalingPolicy, in{"name": "x", "autoscalingGroupName": "web", "policyType": "StepScaling", "scalingAdjustment": 1.0}), "ValidationError", "stepAdjustments"},
	{"scaling policy to no target", create(typeScalingPolicy, in{"name": "x", "autoscalingGroupName": "web", "policyType": "TargetTrackingScaling"}), "ValidationError", "targetTrackingConfiguration"},
	{"scaling policy of nothing", create(typeScalingPolicy, in{"name": "x", "autoscalingGroupName": "web"}), "ValidationError", "SimpleScaling needs scalingAdjustment"},
	{"schedule of no group", create(typeSchedule, in{"scheduledActionName": "x", "autoscalingGroupName": "none"}), "ValidationError", "none"},
	{"schedule named twice", after(whole, another("schedule", in{})), "AlreadyExists", "Schedule schedule"},
	{"hook of no group", create(typeLifecycleHook, in{"name": "x", "autoscalingGroupName": "none"}), "ValidationError", "none"},
	{"notification of no group", create(typeNotification, in{"groupNames": list1("none"), "topicArn": "@topic"}), "ValidationError", "none"},
	{"notification to no topic", create(typeNotification, in{"groupNames": list1("web"), "topicArn": "arn:none"}), "ValidationError", "arn:none"},
}
