package compare

import (
	_ "embed"
	"fmt"
	"regexp"
	"strings"
)

//go:embed disagreements.txt
var listed string

// known is one line of disagreements.txt.
type known struct {
	text    string
	pattern *regexp.Regexp
}

func parse(text string) ([]known, error) {
	var all []known
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, reason, _ := strings.Cut(line, "  - ")
		if strings.TrimSpace(reason) == "" || len(strings.Fields(key)) < 3 {
			return nil, fmt.Errorf("disagreements.txt, line %d: write an operation, a type, a property, two spaces, a dash and a reason",
				i+1)
		}
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(key), `\*`, ".*") + "$"
		all = append(all, known{key, regexp.MustCompile(pattern)})
	}
	return all, nil
}

// Unlisted returns the disagreements that disagreements.txt does not list, and its lines that no disagreement needs.
func Unlisted(found []Disagreement) (unlisted []Disagreement, stale []string, err error) {
	return Against(listed, found)
}

// Against is Unlisted for another list of the same form.
func Against(text string, found []Disagreement) (unlisted []Disagreement, stale []string, err error) {
	lines, err := parse(text)
	if err != nil {
		return nil, nil, err
	}
	needed := make([]bool, len(lines))
	for _, d := range found {
		hit := false
		for i, k := range lines {
			if k.pattern.MatchString(d.Key()) {
				hit, needed[i] = true, true
			}
		}
		if !hit {
			unlisted = append(unlisted, d)
		}
	}
	for i, k := range lines {
		if !needed[i] {
			stale = append(stale, k.text)
		}
	}
	return unlisted, stale, nil
}
