package cost

import (
	"cmp"
	"fmt"

	"github.com/causeway-iac/causeway/graph"
)

// pricers price each type that costs something while it stands. Types that are billed only by use are in usage.
var pricers = map[string]func(*bill){
	"aws:ec2/natGateway:NatGateway":                          (*bill).natGateway,
	"aws:ec2/eip:Eip":                                        (*bill).address,
	"aws:ec2/vpcEndpoint:VpcEndpoint":                        (*bill).endpoint,
	"aws:lb/loadBalancer:LoadBalancer":                       (*bill).loadBalancer,
	"aws:alb/loadBalancer:LoadBalancer":                      (*bill).loadBalancer,
	"aws:applicationloadbalancing/loadBalancer:LoadBalancer": (*bill).loadBalancer,
	"aws:autoscaling/group:Group":                            (*bill).group,
	"aws:ec2/instance:Instance":                              (*bill).instance,
	"aws:ebs/volume:Volume":                                  (*bill).volume,
	"aws:rds/instance:Instance":                              (*bill).database,
	"aws:rds/cluster:Cluster":                                (*bill).cluster,
	"aws:rds/clusterInstance:ClusterInstance":                (*bill).clusterInstance,
	"aws:wafv2/webAcl:WebAcl":                                (*bill).webACL,
	"aws:kms/key:Key":                                        (*bill).key,
	"aws:kms/replicaKey:ReplicaKey":                          (*bill).key,
	"aws:kms/externalKey:ExternalKey":                        (*bill).key,
	"aws:secretsmanager/secret:Secret":                       func(b *bill) { b.pay("secret", times(1, "")) },
	"aws:route53/zone:Zone":                                  (*bill).zone,
	"aws:cloudwatch/metricAlarm:MetricAlarm":                 (*bill).alarm,
	"aws:cloudwatch/compositeAlarm:CompositeAlarm":           func(b *bill) { b.pay("composite alarm", times(1, "")) },
	"aws:cloudwatch/dashboard:Dashboard":                     (*bill).dashboard,
}

func init() {
	for t, what := range usage {
		pricers[t] = func(b *bill) {
			for _, w := range what {
				b.use(w)
			}
		}
	}
}

func (b *bill) natGateway() {
	if b.r.String("connectivityType") != "private" {
		b.use("nat gateway traffic")
	}
	b.pay("nat gateway", times(1, ""))
}

// address is a public IPv4 address, which costs the same whether or not it is in use.
func (b *bill) address() { b.pay("public ipv4 address", times(1, "")) }

func (b *bill) endpoint() {
	switch b.r.String("vpcEndpointType") {
	case "", "Gateway":
		return
	case "Interface":
		b.use("interface endpoint traffic")
		zones := b.count("subnetIds", subnetType)
		if zones == 0 {
			b.unpriced("in how many zones it has an interface is not known")
			return
		}
		b.pay("interface endpoint", times(zones, "zones"))
	default:
		b.unpriced(fmt.Sprintf("no price of an endpoint of type %s is known", b.r.String("vpcEndpointType")))
	}
}

func (b *bill) loadBalancer() {
	kind := cmp.Or(b.r.String("loadBalancerType"), "application")
	b.use("load balancer capacity")
	b.pay(kind+" load balancer", times(1, ""))
	if internal, known := b.r.Bool("internal"); !internal || !known {
		b.use("traffic to the internet")
		zones := b.count("subnets", subnetType)
		if zones == 0 {
			zones = b.count("subnetMappings", subnetType)
		}
		if zones == 0 {
			b.unpriced("in how many zones it has a public address is not known")
			return
		}
		b.pay("public ipv4 address", times(zones, "zones"))
	}
}

func (b *bill) webACL() {
	b.use("web acl requests")
	b.pay("web acl", times(1, ""))
	if n := b.count("rules"); n > 0 {
		b.pay("web acl rule", times(n, ""))
	}
}

// key is a KMS key, which costs once for itself, and the same again for each of its first two rotations.
func (b *bill) key() {
	most := 1.0
	if rotated, _ := b.r.Bool("enableKeyRotation"); rotated {
		most = 3
	}
	b.pay("kms key", between(1, most, ""))
}

func (b *bill) zone() {
	b.use("hosted zone queries")
	b.pay("hosted zone", times(1, ""))
}

// alarm costs for each metric that it watches, and more if it evaluates more often than once a minute.
func (b *bill) alarm() {
	what, metrics, queries := "alarm", 0, 0
	period, _ := b.r.Int("period")
	value, _ := b.r.Get("metricQueries")
	list, _ := value.([]any)
	for _, q := range list {
		query, _ := q.(map[string]any)
		queries++
		metric, ok := query["metric"].(map[string]any)
		if !ok {
			continue
		}
		metrics++
		if p, _ := metric["period"].(float64); p > 0 && (period == 0 || int(p) < period) {
			period = int(p)
		}
	}
	if queries == 0 {
		metrics = 1
	}
	if period > 0 && period < 60 {
		what = "high-resolution alarm"
	}
	b.pay(what, times(float64(max(metrics, 1)), "metrics"))
}

// dashboard is free for an account's first three.
func (b *bill) dashboard() { b.pay("dashboard", between(0, 1, "")) }

const subnetType = "aws:ec2/subnet:Subnet"

// count is how many elements a list has or, if that is not known, how many resources of the given types it comes
// from.
func (b *bill) count(path string, types ...string) float64 {
	switch v, _ := b.r.Get(path); v := v.(type) {
	case []any:
		return float64(len(v))
	case graph.Unknown:
		return float64(len(b.g.Ref(b.r, path, types...)))
	}
	return 0
}
