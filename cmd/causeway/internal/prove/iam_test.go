package prove

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/twin/live/cloudapi"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/live/survey"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// state is an exported state, of which a test may change a piece.
type state struct {
	t    *testing.T
	text string
}

func deployed(t *testing.T, name string) *state {
	t.Helper()
	text, err := os.ReadFile("../../../../graph/testdata/" + name + ".json")
	require.NoError(t, err)
	return &state{t, string(text)}
}

func (s *state) graph() *graph.Graph {
	g, err := graph.FromState(strings.NewReader(s.text))
	require.NoError(s.t, err)
	return g
}

// plan is what the living world would play of the state, with a machine for each role that machines take.
func (s *state) plan() *plan.Plan {
	p, err := survey.Of(s.world())
	require.NoError(s.t, err)
	for _, r := range p.Cloud.Roles {
		if strings.Contains(r.Trust, "ec2.amazonaws.com") {
			p.Machines = append(p.Machines, plan.Machine{ID: "i-" + r.Name, Role: r.ARN})
		}
	}
	return p
}

// world is the state's resources as the twin's world has them.
func (s *state) world() survey.Source {
	var whole struct {
		Deployment struct {
			Resources []struct {
				Type, ID string
				Outputs  map[string]any
			}
		}
	}
	require.NoError(s.t, json.NewDecoder(bytes.NewBufferString(s.text)).Decode(&whole))
	where := regexp.MustCompile(`arn:aws:ec2:([\w-]+):(\d{12}):vpc/`).FindStringSubmatch(s.text)
	require.NotNil(s.t, where)
	w := survey.Source{Stack: "test", Account: where[2]}
	for _, r := range whole.Deployment.Resources {
		if r.ID != "" {
			w.Objects = append(w.Objects, &world.Object{Type: r.Type, ID: r.ID, Region: where[1], Outputs: typed(r.Outputs).(value.Map),
				Hidden: value.Map{}})
		}
	}
	return w
}

func typed(v any) any {
	switch x := v.(type) {
	case map[string]any:
		m := value.Map{}
		for k, e := range x {
			m[k] = typed(e)
		}
		return m
	case []any:
		for i := range x {
			x[i] = typed(x[i])
		}
	}
	return v
}

func (s *state) rights() ([]Disagreement, int, map[cloudapi.Question]bool) {
	p, server, allowed := s.plan(), &cloudapi.Server{}, map[cloudapi.Question]bool{}
	server.Update(&node.Config{Name: "aws", Plan: p})
	verdicts, err := server.Judge(questions(p))
	require.NoError(s.t, err)
	for i, q := range questions(p) {
		if verdicts[i].Allowed {
			allowed[q] = true
		}
	}
	all, asked, err := Rights(s.graph(), p, server.Judge)
	require.NoError(s.t, err)
	return all, asked, allowed
}

func TestTheJudgeAndTheProofAgree(t *testing.T) {
	for _, name := range []string{"local", "prod"} {
		all, asked, allowed := deployed(t, name).rights()
		assert.Empty(t, all, name)
		assert.GreaterOrEqual(t, asked, 8, name)
		var read []string
		for q := range allowed {
			read = append(read, q.Action)
		}
		assert.ElementsMatch(t, []string{"s3:GetObject", "s3:GetObject", "secretsmanager:GetSecretValue"}, read,
			"each server its own release, and one the secret")
	}
}

// A right that is taken away is missed by both, and so is each policy that stands in the way.
func TestTheyAgreeOnMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		from, to string
		fewer    int
	}{
		"no release": {`\"Sid\":\"ReadRelease\",\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\"`,
			`\"Sid\":\"ReadRelease\",\"Effect\":\"Allow\",\"Action\":\"s3:PutObject\"`, 2},
		"no secret": {`\"Action\":\"secretsmanager:GetSecretValue\"`, `\"Action\":\"secretsmanager:DescribeSecret\"`, 1},
		"no key": {`\"Sid\":\"Decrypt\",\"Effect\":\"Allow\",\"Action\":\"kms:Decrypt\"`,
			`\"Sid\":\"Decrypt\",\"Effect\":\"Allow\",\"Action\":\"kms:Encrypt\"`, 3},
		"a key that forbids": {`\"Sid\":\"AccountUsesThroughServices\",\"Effect\":\"Allow\"`,
			`\"Sid\":\"AccountUsesThroughServices\",\"Effect\":\"Deny\"`, 3},
		"a boundary without secrets": {`\"secretsmanager:DescribeSecret\",\"secretsmanager:GetSecretValue\"`,
			`\"secretsmanager:DescribeSecret\"`, 1},
		"another account": {`\"UseOwnBuckets\",\"Effect\":\"Allow\"`, `\"UseOwnBuckets\",\"Effect\":\"Deny\"`, 2},
	} {
		s := deployed(t, "prod")
		require.Contains(t, s.text, c.from, name)
		s.text = strings.ReplaceAll(s.text, c.from, c.to)
		all, _, allowed := s.rights()
		assert.Empty(t, all, name)
		assert.Len(t, allowed, 3-c.fewer, name)
	}
}

func TestADisagreementIsTold(t *testing.T) {
	s := deployed(t, "prod")
	p, server := s.plan(), &cloudapi.Server{}
	for i := range p.Cloud.Roles {
		p.Cloud.Roles[i].Policies = nil
	}
	server.Update(&node.Config{Plan: p})
	all, _, err := Rights(s.graph(), p, server.Judge)
	require.NoError(t, err)
	assert.Len(t, all, 3)
	assert.Contains(t, all[0].String(), "the proof says it may, the living world says it may not")
}
