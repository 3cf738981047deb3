package entry

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestProblem(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n) }
	for _, c := range []struct {
		draft Draft
		want  string
	}{
		{Draft{"Ada", "Hello"}, ""},
		{Draft{"  Ada ", " one\r\ntwo\n"}, ""},
		{Draft{long(60), long(500)}, ""},
		{Draft{" ", "Hello"}, "give a name"},
		{Draft{"Ada", "\r\n"}, "write a message"},
		{Draft{long(61), "Hello"}, "longer than 60"},
		{Draft{"Ada", long(501)}, "longer than 500"},
		{Draft{"Ada\n", "Hello"}, ""},
		{Draft{"A\nda", "Hello"}, "cannot be shown"},
		{Draft{"Ada", "nul \x00"}, "cannot be shown"},
		{Draft{"Ada", "not UTF-8 \xff"}, "cannot be shown"},
	} {
		got := c.draft.Clean().Problem()
		if c.want == "" {
			assert.Empty(t, got, "%q", c.draft)
		} else {
			assert.Contains(t, got, c.want, "%q", c.draft)
		}
	}
}

func TestCleanKeepsTheLinesOfAMessage(t *testing.T) {
	assert.Equal(t, Draft{"Ada", "one\ntwo"}, Draft{" Ada ", "one\r\ntwo\r\n"}.Clean())
}
