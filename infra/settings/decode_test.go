package settings

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/infra"
)

type tier struct {
	MinSize int     `setting:"minSize"`
	Ratio   float64 `setting:"ratio"`
	Open    *bool   `setting:"open"`
	hidden  int
}

type platform struct {
	Region  string            `setting:"region"`
	Protect bool              `setting:"protect"`
	Web     tier              `setting:"web"`
	Names   []string          `setting:"names"`
	Tags    map[string]string `setting:"tags"`
	Tiers   map[string]tier   `setting:"tiers"`
}

func TestDecodeReplacesOnlyWhatWasWritten(t *testing.T) {
	s := platform{Region: "eu-west-1", Web: tier{MinSize: 3, Ratio: 0.5}}
	problems := Decode(map[string]any{
		"protect": "true",
		"web":     map[string]any{"minSize": 2.0},
		"names":   []any{"a", 17},
		"tags":    map[string]any{"owner": "me", "cost": 8.4, "until": "2027-06-30 00:00:00 +0000 UTC"},
		"tiers":   map[string]any{"x": map[string]any{"open": false}},
	}, &s)
	require.Empty(t, problems)
	assert.Equal(t, "eu-west-1", s.Region)
	assert.True(t, s.Protect)
	assert.Equal(t, tier{MinSize: 2, Ratio: 0.5}, s.Web)
	assert.Equal(t, []string{"a", "17"}, s.Names)
	assert.Equal(t, map[string]string{"owner": "me", "cost": "8.4", "until": "2027-06-30"}, s.Tags)
	require.NotNil(t, s.Tiers["x"].Open)
	assert.False(t, *s.Tiers["x"].Open)
	assert.Nil(t, s.Web.Open)
}

// An entry of a map has the defaults of the entry without a name, which is then gone.
func TestDecodeGivesEachEntryTheCommonDefaults(t *testing.T) {
	s := platform{Tiers: map[string]tier{"": {MinSize: 2, Ratio: 0.5}}}
	require.Empty(t, Decode(map[string]any{"tiers": map[string]any{"x": map[string]any{"minSize": 3}, "y": map[string]any{"minSize": 0}}},
		&s))
	assert.Equal(t, map[string]tier{"x": {MinSize: 3, Ratio: 0.5}, "y": {Ratio: 0.5}}, s.Tiers)
}

func TestDecodeReportsEverythingAtOnce(t *testing.T) {
	s := platform{Names: []string{"www"}}
	problems := Decode(map[string]any{
		"regoin":  "eu-west-1",
		"region":  []any{"a"},
		"protect": "yes",
		"web":     map[string]any{"minsize": 1, "minSize": "two", "zzz": 1, "hidden": 1, "ratio": "x"},
		"names":   "www",
		"tags":    []any{},
		"tiers":   map[string]any{"a": 3, "b": nil},
	}, &s)
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.String())
	}
	assert.Equal(t, []string{
		`names: "www" is not a list; write [www]`,
		`protect: "yes" is not true or false; write true or false`,
		`region: a list is not a text; write a text`,
		`regoin: there is no such setting; did you mean region?`,
		`tags: a list is not names with values, indented below it; write names with values, indented below it`,
		`tiers.a: 3 is not settings of its own, indented below it; write settings of its own, indented below it`,
		`tiers.b: has no value; give it one, or remove the line`,
		`web.hidden: there is no such setting; the settings here are minSize, open, ratio`,
		`web.minSize: "two" is not a whole number; write a whole number`,
		`web.minsize: there is no such setting; did you mean minSize?`,
		`web.ratio: "x" is not a number; write a number`,
		`web.zzz: there is no such setting; the settings here are minSize, open, ratio`,
	}, lines)
}

func TestANumberIsOne(t *testing.T) {
	for _, none := range []any{math.Inf(1), math.NaN(), "inf", "NaN", "", true} {
		_, ok := scalarFloat(none)
		assert.False(t, ok, none)
	}
}

func TestFileKnowsLinesSecretsAndForeignKeys(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.prod.yaml"), []byte(`encryptionsalt: v1:x
config:
  aws:region: eu-west-1
  causeway:region: eu-west-1
  causeway:web:
    minSize: 2
    environment:
      TOKEN:
        secure: v1:abc
  causeway:names:
    - a
    - b
`), 0o600))
	f, err := Open(folder, "causeway", "prod")
	require.NoError(t, err)
	assert.Equal(t, []string{"aws:region"}, f.Foreign)
	assert.Equal(t, []string{"web.environment.TOKEN"}, f.Secrets)
	assert.Equal(t, 2, f.Tree["web"].(map[string]any)["minSize"])
	placed := f.Placed(infra.Problems{{Where: "web.minSize"}, {Where: "web.maxSize"}, {Where: "names[1]"}, {Where: "domain"}})
	var where []string
	for _, p := range placed {
		where = append(where, p.Where)
	}
	assert.Equal(t, []string{
		"Pulumi.prod.yaml: web.minSize (line 6)",
		"Pulumi.prod.yaml: web.maxSize (line 5)",
		"Pulumi.prod.yaml: names[1] (line 12)",
		"Pulumi.prod.yaml: domain",
	}, where)
	require.Len(t, f.SecretsAre(), 1)
	assert.NotContains(t, f.SecretsAre()[0].String(), "abc")
}

func TestFileThatIsNotThereOrNotYAML(t *testing.T) {
	folder := t.TempDir()
	f, err := Open(folder, "causeway", "dev")
	require.NoError(t, err)
	assert.Empty(t, f.Tree)

	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.dev.yaml"), []byte("config:\n\tx: 1\n"), 0o600))
	_, err = Open(folder, "causeway", "dev")
	assert.ErrorContains(t, err, "Pulumi.dev.yaml: this is not YAML")

	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.dev.yaml"), []byte("config: [1]\n"), 0o600))
	_, err = Open(folder, "causeway", "dev")
	assert.ErrorContains(t, err, "Pulumi.dev.yaml:1: config must hold settings")
}

// What `pulumi config set` writes when it is called without --path, with --secret, or with JSON.
func TestWhatPulumisCommandWrites(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.dev.yaml"), []byte(`config:
  causeway:region: {secure: v1:x}
  causeway:web.minSize: 3
  causeway:names[0]: www
  causeway:web: '{"minSize": 3}'
  causeway:names: '["www"]'
  causeway:tiers: {a: {environment: {KEY: {secure: v1:x}}}}
`), 0o600))
	f, err := Open(folder, "causeway", "dev")
	require.NoError(t, err)
	var s platform
	var said []string
	for _, p := range append(append(f.Unread("causeway", s), f.SecretsAre()...), Decode(f.Tree, &s)...) {
		said = append(said, p.String())
	}
	text := strings.Join(said, "\n")
	for _, want := range []string{
		"names[0]: is one name for Pulumi, and no setting; " +
			"write it below causeway:names, as `pulumi config set --path causeway:names[0] VALUE`",
		"web.minSize: is one name for Pulumi, and no setting; write it below causeway:web, " +
			"as `pulumi config set --path causeway:web.minSize VALUE` does, and remove this with `pulumi config rm causeway:web.minSize`",
		"region: is encrypted, and no secret: it shows in names, tags and the state; set it again without --secret",
		"tiers.a.environment.KEY: a secret cannot be a setting",
		"web: is a text with JSON in it; take the quotes around it away",
		"names: is a text with JSON in it; take the quotes around it away",
	} {
		assert.Contains(t, text, want)
	}
}
