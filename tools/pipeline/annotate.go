package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/review"
)

// mostAnnotations is how many annotations of each level GitHub shows for a step (GitHub, workflow commands).
const mostAnnotations = 10

// annotate writes what a review says beside the lines of the settings that the change touches, and each control that
// breaks beside the line that declares its resource.
func (s stack) annotate(ctx context.Context, base string, out io.Writer) {
	p, err := graph.ReadPreview(bytes.NewReader(s.Preview))
	if err != nil {
		return // the review has reported it
	}
	file := "Pulumi." + s.Name + ".yaml"
	after, _ := os.ReadFile(file)
	before, _ := exec.CommandContext(ctx, "git", "show", base+":"+file).Output()
	for _, line := range annotations(p, review.Of(p, time.Now()), file, string(before), string(after)) {
		fmt.Fprintln(out, line)
	}
}

func annotations(p *graph.Preview, r *review.Report, file, before, after string) []string {
	level, text := "notice", r.Summary()
	if r.Stopped {
		level, text = "error", text+"\n"+strings.Join(r.Reasons, "\n")
	}
	var all []string
	for _, line := range touched(before, after) {
		all = append(all, annotation(level, file, fmt.Sprint(line), "what this does to "+r.Stack, text))
	}
	for _, f := range r.Controls.Broken {
		for _, urn := range f.Resources {
			if resource := p.After.ByURN(urn); resource != nil && resource.Source != "" {
				path, line, _ := strings.Cut(resource.Source, ":")
				all = append(all, annotation("error", path, line, f.ID+" "+f.Title, f.Found))
				break
			}
		}
	}
	if r.Stopped && len(all) == 0 {
		all = append(all, annotation(level, file, "1", "what this does to "+r.Stack, text))
	}
	return all[:min(len(all), mostAnnotations)]
}

// touched are the numbers of the lines that are new or differ.
func touched(before, after string) []int {
	was := map[string]bool{}
	for line := range strings.Lines(before) {
		was[strings.TrimSpace(line)] = true
	}
	var numbers []int
	n := 0
	for line := range strings.Lines(after) {
		n++
		if text := strings.TrimSpace(line); text != "" && !strings.HasPrefix(text, "#") && !was[text] {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// annotation is a workflow command. Text that a program chose cannot end it and begin another.
func annotation(level, file, line, title, text string) string {
	escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := func(text string) string {
		return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escape.Replace(clean(text)))
	}
	return fmt.Sprintf("::%s file=%s,line=%s,title=%s::%s",
		level, property(file), property(line), property(title), escape.Replace(clean(text)))
}

// scanned uploads what is proved of each stack to code scanning, for the change's head. A repository without code
// scanning refuses it, which is no failure.
func (g *github) scanned(ctx context.Context, p preview) error {
	for _, s := range p.Stacks {
		planned, err := graph.ReadPreview(bytes.NewReader(s.Preview))
		if err != nil {
			continue // the comment says so
		}
		sarif, err := proof.Verify(planned.After, report.FromPreview, time.Now()).SARIF()
		if err != nil {
			return err
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, err = z.Write(sarif)
		if err := errors.Join(err, z.Close()); err != nil {
			return err
		}
		err = g.call(ctx, http.MethodPost, "/code-scanning/sarifs", map[string]string{
			"commit_sha": p.Commit, "ref": fmt.Sprintf("refs/pull/%d/head", p.Pull),
			"sarif": base64.StdEncoding.EncodeToString(packed.Bytes()),
		}, nil)
		var refused *refusal
		if errors.As(err, &refused) && (refused.status == http.StatusForbidden || refused.status == http.StatusNotFound) {
			fmt.Fprintln(os.Stderr, "pipeline: code scanning is not enabled for this repository")
			return nil
		}
		if err != nil {
			return fmt.Errorf("uploading to code scanning: %w", err)
		}
	}
	return nil
}
