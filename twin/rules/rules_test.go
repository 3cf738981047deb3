package rules

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

func resource(token string) *facts.Resource {
	if r := facts.AWS().Resources[token]; r != nil {
		return r
	}
	return facts.Cloudflare().Resources[token]
}

// property follows a path through the facts.
func property(known map[string]*facts.Property, path string) *facts.Property {
	name, rest, more := strings.Cut(path, ".")
	p := known[name]
	if p == nil || !more {
		return p
	}
	return property(p.Properties, rest)
}

// Each row is about an input that exists, says where it was read, allows something and refuses something.
func TestEveryRowIsOfAPropertyAndHasASource(t *testing.T) {
	for _, token := range Types() {
		r := resource(token)
		require.NotNil(t, r, token)
		table := tables()[token]
		assert.True(t, strings.HasPrefix(table.sources, "https://"), "%s: %q is no source", token, table.sources)
		twice := map[string]bool{}
		for _, row := range table.rows {
			if p := property(r.Properties, row.path); assert.NotNil(t, p, "%s has no %s", token, row.path) {
				assert.True(t, p.Input(), "%s %s is not an input", token, row.path)
			}
			assert.False(t, twice[row.path], "%s has two rows for %s", token, row.path)
			twice[row.path] = true
			_, refused := Samples(token, row.path)
			assert.NotEmpty(t, refused, "%s %s: a rule that refuses nothing", token, row.path)
		}
	}
}

// The samples of each rule are what it says they are: none without an effect.
func TestSamplesAreAllowedAndRefused(t *testing.T) {
	for token, table := range tables() {
		for _, row := range table.rows {
			allowed, refused := Samples(token, row.path)
			assert.NotEmpty(t, allowed, "%s %s: no sample of what is allowed", token, row.path)
			for _, v := range refused {
				assert.NotEmpty(t, row.complaints(v), "%s %s: %v", token, row.path, v)
			}
		}
	}
}

// A person is told what to write.
func TestComplaintsNameWhatIsAllowed(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		v    any
		says []string
	}{
		{oneOf("optional", "required"), "yes", []string{`"yes"`, "optional, required"}},
		{anyCase("HTTP", "TCP"), "ftp", []string{`"ftp"`, "HTTP, TCP"}},
		{between(1, 65535), 0.0, []string{"0", "between 1 and 65535"}},
		{between(0, 3600), "4000", []string{"4000", "between 0 and 3600"}},
		{atLeast(1), 0.0, []string{"less than 1"}},
		{orBetween([]float64{0}, 7, 30), 3.0, []string{"3", "0 or between 7 and 30"}},
		{oneOfNumbers(60, 600), 61.0, []string{"61", "60, 600"}},
		{length(3, 125), "ab", []string{"2 characters", "3 to 125"}},
		{block4(), "10.0.0.1/16", []string{"host bits", "10.0.0.0/16"}},
		{block(false, 16, 28), "10.0.0.0/8", []string{"/16", "/28"}},
		{block4(), "2001:db8::/32", []string{"IPv4"}},
		{arn(), "role/x", []string{"ARN", "six parts"}},
		{arn(), "arn:aws:iam::1234:role/x", []string{"twelve digits"}},
		{policy(), "text", []string{"JSON object", "{"}},
		{document(), "{", []string{"not JSON"}},
		{encoded(), "not base64!", []string{"base64"}},
		{timestamp(), "tomorrow", []string{`"tomorrow"`, "2027-01-31T12:00:00Z"}},
		{duration(), "soon", []string{"10m"}},
		{identifier()[0], "Main", []string{`"Main"`, "63 lower-case letters"}},
	} {
		got := c.rule.complain(c.v)
		for _, part := range c.says {
			assert.Contains(t, got, part)
		}
	}
}

// A failure is at the value's own place, through lists, and nothing is said of what is not known yet.
func TestJudgeSaysWhere(t *testing.T) {
	judge := func(token string, in value.Map) map[string]bool {
		at := map[string]bool{}
		Judge(token, in, func(path, _ string, _ ...any) { at[path] = true })
		return at
	}
	listener := value.Map{"port": 0.0, "defaultActions": []any{value.Map{"type": "forward", "targetGroupArn": "x"},
		value.Map{"type": "dance"}}}
	assert.Equal(t, map[string]bool{"port": true, "defaultActions[0].targetGroupArn": true, "defaultActions[1].type": true},
		judge("aws:lb/listener:Listener", listener))
	assert.Empty(t, judge("aws:lb/listener:Listener", value.Map{"port": value.Unknown{}, "defaultActions": value.Unknown{}}))
	assert.Empty(t, judge("aws:no/such:Type", value.Map{"port": 0.0}))
}
