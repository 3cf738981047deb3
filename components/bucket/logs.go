package bucket

import (
	"cmp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// Prefixes in the log bucket.
const (
	AccessLogs     = "access"     // a load balancer's requests
	ConnectionLogs = "connection" // a load balancer's TLS handshakes
	RequestLogs    = "requests"   // other buckets' requests
)

// balancerAccounts are the accounts from which load balancers write their logs in the regions that had one before
// August 2022. In those regions AWS also accepts the service's principal, and recommends it, but some load balancers
// still deliver as the account (AWS, Application Load Balancer user guide, "Enable access logs").
var balancerAccounts = map[string]string{
	"af-south-1":     "098369216593",
	"ap-east-1":      "754344448648",
	"ap-northeast-1": "582318560864",
	"ap-northeast-2": "600734575887",
	"ap-northeast-3": "383597477331",
	"ap-south-1":     "718504428378",
	"ap-southeast-1": "114774131450",
	"ap-southeast-2": "783225319266",
	"ap-southeast-3": "589379963580",
	"ca-central-1":   "985666609251",
	"cn-north-1":     "638102146993",
	"cn-northwest-1": "037604701340",
	"eu-central-1":   "054676820928",
	"eu-north-1":     "897822967062",
	"eu-south-1":     "635631232127",
	"eu-west-1":      "156460612806",
	"eu-west-2":      "652711504416",
	"eu-west-3":      "009996457667",
	"me-south-1":     "076674570225",
	"sa-east-1":      "507241528517",
	"us-east-1":      "127311923021",
	"us-east-2":      "033677994240",
	"us-gov-east-1":  "190560391635",
	"us-gov-west-1":  "048591011584",
	"us-west-1":      "027434742980",
	"us-west-2":      "797873946194",
}

// LogsArgs are the settings of a bucket of logs.
type LogsArgs struct {
	Args
	// LogDays is how many days logs are kept. Default 365.
	LogDays int
}

// Validate reports everything that is wrong with the settings.
func (a LogsArgs) Validate() (ps infra.Problems) {
	if a.LogDays < 0 {
		ps.Addf("logDays", "write a number of days, or leave it out for 365", "logs cannot be kept for %d days", a.LogDays)
	}
	return ps
}

// Logs makes the bucket that load balancers write their access and connection logs to, and that records the requests
// to other buckets. It is encrypted with S3's own key, the only one that load balancers can write with (AWS,
// Application Load Balancer user guide, "Enable access logs").
func Logs(ctx *pulumi.Context, name string, p *infra.Platform, args LogsArgs, opts ...pulumi.ResourceOption) (*Bucket, error) {
	b := &builder{ctx: ctx, name: name, p: p, args: args.Args, purpose: purpose{
		// Not the whole bucket: a load balancer's trust store keeps its file here too.
		expiring:   []string{AccessLogs + "/", ConnectionLogs + "/", RequestLogs + "/"},
		expireDays: cmp.Or(args.LogDays, 365),
		statements: func(arn pulumi.StringOutput) []infra.Statement { return deliveries(p, arn) },
	}}
	return b.declare(nil, args.Validate(), opts)
}

// deliveries lets AWS's log delivery services write logs of this account, and nothing else.
func deliveries(p *infra.Platform, arn pulumi.StringOutput) []infra.Statement {
	put := []string{"s3:PutObject"}
	ours := pulumi.StringArray{
		pulumi.Sprintf("%s/%s/AWSLogs/%s/*", arn, AccessLogs, p.Account),
		pulumi.Sprintf("%s/%s/AWSLogs/%s/*", arn, ConnectionLogs, p.Account),
	}
	from := func(source string) map[string]map[string][]string {
		return map[string]map[string][]string{
			"StringEquals": {"aws:SourceAccount": {p.Account}},
			"ArnLike":      {"aws:SourceArn": {source}},
		}
	}
	statements := []infra.Statement{
		{
			Sid: "LoadBalancerLogs", Actions: put, Resources: ours,
			Principals: map[string][]string{"Service": {"logdelivery.elasticloadbalancing.amazonaws.com"}},
			Conditions: from(p.ARN("elasticloadbalancing", "loadbalancer/*")),
		},
		{
			Sid: "BucketLogs", Actions: put,
			Resources:  pulumi.StringArray{pulumi.Sprintf("%s/%s/*", arn, RequestLogs)},
			Principals: map[string][]string{"Service": {"logging.s3.amazonaws.com"}},
			Conditions: from("arn:" + p.Partition() + ":s3:::" + p.Name + "-*"),
		},
	}
	if account, ok := balancerAccounts[p.Region]; ok {
		// Requests from AWS's own account carry no source to check; it writes only below the id of the account that
		// owns the load balancer.
		statements = append(statements, infra.Statement{
			Sid: "LoadBalancerLogsOfRegion", Actions: put, Resources: ours,
			Principals: map[string][]string{"AWS": {"arn:" + p.Partition() + ":iam::" + account + ":root"}},
		})
	}
	return statements
}
