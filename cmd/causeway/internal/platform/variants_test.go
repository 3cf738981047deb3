package platform

import (
	"strings"
	"time"
)

// variants is what the settings can choose between, as far as it changes which resources there are
// or what they say.
var variants = []struct {
	name, stack string
	lines       []string
}{
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
		`web: {release: web.sh, image: ami-0123456789abcdef0, instanceType: c7g.medium, healthPath: /up, environment: {MODE: quiet}, secrets: ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"]}`,
		`app: {release: app.sh, buckets: {uploads: {expireDays: 30}, scans: {}}, permissions: [{actions: [sqs:SendMessage], resources: ["arn:aws:sqs:eu-west-1:123456789012:mail"]}]}`,
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
		`web: {release: web.sh, buckets: {uploads: {}}, permissions: [{actions: [sqs:SendMessage], resources: ["arn:aws:sqs:eu-west-1:123456789012:mail"]}]}`,
		`app: {release: app.sh, permissions: [{actions: [dynamodb:GetItem, dynamodb:PutItem], resources: ["arn:aws:dynamodb:eu-west-1:123456789012:table/carts"]}]}`,
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
			`{to: internet, port: 123, protocol: udp, why: time of day}]}`,
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
