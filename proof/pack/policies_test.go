package pack

import (
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/causeway-iac/causeway/proof/controls"
	"github.com/causeway-iac/causeway/proof/invariants"
)

func TestEveryPolicyIsMandatory(t *testing.T) {
	info, err := New().GetAnalyzerInfo(t.Context(), nil)
	require.NoError(t, err)
	assert.Len(t, info.Policies, len(invariants.All)+len(controls.All)+1)
	assert.False(t, info.SupportsConfig, "what can be configured can be switched off")
	seen := map[string]bool{}
	for _, p := range info.Policies {
		assert.False(t, seen[p.Name], p.Name)
		seen[p.Name] = true
		assert.Equal(t, pulumirpc.EnforcementLevel_MANDATORY, p.EnforcementLevel, p.Name)
		assert.Equal(t, pulumirpc.PolicyType_POLICY_TYPE_STACK, p.PolicyType, p.Name)
		assert.NotEqual(t, pulumirpc.PolicySeverity_POLICY_SEVERITY_UNSPECIFIED, p.Severity, p.Name)
		assert.NotEmpty(t, p.DisplayName, p.Name)
	}
}

func TestItCannotBeConfigured(t *testing.T) {
	_, err := New().Configure(t.Context(), &pulumirpc.ConfigureAnalyzerRequest{PolicyConfig: map[string]*pulumirpc.PolicyConfig{
		"I1": {EnforcementLevel: pulumirpc.EnforcementLevel_DISABLED},
	}})
	assert.ErrorContains(t, err, "takes no configuration")
}

// The engine takes a method that does not answer for consent.
func TestEveryMethodIsImplemented(t *testing.T) {
	for _, m := range pulumirpc.Analyzer_ServiceDesc.Methods {
		_, err := m.Handler(New(), t.Context(), func(any) error { return nil }, nil)
		assert.NotEqual(t, codes.Unimplemented, status.Code(err), m.MethodName)
	}
	assert.Empty(t, pulumirpc.Analyzer_ServiceDesc.Streams)
}

func TestWaiversHoldAndAreShown(t *testing.T) {
	const reason = "2027-06-30 the partner reads the database from outside"
	e := shows(t, false, exported(t))
	shown, asked := e.the("aws:rds/instance:Instance", "prod-database")
	for _, p := range []*structpb.Struct{shown.Properties, asked.Properties} {
		p.Fields["publiclyAccessible"] = structpb.NewBoolValue(true)
		p.Fields["tags"].GetStructValue().Fields["causeway:waiver:C116"] = structpb.NewStringValue(reason)
	}
	decided := e.decides()
	assert.Empty(t, violations(decided, "C116"))
	shownToAll := violations(decided, "W")
	require.Len(t, shownToAll, 1)
	assert.Equal(t, pulumirpc.EnforcementLevel_ADVISORY, shownToAll[0].EnforcementLevel)
	assert.Equal(t, "C116 waives C116 until 2027-06-30: the partner reads the database from outside", shownToAll[0].Message)

	for _, p := range []*structpb.Struct{shown.Properties, asked.Properties} {
		p.Fields["tags"].GetStructValue().
			Fields["causeway:waiver:C116"] = structpb.NewStringValue(strings.Replace(reason, "2027", "2025", 1))
	}
	decided = e.decides()
	require.Len(t, violations(decided, "C116"), 1)
	ended := violations(decided, "W")
	require.Len(t, ended, 1)
	assert.Equal(t, pulumirpc.EnforcementLevel_MANDATORY, ended[0].EnforcementLevel)
	assert.Contains(t, ended[0].Message, "it ended on 2025-06-30")
}

func TestNothingLeftIsNothingToJudge(t *testing.T) {
	response, err := New().AnalyzeStack(t.Context(), &pulumirpc.AnalyzeStackRequest{})
	require.NoError(t, err)
	assert.Empty(t, response.Diagnostics)
}
