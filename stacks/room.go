package stacks

import (
	"cmp"
	"fmt"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/addressplan"
)

const (
	// awsKeeps is how many addresses of each subnet AWS reserves (AWS, VPC user guide, "Subnet CIDR blocks").
	awsKeeps = 5
	// platformKeeps is how many addresses a subnet must have left for what is in it beside the servers: eight for a
	// load balancer to grow (AWS, ELB user guide, "Subnets for your load balancer"), and the endpoints' interfaces.
	platformKeeps = 8 + 8
)

// checkRoom refuses more servers than their subnets have addresses for, beside those of others there: otherwise the group
// would be found unable to grow on the day that it must.
func checkRoom(s Settings, t tier, others int) infra.Problems {
	plan, wrong := addressplan.New(s.Network.CIDR)
	if len(wrong) > 0 {
		return nil // already reported as network.cidr
	}
	zones := cmp.Or(len(s.Network.ZoneNames), s.Network.Zones)
	if zones < 2 {
		return nil // already reported as network.zones
	}
	var problems infra.Problems
	subnet := plan.Subnet(t.subnets, 0)
	atOnce := t.sizes().MostAtOnce()
	if room := zones * (1<<(32-subnet.Bits()) - awsKeeps - platformKeeps); others+atOnce > room {
		problems.Addf("maxSize", fmt.Sprintf("write at most %d, or a larger network.cidr", max((room-others)*t.MaxSize/max(atOnce, 1), 1)),
			"%d servers need more addresses than the %s subnets of %s have in %d zones", others+atOnce, t.subnets, s.Network.CIDR, zones)
	}
	return problems
}

// checkTargets refuses more servers of both tiers than the edge takes, where routes lead to either.
func checkTargets(s Settings) infra.Problems {
	var problems infra.Problems
	most, needed := s.Quotas.Of(infra.TargetsPerBalancer), s.Web.sizes().MostAtOnce()+s.App.sizes().MostAtOnce()
	if s.routesToApp() && needed > most {
		problems.Addf("edge.routes", s.Quotas.Raise(needed, "lower maxSize of web or app, or have no route lead to app",
			infra.TargetsPerBalancer), "web and app have up to %d servers, and one load balancer takes %d", needed, most)
	}
	return problems
}
