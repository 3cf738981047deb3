package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Probe is a connection to be tried from a node.
type Probe struct {
	Network string `json:"network"`        // tcp or udp
	To      string `json:"to"`             // address:port
	From    string `json:"from,omitempty"` // an address that need not be the node's own; empty for that
}

// Outcome is how a probe ended.
type Outcome string

// The outcomes. Refused means that a packet went there and back: a closed port answers.
const (
	Opened  Outcome = "opened"
	Refused Outcome = "refused"
	Silent  Outcome = "silent" // nothing came back: it was dropped
	NoWay   Outcome = "no way" // no route
)

// Passed says whether packets went there and back.
func (o Outcome) Passed() bool { return o == Opened || o == Refused }

type probes struct {
	Probes []Probe       `json:"probes"`
	Wait   time.Duration `json:"wait"`
}

// Try has a node try connections, all at once; wait is how long each waits for an answer.
func (l *Link) Try(ctx context.Context, name string, ps []Probe, wait time.Duration) ([]Outcome, error) {
	var out []Outcome
	if err := l.Ask(ctx, name, askProbe, probes{ps, wait}, &out); err != nil {
		return nil, fmt.Errorf("probing from %s: %w", name, err)
	}
	return out, nil
}

func probeAll(ctx context.Context, body json.RawMessage) ([]Outcome, error) {
	var p probes
	if err := json.Unmarshal(body, &p); err != nil {
		return nil, err
	}
	out := make([]Outcome, len(p.Probes))
	room := make(chan struct{}, 256)
	var all sync.WaitGroup
	for i, q := range p.Probes {
		room <- struct{}{}
		all.Go(func() {
			defer func() { <-room }()
			out[i] = q.try(ctx, p.Wait)
		})
	}
	all.Wait()
	return out, nil
}

func (p Probe) try(ctx context.Context, wait time.Duration) Outcome {
	d := net.Dialer{Timeout: wait}
	if p.From != "" {
		d.Control = anyAddress
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(p.From)}
	}
	c, err := d.DialContext(ctx, p.Network, p.To)
	if err != nil {
		return outcome(err)
	}
	defer c.Close()
	if p.Network != "udp" {
		return Opened
	}
	_ = c.SetDeadline(time.Now().Add(wait))
	if _, err := c.Write([]byte{0}); err != nil {
		return outcome(err)
	}
	if _, err := c.Read(make([]byte, 512)); err != nil {
		return outcome(err)
	}
	return Opened
}

func outcome(err error) Outcome {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return NoWay
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return Silent
	}
	return Outcome(err.Error()) // something within the node itself: nobody expects it
}
