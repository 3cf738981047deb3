package gate

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Of a server that has just ended a packet may still be under way: nothing of the plan has its address.
func TestAPacketOfWhatHasEndedIsExplained(t *testing.T) {
	p := &plan.Plan{Network: plan.Network{CIDRs: []netip.Prefix{netip.MustParsePrefix("10.10.0.0/16")}}}
	to := &plan.Interface{ID: "eni-1", Address: netip.MustParseAddr("10.10.64.4")}
	for source, want := range map[string][]string{
		"10.10.64.211": {"nobody in the VPC has the address 10.10.64.211 any more: a packet of what has ended"},
		"198.51.100.9": {"egress of nowhere: no rule of its security group 198.51.100.9 lets tcp 443 out to 10.10.64.4"},
	} {
		k := Packet{Mark: ^uint32(0) &^ (out | aclOut), To: to, Protocol: "tcp", Port: 443}
		k.Source, k.Dest = netip.MustParseAddr(source), to.Address
		assert.Equal(t, want, Explain(p, k))
	}
	k := Packet{Source: netip.MustParseAddr("10.10.64.211"), Dest: netip.MustParseAddr("192.0.2.1"), Protocol: "tcp", Port: 443}
	assert.Contains(t, Explain(p, k)[0], "a packet of what has ended", "though its answer has nowhere to go either")
}
