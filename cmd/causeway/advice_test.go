package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAdviceCanBeTyped(t *testing.T) {
	for called, want := range map[string]string{
		"../causeway/bin/causeway": "it lives until `../causeway/bin/causeway down`\n  ../causeway/bin/causeway up  deploy causeway itself",
		"causeway":                 "it lives until `causeway down`\n  causeway up  deploy causeway itself",
		"/a b/causeway":            "it lives until `causeway down`\n  bin/causeway up  deploy causeway itself",
	} {
		assert.Equal(t, want, string(asTyped([]byte("it lives until `causeway down`\n  bin/causeway up  deploy causeway itself"), called)))
	}
}
