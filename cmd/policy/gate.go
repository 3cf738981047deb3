package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/pack"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/review"
)

// loss is the policy of the gate.
var loss = report.Finding{
	ID: "LOSS", Title: "Nothing that holds data or identity is lost", Severity: report.Critical,
	Remedy: "keep it, under its name and with what forces its replacement as it was",
}

// keeps is the gate against losses: what would lose data or identity, and is not allowed by the stack's settings, fails
// the preview. The engine shows a pack nothing of what is deleted, so the state is read for what there was. Neither a
// resource's protection nor --ignore-protect changes that.
func keeps(ctx context.Context, of pack.Operation, after *graph.Graph) ([]report.Finding, error) {
	exported, err := export(ctx, of)
	if err != nil {
		return nil, err
	}
	p, err := graph.Compare(bytes.NewReader(exported), after)
	if err != nil {
		return nil, err
	}
	p.Config = of.Config
	now := time.Now()
	losses := review.Losses(p, now)
	var findings []report.Finding
	for _, l := range losses {
		f := loss
		f.Resources, f.Found, f.Evidence = []string{l.URN}, l.Sentence(), []string{"because " + l.Why}
		if f.Verdict = report.Broken; l.Allowed != "" {
			f.Verdict, f.Remedy = report.Waived, ""
			f.Evidence = append(f.Evidence, "allowed by the settings: "+l.Allowed)
		} else {
			f.Remedy += "; " + review.Remedy(of.Project, []review.Loss{l}, now)
		}
		findings = append(findings, f)
	}
	return findings, nil
}

// deployed is the stack as its state has it.
func deployed(ctx context.Context, of pack.Operation) (*graph.Graph, error) {
	exported, err := export(ctx, of)
	if err != nil {
		return nil, err
	}
	return graph.FromState(bytes.NewReader(exported))
}

// export is the stack's current state, read by the command that runs this pack from wherever it is kept.
func export(ctx context.Context, of pack.Operation) ([]byte, error) {
	stack := of.Stack
	if of.Organization != "" {
		stack = of.Organization + "/" + of.Project + "/" + of.Stack
	}
	ctx, stop := context.WithTimeout(ctx, 5*time.Minute)
	defer stop()
	var said, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, engineCommand(ctx), "stack", "export", "--stack", stack, "--non-interactive")
	cmd.Stdout, cmd.Stderr = &said, &complaint
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("asking for what would be lost: pulumi stack export: %w: %s", err, strings.TrimSpace(complaint.String()))
	}
	return said.Bytes(), nil
}

// engineCommand is the pulumi command that started this process or, failing that, the one on PATH.
func engineCommand(ctx context.Context) string {
	parent := strconv.Itoa(os.Getppid())
	path, err := os.Readlink("/proc/" + parent + "/exe")
	if err != nil { // where there is no /proc
		said, _ := exec.CommandContext(ctx, "ps", "-o", "comm=", "-p", parent).Output()
		path = strings.TrimSpace(string(said))
	}
	if filepath.IsAbs(path) && strings.HasPrefix(filepath.Base(path), "pulumi") {
		return path
	}
	return "pulumi"
}
