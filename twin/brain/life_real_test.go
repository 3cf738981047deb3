//go:build awsplugin

package brain_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/shapes"
	"github.com/causeway-iac/causeway/twin/value"
)

var update = flag.Bool("update", false, "record the shapes of the real provider's outputs")

// emulatedAWS names the environment variable with the addresses of two emulated AWS, one for each stack.
const emulatedAWS = "CAUSEWAY_EMULATED_AWS"

func plugin(t *testing.T) string {
	t.Helper()
	path := brain.FindPlugin(os.Getenv("PULUMI_HOME"))
	if path == "" {
		t.Skip("skipped: the real AWS provider is neither on PATH nor in Pulumi's plugin cache: " + brain.HowToInstall)
	}
	return path
}

// Against two emulated AWS, which must be new, the real provider makes dev and prod, and answers in the recorded forms.
func TestRealProviderAnswersInTheRecordedForms(t *testing.T) {
	path := plugin(t)
	first, second, both := strings.Cut(os.Getenv(emulatedAWS), ",")
	if !both {
		t.Skip("skipped: " + emulatedAWS + " does not name two: start two emulated AWS, and set it to their addresses, with a comma between")
	}
	asset := filepath.Join(t.TempDir(), "asset")
	require.NoError(t, os.WriteFile(asset, []byte("asset"), 0o600))
	lives := map[string]*life{}
	var living sync.WaitGroup
	for stack, endpoint := range map[string]string{"local": first, "prod": second} {
		l := &life{several: 8, ids: map[string]string{"111122223333": "123456789012", "444455556666": "123456789012"},
			providers: map[string]pulumirpc.ResourceProviderClient{"aws": brain.Emulated(t, path, endpoint)}}
		lives[stack] = l
		resources := stateOf(t, stack)
		living.Go(func() { l.live(t, resources, asset) })
	}
	living.Wait()
	whole := &life{}
	for stack, l := range lives {
		assert.Empty(t, l.failed, stack)
		whole.lived = append(whole.lived, l.lived...)
	}
	slices.SortFunc(whole.lived, func(a, b lived) int { return strings.Compare(a.URN, b.URN) })
	forms := whole.forms()
	if *update {
		require.NoError(t, os.WriteFile("../shapes/aws.txt", []byte(tables(forms)), 0o644))
		var lines []byte
		for _, set := range longestSets(whole.lived) {
			line, err := json.Marshal(set)
			require.NoError(t, err)
			lines = append(append(lines, line...), '\n')
		}
		require.NoError(t, os.WriteFile("../shapes/testdata/sets.json", lines, 0o644))
		return
	}
	assert.Equal(t, shapes.Recorded(), settled(forms), "other forms than recorded: run this test with -update")
}

// tables is forms as the file of the shapes has them.
func tables(forms map[string]map[string][2]string) string {
	var b strings.Builder
	b.WriteString("# How the real AWS provider gives what nothing sets: README.md says how it was recorded.\n")
	for _, token := range slices.Sorted(maps.Keys(forms)) {
		by := map[string][]string{}
		for _, path := range slices.Sorted(maps.Keys(forms[token])) {
			switch as := forms[token][path]; {
			case emulationsOwn[token+" "+path]:
			case as[0] == as[1] && as[0] != "value":
				by[as[0]] = append(by[as[0]], path)
			case as == [2]string{"null", "empty"}:
				by["null, then empty"] = append(by["null, then empty"], path)
			}
		}
		b.WriteString(token + "\n")
		for _, as := range []string{"empty", "null", "null, then empty"} {
			line := ""
			for _, path := range by[as] {
				if len(line)+len(path) > 110 {
					fmt.Fprintf(&b, "  %s:%s\n", as, line)
					line = ""
				}
				line += " " + path
			}
			if line != "" {
				fmt.Fprintf(&b, "  %s:%s\n", as, line)
			}
		}
	}
	return b.String()
}

// settled leaves out what had a value wherever it was.
func settled(forms map[string]map[string][2]string) map[string]map[string][2]string {
	for token, paths := range forms {
		maps.DeleteFunc(paths, func(path string, as [2]string) bool {
			return slices.Contains(as[:], "value") || slices.Contains(as[:], "") || emulationsOwn[token+" "+path]
		})
	}
	return forms
}

// longestSets are the outputs that hold the longest set of each property.
func longestSets(all []lived) (kept []map[string]any) {
	longest := map[string]int{}
	byKey := map[string]map[string]any{}
	for _, r := range all {
		known := facts.AWS().Resources[r.Type].Properties
		for name, v := range r.Read {
			if n := sets(known[name], v); n > longest[r.Type+name] {
				longest[r.Type+name] = n
				byKey[r.Type+" "+name] = map[string]any{"type": r.Type, "made": map[string]any{name: r.Made[name]},
					"read": map[string]any{name: v}}
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		kept = append(kept, byKey[key])
	}
	return kept
}

// sets is how many elements there are in sets of more than one.
func sets(p *facts.Property, v any) (n int) {
	list, isList := v.([]any)
	if p == nil {
		return 0
	}
	if isList && p.Kind == facts.Set && len(list) > 1 {
		n = len(list)
	}
	if !isList {
		list = []any{v}
	}
	for _, e := range list {
		if o, ok := e.(map[string]any); ok {
			for name, inner := range p.Properties {
				n += sets(inner, o[name])
			}
		}
	}
	return n
}

// What the twin answers is a state to which the real provider has nothing to change, as it was made and as it was read.
func TestRealProviderTakesTheTwinsShapes(t *testing.T) {
	p, err := brain.OpenPlugin(t.Context(), plugin(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	for _, r := range twinsLife(t).lived {
		in := value.FromWire(mustStruct(r.Inputs))
		for _, state := range []map[string]any{r.Made, r.Read} {
			id, _ := state["id"].(string)
			d, err := p.Diff(t.Context(), brain.DiffRequest{Type: r.Type, ID: id, Old: value.FromWire(mustStruct(state)), OldInputs: in,
				New: in, Settings: brain.Settings{Region: "eu-west-1"}})
			require.NoError(t, err, r.URN)
			assert.Empty(t, d.Changes, r.URN)
		}
	}
}

// The real provider plans each set of dev and prod, and of some odd resources, in the order that shuffled ones are put into.
func TestRealProviderOrdersSets(t *testing.T) {
	p, err := brain.OpenPlugin(t.Context(), plugin(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	count := 0
	for _, r := range append(append(oddSets, stateOf(t, "local")...), stateOf(t, "prod")...) {
		facts := facts.AWS().Resources[r.Type]
		if facts == nil {
			continue
		}
		q := brain.CheckRequest{Type: r.Type, Name: "x", New: plain(r.Inputs, "asset").(map[string]any), Seed: []byte("seed"),
			Settings: brain.Settings{Region: "eu-west-1"}}
		delete(q.New, "__defaults")
		checked, err := p.Check(t.Context(), q)
		require.NoError(t, err)
		require.Empty(t, checked.Failures, r.URN)
		plan, err := p.Plan(t.Context(), brain.PlanRequest{Type: r.Type, New: checked.Inputs, Settings: q.Settings})
		require.NoError(t, err)
		for name, v := range plan {
			if n := sets(facts.Properties[name], v); n > 0 {
				count++
				m := map[string]any{name: shuffled(facts.Properties[name], v)}
				assert.Equal(t, v, shapes.Ordered(facts, m)[name], "%s %s", r.Type, name)
			}
		}
	}
	t.Logf("%d properties with sets", count)
	assert.Greater(t, count, 40)
}

// oddSets are what dev and prod have not: numbers of several digits, quotes, other letters, and what is left out.
var oddSets = []stateResource{
	{Type: "aws:ec2/securityGroup:SecurityGroup", Inputs: map[string]any{"ingress": []any{
		rule(9, 10, "a"), rule(10, 9, "a;"), rule(443, 443, ""), rule(100, 9000, "[&]"), rule(8, 80, "it is"), rule(-1, -1, "Z"),
		map[string]any{"protocol": "-1", "fromPort": 0.0, "toPort": 0.0, "self": true},
		map[string]any{"protocol": "tcp", "fromPort": 5.0, "toPort": 5.0, "ipv6CidrBlocks": []any{"::/0"}, "description": "b"},
		map[string]any{"protocol": "tcp", "fromPort": 5.0, "toPort": 5.0, "cidrBlocks": []any{"10.0.0.0/8", "9.0.0.0/8"}},
		map[string]any{"protocol": "tcp", "fromPort": 5.0, "toPort": 5.0, "securityGroups": []any{"sg-2", "sg-10", "sg-1"}},
	}}},
	{Type: "aws:ec2/networkAcl:NetworkAcl", Inputs: map[string]any{"vpcId": "vpc-1", "egress": []any{
		entry(9, "allow"), entry(100, "deny"), entry(32766, "allow"), entry(20000, "deny"), entry(10, "deny"),
	}}},
	{Type: "aws:route53/record:Record", Inputs: map[string]any{"zoneId": "Z1", "name": "x", "type": "TXT", "ttl": 5.0,
		"records": []any{"b", "B", "ä", "a", "a\\", "\"q\"", "10", "9", " ", "<&>"}}},
}

func rule(from, to float64, description string) map[string]any {
	return map[string]any{"protocol": "tcp", "fromPort": from, "toPort": to, "cidrBlocks": []any{"10.0.0.0/8"}, "description": description}
}

func entry(number float64, action string) map[string]any {
	return map[string]any{"ruleNo": number, "action": action, "protocol": "6", "fromPort": number, "toPort": 65535.0,
		"cidrBlock": "10.0.0.0/8"}
}

func shuffled(p *facts.Property, v any) any {
	switch x := v.(type) {
	case []any:
		list := make([]any, len(x))
		for i, e := range x {
			list[i] = e
			if o, ok := e.(map[string]any); ok && p.Properties != nil {
				list[i] = shuffledObject(p, o)
			}
		}
		if p.Kind == facts.Set {
			rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
		return list
	case map[string]any:
		if p.Properties != nil {
			return shuffledObject(p, x)
		}
	}
	return v
}

func shuffledObject(p *facts.Property, o map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range o {
		out[name] = v
		if inner := p.Properties[name]; inner != nil {
			out[name] = shuffled(inner, v)
		}
	}
	return out
}
