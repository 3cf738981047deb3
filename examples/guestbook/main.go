// Guestbook is what Causeway deploys until it is told of another release: a web tier that serves a
// page and an application tier that keeps its entries in a database.
//
//	guestbook web    the page, on :8443
//	guestbook app    the API, on :9443
//
// Both speak TLS only, are configured by their environment (README.md lists it), log JSON to standard
// error and stop within 20 seconds of SIGTERM. The exit code is 2 when the arguments or the
// environment are wrong, and 1 when serving failed.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
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
	log := slog.New(slog.NewJSONHandler(stderr, nil)).With("tier", tier)
	var err error
	switch tier {
	case "web":
		var s settings.Web
		if s, err = settings.ReadWeb(getenv); err != nil {
			return misused(stderr, tier, err)
		}
		err = runWeb(ctx, s, log)
	case "app":
		var s settings.App
		if s, err = settings.ReadApp(getenv); err != nil {
			return misused(stderr, tier, err)
		}
		err = runApp(ctx, s, log)
	default:
		fmt.Fprintln(stderr, "usage: guestbook web | guestbook app")
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

func runApp(ctx context.Context, s settings.App, log *slog.Logger) error {
	fetch := secret.FromFile(s.Database.SecretFile)
	if s.Database.SecretARN != "" {
		var err error
		if fetch, err = secret.FromSecretsManager(ctx, s.Database.SecretARN, s.Database.Region); err != nil {
			return err
		}
	}
	entries, err := store.Open(s.Database, fetch)
	if err != nil {
		return err
	}
	defer entries.Close()
	listener, err := serve.Listen(s.Server)
	if err != nil {
		return err
	}
	go entries.Prepare(ctx, log)
	return serve.Run(ctx, listener, app.Handler(entries, s.Release, log), log)
}
