package pack

import (
	"errors"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/causeway-iac/causeway/graph"
)

const providerType = "pulumi:providers:"

// resource is one resource of the stack. Its outputs are what the engine shows at the end; its inputs are what it showed
// before, for all resources except those that are only read.
func (s *Server) resource(shown *pulumirpc.AnalyzerResource) (*graph.Resource, error) {
	urn := resource.URN(shown.Urn)
	if !urn.IsValid() {
		return nil, errors.New("this is not the URN of a resource")
	}
	r := &graph.Resource{
		URN: shown.Urn, Type: string(urn.Type()), Name: urn.Name(), Parent: shown.Parent,
		Custom:  shown.Provider != nil || strings.HasPrefix(string(urn.Type()), providerType),
		Protect: shown.Options.GetProtect(), IgnoreChanges: shown.Options.GetIgnoreChanges(),
		Dependencies: sorted(shown.Dependencies), PropertyDependencies: map[string][]string{},
		Provider: shown.Provider.GetUrn(),
	}
	for property, sources := range shown.PropertyDependencies {
		r.PropertyDependencies[property] = sorted(sources.Urns)
	}
	var err error
	if r.Outputs, err = properties(shown.Properties); err != nil {
		return nil, err
	}
	asked := s.asked[shown.Urn]
	if r.Inputs, err = properties(asked.GetProperties()); err != nil {
		return nil, err
	}
	switch {
	case !r.Custom:
		if s.preview {
			r.Outputs = map[string]any{} // at most the old ones
		}
		return r, nil
	case strings.HasPrefix(r.Type, providerType):
		return r, nil
	}
	return r, s.exists(r, asked != nil)
}

// exists fills in what tells whether a resource exists. What the engine showed before tells whether it was asked for.
func (s *Server) exists(r *graph.Resource, asked bool) error {
	switch {
	case !asked && len(r.PropertyDependencies) > 0:
		return errors.New("its inputs were not shown, as if the operation were limited to some targets: run it without --target")
	case asked && len(r.Inputs) == 0 && len(r.Outputs) == 0:
		return errors.New("nothing of it was shown, as if the operation were limited to some targets: run it without --target")
	}
	r.External = !asked
	r.ID, _ = r.Outputs["id"].(string)
	withoutAnswers(r)
	if r.Planned = s.preview && r.ID == ""; r.Planned {
		r.Outputs = map[string]any{} // predicted, and mostly unknown: nothing of it was asked for
	}
	return nil
}

// answers are where a refreshed state repeats the rules, routes and entries that the cloud has. One that no resource
// declares may have been made by hand, or be what this very operation removes, of which the engine shows nothing: the
// pack judges what is declared.
var answers = map[string][]string{
	"aws:ec2/securityGroup:SecurityGroup":               {"ingress", "egress"},
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {"ingress", "egress"},
	"aws:ec2/networkAcl:NetworkAcl":                     {"ingress", "egress"},
	"aws:ec2/defaultNetworkAcl:DefaultNetworkAcl":       {"ingress", "egress"},
	"aws:ec2/routeTable:RouteTable":                     {"routes"},
	"aws:ec2/defaultRouteTable:DefaultRouteTable":       {"routes"},
}

func withoutAnswers(r *graph.Resource) {
	for _, property := range answers[r.Type] {
		if _, asked := r.Inputs[property]; !asked {
			delete(r.Outputs, property)
		}
	}
}

func sorted(urns []string) []string {
	all := append([]string{}, urns...)
	slices.Sort(all)
	return all
}

func properties(sent *structpb.Struct) (map[string]any, error) {
	if sent == nil {
		return map[string]any{}, nil
	}
	return graph.DecodeProperties(sent.AsMap())
}
