package pack

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/controls"
	"github.com/causeway-iac/causeway/proof/invariants"
)

func TestEveryPolicyIsMandatory(t *testing.T) {
	info, err := New(nil).GetAnalyzerInfo(t.Context(), nil)
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
	_, err := New(nil).Configure(t.Context(), &pulumirpc.ConfigureAnalyzerRequest{PolicyConfig: map[string]*pulumirpc.PolicyConfig{
		"I1": {EnforcementLevel: pulumirpc.EnforcementLevel_DISABLED},
	}})
	assert.ErrorContains(t, err, "takes no configuration")
}

// The engine takes a method that does not answer for consent.
func TestEveryMethodIsImplemented(t *testing.T) {
	for _, m := range pulumirpc.Analyzer_ServiceDesc.Methods {
		_, err := m.Handler(New(nil), t.Context(), func(any) error { return nil }, nil)
		assert.NotEqual(t, codes.Unimplemented, status.Code(err), m.MethodName)
	}
	assert.Empty(t, pulumirpc.Analyzer_ServiceDesc.Streams)
}

func TestWaiversHoldAndAreShown(t *testing.T) {
	const reason = "2027-06-30 the partner reads the database from outside"
	e := shows(t, false, exported(t))
	shown, asked := e.the("aws:rds/instance:Instance", "prod-database")
	everything := slices.Collect(maps.Values(e.pack.asked))
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

	// What was deployed under a waiver that has ended stands, and nothing more is let in by it.
	for what, c := range map[string]struct {
		public bool
		level  pulumirpc.EnforcementLevel
	}{"as it is deployed": {true, pulumirpc.EnforcementLevel_ADVISORY}, "new": {false, pulumirpc.EnforcementLevel_MANDATORY}} {
		_, err := e.pack.ConfigureStack(t.Context(), &pulumirpc.AnalyzerStackConfigureRequest{DryRun: true})
		require.NoError(t, err)
		var read int
		e.pack.deployed = func(context.Context, Operation) (*graph.Graph, error) {
			read++
			before := shows(t, false, exported(t))
			was, had := before.the("aws:rds/instance:Instance", "prod-database")
			for _, p := range []*structpb.Struct{was.Properties, had.Properties} {
				p.Fields["publiclyAccessible"], p.Fields["tags"] = structpb.NewBoolValue(c.public), shown.Properties.Fields["tags"]
			}
			return before.pack.graph(before.stack.Resources)
		}
		for _, r := range everything {
			_, err := e.pack.Analyze(t.Context(), r)
			require.NoError(t, err)
		}
		decided = e.decides()
		require.Len(t, violations(decided, "C116"), 1, what)
		assert.Equal(t, c.level, violations(decided, "C116")[0].EnforcementLevel, what)
		assert.Equal(t, 1, read, "the state is read once")
	}
}

func TestNothingLeftIsNothingToJudge(t *testing.T) {
	response, err := New(nil).AnalyzeStack(t.Context(), &pulumirpc.AnalyzeStackRequest{})
	require.NoError(t, err)
	assert.Empty(t, response.Diagnostics)
}
