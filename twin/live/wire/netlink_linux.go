package wire

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// whole is the network of one address.
func whole(a netip.Addr) *net.IPNet { return ipNet(netip.PrefixFrom(a, a.BitLen())) }

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Masked().Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}

func family(a netip.Addr) int {
	if a.Is4() {
		return netlink.FAMILY_V4
	}
	return netlink.FAMILY_V6
}

// there turns an error that says that something already exists into nil.
func there(err error) error {
	if errors.Is(err, syscall.EEXIST) {
		return nil
	}
	return err
}

// address gives a link an address, without checking for duplicates on it.
func address(l netlink.Link, a netip.Addr) error {
	addr := &netlink.Addr{IPNet: whole(a)}
	if a.Is6() {
		addr.Flags = unix.IFA_F_NODAD
	}
	if a.IsLinkLocalUnicast() && a.Is6() {
		addr.IPNet.Mask = net.CIDRMask(64, 128)
	}
	if err := there(netlink.AddrAdd(l, addr)); err != nil {
		return fmt.Errorf("address %s of %s: %w", a, l.Attrs().Name, err)
	}
	return nil
}

// route replaces a route; via is an on-link gateway, or invalid for what is on the link itself.
func route(l netlink.Link, to netip.Prefix, via netip.Addr, table int) error {
	r := &netlink.Route{LinkIndex: l.Attrs().Index, Dst: ipNet(to), Table: table, Family: family(to.Addr())}
	if via.IsValid() {
		r.Gw, r.Flags = via.AsSlice(), int(netlink.FLAG_ONLINK)
	} else {
		r.Scope = netlink.SCOPE_LINK
	}
	if err := netlink.RouteReplace(r); err != nil {
		return fmt.Errorf("route to %s by %s: %w", to, l.Attrs().Name, err)
	}
	return nil
}

func single(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }

// set writes a kernel setting of this namespace.
func set(value string, names ...string) error {
	var all []error
	for _, name := range names {
		if err := os.WriteFile("/proc/sys/"+strings.ReplaceAll(name, ".", "/"), []byte(value), 0); err != nil {
			all = append(all, fmt.Errorf("setting %s: %w", name, err))
		}
	}
	return errors.Join(all...)
}

func up(name string) (netlink.Link, error) {
	l, err := netlink.LinkByName(name)
	if err != nil {
		return nil, fmt.Errorf("link %s: %w", name, err)
	}
	if err := netlink.LinkSetUp(l); err != nil {
		return nil, fmt.Errorf("link %s: %w", name, err)
	}
	return l, nil
}
