package world

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAResourceHasFiftyTagsAtMost(t *testing.T) {
	f := newFixture(t)
	tags := func(n int) in {
		out := in{}
		for i := range n {
			out[fmt.Sprint(i)] = "x"
		}
		return out
	}
	assert.NoError(t, f.create(typeVPC, "v", in{"cidrBlock": "10.0.0.0/16", "tagsAll": tags(50)}))
	assert.ErrorContains(t, f.create(typeVPC, "x", in{"cidrBlock": "10.0.0.0/16", "tagsAll": tags(51)}), "TagLimitExceeded")
	assert.ErrorContains(t, f.update("v", in{"tagsAll": tags(51)}), "TagLimitExceeded")
	assert.ErrorContains(t, f.create(typeLogGroup, "x", in{"name": "x", "tagsAll": tags(51)}), "TooManyTagsException")
}
