// Package transcript reads the terminal sessions of a document, so that a test can hold them to what the commands print.
package transcript

import (
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Example is a command of causeway and what it prints: … stands for any text within a line, and a
// line of it alone for any lines.
type Example struct {
	Command string
	Prints  []string
}

var consoleBlock = regexp.MustCompile("(?s)```console\n(.*?)```")

// Read returns the commands of a document's console blocks, in order.
func Read(path string) (all []Example, err error) {
	page, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading examples: %w", err)
	}
	for _, block := range consoleBlock.FindAllStringSubmatch(string(page), -1) {
		for line := range strings.Lines(block[1]) {
			line = strings.TrimRight(line, "\n")
			if command, is := strings.CutPrefix(line, "$ bin/causeway "); is {
				all = append(all, Example{Command: command})
				continue
			}
			if len(all) == 0 {
				return nil, fmt.Errorf("%s: output before a command: %s", path, line)
			}
			last := &all[len(all)-1]
			last.Prints = append(last.Prints, line)
		}
	}
	return all, nil
}

var spaces = regexp.MustCompile(` {2,}`)

// Pattern is what a text must look like to be the one that the document shows: columns may be wider.
func (e Example) Pattern() string {
	var b strings.Builder
	b.WriteString(`(?s)^`)
	for _, line := range e.Prints {
		if line == "…" {
			b.WriteString(`.*?`)
			continue
		}
		quoted := strings.ReplaceAll(regexp.QuoteMeta(spaces.ReplaceAllString(line, "  ")), "…", `[^\n]*?`)
		b.WriteString(strings.ReplaceAll(quoted, "  ", ` {2,}`) + ` *\n`)
	}
	return b.String()
}

// Words are the command line's, with single quotes.
func (e Example) Words() (all []string) {
	for i, part := range strings.Split(e.Command, "'") {
		if i%2 == 1 {
			all = append(all, part)
			continue
		}
		all = append(all, strings.Fields(part)...)
	}
	return all
}
