package main

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/living"
)

func openCommand(sh shell, stack *string) *cobra.Command {
	return &cobra.Command{
		Use:   "open",
		Short: "open the stack that is alive in your browser",
		Long: `Starts Chromium or Chrome on the address of the stack that is alive, with a profile of
its own: that one trusts the world's authority for the stack's names and goes through the world's door, and your
own profile knows of neither. Where there is no such browser, or no display, it says how curl asks.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, s, err := findAlive(cmd.Context(), *stack)
			if err != nil {
				return err
			}
			if len(s.URLs) == 0 {
				return fmt.Errorf("%s has no name that leads to a load balancer on the internet: there is nothing to open", *stack)
			}
			return a.open(cmd, sh, s)
		},
	}
}

// browsers are what `open` starts: the first that is installed.
var browsers = []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"}

func (a *alive) open(cmd *cobra.Command, sh shell, s living.State) error {
	out := cmd.OutOrStdout()
	path, why := findBrowser(), "there is no Chromium or Chrome on PATH"
	if path != "" && !slices.ContainsFunc(sh.environ, isDisplay) {
		path, why = "", "there is no display for a browser (DISPLAY)"
	}
	if path == "" {
		fmt.Fprintf(out, "%s; curl asks like this:\n  %s\n", why, curlLine(s, s.Roots))
		return nil
	}
	args, err := browserArguments(s, filepath.Join(a.home, "browser"))
	if err != nil {
		return err
	}
	browser := exec.Command(path, args...)
	browser.Env = sh.environ // the display, and whatever else a person's programs need
	browser.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := browser.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", path, err)
	}
	fmt.Fprintf(out, "%s shows %s\n", filepath.Base(path), s.URLs[0])
	return browser.Process.Release()
}

func isDisplay(variable string) bool {
	name, value, _ := strings.Cut(variable, "=")
	return (name == "DISPLAY" || name == "WAYLAND_DISPLAY") && value != ""
}

func findBrowser() string {
	for _, name := range browsers {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// browserArguments make a separate browser go through the door and trust the stack's authority: chains that its key
// signed, and no others (the flag only works with a profile that is named).
func browserArguments(s living.State, profile string) ([]string, error) {
	text, err := os.ReadFile(s.Roots)
	if err != nil {
		return nil, fmt.Errorf("reading the world's authority: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("reading the world's authority: it is not a PEM certificate")
	}
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the world's authority: %w", err)
	}
	key := sha256.Sum256(root.RawSubjectPublicKeyInfo)
	args := []string{
		"--user-data-dir=" + profile, "--no-first-run", "--no-default-browser-check", "--disable-sync", "--proxy-server=http://" + s.Door,
		"--ignore-certificate-errors-spki-list=" + base64.StdEncoding.EncodeToString(key[:]),
	}
	if os.Getuid() == 0 {
		args = append(args, "--no-sandbox") // Chromium does not start as root with a sandbox
	}
	return append(args, s.URLs[0]), nil
}
