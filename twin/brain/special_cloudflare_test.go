package brain

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// TestCloudflareComparesAsItsProviderDoes: seen by driving the provider's code, where it is not as its schema says.
func TestCloudflareComparesAsItsProviderDoes(t *testing.T) {
	b := NewBuiltin(facts.Cloudflare())
	soon, late := time.Now().AddDate(0, 0, 20).Format(time.RFC3339), time.Now().AddDate(0, 0, 40).Format(time.RFC3339)
	for of, cases := range map[string][]struct {
		says     string
		old, new in
		want     []string
	}{
		"record:Record": {
			{"a text in another case", in{"type": "TXT", "content": "Token=ABC"}, in{"content": "token=abc"}, []string{"content"}},
			{"an alias in another case", in{"type": "CNAME", "content": "A.test"}, in{"content": "a.test"}, []string{"content"}},
			{"an alias with a final dot", in{"type": "CNAME", "content": "a.test"}, in{"content": "a.test."}, nil},
			{"the root", in{"type": "CNAME", "content": "."}, in{"content": "a."}, []string{"content"}},
			{"a name in another case", in{"type": "TXT", "content": "x"}, in{"name": "WWW"}, nil},
			{"a name with a final dot", in{"type": "TXT", "content": "x"}, in{"name": "www."}, []string{"name replaces"}},
			{"an address in another notation", in{"type": "AAAA", "content": "2001:db8::1"}, in{"content": "2001:0db8:0::1"}, nil},
			{"another address", in{"type": "AAAA", "content": "2001:db8::1"}, in{"content": "2001:db8::2"}, []string{"content"}},
			{"a value in another notation", in{"type": "AAAA", "value": "2001:db8::1"}, in{"value": "2001:0db8:0::1"}, []string{"value"}},
			{"a rank of what has none", in{"type": "TXT", "content": "x"}, in{"priority": 7.0}, nil},
			{"a rank", in{"type": "MX", "content": "a.test", "priority": 7.0}, in{"priority": 8.0}, []string{"priority"}},
			{"the new name of a value", in{"type": "TXT", "value": "x"}, in{"value": nil, "content": "x"}, []string{"content"}},
		},
		"ruleset:Ruleset": {
			{"another name", in{"phase": "p", "kind": "zone"}, in{"name": "other"}, []string{"name replaces"}},
			{"another phase", in{"phase": "p", "kind": "zone"}, in{"phase": "q"}, []string{"phase replaces"}},
		},
		"zone:Zone": {
			{"in Unicode", in{"zone": "xn--bcher-kva.example"}, in{"zone": "bücher.example"}, nil},
			{"in capitals", in{"zone": "example.org"}, in{"zone": "Example.org"}, []string{"zone replaces"}},
			{"with a final dot", in{"zone": "example.org"}, in{"zone": "example.org."}, []string{"zone replaces"}},
			{"of another account", in{"zone": "example.org", "accountId": "a"}, in{"accountId": "b"}, []string{"accountId"}},
		},
		"originCaCertificate:OriginCaCertificate": {
			{"that ends soon", in{"minDaysForRenewal": 30.0, "expiresOn": soon}, in{}, []string{"expiresOn replaces"}},
			{"that ends late", in{"minDaysForRenewal": 30.0, "expiresOn": late}, in{}, nil},
		},
	} {
		for _, c := range cases {
			base := in{"name": "www", "zoneId": "z"}
			maps.Copy(base, c.old)
			news := value.CopyMap(base)
			maps.Copy(news, c.new)
			delete(news, "expiresOn")
			for name, v := range news {
				if v == nil {
					delete(news, name)
				}
			}
			r, err := b.Diff(t.Context(), DiffRequest{Type: "cloudflare:index/" + of, Old: base, OldInputs: base, New: news})
			require.NoError(t, err)
			var got []string
			for _, change := range r.Changes {
				if change.Replace {
					got = append(got, change.Path+" replaces")
				} else {
					got = append(got, change.Path)
				}
			}
			assert.Equal(t, c.want, got, fmt.Sprintf("%s: %s", of, c.says))
		}
	}
	plan, err := b.Plan(t.Context(), PlanRequest{Type: "cloudflare:index/zone:Zone",
		Old: in{"zone": "a.test", "type": "full", "verificationKey": "x"}, New: in{"zone": "a.test", "type": "partial"}})
	require.NoError(t, err)
	assert.Equal(t, value.Unknown{}, plan["verificationKey"])
}
