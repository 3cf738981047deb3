package world

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/value"
)

// deployed is what an engine's state says about a resource.
type deployed struct {
	URN, Type, ID   string
	Custom          bool
	Inputs, Outputs map[string]any
}

// TestAWholePlatformIsTaken: no rule refuses what a production platform declared, in the order it was deployed, nor
// its deletion in reverse order. Ids are derived from names, so that references still lead somewhere.
func TestAWholePlatformIsTaken(t *testing.T) {
	for name, zones := range map[string]Options{
		"local": {Account: "111122223333"},
		"prod":  {Account: "444455556666", CloudflareZones: []string{"example.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile("../../graph/testdata/" + name + ".json")
			require.NoError(t, err)
			var state struct {
				Deployment struct{ Resources []deployed }
			}
			require.NoError(t, json.Unmarshal(data, &state))
			w, err := Open(zones)
			require.NoError(t, err)
			var made []*Object
			for _, r := range state.Deployment.Resources {
				if kinds[r.Type] == nil {
					continue
				}
				in := plain(r.Inputs).(value.Map)
				delete(in, "__defaults")
				planned := value.CopyMap(in)
				if tags, ok := plain(r.Outputs["tagsAll"]).(value.Map); ok {
					planned["tagsAll"] = tags
				}
				o, err := w.Create(Request{Type: r.Type, URN: r.URN, Region: "eu-west-1", Inputs: in, Planned: planned})
				require.NoError(t, err)
				made = append(made, o)
			}
			require.Greater(t, len(made), 150)
			for _, o := range slices.Backward(made) {
				for _, flag := range []string{"deletionProtection", "enableDeletionProtection"} {
					if o.Flag(flag) {
						planned := w.Get(o.Type, o.Key).Outputs
						planned[flag], planned["forceDestroy"] = false, true
						_, err := w.Update(Request{Type: o.Type, URN: o.URN, ID: o.ID, Region: o.Region, State: o.Outputs,
							Inputs: o.Inputs, Planned: planned})
						require.NoError(t, err)
					}
				}
				require.NoError(t, w.Delete(Request{Type: o.Type, URN: o.URN, ID: o.ID, Region: o.Region, State: o.Outputs}))
			}
			for _, o := range w.Objects() {
				assert.True(t, o.Implicit, "%s is left", called(o))
			}
		})
	}
}

// plain turns decoded JSON into values of the twin. A secret becomes a text.
func plain(v any) any {
	switch x := v.(type) {
	case map[string]any:
		if x["4dabf18193072939515e22adb298388d"] == "1b47061264138c4ac30d75fd1eb44270" {
			return "hunter2hunter2"
		}
		out := value.Map{}
		for k, e := range x {
			out[k] = plain(e)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = plain(e)
		}
		return out
	}
	return v
}
