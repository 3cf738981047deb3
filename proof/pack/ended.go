package pack

import (
	"strings"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
)

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
