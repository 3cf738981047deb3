package stacks

import (
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/monitoring"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/components/servers"
	"github.com/causeway-iac/causeway/infra"
)

var workerPattern = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,12}[a-z0-9])?$`)

// workers are the groups of workers, in the order of their names.
func (s Settings) workers() []tier {
	var all []tier
	for _, name := range slices.Sorted(maps.Keys(s.Workers)) {
		party := firewall.Party{
			Name: "worker-" + name, Kind: firewall.Servers, Tier: infra.TierWorker, Description: "Workers called " + name,
		}
		all = append(all, tier{s.Workers[name].TierSettings, party, "workers." + name, network.App})
	}
	return all
}

// watched is how long a worker may be silent, 0 if it is not watched because its job runs more rarely than an alarm
// can look back.
func (w WorkerSettings) watched() time.Duration {
	silent := time.Duration(w.SilentMinutes) * time.Minute
	if s, err := readSchedule(w.Schedule); w.Schedule != "" && err == nil {
		silent = (s.longest() + grace).Truncate(time.Hour) + time.Hour
		if silent > mostWatched {
			return 0
		}
	}
	return silent
}

const (
	// grace is how long a job may take before it counts as missed.
	grace = time.Hour
	// mostWatched is how far an alarm looks back (AWS, CloudWatch user guide, "Evaluating an alarm").
	mostWatched = 7 * 24 * time.Hour
)

func checkWorkers(s Settings) infra.Problems {
	var problems infra.Problems
	for _, name := range slices.Sorted(maps.Keys(s.Workers)) {
		problems = append(problems, s.Workers[name].check(name).Under("workers."+name)...)
	}
	if len(s.Workers) > 10 {
		problems.Addf("workers", "have a group do more than one thing", "are %d groups, of at most 10", len(s.Workers))
	}
	return problems
}

func (w WorkerSettings) check(name string) infra.Problems {
	var problems infra.Problems
	if !workerPattern.MatchString(name) || name == "web" || name == "app" {
		problems.Addf("", "write at most 14 lower-case letters, digits and dashes, such as mail", "%q cannot name workers", name)
	}
	if w.Release == "" && w.Container == "" {
		problems.Add("release", "name an executable, an archive or a folder", "is missing: the guestbook has no workers")
	}
	for setting, is := range map[string]bool{
		"port": w.Port != 0, "protocol": w.Protocol != https, "healthPath": w.HealthPath != "", "protocolVersion": w.ProtocolVersion != "",
		"stickySeconds": w.StickySeconds != 0, "rollout": w.Rollout != "",
	} {
		if is {
			problems.Add(setting, "remove it", "nobody asks workers anything")
		}
	}
	if len(w.Before) > 0 {
		problems.Add("before", "write it for app", "workers wait for nothing that is done once")
	}
	if w.Schedule != "" {
		if _, err := readSchedule(w.Schedule); err != nil {
			problems.Add("schedule", "write minute, hour, day, month and weekday, such as 30 3 * * *", err.Error())
		}
	}
	if w.Schedule != "" && w.Container != "" {
		problems.Add("schedule", "name a release that it runs, or leave it out", "a container runs all the time")
	}
	problems.Range("silentMinutes", w.SilentMinutes, 5, 1440, "minutes")
	return problems
}

// makeWorkers runs the workers, which are told where the database is, just as the application is.
func (b *builder) makeWorkers() error {
	for _, t := range b.s.workers() {
		told := b.toldOfDatabase()
		if slices.ContainsFunc(t.Egress, Egress.inside) {
			told["APP_URL"] = pulumi.String("https://" + b.s.internalHost())
		}
		group, err := b.servers(t.party, nil, t.TierSettings, told, []pulumi.StringInput{b.database.SecretARN})
		if err != nil {
			return err
		}
		b.workers = append(b.workers, group)
	}
	return nil
}

// schedules sets when a worker's job runs.
func (s Settings) schedules(party firewall.Party, args *servers.Args) {
	for _, t := range s.workers() {
		if t.party == party {
			if when, err := readSchedule(s.Workers[t.setting[len("workers."):]].Schedule); err == nil {
				args.Schedule = when.calendar()
			}
		}
	}
}

// watchedWorkers are the workers as monitoring sees them.
func (b *builder) watchedWorkers() []monitoring.Worker {
	var all []monitoring.Worker
	for i, t := range b.s.workers() {
		name := t.setting[len("workers."):]
		all = append(all, monitoring.Worker{Name: t.party.Name, Group: b.workers[i], Silent: b.s.Workers[name].watched()})
	}
	return all
}
