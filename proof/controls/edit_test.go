package controls

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

// The files of testdata are states of the platform, deployed on the twin with the settings
// that it ships (prod, dev, local) and with others: proxied is a production behind a
// Cloudflare that the stack rules, aurora one with Aurora and a zone in Route 53.
func deployed(t testing.TB, stack string) *graph.Graph {
	t.Helper()
	g, err := graph.FromState(bytes.NewReader(exported(t, stack)))
	require.NoError(t, err)
	return g
}

func exported(t testing.TB, stack string) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", stack+".json.gz"))
	require.NoError(t, err)
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	require.NoError(t, err)
	raw, err := io.ReadAll(unzipped)
	require.NoError(t, err)
	return raw
}

const cfRecordType = "cloudflare:index/record:Record"

// edit is a stack that is being changed.
type edit struct {
	t         testing.TB
	resources []*graph.Resource
}

var bases sync.Map

// begin is a copy of a deployed stack, or of the one that made makes.
func begin(t testing.TB, base string) *edit {
	t.Helper()
	s := &edit{t: t}
	if base == "made" {
		made(s)
		return s
	}
	g, ok := bases.Load(base)
	if !ok {
		g, _ = bases.LoadOrStore(base, deployed(t, base))
	}
	for _, r := range g.(*graph.Graph).Resources {
		c := *r
		c.Inputs, c.Outputs = cloned(r.Inputs).(map[string]any), cloned(r.Outputs).(map[string]any)
		c.Dependencies = slices.Clone(r.Dependencies)
		c.PropertyDependencies = maps.Clone(r.PropertyDependencies)
		s.resources = append(s.resources, &c)
	}
	return s
}

func cloned(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, element := range v {
			out[key] = cloned(element)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			out[i] = cloned(element)
		}
		return out
	}
	return value
}

func (s *edit) graph() *graph.Graph {
	s.t.Helper()
	g, err := graph.New(s.resources)
	require.NoError(s.t, err)
	return g
}

func (s *edit) the(kind, name string) *graph.Resource {
	s.t.Helper()
	for _, r := range s.resources {
		if r.Type == kind && (r.Name == name || name == "") {
			return r
		}
	}
	require.FailNow(s.t, "the stack has no such resource", "%s %s", kind, name)
	return nil
}

// set changes the value at path, as asked for and as answered; nil takes it away. What the
// value came from before is forgotten.
func (s *edit) set(kind, name, path string, value any) {
	s.t.Helper()
	r := s.the(kind, name)
	steps := strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' })
	put(s.t, r.Inputs, steps, value)
	if _, answered := r.Outputs[steps[0]]; answered || value == nil {
		r.Outputs[steps[0]] = cloned(r.Inputs[steps[0]])
		if r.Inputs[steps[0]] == nil {
			delete(r.Outputs, steps[0])
		}
	}
	delete(r.PropertyDependencies, steps[0])
}

func put(t testing.TB, within any, steps []string, value any) {
	t.Helper()
	last := len(steps) == 1
	switch v := within.(type) {
	case map[string]any:
		switch {
		case last && value == nil:
			delete(v, steps[0])
		case last:
			v[steps[0]] = value
		default:
			if v[steps[0]] == nil {
				v[steps[0]] = map[string]any{}
			}
			put(t, v[steps[0]], steps[1:], value)
		}
	case []any:
		i, err := strconv.Atoi(steps[0])
		require.NoError(t, err)
		require.Less(t, i, len(v))
		if last {
			v[i] = value
			return
		}
		put(t, v[i], steps[1:], value)
	default:
		require.FailNow(t, "there is no such path", "%v in %T", steps, within)
	}
}

func (s *edit) remove(kind, name string) {
	s.t.Helper()
	gone := s.the(kind, name)
	s.resources = slices.DeleteFunc(s.resources, func(r *graph.Resource) bool { return r == gone })
	same := func(urn string) bool { return urn == gone.URN }
	for _, r := range s.resources {
		r.Dependencies = slices.DeleteFunc(r.Dependencies, same)
		for property, urns := range r.PropertyDependencies {
			r.PropertyDependencies[property] = slices.DeleteFunc(slices.Clone(urns), same)
		}
	}
}

func (s *edit) removeAll(kind string) {
	for _, r := range slices.Clone(s.resources) {
		if r.Type == kind {
			s.remove(kind, r.Name)
		}
	}
}

type in = map[string]any

func list(values ...any) []any { return values }

// add makes a resource. A value that is another resource refers to it, by its id.
func (s *edit) add(kind, name string, inputs in) *graph.Resource {
	s.t.Helper()
	stack := "urn:pulumi:test::test"
	if len(s.resources) > 0 {
		stack = strings.Join(strings.SplitN(s.resources[0].URN, "::", 3)[:2], "::")
	}
	r := &graph.Resource{
		URN: fmt.Sprintf("%s::%s::%s", stack, kind, name), Type: kind, Name: name, Custom: true,
		ID:     fmt.Sprintf("made-%d", len(s.resources)),
		Inputs: inputs, Outputs: map[string]any{}, PropertyDependencies: map[string][]string{},
	}
	for property, value := range inputs {
		inputs[property] = s.refer(r, property, value)
	}
	s.resources = append(s.resources, r)
	return r
}

func (s *edit) refer(r *graph.Resource, property string, value any) any {
	switch v := value.(type) {
	case *graph.Resource:
		r.PropertyDependencies[property] = append(r.PropertyDependencies[property], v.URN)
		return v.ID
	case []any:
		for i := range v {
			v[i] = s.refer(r, property, v[i])
		}
	case in:
		for key := range v {
			v[key] = s.refer(r, property, v[key])
		}
	}
	if n, ok := value.(int); ok {
		return float64(n)
	}
	return value
}
