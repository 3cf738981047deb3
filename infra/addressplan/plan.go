// Package addressplan computes every subnet of a platform from one CIDR block.
//
// The block is divided into eight tier slots, and each tier slot into eight zone
// slots. A subnet's place depends only on its tier and on the letter of its
// availability zone, never on how many of either there are, so adding a zone,
// removing one or writing them in another order moves nothing. Four tier slots
// are kept free. No AWS region has more than six zones (AWS, global
// infrastructure), whose letters end at f.
//
//	10.0.0.0/16   public 10.0.0.0/19   web 10.0.32.0/19   app 10.0.64.0/19   data 10.0.96.0/19
//	              a 10.0.0.0/22, b 10.0.4.0/22, c 10.0.8.0/22, ...
package addressplan

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"regexp"
	"slices"

	"github.com/causeway-iac/causeway/infra"
)

// Tier is one of the subnet tiers. Its value is its slot in the plan: never
// renumber one, or every subnet of that tier moves.
type Tier int

const (
	Public Tier = iota // load balancers and NAT gateways that face the internet
	Web                // web servers
	App                // internal load balancer, application servers, interface endpoints
	Data               // databases; no way out
)

// Tiers are all tiers, in the order of the picture.
var Tiers = []Tier{Public, Web, App, Data}

func (t Tier) String() string {
	return string(t.Tag())
}

// Tag is the tier's value in tags.
func (t Tier) Tag() infra.Tier {
	return [...]infra.Tier{infra.TierPublic, infra.TierWeb, infra.TierApp, infra.TierData}[t]
}

const (
	// MaxZones is the number of zone slots in each tier: the letters a to h.
	MaxZones = 1 << zoneBits

	tierBits = 3
	zoneBits = 3

	// largest is the largest IPv4 block of a VPC (AWS, VPC user guide, VPC CIDR blocks).
	largest = 16
	// smallest leaves /27 subnets. A load balancer wants at least a /27 with eight
	// free addresses in each of its subnets (AWS, ELB user guide, application load
	// balancers, subnets for your load balancer).
	smallest = 27 - tierBits - zoneBits
)

// private are the addresses that a VPC may have without hiding a part of the internet.
var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),     // RFC 1918
	netip.MustParsePrefix("172.16.0.0/12"),  // RFC 1918
	netip.MustParsePrefix("192.168.0.0/16"), // RFC 1918
	netip.MustParsePrefix("100.64.0.0/10"),  // RFC 6598
}

// Plan is the subnets of one VPC. The zero Plan is not a plan: use New.
type Plan struct {
	block netip.Prefix
}

// New makes the plan of one block, such as 10.0.0.0/16. The problems' paths are
// empty: the caller knows the name of the setting.
func New(cidr string) (Plan, infra.Problems) {
	var problems infra.Problems
	block, err := netip.ParsePrefix(cidr)
	switch {
	case err != nil:
		problems.Addf("", "write an IPv4 block such as 10.0.0.0/16", "%q is not a CIDR block", cidr)
		return Plan{}, problems
	case !block.Addr().Is4():
		problems.Addf("", "write an IPv4 block such as 10.0.0.0/16", "%s is IPv6, which the platform does not use", cidr)
		return Plan{}, problems
	case block != block.Masked():
		problems.Addf("", "write "+block.Masked().String(), "%s has bits set after its prefix length", cidr)
	}
	block = block.Masked()
	if block.Bits() < largest {
		problems.Addf("", fmt.Sprintf("write a block from /%d to /%d, such as %s/%[1]d", largest, smallest, block.Addr()),
			"%s is larger than a VPC can be", cidr)
	} else if block.Bits() > smallest {
		whole := netip.PrefixFrom(block.Addr(), largest).Masked()
		problems.Addf("", fmt.Sprintf("write a block from /%d to /%d, such as %s", largest, smallest, whole),
			"%s is too small: %d tiers of %d zones would not get a /27 each, which a load balancer needs",
			cidr, 1<<tierBits, MaxZones)
	}
	if !inside(block, private) {
		problems.Addf("", "write a block inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10, such as 10.20.0.0/16",
			"%s is not private (RFC 1918, RFC 6598)", cidr)
	}
	if len(problems) > 0 {
		return Plan{}, problems
	}
	return Plan{block: block}, nil
}

func inside(block netip.Prefix, outer []netip.Prefix) bool {
	return slices.ContainsFunc(outer, func(o netip.Prefix) bool { return o.Bits() <= block.Bits() && o.Contains(block.Addr()) })
}

// Block is the whole VPC.
func (p Plan) Block() netip.Prefix { return p.block }

// Tier is the block that holds a tier's subnets in all zones, present and future.
func (p Plan) Tier(t Tier) netip.Prefix { return child(p.block, tierBits, int(t)) }

// Subnet is the block of a tier in the zone slot, from 0 to MaxZones-1.
func (p Plan) Subnet(t Tier, slot int) netip.Prefix { return child(p.Tier(t), zoneBits, slot) }

// child is the nth of the 2^bits equal parts of an IPv4 block.
func child(block netip.Prefix, bits, n int) netip.Prefix {
	length := block.Bits() + bits
	addr := block.Addr().As4()
	start := binary.BigEndian.Uint32(addr[:]) | uint32(n)<<(32-length)
	binary.BigEndian.PutUint32(addr[:], start)
	return netip.PrefixFrom(netip.AddrFrom4(addr), length)
}

// Slot is a zone's region and slot, from its letter: eu-west-1a has slot 0. ok is false unless the zone's region is
// followed by a number and one letter from a to h; the names of Local Zones and Wavelength Zones contain more and are
// refused.
func Slot(zone string) (region string, slot int, ok bool) {
	if !zoneName.MatchString(zone) {
		return "", 0, false
	}
	last := len(zone) - 1
	return zone[:last], int(zone[last] - 'a'), true
}

var zoneName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9][a-h]$`)
