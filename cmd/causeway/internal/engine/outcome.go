package engine

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

// Outcome is what an operation did, or what a preview found.
type Outcome struct {
	Operation string // "preview", "up", "refresh" or "down"
	Changes   []Change
	Problems  []Problem // errors and warnings, in the order in which they came
	Same      int       // resources, not components, that are as declared
	Managed   int       // resources, not components, that the program declares or that existed
	Cancelled bool
	Outputs   auto.OutputMap // of Up
}

// Change is what happens to one resource.
type Change struct {
	URN    string
	Path   string // its parents' names and its own: "shop/network/public-a"
	Type   string // "aws:ec2/subnet:Subnet"
	Op     Op
	Old    map[string]any // inputs before; nil if created
	New    map[string]any // inputs after; nil if deleted
	Was    map[string]any // outputs before: what existed, where that is not what was declared
	Diffs  []string       // property paths that differ
	Forces []string       // the differing ones that force a replacement
	Failed bool
}

// Op is what happens to a resource, as a person names it.
type Op string

const (
	Create  Op = "create"
	Update  Op = "update"
	Replace Op = "replace"
	Delete  Op = "delete"
	Import  Op = "import"
	Read    Op = "read"
)

// Problem is an error or a warning of the engine, a provider, the program or a policy pack.
type Problem struct {
	Path    string // of the resource concerned; empty if none
	Type    string
	Warning bool
	Policy  string // the policy that is violated; empty if none
	Message string
}

// collector makes an Outcome of the engine's events.
type collector struct {
	out     Outcome
	parents map[string]string // URN to parent's URN
	changes map[string]int    // URN to index in out.Changes
	anew    map[string]bool   // URNs of what a replacement makes
}

func newCollector(operation string) *collector {
	return &collector{out: Outcome{Operation: operation}, parents: map[string]string{}, changes: map[string]int{}, anew: map[string]bool{}}
}

func (c *collector) add(e apitype.EngineEvent) {
	switch {
	case e.ResourcePreEvent != nil:
		c.begin(e.ResourcePreEvent.Metadata)
	case e.ResOutputsEvent != nil:
		c.end(e.ResOutputsEvent.Metadata)
	case e.ResOpFailedEvent != nil:
		if i, ok := c.changes[e.ResOpFailedEvent.Metadata.URN]; ok {
			c.out.Changes[i].Failed = true
		}
	case e.DiagnosticEvent != nil:
		c.diagnose(*e.DiagnosticEvent)
	case e.PolicyEvent != nil:
		c.violated(*e.PolicyEvent)
	case e.ErrorEvent != nil:
		c.out.Problems = append(c.out.Problems, Problem{Message: plain(e.ErrorEvent.Error)})
	case e.SummaryEvent != nil:
		c.out.Cancelled = e.SummaryEvent.Result == apitype.OperationResultCanceled
	}
}

// begin records a step. A replacement arrives as several, which make one change.
func (c *collector) begin(m apitype.StepEventMetadata) {
	state := m.New
	if state == nil {
		state = m.Old
	}
	if state == nil {
		return
	}
	c.parents[m.URN] = state.Parent
	if !state.Custom || strings.HasPrefix(m.Type, "pulumi:providers:") {
		return
	}
	if m.Op == apitype.OpSame {
		c.out.Same++
		c.out.Managed++
		return
	}
	op, known := opNames[m.Op]
	if !known {
		return
	}
	switch m.Op {
	case apitype.OpReplace, apitype.OpCreateReplacement, apitype.OpImportReplacement, apitype.OpReadReplacement:
		c.anew[m.URN] = true
	}
	if i, again := c.changes[m.URN]; again {
		if op == Replace {
			c.out.Changes[i].Op = Replace
		}
		if m.New != nil && c.out.Changes[i].New == nil {
			c.out.Changes[i].New = m.New.Inputs
		}
		c.out.Changes[i].Forces = union(c.out.Changes[i].Forces, m.Keys)
		return
	}
	change := Change{URN: m.URN, Type: m.Type, Op: op, Diffs: changed(m), Forces: m.Keys}
	if m.Old != nil {
		change.Old, change.Was = m.Old.Inputs, m.Old.Outputs
	}
	if m.New != nil {
		change.New = m.New.Inputs
	}
	if op != Read {
		c.out.Managed++
	}
	c.changes[m.URN] = len(c.out.Changes)
	c.out.Changes = append(c.out.Changes, change)
}

// end takes from a finished step what was not known when it began.
func (c *collector) end(m apitype.StepEventMetadata) {
	if i, ok := c.changes[m.URN]; ok && len(c.out.Changes[i].Diffs) == 0 {
		c.out.Changes[i].Diffs = changed(m)
	}
}

var opNames = map[apitype.OpType]Op{
	apitype.OpCreate:            Create,
	apitype.OpUpdate:            Update,
	apitype.OpDelete:            Delete,
	apitype.OpDeleteReplaced:    Replace,
	apitype.OpCreateReplacement: Replace,
	apitype.OpReplace:           Replace,
	apitype.OpImport:            Import,
	apitype.OpImportReplacement: Replace,
	apitype.OpRead:              Read,
	apitype.OpReadReplacement:   Replace,
	apitype.OpReadDiscard:       Delete,
	apitype.OpDiscardReplaced:   Replace,
}

// changed are the property paths that a step changes: the detailed ones, if the provider gave them.
func changed(m apitype.StepEventMetadata) []string {
	if len(m.DetailedDiff) == 0 {
		return m.Diffs
	}
	paths := slices.Collect(maps.Keys(m.DetailedDiff))
	return union(nil, paths)
}

// diskFull replaces the engine's message, which says where it noticed and not what to do.
const diskFull = "the disk is full: free some space and start again (what was made meanwhile is found again)"

func (c *collector) diagnose(d apitype.DiagnosticEvent) {
	if d.Ephemeral || d.Severity != "error" && d.Severity != "warning" {
		return
	}
	message := plain(d.Message)
	if strings.Contains(message, "no space left on device") {
		message = diskFull // every resource under way fails because of it
	}
	if message == "" || d.Severity == "error" && summary(message) {
		return
	}
	p := Problem{Warning: d.Severity == "warning", Message: message}
	if d.URN != "" && message != diskFull {
		p.Path, p.Type = c.path(d.URN), typeOf(d.URN)
	}
	c.out.Problems = append(c.out.Problems, p)
}

// violated records what a policy pack found. A mandatory policy's violation fails the operation.
func (c *collector) violated(v apitype.PolicyEvent) {
	p := Problem{Policy: v.PolicyName, Warning: v.EnforcementLevel == string(apitype.Advisory), Message: v.PolicyName + "  " +
		plain(v.Message)}
	if v.ResourceURN != "" {
		p.Path, p.Type = c.path(v.ResourceURN), typeOf(v.ResourceURN)
	}
	c.out.Problems = append(c.out.Problems, p)
}

// summary recognises the engine's own closing lines ("update failed"), which only repeat that something above them went
// wrong.
func summary(message string) bool {
	for _, line := range []string{"update failed", "preview failed", "refresh failed", "destroy failed", "update canceled",
		"preview canceled"} {
		if message == line {
			return true
		}
	}
	return strings.HasPrefix(message, "resource registration failed: ") ||
		strings.HasPrefix(message, "an unhandled error occurred: program exited with non-zero exit code")
}

// outcome is what was collected; paths are made now that every parent is known.
func (c *collector) outcome() Outcome {
	for i := range c.out.Changes {
		change := &c.out.Changes[i]
		change.Path = c.path(change.URN)
		if change.Op == Replace && !c.anew[change.URN] { // what a replacement left behind, or what is going away
			change.Op = Delete
		}
	}
	return c.out
}

// path is a resource's place among the components, without the stack at its root.
func (c *collector) path(urn string) string {
	path := nameOf(urn)
	for parent := c.parents[urn]; parent != "" && typeOf(parent) != "pulumi:pulumi:Stack"; parent = c.parents[parent] {
		path = nameOf(parent) + "/" + path
	}
	if typeOf(urn) == "pulumi:pulumi:Stack" {
		return ""
	}
	return path
}

func nameOf(s string) string { return urn.URN(s).Name() }

func typeOf(s string) string { return string(urn.URN(s).Type()) }

// markup is the engine's colour markup, "<{%fg 1%}>", and the terminal's own.
var markup = regexp.MustCompile(`<\{%[^%]*%\}>|\x1b\[[0-9;]*m`)

// plain is a message without colours and surrounding space.
func plain(message string) string {
	return strings.TrimSpace(markup.ReplaceAllString(message, ""))
}

// union joins two lists, sorted, each entry once.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
