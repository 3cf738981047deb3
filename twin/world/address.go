package world

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

// hexFor derives digits from a text alone: what a cloud gives the same for everybody.
func (c *Call) hexFor(text string, digits int) string {
	sum := sha256.Sum256([]byte(c.accountID() + "\x00" + text))
	return hex.EncodeToString(sum[:])[:digits]
}

// addressKey is where an object notes the addresses that it holds, by subnet.
const addressKey = "addresses"

// addressHolders are the types that hold addresses of subnets, besides the machines of groups.
var addressHolders = []string{typeNAT, typeLoadBalancer, typeEndpoint, typeInstance, typeClusterInstance, typeProxy}

// address takes a free address of a subnet for an object, or gives the one that it has. AWS keeps
// the first four addresses of a subnet and the last (VPC user guide, "Subnet CIDR blocks").
func (c *Call) address(o *Object, subnetID string) string {
	held, _ := o.Hidden[addressKey].(value.Map)
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

func (c *Call) addressesIn(subnetID string) map[string]bool {
	used := map[string]bool{}
	for _, typ := range addressHolders {
		c.each(typ, func(o *Object) bool {
			if held, ok := o.Hidden[addressKey].(value.Map); ok {
				if ip, ok := held[subnetID].(string); ok {
					used[ip] = true
				}
			}
			return true
		})
	}
	return used
}

// freeAddresses says how many addresses of a subnet can still be taken.
func (c *Call) freeAddresses(subnet *Object) int {
	p, ok := prefix(subnet, "cidrBlock")
	if !ok {
		return 0
	}
	return 1<<(32-p.Bits()) - 5 - len(c.addressesIn(subnet.ID))
}

// prefixListOf returns the id of AWS's own prefix list of a service.
func prefixListOf(service string) string {
	sum := sha256.Sum256([]byte(service))
	return "pl-" + hex.EncodeToString(sum[:])[:8]
}

// awsPrefixes returns the addresses of a gateway endpoint's service. They are taken from the blocks
// that RFC 5737 keeps for documentation: the twin's S3 and DynamoDB live nowhere else.
func awsPrefixes(service string) []string {
	if strings.HasSuffix(service, ".dynamodb") {
		return []string{netip.MustParsePrefix("203.0.113.0/25").String()}
	}
	return []string{netip.MustParsePrefix("192.0.2.0/25").String(), netip.MustParsePrefix("192.0.2.128/25").String()}
}
