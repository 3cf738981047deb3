package proof_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/specimen"
)

type in = specimen.Inputs

// found is what a check says of a stack: its verdict and what it found, of each finding.
func found(s *specimen.Stack, id string) string {
	var all []string
	for _, f := range proof.Verify(s.Graph(), report.FromState, time.Now()).Findings {
		if f.ID == id {
			all = append(all, string(f.Verdict)+" "+f.Found)
		}
	}
	return strings.Join(all, "\n")
}

// vpc is the network that most programs begin with: public and private subnets in two
// zones, a NAT gateway, and rules written within their groups.
func vpc(t *testing.T) *specimen.Stack {
	s := specimen.Empty(t)
	v := s.Add("ec2/vpc:Vpc", "main", in{"cidrBlock": "10.0.0.0/16"}).ID()
	igw := s.Add("ec2/internetGateway:InternetGateway", "main", in{"vpcId": v}).ID()
	public := s.Add("ec2/routeTable:RouteTable", "public",
		in{"vpcId": v, "routes": []any{map[string]any{"cidrBlock": "0.0.0.0/0", "gatewayId": igw}}}).ID()
	private := s.Add("ec2/routeTable:RouteTable", "private", in{"vpcId": v}).ID()
	for i, zone := range []string{"a", "b"} {
		for j, kind := range []string{"public", "private"} {
			subnet := s.Add("ec2/subnet:Subnet", kind+"-"+zone, in{"vpcId": v, "availabilityZone": "us-west-2" + zone,
				"cidrBlock":           []string{"10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24", "10.0.4.0/24"}[2*i+j],
				"mapPublicIpOnLaunch": kind == "public"}).ID()
			s.Add("ec2/routeTableAssociation:RouteTableAssociation", kind+"-"+zone,
				in{"subnetId": subnet, "routeTableId": []string{public, private}[j]})
		}
	}
	nat := s.Add("ec2/natGateway:NatGateway", "nat", in{"subnetId": s.The("ec2/subnet:Subnet", "public-a").ID()}).ID()
	s.Add("ec2/route:Route", "private", in{"routeTableId": private, "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": nat})
	return s
}

// inline is a group whose rules are written within it, with all that leaves it allowed.
func inline(s *specimen.Stack, name string, rules ...any) string {
	return s.Add("ec2/securityGroup:SecurityGroup", name, in{"vpcId": s.The("ec2/vpc:Vpc", "main").ID(), "ingress": rules,
		"egress": []any{map[string]any{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": []any{"0.0.0.0/0"}}}}).ID()
}

func port(number int, peer string, who any) any {
	return map[string]any{"protocol": "tcp", "fromPort": number, "toPort": number, peer: []any{who}}
}

// A web server with a group, in a network that the account has by default.
func TestAWebServerInADefaultNetwork(t *testing.T) {
	s := specimen.Empty(t)
	group := s.Add("ec2/securityGroup:SecurityGroup", "web",
		in{"ingress": []any{port(22, "cidrBlocks", "0.0.0.0/0"), port(80, "cidrBlocks", "0.0.0.0/0")}})
	s.Add("ec2/instance:Instance", "web", in{"ami": "ami-1", "instanceType": "t3.micro", "vpcSecurityGroupIds": []any{group.ID()},
		"keyName": "me"})
	assert.Contains(t, found(s, "I0"), "undecided web: which subnet it is in is not known")
	assert.Contains(t, found(s, "I11"), "broken web ingress[0] opens tcp 22")
	assert.Contains(t, found(s, "I11"), "names a key pair")
}

func TestAWebServerInItsOwnNetwork(t *testing.T) {
	s := vpc(t)
	web := inline(s, "web", port(22, "cidrBlocks", "0.0.0.0/0"), port(80, "cidrBlocks", "0.0.0.0/0"))
	s.Add("ec2/instance:Instance", "web", in{"subnetId": s.The("ec2/subnet:Subnet", "public-a").ID(), "vpcSecurityGroupIds": []any{web}})
	w := network.New(s.Graph())
	assert.Empty(t, w.Problems)
	assert.Equal(t, "tcp 22, 80", w.Edge(network.Must, w.Internet, w.Find("instance")[0]).String(), "its subnet hands it a public address")
	assert.Contains(t, found(s, "I1"), "broken web has a public address")
	assert.Contains(t, found(s, "I0"), "holds", "what is written inline is read")
	assert.Contains(t, found(s, "C040"), report.NotOurs)
}

// Three tiers as the modules of the field lay them out, with a database.
func TestALoadBalancerServersAndADatabase(t *testing.T) {
	s := vpc(t)
	of := func(kind string) []any {
		return []any{s.The("ec2/subnet:Subnet", kind+"-a").ID(), s.The("ec2/subnet:Subnet", kind+"-b").ID()}
	}
	lb := inline(s, "lb", port(80, "cidrBlocks", "0.0.0.0/0"))
	web := inline(s, "servers", port(8080, "securityGroups", lb))
	data := inline(s, "data", port(5432, "securityGroups", web))
	alb := s.Add("lb/loadBalancer:LoadBalancer", "alb", in{"subnets": of("public"), "securityGroups": []any{lb}}).ID()
	target := s.Add("lb/targetGroup:TargetGroup", "servers", in{"port": 8080, "protocol": "HTTP", "vpcId": s.The("ec2/vpc:Vpc", "main").
		ID()}).ID()
	s.Add("lb/listener:Listener", "http",
		in{"loadBalancerArn": alb, "port": 80, "protocol": "HTTP",
			"defaultActions": []any{map[string]any{"type": "forward", "targetGroupArn": target}}})
	template := s.Add("ec2/launchTemplate:LaunchTemplate", "servers", in{"vpcSecurityGroupIds": []any{web}}).ID()
	s.Add("autoscaling/group:Group", "servers",
		in{"vpcZoneIdentifiers": of("private"), "launchTemplate": map[string]any{"id": template, "version": "$Latest"},
			"targetGroupArns": []any{target}})
	subnets := s.Add("rds/subnetGroup:SubnetGroup", "data", in{"name": "data", "subnetIds": of("private")}).ID()
	s.Add("rds/instance:Instance", "data", in{"engine": "postgres", "dbSubnetGroupName": subnets, "vpcSecurityGroupIds": []any{data}})

	w := network.New(s.Graph())
	assert.Empty(t, w.Problems)
	if paths, _ := w.Paths(network.Must, w.Internet, w.Find("database")[0], 5); assert.Len(t, paths, 1) {
		assert.Equal(t, "internet -> alb (tcp 80) -> servers (tcp 8080) -> data (tcp 5432)", paths[0].String())
	}
	assert.Contains(t, found(s, "I2"), "broken internet reaches alb on tcp 80")
	assert.Contains(t, found(s, "I3"), "holds")
	assert.Contains(t, found(s, "I22"), "http forwards requests that come by HTTP")
	assert.NotContains(t, found(s, "I5"), "broken alb", "the load balancer may reach the servers on their port")
	s.Add("ec2/securityGroupRule:SecurityGroupRule", "debug",
		in{"type": "ingress", "securityGroupId": data, "protocol": "tcp", "fromPort": 5432, "toPort": 5432, "sourceSecurityGroupId": lb})
	assert.Contains(t, found(s, "I8"), "alb reaches data on tcp 5432")
}

// Containers and clusters in subnets are not modelled: nothing may hold because of that.
func TestContainersAndClustersFailClosed(t *testing.T) {
	for _, kind := range []string{"ecs/service:Service", "eks/cluster:Cluster", "eks/nodeGroup:NodeGroup", "lambda/function:Function"} {
		s := vpc(t)
		s.Add(kind, "theirs", in{"networkConfiguration": map[string]any{"subnets": []any{s.The("ec2/subnet:Subnet", "private-a").ID()}}})
		assert.Contains(t, found(s, "I0"), "undecided theirs: aws:"+kind+" is attached to private-a")
		assert.NotContains(t, found(s, "I1"), "holds", kind)
	}
}

// A site of files has no network of its own, and that is no failure.
func TestASiteOfFiles(t *testing.T) {
	s := specimen.Empty(t)
	bucket := s.Add("s3/bucketV2:BucketV2", "site", in{})
	s.Add("s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2", "site", in{"bucket": bucket.ID()})
	s.Add("cloudfront/distribution:Distribution", "site",
		in{"enabled": true, "origins": []any{map[string]any{"domainName": "x.s3.amazonaws.com"}}})
	assert.Contains(t, found(s, "I0"), "holds")
	assert.Contains(t, found(s, "I3"), "notApplicable")
	assert.Contains(t, found(s, "I26"), "notApplicable")
}

// What a bucket says within itself is judged as the resource that says the same.
func TestABucketIsJudgedTheSameWhereverItIsWritten(t *testing.T) {
	type block = map[string]any
	failing := func(s *specimen.Stack) (all []string) {
		for _, f := range proof.Verify(s.Graph(), report.FromState, time.Now()).Findings {
			if f.Verdict.Fails() && !slices.Contains(all, f.ID) {
				all = append(all, f.ID)
			}
		}
		return all
	}
	whole, bare := specimen.Read(t, prod), specimen.Empty(t)
	bare.Add("s3/bucketV2:BucketV2", "prod-releases", in{"bucket": "x"})
	incomplete := failing(bare)
	everybody := `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}]}`
	daily := []any{block{"status": "Enabled", "enabled": true, "expiration": block{"days": 1}, "expirations": []any{block{"days": 1}}}}
	for _, c := range []struct {
		bucket, part   string
		itself, within block
	}{
		{"prod-releases", "RequestPaymentConfiguration", block{"payer": "Requester"}, block{"requestPayer": "Requester"}},
		{"prod-releases", "LifecycleConfiguration", block{"rules": daily}, block{"lifecycleRules": daily}},
		{"prod-logs", "LifecycleConfiguration", block{"rules": daily}, block{"lifecycleRules": daily}},
		{"prod-releases", "Acl", block{"acl": "public-read"}, block{"acl": "public-read"}},
		{"prod-releases", "Policy", block{"policy": everybody}, block{"policy": everybody}},
		{"prod-releases", "Versioning", block{"versioningConfiguration": block{"status": "Suspended"}},
			block{"versionings": []any{block{}}}},
		{"prod-releases", "CorsConfiguration", block{"corsRules": []any{block{"allowedOrigins": []any{"*"}}}},
			block{"corsRules": []any{block{"allowedOrigins": []any{"*"}}}}},
		{"prod-releases", "WebsiteConfiguration", block{"redirectAllRequestsTo": block{"hostName": "elsewhere.example.org"}},
			block{"websites": []any{block{"redirectAllRequestsTo": "elsewhere.example.org"}}}},
		{"prod-releases", "Logging", block{"targetBucket": "elsewhere"}, block{"loggings": []any{block{"targetBucket": "elsewhere"}}}},
		{"prod-releases", "ServerSideEncryptionConfiguration", block{"rules": []any{block{"bucketKeyEnabled": true}}},
			block{"serverSideEncryptionConfigurations": []any{block{"rules": []any{block{"bucketKeyEnabled": true}}}}}},
		{"prod-releases", "ReplicationConfig", block{"rules": []any{block{"destination": block{"bucket": "arn:aws:s3:::elsewhere"}}}},
			block{"replicationConfigurations": []any{block{"rules": []any{block{"destinations": []any{
				block{"bucket": "arn:aws:s3:::elsewhere"}}}}}}}},
	} {
		apart, without := bare.Copy(), incomplete
		if strings.Contains("Acl RequestPaymentConfiguration LifecycleConfiguration Versioning ServerSideEncryptionConfiguration", c.part) {
			apart, without = whole.Copy(), nil // in which the rest of the bucket is right
		}
		together := apart.Copy()
		of := apart.The("s3/bucketV2:BucketV2", c.bucket).ID()
		apart.Add(graph.PartOfBucket(c.part)[1], "mutant", c.itself).Set("bucket", of)
		for property, value := range c.within {
			together.The("s3/bucketV2:BucketV2", c.bucket).Set(property, value)
		}
		found := failing(apart)
		assert.NotEqual(t, without, found, c.part)
		assert.Equal(t, found, failing(together), "%s of %s", c.part, c.bucket)
	}
}
