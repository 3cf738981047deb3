// Command policy is the proofs as a policy pack, an executable for Pulumi 3.255 or later:
//
//	pulumi preview --policy-pack bin/policy
//
// The engine starts it with its own address, reads a port from its output, and ends it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"

	"github.com/causeway-iac/causeway/proof/pack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, stop, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "policy: "+err.Error())
		os.Exit(1)
	}
}

// serve answers the engine until it ends the process, or is gone itself.
func serve(ctx context.Context, stop context.CancelFunc, args []string) error {
	engine, err := engineAddress(args)
	if err != nil {
		return err
	}
	if err := rpcutil.Healthcheck(ctx, engine, 5*time.Minute, stop); err != nil {
		return fmt.Errorf("watching the engine at %s: %w", engine, err)
	}
	cancel := make(chan bool)
	context.AfterFunc(ctx, func() { close(cancel) })
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterAnalyzerServer(s, pack.New(deployed, pack.Gate{Policy: loss, Judge: keeps}))
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("serving the policies: %w", err)
	}
	fmt.Println(handle.Port) // what the engine waits for
	return <-handle.Done
}

// engineAddress is the first argument. The engine may put flags for its own logging before it.
func engineAddress(args []string) (string, error) {
	flags := flag.NewFlagSet("policy", flag.ContinueOnError)
	flags.Bool("logtostderr", false, "taken from the engine, and not used")
	flags.Int("v", 0, "taken from the engine, and not used")
	flags.String("tracing", "", "taken from the engine, and not used")
	if err := flags.Parse(args); err != nil {
		return "", err
	}
	if flags.NArg() == 0 {
		return "", errors.New("it is started by Pulumi's engine: pulumi preview --policy-pack bin/policy")
	}
	return flags.Arg(0), nil
}
