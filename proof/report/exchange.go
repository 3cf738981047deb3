package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// JSON is the report as a document whose shape is stable.
func (r *Report) JSON() ([]byte, error) {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the report as JSON: %w", err)
	}
	return append(raw, '\n'), nil
}

// A comment on GitHub holds 65,536 characters.
const (
	longestComment = 40_000
	mostInComment  = 10 // findings of one check
)

// Markdown is the report for a comment on a pull request.
func (r *Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** (%s): %s\n", escape(r.Stack), r.origin(), r.Summary())
	groups := r.failing()
	for i, g := range groups {
		if b.Len() > longestComment {
			fmt.Fprintf(&b, "\nand %d checks more: `causeway verify --all` shows them\n", len(groups)-i)
			break
		}
		first := g.findings[0]
		fmt.Fprintf(&b, "\n<details%s><summary><b>%s %s</b> %s (%s)</summary>\n\n",
			open(first), first.Verdict, strings.Join(g.ids(), " "), html.EscapeString(first.Title), first.Severity)
		for j, f := range g.findings {
			if j == mostInComment {
				fmt.Fprintf(&b, "- and %d more like it\n", len(g.findings)-j)
				break
			}
			fmt.Fprintf(&b, "- %s", escape(f.Found))
			if len(f.Resources) > 0 {
				fmt.Fprintf(&b, " at %s", escape(Short(f.Resources, 200)))
			}
			b.WriteString("\n")
			if len(f.Evidence) > 0 {
				fmt.Fprintf(&b, "  ```\n  %s\n  ```\n", strings.ReplaceAll(strings.ReplaceAll(strings.Join(f.Evidence, "\n"), "```", "'''"),
					"\n", "\n  "))
			}
		}
		if first.Remedy != "" {
			fmt.Fprintf(&b, "\nInstead: %s\n", escape(first.Remedy))
		}
		b.WriteString("\n</details>\n")
	}
	waived := slices.DeleteFunc(slices.Clone(r.Findings), func(f Finding) bool { return f.Verdict != Waived })
	if len(waived) > 0 {
		b.WriteString("\n| waived | what was found | why |\n| --- | --- | --- |\n")
		for _, f := range waived {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", f.ID, escape(f.Found), escape(r.why(f.Waiver)))
		}
	}
	return b.String()
}

func open(f Finding) string {
	if f.Severity == Critical || f.Severity == High {
		return " open"
	}
	return ""
}

// escape keeps a name that somebody chose from being markup, a mention or a reference: a zero-width space separates @ and
// # from what follows.
func escape(text string) string { return markup.Replace(text) }

var markup = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "\\", "\\\\", "|", "\\|", "`", "\\`", "*", "\\*", "_", "\\_", "~", "\\~",
	"[", "\\[", "]", "\\]", "\n", " ", "\r", " ", "@", "@&#8203;", "#", "#&#8203;", "://", ":&#8203;//", "www.", "www&#8203;.",
)

type object = map[string]any

// SARIF is the report for code scanning (SARIF 2.1.0, OASIS). A finding's location is the line that declares its first
// resource, if the engine tells it, otherwise the stack's settings file; its resources are logical locations. Each stack
// is an analysis of its own, so that GitHub keeps them apart.
func (r *Report) SARIF() ([]byte, error) {
	rules, results := []object{}, []object{}
	index := map[string]int{}
	for _, f := range r.Findings {
		i, seen := index[f.ID]
		if !seen {
			i = len(rules)
			index[f.ID] = i
			rules = append(rules, rule(f))
		}
		if f.Verdict.Fails() || f.Verdict == Waived {
			result := r.sarif(f)
			result["ruleIndex"] = i
			results = append(results, result)
		}
	}
	raw, err := json.MarshalIndent(object{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
		"runs": []object{{
			"tool":              object{"driver": object{"name": "causeway verify", "rules": rules}},
			"automationDetails": object{"id": "causeway-verify/" + r.Stack + "/"},
			"results":           results,
		}},
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the report as SARIF: %w", err)
	}
	return append(raw, '\n'), nil
}

func rule(f Finding) object {
	text := object{"text": f.Title + "."}
	tags := []string{"security"}
	for _, source := range slices.Sorted(maps.Keys(f.Sources)) {
		for _, id := range f.Sources[source] {
			if tag := source + " " + id; len(tags) < 20 { // GitHub takes no more
				tags = append(tags, tag)
			}
		}
	}
	help := text
	if f.Remedy != "" {
		help = object{"text": f.Title + ". Instead: " + f.Remedy}
	}
	return object{
		"id": f.ID, "shortDescription": text, "fullDescription": text, "help": help,
		"defaultConfiguration": object{"level": levels[f.Severity]},
		"properties":           object{"security-severity": scores[f.Severity], "tags": tags},
	}
}

func (r *Report) sarif(f Finding) object {
	message := f.Found
	if f.Verdict == Undecided {
		message = "cannot be decided: " + message
	}
	if len(f.Evidence) > 0 {
		message += "\n" + strings.Join(f.Evidence, "\n")
	}
	if f.Remedy != "" {
		message += "\nInstead: " + f.Remedy
	}
	logical := []object{}
	file, line := "Pulumi."+url.PathEscape(r.Stack)+".yaml", 1
	for _, urn := range slices.Backward(f.Resources) {
		path, text, _ := strings.Cut(r.places[urn], ":")
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			file, line = (&url.URL{Path: path}).EscapedPath(), n
		}
	}
	for _, urn := range f.Resources {
		logical = append(logical, object{"fullyQualifiedName": urn, "name": shortName(urn), "kind": "resource"})
	}
	suppressions := []object{}
	if f.Verdict == Waived {
		suppressions = append(suppressions, object{"kind": "external", "justification": r.why(f.Waiver)})
	}
	what := sha256.Sum256([]byte(strings.Join(append([]string{r.Stack, f.ID, f.Found}, f.Resources...), "|")))
	return object{
		"ruleId": f.ID, "level": levels[f.Severity], "message": object{"text": message},
		"locations": []object{{
			"physicalLocation": object{"artifactLocation": object{"uri": file}, "region": object{"startLine": line}},
			"logicalLocations": logical,
		}},
		"partialFingerprints": object{"causeway/v1": hex.EncodeToString(what[:])},
		"suppressions":        suppressions,
	}
}

// scores are what GitHub's code scanning sorts findings by.
var scores = map[Severity]string{Critical: "9.5", High: "8.0", Medium: "5.5", Low: "3.0"}

var levels = map[Severity]string{Critical: "error", High: "error", Medium: "warning", Low: "note"}
