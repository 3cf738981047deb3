package network

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/addressplan"
)

// NAT is how the private tiers reach the internet.
type NAT string

const (
	// NATNone gives no way out: instances reach AWS by endpoints only.
	NATNone NAT = "none"
	// NATSingle is one NAT gateway for all zones: when its zone fails, no zone has a way out.
	NATSingle NAT = "single"
	// NATPerZone is a NAT gateway in each zone.
	NATPerZone NAT = "perZone"
)

// Tier is one of the subnet tiers.
type Tier = addressplan.Tier

// The subnet tiers, from the internet inwards.
const (
	Public = addressplan.Public // the edge load balancer and the NAT gateways
	Web    = addressplan.Web    // web servers
	App    = addressplan.App    // the internal load balancer, application servers, interface endpoints
	Data   = addressplan.Data   // databases
)

// Args are the network's settings.
type Args struct {
	// CIDR is the VPC's IPv4 block, private, from /16 to /21. A /16 gives each
	// subnet 1,019 addresses, a /20 gives it 59. Changing it replaces the VPC and
	// everything in it, which the settings refuse. Default 10.0.0.0/16.
	CIDR string
	// ZoneNames are availability zones of the region, such as eu-west-1a: at least two, in any order. Adding one adds
	// subnets and moves none. Required.
	ZoneNames []string
	// NAT is none, single or perZone. Each gateway is billed by the hour and by the
	// gigabyte (Amazon VPC pricing). Default perZone.
	NAT NAT
	// PublicPorts are the TCP ports that the network lets the internet reach in the
	// public subnets, before any security group is asked. Default 443.
	PublicPorts []int
	// Out are the private tiers' ways to the internet in addition to HTTPS. They need a NAT. Default none.
	Out []Out
	// EdgeToApp lets the public subnets and the app tier's exchange packets, for a load balancer that sends some
	// requests directly to the app tier. Default false.
	EdgeToApp bool
	// LogDays is how long the flow log is kept: one of the periods that CloudWatch offers. Default 365.
	LogDays int
	// Quotas are what the account may have beyond AWS's defaults. Default none.
	Quotas infra.Quotas
	// Images lets servers fetch the layers of images that are stored in Amazon ECR. Default false.
	Images bool
}

// Out is a way from a private tier to addresses of the internet.
type Out struct {
	// Tier is Web or App.
	Tier Tier
	// Protocol is tcp or udp.
	Protocol string
	Port     int
	// CIDR is an IPv4 prefix, 0.0.0.0/0 for any.
	CIDR string
}

func (a Args) withDefaults() Args {
	a.CIDR = cmp.Or(a.CIDR, "10.0.0.0/16")
	a.NAT = cmp.Or(a.NAT, NATPerZone)
	if len(a.PublicPorts) == 0 {
		a.PublicPorts = []int{443}
	}
	a.LogDays = cmp.Or(a.LogDays, 365)
	return a
}

// remotePorts are for administering machines. Nothing here is administered over the network: Session Manager needs no
// open port.
var remotePorts = []int{20, 21, 22, 3389, 5985, 5986}

// Validate reports everything wrong with the settings.
func (a Args) Validate() infra.Problems {
	a = a.withDefaults()
	plan, problems := addressplan.New(a.CIDR)
	problems = problems.Under("cidr")
	problems = append(problems, checkZones(a.ZoneNames)...)
	if !slices.Contains([]NAT{NATNone, NATSingle, NATPerZone}, a.NAT) {
		problems.Addf("nat", "write none, single or perZone", "there is no NAT %q", a.NAT)
	}
	if most := a.Quotas.Of(infra.ElasticIPs); a.NAT == NATPerZone && len(a.ZoneNames) > most {
		problems.Addf("nat", a.Quotas.Raise(len(a.ZoneNames), fmt.Sprintf("write single, or %d zones", most), infra.ElasticIPs),
			"needs an Elastic IP address in each of %d zones, and AWS allows %d in a region", len(a.ZoneNames), most)
	}
	for i := range a.Out {
		if a.NAT == NATNone {
			problems.Add(fmt.Sprintf("out[%d]", i), "write nat: single or perZone", "there is no way out: the network has no NAT gateway")
		}
	}
	for _, tier := range addressplan.Tiers {
		if !plan.Block().IsValid() {
			break // already reported as cidr
		}
		if needed, most := a.mostRules(tier, plan), a.Quotas.Of(infra.RulesPerACL); needed > most {
			where := "publicPorts"
			if len(a.Out) > 0 {
				where = "out"
			}
			problems.Addf(where, a.Quotas.Raise(needed, "write fewer ports, or merge the ranges of the ways out", infra.RulesPerACL),
				"the network ACL of the %s tier needs %d rules in one direction; AWS allows %d", tier, needed, most)
		}
	}
	for i, port := range a.PublicPorts {
		where := fmt.Sprintf("publicPorts[%d]", i)
		switch {
		case port < 1 || port > 65535:
			problems.Addf(where, "write a port from 1 to 65535", "%d is not a port", port)
		case slices.Contains(remotePorts, port):
			problems.Addf(where, "use Session Manager, which needs no open port", "port %d must not be reachable from the internet", port)
		case slices.Contains(a.PublicPorts[:i], port):
			problems.Addf(where, "write each port once", "port %d is listed twice", port)
		}
	}
	return append(problems, infra.CheckLogDays("logDays", a.LogDays)...)
}

func checkZones(zones []string) (problems infra.Problems) {
	if len(zones) < 2 {
		problems.Addf("zoneNames", "write at least two, such as eu-west-1a and eu-west-1b",
			"%d is too few: a load balancer needs two, and the platform must outlive one", len(zones))
	}
	first := ""
	for i, zone := range zones {
		where := fmt.Sprintf("zoneNames[%d]", i)
		region, _, ok := addressplan.Slot(zone)
		first = cmp.Or(first, region)
		switch {
		case !ok:
			problems.Addf(where, "write a region and a letter from a to h, such as eu-west-1a", "%q is not an availability zone", zone)
		case region != first:
			problems.Addf(where, "write zones of one region", "%s is not in %s", zone, first)
		case slices.Contains(zones[:i], zone):
			problems.Addf(where, "write each zone once", "%s is listed twice", zone)
		}
	}
	return problems
}
