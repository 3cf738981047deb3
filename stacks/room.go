package stacks

import (
	"cmp"
	"fmt"

	"github.com/causeway-iac/causeway/components/servers"
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

// checkRoom refuses more servers than their subnets have addresses for: otherwise the group would be found unable to
// grow on the day that it must.
func checkRoom(s Settings, tier addressplan.Tier, most int) infra.Problems {
	plan, wrong := addressplan.New(s.Network.CIDR)
	if len(wrong) > 0 {
		return nil // already reported as network.cidr
	}
	zones := cmp.Or(len(s.Network.ZoneNames), s.Network.Zones)
	if zones < 2 {
		return nil // already reported as network.zones
	}
	var problems infra.Problems
	subnet := plan.Subnet(tier, 0)
	if room := zones * (1<<(32-subnet.Bits()) - awsKeeps - platformKeeps); most > room && most <= servers.MostTargets {
		problems.Addf("maxSize", fmt.Sprintf("write at most %d, or a larger network.cidr", max(room, 1)),
			"%d servers need more addresses than the %s subnets of %s have in %d zones", most, tier, s.Network.CIDR, zones)
	}
	return problems
}
