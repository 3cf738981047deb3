package brain

import (
	"crypto/sha256"

	"lukechampine.com/frand"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

const randomDigits = 7

// autoname returns the name of a resource that the program did not name: the one it has, or the
// engine's proposal, or its logical name, a dash and seven hexadecimal digits.
func (c *checker) autoname(r *facts.Resource, q CheckRequest, in value.Map) (any, bool) {
	if r.Autoname == nil || in[r.Autoname.Property] != nil {
		return nil, false
	}
	if c.conflicts(r.Properties[r.Autoname.Property], in, in) {
		return nil, false
	}
	if old := q.Old[r.Autoname.Property]; old != nil {
		return old, true // even one that the program gave and no longer gives
	}
	switch q.Naming.Mode {
	case NamingDisable:
		if !r.Properties[r.Autoname.Property].Required {
			c.fail(r.Autoname.Property, "automatic naming is turned off (pulumi:autonaming): set %q", r.Autoname.Property)
		}
		return nil, false
	case NamingEnforce:
		return q.Naming.Proposed, true
	case NamingPropose:
		return c.fit(r, q.Naming.Proposed), true
	}
	if q.Name == "" {
		return nil, false
	}
	return c.fit(r, q.Name+"-"+randomHex(q.Seed, randomDigits)), true
}

func (c *checker) fit(r *facts.Resource, name string) string {
	if limit := r.Autoname.MaxLength; limit > 0 && len(name) > limit {
		c.fail(r.Autoname.Property, "the automatic name %q has %d characters and %s allows %d: give the resource a shorter logical name or set %q",
			name, len(name), r.Token, limit, r.Autoname.Property)
	}
	return name
}

// randomHex draws digits from the engine's seed exactly as the Pulumi SDK's NewUniqueName does, so
// that a name is the one that the real provider would give.
func randomHex(seed []byte, digits int) string {
	random := frand.New()
	if len(seed) > 0 {
		hash := sha256.Sum256(seed)
		random = frand.NewCustom(hash[:], 1024, 12)
	}
	name := make([]byte, digits)
	for i := range name {
		name[i] = "0123456789abcdef"[random.Intn(16)]
	}
	return string(name)
}
