package network

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Answer is what a listener does with a plain request: GET / for a host, from anywhere, with the headers of a browser.
type Answer struct {
	// Rule is the rule that decides, nil for the default action.
	Rule *graph.Resource
	// Forwards are the target groups that the request is passed on to, none if it is answered here.
	Forwards []Forward
	// Redirects says that the browser is sent to another address; To is the host there, "" for the same one.
	Redirects bool
	To        string
	// Sure says that nothing unknown could decide otherwise.
	Sure bool
}

// Answer evaluates the listener's rules in the order of their priorities (AWS, application load
// balancers, listener rules).
func (l *Listener) Answer(host string) Answer {
	sure := true
	for _, rule := range l.Rules {
		matches, known := matches(rule, host)
		if !known || !matches {
			sure = sure && known
			continue
		}
		return l.answer(rule, rule, "actions", sure)
	}
	return l.answer(l.Resource, nil, "defaultActions", sure)
}

func (l *Listener) answer(of, rule *graph.Resource, path string, sure bool) Answer {
	a := Answer{Rule: rule, Sure: sure}
	for _, f := range l.Forwards {
		if f.Rule == rule {
			a.Forwards = append(a.Forwards, f)
		}
	}
	actions, _ := items(of, path)
	for _, action := range actions {
		if action["type"] != "redirect" {
			continue
		}
		a.Redirects = true
		to, _ := action["redirect"].(map[string]any)
		if host, _ := to["host"].(string); host != "#{host}" {
			a.To = host
		}
		a.Sure = a.Sure && !isUnknown(action["redirect"]) && !isUnknown(to["host"])
	}
	return a
}

// byPriority orders rules: a rule without a priority gets the next free one from AWS.
func byPriority(a, b *graph.Resource) int {
	priority := func(r *graph.Resource) int {
		if n, known := r.Int("priority"); known {
			return n
		}
		return math.MaxInt
	}
	return cmp.Compare(priority(a), priority(b))
}

// matches says whether a plain request meets all conditions of a rule.
func matches(rule *graph.Resource, host string) (all, known bool) {
	conditions, unknown := items(rule, "conditions")
	all, known = true, !unknown
	for _, c := range conditions {
		for kind, block := range c {
			if isUnknown(block) {
				known = false
				continue
			}
			of, ok := block.(map[string]any)
			if !ok {
				continue // queryStrings, which are a list, or a kind that is not asked for
			}
			values, hidden := textsOf(of["values"])
			known = known && !hidden
			all = all && (hidden || holdsOf(kind, of, values, host))
		}
		if list, _ := c["queryStrings"].([]any); len(list) > 0 {
			all = false
		}
	}
	return all, known
}

// holdsOf says whether a plain request meets a condition with these values.
func holdsOf(kind string, block map[string]any, values []string, host string) bool {
	matching := func(text string) bool {
		return slices.ContainsFunc(values, func(pattern string) bool { return glob(pattern, text) })
	}
	switch kind {
	case "hostHeader":
		return matching(host)
	case "pathPattern":
		return matching("/")
	case "httpRequestMethod":
		return matching("GET")
	case "sourceIp":
		addrs, _ := prefixes(values, false)
		return Internet4.Within(addrs)
	case "httpHeader":
		switch name, _ := block["httpHeaderName"].(string); strings.ToLower(name) {
		case "host":
			return matching(host)
		case "user-agent":
			return matching("Mozilla/5.0")
		case "accept":
			return matching("*/*")
		}
	}
	return false
}

// glob matches a pattern in which * and ? stand for characters, ignoring case.
func glob(pattern, text string) bool {
	expression := regexp.QuoteMeta(strings.ToLower(pattern))
	expression = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(expression)
	found, _ := regexp.MatchString("^"+expression+"$", strings.ToLower(text))
	return found
}

// Healthy says that the load balancer's checks of the target certainly get through: an unhealthy one is sent nothing.
func (w *Model) Healthy(n *Node, t *Target) bool {
	return t.Health.Empty() || t.HealthSure && t.Health.Within(w.Gate(Must, n, t.To))
}

// Idle is why there may be nobody at a node who answers, "" if there certainly is.
func (w *Model) Idle(n *Node) string {
	switch {
	case n.Kind == Servers:
		if most, asked := asks(n.Resource, "maxSize"); asked && most < 1 {
			return n.Name + " may have no server: its maxSize is not 1 or more"
		}
		if least, asked := asks(n.Resource, "minSize"); asked && least < 1 {
			return n.Name + " may have no server: its minSize is not 1 or more"
		}
		suspended, unknown := texts(n.Resource, "suspendedProcesses")
		for _, process := range []string{"Launch", "AddToLoadBalancer"} {
			if unknown || slices.Contains(suspended, process) {
				return n.Name + " brings no server into service: " + process + " is suspended"
			}
		}
		for _, schedule := range w.all("aws:autoscaling/schedule:Schedule") {
			for _, size := range []string{"minSize", "maxSize", "desiredCapacity"} {
				if most, asked := asks(schedule, size); asked && most == 0 &&
					slices.Contains(w.Graph.Ref(schedule, "autoscalingGroupName"), n.Resource) {
					return n.Name + " has no server from time to time: " + size + " of " + schedule.Name + " is not 1 or more"
				}
			}
		}
	case n.Kind == Database && n.Resource.Type == clusterType && n.Resource.String("dbClusterInstanceClass") == "":
		for _, member := range w.all(memberType) {
			if slices.Contains(w.Graph.Ref(member, "clusterIdentifier"), n.Resource) {
				return ""
			}
		}
		return n.Name + " is a cluster without an instance"
	}
	return ""
}

// asks is a number that is asked for; an unknown one is 0.
func asks(r *graph.Resource, path string) (n int, asked bool) {
	value, ok := r.Inputs[path]
	n, _ = r.Int(path)
	return n, ok && value != nil
}
