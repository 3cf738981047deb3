package stacks

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/settings"
)

// Waiver says why a departure from the prod profile's security is meant, and
// until when. It shows in the review and in the tags of the VPC.
type Waiver struct {
	// Reason is a sentence of three words or more that an auditor can read.
	Reason string `setting:"reason"`
	// Expires is the last day on which the waiver holds, such as 2027-06-30, within a year. For
	// the month before, it is spoken of; after it, nothing but another release can be deployed.
	Expires string `setting:"expires"`
}

// departure is one way in which a prod stack can be weaker than its profile.
type departure struct {
	waiver, setting, what string
	taken                 func(Settings) bool
}

// departures are all of them: no other setting can weaken prod.
var departures = []departure{
	{"unprotected", "protect", "the database, its keys and the load balancers can be deleted by one command",
		func(s Settings) bool { return !s.Protect }},
	{"webInternet", "web.internet", "the web tier can open connections to the internet",
		func(s Settings) bool {
			return s.Web.Internet || slices.ContainsFunc(s.Web.Egress, func(e Egress) bool { return e.peer() == firewall.Internet })
		}},
	{"sharedNat", "network.nat", "one zone's failure cuts every zone from the internet",
		func(s Settings) bool { return s.Network.NAT == "single" }},
	{"noEndpoints", "network.endpoints", "traffic to AWS's services leaves the network",
		func(s Settings) bool { return !s.Network.Endpoints }},
	{"shortLogs", "network.logDays", "logs are kept for less than a year",
		func(s Settings) bool { return s.Network.LogDays < 365 }},
	// In a zone that somebody else manages Cloudflare filters instead; a zone that the stack makes has no rules.
	{"noWebAcl", "edge.webAcl", "requests reach the web tier unfiltered",
		func(s Settings) bool { return !s.Edge.WebACL && !(s.DNS.Proxied && *s.DNS.OriginLock && !s.DNS.Create) }},
	{"countedRules", "edge.countOnly", "requests that a managed rule matches reach the web tier",
		func(s Settings) bool { return s.Edge.WebACL && len(s.Edge.CountOnly) > 0 }},
	{"httpRedirect", "edge.httpRedirect", "port 80 is open to the internet",
		func(s Settings) bool { return s.Edge.HTTPRedirect }},
	{"edgeToApp", "edge.routes", "requests of the internet reach the application servers past the web servers",
		func(s Settings) bool { return s.routesToApp() }},
	{"openOrigin", "dns.originLock", "the load balancer can be reached around Cloudflare",
		func(s Settings) bool { return s.DNS.Provider == "cloudflare" && s.DNS.Proxied && !*s.DNS.OriginLock }},
	{"unsignedZone", "dns.dnssec", "the zone's answers can be forged",
		func(s Settings) bool { return s.DNS.Create && !*s.DNS.DNSSEC }},
	{"noQueryLog", "dns.queryLog", "nobody can tell who asks the zone for what",
		func(s Settings) bool { return s.DNS.Create && s.DNS.Provider == dns.Route53 && !*s.DNS.QueryLog }},
	{"wildcardNames", "dns.names", "names that nobody listed lead to the platform, under one certificate",
		func(s Settings) bool {
			return slices.ContainsFunc(s.DNS.Names, func(name string) bool { return strings.HasPrefix(name, "*.") })
		}},
	{"singleZoneDatabase", "database.multiZone", "one zone's failure stops the database",
		func(s Settings) bool { return !s.Database.MultiZone }},
	{"noBackupPlan", "database.backupPlan", "no backup outlives the database's own",
		func(s Settings) bool { return !s.Database.BackupPlan }},
}

// relaxed names the departures that an environment other than prod takes by its profile. They go into a tag, so that
// whoever checks the stack knows that they are intended.
func (s Settings) relaxed() string {
	var names []string
	for _, d := range departures {
		if s.Environment != "prod" && d.taken(s) {
			names = append(names, d.waiver)
		}
	}
	return strings.Join(names, " ")
}

// checkWaivers holds prod to its profile: a departure needs a waiver, and a
// waiver needs a departure, a reason and a day on which it ends.
func checkWaivers(s Settings, today time.Time) infra.Problems {
	var problems infra.Problems
	known := map[string]departure{}
	for _, d := range departures {
		known[d.waiver] = d
		if _, waived := s.Waivers[d.waiver]; s.Environment == "prod" && d.taken(s) && !waived {
			problems.Addf(d.setting, "leave the setting out, or say why under waivers."+d.waiver+" with a reason and an expiry",
				"prod does not allow this: %s", d.what)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Waivers)) {
		d, ok := known[name]
		if !ok {
			names := slices.Sorted(maps.Keys(known))
			problems.Add("waivers."+name, cmp.Or(settings.Near(name, names), "the waivers are "+strings.Join(names, ", ")),
				"there is no such waiver")
			continue
		}
		if s.Environment != "prod" || !d.taken(s) {
			problems.Addf("waivers."+name, "remove it", "waives nothing: %s does not depart from the profile", d.setting)
		}
		problems = append(problems, s.Waivers[name].check(today).Under("waivers."+name)...)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Losses)) {
		// A waiver that has ended no longer allows anything, and its loss has usually happened: it does no harm.
		if w := s.Losses[name]; !w.over(today) {
			problems = append(problems, w.check(today).Under("losses."+name)...)
		}
	}
	return problems
}

// over reports whether the waiver's last day has passed.
func (w Waiver) over(today time.Time) bool {
	end, err := time.Parse(time.DateOnly, w.Expires)
	return err == nil && end.AddDate(0, 0, 1).Before(today)
}

func (w Waiver) check(today time.Time) infra.Problems {
	var problems infra.Problems
	switch {
	case len(w.Reason) > 200 || !tagPattern.MatchString(w.Reason):
		problems.Add("reason", "write letters, digits, spaces and _ . : / = + - @, at most 200",
			"reasons are shown in tags, which cannot hold this text")
	case len(strings.Fields(w.Reason)) < leastWords:
		problems.Add("reason",
			fmt.Sprintf(`write a sentence of %d words or more, such as "the payment provider is called from here"`, leastWords),
			"a waiver needs a reason that an auditor can read")
	}
	end, err := time.Parse(time.DateOnly, w.Expires)
	switch {
	case w.Expires == "":
		problems.Add("expires", "write a date, such as "+today.AddDate(0, 6, 0).Format(time.DateOnly), "a waiver needs an expiry date")
	case err != nil:
		problems.Addf("expires", "write year, month and day, such as "+today.AddDate(0, 6, 0).Format(time.DateOnly),
			"%q is not a date", w.Expires)
	case end.After(today.AddDate(1, 0, 0)):
		problems.Addf("expires",
			"write a day within a year, such as "+today.AddDate(0, 6, 0).Format(time.DateOnly)+", and renew the waiver then",
			"%s is more than a year away", w.Expires)
	}
	return problems
}

const (
	leastWords = 3
	// noticeDays is how long before its end a waiver is announced.
	noticeDays = 30
)

// waiversEnd returns the waivers that have ended, and those that will within a month.
func (s Settings) waiversEnd(today time.Time) (ended, soon infra.Problems) {
	for _, name := range slices.Sorted(maps.Keys(s.Waivers)) {
		at := "waivers." + name + ".expires"
		w := s.Waivers[name]
		end, err := time.Parse(time.DateOnly, w.Expires)
		left := int(end.AddDate(0, 0, 1).Sub(today).Hours() / 24)
		switch {
		case err != nil:
		case w.over(today):
			ended.Addf(at, "fix what it waives, or write a later date, such as "+today.AddDate(0, 6, 0).Format(time.DateOnly),
				"the waiver expired on %s, and until that is mended nothing but another release can be deployed", w.Expires)
		case left < noticeDays:
			soon.Addf(at, "fix what it waives, or renew it", "the waiver ends on %s, in %d days", w.Expires, left)
		}
	}
	return ended, soon
}
