package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/provider"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// Programs that are not ours live on the twin: everything is made, nothing changes when the same is
// asked for again, and everything can be deleted.
func TestForeignProgramsLiveOnTheTwin(t *testing.T) {
	programs, err := Programs()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(programs), 8)
	for _, p := range programs {
		t.Run(p.Name, func(t *testing.T) {
			l := newLife(t)
			for _, d := range p.Resources {
				require.NoError(t, l.try(d), d.Logical)
			}
			for _, d := range p.Resources {
				l.makeAgain(d)
			}
			for _, d := range slices.Backward(p.Resources) {
				l.remove(d)
				assert.Nil(t, l.world.Get(d.Type, l.made[d.Logical].id), d.Logical)
			}
		})
	}
}

// life is a program's resources on a twin, asked as the engine asks.
type life struct {
	t        *testing.T
	world    *world.World
	provider pulumirpc.ResourceProviderClient
	made     map[string]*alive
}

type alive struct {
	id              string
	inputs, outputs *structpb.Struct
}

func newLife(t *testing.T) *life {
	t.Helper()
	w, err := world.Open(world.Options{})
	require.NoError(t, err)
	s, err := provider.Serve(facts.AWS(), facts.AWSVersion, brain.NewBuiltin(facts.AWS()), front.New(w, front.Options{}), 0)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	c, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", s.Port()), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	l := &life{t: t, world: w, provider: pulumirpc.NewResourceProviderClient(c), made: map[string]*alive{}}
	_, err = l.provider.Configure(context.Background(),
		&pulumirpc.ConfigureRequest{AcceptSecrets: true, Args: &structpb.Struct{
			Fields: map[string]*structpb.Value{"region": structpb.NewStringValue(settings.Region)}}})
	require.NoError(t, err)
	return l
}

func urn(d Declared) string { return "urn:pulumi:test::foreign::" + d.Type + "::" + d.Logical }

// check returns the checked inputs of a resource, with what it refers to as it was made.
func (l *life) check(d Declared, olds *structpb.Struct) (*structpb.Struct, error) {
	l.t.Helper()
	in := Resolved(d.Properties, func(logical, property string) any {
		require.NotNil(l.t, l.made[logical], "%s refers to %s, which is not made before it", d.Logical, logical)
		if property == "id" {
			return l.made[logical].id
		}
		v := value.FromWire(l.made[logical].outputs)[property]
		require.NotNil(l.t, v, "%s has no %s", logical, property)
		return v
	}).(value.Map)
	news, err := value.ToWire(in)
	require.NoError(l.t, err)
	checked, err := l.provider.Check(l.t.Context(),
		&pulumirpc.CheckRequest{Urn: urn(d), News: news, Olds: olds, RandomSeed: []byte(d.Logical)})
	if err != nil {
		return nil, err
	}
	for _, f := range checked.Failures {
		err = errors.Join(err, fmt.Errorf("%s: %s", f.Property, f.Reason))
	}
	return checked.Inputs, err
}

// try makes a resource, unless it is refused.
func (l *life) try(d Declared) error {
	l.t.Helper()
	in, err := l.check(d, nil)
	if err != nil {
		return err
	}
	made, err := l.provider.Create(l.t.Context(), &pulumirpc.CreateRequest{Urn: urn(d), Properties: in})
	if err != nil {
		return err
	}
	l.made[d.Logical] = &alive{made.Id, in, made.Properties}
	return nil
}

func (l *life) makeAgain(d Declared) {
	l.t.Helper()
	a := l.made[d.Logical]
	read, err := l.provider.Read(l.t.Context(), &pulumirpc.ReadRequest{Id: a.id, Urn: urn(d), Properties: a.outputs, Inputs: a.inputs})
	require.NoError(l.t, err, d.Logical)
	assert.Equal(l.t, a.id, read.Id, d.Logical)
	news, err := l.check(d, a.inputs)
	require.NoError(l.t, err, d.Logical)
	diff, err := l.provider.Diff(l.t.Context(), &pulumirpc.DiffRequest{Id: a.id, Urn: urn(d), Olds: read.Properties, OldInputs: a.inputs,
		News: news})
	require.NoError(l.t, err, d.Logical)
	assert.Equal(l.t, pulumirpc.DiffResponse_DIFF_NONE, diff.Changes, "%s: %v", d.Logical, diff.DetailedDiff)
}

func (l *life) remove(d Declared) {
	l.t.Helper()
	a := l.made[d.Logical]
	_, err := l.provider.Delete(l.t.Context(), &pulumirpc.DeleteRequest{Id: a.id, Urn: urn(d), Properties: a.outputs, OldInputs: a.inputs})
	require.NoError(l.t, err, d.Logical)
}
