package proof

import (
	"encoding/json"
	"fmt"
	"slices"
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

// Markdown is the report for a comment on a pull request.
func (r *Report) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**: %s\n", escape(r.Stack), r.Summary())
	groups := r.failing()
	for _, g := range groups {
		first := g.findings[0]
		fmt.Fprintf(&b, "\n<details%s><summary><b>%s %s</b> %s (%s)</summary>\n\n", open(first), first.Verdict, g.ids(), escape(first.Title), first.Severity)
		for _, f := range g.findings {
			fmt.Fprintf(&b, "- %s", escape(f.Found))
			if len(f.Resources) > 0 {
				fmt.Fprintf(&b, " at %s", escape(Short(f.Resources, 200)))
			}
			b.WriteString("\n")
			if len(f.Evidence) > 0 {
				fmt.Fprintf(&b, "  ```\n  %s\n  ```\n", strings.ReplaceAll(strings.ReplaceAll(strings.Join(f.Evidence, "\n"), "```", "'''"), "\n", "\n  "))
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

// escape keeps a name that somebody chose from being markup.
func escape(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "\\|", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "\n", " ", "@", "&#64;").Replace(text)
}

type object = map[string]any

// SARIF is the report for code scanning (SARIF 2.1.0, OASIS). A finding of a stack has no
// line of code: its place is the stack's settings file, and its resources are logical
// locations.
func (r *Report) SARIF() ([]byte, error) {
	rules, results := []object{}, []object{}
	seen := map[string]bool{}
	for _, f := range r.Findings {
		if !seen[f.ID] {
			seen[f.ID] = true
			rules = append(rules, object{
				"id": f.ID, "shortDescription": object{"text": f.Title},
				"help":       object{"text": f.Title + "."},
				"properties": object{"security-severity": scores[f.Severity], "tags": []string{"security"}},
			})
		}
		if f.Verdict == Holds || f.Verdict == NotApplicable {
			continue
		}
		results = append(results, r.sarif(f))
	}
	raw, err := json.MarshalIndent(object{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
		"runs": []object{{
			"tool":    object{"driver": object{"name": "causeway verify", "rules": rules}},
			"results": results,
		}},
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the report as SARIF: %w", err)
	}
	return append(raw, '\n'), nil
}

func (r *Report) sarif(f Finding) object {
	message := f.Found
	if len(f.Evidence) > 0 {
		message += "\n" + strings.Join(f.Evidence, "\n")
	}
	if f.Remedy != "" {
		message += "\nInstead: " + f.Remedy
	}
	logical := []object{}
	for _, urn := range f.Resources {
		logical = append(logical, object{"fullyQualifiedName": urn, "name": shortName(urn), "kind": "resource"})
	}
	result := object{
		"ruleId": f.ID, "level": levels[f.Severity], "message": object{"text": message},
		"locations": []object{{
			"physicalLocation": object{"artifactLocation": object{"uri": "Pulumi." + r.Stack + ".yaml"}, "region": object{"startLine": 1}},
			"logicalLocations": logical,
		}},
		"partialFingerprints": object{"causeway/v1": strings.Join(append([]string{r.Stack, f.ID, f.Found}, f.Resources...), "|")},
	}
	if f.Verdict == Waived {
		result["suppressions"] = []object{{"kind": "external", "justification": r.why(f.Waiver)}}
	}
	return result
}

// scores are what GitHub's code scanning orders findings by.
var scores = map[Severity]string{Critical: "9.5", High: "8.0", Medium: "5.5", Low: "3.0"}

var levels = map[Severity]string{Critical: "error", High: "error", Medium: "warning", Low: "note"}
