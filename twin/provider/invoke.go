package provider

import (
	"context"
	"errors"
	"fmt"
	"sort"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// Invoke answers a function (a data source).
func (s *Server) Invoke(ctx context.Context, q *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	f, known := s.pkg.Functions[q.Tok]
	if !known {
		message := fmt.Sprintf("the twin does not know the function %q", q.Tok)
		if near := facts.Nearest(q.Tok, s.pkg.Functions); near != "" {
			message += fmt.Sprintf(" (the nearest that it knows is %q)", near)
		}
		return nil, status.Error(codes.NotFound, message)
	}
	args := value.RevealMap(value.FromWire(q.Args))
	if failures := checkArguments(f, args); len(failures) > 0 {
		return &pulumirpc.InvokeResponse{Failures: wireFailures(failures)}, nil
	}
	settings := s.config(ctx).Settings
	result, err := s.world.Invoke(ctx, world.Query{Function: q.Tok, Region: settings.Region, DefaultTags: settings.DefaultTags, Args: args})
	s.record("invoke", q.Tok, "", "", err)
	if err != nil {
		if errors.Is(err, front.ErrLost) {
			return nil, s.failed(q.Tok, nil, err)
		}
		return nil, status.Error(codes.Unknown, fmt.Sprintf("invoking %s: %v", q.Tok, err))
	}
	properties, err := value.ToWire(result)
	return &pulumirpc.InvokeResponse{Return: properties}, err
}

func checkArguments(f *facts.Function, args value.Map) (failures []brain.Failure) {
	inputs := map[string]bool{}
	for name, p := range f.Properties {
		if p.Input() {
			inputs[name] = true
		}
		if p.Required && args[name] == nil {
			failures = append(failures, brain.Failure{Property: name,
				Reason: fmt.Sprintf("missing required argument %q of %s", name, f.Token)})
		}
	}
	for name := range args {
		if name == "id" || inputs[name] {
			continue
		}
		reason := fmt.Sprintf("%s has no argument %q", f.Token, name)
		if near := facts.Nearest(name, inputs); near != "" {
			reason += fmt.Sprintf("; the nearest is %q", near)
		}
		failures = append(failures, brain.Failure{Property: name, Reason: reason})
	}
	sort.Slice(failures, func(i, j int) bool { return failures[i].Property < failures[j].Property })
	return failures
}
