package stacks

import (
	"fmt"
	"maps"
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
		problems = append(problems, checkRoom(s, t, room[t.subnets]).Under(t.setting)...)
		room[t.subnets] += t.sizes().MostAtOnce()
	}
	problems = append(problems, settingsOf(DatabaseSettings{}, s.databaseArgs().Validate()).Under("database")...)
	problems = append(problems, settingsOf(EdgeSettings{}, s.webACLArgs().Validate()).Under("edge")...)
	problems = append(problems, settingsOf(EdgeSettings{}, s.edgeArgs().Validate()).Under("edge")...)
	problems = append(problems, s.monitoringArgs(nil).Validate().Under("monitoring")...)
	return problems
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
	args.Worker, args.Quotas = tier.party.Tier == infra.TierWorker, s.Quotas
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

// least is the least value of settings whose zero a component would take for "not written".
var least = map[string]float64{
	"minSize": 1, "maxSize": 1, "targetCpu": 10, "volumeGiB": 8, "warmupSeconds": 60, "port": 1024, "silentMinutes": 5, "zones": 2,
	"backupDays": 7, "storageGiB": 20, "maxStorageGiB": 22, "minAcu": 0.5, "maxAcu": 1, "logDays": 1, "requestsPerIp": 10,
	"idleTimeoutSeconds": 1, "errorPercent": 0.01, "latencySeconds": 0.01,
}

// checkZeros refuses a zero that was written and would be taken for "not written".
func checkZeros(tree any) infra.Problems {
	var problems infra.Problems
	switch written := tree.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(written)) {
			n, isNumber := settings.Number(written[key])
			switch least, limited := least[key]; {
			case key == "environment" || key == "tags" || key == "egress": // texts, and ports that the firewall checks
			case isNumber && n == 0 && (key == "maxStorageGiB" || key == "maxAcu"):
				problems.Add(key, "remove it", "cannot be 0")
			case isNumber && n == 0 && limited:
				problems.Addf(key, "", "must be at least %v, not 0", least)
			default:
				problems = append(problems, checkZeros(written[key]).Under(key)...)
			}
		}
	case []any:
		for i, item := range written {
			problems = append(problems, checkZeros(item).Under(fmt.Sprintf("[%d]", i))...)
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
