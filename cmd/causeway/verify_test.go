package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/specimen"
)

const (
	prodState   = "../../graph/testdata/prod.json"
	prodPreview = "../../graph/testdata/prod-preview.json"
)

func TestVerifyAState(t *testing.T) {
	code, out := give(t.Context(), "verify", "--state", prodState)
	assert.Equal(t, 0, code, out)
	assert.Regexp(t, `prod \(state, \d+ resources\): \d+ hold, \d+ not applicable\n`, out)

	code, out = give(t.Context(), "verify", "--state", prodState, "--all")
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "I17  Data subnets have no route beyond local")
	assert.Contains(t, out, "C130  The database refuses connections without TLS")
}

// broken writes the prod platform with a database that the internet may reach.
func broken(t *testing.T) string {
	s := specimen.Read(t, prodState)
	s.The("rds/instance:Instance", "prod-database").Set("publiclyAccessible", true)
	s.Add("vpc/securityGroupIngressRule:SecurityGroupIngressRule", "prod-debug", specimen.Inputs{
		"securityGroupId": s.The("ec2/securityGroup:SecurityGroup", "prod-database").ID(),
		"ipProtocol":      "tcp", "fromPort": 5433, "toPort": 5433, "cidrIpv4": "0.0.0.0/0",
	})
	path := t.TempDir() + "/broken.json"
	s.Write(path)
	return path
}

func TestVerifyExitsAsAPolicyDoes(t *testing.T) {
	path := broken(t)
	code, out := give(t.Context(), "verify", "--state", path)
	assert.Equal(t, exitPolicy, code)
	assert.Contains(t, out, "prod-debug admits the internet over IPv4 to prod-database")
	assert.Contains(t, out, "SecurityGroupIngressRule prod-debug")
	assert.Contains(t, out, "C116  The database has no public address")
	assert.NotContains(t, out, "causeway: ", "the report says it, so the error does not say it again")

	for flag, begin := range map[string]string{"--json": "{\n", "--sarif": "{\n", "--markdown": "**prod** (state): "} {
		code, out := give(t.Context(), "verify", "--state", path, flag)
		assert.Equal(t, exitPolicy, code, flag)
		assert.True(t, strings.HasPrefix(out, begin), "%s: %s", flag, out[:min(len(out), 80)])
		if begin == "{\n" {
			assert.True(t, json.Valid([]byte(out)), flag)
		}
	}
}

func TestVerifyReadsStandardInput(t *testing.T) {
	raw, err := os.ReadFile(prodPreview)
	require.NoError(t, err)
	var out bytes.Buffer
	root := newRoot(shell{})
	root.SetIn(bytes.NewReader(raw))
	root.SetOut(&out)
	root.SetArgs([]string{"verify", "--preview", "-"})
	err = root.ExecuteContext(t.Context())
	assert.Equal(t, exitPolicy, exitCode(err), "before the first deployment the roles' policies are not known")
	assert.Contains(t, out.String(), " hold, 2 undecided")
	assert.Contains(t, out.String(), "what the role prod-web may do is not known")
}

func TestVerifyShowsWays(t *testing.T) {
	code, out := give(t.Context(), "verify", "--state", prodState, "--reach")
	assert.Equal(t, 0, code, out)
	assert.Regexp(t, `(?m)^prod-app +prod-database +tcp 5433 +for sure$`, out)
	assert.NotRegexp(t, `(?m)^prod-web +prod-database`, out)

	code, out = give(t.Context(), "verify", "--state", prodState, "--from", "internet", "--to", "database")
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "internet reaches prod-database by 1 path")
	for _, line := range []string{
		"internet -> prod-edge  tcp 443", "route prod-network-public-internet", "prod-internal -> prod-app  tcp 9443",
		"listener prod-internal-https forwards by listener rule", "egress rule prod-app-to-database-5433 of group prod-app",
	} {
		assert.Contains(t, out, line)
	}

	code, out = give(t.Context(), "verify", "--state", prodState, "--from", "database", "--to", "internet")
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "prod-database does not reach internet")
	assert.Contains(t, out, "prod-database: no route of prod-network-data leads to or from the internet")

	code, out = give(t.Context(), "verify", "--state", prodState, "--reach", "--mermaid")
	assert.Equal(t, 0, code, out)
	assert.True(t, strings.HasPrefix(out, "flowchart LR\n"))
}

// What is not modelled may lead anywhere, so a table without it is no answer.
func TestWaysFailWhereSomethingIsNotModelled(t *testing.T) {
	s := specimen.Read(t, prodState)
	s.Add("ec2transitgateway/vpcAttachment:VpcAttachment", "hub", specimen.Inputs{})
	path := t.TempDir() + "/hub.json"
	s.Write(path)
	code, out := give(t.Context(), "verify", "--state", path, "--reach")
	assert.Equal(t, exitPolicy, code)
	assert.Regexp(t, `not modelled: hub: .*\n    Instead: `, out)
}

func TestVerifyBesideAnotherEnvironment(t *testing.T) {
	code, out := give(t.Context(), "verify", "--state", prodState, "--beside", "../../graph/testdata/local.json")
	assert.Equal(t, 0, code, out)
	code, out = give(t.Context(), "verify", "--state", prodState, "--beside", prodState)
	assert.Equal(t, exitPolicy, code)
	assert.Contains(t, out, "I21")
}

func TestWrongFlagsOfVerify(t *testing.T) {
	for _, c := range []struct {
		args  []string
		code  int
		error string
	}{
		{[]string{"--state", prodState, "--preview", prodPreview}, exitConfiguration, "cannot be combined"},
		{[]string{"--state", prodState, "--json", "--sarif"}, exitConfiguration, "cannot be combined"},
		{[]string{"--state", prodState, "--from", "internet"}, exitConfiguration, "go together"},
		{[]string{"--state", prodState, "--mermaid"}, exitConfiguration, "--reach"},
		{[]string{"--state", prodState, "--from", "internet", "--to", "moon"}, exitConfiguration, `nothing in prod is called "moon"`},
		{[]string{"--state", prodPreview}, exitError, "reading an exported state: this is a preview: give it with --preview"},
		{[]string{"--preview", prodState}, exitError, "reading a preview: this is an exported state: give it with --state"},
		{[]string{"--stack", "moon"}, exitStackNotFound, "moon"},
		{[]string{"--moon"}, exitConfiguration, "moon"},
		{[]string{"moon"}, exitConfiguration, "an argument too many"},
		{[]string{"--state", "no-such-file"}, exitError, "no-such-file"},
	} {
		code, out := give(t.Context(), append([]string{"verify"}, c.args...)...)
		assert.Equal(t, c.code, code, "%v: %s", c.args, out)
		assert.Contains(t, out, c.error)
	}
}

// The small network of these tests is not a platform: what AWS makes by default is not
// adopted in it.
func TestVerifyWhatIsDeployed(t *testing.T) {
	at := newPlace(t, network)
	for _, args := range [][]string{{"verify"}, {"verify", "--declared"}} {
		code, out := at.give(args...)
		assert.Equal(t, exitPolicy, code, out)
		assert.Regexp(t, `(?m)^local \(not what is deployed: what the program declares, \d+ resources\): `, out)
		assert.Contains(t, out, "C004")
	}

	code, out := at.give("up")
	require.Equal(t, 0, code, out)
	code, out = at.give("verify")
	assert.Equal(t, exitPolicy, code, out)
	assert.Contains(t, out, "local (twin, ")
	assert.Contains(t, out, "C004")
}

func TestPeopleAskWhoCanAndWhatSomebodyCan(t *testing.T) {
	code, out := give(t.Context(), "verify", "--state", prodState, "--who", "can", "secretsmanager:GetSecretValue", "--on", "prod-database")
	assert.Equal(t, 0, code, out)
	assert.Equal(t, "prod-app can: statement 5, ReadSecrets, of prod-app\n", out)
	code, out = give(t.Context(), "verify", "--state", prodState, "--what", "can", "prod-web", "do")
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "prod-web can decrypt with key prod-data, if kms:viaservice")
	code, out = give(t.Context(), "verify", "--state", prodState, "--who", "kms:Decrypt", "--on", "prod-logs", "--json")
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, `"who": "logs.eu-west-1.amazonaws.com"`)
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--who", "can", "kms:Decrypt"}, "--who and --on go together"},
		{[]string{"--on", "prod-data"}, "--who and --on go together"},
		{[]string{"--who", "Decrypt", "--on", "prod-data"}, "is not an action"},
		{[]string{"--who", "kms:Decrypt", "--on", "nothing"}, `no \"nothing\"`},
		{[]string{"--what", "can", "nobody", "do"}, "it has prod-app"},
		{[]string{"--what", "can"}, "a word is missing"},
		{[]string{"too", "many"}, "an argument too many: too"},
		{[]string{"--what", "prod-web", "--reach"}, "answered as text"},
	} {
		code, out := give(t.Context(), append([]string{"verify", "--state", prodState}, c.args...)...)
		assert.Equal(t, exitConfiguration, code, "%v", c.args)
		assert.Contains(t, strings.ReplaceAll(out, `"`, `\"`), c.says, "%v", c.args)
	}
}

// What a change opens is told and exits as a policy does, whichever of the two comes by standard input.
func TestVerifyAgainstAnotherStack(t *testing.T) {
	s := specimen.Read(t, prodState)
	s.Remove("vpc/securityGroupIngressRule:SecurityGroupIngressRule", "prod-edge-to-web-8443")
	closed := t.TempDir() + "/closed.json"
	s.Write(closed)
	code, out := give(t.Context(), "verify", "--state", closed, "--against", prodState)
	assert.Equal(t, 0, code, out)
	assert.Contains(t, out, "closes: prod-edge → prod-web on tcp 8443")
	code, out = give(t.Context(), "verify", "--state", prodState, "--against", closed)
	assert.Equal(t, exitPolicy, code)
	assert.Contains(t, out, "opens: prod-edge → prod-web on tcp 8443")
	for _, wrong := range [][]string{
		{"--state", "-", "--against", "-"}, {"--against", prodState, "--base", "main"}, {"--state", prodState, "--base", "main"},
		{"--base", "main", "--json"},
	} {
		code, out := give(t.Context(), append([]string{"verify"}, wrong...)...)
		assert.Equal(t, exitConfiguration, code, out)
	}
	f, err := os.Open(prodPreview)
	require.NoError(t, err)
	defer f.Close()
	g, err := readAny(f, "-")
	require.NoError(t, err)
	assert.Equal(t, "prod", g.Stack, "a preview from standard input")
}
