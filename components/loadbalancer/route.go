package loadbalancer

import (
	"cmp"
	"fmt"
	"hash/crc32"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/infra"
)

// Match is the set of requests that a route is for.
type Match struct {
	// Host is a name that is served, or a wildcard.
	Host string
	// Path is a pattern such as /api/*, in which * stands for any characters. If a request matches several, the one
	// with the most characters before its first asterisk decides. Default: any.
	Path string
}

// routePattern is a path with asterisks; longestPath keeps each length its own band of priorities.
var routePattern = regexp.MustCompile(`^/[A-Za-z0-9._/*-]*$`)

const longestPath = 60

// CheckPath says what is wrong with the path of a route, "" if nothing.
func CheckPath(path string) string {
	switch {
	case !routePattern.MatchString(path):
		return "is not a path of letters, digits and . _ - / *"
	case len(path) > longestPath:
		return fmt.Sprintf("has more than %d characters", longestPath)
	case strings.Count(path, "*") > 4: // a rule can have five, one of which may be the host's (AWS, ELB user guide, "Quotas")
		return "has more than four asterisks"
	}
	return ""
}

// AnswerArgs describe requests that the load balancer answers itself, with a redirect or a text.
type AnswerArgs struct {
	// Matches are the requests. Required.
	Matches []Match
	// Redirect is where browsers are sent: https://host/path, whose path and query default to those of the request.
	Redirect string
	// Text is the answer if there is no redirect, at most 1024 bytes, with the type ContentType. Default type:
	// text/plain.
	Text, ContentType string
	// Status is 301 or 302 for a redirect, 200 to 599 for a text. Default 302 and 200.
	Status int
}

// contentTypes are the types that AWS can answer with (AWS, ELB API reference, FixedResponseActionConfig).
var contentTypes = []string{"text/plain", "text/css", "text/html", "application/javascript", "application/json"}

// Validate reports everything that is wrong with the settings.
func (a AnswerArgs) Validate() (ps infra.Problems) {
	for i, m := range a.Matches {
		if what := CheckPath(cmp.Or(m.Path, "/")); what != "" {
			ps.Addf(fmt.Sprintf("paths[%d]", i), "write one such as /old/*", "%q %s", m.Path, what)
		}
	}
	if a.Redirect != "" {
		to, err := url.Parse(a.Redirect)
		if err != nil || to.Scheme != "https" || dns.NameProblem(to.Hostname()) != "" || to.Fragment != "" || to.User != nil {
			ps.Addf("redirect", "write https://host, or https://host/path", "%q is no address to send browsers to", a.Redirect)
		} else if port, err := strconv.Atoi(cmp.Or(to.Port(), "443")); err != nil || port < 1 || port > 65535 {
			ps.Addf("redirect", "leave the port out, or write 1 to 65535", "%q has a port that does not exist", a.Redirect)
		} else if most := max(len(to.Hostname()), len(to.EscapedPath()), len(to.RawQuery)); most > LongestHost {
			ps.Addf("redirect", "write a shorter one",
				"has a host, path or query of %d characters, more than the %d that a load balancer takes", most, LongestHost)
		}
		if a.Status != 0 && a.Status != 301 && a.Status != 302 {
			ps.Addf("status", "write 301 (for good) or 302", "%d is no redirect", a.Status)
		}
		return ps
	}
	// AWS takes 2xx, 4xx and 5xx.
	if a.Status != 0 && (a.Status < 200 || a.Status > 599 || a.Status/100 == 3) {
		ps.Addf("status", "write one such as 200, 404 or 410", "%d is no status of an answer", a.Status)
	}
	if len(a.Text) > 1024 {
		ps.Addf("text", "have a server answer", "has %d bytes, and a load balancer answers at most 1024", len(a.Text))
	}
	if a.ContentType != "" && !slices.Contains(contentTypes, a.ContentType) {
		ps.Addf("contentType", "write "+strings.Join(contentTypes, ", "), "a load balancer answers nothing of type %q", a.ContentType)
	}
	return ps
}

// Answer makes the load balancer answer requests itself.
func (l *LoadBalancer) Answer(ctx *pulumi.Context, name string, args AnswerArgs, opts ...pulumi.ResourceOption) error {
	problems := args.Validate()
	priorities := l.take(&problems, args.Matches)
	if err := problems.Err(); err != nil {
		return fmt.Errorf("answering %s: %w", name, err)
	}
	for i, m := range args.Matches {
		if _, err := l.rule(ctx, name, m, priorities[i], args.action(), append(opts, pulumi.Parent(l))...); err != nil {
			return fmt.Errorf("answering %s: %w", name, err)
		}
	}
	return nil
}

func (a AnswerArgs) action() lb.ListenerRuleActionArgs {
	if a.Redirect == "" {
		return lb.ListenerRuleActionArgs{Type: pulumi.String("fixed-response"), FixedResponse: lb.ListenerRuleActionFixedResponseArgs{
			StatusCode:  pulumi.String(strconv.Itoa(cmp.Or(a.Status, 200))),
			ContentType: pulumi.String(cmp.Or(a.ContentType, contentTypes[0])),
			MessageBody: pulumi.String(a.Text),
		}}
	}
	to, _ := url.Parse(a.Redirect) // Validate has parsed it before
	redirect := lb.ListenerRuleActionRedirectArgs{
		Protocol: pulumi.String("HTTPS"), Host: pulumi.String(to.Hostname()), Port: pulumi.String(cmp.Or(to.Port(), fmt.Sprint(HTTPSPort))),
		Path: pulumi.String("/#{path}"), Query: pulumi.String("#{query}"), StatusCode: pulumi.String(fmt.Sprintf("HTTP_%d",
			cmp.Or(a.Status, 302))),
	}
	if to.Path != "" {
		redirect.Path, redirect.Query = pulumi.String(to.EscapedPath()), pulumi.String(to.RawQuery)
	}
	return lb.ListenerRuleActionArgs{Type: pulumi.String("redirect"), Redirect: redirect}
}

// take gives each match its priority, and reports what is wrong with it.
func (l *LoadBalancer) take(ps *infra.Problems, matches []Match) (priorities []int) {
	for i, m := range matches {
		m.Host = dns.Normalise(m.Host)
		matches[i] = m
		if !l.wiring.Certificate.Covers(m.Host) {
			ps.Addf("hosts", "add it to the certificate, or write one of "+strings.Join(l.wiring.Certificate.Names, ", "),
				"the certificate does not cover %s", m.Host)
		}
		priority, err := l.place(m)
		if err != nil {
			ps.Add("hosts", "forward each host to one target", err.Error())
		}
		priorities = append(priorities, priority)
	}
	return priorities
}

// rule makes a rule of the listener, named by what it matches.
func (l *LoadBalancer) rule(
	ctx *pulumi.Context, name string, m Match, priority int, action lb.ListenerRuleActionArgs, opts ...pulumi.ResourceOption,
) (*lb.ListenerRule, error) {
	tier, _ := l.tier()
	logical := name + "-" + dns.LogicalName(m.Host) + strings.ReplaceAll(m.Path, "*", "any") // a tag cannot contain an asterisk
	conditions := lb.ListenerRuleConditionArray{lb.ListenerRuleConditionArgs{
		HostHeader: lb.ListenerRuleConditionHostHeaderArgs{Values: pulumi.StringArray{pulumi.String(m.Host)}},
	}}
	if m.Path != "" {
		conditions = append(conditions, lb.ListenerRuleConditionArgs{
			PathPattern: lb.ListenerRuleConditionPathPatternArgs{Values: pulumi.StringArray{pulumi.String(m.Path)}},
		})
	}
	return lb.NewListenerRule(ctx, logical, &lb.ListenerRuleArgs{
		ListenerArn: l.listener.Arn, Priority: pulumi.Int(priority), Conditions: conditions,
		Actions: lb.ListenerRuleActionArray{action}, Tags: l.platform.TagsFor(logical, tier),
	}, opts...)
}

// Rules are evaluated in order of priority. Whole names come first, then wildcards, longer ones before shorter ones,
// since a load balancer's wildcard matches any number of labels. If a load balancer has routes by path, a name's
// routes come before its other rule: whole paths first, then patterns from longest to shortest.
const (
	firstWildcard = 25000 // of 50000 (AWS, ELB API reference, CreateRule)
	wildcardBand  = 2500
	deepest       = 9 // labels of a wildcard that still make a difference
)

// bandOf is the range of priorities for the rules of a host: the first, and how many there are.
func bandOf(host string) (first, width int) {
	if !strings.HasPrefix(host, "*.") {
		return 1, firstWildcard - 1
	}
	depth := min(strings.Count(host, ".")+1, deepest)
	return firstWildcard + (deepest-depth)*wildcardBand, wildcardBand
}

// slots is the range of priorities shared by rules that rank equally with the match: the first, how many there are,
// and the match's own place among them.
func (l *LoadBalancer) slots(m Match) (first, width, own int) {
	sum := int(crc32.ChecksumIEEE([]byte(m.Host+m.Path)) & 0x7fffffff)
	first, width = bandOf(m.Host)
	routes := width / 2 // the front half is theirs, if there are any
	switch {
	case m.Path == "" && l.routed:
		first, width = first+routes, width-routes
	case m.Path != "":
		literal, _, open := strings.Cut(m.Path, "*")
		rank := 0
		if open {
			rank = 1 + longestPath - len(literal)
		}
		width = routes / (longestPath + 2)
		first += rank * width
	}
	return first, width, sum % width
}

// place is the priority of a match's rule: its own, or the next free one.
func (l *LoadBalancer) place(m Match) (int, error) {
	first, width, own := l.slots(m)
	for i := range width {
		priority := first + (own+i)%width
		switch other, taken := l.priorities[priority]; {
		case !taken:
			l.priorities[priority] = m
			return priority, nil
		case other == m:
			return 0, fmt.Errorf("%s is forwarded already", m.Host+m.Path)
		}
	}
	return 0, fmt.Errorf("%s: there are %d others that are as long", m.Host+m.Path, width)
}
