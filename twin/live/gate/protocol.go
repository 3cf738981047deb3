package gate

import "strconv"

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
