package review

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/graph"
)

func TestDifferences(t *testing.T) {
	long := strings.Repeat("a policy that is the same for a long time ", 20)
	encoded := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(long + text + long)) }
	for name, c := range map[string]struct {
		before, after any
		want          []string
	}{
		"the same":         {"x", "x", nil},
		"a value":          {"x", "y", []string{"p: x → y"}},
		"an unknown value": {"x", graph.Unknown{}, []string{"p: x → known after apply"}},
		"a secret":         {graph.Secret{}, "y", []string{"p: [secret] → y"}},
		"an element more":  {[]any{"a"}, []any{"b", "a"}, []string{"p: + b"}},
		"a first element":  {nil, []any{"a"}, []string{"p: + a"}},
		"another order":    {[]any{"a", "b"}, []any{"b", "a"}, nil},
		"a key less":       {map[string]any{"a": 1.0, "b": true}, map[string]any{"b": true}, []string{"p.a: 1 → (none)"}},
		"inside JSON": {`{"a":[{"Sid":"x","n":1}]}`, `{"a":[{"Sid":"y","n":1},{"n":2,"Sid":"x"}]}`,
			[]string{"p.a.x.n: 1 → 2", `p.a.y: (none) → {"Sid":"y","n":1}`}},
		"JSON written otherwise": {`{"a":1,"b":2}`, `{ "b": 2, "a": 1 }`, nil},
		"far into a long text":   {long + "X" + long, long + "Y" + long, []string{"X", "Y"}},
		"in user data":           {encoded("listen 8443"), encoded("listen 9443"), []string{"8", "9"}},
		"a tag of a group": {
			[]any{map[string]any{"key": "a", "value": "1", "propagateAtLaunch": true}},
			[]any{map[string]any{"key": "b", "value": "2", "propagateAtLaunch": true},
				map[string]any{"key": "a", "value": "1", "propagateAtLaunch": true}},
			[]string{"p.b: (none) → 2"},
		},
	} {
		var got []string
		for _, d := range differences("p", c.before, c.after) {
			got = append(got, d.Path+": "+d.Text())
		}
		if len(c.want) > 0 && !strings.HasPrefix(c.want[0], "p") {
			assert.Len(t, got, 1, name)
			for _, piece := range c.want {
				assert.Contains(t, got[0], piece, name)
			}
			assert.Less(t, len(got[0]), 2*longest, name)
			continue
		}
		assert.Equal(t, c.want, got, name)
	}
}
