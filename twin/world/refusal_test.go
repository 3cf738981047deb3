package world

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRefusals: what AWS and Cloudflare refuse, the world refuses, with their code and the name of
// what is in the way, and nothing changes.
func TestRefusals(t *testing.T) {
	cases := []struct {
		name string
		do   func(f *fixture) error
		code string
		says string
	}{
		{"VPC too large", func(f *fixture) error { return f.create(typeVPC, "x", in{"cidrBlock": "10.0.0.0/8"}) }, "InvalidVpc.Range", "10.0.0.0/8"},
		{"VPC in use", func(f *fixture) error { return f.remove("vpc") }, "DependencyViolation", "used by"},
		{"second gateway", func(f *fixture) error { return f.create(typeInternetGateway, "x", in{"vpcId": f.id("vpc")}) }, "Resource.AlreadyAssociated", ""},
		{"gateway with public addresses", func(f *fixture) error { return f.remove("igw") }, "DependencyViolation", "mapped public address"},
		{"subnet of no VPC", func(f *fixture) error {
			return f.create(typeSubnet, "x", in{"vpcId": "vpc-0", "cidrBlock": "10.0.9.0/24"})
		}, "InvalidVpcID.NotFound", "vpc-0"},
		{"subnet outside", func(f *fixture) error {
			return f.create(typeSubnet, "x", in{"vpcId": f.id("vpc"), "cidrBlock": "10.1.0.0/24"})
		}, "InvalidSubnet.Range", "outside"},
		{"subnet overlapping", func(f *fixture) error {
			return f.create(typeSubnet, "x", in{"vpcId": f.id("vpc"), "cidrBlock": "10.0.0.128/25"})
		}, "InvalidSubnet.Conflict", f10},
		{"subnet in no zone", func(f *fixture) error {
			return f.create(typeSubnet, "x", in{"vpcId": f.id("vpc"), "cidrBlock": "10.0.9.0/24", "availabilityZone": "eu-central-1z"})
		}, "InvalidParameterValue", "eu-central-1z"},
		{"subnet in use", func(f *fixture) error { return f.remove("a") }, "DependencyViolation", "used by"},
		{"NAT without an address", func(f *fixture) error { return f.create(typeNAT, "x", in{"subnetId": f.id("a")}) }, "MissingParameter", ""},
		{"NAT with a taken address", func(f *fixture) error {
			return f.create(typeNAT, "x", in{"subnetId": f.id("a"), "allocationId": f.id("eip")})
		}, "InvalidParameterValue", "already associated"},
		{"address in use", func(f *fixture) error { return f.remove("eip") }, "InvalidIPAddress.InUse", "nat-"},
		{"route twice", func(f *fixture) error {
			return f.create(typeRoute, "x", in{"routeTableId": f.id("table"), "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": f.id("nat")})
		}, "RouteAlreadyExists", "0.0.0.0/0"},
		{"route to nowhere", func(f *fixture) error {
			return f.create(typeRoute, "x", in{"routeTableId": f.id("table"), "destinationCidrBlock": "1.0.0.0/8", "natGatewayId": "nat-0"})
		}, "InvalidNatGatewayID.NotFound", "nat-0"},
		{"subnet associated twice", func(f *fixture) error {
			return f.create(typeTableAssociation, "x", in{"subnetId": f.id("a"), "routeTableId": f.id("table")})
		}, "Resource.AlreadyAssociated", "subnet-"},
		{"table in use", func(f *fixture) error { return f.remove("table") }, "DependencyViolation", "rtbassoc-"},
		{"group named twice", func(f *fixture) error {
			return f.create(typeSecurityGroup, "x", in{"vpcId": f.id("vpc"), "name": "web"})
		}, "InvalidGroup.Duplicate", "web"},
		{"group without VPC", func(f *fixture) error { return f.create(typeSecurityGroup, "x", in{"name": "x"}) }, "VPCIdNotSpecified", ""},
		{"group named by a rule", func(f *fixture) error { f.detachEdge(); return f.remove("edge") }, "DependencyViolation", "sgr-"},
		{"group on a database", func(f *fixture) error { return f.remove("web") }, "DependencyViolation", typeInstance},
		{"rule twice", func(f *fixture) error {
			return f.create(typeIngressRule, "x", in{"securityGroupId": f.id("web"), "referencedSecurityGroupId": f.id("edge"), "ipProtocol": "tcp", "fromPort": 8443.0, "toPort": 8443.0})
		}, "InvalidPermission.Duplicate", "sg-"},
		{"rule without ports", func(f *fixture) error {
			return f.create(typeIngressRule, "x", in{"securityGroupId": f.id("web"), "cidrIpv4": "10.0.0.0/8", "ipProtocol": "tcp"})
		}, "InvalidParameterValue", "ports"},
		{"rule of no group", func(f *fixture) error {
			return f.create(typeIngressRule, "x", in{"securityGroupId": "sg-0", "cidrIpv4": "10.0.0.0/8", "ipProtocol": "-1"})
		}, "InvalidGroup.NotFound", "sg-0"},
		{"user data not Base64", func(f *fixture) error {
			return f.create(typeLaunchTemplate, "x", in{"name": "x", "userData": "#!/bin/sh"})
		}, "InvalidUserData.Malformed", ""},
		{"template named twice", func(f *fixture) error { return f.create(typeLaunchTemplate, "x", in{"name": "web"}) }, "InvalidLaunchTemplateName.AlreadyExistsException", "web"},

		{"balancer in one zone", func(f *fixture) error {
			return f.create(typeLoadBalancer, "x", in{"name": "x", "subnets": list1(f.id("a"))})
		}, "ValidationError", "two different Availability Zones"},
		{"balancer named twice", func(f *fixture) error {
			return f.create(typeLoadBalancer, "x", in{"name": "site", "subnets": list1(f.id("a"), f.id("b"))})
		}, "DuplicateLoadBalancerName", "site"},
		{"balancer name too long", func(f *fixture) error {
			return f.create(typeLoadBalancer, "x", in{"name": strings.Repeat("x", 33), "subnets": list1(f.id("a"), f.id("b"))})
		}, "ValidationError", "32"},
		{"balancer logs to a bucket that refuses", func(f *fixture) error {
			return f.update("lb", in{"accessLogs": in{"bucket": "logs-1234567", "enabled": true}})
		}, "InvalidConfigurationRequest", "Access Denied"},
		{"protected balancer", func(f *fixture) error {
			require.NoError(f.t, f.update("lb", in{"enableDeletionProtection": true}))
			return f.remove("lb")
		}, "OperationNotPermitted", "deletion protection"},
		{"port listened on twice", func(f *fixture) error {
			return f.create(typeListener, "x", in{"loadBalancerArn": f.id("lb"), "port": 443.0, "protocol": "HTTP"})
		}, "DuplicateListener", "port"},
		{"TLS without a certificate", func(f *fixture) error {
			return f.create(typeListener, "x", in{"loadBalancerArn": f.id("lb"), "port": 444.0, "protocol": "HTTPS"})
		}, "ValidationError", "certificate"},
		{"certificate not issued", func(f *fixture) error {
			require.NoError(f.t, f.create(typeCertificate, "pending", in{"domainName": "other.test", "validationMethod": "DNS"}))
			return f.create(typeListener, "x", in{"loadBalancerArn": f.id("lb"), "port": 444.0, "protocol": "HTTPS", "certificateArn": f.id("pending")})
		}, "UnsupportedCertificate", "PENDING_VALIDATION"},
		{"priority taken", func(f *fixture) error {
			return f.create(typeListenerRule, "x", in{"listenerArn": f.id("listener"), "priority": 10.0})
		}, "PriorityInUse", ""},
		{"target group in use", func(f *fixture) error { return f.remove("target") }, "ResourceInUse", "listener"},
		{"target group of two balancers", func(f *fixture) error {
			require.NoError(f.t, f.create(typeLoadBalancer, "second", in{"name": "second", "loadBalancerType": "application", "internal": true, "subnets": list1(f.id("a"), f.id("b"))}))
			return f.create(typeListener, "x", in{"loadBalancerArn": f.id("second"), "port": 80.0, "protocol": "HTTP", "defaultActions": []any{in{"type": "forward", "targetGroupArn": f.id("target")}}})
		}, "TargetGroupAssociationLimit", "targetgroup"},

		{"certificate in use", func(f *fixture) error { return f.remove("cert") }, "ResourceInUseException", "listener"},
		{"validation without its record", func(f *fixture) error {
			require.NoError(f.t, f.create(typeCertificate, "pending", in{"domainName": "other.test", "validationMethod": "DNS"}))
			return f.create(typeValidation, "x", in{"certificateArn": f.id("pending")})
		}, "PendingValidation", "other.test CNAME _"},
		{"zone with records", func(f *fixture) error { return f.remove("zone") }, "HostedZoneNotEmpty", "_CNAME"},
		{"record twice", func(f *fixture) error {
			r := f.made["validation"]
			return f.create(typeRecord, "x", in{"zoneId": f.id("zone"), "name": r.Text("name"), "type": "CNAME", "ttl": 5.0, "records": list1("x")})
		}, "InvalidChangeBatch", "already exists"},
		{"CNAME at the apex", func(f *fixture) error {
			return f.create(typeRecord, "x", in{"zoneId": f.id("zone"), "name": "example.test", "type": "CNAME", "ttl": 5.0, "records": list1("x")})
		}, "InvalidChangeBatch", "apex"},
		{"Cloudflare record beside a CNAME", func(f *fixture) error {
			return f.create(typeCloudflareRecord, "x", in{"zoneId": f.id("cfzone"), "name": "www", "type": "A", "content": "192.0.2.1"})
		}, "81054", "www.example.org"},
		{"Cloudflare record in no zone", func(f *fixture) error {
			return f.create(typeCloudflareRecord, "x", in{"zoneId": "0", "name": "www", "type": "A", "content": "192.0.2.1"})
		}, "7003", ""},
		{"proxied TXT", func(f *fixture) error {
			return f.create(typeCloudflareRecord, "x", in{"zoneId": f.id("cfzone"), "name": "t", "type": "TXT", "content": "x", "proxied": true})
		}, "9004", "TXT"},

		{"role with a policy", func(f *fixture) error { require.NoError(f.t, f.remove("profile")); return f.remove("role") }, "DeleteConflict", "detach"},
		{"role in a profile", func(f *fixture) error { return f.remove("role") }, "DeleteConflict", "instance profile"},
		{"role named twice", func(f *fixture) error {
			return f.create(typeRole, "x", in{"name": "web", "assumeRolePolicy": trustEC2})
		}, "EntityAlreadyExists", "web"},
		{"policy attached", func(f *fixture) error { return f.remove("policy") }, "DeleteConflict", "attached"},
		{"policy that names a principal", func(f *fixture) error { return f.create(typePolicy, "x", in{"name": "x", "policy": trustEC2}) }, "MalformedPolicyDocument", "principal"},
		{"attachment of nothing", func(f *fixture) error {
			return f.create(typeRoleAttachment, "x", in{"role": "web", "policyArn": "arn:aws:iam::111122223333:policy/none"})
		}, "NoSuchEntity", "none"},
		{"alias twice", func(f *fixture) error {
			return f.create(typeAlias, "x", in{"name": "alias/data", "targetKeyId": f.id("key")})
		}, "AlreadyExistsException", "alias/data"},
		{"bucket not empty", func(f *fixture) error { return f.remove("bucket") }, "BucketNotEmpty", "a.txt"},
		{"bucket named badly", func(f *fixture) error { return f.create(typeBucket, "x", in{"bucket": "No_Good"}) }, "InvalidBucketName", "No_Good"},
		{"bucket taken", func(f *fixture) error { return f.create(typeBucket, "x", in{"bucket": "logs-1234567"}) }, "BucketAlreadyOwnedByYou", ""},
		{"object in no bucket", func(f *fixture) error { return f.create(typeObject, "x", in{"bucket": "none", "key": "x"}) }, "NoSuchBucket", "none"},

		{"group sizes out of order", func(f *fixture) error { return f.update("group", in{"minSize": 3.0}) }, "ValidationError", "Max bound"},
		{"group of no template version", func(f *fixture) error {
			return f.update("group", in{"launchTemplate": in{"id": f.id("template"), "version": "7"}})
		}, "ValidationError", "version 7"},
		{"subnet group in one zone", func(f *fixture) error {
			return f.create(typeSubnetGroup, "x", in{"name": "x", "subnetIds": list1(f.id("a"))})
		}, "DBSubnetGroupDoesNotCoverEnoughAZs", "coverage: 1"},
		{"subnet group in use", func(f *fixture) error { return f.remove("subnets") }, "InvalidDBSubnetGroupStateFault", "db"},
		{"parameter group in use", func(f *fixture) error { return f.remove("parameters") }, "InvalidDBParameterGroupState", ""},
		{"protected database", func(f *fixture) error { return f.remove("db") }, "InvalidParameterCombination", "deletion protection"},
		{"database without a final snapshot", func(f *fixture) error {
			require.NoError(f.t, f.update("db", in{"deletionProtection": false}))
			return f.remove("db")
		}, "InvalidParameterCombination", "finalSnapshotIdentifier"},
		{"engine version that is not", func(f *fixture) error { return f.update("db", in{"engineVersion": "99"}) }, "InvalidParameterCombination", "99"},
		{"parameter group of another family", func(f *fixture) error { return f.update("db", in{"engineVersion": "16"}) }, "InvalidParameterCombination", "postgres16"},
		{"database without a password", func(f *fixture) error {
			return f.create(typeInstance, "x", in{"identifier": "x", "engine": "postgres", "allocatedStorage": 20.0, "username": "u"})
		}, "InvalidParameterValue", "MasterUserPassword"},

		{"plan to no vault", func(f *fixture) error {
			return f.create(typeBackupPlan, "x", in{"name": "x", "rules": []any{in{"targetVaultName": "none"}}})
		}, "InvalidParameterValueException", "none"},
		{"web ACL in use", func(f *fixture) error { return f.remove("acl") }, "WAFAssociatedItemException", ""},
		{"second web ACL of a balancer", func(f *fixture) error {
			return f.create(typeACLAttachment, "x", in{"webAclArn": f.made["acl"].Text("arn"), "resourceArn": f.id("lb")})
		}, "WAFDuplicateItemException", ""},
		{"WAF log by another name", func(f *fixture) error {
			return f.create(typeWebACLLogging, "x", in{"resourceArn": f.made["acl"].Text("arn"), "logDestinationConfigs": list1("arn:aws:logs:eu-central-1:111122223333:log-group:web")})
		}, "WAFInvalidParameterException", "aws-waf-logs-"},
		{"secret named twice", func(f *fixture) error { return f.create(typeSecret, "x", in{"name": "secret"}) }, "ResourceExistsException", "secret"},
		{"parameter under aws", func(f *fixture) error { return f.create(typeParameter, "x", in{"name": "/aws/x"}) }, "ValidationException", "/aws/x"},
		{"update of what is gone", func(f *fixture) error {
			o := f.made["topic"]
			require.NoError(f.t, f.remove("topic"))
			_, err := f.w.Update(Request{Type: o.Type, URN: o.URN, ID: o.ID})
			return err
		}, "NotFoundException", "does not exist"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t).platform()
			err := c.do(f)
			var refusal *Fault
			require.True(t, errors.As(err, &refusal), "%v", err)
			assert.Equal(t, c.code, refusal.Code, err.Error())
			assert.Contains(t, err.Error(), c.says)
			events := f.w.Events()
			assert.Contains(t, events[len(events)-1].Answer, c.code, "the refusal is in the log")
		})
	}
}

const f10 = "10.0.0.0/24"

// detachEdge leaves the rule as the only thing that names the edge group.
func (f *fixture) detachEdge() {
	require.NoError(f.t, f.update("lb", in{"securityGroups": list1(f.id("web"))}))
}

// TestRefusedCallsChangeNothing: a call that is refused half way leaves the world as it was.
func TestRefusedCallsChangeNothing(t *testing.T) {
	f := newFixture(t).platform()
	before := f.w.Objects()
	assert.Error(t, f.remove("zone"))
	assert.Error(t, f.create(typeNAT, "x", in{"subnetId": f.id("b"), "allocationId": f.id("eip")}))
	assert.Equal(t, before, f.w.Objects())
}

// TestTakenDownInOrder: everything can be deleted when what uses it goes first, and nothing is left.
func TestTakenDownInOrder(t *testing.T) {
	f := newFixture(t).platform()
	require.NoError(t, f.update("db", in{"deletionProtection": false, "skipFinalSnapshot": true}))
	for _, name := range strings.Fields(`secret aclAttachment acl plan vault www cfzone topic db parameters subnets group template alias key profile attachment policy role
		host listener target lb issued validation cert zone object bucket rule web edge nat eip default association table b a igw vpc`) {
		require.NoError(t, f.remove(name), name)
	}
	assert.Empty(t, f.w.Objects())
}
