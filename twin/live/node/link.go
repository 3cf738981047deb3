package node

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
)

// Message is what goes over a link: one JSON value a line.
type Message struct {
	Node  string          `json:"node,omitempty"` // to or from which node; empty is the world's own process
	Kind  string          `json:"kind"`
	ID    int             `json:"id,omitempty"` // of a request and of its answer
	Body  json.RawMessage `json:"body,omitempty"`
	Error string          `json:"error,omitempty"`
}

// The kinds of messages that are not events.
const (
	KindConfig = "config"
	KindAsk    = "ask"
	KindAnswer = "answer"
	KindEnd    = "end"

	askProbe = "probe"
)

type question struct {
	What string          `json:"what"`
	Body json.RawMessage `json:"body,omitempty"`
}

// Link is one end of a socket between processes of the living world.
type Link struct {
	conn net.Conn
	in   *bufio.Reader
	mu   sync.Mutex

	waiting map[int]chan Message
	last    int
	gone    bool
}

// NewLink is a link over a connection.
func NewLink(c net.Conn) *Link {
	return &Link{conn: c, in: bufio.NewReaderSize(c, 1<<16), waiting: map[int]chan Message{}}
}

// FileLink is a link over an inherited descriptor.
func FileLink(fd uintptr) (*Link, error) {
	f := os.NewFile(fd, "link")
	if f == nil {
		return nil, fmt.Errorf("descriptor %d was not inherited", fd)
	}
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, fmt.Errorf("descriptor %d is not a socket: %w", fd, err)
	}
	return NewLink(c), nil
}

// Pair makes a socket of which a child process inherits one end.
func Pair() (ours net.Conn, theirs *os.File, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|cloexec, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("making a socket pair: %w", err)
	}
	f := os.NewFile(uintptr(fds[0]), "ours")
	theirs = os.NewFile(uintptr(fds[1]), "theirs")
	defer f.Close()
	if ours, err = net.FileConn(f); err != nil {
		return nil, nil, errors.Join(err, theirs.Close())
	}
	return ours, theirs, nil
}

// Send writes a message.
func (l *Link) Send(m Message) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("writing a message: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err = l.conn.Write(append(b, '\n'))
	return err
}

// Receive reads the next message. Answers go to whoever asked.
func (l *Link) Receive() (Message, error) {
	for {
		line, err := l.in.ReadBytes('\n')
		if err != nil {
			l.fail()
			return Message{}, err
		}
		var m Message
		if err := json.Unmarshal(line, &m); err != nil {
			return m, fmt.Errorf("reading a message: %w", err)
		}
		if m.Kind != KindAnswer || !l.deliver(m) {
			return m, nil
		}
	}
}

func (l *Link) deliver(m Message) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.waiting[m.ID]
	if c == nil {
		return false
	}
	delete(l.waiting, m.ID)
	c <- m
	return true
}

func (l *Link) fail() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gone = true
	for id, c := range l.waiting {
		delete(l.waiting, id)
		c <- Message{Error: "the process is gone"}
	}
}

// Close closes the socket; the other end takes that as the end.
func (l *Link) Close() error { return l.conn.Close() }

// Configure gives a node its config and waits until it is applied.
func (l *Link) Configure(ctx context.Context, name string, c *Config) error {
	_, err := l.request(ctx, Message{Node: name, Kind: KindConfig, Body: encode(c)})
	return err
}

// Ask puts a question to a node; answer may be nil. Someone must be reading the link.
func (l *Link) Ask(ctx context.Context, name, what string, body, answer any) error {
	b, err := l.request(ctx, Message{Node: name, Kind: KindAsk, Body: encode(question{What: what, Body: encode(body)})})
	if err != nil || answer == nil || len(b) == 0 {
		return err
	}
	return json.Unmarshal(b, answer)
}

// End tells a node to end cleanly.
func (l *Link) End(name string) error { return l.Send(Message{Node: name, Kind: KindEnd}) }

func (l *Link) request(ctx context.Context, m Message) (json.RawMessage, error) {
	c := make(chan Message, 1)
	l.mu.Lock()
	if l.gone {
		l.mu.Unlock()
		return nil, errors.New("the process is gone")
	}
	l.last++
	m.ID = l.last
	l.waiting[m.ID] = c
	l.mu.Unlock()
	if err := l.Send(m); err != nil {
		return nil, err
	}
	select {
	case <-ctx.Done():
		l.mu.Lock()
		delete(l.waiting, m.ID)
		l.mu.Unlock()
		return nil, ctx.Err()
	case a := <-c:
		if a.Error != "" {
			return a.Body, errors.New(a.Error)
		}
		return a.Body, nil
	}
}

func encode(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("living world: %T cannot be written: %v", v, err)) // our own types, all of which can
	}
	return b
}
