package controls

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
)

// How much of a text before and after a word decides what the word is: within its line before, and
// over some lines after.
const (
	before = 256
	after  = 1024
)

// passages are the parts of a text around the words, merged where they overlap: matching an
// expression costs a hundred times as much as finding a word, and a text may be of megabytes.
// Words are looked for in the text as it is searched, of the same length; worth says of the end of one
// whether it counts, nil for always.
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

// encodedRuns are the runs of so many characters of base64, with their padding.
func encodedRuns(text string, least, most int, counts func(from, to int) bool) []string {
	var all []string
	for from := 0; from < len(text); from++ {
		to := from
		for to < len(text) && base64Digit[text[to]] {
			to++
		}
		if n := to - from; n >= least && n <= most {
			padded := to
			for padded < len(text) && padded < to+2 && text[padded] == '=' {
				padded++
			}
			if counts(from, padded) {
				all = append(all, text[from:padded])
			}
		}
		from = max(from, to)
	}
	return all
}

var base64Digit = func() (digits [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		digits[c] = true
	}
	return digits
}()

// decodes is what the text stands for, if it is base64 as a whole.
func decodes(text string) ([]byte, bool) {
	for _, c := range []byte(text) {
		if !base64Digit[c] && c != '=' && c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\v' && c != '\f' {
			return nil, false
		}
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	return raw, err == nil && len(raw) > 0
}
