package twin

import (
	"slices"

	"github.com/causeway-iac/causeway/twin/world"
)

// Quota is how much of something the account may have, and what it has.
type Quota = world.Quota

// Quotas lists what the account may have, and what it has, by service.
func (t *Twin) Quotas() []Quota { return t.world.Quotas() }

// Delegation is a public zone, and whether resolvers come to it.
type Delegation = world.Delegation

// Delegations lists the public zones of both clouds.
func (t *Twin) Delegations() []Delegation { return t.world.Delegations() }

// Delegate has resolvers come to a zone, by its domain or id, or no longer, as someone at the registrar would. It
// returns how its zones stand then, and fails when there is no such zone, or more than one.
func (t *Twin) Delegate(zone string, on bool) ([]Delegation, error) {
	changed, err := t.world.Delegate(zone, on)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(t.Delegations(), func(d Delegation) bool { return !slices.Contains(changed, d.Zone) }), nil
}
