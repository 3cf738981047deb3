package stacks

import (
	"cmp"
	"runtime"

	"github.com/causeway-iac/causeway/components/database"
	"github.com/causeway-iac/causeway/components/dns"
)

// Environments are the profiles that there are.
var Environments = []string{"local", "dev", "prod"}

// Profile is the settings of an environment before its file is read. An unknown environment gets the strictest.
func Profile(environment string) Settings {
	tier := TierSettings{
		TargetCPU: 50, VolumeGiB: 10, WarmupSeconds: 180, Rollout: "rolling", HealthPath: "/healthz", Protocol: https,
		ProtocolVersion: "HTTP1",
	}
	s := Settings{
		Environment: environment,
		DNS:         DNSSettings{Provider: "cloudflare"},
		Edge:        EdgeSettings{RequestsPerIP: 2000, IdleTimeoutSeconds: 60},
		Database:    DatabaseSettings{Engine: "postgres"},
		Monitoring:  MonitoringSettings{ErrorPercent: 1, LatencySeconds: 2},
		Web:         tier,
		App:         tier,
	}
	common := WorkerSettings{TierSettings: TierSettings{TargetCPU: 50, VolumeGiB: 10, WarmupSeconds: 180, Protocol: https},
		SilentMinutes: 60}
	if environment == "local" || environment == "dev" {
		cheap(&s)
		common.InstanceType, common.MinSize, common.MaxSize, common.Internet = s.App.InstanceType, 1, 2, true
	} else {
		strict(&s)
		common.InstanceType, common.MinSize, common.MaxSize = s.App.InstanceType, 2, 4
	}
	if environment == "local" { // its servers boot in seconds
		common.InstanceType, common.WarmupSeconds = "", 60
		s.Web.WarmupSeconds, s.App.WarmupSeconds = 60, 60
	}
	s.Workers = map[string]WorkerSettings{"": common} // the defaults of every worker that is written
	if environment == "local" {
		s.Web.InstanceType, s.App.InstanceType = "", "" // decided by this computer's processor
		s.DNS.Create = true
		s.Network.CIDR = "10.10.0.0/16"
	}
	return s
}

// cheap is a stack that can be torn down whole and costs little: one NAT gateway, one zone's worth of instances, a
// small database.
func cheap(s *Settings) {
	s.Network.Zones = 2
	s.Network.LogDays = 14
	for _, tier := range []*TierSettings{&s.Web, &s.App} {
		tier.InstanceType = "t4g.micro"
		tier.MinSize, tier.MaxSize = 1, 2
		tier.Internet = true
	}
	s.Database.BackupDays = 7
}

// strict is what production requires. The app tier's way out is the one exception that the platform's invariants
// allow: HTTPS, from one tier, through NAT.
func strict(s *Settings) {
	s.Protect = true
	s.Network.Zones = 3
	s.Network.Endpoints = true
	s.Network.LogDays = 365
	s.Edge.WebACL = true
	for _, tier := range []*TierSettings{&s.Web, &s.App} {
		tier.InstanceType = "m7g.large"
		tier.MinSize, tier.MaxSize = 3, 9
	}
	s.App.Internet = true
	s.Database.MultiZone = true
	s.Database.BackupDays = 35
	s.Database.BackupPlan = true
}

// processor is this computer's. What runs in a living world on a laptop must be built for it.
var processor = runtime.GOARCH

// derive fills in what depends on other settings, and on this computer, after the file has been read.
func (s Settings) derive(stack string) Settings {
	if s.Name == "" {
		s.Name = stack
	}
	if s.DNS.Zone == "" {
		s.DNS.Zone = s.Domain
	}
	ours := map[bool]string{true: "t3.micro", false: "t4g.micro"}[processor == "amd64"]
	delete(s.Workers, "") // before it could be taken for a worker
	for name, w := range s.Workers {
		w.InstanceType = cmp.Or(w.InstanceType, ours)
		w.MaxSize = max(w.MaxSize, w.MinSize)
		s.Workers[name] = w
	}
	if s.Network.NAT == "" {
		s.Network.NAT = s.wayOut()
	}
	s.Web.InstanceType, s.App.InstanceType = cmp.Or(s.Web.InstanceType, ours), cmp.Or(s.App.InstanceType, ours)
	s.Database = s.Database.derive(s.Environment == "prod")
	if len(s.Web.Arguments) == 0 && s.Web.Release == "" && s.Web.Container == "" {
		s.Web.Arguments = []string{"web"}
	}
	if len(s.App.Arguments) == 0 && s.App.Release == "" && s.App.Container == "" {
		s.App.Arguments = []string{"app"}
	}
	if len(s.App.Before) == 0 && s.App.Release == "" && s.App.Container == "" {
		s.App.Before = []string{"migrate"}
	}
	if s.DNS.OriginLock == nil {
		lock := s.DNS.Proxied && s.DNS.Provider == dns.Cloudflare
		s.DNS.OriginLock = &lock
	}
	if s.DNS.DNSSEC == nil {
		sign := s.Environment == "prod" && s.DNS.Create
		s.DNS.DNSSEC = &sign
	}
	if s.DNS.QueryLog == nil {
		keep := s.Environment == "prod" && s.DNS.Create && s.DNS.Provider == dns.Route53
		s.DNS.QueryLog = &keep
	}
	return s
}

func (s Settings) wayOut() string {
	switch {
	case !s.leaves():
		return "none"
	case s.Environment == "prod":
		return "perZone"
	default:
		return "single"
	}
}

// derive fills in what depends on the engine. Aurora's disk grows on its own, and its smallest classes are larger.
func (d DatabaseSettings) derive(strict bool) DatabaseSettings {
	defaults := map[bool]DatabaseSettings{
		false: {Version: "17", Class: "db.t4g.micro", StorageGiB: 20, MaxStorageGiB: 50},
		true:  {Version: "17", Class: "db.m7g.large", StorageGiB: 100, MaxStorageGiB: 1000},
	}[strict]
	switch d.Engine {
	case database.MySQL:
		defaults.Version = "8.4"
	case database.AuroraPostgres:
		defaults.StorageGiB, defaults.MaxStorageGiB = 0, 0
		defaults.Class = "db.t4g.medium"
		if strict {
			defaults.Class = "db.r7g.large"
		}
	}
	d.Version = cmp.Or(d.Version, defaults.Version)
	d.Class = cmp.Or(d.Class, defaults.Class)
	if d.Class == database.ServerlessClass {
		least, most := 0.5, 4.0
		if strict {
			least, most = 2, 16
		}
		d.MinACU, d.MaxACU = cmp.Or(d.MinACU, least), cmp.Or(d.MaxACU, max(most, d.MinACU))
	}
	d.StorageGiB = cmp.Or(d.StorageGiB, defaults.StorageGiB)
	d.MaxStorageGiB = cmp.Or(d.MaxStorageGiB, min(max(defaults.MaxStorageGiB, 2*d.StorageGiB), database.MostStorageGiB))
	return d
}
