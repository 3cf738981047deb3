package names

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/causeway-iac/causeway/twin/live/node"
)

// resolver plays the VPC's resolver.
type resolver struct {
	server Server
	begun  bool
}

// NewResolver plays a node of kind resolver.
func NewResolver(*node.Port) node.Player { return &resolver{server: Server{inside: true}} }

func (r *resolver) Apply(_ context.Context, c *node.Config) error {
	if err := r.server.Update(c); err != nil {
		return err
	}
	return r.begin(c)
}

func (r *resolver) begin(c *node.Config) error {
	if r.begun {
		return nil
	}
	for _, a := range listening(c) {
		if err := r.server.Listen(at53(a)); err != nil {
			return err
		}
	}
	r.begun = true
	return nil
}

func (r *resolver) Ask(_ context.Context, what string, _ json.RawMessage) (any, error) {
	return nil, fmt.Errorf("the resolver has no answer to %s", what)
}

func (r *resolver) Close(context.Context) error { return r.server.Close() }
