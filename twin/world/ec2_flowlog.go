package world

import (
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeFlowLog      = "aws:ec2/flowLog:FlowLog"
	typeInsightsPath = "aws:ec2/networkInsightsPath:NetworkInsightsPath"
)

var flowLogKinds = map[string]*kind{
	typeFlowLog: {
		id:  prefixed("fl"),
		arn: ec2ARN + "vpc-flow-log/{id}",
		create: []rule{
			inVPC,
			inSubnet,
			flowLogBucket,
			flowLogRole,
			refers("iamRoleArn", "InvalidParameter", "DeliverLogsPermissionArn: the role %s does not exist", typeRole),
			unique("FlowLogAlreadyExists", "there is a flow log of the same traffic to the same destination: %s",
				"vpcId", "subnetId", "eniId", "trafficType", "logDestination"),
		},
		fill: func(_ *Call, o, _ *Object) {
			setDefault(o, "logFormat", "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} "+
				"${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}")
			setDefaults(o, value.Map{"logDestination": "", "logGroupName": ""})
		},
	},
	typeInsightsPath: {
		id:  prefixed("nip"),
		arn: ec2ARN + "network-insights-path/{id}",
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"sourceArn": o.Text("source"), "destinationArn": o.Text("destination")})
		},
	},
}

// flowLogRole: a flow log to CloudWatch Logs has a role (EC2 API, CreateFlowLogs).
func flowLogRole(_ *Call, o *Object) error {
	if kind := o.Text("logDestinationType"); (kind == "" || kind == "cloud-watch-logs") && o.Text("iamRoleArn") == "" {
		return fault("InvalidParameter", "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs: set "+
			"iamRoleArn")
	}
	return nil
}

// flowLogBucket: the bucket exists. A log group need not: it is created when there is something to log (VPC user
// guide, "Troubleshoot VPC Flow Logs").
func flowLogBucket(c *Call, o *Object) error {
	if o.Text("logDestinationType") != "s3" {
		return nil
	}
	bucket := strings.SplitN(strings.TrimPrefix(o.Text("logDestination"), "arn:"+Partition(o.Region)+":s3:::"), "/", 2)[0]
	if c.find(typeBucket, bucket) == nil {
		return fault("LogDestinationNotFoundException", "LogDestination: the bucket %s does not exist", bucket)
	}
	return nil
}
