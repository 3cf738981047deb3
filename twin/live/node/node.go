// Package node is what the processes of the living world have in common: how one is told what it plays, over an inherited
// socket, and what it reports.
package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Config is what a node is told: before it plays, and again whenever something in it has changed.
type Config struct {
	Name string            `json:"name"`
	Plan *plan.Plan        `json:"plan"`           // the part that it may know
	Dir  string            `json:"dir"`            // a directory of its own on the host, already made, for what is kept
	Keep map[string][]byte `json:"keep,omitempty"` // certificates, keys, secrets: what it alone may have
}

// Node is the node's own entry of the plan.
func (c *Config) Node() *plan.Node { return c.Plan.Node(c.Name) }

// Player plays a node. Its calls come one at a time, except Ask.
type Player interface {
	// Apply applies the config. The first call comes when the interfaces are up, and returns when the node can be used. A
	// later one changes what has changed and disturbs nothing else.
	Apply(ctx context.Context, c *Config) error
	// Ask answers a request from outside, such as a fault.
	Ask(ctx context.Context, what string, body json.RawMessage) (any, error)
	// Close ends cleanly. The process is gone within a few seconds in any case.
	Close(ctx context.Context) error
}

// Port is a node's way to the outside.
type Port struct {
	Name string
	Door *net.UnixConn // of the internet node alone: descriptor 4
	link *Link
}

// NewPort makes one over a link; tests supply their own.
func NewPort(name string, l *Link) *Port { return &Port{Name: name, link: l} }

// Say reports an event, one of event.go. It never waits for an answer.
func (p *Port) Say(event any) {
	if p == nil || p.link == nil {
		return
	}
	_ = p.link.Send(Message{Kind: Kind(event), Body: encode(event)}) // if nobody can be told the world is gone, and so are we
}

// Relay passes a message on unchanged: the world's process does so for its nodes.
func (p *Port) Relay(m Message) { _ = p.link.Send(m) }

// Role is what a process does: Prepare sees each config before the player does, and Relay gets the messages for other
// nodes.
type Role struct {
	Player  Player
	Prepare func(*Config) error
	Relay   func(Message)
}

// Run plays over descriptor 3 until the socket closes or it is told to end.
func Run(name string, role func(*Port) (Role, error)) error {
	link, err := FileLink(3)
	if err != nil {
		return fmt.Errorf("starting %s: %w", name, err)
	}
	port := NewPort(name, link)
	if f := os.NewFile(4, "door"); f != nil {
		if c, err := net.FileConn(f); err == nil {
			port.Door, _ = c.(*net.UnixConn)
		}
		_ = f.Close()
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	r := &runner{port: port}
	if r.role, err = role(port); err != nil {
		return err
	}
	return r.run(ctx)
}

type runner struct {
	port  *Port
	role  Role
	asked sync.WaitGroup
}

// How long a clean end may take: when it was asked for, and when the world's master is gone.
const (
	patience = 10 * time.Second
	haste    = 1500 * time.Millisecond
)

func (r *runner) run(ctx context.Context) error {
	messages := make(chan Message)
	ended := make(chan error, 1)
	go func() {
		for {
			m, err := r.port.link.Receive()
			if err != nil {
				ended <- err
				return
			}
			messages <- m
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return r.close(patience)
		case err := <-ended:
			return errors.Join(r.close(haste), ignoreEOF(err))
		case m := <-messages:
			switch {
			case m.Node != "" && r.role.Relay != nil:
				r.role.Relay(m)
			case m.Kind == KindEnd:
				return r.close(patience)
			default:
				r.handle(ctx, m)
			}
		}
	}
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (r *runner) close(within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	return r.role.Player.Close(ctx)
}

func (r *runner) handle(ctx context.Context, m Message) {
	switch m.Kind {
	case KindConfig:
		c := &Config{}
		err := json.Unmarshal(m.Body, c)
		if err == nil && r.role.Prepare != nil {
			err = r.role.Prepare(c)
		}
		if err == nil {
			err = r.role.Player.Apply(ctx, c)
		}
		r.answer(m, nil, err)
	case KindAsk:
		r.asked.Go(func() {
			var q question
			err := json.Unmarshal(m.Body, &q)
			var answer any
			if err == nil && q.What == askProbe {
				answer, err = probeAll(ctx, q.Body)
			} else if err == nil {
				answer, err = r.role.Player.Ask(ctx, q.What, q.Body)
			}
			r.answer(m, answer, err)
		})
	}
}

func (r *runner) answer(m Message, body any, err error) {
	a := Message{Kind: KindAnswer, ID: m.ID, Body: encode(body)}
	if err != nil {
		a.Error = err.Error()
	}
	_ = r.port.link.Send(a)
}
