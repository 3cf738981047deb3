package front

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Latency is how long things take: seconds per type, times a scale. The zero value takes no time.
type Latency struct {
	Scale float64
	table map[string]seconds
}

// seconds that creation, change and deletion take.
type seconds struct{ create, update, remove float64 }

type durations struct{ create, update, remove time.Duration }

func (l Latency) of(typ string) durations {
	s, known := l.table[typ]
	if !known && l.table != nil {
		s = seconds{1, 1, 1} // most calls are answered when the work is done
	}
	d := func(n float64) time.Duration { return l.scaled(time.Duration(n * float64(time.Second))) }
	return durations{d(s.create), d(s.update), d(s.remove)}
}

// scaled is how long something takes here that takes d on AWS.
func (l Latency) scaled(d time.Duration) time.Duration { return time.Duration(float64(d) * l.Scale) }

// onlyWaits are types that are no things: creating one waits for something that is pending meanwhile.
var onlyWaits = map[string]bool{"aws:acm/certificateValidation:CertificateValidation": true}

// realistic are the seconds that operations usually take, to one digit. AWS promises none; its user guides say "minutes"
// of databases, load balancers and gateways.
var realistic = map[string]seconds{
	"aws:rds/instance:Instance":                           {480, 300, 300},
	"aws:rds/cluster:Cluster":                             {60, 60, 120},
	"aws:rds/clusterInstance:ClusterInstance":             {480, 120, 300},
	"aws:rds/proxy:Proxy":                                 {300, 60, 120},
	"aws:lb/loadBalancer:LoadBalancer":                    {150, 5, 20},
	"aws:ec2/natGateway:NatGateway":                       {100, 2, 60},
	"aws:ec2/vpcEndpoint:VpcEndpoint":                     {60, 20, 60},
	"aws:ec2/instance:Instance":                           {20, 5, 40},
	"aws:ec2/internetGateway:InternetGateway":             {1, 1, 10},
	"aws:autoscaling/group:Group":                         {5, 3, 120}, // and until its machines are in service
	"aws:acm/certificateValidation:CertificateValidation": {60, 1, 0},
	"aws:iam/role:Role":                                   {2, 1, 1},
	"aws:iam/instanceProfile:InstanceProfile":             {10, 1, 1},
	"aws:kms/key:Key":                                     {10, 10, 2},
	"aws:secretsmanager/secret:Secret":                    {2, 1, 1},
	"aws:route53/zone:Zone":                               {40, 2, 2},
	"aws:route53/record:Record":                           {30, 30, 30},
	"aws:s3/bucketV2:BucketV2":                            {2, 1, 1},
	"aws:wafv2/webAcl:WebAcl":                             {3, 5, 3},
	"aws:wafv2/webAclAssociation:WebAclAssociation":       {10, 10, 5},
	"aws:elasticache/replicationGroup:ReplicationGroup":   {480, 300, 300},
	"aws:cloudfront/distribution:Distribution":            {240, 200, 200},
	"cloudflare:index/record:Record":                      {1, 1, 1},
	"cloudflare:index/zone:Zone":                          {2, 2, 2},
}

const latencyForm = `write none, realistic, or realistic and a scale, such as realistic×0.01`

// ParseLatency reads PROFILE[×SCALE]. The profiles are none and realistic; x and * may stand for ×.
func ParseLatency(text string) (Latency, error) {
	text = strings.TrimSpace(text)
	i := strings.IndexAny(text, "×x*")
	profile, scale := text, 1.0
	if i >= 0 {
		profile = strings.TrimSpace(text[:i])
		number := strings.TrimSpace(strings.TrimPrefix(strings.TrimLeft(text[i:], "x*"), "×"))
		n, err := strconv.ParseFloat(number, 64)
		if err != nil || !(n >= 0) || math.IsInf(n, 0) {
			return Latency{}, fmt.Errorf("the latency %q: %q is not a scale: %s", text, number, latencyForm)
		}
		scale = n
	}
	switch profile {
	case "", "none":
		return Latency{}, nil
	case "realistic":
		return Latency{Scale: scale, table: realistic}, nil
	}
	return Latency{}, fmt.Errorf("the latency %q: there is no profile %q: %s", text, profile, latencyForm)
}

// Zero says that nothing takes time.
func (l Latency) Zero() bool { return l.table == nil || l.Scale == 0 }
