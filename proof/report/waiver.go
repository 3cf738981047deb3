package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/causeway-iac/causeway/graph"
)

// WaiverTag begins the key of the tag that waives a check: the rest of the key is the
// waiver's name (the id of a check, or a name that the check answers to), and the value
// is the last day on which it holds, a space and the reason.
//
//	causeway:waiver:noWebAcl = 2027-06-30 the payment provider filters requests
const WaiverTag = "causeway:waiver:"

// RelaxedTag is the key of the tag that names, separated by spaces, what an environment other than prod relaxes: a check
// that answers to such a name is waived there, with no expiry. It is no check's id: no environment relaxes a critical
// check, or one that answers to no name.
const RelaxedTag = "causeway:relaxed"

const environmentTag = "causeway:environment"

// WaiverID and WaiverTitle are the check of the waivers themselves.
const (
	WaiverID    = "W"
	WaiverTitle = "Every waiver is well-formed, in force and needed"
)

// Waiver is why a broken check is meant to be broken, and until when. It holds for the resources that carry its tag, and
// for untagged ones (most rules, routes and policies) that belong to them; on every VPC, it holds for the whole stack.
type Waiver struct {
	Name    string `json:"name"`
	Expires string `json:"expires"`
	Reason  string `json:"reason"`
	// Used are the ids of the checks that it waives.
	Used []string `json:"used,omitempty"`

	carriers map[string]bool
	key      string // of the tag
	value    string
	conflict string
}

// New judges the graph's findings under the waivers in its tags that hold on the day now. A waiver that is ill-formed,
// expired or needless is itself a finding.
func New(g *graph.Graph, source Source, findings []Finding, now time.Time) *Report {
	r := &Report{
		Version: 1, Stack: g.Stack, Project: g.Project, Source: source, Resources: len(g.Resources),
		Counts: map[Verdict]int{}, Findings: slices.Clone(findings), places: map[string]string{},
	}
	for _, resource := range g.Resources {
		if resource.Source != "" {
			r.places[resource.URN] = resource.Source
		}
	}
	waivers := readWaivers(g)
	for _, w := range waivers {
		problem := w.check(now.UTC())
		ended := problem == w.over()
		for i := range r.Findings {
			switch f := &r.Findings[i]; {
			case problem == "":
				w.apply(g, f)
			case ended && w.waives(g, f):
				f.Ended = w.Name
			}
		}
		if problem == "" && len(w.Used) == 0 {
			problem = "it waives nothing: nothing that it could waive is broken on the resources that carry it"
		}
		if problem != "" {
			f := w.finding(problem)
			if ended {
				f.Ended = w.Name
			}
			r.Findings = append(r.Findings, f)
		}
		r.Waivers = append(r.Waivers, *w)
	}
	r.relax(g)
	for _, f := range r.Findings {
		r.Counts[f.Verdict]++
		r.Failed = r.Failed || f.Verdict.Fails()
	}
	slices.SortStableFunc(r.Findings, worstFirst)
	return r
}

func readWaivers(g *graph.Graph) []*Waiver {
	byName := map[string]*Waiver{}
	for _, r := range g.Resources {
		for key, value := range tags(r) {
			name, ok := strings.CutPrefix(key, WaiverTag)
			if !ok {
				continue
			}
			w := byName[name]
			if w == nil {
				w = &Waiver{Name: name, carriers: map[string]bool{}, key: WaiverTag + name, value: value}
				w.Expires, w.Reason, _ = strings.Cut(value, " ")
				byName[name] = w
			}
			if w.value != value {
				w.conflict = r.URN
			}
			w.carriers[r.URN] = true
		}
	}
	all := make([]*Waiver, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		all = append(all, byName[name])
	}
	return all
}

// relax waives what the stack's environment does not ask for.
func (r *Report) relax(g *graph.Graph) {
	strict := strictness(g)
	names := map[string]bool{}
	for _, f := range r.Findings {
		for _, name := range f.Waivers {
			names[name] = true
		}
	}
	for _, w := range readRelaxations(g) {
		switch {
		case strict != "":
			r.Findings = append(r.Findings, w.finding(strict+" relaxes nothing, and needs a waiver with a reason and an expiry"))
		case !names[w.Name]:
			r.Findings = append(r.Findings, w.finding("no environment relaxes what has this name"))
		default:
			for i := range r.Findings {
				if f := &r.Findings[i]; f.Severity != Critical && w.Name != f.ID {
					w.apply(g, f)
				}
			}
		}
	}
}

// strictness is why nothing is relaxed in the stack, "" if its environment may relax something. The environment is the
// whole stack's: no single resource can have another.
func strictness(g *graph.Graph) string {
	environments := map[string]bool{}
	for _, r := range g.Resources {
		if environment, tagged := tags(r)[environmentTag]; tagged {
			environments[environment] = true
		}
	}
	switch {
	case environments["prod"] || g.Stack == "prod":
		return "prod"
	case len(environments) == 0:
		return "a stack that does not tell its environment"
	case len(environments) > 1:
		return "a stack of several environments (" + strings.Join(slices.Sorted(maps.Keys(environments)), ", ") + ")"
	}
	return ""
}

func readRelaxations(g *graph.Graph) []*Waiver {
	byName := map[string]*Waiver{}
	for _, r := range g.Resources {
		relaxed := tags(r)[RelaxedTag]
		for _, name := range strings.Fields(relaxed) {
			if byName[name] == nil {
				byName[name] = &Waiver{Name: name, carriers: map[string]bool{}, key: RelaxedTag, value: relaxed}
			}
			byName[name].carriers[r.URN] = true
		}
	}
	var sorted []*Waiver
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		sorted = append(sorted, byName[name])
	}
	return sorted
}

// Waived says, in a line each, what is waived and why, and what the environment relaxes.
func (r *Report) Waived() []string {
	byName := map[string][]string{}
	for _, f := range r.Findings {
		if f.Verdict == Waived && !slices.Contains(byName[f.Waiver], f.ID) {
			byName[f.Waiver] = append(byName[f.Waiver], f.ID)
		}
	}
	var lines, relaxed []string
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		if w := r.waiver(name); w != nil {
			lines = append(lines, fmt.Sprintf("%s waives %s until %s: %s", name, strings.Join(byName[name], " "), w.Expires, w.Reason))
		} else {
			relaxed = append(relaxed, byName[name]...)
		}
	}
	if len(relaxed) > 0 {
		slices.Sort(relaxed)
		lines = append(lines, "this environment relaxes "+strings.Join(slices.Compact(relaxed), " "))
	}
	return lines
}

// waiver is the waiver of that name, nil for what an environment relaxes.
func (r *Report) waiver(name string) *Waiver {
	for i := range r.Waivers {
		if r.Waivers[i].Name == name {
			return &r.Waivers[i]
		}
	}
	return nil
}

// unwaivable are the checks that waivers themselves rest on: which environment a stack is, and whether its waivers are in
// order.
var unwaivable = []string{WaiverID, "C233"}

// check is what is wrong with the waiver itself, "" if nothing is.
func (w *Waiver) check(now time.Time) string {
	_, err := time.Parse(time.DateOnly, w.Expires)
	latest := now.AddDate(1, 0, 0).Format(time.DateOnly)
	switch {
	case slices.Contains(unwaivable, w.Name):
		return "waivers stand on this check, so that none may waive it"
	case w.conflict != "":
		return "it is not the same on every resource that carries it, for example on " + w.conflict
	case err != nil:
		return fmt.Sprintf("%q does not begin with the day on which it ends", w.value)
	case !isReason(w.Reason):
		return "it has no reason that an auditor can read"
	case w.Expires < now.Format(time.DateOnly):
		return w.over()
	case w.Expires > latest:
		return "it ends on " + w.Expires + ", and none may hold for longer than a year, until " + latest
	}
	return ""
}

// isReason says that the text is at least three different words.
func isReason(text string) bool {
	words := map[string]bool{}
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) }) {
		words[word] = true
	}
	return len(words) >= 3
}

// over is what is said of a waiver that has ended.
func (w *Waiver) over() string { return "it ended on " + w.Expires }

// waives says that the waiver is for a finding, if it is in order.
func (w *Waiver) waives(g *graph.Graph, f *Finding) bool {
	named := w.Name == f.ID || slices.Contains(f.Waivers, w.Name) && !f.Beyond
	return f.Verdict == Broken && named && w.covers(g, f.Resources)
}

func (w *Waiver) apply(g *graph.Graph, f *Finding) {
	if !w.waives(g, f) {
		return
	}
	f.Verdict, f.Waiver = Waived, w.Name
	if !slices.Contains(w.Used, f.ID) {
		w.Used = append(w.Used, f.ID)
	}
}

// covers says that the waiver holds for all of the resources; for a finding about none of them, that it holds for the
// whole stack.
func (w *Waiver) covers(g *graph.Graph, urns []string) bool {
	if w.everywhere(g) {
		return true
	}
	for _, urn := range urns {
		if r := g.ByURN(urn); r == nil || !w.carriers[urn] && (len(tags(r)) > 0 || !w.carriesOwner(r)) {
			return false
		}
	}
	return len(urns) > 0
}

// carriesOwner says that something which an untagged resource refers to is waived.
func (w *Waiver) carriesOwner(r *graph.Resource) bool {
	for _, urns := range r.PropertyDependencies {
		if slices.ContainsFunc(urns, func(urn string) bool { return w.carriers[urn] }) {
			return true
		}
	}
	return false
}

// everywhere says that the waiver is for the whole stack: each of its VPCs carries it or, if there is none, every AWS
// resource that has tags, except S3's objects, which have room for ten.
func (w *Waiver) everywhere(g *graph.Graph) bool {
	vpcs := slices.DeleteFunc(slices.Clone(g.Resources), func(r *graph.Resource) bool { return r.Type != "aws:ec2/vpc:Vpc" })
	if len(vpcs) > 0 {
		return !slices.ContainsFunc(vpcs, func(r *graph.Resource) bool { return !w.carriers[r.URN] })
	}
	return !slices.ContainsFunc(g.Resources, func(r *graph.Resource) bool {
		return strings.HasPrefix(r.Type, "aws:") && !strings.HasPrefix(r.Type, "aws:s3/bucketObject") && len(tags(r)) > 0 &&
			!w.carriers[r.URN]
	})
}

func (w *Waiver) finding(problem string) Finding {
	return Finding{
		ID: WaiverID, Title: WaiverTitle, Severity: Medium, Verdict: Broken,
		Resources: slices.Sorted(maps.Keys(w.carriers))[:1],
		Found:     fmt.Sprintf("the waiver %s: %s", w.Name, problem),
		Evidence:  []string{fmt.Sprintf("%s = %q on %d resources", w.key, w.value, len(w.carriers))},
		Remedy:    "mend what it waives and remove it, or write the last day on which it holds, a space and the reason",
	}
}

// tags are the tags that were asked for, in either of AWS's two forms.
func tags(r *graph.Resource) map[string]string {
	found := map[string]string{}
	switch all := r.Inputs["tags"].(type) {
	case map[string]any:
		for key, value := range all {
			found[key], _ = value.(string)
		}
	case []any:
		for _, element := range all {
			if tag, ok := element.(map[string]any); ok {
				key, _ := tag["key"].(string)
				found[key], _ = tag["value"].(string)
			}
		}
	}
	return found
}
