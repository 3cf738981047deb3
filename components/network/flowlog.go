package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/infra"
)

// makeFlowLog records who talked to whom, accepted and rejected.
func (b *builder) makeFlowLog() error {
	name := b.name + "-flows"
	group, err := cloudwatch.NewLogGroup(b.ctx, name, &cloudwatch.LogGroupArgs{
		KmsKeyId:        b.wiring.Keys.Logs.ARN,
		RetentionInDays: pulumi.Int(b.args.LogDays),
		Tags:            b.p.TagsFor(name, infra.Everywhere),
	}, b.child())
	if err != nil {
		return fmt.Errorf("making the flow log's log group: %w", err)
	}
	role, err := identity.NewRole(b.ctx, name, b.p, b.wiring.Boundary, identity.RoleArgs{
		Service:     "vpc-flow-logs.amazonaws.com",
		Sources:     []string{b.p.ARN("ec2", "vpc-flow-log/*")},
		Description: "Writes the VPC flow log to CloudWatch Logs",
		Statements: []infra.Statement{{
			Actions: []string{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
			Resources: pulumi.StringArray{
				group.Arn, pulumi.Sprintf("%s:*", group.Arn),
			},
		}},
	}, b.child())
	if err != nil {
		return err
	}
	// A VPC has one log of the same traffic to the same place.
	if _, err := ec2.NewFlowLog(b.ctx, name, &ec2.FlowLogArgs{
		VpcId:                  b.vpc.ID(),
		TrafficType:            pulumi.String("ALL"),
		LogDestinationType:     pulumi.String("cloud-watch-logs"),
		LogDestination:         group.Arn,
		IamRoleArn:             role.ARN,
		MaxAggregationInterval: pulumi.Int(600),
		Tags:                   b.p.TagsFor(name, infra.Everywhere),
	}, b.child(), pulumi.DeleteBeforeReplace(true)); err != nil {
		return fmt.Errorf("making the flow log: %w", err)
	}
	return nil
}
