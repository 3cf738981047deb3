package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/addressplan"
	"github.com/causeway-iac/causeway/infra/release"
	"github.com/causeway-iac/causeway/infra/settings"
)

// checkComponents asks every component what is wrong with its settings, and reports it under the settings' own names.
func checkComponents(s Settings, folder string) infra.Problems {
	problems := checkZones(s).Under("network")
	for _, p := range checkNetwork(s) {
		if !listed(problems, p.Where) {
			problems = append(problems, p)
		}
	}
	problems = append(problems, settingsOf(TierSettings{}, s.webTarget().Validate()).Under("web")...)
	problems = append(problems, settingsOf(TierSettings{}, s.appTarget().Validate()).Under("app")...)
	room := map[addressplan.Tier]int{}
	for _, t := range s.tiers() {
		problems = append(problems, checkServers(s, t, folder).Under(t.setting)...)
		room[t.subnets] += t.MaxSize
		problems = append(problems, checkRoom(s, t.subnets, room[t.subnets]).Under(t.setting)...)
	}
	problems = append(problems, settingsOf(DatabaseSettings{}, s.databaseArgs().Validate()).Under("database")...)
	problems = append(problems, settingsOf(EdgeSettings{}, s.webACLArgs().Validate()).Under("edge")...)
	problems = append(problems, settingsOf(EdgeSettings{}, s.edgeArgs().Validate()).Under("edge")...)
	problems = append(problems, s.monitoringArgs(nil).Validate().Under("monitoring")...)
	return append(problems, checkZeros(s)...)
}

// someZones stands in for zones that only the cloud can name.
func (s Settings) someZones() []string {
	if len(s.Network.ZoneNames) > 0 {
		return s.Network.ZoneNames
	}
	region := s.Region
	if !slices.Contains(regions, region) {
		region = "eu-west-1"
	}
	zones := zonesOf(region)
	return zones[:min(max(s.Network.Zones, 2), len(zones))]
}

func checkZones(s Settings) infra.Problems {
	var problems infra.Problems
	if s.Network.CIDR == "" {
		problems.Add("cidr", "write a private range that no other environment has, such as 10.20.0.0/16", "is missing")
	}
	known := zonesOf(s.Region)
	if len(s.Network.ZoneNames) == 0 {
		if slices.Contains(regions, s.Region) {
			problems.Range("zones", s.Network.Zones, 2, len(known), "zones of "+s.Region)
		}
		return problems
	}
	free := slices.DeleteFunc(slices.Clone(known), func(zone string) bool { return slices.Contains(s.Network.ZoneNames, zone) })
	remedy := "leave it out"
	if len(free) > 0 {
		remedy = "write " + strings.Join(free, " or ")
	}
	for i, zone := range s.Network.ZoneNames {
		at := fmt.Sprintf("zoneNames[%d]", i)
		switch region, _, ok := addressplan.Slot(zone); {
		case !ok:
		case region != s.Region:
			problems.Addf(at, remedy, "%s is not in %s", zone, s.Region)
		case zone > known[len(known)-1]: // an old account may have more zones, so the cloud is asked later
			problems.Addf(at, remedy, "%s has no zone %s", s.Region, zone)
		}
	}
	return problems
}

// placeholder is an image reference without problems.
var placeholder = "registry.example.com/image@sha256:" + strings.Repeat("0", 64)

func checkServers(s Settings, tier tier, folder string) infra.Problems {
	args := tier.sizes()
	s.schedules(tier.party, &args)
	args.LogDays = s.Network.LogDays
	if tier.Container != "" { // check reports whatever else is wrong with it
		args.Container, args.Packages, args.Arguments = placeholder, nil, nil
		args.Once = &release.Release{}
		return settingsOf(TierSettings{}, args.Validate())
	}
	if tier.Release == "" {
		args.Command = nil // check reports it
	}
	args.Release = &release.Release{}
	args.Once = args.Release // built when it is needed
	var problems infra.Problems
	if tier.Release != "" {
		run, opened := s.opened[tier.releaseKey()]
		var err error
		if !opened {
			run, err = tier.named(folder)
		}
		if err != nil {
			problems.Add("release", "", err.Error())
			args.Command, args.Arguments = nil, nil // nobody could open what they belong to
		} else {
			args.Release = &run
			s.opened[tier.releaseKey()] = run
		}
	}
	return append(problems, settingsOf(TierSettings{}, args.Validate())...)
}

// checkZeros refuses a zero that a component would take for "not written".
func checkZeros(s Settings) infra.Problems {
	var problems infra.Problems
	type number struct {
		path         string
		value, least float64
	}
	var numbers []number
	for _, t := range s.tiers() {
		numbers = append(numbers, number{t.setting + ".minSize", float64(t.MinSize), 1},
			number{t.setting + ".maxSize", float64(t.MaxSize), 1},
			number{t.setting + ".targetCpu", float64(t.TargetCPU), 10}, number{t.setting + ".volumeGiB", float64(t.VolumeGiB), 8},
			number{t.setting + ".warmupSeconds", float64(t.WarmupSeconds), 30})
	}
	for _, number := range append(numbers, []number{
		{"database.backupDays", float64(s.Database.BackupDays), 7}, {"network.logDays", float64(s.Network.LogDays), 1},
		{"edge.requestsPerIp", float64(s.Edge.RequestsPerIP), 10}, {"edge.idleTimeoutSeconds", float64(s.Edge.IdleTimeoutSeconds), 1},
		{"monitoring.errorPercent", s.Monitoring.ErrorPercent, 0.01}, {"monitoring.latencySeconds", s.Monitoring.LatencySeconds, 0.01},
	}...) {
		if number.value == 0 {
			problems.Addf(number.path, "", "must be at least %v, not 0", number.least)
		}
	}
	return problems
}

// settingsOf returns the problems with what a group of settings can express: the others do not come from the file.
func settingsOf(group any, problems infra.Problems) infra.Problems {
	return keep(problems, settings.Names(group)...)
}

// keep returns the problems with the named settings: the others do not come from the file.
func keep(problems infra.Problems, names ...string) infra.Problems {
	var kept infra.Problems
	for _, p := range problems {
		for _, name := range names {
			if p.Where == name || strings.HasPrefix(p.Where, name+"[") {
				kept = append(kept, p)
			}
		}
	}
	return kept
}

// renamed returns the problems under the settings' names, for arguments that are called otherwise.
func renamed(problems infra.Problems, names map[string]string) infra.Problems {
	for i, p := range problems {
		for from, to := range names {
			if p.Where == from || strings.HasPrefix(p.Where, from+"[") {
				problems[i].Where = to + strings.TrimPrefix(p.Where, from)
			}
		}
	}
	return problems
}
