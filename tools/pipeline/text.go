package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Limits in bytes. A comment or an issue has at most 65,536 characters (GitHub, REST API), a job's
// summary 1 MiB (GitHub, workflow commands).
const (
	bodyLimit    = 65_000
	outputLimit  = 20_000
	summaryLimit = 500_000
)

var escapes = regexp.MustCompile(`\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)`)

// clean is a program's output without what a terminal obeys and what a reader cannot see: colours, control characters,
// and the invisible ones that reorder text.
func clean(text string) string {
	text = escapes.ReplaceAllString(strings.ToValidUTF8(text, "?"), "")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
}

// shorten drops whole lines from the end of a text until it has at most limit bytes, and says how many it dropped.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	const note = "… (lines left out: %d)\n"
	room := limit - len(note) - 10
	kept := text[:strings.LastIndex(text[:room], "\n")+1]
	return kept + fmt.Sprintf(note, strings.Count(strings.TrimSuffix(text[len(kept):], "\n"), "\n")+1)
}

// fence is a text as a block of code. The fence is longer than any within, so that nothing in the text is taken for
// Markdown, HTML or a person's name.
func fence(text string) string {
	longest, run := 2, 0
	for _, r := range text {
		if r == '`' {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	marks := strings.Repeat("`", longest+1)
	return marks + "text\n" + strings.TrimRight(text, "\n") + "\n" + marks + "\n"
}

// inline is the first line of a text as code within a sentence, followed by the second where the first announces it
// ("error:").
func inline(text string) string {
	line, rest, _ := strings.Cut(strings.TrimLeft(text, "\n"), "\n")
	if strings.HasSuffix(line, ":") {
		next, _, _ := strings.Cut(rest, "\n")
		line += " " + strings.TrimSpace(next)
	}
	runes := []rune(strings.ReplaceAll(line, "`", "'"))
	if len(runes) > 200 {
		runes = append(runes[:199], '…')
	}
	if line := strings.TrimSpace(string(runes)); line != "" {
		return "`" + line + "`"
	}
	return "it said nothing"
}
