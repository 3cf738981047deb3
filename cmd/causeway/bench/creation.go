package main

import (
	"time"

	"github.com/causeway-iac/causeway/graph"
)

// creationTime is how long the cloud takes until a resource can be used.
type creationTime struct {
	seconds int
	basis   string
}

// slow lists the types that take longer than one API call. All figures are estimates for an ordinary day in one region;
// basis says what each rests on.
var slow = map[string]creationTime{
	"aws:rds/instance:Instance":                           {600, "hashicorp/terraform#498: 5 to 10 minutes in one zone"},
	"aws:rds/cluster:Cluster":                             {60, "estimate"},
	"aws:rds/clusterInstance:ClusterInstance":             {480, "estimate"},
	"aws:autoscaling/group:Group":                         {180, "estimate: launch, cloud-init, two health checks"},
	"aws:lb/loadBalancer:LoadBalancer":                    {180, "estimate: 2 to 4 minutes"},
	"aws:acm/certificateValidation:CertificateValidation": {180, "estimate: 1 to 5 minutes after the record answers"},
	"aws:ec2/natGateway:NatGateway": {120,
		"estimate: 1.5 to 2 minutes; more than one in terraform-aws-modules/terraform-aws-vpc#999"},
	"aws:ec2/vpcEndpoint:VpcEndpoint":               {90, "estimate: 1 to 2 minutes; a gateway endpoint, seconds"},
	"aws:cloudfront/distribution:Distribution":      {300, "estimate"},
	"aws:route53/record:Record":                     {40, "estimate: the provider waits until the change is in sync"},
	"aws:route53/zone:Zone":                         {40, "as a record: the provider waits for it to be in sync"},
	"aws:ec2/vpc:Vpc":                               {12, "estimate: with DNS host names, set after creation"},
	"aws:ec2/subnet:Subnet":                         {3, "estimate"},
	"aws:iam/instanceProfile:InstanceProfile":       {8, "estimate: IAM is eventually consistent"},
	"aws:kms/key:Key":                               {15, "estimate: the provider reads the policy back until it holds"},
	"aws:rds/eventSubscription:EventSubscription":   {60, "estimate"},
	"aws:backup/vault:Vault":                        {3, "estimate"},
	"aws:lb/targetGroup:TargetGroup":                {2, "estimate"},
	"aws:s3/bucketObjectv2:BucketObjectv2":          {10, "estimate: 17 MB over an office line"},
	"aws:s3/bucketV2:BucketV2":                      {3, "estimate"},
	"aws:wafv2/webAclAssociation:WebAclAssociation": {15, "estimate: until the load balancer knows the web ACL"},
	"aws:ec2/internetGateway:InternetGateway":       {2, "estimate"},
}

// oneCall is what every other resource takes.
const oneCall = time.Second

// multiZone is how many times longer a database with a standby takes (hashicorp/terraform#498: 15 to 20 minutes against 5
// to 10).
const multiZone = 2

// creation is how long creating a resource takes: nothing for what exists in the engine only.
func creation(r *graph.Resource) time.Duration {
	if !r.Custom || r.External || isProvider(r) {
		return 0
	}
	if r.Type == "aws:ec2/vpcEndpoint:VpcEndpoint" && r.String("vpcEndpointType") == "Gateway" {
		return 6 * oneCall
	}
	known, ok := slow[r.Type]
	if !ok {
		return oneCall
	}
	takes := time.Duration(known.seconds) * time.Second
	if zones, _ := r.Get("multiAz"); zones == true {
		takes *= multiZone
	}
	return takes
}
