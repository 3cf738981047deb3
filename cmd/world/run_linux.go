package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/causeway-iac/causeway/twin/live/balance"
	"github.com/causeway-iac/causeway/twin/live/cloudapi"
	"github.com/causeway-iac/causeway/twin/live/data"
	"github.com/causeway-iac/causeway/twin/live/edge"
	"github.com/causeway-iac/causeway/twin/live/gate"
	"github.com/causeway-iac/causeway/twin/live/machine"
	"github.com/causeway-iac/causeway/twin/live/names"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/tree"
	"github.com/causeway-iac/causeway/twin/live/wire"
)

const usage = "this is started by causeway live, and does nothing by itself"

func run(args []string) error {
	if name := filepath.Base(args[0]); machine.Plays(name) {
		os.Exit(machine.Shim(name, args[1:]))
	}
	switch {
	case len(args) == 2 && args[1] == "world":
		return world()
	case len(args) == 4 && args[1] == "node":
		return play(plan.Kind(args[2]), args[3])
	case len(args) == 4 && args[1] == data.FetchCommand:
		major, err := strconv.Atoi(args[2])
		if err != nil {
			return errors.New(usage)
		}
		go func() { _, _ = io.Copy(io.Discard, os.Stdin); os.Exit(1) }() // who asked for it has ended
		return data.Fetch(major, args[3])
	}
	return errors.New(usage)
}

func world() error {
	return node.Run("the world", func(p *node.Port) (node.Role, error) {
		w, err := tree.New(p)
		if err != nil {
			return node.Role{}, err
		}
		return node.Role{Player: w, Relay: w.Relay}, nil
	})
}

// players say who plays each kind of node.
var players = map[plan.Kind]func(*node.Port) node.Player{
	plan.KindMachine:  machine.New,
	plan.KindBalancer: balance.New,
	plan.KindDatabase: data.New,
	plan.KindNAT:      func(*node.Port) node.Player { return nat{} },
	plan.KindCloud:    cloudapi.New,
	plan.KindResolver: names.NewResolver,
	plan.KindInternet: names.NewInternet,
	plan.KindEdge:     edge.New,
	plan.KindIdle:     func(*node.Port) node.Player { return idle{} },
}

func play(kind plan.Kind, name string) error {
	if err := tree.Private(); err != nil {
		return err
	}
	if err := syscall.Sethostname([]byte(name)); err != nil {
		return fmt.Errorf("naming the machine: %w", err)
	}
	make := players[kind]
	if make == nil {
		return fmt.Errorf("nobody can play a node of the kind %q", kind)
	}
	return node.Run(name, func(p *node.Port) (node.Role, error) {
		return node.Role{Player: make(p), Prepare: func(c *node.Config) error { return wire.Prepare(c.Plan, c.Node()) }}, nil
	})
}

// idle plays nothing.
type idle struct{}

func (idle) Apply(context.Context, *node.Config) error { return nil }
func (idle) Ask(_ context.Context, what string, _ json.RawMessage) (any, error) {
	return nil, fmt.Errorf("this node does not know %q", what)
}
func (idle) Close(context.Context) error { return nil }

// nat is a NAT gateway.
type nat struct{ idle }

func (nat) Apply(_ context.Context, c *node.Config) error { return gate.Masquerade(c.Node().Address()) }
