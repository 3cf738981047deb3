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

var (
	settings = regexp.MustCompile(`(?m)^      [A-Z_]+="[^"]*"$`)
	parts    = regexp.MustCompile(`(?m)^      (?:User|EnvironmentFile|ExecStart|StandardOutput)=\S+(?: "|$)|^      region=.*$|^    permissions: "0755"$`)
	// noMatter are what servers are told and nothing here depends on, and why.
	noMatter = map[string]string{"AWS_EC2_METADATA_V1_DISABLED": "templates demand tokens", "RELEASE": "it is for people"}
)

// Every setting of every tier, and every name in its units, told otherwise; every setting left out; and the database changed
// behind the settings.
func TestEverySettingThatServersAreTold(t *testing.T) {
	base, tried := specimen.Read(t, prod), 0
	breaks := func(what string, change func(*specimen.Stack)) {
		s := base.Copy()
		change(s)
		assert.Contains(t, failing(invariants.Only(s.Graph(), "I26")), "I26", what)
		tried++
	}
	for _, tier := range []string{"prod-web", "prod-app"} {
		raw, err := base64.StdEncoding.DecodeString(base.The(template, tier).Get("userData").(string))
		require.NoError(t, err)
		for _, line := range settings.FindAllString(string(raw), -1) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			if noMatter[key] != "" {
				continue
			}
			value = strings.Trim(value, `"`)
			breaks(tier+" is not told "+key, func(s *specimen.Stack) { told(s, tier, line+"\n", "") })
			other := "x" + value
			if key == "DATABASE_PORT" || key == "LISTEN_ADDRESS" {
				other = value[:len(value)-1] + "9"
			}
			breaks(tier+" is told another "+key, func(s *specimen.Stack) { told(s, tier, line, strings.Replace(line, value, other, 1)) })
		}
		for _, line := range parts.FindAllString(string(raw), -1) {
			other := strings.NewReplacer("=", "=x", "=/", "=/x", "append:", "append:/x", "0755", "0644", "eu-", "us-").Replace(line)
			if strings.Contains(line, "ExecStart=") {
				if !strings.Contains(line, "/opt/causeway/") {
					continue // a program of the system's
				}
				other = strings.Replace(line, `/`+tier[len("prod-"):], "/other", 1)
			}
			breaks(tier+" has "+other, func(s *specimen.Stack) { told(s, tier, line, other) })
		}
	}
	for key, value := range map[string]any{"dbName": "other", "port": 5434, "engine": "mysql"} {
		breaks("the database has another "+key, func(s *specimen.Stack) { s.The(db, "prod-database").Set(key, value) })
	}
	breaks("the database has no name", func(s *specimen.Stack) { s.The(db, "prod-database").Set("dbName", nil) })
	breaks("the master's secret for somebody else", func(s *specimen.Stack) {
		told(s, "prod-app", `DATABASE_NAME="app"`, "DATABASE_NAME=\"app\"\n      DATABASE_USER=\"eve\"")
	})
	require.Greater(t, tried, 25)
	t.Log(tried, "settings that servers are told otherwise, or not at all")
}
