// Package wire lays the living world's network: links between the router and the nodes, addresses, and the VPC's route
// tables as tables of the kernel. It runs inside the world's own namespaces and needs no root.
//
// A node's addresses are /32 and /128, and it has one route: to the router, at the on-link gateway. So every packet meets
// the router, whichever subnet it goes to.
package wire

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Link is the router's name for an interface's other end: at most 15 characters, and the same while it exists.
func Link(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "n" + hex.EncodeToString(sum[:])[:12]
}

// The gateways that nodes see on their links: the VPC's router, and outside the internet's.
var (
	gateway        = netip.MustParseAddr("169.254.0.1")
	gatewayOutside = netip.MustParseAddr("169.254.0.2")
	metadata       = netip.MustParseAddr("169.254.169.254") // each machine's own
	gateway6       = netip.MustParseAddr("fe80::1")
)

func gatewayOf(i *plan.Interface) netip.Addr {
	if i.At == plan.AtOutside {
		return gatewayOutside
	}
	return gateway
}

// Void is the router's link to nowhere. What no route leads to is sent there, so that the firewall sees it and can say
// why it did not arrive.
const Void = "void"
