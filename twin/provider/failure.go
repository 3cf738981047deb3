package provider

import (
	"context"
	"errors"
	"net"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/value"
)

// failed tells the engine of a failure in the form that the protocol has for it: what exists and is
// not as asked goes into the state, and a lost answer takes the connection with it.
func (s *Server) failed(ctx context.Context, typ string, in value.Map, err error) error {
	var partial *front.Partial
	switch {
	case errors.Is(err, front.ErrLost):
		if p, ok := peer.FromContext(ctx); ok {
			s.listener.cut(p.Addr)
		}
		return status.Error(codes.Unavailable, err.Error())
	case errors.As(err, &partial):
		return s.partial(typ, in, partial)
	}
	return rpcError(err)
}

func (s *Server) partial(typ string, in value.Map, p *front.Partial) error {
	properties, err := value.ToWire(s.withSecrets(typ, in, p.Object.Outputs))
	if err != nil {
		return rpcError(err)
	}
	inputs, err := value.ToWire(in)
	if err != nil {
		return rpcError(err)
	}
	detailed, err := status.New(codes.Unknown, p.Reason).WithDetails(&pulumirpc.ErrorResourceInitFailed{
		Id: p.Object.ID, Properties: properties, Inputs: inputs, Reasons: []string{p.Reason},
	})
	if err != nil {
		return rpcError(err)
	}
	return detailed.Err()
}

// listener remembers its connections, so that one can be cut.
type listener struct {
	net.Listener
	mu   sync.Mutex
	open map[string]net.Conn // by the caller's address
}

type connectionOf struct {
	net.Conn
	listener *listener
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[c.RemoteAddr().String()] = c
	return connectionOf{c, l}, nil
}

func (c connectionOf) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.open, c.RemoteAddr().String())
	c.listener.mu.Unlock()
	return c.Conn.Close()
}

// cut closes a caller's connection under it.
func (l *listener) cut(caller net.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.open[caller.String()]; c != nil {
		_ = c.Close()
	}
}
