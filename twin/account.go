package twin

import (
	"slices"

	"github.com/causeway-iac/causeway/twin/world"
)

// Quota is an account's limit on something, and how much of it is used.
type Quota = world.Quota

// Quotas lists the account's limits and what it uses of each, by service.
func (t *Twin) Quotas() []Quota { return t.world.Quotas() }

// Delegation is a public zone, and whether it is delegated.
type Delegation = world.Delegation

// Delegations lists the public zones of both clouds.
func (t *Twin) Delegations() []Delegation { return t.world.Delegations() }

// Delegate delegates a zone, named by its domain or id, or ends its delegation, as somebody at the registrar would. It
// returns how the zones stand then, and fails if there is no such zone, or more than one.
func (t *Twin) Delegate(zone string, on bool) ([]Delegation, error) {
	changed, err := t.world.Delegate(zone, on)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(t.Delegations(), func(d Delegation) bool { return !slices.Contains(changed, d.Zone) }), nil
}
