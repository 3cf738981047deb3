// Package provider serves one package (aws or cloudflare) of the twin over Pulumi's provider
// protocol.
package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"strings"
	"sync"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// Server answers for one provider.
type Server struct {
	pulumirpc.UnimplementedResourceProviderServer

	pkg      *facts.Package
	version  string
	brain    brain.Brain
	world    *front.Front
	grpc     *grpc.Server
	listener net.Listener

	mu     sync.Mutex
	latest *configuration
}

// messageLimit is the engine's own: 400 MB.
const messageLimit = 400 << 20

// Serve starts a server on 127.0.0.1. Port 0 takes a free one. version is the provider's, as plugin
// information gives it.
func Serve(pkg *facts.Package, version string, b brain.Brain, w *front.Front, port int) (*Server, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fmt.Errorf("serving the twin's %s provider: %w", pkg.Name, err)
	}
	s := &Server{pkg: pkg, version: version, brain: b, world: w, listener: l}
	s.grpc = grpc.NewServer(grpc.StatsHandler(connections{}), grpc.MaxRecvMsgSize(messageLimit), grpc.MaxSendMsgSize(messageLimit))
	pulumirpc.RegisterResourceProviderServer(s.grpc, s)
	go func() { _ = s.grpc.Serve(s.listener) }()
	return s, nil
}

// Port returns the port that the server listens on.
func (s *Server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Close stops the server.
func (s *Server) Close() { s.grpc.Stop() }

// Attach is called once the engine has connected.
func (s *Server) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Cancel is called when the engine gives up: nothing here takes long enough to be cut short.
func (s *Server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// GetPluginInfo returns the provider's version.
func (s *Server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: s.version}, nil
}

// CheckConfig validates a provider's settings.
func (s *Server) CheckConfig(_ context.Context, q *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	in := value.FromWire(q.News)
	failures := s.checkConfig(in)
	inputs, err := value.ToWire(asText(in))
	return &pulumirpc.CheckResponse{Inputs: inputs, Failures: wireFailures(failures)}, err
}

// DiffConfig compares a provider's settings. As in the real AWS provider, changing region or account does not replace the
// provider.
func (s *Server) DiffConfig(_ context.Context, q *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	old, news := value.FromWire(q.Olds), value.FromWire(q.News)
	r := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	keys := maps.Clone(old)
	maps.Copy(keys, news)
	for key := range keys {
		if !internalConfig(key) && value.Canonical(nested(old[key])) != value.Canonical(nested(news[key])) {
			r.Changes = pulumirpc.DiffResponse_DIFF_SOME
			r.Diffs = append(r.Diffs, key)
		}
	}
	return r, nil
}

// Configure takes a provider instance's settings.
func (s *Server) Configure(ctx context.Context, q *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	in := value.FromWire(q.Args)
	if len(in) == 0 {
		for key, text := range q.Variables {
			in[strings.TrimPrefix(key, s.pkg.Name+":config:")] = text
		}
	}
	c := readConfig(in)
	if s.pkg.Name == "aws" {
		if err := s.world.Claim(c.AllowedAccounts, c.ForbiddenAccounts); err != nil {
			return nil, status.Error(codes.InvalidArgument, err.Error())
		}
	}
	s.configure(ctx, c)
	s.world.Record(world.Event{Operation: "configure", Type: "pulumi:providers:" + s.pkg.Name, Answer: "ok"})
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, SupportsPreview: true, SupportsAutonamingConfiguration: true}, nil
}

// GetSchema is not needed by Go programs.
func (s *Server) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return nil, status.Errorf(codes.Unimplemented, "the twin's %s provider has no schema: use the SDK's", s.pkg.Name)
}

// Construct makes a provider's components, and neither of these has any.
func (s *Server) Construct(_ context.Context, q *pulumirpc.ConstructRequest) (*pulumirpc.ConstructResponse, error) {
	return nil, status.Errorf(codes.Unimplemented, "the twin's %s provider has no component %q", s.pkg.Name, q.Type)
}

// Call calls methods of resources, and no type here has any.
func (s *Server) Call(_ context.Context, q *pulumirpc.CallRequest) (*pulumirpc.CallResponse, error) {
	return nil, status.Errorf(codes.Unimplemented, "the twin's %s provider has no method %q", s.pkg.Name, q.Tok)
}

func wireFailures(failures []brain.Failure) (out []*pulumirpc.CheckFailure) {
	for _, f := range failures {
		out = append(out, &pulumirpc.CheckFailure{Property: f.Property, Reason: f.Reason})
	}
	return out
}

func failuresText(failures []brain.Failure) string {
	parts := make([]string, len(failures))
	for i, f := range failures {
		parts[i] = f.Property + ": " + f.Reason
	}
	return strings.Join(parts, "; ")
}

func rpcError(err error) error {
	var unknown *brain.UnknownTypeError
	if errors.As(err, &unknown) {
		return status.Error(codes.NotFound, err.Error())
	}
	return status.Error(codes.Unknown, err.Error())
}

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
