package stacks

import (
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/release"
	"github.com/causeway-iac/causeway/infra/settings"
)

// Settings is everything that a stack may set, as Pulumi.yaml declares it. A
// profile fills all of it; Pulumi.<stack>.yaml replaces what differs.
type Settings struct {
	// Environment is the profile that the defaults come from: local, dev or prod.
	// Default: the stack's name. A stack called prod has no other than prod.
	Environment string `setting:"environment"`
	// Name prefixes the name of everything that the stack makes: lower-case
	// letters, digits and dashes, at most 20 characters. Default: the stack's name.
	Name string `setting:"name"`
	// Region is the AWS region. Required.
	Region string `setting:"region"`
	// AccountID is the twelve digits of the AWS account: a deployment to any other
	// account is refused. Required.
	AccountID string `setting:"accountId"`
	// Domain is the name that browsers open, such as guestbook.example.com. Required.
	Domain string `setting:"domain"`

	DNS     DNSSettings     `setting:"dns"`
	Network NetworkSettings `setting:"network"`
	Edge    EdgeSettings    `setting:"edge"`
	Web     TierSettings    `setting:"web"`
	App     TierSettings    `setting:"app"`
	// Workers are further groups of servers, by name, such as mail: what takes work from a queue or
	// the database, or runs by the clock. They have the settings of web and app but for those of
	// requests (port, protocol, healthPath …), and schedule, the five fields of cron, in UTC:
	// the command then runs to its end on one server. An alarm tells when one has logged nothing
	// for silentMinutes (default: 60), or when a job is not done when it should be, unless it runs once a
	// week or more rarely.
	Workers    map[string]WorkerSettings `setting:"workers"`
	Database   DatabaseSettings          `setting:"database"`
	Monitoring MonitoringSettings        `setting:"monitoring"`

	// Protect guards what holds data or identity: AWS's deletion protection and
	// Pulumi's own. Default: true in prod.
	Protect bool `setting:"protect"`
	// Tags are stamped on everything, beside the platform's own.
	Tags map[string]string `setting:"tags"`
	// Quotas are what AWS has granted the account beyond its defaults, by the names that causeway twin quotas
	// lists, such as elastic-ips: 20. AWS counts itself: this only says what may be written here, and on the twin.
	Quotas infra.Quotas `setting:"quotas"`
	// Waivers name each departure from the prod profile's security that is meant.
	Waivers map[string]Waiver `setting:"waivers"`
	// Losses name each resource whose data or identity may be lost: deleted, replaced, less protected or
	// kept for a shorter time. The gate stops every other such change.
	Losses map[string]Waiver `setting:"losses"`

	opened map[string]release.Release // those that tiers name: each is read once
}

// DNSSettings says where the domain's zone lives and how names are answered.
type DNSSettings struct {
	// Provider is cloudflare or route53. Default: cloudflare.
	Provider string `setting:"provider"`
	// Zone is the zone that holds the domain. Default: the domain itself.
	Zone string `setting:"zone"`
	// Create makes the zone; otherwise one that exists is adopted. Default: true
	// in local, else false.
	Create bool `setting:"create"`
	// AccountID is the Cloudflare account in which a zone is created.
	AccountID string `setting:"accountId"`
	// Names are further hosts of the platform, such as www.example.com, or *.example.com for
	// every name one label below example.com, which in prod needs the waiver wildcardNames.
	Names []string `setting:"names"`
	// Proxied sends browsers through Cloudflare. Default: false.
	Proxied bool `setting:"proxied"`
	// OriginLock, with Proxied, admits to the load balancer nothing but
	// Cloudflare: its address ranges and its client certificate. Default: as Proxied.
	OriginLock *bool `setting:"originLock"`
	// DNSSEC signs a zone that the stack creates. Default: true in prod where the
	// stack creates the zone.
	DNSSEC *bool `setting:"dnssec"`
	// QueryLog keeps the queries that a Route 53 zone which the stack creates answers,
	// as long as network.logDays. Default: true in prod where the stack creates one.
	QueryLog *bool `setting:"queryLog"`
}

// NetworkSettings lays out the addresses.
type NetworkSettings struct {
	// CIDR is the platform's private range, a /16 to a /21. No two environments
	// may overlap. Required in dev and prod.
	CIDR string `setting:"cidr"`
	// Zones is the number of availability zones, 2 to 6. Default: 3 in prod, else 2.
	Zones int `setting:"zones"`
	// ZoneNames pins the zones, such as eu-west-1a. Default: the region's first.
	ZoneNames []string `setting:"zoneNames"`
	// NAT is none, single or perZone. Default: perZone in prod and single elsewhere
	// where a tier may reach the internet; none where no tier may.
	NAT string `setting:"nat"`
	// Endpoints makes AWS's own services reachable inside the network, without
	// NAT. Default: true in prod.
	Endpoints bool `setting:"endpoints"`
	// LogDays is how long flow logs and the tiers' logs are kept, in days.
	// Default: 365 in prod, else 14.
	LogDays int `setting:"logDays"`
}

// EdgeSettings shapes the public load balancer.
type EdgeSettings struct {
	// WebACL filters requests by AWS's managed rules and by rate. Default: true in
	// prod.
	WebACL bool `setting:"webAcl"`
	// RequestsPerIP is how many requests one address may make in five minutes
	// before the web ACL refuses it. Default: 2000.
	RequestsPerIP int `setting:"requestsPerIp"`
	// CountOnly lists managed rules of the web ACL that only count what they match, such as
	// AWSManagedRulesCommonRuleSet/SizeRestrictions_BODY, which refuses bodies over 8 KB.
	// Default: none.
	CountOnly []string `setting:"countOnly"`
	// IdleTimeoutSeconds closes a connection on which nothing moves, 1 to 4000, at both
	// load balancers. Default: 60.
	IdleTimeoutSeconds int `setting:"idleTimeoutSeconds"`
	// HTTPRedirect opens port 80 for a redirect to HTTPS. Default: false.
	HTTPRedirect bool `setting:"httpRedirect"`
	// Routes are requests that do not go to the web tier: paths (such as /api/*) and hosts (of the
	// platform's names; default: all), and either to: app, which in prod needs the waiver edgeToApp,
	// or redirect (an https address), or text with type and status. Of several that match, the
	// path with most characters before an asterisk decides.
	Routes []Route `setting:"routes"`
}

// Route is what becomes of some requests.
type Route struct {
	// Paths are such as /api/*. Default: every path of the hosts.
	Paths []string `setting:"paths"`
	// Hosts are names of the platform. Default: all.
	Hosts []string `setting:"hosts"`
	// To is app: its servers answer.
	To string `setting:"to"`
	// Redirect is where browsers are sent.
	Redirect string `setting:"redirect"`
	// Text is what the load balancer answers.
	Text string `setting:"text"`
	// Type is the text's content type. Default: text/plain.
	Type string `setting:"type"`
	// Status is that of the answer. Default: 302 for a redirect, 200 for a text.
	Status int `setting:"status"`
}

// TierSettings is one group of servers and what runs on it.
type TierSettings struct {
	// InstanceType is an EC2 instance type, such as t4g.small; its processor decides
	// the image and how the release is built. Default: m7g.large in prod, else t4g.micro;
	// in local t3.micro where this computer's processor is x86.
	InstanceType string `setting:"instanceType"`
	// MinSize and MaxSize bound the number of instances. Default: 3 and 9 in prod,
	// else 1 and 2.
	MinSize int `setting:"minSize"`
	MaxSize int `setting:"maxSize"`
	// TargetCPU is the average CPU, in percent, that the scaler aims at. Default: 50.
	TargetCPU int `setting:"targetCpu"`
	// VolumeGiB is the size of each server's disk, 8 to 16384. Default: 10.
	VolumeGiB int `setting:"volumeGiB"`
	// WarmupSeconds pass from a server's launch to its full share of work, 60 to 3600; a
	// server that fails its health check sooner is not replaced. Default: 60 in local, else 180.
	WarmupSeconds int `setting:"warmupSeconds"`
	// Rollout is how servers come to run another release, rolling or replace: rolling replaces them one after another
	// in their group, replace makes a new group that takes over once it is healthy. Either way up waits and
	// fails if they do not become healthy, and the old ones serve on. Default: rolling.
	Rollout string `setting:"rollout"`
	// Image is a machine image, ami-…. Default: the newest Amazon Linux 2023 at
	// each launch.
	Image string `setting:"image"`
	// Release is the path of what to run, from the project's folder: an executable for
	// Amazon Linux 2023, an archive (.tar.gz, .tar.zst or .zip) or a folder. Or one that is
	// in the stack's bucket, sha256:… or s3://…, as causeway releases lists them. Default:
	// the guestbook of examples/.
	Release string `setting:"release"`
	// Container is what to run in place of a release: an image by its digest, REGISTRY/REPOSITORY@sha256:…. From Amazon
	// ECR it is pulled with the tier's role; from any other registry the tier needs internet: true. It is read-only,
	// runs as the user 65532 and is told what a release is. Command is then what its entry point is given.
	Container string `setting:"container"`
	// Arguments are passed to an executable. Default: web or app for the guestbook.
	Arguments []string `setting:"arguments"`
	// Command is what is run of an archive or a folder, such as [node, server.js]; a
	// program of the archive's own is a path, such as ./bin/serve. Required for these.
	Command []string `setting:"command"`
	// Before is what is run once for each release, like arguments or command, before any server of it serves, such as
	// [migrate]. It has ten minutes, and warmupSeconds must leave them. If it fails the release does. The app tier's
	// alone, which reaches the database. Default: migrate for the guestbook.
	Before []string `setting:"before"`
	// Packages are installed on the servers from Amazon Linux's own repository, such as
	// nodejs22; no way to the internet is needed.
	Packages []string `setting:"packages"`
	// JIT lets the process make code as it runs, as V8, the JVM and .NET must. Default: true
	// where command, packages or an archive's files name one of them, or where the archive is
	// in the bucket and cannot be looked into, else false.
	JIT *bool `setting:"jit"`
	// Protocol is what the process speaks: https, or http on localhost, where nginx on the
	// same server speaks TLS for it. Default: https.
	Protocol string `setting:"protocol"`
	// Port is where the process listens, 1024 to 65535. Default: 8443 for web and 9443 for
	// app; 8080 with protocol http.
	Port int `setting:"port"`
	// HealthPath answers 200 when the process can serve, whatever the tiers below
	// it do. Default: /healthz.
	HealthPath string `setting:"healthPath"`
	// ProtocolVersion is what the load balancer speaks to the servers, within TLS: HTTP1, HTTP2
	// or GRPC. A change replaces the target group. With GRPC, healthPath is a method, such as
	// /grpc.health.v1.Health/Check, that answers OK. Default: HTTP1.
	ProtocolVersion string `setting:"protocolVersion"`
	// StickySeconds has a client come back to the same server for so long, by a cookie, up to
	// 604800. Default: 0, any server.
	StickySeconds int `setting:"stickySeconds"`
	// Environment is further variables of the process: texts, so a number is quoted. No
	// secret belongs here.
	Environment map[string]settings.Quoted `setting:"environment"`
	// Secrets is the ARNs of secrets that the process reads itself; the tier's
	// role may read these and no other.
	Secrets []string `setting:"secrets"`
	// Permissions are what the tier's role may do besides: actions of one AWS service (such
	// as SQS, SNS or DynamoDB) on the ARNs that are named. With network.endpoints, each
	// service gets an endpoint.
	Permissions []Permission `setting:"permissions"`
	// Buckets are private buckets of the tier's own, by name: uploads is told to the process
	// as BUCKET_UPLOADS. Each may have expireDays.
	Buckets map[string]BucketSettings `setting:"buckets"`
	// Internet lets the tier open HTTPS connections to the internet. Default: true
	// outside prod; in prod for the app tier only.
	Internet bool `setting:"internet"`
	// Egress is the other ways out of the tier, each a sentence of the firewall: to (a public
	// CIDR, a prefix list pl-…, or internet; of workers also app, which APP_URL then leads to),
	// port, protocol (tcp or udp; default tcp) and why.
	Egress []Egress `setting:"egress"`
}

// WorkerSettings is a group of servers that nobody asks anything, and what runs on it.
type WorkerSettings struct {
	TierSettings
	// Schedule is when the command runs, such as 30 3 * * *. Default: it always runs.
	Schedule string `setting:"schedule"`
	// SilentMinutes is how long a worker may log nothing, 5 to 1440. Default: 60.
	SilentMinutes int `setting:"silentMinutes"`
}

// Egress is one way out of a tier.
type Egress struct {
	// To is a public CIDR, the id of a prefix list, internet, or of workers app.
	To string `setting:"to"`
	// Port is the port that is sent to.
	Port int `setting:"port"`
	// Protocol is tcp or udp. Default: tcp.
	Protocol string `setting:"protocol"`
	// Why is a few words that a reviewer reads.
	Why string `setting:"why"`
}

// DatabaseSettings is the managed database.
type DatabaseSettings struct {
	// Engine is postgres, mysql or aurora-postgresql. Default: postgres.
	Engine string `setting:"engine"`
	// Version is the engine's major version. Default: 17, 8.4 for mysql.
	Version string `setting:"version"`
	// Class is the instance class, such as db.t4g.small, or db.serverless for
	// Aurora. Default: db.m7g.large in prod, else db.t4g.micro; Aurora has
	// db.r7g.large and db.t4g.medium.
	Class string `setting:"class"`
	// MinACU and MaxACU bound db.serverless, 0.5 to 256 capacity units of about 2 GiB of
	// memory, in halves. Default: 2 and 16 in prod, else 0.5 and 4.
	MinACU float64 `setting:"minAcu"`
	MaxACU float64 `setting:"maxAcu"`
	// StorageGiB and MaxStorageGiB bound the disk; Aurora grows on its own.
	// Default: 100 and 1000 in prod, else 20 and 50.
	StorageGiB    int `setting:"storageGiB"`
	MaxStorageGiB int `setting:"maxStorageGiB"`
	// MultiZone keeps a second database in another zone. Default: true in prod.
	MultiZone bool `setting:"multiZone"`
	// BackupDays is how long automatic backups are kept. Default: 35 in prod, else 7.
	BackupDays int `setting:"backupDays"`
	// BackupPlan adds daily and weekly backups in a vault. Default: true in prod.
	BackupPlan bool `setting:"backupPlan"`
}

// MonitoringSettings says who is told.
type MonitoringSettings struct {
	// Emails are told of every alarm, once each has confirmed the mail from AWS.
	Emails []string `setting:"emails"`
	// ErrorPercent is the share of failed requests that is a fault. Default: 1.
	ErrorPercent float64 `setting:"errorPercent"`
	// LatencySeconds is the time that 99 of 100 requests must be faster than. Default: 2.
	LatencySeconds float64 `setting:"latencySeconds"`
}
