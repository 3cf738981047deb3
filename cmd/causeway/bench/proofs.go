package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	pricing "github.com/causeway-iac/causeway/cost"
	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/specimen"
	"github.com/causeway-iac/causeway/review"
)

// proveCommand has this program prove one stack in a process of its own, so that the memory measured is the proof's.
const proveCommand = "prove"

// proved is what a proof took, and what a review of a change to everything took.
type proved struct {
	Read, Reach, Verify, Delta, Price, Review cost
	Bytes                                     int64 // the process's peak
}

// spent is what something took.
func spent(do func()) cost {
	start, cpu := time.Now(), cpuTime()
	do()
	return cost{time.Since(start), cpuTime() - cpu}
}

// prove reads an exported state, proves it, reviews a new tag on all of it, and writes what that took.
func prove(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the stack: %w", err)
	}
	var p proved
	var g, after *graph.Graph
	if p.Read = spent(func() { g, err = graph.FromState(bytes.NewReader(raw)) }); err != nil {
		return err
	}
	var rows []network.Row
	if p.Reach = spent(func() { rows = network.New(g).Matrix() }); len(rows) == 0 {
		return errors.New("nobody reaches anybody in the stack: this is not a platform")
	}
	var judged *report.Report
	p.Verify = spent(func() { judged = proof.Verify(g, report.FromState, time.Now()) })
	if judged.Counts[report.Holds] == 0 {
		return errors.New("nothing holds of the stack: this is not a platform")
	}
	p.Bytes = ownPeak()
	if after, err = graph.FromState(bytes.NewReader(raw)); err != nil {
		return err
	}
	for _, r := range after.Resources {
		if tags, ok := r.Inputs["tags"].(map[string]any); ok {
			tags["bench"] = "review"
		}
	}
	plan, err := graph.Compare(bytes.NewReader(raw), after)
	if err != nil {
		return err
	}
	p.Delta = spent(func() { review.Between(plan.Before, plan.After) })
	p.Price = spent(func() { pricing.Of(g) })
	var told *review.Report
	if p.Review = spent(func() { told = review.Of(plan, time.Now()) }); told.Empty() {
		return errors.New("a tag on everything changes nothing: this is no review")
	}
	return json.NewEncoder(os.Stdout).Encode(p)
}

// ownPeak is this process's peak memory in bytes. On Linux, getrusage reports at least the peak of the process that
// started it.
func ownPeak() int64 {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		for line := range strings.Lines(string(status)) {
			var kib int64
			if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kib); err == nil {
				return kib * 1024
			}
		}
	}
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return int64(usage.Maxrss) // Darwin's, in bytes
}

// proofs measures reading and proving n platforms in one stack. They are copies of the deployed one with every name and
// identifier changed.
func (b *bench) proofs(ctx context.Context) (err error) {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	temp, err := os.MkdirTemp("", "causeway-bench-")
	if err != nil {
		return fmt.Errorf("making a place for stacks: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	host, _, _ := strings.Cut(b.settings.Domain, ".")
	for _, n := range b.proven {
		path := filepath.Join(temp, fmt.Sprintf("%d.json", n))
		raw, err := specimen.Replicate(b.exported, n, b.settings.Name, host)
		if err != nil {
			return fmt.Errorf("making %d platforms of one: %w", n, err)
		}
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			return fmt.Errorf("writing %d platforms: %w", n, err)
		}
		figures := Figures{}
		for _, operation := range provings {
			figures = append(figures, &Figure{Program: "platform", Operation: operation, Platforms: n, Resources: n * b.count})
		}
		say("proving %d platforms", n)
		for range b.rounds(n, false) {
			prover := exec.CommandContext(ctx, self, proveCommand, path)
			prover.Stderr = os.Stderr
			out, err := prover.Output()
			if err != nil {
				return fmt.Errorf("proving %d platforms: %w", n, err)
			}
			var p proved
			if err := json.Unmarshal(out, &p); err != nil {
				return fmt.Errorf("proving %d platforms: %w", n, err)
			}
			for i, c := range []cost{p.Read, p.Reach, p.Verify, p.Delta, p.Price, p.Review} {
				figures[i].add(c.Took)
				figures[i].CPU = append(figures[i].CPU, c.CPU.Seconds())
				figures[i].Bytes = max(figures[i].Bytes, p.Bytes)
			}
		}
		b.results.Proofs = append(b.results.Proofs, figures...)
	}
	return nil
}

// provings are the steps that are measured, in the order of proved.
var provings = []string{"read", "reach", "verify", "delta", "cost", "review"}

// reviews is what it takes to review a change to platforms, beside their preview.
func (r *Results) reviews() table {
	t := table{
		title: "Reviewing a change of everything",
		note: "A tag on every resource of the same stacks. delta: who can reach whom, before and after. cost: the stack priced. " +
			"review: all of causeway review, controls before and after included. Each must stay level for each platform. " +
			"× preview: of the same number of platforms, deployed for real, state not kept.",
		header: []string{
			"platforms", "runs", "delta ms each", "cost ms each", "review ms each",
			"delta × preview", "cost × preview", "review × preview",
		},
	}
	for _, f := range r.Proofs {
		if f.Operation != "review" {
			continue
		}
		preview := r.Figures.find("platform", "preview", false, f.Platforms)
		row := []string{fmt.Sprint(f.Platforms), fmt.Sprint(len(f.Seconds))}
		var ratios []string
		for _, operation := range provings[3:] {
			one := r.Proofs.find("platform", operation, false, f.Platforms)
			row = append(row, number(one.median()/float64(f.Platforms)*1000, 0))
			ratios = append(ratios, number(one.median()/preview.median(), 2))
		}
		t.rows = append(t.rows, append(row, ratios...))
	}
	return t
}

// proofs is what it takes to prove platforms, beside their preview.
func (r *Results) proofs(before Figures) table {
	t := table{
		title: "Proving what is deployed",
		note: "Platforms in one stack: the one that was deployed, copied with names and identifiers of its own each. read: its exported " +
			"state into a graph. " +
			"reach: the whole matrix of who can reach whom. verify: all invariants and controls. Each must stay level for each platform. " +
			"× preview: of the same number of platforms, deployed for real, state not kept. CPU: of the processors' time.",
		header: []string{"platforms", "resources", "runs", "read s", "verify s", "read ms each", "reach ms each", "verify ms each",
			"CPU ms each", "last", "× preview", "memory MB"},
	}
	for _, f := range r.Proofs {
		if f.Operation != "verify" {
			continue
		}
		n := float64(f.Platforms) / 1000
		read := r.Proofs.find("platform", "read", false, f.Platforms)
		reach := r.Proofs.find("platform", "reach", false, f.Platforms)
		wasRead, was := before.find("platform", "read", false, f.Platforms), before.find("platform", "verify", false, f.Platforms)
		preview := r.Figures.find("platform", "preview", false, f.Platforms)
		t.rows = append(t.rows, []string{
			fmt.Sprint(f.Platforms), fmt.Sprint(f.Resources), fmt.Sprint(len(f.Seconds)), number(read.median(), 3), number(f.median(), 3),
			number(read.median()/n, 0), number(reach.median()/n, 0), number(f.median()/n, 0), number((median(read.CPU)+median(f.CPU))/n, 0),
			number((median(wasRead.CPU)+median(was.CPU))/n, 0),
			number((read.median()+f.median())/preview.median(), 2), megabytes(f.Bytes),
		})
	}
	return t
}
