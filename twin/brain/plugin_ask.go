package brain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/causeway-iac/causeway/twin/value"
)

// answerTimeout is how long one answer may take: the slowest, a comparison of a large web ACL, takes
// seconds.
const answerTimeout = 2 * time.Minute

// ErrSilent says that the provider did not answer in time.
var ErrSilent = errors.New("the provider does not answer")

// ErrNoSuchType says that this version of the provider does not have a type.
var ErrNoSuchType = errors.New("the provider does not know the resource type")

// Check implements Brain.
func (p *Plugin) Check(ctx context.Context, q CheckRequest) (r CheckResult, err error) {
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	provider, err := p.process(ctx, q.Settings)
	if err != nil {
		return r, err
	}
	request := &pulumirpc.CheckRequest{Urn: typeOnly(q.Type, q.Name), Type: q.Type, Name: q.Name, RandomSeed: q.Seed,
		Autonaming: q.Naming.wire()}
	err = p.translated(func(t *translation) error {
		if request.News, err = t.write(q.New); err != nil {
			return err
		}
		if q.Old != nil {
			if request.Olds, err = t.write(q.Old); err != nil {
				return err
			}
		}
		answer, err := provider.Check(ctx, request)
		if err != nil {
			return provider.failed(q.Type, err)
		}
		for _, f := range answer.Failures {
			r.Failures = append(r.Failures, Failure{Property: f.Property, Reason: f.Reason})
		}
		r.Inputs, _ = hideAgain(t.read(answer.Inputs), q.New).(value.Map)
		return nil
	})
	sort.SliceStable(r.Failures, func(i, j int) bool { return r.Failures[i].Property < r.Failures[j].Property })
	return r, err
}

// wire is the form in which a provider receives the engine's autonaming.
func (n Naming) wire() *pulumirpc.CheckRequest_AutonamingOptions {
	modes := map[NamingMode]pulumirpc.CheckRequest_AutonamingOptions_Mode{
		NamingPropose: pulumirpc.CheckRequest_AutonamingOptions_PROPOSE,
		NamingEnforce: pulumirpc.CheckRequest_AutonamingOptions_ENFORCE,
		NamingDisable: pulumirpc.CheckRequest_AutonamingOptions_DISABLE,
	}
	mode, configured := modes[n.Mode]
	if !configured {
		return nil
	}
	return &pulumirpc.CheckRequest_AutonamingOptions{ProposedName: n.Proposed, Mode: mode}
}

// hideAgain marks as secret what the provider was given in the clear: it takes no secrets.
func hideAgain(v, like any) any {
	if s, secret := like.(value.Secret); secret {
		if _, already := v.(value.Secret); already {
			return v
		}
		return value.Secret{Value: hideAgain(v, s.Value)}
	}
	switch x := v.(type) {
	case value.Map:
		m, _ := like.(value.Map)
		for k := range x {
			if m[k] != nil {
				x[k] = hideAgain(x[k], m[k])
			}
		}
	case []any:
		l, _ := like.([]any)
		for i := range x {
			if i < len(l) {
				x[i] = hideAgain(x[i], l[i])
			}
		}
	}
	return v
}

// Diff implements Brain.
func (p *Plugin) Diff(ctx context.Context, q DiffRequest) (r DiffResult, err error) {
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	provider, err := p.process(ctx, q.Settings)
	if err != nil {
		return r, err
	}
	request := &pulumirpc.DiffRequest{Id: q.ID, Urn: typeOnly(q.Type, ""), Type: q.Type, IgnoreChanges: q.IgnoreChanges}
	err = p.translated(func(t *translation) error {
		for _, part := range []struct {
			to   **structpb.Struct
			from value.Map
		}{{&request.Olds, q.Old}, {&request.OldInputs, q.OldInputs}, {&request.News, q.New}} {
			if *part.to, err = t.write(part.from); err != nil {
				return err
			}
		}
		answer, err := provider.Diff(ctx, request)
		if err != nil {
			return provider.failed(q.Type, err)
		}
		r = readDiff(answer, differing(q))
		return nil
	})
	return r, err
}

// readDiff reads what changes. Where a missing value becomes unknown, the provider says that something changes but not
// what: suspects are the properties it could be.
func readDiff(answer *pulumirpc.DiffResponse, suspects []string) DiffResult {
	r := DiffResult{DeleteBeforeReplace: answer.DeleteBeforeReplace}
	replaces := map[string]bool{}
	somethingReplaces := false // the provider notes for itself what it is
	for _, path := range answer.Replaces {
		replaces[path] = true
		somethingReplaces = somethingReplaces || isInternal(path)
	}
	detailed := map[string]bool{}
	add := func(c Change) {
		r.Changes = append(r.Changes, c)
		detailed[root(c.Path)] = true
	}
	for path, d := range answer.DetailedDiff {
		add(readChange(path, d.Kind, replaces[path]))
	}
	if answer.Changes == pulumirpc.DiffResponse_DIFF_SOME {
		for _, path := range append(append([]string{}, answer.Diffs...), answer.Replaces...) {
			if !detailed[root(path)] && !isInternal(path) {
				add(Change{Path: path, Kind: Update, Replace: replaces[path]})
			}
		}
		if len(r.Changes) == 0 {
			for _, name := range suspects {
				add(Change{Path: name, Kind: Update})
			}
		}
	}
	sort.Slice(r.Changes, func(i, j int) bool { return r.Changes[i].Path < r.Changes[j].Path })
	if somethingReplaces && !slices.ContainsFunc(r.Changes, func(c Change) bool { return c.Replace }) {
		for i := range r.Changes {
			r.Changes[i].Replace = true
		}
	}
	return r
}

func readChange(path string, kind pulumirpc.PropertyDiff_Kind, replace bool) Change {
	c := Change{Path: path, Kind: Update, Replace: replace}
	switch kind {
	case pulumirpc.PropertyDiff_ADD, pulumirpc.PropertyDiff_ADD_REPLACE:
		c.Kind = Add
	case pulumirpc.PropertyDiff_DELETE, pulumirpc.PropertyDiff_DELETE_REPLACE:
		c.Kind = Delete
	}
	switch kind {
	case pulumirpc.PropertyDiff_ADD_REPLACE, pulumirpc.PropertyDiff_DELETE_REPLACE, pulumirpc.PropertyDiff_UPDATE_REPLACE:
		c.Replace = true
	}
	return c
}

// differing names the properties that the program has changed, or whose value is not known yet.
func differing(q DiffRequest) []string {
	was := value.RevealMap(q.OldInputs)
	var names []string
	for name, v := range value.RevealMap(q.New) {
		if !isInternal(name) && (value.HasUnknown(v) || !Equal(was[name], v)) {
			names = append(names, name)
		}
	}
	for name := range was {
		if _, kept := q.New[name]; !kept && !isInternal(name) {
			names = append(names, name)
		}
	}
	return names
}

// root is the property that a path begins with.
func root(path string) string {
	if i := strings.IndexAny(path, ".["); i > 0 {
		return path[:i]
	}
	return path
}

// Plan implements Brain.
func (p *Plugin) Plan(ctx context.Context, q PlanRequest) (out value.Map, err error) {
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	provider, err := p.process(ctx, q.Settings)
	if err != nil {
		return nil, err
	}
	urn := typeOnly(q.Type, "")
	err = p.translated(func(t *translation) error {
		news, err := t.write(q.New)
		if err != nil {
			return err
		}
		if q.Old == nil {
			answer, err := provider.Create(ctx, &pulumirpc.CreateRequest{Urn: urn, Type: q.Type, Properties: news, Preview: true})
			if err != nil {
				return provider.failed(q.Type, err)
			}
			out = t.read(answer.Properties)
			return nil
		}
		olds, err := t.write(q.Old)
		if err != nil {
			return err
		}
		answer, err := provider.Update(ctx, &pulumirpc.UpdateRequest{Id: q.ID, Urn: urn, Type: q.Type, Olds: olds, News: news,
			Preview: true})
		if err != nil {
			return provider.failed(q.Type, err)
		}
		out = t.read(answer.Properties)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return withoutNotes(out), nil
}

// withoutNotes is what the world is told of a plan: neither the provider's notes to itself, nor the id.
func withoutNotes(out value.Map) value.Map {
	for name := range out {
		if isInternal(name) || name == "id" {
			delete(out, name)
		}
	}
	return out
}

// failed says what an error of the provider means.
func (p *process) failed(typ string, err error) error {
	s := status.Convert(err)
	if s.Code() == codes.Unavailable { // its connection is lost
		if gone := p.gone(lastWords); gone != nil {
			return gone
		}
	}
	if s.Code() == codes.DeadlineExceeded {
		return fmt.Errorf("%w about %s: leave --brain out, or install it anew (%s)", ErrSilent, typ, HowToInstall)
	}
	if s.Code() == codes.NotFound || strings.Contains(s.Message(), "unrecognized resource type") {
		return fmt.Errorf("%w %q", ErrNoSuchType, typ)
	}
	return fmt.Errorf("%s", s.Message())
}
