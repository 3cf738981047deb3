package firewall_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/infratest"
)

const (
	groupType   = "aws:ec2/securityGroup:SecurityGroup"
	ingressType = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType  = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
)

// picture holds the sentences of the whole platform: the path of a request, and what servers need.
func picture() []firewall.Sentence {
	return []firewall.Sentence{
		firewall.Allow(firewall.Internet, firewall.Edge, 443),
		firewall.Allow(firewall.Edge, firewall.Web, 8443),
		firewall.Allow(firewall.Web, firewall.Internal, 443),
		firewall.Allow(firewall.Internal, firewall.App, 9443),
		firewall.Allow(firewall.App, firewall.Database, 5433),
		firewall.Allow(firewall.Web, firewall.Endpoints, 443),
		firewall.Allow(firewall.App, firewall.Endpoints, 443),
		firewall.Allow(firewall.Web, firewall.S3, 443),
		firewall.Allow(firewall.App, firewall.S3, 443),
	}
}

func program(name string, sentences []firewall.Sentence, check func(*firewall.Firewall)) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		p := infratest.Platform("prod")
		k, err := keys.New(ctx, "prod-keys", p, keys.Args{})
		if err != nil {
			return err
		}
		boundary, err := identity.NewBoundary(ctx, "prod-boundary", p, k, identity.BoundaryArgs{})
		if err != nil {
			return err
		}
		net, err := network.New(ctx, "prod-network", p, network.Wiring{Keys: k, Boundary: boundary},
			network.Args{ZoneNames: []string{"eu-west-1a", "eu-west-1b"}})
		if err != nil {
			return err
		}
		fw, err := firewall.New(ctx, name, p, net, firewall.Args{Sentences: sentences})
		if err == nil && check != nil {
			check(fw)
		}
		return err
	}
}

func outputs(d infratest.Declared) map[string]any {
	if d.Type == "aws:ec2/vpcEndpoint:VpcEndpoint" {
		return map[string]any{"prefixListId": "pl-s3"}
	}
	return nil
}

// record is what the firewall declared, without the network it stands in.
func record(t *testing.T, sentences []firewall.Sentence) []infratest.Declared {
	t.Helper()
	var own []infratest.Declared
	for _, d := range infratest.Record(t, outputs, program("fw", sentences, nil)) {
		if slices.Contains([]string{groupType, ingressType, egressType}, d.Type) {
			own = append(own, d)
		}
	}
	return own
}

// ends reads rules as "group protocol from-to peer".
func ends(all []infratest.Declared, token string) (found []string) {
	for _, d := range infratest.OfType(all, token) {
		in := d.Plain()
		var peer []string
		for _, key := range []string{"referencedSecurityGroupId", "cidrIpv4", "cidrIpv6", "prefixListId"} {
			if v, ok := in[key]; ok {
				peer = append(peer, v.(string))
			}
		}
		found = append(found, fmt.Sprintf("%v %v %v-%v %s", in["securityGroupId"], in["ipProtocol"], in["fromPort"], in["toPort"],
			strings.Join(peer, "+")))
	}
	slices.Sort(found)
	return found
}

// Pain 7 and invariants 5 to 10: both ends of each sentence, and nothing else.
func TestSentencesBecomeBothEndsOfEachRule(t *testing.T) {
	all := record(t, picture())
	assert.Equal(t, []string{
		"fw-app-id tcp 9443-9443 fw-internal-id",
		"fw-database-id tcp 5433-5433 fw-app-id",
		"fw-edge-id tcp 443-443 0.0.0.0/0",
		"fw-endpoints-id tcp 443-443 fw-app-id",
		"fw-endpoints-id tcp 443-443 fw-web-id",
		"fw-internal-id tcp 443-443 fw-web-id",
		"fw-web-id tcp 8443-8443 fw-edge-id",
	}, ends(all, ingressType))
	assert.Equal(t, []string{
		"fw-app-id tcp 443-443 fw-endpoints-id",
		"fw-app-id tcp 443-443 pl-s3",
		"fw-app-id tcp 5433-5433 fw-database-id",
		"fw-edge-id tcp 8443-8443 fw-web-id",
		"fw-internal-id tcp 9443-9443 fw-app-id",
		"fw-web-id tcp 443-443 fw-endpoints-id",
		"fw-web-id tcp 443-443 fw-internal-id",
		"fw-web-id tcp 443-443 pl-s3",
	}, ends(all, egressType))
}

// Pain 4: rules stand alone, and no group has any of its own.
func TestGroupsHaveNoInlineRules(t *testing.T) {
	groups := infratest.OfType(record(t, picture()), groupType)
	require.Len(t, groups, 6)
	for _, group := range groups {
		assert.NotContains(t, group.Plain(), "ingress", group.Name)
		assert.NotContains(t, group.Plain(), "egress", group.Name)
	}
}

// Pain 3 and controls 42 and 46: a group's description and name must never change,
// or the group in use is replaced.
func TestGroupsNeverNeedReplacing(t *testing.T) {
	ports := picture()
	for i := range ports {
		if ports[i].Port != 443 {
			ports[i].Port += 1000
		}
	}
	describe := func(sentences []firewall.Sentence) map[string]any {
		described := map[string]any{}
		for _, group := range infratest.OfType(record(t, sentences), groupType) {
			in := group.Plain()
			assert.NotContains(t, in, "name")
			assert.NotContains(t, in, "namePrefix")
			assert.NotEmpty(t, in["description"])
			assert.NotContains(t, in["description"], "Managed by")
			described[group.Name] = in["description"]
		}
		return described
	}
	assert.Equal(t, describe(picture()), describe(ports))
}

// Pains 5 and 27: rules are named by what they mean, so their order means nothing
// and a new sentence touches no rule there is.
func TestReorderingChangesNothing(t *testing.T) {
	set := firewall.Prefixes("cloudflare", "173.245.48.0/20", "103.21.244.0/22")
	reversed := firewall.Prefixes("cloudflare", "103.21.244.0/22", "173.245.48.0/20")
	forwards := append(picture()[1:], firewall.Allow(set, firewall.Edge, 443))
	backwards := append(picture()[1:], firewall.Allow(reversed, firewall.Edge, 443))
	slices.Reverse(backwards)
	want := plain(record(t, forwards))
	assert.Equal(t, want, plain(record(t, backwards)))

	more := plain(record(t, append(forwards, firewall.ToInternet(firewall.App))))
	assert.Len(t, more, len(want)+1)
	for name, in := range want {
		assert.Equal(t, in, more[name], name)
	}
}

func plain(all []infratest.Declared) map[string]map[string]any {
	found := map[string]map[string]any{}
	for _, d := range all {
		found[d.Type+" "+d.Name] = d.Plain()
	}
	return found
}

// Pain 27: a rule that is called otherwise is replaced.
func TestRulesAreNamedByTheirMeaning(t *testing.T) {
	var names []string
	for _, d := range infratest.OfType(record(t, picture()), egressType) {
		names = append(names, d.Name)
	}
	assert.Equal(t, []string{
		"fw-app-to-database-5433", "fw-app-to-endpoints-443", "fw-app-to-s3-443", "fw-edge-to-web-8443",
		"fw-internal-to-app-9443", "fw-web-to-endpoints-443", "fw-web-to-internal-443", "fw-web-to-s3-443",
	}, names)
}

func TestPrefixesAreOneRuleEach(t *testing.T) {
	set := firewall.Prefixes("cloudflare", "173.245.48.0/20", "103.21.244.0/22")
	all := record(t, append(picture()[1:], firewall.Allow(set, firewall.Edge, 443)))
	infratest.Named(t, all, ingressType, "fw-cloudflare-to-edge-443-103.21.244.0-22")
	rule := infratest.Named(t, all, ingressType, "fw-cloudflare-to-edge-443-173.245.48.0-20").Plain()
	assert.Equal(t, "173.245.48.0/20", rule["cidrIpv4"])
	assert.NotContains(t, ends(all, ingressType), "fw-edge-id tcp 443-443 0.0.0.0/0")
}

// Control 42 and tags: AWS allows a few characters in a description.
func TestRulesAreDescribedAndTagged(t *testing.T) {
	for _, d := range record(t, picture()) {
		in := d.Plain()
		assert.Regexp(t, `^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}$`, in["description"], d.Name)
		tags := in["tags"].(map[string]any)
		assert.Equal(t, d.Name, tags[infra.TagName])
		assert.NotEmpty(t, tags[infra.TagTier], d.Name)
	}
}

// Pain 6 and control 41: the internet appears where a sentence names it and nowhere else.
func TestTheInternetNeedsItsOwnSentence(t *testing.T) {
	for _, rule := range ends(record(t, picture()), egressType) {
		assert.NotContains(t, rule, "0.0.0.0/0")
	}
	all := record(t, append(picture(), firewall.ToInternet(firewall.App)))
	assert.Contains(t, ends(all, egressType), "fw-app-id tcp 443-443 0.0.0.0/0")
}

// A way out is a rule that says why, and its group declares it to whoever judges the stack.
func TestWaysOutAreDeclared(t *testing.T) {
	all := record(t, append(picture(),
		firewall.Out(firewall.App, firewall.Range("198.51.100.0/24"), "tcp", 587, "mail by the provider"),
		firewall.Out(firewall.App, firewall.Internet, "udp", 123, "time of day"),
		firewall.Out(firewall.Web, firewall.PrefixList("pl-0123456789abcdef0"), "", 8443, "service of a partner"),
	))
	assert.Subset(t, ends(all, egressType), []string{
		"fw-app-id tcp 587-587 198.51.100.0/24", "fw-app-id udp 123-123 0.0.0.0/0", "fw-web-id tcp 8443-8443 pl-0123456789abcdef0",
	})
	rule := infratest.Named(t, all, egressType, "fw-app-to-198.51.100.0-24-587").Plain()
	assert.Equal(t, "app to 198.51.100.0/24, tcp 587: mail by the provider", rule["description"])
	infratest.Named(t, all, egressType, "fw-app-to-internet-123-udp")
	tag := func(name string) any {
		return infratest.Named(t, all, groupType, name).Plain()["tags"].(map[string]any)[firewall.TagEgress]
	}
	assert.Equal(t, "587/tcp=198.51.100.0/24 123/udp=internet", tag("fw-app"))
	assert.Equal(t, "8443/tcp=pl-0123456789abcdef0", tag("fw-web"))
	assert.Nil(t, tag("fw-edge"))
}

// A program adds parties of its own: a cache, workers, a second service behind the edge.
func TestPartiesMayBeAdded(t *testing.T) {
	shop := firewall.Party{Name: "shop", Kind: firewall.Servers, Tier: infra.TierApp, Description: "A second service"}
	all := record(t, append(picture(), firewall.Allow(firewall.Web, cache, 6379), firewall.Allow(workers, cache, 6379),
		firewall.Allow(workers, firewall.Database, 5433), firewall.Allow(workers, firewall.Internal, 443), firewall.Allow(firewall.Edge,
			shop, 7443),
		firewall.Allow(shop, firewall.S3, 443)))
	assert.Subset(t, ends(all, ingressType), []string{
		"fw-cache-id tcp 6379-6379 fw-web-id", "fw-cache-id tcp 6379-6379 fw-workers-id", "fw-database-id tcp 5433-5433 fw-workers-id",
		"fw-internal-id tcp 443-443 fw-workers-id", "fw-shop-id tcp 7443-7443 fw-edge-id",
	})
	group := infratest.Named(t, all, groupType, "fw-cache").Plain()
	assert.Equal(t, "Cache", group["description"])
	assert.Equal(t, "data", group["tags"].(map[string]any)[infra.TagTier])
}

func TestGroupsAndSentencesAreExported(t *testing.T) {
	shuffled := picture()
	slices.Reverse(shuffled)
	infratest.Record(t, outputs, program("fw", shuffled, func(fw *firewall.Firewall) {
		var said []string
		for _, s := range fw.Sentences {
			said = append(said, s.String())
		}
		assert.Equal(t, []string{
			"internet -> edge :443", "edge -> web :8443",
			"web -> internal :443", "web -> endpoints :443", "web -> s3 :443",
			"internal -> app :9443",
			"app -> database :5433", "app -> endpoints :443", "app -> s3 :443",
		}, said)
		assert.Nil(t, fw.Group(firewall.Internet))
		assert.Nil(t, fw.Group(firewall.S3))
		assert.Equal(t, firewall.Web, fw.Group(firewall.Web).Party)
		assert.Len(t, fw.Group(firewall.Web).Rules, 4)
	}))
	infratest.Record(t, outputs, program("fw", picture()[:2], func(fw *firewall.Firewall) {
		assert.Nil(t, fw.Group(firewall.Database), "no sentence names it")
	}))
}

func TestRefusedWiring(t *testing.T) {
	_, err := infratest.TryRecord(outputs, func(ctx *pulumi.Context) error {
		_, err := firewall.New(ctx, "fw", infratest.Platform("prod"), nil, firewall.Args{Sentences: picture()})
		return err
	})
	assert.ErrorContains(t, err, "Network: is missing from the component's wiring")
	_, err = infratest.TryRecord(outputs, program("sg-prod", picture(), nil))
	assert.ErrorContains(t, err, "AWS reserves names of groups that begin with sg-")
}
