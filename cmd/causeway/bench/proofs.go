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

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/specimen"
)

// proveCommand has this program prove one stack in a process of its own, whose memory is then that of
// the proof.
const proveCommand = "prove"

// proved is what a proof took.
type proved struct {
	Read, Reach, Verify cost
	Bytes               int64 // the process's peak
}

// prove reads an exported state, decides everything of it, and writes what that took.
func prove(path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the stack: %w", err)
	}
	var p proved
	start, cpu := time.Now(), cpuTime()
	g, err := graph.FromState(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	p.Read = cost{time.Since(start), cpuTime() - cpu}
	start, cpu = time.Now(), cpuTime()
	if rows := network.New(g).Matrix(); len(rows) == 0 {
		return errors.New("nobody reaches anybody in the stack: this is not a platform")
	}
	p.Reach = cost{time.Since(start), cpuTime() - cpu}
	start, cpu = time.Now(), cpuTime()
	judged := proof.Verify(g, report.FromState, time.Now())
	p.Verify = cost{time.Since(start), cpuTime() - cpu}
	if judged.Counts[report.Holds] == 0 {
		return errors.New("nothing holds of the stack: this is not a platform")
	}
	p.Bytes = ownPeak()
	return json.NewEncoder(os.Stdout).Encode(p)
}

// ownPeak is this process's peak memory in bytes. What Linux tells by getrusage is at least that
// of the process which started it.
func ownPeak() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
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

// proofs measures what it takes to read and to prove n platforms in one stack. The platforms are
// the one that was deployed, with all its names and identifiers changed.
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
		read := &Figure{Program: "platform", Operation: "read", Platforms: n, Resources: n * b.count}
		reach := &Figure{Program: "platform", Operation: "reach", Platforms: n, Resources: n * b.count}
		decide := &Figure{Program: "platform", Operation: "verify", Platforms: n, Resources: n * b.count}
		say("proving %d platforms", n)
		for range b.rounds(n, false) {
			out, err := exec.CommandContext(ctx, self, proveCommand, path).Output()
			if err != nil {
				return fmt.Errorf("proving %d platforms: %w", n, err)
			}
			var p proved
			if err := json.Unmarshal(out, &p); err != nil {
				return fmt.Errorf("proving %d platforms: %w", n, err)
			}
			for f, c := range map[*Figure]cost{read: p.Read, reach: p.Reach, decide: p.Verify} {
				f.add(c.Took)
				f.CPU = append(f.CPU, c.CPU.Seconds())
			}
			decide.Bytes = max(decide.Bytes, p.Bytes)
		}
		b.results.Proofs = append(b.results.Proofs, read, reach, decide)
	}
	return nil
}

// proofs is what it takes to prove platforms, beside their preview.
func (r *Results) proofs(before Figures) table {
	t := table{
		title: "Proving what is deployed",
		note: "Platforms in one stack: the one that was deployed, copied with names and identifiers of its own each. read: its exported state into a graph. " +
			"reach: the whole matrix of who can reach whom. verify: all invariants and controls. Each must stay level for each platform. × preview: of the same number of platforms, deployed for real, state not kept. CPU: of the processors' time.",
		header: []string{"platforms", "resources", "runs", "read s", "verify s", "read ms each", "reach ms each", "verify ms each", "CPU ms each", "last", "× preview", "memory MB"},
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
			number(read.median()/n, 0), number(reach.median()/n, 0), number(f.median()/n, 0), number((median(read.CPU)+median(f.CPU))/n, 0), number((median(wasRead.CPU)+median(was.CPU))/n, 0),
			number((read.median()+f.median())/preview.median(), 2), megabytes(f.Bytes),
		})
	}
	return t
}
