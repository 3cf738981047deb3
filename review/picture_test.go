package review

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

var update = flag.Bool("update", false, "draw the picture of docs/pipeline.md anew, which needs chromium")

// shown is a change of production as somebody could propose it: a database of another engine, more web servers,
// a rule that opens, a tag on everything, and a loss that the settings allow.
func shown(t *testing.T) *Report {
	p := plan(t)
	for _, s := range p.steps {
		old := s["oldState"].(state)
		inputs, _ := old["inputs"].(state)
		if tags, ok := inputs["tags"].(state); ok && tags["Name"] != nil {
			after := copied(t, old)
			after["inputs"].(state)["tags"].(state)["team"] = "shop"
			s["newState"], s["op"], s["detailedDiff"] = after, "update", state{}
		}
	}
	also := func(kind, name string, edit func(inputs state), forced ...string) {
		p.update(kind, name, func(in state) {
			if tags, isMap := in["tags"].(state); isMap {
				tags["team"] = "shop"
			}
			edit(in)
		}, forced...)
	}
	also(database, "prod-database", func(in state) { in["username"] = "owner" }, "username")
	also("aws:autoscaling/group:Group", "prod-web", func(in state) { in["maxSize"] = 20.0 })
	also("aws:cloudwatch/logGroup:LogGroup", "prod-web", func(in state) { in["retentionInDays"] = 30.0 })
	also("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "prod-web-to-internal-443", func(in state) {
		delete(in, "referencedSecurityGroupId")
		in["cidrIpv4"] = "10.0.0.0/8"
	})
	p.config = state{"causeway:losses": `{"aws:cloudwatch/logGroup:LogGroup::prod-web":
		{"reason": "the audit log has them", "expires": "2026-12-31"}}`}
	return p.review()
}

// page is a comment as GitHub shows it: its Markdown with tables, line breaks kept, and alerts.
func page(t *testing.T, markdown string) string {
	t.Helper()
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithHardWraps(), html.WithUnsafe()))
	var b bytes.Buffer
	require.NoError(t, md.Convert([]byte(markdown), &b))
	alert := regexp.MustCompile(`<blockquote>\s*<p>\[!CAUTION\](<br>)?`)
	body := alert.ReplaceAllString(b.String(), `<blockquote class="alert"><p><b class="caution">Caution</b><br>`)
	body = strings.ReplaceAll(body, "🛑", `<span class="caution">●</span>`) // which not every machine has a glyph for
	return `<!DOCTYPE html><meta charset="utf-8"><style>
body { font: 14px/1.5 "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; color: #1f2328; width: 860px; margin: 16px }
table { border-collapse: collapse; margin-bottom: 16px } td, th { border: 1px solid #d1d9e0; padding: 6px 13px }
code { background: #818b981f; border-radius: 6px; padding: .2em .4em; font: 85% ui-monospace, "DejaVu Sans Mono", monospace }
h3 { font-size: 1.25em } h4 { font-size: 1em; margin: 24px 0 8px }
blockquote.alert { border-left: 4px solid #cf222e; margin: 0 0 16px; padding: 0 1em }
.caution { color: #d1242f } summary { cursor: pointer }
</style>` + body
}

// docs/pipeline.md shows what a reviewer sees. The text is kept beside the picture, which says which text it is of.
func TestTheDocumentShowsARealComment(t *testing.T) {
	const text, picture = "../docs/comment.md", "../docs/comment.png"
	markdown := shown(t).Markdown(Most)
	rendered := page(t, markdown)
	for _, raw := range []string{"[!CAUTION]", "| ---", "####", "**<code>", "- opens"} {
		assert.NotContains(t, rendered, raw, "it is shown as text")
	}
	assert.Equal(t, strings.Count(markdown, "> [!CAUTION]"), strings.Count(rendered, `class="alert"`))
	for _, part := range []string{"prod-database", "forces the replacement", "opens: ", "Allowed by the settings", "a month"} {
		assert.Contains(t, rendered, part)
	}
	if *update {
		require.NoError(t, os.WriteFile(text, []byte(markdown), 0o644))
		require.NoError(t, os.WriteFile(picture, stamped(draw(t, rendered), markdown), 0o644))
	}
	kept, err := os.ReadFile(text)
	require.NoError(t, err)
	assert.Equal(t, string(kept), markdown, "go test ./review -run Document -update draws it anew")
	drawn, err := os.ReadFile(picture)
	require.NoError(t, err)
	assert.True(t, bytes.HasSuffix(drawn, sum(markdown)), "the picture is of another text: go test ./review -run Document -update")
}

// stamped writes behind a picture which text it is of: what follows a PNG's end is nobody's business.
func stamped(picture []byte, of string) []byte { return append(picture, sum(of)...) }

func sum(text string) []byte {
	hash := sha256.Sum256([]byte(text))
	return []byte(hex.EncodeToString(hash[:]))
}

func draw(t *testing.T, page string) []byte {
	t.Helper()
	path, err := exec.LookPath("chromium")
	require.NoError(t, err, "install it from the distribution")
	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, []byte(page), 0o600))
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(900, 600))
	allocated, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	ctx, stop := chromedp.NewContext(allocated)
	defer stop()
	ctx, end := context.WithTimeout(ctx, time.Minute)
	defer end()
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate("file://"+file)))
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	require.NoError(t, err)
	return picture
}
