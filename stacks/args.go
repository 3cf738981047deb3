package stacks

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/bucket"
	"github.com/causeway-iac/causeway/components/certificate"
	"github.com/causeway-iac/causeway/components/database"
	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/components/monitoring"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/components/servers"
	"github.com/causeway-iac/causeway/components/webacl"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/release"
)

// Ports of the platform's own servers. None is well known or needs a privilege to listen on.
const (
	webPort  = 8443
	appPort  = 9443
	httpPort = 8080 // of a process that speaks HTTP, on localhost
)

// Protocols that a process speaks.
const (
	https = "https"
	http  = "http"
)

// targetPort is where a tier's servers speak TLS: the process, or nginx for it.
func (t TierSettings) targetPort(otherwise int) int {
	if t.Protocol == https && t.Port != 0 {
		return t.Port
	}
	return otherwise
}

// platformVariables are the variables that the platform sets on its servers.
var platformVariables = []string{
	"APP_URL", "DATABASE_ENGINE", "DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME", "DATABASE_SECRET_ARN", "RELEASE", "AWS_REGION",
}

// sentences is the whole firewall: who may talk to whom.
func (s Settings) sentences(visitors firewall.Peer) []said {
	all := []said{
		{firewall.Allow(visitors, firewall.Edge, loadbalancer.HTTPSPort), ""},
		{firewall.Allow(firewall.Edge, firewall.Web, s.Web.targetPort(webPort)), "web.port"},
		{firewall.Allow(firewall.Web, firewall.Internal, loadbalancer.HTTPSPort), ""},
		{firewall.Allow(firewall.Internal, firewall.App, s.App.targetPort(appPort)), "app.port"},
		{firewall.Allow(firewall.App, firewall.Database, database.Port(s.Database.Engine)), ""},
	}
	if s.Edge.HTTPRedirect {
		all = append(all, said{firewall.Allow(visitors, firewall.Edge, loadbalancer.HTTPPort), "edge.httpRedirect"})
	}
	if s.routesToApp() {
		all = append(all, said{firewall.Shortcut(firewall.Edge, firewall.App, s.App.targetPort(appPort)), "edge.routes"})
	}
	for _, t := range s.tiers() {
		all = append(all, said{firewall.Allow(t.party, firewall.S3, 443), ""})
		if s.Network.Endpoints {
			all = append(all, said{firewall.Allow(t.party, firewall.Endpoints, 443), ""})
		}
		if t.party.Tier == infra.TierWorker {
			all = append(all, said{firewall.Allow(t.party, firewall.Database, database.Port(s.Database.Engine)), ""})
		}
		switch {
		case t.Internet && t.party.Tier == infra.TierWorker:
			all = append(all, said{firewall.Out(t.party, firewall.Internet, "tcp", 443, "HTTPS to anybody"), ""})
		case t.Internet:
			all = append(all, said{firewall.ToInternet(t.party), ""})
		}
		all = append(all, t.says()...)
	}
	return all
}

// hosts are the names that browsers open, in an order that does not depend on how they are written.
func (s Settings) hosts() []string {
	return append([]string{s.Domain}, slices.Compact(slices.Sorted(slices.Values(s.DNS.Names)))...)
}

// privateZone holds the names that only the platform's own network sees.
func (s Settings) privateZone() string { return "internal." + s.Domain }

// internalHost is the application's name.
func (s Settings) internalHost() string { return "app." + s.privateZone() }

// driver is the engine's protocol as the application names it.
func (s Settings) driver() string {
	if s.Database.Engine == database.MySQL {
		return "mysql"
	}
	return "postgres"
}

func (s Settings) networkArgs(zones []string) network.Args {
	ports := []int{loadbalancer.HTTPSPort}
	if s.Edge.HTTPRedirect {
		ports = append(ports, loadbalancer.HTTPPort)
	}
	return network.Args{
		CIDR: s.Network.CIDR, ZoneNames: zones, NAT: network.NAT(s.Network.NAT),
		PublicPorts: ports, Out: s.out(), EdgeToApp: s.routesToApp(), LogDays: s.Network.LogDays,
		Images: s.images(), Quotas: s.Quotas,
	}
}

func (s Settings) logsArgs() bucket.LogsArgs {
	return bucket.LogsArgs{LogDays: s.Network.LogDays, Args: bucket.Args{Disposable: s.disposable(), Protect: s.Protect}}
}

func (s Settings) releasesArgs() bucket.Args { return bucket.Args{Disposable: s.disposable()} }

// disposable reports whether the stack can be torn down whole, with its data.
func (s Settings) disposable() bool { return s.Environment != "prod" && !s.Protect }

func (s Settings) dnsArgs() dns.Args {
	return dns.Args{
		Provider: s.DNS.Provider, Zone: s.DNS.Zone, Create: s.DNS.Create, AccountID: s.DNS.AccountID,
		Proxied: s.DNS.Proxied, OriginLock: *s.DNS.OriginLock, DNSSEC: *s.DNS.DNSSEC,
		Protect: s.Protect, Disposable: s.disposable(),
		QueryLog: *s.DNS.QueryLog, LogDays: s.Network.LogDays,
	}
}

func (s Settings) certificateArgs() certificate.Args {
	return certificate.Args{Domain: s.Domain, AlternativeNames: s.DNS.Names, Quotas: s.Quotas}
}

func (s Settings) internalCertificateArgs() certificate.Args {
	return certificate.Args{Domain: s.internalHost()}
}

func (s Settings) edgeArgs() loadbalancer.Args {
	args := loadbalancer.Args{
		HTTPRedirect: s.Edge.HTTPRedirect, IdleTimeoutSeconds: s.Edge.IdleTimeoutSeconds, Routed: len(s.Edge.Routes) > 0,
		Protect: s.Protect,
	}
	if *s.DNS.OriginLock {
		args.ClientCA = dns.OriginPullCA
	}
	return args
}

func (s Settings) internalArgs() loadbalancer.Args {
	return loadbalancer.Args{Internal: true, IdleTimeoutSeconds: s.Edge.IdleTimeoutSeconds, Protect: s.Protect}
}

func (s Settings) webTarget() loadbalancer.TargetArgs {
	return s.Web.target(s.Web.targetPort(webPort), s.hosts()...)
}

func (s Settings) appTarget() loadbalancer.TargetArgs {
	return s.App.target(s.App.targetPort(appPort), s.internalHost())
}

// edgeAppTarget describes the application servers as the edge reaches them.
func (s Settings) edgeAppTarget() loadbalancer.TargetArgs {
	args := s.App.target(s.App.targetPort(appPort))
	for _, r := range s.Edge.Routes {
		if r.To == toApp {
			args.Matches = append(args.Matches, r.matches(s)...)
		}
	}
	return args
}

// target describes how a tier's servers are reached.
func (t TierSettings) target(port int, hosts ...string) loadbalancer.TargetArgs {
	return loadbalancer.TargetArgs{
		Hosts: hosts, Port: port, HealthPath: t.HealthPath, ProtocolVersion: t.ProtocolVersion, StickySeconds: t.StickySeconds,
	}
}

func (s Settings) webACLArgs() webacl.Args {
	args := webacl.Args{RequestsPerIP: s.Edge.RequestsPerIP, CountOnly: s.Edge.CountOnly, LogDays: s.Network.LogDays}
	if *s.DNS.OriginLock {
		args.ClientHeader = "CF-Connecting-IP"
	}
	return args
}

func (s Settings) databaseArgs() database.Args {
	d := s.Database
	return database.Args{
		Engine: d.Engine, Version: d.Version, Class: d.Class, StorageGiB: d.StorageGiB, MaxStorageGiB: d.MaxStorageGiB,
		MinACU: d.MinACU, MaxACU: d.MaxACU, MultiZone: d.MultiZone, BackupDays: d.BackupDays, LogDays: s.Network.LogDays,
		Protect: s.Protect, Disposable: s.disposable(),
	}
}

func (s Settings) serversArgs(tier TierSettings, run *release.Release) servers.Args {
	args := tier.sizes()
	args.Quotas = s.Quotas
	args.Release = run
	args.LogDays = s.Network.LogDays
	args.Permissions = tier.statements()
	args.Environment = map[string]pulumi.StringInput{}
	for name, value := range tier.Environment {
		args.Environment[name] = pulumi.String(string(value))
	}
	for _, arn := range tier.Secrets {
		args.Secrets = append(args.Secrets, pulumi.String(arn))
	}
	return args
}

func (s Settings) monitoringArgs(workers []monitoring.Worker) monitoring.Args {
	m := s.Monitoring
	return monitoring.Args{Emails: m.Emails, ErrorPercent: m.ErrorPercent, LatencySeconds: m.LatencySeconds, Workers: workers}
}

// sizes are the settings of the servers themselves.
func (t TierSettings) sizes() servers.Args {
	args := servers.Args{
		Container: t.Container, Arguments: t.Arguments, Command: t.Command, Before: t.Before, Packages: t.Packages, JIT: t.JIT,
		InstanceType: t.InstanceType, Image: t.Image,
		MinSize: t.MinSize, MaxSize: t.MaxSize, TargetCPU: t.TargetCPU,
		VolumeGiB: t.VolumeGiB, WarmupSeconds: t.WarmupSeconds, Rollout: t.Rollout,
	}
	if t.Protocol == http {
		args.HTTPPort = cmp.Or(t.Port, httpPort)
	}
	return args
}

// openRelease is what a tier runs: the file that the settings name, or else the guestbook, built for the tier's
// processor. A file that several tiers run is read once.
func (b *builder) openRelease(ctx context.Context, tier TierSettings) (run release.Release, err error) {
	kind, err := servers.ParseInstanceType(tier.InstanceType)
	if err != nil {
		return release.Release{}, err
	}
	key := cmp.Or(tier.releaseKey(), kind.Architecture())
	if run, opened := b.opened[key]; opened {
		return run, nil
	}
	if tier.Release != "" {
		run, err = tier.named(b.folder)
	} else {
		run, err = release.Guestbook(ctx, b.folder, processors[kind.Architecture()])
	}
	if err == nil {
		b.opened[key] = run
	}
	return run, err
}

// OpenReleases opens all that is run from folder, and compiles the guestbook where it is run, as a deployment does first.
func (s Settings) OpenReleases(ctx context.Context, folder string) error {
	return s.builder(nil, folder).openReleases(ctx)
}

// openReleases opens all that is run before anything is made: the guestbook may have to be built, and may not compile.
func (b *builder) openReleases(ctx context.Context) error {
	for _, t := range b.s.tiers() {
		runs := []TierSettings{t.TierSettings}
		if t.Container != "" {
			runs = nil
		}
		if len(t.Before) > 0 {
			runs = append(runs, TierSettings{InstanceType: t.InstanceType}) // the guestbook sees to it
		}
		for _, run := range runs {
			if _, err := b.openRelease(ctx, run); err != nil {
				return fmt.Errorf("opening the release of the %s tier: %w", t.party, err)
			}
		}
	}
	return nil
}

// releaseKey identifies the release that the settings name: by its name and by whether there is a command, since a
// command makes an archive of a release that is in its bucket already.
func (t TierSettings) releaseKey() string {
	if t.Release == "" {
		return ""
	}
	return fmt.Sprint(t.Release, len(t.Command) > 0)
}

// named is the release that the settings name: one that is in a bucket already, or a path. A folder is packed beside
// the twin's own files.
func (t TierSettings) named(folder string) (release.Release, error) {
	path := t.Release
	if run, kept, err := release.Kept(path); kept {
		if len(t.Command) > 0 {
			run.Format = release.Any
		}
		return run, err
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	return release.Open(path, filepath.Join(folder, ".causeway", "releases"))
}

// processors are Go's names of EC2's architectures.
var processors = map[string]string{servers.ARM64: "arm64", servers.X86: "amd64"}

// availableZones are the names of the region's zones, sorted. Local zones and those that an account must request are
// left out.
func availableZones(ctx *pulumi.Context, provider *aws.Provider) ([]string, error) {
	state := "available"
	found, err := aws.GetAvailabilityZones(ctx, &aws.GetAvailabilityZonesArgs{
		State:   &state,
		Filters: []aws.GetAvailabilityZonesFilter{{Name: "opt-in-status", Values: []string{"opt-in-not-required"}}},
	}, pulumi.Provider(provider))
	if err != nil {
		return nil, fmt.Errorf("asking AWS for the region's zones: %w", err)
	}
	return slices.Sorted(slices.Values(found.Names)), nil
}
