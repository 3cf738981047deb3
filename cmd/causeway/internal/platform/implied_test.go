package platform

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/components/database"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/stacks"
)

// dimension is one way in which settings grow: a number, the length of a text, the length of a list. Check passes it from
// least to most and nothing beside, or anything above most; or it is found where check refuses, below most.
type dimension struct {
	name        string
	least, most int
	is          kind
	lines       func(n int) []string
}

type kind int

const (
	bounded kind = iota
	unbounded
	found
)

// number grows the setting below group.
func number(group, name string, least, most int, beside ...string) dimension {
	return dimension{group + "." + name, least, most, bounded, func(n int) []string {
		return []string{grown(group, append(beside, fmt.Sprintf("%s: %d", name, n))...)}
	}}
}

// grown is the base's line of a group of settings with more in it.
func grown(group string, more ...string) string {
	held := map[string]string{
		"web": "release: web.sh", "app": "release: app.sh", "network": "cidr: 10.40.0.0/16", "dns": "zone: example.com",
	}
	if held[group] != "" {
		more = append([]string{held[group]}, more...)
	}
	return group + ": {" + strings.Join(more, ", ") + "}"
}

func list(n int, one func(i int) string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = one(i)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

func pairs(n int, one func(i int) string) string {
	text := list(n, one)
	return "{" + text[1:len(text)-1] + "}"
}

// host is a name of n characters in the zone.
func host(n int) string {
	const zone = ".example.com"
	label, rest := n-len(zone), ""
	for label > 63 {
		rest += strings.Repeat("h", 60) + "."
		label -= 61
	}
	return rest + strings.Repeat("h", max(label, 0)) + zone
}

func manyRoutes(n int) string {
	return "edge: {routes: [{to: app, paths: " + list(n, func(i int) string { return fmt.Sprintf("/x%d", i) }) + "}]}"
}

// granted are what grows with each quota that AWS raises: check and the twin take as many as are granted, and no more.
func granted() []dimension {
	of := func(quotas string, least, most int, is kind, lines func(n int) []string) dimension {
		return dimension{"granted " + quotas, least, most, is, func(n int) []string { return append(lines(n), "quotas: {"+quotas+"}") }}
	}
	leave := func(tier string, n int) string {
		return grown(tier, "internet: true, egress: "+list(n, func(i int) string {
			return fmt.Sprintf("{to: internet, port: %d, why: x y}", 600+i)
		}))
	}
	return []dimension{
		of("elastic-ips: 6", 2, 6, bounded, func(n int) []string {
			return []string{"region: us-east-1", grown("network", fmt.Sprintf("zones: %d, nat: perZone", n))}
		}),
		of("rules-per-acl: 21", 1, 60, found, func(n int) []string { return []string{leave("web", n/2), leave("app", n-n/2)} }),
		of("targets-per-target-group: 1500, targets-per-load-balancer: 1600", 1, 1500, bounded, func(n int) []string {
			return []string{grown("web", fmt.Sprintf("maxSize: %d", n))}
		}),
		of("targets-per-target-group: 1500, targets-per-load-balancer: 1002", 2, 1000, bounded, func(n int) []string {
			return []string{grown("web", fmt.Sprintf("maxSize: %d", n)), "edge: {routes: [{paths: [/x], to: app}]}"}
		}),
		of("rules-per-load-balancer: 120", 1, 119, bounded, func(n int) []string { return []string{manyRoutes(n)} }),
		of("names-per-certificate: 100", 1, 99, bounded, func(n int) []string {
			names := list(n, func(i int) string { return fmt.Sprintf("n%d.example.com", i) })
			return []string{grown("dns", "provider: route53, names: "+names)}
		}),
	}
}

func secretARN(i int) string {
	return fmt.Sprintf(`"arn:aws:secretsmanager:eu-west-1:123456789012:secret:payment/provider-%03d-AbCdEf"`, i)
}

// dimensions are everything that settings count or measure.
func dimensions() []dimension {
	x := func(n int) string { return strings.Repeat("x", n) }
	of := func(name string, least, most int, is kind, lines func(n int) []string) dimension {
		return dimension{name, least, most, is, lines}
	}
	names := func(n int) string { return list(n, func(i int) string { return fmt.Sprintf("n%d.example.com", i) }) }
	all := []dimension{
		of("name", 1, 20, bounded, func(n int) []string { return []string{"name: " + x(n)} }),
		of("domain", 13, 51, bounded, func(n int) []string { return []string{"domain: " + host(n)} }),
		of("dns.names, proxied", 1, 9, bounded, func(n int) []string { return []string{grown("dns", "proxied: true, names: "+names(n))} }),
		of("dns.names, created", 1, 9, bounded, func(n int) []string { return []string{created("names: " + names(n))} }),
		of("dns.names[0]", 13, 128, bounded, func(n int) []string { return []string{grown("dns", "names: ["+host(n)+"]")} }),
		of("dns.names[0] in Route 53", 13, 128, bounded, func(n int) []string {
			return []string{grown("dns", "provider: route53, names: ["+host(n)+"]")}
		}),
		of("tags", 1, 30, bounded, func(n int) []string {
			return []string{"tags: " + pairs(n, func(i int) string { return fmt.Sprintf("tag%d: x", i) }), grown("dns", "proxied: true"),
				grown("database", "backupPlan: true"), grown("edge", "webAcl: true")}
		}),
		of("a tag's key", 1, 128, bounded, func(n int) []string { return []string{"tags: {" + x(n) + ": x}"} }),
		of("a tag's value", 0, 256, bounded, func(n int) []string { return []string{`tags: {x: "` + x(n) + `"}`} }),
		number("network", "zones", 2, 3, "nat: perZone"),
		of("network.zones of us-east-1", 2, 6, bounded, func(n int) []string {
			return []string{"region: us-east-1", grown("network", fmt.Sprintf("zones: %d, endpoints: true", n))}
		}),
		of("network.zoneNames", 2, 3, bounded, func(n int) []string {
			return []string{grown("network", "zoneNames: "+list(n, func(i int) string { return "eu-west-1" + string(rune('a'+i)) }))}
		}),
		number("edge", "requestsPerIp", 10, 2_000_000_000, "webAcl: true"), number("edge", "idleTimeoutSeconds", 1, 4000),
		number("database", "storageGiB", 20, 59578), number("database", "maxStorageGiB", 22, 65536),
		number("database", "backupDays", 7, 35),
		number("database", "maxAcu", 1, 256, "engine: aurora-postgresql, class: db.serverless"),
		number("database", "minAcu", 1, 256, "engine: aurora-postgresql, class: db.serverless, maxAcu: 256"),
		of("monitoring.emails", 1, 500, unbounded, func(n int) []string {
			return []string{"monitoring: {emails: " + list(n, func(i int) string { return fmt.Sprintf("n%d@example.com", i) }) + "}"}
		}),
		number("monitoring", "latencySeconds", 1, 4000),
		of("network.zones with a NAT gateway in each", 2, 5, bounded, func(n int) []string {
			return []string{"region: us-east-1", grown("network", fmt.Sprintf("zones: %d, nat: perZone", n))}
		}),
		of("a redirect's path", 1, 128, bounded, func(n int) []string {
			return []string{`edge: {routes: [{paths: [/old], redirect: "https://shop.example.com/` + x(n-1) + `"}]}`}
		}),
		of("a redirect's port", 1, 65535, bounded, func(n int) []string {
			return []string{fmt.Sprintf(`edge: {routes: [{paths: [/other], redirect: "https://example.org:%d/"}]}`, n)}
		}),
		number("monitoring", "errorPercent", 1, 99),
		of("servers that are replaced together", 1, 500, bounded, func(n int) []string {
			return []string{grown("web", fmt.Sprintf("maxSize: %d, rollout: replace", n))}
		}),
		of("servers of both tiers behind the edge", 2, 998, bounded, func(n int) []string {
			return []string{grown("web", fmt.Sprintf("maxSize: %d", n)), "edge: {routes: [{paths: [/x], to: app}]}"}
		}),
		of("edge.routes", 1, 99, bounded, func(n int) []string { return []string{manyRoutes(n)} }),
	}
	all = append(all, granted()...)
	for _, tier := range []string{"app"} { // told of the database, it has the longest user data and policy
		all = append(all,
			number(tier, "minSize", 1, 1000, "maxSize: 1000"), number(tier, "maxSize", 1, 1000), number(tier, "targetCpu", 10, 90),
			number(tier, "volumeGiB", 8, 16384), number(tier, "warmupSeconds", 60, 3600), number(tier, "stickySeconds", 0, 604_800),
			of(tier+".environment", 1, 400, found, func(n int) []string {
				return []string{grown(tier, "environment: "+pairs(n, func(i int) string { return fmt.Sprintf("V%d: %s", i, x(200)) }))}
			}),
			of(tier+".arguments", 1, 30_000, found, func(n int) []string { return []string{grown(tier, "arguments: ["+x(n)+"]")} }),
			of(tier+".secrets", 1, 400, found, func(n int) []string { return []string{grown(tier, "secrets: "+list(n, secretARN))} }),
			of(tier+".buckets", 1, 120, found, func(n int) []string {
				return []string{"name: a-name-of-20-letters", grown(tier, "buckets: "+pairs(n, func(i int) string {
					return fmt.Sprintf("bucket-of-20-let-%03d: {expireDays: 1}", i)
				}))}
			}),
			of(tier+".buckets' expireDays", 0, 1<<31-1, bounded, func(n int) []string {
				return []string{grown(tier, fmt.Sprintf("buckets: {a: {expireDays: %d}}", n))}
			}),
			of(tier+".permissions", 1, 8, bounded, func(n int) []string {
				return []string{grown(tier, "permissions: "+list(n, func(i int) string {
					return fmt.Sprintf(`{actions: [sqs:SendMessage], resources: ["arn:aws:sqs:eu-west-1:123456789012:q%d"]}`, i)
				})), grown("network", "endpoints: true")}
			}),
			of(tier+".packages", 1, 20, bounded, func(n int) []string {
				return []string{grown(tier, "packages: "+list(n, func(i int) string { return fmt.Sprintf("%s%02d", x(62), i) }))}
			}),
			of(tier+".healthPath", 1, 1023, bounded, func(n int) []string { return []string{grown(tier, "healthPath: /"+x(n))} }),
		)
	}
	return all
}

// TestWhatCheckPassesDeploys holds what settings count and measure to where check refuses it, and deploys the last that it
// passes: whatever the twin refuses of that is a limit of the clouds which no component knows.
func TestWhatCheckPassesDeploys(t *testing.T) {
	folder := newFiles(t, "dev").project.Root
	check := func(lines ...string) (stacks.Checked, error) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi.dev.yaml"), []byte(baseWith(lines...)), 0o644))
		return stacks.Check(folder, "dev", time.Now())
	}
	var ends [][]string
	for _, d := range dimensions() {
		passes := func(n int) bool { _, err := check(d.lines(n)...); return err == nil }
		most := d.most
		if d.is == found {
			most = sort.Search(d.most, func(n int) bool { return n > d.least && !passes(n) }) - 1
			t.Logf("%s: %d", d.name, most)
		}
		assert.True(t, passes(d.least), "check refuses %s at its least, %d", d.name, d.least)
		_, err := check(d.lines(most)...)
		assert.NoError(t, err, "%s at its most, %d", d.name, most)
		if d.is != unbounded {
			_, err = check(d.lines(most + 1)...)
			var problems infra.Problems
			if assert.Error(t, err, "check passes %s at %d", d.name, most+1) && assert.True(t, errors.As(err, &problems)) {
				assert.Len(t, problems, 1, "one mistake, one problem:\n%v", err)
			}
		}
		ends = append(ends, d.lines(d.least), d.lines(most))
	}
	deployTogether(t, folder, check, ends)
	for _, engine := range database.Engines { // what check passes of a list that it does not count
		passed := 0
		for _, version := range strings.Fields("11 12 13 14 15 16 17 18 19 5.7 8.0 8.4 9.0") {
			lines := []string{fmt.Sprintf(`database: {engine: %s, version: "%s"}`, engine, version)}
			if _, err := check(lines...); err == nil {
				deployTogether(t, folder, check, [][]string{lines})
				passed++
			}
		}
		assert.Positive(t, passed, engine)
	}
}

// deployTogether deploys settings, all at once where they go together.
func deployTogether(t *testing.T, folder string, check func(lines ...string) (stacks.Checked, error), settings [][]string) {
	const most = 8
	s, err := stacks.Checked{}, error(nil)
	if len(settings) <= most {
		if s, err = check(slices.Concat(settings...)...); err == nil {
			err = deployAtOnce(t, s.Settings, folder)
		}
		if err == nil {
			return
		}
	}
	if len(settings) == 1 {
		assert.NoError(t, err, "check passes %.300s", settings[0])
		return
	}
	deployTogether(t, folder, check, settings[:len(settings)/2])
	deployTogether(t, folder, check, settings[len(settings)/2:])
}

// baseWith is the base's settings with lines on top of them.
func baseWith(lines ...string) string {
	var whole struct{ Config map[string]any }
	if err := yaml.Unmarshal([]byte(baseSettings), &whole); err != nil {
		panic(err)
	}
	for _, line := range lines {
		var own map[string]any
		if err := yaml.Unmarshal([]byte(line), &own); err != nil {
			panic(err)
		}
		for key, value := range own {
			whole.Config["causeway:"+key] = merged(whole.Config["causeway:"+key], value)
		}
	}
	text, err := yaml.Marshal(map[string]any{"config": whole.Config})
	if err != nil {
		panic(err)
	}
	return string(text)
}

func merged(under, over any) any {
	below, nested := under.(map[string]any)
	above, both := over.(map[string]any)
	if !nested || !both {
		return over
	}
	for key, value := range above {
		below[key] = merged(below[key], value)
	}
	return below
}
