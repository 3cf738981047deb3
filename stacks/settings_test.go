package stacks

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/infra/recorded"
	"github.com/causeway-iac/causeway/infra/settings"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// good is a prod file with nothing wrong; each bad setting below is added to it,
// or replaces its line.
const good = `config:
  causeway:region: eu-west-1
  causeway:accountId: "444455556666"
  causeway:domain: shop.example.com
  causeway:dns: {zone: example.com}
  causeway:network: {cidr: 10.30.0.0/16}
  causeway:web: {release: RELEASE}
  causeway:app: {release: RELEASE}
`

// leave is an app tier with one way out.
func leave(egress string) string { return `app: {egress: [{` + egress + `}], release: RELEASE}` }

// permit is an app tier with one permission.
func permit(actions, resource string) string {
	return `app: {permissions: [{actions: [` + actions + `], resources: ["` + resource + `"]}], release: RELEASE}`
}

func checkFileOf(t *testing.T, stack, text string) error {
	t.Helper()
	_, err := checkedOf(t, stack, text)
	return err
}

func checkedOf(t *testing.T, stack, text string) (Checked, error) {
	t.Helper()
	folder := t.TempDir()
	release := filepath.Join(folder, "run.sh")
	require.NoError(t, os.WriteFile(release, []byte("#!/bin/sh\n"), 0o755))
	text = strings.ReplaceAll(text, "RELEASE", release)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi."+stack+".yaml"), []byte(text), 0o600))
	return Check(folder, stack, today)
}

// with replaces the lines of good that set the same keys, and adds the others.
func with(lines ...string) string {
	text := good
	for _, line := range lines {
		key, _, _ := strings.Cut(line, ": ")
		kept := []string{}
		for _, old := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
			if !strings.HasPrefix(old, "  causeway:"+key+":") {
				kept = append(kept, old)
			}
		}
		text = strings.Join(append(kept, "  causeway:"+line), "\n") + "\n"
	}
	return text
}

// lineNumber is left out of the table: infra/settings tests it.
var lineNumber = regexp.MustCompile(` \(line \d+\)`)

func TestGoodSettings(t *testing.T) {
	require.NoError(t, checkFileOf(t, "prod", good))
	require.NoError(t, checkFileOf(t, "dev", good))
}

func TestShippedSettings(t *testing.T) {
	for _, stack := range Environments {
		_, err := Check("..", stack, today)
		assert.NoError(t, err, stack)
	}
}

// badSetting is a mistake and, in part, what is said of it.
type badSetting struct {
	name  string
	lines []string
	want  string
}

// refusals are the errors of mistakes, which two tests look at.
var refusals sync.Map

func (c badSetting) error(t *testing.T) error {
	t.Helper()
	if err, checked := refusals.Load(c.name); checked {
		return err.(error)
	}
	err := checkFileOf(t, "prod", with(c.lines...))
	if err != nil {
		refusals.Store(c.name, err)
	}
	return err
}

func badSettings() []badSetting {
	waiver := `waivers: {unprotected: {reason: "torn down every night", expires: 2027-01-31}}`
	return append(badApplications(), []badSetting{
		{"unknown key", []string{`regoin: eu-west-1`}, "regoin: there is no such setting; did you mean region?"},
		{"unknown key below", []string{`web: {minsize: 3, release: RELEASE}`},
			"web.minsize: there is no such setting; did you mean minSize?"},
		{"unknown key far from all", []string{`database: {qqq: 1}`}, "the settings here are backupDays"},
		{"number for text", []string{`web: [1]`}, "web: a list is not settings of its own"},
		{"text for number", []string{`web: {minSize: three, release: RELEASE}`}, `web.minSize: "three" is not a whole number`},
		{"fraction for number", []string{`web: {minSize: 2.5, release: RELEASE}`}, `web.minSize: 2.5 is not a whole number`},
		{"text for truth", []string{`protect: maybe`}, `protect: "maybe" is not true or false`},
		{"empty setting", []string{`web: {minSize: , release: RELEASE}`}, `web.minSize: has no value`},
		{"unknown environment", []string{`environment: staging`},
			`there is no profile "staging"; leave it out: the stack prod has the profile prod`},
		{"profile of another environment", []string{`environment: dev`},
			"environment: the stack prod cannot have the profile dev; leave it out"},
		{"name with capitals", []string{`name: Shop`}, `name: "Shop" cannot begin the names`},
		{"name too long", []string{`name: shop-of-the-far-north`}, "has 21 characters"},
		{"name that AWS keeps", []string{`name: internal-shop`}, "AWS reserves names that begin like"},
		{"name with two dashes", []string{`name: shop--eu`}, `name: "shop--eu" has two dashes in a row`},
		{"region of another partition", []string{`region: us-gov-west-1`}, "region: us-gov-west-1 is in AWS GovCloud or China"},
		{"more servers than addresses", []string{`web: {maxSize: 400, release: RELEASE}`, `network: {cidr: 10.30.0.0/20}`},
			"web.maxSize: 400 servers need more addresses than the web subnets of 10.30.0.0/20 have in 3 zones; write at most 129"},
		{"more servers than addresses beside a load balancer",
			[]string{`app: {maxSize: 40, release: RELEASE}`, `network: {cidr: 10.30.0.0/21}`},
			"app.maxSize: 40 servers need more addresses"},
		{"before the web tier", []string{`web: {before: [migrate], release: RELEASE}`},
			"web.before: the web tier does not reach the database"},
		{"gRPC without a method to check", []string{`app: {protocolVersion: GRPC, release: RELEASE}`},
			`app.healthPath: "/healthz" is not a method of gRPC`},
		{"objects for longer than S3 counts", []string{`web: {buckets: {uploads: {expireDays: 3000000000}}, release: RELEASE}`},
			"web.buckets.uploads.expireDays: objects cannot be kept for 3000000000 days"},
		{"infinite latency", []string{`monitoring: {latencySeconds: .inf}`}, "monitoring.latencySeconds: +Inf is not a number"},
		{"before with a line break", []string{`app: {before: ["a\nb"], release: RELEASE}`}, `app.before[0]: "a\nb" cannot be an argument`},
		{"half a hash", []string{`web: {release: "sha256:abc"}`},
			`web.release: "sha256:abc" names no release in a bucket; write sha256: and its 64 hexadecimal digits`},
		{"another object", []string{`web: {release: "s3://builds/web.tar.gz"}`}, `web.release: "s3://builds/web.tar.gz" names no release`},
		{"the other tier's release", []string{`web: {release: "s3://builds/app/releases/` + strings.Repeat("a", 64) + `"}`},
			"web.release: it is a release of app"},
		{"container by its tag", []string{`web: {container: "444455556666.dkr.ecr.eu-west-1.amazonaws.com/shop/web:1.2"}`},
			"aws ecr describe-images --registry-id 444455556666 --region eu-west-1 --repository-name shop/web --image-ids imageTag=1.2"},
		{"public container by its tag", []string{`app: {container: "ghcr.io/shop/app"}`},
			"app.container: \"ghcr.io/shop/app\" is not REGISTRY/REPOSITORY@sha256:DIGEST; " +
				"a tag may be another image's tomorrow, so write ghcr.io/shop/app@ and " +
				"what this prints: docker buildx imagetools inspect ghcr.io/shop/app:latest"},
		{"container with half a digest", []string{`app: {container: "ghcr.io/shop/app@sha256:abc"}`},
			"app.container: \"ghcr.io/shop/app@sha256:abc\" is not"},
		{"container from the internet", []string{`web: {container: "ghcr.io/shop/web@sha256:` + strings.Repeat("a", 64) + `"}`},
			"web.container: ghcr.io is reached by way of the internet only; write internet: true, or copy"},
		{"container of another region", []string{`web: {container: "444455556666.dkr.ecr.us-east-1.amazonaws.com/w@sha256:` +
			strings.Repeat("a", 64) + `"}`},
			"is another region's, which is reached by way of the internet only"},
		{"container and a release", []string{`web: {container: "444455556666.dkr.ecr.eu-west-1.amazonaws.com/w@sha256:` +
			strings.Repeat("a", 64) + `", release: RELEASE}`},
			"web.release: the tier runs a container; write one of the two"},
		{"container and packages", []string{`web: {container: "444455556666.dkr.ecr.eu-west-1.amazonaws.com/w@sha256:` +
			strings.Repeat("a", 64) + `", packages: [nodejs22]}`},
			"web.packages: the tier runs a container; put them into the image"},
		{"unknown rollout", []string{`web: {rollout: blue, release: RELEASE}`},
			`web.rollout: there is no rollout "blue"; write rolling or replace`},
		{"no region", []string{`region: ""`}, "region: is missing"},
		{"not a region", []string{`region: Ireland`}, `"Ireland" is not an AWS region`},
		{"account too short", []string{`accountId: "12345"`}, `accountId: "12345" is not an AWS account`},
		{"no domain", []string{`domain: ""`}, "domain: is missing; write the name that browsers open"},
		{"not a domain", []string{`domain: "https://shop.example.com"`}, `domain: "https://shop.example.com" is an address, not a name`},
		{"domain with capitals", []string{`domain: Shop.example.com`}, "write shop.example.com"},
		{"domain outside its zone", []string{`dns: {zone: example.org}`}, "domain: shop.example.com is not in the zone example.org"},
		{"name outside the zone", []string{`dns: {zone: example.com, names: [www.example.org]}`},
			"dns.names[0]: www.example.org is not in the zone example.com"},
		{"wildcard without a waiver", []string{`dns: {zone: example.com, names: ["*.example.com"]}`},
			"say why under waivers.wildcardNames"},
		{"wildcard for a domain", []string{`domain: "*.example.com"`},
			`domain: "*.example.com" has a character that host names do not have`},
		{"wildcard in the middle", []string{`dns: {zone: example.com, names: ["a.*.example.com"]}`}, "dns.names[0]: "},
		{"proxied wildcard too deep", []string{`dns: {zone: example.com, proxied: true, names: ["*.shop.example.com"]}`,
			`waivers: {wildcardNames: {reason: "every tenant has a name", expires: 2027-01-31}}`}, "dns.names[0]: "},
		{"name twice", []string{`dns: {zone: example.com, names: [shop.example.com]}`}, "is the domain itself; remove it"},
		{"proxied name too deep", []string{`dns: {zone: example.com, proxied: true, names: [a.b.shop.example.com]}`}, "dns.names[0]: "},
		{"unknown DNS provider", []string{`dns: {zone: example.com, provider: godaddy}`},
			`"godaddy" is not a DNS provider of the platform; write cloudflare or route53`},
		{"zone without account", []string{`dns: {zone: example.com, create: true}`},
			"dns.accountId: is missing; write the account's 32 hex digits"},
		{"proxied by Route 53", []string{`dns: {zone: example.com, provider: route53, proxied: true}`},
			"dns.proxied: applies to Cloudflare only, and the zone is in Route 53"},
		{"origin lock without proxying", []string{`dns: {zone: example.com, originLock: true}`},
			"dns.originLock: locks all visitors out, since they come to the load balancer directly"},
		{"DNSSEC of an adopted zone", []string{`dns: {zone: example.com, dnssec: true}`}, "an adopted zone is signed by whoever made it"},
		{"query log of an adopted zone", []string{`dns: {zone: example.com, provider: route53, queryLog: true}`},
			"dns.queryLog: an adopted zone is logged by whoever made it"},
		{"query log of Cloudflare", []string{`dns: {zone: example.com, queryLog: true}`},
			"dns.queryLog: Cloudflare has no query log to keep"},
		{"no query log", []string{`dns: {zone: example.com, provider: route53, create: true, queryLog: false}`},
			"say why under waivers.noQueryLog"},
		{"no CIDR", []string{`network: {zones: 3}`}, "network.cidr"},
		{"CIDR that is not one", []string{`network: {cidr: ten.0.0.0/16}`}, "network.cidr"},
		{"CIDR not private", []string{`network: {cidr: 8.8.0.0/16}`}, "private"},
		{"CIDR too small", []string{`network: {cidr: 10.30.0.0/24}`}, "network.cidr"},
		{"CIDR too large", []string{`network: {cidr: 10.0.0.0/8}`}, "network.cidr"},
		{"CIDR with host bits", []string{`network: {cidr: 10.30.0.1/16}`}, "10.30.0.0/16"},
		{"one zone", []string{`network: {cidr: 10.30.0.0/16, zones: 1}`}, "network.zones: must be 2 to 3 zones of eu-west-1, not 1"},
		{"seven zones", []string{`network: {cidr: 10.30.0.0/16, zones: 7}`}, "network.zones: must be 2 to 3 zones of eu-west-1, not 7"},
		{"zone of another region", []string{`network: {cidr: 10.30.0.0/16, zoneNames: [eu-west-1a, us-east-1b]}`}, "network.zoneNames[1]"},
		{"zone named twice", []string{`network: {cidr: 10.30.0.0/16, zoneNames: [eu-west-1a, eu-west-1a, eu-west-1b]}`},
			"network.zoneNames"},
		{"unknown NAT", []string{`network: {cidr: 10.30.0.0/16, nat: double}`}, "network.nat"},
		{"no NAT for a tier with internet", []string{`network: {cidr: 10.30.0.0/16, nat: none}`},
			"network.nat: a tier may reach the internet, but there is no NAT gateway"},
		{"NAT for nobody", []string{`app: {internet: false, release: RELEASE}`, `network: {cidr: 10.30.0.0/16, nat: perZone}`},
			"no tier may use the NAT gateways, which cost money"},
		{"log days that CloudWatch lacks", []string{`network: {cidr: 10.30.0.0/16, logDays: 1000}`}, "network.logDays"},
		{"min over max", []string{`web: {minSize: 10, maxSize: 4, release: RELEASE}`}, "web.maxSize: 4 is below minSize, 10"},
		{"no instances", []string{`web: {minSize: 0, release: RELEASE}`}, "web.minSize: must be at least 1, not 0"},
		{"small volume", []string{`web: {volumeGiB: 4, release: RELEASE}`}, "web.volumeGiB: must be 8 to 16384 GiB, not 4"},
		{"no disk", []string{`database: {storageGiB: 0}`}, "database.storageGiB: must be at least 20, not 0"},
		{"no disk to grow to", []string{`database: {maxStorageGiB: 0}`}, "database.maxStorageGiB: cannot be 0"},
		{"no port", []string{`web: {port: 0, release: RELEASE}`}, "web.port: must be at least 1024, not 0"},
		{"more addresses than a region has", []string{`region: us-east-1`, `network: {cidr: 10.30.0.0/16, zones: 6, nat: perZone}`},
			"network.nat: needs an Elastic IP address in each of 6 zones"},
		{"mail to no host", []string{`monitoring: {emails: [oncall@example]}`}, `"oncall@example" is not a mail address`},
		{"no warm-up", []string{`app: {warmupSeconds: 0, release: RELEASE}`}, "app.warmupSeconds: must be at least 60, not 0"},
		{"long warm-up", []string{`app: {warmupSeconds: 7200, release: RELEASE}`},
			"app.warmupSeconds: must be 60 to 3600 seconds, not 7200"},
		{"unknown instance type", []string{`app: {instanceType: m99.tiny, release: RELEASE}`}, "app.instanceType"},
		{"CPU over 100", []string{`app: {targetCpu: 150, release: RELEASE}`}, "app.targetCpu"},
		{"image that is not one", []string{`app: {image: al2023, release: RELEASE}`}, "app.image"},
		{"release not there", []string{`web: {release: nowhere/web}`}, "web.release"},
		{"empty release", []string{`web: {release: ""}`}, "web.release: is empty; write a value, or remove the line for the default"},
		{"command without a release", []string{`web: {command: [node, server.js]}`}, "web.command: there is no release to run it with"},
		{"command of an executable", []string{`web: {command: [node, server.js], release: RELEASE}`},
			"web.command: the release is one executable"},
		{"archive that is none", []string{`web: {release: app.tar.gz, command: [./run]}`},
			"web.release: opening a release: there is no file"},
		{"folder without command", []string{`web: {release: .}`},
			"web.command: is missing; write what is run of the archive, such as [node, server.js]"},
		{"program that the folder lacks", []string{`web: {release: ., command: [./bin/serve]}`}, "has no file ./bin/serve"},
		{"runtime without its package", []string{`web: {release: ., command: [node, server.js]}`},
			"web.command[0]: node is in a package that the servers do not have; write packages: [nodejs22]"},
		{"package by a bad name", []string{`web: {release: RELEASE, packages: ["node js"]}`},
			`web.packages[0]: "node js" is not the name of a package`},
		{"version of HTTP that targets lack", []string{`web: {protocolVersion: HTTP3, release: RELEASE}`},
			`web.protocolVersion: there is no version "HTTP3"; write HTTP1 or HTTP2; or GRPC, with a method as healthPath`},
		{"sticky for ever", []string{`app: {stickySeconds: 999999, release: RELEASE}`},
			"app.stickySeconds: must be 0 to 604800 seconds, not 999999"},
		{"health path without slash", []string{`web: {healthPath: healthz, release: RELEASE}`}, `web.healthPath: "healthz" is not a path`},
		{"health path with a space", []string{`app: {healthPath: "/health z", release: RELEASE}`},
			`"/health z" is not a path; write a path such as /healthz`},
		{"health path with a query", []string{`app: {healthPath: "/ok?deep=1", release: RELEASE}`}, `"/ok?deep=1" is not a path`},
		{"bad variable", []string{`web: {environment: {MY-VAR: x}, release: RELEASE}`}, `"MY-VAR" cannot name a variable`},
		{"variable of the platform", []string{`app: {environment: {DATABASE_HOST: x}, release: RELEASE}`},
			"the platform sets this variable"},
		{"variable of two lines", []string{`web: {environment: {A: "x\ny"}, release: RELEASE}`}, "its value has a line break"},
		{"secret in a variable", []string{`web: {environment: {DB_PASSWORD: hunter2}, release: RELEASE}`},
			"web.environment.DB_PASSWORD: user data can be read by"},
		{"secret by name", []string{`app: {secrets: [stripe-key], release: RELEASE}`}, `"stripe-key" is not the whole ARN of one secret`},
		{"secret without its suffix",
			[]string{`app: {secrets: ["arn:aws:secretsmanager:eu-west-1:444455556666:secret:stripe"], release: RELEASE}`},
			"with the six characters at its end"},
		{"variable that is a number", []string{`web: {environment: {PORT: 8080}, release: RELEASE}`},
			`web.environment.PORT: 8080 is not a text; write it in quotes: "8080"`},
		{"variable that YAML shortens", []string{`web: {environment: {VERSION: 1.10}, release: RELEASE}`},
			`web.environment.VERSION: YAML reads 1.10 as 1.1; write "1.10" in quotes`},
		{"variable that YAML takes for octal", []string{`app: {environment: {CODE: 01234}, release: RELEASE}`},
			`app.environment.CODE: YAML reads 01234 as 668; write "01234" in quotes, or 668`},
		{"variable that is true", []string{`web: {environment: {DEBUG: true}, release: RELEASE}`},
			`web.environment.DEBUG: true is not a text; write it in quotes: "true"`},
		{"tag that YAML shortens", []string{`tags: {release: 2.50}`},
			`tags.release: YAML reads 2.50 as 2.5; write "2.50" in quotes, or 2.5`},
		{"argument that YAML takes for octal", []string{`web: {arguments: [--port, 0644], release: RELEASE}`},
			`web.arguments[1]: YAML reads 0644 as 420`},
		{"number that YAML takes for octal", []string{`web: {maxSize: 012, release: RELEASE}`}, `web.maxSize: YAML reads 012 as 10`},
		{"app that asks itself", []string{leave(`to: app, why: it calls itself`)}, "app.egress[0].to: web calls app anyway"},
		{"worker without a release", []string{`workers: {mail: {schedule: "30 3 * * *"}}`}, "workers.mail.release: is missing"},
		{"worker with a name that it cannot have", []string{`workers: {Mail-: {release: RELEASE}}`},
			`workers.Mail-: "Mail-" cannot name workers; write at most 14`},
		{"worker that is asked", []string{`workers: {mail: {release: RELEASE, healthPath: /up}}`},
			"workers.mail.healthPath: nobody asks workers anything; remove it"},
		{"worker of HTTP", []string{`workers: {mail: {release: RELEASE, protocol: http}}`},
			"workers.mail.protocol: nobody asks workers anything"},
		{"worker by no clock", []string{`workers: {mail: {release: RELEASE, schedule: nightly}}`},
			`workers.mail.schedule: "nightly" does not have the five fields of cron; write minute, hour, day, month and weekday`},
		{"worker that never comes", []string{`workers: {mail: {release: RELEASE, schedule: "0 0 31 2 *"}}`}, "never comes"},
		{"job on many servers", []string{`workers: {mail: {release: RELEASE, schedule: "0 3 * * *", minSize: 3, maxSize: 3}}`},
			"workers.mail.minSize: is 3, and what runs by a schedule runs on one server"},
		{"job on as many servers as workers have by default",
			[]string{`workers: {mail: {release: RELEASE, schedule: "0 3 * * *", minSize: 2}}`},
			"workers.mail.minSize: is 2, and what runs by a schedule runs on one server; leave both sizes out"},
		{"worker that may be silent for days", []string{`workers: {mail: {release: RELEASE, silentMinutes: 5000}}`},
			"workers.mail.silentMinutes: must be 5 to 1440 minutes, not 5000"},
		{"worker of no size", []string{`workers: {mail: {release: RELEASE, minSize: 0}}`},
			"workers.mail.minSize: must be at least 1, not 0"},
		{"worker without a way to AWS", []string{`workers: {mail: {release: RELEASE}}`, `network: {cidr: 10.30.0.0/16, endpoints: false}`,
			`waivers: {noEndpoints: {reason: "AWS is reached by NAT", expires: 2027-01-31}, webInternet: {reason: "AWS is reached by ` +
				`NAT", expires: 2027-01-31}}`,
			`web: {release: RELEASE, internet: true}`}, "network.endpoints: a tier without internet access needs them"},
		{"worker's misspelled setting", []string{`workers: {mail: {release: RELEASE, minsize: 2}}`},
			"workers.mail.minsize: there is no such setting; did you mean minSize?"},
		{"route to nowhere", []string{`edge: {routes: [{paths: [/api/*]}]}`},
			"edge.routes[0].to: a route leads to one of them; write one of to: app, redirect and text"},
		{"route to the database", []string{`edge: {routes: [{paths: [/api/*], to: database}]}`},
			`edge.routes[0].to: there is nothing called "database" to lead to; write app`},
		{"route to two", []string{`edge: {routes: [{paths: [/old/*], redirect: "https://example.com", text: gone}]}`},
			"edge.routes[0].to: a route leads to one of them"},
		{"route of everything", []string{`edge: {routes: [{text: closed}]}`}, "edge.routes[0].paths: is missing"},
		{"route of the first page", []string{`edge: {routes: [{paths: [/*], to: app}]}`,
			`waivers: {edgeToApp: {reason: "the app tier serves phones", expires: 2027-01-31}}`}, "edge.routes[0].paths: is for / of " +
			"shop.example.com, which is the web tier's"},
		{"route of a whole host to a text", []string{`dns: {zone: example.com, names: [old.example.com]}`,
			`edge: {routes: [{hosts: [old.example.com], text: closed}]}`}, "edge.routes[0].paths: is for /, so that nobody would serve " +
			"the host"},
		{"route of another's host", []string{`edge: {routes: [{hosts: [old.example.com], redirect: "https://shop.example.com"}]}`},
			`edge.routes[0].hosts[0]: "old.example.com" is no name of the platform; write one of shop.example.com, or add it to dns.names`},
		{"route of no path", []string{`edge: {routes: [{paths: ["/a b"], text: gone}]}`}, `edge.routes[0].paths[0]: "/a b" is not a path`},
		{"route to plain HTTP", []string{`edge: {routes: [{paths: [/old], redirect: "http://example.com"}]}`}, "edge.routes[0].redirect:"},
		{"route with a status that it cannot have",
			[]string{`edge: {routes: [{paths: [/old], redirect: "https://example.com", status: 200}]}`},
			"edge.routes[0].status: 200 is no redirect; write 301"},
		{"route of a type that is not answered", []string{`edge: {routes: [{paths: [/old], text: x, type: image/png}]}`},
			`edge.routes[0].type: a load balancer answers nothing of type "image/png"`},
		{"route twice", []string{`edge: {routes: [{paths: [/old], text: x}, {paths: [/old], redirect: "https://example.com"}]}`},
			"edge.routes[1]: shop.example.com/old is in edge.routes[0] too"},
		{"route to app in prod", []string{`edge: {routes: [{paths: [/api/*], to: app}]}`},
			"edge.routes: prod does not allow this: requests of the internet reach the application servers past the web servers"},
		{"protocol that there is not", []string{`app: {protocol: ftp, release: RELEASE}`},
			`app.protocol: there is no protocol "ftp"; write https or http`},
		{"guestbook without TLS", []string{`app: {protocol: http}`}, "app.protocol: the guestbook speaks https"},
		{"port that needs root", []string{`web: {port: 443, release: RELEASE}`},
			"web.port: 443 cannot be listened on; write 1024 to 65535"},
		{"port of nginx", []string{`web: {protocol: http, port: 8443, release: RELEASE}`},
			"web.port: 8443 is where nginx speaks TLS; write another, such as 8080"},
		{"port of administrators", []string{`web: {port: 3389, release: RELEASE}`},
			"web.port: edge -> web :3389: port 3389 administers machines"},
		{"egress to nobody", []string{leave(`port: 587, why: mail by the provider`)}, "app.egress[0].to: is missing"},
		{"egress to a name", []string{leave(`to: smtp.example.com, port: 587, why: mail by the provider`)},
			`app.egress[0]: app -> smtp.example.com :587: "smtp.example.com" of smtp.example.com is not a prefix; write an IPv4 prefix`},
		{"egress to our own addresses", []string{leave(`to: 10.1.0.0/16, port: 587, why: mail by the provider`)}, "is not public"},
		{"egress for no reason", []string{leave(`to: internet, port: 587`)}, "app.egress[0].why: is missing or too short"},
		{"egress for a reason that AWS cannot hold", []string{leave(`to: internet, port: 587, why: 'mail by "them"'`)},
			"app.egress[0]: app -> internet :587: a rule's description cannot say why"},
		{"egress to no port", []string{leave(`to: internet, why: mail by the provider`)},
			"app.egress[0]: app -> internet :0: 0 is not a port"},
		{"egress by SSH", []string{leave(`to: 198.51.100.0/24, port: 22, why: files of a partner`)}, "port 22 administers machines"},
		{"egress of mail to anybody", []string{leave(`to: internet, port: 25, why: mail to everybody`)},
			"app.egress[0].port: AWS lets no server send to port 25 of the internet; write 587"},
		{"egress by ICMP", []string{leave(`to: internet, port: 8, protocol: icmp, why: is anybody there`)},
			`"icmp" is no protocol that has ports`},
		{"egress that internet has", []string{leave(`to: 198.51.100.0/24, port: 443, why: the service of a partner`)},
			"is for the whole internet, so 198.51.100.0/24 restricts nothing"},
		{"egress twice", []string{leave(`to: 198.51.100.0/24, port: 587, why: mail by the provider}, {to: 198.51.100.0/24, port: 587, ` +
			`why: mail by the provider`)}, "app.egress[1]: app -> 198.51.100.0/24 :587: sentences["},
		{"egress without a way out", []string{`app: {internet: false, egress: [{to: 198.51.100.0/24, port: 587, why: mail by the ` +
			`provider}], release: RELEASE}`, `network: {cidr: 10.30.0.0/16, nat: none}`}, "app.egress[0]: there is no way out: the " +
			"network has no NAT gateway"},
		{"egress to a list that cannot be one", []string{leave(`to: pl-mine, port: 587, why: mail by the provider`)},
			`"pl-mine" is not the id of a prefix list`},
		{"egress of web to everybody", []string{`web: {egress: [{to: internet, port: 587, why: mail by the provider}], release: RELEASE}`},
			"web.internet: prod does not allow this"},
		{"permission without actions",
			[]string{`web: {permissions: [{resources: ["arn:aws:sqs:eu-west-1:444455556666:mail"]}], release: RELEASE}`},
			"web.permissions[0].actions: is missing"},
		{"permission on nothing", []string{`app: {permissions: [{actions: [sqs:SendMessage]}], release: RELEASE}`},
			"app.permissions[0].resources: is missing"},
		{"permission by wildcard", []string{permit(`"sqs:*"`, "arn:aws:sqs:eu-west-1:444455556666:mail")},
			`app.permissions[0].actions[0]: "sqs:*" is not one action`},
		{"permission over identities", []string{permit("iam:PassRole", "arn:aws:iam:eu-west-1:444455556666:role/x")},
			"app.permissions[0].actions[0]: a tier cannot be permitted to use iam"},
		{"permission on everything", []string{permit("sqs:SendMessage", "*")},
			`app.permissions[0].resources[0]: "*" does not name a resource`},
		{"permission on all queues", []string{permit("sqs:SendMessage", "arn:aws:sqs:*:*:*")}, "does not name a resource"},
		{"permission on another service", []string{permit("sqs:SendMessage", "arn:aws:sns:eu-west-1:444455556666:mail")},
			"the actions are those of sqs, not of sns"},
		{"permissions of two services", []string{permit("sqs:SendMessage, sns:Publish", "arn:aws:sqs:eu-west-1:444455556666:mail")},
			"app.permissions[0].actions[1]: sns:Publish is another service's than sqs:SendMessage"},
		{"permission that cannot be used",
			[]string{`web: {permissions: [{actions: [dynamodb:GetItem], ` +
				`resources: ["arn:aws:dynamodb:eu-west-1:444455556666:table/carts"]}], release: RELEASE}`},
			"web.permissions[0].actions: dynamodb:GetItem is reached by way of the internet only"},
		{"too many permissions", []string{permit("sqs:SendMessage", "arn:aws:sqs:eu-west-1:444455556666:"+strings.Repeat("q", 1500))},
			"web.permissions: the tiers have 1 permissions of"},
		{"bucket by a bad name", []string{`web: {buckets: {Uploads: {}}, release: RELEASE}`},
			`web.buckets.Uploads: "Uploads" cannot name a bucket`},
		{"bucket that forgets too soon", []string{`app: {buckets: {uploads: {expireDays: -1}}, release: RELEASE}`},
			"app.buckets.uploads.expireDays: objects cannot be kept for -1 days"},
		{"variable of a bucket", []string{`app: {buckets: {uploads: {}}, environment: {BUCKET_UPLOADS: x}, release: RELEASE}`},
			"app.environment.BUCKET_UPLOADS: the platform sets this variable"},
		{"secret value", []string{`app: {environment: {KEY: {secure: v1:x}}, release: RELEASE}`}, "a secret cannot be a setting"},
		{"unknown engine", []string{`database: {engine: oracle}`}, "database.engine"},
		{"minor version", []string{`database: {version: "16.4"}`}, "database.version"},
		{"version that is not there", []string{`database: {version: 7}`}, "database.version"},
		{"class that is not one", []string{`database: {class: huge}`}, "database.class"},
		{"class not for the engine", []string{`database: {engine: aurora-postgresql, class: db.t4g.micro}`}, "database.class"},
		{"capacity units without serverless", []string{`database: {maxAcu: 8}`},
			"database.maxAcu: capacity units bound db.serverless only, not a db.m7g.large"},
		{"no capacity", []string{`database: {engine: aurora-postgresql, class: db.serverless, minAcu: 0}`},
			"database.minAcu: is 0, and Aurora never stops here; write 0.5 or more, or leave it out"},
		{"capacity in thirds", []string{`database: {engine: aurora-postgresql, class: db.serverless, minAcu: 0.3}`},
			"database.minAcu: must be 0.5 to 256 capacity units, in halves, not 0.3"},
		{"capacity beyond Aurora's", []string{`database: {engine: aurora-postgresql, class: db.serverless, maxAcu: 512}`},
			"database.maxAcu: must be 2 to 256"},
		{"most capacity below the least", []string{`database: {engine: aurora-postgresql, class: db.serverless, minAcu: 8, maxAcu: 4}`},
			"database.maxAcu: must be 8 to 256 capacity units, in halves, not 4"},
		{"storage too small", []string{`database: {storageGiB: 5}`}, "database.storageGiB"},
		{"storage over its maximum", []string{`database: {storageGiB: 500, maxStorageGiB: 100}`}, "database.maxStorageGiB"},
		{"backups for too long", []string{`database: {backupDays: 90}`}, "database.backupDays"},
		{"all requests may fail", []string{`monitoring: {errorPercent: 100}`},
			"monitoring.errorPercent: must be above 0 and below 100, not 100"},
		{"no latency", []string{`monitoring: {latencySeconds: -1}`}, "monitoring.latencySeconds: must be above 0 and at most 4000, not -1"},
		{"mail address", []string{`monitoring: {emails: [oncall]}`}, `"oncall" is not a mail address`},
		{"tag of AWS", []string{`tags: {"aws:x": y}`}, `the key "aws:x" is reserved`},
		{"tag with bad characters", []string{`tags: {owner: "a;b"}`}, `"a;b" cannot be a tag's value`},
		{"requests per address", []string{`edge: {requestsPerIp: 1}`}, "edge.requestsPerIp"},
		{"idle for too long", []string{`edge: {idleTimeoutSeconds: 5000}`}, "edge.idleTimeoutSeconds: must be 1 to 4000 seconds, not 5000"},
		{"a rule that does not exist", []string{`edge: {countOnly: [SizeRestrictions_BODY]}`,
			`waivers: {countedRules: {reason: "uploads are larger than 8 KB", expires: 2027-01-31}}`},
			`edge.countOnly[0]: "SizeRestrictions_BODY" is not a managed rule here`},
		{"a rule that only counts", []string{`edge: {countOnly: [AWSManagedRulesCommonRuleSet/SizeRestrictions_BODY]}`},
			"say why under waivers.countedRules"},
		{"weakened without waiver", []string{`protect: false`}, "protect: prod does not allow this"},
		{"weakened web ACL", []string{`edge: {webAcl: false}`}, "say why under waivers.noWebAcl"},
		{"port 80", []string{`edge: {httpRedirect: true}`}, "say why under waivers.httpRedirect"},
		{"waiver without reason", []string{`protect: false`, `waivers: {unprotected: {expires: 2027-01-31}}`},
			"waivers.unprotected.reason: a waiver needs a reason"},
		{"waiver without end", []string{`protect: false`, `waivers: {unprotected: {reason: "torn down every night"}}`},
			"waivers.unprotected.expires: a waiver needs an expiry date"},
		{"waiver that ended", []string{`protect: false`, `waivers: {unprotected: {reason: "torn down every night", expires: 2025-01-31}}`},
			"the waiver expired on 2025-01-31"},
		{"waiver for good", []string{`protect: false`, `waivers: {unprotected: {reason: "torn down every night", expires: 2999-12-31}}`},
			"waivers.unprotected.expires: 2999-12-31 is more than a year away"},
		{"waiver for no reason", []string{`protect: false`, `waivers: {unprotected: {reason: "becausewesayso", expires: 2027-01-31}}`},
			"waivers.unprotected.reason: a waiver needs a reason"},
		{"waiver ends on no day", []string{`protect: false`, `waivers: {unprotected: {reason: "torn down every night", expires: soon}}`},
			`"soon" is not a date`},
		{"waiver for nothing", []string{waiver}, "waives nothing: protect does not depart from the profile"},
		{"a loss without reason", []string{`losses: {db: {expires: 2027-01-31}}`}, "losses.db.reason: a waiver needs a reason"},
		{"a loss for good", []string{`losses: {db: {reason: "it has moved", expires: 2999-12-31}}`}, "losses.db.expires: 2999-12-31"},
		{"unknown waiver", []string{`waivers: {unprotectd: {reason: "torn down every night", expires: 2027-01-31}}`},
			"did you mean unprotected?"},
		{"unknown region", []string{`region: eu-west-9`}, `region: "eu-west-9" is not an AWS region; did you mean eu-west-1?`},
		{"set twice", []string{`tags: {a: b, a: c}`}, "tags.a: is set twice; remove one"},
		{"domain too long for the application's certificate", []string{`domain: ` + strings.Repeat("a", 40) + `.example.com`},
			"has 52 characters: with app.internal. before it, it cannot be the first name of a certificate, which has 64"},
		{"domain with a dot at its end", []string{`domain: shop.example.com.`},
			`domain: "shop.example.com." has a dot at its end; write shop.example.com`},
		{"zone with a dot at its end", []string{`dns: {zone: example.com.}`},
			`dns.zone: "example.com." has a dot at its end; write example.com`},
		{"domain as browsers show it", []string{`domain: "https://shop.example.com/cart?x=1"`},
			"is an address, not a name; write shop.example.com"},
		{"more names than a certificate has", []string{`dns: {zone: example.com, names: [` + manyNames(10) + `]}`},
			"dns.names: 10 names and the domain are more than the 10 that one certificate can have; name at most 9 beside the domain"},
		{"bad name among sorted ones", []string{`dns: {zone: example.com, names: [z.example.com, b_.example.com, a.example.com]}`},
			`dns.names[1]: "b_.example.com" has a character`},
		{"name listed twice", []string{`dns: {zone: example.com, names: [z.example.com, a.example.com, z.example.com]}`},
			`dns.names[2]: z.example.com is listed twice`},
		{"more zones than the region has", []string{`network: {cidr: 10.30.0.0/16, zones: 6}`},
			"network.zones: must be 2 to 3 zones of eu-west-1, not 6"},
		{"zones below none", []string{`network: {cidr: 10.30.0.0/16, zones: -3}`},
			"network.zones: must be 2 to 3 zones of eu-west-1, not -3"},
		{"zone that the region has not", []string{`network: {cidr: 10.30.0.0/16, zoneNames: [eu-west-1a, eu-west-1f]}`},
			"network.zoneNames[1]: eu-west-1 has no zone eu-west-1f; write eu-west-1b or eu-west-1c"},
		{"zones and their names", []string{`network: {cidr: 10.30.0.0/16, zones: 3, zoneNames: [eu-west-1a, eu-west-1b]}`},
			"network.zones: is 3, and zoneNames has 2; leave it out"},
		{"more servers than a load balancer sends to", []string{`web: {maxSize: 2006, release: RELEASE}`},
			"web.maxSize: must be at most 1000 servers, the targets of one load balancer, not 2006"},
		{"more servers than a load balancer sends to while they are replaced",
			[]string{`web: {maxSize: 501, rollout: replace, release: RELEASE}`},
			"web.maxSize: with rollout: replace, must be at most 500 servers, since old and new ones are targets together, not 501; " +
				"write 500 or less, or rollout: rolling; or ask AWS for 1002 of \"Targets per Target Group per Region\" " +
				"(elasticloadbalancing/L-A0D0B863) and of \"Targets per Application Load Balancer\" (elasticloadbalancing/L-7E6692B2), " +
				"and then write quotas: {targets-per-target-group: 1002, targets-per-load-balancer: 1002}"},
		{"more servers than addresses while they are replaced", []string{`web: {maxSize: 100, rollout: replace, release: RELEASE}`,
			`network: {cidr: 10.30.0.0/20}`},
			"web.maxSize: 200 servers need more addresses than the web subnets of 10.30.0.0/20 have in 3 " +
				"zones; write at most 64, or a larger network.cidr"},
		{"servers of both tiers behind the edge", []string{`web: {maxSize: 600, release: RELEASE}`, `app: {maxSize: 600, release: RELEASE}`,
			`edge: {routes: [{paths: [/api/*], to: app}]}`, `waivers: {edgeToApp: {reason: "the app has an API", expires: 2027-01-31}}`},
			"edge.routes: web and app have up to 1200 servers, and one load balancer takes 1000"},
		{"a quota below everybody's", []string{`quotas: {elastic-ips: 5}`},
			`quotas.elastic-ips: every account has 5 of "EC2-VPC Elastic IPs"`},
		{"a quota above anybody's", []string{`quotas: {names-per-certificate: 101}`}, "AWS grants nobody 101"},
		{"a quota that nobody is granted more of", []string{`quotas: {user-data-bytes: 20000}`},
			"quotas.user-data-bytes: AWS raises no such quota, or no setting reaches it; the quotas are elastic-ips"},
		{"as many at the least", []string{`web: {minSize: 2006, maxSize: 1000, release: RELEASE}`},
			"web.minSize: must be at most 1000 servers, maxSize, not 2006; write 1000 or less"},
		{"too much user data", []string{`web: {release: RELEASE, environment: {` + manyVariables(60, 220) + `}}`},
			"web.environment: the user data has "},
		{"too long a command line", []string{`app: {release: RELEASE, arguments: [` + strings.Repeat("x", 14_000) + `]}`},
			"app.arguments: the user data has "},
		{"more secrets than a policy holds", []string{`app: {release: RELEASE, secrets: [` + manySecrets(200) + `]}`},
			"app.secrets: with these, the policy has "},
		{"secret of another partition", []string{secretOf(`arn:aws-cn:secretsmanager:eu-west-1:444455556666:secret:stripe-AbCdEf`)},
			"app.secrets[0]: "},
		{"secret of another region", []string{secretOf(`arn:aws:secretsmanager:us-east-1:444455556666:secret:stripe-AbCdEf`)},
			"is another account's or region's than the stack's"},
		{"secret as ECS names it", []string{secretOf(`arn:aws:secretsmanager:eu-west-1:444455556666:secret:stripe-AbCdEf:key::`)},
			"is a field of a secret, as ECS names it; write arn:aws:secretsmanager:eu-west-1:444455556666:secret:stripe-AbCdEf"},
		{"tags that IAM takes for one", []string{`tags: {Owner: a, owner: b}`}, `tags.owner: IAM takes "Owner" and "owner" for one key`},
		{"tag that IAM takes for the name", []string{`tags: {name: shop}`}, `tags.name: IAM takes "Name" and "name" for one key`},
		{"too many tags", []string{`tags: {` + manyTags(31) + `}`}, "tags: has 31 tags; write at most 30"},
		{"tag without a key", []string{`tags: {"": x}`}, `"" cannot be a tag's key`},
		{"disk at its end", []string{`database: {storageGiB: 60000}`},
			"database.storageGiB: must be 20 to 59578 GiB, which can grow by a tenth to at most 65536, not 60000"},
		{"disk that cannot grow", []string{`database: {storageGiB: 59578, maxStorageGiB: 59600}`}, "write 65536 to 65536"},
		{"more requests than WAF counts", []string{`edge: {requestsPerIp: 3000000000}`},
			"edge.requestsPerIp: must be 10 to 2000000000 requests in five minutes, not 3000000000"},
		{"setting by a path that Pulumi does not follow", []string{`dns.zone: example.com`, `dns: {}`},
			"dns.zone: is one name for Pulumi, and no setting; write it below causeway:dns"},
		{"plain setting that is encrypted", []string{`domain: {secure: v1:x}`}, "domain: is encrypted, and no secret"},
		{"JSON in a text", []string{`edge: '{"idleTimeoutSeconds": 30}'`},
			"edge: is a text with JSON in it; take the quotes around it away"},
	}...)
}

func many(n int, one func(i int) string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = one(i)
	}
	return strings.Join(all, ", ")
}

func manyNames(n int) string {
	return many(n, func(i int) string { return fmt.Sprintf("n%d.example.com", n-i) })
}
func manyTags(n int) string { return many(n, func(i int) string { return fmt.Sprintf("tag%d: x", i) }) }
func manyVariables(n, size int) string {
	return many(n, func(i int) string { return fmt.Sprintf("V%d: %s", i, strings.Repeat("x", size)) })
}
func secretOf(arn string) string { return `app: {release: RELEASE, secrets: ["` + arn + `"]}` }
func manySecrets(n int) string {
	return many(n, func(i int) string {
		return fmt.Sprintf(`"arn:aws:secretsmanager:eu-west-1:444455556666:secret:stripe-%d-AbCdEf"`, i)
	})
}

func TestBadSettings(t *testing.T) {
	for _, c := range badSettings() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := c.error(t)
			require.Error(t, err)
			assert.Contains(t, err.Error(), "Pulumi.prod.yaml: ")
			assert.Contains(t, lineNumber.ReplaceAllString(err.Error(), ""), c.want)
			assert.Equal(t, 1, strings.Count(err.Error(), "Pulumi.prod.yaml: "), "one mistake, one error:\n%v", err)
		})
	}
}

func TestAllErrorsAtOnce(t *testing.T) {
	err := checkFileOf(t, "prod", with(`regoin: x`, `web: {minSize: 9, maxSize: 1, release: RELEASE}`, `database: {version: "16.4"}`,
		`protect: false`))
	require.Error(t, err)
	for _, want := range []string{"4 places", "regoin", "web.maxSize", "database.version", "protect"} {
		assert.Contains(t, err.Error(), want)
	}
}

func TestWaiverAllowsADeparture(t *testing.T) {
	over := `losses: {"aws:rds/instance:Instance::prod-database": {reason: "moved to Aurora", expires: 2025-01-31}}`
	require.NoError(t, checkFileOf(t, "prod", with(over)), "what is over is in nobody's way")
	require.NoError(t,
		checkFileOf(t, "prod", with(`protect: false`, `waivers: {unprotected: {reason: "torn down every night", expires: 2027-01-31}}`)))
}

func TestEnvironmentsMayNotOverlap(t *testing.T) {
	folder := t.TempDir()
	for _, stack := range []string{"dev", "prod"} {
		text := strings.ReplaceAll(good, "{release: RELEASE}", "{}")
		require.NoError(t, os.WriteFile(filepath.Join(folder, "Pulumi."+stack+".yaml"), []byte(text), 0o600))
	}
	_, err := Check(folder, "prod", today)
	assert.ErrorContains(t, err, "network.cidr (line 6): 10.30.0.0/16 overlaps 10.30.0.0/16 of Pulumi.dev.yaml")
}

// TestProjectFileDeclaresEverySetting holds Pulumi.yaml to the typed settings.
func TestProjectFileDeclaresEverySetting(t *testing.T) {
	data, err := os.ReadFile("../Pulumi.yaml")
	require.NoError(t, err)
	var project struct {
		Config map[string]struct{ Type, Description string }
	}
	require.NoError(t, yaml.Unmarshal(data, &project))
	assert.Len(t, project.Config, len(settings.Names(Settings{})))
	for _, f := range reflect.VisibleFields(reflect.TypeOf(Settings{})) {
		name := f.Tag.Get("setting")
		if name == "" {
			continue
		}
		declared, ok := project.Config[name]
		require.True(t, ok, name)
		if f.Type.Kind() == reflect.Struct {
			for _, below := range settings.Names(reflect.Zero(f.Type).Interface()) {
				if name != "app" {
					assert.Contains(t, declared.Description, below, "the description of %s does not name %s", name, below)
				}
			}
		}
	}
}

func TestWhatTheFileSaysBesideItsSettings(t *testing.T) {
	for text, want := range map[string]string{
		strings.Replace(good, "causeway:web", "casueway:web",
			1): "casueway:web (line 7): nothing reads settings of casueway; did you mean causeway:web?",
		strings.Replace(good, "config:", "confg:", 1): "confg (line 1): Pulumi reads no such key; did you mean config?",
		good +
			"  aws:region: eu-west-1\n": "aws:region (line 9): nothing reads this, since the program makes its own providers; write " +
			"causeway:region",
		good + "config: {}\n":                         "Pulumi.prod.yaml:9: config is listed twice",
		good + "encryptedKey: x\n":                    "did you mean encryptedkey?",
		good + "  aws:profile: shop\n":                "set AWS's own variables, such as AWS_PROFILE",
		good + "  cloudflare:apiToken: {secure: x}\n": "set CLOUDFLARE_API_TOKEN in the environment",
	} {
		assert.ErrorContains(t, checkFileOf(t, "prod", text), want)
	}
	assert.NoError(t, checkFileOf(t, "prod", "encryptionsalt: v1:x\n"+good+"  pulumi:autonaming: {mode: default}\n"))
}

// A zero that a person writes is a value, or is refused: no component takes it for "not written".
func TestAZeroIsRefusedUnlessItIsAValue(t *testing.T) {
	values := map[string]bool{"stickySeconds": true, "expireDays": true, "status": true}
	var walk func(of reflect.Type)
	walk = func(of reflect.Type) {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(of.Elem())
		case reflect.Struct:
			for _, f := range reflect.VisibleFields(of) {
				name := f.Tag.Get("setting")
				if name == "" {
					continue
				}
				if kind := f.Type.Kind(); kind == reflect.Int || kind == reflect.Float64 {
					assert.True(t, least[name] > 0 != values[name], "%s: its zero is neither refused nor a value", name)
				}
				walk(f.Type)
			}
		}
	}
	walk(reflect.TypeFor[Settings]())
}

// The guestbook is built before anything is made, since it may not compile.
func TestAReleaseThatCannotBeBuiltIsFoundFirst(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o755))
	}
	write("run.sh", "#!/bin/sh\n")
	write("examples/guestbook/go.mod", "module guestbook\n")
	write("examples/guestbook/main.go", "package main\n\nfunc main() { broken }\n")
	for _, app := range []string{`app: {}`, `app: {release: run.sh, before: [migrate], warmupSeconds: 900}`} {
		write("Pulumi.prod.yaml", strings.ReplaceAll(with(app), "RELEASE", filepath.Join(folder, "run.sh")))
		s, err := Check(folder, "prod", today)
		require.NoError(t, err)
		declared, err := recorded.Run(s.standIns, func(ctx *pulumi.Context) error {
			_, err := Compose(ctx, s.Settings, folder)
			return err
		})
		require.ErrorContains(t, err, "opening the release of the app tier: building the guestbook")
		assert.Empty(t, declared)
	}
}
