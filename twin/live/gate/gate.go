// Package gate is the VPC's firewall: security groups and network ACLs as they are deployed, as one nftables table of the
// router that is replaced in one transaction.
//
// Every packet meets each of its gates, even after one has refused it, and each that lets it pass sets its bit in the
// packet's mark. A packet with all bits goes on. Any other is logged with its mark, so that a drop names every gate that
// refused it, and not only the first.
package gate

import "strconv"

// The gates, as bits of a packet's mark.
const (
	aclOut = 1 << iota // the ACL of the subnet that it leaves
	out                // the sender's groups
	in                 // the receiver's groups
	aclIn              // the ACL of the subnet that it enters
	way                // it leads somewhere; through the internet gateway only with a public address
	every  = aclOut | out | in | aclIn | way
)

// The groups of the kernel's packet log.
const (
	dropGroup = 7
	passGroup = 8
)

// Prefixes of the packet log.
const (
	asked    = "asked"
	answered = "answered"
	forged   = "forged"
)

// numbers are those of protocols that rules call by name.
var numbers = map[string]byte{"icmp": 1, "tcp": 6, "udp": 17, "icmpv6": 58}

// protocolNumber is a rule's protocol; any says that it covers every protocol.
func protocolNumber(protocol string) (n byte, any bool) {
	if n, ok := numbers[protocol]; ok {
		return n, false
	}
	k, err := strconv.ParseUint(protocol, 10, 8)
	return byte(k), err != nil // -1 and all
}

// allPorts says whether a rule covers every port.
func allPorts(from, to int) bool { return from <= 0 && (to >= 65535 || to < 0) }
