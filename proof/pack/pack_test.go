package pack

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
)

const (
	prod        = "../../graph/testdata/prod.json"
	unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
)

var today = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// exported is the resources of an exported state.
func exported(t *testing.T) []apitype.ResourceV3 {
	t.Helper()
	raw, err := os.ReadFile(prod)
	require.NoError(t, err)
	var export struct{ Deployment apitype.DeploymentV3 }
	require.NoError(t, json.Unmarshal(raw, &export))
	return export.Deployment.Resources
}

// engine shows resources to a pack as Pulumi's engine does.
type engine struct {
	t     *testing.T
	pack  *Server
	stack *pulumirpc.AnalyzeStackRequest
}

func shows(t *testing.T, preview bool, resources []apitype.ResourceV3) *engine {
	t.Helper()
	e := &engine{t, New(nil), &pulumirpc.AnalyzeStackRequest{}}
	e.pack.now = func() time.Time { return today }
	_, err := e.pack.ConfigureStack(t.Context(), &pulumirpc.AnalyzerStackConfigureRequest{DryRun: preview})
	require.NoError(t, err)
	for _, r := range resources {
		_, err := e.pack.Analyze(t.Context(), &pulumirpc.AnalyzeRequest{
			Urn: string(r.URN), Type: string(r.Type), Name: r.URN.Name(), Properties: e.sent(r.Inputs, ""),
		})
		require.NoError(t, err)
		shown := &pulumirpc.AnalyzerResource{
			Urn: string(r.URN), Type: string(r.Type), Name: r.URN.Name(), Parent: string(r.Parent),
			Properties:           e.sent(r.Outputs, string(r.ID)),
			Options:              &pulumirpc.AnalyzerResourceOptions{Protect: r.Protect, IgnoreChanges: r.IgnoreChanges},
			PropertyDependencies: map[string]*pulumirpc.AnalyzerPropertyDependencies{},
		}
		if r.Provider != "" {
			shown.Provider = &pulumirpc.AnalyzerProviderResource{Urn: r.Provider[:strings.LastIndex(r.Provider, "::")]}
		}
		for _, urn := range r.Dependencies {
			shown.Dependencies = append(shown.Dependencies, string(urn))
		}
		for property, urns := range r.PropertyDependencies {
			for _, urn := range urns {
				if shown.PropertyDependencies[string(property)] == nil {
					shown.PropertyDependencies[string(property)] = &pulumirpc.AnalyzerPropertyDependencies{}
				}
				sources := shown.PropertyDependencies[string(property)]
				sources.Urns = append(sources.Urns, string(urn))
			}
		}
		e.stack.Resources = append(e.stack.Resources, shown)
	}
	return e
}

func (e *engine) sent(properties map[string]any, id string) *structpb.Struct {
	e.t.Helper()
	s, err := structpb.NewStruct(properties)
	require.NoError(e.t, err)
	if id != "" {
		s.Fields["id"] = structpb.NewStringValue(id)
	}
	return s
}

// the is a resource as it is shown at the end, and as it is asked for.
func (e *engine) the(kind, name string) (*pulumirpc.AnalyzerResource, *pulumirpc.AnalyzeRequest) {
	e.t.Helper()
	for _, r := range e.stack.Resources {
		if r.Name == name && strings.HasSuffix(r.Urn, kind+"::"+name) {
			return r, e.pack.asked[r.Urn]
		}
	}
	require.FailNow(e.t, "there is no such resource", "%s %s", kind, name)
	return nil, nil
}

func (e *engine) decides() *pulumirpc.AnalyzeResponse {
	e.t.Helper()
	response, err := e.pack.AnalyzeStack(e.t.Context(), e.stack)
	require.NoError(e.t, err)
	return response
}

func (e *engine) refused() *status.Status {
	e.t.Helper()
	_, err := e.pack.AnalyzeStack(e.t.Context(), e.stack)
	require.Error(e.t, err)
	s, _ := status.FromError(err)
	require.NotEqual(e.t, codes.Unimplemented, s.Code(), "which the engine takes for consent")
	return s
}

func violations(response *pulumirpc.AnalyzeResponse, id string) (found []*pulumirpc.AnalyzeDiagnostic) {
	for _, d := range response.Diagnostics {
		if d.PolicyName == id {
			found = append(found, d)
		}
	}
	return found
}

// What the engine shows makes the very graph that an export does, so that the same is decided.
func TestThePackSeesWhatAnExportTells(t *testing.T) {
	f, err := os.Open(prod)
	require.NoError(t, err)
	defer f.Close()
	want, err := graph.FromState(f)
	require.NoError(t, err)
	e := shows(t, false, exported(t))
	got, err := e.pack.graph(e.stack.Resources)
	require.NoError(t, err)
	require.Len(t, got.Resources, len(want.Resources))
	for i, r := range got.Resources {
		w := *want.Resources[i]
		w.Retained, w.Defaulted = false, nil // which the engine does not show
		for property, sources := range w.PropertyDependencies {
			if len(sources) == 0 {
				delete(w.PropertyDependencies, property) // the engine leaves these out
			}
		}
		if r.ID != "" {
			w.Outputs["id"] = r.ID
		}
		withoutAnswers(&w)
		if strings.HasPrefix(r.Type, providerType) {
			w.ID, r.ID = "", ""
			delete(r.Outputs, "id")
		}
		require.Equal(t, &w, r)
	}
	decided := e.decides()
	assert.Empty(t, decided.Diagnostics)
	assert.Len(t, decided.NotApplicable, proof.Verify(want, report.FromState, today).Counts[report.NotApplicable])
}

func TestAViolationSaysWhatAndWhereAndWhatToWrite(t *testing.T) {
	e := shows(t, true, exported(t))
	shown, asked := e.the("aws:rds/instance:Instance", "prod-database")
	for _, p := range []*structpb.Struct{shown.Properties, asked.Properties} {
		p.Fields["publiclyAccessible"] = structpb.NewBoolValue(true)
	}
	found := violations(e.decides(), "C116")
	require.Len(t, found, 1)
	assert.Equal(t, pulumirpc.EnforcementLevel_MANDATORY, found[0].EnforcementLevel)
	assert.Equal(t, pulumirpc.PolicySeverity_POLICY_SEVERITY_CRITICAL, found[0].Severity)
	assert.Equal(t, shown.Urn, found[0].Urn)
	assert.Equal(t, "The database has no public address.", found[0].Description)
	assert.Contains(t, found[0].Message, "prod-database: publiclyAccessible is true")
	assert.Contains(t, found[0].Message, "\nInstead: ")
}

// A policy that names what the cloud will make is not known in a preview: that is told, and decided
// at the deployment's end. Anything else that is not known fails the preview.
func TestWhatIsNotKnownYet(t *testing.T) {
	for _, preview := range []bool{true, false} {
		e := shows(t, preview, exported(t))
		shown, asked := e.the("aws:iam/rolePolicy:RolePolicy", "prod-web")
		for _, p := range []*structpb.Struct{shown.Properties, asked.Properties} {
			p.Fields["policy"] = structpb.NewStringValue(unknownText)
		}
		found := violations(e.decides(), "I25")
		require.NotEmpty(t, found)
		if preview {
			assert.Equal(t, pulumirpc.EnforcementLevel_ADVISORY, found[0].EnforcementLevel)
			assert.Contains(t, found[0].Message, "The deployment's end decides it")
		} else {
			assert.Equal(t, pulumirpc.EnforcementLevel_MANDATORY, found[0].EnforcementLevel)
		}
		assert.Contains(t, found[0].Message, "cannot be decided: what the role prod-web may do is not known")
	}
	for mark, of := range map[string]string{unknownText: "cidrIpv4", "3eeb2bf0-c639-47a8-9e75-3b44932eb421": "fromPort"} {
		e := shows(t, true, exported(t))
		shown, asked := e.the("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "prod-app-to-database-5433")
		for _, p := range []*structpb.Struct{shown.Properties, asked.Properties} {
			delete(p.Fields, "referencedSecurityGroupId")
			p.Fields[of] = structpb.NewStringValue(mark)
		}
		failed := 0
		for _, d := range e.decides().Diagnostics {
			if d.EnforcementLevel == pulumirpc.EnforcementLevel_MANDATORY {
				failed++
			}
		}
		assert.NotZero(t, failed, of)
	}
}

func TestWhatWasNotShownIsNotDecided(t *testing.T) {
	resources := exported(t)
	e := shows(t, true, resources)
	rule, _ := e.the("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "prod-app-to-database-5433")

	delete(e.pack.asked, rule.Urn)
	assert.Contains(t, e.refused().Message(), "prod-app-to-database-5433: its inputs were not shown, as if the operation were limited to "+
		"some targets: run it without --target")

	e = shows(t, true, resources)
	rule, asked := e.the("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "prod-app-to-database-5433")
	rule.Properties, asked.Properties = nil, nil
	assert.Contains(t, e.refused().Message(), "nothing of it was shown")

	e = shows(t, true, resources)
	e.stack.Resources = e.stack.Resources[1:]
	assert.Contains(t, e.refused().Message(), "it is only a part")

	e = shows(t, true, resources)
	rule, asked = e.the("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "prod-app-to-database-5433")
	asked.Properties.Fields["x"] = structpb.NewStructValue(e.sent(map[string]any{"4dabf18193072939515e22adb298388d": "new"}, ""))
	assert.Contains(t, e.refused().Message(), "a value of a kind that this version of causeway does not know")

	e = shows(t, true, resources)
	_, err := e.pack.ConfigureStack(t.Context(), &pulumirpc.AnalyzerStackConfigureRequest{DryRun: true})
	require.NoError(t, err)
	assert.Contains(t, e.refused().Message(), "its inputs were not shown", "what was shown belongs to the operation before")
}

func TestATypeThatIsNotModelledFails(t *testing.T) {
	e := shows(t, true, exported(t))
	vpc, _ := e.the("aws:ec2/vpc:Vpc", "prod-network")
	urn := strings.Replace(strings.Replace(vpc.Urn, "aws:ec2/vpc:Vpc", "aws:ec2transitgateway/vpcAttachment:VpcAttachment", 1),
		"prod-network", "hub", 1)
	inputs := e.sent(map[string]any{"vpcId": "vpc-1"}, "")
	_, err := e.pack.Analyze(t.Context(), &pulumirpc.AnalyzeRequest{Urn: urn, Properties: inputs})
	require.NoError(t, err)
	e.stack.Resources = append(e.stack.Resources, &pulumirpc.AnalyzerResource{Urn: urn, Properties: inputs, Provider: vpc.Provider})
	found := violations(e.decides(), "I0")
	require.Len(t, found, 1)
	assert.Equal(t, urn, found[0].Urn)
	assert.Equal(t, pulumirpc.EnforcementLevel_MANDATORY, found[0].EnforcementLevel)
}

// A resource that the program only reads is shown at the end and not before.
func TestWhatIsOnlyReadIsNotJudgedByItsInputs(t *testing.T) {
	e := shows(t, false, exported(t))
	vpc, _ := e.the("aws:ec2/vpc:Vpc", "prod-network")
	urn := strings.Replace(strings.Replace(vpc.Urn, "aws:ec2/vpc:Vpc", "aws:kms/key:Key", 1), "prod-network", "theirs", 1)
	e.stack.Resources = append(e.stack.Resources, &pulumirpc.AnalyzerResource{Urn: urn, Properties: e.sent(nil, "key-1"),
		Provider: vpc.Provider})
	g, err := e.pack.graph(e.stack.Resources)
	require.NoError(t, err)
	assert.True(t, g.ByURN(urn).External)
	assert.Equal(t, "key-1", g.ByURN(urn).ID)
}

// A refreshed state repeats the rules that are there. While one is being taken away, the engine does
// not show it any more, and the answer still has it.
func TestWhatIsTakenAwayIsNotTakenForMadeByHand(t *testing.T) {
	e := shows(t, true, exported(t))
	group, _ := e.the("aws:ec2/securityGroup:SecurityGroup", "prod-app")
	going := e.sent(map[string]any{"ingress": []any{map[string]any{"protocol": "tcp", "fromPort": 22, "toPort": 22,
		"cidrBlocks": []any{"10.0.0.0/8"}}}}, "")
	group.Properties.Fields["ingress"] = going.Fields["ingress"]
	assert.Empty(t, e.decides().Diagnostics)
}

func TestAPanicIsAnError(t *testing.T) {
	e := shows(t, true, exported(t))
	e.pack.now = func() time.Time { panic("the clock stopped") }
	s := e.refused()
	assert.Equal(t, codes.Internal, s.Code())
	assert.Contains(t, s.Message(), "nothing was decided, for an error of its own: the clock stopped")
	assert.Contains(t, s.Message(), "pack_test.go", "where")
}
