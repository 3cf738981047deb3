package stacks

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/infra"
)

// toApp is the value of a route's setting that leads to the application servers.
const toApp = "app"

// matches are the requests that the route is for.
func (r Route) matches(s Settings) []loadbalancer.Match {
	hosts, paths := r.Hosts, r.Paths
	if len(hosts) == 0 {
		hosts = s.hosts()
	}
	if len(paths) == 0 {
		paths = []string{"/*"}
	}
	var all []loadbalancer.Match
	for _, host := range hosts {
		for _, path := range paths {
			all = append(all, loadbalancer.Match{Host: host, Path: path})
		}
	}
	return all
}

// answer is how the load balancer itself answers the route's requests.
func (r Route) answer(s Settings) loadbalancer.AnswerArgs {
	return loadbalancer.AnswerArgs{Matches: r.matches(s), Redirect: r.Redirect, Text: r.Text, ContentType: r.Type, Status: r.Status}
}

// routesToApp reports whether browsers reach the application servers without passing the web servers.
func (s Settings) routesToApp() bool {
	return slices.ContainsFunc(s.Edge.Routes, func(r Route) bool { return r.To == toApp })
}

func checkRoutes(s Settings) infra.Problems {
	var problems infra.Problems
	taken := map[loadbalancer.Match]string{}
	for i, r := range s.Edge.Routes {
		at := fmt.Sprintf("edge.routes[%d]", i)
		problems = append(problems, r.check(s).Under(at)...)
		for _, m := range r.matches(s) {
			if other, found := taken[m]; found {
				problems.Addf(at, "leave it out of one", "%s%s is in %s too", m.Host, m.Path, other)
				break
			}
			taken[m] = at
		}
	}
	names := len(s.hosts()) // each has a rule that leads to web
	if needed, most := len(taken)+names, s.Quotas.Of(infra.RulesPerBalancer); len(taken) > 0 && needed > most {
		problems.Addf("edge.routes", s.Quotas.Raise(needed, "name hosts, or write fewer paths", infra.RulesPerBalancer),
			"are %d rules, one for each host and path, and may be %d beside those of %d names", len(taken), most-names, names)
	}
	return problems
}

func (r Route) check(s Settings) infra.Problems {
	var problems infra.Problems
	answers := r.Text != "" || r.Redirect == "" && r.Status != 0
	said := 0
	for _, is := range []bool{r.To != "", r.Redirect != "", answers} {
		if is {
			said++
		}
	}
	switch {
	case said != 1:
		problems.Add("to", "write one of to: app, redirect and text", "a route leads to one of them")
	case r.To != "" && r.To != toApp:
		problems.Addf("to", "write app; what no route is for goes to web", "there is nothing called %q to lead to", r.To)
	case len(r.Paths)+len(r.Hosts) == 0:
		problems.Add("paths", "write paths such as /api/*, or hosts", "is missing, so that the route would be for everything")
	case r.Redirect == "" && r.isHome(s):
		problems.Add("paths", "write paths that begin otherwise, such as /api/*", "is for / of "+s.Domain+", which is the web tier's")
	case answers && r.home():
		problems.Add("paths", "write paths that begin otherwise, such as /gone/*", "is for /, so that nobody would serve the host")
	}
	if r.Type != "" && r.Text == "" {
		problems.Add("type", "remove it, or write text", "is the type of a text, and there is none")
	}
	if r.loops(s) {
		problems.Addf("redirect", "write where else it is, or paths that it does not match", "%s is redirected too, to itself", r.Redirect)
	}
	for i, host := range r.Hosts {
		if !slices.Contains(s.hosts(), host) {
			problems.Addf(fmt.Sprintf("hosts[%d]", i), "write one of "+strings.Join(s.hosts(), ", ")+", or add it to dns.names",
				"%q is no name of the platform", host)
		}
	}
	if r.To == "" {
		args := r.answer(s)
		args.Matches = nil
		problems = append(problems, renamed(args.Validate(), map[string]string{"contentType": "type"})...)
	}
	for i, p := range r.Paths {
		if what := loadbalancer.CheckPath(p); what != "" {
			problems.Addf(fmt.Sprintf("paths[%d]", i), "write one such as /api/*", "%q %s", p, what)
		}
	}
	return problems
}

// loops reports whether browsers are sent to what sends them there again.
func (r Route) loops(s Settings) bool {
	to, err := url.Parse(r.Redirect)
	if r.Redirect == "" || err != nil || to.Port() != "" && to.Port() != "443" {
		return false
	}
	return slices.ContainsFunc(r.matches(s), func(m loadbalancer.Match) bool {
		return like(m.Host, to.Hostname()) && (to.Path == "" || like(m.Path, to.Path))
	})
}

// like reports whether a text matches a pattern in which * stands for any characters.
func like(pattern, text string) bool {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$").MatchString(text)
}

// home reports whether the route is for the first page of its hosts.
func (r Route) home() bool {
	return len(r.Paths) == 0 || slices.ContainsFunc(r.Paths, func(p string) bool {
		return strings.HasPrefix(p, "/") && strings.Trim(p[1:],
			"*") == ""
	})
}

// isHome reports whether the route is for the first page of the domain.
func (r Route) isHome(s Settings) bool {
	return r.home() && (len(r.Hosts) == 0 || slices.Contains(r.Hosts, s.Domain))
}
