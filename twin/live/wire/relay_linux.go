package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// relay makes a link slow where the kernel has no netem. What leaves by the link is led to a pair of its own instead, read
// at its other end, and put on the link when its time has come.
type relay struct {
	link, aside netlink.Link
	in, out     int // packet sockets
	late        chan frame
	closed      atomic.Bool
}

// frame is one, with the header in which the kernel says what of it is still to be done: checksums, and cutting into
// packets.
type frame struct {
	due  time.Time
	data []byte
}

// waiting is how many frames a relay keeps. More are lost, as on any slow link.
const waiting = 4096

func newRelay(l netlink.Link, delay time.Duration, loss float64) (_ *relay, err error) {
	r := &relay{link: l, in: -1, out: -1, late: make(chan frame, waiting)}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("delaying what leaves by %s: %w", l.Attrs().Name, err), r.end())
			r.release()
		}
	}()
	name, end := "s"+l.Attrs().Name[1:], "e"+l.Attrs().Name[1:]
	if err := netlink.LinkAdd(&netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: name}, PeerName: end}); err != nil {
		return nil, err
	}
	if r.aside, err = up(name); err != nil {
		return nil, err
	}
	other, err := up(end)
	if err != nil {
		return nil, err
	}
	if r.in, err = packets(other, unix.ETH_P_ALL); err != nil {
		return nil, err
	}
	if r.out, err = packets(l, 0); err != nil {
		return nil, err
	}
	// Else what is put on the link would be led aside again.
	if err := unix.SetsockoptInt(r.out, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1); err != nil {
		return nil, err
	}
	if err := r.lead(); err != nil {
		return nil, err
	}
	go r.read(delay, loss)
	go r.write()
	return r, nil
}

// packets opens a socket for a link's frames; it receives those of a protocol, 0 for none.
func packets(l netlink.Link, protocol uint16) (int, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	protocol = binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, protocol)) // in the network's order
	return fd, errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 200_000}),
		unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: protocol, Ifindex: l.Attrs().Index}))
}

// lead leads aside what leaves by the link.
func (r *relay) lead() error {
	if err := netlink.QdiscReplace(r.hook()); err != nil {
		return err
	}
	redirect := netlink.NewMirredAction(r.aside.Attrs().Index)
	return netlink.FilterAdd(&netlink.U32{Actions: []netlink.Action{redirect}, FilterAttrs: netlink.FilterAttrs{
		LinkIndex: r.link.Attrs().Index, Parent: netlink.HANDLE_MIN_EGRESS, Priority: 1, Protocol: unix.ETH_P_ALL}})
}

// hook is where the kernel lets frames of the link be led aside.
func (r *relay) hook() netlink.Qdisc {
	return &netlink.GenericQdisc{QdiscType: "clsact", QdiscAttrs: netlink.QdiscAttrs{LinkIndex: r.link.Attrs().Index,
		Handle: netlink.MakeHandle(0xffff, 0), Parent: netlink.HANDLE_CLSACT}}
}

func (r *relay) read(delay time.Duration, loss float64) {
	defer close(r.late)
	buffer := make([]byte, 128<<10)
	for !r.closed.Load() {
		n, from, err := unix.Recvfrom(r.in, buffer, 0)
		if err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
			return
		}
		sender, _ := from.(*unix.SockaddrLinklayer)
		if err != nil || sender != nil && sender.Pkttype == unix.PACKET_OUTGOING || rand.Float64()*100 < loss {
			continue
		}
		select {
		case r.late <- frame{time.Now().Add(delay), append([]byte(nil), buffer[:n]...)}:
		default:
		}
	}
}

func (r *relay) write() {
	defer r.release()
	for f := range r.late {
		time.Sleep(time.Until(f.due))
		if !r.closed.Load() {
			_, _ = unix.Write(r.out, f.data) // a link that has gone carries nothing
		}
	}
}

func (r *relay) release() {
	for _, fd := range []int{r.in, r.out} {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
}

// end has the link as it was.
func (r *relay) end() (err error) {
	r.closed.Store(true)
	_ = netlink.QdiscDel(r.hook()) // it may have gone with the link
	if r.aside != nil {
		err = netlink.LinkDel(r.aside)
	}
	return err
}
