package gate

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"
)

func overrun(err error) bool { return errors.Is(err, unix.ENOBUFS) }

// parse reads the headers of a packet.
func (k *Packet) parse(b []byte) bool {
	if len(b) < 20 {
		return false
	}
	var rest []byte
	var protocol byte
	if b[0]>>4 == 4 {
		header := int(b[0]&15) * 4
		if len(b) < header {
			return false
		}
		k.Source, k.Dest = netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
		protocol, rest = b[9], b[header:]
	} else {
		if len(b) < 40 {
			return false
		}
		k.Source, k.Dest = netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
		protocol, rest = b[6], b[40:] // packets with extension headers are reported without a port
	}
	k.Protocol = strconv.Itoa(int(protocol))
	for name, n := range numbers {
		if n == protocol {
			k.Protocol = name
		}
	}
	if (protocol == unix.IPPROTO_ICMP || protocol == unix.IPPROTO_ICMPV6) && len(rest) >= 2 {
		k.ICMP = [2]int{int(rest[0]), int(rest[1])}
	}
	if (protocol == unix.IPPROTO_TCP || protocol == unix.IPPROTO_UDP) && len(rest) >= 4 {
		k.SourcePort, k.Port = int(binary.BigEndian.Uint16(rest)), int(binary.BigEndian.Uint16(rest[2:]))
		if k.Answer {
			k.SourcePort, k.Port = k.Port, k.SourcePort
		}
	}
	return true
}
