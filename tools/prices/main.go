// Command prices renews a region's prices in cost/rates from AWS's public bulk price list, which needs no account:
//
//	go run ./tools/prices -region eu-west-1
//
// Afterwards, go test ./cost -update writes docs/costs.md anew. What the list does not have stays as it is, and is
// named: the exit code is then 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "prices:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	set := flag.NewFlagSet("prices", flag.ContinueOnError)
	region := set.String("region", "", "the region whose prices are renewed, such as eu-west-1")
	from := set.String("from", "https://pricing.us-east-1.amazonaws.com", "where the price list is")
	folder := set.String("rates", "cost/rates", "the tables")
	if err := set.Parse(args); err != nil {
		return err
	}
	if *region == "" || set.NArg() > 0 {
		return errors.New("give a region: go run ./tools/prices -region eu-west-1")
	}
	t, err := readTables(*folder)
	if err != nil {
		return err
	}
	var missing []string
	for _, service := range services {
		address := fmt.Sprintf("%s/offers/v1.0/aws/%s/current/%s/index.json", *from, service, *region)
		fmt.Fprintln(out, "reading", address)
		l, err := fetch(ctx, address, service)
		if err != nil {
			return err
		}
		missing = append(missing, t.renew(l, *region, address)...)
	}
	if err := t.write(); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d prices of %s renewed\n", t.renewed, *region)
	if len(missing) > 0 {
		slices.Sort(missing)
		return fmt.Errorf("not in the list, and left as they were: %s", strings.Join(missing, ", "))
	}
	return nil
}

// fetch reads one service's list, which may be hundreds of megabytes.
func fetch(ctx context.Context, address, service string) (*list, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("AWS's price list cannot be reached from here, and nothing was changed: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("AWS's price list has no %s of that region, and nothing was changed: %s: %s", service, address, res.Status)
	}
	l, err := read(res.Body, service)
	if err != nil {
		return nil, fmt.Errorf("%s: nothing was changed: %w", address, err)
	}
	return l, nil
}
