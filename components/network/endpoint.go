package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/infra"
)

// makeS3Endpoint routes the private tiers to S3 without a NAT gateway, free of charge (AWS, PrivateLink guide,
// gateway endpoints for Amazon S3). The data tier does not need it.
func (b *builder) makeS3Endpoint() error {
	tables := pulumi.StringArray{}
	for _, table := range b.private {
		tables = append(tables, table.ID())
	}
	name := b.name + "-s3"
	endpoint, err := ec2.NewVpcEndpoint(b.ctx, name, &ec2.VpcEndpointArgs{
		VpcId:           b.vpc.ID(),
		ServiceName:     pulumi.String("com.amazonaws." + b.p.Region + ".s3"),
		VpcEndpointType: pulumi.String("Gateway"),
		RouteTableIds:   tables,
		Policy:          infra.PolicyDocument(b.s3Policy()...),
		Tags:            b.p.TagsFor(name, infra.TierPrivate),
	}, b.child(), pulumi.DeleteBeforeReplace(true)) // a route table can have only one route to S3
	if err != nil {
		return fmt.Errorf("making the S3 endpoint: %w", err)
	}
	b.readies(endpoint, Web, App)
	b.n.s3 = endpoint.PrefixListId
	return nil
}

// s3Policy admits two kinds of bucket. The platform's own are recognised by their name, which starts with the
// platform's, and by their account, so that nobody can carry data out to a bucket of their own. Those in which AWS
// publishes packages are read without credentials, so no principal can be required for them.
func (b *builder) s3Policy() []infra.Statement {
	arn := "arn:" + b.p.Partition() + ":s3:::"
	anyone := map[string][]string{"AWS": {"*"}}
	return []infra.Statement{{
		Sid:        "OwnBuckets",
		Principals: anyone,
		Actions: []string{
			"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetBucketLocation", "s3:GetObject",
			"s3:GetObjectVersion", "s3:ListBucket", "s3:PutObject",
		},
		Resources: pulumi.StringArray{pulumi.String(arn + b.p.Name + "-*")},
		Conditions: map[string]map[string][]string{"StringEquals": {
			"aws:PrincipalAccount": {b.p.Account}, "aws:ResourceAccount": {b.p.Account},
		}},
	}, {
		Sid:        "PackagesFromAWS",
		Principals: anyone,
		Actions:    []string{"s3:GetObject"},
		Resources:  pulumi.ToStringArray(append(identity.AWSOwnedBuckets(b.p), b.layers()...)),
	}}
}

// layers are the objects in S3 that hold the layers of images in Amazon ECR. ECR itself signs the address of each
// (AWS, ECR user guide, "Amazon ECR interface VPC endpoints", minimum Amazon S3 bucket permissions).
func (b *builder) layers() []string {
	if !b.args.Images {
		return nil
	}
	return []string{"arn:" + b.p.Partition() + ":s3:::prod-" + b.p.Region + "-starport-layer-bucket/*"}
}
