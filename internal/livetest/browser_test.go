package livetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// browser starts the Chromium that `causeway open` would, without a window, with the arguments that it would give.
func (at *place) browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		skip(t, "there is no chromium: install it from the distribution (Debian: apt install chromium)")
	}
	// A program of that name on PATH tells what `open` starts a browser with.
	folder := t.TempDir()
	said := filepath.Join(folder, "arguments")
	script := "#!/bin/sh\nfor a in \"$@\"; do echo \"$a\"; done >" + said + ".part && mv " + said + ".part " + said + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(folder, "chromium"), []byte(script), 0o755))
	t.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("DISPLAY", "")
	assert.Contains(t, at.must("open"), "there is no display for a browser (DISPLAY); curl asks like this:\n  curl --proxy ")
	t.Setenv("DISPLAY", ":0")
	assert.Contains(t, at.must("open"), "chromium shows https://guestbook.test")
	require.NoError(t, os.Unsetenv("DISPLAY"))
	require.Eventually(t, func() bool { _, err := os.Stat(said); return err == nil }, 10*time.Second, 20*time.Millisecond)
	text, err := os.ReadFile(said)
	require.NoError(t, err)

	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Flag("disable-dev-shm-usage", true))
	for line := range strings.Lines(string(text)) {
		name, value, valued := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "--"), "=")
		if !strings.HasPrefix(line, "--") {
			continue // the address
		}
		if valued {
			options = append(options, chromedp.Flag(name, value))
		} else {
			options = append(options, chromedp.Flag(name, true))
		}
	}
	return begun(t, options)
}

// begun is a browser that ends with the test.
func begun(t *testing.T, options []chromedp.ExecAllocatorOption) context.Context {
	allocated, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewContext(allocated)
	t.Cleanup(stop)
	ctx, end := context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(end)
	return ctx
}

// TestAPersonSignsTheGuestbook does in a real browser what a person does, twice, with both application servers replaced in
// between, and looks at the page that shows the world.
func TestAPersonSignsTheGuestbook(t *testing.T) {
	at := newPlace(t, settings)
	at.upLive()
	ctx := at.browser(t)
	s := at.state()
	signs := func(message string) {
		t.Helper()
		require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(s.URLs[0]+"/"), waits(`document.querySelector("form") !== null`, 30*time.Second),
			chromedp.SetValue("[name=name]", "Grace"), chromedp.SetValue("[name=message]", message), chromedp.Click("form button"),
			waits(fmt.Sprintf(`document.title === "Guestbook" && document.querySelector("ol").textContent.includes(%q)`, message),
				30*time.Second)))
	}
	signs(row)
	for _, name := range s.names("machine", "app") {
		at.must("live", "fault", "kill", name)
	}
	require.Eventually(t, func() bool {
		now := at.state()
		return now.well() && len(now.names("machine", "app")) == 2
	}, 3*time.Minute, 500*time.Millisecond)
	signs("the second entry")
	listed, err := chromedp.Run(ctx, chromedp.TextContent("ol"))
	require.NoError(t, err)
	assert.Contains(t, listed, row, "it is in the database, not in a server")
	t.Run("the secret is rotated and nobody notices", at.secretIsRotated)
	t.Run("the database fails over and keeps its rows", at.databaseFailsOver)

	// The page that shows the world, in a browser without the door, as a person's own is.
	shown, c := at.plainBrowser(t), at.client(s)
	require.NoError(t, chromedp.Do(shown, chromedp.Navigate(s.Page),
		waits(`document.querySelectorAll("#nodes tr").length > 8`, 20*time.Second)))
	for range 20 {
		_, _ = page(c, s.URLs[0]+"/")
	}
	arrow := func(to string) string { return `document.querySelector('[data-arrow="` + to + `"]').textContent` }
	for _, to := range []string{"Edge load balancer", "Web servers", "Internal load balancer", "Application servers", "Database"} {
		require.NoError(t, chromedp.Do(shown, waits(arrow(to)+`.includes("in all")`, 20*time.Second)))
	}
	require.NoError(t, chromedp.Do(shown,
		waits(`document.querySelector('[data-box="Web servers"]').textContent === "● 2 of 2 well"`, 20*time.Second)))
	title, err := chromedp.Run(shown, chromedp.Title())
	require.NoError(t, err)
	assert.Equal(t, "local · alive", title)

	at.must("twin", "drift", "delete", "SecurityGroupIngressRule", "local-internal-to-app-9443")
	require.NoError(t, chromedp.Do(shown, waits(arrow("Application servers")+`.includes("refused")`, time.Minute),
		waits(`/internal-.* → app-.* dropped/.test(document.getElementById("drops").textContent)`, 20*time.Second)))
}

// waits until an expression is true in the page, whichever page that is by then.
func waits(expression string, long time.Duration) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		for deadline := time.Now().Add(long); ; time.Sleep(100 * time.Millisecond) {
			is, err := chromedp.Evaluate[bool](expression)(ctx, t)
			if err == nil && is {
				return chromedp.Void{}, nil
			}
			if time.Now().After(deadline) || ctx.Err() != nil {
				return chromedp.Void{}, fmt.Errorf("%s does not come true: %w", expression, errors.Join(err, ctx.Err()))
			}
		}
	}
}

// plainBrowser is a browser without the door, as a person's own is.
func (at *place) plainBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("no-proxy-server", true))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	if path, err := exec.LookPath("/usr/bin/chromium"); err == nil {
		options = append(options, chromedp.ExecPath(path))
	}
	return begun(t, options)
}
