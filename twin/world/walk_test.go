package world

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// errNoUpdate says that no update leads to what a case describes: the change would replace the object.
var errNoUpdate = errors.New("no update leads there")

// makingOnly are the codes of refusals that only a second object can get.
var makingOnly = map[string]bool{"RouteAlreadyExists": true, "InvalidLaunchTemplateName.AlreadyExistsException": true,
	"1061": true, "81053": true, "QueueName": true, "CNAMEAlreadyExists": true,
	"InvalidKMSArn": true, // the provider sees a changed KMS key of a signing key, but does not send it
}

// becomes updates an existing object to what a case would make, as far as an update can.
func (f *fixture) becomes(typ, name string, outputs in) error {
	if name == "" {
		for _, n := range slices.Sorted(maps.Keys(f.made)) {
			o := f.made[n]
			beside := typ == typeRecord && o.Inputs["name"] == outputs["name"] // the case itself made it
			if o.Type == typ && !beside && o.Region == "eu-central-1" && (name == "" || len(o.Inputs) > len(f.made[name].Inputs)) {
				name = n
			}
		}
	}
	if name == "" {
		return errNoUpdate
	}
	r := facts.AWS().Resources[typ]
	if r == nil {
		r = facts.Cloudflare().Resources[typ]
	}
	f.made["x"] = f.made[name]
	wanted, changes := value.CopyMap(outputs), in{}
	for property := range f.made[name].Inputs {
		if _, said := wanted[property]; !said && !r.Properties[property].Computed {
			wanted[property] = nil
		}
	}
	for property, v := range wanted {
		if value.Canonical(f.made[name].Inputs[property]) == value.Canonical(v) {
			continue
		}
		switch p := r.Properties[property]; {
		case r.Autoname != nil && property == r.Autoname.Property && !p.Required, v == "other": // this distinguishes the second object
		case p.ForceNew:
			return errNoUpdate
		default:
			changes[property] = v
		}
	}
	if len(changes) == 0 {
		return errNoUpdate
	}
	return f.update(name, changes)
}

// TestRefusalsOfUpdates: what the world refuses to make, it also refuses to update an object to.
func TestRefusalsOfUpdates(t *testing.T) {
	walked := 0
	for _, service := range refusals {
		for _, c := range service {
			if makingOnly[c.code] {
				continue
			}
			f := newFixture(t).platform()
			f.walks = true
			err := c.do(f)
			if errors.Is(err, errNoUpdate) {
				continue
			}
			walked++
			var refusal *Fault
			assert.True(t, errors.As(err, &refusal), "%s: an update to it is taken", c.name)
		}
	}
	assert.Greater(t, walked, 150, "the cases are walked")
}
