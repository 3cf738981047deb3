package firewall_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/infra"
)

func problemsOf(sentences ...firewall.Sentence) error {
	return firewall.Args{Sentences: sentences}.Validate().Err()
}

var (
	cache   = firewall.Party{Name: "cache", Kind: firewall.Store, Tier: infra.TierData, Description: "Cache"}
	workers = firewall.Party{Name: "workers", Kind: firewall.Servers, Tier: infra.TierApp, Description: "Workers"}
)

func TestRefusedSentences(t *testing.T) {
	from := func(cidrs ...string) firewall.Sentence {
		return firewall.Allow(firewall.Prefixes("office", cidrs...), firewall.Edge, 443)
	}
	for _, c := range []struct {
		sentence firewall.Sentence
		problem  string
	}{
		{firewall.Allow(firewall.Edge, firewall.Web, 0), "sentences[0]: edge -> web :0: 0 is not a port"},
		{firewall.Allow(firewall.Edge, firewall.Web, 65536), "65536 is not a port"},
		{firewall.Allow(firewall.Internet, firewall.Edge, 22), "use Session Manager"},
		{firewall.Allow(firewall.Edge, firewall.Web, 3389), "port 3389 administers machines"},
		{firewall.Allow(firewall.Edge, firewall.Web, 5985), "administers machines"},
		{firewall.Allow(firewall.Edge, firewall.Web, 5986), "administers machines"},
		{firewall.Allow(firewall.Web, firewall.Web, 8443), "does not talk to itself"},
		{firewall.Allow(firewall.Web, firewall.Party{Name: "My cache", Kind: firewall.Store}, 6379), `"My cache" cannot name a party`},
		{firewall.Allow(firewall.Web, firewall.Party{Name: "app", Kind: firewall.Servers}, 9443), `"app" cannot name a party`},
		{firewall.Allow(firewall.Web, firewall.Party{Name: "cache", Kind: firewall.World}, 6379), `cache is of kind "world"`},
		{firewall.Allow(firewall.Web, firewall.Party{Name: "cache", Kind: firewall.Store, Tier: infra.TierData}, 6379),
			"cache has no tier or no description"},
		{firewall.Allow(cache, firewall.App, 9443), "cache answers connections and opens none"},
		{firewall.Allow(firewall.Internet, cache, 6379), "only the edge is reached from the internet"},
		{firewall.Allow(firewall.Internal, cache, 6379), "cache does not come after internal"},
		{firewall.Allow(workers, firewall.App, 9443), "app does not come after workers"},
		{firewall.Allow(firewall.App, workers, 9443), "workers does not come after app"},
		{firewall.Allow(workers, firewall.Edge, 443), "edge does not come after workers"},
		// Ways out.
		{firewall.Out(firewall.App, firewall.Range("198.51.100.0/24"), "tcp", 22, "files of a partner"), "use Session Manager"},
		{firewall.Out(firewall.App, firewall.Range("198.51.100.0/24"), "icmp", 587, "mail by a provider"),
			`"icmp" is no protocol that has ports`},
		{firewall.Out(firewall.App, firewall.Range("10.1.0.0/16"), "tcp", 587, "mail by a provider"), "is not public"},
		{firewall.Out(firewall.App, firewall.PrefixList("pl-x"), "tcp", 587, "mail by a provider"),
			`"pl-x" is not the id of a prefix list`},
		{firewall.Out(firewall.App, firewall.Internet, "tcp", 587, "mail by \"them\""), "a rule's description cannot say why"},
		{firewall.Out(firewall.Edge, firewall.Internet, "tcp", 587, "mail by a provider"), "edge opens no connection of its own"},
		{firewall.Out(firewall.App, firewall.Database, "udp", 53, "names of a partner"), "nothing inside speaks udp"},
		{firewall.Allow(nil, firewall.Web, 8443), "sentences[0]: has only one end"},
		{firewall.Allow(firewall.Web, nil, 8443), "has only one end"},
		// Who opens connections.
		{firewall.Allow(firewall.S3, firewall.Web, 443), "s3 answers connections and opens none"},
		{firewall.Allow(firewall.Database, firewall.App, 443), "database answers connections and opens none"},
		{firewall.Allow(firewall.Database, firewall.S3, 443), "database answers connections and opens none"},
		{firewall.Allow(firewall.Endpoints, firewall.App, 443), "endpoints answers connections and opens none"},
		{firewall.Allow(firewall.Edge, firewall.S3, 443), "edge opens no connection of its own"},
		{firewall.Allow(firewall.Internal, firewall.Endpoints, 443), "internal opens no connection of its own"},
		// The internet.
		{firewall.Allow(firewall.Internet, firewall.Web, 443), "only the edge is reached from the internet"},
		{firewall.Allow(firewall.Internet, firewall.Database, 5432), "only the edge is reached from the internet"},
		{firewall.Allow(firewall.App, firewall.Internet, 443), "write firewall.ToInternet"},
		{firewall.ToInternet(firewall.Edge), "edge opens no connection of its own"},
		{firewall.Allow(firewall.Web, firewall.S3, 80), "the way out is HTTPS only"},
		{firewall.Allow(firewall.Web, firewall.Endpoints, 80), "the way out is HTTPS only"},
		// The way of a request.
		{firewall.Allow(firewall.Edge, firewall.Internal, 443), "internal does not come next after edge"},
		{firewall.Allow(firewall.Edge, firewall.App, 9443), "app does not come next after edge"},
		{firewall.Shortcut(firewall.Web, firewall.App, 9443), "app does not come next after web"},
		{firewall.Shortcut(firewall.Edge, firewall.Database, 5432), "database does not come next after edge"},
		{firewall.Allow(firewall.Web, firewall.Database, 5432), "database does not come next after web"},
		{firewall.Allow(firewall.App, firewall.Web, 8443), "web does not come next after app"},
		// Prefixes.
		{firewall.Allow(firewall.Prefixes("office", "203.0.113.0/24"), firewall.Web, 443), "only the edge is reached from outside"},
		{firewall.Allow(firewall.Prefixes("web", "203.0.113.0/24"), firewall.Edge, 443), `"web" cannot name prefixes`},
		{firewall.Allow(firewall.Prefixes("My Office", "203.0.113.0/24"), firewall.Edge, 443), "cannot name prefixes"},
		{from(), "office has no prefix"},
		{from("203.0.113"), `"203.0.113" of office is not a prefix`},
		{from("203.0.113.9/24"), "write 203.0.113.0/24"},
		{from("2400:cb00::/32"), "is IPv6"},
		{from("0.0.0.0/0"), "is most of the internet"},
		{from("128.0.0.0/1"), "is most of the internet"},
		{from("10.0.0.0/8"), "is not public"},
		{from("100.64.1.0/24"), "is not public"},
		{from("100.0.0.0/8"), "is not public"},
		{from("224.0.0.0/8"), "is not public"},
		{from("203.0.113.0/24", "203.0.113.128/25"), "overlap"},
	} {
		assert.ErrorContains(t, problemsOf(c.sentence), c.problem, "%v", c.sentence)
	}
}

func TestContradictions(t *testing.T) {
	world := firewall.Allow(firewall.Internet, firewall.Edge, 443)
	from := func(name string, cidrs ...string) firewall.Sentence {
		return firewall.Allow(firewall.Prefixes(name, cidrs...), firewall.Edge, 443)
	}
	assert.ErrorContains(t, problemsOf(world, world), "sentences[1]: internet -> edge :443: sentences[0] says the same")
	assert.ErrorContains(t, problemsOf(world, from("office", "203.0.113.0/24")), "so office restricts nothing")
	assert.ErrorContains(t, problemsOf(from("office", "203.0.113.0/24"), world), "so office restricts nothing")
	assert.ErrorContains(t, problemsOf(from("a", "203.0.113.0/24"), from("b", "203.0.113.64/26")), "203.0.113.64/26 is in a too")
	assert.ErrorContains(t, problemsOf(
		from("a", "203.0.113.0/24"),
		firewall.Allow(firewall.Prefixes("a", "198.51.100.0/24"), firewall.Edge, 8443),
	), "two different sets are called a")
	assert.ErrorContains(t, problemsOf(), "no packet would pass")
	other := cache
	other.Description = "Another cache"
	assert.ErrorContains(t, problemsOf(firewall.Allow(firewall.Web, cache, 6379), firewall.Allow(firewall.App, other, 6379)),
		"two different parties are called cache")
	mail := func(cidr string) firewall.Sentence {
		return firewall.Out(firewall.App, firewall.Range(cidr), "tcp", 587, "mail by a provider")
	}
	assert.ErrorContains(t, problemsOf(mail("198.51.100.0/24"), mail("198.51.100.128/25")), "198.51.100.128/25 is in 198.51.100.0/24 too")
	assert.ErrorContains(t, problemsOf(mail("198.51.100.0/24"),
		firewall.Out(firewall.App, firewall.Internet, "tcp", 587, "mail by anybody")), "restricts nothing")
	var many []firewall.Sentence
	for i := range 12 {
		many = append(many, mail(fmt.Sprintf("198.51.%d.0/24", 100+i)))
	}
	assert.ErrorContains(t, problemsOf(many...), "characters of a tag, which holds 256")
	assert.NoError(t, problemsOf(firewall.Shortcut(firewall.Edge, firewall.App, 9443)))
	assert.NoError(t, problemsOf(picture()...))
}

// AWS allows 60 rules in one direction of a group.
func TestQuota(t *testing.T) {
	prefixes := func(n int) firewall.Sentence {
		var cidrs []string
		for i := range n {
			cidrs = append(cidrs, fmt.Sprintf("203.0.%d.0/24", i))
		}
		return firewall.Allow(firewall.Prefixes("many", cidrs...), firewall.Edge, 443)
	}
	assert.NoError(t, problemsOf(prefixes(60)))
	assert.ErrorContains(t, problemsOf(prefixes(61)), "the group of edge needs 61 rules in one direction; AWS allows 60")
}

func TestEverythingWrongIsReportedAtOnce(t *testing.T) {
	assert.Len(t, firewall.Args{Sentences: []firewall.Sentence{
		firewall.Allow(firewall.Web, firewall.Web, 22),
		firewall.Allow(firewall.App, firewall.Internet, 443),
	}}.Validate(), 3)
}
