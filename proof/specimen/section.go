package specimen

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Section compares the part of a page between <!-- name --> and <!-- /name --> with what a test made from the code. With
// update it writes that part.
func Section(t testing.TB, path, name, made string, update bool) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
	before, rest, found := strings.Cut(string(data), begin)
	require.True(t, found, "%s has no marker %s", path, begin)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found, "%s has no marker %s", path, end)
	text := before + begin + made + end + after
	if update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return
	}
	require.Equal(t, string(data), text, "the table %s of %s is stale: run this test with -update", name, path)
}

// Row is one row of a Markdown table; what is longer than anybody reads is cut.
func Row(cells ...any) string {
	var b strings.Builder
	for _, cell := range cells {
		text := fmt.Sprint(cell)
		for _, escape := range []string{`\`, "|", "*", "_", "<", "`", "[", "]"} {
			text = strings.ReplaceAll(text, escape, `\`+escape)
		}
		b.WriteString("| " + strings.Join(strings.Fields(text), " ") + " ")
	}
	return b.String() + "|\n"
}

// Short is the first 60 characters of a mutant's name.
func Short(name string) string {
	if runes := []rune(name); len(runes) > 60 {
		return string(runes[:57]) + "..."
	}
	return name
}
