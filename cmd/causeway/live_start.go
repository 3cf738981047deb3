package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/hold"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/living"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/report"
)

// leaveAlive leaves the stack alive in a process of its own, which outlasts this one. On a computer that cannot do that,
// one line says why and nothing else changes.
func leaveAlive(cmd *cobra.Command, sh shell, stack string) error {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	if _, s, err := findAlive(ctx, stack); err == nil {
		return present(ctx, cmd, stack, s, "%s is alive, and what was deployed now lives")
	}
	log, ended, err := startLiving(sh, stack)
	if err != nil {
		return err
	}
	_, s, err := await(ctx, stack, ended)
	if code := (*exec.ExitError)(nil); errors.As(err, &code) && code.ExitCode() == exitCannotLive {
		text, err := os.ReadFile(log)
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		fmt.Fprintf(out, "\n%s\n", strings.TrimPrefix(lines[len(lines)-1], "causeway: "))
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %s says why", err, log)
	}
	return present(ctx, cmd, stack, s, "%s is alive")
}

// present waits for the servers and says how to look at the world. It fails where they do not serve, with what they said.
func present(ctx context.Context, cmd *cobra.Command, stack string, s living.State, says string) error {
	a, s, err := awaitServers(ctx, cmd, stack, s)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "\n"+says+":\n", stack)
	inspect(out, s, a.flag, s.Roots)
	if words := unwellLogs(a.home, s); words != "" {
		fmt.Fprint(cmd.ErrOrStderr(), "\n"+words)
		return fmt.Errorf("%s is alive, but what was deployed does not serve", stack)
	}
	return nil
}

// startLiving starts `causeway live` in a session of its own, and returns its log and a channel that reports its end.
func startLiving(sh shell, stack string) (log string, ended <-chan error, err error) {
	p, err := locate(stack)
	if err != nil {
		return "", nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return "", nil, fmt.Errorf("finding this program: %w", err)
	}
	log = filepath.Join(liveHome(p.Home(stack)), "console.log")
	if err := os.MkdirAll(filepath.Dir(log), 0o700); err != nil {
		return "", nil, fmt.Errorf("letting %s live: %w", stack, err)
	}
	file, err := os.OpenFile(log, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", nil, fmt.Errorf("letting %s live: %w", stack, err)
	}
	defer file.Close()
	cmd := exec.Command(self, "live", "--stack", stack)
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.Root, file, file
	own := func(variable string) bool { return !isProxy(variable) }
	cmd.Env = append(slices.DeleteFunc(os.Environ(), isProxy), slices.DeleteFunc(slices.Clone(sh.environ), own)...)
	if sh.passphrase != "" {
		cmd.Env = append(cmd.Env, "PULUMI_CONFIG_PASSPHRASE="+sh.passphrase)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("letting %s live: %w", stack, err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	return log, done, nil
}

// isProxy says whether a variable names a proxy: the fence has one of its own that leads nowhere, and a database's
// program may have to be fetched.
func isProxy(variable string) bool {
	name, _, _ := strings.Cut(strings.ToUpper(variable), "=")
	return slices.Contains([]string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}, name)
}

// await waits until a world that was started answers.
func await(ctx context.Context, stack string, ended <-chan error) (*alive, living.State, error) {
	for {
		a, s, err := findAlive(ctx, stack)
		if err == nil {
			return a, s, nil
		}
		select {
		case <-ctx.Done():
			return nil, s, ctx.Err()
		case err := <-ended:
			return nil, s, fmt.Errorf("%s does not live: the process that was to hold its world ended (%w)", stack, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// patience is how long servers may take until a visitor is served, and as long again where load balancers find some not healthy;
// after that, those that are not are named.
const patience = time.Minute

// awaitServers waits until a visitor would be served, and names what is not well if that takes too long.
func awaitServers(ctx context.Context, cmd *cobra.Command, stack string, s living.State) (*alive, living.State, error) {
	progress := report.NewProgress(cmd.ErrOrStderr(), "booting "+stack)
	defer progress.Close()
	deadline := time.Now().Add(patience)
	for {
		a, s, err := findAlive(ctx, stack)
		if err != nil {
			return nil, s, fmt.Errorf("%s was alive and is not any more: %w", stack, err)
		}
		unwell := s.Unwell()
		if len(unwell) == 0 {
			if err := a.visit(ctx, s); err == nil {
				return a, s, nil
			} else {
				unwell = []string{err.Error()}
			}
		}
		if time.Now().After(deadline) && (!s.Ailing() || time.Now().After(deadline.Add(patience))) {
			for _, line := range unwell {
				progress.Say(line)
			}
			return a, s, nil
		}
		select {
		case <-ctx.Done():
			return nil, s, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// visit requests the first address, as a visitor does. Whatever answers may answer anything, except that it cannot serve.
func (a *alive) visit(ctx context.Context, s living.State) error {
	if len(s.URLs) == 0 {
		return nil
	}
	text, err := os.ReadFile(s.Roots)
	if err != nil {
		return fmt.Errorf("reading the world's authority: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	way := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: s.Door}), TLSClientConfig: &tls.Config{RootCAs: roots}}
	defer way.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URLs[0]+"/", nil)
	if err != nil {
		return fmt.Errorf("asking for %s: %w", s.URLs[0], err)
	}
	response, err := way.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("asking for %s: %w", s.URLs[0], err)
	}
	response.Body.Close()
	if response.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("%s answers %s", s.URLs[0], response.Status)
	}
	return nil
}

// end ends a world and waits until its process has let go of the stack.
func (a *alive) end(ctx context.Context, stack string) error {
	if err := a.Stop(ctx); err != nil {
		return err
	}
	var held *hold.HeldError
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		h, err := hold.Take(filepath.Join(a.home, "lock"), stack, "causeway live --stop")
		if err == nil {
			return h.Release()
		}
		if !errors.As(err, &held) || time.Now().After(deadline) {
			return fmt.Errorf("ending the world of %s: %w", stack, err)
		}
	}
}
