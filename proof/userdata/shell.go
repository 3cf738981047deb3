package userdata

import (
	"errors"
	"slices"
	"strings"
)

// Script is what a shell script runs: each command by its words, in the order in which they are written, those within substitutions
// and functions too.
type Script struct {
	Commands [][]string
	// Assigned are the variables that are set, as NAME=value, and Written the files that output goes to.
	Assigned, Written []string
	// Functions are the names that the script gives to commands of its own.
	Functions []string
}

// ErrShell says that a script is written in a way that is not understood.
var ErrShell = errors.New("not understood as a shell script")

// Shell reads a script as a shell does (POSIX, "Shell Command Language"; bash's [[ ]], (( )), <<< and $” too). It fails on
// here-documents and case, in which it could take data for commands.
func Shell(text string) (Script, error) {
	p := &shell{text: strings.ReplaceAll(text, "\\\n", "")}
	err := p.list(0)
	return p.found, err
}

type shell struct {
	text  string
	at    int
	found Script

	words []string
	word  strings.Builder
	begun bool // a word, which may be empty
	to    bool // the next word is a file that output goes to
	from  bool // the next word is where input comes from
}

// keywords stand before a command, and lone ones instead of one.
var (
	keywords = []string{"if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"}
	lone     = []string{"fi", "done", "}", "esac"}
)

func (p *shell) endWord() {
	if !p.begun {
		return
	}
	word := p.word.String()
	p.word.Reset()
	p.begun = false
	switch {
	case p.to:
		p.found.Written = append(p.found.Written, word)
	case p.from:
	case len(p.words) == 0 && (slices.Contains(keywords, word) || slices.Contains(lone, word)):
	case len(p.words) == 0 && assigns(word):
		p.found.Assigned = append(p.found.Assigned, word)
	default:
		p.words = append(p.words, word)
	}
	p.to, p.from = false, false
}

func assigns(word string) bool {
	name, _, found := strings.Cut(word, "=")
	return found && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+") == ""
}

func (p *shell) endCommand() {
	p.endWord()
	if len(p.words) > 0 {
		p.found.Commands = append(p.found.Commands, p.words)
	}
	p.words = nil
}

// list reads commands up to the closing character, or to the end if that is 0.
func (p *shell) list(closing byte) error {
	for p.at < len(p.text) {
		c := p.text[p.at]
		rest := p.text[p.at:]
		inTest := len(p.words) > 0 && p.words[0] == "[[" && p.words[len(p.words)-1] != "]]"
		p.at++
		switch {
		case c == closing && !inTest:
			p.endCommand()
			return nil
		case strings.HasPrefix(rest, "((") && !p.begun, strings.HasPrefix(rest, "$(("):
			if !p.skip("))") {
				return ErrShell
			}
			p.begun = p.begun || c == '$'
		case c == ' ' || c == '\t':
			p.endWord()
		case c == '#' && !p.begun:
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			p.at += end - 1
		case inTest && strings.ContainsRune("&|()<>", rune(c)):
			p.endWord()
		case strings.HasPrefix(rest, "()") && len(p.words) == 0 && p.begun:
			p.found.Functions = append(p.found.Functions, p.word.String())
			p.word.Reset()
			p.begun = false
			p.at++
		case strings.HasPrefix(rest, "<(") || strings.HasPrefix(rest, ">("):
			if err := p.nested(1, ')'); err != nil {
				return err
			}
		case c == '<' || c == '>':
			if err := p.redirect(); err != nil {
				return err
			}
		case c == '&' && strings.HasPrefix(rest, "&>"):
		case strings.IndexByte("\n;&|()", c) >= 0:
			p.endCommand()
			if strings.HasPrefix(rest, ";;") {
				return ErrShell
			}
		default:
			if err := p.part(c); err != nil {
				return err
			}
		}
		if len(p.words) == 1 && (p.words[0] == "case" || p.words[0] == "select") {
			return ErrShell
		}
	}
	p.endCommand()
	if closing != 0 {
		return ErrShell
	}
	return nil
}

// part reads one piece of a word that begins with c, which has been read.
func (p *shell) part(c byte) error {
	rest := p.text[p.at:]
	p.begun = true
	switch c {
	case '\\':
		if rest != "" {
			p.word.WriteByte(rest[0])
			p.at++
		}
	case '\'':
		end := strings.IndexByte(rest, '\'')
		if end < 0 {
			return ErrShell
		}
		p.word.WriteString(rest[:end])
		p.at += end + 1
	case '"':
		return p.quoted('"')
	case '`':
		return p.nested(0, '`')
	case '$':
		switch {
		case strings.HasPrefix(rest, "("):
			return p.nested(1, ')')
		case strings.HasPrefix(rest, "{"):
			p.word.WriteString("$")
			p.at++
			return p.quoted('}')
		}
		p.word.WriteByte(c)
	default:
		p.word.WriteByte(c)
	}
	return nil
}

// quoted reads what is between quotes or braces, in which nothing ends a word but substitutions are made.
func (p *shell) quoted(closing byte) error {
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		switch {
		case c == closing:
			return nil
		case c == '\'' && closing == '"':
			p.word.WriteByte(c)
		case c == '$' && strings.HasPrefix(p.text[p.at:], "(("):
			if !p.skip("))") {
				return ErrShell
			}
		case c == '(' || c == ')' || c == '<' || c == '>' || c == ';' || c == '|' || c == '&' || c == '\n' || c == '#' || c == ' ':
			p.word.WriteByte(c)
		default:
			if err := p.part(c); err != nil {
				return err
			}
		}
	}
	return ErrShell
}

// nested reads a substitution as commands of their own.
func (p *shell) nested(skip int, closing byte) error {
	inner := &shell{text: p.text, at: p.at + skip}
	if err := inner.list(closing); err != nil {
		return err
	}
	p.found.Commands = append(p.found.Commands, inner.found.Commands...)
	p.found.Assigned = append(p.found.Assigned, inner.found.Assigned...)
	p.found.Written = append(p.found.Written, inner.found.Written...)
	p.at, p.begun = inner.at, true
	p.word.WriteString("$()")
	return nil
}

// redirect reads where input comes from or output goes to; the first character has been read.
func (p *shell) redirect() error {
	if strings.Trim(p.word.String(), "0123456789") == "" {
		p.word.Reset() // the number of what is redirected
		p.begun = false
	}
	p.endWord()
	rest := p.text[p.at-1:]
	switch {
	case strings.HasPrefix(rest, "<<<"):
		p.at += 2
		p.from = true
	case strings.HasPrefix(rest, "<<"):
		return ErrShell
	case strings.HasPrefix(rest, "<"):
		p.from = true
	case strings.HasPrefix(rest, ">>"), strings.HasPrefix(rest, ">|"):
		p.at++
		p.to = true
	default:
		p.to = true
	}
	if strings.HasPrefix(p.text[p.at:], "&") { // to another of the command's own
		p.at++
		for p.at < len(p.text) && strings.IndexByte("0123456789-", p.text[p.at]) >= 0 {
			p.at++
		}
		p.to, p.from = false, false
	}
	return nil
}

// skip moves behind the text.
func (p *shell) skip(end string) bool {
	i := strings.Index(p.text[p.at:], end)
	p.at += i + len(end)
	return i >= 0
}
