package firewall

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/infra"
)

// Peer is one end of a sentence: a Party, a PrefixSet or a PrefixList.
type Peer interface {
	fmt.Stringer
	peer()
}

// Kind is what a party does with connections.
type Kind string

// The kinds of parties.
const (
	// World is outside of the platform.
	World Kind = "world"
	// Front is reached from the world, and opens connections to the servers behind it.
	Front Kind = "front"
	// Balancer is reached from inside, and opens connections to the servers behind it.
	Balancer Kind = "balancer"
	// Servers open connections to whatever answers inside, and to the world if a sentence says so.
	Servers Kind = "servers"
	// Store answers connections and opens none.
	Store Kind = "store"
)

// Party is a part of the platform that has a security group of its own, or a part of the world that has a name. The
// picture's are below; a program that adds a second service, a cache or a queue says whom it means by a value of its own:
//
//	cache := firewall.Party{Name: "cache", Kind: firewall.Store, Tier: infra.TierData, Description: "Cache of the web servers"}
//	firewall.Allow(firewall.Web, cache, 6379)
type Party struct {
	// Name is lower-case letters, digits and dashes. It names the group and its rules.
	Name string
	Kind Kind
	// Tier is the tag of the group and its rules.
	Tier infra.Tier
	// Description is the group's. It must never change: AWS would replace the group while it is in use.
	Description string
}

// The parties of the picture. All but Internet and S3 are security groups.
var (
	Internet = Party{Name: "internet", Kind: World} // any IPv4 address
	Edge     = Party{Name: "edge", Kind: Front, Tier: infra.TierEdge, Description: "Load balancer that faces the internet"}
	Web      = Party{Name: "web", Kind: Servers, Tier: infra.TierWeb, Description: "Web servers"}
	Internal = Party{Name: "internal", Kind: Balancer, Tier: infra.TierInternal,
		Description: "Load balancer between web and application servers"}
	App       = Party{Name: "app", Kind: Servers, Tier: infra.TierApp, Description: "Application servers"}
	Database  = Party{Name: "database", Kind: Store, Tier: infra.TierData, Description: "Database"}
	Endpoints = Party{Name: "endpoints", Kind: Store, Tier: infra.TierPrivate, Description: "Interface endpoints of AWS services"}
	S3        = Party{Name: "s3", Kind: World} // S3 in the platform's region
)

func (p Party) String() string { return p.Name }
func (Party) peer()            {}

// PrefixSet is a named set of addresses outside the platform, such as the ranges that Cloudflare sends requests from.
type PrefixSet struct {
	name  string
	cidrs []string
}

// Prefixes names a set of IPv4 prefixes, in any order.
func Prefixes(name string, cidrs ...string) PrefixSet { return PrefixSet{name: name, cidrs: cidrs} }

// Range is a single IPv4 prefix, named by itself.
func Range(cidr string) PrefixSet { return PrefixSet{name: cidr, cidrs: []string{cidr}} }

func (s PrefixSet) String() string { return s.name }
func (PrefixSet) peer()            {}

// CIDRs are the set's prefixes.
func (s PrefixSet) CIDRs() []string { return append([]string(nil), s.cidrs...) }

// PrefixList is the id of a prefix list in the account, pl-...
type PrefixList string

func (l PrefixList) String() string { return string(l) }
func (PrefixList) peer()            {}

// Sentence says that one peer may open connections to another on one port.
type Sentence struct {
	From, To Peer
	Port     int
	// Protocol is tcp or udp. Default tcp.
	Protocol string
	// Why is the purpose of a way out; the rule's description shows it.
	Why string

	stated bool // written as a sentence that reaches out of the platform
}

// Allow says that from may open connections to to. Only the edge may be opened to the internet, and nothing may
// connect to the internet: see ToInternet and Out.
func Allow(from, to Peer, port int) Sentence { return Sentence{From: from, To: to, Port: port} }

// ToInternet says that a party may open connections to any address of the internet on 443, through NAT: the one
// exception to "no CIDR inside".
func ToInternet(from Party) Sentence {
	return Sentence{From: from, To: Internet, Port: httpsPort, stated: true}
}

// Out says that servers may send to an address outside on a port, and why: to Internet, a PrefixSet or a PrefixList.
// Their group repeats it in a tag, so that whoever checks the stack knows that the rule is intended.
func Out(from Party, to Peer, protocol string, port int, why string) Sentence {
	return Sentence{From: from, To: to, Port: port, Protocol: protocol, Why: why, stated: true}
}

// Shortcut says that the edge may open connections to servers further down, bypassing those that a request otherwise
// passes.
func Shortcut(from, to Party, port int) Sentence {
	return Sentence{From: from, To: to, Port: port, stated: true}
}

func (s Sentence) protocol() string { return cmp.Or(s.Protocol, "tcp") }

// declared reports whether the sender's group declares the sentence in its tag.
func (s Sentence) declared() bool { return s.stated && s.Why != "" }

// String reads like "edge -> web :8443".
func (s Sentence) String() string {
	said := fmt.Sprintf("%v -> %v :%d", s.From, s.To, s.Port)
	if s.protocol() != "tcp" {
		said += "/" + s.Protocol
	}
	return said
}

// key is the sentence's meaning, which its rules are named by.
func (s Sentence) key() string {
	key := strings.Join([]string{s.From.String(), "to", s.To.String(), fmt.Sprint(s.Port)}, "-")
	if s.protocol() != "tcp" {
		key += "-" + s.Protocol
	}
	return strings.ReplaceAll(key, "/", "-")
}
