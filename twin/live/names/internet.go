package names

import (
	"context"
	"net"
	"time"

	"github.com/causeway-iac/causeway/twin/live/door"
	"github.com/causeway-iac/causeway/twin/live/node"
)

// internet plays where visitors are: it answers public names, and makes connections for whoever comes through the door.
type internet struct {
	resolver
	port *node.Port
	open bool
}

// NewInternet plays a node of kind internet.
func NewInternet(p *node.Port) node.Player { return &internet{port: p} }

func (i *internet) Apply(ctx context.Context, c *node.Config) error {
	if err := i.resolver.Apply(ctx, c); err != nil {
		return err
	}
	if i.open || i.port == nil || i.port.Door == nil {
		return nil
	}
	visitor := c.Node().Address()
	dialer := &net.Dialer{Timeout: 10 * time.Second, Resolver: Resolver(at53(visitor)), LocalAddr: &net.TCPAddr{IP: visitor.AsSlice()}}
	go door.Answer(i.port.Door, dialer.DialContext)
	i.open = true
	return nil
}
