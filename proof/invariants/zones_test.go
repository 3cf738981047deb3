package invariants_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/invariants"
	"github.com/causeway-iac/causeway/proof/report"
)

// Every record of the platforms, in every zone that does not answer for its name.
func TestEveryRecordInAnotherZone(t *testing.T) {
	tried := 0
	for _, base := range []string{"prod", "proxied", "aurora"} {
		g := stored(t, base)
		zones := []any{"0123456789abcdef0123456789abcdef", "Z0123456789ABCDEFGHIJ", 7.0}
		for _, zone := range g.ByType("aws:route53/zone:Zone", "cloudflare:index/zone:Zone") {
			zones = append(zones, zone.ID)
		}
		assert.Empty(t, failed(g), base)
		for _, r := range g.ByType(graph.Records...) {
			if kind := r.String("type"); kind == "CAA" || kind == "TXT" || kind == "MX" {
				continue // which the controls miss in the zone
			}
			was := r.Inputs["zoneId"]
			for _, zone := range zones {
				if zone == was {
					continue
				}
				r.Inputs["zoneId"], r.Outputs["zoneId"] = zone, zone
				assert.NotEmpty(t, failed(g), "%s of %s in %v", r.Name, base, zone)
				tried++
			}
			r.Inputs["zoneId"], r.Outputs["zoneId"] = was, was
		}
	}
	t.Log(tried, "records in another zone")
}

func failed(g *graph.Graph) (all []string) {
	for _, f := range invariants.Check(g) {
		if f.Verdict.Fails() && !slices.Contains(all, f.ID) && f.Verdict != report.NotApplicable {
			all = append(all, f.ID)
		}
	}
	return all
}
