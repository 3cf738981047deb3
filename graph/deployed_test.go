package graph_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

// The files of testdata are stacks of the platform: NAME-preview.json is what
// `pulumi preview --json --show-sames` wrote before anything was there, NAME.json what
// `pulumi stack export` wrote once it was deployed on the twin, and NAME-unchanged.json
// the preview after that. Stack traces and times are cut out of them.

func deployed(t *testing.T, stack string) *graph.Graph {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", stack+".json"))
	require.NoError(t, err)
	defer f.Close()
	g, err := graph.FromState(f)
	require.NoError(t, err)
	return g
}

func previewed(t *testing.T, file string) *graph.Graph {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", file+".json"))
	require.NoError(t, err)
	defer f.Close()
	g, err := graph.FromPreview(f)
	require.NoError(t, err)
	return g
}

func TestPreviewOfNoChangeIsTheState(t *testing.T) {
	want, got := deployed(t, "local"), previewed(t, "local-unchanged")
	require.Equal(t, urns(want.Resources), urns(got.Resources))
	for i, r := range got.Resources {
		if !r.Custom { // the engine does not show what components put out
			want.Resources[i].Outputs = r.Outputs
		}
		assert.Equal(t, want.Resources[i], r)
	}
}

func urns(resources []*graph.Resource) (all []string) {
	for _, r := range resources {
		all = append(all, r.URN)
	}
	return all
}

// What a value refers to once it is known is among what it refers to while it is not.
func TestReferencesOfAPreviewAreThoseOfTheState(t *testing.T) {
	for _, stack := range []string{"local", "prod"} {
		after, before := deployed(t, stack), previewed(t, stack+"-preview")
		require.Equal(t, urns(after.Resources), urns(before.Resources))
		checked := 0
		for _, r := range after.Resources {
			planned := before.ByURN(r.URN)
			for property, sources := range r.PropertyDependencies {
				if len(sources) == 0 {
					continue
				}
				resolution := before.Resolve(planned, property)
				assert.False(t, resolution.Undecided, "%s.%s", r.URN, property)
				for _, referred := range after.Ref(r, property) {
					checked++
					assert.True(t, slices.ContainsFunc(resolution.Resources, func(r *graph.Resource) bool { return r.URN == referred.URN }),
						"%s.%s refers to %s, and in the preview only to %v", r.URN, property, referred.URN, urns(resolution.Resources))
				}
			}
		}
		assert.Greater(t, checked, 200, stack)
	}
}

// The references that make up the path of a request, by type, known and unknown.
func TestReferencesOfThePlatform(t *testing.T) {
	for name, g := range map[string]*graph.Graph{"state": deployed(t, "prod"), "preview": previewed(t, "prod-preview")} {
		for _, c := range []struct {
			from, property, to string
			count              int
		}{
			{"aws:lb/listener:Listener", "certificateArn", "aws:acm/certificate:Certificate", 1},
			{"aws:lb/listener:Listener", "loadBalancerArn", "aws:lb/loadBalancer:LoadBalancer", 1},
			{"aws:lb/listenerRule:ListenerRule", "listenerArn", "aws:lb/listener:Listener", 1},
			{"aws:lb/listenerRule:ListenerRule", "actions", "aws:lb/targetGroup:TargetGroup", 1},
			{"aws:lb/loadBalancer:LoadBalancer", "subnets", "aws:ec2/subnet:Subnet", 3},
			{"aws:lb/loadBalancer:LoadBalancer", "securityGroups", "aws:ec2/securityGroup:SecurityGroup", 1},
			{"aws:lb/loadBalancer:LoadBalancer", "accessLogs.bucket", "aws:s3/bucketV2:BucketV2", 1},
			{"aws:autoscaling/group:Group", "launchTemplate", "aws:ec2/launchTemplate:LaunchTemplate", 1},
			{"aws:autoscaling/group:Group", "targetGroupArns", "aws:lb/targetGroup:TargetGroup", 1},
			{"aws:autoscaling/group:Group", "vpcZoneIdentifiers", "aws:ec2/subnet:Subnet", 3},
			{"aws:rds/instance:Instance", "dbSubnetGroupName", "aws:rds/subnetGroup:SubnetGroup", 1},
			{"aws:rds/instance:Instance", "vpcSecurityGroupIds", "aws:ec2/securityGroup:SecurityGroup", 1},
			{"aws:rds/instance:Instance", "kmsKeyId", "aws:kms/key:Key", 1},
			{"aws:rds/subnetGroup:SubnetGroup", "subnetIds", "aws:ec2/subnet:Subnet", 3},
			{"aws:ec2/routeTableAssociation:RouteTableAssociation", "subnetId", "aws:ec2/subnet:Subnet", 1},
			{"aws:ec2/routeTableAssociation:RouteTableAssociation", "routeTableId", "aws:ec2/routeTable:RouteTable", 1},
			{"aws:ec2/natGateway:NatGateway", "allocationId", "aws:ec2/eip:Eip", 1},
			{"aws:ec2/networkAcl:NetworkAcl", "subnetIds", "aws:ec2/subnet:Subnet", 3},
			{"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "securityGroupId", "aws:ec2/securityGroup:SecurityGroup", 1},
			{"aws:wafv2/webAclAssociation:WebAclAssociation", "resourceArn", "aws:lb/loadBalancer:LoadBalancer", 1},
		} {
			resources := g.ByType(c.from)
			assert.NotEmpty(t, resources, c.from)
			for _, r := range resources {
				assert.Len(t, g.Ref(r, c.property, c.to), c.count, "%s: %s of %s", name, c.property, r.URN)
			}
		}
	}
}
