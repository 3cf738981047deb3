// Package pack serves the proofs to Pulumi's engine as a policy pack: what `causeway verify` decides, in every `pulumi
// preview` and `pulumi up` that names the pack.
//
// The engine shows each resource's inputs before it is made (Analyze), and all resources with their outputs at the end of
// a preview or a deployment (AnalyzeStack). There the pack decides, about the whole stack. Everything it finds is
// mandatory, and cannot be configured away. It fails closed: what it was not shown, cannot read or cannot decide fails
// the operation. Only one thing is reported without failing: in a preview, what cannot be known until the deployment has
// made it. The deployment's end decides it.
package pack

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/controls"
	"github.com/causeway-iac/causeway/proof/invariants"
	"github.com/causeway-iac/causeway/proof/report"
)

// Server is a policy pack. The engine may call it concurrently.
type Server struct {
	// Methods that a later protocol adds are answered with Unimplemented, which the engine may take for consent: a new
	// version of the SDK needs a look at what they ask.
	pulumirpc.UnimplementedAnalyzerServer

	now      func() time.Time
	deployed Deployed
	gates    []Gate

	mu        sync.Mutex
	operation Operation
	preview   bool
	asked     map[string]*pulumirpc.AnalyzeRequest // by URN
	before    *graph.Graph                         // the stack as it was, where a waiver of it has ended
}

// Deployed is the stack as it is deployed, which the engine shows no pack.
type Deployed func(ctx context.Context, of Operation) (*graph.Graph, error)

// Operation is what the engine was asked to do, and for which stack. Config is the stack's settings as they stand in its
// file, such as "causeway:protect".
type Operation struct {
	Organization, Project, Stack string
	Config                       map[string]string
}

// Gate judges a preview by more than what the stack would be. What it finds broken fails the preview; what it finds
// waived is reported. An error fails the preview too.
type Gate struct {
	Policy report.Finding
	Judge  func(ctx context.Context, of Operation, after *graph.Graph) ([]report.Finding, error)
}

// New is a pack that has not been shown anything.
func New(deployed Deployed, gates ...Gate) *Server {
	return &Server{now: time.Now, deployed: deployed, gates: gates, asked: map[string]*pulumirpc.AnalyzeRequest{}}
}

// Handshake is the engine's first call.
func (s *Server) Handshake(context.Context, *pulumirpc.AnalyzerHandshakeRequest) (*pulumirpc.AnalyzerHandshakeResponse, error) {
	return &pulumirpc.AnalyzerHandshakeResponse{}, nil
}

// ConfigureStack says whether this is a preview. What was shown before belongs to another operation.
func (s *Server) ConfigureStack(_ context.Context,
	q *pulumirpc.AnalyzerStackConfigureRequest) (*pulumirpc.AnalyzerStackConfigureResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.preview = q.DryRun
	s.operation = Operation{Organization: q.Organization, Project: q.Project, Stack: q.Stack, Config: q.Config}
	clear(s.asked)
	s.before = nil
	return &pulumirpc.AnalyzerStackConfigureResponse{}, nil
}

// Configure refuses: a pack that can be configured can be switched off.
func (s *Server) Configure(_ context.Context, q *pulumirpc.ConfigureAnalyzerRequest) (*emptypb.Empty, error) {
	if len(q.PolicyConfig) > 0 {
		return nil,
			status.Error(codes.InvalidArgument, "the pack takes no configuration: what is meant to be broken is waived by a tag, with a "+
				"reason and a day on which it ends")
	}
	return &emptypb.Empty{}, nil
}

// Analyze records what a resource is asked to be. One resource decides nothing by itself.
func (s *Server) Analyze(ctx context.Context, q *pulumirpc.AnalyzeRequest) (*pulumirpc.AnalyzeResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[q.Urn] = q
	if s.before == nil && s.deployed != nil && carriesEnded(q, s.now()) {
		s.before, _ = s.deployed(ctx, s.operation) // what cannot be read excuses nothing
	}
	return &pulumirpc.AnalyzeResponse{}, nil
}

// Remediate changes nothing.
func (s *Server) Remediate(context.Context, *pulumirpc.AnalyzeRequest) (*pulumirpc.RemediateResponse, error) {
	return &pulumirpc.RemediateResponse{}, nil
}

// AnalyzeStack decides everything about the stack. A stack that cannot be read whole is an error, and so is a panic:
// either fails the operation.
func (s *Server) AnalyzeStack(ctx context.Context, q *pulumirpc.AnalyzeStackRequest) (response *pulumirpc.AnalyzeResponse, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		if panicked := recover(); panicked != nil {
			err = status.Errorf(codes.Internal, "causeway: nothing was decided, for an error of its own: %v\n%s", panicked, debug.Stack())
		}
	}()
	if len(q.Resources) == 0 {
		return &pulumirpc.AnalyzeResponse{}, nil // nothing is left of the stack
	}
	g, err := s.graph(q.Resources)
	if err != nil {
		return nil, status.Errorf(codes.FailedPrecondition, "causeway: nothing was decided: %v", err)
	}
	response = s.answer(g, proof.Verify(g, s.source(), s.now()), s.standing())
	if !s.preview {
		return response, nil // what it did cannot be undone
	}
	for _, gate := range s.gates {
		findings, err := gate.Judge(ctx, s.operation, g)
		if err != nil {
			return nil, status.Errorf(codes.FailedPrecondition, "causeway: %s was not decided: %v", gate.Policy.ID, err)
		}
		for _, f := range findings {
			d := s.violation(g, f)
			if !f.Verdict.Fails() {
				d.EnforcementLevel = pulumirpc.EnforcementLevel_ADVISORY
			}
			response.Diagnostics = append(response.Diagnostics, d)
		}
	}
	return response, nil
}

func (s *Server) source() report.Source {
	if s.preview {
		return report.FromPreview
	}
	return report.FromState
}

// Cancel has nothing to stop: a decision takes a fraction of a second.
func (s *Server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// GetPluginInfo is the pack's version.
func (s *Server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version}, nil
}

// graph is the stack as the engine showed it: the outputs at the end, and the inputs before.
func (s *Server) graph(shown []*pulumirpc.AnalyzerResource) (*graph.Graph, error) {
	resources := make([]*graph.Resource, len(shown))
	for i, r := range shown {
		var err error
		if resources[i], err = s.resource(r); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Urn, err)
		}
	}
	return graph.New(resources)
}

const (
	name    = "causeway"
	version = "1.0.0" // of the set of policies: it changes when they do
)

// waivers is the check of the waivers themselves.
var waivers = report.Finding{ID: report.WaiverID, Title: report.WaiverTitle, Severity: report.Medium}

// GetAnalyzerInfo lists the policies: each invariant and each control, all of them about the whole stack and mandatory.
func (s *Server) GetAnalyzerInfo(context.Context, *emptypb.Empty) (*pulumirpc.AnalyzerInfo, error) {
	info := &pulumirpc.AnalyzerInfo{
		Name: name, DisplayName: "Causeway", Version: version, Provider: "AWS",
		Description: "what may reach what, the platform's invariants, and the controls of FSBP, CIS and the scanners",
	}
	for _, i := range invariants.All {
		info.Policies = append(info.Policies, policy(report.Finding{ID: i.ID, Title: i.Title, Severity: i.Severity}, ""))
	}
	for _, c := range controls.All {
		info.Policies = append(info.Policies, policy(report.Finding{ID: c.ID(), Title: c.Title, Severity: c.Severity}, c.Remedy))
	}
	info.Policies = append(info.Policies, policy(waivers, ""))
	for _, gate := range s.gates {
		info.Policies = append(info.Policies, policy(gate.Policy, gate.Policy.Remedy))
	}
	return info, nil
}

func policy(f report.Finding, remedy string) *pulumirpc.PolicyInfo {
	return &pulumirpc.PolicyInfo{
		Name: f.ID, DisplayName: f.Title, Description: f.Title + ".", PolicyType: pulumirpc.PolicyType_POLICY_TYPE_STACK,
		EnforcementLevel: pulumirpc.EnforcementLevel_MANDATORY, Severity: severities[f.Severity], RemediationSteps: remedy,
	}
}
