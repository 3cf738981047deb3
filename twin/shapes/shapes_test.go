package shapes

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// Every set that the real provider gave of dev and prod comes out as it was, whatever order it goes in, also without what
// the provider adds.
func TestSetsComeInTheRecordedOrder(t *testing.T) {
	raw, err := os.ReadFile("testdata/sets.json")
	require.NoError(t, err)
	seen := 0
	for line := range bytes.Lines(raw) {
		var set struct {
			Type       string
			Made, Read value.Map
		}
		require.NoError(t, json.Unmarshal(line, &set))
		r := facts.AWS().Resources[set.Type]
		for stage, want := range []value.Map{set.Made, set.Read} {
			for _, in := range []value.Map{want, Bare(r, want)} {
				for turn := range 3 {
					in = turned(r.Properties, in, turn).(value.Map)
					these := &facts.Resource{Token: set.Type, Properties: only(r.Properties, want)}
					assert.Equal(t, want, Full(these, in, Stage(stage)), set.Type)
					seen++
				}
			}
		}
	}
	assert.Greater(t, seen, 200)
}

func only(known map[string]*facts.Property, in value.Map) map[string]*facts.Property {
	kept := map[string]*facts.Property{}
	for name := range in {
		kept[name] = known[name]
	}
	return kept
}

// turned is a value with the elements of each set in another order.
func turned(known map[string]*facts.Property, v any, turn int) any {
	m, isObject := v.(value.Map)
	if !isObject {
		return v
	}
	out := value.Map{}
	for name, v := range m {
		p := known[name]
		list, isList := v.([]any)
		switch {
		case isList:
			list = slices.Clone(list)
			for i, e := range list {
				list[i] = turned(p.Properties, e, turn)
			}
			if p.Kind == facts.Set && turn == 0 {
				slices.Reverse(list)
			} else if p.Kind == facts.Set && len(list) > 0 {
				list = append(list[1:], list[0])
			}
			out[name] = list
		case p != nil && p.Properties != nil:
			out[name] = turned(p.Properties, v, turn)
		default:
			out[name] = v
		}
	}
	return out
}

// What is recorded is of properties that the facts know, that may be left out, and that have an empty value.
func TestWhatIsRecordedIsKnown(t *testing.T) {
	for token, paths := range Recorded() {
		r := facts.AWS().Resources[token]
		require.NotNil(t, r, token)
		for path, as := range paths {
			p := at(r.Properties, path)
			require.NotNil(t, p, "%s %s", token, path)
			assert.Empty(t, p.Note, "%s %s: the provider that was recorded does not have it", token, path)
			if as[1] == "empty" {
				v, _ := empty.value(p, Read)
				assert.NotNil(t, v, "%s %s: a %s is never empty", token, path, p.Kind)
			}
		}
	}
}

func at(known map[string]*facts.Property, path string) *facts.Property {
	for name, p := range known {
		if name == path {
			return p
		}
		if rest, inside := bytes.CutPrefix([]byte(path), []byte(name+".")); inside {
			return at(p.Properties, string(rest))
		}
	}
	return nil
}

func TestFillingAndTakingAway(t *testing.T) {
	r := facts.AWS().Resources["aws:ec2/vpc:Vpc"]
	full := Full(r, value.Map{"cidrBlock": "10.0.0.0/16"}, Made)
	assert.Contains(t, full, "ipv4IpamPoolId")
	assert.Nil(t, full["ipv4IpamPoolId"], "null")
	assert.Equal(t, "", full["ipv6IpamPoolId"])
	assert.Equal(t, 0.0, full["ipv6NetmaskLength"])
	assert.NotContains(t, full, "arn", "what the cloud sets is the world's to say")
	assert.Equal(t, value.Map{"cidrBlock": "10.0.0.0/16"}, Bare(r, full))

	alarm := facts.AWS().Resources["aws:cloudwatch/metricAlarm:MetricAlarm"]
	queries := value.Map{"metricQueries": []any{value.Map{"id": "b"}, value.Secret{Value: value.Map{"id": "a"}}}}
	for stage, period := range map[Stage]any{Made: nil, Read: 0.0} {
		first := Full(alarm, queries, stage)["metricQueries"].([]any)[0].(value.Secret).Value.(value.Map)
		assert.Equal(t, "a", first["id"])
		assert.Equal(t, period, first["period"], "within an element, and as of the stage")
	}
	assert.Equal(t, queries["metricQueries"].([]any)[0], value.Map{"id": "b"}, "what was given stays as it was")
}
