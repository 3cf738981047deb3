package brain

import (
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/twin/value"
)

// The real provider can say that something changes, or replaces, and not what. That is no answer to be lost:
// it would be read as no change.
func TestWhatTheProviderDoesNotNameIsWhatTheProgramSaysAnew(t *testing.T) {
	q := DiffRequest{
		OldInputs: value.Map{"cidrBlock": "10.0.0.0/24", "tags": value.Map{"a": "b"}, "gone": "text", defaultsKey: []any{}},
		New: value.Map{"cidrBlock": value.Secret{Value: "10.0.0.0/24"}, "tags": value.Map{"a": "b"},
			"mapPublicIpOnLaunch": value.Unknown{}, defaultsKey: []any{"x"}},
	}
	suspects := differing(q)
	assert.ElementsMatch(t, []string{"mapPublicIpOnLaunch", "gone"}, suspects)

	some := pulumirpc.DiffResponse_DIFF_SOME
	update := map[string]*pulumirpc.PropertyDiff{"tags.a": {Kind: pulumirpc.PropertyDiff_UPDATE}}
	for _, c := range []struct {
		says   string
		answer *pulumirpc.DiffResponse
		want   []Change
	}{
		{"nothing changes", &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil},
		{"something changes", &pulumirpc.DiffResponse{Changes: some},
			[]Change{{Path: "gone", Kind: Update}, {Path: "mapPublicIpOnLaunch", Kind: Update}}},
		{"something replaces", &pulumirpc.DiffResponse{Changes: some, Replaces: []string{"__meta"}},
			[]Change{{Path: "gone", Kind: Update, Replace: true}, {Path: "mapPublicIpOnLaunch", Kind: Update, Replace: true}}},
		{"tags change, and something replaces", &pulumirpc.DiffResponse{Changes: some, Replaces: []string{"__meta"}, DetailedDiff: update},
			[]Change{{Path: "tags.a", Kind: Update, Replace: true}}},
		{"tags change", &pulumirpc.DiffResponse{Changes: some, DetailedDiff: update}, []Change{{Path: "tags.a", Kind: Update}}},
		{"tags change, without details", &pulumirpc.DiffResponse{Changes: some, Diffs: []string{"tags"}},
			[]Change{{Path: "tags", Kind: Update}}},
	} {
		assert.Equal(t, c.want, readDiff(c.answer, suspects).Changes, c.says)
	}
}
