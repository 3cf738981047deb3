package platform

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/stacks"
)

// edit is what a person makes of a setting on a stack that is deployed.
type edit struct {
	line    string
	refused string // the setting that is refused, where the edit cannot be deployed
	often   bool   // is in the sample, and goes with what else is
	holds   string // what was made holds data and is protected, so that the edit cannot be taken back
}

const (
	networkOf = `network: {cidr: 10.40.0.0/16, `
	webOf     = `web: {release: web.sh, `
	zoneOf    = `dns: {zone: example.com, `
)

// edits are those of each stack, by the lines that it is deployed with.
var edits = []struct {
	stack string
	lines []string
	edits []edit
}{
	{"dev", nil, []edit{
		{line: `name: other`, refused: "name"},
		{line: `region: eu-central-1`, refused: "region"},
		{line: `accountId: "999999999999"`, refused: "accountId", often: true},
		{line: `domain: store.example.com`},
		{line: created(), refused: "dns.create"},
		{line: zoneOf + `names: [www.shop.example.com]}`, often: true},
		{line: zoneOf + `proxied: true}`},
		{line: zoneOf + `proxied: true, originLock: false}`},
		{line: `network: {cidr: 10.60.0.0/16}`, refused: "network.cidr", often: true},
		{line: `network: {cidr: 10.40.0.0/18}`, refused: "network.cidr"},
		{line: networkOf + `zones: 3}`},
		{line: networkOf + `zoneNames: [eu-west-1a, eu-west-1c]}`},
		{line: networkOf + `zoneNames: [eu-west-1b, eu-west-1c]}`, refused: "network.zones"},
		{line: networkOf + `nat: perZone}`},
		{line: networkOf + `logDays: 30, endpoints: true}`},
		{line: `edge: {webAcl: true, requestsPerIp: 500, countOnly: [AWSManagedRulesCommonRuleSet/SizeRestrictions_BODY]}`, often: true},
		{line: `edge: {idleTimeoutSeconds: 90, httpRedirect: true}`},
		{line: webOf + `instanceType: t3.small, minSize: 2, maxSize: 6, targetCpu: 70, volumeGiB: 20, warmupSeconds: 60}`},
		{line: webOf + `image: ami-0123456789abcdef0, arguments: [serve], environment: {MODE: quiet}}`},
		{line: `web: {release: ., command: [node, server.js], packages: [nodejs22], jit: true}`},
		{line: webOf + `healthPath: /up, protocolVersion: HTTP2, stickySeconds: 3600}`},
		{line: `app: {release: app.sh, protocolVersion: GRPC, healthPath: /grpc.health.v1.Health/Check}`},
		{line: webOf + `secrets: ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"]}`},
		{line: webOf + `permissions: [{actions: [sqs:SendMessage], resources: ["arn:aws:sqs:eu-west-1:123456789012:mail"]}]}`},
		{line: webOf + `buckets: {uploads: {}, scans: {expireDays: 30}}}`},
		{line: webOf + `rollout: replace, protocol: http, port: 8081, egress: [{to: 203.0.113.0/24, port: 8443, why: a partner}]}`},
		{line: `app: {release: app.sh, before: [migrate], warmupSeconds: 900}`},
		{line: `web: {container: "ghcr.io/shop/web@sha256:` + strings.Repeat("a", 64) + `", command: [serve]}`},
		{line: `workers: {mail: {release: web.sh, silentMinutes: 30}, report: {release: web.sh, schedule: "30 3 * * *"}}`},
		{line: `edge: {routes: [{hosts: [shop.example.com], paths: [/api/*], to: app}, ` +
			`{paths: [/x], text: "{}", type: application/json}, ` +
			`{paths: [/old/*], redirect: "https://old.example.com", status: 301}]}`},
		{line: `database: {engine: mysql}`, refused: "database.engine", often: true},
		{line: `database: {engine: aurora-postgresql}`, refused: "database.engine"},
		{line: `database: {version: "16"}`, refused: "database.version"},
		{line: `database: {class: db.m7g.large, storageGiB: 30, maxStorageGiB: 200, multiZone: true, backupDays: 20, backupPlan: true}`},
		{line: `monitoring: {emails: [oncall@example.com], errorPercent: 5, latencySeconds: 3}`},
		{line: `protect: true`},
		{line: `tags: {owner: platform}`},
		{line: `quotas: {elastic-ips: 6}`},
	}},
	{"dev", []string{networkOf + `endpoints: true}`}, []edit{
		{line: webOf + `internet: false}`},
	}},
	{"dev", []string{created("proxied: true")}, []edit{
		{line: `dns: {zone: shop.example.com, create: true, accountId: 0123456789abcdef0123456789abcdef}`, refused: "dns.zone"},
		{line: zoneOf + `provider: route53}`, refused: "dns.provider"},
		{line: `dns: {zone: example.com}`, refused: "dns.create"},
		{line: `dns: {zone: example.com, create: true, accountId: f123456789abcdef0123456789abcdef}`, refused: "dns.accountId"},
		{line: created("dnssec: true")},
	}},
	{"dev", []string{zoneOf + `provider: route53, create: true}`}, []edit{
		{line: zoneOf + `provider: route53, create: true, dnssec: true, queryLog: true}`},
		{line: zoneOf + `provider: route53}`, refused: "dns.create"},
	}},
	{"dev", []string{`database: {engine: aurora-postgresql, class: db.serverless}`}, []edit{
		{line: `database: {engine: aurora-postgresql, class: db.serverless, minAcu: 1, maxAcu: 8, multiZone: true}`},
		{line: `database: {engine: aurora-postgresql}`},
		{line: `database: {engine: postgres}`, refused: "database.engine"},
	}},
	{"prod", nil, []edit{
		{line: `name: other`, refused: "name"},
		{line: `domain: store.example.com`},
		{line: zoneOf + `names: [www.shop.example.com]}`},
		{line: zoneOf + `proxied: true}`},
		{line: `network: {cidr: 10.60.0.0/16}`, refused: "network.cidr"},
		{line: networkOf + `zones: 2}`},
		{line: networkOf + `zoneNames: [eu-west-1b, eu-west-1c]}`, refused: "network.zones"},
		{line: webOf + `protocolVersion: HTTP2}`},
		{line: webOf + `buckets: {uploads: {}}}`, holds: "prod-web-uploads"},
		{line: `app: {release: app.sh, internet: false}`},
		{line: `database: {engine: mysql}`, refused: "database.engine"},
		{line: `database: {engine: aurora-postgresql}`, refused: "database.engine"},
		{line: `database: {class: db.t4g.medium, maxStorageGiB: 2000}`},
		{line: `tags: {owner: platform}`},
	}},
}

// everyEdit skips what takes minutes.
func everyEdit(t *testing.T) {
	t.Helper()
	if os.Getenv("CAUSEWAY_EDITS") == "" {
		t.Skip("CAUSEWAY_EDITS=all edits deployed stacks in every way, for minutes")
	}
}

// TestAnEditDeploysOrIsRefused edits a deployed stack: every edit can be deployed, or is refused before anything is made and
// says what to do instead, and what is edited back is as it was.
func TestAnEditDeploysOrIsRefused(t *testing.T) {
	everyEdit(t)
	for _, stack := range edits {
		t.Run(strings.Join(append([]string{stack.stack}, stack.lines...), ", "), func(t *testing.T) {
			var s *site
			for _, e := range stack.edits {
				t.Run(e.line, func(inner *testing.T) {
					if s == nil || s.t.Failed() { // so that one mistake is told once
						s = newSite(t, stack.stack, stack.lines...)
						s.up()
					}
					s.t = inner
					if strings.Contains(e.line, "before:") {
						s.borrowGuestbook()
					}
					s.set(without(stack.lines, e.line)...)
					if e.refused != "" {
						s.refused(e.refused)
					} else {
						s.up()
					}
					if e.holds != "" {
						s.isKept(e.holds, stack.lines)
						s = nil
						return
					}
					s.takenBack(stack.lines)
				})
			}
		})
	}
}

// TestEditsTogether is a sample of the edits: those that people make most, at once.
func TestEditsTogether(t *testing.T) {
	s := newSite(t, "dev")
	s.up()
	var refused, deployed, settings []string
	for _, e := range edits[0].edits {
		switch {
		case e.often && e.refused != "":
			refused, settings = append(refused, e.line), append(settings, e.refused)
		case e.often:
			deployed = append(deployed, e.line)
		}
	}
	s.set(refused...)
	s.refused(settings...)
	s.set(deployed...)
	s.up()
	s.takenBack(nil)
}

// borrowGuestbook lends the site the guestbook, which sees to `before`.
func (s *site) borrowGuestbook() {
	s.t.Helper()
	examples, err := filepath.Abs("../../../../examples")
	require.NoError(s.t, err)
	require.NoError(s.t, os.Symlink(examples, filepath.Join(s.project.Root, "examples")))
}

// isKept holds that a setting by which something would go is stopped by the preview.
func (s *site) isKept(name string, lines []string) {
	s.t.Helper()
	s.set(lines...)
	outcome, err := s.engine.Preview(s.t.Context(), nil)
	require.Error(s.t, err)
	assert.Contains(s.t, fmt.Sprint(outcome.Problems), name)
	assert.Contains(s.t, fmt.Sprint(outcome.Problems), "cannot be deleted\nbecause it is protected")
}

func (s *site) takenBack(lines []string) {
	s.t.Helper()
	s.set(lines...)
	s.up()
	planned, err := s.engine.Preview(s.t.Context(), nil)
	require.NoError(s.t, err)
	assert.Empty(s.t, changed(planned), "after it was taken back")
}

// without is the lines with another for its key.
func without(lines []string, line string) []string {
	key, _, _ := strings.Cut(line, ":")
	return append(slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return strings.HasPrefix(l, key+":") }), line)
}

// refused holds that the settings are refused by a preview and by a deployment, and that nothing was made.
func (s *site) refused(settings ...string) {
	s.t.Helper()
	before := len(s.twin.Events())
	for _, run := range []func() (engine.Outcome, error){
		func() (engine.Outcome, error) { return s.engine.Preview(s.t.Context(), nil) },
		func() (engine.Outcome, error) { return s.engine.Up(s.t.Context(), nil) },
	} {
		outcome, err := run()
		require.Error(s.t, err, settings)
		var said []string
		for _, p := range outcome.Problems {
			said = append(said, p.Message)
		}
		text := strings.Join(said, "\n")
		for _, where := range settings {
			assert.Contains(s.t, text, where+": this stack is deployed in ")
		}
		assert.Contains(s.t, text, "Set it back to")
		assert.Contains(s.t, text, "a stack of their own")
	}
	for _, e := range s.twin.Events()[before:] {
		assert.False(s.t, slices.Contains([]string{"create", "update", "delete"}, e.Operation), "%s: %s %s", settings, e.Operation, e.URN)
	}
}

// Every setting is edited above, so that a new one is.
func TestEverySettingIsEdited(t *testing.T) {
	var text strings.Builder
	for _, stack := range edits {
		for _, e := range stack.edits {
			text.WriteString(e.line + "\n")
		}
	}
	for _, path := range leaves(reflect.TypeFor[stacks.Settings](), "") {
		if path == "environment" || strings.HasPrefix(path, "waivers.") || strings.HasPrefix(path, "losses.") ||
			strings.HasSuffix(path, ".release") {
			continue // a stack of its own; notices; a new build
		}
		key := path[strings.LastIndex(path, ".")+1:]
		assert.Contains(t, text.String(), key+":", path)
	}
}

// leaves are the paths of the settings in a struct.
func leaves(of reflect.Type, path string) (paths []string) {
	for field := range of.Fields() {
		name := field.Tag.Get("setting")
		if path != "" {
			name = path + "." + name
		}
		under := field.Type
		if under.Kind() == reflect.Map || under.Kind() == reflect.Slice {
			under = under.Elem()
		}
		if under.Kind() == reflect.Struct {
			paths = append(paths, leaves(under, name)...)
		} else if name != path+"." {
			paths = append(paths, name)
		}
	}
	return paths
}

// What is only told, a waiver or what an environment relaxes, is one tag of the VPC.
func TestANoticeReplacesNoServer(t *testing.T) {
	waiver := func(reason, expires string) []string {
		return []string{`edge: {httpRedirect: true}`, `waivers: {httpRedirect: {reason: "` + reason + `", expires: ` + expires + `}}`}
	}
	day := func(months int) string { return time.Now().AddDate(0, months, 0).Format(time.DateOnly) }
	s := newSite(t, "prod", waiver("old devices type it", day(3))...)
	s.up()
	for _, notice := range [][]string{waiver("old devices type it", day(6)), waiver("older devices type it", day(6))} {
		s.set(notice...)
		planned, err := s.engine.Preview(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, []string{"update ec2/vpc:Vpc prod-network"}, changed(planned))
	}
	dev := newSite(t, "dev")
	dev.up()
	for _, relaxes := range []string{`edge: {webAcl: true}`, `database: {backupPlan: true}`, networkOf + `logDays: 365}`} {
		dev.set(relaxes)
		planned, err := dev.engine.Preview(t.Context(), nil)
		require.NoError(t, err)
		did := changed(planned)
		assert.Contains(t, did, "update ec2/vpc:Vpc dev-network", "it says what is relaxed")
		for _, line := range did {
			assert.NotRegexp(t, "launchTemplate|autoscaling/group", line)
		}
	}
}
