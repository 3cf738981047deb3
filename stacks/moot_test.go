package stacks

import (
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// surroundings are switches that take the effect of other settings away, with the group of settings that they are in.
var surroundings = []struct{ group, written string }{
	{"edge", ""}, {"edge", "webAcl: true"},
	{"dns", ""}, {"dns", "proxied: true"}, {"dns", "proxied: true, originLock: false"},
	{"dns", "create: true, accountId: " + strings.Repeat("a", 32)},
	{"dns", "provider: route53"}, {"dns", "provider: route53, create: true"},
	{"network", ""}, {"network", "zoneNames: [eu-west-1a, eu-west-1b]"}, {"network", "endpoints: true"},
	{"database", ""}, {"database", "engine: mysql"}, {"database", "engine: aurora-postgresql"},
	{"database", "engine: aurora-postgresql, class: db.serverless"},
	{"app", ""}, {"app", "release: RELEASE"}, {"app", "release: RELEASE, protocol: http"}, {"app", "minSize: 2, maxSize: 2"},
	{"app", `container: "ghcr.io/shop/web@sha256:` + strings.Repeat("a", 64) + `"`},
	{"workers", "release: RELEASE"}, {"workers", `release: RELEASE, schedule: "30 3 * * *"`},
}

// another is a value of each setting that is not its default.
var another = map[string]string{
	"webAcl": "true", "requestsPerIp": "500", "countOnly": "[AWSManagedRulesCommonRuleSet/SizeRestrictions_BODY]",
	"idleTimeoutSeconds": "90",
	"httpRedirect":       "true", "routes": "[{paths: [/x], to: app}]", "provider": "route53", "zone": "shop.example.com", "create": "true",
	"accountId": strings.Repeat("b", 32), "names": "[www.example.com]", "proxied": "true", "originLock": "true", "dnssec": "true",
	"queryLog": "true", "cidr": "10.31.0.0/16", "zones": "3", "zoneNames": "[eu-west-1b, eu-west-1c]", "nat": "perZone", "endpoints": "true",
	"logDays": "30", "engine": "mysql", "version": `"16"`, "class": "db.t4g.large", "minAcu": "1", "maxAcu": "8", "storageGiB": "30",
	"maxStorageGiB": "90", "multiZone": "true", "backupDays": "20", "backupPlan": "true", "instanceType": "m7g.large", "minSize": "2",
	"maxSize": "5", "targetCpu": "70", "volumeGiB": "20", "warmupSeconds": "1200", "rollout": "replace", "image": "ami-0123456789abcdef0",
	"release": "RELEASE", "arguments": "[serve]", "command": "[serve]", "before": "[clean]", "packages": "[nginx]", "jit": "true",
	"container": `"ghcr.io/shop/other@sha256:` + strings.Repeat("a", 64) + `"`,
	"protocol":  "http", "port": "9000", "healthPath": "/up", "protocolVersion": "HTTP2", "stickySeconds": "60", "environment": "{A: b}",
	"secrets":     `["arn:aws:secretsmanager:eu-west-1:444455556666:secret:shop-AbCdEf"]`,
	"permissions": `[{actions: [sqs:SendMessage], resources: ["arn:aws:sqs:eu-west-1:444455556666:mail"]}]`, "buckets": "{uploads: {}}",
	"internet": "false", "egress": "[{to: 198.51.100.0/24, port: 587, why: mail by the provider}]", "silentMinutes": "30",
	"schedule": `"30 4 * * *"`,
}

// A setting that somebody writes does something, is refused, or is said to have no effect.
func TestASettingWithoutEffectSaysSo(t *testing.T) {
	groups := map[string]reflect.Type{"edge": reflect.TypeFor[EdgeSettings](), "dns": reflect.TypeFor[DNSSettings](),
		"network": reflect.TypeFor[NetworkSettings](), "database": reflect.TypeFor[DatabaseSettings](),
		"app":     reflect.TypeFor[TierSettings](),
		"workers": reflect.TypeFor[WorkerSettings]()}
	base := map[string]string{"dns": "zone: example.com", "network": "cidr: 10.30.0.0/16"}
	var said atomic.Int32
	for i, around := range surroundings {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			look := func(more ...string) (string, Checked, error) {
				var all []string
				for _, text := range append([]string{base[around.group], around.written}, more...) {
					if text != "" {
						all = append(all, text)
					}
				}
				line := around.group + ": {" + strings.Join(all, ", ") + "}"
				if around.group == "workers" {
					line = "workers: {mail: {" + strings.Join(all, ", ") + "}}"
				}
				return declaredBy(t, line)
			}
			alone, _, err := look()
			require.NoError(t, err)
			for _, l := range leaves(groups[around.group], "") {
				require.Contains(t, another, l.path)
				if strings.Contains(", "+base[around.group]+", "+around.written, ", "+l.path+":") {
					continue
				}
				declared, c, err := look(l.path + ": " + another[l.path])
				if err == nil && declared == alone {
					assert.NotEmpty(t, c.Notices, "%s: %s: %s has no effect, and nobody says so", around.group, around.written, l.path)
				}
				if err == nil && len(c.Notices) > 0 {
					said.Add(1)
				}
			}
		})
	}
	t.Cleanup(func() { assert.Greater(t, said.Load(), int32(5)) })
}

// declaredBy is all that a dev stack with one more line declares.
func declaredBy(t *testing.T, line string) (string, Checked, error) {
	c, err := checkedOf(t, "dev", with(line))
	if err != nil {
		return "", c, err
	}
	declared, err := c.record()
	require.NoError(t, err)
	var b strings.Builder
	for _, d := range declared {
		fmt.Fprintln(&b, d.Type, d.Name, d.Plain())
	}
	return b.String(), c, nil
}
