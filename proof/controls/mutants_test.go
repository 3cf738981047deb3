package controls

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/specimen"
	"github.com/stretchr/testify/assert"
)

// mutant is a small change to a stack that passes, which one control must catch.
type mutant struct {
	base, name string
	change     func(*edit)
	want       report.Verdict
}

func (m mutant) on(base string) mutant { m.base = base; return m }

func (m mutant) undecided() mutant { m.want = report.Undecided; return m }

func by(name string, change func(*edit)) mutant {
	return mutant{base: "prod", name: name, change: change, want: report.Broken}
}

func set(kind, name, path string, value any) mutant {
	return by(fmt.Sprintf("%s = %v", path, value), func(s *edit) { s.set(kind, name, path, value) })
}

func unset(kind, name, path string) mutant {
	return by("no "+path, func(s *edit) { s.set(kind, name, path, nil) })
}

func gone(kind, name string) mutant {
	return by("no "+kind, func(s *edit) { s.remove(kind, name) })
}

func adds(kind string, inputs in) mutant {
	return by("a "+kind, func(s *edit) { s.add(kind, "mutant", inputs) })
}

// ingressTo adds a rule to a group of prod.
func ingressTo(group string, rule in) mutant {
	return by(fmt.Sprintf("%s: %v", group, rule), func(s *edit) {
		rule := cloned(rule).(in)
		rule["securityGroupId"] = s.the(groupType, group)
		s.add(ingressType, "mutant", rule)
	})
}

// declaring has the group of web declare ways out, and have another than they say.
func declaring(ways string, rule in) mutant {
	return by(fmt.Sprintf("declared %s: %v", ways, rule), func(s *edit) {
		g := s.the(groupType, "prod-web")
		tags := cloned(g.Inputs["tags"]).(map[string]any)
		tags["causeway:egress"] = ways
		s.set(groupType, "prod-web", "tags", tags)
		egressFrom("prod-web", rule).change(s)
	})
}

func egressFrom(group string, rule in) mutant {
	return by(fmt.Sprintf("%s: %v", group, rule), func(s *edit) {
		rule := cloned(rule).(in)
		rule["securityGroupId"] = s.the(groupType, group)
		s.add(egressType, "mutant", rule)
	})
}

func port(p int) in {
	return in{"ipProtocol": "tcp", "fromPort": p, "toPort": p, "cidrIpv4": "0.0.0.0/0", "description": "mutant"}
}

var everything = in{"ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0", "description": "mutant"}

// halves is the internet in two halves, of which each is narrower than all of it.
func halves(group string, p int) mutant {
	return by("both halves of the internet", func(s *edit) {
		for i, half := range []string{"0.0.0.0/1", "128.0.0.0/1"} {
			s.add(ingressType, fmt.Sprint("mutant", i), in{"securityGroupId": s.the(groupType, group), "ipProtocol": "tcp", "fromPort": p,
				"toPort": p, "cidrIpv4": half})
		}
	})
}

// aclRule adds a rule to the public ACL of prod.
func aclRule(rule in) mutant {
	return by(fmt.Sprint(rule), func(s *edit) {
		rule := cloned(rule).(in)
		rule["networkAclId"], rule["ruleAction"], rule["ruleNumber"] = s.the(aclType, "prod-network-public"), "allow", 1
		s.add(aclRuleType, "mutant", rule)
	})
}

// grant gives the app servers' role one more statement.
func grant(statement string) mutant {
	return by(statement, func(s *edit) {
		s.add(rolePolicyType, "mutant", in{"role": s.the(roleType, "prod-app"), "policy": `{"Version": "2012-10-17", "Statement": [` +
			statement + `]}`})
	})
}

func allow(actions, resources string) mutant {
	quoted := func(all string) string { return `"` + strings.ReplaceAll(all, " ", `", "`) + `"` }
	return grant(`{"Effect": "Allow", "Action": [` + quoted(actions) + `], "Resource": [` + quoted(resources) + `]}`)
}

// unbounded takes the app servers' boundary away, and gives them the actions in a policy each.
func unbounded(actions ...string) mutant {
	return by(fmt.Sprint(actions), func(s *edit) {
		s.set(roleType, "prod-app", "permissionsBoundary", nil)
		for _, action := range actions {
			s.add(rolePolicyType, action,
				in{"role": s.the(roleType, "prod-app"), "policy": `{"Statement": {"Effect": "Allow", "Action": "` + action +
					`", "Resource": "*"}}`})
		}
	})
}

// trusting makes the app servers' role one that these can take.
func trusting(statement string) mutant {
	return set(roleType, "prod-app", "assumeRolePolicy", `{"Statement": [`+statement+`]}`)
}

// policyOf replaces a policy by one statement.
func policyOf(kind, name, statement string) mutant {
	return set(kind, name, "policy", `{"Statement": [`+statement+`]}`)
}

// userData writes what the web servers read when they boot.
func userData(text string) mutant {
	return set(templateType, "prod-web", "userData", base64.StdEncoding.EncodeToString([]byte(text)))
}

// parameter sets one parameter of the database, or takes it away.
func parameter(name string, value any) mutant {
	return by(fmt.Sprint(name, " = ", value), func(s *edit) {
		r := s.the(parametersType, "prod-database-postgres17")
		var kept []any
		for _, p := range r.Inputs["parameters"].([]any) {
			if p.(in)["name"] != name {
				kept = append(kept, p)
			}
		}
		if value != nil {
			kept = append(kept, in{"name": name, "value": value})
		}
		s.set(parametersType, r.Name, "parameters", kept)
	})
}

func zoneSetting(name string, value any) mutant {
	return set(cfSettingsType, "proxied-zone-settings", "settings."+name, value).on("proxied")
}

const (
	endpoint  = "prod-endpoints-ssm"
	edge      = "prod-edge"
	https     = "prod-edge-https"
	db        = "prod-database"
	anonymous = `{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}`
)

// publicRoute leads a route table of prod to the internet gateway.
func publicRoute(table string) mutant {
	return by("a route of "+table+" to the internet gateway", func(s *edit) {
		s.add(routeType, "mutant", in{"routeTableId": s.the(routeTableType, table), "destinationCidrBlock": "0.0.0.0/0",
			"gatewayId": s.the(internetType, "")})
	})
}

// natRoute is the name of the route by which a table leads to a NAT gateway.
func natRoute(s *edit, table string) string {
	id := s.the(routeTableType, table).ID
	for _, r := range s.resources {
		if r.Type == routeType && r.Inputs["routeTableId"] == id &&
			(r.Inputs["natGatewayId"] != nil || r.Inputs["networkInterfaceId"] != nil || strings.Contains(r.Name, "internet")) {
			return r.Name
		}
	}
	s.t.Fatalf("%s has no way out", table)
	return ""
}

func githubTrusting(conditions string) string {
	return `{"Statement": [{"Effect": "Allow", "Principal": {"Federated":
		"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"},
		"Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {` + conditions + `}}}]}`
}

// Each control holds on the stack, and each of its mutants breaks it: no control is without
// one, and none passes for want of something to look at.
func TestEveryControlCatchesItsMutants(t *testing.T) {
	count, views := 0, map[string]*view{}
	for _, c := range All {
		all := slices.Concat(mutants[c.Number], attacks[c.Number])
		if !assert.NotEmpty(t, all, "%s has no mutant: %s", c.ID(), c.Title) {
			continue
		}
		for _, m := range all {
			count++
			if views[m.base] == nil {
				views[m.base] = newView(begin(t, m.base).graph())
			}
			before := c.findings(views[m.base])
			if assert.NotEmpty(t, before) {
				assert.Equal(t, report.Holds, before[0].Verdict, "%s on %s before %q: %s", c.ID(), m.base, m.name, before[0].Found)
			}
			s := begin(t, m.base)
			m.change(s)
			caught, g := false, s.graph()
			for _, f := range c.findings(newView(specimen.Foretold(t, g))) {
				later := f.Verdict == report.NotApplicable && strings.HasPrefix(f.Found, "decided after")
				assert.True(t, later || f.Verdict.Fails(), "%s holds on %s before the deployment of %q", c.ID(), m.base, m.name)
			}
			for _, f := range c.findings(newView(g)) {
				caught = caught || f.Verdict == m.want
				assert.True(t, f.Verdict != report.Broken && f.Verdict != report.Undecided || f.Found != "" && f.Remedy != "", c.ID())
			}
			assert.True(t, caught, "%s does not catch %q on %s", c.ID(), m.name, m.base)
		}
	}
	t.Logf("%d controls, %d mutants", len(All), count)
	for number := range attacks {
		assert.NotEmpty(t, mutants[number], "an attack on no control: %d", number)
	}
	for number := range mutants {
		assert.LessOrEqual(t, number, 242)
	}
}
