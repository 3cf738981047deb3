package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestCleanLeavesOnlyWhatIsSeen(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[31mred\x1b[0m":                      "red",
		"\x1b]8;;http://evil\x07link\x1b]8;;\x07": "link",
		"a\r\nb\rc\td":                            "a\nb\nc\td",
		"user\u202Enimda\u2066":                   "usernimda",
		"zero\u200Bwidth":                         "zerowidth",
		"bell\x07 null\x00":                       "bell null",
		"bad \xff byte":                           "bad ? byte",
		"± umlaut ü →":                            "± umlaut ü →",
	} {
		assert.Equal(t, want, clean(in))
		assert.Equal(t, want, clean(clean(in)), "clean text is clean")
	}
}

func TestShortenDropsWholeLinesAndSaysHowMany(t *testing.T) {
	assert.Equal(t, "as it is", shorten("as it is", 8))
	long := strings.Repeat("übergroß\n", 1000)
	got := shorten(long, 500)
	assert.LessOrEqual(t, len(got), 500)
	assert.True(t, utf8.ValidString(got))
	kept := strings.Count(got, "übergroß\n")
	assert.Greater(t, kept, 30)
	assert.True(t, strings.HasSuffix(got, "\n… (lines left out: "+itoa(1000-kept)+")\n"), got)
	one := shorten(strings.Repeat("x", 1000), 100)
	assert.Equal(t, "… (lines left out: 1)\n", one, "a line that does not fit is dropped, not cut")
}

func TestFenceIsLongerThanAnyWithin(t *testing.T) {
	assert.Equal(t, "```text\nplain\n```\n", fence("plain\n\n"))
	assert.Equal(t, "`````text\na ```` b\n````\n`````\n", fence("a ```` b\n````"))
}

func TestInlineCannotEndItsCode(t *testing.T) {
	assert.Equal(t, "`dev: 3 to create`", inline("dev: 3 to create\n  + create x"))
	assert.Equal(t, "`'</details>' @everyone`", inline("`</details>` @everyone"))
	assert.Equal(t, "`error: no such zone`", inline("error:\n    no such zone\n"))
	assert.Equal(t, "it said nothing", inline("\n"))
	assert.Equal(t, 202, utf8.RuneCountInString(inline(strings.Repeat("ü", 300))))
}
