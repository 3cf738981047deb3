package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/living"
	"github.com/causeway-iac/causeway/twin/live"
)

func liveStatusCommand(stack *string) *cobra.Command {
	return asksJSON(&cobra.Command{
		Use:   "status",
		Short: "what runs: nodes, addresses, targets, memory, faults",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, _, err := findAlive(cmd.Context(), *stack)
			if err != nil {
				return err
			}
			s, err := a.Measured(cmd.Context())
			if err != nil {
				return err
			}
			return show(cmd, s, func(w io.Writer) { describeLiving(w, s, a.flag) })
		},
	})
}

func describeLiving(w io.Writer, s living.State, flag string) {
	var rows [][]string
	for _, n := range s.Nodes {
		address, state := n.Address, n.State
		if n.Public != "" {
			address += " (" + n.Public + ")"
		}
		if found := s.Found(n.Name); found != "" {
			state += ", " + found
		}
		if n.Why != "" {
			state += ": " + n.Why
		}
		rows = append(rows, []string{n.Name, string(n.Kind), n.Zone, address, state, fmt.Sprintf("%d MiB", n.Memory>>20)})
	}
	table(w, "nothing runs", []string{"NODE", "PLAYS", "ZONE", "ADDRESS", "STATE", "MEMORY"}, rows)
	fmt.Fprintf(w, "%d nodes, %d MiB in all\n\n", len(s.Nodes), s.Memory>>20)
	for _, f := range s.Faults {
		fmt.Fprintf(w, "a fault is at work: %s\n", f)
	}
	inspect(w, s, flag, s.Roots)
}

func liveDropsCommand(stack *string) *cobra.Command {
	return asksJSON(&cobra.Command{
		Use:   "drops",
		Short: "the latest packets that were refused: who to whom, by which gates, and what is missing",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, _, err := findAlive(cmd.Context(), *stack)
			if err != nil {
				return err
			}
			drops, err := a.Drops(cmd.Context())
			if err != nil {
				return err
			}
			return show(cmd, drops, func(w io.Writer) {
				for _, d := range drops {
					fmt.Fprintln(w, d.At.Format("15:04:05"), living.Drop(d))
				}
				if len(drops) == 0 {
					fmt.Fprintln(w, "no packet was refused so far")
				}
			})
		},
	})
}

func liveFaultCommand(stack *string) *cobra.Command {
	var f living.Fault
	var kinds strings.Builder
	for _, k := range living.Kinds {
		fmt.Fprintf(&kinds, "  %-7s %-9s %s\n", k.Name, k.Takes, k.Does)
	}
	cmd := &cobra.Command{
		Use:   "fault [KIND TARGET]",
		Short: "have something fail, and be as before",
		Long: "Has something of the living world fail:\n\n" + kinds.String() + `
--end takes one back, and "clear" all. Without arguments it lists the faults at work. Names may be
shortened to any part of them. Faults of the twin itself, such as a call that fails, are of causeway twin faults.`,
		Example: "  causeway live fault kill web\n  causeway live fault zone eu-west-1a\n  causeway live fault zone eu-west-1a --end\n  " +
			"causeway live fault clear",
		Args: arguments(0, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, s, err := findAlive(cmd.Context(), *stack)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				if len(s.Faults) == 0 {
					s.Faults = []string{"no faults are at work"}
				}
				fmt.Fprintln(cmd.OutOrStdout(), strings.Join(s.Faults, "\n"))
				return nil
			}
			f.Kind, f.Target = args[0], strings.Join(args[1:], "")
			said, err := a.Fault(cmd.Context(), f)
			for _, line := range said {
				fmt.Fprintln(cmd.OutOrStdout(), line)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&f.End, "end", false, "take the fault back")
	cmd.Flags().IntVar(&f.Delay, "delay", 0, "of slow: milliseconds")
	cmd.Flags().Float64Var(&f.Loss, "loss", 0, "of slow: percent")
	return cmd
}

func liveLogsCommand(stack *string) *cobra.Command {
	var follow bool
	var lines int
	cmd := &cobra.Command{
		Use:     "logs [NODE|GROUP]",
		Short:   "what servers, database and load balancers wrote, and what is in log groups",
		Example: "  causeway live logs web\n  causeway live logs database --follow\n  causeway live logs flow",
		Args:    arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := locate(*stack)
			if err != nil {
				return err
			}
			logs, err := findLogs(liveHome(p.Home(*stack)), strings.Join(args, ""))
			if err != nil {
				return err
			}
			return printLogs(cmd.Context(), cmd.OutOrStdout(), logs, lines, follow)
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what is written from now on")
	cmd.Flags().IntVarP(&lines, "lines", "n", 100, "how many of the last lines")
	return cmd
}

// findLogs are the logs of the nodes and log groups whose names contain a text; log groups only if one is given.
func findLogs(home, text string) (found []string, err error) {
	nodes, _ := filepath.Glob(filepath.Join(home, "log", "*.log"))
	groups, err := filepath.Glob(filepath.Join(home, live.Groups, "*", "*"))
	if err != nil {
		return nil, fmt.Errorf("looking for logs: %w", err)
	}
	if len(nodes) == 0 {
		return nil, errors.New("nothing has lived yet, so there are no logs")
	}
	var names []string
	for _, path := range nodes {
		name := strings.TrimSuffix(filepath.Base(path), ".log")
		names = append(names, name)
		if strings.Contains(name, text) {
			found = append(found, path)
		}
	}
	for _, path := range groups {
		name := filepath.Base(filepath.Dir(path))
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		if text != "" && strings.Contains(name, text) {
			found = append(found, path)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("there is no log of %q: there are %s", text, strings.Join(names, ", "))
	}
	return found, nil
}

// logLine is a line, whose it is, and the latest time that its log had reached.
type logLine struct{ node, text, at string }

// printLogs prints the last lines of all logs in order of time and, if asked, goes on with new ones until ctx ends.
func printLogs(ctx context.Context, out io.Writer, paths []string, lines int, follow bool) error {
	readers := make([]*bufio.Reader, len(paths))
	var all []logLine
	for i, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("reading a log: %w", err)
		}
		defer f.Close()
		readers[i] = bufio.NewReader(f)
		all = append(all, readLines(path, readers[i])...)
	}
	slices.SortStableFunc(all, func(a, b logLine) int { return strings.Compare(a.at, b.at) })
	for _, l := range all[max(0, len(all)-lines):] {
		fmt.Fprintf(out, "%s  %s\n", l.node, l.text)
	}
	for follow {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(200 * time.Millisecond):
		}
		for i, r := range readers {
			for _, l := range readLines(paths[i], r) {
				fmt.Fprintf(out, "%s  %s\n", l.node, l.text)
			}
		}
	}
	return nil
}

func readLines(path string, r *bufio.Reader) (lines []logLine) {
	node, at := strings.TrimSuffix(filepath.Base(path), ".log"), ""
	for {
		text, err := r.ReadString('\n')
		if text != "" {
			at = max(at, stamp(text))
			lines = append(lines, logLine{node, strings.TrimSuffix(text, "\n"), at})
		}
		if err != nil {
			return lines
		}
	}
}

// stamp is the time at the beginning of a line, as text that sorts.
func stamp(line string) string {
	if len(line) > 19 && line[4] == '-' && line[13] == ':' {
		return strings.Replace(line[:19], " ", "T", 1)
	}
	return ""
}
