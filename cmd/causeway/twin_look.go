package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/twin"
	"github.com/causeway-iac/causeway/twin/fleet"
)

func twinStatusCommand(stack *string) *cobra.Command {
	cmd := &cobra.Command{Use: "status", Short: "the twin at a glance", Args: noArguments}
	return onTwin(asksJSON(cmd), stack, looks, func(cmd *cobra.Command, t *tooled, _ []string) error {
		s, err := t.Status()
		if err != nil {
			return err
		}
		return show(cmd, s, func(w io.Writer) { writeStatus(w, *stack, s) })
	})
}

func writeStatus(w io.Writer, stack string, s twin.Status) {
	served := "not served; its world is kept"
	if s.Serving != "" {
		served = "served by " + s.Caller
	}
	fmt.Fprintf(w, "twin:       %s, %s\n", stack, served)
	fmt.Fprintf(w, "account:    %s\n", s.Account)
	var services []string
	for _, name := range slices.Sorted(maps.Keys(s.Services)) {
		services = append(services, fmt.Sprintf("%s %d", name, s.Services[name]))
	}
	fmt.Fprintf(w, "resources:  %d%s\n", s.Resources, suffix(": ", strings.Join(services, ", ")))
	fmt.Fprintf(w, "events:     %d, of which %d were refused\n", s.Events, s.Refused)
	if s.Serving != "" && !s.Manners.Plain() {
		fmt.Fprintln(w, "manners:    "+strings.TrimPrefix(describeManners(s.Manners), mannersPrefix))
	}
}

func suffix(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

const typeUsage = `only types like this: in full, as its last word ("Listener"), a service ("aws:lb"); * is any text`

func twinResourcesCommand(stack *string) *cobra.Command {
	var typ, name, state string
	var all bool
	cmd := &cobra.Command{Use: "resources", Short: "what exists on the twin", Args: noArguments, Aliases: []string{"ls"}}
	f := cmd.Flags()
	f.StringVar(&typ, "type", "", typeUsage)
	f.StringVar(&name, "name", "", "only resources of names like this; * is any text")
	f.StringVar(&state, "state", "", "only what is in this state, such as creating")
	f.BoolVar(&all, "all", false, "also what the cloud made by itself, such as a network's default security group")
	return onTwin(asksJSON(cmd), stack, looks, func(cmd *cobra.Command, t *tooled, _ []string) error {
		if err := twin.Kind(typ).Check(); err != nil {
			return &codedError{exitConfiguration, err}
		}
		items, err := t.Items(false)
		if err != nil {
			return err
		}
		items = slices.DeleteFunc(items, func(i twin.Item) bool {
			return i.Cloud && !all || !twin.Kind(typ).Has(i.Type) || !like(name, i.Name) || !like(state, i.State)
		})
		return show(cmd, items, func(w io.Writer) {
			var rows [][]string
			for _, i := range items {
				rows = append(rows, []string{shortType(i.Type), i.Name, shortID(i.ID), i.State})
			}
			table(w, "there is nothing like that on the twin", []string{"TYPE", "NAME", "ID", "STATE"}, rows)
		})
	})
}

func twinShowCommand(stack *string) *cobra.Command {
	var secrets bool
	cmd := &cobra.Command{
		Use: "show [TYPE] NAME", Short: "everything about one thing", Args: arguments(1, 2),
		Long: `Shows everything about a thing: its state, what was asked for and what it is.
NAME is its name in the program, its id or its ARN; TYPE may be as short as "Listener".`,
	}
	cmd.Flags().BoolVar(&secrets, "show-secrets", false, "show what the providers call sensitive, too")
	completesThings(cmd, stack)
	return onTwin(asksJSON(cmd), stack, looks, func(cmd *cobra.Command, t *tooled, args []string) error {
		items, err := t.Items(secrets)
		if err != nil {
			return err
		}
		typ, name := "", args[len(args)-1]
		if len(args) == 2 {
			typ = args[0]
		}
		found := twin.Pick(items, typ, name)
		if len(found) == 0 {
			return twin.Absent(typ, name)
		}
		return show(cmd, found, func(w io.Writer) {
			for i, item := range found {
				if i > 0 {
					fmt.Fprintln(w)
				}
				writeItem(w, item)
			}
		})
	})
}

func writeItem(w io.Writer, i twin.Item) {
	fmt.Fprintf(w, "%s %s\n", i.Type, i.Name)
	facts := [][2]string{{"id", i.ID}, {"state", i.State}, {"region", i.Region}, {"created", i.Created.Format(time.RFC3339)}}
	if i.ARN != "" && i.ARN != i.ID {
		facts = append(facts, [2]string{"arn", i.ARN})
	}
	for _, f := range facts {
		fmt.Fprintf(w, "  %-9s%s\n", f[0], f[1])
	}
	if i.Fleet != nil {
		writeFleet(w, i.Fleet)
	}
	fmt.Fprintln(w, "outputs:")
	for _, name := range slices.Sorted(maps.Keys(i.Outputs)) {
		fmt.Fprintf(w, "  %s: %s\n", name, valueText(i.Outputs[name]))
	}
}

func writeFleet(w io.Writer, g *fleet.Group) {
	fmt.Fprintf(w, "machines: %d of %d\n", len(g.Instances), g.Settings.Desired)
	for _, i := range g.Instances {
		health := "healthy"
		if !i.Healthy || i.Sick {
			health = "unhealthy"
		}
		fmt.Fprintf(w, "  %s  %s  %s  %s  %s\n", i.ID, i.Zone, i.State, health, i.Template)
	}
	if n := len(g.Refreshes); n > 0 {
		r := g.Refreshes[n-1]
		fmt.Fprintf(w, "last refresh: %s, to %s, %d%% done, %d to replace%s\n", r.Status, r.To, r.Done, r.Left, suffix(": ", r.Reason))
	}
	fmt.Fprintln(w, "activities:")
	for _, a := range g.Activities[max(0, len(g.Activities)-10):] {
		fmt.Fprintf(w, "  %s  %s\n", a.At.Local().Format("15:04:05"), a.Text)
	}
}

func valueText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSpace(b.String())
}

// operations are what a twin is asked, and what is done behind Pulumi's back.
var operations = []string{"check", "diff", "preview-create", "create", "preview-update", "update", "read", "delete", "invoke", "configure",
	"undo", "drift", "delegate", "scaling"}

func twinEventsCommand(stack *string) *cobra.Command {
	var typ, name, operation string
	var refused, changesOnly bool
	var last int
	cmd := &cobra.Command{
		Use: "events", Short: "who asked the twin what, when, and what it answered", Args: noArguments,
		Long: `Lists the latest calls, oldest first: who asked what, when, with which answer. A twin
that is served knows all of its last 10,000 calls; of one that is not, only the
changes were kept.`,
	}
	f := cmd.Flags()
	f.StringVar(&typ, "type", "", typeUsage)
	f.StringVar(&name, "name", "", "only resources of names like this; * is any text")
	f.StringVar(&operation, "operation", "", "only this: "+strings.Join(operations, ", "))
	f.BoolVar(&refused, "refused", false, "only what was refused")
	f.BoolVar(&changesOnly, "changes", false, "only what changed the world")
	f.IntVar(&last, "last", 30, "how many; 0 is all")
	return onTwin(asksJSON(cmd), stack, looks, func(cmd *cobra.Command, t *tooled, _ []string) error {
		if err := twin.Kind(typ).Check(); err != nil {
			return &codedError{exitConfiguration, err}
		}
		if operation != "" && !slices.Contains(operations, operation) {
			return &codedError{exitConfiguration, fmt.Errorf("there is no operation %q: write one of %s", operation,
				strings.Join(operations, ", "))}
		}
		events, err := t.Events()
		if err != nil {
			return err
		}
		events = slices.DeleteFunc(events, func(e twin.Event) bool {
			return !twin.Kind(typ).Has(e.Type) || !like(name, eventName(e)) || operation != "" && operation != e.Operation ||
				refused && e.Answer == "ok" || changesOnly &&
				!slices.Contains([]string{"create", "update", "delete", "undo", "drift", "delegate", "scaling"}, e.Operation)
		})
		if last > 0 && len(events) > last {
			events = events[len(events)-last:]
		}
		return show(cmd, events, func(w io.Writer) {
			var rows [][]string
			for _, e := range events {
				rows = append(rows, []string{e.Time.Local().Format("15:04:05"), e.Operation, shortType(e.Type), eventName(e), e.Answer,
					e.Caller})
			}
			table(w, "the twin was asked nothing like that", []string{"TIME", "OPERATION", "TYPE", "NAME", "ANSWER", "CALLER"}, rows)
		})
	})
}

// eventName is the program's name for what a call was about, or its id.
func eventName(e twin.Event) string {
	if name := e.URN[strings.LastIndexByte(e.URN, ':')+1:]; name != "" {
		return name
	}
	return shortID(e.ID)
}
