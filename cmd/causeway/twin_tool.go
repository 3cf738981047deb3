package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/control"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/hold"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/rehearsal"
	"github.com/causeway-iac/causeway/twin"
)

// tooled is a stack's twin, as one of the twin's commands gets it.
type tooled struct {
	control.Tool
	project project.Project
	served  bool // by another process
	end     []func() error
}

func (t *tooled) close() error {
	var errs []error
	for i := len(t.end) - 1; i >= 0; i-- {
		errs = append(errs, t.end[i]())
	}
	return errors.Join(errs...)
}

// access is what a command does with the twin.
type access bool

const (
	looks   access = false
	changes access = true
)

// openTool finds the stack's twin: if another process serves it, that one is asked; otherwise its world is opened here,
// to read or to change.
func openTool(cmd *cobra.Command, stack string, a access) (_ *tooled, err error) {
	p, err := locate(stack)
	if err != nil {
		return nil, err
	}
	t := &tooled{project: p}
	if c := control.Dial(rehearsal.ControlSocket(p, stack)); c != nil {
		t.Tool, t.served = c, true
		return t, nil
	}
	if _, err := os.Stat(p.World(stack)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the twin of %s has no world yet: `causeway up --stack %s` makes one", stack, stack)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.close())
		}
	}()
	m, err := readManners(cmd, p, stack)
	if err != nil {
		return nil, err
	}
	open := func() (*twin.Twin, error) { return twin.Look(p.World(stack), m) }
	if a == changes {
		h, err := hold.Take(rehearsal.Lock(p, stack), stack, cmd.CommandPath())
		if err != nil {
			return nil, err
		}
		t.end = append(t.end, h.Release)
		open = func() (*twin.Twin, error) {
			return twin.Start(cmd.Context(), twin.Options{Path: p.World(stack), Caller: cmd.CommandPath()})
		}
	}
	tw, err := open()
	if err != nil {
		return nil, err
	}
	t.Tool = control.Local{Twin: tw}
	t.end = append(t.end, tw.Close)
	return t, nil
}

// onTwin is a command that works on a stack's twin.
func onTwin(cmd *cobra.Command, stack *string, a access, do func(cmd *cobra.Command, t *tooled, args []string) error) *cobra.Command {
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		t, err := openTool(cmd, *stack, a)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, t.close()) }()
		return do(cmd, t, args)
	}
	return cmd
}

// completesThings lets a shell complete the types and names of what is on the twin: the type first, then a name of that
// type.
func completesThings(cmd *cobra.Command, stack *string) *cobra.Command {
	return completes(cmd, func(args []string) (words []string) {
		if len(args) > 1 {
			return nil
		}
		t, err := openTool(cmd, *stack, looks)
		if err != nil {
			return nil
		}
		items, err := t.Items(false)
		if errors.Join(err, t.close()) != nil {
			return nil
		}
		for _, i := range items {
			switch {
			case len(args) == 0:
				words = append(words, i.Type[strings.LastIndexByte(i.Type, ':')+1:])
			case twin.Kind(args[0]).Has(i.Type):
				words = append(words, i.Name)
			}
		}
		return words
	})
}

const jsonFlag = "json"

func asksJSON(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().Bool(jsonFlag, false, "print JSON")
	return cmd
}

// show prints a value as JSON if asked to, otherwise as the text that write writes.
func show(cmd *cobra.Command, v any, write func(io.Writer)) error {
	if yes, _ := cmd.Flags().GetBool(jsonFlag); yes {
		e := json.NewEncoder(cmd.OutOrStdout())
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if list := reflect.ValueOf(v); list.Kind() == reflect.Slice && list.Len() == 0 {
			v = []any{} // a program wants a list, not null
		}
		return e.Encode(v)
	}
	write(cmd.OutOrStdout())
	return nil
}

// table prints rows under a heading, or the given sentence when there are none.
func table(w io.Writer, none string, heading []string, rows [][]string) {
	if len(rows) == 0 {
		fmt.Fprintln(w, none)
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{heading}, rows...) {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	_ = t.Flush()
}

// shortType leaves out the last word of a type, which repeats the one before: aws:lb/listener.
func shortType(typ string) string {
	if i := strings.LastIndexByte(typ, ':'); i > 0 && strings.Contains(typ, "/") {
		return typ[:i]
	}
	return typ
}

// shortID leaves out the part of an ARN that is the same throughout a stack.
func shortID(id string) string {
	if parts := strings.SplitN(id, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return parts[5]
	}
	return id
}

// like compares a text with a pattern in which * is any text; "" is all.
func like(pattern, text string) bool {
	if pattern == "" {
		return true
	}
	parts := strings.Split(strings.ToLower(pattern), "*")
	text = strings.ToLower(text)
	if len(parts) == 1 {
		return text == parts[0]
	}
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	text = text[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}
