package provider

import (
	"errors"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/value"
)

// failed reports a failure to the engine in the protocol's form for it: something that exists but is not as requested
// goes into the state, and a lost answer takes the connection with it.
func (s *Server) failed(typ string, in value.Map, err error) error {
	var partial *front.Partial
	switch {
	case errors.Is(err, front.ErrLost):
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
