package brain

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"

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
		return old, true // even if the program once gave it and no longer does
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
		c.fail(r.Autoname.Property,
			"the automatic name %q has %d characters and %s allows %d: give the resource a shorter logical name or set %q",
			name, len(name), r.Token, limit, r.Autoname.Property)
	}
	return name
}

// randomHex draws digits from the engine's seed as the SDK in the published providers does, so that a name is the one
// that they would give. (Later SDKs draw differently.) Without a seed the digits are random.
func randomHex(seed []byte, digits int) string {
	key := sha256.Sum256(seed)
	if len(seed) == 0 {
		_, _ = rand.Read(key[:]) // which does not fail
	}
	stream := append(chacha12(key, 0), chacha12(key, 1)...)[32:] // its first bytes are the next key
	name := make([]byte, digits)
	for i := range name {
		name[i] = "0123456789abcdef"[stream[8*i]&15]
	}
	return string(name)
}

// chacha12 is one block of the ChaCha stream with twelve rounds and a nonce of zeros (RFC 8439, section 2.3, except for
// the rounds and a counter of 64 bits).
func chacha12(key [32]byte, counter uint64) []byte {
	state := [16]uint32{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}
	for i := range 8 {
		state[4+i] = binary.LittleEndian.Uint32(key[4*i:])
	}
	state[12], state[13] = uint32(counter), uint32(counter>>32)
	x := state
	quarter := func(a, b, c, d int) {
		for _, turn := range [][2]int{{16, 12}, {8, 7}} {
			x[a] += x[b]
			x[d] = bits.RotateLeft32(x[d]^x[a], turn[0])
			x[c] += x[d]
			x[b] = bits.RotateLeft32(x[b]^x[c], turn[1])
		}
	}
	for range 6 {
		for i := range 4 {
			quarter(i, 4+i, 8+i, 12+i)
		}
		for i := range 4 {
			quarter(i, 4+(i+1)%4, 8+(i+2)%4, 12+(i+3)%4)
		}
	}
	block := make([]byte, 0, 64)
	for i := range x {
		block = binary.LittleEndian.AppendUint32(block, x[i]+state[i])
	}
	return block
}
