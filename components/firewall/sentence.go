package firewall

import (
	"fmt"
	"strings"
)

// Peer is one end of a sentence: a Party or a PrefixSet.
type Peer interface {
	fmt.Stringer
	peer()
}

// Party is a part of the platform, or a part of the world that has a name.
type Party string

// The parties. All but Internet and S3 are security groups.
const (
	Internet  Party = "internet"  // any IPv4 address
	Edge      Party = "edge"      // the load balancer that faces the internet
	Web       Party = "web"       // web servers
	Internal  Party = "internal"  // the load balancer between web and app
	App       Party = "app"       // application servers
	Database  Party = "database"  // the database
	Endpoints Party = "endpoints" // interface endpoints of AWS services
	S3        Party = "s3"        // S3 in the platform's region
)

func (p Party) String() string { return string(p) }
func (Party) peer()            {}

// PrefixSet is addresses outside the platform under one name, such as the ranges
// that Cloudflare sends requests from.
type PrefixSet struct {
	name  string
	cidrs []string
}

// Prefixes names a set of IPv4 prefixes. Their order means nothing.
func Prefixes(name string, cidrs ...string) PrefixSet { return PrefixSet{name: name, cidrs: cidrs} }

func (s PrefixSet) String() string { return s.name }
func (PrefixSet) peer()            {}

// CIDRs are the set's prefixes.
func (s PrefixSet) CIDRs() []string { return append([]string(nil), s.cidrs...) }

// Sentence says that one peer may open TCP connections to another on one port.
type Sentence struct {
	From, To Peer
	Port     int

	stated bool // written as a sentence that reaches the internet
}

// Allow says that from may open connections to to. Only the edge may be opened
// to the internet, and nothing may reach out to it: see ToInternet.
func Allow(from, to Peer, port int) Sentence { return Sentence{From: from, To: to, Port: port} }

// ToInternet says that a party may open connections to any address of the
// internet on 443, by way of NAT: the one exception to "no CIDR inside".
func ToInternet(from Party) Sentence {
	return Sentence{From: from, To: Internet, Port: httpsPort, stated: true}
}

// String reads like "edge -> web :8443".
func (s Sentence) String() string { return fmt.Sprintf("%v -> %v :%d", s.From, s.To, s.Port) }

// key is what the sentence means: its rules are named by it.
func (s Sentence) key() string {
	return strings.Join([]string{s.From.String(), "to", s.To.String(), fmt.Sprint(s.Port)}, "-")
}
