package conformance

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/causeway-iac/causeway/twin/compare"
	"github.com/causeway-iac/causeway/twin/value"
)

//go:embed recording.txt.gz
var recorded []byte

//go:embed recording-cloudflare.txt.gz
var recordedOfCloudflare []byte

//go:embed disagreements.txt
var listed string

// Recording is what a real provider answered, by case: the built-in brain is held to it where no real provider is
// installed.
type Recording struct {
	From    string // which provider, and when
	answers map[string]string
}

// Recorded returns the recording that is kept here.
func Recorded() (Recording, error) { return parseRecording(recorded) }

// RecordedOfCloudflare is what the code of Cloudflare's provider answered.
func RecordedOfCloudflare() (Recording, error) { return parseRecording(recordedOfCloudflare) }

func parseRecording(packed []byte) (Recording, error) {
	r := Recording{answers: map[string]string{}}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return r, fmt.Errorf("unpacking the recording: %w", err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return r, fmt.Errorf("unpacking the recording: %w", err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if from, comment := strings.CutPrefix(line, "# "); comment {
			r.From = from
			continue
		}
		key, answer, ok := strings.Cut(line, "\t")
		if !ok {
			return r, fmt.Errorf("the recording has the line %q, and a line is a case, a tab and its answer", line)
		}
		r.answers[key] = answer
	}
	return r, nil
}

// Pack is the recording as it is kept: sorted, so that the same answers are the same file.
func (r Recording) Pack() ([]byte, error) {
	keys := slices.Sorted(maps.Keys(r.answers))
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(z, "# %s\n", r.From)
	for _, key := range keys {
		fmt.Fprintf(z, "%s\t%s\n", key, r.answers[key])
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("packing the recording: %w", err)
	}
	return out.Bytes(), nil
}

// Answer is what was answered to a case in its present form: a case whose inputs have changed since has no answer.
func (r Recording) Answer(c Case) (string, bool) {
	answer, asked := r.answers[c.recordedKey()]
	return answer, asked
}

// recordedKey is the case and a hash of its inputs, which the key only abbreviates.
func (c Case) recordedKey() string {
	inputs := value.Canonical([]any{marked(c.Before), marked(c.Inputs), c.Logical, c.Naming.Proposed, int(c.Naming.Mode)})
	sum := sha256.Sum256([]byte(inputs))
	return oneLine(c.Key()) + " #" + hex.EncodeToString(sum[:3])
}

func oneLine(s string) string { return strings.NewReplacer("\t", " ", "\n", " ").Replace(s) }

// Differences are where two answers to one case differ: the properties, if the answers have any.
func Differences(c Case, real, builtin string) []compare.Disagreement {
	if real == builtin {
		return nil
	}
	at := c.At + ": " + oneLine(c.What)
	one := compare.Disagreement{Operation: string(c.Question), Type: c.Type, At: at, First: real, Second: builtin, Times: 1}
	var first, second map[string]any
	if json.Unmarshal([]byte(real), &first) != nil || json.Unmarshal([]byte(builtin), &second) != nil {
		return []compare.Disagreement{one}
	}
	names := append(slices.Sorted(maps.Keys(first)), slices.Sorted(maps.Keys(second))...)
	sort.Strings(names)
	var all []compare.Disagreement
	for _, name := range slices.Compact(names) {
		a, b := said(first, name), said(second, name)
		if a != b {
			one.At, one.First, one.Second = at+": "+name, a, b
			all = append(all, one)
		}
	}
	return all
}

func said(m map[string]any, name string) string {
	v, ok := m[name]
	if !ok {
		return "absent"
	}
	return value.Canonical(v)
}

// Unlisted returns the disagreements that disagreements.txt does not list, and its lines that no disagreement needs.
func Unlisted(found []compare.Disagreement) (unlisted []compare.Disagreement, stale []string, err error) {
	return compare.Against(listed, found)
}
