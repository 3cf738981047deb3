package stacks

import "strings"

// of is a tier that runs the folder, which has run.sh, with more settings.
func of(tier, command, more string) []string {
	return []string{tier + `: {release: ., command: [` + command + `]` + more + `}`}
}

// tierWith is a tier that runs an executable, with more settings.
func tierWith(tier, more string) []string {
	return []string{tier + `: {release: RELEASE, ` + more + `}`}
}

// contained is a tier that runs a container.
func contained(tier, image, more string) []string {
	return []string{tier + `: {container: "` + image + `@sha256:` + strings.Repeat("a", 64) + `"` + more + `}`}
}

func routed(route string) []string { return []string{`edge: {routes: [{` + route + `}]}`} }

func worked(more string) []string {
	return []string{`workers: {mail: {release: RELEASE, ` + more + `}}`}
}

const (
	ourImage   = "444455556666.dkr.ecr.eu-west-1.amazonaws.com/w"
	ourQueue   = "arn:aws:sqs:eu-west-1:444455556666:"
	edgeWaiver = `waivers: {edgeToApp: {reason: "the app tier serves phones", expires: 2027-01-31}}`
)

// badApplications are mistakes with what runs: whatever systemd, nginx, Docker or AWS would refuse only on the server.
func badApplications() []badSetting {
	return []badSetting{
		{"program that systemd would run as root", of("web", `"+run.sh"`, ""), `web.command[0]: systemd takes the "+" at the beginning`},
		{"program whose failure systemd would overlook", of("web", `"-sh", x`, ""), `web.command[0]: systemd takes the "-" at`},
		{"program by another name", of("web", `"@sh", x`, ""), `web.command[0]: systemd takes the "@" at the beginning`},
		{"program that is a folder", of("web", `".."`, ""), `web.command[0]: ".." names no program`},
		{"program outside of the release", of("web", `../run.sh`, ""), `web.command[0]: "../run.sh" names no program`},
		{"program that is a folder of the server", of("web", `/usr/bin/`, ""), `web.command[0]: "/usr/bin/" names no program`},
		{"program by a way around", of("web", `/usr/lib/../bin/sh`, ""), "names no program"},
		{"program with a dollar", of("web", `"./run$1.sh"`, ""), `web.command[0]: "./run$1.sh" has a dollar`},
		{"no program", of("web", `"", server.js`, ""), "web.command: is missing"},
		{"argument with a bell", of("web", `./run.sh, "a\ab"`, ""), `web.command[1]: "a\ab" cannot be an argument`},
		{"command as a text", []string{`web: {release: ., command: ./run.sh serve}`},
			`web.command: "./run.sh serve" is not a list; write [./run.sh, serve]`},
		{"runtime that Amazon Linux lacks", of("web", "deno, run, main.ts", ""),
			"web.command[0]: deno is not in Amazon Linux's repository"},
		{"PHP without its package", of("web", "php, -S, x", ""), "write packages: [php8.4-cli]"},
		{"Ruby without its package", of("web", "ruby, x", ""), "write packages: [ruby3.4]"},
		{".NET without its package", of("web", "dotnet, app.dll", ""), "write packages: [dotnet-runtime-8.0]"},
		{"Java with another's package", of("web", "java, -jar, app.jar", ", packages: [nodejs22]"),
			"write packages: [java-21-amazon-corretto-headless]"},
		{"before that the release lacks", of("app", "./run.sh", ", before: [./migrate]"), "app.before[0]: "},
		{"before without its package", of("app", "./run.sh", ", before: [node, migrate.js]"), "write packages: [nodejs22]"},
		{"before that is nothing", of("app", "./run.sh", `, before: [""]`), "app.before[0]: "},
		{"before as a text", []string{`app: {release: RELEASE, before: migrate}`}, "app.before: "},
		{"release that a runtime runs", []string{`web: {release: Pulumi.prod.yaml, command: [java, -jar, app.jar]}`},
			"or name the folder of what a runtime runs"},
		{"release by its address", []string{`web: {release: "https://example.com/app.tar.gz"}`}, "web.release: "},
		{"hash in capitals", []string{`web: {release: "sha256:` + strings.Repeat("A", 64) + `"}`}, "names no release in a bucket"},
		{"package twice", tierWith("web", "packages: [nodejs22, nodejs22]"), "web.packages[1]: nodejs22 is listed twice"},
		{"package that is an option", tierWith("web", "packages: [--nogpgcheck]"), `"--nogpgcheck" is not the name of a package`},
		{"packages as a text", tierWith("web", "packages: nodejs22"), "web.packages: "},
		{"registry on no port", contained("app", "registry.example.com:99999/x", ""), "app.container: "},
		{"registry on a port that is shut", contained("app", "registry.example.com:5000/x", ""),
			"app.container: port 5000 of registry.example.com:5000 is not reached"},
		{"registry by its newer name", contained("app", "444455556666.dkr-ecr.eu-west-1.on.aws/w", ""),
			"app.container: 444455556666.dkr-ecr.eu-west-1.on.aws is no registry of Amazon ECR, and looks like one"},
		{"registry of FIPS", contained("app", "444455556666.dkr.ecr-fips.us-east-1.amazonaws.com/w", ""), "and looks like one"},
		{"registry of half an account", contained("app", "44445555666.dkr.ecr.eu-west-1.amazonaws.com/w", ""), "and looks like one"},
		{"registry in no region", contained("app", "444455556666.dkr.ecr.eu-west-9.amazonaws.com/w", ""), "and looks like one"},
		{"container by another hash", []string{`web: {container: "` + ourImage + `@sha512:` + strings.Repeat("a", 128) + `"}`},
			"web.container: "},
		{"repository in capitals", contained("web", "444455556666.dkr.ecr.eu-west-1.amazonaws.com/Shop", ""), "web.container: "},
		{"public image without a way out", contained("web", "ghcr.io/shop/web", ""), "ghcr.io is reached by way of the internet only"},
		{"container that may not compile", contained("web", ourImage, ", jit: false"), "web.jit: the tier runs a container; remove it"},
		{"container with Docker's own variable", contained("web", ourImage, `, environment: {DOCKER_HOST: x}`),
			"web.environment.DOCKER_HOST: Docker itself would take it"},
		{"container with arguments", contained("web", ourImage, `, arguments: [serve]`), "web.arguments: the tier runs a container"},
		{"container by the clock", []string{`workers: {mail: {container: "` + ourImage + `@sha256:` + strings.Repeat("a", 64) +
			`", schedule: "0 3 * * *"}}`}, "workers.mail.schedule: a container runs all the time"},
		{"variable that is the server's", tierWith("web", `environment: {PATH: /opt/bin}`),
			"web.environment.PATH: what the server itself runs before the program would take PATH too"},
		{"variable that is the shell's", tierWith("web", `environment: {BASH_ENV: /opt/x}`), "would take BASH_ENV too"},
		{"port by a variable", tierWith("app", `protocol: http, environment: {PORT: "3000"}`),
			"app.environment.PORT: nginx passes requests"},
		{"address by a variable", tierWith("app", `protocol: http, environment: {LISTEN_ADDRESS: ":80"}`),
			"app.environment.LISTEN_ADDRESS: "},
		{"variables as a list", tierWith("web", `environment: [A=b]`), "web.environment: "},
		{"permission in another region",
			[]string{`web: {permissions: [{actions: [sqs:SendMessage], resources: ["arn:aws:sqs:us-east-1:444455556666:mail"]}], ` +
				`release: RELEASE}`}, "web.permissions[0].resources[0]: us-east-1 is another region"},
		{"permission by a variable", []string{permit("sqs:SendMessage", ourQueue+"${aws:username}")}, "does not name a resource"},
		{"permission with a brace", []string{permit("sqs:SendMessage", ourQueue+"{mail")}, "does not name a resource"},
		{"actions as a text", tierWith("app", `permissions: [{actions: sqs:SendMessage, resources: ["`+ourQueue+`m"]}]`),
			"app.permissions[0].actions: "},
		{"action in small letters", []string{permit("sqs:sendMessage", ourQueue+"mail")}, `"sqs:sendMessage" is not one action`},
		{"permission of S3", []string{permit("s3:GetObject", "arn:aws:s3:eu-west-1:444455556666:x")},
			"a tier cannot be permitted to use s3"},
		{"buckets as a list", tierWith("web", `buckets: [uploads]`), "web.buckets: "},
		{"bucket with a long name", tierWith("web", `buckets: {`+strings.Repeat("u", 21)+`: {}}`), "cannot name a bucket"},
		{"bucket that ends in a dash", tierWith("web", `buckets: {uploads-: {}}`), `"uploads-" cannot name a bucket`},
		{"bucket for a month", tierWith("web", `buckets: {uploads: {expireDays: 30d}}`), "web.buckets.uploads.expireDays: "},
		{"route by half a path", routed(`paths: [api/*], text: x`), `edge.routes[0].paths[0]: "api/*" is not a path`},
		{"route by a long path", routed(`paths: [/` + strings.Repeat("a", 60) + `], text: x`), "has more than 60 characters"},
		{"route by five asterisks", routed(`paths: [/a*b*c*d*e*], text: x`), "has more than four asterisks"},
		{"route with a type and no text", routed(`paths: [/a], redirect: "https://example.com", type: text/html`),
			"edge.routes[0].type: is the type of a text"},
		{"route that loops by its host", routed(`paths: [/a], redirect: "https://shop.example.com"`),
			"edge.routes[0].redirect: https://shop.example.com is redirected too, to itself"},
		{"route that loops by its path", routed(`paths: [/a/*], redirect: "https://shop.example.com/a/b"`), "is redirected too, to itself"},
		{"route to app with a status", append(routed(`paths: [/a], to: app, status: 404`), edgeWaiver),
			"edge.routes[0].to: a route leads to"},
		{"answer that says not modified", routed(`paths: [/a], text: x, status: 304`), "edge.routes[0].status: 304 is no status"},
		{"redirect to a fragment", routed(`paths: [/a], redirect: "https://example.com/#b"`), "edge.routes[0].redirect: "},
		{"answer of a whole page", routed(`paths: [/a], text: ` + strings.Repeat("x", 1025)), "edge.routes[0].text: has 1025 bytes"},
		{"egress to every address", []string{leave(`to: 0.0.0.0/0, port: 587, why: mail by the provider`)}, "app.egress[0]: "},
		{"egress by IPv6", []string{leave(`to: "2001:db8::/32", port: 587, why: mail by the provider`)}, "app.egress[0]: "},
		{"egress to one address", []string{leave(`to: 198.51.100.7, port: 587, why: mail by the provider`)}, "app.egress[0]: "},
		{"egress to a port beyond the last", []string{leave(`to: internet, port: 70000, why: mail by the provider`)},
			"70000 is not a port"},
		{"egress in capitals", []string{leave(`to: internet, port: 587, protocol: TCP, why: mail by the provider`)}, "is no protocol"},
		{"job on the other Sunday", worked(`schedule: "0 3 * * 7"`), `workers.mail.schedule: "0 3 * * 7": the weekday "7" is not 0 to 6`},
		{"job by no step", worked(`schedule: "*/0 * * * *"`), "workers.mail.schedule: "},
		{"job at the 24th hour", worked(`schedule: "0 24 * * *"`), `the hour "24" is not 0 to 23`},
		{"job by a word", worked(`schedule: "@daily"`), "does not have the five fields of cron"},
		{"job by the second", worked(`schedule: "0 0 3 * * *"`), "does not have the five fields of cron"},
		{"job by day and weekday", worked(`schedule: "0 3 1 * 1"`), "names days and weekdays"},
		{"workers as a list", []string{`workers: [mail]`}, "workers: "},
		{"worker with a long name", []string{`workers: {a-mail-of-fifteen: {release: RELEASE}}`}, "cannot name workers"},
		{"worker called web", []string{`workers: {web: {release: RELEASE}}`}, `workers.web: "web" cannot name workers`},
		{"worker by a rollout", worked(`rollout: replace`), "workers.mail.rollout: nobody asks workers anything"},
		{"worker with a before", worked(`before: [migrate]`), "workers.mail.before: workers wait for nothing"},
		{"rollout in capitals", tierWith("web", `rollout: Rolling`), `web.rollout: there is no rollout "Rolling"`},
		{"rollout or none", tierWith("web", `rollout: true`), "web.rollout: "},
		{"port beyond the last", tierWith("web", `port: 65536`), "web.port: 65536 cannot be listened on"},
		{"port below zero", tierWith("app", `protocol: http, port: -1`), "app.port: -1 cannot be listened on"},
		{"port of the other nginx", tierWith("web", `protocol: http, port: 9443`), "web.port: 9443 is where nginx speaks TLS"},
		{"version in small letters", tierWith("app", `protocolVersion: grpc`), `app.protocolVersion: there is no version "grpc"`},
		{"health path that is too long", tierWith("web", `healthPath: /`+strings.Repeat("a", 1024)), "web.healthPath: "},
		{"health path with an umlaut", tierWith("web", `healthPath: /gesündheit`), "web.healthPath: "},
		{"sticky for less than nothing", tierWith("app", `stickySeconds: -1`), "app.stickySeconds: "},
		{"protocol in capitals", tierWith("app", `protocol: HTTP`), `app.protocol: there is no protocol "HTTP"`},
	}
}
