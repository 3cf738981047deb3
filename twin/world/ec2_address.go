package world

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"slices"

	"github.com/causeway-iac/causeway/twin/fleet"
	"github.com/causeway-iac/causeway/twin/value"
)

// hexFor derives digits from the account and a text alone, so that all callers get the same.
func (c *Call) hexFor(text string, digits int) string {
	sum := sha256.Sum256([]byte(c.accountID() + "\x00" + text))
	return hex.EncodeToString(sum[:])[:digits]
}

// addressKey is where an object notes the addresses that it holds, by subnet.
const addressKey = "addresses"

// addressHolders are the types that hold addresses of subnets, besides the machines of groups.
var addressHolders = []string{typeNAT, typeLoadBalancer, typeEndpoint, typeInstance, typeClusterInstance, typeProxy, typeServer,
	typeInterface, typeMountTarget}

// address takes a free address in a subnet for an object, or returns the one it has. AWS reserves the first four
// addresses of a subnet and the last (VPC user guide, "Subnet CIDR blocks").
func (c *Call) address(o *Object, subnetID string) string {
	held, _ := o.Hidden[addressKey].(value.Map)
	c.asked[subnetID] = true
	if ip, ok := held[subnetID].(string); ok {
		return ip
	}
	subnet := c.find(typeSubnet, subnetID)
	if subnet == nil {
		return ""
	}
	p, ok := prefix(subnet, "cidrBlock")
	if !ok {
		return ""
	}
	used := c.addressesIn(subnetID)
	ip := p.Addr()
	for range 4 {
		ip = ip.Next()
	}
	for used[ip.String()] {
		ip = ip.Next()
	}
	if !p.Contains(ip.Next()) {
		return ""
	}
	if held == nil {
		held = value.Map{}
	}
	held[subnetID] = ip.String()
	o.Hidden[addressKey] = held
	return ip.String()
}

// release gives back the addresses that an object held and did not ask for again.
func (c *Call) release(o *Object) {
	held, _ := o.Hidden[addressKey].(value.Map)
	for subnetID := range held {
		if !c.asked[subnetID] {
			delete(held, subnetID)
		}
	}
}

// addressesIn are the taken addresses of a subnet.
func (c *Call) addressesIn(subnetID string) map[string]bool {
	used := c.held(subnetID)
	for _, ip := range c.machinesOver(subnetID, used, c.machinesIn(subnetID)) {
		used[ip] = true
	}
	return used
}

// held are the addresses of a subnet that the program's objects hold.
func (c *Call) held(subnetID string) map[string]bool {
	used := map[string]bool{}
	for _, typ := range addressHolders {
		for o := range c.each(typ) {
			if ip, ok := o.Held()[subnetID]; ok {
				used[ip] = true
			}
		}
	}
	return used
}

// machineAddresses are the private addresses of a subnet's machines, including those about to exist, by machine id.
func (c *Call) machineAddresses(subnetID string, soon ...fleet.Instance) map[string]string {
	there := c.machinesIn(subnetID)
	for _, i := range soon {
		if i.Subnet == subnetID && !slices.ContainsFunc(there, func(t fleet.Instance) bool { return t.ID == i.ID }) {
			there = append(there, i)
		}
	}
	return c.machinesOver(subnetID, c.held(subnetID), there)
}

// machinesOver gives each machine the address it has, and a new one an untaken address derived from its id.
func (c *Call) machinesOver(subnetID string, taken map[string]bool, there []fleet.Instance) map[string]string {
	out := map[string]string{}
	subnet := c.find(typeSubnet, subnetID)
	if subnet == nil {
		return out
	}
	p, ok := prefix(subnet, "cidrBlock")
	if !ok {
		return out
	}
	room := 1<<(32-p.Bits()) - 5 - len(taken)
	mine := map[string]bool{}
	var ids []string
	for _, i := range there {
		if i.Address != "" {
			out[i.ID], mine[i.Address] = i.Address, true
			room--
			continue
		}
		ids = append(ids, i.ID)
	}
	slices.Sort(ids)
	for _, id := range ids[:max(0, min(len(ids), room))] {
		sum := sha256.Sum256([]byte(id))
		size := 1<<(32-p.Bits()) - 5
		for n := int(binary.BigEndian.Uint32(sum[:4])) % size; ; n = (n + 1) % size {
			base := p.Addr().As4()
			ip := netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, binary.BigEndian.Uint32(base[:])+4+uint32(n)))).String()
			if !taken[ip] && !mine[ip] {
				out[id], mine[ip] = ip, true
				break
			}
		}
	}
	return out
}

// machinesIn are the machines in a subnet.
func (c *Call) machinesIn(subnetID string) (all []fleet.Instance) {
	for g := range c.having(typeGroup, "vpcZoneIdentifiers", subnetID) {
		if s := machines(g); s != nil {
			for _, i := range s.Instances {
				if i.Subnet == subnetID {
					all = append(all, i)
				}
			}
		}
	}
	return all
}

// freeAddresses says how many addresses of a subnet are still free.
func (c *Call) freeAddresses(subnet *Object) int {
	p, ok := prefix(subnet, "cidrBlock")
	if !ok {
		return 0
	}
	return 1<<(32-p.Bits()) - 5 - len(c.addressesIn(subnet.ID))
}
