package prove

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

func TestRulesThatNobodyDeclaredAreNamed(t *testing.T) {
	for _, name := range []string{"local", "prod"} {
		s := deployed(t, name)
		assert.Empty(t, Behind(s.graph(), s.plan()), name)
	}
	s := deployed(t, "local")
	p := s.plan()
	var database, edge *plan.SecurityGroup
	for i := range p.Network.Groups {
		switch g := &p.Network.Groups[i]; {
		case strings.Contains(g.Name, "database"):
			database = g
		case len(g.Ingress) > 0 && g.Ingress[0].From == 443 && len(g.Ingress[0].Prefixes) > 0:
			edge = g
		}
	}
	require.NotNil(t, database)
	require.NotNil(t, edge)
	database.Ingress = []plan.Rule{{ID: "sgr-hand", Name: "sgr-hand", Protocol: "tcp", From: 1, To: 65535,
		Prefixes: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}}}
	edge.Ingress[0].Prefixes[0] = netip.MustParsePrefix("10.0.0.0/8")
	edge.Ingress[0].Name = "wide"
	assert.ElementsMatch(t, []string{
		"the rule local-app-to-database-5433 is in the stack's state, and nobody has it",
		"the rule sgr-hand of the security group " + database.Name +
			" lets tcp 1 to 65535 with 0.0.0.0/0 in, and the stack's state does not know it",
		"the rule wide of the security group " + edge.Name + " lets tcp 443 with 10.0.0.0/8 in, and the stack's state has it otherwise",
	}, Behind(s.graph(), p))
}
