package pack

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/causeway-iac/causeway/proof/controls"
	"github.com/causeway-iac/causeway/proof/invariants"
	"github.com/causeway-iac/causeway/proof/report"
)

const (
	name    = "causeway"
	version = "1.0.0" // of the set of policies: it changes when they do
)

// waivers is the check of the waivers themselves.
var waivers = report.Finding{ID: report.WaiverID, Title: report.WaiverTitle, Severity: report.Medium}

// GetAnalyzerInfo lists the policies: each invariant and each control, all of them about the whole stack and mandatory.
func (s *Server) GetAnalyzerInfo(context.Context, *emptypb.Empty) (*pulumirpc.AnalyzerInfo, error) {
	info := &pulumirpc.AnalyzerInfo{
		Name: name, DisplayName: "Causeway", Version: version, Provider: "AWS",
		Description: "what may reach what, the platform's invariants, and the controls of FSBP, CIS and the scanners",
	}
	for _, i := range invariants.All {
		info.Policies = append(info.Policies, policy(report.Finding{ID: i.ID, Title: i.Title, Severity: i.Severity}, ""))
	}
	for _, c := range controls.All {
		info.Policies = append(info.Policies, policy(report.Finding{ID: c.ID(), Title: c.Title, Severity: c.Severity}, c.Remedy))
	}
	info.Policies = append(info.Policies, policy(waivers, ""))
	for _, gate := range s.gates {
		info.Policies = append(info.Policies, policy(gate.Policy, gate.Policy.Remedy))
	}
	return info, nil
}

func policy(f report.Finding, remedy string) *pulumirpc.PolicyInfo {
	return &pulumirpc.PolicyInfo{
		Name: f.ID, DisplayName: f.Title, Description: f.Title + ".", PolicyType: pulumirpc.PolicyType_POLICY_TYPE_STACK,
		EnforcementLevel: pulumirpc.EnforcementLevel_MANDATORY, Severity: severities[f.Severity], RemediationSteps: remedy,
	}
}
