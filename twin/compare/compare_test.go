package compare

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

const vpc = "aws:ec2/vpc:Vpc"

// altered is the built-in brain with one decision changed.
type altered struct {
	brain.Brain
	check func(*brain.CheckResult)
	diff  func(*brain.DiffResult)
	plan  func(value.Map)
}

func (a altered) Check(ctx context.Context, q brain.CheckRequest) (brain.CheckResult, error) {
	r, err := a.Brain.Check(ctx, q)
	if a.check != nil {
		a.check(&r)
	}
	return r, err
}

func (a altered) Diff(ctx context.Context, q brain.DiffRequest) (brain.DiffResult, error) {
	r, err := a.Brain.Diff(ctx, q)
	if a.diff != nil {
		a.diff(&r)
	}
	return r, err
}

func (a altered) Plan(ctx context.Context, q brain.PlanRequest) (value.Map, error) {
	out, err := a.Brain.Plan(ctx, q)
	if a.plan != nil {
		a.plan(out)
	}
	return out, err
}

// life asks everything about one resource.
func life(t *testing.T, second altered) *Pair {
	t.Helper()
	builtin := brain.NewBuiltin(facts.AWS())
	second.Brain = builtin
	p := New(builtin, second)
	checked, err := p.Check(t.Context(), brain.CheckRequest{Type: vpc, Name: "main",
		New: value.Map{"cidrBlock": "10.0.0.0/16", "tags": value.Map{"Name": "main"}}})
	require.NoError(t, err)
	out, err := p.Plan(t.Context(), brain.PlanRequest{Type: vpc, New: checked.Inputs})
	require.NoError(t, err)
	for name, v := range out {
		if value.HasUnknown(v) {
			delete(out, name)
		}
	}
	p.Changes(t.Context(), brain.DiffRequest{Type: vpc, Old: out, OldInputs: checked.Inputs, New: checked.Inputs}, facts.AWS().
		Resources[vpc])
	return p
}

func keys(p *Pair) (all []string) {
	for _, d := range p.Disagreements() {
		all = append(all, d.Key())
	}
	return all
}

func TestABrainAgreesWithItself(t *testing.T) {
	p := life(t, altered{})
	assert.Empty(t, keys(p))
	assert.Greater(t, p.Asked()["change"], 8, "every property is changed, removed or added")
}

func TestDisagreementsAreFound(t *testing.T) {
	for _, c := range []struct {
		name   string
		second altered
		want   []string
	}{
		{"a default", altered{check: func(r *brain.CheckResult) { delete(r.Inputs, "enableDnsSupport") }},
			[]string{"check " + vpc + " enableDnsSupport"}},
		{"a refusal", altered{check: func(r *brain.CheckResult) {
			if value.Zero(r.Inputs["tags"]) {
				r.Failures = []brain.Failure{{Property: "tags", Reason: "none"}}
			}
		}}, []string{"change " + vpc + " tags removed"}},
		{"a replacement", altered{diff: func(r *brain.DiffResult) {
			for i := range r.Changes {
				r.Changes[i].Replace = r.Changes[i].Replace && r.Changes[i].Path != "cidrBlock"
			}
		}}, []string{"change " + vpc + " cidrBlock changed"}},
		{"a change where there is none", altered{diff: func(r *brain.DiffResult) {
			if len(r.Changes) == 0 {
				r.Changes = []brain.Change{{Path: "tags.Name"}}
			}
		}}, []string{"change " + vpc + " none"}},
		{"a promise", altered{plan: func(m value.Map) { m["arn"] = "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1" }},
			[]string{"plan " + vpc + " arn"}},
		{"all tags follow from the tags", altered{diff: func(r *brain.DiffResult) {
			for i := range r.Changes {
				if root(r.Changes[i].Path) == "tagsAll" {
					r.Changes[i].Path = "tags"
				}
			}
		}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := keys(life(t, c.second))
			for _, want := range c.want {
				assert.Contains(t, found, want)
			}
			if c.want == nil {
				assert.Empty(t, found)
			}
		})
	}
}

func TestSetsAreComparedWithoutOrder(t *testing.T) {
	p := New(brain.NewBuiltin(facts.AWS()), brain.NewBuiltin(facts.AWS()))
	set := func(list ...any) value.Map { return value.Map{"routeTableIds": list, "tags": value.Map{}} }
	p.values("plan", "aws:ec2/vpcEndpoint:VpcEndpoint", set("rtb-1", "rtb-2"), set("rtb-2", "rtb-1"))
	p.values("plan", "aws:ec2/vpcEndpoint:VpcEndpoint", set(), value.Map{})
	assert.Empty(t, keys(p))
	p.values("plan", "aws:ec2/vpcEndpoint:VpcEndpoint", set("rtb-1", "rtb-2"), set("rtb-1", "rtb-3"))
	assert.Equal(t, []string{"plan aws:ec2/vpcEndpoint:VpcEndpoint routeTableIds[]"}, keys(p))
}

// older is a provider of a version that does not have the types.
type older struct{ brain.Brain }

func (older) Check(context.Context, brain.CheckRequest) (brain.CheckResult, error) {
	return brain.CheckResult{}, fmt.Errorf("%w %q", brain.ErrNoSuchType, vpc)
}

func (older) Diff(context.Context, brain.DiffRequest) (brain.DiffResult, error) {
	return brain.DiffResult{}, fmt.Errorf("%w %q", brain.ErrNoSuchType, vpc)
}

func (older) Plan(context.Context, brain.PlanRequest) (value.Map, error) {
	return nil, fmt.Errorf("%w %q", brain.ErrNoSuchType, vpc)
}

// A platform with a type that the real provider does not have yet is deployed all the same.
func TestOfATypeThatTheFirstDoesNotHaveTheSecondIsAsked(t *testing.T) {
	builtin := brain.NewBuiltin(facts.AWS())
	p := New(older{builtin}, builtin)
	checked, err := p.Check(t.Context(), brain.CheckRequest{Type: vpc, Name: "main", New: value.Map{"cidrBlock": "10.0.0.0/16"}})
	require.NoError(t, err)
	assert.Equal(t, "10.0.0.0/16", checked.Inputs["cidrBlock"])
	out, err := p.Plan(t.Context(), brain.PlanRequest{Type: vpc, New: checked.Inputs})
	require.NoError(t, err)
	_, err = p.Diff(t.Context(), brain.DiffRequest{Type: vpc, Old: out, New: checked.Inputs})
	require.NoError(t, err)
	p.Changes(t.Context(), brain.DiffRequest{Type: vpc, Old: out, OldInputs: checked.Inputs, New: checked.Inputs}, facts.AWS().
		Resources[vpc])
	assert.Empty(t, keys(p))
	assert.Greater(t, p.Asked()["skipped"], 10)
	assert.Contains(t, p.Summary(), "0 questions, 0 disagreements")
}

func TestDisagreementsAreListedWithAReason(t *testing.T) {
	_, err := parse(listed)
	require.NoError(t, err)
	_, err = parse("diff aws:a/b:B name")
	require.ErrorContains(t, err, "line 1")

	text := "# heading\nchange aws:a/*:B name changed  - why\nplan aws:c/d:D x  - why\n"
	found := []Disagreement{{Operation: "change", Type: "aws:a/x:B", At: "name changed"},
		{Operation: "change", Type: "aws:a/x:B", At: "name"}}
	unlisted, stale, err := Against(text, found)
	require.NoError(t, err)
	assert.Equal(t, found[1:], unlisted)
	assert.Equal(t, []string{"plan aws:c/d:D x"}, stale)
}
