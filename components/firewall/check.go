package firewall

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/infra"
)

const (
	httpsPort = 443
	// widest is the shortest prefix length that a set may have: two prefixes of /1 would be the internet.
	widest = 8
)

// picture are the parties that every platform has, in the order of the picture.
var picture = []Party{Internet, Edge, Web, Internal, App, Database, Endpoints, S3}

// path is a request's path: each of these may open connections to the next.
var path = picture[:6]

// remotePorts are for administering machines; Session Manager needs none of them.
var remotePorts = []int{22, 3389, 5985, 5986}

var (
	setName  = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$`)
	listName = regexp.MustCompile(`^pl-([0-9a-f]{8}|[0-9a-f]{17})$`)
	// whyPattern: AWS, EC2 API reference, SecurityGroupRule, Description.
	whyPattern = regexp.MustCompile(`^[a-zA-Z0-9. _:/()#,@\[\]+=&;{}!$*-]{1,200}$`)
)

func (a Args) validate() (problems infra.Problems) {
	sentences := a.Sentences
	for i, s := range sentences {
		if s.From == nil || s.To == nil {
			problems.Add(place(i), "write firewall.Allow(from, to, port)", "has only one end")
		} else {
			checkSentence(&problems, place(i), s)
		}
	}
	if len(problems) > 0 {
		return problems // anything wrong with a single sentence would be reported again below
	}
	checkRepeats(&problems, sentences)
	checkSets(&problems, sentences)
	checkQuota(&problems, sentences, a.Quotas)
	return problems
}

// taken reports whether a party of the picture has the name.
func taken(name string) bool {
	return slices.ContainsFunc(picture, func(p Party) bool { return p.Name == name })
}

func checkParty(add report, party Party) {
	switch {
	case slices.Contains(picture, party):
	case taken(party.Name) || !setName.MatchString(party.Name):
		add("write a name of lower-case letters, digits and dashes that no other party has", "%q cannot name a party", party.Name)
	case !slices.Contains([]Kind{Balancer, Servers, Store}, party.Kind):
		add("write Balancer, Servers or Store", "%s is of kind %q", party, party.Kind)
	case party.Tier == "" || party.Description == "":
		add("write both", "%s has no tier or no description", party)
	}
}

func place(i int) string { return fmt.Sprintf("sentences[%d]", i) }

func checkSentence(problems *infra.Problems, where string, s Sentence) {
	add := func(remedy, what string, args ...any) {
		problems.Addf(where, remedy, "%s: %s", s, fmt.Sprintf(what, args...))
	}
	switch {
	case s.protocol() != "tcp" && s.protocol() != "udp":
		add("write tcp or udp", "%q is no protocol that has ports", s.Protocol)
	case s.Port < 1 || s.Port > 65535:
		add("write a port from 1 to 65535", "%d is not a port", s.Port)
	case slices.Contains(remotePorts, s.Port):
		add("use Session Manager, which needs no open port", "port %d administers machines", s.Port)
	}
	for _, end := range []Peer{s.From, s.To} {
		switch end := end.(type) {
		case Party:
			before := len(*problems)
			if checkParty(add, end); len(*problems) > before {
				return
			}
		case PrefixList:
			if !listName.MatchString(string(end)) {
				add("write pl- and its 8 or 17 hexadecimal digits", "%q is not the id of a prefix list", end)
			}
		case PrefixSet:
			checkPrefixes(add, end)
		}
	}
	if s.From.String() == s.To.String() {
		add("leave it out", "a party does not talk to itself")
		return
	}
	checkDirection(add, s)
}

func way() string {
	names := make([]string, len(path))
	for i, party := range path {
		names[i] = party.Name
	}
	return strings.Join(names, ", ")
}

type report func(remedy, what string, args ...any)

// checkDirection checks a sentence against the picture and the kinds of its ends.
func checkDirection(add report, s Sentence) {
	from, inside := s.From.(Party)
	inside = inside && from.Kind != World
	to, toParty := s.To.(Party)
	outside := !toParty || to.Kind == World || to == Endpoints
	both := slices.Contains(path, from) && slices.Contains(path, to)
	if s.stated && from == Edge && to == App {
		both = false // a shortcut, for which only the kinds of its ends matter
	}
	switch {
	case from == S3 || inside && from.Kind == Store:
		add("leave it out", "%s answers connections and opens none", from)
	case from == Internet && to != Edge:
		add("write edge as the receiver", "only the edge is reached from the internet")
	case !inside && to != Edge:
		add("write edge as the receiver", "only the edge is reached from outside")
	case to == Internet && !s.stated:
		add("write firewall.ToInternet or firewall.Out if that is meant", "it reaches the whole internet")
	case outside && from.Kind != Servers:
		add("write servers as the sender", "%s opens no connection of its own", from)
	case s.stated && s.Why != "" && !whyPattern.MatchString(s.Why):
		add("write letters, digits, spaces and . _ - : / ( ) # , @ [ ] + = & ; { } ! $ *, at most 200",
			"a rule's description cannot say why")
	case outside && s.Port != httpsPort && !s.declared():
		add("write 443, or firewall.Out with what it is for", "the way out is HTTPS only")
	case !outside && s.protocol() != "tcp":
		add("write tcp", "nothing inside speaks %s", s.Protocol)
	case both && !outside && slices.Index(path, to) != slices.Index(path, from)+1:
		add("follow the way of a request: "+way(), "%s does not come next after %s", to, from)
	case !inside || outside || both:
	case (from.Kind == Front || from.Kind == Balancer) != (to.Kind == Servers) || to.Kind == Front:
		add("let servers open connections to what answers, and load balancers to servers", "%s does not come after %s", to, from)
	}
}

func checkPrefixes(add report, set PrefixSet) {
	single := len(set.cidrs) == 1 && set.name == set.cidrs[0]
	if !single && (!setName.MatchString(set.name) || taken(set.name)) {
		add("write a name of lower-case letters, digits and dashes that is not a party's", "%q cannot name prefixes", set.name)
	}
	if len(set.cidrs) == 0 {
		add("list its prefixes", "%s has no prefix", set.name)
	}
	var seen []netip.Prefix
	for _, cidr := range set.cidrs {
		prefix, err := netip.ParsePrefix(cidr)
		switch {
		case err != nil:
			add("write an IPv4 prefix such as 173.245.48.0/20", "%q of %s is not a prefix", cidr, set.name)
			continue
		case !prefix.Addr().Is4():
			add("leave it out: the platform has no IPv6 address", "%s of %s is IPv6", cidr, set.name)
			continue
		case prefix != prefix.Masked():
			add("write "+prefix.Masked().String(), "%s of %s has bits set after its prefix length", cidr, set.name)
		case prefix.Bits() < widest:
			add("write firewall.Internet if that is meant", "%s of %s is most of the internet", cidr, set.name)
		case slices.ContainsFunc(inner, prefix.Overlaps):
			add("name a party: no rule inside the platform has a CIDR", "%s of %s is not public", cidr, set.name)
		}
		for _, other := range seen {
			if other.Overlaps(prefix) {
				add("keep the larger", "%s and %s of %s overlap", other, prefix, set.name)
			}
		}
		seen = append(seen, prefix)
	}
}

// inner are addresses that no packet from the internet can have (IANA IPv4 special-purpose address registry), and
// those that a network of the platform may have.
var inner = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"),
	netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("224.0.0.0/3"),
}
