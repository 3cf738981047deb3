package conformance

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/compare"
	"github.com/causeway-iac/causeway/twin/facts"
)

// asked is a provider of which answers are recorded.
type asked struct {
	name     string
	of       *facts.Package
	cases    func(t *testing.T) []Case
	file     string
	recorded func() (Recording, error)
	find     func(home string) string
	install  string
	least    int // how many cases agree, at least
}

var providers = []asked{
	{"AWS", facts.AWS(), cases, "recording.txt.gz", Recorded, brain.FindPlugin, brain.HowToInstall, 20_000},
	{"Cloudflare", facts.Cloudflare(), func(t *testing.T) []Case { return derived(t, facts.Cloudflare()) },
		"recording-cloudflare.txt.gz", RecordedOfCloudflare, brain.FindCloudflarePlugin, brain.HowToInstallCloudflare, 2800},
}

// The built-in brain answers as the real providers did when they were recorded, but for what is listed with a
// reason.
func TestTheBuiltInBrainAnswersAsRecorded(t *testing.T) {
	var found []compare.Disagreement
	for _, p := range providers {
		found = append(found, p.found(t)...)
	}
	judge(t, found)
}

// found are the differences from what is recorded.
func (p asked) found(t *testing.T) []compare.Disagreement {
	t.Helper()
	r, err := p.recorded()
	require.NoError(t, err)
	builtin := brain.NewBuiltin(p.of)
	var found []compare.Disagreement
	count := counts{}
	for _, c := range p.cases(t) {
		real, asked := r.Answer(c)
		if !asked {
			count.skip(c)
			continue
		}
		found = append(found, count.compare(c, real, Answer(t.Context(), builtin, c, p.of.Resources[c.Type]))...)
	}
	t.Logf("as recorded of %s: %s", r.From, count)
	assert.Greater(t, count.agreed, p.least, "most cases have a recorded answer: where the real provider is installed, "+
		"go test -tags awsplugin -run RealProvider ./twin/conformance -update")
	return found
}

// judge fails for what is not listed, and for a listed line that nothing needs.
func judge(t *testing.T, found []compare.Disagreement) {
	t.Helper()
	unlisted, stale, err := Unlisted(found)
	require.NoError(t, err)
	for i, d := range unlisted {
		if i == 100 && os.Getenv("CAUSEWAY_CONFORMANCE_ALL") == "" {
			t.Errorf("and %d more (CAUSEWAY_CONFORMANCE_ALL=1 shows them)", len(unlisted)-i)
			break
		}
		t.Errorf("not listed in disagreements.txt: %s\n\treal:     %s\n\tbuilt in: %s", d.Key(), d.First, d.Second)
	}
	for _, line := range stale {
		t.Errorf("listed in disagreements.txt and not so: %s", line)
	}
}

// counts is what a comparison asked and found.
type counts struct {
	byQuestion               map[Question]int
	agreed, differed, failed int
	unasked                  map[string]int // by type
}

// skip counts a case to which there is no answer of the real provider's.
func (n *counts) skip(c Case) {
	if n.unasked == nil {
		n.unasked = map[string]int{}
	}
	n.unasked[c.Type]++
}

func (n *counts) compare(c Case, real, builtin string) []compare.Disagreement {
	if n.byQuestion == nil {
		n.byQuestion = map[Question]int{}
	}
	n.byQuestion[c.Question]++
	if real == Failed {
		n.failed++
	}
	if real == builtin {
		n.agreed++
		return nil
	}
	n.differed++
	return Differences(c, real, builtin)
}

func (n counts) String() string {
	total := 0
	var each []string
	for q, k := range n.byQuestion {
		total += k
		each = append(each, fmt.Sprintf("%s %d", q, k))
	}
	sort.Strings(each)
	text := fmt.Sprintf("%d cases (%s), %d agreed, %d disagreed", total, strings.Join(each, ", "), n.agreed, n.differed)
	if n.failed > 0 {
		text += fmt.Sprintf(", %d of them ended the provider", n.failed)
	}
	if len(n.unasked) > 0 {
		types, skipped := slices.Sorted(maps.Keys(n.unasked)), 0
		for _, k := range n.unasked {
			skipped += k
		}
		text += fmt.Sprintf("; %d cases skipped, to which there is no answer, of %d types (%s ...)", skipped, len(types), types[0])
	}
	return fmt.Sprintf("%s; %d properties skipped, which the provider does not have", text, skipped())
}

// skipped counts the properties that the facts' provider lacks, and nothing is asked of.
func skipped() int {
	n := 0
	var walk func(known map[string]*facts.Property)
	walk = func(known map[string]*facts.Property) {
		for _, p := range known {
			if p.Input() && p.Note != "" {
				n++
			}
			walk(p.Properties)
		}
	}
	for _, r := range facts.AWS().Resources {
		walk(r.Properties)
	}
	return n
}

func TestARecordingIsKeptAsItIs(t *testing.T) {
	c := Case{Question: Check, Type: "aws:a/b:B", At: "name", What: "a\ttext\nof two lines", Inputs: map[string]any{"name": "a"}}
	r := Recording{From: "a provider", answers: map[string]string{c.recordedKey(): Refused}}
	packed, err := r.Pack()
	require.NoError(t, err)
	again, err := parseRecording(packed)
	require.NoError(t, err)
	assert.Equal(t, r, again)

	answer, asked := again.Answer(c)
	assert.True(t, asked)
	assert.Equal(t, Refused, answer)
	c.Inputs = map[string]any{"name": "b"}
	_, asked = again.Answer(c)
	assert.False(t, asked, "the same key with other inputs is another question")

	_, err = parseRecording([]byte("text"))
	assert.ErrorContains(t, err, "unpacking the recording")
}

func TestDifferencesArePropertiesWhereAnswersAre(t *testing.T) {
	c := Case{Question: Plan, Type: "aws:a/b:B", At: whole, What: "the specimen"}
	assert.Empty(t, Differences(c, `{"a":1}`, `{"a":1}`))
	found := Differences(c, `{"a":1,"b":2}`, `{"a":1,"b":3,"c":4}`)
	require.Len(t, found, 2)
	assert.Equal(t, "plan aws:a/b:B -: the specimen: b", found[0].Key())
	assert.Equal(t, "absent", found[1].First)
	found = Differences(c, Refused, `{"a":1}`)
	require.Len(t, found, 1)
	assert.Equal(t, "plan aws:a/b:B -: the specimen", found[0].Key())
}
