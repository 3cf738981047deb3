package controls

import (
	"cmp"
	"slices"
	"strings"
)

// How much text around a word decides what the word is: the rest of its line before it, and some lines after it.
const (
	before = 256
	after  = 1024
)

// passages are the parts of a text around the words, merged where they overlap: matching an expression costs a hundred
// times as much as finding a word, and a text may be megabytes long. Words are looked for in searched, which has the
// text's length; worth says of a word's end whether it counts, nil for always.
func passages(text, searched string, worth func(text string, end int) bool, words ...string) []string {
	type span struct{ from, to int }
	var spans []span
	for _, word := range words {
		for at := 0; ; {
			i := strings.Index(searched[at:], word)
			if i < 0 {
				break
			}
			start, end := at+i, at+i+len(word)
			if at = end; worth != nil && !worth(searched, end) {
				continue
			}
			from := max(0, start-before)
			if line := strings.LastIndexByte(text[from:start], '\n'); line >= 0 {
				from += line + 1
			}
			spans = append(spans, span{from, min(len(text), end+after)})
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var merged []span
	for _, s := range spans {
		if n := len(merged); n > 0 && s.from <= merged[n-1].to {
			merged[n-1].to = max(merged[n-1].to, s.to)
		} else {
			merged = append(merged, s)
		}
	}
	parts := make([]string, len(merged))
	for i, s := range merged {
		parts[i] = text[s.from:s.to]
	}
	return parts
}

// lower is the text in lower case, byte for byte.
func lower(text string) string {
	raw := []byte(text)
	for i, c := range raw {
		if 'A' <= c && c <= 'Z' {
			raw[i] = c + 'a' - 'A'
		}
	}
	return string(raw)
}

// isAssigned says that a name which ends there is given a value: ["']?\s*[:=].
func isAssigned(text string, end int) bool {
	rest := text[end:min(len(text), end+64)]
	rest = strings.TrimLeft(strings.TrimLeft(rest, `"'`), " \t\r\n")
	return rest == "" || rest[0] == ':' || rest[0] == '='
}
