package platform

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/stacks"
	"github.com/causeway-iac/causeway/twin"
	"github.com/causeway-iac/causeway/twin/facts"
)

type variant struct {
	name, stack string
	lines       []string
}

// variants is what the settings can choose between, as far as it changes which resources there are
// or what they say.
var variants = []variant{
	{"local", "local", []string{created()}},
	{"dev", "dev", nil},
	{"dev, Cloudflare created and signed", "dev", []string{created("dnssec: true")}},
	{"dev, Cloudflare proxied and locked", "dev", []string{created("proxied: true")}},
	{"dev, Route 53", "dev", []string{`dns: {zone: example.com, provider: route53, names: [www.shop.example.com]}`}},
	{"dev, Route 53 created and signed", "dev", []string{`dns: {zone: example.com, provider: route53, create: true, dnssec: true}`}},
	{"dev, MySQL", "dev", []string{`database: {engine: mysql}`}},
	{"dev, Aurora", "dev", []string{`database: {engine: aurora-postgresql, multiZone: true}`}},
	{"dev, Aurora serverless", "dev", []string{`database: {engine: aurora-postgresql, class: db.serverless}`}},
	{"dev, no internet", "dev", []string{`web: {release: web.sh, internet: false}`, `app: {release: app.sh, internet: false}`,
		`network: {cidr: 10.40.0.0/16, endpoints: true}`}},
	{"dev, a gateway in each of four zones", "dev", []string{`region: us-east-1`, `network: {cidr: 10.40.0.0/16, zones: 4, nat: perZone}`}},
	{"dev, port 80, a web ACL and a long name", "dev", []string{`edge: {httpRedirect: true, webAcl: true}`, `name: a-name-of-20-letters`}},
	{"dev, everything said", "dev", []string{
		`web: {release: web.sh, image: ami-0123456789abcdef0, instanceType: c7g.medium, healthPath: /up, environment: {MODE: quiet}, ` +
			`secrets: ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"]}`,
		`app: {release: app.sh, buckets: {uploads: {expireDays: 30}, scans: {}}, permissions: [{actions: [sqs:SendMessage], ` +
			`resources: ["arn:aws:sqs:eu-west-1:123456789012:mail"]}]}`,
		`database: {version: "16", class: db.m7g.large, storageGiB: 500, maxStorageGiB: 2000, multiZone: true, backupPlan: true}`,
		`monitoring: {emails: [oncall@example.com]}`, `tags: {owner: platform, costCentre: "4711"}`, `protect: true`,
	}},
	{"prod", "prod", []string{`monitoring: {emails: [oncall@example.com, second@example.com]}`, `tags: {owner: platform}`}},
	{"dev, gRPC, and clients that come back", "dev", []string{
		`web: {release: web.sh, stickySeconds: 3600, protocolVersion: HTTP2}`,
		`app: {release: app.sh, protocolVersion: GRPC, healthPath: /grpc.health.v1.Health/Check}`,
	}},
	{"prod, tenants", "prod", []string{
		`dns: {zone: example.com, names: ["*.example.com", "*.shop.example.com"]}`, `waivers: {` + waived("wildcardNames") + `}`,
	}},
	{"prod, tenants by Route 53", "prod", []string{
		`dns: {zone: example.com, provider: route53, names: ["*.shop.example.com"]}`, `waivers: {` + waived("wildcardNames") + `}`,
	}},
	{"prod, buckets and permissions", "prod", []string{
		`web: {release: web.sh, buckets: {uploads: {}}, permissions: [{actions: [sqs:SendMessage], ` +
			`resources: ["arn:aws:sqs:eu-west-1:123456789012:mail"]}]}`,
		`app: {release: app.sh, permissions: [{actions: [dynamodb:GetItem, dynamodb:PutItem], ` +
			`resources: ["arn:aws:dynamodb:eu-west-1:123456789012:table/carts"]}]}`,
	}},
	{"prod, plain HTTP and a port", "prod", []string{`web: {release: web.sh, protocol: http, port: 3000, protocolVersion: HTTP2}`,
		`app: {release: app.sh, port: 7443}`}},
	{"dev, workers and routes", "dev", []string{
		`workers: {mail: {release: web.sh, permissions: [{actions: [sqs:ReceiveMessage], resources: ` +
			`["arn:aws:sqs:eu-west-1:123456789012:mail"]}]}}`,
		`edge: {routes: [{paths: [/api/*, /rpc], to: app}, {paths: [/robots.txt], text: "User-agent: *"}]}`,
	}},
	{"prod, ways out, routes and workers", "prod", []string{
		`web: {release: web.sh, egress: [{to: 203.0.113.0/24, port: 8443, why: the service of a partner}]}`,
		`app: {release: app.sh, stickySeconds: 600, egress: [{to: 198.51.100.0/24, port: 587, why: mail by the provider}, ` +
			`{to: internet, port: 123, protocol: udp, why: time of day}, {to: pl-8edd6224, port: 443, why: the tables of DynamoDB}]}`,
		`dns: {zone: example.com, names: [old.example.com, api.example.com, "*.shop.example.com"]}`,
		`edge: {routes: [{hosts: [api.example.com], to: app}, {paths: [/api/*], to: app}, ` +
			`{hosts: [old.example.com], redirect: "https://shop.example.com", status: 301}, {paths: [/gone], text: gone, status: 410}]}`,
		`workers: {mail: {release: web.sh, egress: [{to: 198.51.100.0/24, port: 587, why: mail by the provider}, {to: app, why: what was ` +
			`ordered}]}, ` +
			`report: {release: web.sh, schedule: "30 3 * * *", internet: true, buckets: {reports: {}}}}`,
		`waivers: {` + waived("edgeToApp") + `, ` + waived("wildcardNames") + `}`,
	}},
	{"prod, containers", "prod", []string{
		`web: {container: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web@sha256:` + strings.Repeat("a", 64) +
			`", rollout: replace}`,
		`app: {container: "ghcr.io/shop/app@sha256:` + strings.Repeat("b", 64) + `", command: [serve]}`,
	}},
	{"prod, Route 53 created and signed", "prod",
		[]string{`dns: {zone: example.com, provider: route53, create: true, names: [www.shop.example.com]}`}},
	{"prod, Cloudflare created, proxied and locked", "prod", []string{created("proxied: true")}},
	{"prod, Route 53 adopted", "prod", []string{`dns: {zone: example.com, provider: route53}`}},
	{"prod, MySQL", "prod", []string{`database: {engine: mysql}`}},
	{"prod, Aurora", "prod", []string{`database: {engine: aurora-postgresql}`}},
	{"prod, Aurora, proxied, unprotected", "prod", []string{`database: {engine: aurora-postgresql}`, `protect: false`,
		`dns: {zone: example.com, proxied: true}`, `waivers: {` + waived("unprotected") + `}`}},
	{"prod, Aurora serverless", "prod", []string{`database: {engine: aurora-postgresql, class: db.serverless}`}},
	{"prod, waived", "prod", []string{
		`network: {cidr: 10.40.0.0/16, nat: single, endpoints: false}`, `edge: {httpRedirect: true, webAcl: false}`,
		`web: {release: web.sh, internet: true}`,
		`waivers: {` + waived("webInternet") + `, ` + waived("sharedNat") + `, ` + waived("noEndpoints") + `, ` + waived("httpRedirect") +
			`, ` + waived("noWebAcl") + `}`,
	}},
}

func created(more ...string) string {
	return "dns: {" +
		strings.Join(append([]string{"zone: example.com, create: true, accountId: 0123456789abcdef0123456789abcdef"}, more...), ", ") + "}"
}

func waived(name string) string {
	return name + `: {reason: "a rehearsal of this variant", expires: ` + time.Now().AddDate(0, 6, 0).Format(time.DateOnly) + `}`
}

// makes is the types of resources that a variant must have, and those that it must lack.
var makes = map[string]struct{ has, lacks []string }{
	"dev, Cloudflare created and signed": {
		[]string{"cloudflare:index/zone:Zone", "cloudflare:index/zoneDnssec:ZoneDnssec"}, []string{"aws:lb/trustStore:TrustStore"},
	},
	"dev, Cloudflare proxied and locked": {
		[]string{"aws:lb/trustStore:TrustStore", "cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls"}, nil,
	},
	"dev, Route 53":                    {[]string{"aws:route53/record:Record"}, []string{"cloudflare:index/record:Record"}},
	"dev, Route 53 created and signed": {[]string{"aws:route53/hostedZoneDnsSec:HostedZoneDnsSec"}, []string{"cloudflare:index/zone:Zone"}},
	"dev, MySQL":                       {[]string{"aws:rds/instance:Instance"}, nil},
	"dev, Aurora":                      {[]string{"aws:rds/cluster:Cluster"}, []string{"aws:rds/instance:Instance"}},
	"dev, Aurora serverless":           {[]string{"aws:rds/clusterInstance:ClusterInstance"}, nil},
	"dev, no internet": {
		[]string{"aws:ec2/vpcEndpoint:VpcEndpoint"}, []string{"aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip"},
	},
	"dev, port 80, a web ACL and a long name": {[]string{"aws:wafv2/webAcl:WebAcl"}, nil},
	"prod":                               {[]string{"aws:backup/plan:Plan", "aws:wafv2/webAclAssociation:WebAclAssociation"}, nil},
	"prod, Aurora, proxied, unprotected": {[]string{"aws:rds/cluster:Cluster"}, nil},
}

// TestEveryVariant deploys whatever the settings can choose between, each once. It is as safe as the shipped platform: no
// check fails, and none is waived but by name. Packets reach what is proved. Those that makes names are deployed again,
// which changes nothing, and go whole unless they are production.
func TestEveryVariant(t *testing.T) {
	home, packets := t.TempDir(), packetsOf(t)
	said := map[string]map[bool]string{}
	for name := range makes {
		require.True(t, slices.ContainsFunc(variants, func(v variant) bool { return v.name == name }), name)
	}
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			tr := newTrial(t, home, v.stack, v.lines...)
			r, outcome, err := tr.deploy(stacks.Deploy)
			require.NoError(t, err, "%+v", outcome.Problems)
			saysAlways(t, said, v.name, tr.twin.Resources())
			tr.verifies(v.stack, r)
			packets(t, v.name, tr)
			if _, named := makes[v.name]; !named {
				return
			}
			assert.Empty(t, outcome.Problems)
			tr.made(v.name)
			again, err := tr.engine.Up(t.Context(), nil)
			require.NoError(t, err, "%+v", again.Problems)
			require.Empty(t, changed(again), "a second deployment changes something")
			if v.stack != "prod" {
				_, err := tr.engine.Destroy(t.Context(), nil)
				require.NoError(t, err)
				assert.Empty(t, tr.twin.Resources())
			}
		})
	}
}

// verifies holds that nothing fails, and that what prod does not hold to is waived by name.
func (tr *trial) verifies(stack string, r *report.Report) {
	ids, why := failing(r)
	assert.Empty(tr.t, ids, why)
	assert.LessOrEqual(tr.t, len(r.Waivers), 5)
	if stack != "prod" {
		return
	}
	for name, ids := range waivedBy(r) {
		assert.True(tr.t, slices.ContainsFunc(r.Waivers, func(w report.Waiver) bool { return w.Name == name }),
			"prod relaxes %v by %s", ids, name)
	}
}

// made holds that there is what a variant is for.
func (tr *trial) made(variant string) {
	types := map[string]int{}
	for _, r := range tr.twin.Resources() {
		types[r.Type]++
	}
	for _, typ := range makes[variant].has {
		assert.NotZero(tr.t, types[typ], typ)
	}
	for _, typ := range makes[variant].lacks {
		assert.Zero(tr.t, types[typ], typ)
	}
}

// saysAlways holds that what the provider would keep, where the program no longer says it, is said in every variant: a list
// or an object that is optional and computed. said is what was said so far of each resource, and in which variant.
func saysAlways(t *testing.T, said map[string]map[bool]string, variant string, resources []twin.Resource) {
	t.Helper()
	for _, r := range resources {
		f := factsOf(r.Type)
		if f == nil || r.URN == "" {
			continue
		}
		for name, p := range f.Properties {
			if !p.Optional || !p.Computed || !slices.Contains([]facts.Kind{facts.List, facts.Set, facts.Map, facts.Object}, p.Kind) {
				continue
			}
			key := r.URN + " " + name
			if said[key] == nil {
				said[key] = map[bool]string{}
			}
			_, is := r.Inputs[name]
			said[key][is] = variant
			assert.Len(t, said[key], 1, "%s is said in %q and not in %q", key, said[key][true], said[key][false])
		}
	}
}
