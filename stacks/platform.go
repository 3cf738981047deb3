package stacks

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-cloudflare/sdk/v5/go/cloudflare"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/backups"
	"github.com/causeway-iac/causeway/components/bucket"
	"github.com/causeway-iac/causeway/components/certificate"
	"github.com/causeway-iac/causeway/components/database"
	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/components/endpoints"
	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/components/monitoring"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/components/servers"
	"github.com/causeway-iac/causeway/components/webacl"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/release"
)

// builder declares the boxes of the picture one after another; each is wired to earlier ones.
type builder struct {
	ctx    *pulumi.Context
	s      Settings
	folder string
	p      *infra.Platform
	after  []pulumi.Resource
	opened map[string]release.Release // by the setting's path, or the guestbook's processor

	aws, global *aws.Provider
	cloudflare  *cloudflare.Provider
	everywhere  []pulumi.ProviderResource
	zones       []string

	keys     *keys.Keys
	boundary *identity.Boundary
	network  *network.Network
	logs     *bucket.Bucket
	releases *bucket.Bucket

	zone        *dns.Zone
	certificate *certificate.Certificate
	firewall    *firewall.Firewall
	edge        *loadbalancer.LoadBalancer
	edgeWeb     *loadbalancer.TargetGroup
	edgeApp     *loadbalancer.TargetGroup // nil without a route to app
	web         *servers.Group
	internal    *loadbalancer.LoadBalancer
	internalApp *loadbalancer.TargetGroup
	database    *database.Database
	app         *servers.Group
	workers     []*servers.Group // in the order of their names
	monitoring  *monitoring.Monitoring
}

// makeZone makes or adopts the zone, and has a certificate issued for the names in it.
func (b *builder) makeZone() (err error) {
	args := b.s.dnsArgs()
	if b.global != nil {
		args.Global = b.global
	}
	if b.zone, err = dns.New(b.ctx, b.p.Named("zone"), b.p, args, b.clouds()); err != nil {
		return err
	}
	b.certificate, err = certificate.New(b.ctx, b.p.Named("certificate"), b.p, b.zone, b.s.certificateArgs(), b.clouds())
	return err
}

// makeFoundation makes what the boxes build on: keys, the permissions boundary of all roles, the network, and the
// buckets for logs and releases.
func (b *builder) makeFoundation() (err error) {
	if b.keys, err = keys.New(b.ctx, b.p.Name, b.p, keys.Args{Protect: b.s.Protect}, b.clouds()); err != nil {
		return err
	}
	if b.boundary, err = identity.NewBoundary(b.ctx, b.p.Named("boundary"), b.p, b.keys,
		identity.BoundaryArgs{Statements: b.s.permissions()}, b.clouds()); err != nil {
		return err
	}
	b.network, err = network.New(b.ctx, b.p.Named("network"), b.p, network.Wiring{
		Keys: b.keys, Boundary: b.boundary,
	}, b.s.networkArgs(b.zones), b.clouds())
	if err != nil {
		return err
	}
	if b.logs, err = bucket.Logs(b.ctx, b.p.Named("logs"), b.p, b.s.logsArgs(), b.clouds()); err != nil {
		return err
	}
	b.releases, err = bucket.Releases(b.ctx, b.p.Named("releases"), b.p, bucket.Wiring{
		Keys: b.keys, Logs: b.logs,
	}, b.s.releasesArgs(), b.clouds())
	return err
}

// makeFirewall declares who may talk to whom; everything else is refused.
func (b *builder) makeFirewall() (err error) {
	visitors := firewall.Peer(firewall.Internet)
	if *b.s.DNS.OriginLock {
		ranges, err := dns.CloudflareRanges(b.ctx, pulumi.Provider(b.cloudflare))
		if err != nil {
			return err
		}
		visitors = firewall.Prefixes("cloudflare", ranges...)
	}
	var sentences []firewall.Sentence
	for _, one := range b.s.sentences(visitors) {
		sentences = append(sentences, one.Sentence)
	}
	b.firewall, err = firewall.New(b.ctx, b.p.Name, b.p, b.network, firewall.Args{Sentences: sentences, Quotas: b.s.Quotas}, b.clouds())
	if err != nil || !b.s.Network.Endpoints {
		return err
	}
	_, err = endpoints.New(b.ctx, b.p.Named("endpoints"), b.p, endpoints.Wiring{
		Network: b.network, Group: b.firewall.Group(firewall.Endpoints),
	}, endpoints.Args{Services: b.s.endpointServices()}, b.clouds())
	return err
}

// makeEdge makes the load balancer that browsers reach, and the names that they open.
func (b *builder) makeEdge() (err error) {
	b.edge, err = loadbalancer.New(b.ctx, b.p.Named("edge"), b.p, loadbalancer.Wiring{
		Network: b.network, Group: b.firewall.Group(firewall.Edge), Certificate: b.certificate, Logs: b.logs,
	}, b.s.edgeArgs(), b.clouds())
	if err != nil {
		return err
	}
	if b.edgeWeb, err = b.edge.Forward(b.ctx, b.p.Named("web"), b.s.webTarget()); err != nil {
		return err
	}
	if err := b.makeRoutes(); err != nil {
		return err
	}
	if b.s.Edge.WebACL {
		acl, err := webacl.New(b.ctx, b.p.Named("edge"), b.p, b.keys, b.s.webACLArgs(), b.clouds())
		if err != nil {
			return err
		}
		if err := acl.Attach(b.ctx, b.p.Named("edge"), b.edge); err != nil {
			return err
		}
	}
	return b.zone.Point(b.ctx, b.p.Named("edge"), b.edge.Target(), b.s.hosts()...)
}

// makeRoutes makes the edge send requests past the web servers, or answer them itself.
func (b *builder) makeRoutes() (err error) {
	if b.s.routesToApp() {
		if b.edgeApp, err = b.edge.Forward(b.ctx, b.p.Named("edge-app"), b.s.edgeAppTarget()); err != nil {
			return err
		}
	}
	for _, r := range b.s.Edge.Routes {
		if r.To != "" {
			continue
		}
		if err := b.edge.Answer(b.ctx, b.p.Named("edge-route"), r.answer(b.s)); err != nil {
			return err
		}
	}
	return nil
}

// makeWeb runs the web servers, which reach the application by its name.
func (b *builder) makeWeb() (err error) {
	b.web, err = b.servers(firewall.Web, b.edgeWeb, b.s.Web, map[string]pulumi.StringInput{
		"APP_URL": pulumi.String("https://" + b.s.internalHost()),
	}, nil)
	return err
}

// makeInternal makes the load balancer between web and application servers. Its certificate is validated in the
// public zone; its name is in a private one.
func (b *builder) makeInternal() error {
	cert, err := certificate.New(b.ctx, b.p.Named("internal"), b.p, b.zone, b.s.internalCertificateArgs(), b.clouds())
	if err != nil {
		return err
	}
	b.internal, err = loadbalancer.New(b.ctx, b.p.Named("internal"), b.p, loadbalancer.Wiring{
		Network: b.network, Group: b.firewall.Group(firewall.Internal), Certificate: cert, Logs: b.logs,
	}, b.s.internalArgs(), b.clouds())
	if err != nil {
		return err
	}
	if b.internalApp, err = b.internal.Forward(b.ctx, b.p.Named("app"), b.s.appTarget()); err != nil {
		return err
	}
	private, err := dns.NewPrivate(b.ctx, b.p.Named("private"), b.p, b.network, dns.PrivateArgs{
		Domain: b.s.privateZone(), Disposable: b.s.disposable(),
	}, b.clouds())
	if err != nil {
		return err
	}
	return private.Point(b.ctx, b.p.Named("internal"), b.internal.Target(), b.s.internalHost())
}

// makeDatabase makes the database, before the servers that need its address.
func (b *builder) makeDatabase() (err error) {
	b.database, err = database.New(b.ctx, b.p.Named("database"), b.p, database.Wiring{
		Network: b.network, Group: b.firewall.Group(firewall.Database), Keys: b.keys, Boundary: b.boundary,
	}, b.s.databaseArgs(), b.clouds())
	if err != nil || !b.s.Database.BackupPlan {
		return err
	}
	_, err = backups.New(b.ctx, b.p.Named("backup"), b.p, backups.Wiring{
		Database: b.database, Keys: b.keys, Boundary: b.boundary,
	}, backups.Args{Protect: b.s.Protect, Disposable: b.s.disposable()}, b.clouds())
	return err
}

// makeApp runs the application servers. They and the workers may read the database's secret.
func (b *builder) makeApp() (err error) {
	b.app, err = b.servers(firewall.App, b.internalApp, b.s.App, b.toldOfDatabase(), []pulumi.StringInput{b.database.SecretARN})
	return err
}

// toldOfDatabase are the variables of a process that uses the database.
func (b *builder) toldOfDatabase() map[string]pulumi.StringInput {
	return map[string]pulumi.StringInput{
		"DATABASE_ENGINE":     pulumi.String(b.s.driver()),
		"DATABASE_HOST":       b.database.Endpoint,
		"DATABASE_PORT":       pulumi.Sprintf("%d", b.database.Port),
		"DATABASE_NAME":       pulumi.String(b.database.Name),
		"DATABASE_SECRET_ARN": b.database.SecretARN,
	}
}

func (b *builder) servers(party firewall.Party, target *loadbalancer.TargetGroup, tier TierSettings,
	environment map[string]pulumi.StringInput, secrets []pulumi.StringInput,
) (*servers.Group, error) {
	var run *release.Release
	if tier.Container == "" {
		opened, err := b.openRelease(b.ctx.Context(), tier)
		if err != nil {
			return nil, fmt.Errorf("opening the release of the %s tier: %w", party, err)
		}
		run = &opened
	}
	args := b.s.serversArgs(tier, run)
	if len(args.Before) > 0 {
		once, err := b.openRelease(b.ctx.Context(), TierSettings{InstanceType: tier.InstanceType}) // the guestbook
		if err != nil {
			return nil, fmt.Errorf("opening what runs before the %s tier: %w", party, err)
		}
		args.Once = &once
	}
	b.s.schedules(party, &args)
	var err error
	if args.Buckets, err = b.makeBuckets(party.String(), tier.Buckets); err != nil {
		return nil, err
	}
	for name, made := range args.Buckets {
		args.Environment[bucketVariable(name)] = made.Name
	}
	if party == firewall.App && b.edgeApp != nil {
		args.Targets = append(args.Targets, b.edgeApp)
	}
	maps.Copy(args.Environment, environment)
	args.Secrets = append(args.Secrets, secrets...)
	return servers.New(b.ctx, b.p.Named(party.String()), b.p, servers.Wiring{
		Network: b.network, Group: b.firewall.Group(party), Target: target,
		Keys: b.keys, Releases: b.releases, Boundary: b.boundary,
	}, args, b.clouds())
}

// makeMonitoring makes what tells people when users see a fault.
func (b *builder) makeMonitoring() (err error) {
	b.monitoring, err = monitoring.New(b.ctx, b.p.Name, b.p, monitoring.Wiring{
		Keys: b.keys, Web: b.web, App: b.app, Database: b.database,
	}, b.s.monitoringArgs(b.watchedWorkers()), b.clouds())
	return err
}

// clouds gives a component the platform's own providers.
func (b *builder) clouds() pulumi.ResourceOption { return pulumi.Providers(b.everywhere...) }

// zoneNames are the availability zones to use: those that the settings pin, or else the region's first ones that an
// account can use without requesting them.
func (b *builder) zoneNames() ([]string, error) {
	names, err := availableZones(b.ctx, b.aws)
	if err != nil {
		return nil, err
	}
	var problems infra.Problems
	for i, zone := range b.s.Network.ZoneNames {
		if !slices.Contains(names, zone) {
			problems.Addf(fmt.Sprintf("network.zoneNames[%d]", i), "write some of "+strings.Join(names, ", "),
				"this account cannot use the zone %s", zone)
		}
	}
	if len(b.s.Network.ZoneNames) == 0 && len(names) < b.s.Network.Zones {
		problems.Addf("network.zones", fmt.Sprintf("write at most %d", len(names)), "this account can use %d zones of %s, not %d",
			len(names), b.s.Region, b.s.Network.Zones)
	}
	switch {
	case len(problems) > 0:
		return nil, problems
	case len(b.s.Network.ZoneNames) > 0:
		return b.s.Network.ZoneNames, nil
	}
	return names[:b.s.Network.Zones], nil
}
