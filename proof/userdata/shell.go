package userdata

import (
	"errors"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Script is what a shell script runs: each command by its words, those within substitutions and functions too. In a word, $x
// stands for the value of a variable, and $() for the output of a command.
type Script struct {
	Commands [][]string
	// Assigned are the values that variables may take, as NAME=value, and Written the files that output goes to.
	Assigned, Written []string
	// Functions are the names that the script gives to commands of its own.
	Functions []string
}

// ErrShell says that a script is written in a way that is not understood.
var ErrShell = errors.New("not understood as a shell script")

// Shell reads a script as bash does.
func Shell(text string) (read Script, err error) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return Script{}, ErrShell
	}
	syntax.Walk(file, func(n syntax.Node) bool {
		if quoted, is := n.(*syntax.SglQuoted); is && quoted.Dollar && strings.Contains(strings.ReplaceAll(quoted.Value, `\n`, ""), `\`) {
			err = ErrShell // escapes can spell anything
		}
		read.see(n)
		return true
	})
	return read, err
}

func (s *Script) see(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.CallExpr:
		s.assigned(n.Assigns)
		if words := bares(n.Args); len(words) > 0 {
			s.Commands = append(s.Commands, words)
		}
	case *syntax.DeclClause:
		s.assigned(n.Args)
		words := []string{n.Variant.Value}
		for _, a := range n.Args {
			if a.Naked && a.Value != nil {
				words = append(words, bare(a.Value))
			}
		}
		s.Commands = append(s.Commands, words)
	case *syntax.WordIter:
		s.takes(n.Name, n.Items...)
	case *syntax.ParamExp:
		if n.Exp != nil && n.Exp.Op <= syntax.AssignUnsetOrNull { // not what a prefix or suffix is compared with
			s.takes(n.Param, n.Exp.Word)
		}
		if n.Repl != nil {
			s.takes(n.Param, n.Repl.With)
		}
	case *syntax.FuncDecl:
		s.Functions = append(s.Functions, n.Name.Value)
	case *syntax.Redirect:
		s.redirected(n)
	}
}

func (s *Script) assigned(all []*syntax.Assign) {
	for _, a := range all {
		switch {
		case a.Array != nil:
			for _, element := range a.Array.Elems {
				s.takes(a.Name, element.Value)
			}
		case !a.Naked:
			s.takes(a.Name, a.Value)
		}
	}
}

func (s *Script) takes(name *syntax.Lit, values ...*syntax.Word) {
	for _, value := range values {
		s.Assigned = append(s.Assigned, name.Value+"="+bare(value))
	}
}

func (s *Script) redirected(r *syntax.Redirect) {
	to := bare(r.Word)
	switch r.Op {
	case syntax.RdrIn, syntax.DplIn, syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc:
	case syntax.DplOut:
		if strings.Trim(to, "0123456789-") != "" {
			s.Written = append(s.Written, to)
		}
	default:
		s.Written = append(s.Written, to)
	}
}

func bares(words []*syntax.Word) (all []string) {
	for _, w := range words {
		all = append(all, bare(w))
	}
	return all
}

// bare is a word without its quotes.
func bare(w *syntax.Word) string {
	if w == nil {
		return ""
	}
	return spelt(w.Parts)
}

func spelt(all []syntax.WordPart) string {
	var b strings.Builder
	for _, part := range all {
		switch p := part.(type) {
		case *syntax.Lit:
			b.WriteString(unescaped(p.Value))
		case *syntax.SglQuoted:
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			b.WriteString(spelt(p.Parts))
		case *syntax.ParamExp:
			b.WriteString("$" + p.Param.Value)
		case *syntax.ExtGlob:
			b.WriteString(p.Op.String() + p.Pattern.Value + ")")
		default:
			b.WriteString("$()")
		}
	}
	return b.String()
}

func unescaped(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
