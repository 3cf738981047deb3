package firewall_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/components/firewall"
)

func problemsOf(sentences ...firewall.Sentence) error {
	return firewall.Args{Sentences: sentences}.Validate().Err()
}

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
		{firewall.Allow(firewall.Web, firewall.Party("cache"), 6379), `there is no party "cache"`},
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
