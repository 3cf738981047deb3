package world

import (
	"sort"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// TestEveryTypeAndFunctionIsServed: the world can hold and answer everything that the brain accepts.
func TestEveryTypeAndFunctionIsServed(t *testing.T) {
	for _, p := range []*facts.Package{facts.AWS(), facts.Cloudflare()} {
		for token := range p.Resources {
			assert.Contains(t, kinds, token)
		}
		for token := range p.Functions {
			assert.Contains(t, functions, token)
		}
	}
	for token := range kinds {
		assert.True(t, facts.AWS().Resources[token] != nil || facts.Cloudflare().Resources[token] != nil, "%s is no type of the facts",
			token)
	}
}

// TestOutputsAreOfTheirKinds: the SDKs decode outputs strictly, so each has its property's kind, none that only the
// cloud computes is missing, and none is there that neither program nor cloud sets.
func TestOutputsAreOfTheirKinds(t *testing.T) {
	f := newFixture(t).platform().rest()
	seen := map[string]bool{}
	defer func() {
		for token := range kinds {
			assert.True(t, seen[token], "no %s was made", token)
		}
	}()
	for _, o := range f.w.Objects() {
		seen[o.Type] = true
		r := facts.AWS().Resources[o.Type]
		if r == nil {
			r = facts.Cloudflare().Resources[o.Type]
		}
		for name, p := range r.Properties {
			v, set := o.Outputs[name]
			if p.OutputOnly() && p.Note == "" && name != "tagsAll" && name != "id" && !leftOut[o.Type+"."+name] {
				assert.True(t, set, "%s.%s is computed and missing", o.Type, name)
			}
			if set {
				assert.True(t, isKind(p, v), "%s.%s: %v is no %s", o.Type, name, v, p.Kind)
			}
		}
		if o.Implicit {
			continue
		}
		var extra []string
		for name := range o.Outputs {
			if p := r.Properties[name]; p == nil || (!p.Computed && o.Inputs[name] == nil) {
				extra = append(extra, name)
			}
		}
		sort.Strings(extra)
		assert.Empty(t, extra, "%s has outputs that nobody set", o.Type)
	}
}

// leftOut are computed outputs that the cloud leaves out where they do not apply.
var leftOut = map[string]bool{
	typeBucket + ".websiteDomain": true, typeBucket + ".websiteEndpoint": true, typeEIP + ".privateDns": true,
	typeEndpoint + ".prefixListId": true,
}

func isKind(p *facts.Property, v any) bool {
	switch p.Kind {
	case facts.String:
		_, ok := v.(string)
		return ok
	case facts.Bool:
		_, ok := v.(bool)
		return ok
	case facts.Int, facts.Number:
		_, ok := v.(float64)
		return ok
	case facts.List, facts.Set:
		list, ok := v.([]any)
		for _, e := range list {
			ok = ok && isKind(p.Element(), e)
		}
		return ok
	case facts.Map, facts.Object:
		m, ok := v.(value.Map)
		for name, e := range m {
			if nested := p.Properties[name]; nested != nil {
				ok = ok && isKind(nested, e)
			} else if p.Kind == facts.Object && p.Properties != nil {
				ok = false
			}
		}
		return ok
	}
	return true
}

func TestIDsAndNamesHaveTheirForms(t *testing.T) {
	f := newFixture(t).platform()
	for name, pattern := range map[string]string{
		"vpc": `^vpc-0[0-9a-f]{16}$`, "a": `^subnet-0[0-9a-f]{16}$`, "rule": `^sgr-0[0-9a-f]{16}$`, "zone": `^Z[0-9A-Z]{19}$`,
		"cfzone": `^[0-9a-f]{32}$`,
		"lb":     `^arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/site/[0-9a-f]{16}$`,
		"target": `^arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/web/[0-9a-f]{16}$`,
		"cert":   `^arn:aws:acm:eu-central-1:111122223333:certificate/[0-9a-f-]{36}$`,
		"key":    `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$`,
		"topic":  `^arn:aws:sns:eu-central-1:111122223333:pages$`, "db": `^db-[0-9A-Z]{26}$`, "default": `^r-rtb-0[0-9a-f]{16}\d+$`,
	} {
		assert.Regexp(t, pattern, f.id(name), name)
	}
	assert.Regexp(t, `^198\.1[89]\.\d+\.\d+$`, f.made["nat"].Text("publicIp"))
	assert.Equal(t, f.made["eip"].Text("publicIp"), f.made["nat"].Text("publicIp"))
	assert.Equal(t, "db.c"+f.w.call(Request{}).hexFor("rds eu-central-1", 11)+".eu-central-1.rds.amazonaws.com:5432",
		f.made["db"].Text("endpoint"))
	assert.Equal(t, "17.6", f.made["db"].Text("engineVersionActual"))
}

func TestWildcardAndApexShareOneRecord(t *testing.T) {
	f := newFixture(t).platform()
	options := f.made["cert"].Objects("domainValidationOptions")
	require.Len(t, options, 2)
	assert.Equal(t, options[0]["resourceRecordName"], options[1]["resourceRecordName"])
	assert.Equal(t, options[0]["resourceRecordValue"], options[1]["resourceRecordValue"])
	assert.Equal(t, "ISSUED", f.w.Get(typeCertificate, f.id("cert")).Text("status"))
}

func TestTheSameProgramGetsTheSameIDs(t *testing.T) {
	one, two := newFixture(t).platform(), newFixture(t).platform()
	for name, o := range one.made {
		if o.Type != typeRoleAttachment && o.Type != typeValidation {
			assert.Equal(t, o.ID, two.made[name].ID, name)
		}
	}
	id := one.id("rule")
	require.NoError(t, one.remove("rule"))
	one.must(typeIngressRule, "rule", one.made["rule"].Inputs)
	assert.NotEqual(t, id, one.id("rule"), "what is made again has an id of its own")
}

func TestALaunchTemplateCountsItsVersions(t *testing.T) {
	f := newFixture(t).platform()
	require.NoError(t, f.update("template", in{"imageId": "ami-2"}))
	require.NoError(t, f.update("template", in{"tags": in{"a": "b"}}))
	template := f.w.Get(typeLaunchTemplate, f.id("template"))
	assert.EqualValues(t, 2, template.Number("latestVersion"), "the template's own tags make no version")
	assert.EqualValues(t, 1, template.Number("defaultVersion"))
}

func TestAddressesOfASubnetAreHandedOutOnce(t *testing.T) {
	f := newFixture(t).platform()
	used := f.w.call(Request{}).held(f.id("a"))
	assert.Equal(t, map[string]bool{"10.0.0.4": true, "10.0.0.5": true, "10.0.0.6": true}, used,
		"NAT gateway, balancer and database, after the four that AWS keeps")
}
