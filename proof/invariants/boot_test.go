package invariants_test

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/invariants"
	"github.com/causeway-iac/causeway/proof/specimen"
)

const (
	rolePolicy = "iam/rolePolicy:RolePolicy"
	endpoint   = "ec2/vpcEndpoint:VpcEndpoint"
)

// told changes what the servers of a template are told.
func told(s *specimen.Stack, name, old, other string) {
	t := s.The(template, name)
	raw, err := base64.StdEncoding.DecodeString(t.Get("userData").(string))
	if err == nil {
		t.Compute("userData", base64.StdEncoding.EncodeToString([]byte(strings.ReplaceAll(string(raw), old, other))))
	}
}

// statements are those of a resource's policy, which rewrite changes.
func statements(r *specimen.Resource, rewrite func([]map[string]any) []map[string]any) []map[string]any {
	var d struct{ Statement []map[string]any }
	if err := json.Unmarshal([]byte(r.Get("policy").(string)), &d); err != nil {
		panic(err)
	}
	if rewrite != nil {
		raw, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": rewrite(d.Statement)})
		r.Compute("policy", string(raw))
	}
	return d.Statement
}

// needless are the statements that no server misses when it starts, and why.
var needless = map[string]string{
	"RegisterWithSessionManager":  "C096 asks for it",
	"AnswerSessionManager":        "C096 asks for it",
	"BeManaged":                   "C096 asks for it",
	"ConnectToDatabases":          "the password is in the secret",
	"ReadWhatAWSPublishes":        "packages are fetched by nobody",
	"ReportLifecycle":             "no server is asked to",
	"GrantPlatformKeysToServices": "backups are made by it",
	"BackUpDatabases":             "backups are made by it",
	"KeepBackups":                 "backups are made by it",
	"FindTaggedResources":         "backups are made by it",
}

// Every statement that lets servers get what they start with: left out, denied, for another action, for something else.
func TestEveryRightThatServersNeed(t *testing.T) {
	base := specimen.Read(t, prod)
	tried := 0
	for _, p := range []struct{ kind, name string }{
		{rolePolicy, "prod-web"}, {rolePolicy, "prod-app"}, {"iam/policy:Policy", "prod-boundary"}, {endpoint, "prod-network-s3"},
		{endpoint, "prod-endpoints-secretsmanager"}, {endpoint, "prod-endpoints-logs"},
	} {
		for i, statement := range statements(base.The(p.kind, p.name), nil) {
			sid, _ := statement["Sid"].(string)
			if needless[sid] != "" {
				continue
			}
			for how, other := range map[string]map[string]any{
				"it denies":      with(statement, "Effect", "Deny"),
				"something else": with(statement, "Resource", "arn:aws:s3:::elsewhere/*"),
				"somebody else": with(statement, "Condition",
					map[string]any{"StringEquals": map[string]any{"aws:PrincipalAccount": "999999999999"}}),
			} {
				s := base.Copy()
				statements(s.The(p.kind, p.name),
					func(all []map[string]any) []map[string]any { return slices.Replace(slices.Clone(all), i, i+1, other) })
				assert.Contains(t, failing(invariants.Only(s.Graph(), "I26")), "I26", "%s, statement %d %s: %s", p.name, i, sid, how)
				tried++
			}
		}
	}
	assert.Greater(t, tried, 40)
	t.Log(tried, "rights that servers lose")
}

func with(statement map[string]any, key string, value any) map[string]any {
	changed := map[string]any{}
	for k, v := range statement {
		changed[k] = v
	}
	changed[key] = value
	return changed
}

// identifiers are what user data names: hosts, ARNs, buckets and objects, hashes, ports, log groups and units.
var identifiers = regexp.MustCompile(`arn:aws:[^\s"']+|s3://[^\s"']+|[a-z0-9-]+(\.[a-z0-9-]+){3,}\.com|` +
	`sha256=[0-9a-f]{64}|(?:_PORT="|:)\d{4}"|` +
	`"prod-(?:web|app)-[0-9a-f]{7}"|block, [a-z]+\.service`)

// Whatever servers are told that names something of the stack, told otherwise.
func TestEveryNameThatServersAreTold(t *testing.T) {
	base := specimen.Read(t, prod)
	tried := map[string]bool{}
	for _, tier := range []string{"prod-web", "prod-app"} {
		raw, err := base64.StdEncoding.DecodeString(base.The(template, tier).Get("userData").(string))
		require.NoError(t, err)
		for _, name := range identifiers.FindAllString(string(raw), -1) {
			if tried[tier+name] {
				continue
			}
			tried[tier+name] = true
			other := stranger.ReplaceAllStringFunc(name, func(c string) string { return string(c[0]^1) + c[1:] })
			s := base.Copy()
			told(s, tier, name, other)
			assert.Contains(t, failing(invariants.Only(s.Graph(), "I26")), "I26", "%s is told %s and not %s", tier, other, name)
			if strings.Contains(name, ":9443") || strings.Contains(name, ":8443") || strings.Contains(name, "_PORT") {
				continue // the program has a default
			}
			s = base.Copy()
			told(s, tier, name, "nothing")
			assert.Contains(t, failing(invariants.Only(s.Graph(), "I26")), "I26", "%s is not told %s", tier, name)
		}
	}
	assert.Greater(t, len(tried), 12, "%v", tried)
	t.Log(len(tried), "names that servers are told otherwise, or not at all")
}

var stranger = regexp.MustCompile(`[a-z0-9][^a-z0-9]*$|[a-z0-9](?:\.ccb)`)
