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

// errNoUpdate says that something cannot become what a case describes: a change of it replaces.
var errNoUpdate = errors.New("no update leads there")

// makingOnly are the codes for what only a second thing can be refused for.
var makingOnly = map[string]bool{"RouteAlreadyExists": true, "InvalidLaunchTemplateName.AlreadyExistsException": true,
	"1061": true, "81053": true, "QueueName": true, "CNAMEAlreadyExists": true,
	"InvalidKMSArn": true, // a change of a signing key's key is one that the provider sees and does not send
}

// becomes updates a thing of a type to what a case would make, as far as an update can.
func (f *fixture) becomes(typ, name string, outputs in) error {
	if name == "" {
		for _, n := range slices.Sorted(maps.Keys(f.made)) {
			o := f.made[n]
			beside := typ == typeRecord && o.Inputs["name"] == outputs["name"] // what the case has made beside it
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
		case r.Autoname != nil && property == r.Autoname.Property && !p.Required, v == "other": // which tells the second thing apart
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

// TestRefusalsOfUpdates: what the world refuses to make it refuses as well as a change of something that is there.
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
