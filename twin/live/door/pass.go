//go:build unix

package door

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
)

// word is a message over the socket between the door and the node behind it. Each is a packet of its own, since several
// in a stream would be read in pieces.
type word struct {
	ID      int
	Address string `json:",omitempty"`
	Error   string `json:",omitempty"`
}

const longest = 4 << 10

// Pair makes the socket that Dialer and Answer talk over; the node's process inherits theirs.
func Pair() (ours *net.UnixConn, theirs *os.File, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("making the door's socket: %w", err)
	}
	for _, fd := range fds {
		syscall.CloseOnExec(fd)
	}
	f := os.NewFile(uintptr(fds[0]), "door")
	theirs = os.NewFile(uintptr(fds[1]), "door")
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		theirs.Close()
		return nil, nil, fmt.Errorf("making the door's socket: %w", err)
	}
	return c.(*net.UnixConn), theirs, nil
}

// Dial connects to an address as somebody on the other side does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Answer makes the connections that Dialers ask for, and hands out their sockets, until the socket closes.
func Answer(c *net.UnixConn, dial Dial) {
	b := make([]byte, longest)
	for {
		n, _, _, _, err := c.ReadMsgUnix(b, nil)
		if err != nil || n == 0 {
			return
		}
		var w word
		if json.Unmarshal(b[:n], &w) != nil {
			continue
		}
		go connect(c, w, dial)
	}
}

func connect(c *net.UnixConn, w word, dial Dial) {
	f, err := file(dial(context.Background(), "tcp", w.Address))
	reply := word{ID: w.ID}
	var rights []byte
	if err != nil {
		reply.Error = err.Error()
	} else {
		defer f.Close()
		rights = syscall.UnixRights(int(f.Fd()))
	}
	text, _ := json.Marshal(reply)
	_, _, _ = c.WriteMsgUnix(text, rights, nil) // if the door is gone nobody is waiting
}

func file(conn net.Conn, err error) (*os.File, error) {
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return nil, fmt.Errorf("a %T has no socket to hand out", conn)
	}
	return tcp.File()
}

// Dialer makes connections on the other side of the socket.
type Dialer struct {
	conn    *net.UnixConn
	mu      sync.Mutex
	last    int
	waiting map[int]chan result
	gone    error
}

type result struct {
	conn net.Conn
	err  error
}

// NewDialer reads the socket's answers until it closes.
func NewDialer(c *net.UnixConn) *Dialer {
	d := &Dialer{conn: c, waiting: map[int]chan result{}}
	go d.read()
	return d
}

// DialContext connects from the other side.
func (d *Dialer) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	got := make(chan result, 1)
	d.mu.Lock()
	if d.gone != nil {
		d.mu.Unlock()
		return nil, d.gone
	}
	d.last++
	id := d.last
	d.waiting[id] = got
	d.mu.Unlock()
	text, _ := json.Marshal(word{ID: id, Address: address})
	if _, err := d.conn.Write(text); err != nil {
		d.take(id)
		return nil, fmt.Errorf("asking for a connection: %w", err)
	}
	select {
	case r := <-got:
		return r.conn, r.err
	case <-ctx.Done():
		if d.take(id) == nil { // it was answered meanwhile
			if r := <-got; r.conn != nil {
				r.conn.Close()
			}
		}
		return nil, ctx.Err()
	}
}

func (d *Dialer) take(id int) chan result {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.waiting[id]
	delete(d.waiting, id)
	return c
}

func (d *Dialer) read() {
	b, rights := make([]byte, longest), make([]byte, 128)
	for {
		n, r, _, _, err := d.conn.ReadMsgUnix(b, rights)
		if err != nil || n == 0 {
			d.end()
			return
		}
		var w word
		parsed := json.Unmarshal(b[:n], &w) == nil
		conn, err := received(rights[:r])
		waiting := d.take(w.ID)
		switch {
		case !parsed || waiting == nil:
			if conn != nil {
				conn.Close()
			}
		case w.Error != "":
			waiting <- result{err: errors.New(w.Error)}
		default:
			waiting <- result{conn, err}
		}
	}
}

func (d *Dialer) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = errors.New("the living world has ended")
	for id, c := range d.waiting {
		delete(d.waiting, id)
		c <- result{err: d.gone}
	}
}

// received makes a connection of the socket that came with a word.
func received(rights []byte) (net.Conn, error) {
	if len(rights) == 0 {
		return nil, errors.New("no socket came with the answer")
	}
	messages, err := syscall.ParseSocketControlMessage(rights)
	if err != nil {
		return nil, fmt.Errorf("receiving a socket: %w", err)
	}
	var all []int
	for i := range messages {
		fds, err := syscall.ParseUnixRights(&messages[i])
		if err != nil {
			return nil, fmt.Errorf("receiving a socket: %w", err)
		}
		all = append(all, fds...)
	}
	if len(all) == 0 {
		return nil, errors.New("no socket came with the answer")
	}
	for _, fd := range all {
		syscall.CloseOnExec(fd)
	}
	f := os.NewFile(uintptr(all[0]), "connection")
	defer f.Close()
	return net.FileConn(f)
}
