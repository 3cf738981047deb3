package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/review"
)

const (
	head  = "0123456789abcdef0123456789abcdef01234567"
	other = "ffffffffffffffffffffffffffffffffffffffff"
)

func itoa(n int) string { return strconv.Itoa(n) }

// hub is as much of GitHub as the pipeline uses: it keeps comments and issues, hands out lists by the
// page, and redirects to an artifact on another host. It knows nothing of permissions.
type hub struct {
	t         *testing.T
	comments  []post // of pull request 7
	issues    []post
	closed    map[int]bool
	head      string
	artifact  []byte
	size      int64 // that the list claims; 0 for the true one
	writes    []string
	scans     []string // what was uploaded to code scanning
	unscanned bool     // code scanning is off
	leaked    bool     // the token was sent to where artifacts lie
}

func (h *hub) start() *github {
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.leaked = h.leaked || r.Header.Get("Authorization") != ""
		w.Write(h.artifact)
	}))
	h.t.Cleanup(store.Close)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(h.t, "Bearer secret", r.Header.Get("Authorization"))
		path := strings.TrimPrefix(r.URL.Path, "/repos/o/r")
		var in struct {
			Body, State, Title string
			Commit             string `json:"commit_sha"`
			Ref, SARIF         string
		}
		if r.Method != http.MethodGet {
			require.NoError(h.t, json.NewDecoder(r.Body).Decode(&in))
			h.writes = append(h.writes, r.Method+" "+path)
		}
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		switch {
		case strings.HasSuffix(path, "/zip"):
			http.Redirect(w, r, strings.Replace(store.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
		case path == "/actions/runs/41/artifacts" || path == "/actions/runs/42/artifacts" || path == "/actions/runs/43/artifacts":
			size := h.size
			if size == 0 {
				size = int64(len(h.artifact))
			}
			list := []any{map[string]any{"name": "preview", "size_in_bytes": size, "archive_download_url": "http://" + r.Host +
				"/repos/o/r/zip"}}
			if h.artifact == nil {
				list = nil
			}
			answer(w, map[string]any{"artifacts": list})
		case path == "/code-scanning/sarifs":
			if h.unscanned {
				http.Error(w, "Advanced Security must be enabled", http.StatusForbidden)
				return
			}
			assert.Equal(h.t, head, in.Commit)
			assert.Equal(h.t, "refs/pull/7/head", in.Ref)
			packed, err := base64.StdEncoding.DecodeString(in.SARIF)
			assert.NoError(h.t, err)
			z, err := gzip.NewReader(bytes.NewReader(packed))
			assert.NoError(h.t, err)
			sarif, err := io.ReadAll(z)
			assert.NoError(h.t, err)
			h.scans = append(h.scans, string(sarif))
		case path == "/pulls/7":
			answer(w, map[string]any{"head": map[string]string{"sha": h.head}})
		case path == "/issues/7/comments" && r.Method == http.MethodGet:
			answer(w, pageOf(h.comments, page))
		case path == "/issues/7/comments":
			h.comments = append(h.comments, by(author, int64(len(h.comments)+1), in.Body))
		case strings.HasPrefix(path, "/issues/comments/"):
			id, _ := strconv.Atoi(filepath.Base(path))
			h.comments[id-1].Body = in.Body
		case path == "/issues" && r.Method == http.MethodGet:
			assert.Equal(h.t, author, r.URL.Query().Get("creator"))
			var open []post
			for _, i := range h.issues {
				if !h.closed[i.Number] {
					open = append(open, i)
				}
			}
			answer(w, pageOf(open, page))
		case path == "/issues":
			assert.Contains(h.t, in.Title, "is not as the program declares it")
			h.issues = append(h.issues, by(author, int64(len(h.issues)+1), in.Body))
		case r.Method == http.MethodPatch:
			n, _ := strconv.Atoi(filepath.Base(path))
			if in.State == "closed" {
				h.closed[n] = true
			} else {
				h.issues[n-1].Body = in.Body
			}
		case strings.HasSuffix(path, "/comments") && r.Method == http.MethodPost:
		default:
			http.Error(w, "no such path: "+r.Method+" "+path, http.StatusNotFound)
		}
	}))
	h.t.Cleanup(api.Close)
	h.closed = map[int]bool{}
	return &github{api: api.URL, repository: "o/r", token: "secret", server: "https://github.com", client: api.Client()}
}

func by(login string, id int64, body string) post {
	p := post{ID: id, Number: int(id), Body: body}
	p.User.Login = login
	return p
}

func pageOf(posts []post, page int) []post {
	from := min((page-1)*100, len(posts))
	return append([]post{}, posts[from:min(from+100, len(posts))]...)
}

func answer(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(err)
	}
}

func zipped(t *testing.T, name string, content []byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	require.NoError(t, err)
	_, err = w.Write(content)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

func saved(t *testing.T, p preview) []byte {
	b, err := json.Marshal(p)
	require.NoError(t, err)
	return zipped(t, "preview.json", b)
}

func aPreview(output string) preview {
	return preview{Schema: 1, Pull: 7, Commit: head, Stacks: []stack{{Name: "dev", Output: output}}}
}

func TestCommentIsPostedOnceAndEdited(t *testing.T) {
	h := &hub{t: t, head: head, artifact: saved(t, aPreview("dev: 1 to create\n  + create a\n"))}
	for i := range 150 { // more than a page of other people's, one of whom copies the marker
		h.comments = append(h.comments, by("mallory", int64(i+1), previewMarker+"commit="+other+" run=999 -->"))
	}
	g := h.start()

	said, err := g.comment(context.Background(), 42, head)
	require.NoError(t, err)
	assert.Equal(t, "posted", said)
	require.Len(t, h.comments, 151)
	assert.Contains(t, h.comments[150].Body, "**dev** `dev: 1 to create`")

	said, err = g.comment(context.Background(), 42, head)
	require.NoError(t, err)
	assert.Equal(t, "nothing to edit", said)

	h.artifact = saved(t, aPreview("dev: nothing would change"))
	said, err = g.comment(context.Background(), 41, head)
	require.NoError(t, err)
	assert.Equal(t, "a newer run has commented", said, "an older run never overwrites")
	assert.Contains(t, h.comments[150].Body, "1 to create")

	said, err = g.comment(context.Background(), 43, head)
	require.NoError(t, err)
	assert.Equal(t, "edited", said)
	assert.Contains(t, h.comments[150].Body, "nothing would change")
	assert.Equal(t, []string{"POST /issues/7/comments", "PATCH /issues/comments/151"}, h.writes, "nobody else's comment was touched")
	assert.False(t, h.leaked, "the token went to where artifacts lie")
}

func TestCommentTrustsNothingOfTheRun(t *testing.T) {
	good := aPreview("dev: nothing would change")
	withField := func(field string) []byte {
		b, _ := json.Marshal(good)
		return zipped(t, "preview.json", bytes.Replace(b, []byte(`{`), []byte(`{`+field+`,`), 1))
	}
	changed := func(change func(*preview)) []byte {
		p := aPreview("dev: nothing would change")
		change(&p)
		return saved(t, p)
	}
	for name, c := range map[string]struct {
		artifact []byte
		size     int64
		head     string
		wantErr  string
		want     string
	}{
		"no artifact":               {want: "saved no preview"},
		"a head that moved on":      {artifact: saved(t, good), head: other, want: "has moved on"},
		"another commit":            {artifact: changed(func(p *preview) { p.Commit = other }), wantErr: "the run was started for"},
		"a pull request of nobody":  {artifact: changed(func(p *preview) { p.Pull = 8 }), wantErr: "404"},
		"an artifact that is large": {artifact: saved(t, good), size: 2 << 20, wantErr: "at most 1048576 are fetched"},
		"a list that lies of it":    {artifact: bytes.Repeat([]byte("x"), 2<<20), size: 10, wantErr: "more than 1048576 bytes"},
		"a file that grows":         {artifact: zipped(t, "preview.json", make([]byte, 20<<20)), wantErr: "more than 16777216 bytes"},
		"another file":              {artifact: zipped(t, "../preview.json", []byte("{}")), wantErr: "has no preview.json"},
		"no archive":                {artifact: []byte("hello"), wantErr: "opening the artifact"},
		"no JSON":                   {artifact: zipped(t, "preview.json", []byte("hello")), wantErr: "reading the file"},
		"a field too many":          {artifact: withField(`"script":"x"`), wantErr: "unknown field"},
		"two values":                {artifact: zipped(t, "preview.json", []byte(`{} {}`)), wantErr: "something follows"},
		"another schema":            {artifact: changed(func(p *preview) { p.Schema = 2 }), wantErr: "schema is 2"},
		"no stack":                  {artifact: changed(func(p *preview) { p.Stacks = nil }), wantErr: "0 stacks"},
		"a stack twice":             {artifact: changed(func(p *preview) { p.Stacks = append(p.Stacks, p.Stacks[0]) }), wantErr: "twice"},
		"a name with markup":        {artifact: changed(func(p *preview) { p.Stacks[0].Name = "<b>" }), wantErr: "not a stack's name"},
		"an exit code too large":    {artifact: changed(func(p *preview) { p.Stacks[0].Exit = 256 }), wantErr: "exit of dev"},
		"an output too long": {artifact: changed(func(p *preview) { p.Stacks[0].Output = strings.Repeat("x", outputLimit+1) }),
			wantErr: "at most 20000"},
		"an output that colours": {artifact: changed(func(p *preview) { p.Stacks[0].Output = "\x1b[31m" }),
			wantErr: "control characters"},
	} {
		t.Run(name, func(t *testing.T) {
			h := &hub{t: t, head: head, artifact: c.artifact, size: c.size}
			if c.head != "" {
				h.head = c.head
			}
			said, err := h.start().comment(context.Background(), 42, head)
			if c.wantErr != "" {
				require.ErrorContains(t, err, c.wantErr)
			} else {
				require.NoError(t, err)
				assert.Contains(t, said, c.want)
			}
			assert.Empty(t, h.writes)
		})
	}
}

func TestOutputCannotBreakOutOfTheComment(t *testing.T) {
	evil := "`</details>` @everyone\n```\n</details>\n<!-- causeway:preview:v1 commit=" + other +
		" run=9999 -->\n@everyone <img src=x>\n````"
	body := aPreview(evil).body(42, "https://github.com/o/r")
	open := strings.Index(body, "\n`````text\n")
	end := strings.LastIndex(body, "\n`````\n")
	require.True(t, open > 0 && end > open, body)
	assert.Contains(t, body[open:end], evil[strings.Index(evil, "\n"):])
	outside := body[:open] + body[end:]
	assert.Contains(t, outside, "`'</details>' @everyone`", "the headline is code")
	assert.Equal(t, 1, strings.Count(outside, "<!--"))
	assert.Equal(t, 1, strings.Count(outside, "<details>"))
	assert.NotContains(t, outside, "<img")
	assert.False(t, newer(body, 42), "the marker is the one of the first line")
}

func TestCommentIsNeverTooLong(t *testing.T) {
	p := aPreview("")
	p.Stacks = nil
	for i := range 4 {
		output := fmt.Sprintf("stack %d: the counts\n%s", i, strings.Repeat("x", outputLimit-100))
		p.Stacks = append(p.Stacks, stack{Name: "stack-" + itoa(i), Exit: 4, WithoutBase: true, Output: output})
	}
	require.NoError(t, p.check())
	body := p.body(42, "https://github.com/o/r")
	assert.LessOrEqual(t, len(body), 65_536)
	assert.Equal(t, 3, strings.Count(body, "<details>"), "whole sections are dropped")
	assert.Equal(t, 3, strings.Count(body, "</details>"))
	assert.Equal(t, 1, strings.Count(body, "too long for a comment"))
	for i := range 4 {
		assert.True(t, strings.Contains(body, fmt.Sprintf("**stack-%d** **a resource is refused**: `stack %d: the counts`", i, i)),
			"stack %d", i)
	}
	assert.True(t, strings.Contains(body, "actions/runs/42"), "where the rest is")
}

// The comment is reviewed and written by the code that reads the file, not by the code that made it.
func TestCommentReviewsWhatWasPreviewed(t *testing.T) {
	digest, err := os.ReadFile("../../graph/testdata/prod-preview.json")
	require.NoError(t, err)
	p := aPreview("whatever the run said")
	p.Stacks = nil
	for i := range 4 {
		p.Stacks = append(p.Stacks, stack{Name: "stack-" + itoa(i), Output: "all is well\n", Preview: digest})
	}
	require.NoError(t, p.check())
	body := p.body(42, "https://github.com/o/r")
	assert.LessOrEqual(t, len(body), 65_536)
	assert.Equal(t, 4, strings.Count(body, "to create"))
	assert.NotContains(t, body, "all is well")
	assert.Equal(t, strings.Count(body, "<details>"), strings.Count(body, "</details>"))
	p.Stacks = []stack{{Name: "dev", Output: "x\ny\n", Preview: []byte(`{"steps": []}`)}}
	assert.Contains(t, p.body(42, "https://github.com/o/r"), "no summary", "a preview that is not whole is not reviewed")
}

func TestWhatIsProvedGoesToCodeScanning(t *testing.T) {
	digest, err := os.ReadFile("../../graph/testdata/prod-preview.json")
	require.NoError(t, err)
	p := aPreview("all is well")
	p.Stacks[0].Preview = digest
	for _, unscanned := range []bool{false, true} {
		h := &hub{t: t, head: head, artifact: saved(t, p), unscanned: unscanned}
		said, err := h.start().comment(t.Context(), 42, head)
		require.NoError(t, err)
		assert.Equal(t, "posted", said, "whether or not code scanning takes it")
		if !unscanned {
			require.Len(t, h.scans, 1)
			assert.Contains(t, h.scans[0], `"causeway-verify/prod/"`)
		}
	}
}

// Beside the settings that a change touches stands what it does, and beside a line of the program what it breaks.
func TestAnnotationsStandOnTheLinesThatChanged(t *testing.T) {
	const (
		before = "config:\n  causeway:web: {maxSize: 3}\n"
		after  = "config:\n  # more\n  causeway:web: {maxSize: 5}\n\n  causeway:protect: false\n"
	)
	urn := "urn:pulumi:prod::shop::aws:ec2/vpc:Vpc::net"
	g, err := graph.New([]*graph.Resource{{URN: urn, Type: "aws:ec2/vpc:Vpc", Name: "net", Custom: true, Source: "network,1.go:12"}})
	require.NoError(t, err)
	p := &graph.Preview{After: g}
	r := &review.Report{Stack: "prod", Counts: map[graph.Action]int{graph.Update: 2}, Same: 5}
	assert.Equal(t, []string{
		"::notice file=Pulumi.prod.yaml,line=3,title=what this does to prod::2 to update, 5 as they are",
		"::notice file=Pulumi.prod.yaml,line=5,title=what this does to prod::2 to update, 5 as they are",
	}, annotations(p, r, "Pulumi.prod.yaml", before, after))

	r.Stopped, r.Reasons = true, []string{"net would be deleted\n::error::100%"}
	found := report.Finding{ID: "C1", Title: "A title: one, two", Found: "net\r\n::warning::x", Resources: []string{"gone", urn}}
	r.Controls.Broken = []report.Finding{found}
	assert.Equal(t, []string{
		"::error file=network%2C1.go,line=12,title=C1 A title%3A one%2C two::net%0A::warning::x",
	}, annotations(p, r, "Pulumi.prod.yaml", after, after))
	r.Controls.Broken = nil
	assert.Equal(t, []string{
		"::error file=Pulumi.prod.yaml,line=1,title=what this does to prod::2 to update, 5 as they are%0A" +
			"net would be deleted%0A::error::100%25",
	}, annotations(p, r, "Pulumi.prod.yaml", after, after))
}

// A real stack's preview is reviewed as the twin's is, and fails where the gate says no.
func TestAPreviewIsReviewedForTheSummary(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"review", "../../graph/testdata/prod-preview.json"}, &out))
	assert.Contains(t, out.String(), "#### Changes")
	raw, err := os.ReadFile("../../graph/testdata/prod.json")
	require.NoError(t, err)
	var export struct {
		Deployment struct{ Resources []map[string]any }
	}
	require.NoError(t, json.Unmarshal(raw, &export))
	var steps []map[string]any
	counts := map[string]int{}
	for _, r := range export.Deployment.Resources {
		s := map[string]any{"op": "same", "urn": r["urn"], "oldState": r, "newState": r}
		if r["type"] == "aws:backup/selection:Selection" {
			s["op"] = "delete"
			delete(s, "newState")
		}
		counts[s["op"].(string)]++
		steps = append(steps, s)
	}
	digest, err := json.Marshal(map[string]any{"steps": steps, "changeSummary": counts})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "preview.json")
	require.NoError(t, os.WriteFile(path, digest, 0o600))
	require.EqualError(t, run(t.Context(), []string{"review", path}, &out), "the review of prod says no")
	assert.Contains(t, out.String(), "what it selected is no longer backed up")
	require.Error(t, run(t.Context(), []string{"review"}, &out))
}

func TestPreviewSavesWhatEachStackSaid(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("bin", 0o755))
	script := "#!/bin/sh\necho notice >&2\necho \"$3: \x1b[31m1 to create\"\n[ \"$3\" = dev ] || exit 4\n[ \"$1\" = preview ] || echo {} " +
		">\"$8\"\n"
	require.NoError(t, os.WriteFile("bin/causeway", []byte(script), 0o755))

	var out bytes.Buffer
	err := run(context.Background(), []string{"preview", "-out", "p.json", "-pull", "7", "-commit", head, "-base", "main", "dev", "prod"},
		&out)
	require.EqualError(t, err, "the review of prod says no")
	b, err := os.ReadFile("p.json")
	require.NoError(t, err)
	p, err := readPreview(b)
	require.NoError(t, err)
	assert.Equal(t, preview{Schema: 1, Pull: 7, Commit: head, Stacks: []stack{
		{Name: "dev", Output: "dev: 1 to create\nnotice\n", Preview: []byte("{}")},
		{Name: "prod", Exit: 4, WithoutBase: true, Output: "prod: 1 to create\nnotice\n"},
	}}, p)
	assert.Contains(t, out.String(), "1 to create", "the log shows it too")

	require.NoError(t, os.Remove("bin/causeway"))
	err = run(context.Background(), []string{"preview", "-out", "p.json", "-pull", "7", "-commit", head, "dev"}, &out)
	require.EqualError(t, err, "the review of dev says no", "a program that is not there is a failure, not silence")
}

func TestDriftHasOneIssueForEachStack(t *testing.T) {
	h := &hub{t: t}
	g := h.start()
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	pull := by(author, 1, "<!-- causeway:drift:v1 stack=dev -->\na pull request")
	pull.PullRequest = &struct{}{}
	h.issues = []post{pull, by("mallory", 2, "<!-- causeway:drift:v1 stack=dev -->\nnot ours")}
	for _, step := range []struct {
		d    drift
		want string
	}{
		{drift{1, "dev", 0, ""}, "no drift"},
		{drift{1, "dev", 7, "~ port 443 -> 22"}, "opened"},
		{drift{1, "dev", 7, "~ port 443 -> 22"}, "still the same drift"},
		{drift{1, "prod", 7, "~ port 443 -> 22"}, "opened"},
		{drift{1, "dev", 7, "~ port 443 -> 23"}, "updated"},
		{drift{1, "dev", 0, ""}, "closed: no drift any more"},
		{drift{1, "dev", 0, ""}, "no drift"},
	} {
		said, err := g.issue(context.Background(), step.d, day)
		require.NoError(t, err)
		assert.Equal(t, step.want, said)
	}
	require.Len(t, h.issues, 4)
	assert.Contains(t, h.issues[2].Body, "443 -> 23")
	assert.Contains(t, h.issues[3].Body, "443 -> 22")
	assert.Equal(t, map[int]bool{3: true}, h.closed)
	assert.Equal(t, []string{"POST /issues", "POST /issues", "PATCH /issues/3", "POST /issues/3/comments", "PATCH /issues/3"}, h.writes)
}

func TestFoundKeepsOnlyDriftAndNoDrift(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("refresh.txt", []byte("\x1b[1m~ port\x1b[0m\n"), 0o644))
	require.NoError(t, run(context.Background(), []string{"found", "-out", "d.json", "-stack", "dev", "-exit", "7", "refresh.txt"}, nil))
	b, err := os.ReadFile("d.json")
	require.NoError(t, err)
	d, err := readDrift(b)
	require.NoError(t, err)
	assert.Equal(t, drift{1, "dev", 7, "~ port\n"}, d)
	err = run(context.Background(), []string{"found", "-out", "d.json", "-stack", "dev", "-exit", "3", "refresh.txt"}, nil)
	require.ErrorContains(t, err, "exit is 3")
}

func TestSummaryIsFenced(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("p.txt", []byte("```\n<h1>\n"), 0o644))
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"summary", "-title", "prod", "p.txt"}, &out))
	assert.Equal(t, "### prod\n\n````text\n```\n<h1>\n````\n\n", out.String())
}
