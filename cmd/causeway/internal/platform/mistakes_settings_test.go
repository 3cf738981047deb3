package platform

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// settingMistake is what somebody wrote into Pulumi.prod.yaml.
type settingMistake struct {
	what    string
	lines   []string
	refused []string          // what the settings say, of each line that is wrong
	waives  map[string]string // by the waivers with which they are accepted, the checks that each then waives
}

// lineNumber is not what these tests are about.
var lineNumber = regexp.MustCompile(` \(line \d+\)`)

// comes is what the table says of it.
func (m settingMistake) comes() string {
	var parts []string
	for _, refusal := range m.refused {
		parts = append(parts, "refused: "+refusal)
	}
	for _, name := range slices.Sorted(maps.Keys(m.waives)) {
		parts = append(parts, "with the waiver "+name+": "+listed(m.waives[name]))
	}
	return strings.Join(parts, "; ")
}

const notInProd = "prod does not allow this: "

var settingMistakes = []settingMistake{
	{
		what: "no protection from deletion", lines: []string{`protect: false`},
		refused: []string{"protect: " + notInProd + "the database, its keys and the load balancers can be deleted by one command"},
		waives:  map[string]string{"unprotected": "C056 C120 C148 C230"},
	},
	{
		what: "the web servers may call the internet", lines: []string{`web: {release: web.sh, internet: true}`},
		refused: []string{"web.internet: " + notInProd + "the web tier can open connections to the internet"},
		waives:  map[string]string{"webInternet": "I16 C041 C047"},
	},
	{
		what:    "the web servers mail by whoever takes it",
		lines:   []string{`web: {release: web.sh, egress: [{to: internet, port: 587, why: mail by anybody}]}`},
		refused: []string{"web.internet: " + notInProd + "the web tier can open connections to the internet"},
		waives:  map[string]string{"webInternet": "I16 C041 C047"},
	},
	{
		what: "phones call the application past the web servers", lines: []string{`edge: {routes: [{paths: [/api/*], to: app}]}`},
		refused: []string{"edge.routes: " + notInProd + "requests of the internet reach the application servers past the web servers"},
		waives:  map[string]string{"edgeToApp": "I3 I4 I7"},
	},
	{
		what: "one NAT gateway for all zones, to save money", lines: []string{`network: {cidr: 10.40.0.0/16, nat: single}`},
		refused: []string{"network.nat: " + notInProd + "one zone's failure cuts every zone from the internet"},
		waives:  map[string]string{"sharedNat": "I18 C025"},
	},
	{
		what:  "no endpoints, to save money",
		lines: []string{`network: {cidr: 10.40.0.0/16, endpoints: false}`, `web: {release: web.sh, internet: true}`},
		refused: []string{"network.endpoints: " + notInProd + "traffic to AWS's services leaves the network", "web.internet: " + notInProd +
			"the web tier can open connections to the internet"},
		waives: map[string]string{"noEndpoints": "I28 C006 C007", "webInternet": "I16 C041 C047"},
	},
	{
		what: "logs for a month", lines: []string{`network: {cidr: 10.40.0.0/16, logDays: 30}`},
		refused: []string{"network.logDays: " + notInProd + "logs are kept for less than a year"},
		waives:  map[string]string{"shortLogs": "C177"},
	},
	{
		what: "no web ACL", lines: []string{`edge: {webAcl: false}`},
		refused: []string{"edge.webAcl: " + notInProd + "requests reach the web tier unfiltered"},
		waives:  map[string]string{"noWebAcl": "I24 C059 C213"},
	},
	{
		what: "no web ACL behind Cloudflare, in a new zone", lines: []string{created("proxied: true"), `edge: {webAcl: false}`},
		refused: []string{"edge.webAcl: " + notInProd + "requests reach the web tier unfiltered"},
		waives:  map[string]string{"noWebAcl": "C219 C220 C221"},
	},
	{
		what: "a managed rule that only counts", lines: []string{`edge: {countOnly: [AWSManagedRulesCommonRuleSet/SizeRestrictions_BODY]}`},
		refused: []string{"edge.countOnly: " + notInProd + "requests that a managed rule matches reach the web tier"},
		waives:  map[string]string{"countedRules": "C195"},
	},
	{
		what: "port 80 for a redirect", lines: []string{`edge: {httpRedirect: true}`},
		refused: []string{"edge.httpRedirect: " + notInProd + "port 80 is open to the internet"},
		waives:  map[string]string{"httpRedirect": "I2 C034 C035 C051"},
	},
	{
		what: "behind Cloudflare, and open to everybody", lines: []string{`dns: {zone: example.com, proxied: true, originLock: false}`},
		refused: []string{"dns.originLock: " + notInProd + "the load balancer can be reached around Cloudflare"},
		waives:  map[string]string{"openOrigin": "I24 C225"},
	},
	{
		what: "a zone without DNSSEC", lines: []string{`dns: {zone: example.com, provider: route53, create: true, dnssec: false}`},
		refused: []string{"dns.dnssec: " + notInProd + "the zone's answers can be forged"},
		waives:  map[string]string{"unsignedZone": "C190"},
	},
	{
		what:    "a zone whose queries nobody sees",
		lines:   []string{`dns: {zone: example.com, provider: route53, create: true, queryLog: false}`},
		refused: []string{"dns.queryLog: " + notInProd + "nobody can tell who asks the zone for what"},
		waives:  map[string]string{"noQueryLog": "C189"},
	},
	{
		what: "a database in one zone", lines: []string{`database: {multiZone: false}`},
		refused: []string{"database.multiZone: " + notInProd + "one zone's failure stops the database"},
		waives:  map[string]string{"singleZoneDatabase": "C119"},
	},
	{
		what: "no backups but the database's own", lines: []string{`database: {backupPlan: false}`},
		refused: []string{"database.backupPlan: " + notInProd + "no backup outlives the database's own"},
		waives:  map[string]string{"noBackupPlan": "C137"},
	},
	{
		what:    "a waiver that ended",
		lines:   []string{`protect: false`, `waivers: {unprotected: {reason: "a rehearsal of the end", expires: 2025-01-31}}`},
		refused: []string{"waivers.unprotected.expires: the waiver expired on 2025-01-31"},
	},
	{
		what: "a waiver of a check in the tags", lines: []string{`tags: {"causeway:waiver:I8": "2999-12-31 it is only for a while"}`},
		refused: []string{`tags.causeway:waiver:I8: the key "causeway:waiver:I8" is reserved`},
	},
	{
		what: "prod with the profile of dev", lines: []string{`environment: dev`},
		refused: []string{"environment: the stack prod cannot have the profile dev"},
	},
	{
		what: "a password among the variables", lines: []string{`app: {release: app.sh, environment: {SMTP_PASSWORD: hunter22}}`},
		refused: []string{"app.environment.SMTP_PASSWORD: user data can be read by"},
	},
	{
		what:    "a password in the address of a service",
		lines:   []string{`app: {release: app.sh, environment: {CACHE: "redis://app:hunter22@cache.example.com"}}`},
		refused: []string{"app.environment.CACHE: user data can be read by"},
	},
	{
		what: "backups for three days", lines: []string{`database: {backupDays: 3}`},
		refused: []string{"database.backupDays: must be 7 to 35 days, not 3"},
	},
	{
		what:  "every secret of the account",
		lines: []string{`app: {release: app.sh, secrets: ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:*"]}`},
		refused: []string{`app.secrets[0]: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:*" is not the whole ARN of one secret, ` +
			`with the six characters at its end`},
	},
	{
		what: "a firewall rule in the settings", lines: []string{`firewall: {database: 0.0.0.0/0}`},
		refused: []string{"firewall: there is no such setting"},
	},
	{
		what: "a public database", lines: []string{`database: {publiclyAccessible: true}`},
		refused: []string{"database.publiclyAccessible: there is no such setting"},
	},
	{
		what: "all in one zone", lines: []string{`network: {cidr: 10.40.0.0/16, zones: 1}`},
		refused: []string{"network.zones: must be 2 to 3 zones of eu-west-1, not 1"},
	},
	{
		what: "addresses that are somebody else's", lines: []string{`network: {cidr: 8.8.0.0/16}`},
		refused: []string{"network.cidr: "},
	},
	{
		what: "a database version without fixes", lines: []string{`database: {version: 11}`},
		refused: []string{"database.version: "},
	},
}
