// Guestbook is what Causeway deploys until it is told of another release: a web tier that serves a
// page and an application tier that keeps its entries in a database.
//
//	guestbook web    the page, on :8443
//	guestbook app    the API, on :9443
//	guestbook migrate                 makes the table
//	guestbook once NAME PROGRAM ...   runs a program, once for each release and name, under a lock of the database
//
// Both speak TLS only, are configured by their environment (README.md lists it), log JSON to standard
// error and stop within 20 seconds of SIGTERM. The exit code is 2 when the arguments or the
// environment are wrong, and 1 when serving failed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/causeway-iac/causeway/examples/guestbook/internal/app"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/secret"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/serve"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/settings"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/store"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stderr))
}

func run(ctx context.Context, args []string, getenv func(string) string, stderr io.Writer) int {
	tier := strings.Join(args, " ")
	if len(args) > 0 && args[0] == "once" {
		tier = "once"
	}
	log := slog.New(slog.NewJSONHandler(stderr, nil)).With("tier", tier)
	var err error
	switch tier {
	case "web":
		var s settings.Web
		if s, err = settings.ReadWeb(getenv); err != nil {
			return misused(stderr, tier, err)
		}
		err = runWeb(ctx, s, log)
	case "app", "migrate", "once":
		var s settings.App
		if s, err = settings.ReadApp(getenv); err != nil {
			return misused(stderr, tier, err)
		}
		err = withStore(ctx, s.Database, func(entries *store.Store) error {
			switch {
			case tier == "migrate":
				return entries.Migrate(ctx)
			case tier == "once" && len(args) > 2:
				return once(ctx, entries, args[1]+" "+s.Release, args[2:], log)
			case tier == "once":
				return errors.New("write: guestbook once NAME PROGRAM [ARGUMENT...]")
			}
			return runApp(ctx, s, entries, log)
		})
	default:
		fmt.Fprintln(stderr, "usage: guestbook web | guestbook app | guestbook migrate | guestbook once NAME PROGRAM [ARGUMENT...]")
		return 2
	}
	if err != nil {
		log.Error("stopped", "error", err)
		return 1
	}
	return 0
}

func misused(stderr io.Writer, tier string, err error) int {
	fmt.Fprintf(stderr, "guestbook %s: the environment is wrong:\n  %s\n", tier, strings.ReplaceAll(err.Error(), "\n", "\n  "))
	return 2
}

func runWeb(ctx context.Context, s settings.Web, log *slog.Logger) error {
	client, err := web.NewClient(s.AppURL, s.AppCAFile)
	if err != nil {
		return err
	}
	listener, err := serve.Listen(s.Server)
	if err != nil {
		return err
	}
	return serve.Run(ctx, listener, web.Handler(client, s.Release, log), log)
}

func withStore(ctx context.Context, d settings.Database, do func(*store.Store) error) error {
	fetch := secret.FromFile(d.SecretFile)
	if d.SecretARN != "" {
		var err error
		if fetch, err = secret.FromSecretsManager(ctx, d.SecretARN, d.Region); err != nil {
			return err
		}
	}
	entries, err := store.Open(d, fetch)
	if err != nil {
		return err
	}
	defer entries.Close()
	return do(entries)
}

func runApp(ctx context.Context, s settings.App, entries *store.Store, log *slog.Logger) error {
	listener, err := serve.Listen(s.Server)
	if err != nil {
		return err
	}
	return serve.Run(ctx, listener, app.Handler(entries, s.Release, log), log)
}

// once runs a program of whatever kind, with this process's environment, unless it has ended well before.
func once(ctx context.Context, entries *store.Store, name string, command []string, log *slog.Logger) error {
	did, err := entries.Once(ctx, name, func(ctx context.Context) error {
		log.Info("running what comes before the release", "name", name)
		program := exec.CommandContext(ctx, command[0], command[1:]...)
		program.Stdout, program.Stderr = os.Stdout, os.Stderr
		program.Cancel = func() error { return program.Process.Signal(syscall.SIGTERM) }
		if err := program.Run(); err != nil {
			return fmt.Errorf("%s: %w", command[0], err)
		}
		return nil
	})
	if err == nil && !did {
		log.Info("what comes before the release is done already", "name", name)
	}
	return err
}
