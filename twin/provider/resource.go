package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/shapes"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// typeOf returns the resource's type: the last of the chain in its URN.
func typeOf(urn, given string) string {
	if given != "" {
		return given
	}
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) < 4 {
		return ""
	}
	chain := strings.Split(parts[2], "$")
	return chain[len(chain)-1]
}

func nameOf(urn, given string) string {
	if given != "" {
		return given
	}
	parts := strings.SplitN(urn, "::", 4)
	return parts[len(parts)-1]
}

func (s *Server) record(operation, typ, urn, id string, err error) {
	answer := "ok"
	if err != nil {
		answer = err.Error()
	}
	s.world.Record(world.Event{Operation: operation, Type: typ, URN: urn, ID: id, Answer: answer})
}

// Check validates inputs and fills in defaults and names.
func (s *Server) Check(ctx context.Context, q *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	request := brain.CheckRequest{
		Type: typeOf(q.Urn, q.Type), Name: nameOf(q.Urn, q.Name),
		New: value.FromWire(q.News), Seed: q.RandomSeed, Naming: naming(q.Autonaming), Settings: s.config(ctx).Settings,
	}
	if q.Olds != nil {
		request.Old = value.FromWire(q.Olds)
	}
	result, err := s.brain.Check(ctx, request)
	if err == nil && len(result.Failures) > 0 {
		s.record("check", request.Type, q.Urn, "", fmt.Errorf("%s", failuresText(result.Failures)))
		return &pulumirpc.CheckResponse{Inputs: q.News, Failures: wireFailures(result.Failures)}, nil
	}
	s.record("check", request.Type, q.Urn, "", err)
	if err != nil {
		return nil, rpcError(err)
	}
	inputs, err := value.ToWire(result.Inputs)
	if err != nil {
		return nil, rpcError(err)
	}
	return &pulumirpc.CheckResponse{Inputs: inputs}, nil
}

func naming(o *pulumirpc.CheckRequest_AutonamingOptions) brain.Naming {
	if o == nil {
		return brain.Naming{}
	}
	n := brain.Naming{Proposed: o.ProposedName}
	switch o.Mode {
	case pulumirpc.CheckRequest_AutonamingOptions_PROPOSE:
		n.Mode = brain.NamingPropose
	case pulumirpc.CheckRequest_AutonamingOptions_ENFORCE:
		n.Mode = brain.NamingEnforce
	case pulumirpc.CheckRequest_AutonamingOptions_DISABLE:
		n.Mode = brain.NamingDisable
	}
	return n
}

// Diff compares what exists with checked inputs.
func (s *Server) Diff(ctx context.Context, q *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	typ := typeOf(q.Urn, q.Type)
	result, err := s.brain.Diff(ctx, brain.DiffRequest{
		Type: typ, ID: q.Id, Old: value.FromWire(q.Olds), OldInputs: value.FromWire(q.OldInputs), New: value.FromWire(q.News),
		IgnoreChanges: q.IgnoreChanges, Settings: s.config(ctx).Settings,
	})
	s.record("diff", typ, q.Urn, q.Id, err)
	if err != nil {
		return nil, rpcError(err)
	}
	return wireDiff(result), nil
}

func wireDiff(d brain.DiffResult) *pulumirpc.DiffResponse {
	r := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE, HasDetailedDiff: true,
		DetailedDiff: map[string]*pulumirpc.PropertyDiff{}}
	seen := map[string]bool{}
	for _, c := range d.Changes {
		r.Changes = pulumirpc.DiffResponse_DIFF_SOME
		r.DetailedDiff[c.Path] = &pulumirpc.PropertyDiff{Kind: wireKind(c)}
		root := c.Path
		if i := strings.IndexAny(root, ".["); i > 0 {
			root = root[:i]
		}
		if !seen[root] {
			r.Diffs = append(r.Diffs, root)
			seen[root] = true
		}
		if c.Replace {
			r.Replaces = append(r.Replaces, c.Path)
		}
	}
	r.DeleteBeforeReplace = d.DeleteBeforeReplace && len(r.Replaces) > 0
	return r
}

func wireKind(c brain.Change) pulumirpc.PropertyDiff_Kind {
	kinds := map[brain.ChangeKind][2]pulumirpc.PropertyDiff_Kind{
		brain.Add:    {pulumirpc.PropertyDiff_ADD, pulumirpc.PropertyDiff_ADD_REPLACE},
		brain.Delete: {pulumirpc.PropertyDiff_DELETE, pulumirpc.PropertyDiff_DELETE_REPLACE},
		brain.Update: {pulumirpc.PropertyDiff_UPDATE, pulumirpc.PropertyDiff_UPDATE_REPLACE},
	}
	if c.Replace {
		return kinds[c.Kind][1]
	}
	return kinds[c.Kind][0]
}

// Create makes a resource, or says what it would be.
func (s *Server) Create(ctx context.Context, q *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	typ, in, settings := typeOf(q.Urn, q.Type), value.FromWire(q.Properties), s.config(ctx).Settings
	plan, err := s.brain.Plan(ctx, brain.PlanRequest{Type: typ, New: in, Settings: settings})
	if err != nil {
		return nil, rpcError(err)
	}
	if q.Preview {
		s.record("preview-create", typ, q.Urn, "", nil)
		properties, err := value.ToWire(identified(s.withSecrets(typ, in, s.ordered(typ, plan)), value.Unknown{}))
		return &pulumirpc.CreateResponse{Properties: properties}, err
	}
	o, err := s.world.Create(ctx, world.Request{Type: typ, URN: q.Urn, Region: settings.Region, Inputs: value.RevealMap(in), Planned: plan,
		Timeout: time.Duration(q.Timeout * float64(time.Second))})
	if err != nil {
		return nil, s.failed(typ, in, err)
	}
	properties, err := value.ToWire(identified(s.withSecrets(typ, in, s.full(typ, o.Outputs, shapes.Made)), o.ID))
	return &pulumirpc.CreateResponse{Id: o.ID, Properties: properties}, err
}

// Update changes a resource, or says what it would be.
func (s *Server) Update(ctx context.Context, q *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	typ, in, settings := typeOf(q.Urn, q.Type), value.FromWire(q.News), s.config(ctx).Settings
	old := value.FromWire(q.Olds)
	plan, err := s.brain.Plan(ctx, brain.PlanRequest{Type: typ, ID: q.Id, Old: old, New: in, Settings: settings})
	if err != nil {
		return nil, rpcError(err)
	}
	if q.Preview {
		s.record("preview-update", typ, q.Urn, q.Id, nil)
		properties, err := value.ToWire(identified(s.withSecrets(typ, in, s.ordered(typ, plan)), q.Id))
		return &pulumirpc.UpdateResponse{Properties: properties}, err
	}
	o, err := s.world.Update(ctx, world.Request{Type: typ, URN: q.Urn, ID: q.Id, State: s.bare(typ, value.RevealMap(old)),
		Region: settings.Region, Inputs: value.RevealMap(in), Planned: s.bare(typ, plan)})
	if err != nil {
		return nil, s.failed(typ, in, err)
	}
	properties, err := value.ToWire(identified(s.withSecrets(typ, in, s.full(typ, o.Outputs, shapes.Made)), q.Id))
	return &pulumirpc.UpdateResponse{Properties: properties}, err
}

// Read returns what exists now, for a refresh (inputs are given), an import or a lookup by id.
func (s *Server) Read(ctx context.Context, q *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	typ := typeOf(q.Urn, q.Type)
	r, known := s.pkg.Resources[typ]
	if !known {
		_, err := s.brain.Plan(ctx, brain.PlanRequest{Type: typ})
		return nil, rpcError(err)
	}
	o, err := s.world.Read(ctx, world.Request{Type: typ, URN: q.Urn, ID: q.Id, State: state(q.Properties), Region: s.config(ctx).Region})
	s.record("read", typ, q.Urn, q.Id, err)
	if err != nil {
		return nil, s.failed(typ, nil, err)
	}
	if o == nil {
		return &pulumirpc.ReadResponse{}, nil
	}
	var before value.Map
	if len(q.Inputs.GetFields()) > 0 {
		before = value.FromWire(q.Inputs)
	}
	in := brain.Inputs(r, s.ordered(typ, o.Outputs), before)
	inputs, err := value.ToWire(in)
	if err != nil {
		return nil, rpcError(err)
	}
	properties, err := value.ToWire(identified(s.withSecrets(typ, in, s.full(typ, o.Outputs, shapes.Read)), o.ID))
	return &pulumirpc.ReadResponse{Id: o.ID, Properties: properties, Inputs: inputs}, err
}

// full is outputs as the real provider gives them; bare is what of them the world goes by.
func (s *Server) full(typ string, outputs value.Map, stage shapes.Stage) value.Map {
	return shapes.Full(s.pkg.Resources[typ], outputs, stage)
}

func (s *Server) bare(typ string, outputs value.Map) value.Map {
	return shapes.Bare(s.pkg.Resources[typ], outputs)
}

func (s *Server) ordered(typ string, properties value.Map) value.Map {
	return shapes.Ordered(s.pkg.Resources[typ], properties)
}

// identified puts the id among the outputs, as the bridged providers do: where the engine shows only a resource's
// outputs, it could be found nowhere else.
func identified(out value.Map, id any) value.Map {
	out["id"] = id
	return out
}

// Delete removes a resource.
func (s *Server) Delete(ctx context.Context, q *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	typ := typeOf(q.Urn, q.Type)
	if _, known := s.pkg.Resources[typ]; !known {
		_, err := s.brain.Plan(ctx, brain.PlanRequest{Type: typ})
		return nil, rpcError(err)
	}
	if err := s.world.Delete(ctx, world.Request{Type: typ, URN: q.Urn, ID: q.Id, State: state(q.Properties), Region: s.config(ctx).
		Region}); err != nil {
		return nil, s.failed(typ, nil, err)
	}
	return &emptypb.Empty{}, nil
}

func state(s *structpb.Struct) value.Map { return value.RevealMap(value.FromWire(s)) }

// withSecrets marks the outputs that are secret: those that the provider always marks, were they null, and those
// whose inputs are.
func (s *Server) withSecrets(typ string, in, out value.Map) value.Map {
	r := s.pkg.Resources[typ]
	marked := make(value.Map, len(out))
	for name, v := range out {
		marked[name] = value.Reveal(v)
		if p := r.Properties[name]; (p != nil && p.Sensitive) || value.HasSecret(in[name]) {
			marked[name] = value.Secret{Value: marked[name]}
		}
	}
	for _, name := range r.SecretOutputs {
		marked[name] = value.Secret{Value: value.Reveal(marked[name])}
	}
	return marked
}
