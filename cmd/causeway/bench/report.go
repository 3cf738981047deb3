package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// table is figures with a heading and a note on how to read them.
type table struct {
	title  string
	note   string
	header []string
	rows   [][]string
}

// tables is the results as a person reads them, beside the ratios of the previous run. What was not measured is left out.
func (r *Results) tables(before *Results) []table {
	if before == nil {
		before = &Results{}
	}
	all := []table{
		r.lives(before.Figures), r.growth(), r.scaling(before.Scale), r.proofs(before.Proofs), r.reviews(),
		r.programs(before.Figures), r.path(),
	}
	return slices.DeleteFunc(all, func(t table) bool { return len(t.rows) == 0 })
}

func (r *Results) lives(before Figures) table {
	t := table{
		title: "The platform beside the engine's floor",
		note: "floor: a program of as many bare resources, in one round with it; same: one of the platform's own resources, with their " +
			"inputs as plain values; empty: one of none. " +
			"Ratios are medians of the rounds' ratios. CPU: of the processors' time, which a busy machine leaves nearly alone. last: in " +
			"the run before.",
		header: []string{"state", "platforms", "resources", "operation", "runs", "empty s", "floor s", "same s", "platform s", "× floor",
			"last", "× floor CPU", "last", "× same CPU", "last"},
	}
	for _, f := range r.Figures {
		if f.Program != "platform" || f.Platforms == 0 {
			continue
		}
		beside := func(figures Figures, program string) Figure {
			return figures.find(program, f.Operation, f.Kept, f.Platforms)
		}
		empty, floor, same := beside(r.Figures, "empty"), beside(r.Figures, "bare"), beside(r.Figures, "same")
		was, wasFloor, wasSame := beside(before, "platform"), beside(before, "bare"), beside(before, "same")
		t.rows = append(t.rows, []string{
			state(f.Kept), fmt.Sprint(f.Platforms), fmt.Sprint(f.Resources), f.Operation, fmt.Sprint(len(f.Seconds)),
			number(empty.median(), 2), number(floor.median(), 2), number(same.median(), 2), number(f.median(), 2),
			number(ratio(*f, floor), 2), number(ratio(was, wasFloor), 2),
			number(cpuRatio(*f, floor), 2), number(cpuRatio(was, wasFloor), 2),
			number(cpuRatio(*f, same), 2), number(cpuRatio(was, wasSame), 2),
		})
	}
	return t
}

func state(kept bool) string {
	if kept {
		return "kept"
	}
	return "throwaway"
}

// growth is what one resource costs at each size.
func (r *Results) growth() table {
	t := table{
		title: "Milliseconds for each resource",
		note: "Without what an empty program takes; after the slash, the processors' time. Previews must stay level as a stack grows; so " +
			"must up where no state is kept. " +
			"With state kept, the engine writes all of it at every step, so that up is quadratic.",
		header: []string{"state", "operation", "program"},
	}
	sizes := map[int]bool{}
	for _, f := range r.Figures {
		if f.Platforms > 0 {
			sizes[f.Platforms] = true
		}
	}
	for _, size := range slices.Sorted(maps.Keys(sizes)) {
		t.header = append(t.header, fmt.Sprintf("%d platforms", size))
	}
	for _, kept := range []bool{false, true} {
		for _, operation := range operations {
			for _, program := range []string{"bare", "same", "platform"} {
				row, any := []string{state(kept), operation, program}, false
				for _, size := range slices.Sorted(maps.Keys(sizes)) {
					f := r.Figures.find(program, operation, kept, size)
					any = any || len(f.Seconds) > 0
					took, cpu := each(f, r.Figures.find("empty", operation, kept, size))
					row = append(row, number(took, 2)+" / "+number(cpu, 2))
				}
				if any {
					t.rows = append(t.rows, row)
				}
			}
		}
	}
	return t
}

// programs is what starting and building the program takes.
func (r *Results) programs(before Figures) table {
	t := table{
		title: "The program itself",
		note: "start: until main has seen that no engine is there. rebuild: after an edit of package stacks; relink: the part of it " +
			"that compiles nothing. memory: the largest process's peak, in a rebuild the linker's.",
		header: []string{"what", "program", "runs", "least s", "median s", "× empty", "last", "memory MB"},
	}
	for _, f := range r.Figures {
		if f.Platforms > 0 {
			continue
		}
		empty := r.Figures.find("empty", f.Operation, false, 0)
		was := ratio(before.find(f.Program, f.Operation, false, 0), before.find("empty", f.Operation, false, 0))
		t.rows = append(t.rows, []string{
			f.Operation, f.Program, fmt.Sprint(len(f.Seconds)), number(f.least(), 3), number(f.median(), 3),
			number(ratio(*f, empty), 2), number(was, 2), megabytes(f.Bytes),
		})
	}
	return t
}

// path is the chain that decides how long a real deployment takes.
func (r *Results) path() table {
	t := table{
		title: "The longest path of a deployment",
		note: fmt.Sprintf("By estimated creation times: %s of the %s that all resources take one after another (%s%%).",
			spell(r.Path.Seconds), spell(r.Path.Sum), number(100*r.Path.Seconds/r.Path.Sum, 0)),
		header: []string{"resource", "type", "takes", "done after"},
	}
	var at float64
	for _, s := range r.Path.Steps {
		at += s.Seconds
		t.rows = append(t.rows, []string{s.Name, s.Type, spell(s.Seconds), spell(at)})
	}
	return t
}

func spell(seconds float64) string {
	return (time.Duration(seconds) * time.Second).String()
}

func megabytes(bytes int64) string {
	if bytes == 0 {
		return "-"
	}
	return fmt.Sprint(bytes >> 20)
}

func number(v float64, digits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "-"
	}
	return fmt.Sprintf("%.*f", digits, v)
}

// text is the table for a terminal.
func (t table) text() string {
	widths := make([]int, len(t.header))
	for _, row := range append([][]string{t.header}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n\n", t.title, t.note)
	for _, row := range append([][]string{t.header}, t.rows...) {
		line := ""
		for i, cell := range row {
			line += cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

// markdown is the table for a document.
func (t table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n", t.title, t.note)
	rule := make([]string, len(t.header))
	for i := range rule {
		rule[i] = "---"
	}
	for _, row := range append([][]string{t.header, rule}, t.rows...) {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	return b.String()
}
