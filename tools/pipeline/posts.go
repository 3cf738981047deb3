package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/review"
)

const previewMarker = "<!-- causeway:preview:v1 "

var runPattern = regexp.MustCompile(`^<!-- causeway:preview:v1 commit=[0-9a-f]{40} run=([0-9]+) -->`)

// comment posts or edits the comment on the pull request that a run was started for, and says what it did. A run that is
// older than the comment, or than the pull request's head, changes nothing.
func (g *github) comment(ctx context.Context, run int64, commit string) (string, error) {
	if !commitPattern.MatchString(commit) {
		return "", fmt.Errorf("%q is not a commit", commit)
	}
	b, err := g.artifact(ctx, run, "preview", "preview.json")
	if err != nil {
		return "", err
	}
	if b == nil {
		return "the run saved no preview: its log says why", nil
	}
	p, err := readPreview(b)
	if err != nil {
		return "", fmt.Errorf("the preview of run %d: %w", run, err)
	}
	var pull struct {
		Head struct {
			SHA string `json:"sha"`
		} `json:"head"`
	}
	if err := g.call(ctx, http.MethodGet, fmt.Sprintf("/pulls/%d", p.Pull), nil, &pull); err != nil {
		return "", err
	}
	// The file says which pull request it is about; what GitHub says of the run and of the pull request must agree with
	// it.
	if p.Commit != commit {
		return "", fmt.Errorf("the preview is of commit %s, and the run was started for %s", p.Commit, commit)
	}
	if pull.Head.SHA != commit {
		return fmt.Sprintf("pull request %d has moved on from %s", p.Pull, commit), nil
	}
	old, err := g.own(ctx, fmt.Sprintf("/issues/%d/comments?", p.Pull), previewMarker)
	if err != nil {
		return "", err
	}
	body := p.body(run, g.server+"/"+g.repository)
	if old == nil || !newer(old.Body, run) {
		if err := g.scanned(ctx, p); err != nil {
			return "", err
		}
	}
	switch {
	case old == nil:
		return "posted", g.call(ctx, http.MethodPost, fmt.Sprintf("/issues/%d/comments", p.Pull), map[string]string{"body": body}, nil)
	case newer(old.Body, run):
		return "a newer run has commented", nil
	case old.Body == body:
		return "nothing to edit", nil
	}
	return "edited", g.call(ctx, http.MethodPatch, fmt.Sprintf("/issues/comments/%d", old.ID), map[string]string{"body": body}, nil)
}

// newer says whether a comment was written by a later run.
func newer(body string, run int64) bool {
	m := runPattern.FindStringSubmatch(body)
	if m == nil {
		return false
	}
	at, err := strconv.ParseInt(m[1], 10, 64)
	return err == nil && at > run
}

// body is the comment, in which every stack has an equal share of the space.
func (p preview) body(run int64, repository string) string {
	head := fmt.Sprintf("%scommit=%s run=%d -->\n### Review of `%.7s`\n\n", previewMarker, p.Commit, run, p.Commit)
	log := fmt.Sprintf("%s/actions/runs/%d", repository, run)
	foot := fmt.Sprintf("<sub>The change, previewed on a local cloud with no account ([log](%s)). The real stack can differ: the check "+
		"*cloud* asks it.</sub>\n", log)
	room := bodyLimit - len(head) - len(foot)
	var b strings.Builder
	b.WriteString(head)
	for i, s := range p.Stacks {
		// Every section that follows needs space, most of all for its verdict.
		section := s.section(room / (len(p.Stacks) - i))
		room -= len(section)
		b.WriteString(section)
	}
	b.WriteString(foot)
	return b.String()
}

// section is the review of one stack, or what was said in its place, in at most room bytes.
func (s stack) section(room int) string {
	if len(s.Preview) > 0 {
		p, err := graph.ReadPreview(bytes.NewReader(s.Preview))
		if err == nil {
			return review.Of(p, time.Now()).Markdown(room) + "\n"
		}
		s.Output = err.Error() + "\n" + s.Output
	}
	var b strings.Builder
	b.WriteString(s.headline() + "\n\n")
	if s.WithoutBase {
		b.WriteString("The base did not deploy on the twin, so this is compared with nothing.\n\n")
	}
	if strings.Count(strings.TrimSpace(s.Output), "\n") == 0 {
		return b.String()
	}
	if all := fmt.Sprintf("<details><summary>all of it</summary>\n\n%s\n</details>\n\n", fence(s.Output)); b.Len()+len(all) <= room {
		return b.String() + all
	}
	return b.String() + "The rest is too long for a comment: see the log.\n\n"
}

// issue opens, updates or closes the issue about a stack's drift, and says what it did.
func (g *github) issue(ctx context.Context, d drift, now time.Time) (string, error) {
	marker := "<!-- causeway:drift:v1 stack=" + d.Stack + " -->\n"
	old, err := g.own(ctx, "/issues?state=open&creator="+strings.NewReplacer("[", "%5B", "]", "%5D").Replace(author)+"&", marker)
	if err != nil {
		return "", err
	}
	if d.Exit == 0 {
		if old == nil {
			return "no drift", nil
		}
		said := map[string]string{"body": "No drift any more on " + now.UTC().Format(time.DateOnly) + "."}
		return "closed: no drift any more", errors.Join(
			g.call(ctx, http.MethodPost, fmt.Sprintf("/issues/%d/comments", old.Number), said, nil),
			g.call(ctx, http.MethodPatch, fmt.Sprintf("/issues/%d", old.Number),
				map[string]string{"state": "closed", "state_reason": "completed"}, nil))
	}
	body := d.body(marker)
	switch {
	case old == nil:
		return "opened",
			g.call(ctx, http.MethodPost, "/issues", map[string]string{"title": d.Stack + " is not as the program declares it",
				"body": body}, nil)
	case old.Body == body:
		return "still the same drift", nil
	}
	return "updated", g.call(ctx, http.MethodPatch, fmt.Sprintf("/issues/%d", old.Number), map[string]string{"body": body}, nil)
}

func (d drift) body(marker string) string {
	return marker + "Somebody or something changed `" + d.Stack + "` in the cloud. Either undo it by a deployment, " +
		"or take it into the program; docs/pipeline.md says how. This issue closes itself.\n\n" + fence(d.Output)
}
