package controls

import (
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/report"
)

// trustsOne judges all statements of a trust together: two that are each fine admit two.
func trustsOne(v *view, r *graph.Resource) outcome {
	d, o := document(r, "assumeRolePolicy")
	if o.verdict != report.Holds {
		return o
	}
	kinds, services := map[string]bool{}, map[string]bool{}
	for i, s := range d.Statements {
		if !s.Allow {
			continue
		}
		if found := v.takenBy(s, r); found != "" {
			return broken("%s", found).because(statementNamed(i, s), inAccount(v, r))
		}
		for kind, ids := range s.Principals {
			kinds[kind] = true
			for _, id := range ids {
				if kind == "Service" {
					services[id] = true
				}
			}
		}
	}
	if len(services) > 1 || len(services) > 0 && len(kinds) > 1 {
		return broken("several can take it: %s", strings.Join(slices.Concat(slices.Sorted(maps.Keys(services)),
			slices.Sorted(maps.Keys(kinds))), ", "))
	}
	return holds()
}

// takenBy names whom a statement wrongly lets assume the role, "" if it names its principals properly.
func (v *view) takenBy(s iam.Statement, role *graph.Resource) string {
	if len(s.NotPrincipals) > 0 || len(v.iam.Everybody(s, role)) > 0 {
		return "anybody can take it"
	}
	strangers := v.iam.Strangers(s, role)
	for _, id := range s.Principals["AWS"] {
		stranger := slices.Contains(strangers, id)
		switch byThem := stranger && iam.Demands(s, "sts:externalid"); {
		case byThem || iam.NamesCallers(s) && !stranger:
		case iam.IsAccount(id) || strings.ContainsAny(id, "*?"):
			return "everybody of the account " + id + " can take it"
		case stranger:
			return id + ", which is not of its account, can take it"
		}
	}
	if len(s.Principals["*"]) > 0 && !iam.NamesCallers(s) {
		return "everybody of its account can take it"
	}
	for _, id := range s.Principals["Federated"] {
		if !iam.FederatedHeld(s) {
			return "everybody whom " + id + " knows can take it"
		}
	}
	return ""
}

// sourceless are the services that act only for the account that the role is in, and send no aws:SourceAccount.
var sourceless = []string{"ec2.amazonaws.com", "autoscaling.amazonaws.com", "backup.amazonaws.com", "edgelambda.amazonaws.com",
	"eks.amazonaws.com"}

func forThisAccount(v *view, r *graph.Resource) outcome {
	d, o := document(r, "assumeRolePolicy")
	if o.verdict != report.Holds {
		return o
	}
	for i, s := range d.Statements {
		for _, service := range v.iam.Unbound(s, r) {
			if !slices.Contains(sourceless, service) {
				return broken("%s can take it for anybody's resources", service).because(statementNamed(i, s), inAccount(v, r))
			}
		}
	}
	return holds()
}

func githubTrust(_ *view, r *graph.Resource) outcome {
	d, o := document(r, "assumeRolePolicy")
	if o.verdict != report.Holds {
		return o
	}
	applies := outcome{}
	for _, s := range d.Statements {
		if !s.Allow || !slices.ContainsFunc(s.Principals["Federated"], func(p string) bool { return strings.Contains(p, github) }) {
			continue
		}
		applies = holds()
		audience, subject := exact(s, github+":aud"), exact(s, github+":sub")
		switch {
		case !slices.Equal(audience, []string{"sts.amazonaws.com"}):
			return broken("it does not demand the audience sts.amazonaws.com")
		case len(subject) == 0:
			return broken("it does not demand a subject")
		case slices.ContainsFunc(subject,
			func(s string) bool { return strings.ContainsAny(s, "*?") || strings.HasSuffix(s, ":pull_request") }):
			return broken("its subject is not one branch, tag or environment: %s", strings.Join(subject, ", "))
		}
	}
	return applies
}

// exact are the values that a condition demands of the key.
func exact(s iam.Statement, key string) []string {
	var all []string
	for operator, tests := range s.Conditions {
		if !slices.Contains([]string{"stringequals", "stringlike"}, strings.ToLower(operator)) {
			continue
		}
		for name, values := range tests {
			if strings.EqualFold(name, key) {
				all = append(all, values...)
			}
		}
	}
	return all
}
