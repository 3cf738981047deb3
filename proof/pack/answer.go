package pack

import (
	"fmt"
	"strings"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
)

// answer is the report as the engine takes it: a violation for each finding that fails, at the
// first resource that it names, or at the stack. What stood is told alone.
func (s *Server) answer(g *graph.Graph, r *report.Report, stood func(report.Finding) bool) *pulumirpc.AnalyzeResponse {
	response := &pulumirpc.AnalyzeResponse{}
	for _, f := range r.Findings {
		switch {
		case f.Verdict.Fails():
			d := s.violation(g, f)
			if stood(f) {
				d.EnforcementLevel = pulumirpc.EnforcementLevel_ADVISORY
				d.Message += "\nIt was deployed under the waiver " + f.Ended + ", which has ended: nothing but another release can be now"
			}
			response.Diagnostics = append(response.Diagnostics, d)
		case f.Verdict == report.NotApplicable:
			response.NotApplicable = append(response.NotApplicable, &pulumirpc.PolicyNotApplicable{PolicyName: f.ID, Reason: f.Found})
		}
	}
	for _, line := range r.Waived() {
		d := diagnostic(waivers)
		d.EnforcementLevel, d.Message = pulumirpc.EnforcementLevel_ADVISORY, line
		response.Diagnostics = append(response.Diagnostics, d)
	}
	return response
}

func (s *Server) violation(g *graph.Graph, f report.Finding) *pulumirpc.AnalyzeDiagnostic {
	d := diagnostic(f)
	d.Message = message(f)
	if s.preview && f.Later {
		d.EnforcementLevel = pulumirpc.EnforcementLevel_ADVISORY
		d.Message += "\nThe deployment's end decides it. To know before: causeway verify --declared"
	}
	for _, urn := range f.Resources {
		if g.ByURN(urn) != nil {
			d.Urn = urn
			break
		}
	}
	return d
}

func diagnostic(f report.Finding) *pulumirpc.AnalyzeDiagnostic {
	return &pulumirpc.AnalyzeDiagnostic{
		PolicyName: f.ID, PolicyPackName: name, PolicyPackVersion: version, Description: f.Title + ".",
		EnforcementLevel: pulumirpc.EnforcementLevel_MANDATORY, Severity: severities[f.Severity],
	}
}

// message is what was found, about what, why, and what to write instead.
func message(f report.Finding) string {
	var b strings.Builder
	if f.Verdict == report.Undecided {
		b.WriteString("cannot be decided: ")
	}
	b.WriteString(f.Found)
	if len(f.Resources) > 1 {
		fmt.Fprintf(&b, "\nat %s", report.Short(f.Resources, 200))
	}
	for _, line := range f.Evidence {
		b.WriteString("\n  " + line)
	}
	if f.Remedy != "" {
		b.WriteString("\nInstead: " + f.Remedy)
	}
	return b.String()
}

var severities = map[report.Severity]pulumirpc.PolicySeverity{
	report.Critical: pulumirpc.PolicySeverity_POLICY_SEVERITY_CRITICAL,
	report.High:     pulumirpc.PolicySeverity_POLICY_SEVERITY_HIGH,
	report.Medium:   pulumirpc.PolicySeverity_POLICY_SEVERITY_MEDIUM,
	report.Low:      pulumirpc.PolicySeverity_POLICY_SEVERITY_LOW,
}

// carriesEnded says that a waiver which has ended is among a resource's tags.
func carriesEnded(q *pulumirpc.AnalyzeRequest, now time.Time) bool {
	for key, value := range q.GetProperties().GetFields()["tags"].GetStructValue().GetFields() {
		end, _, _ := strings.Cut(value.GetStringValue(), " ")
		if strings.HasPrefix(key, report.WaiverTag) && end < now.UTC().Format(time.DateOnly) {
			return true
		}
	}
	return false
}

// standing tells the findings that a waiver covered until it ended, and that hold of the stack as it is deployed. They are told
// and stop nothing: whoever must deploy another release at night need not renew a waiver first.
func (s *Server) standing() func(report.Finding) bool {
	stood := map[string]bool{}
	key := func(f report.Finding) string { return f.Ended + " " + f.ID + " " + strings.Join(f.Resources, " ") }
	if s.before != nil {
		for _, f := range proof.Verify(s.before, report.FromState, s.now()).Findings {
			stood[key(f)] = f.Ended != ""
		}
	}
	return func(f report.Finding) bool { return f.Ended != "" && stood[key(f)] }
}
