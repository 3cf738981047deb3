package platform

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/stacks"
)

// These tests have the real engine ask the policy pack, as `pulumi preview --policy-pack` does.

// builtPack builds the policy pack as `make build` does.
func builtPack(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", path, "../../../policy").CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// judged opens a site's stack with a program and a pack that must agree.
func (s *site) judged(program pulumi.RunFunc, pack string) {
	s.t.Helper()
	pulumiCommand, err := filepath.Abs("../../../../bin/pulumi")
	require.NoError(s.t, err)
	s.engine, err = engine.Open(s.t.Context(), engine.Options{
		Project: s.project, Stack: s.stack, Program: program, Attach: s.twin.Attach(), Command: pulumiCommand, PolicyPacks: []string{pack},
		Home: s.project.Home(s.stack), Throwaway: true,
	})
	require.NoError(s.t, err)
}

// told is the policies of an outcome's problems, once each: those that fail it, and the others.
func told(o engine.Outcome) (fail, warn []string) {
	for _, p := range o.Problems {
		policy := cmp.Or(p.Policy, p.Message)
		if list := map[bool]*[]string{false: &fail, true: &warn}[p.Warning]; !slices.Contains(*list, policy) {
			*list = append(*list, policy)
		}
	}
	return fail, warn
}

// mistaken is the platform with one property of one resource changed, as an edit of its code would.
func mistaken(typ, name, property string, value pulumi.Input) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		err := ctx.RegisterResourceTransform(func(_ context.Context, r *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
			if r.Type == typ && r.Name == name {
				r.Props[property] = value
			}
			return &pulumi.ResourceTransformResult{Props: r.Props, Opts: r.Opts}
		})
		if err != nil {
			return err
		}
		return stacks.Deploy(ctx)
	}
}

// analyze is the exit code of the ordinary command, which asks the pack about an exported state.
func analyze(t *testing.T, pack string, exported []byte) int {
	t.Helper()
	state := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(state, exported, 0o600))
	cmd := exec.CommandContext(t.Context(), "../../../../bin/pulumi", "policy", "analyze", "--policy-pack", pack, "--file", state,
		"--non-interactive")
	cmd.Env = append(os.Environ(), "PULUMI_HOME="+t.TempDir(), "PULUMI_SKIP_UPDATE_CHECK=true")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(t, err, string(out))
	}
	return cmd.ProcessState.ExitCode()
}

// oncall is whom alarms tell: the pack asks for somebody.
const oncall = `monitoring: {emails: [oncall@example.com]}`

func TestThePolicyPackAgreesToThePlatform(t *testing.T) {
	pack := builtPack(t)
	s := newSite(t, "prod", oncall)
	s.judged(stacks.Deploy, pack)

	o, err := s.engine.Preview(t.Context(), nil)
	require.NoError(t, err, "%+v", o.Problems)
	fail, warn := told(o)
	assert.Empty(t, fail)
	assert.ElementsMatch(t, []string{"I25", "I26"}, warn, "policies that name what is not made yet, and what servers are told of it")

	o = s.up()
	fail, warn = told(o)
	assert.Empty(t, fail)
	assert.Empty(t, warn, "what is made is known")

	exported, err := s.engine.Export()
	require.NoError(t, err)
	assert.Equal(t, 0, analyze(t, pack, exported))
	assert.Equal(t, 1, analyze(t, pack,
		bytes.ReplaceAll(exported, []byte(`"publiclyAccessible":false`), []byte(`"publiclyAccessible":true`))))

	// Once it is there, a preview of a change is decided whole.
	s.write(oncall, `tags: {owner: somebody else}`)
	s.judged(stacks.Deploy, pack)
	o, err = s.engine.Preview(t.Context(), nil)
	require.NoError(t, err, "%+v", o.Problems)
	fail, warn = told(o)
	assert.Empty(t, fail)
	assert.Empty(t, warn)
	assert.Greater(t, len(o.Changes), 50)

	// So is one that takes rules and routes away, which a refreshed state still tells of.
	_, err = s.engine.Refresh(t.Context(), nil)
	require.NoError(t, err)
	var addresses []string
	for _, zone := range []string{"a", "b", "c"} {
		addresses = append(addresses, fmt.Sprintf(`prod-network-nat-%s: {reason: "nobody goes out any more", expires: %s}`,
			zone, time.Now().AddDate(0, 6, 0).Format(time.DateOnly)))
	}
	s.write(oncall, `app: {release: app.sh, internet: false}`, `losses: {`+strings.Join(addresses, ", ")+`}`)
	s.judged(stacks.Deploy, pack)
	o, err = s.engine.Preview(t.Context(), nil)
	require.NoError(t, err, "%+v", o.Problems)
	assert.Contains(t, changed(o), "delete ec2/route:Route prod-network-private-a-internet")
	fail, _ = told(o)
	assert.Empty(t, fail)
	s.write(oncall)

	for _, m := range []struct {
		typ, name, property string
		value               pulumi.Input
		policies            []string
	}{
		{"aws:rds/instance:Instance", "prod-database", "publiclyAccessible", pulumi.Bool(true), []string{"C116"}},
		{"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "prod-internet-to-edge-443", "ipProtocol", pulumi.String("-1"),
			[]string{"I2"}},
		{"aws:ec2/launchTemplate:LaunchTemplate", "prod-web", "metadataOptions", pulumi.Map{"httpTokens": pulumi.String("optional")},
			[]string{"C074"}},
	} {
		s.judged(mistaken(m.typ, m.name, m.property, m.value), pack)
		o, err := s.engine.Preview(t.Context(), nil)
		require.Error(t, err, m.name)
		fail, _ := told(o)
		assert.Subset(t, fail, m.policies, m.name)
	}
}
