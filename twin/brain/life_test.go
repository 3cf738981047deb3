package brain_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
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

// A life is what a provider answers when a deployed stack's resources are made again, each with the ids that those before
// it got, and read.
type life struct {
	providers map[string]pulumirpc.ResourceProviderClient // by package
	several   int                                         // how many calls at a time

	mu     sync.Mutex
	ids    map[string]string // what stands in the stack's state, and what it is called in this life
	lived  []lived
	failed []string
}

type lived struct {
	Type, URN          string
	Plan, Made, Read   map[string]any // as on the wire: with nulls
	ReadInputs, Inputs map[string]any
}

// heeded are inputs without what the provider drops: a load balancer does not get the settings of the other kinds.
func (r lived) heeded(inputs map[string]any) map[string]any {
	inputs = maps.Clone(inputs)
	maps.DeleteFunc(inputs, func(name string, _ any) bool { return r.Plan[name] == nil && !strings.HasPrefix(name, "__") })
	return inputs
}

type stateResource struct {
	URN, Type, ID   string
	Custom          bool
	Inputs, Outputs map[string]any
	Dependencies    []string
}

func stateOf(t *testing.T, stack string) []stateResource {
	t.Helper()
	raw, err := os.ReadFile("../../graph/testdata/" + stack + ".json")
	require.NoError(t, err)
	var state struct {
		Deployment struct{ Resources []stateResource }
	}
	require.NoError(t, json.Unmarshal(raw, &state))
	return state.Deployment.Resources
}

// live makes all that is of a known package, what others refer to first.
func (l *life) live(t *testing.T, resources []stateResource, asset any) {
	t.Helper()
	done := map[string]chan struct{}{}
	for _, r := range resources {
		done[r.URN] = make(chan struct{})
	}
	slots := make(chan struct{}, l.several)
	var working sync.WaitGroup
	for _, r := range resources {
		working.Add(1)
		go func() {
			defer working.Done()
			defer close(done[r.URN])
			for _, d := range r.Dependencies {
				if made := done[d]; made != nil {
					<-made
				}
			}
			p, _, _ := strings.Cut(r.Type, ":")
			if client := l.providers[p]; client != nil && r.Custom {
				slots <- struct{}{}
				defer func() { <-slots }()
				if err := l.one(t, client, r, asset); err != nil {
					l.mu.Lock()
					defer l.mu.Unlock()
					l.failed = append(l.failed, fmt.Sprintf("%s: %v", r.URN, err))
				}
			}
		}()
	}
	working.Wait()
	slices.SortFunc(l.lived, func(a, b lived) int { return strings.Compare(a.URN, b.URN) })
}

func (l *life) one(t *testing.T, client pulumirpc.ResourceProviderClient, r stateResource, asset any) error {
	l.mu.Lock()
	in := l.renamed(plain(r.Inputs, asset)).(map[string]any)
	l.mu.Unlock()
	delete(in, "__defaults")
	news, err := structpb.NewStruct(in)
	if err != nil {
		return err
	}
	name := r.URN[strings.LastIndex(r.URN, "::")+2:]
	checked, err := client.Check(t.Context(), &pulumirpc.CheckRequest{Urn: r.URN, Type: r.Type, Name: name, News: news,
		RandomSeed: []byte("a seed of the engine, 32 bytes...")})
	if err != nil {
		return err
	}
	for _, f := range checked.Failures {
		return fmt.Errorf("%s: %s", f.Property, f.Reason)
	}
	planned, err := client.Create(t.Context(), &pulumirpc.CreateRequest{Urn: r.URN, Type: r.Type, Name: name, Properties: checked.Inputs,
		Preview: true})
	if err != nil {
		return err
	}
	made, err := client.Create(t.Context(), &pulumirpc.CreateRequest{Urn: r.URN, Type: r.Type, Name: name, Properties: checked.Inputs})
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.learn(r.ID, made.Id)
	l.learn(plain(r.Outputs, asset), plain(made.Properties.AsMap(), asset))
	l.mu.Unlock()
	read, err := client.Read(t.Context(), &pulumirpc.ReadRequest{Id: made.Id, Urn: r.URN, Type: r.Type, Name: name,
		Properties: mustStruct(plain(made.Properties.AsMap(), nil).(map[string]any)), Inputs: checked.Inputs})
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lived = append(l.lived, lived{Type: r.Type, URN: r.URN, Plan: plain(planned.Properties.AsMap(), asset).(map[string]any),
		Made: plain(made.Properties.AsMap(), asset).(map[string]any), Read: plain(read.Properties.AsMap(), asset).(map[string]any),
		Inputs: checked.Inputs.AsMap(), ReadInputs: read.Inputs.AsMap()})
	return nil
}

// plain is a value without the wrappers of secrets, and with the given value for each file.
func plain(v, asset any) any {
	switch x := v.(type) {
	case map[string]any:
		if value.IsAsset(x) && asset != nil {
			return asset
		}
		if text, encrypted := x["plaintext"].(string); encrypted {
			var secret any
			_ = json.Unmarshal([]byte(text), &secret) // the engine wrote it
			return secret
		}
		if wrapped, ok := value.FromWire(mustStruct(map[string]any{"v": x}))["v"].(value.Secret); ok {
			return plain(wrapped.Value, asset)
		}
		out := map[string]any{}
		for k, e := range x {
			out[k] = plain(e, asset)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = plain(e, asset)
		}
		return out
	}
	return v
}

func mustStruct(m map[string]any) *structpb.Struct {
	s, err := structpb.NewStruct(m)
	if err != nil {
		panic(err)
	}
	return s
}

// learn notes what the texts of one state are called in another. What stands in a set has no place to compare.
func (l *life) learn(was, is any) {
	switch x := was.(type) {
	case string:
		y, _ := is.(string)
		if len(x) < 8 || y == "" || l.ids[x] != "" || strings.HasPrefix(x, "{") {
			return
		}
		l.ids[x] = y
		if name, rooted := strings.CutSuffix(x, "."); rooted {
			l.ids[name] = strings.TrimSuffix(y, ".")
		}
	case map[string]any:
		y, _ := is.(map[string]any)
		for k, e := range x {
			l.learn(e, y[k])
		}
	case []any:
		y, _ := is.([]any)
		for _, e := range x {
			if same := alike(l.renamed(e), y); len(x) == len(y) && same != nil {
				l.learn(e, same)
			}
		}
	}
}

// alike is the element that has the most values in common with an object, or the only element.
func alike(e any, in []any) (best any) {
	if len(in) == 1 {
		return in[0]
	}
	most := 0
	for _, candidate := range in {
		o, _ := candidate.(map[string]any)
		common := 0
		for k, v := range o {
			if was, _ := e.(map[string]any); v != nil && value.Canonical(was[k]) == value.Canonical(v) {
				common++
			}
		}
		if common > most {
			best, most = candidate, common
		}
	}
	return best
}

func (l *life) renamed(v any) any {
	switch x := v.(type) {
	case string:
		var found []string
		for name := range l.ids {
			if strings.Contains(x, name) {
				found = append(found, name)
			}
		}
		slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) }) // the longest first
		var pairs []string
		for _, name := range found {
			pairs = append(pairs, name, l.ids[name])
		}
		return strings.NewReplacer(pairs...).Replace(x)
	case map[string]any:
		out := map[string]any{}
		for k, e := range x {
			out[k] = l.renamed(e)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = l.renamed(e)
		}
		return out
	}
	return v
}

// twinsLife makes dev and prod on twins.
func twinsLife(t *testing.T) *life {
	t.Helper()
	whole := &life{}
	for stack, options := range map[string]world.Options{
		"local": {Account: "111122223333"},
		"prod":  {Account: "444455556666", CloudflareZones: []string{"example.com"}},
	} {
		w, err := world.Open(options)
		require.NoError(t, err)
		l := &life{providers: map[string]pulumirpc.ResourceProviderClient{}, several: 1, ids: map[string]string{}}
		for _, p := range []*facts.Package{facts.AWS(), facts.Cloudflare()} {
			s, err := provider.Serve(p, facts.AWSVersion, brain.NewBuiltin(p), front.New(w, front.Options{}), 0)
			require.NoError(t, err)
			t.Cleanup(s.Close)
			c, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", s.Port()), grpc.WithTransportCredentials(insecure.NewCredentials()))
			require.NoError(t, err)
			t.Cleanup(func() { c.Close() })
			l.providers[p.Name] = pulumirpc.NewResourceProviderClient(c)
			_, err = l.providers[p.Name].Configure(t.Context(), &pulumirpc.ConfigureRequest{AcceptSecrets: true,
				Variables: map[string]string{"aws:config:region": "eu-west-1"},
				Args:      mustStruct(map[string]any{"region": "eu-west-1"})})
			require.NoError(t, err)
		}
		l.live(t, stateOf(t, stack), nil)
		require.Empty(t, l.failed, stack)
		l.lived = slices.DeleteFunc(l.lived, func(r lived) bool { return !strings.HasPrefix(r.Type, "aws:") })
		whole.lived = append(whole.lived, l.lived...)
	}
	return whole
}
