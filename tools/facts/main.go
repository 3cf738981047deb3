// Facts makes twin/facts/provider-facts-aws-sdk.json.gz: what the Go SDK of pulumi-aws, in the version that go.mod names, says of the
// resource types of types.yaml, with what that file adds. With -plugin it asks a provider for its schema as well, whose word
// on replacements and secrets stands above the file's: of every type that it has.
//
//	go run ./tools/facts                            # does the embedded file say what the SDK says?
//	go run ./tools/facts -write                     # writes it anew, after a change of types.yaml or of the SDK's version
//	go run ./tools/facts -write -plugin pulumi-resource-aws
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/causeway-iac/causeway/twin/brain"
)

const (
	sdkModule = "github.com/pulumi/pulumi-aws/sdk/v6"
	factsFile = "twin/facts/provider-facts-aws-sdk.json.gz"
)

func main() {
	write := flag.Bool("write", false, "write the facts")
	plugin := flag.String("plugin", "", "a pulumi-resource-aws to ask for its schema")
	flag.Parse()
	if err := run(*write, *plugin); err != nil {
		fmt.Fprintln(os.Stderr, "facts:", err)
		os.Exit(1)
	}
}

func run(write bool, plugin string) error {
	p, err := generate(".", "tools/facts/types.yaml")
	if err != nil {
		return err
	}
	if plugin != "" {
		schema, err := schemaOf(plugin)
		if err != nil {
			return err
		}
		if err := p.judge(schema); err != nil {
			return err
		}
	}
	packed, err := p.pack()
	if err != nil {
		return err
	}
	if write {
		return os.WriteFile(factsFile, packed, 0o644)
	}
	before, err := os.ReadFile(factsFile)
	if err != nil {
		return err
	}
	if string(before) != string(packed) {
		return fmt.Errorf("%s is not what SDK %s and types.yaml say: go run ./tools/facts -write", factsFile, p.SDK)
	}
	return nil
}

func schemaOf(path string) ([]byte, error) {
	ctx := context.Background()
	p, err := brain.OpenPlugin(ctx, path)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	return p.Schema(ctx)
}
