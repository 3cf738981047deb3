package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/twin"
)

// These tests drive the command line over the real engine and a twin, with a network of three
// resources in place of the platform.

// declare registers a resource of the cloud by its type's name, without the SDK.
func declare(ctx *pulumi.Context, typ, name string, inputs pulumi.Map,
	options ...pulumi.ResourceOption) (*pulumi.CustomResourceState, error) {
	var r pulumi.CustomResourceState
	return &r, ctx.RegisterResource(typ, name, inputs, &r, options...)
}

// network is the program under test: a network, a subnet and a database's subnet, in a component.
func network(ctx *pulumi.Context) error {
	c := config.New(ctx, "")
	var component struct{ pulumi.ResourceState }
	if err := ctx.RegisterComponentResource("shop:index:Network", "network", &component); err != nil {
		return err
	}
	inside := pulumi.Parent(&component)
	vpc, err := declare(ctx, "aws:ec2/vpc:Vpc", "vpc", pulumi.Map{"cidrBlock": pulumi.String(c.Require("cidr"))}, inside)
	if err != nil {
		return err
	}
	_, err = declare(ctx, "aws:ec2/subnet:Subnet", "public", pulumi.Map{
		"vpcId": vpc.ID(), "cidrBlock": pulumi.String(c.Require("subnet")),
		"tags": pulumi.StringMap{"Tier": pulumi.String(c.Require("tier"))},
	}, inside)
	if err != nil {
		return err
	}
	ctx.Export("url", pulumi.String("https://shop.example"))
	ctx.Export("vpc", vpc.ID())
	return nil
}

const settingsText = "config:\n  shop:cidr: 10.0.0.0/16\n  shop:subnet: %s\n  shop:tier: %s\n"

// place is a project with the stacks local and prod, in which commands are given.
type place struct {
	t     *testing.T
	root  string
	start string // the folder of these tests
}

func newPlace(t *testing.T, p pulumi.RunFunc) *place {
	t.Helper()
	pulumiCommand, err := filepath.Abs("../../bin/pulumi")
	require.NoError(t, err)
	_, err = os.Stat(pulumiCommand)
	require.NoError(t, err, "these tests drive the real engine: run `make build` first")

	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "bin"), 0o755))
	require.NoError(t, os.Symlink(pulumiCommand, filepath.Join(root, "bin", "pulumi")))
	start, err := os.Getwd()
	require.NoError(t, err)
	at := &place{t, root, start}
	at.write("Pulumi.yaml", "name: shop\nruntime: go\n")
	for _, stack := range []string{"local", "prod"} {
		at.write("Pulumi."+stack+".yaml", fmt.Sprintf(settingsText, "10.0.0.0/24", "web"))
	}
	t.Chdir(root)
	oldProgram, oldSetting := program, setting
	t.Cleanup(func() { program, setting = oldProgram, oldSetting })
	program = p
	setting = func(project.Project, string) (twin.Options, error) { return twin.Options{}, nil }
	return at
}

func (at *place) write(name, text string) {
	at.t.Helper()
	require.NoError(at.t, os.WriteFile(filepath.Join(at.root, name), []byte(text), 0o644))
}

// give gives a command line and returns its exit code and what it printed for a person: progress
// and errors are apart.
func (at *place) give(args ...string) (code int, out string) {
	at.t.Helper()
	return give(at.t.Context(), args...)
}

func give(ctx context.Context, args ...string) (int, string) {
	var out bytes.Buffer
	code := run(ctx, shell{}, &out, &out, args)
	return code, out.String()
}

func TestTheLifeOfAStack(t *testing.T) {
	at := newPlace(t, network)

	code, out := at.give("preview")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: 2 to create, 0 as they are")
	assert.Contains(t, out, "+ create   network/public  aws:ec2/subnet:Subnet")

	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: 2 created, 0 as they were")
	assert.Regexp(t, `url:    https://shop\.example\nvpc:    vpc-\S+\nstate:  .causeway/local/state\n`, out)

	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: nothing to change: 2 resources as declared")

	at.write("Pulumi.local.yaml", fmt.Sprintf(settingsText, "10.0.0.0/24", "edge"))
	code, out = at.give("preview")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: 1 to update, 1 as they are")
	assert.Contains(t, out, `tags.Tier: "web" → "edge"`)

	at.write("Pulumi.local.yaml", fmt.Sprintf(settingsText, "10.0.1.0/24", "edge"))
	code, out = at.give("preview")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: 1 to replace, 1 as they are")
	assert.Contains(t, out, `cidrBlock: "10.0.0.0/24" → "10.0.1.0/24"   forces the replacement`)
	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: 1 replaced, 1 as they were")

	code, out = at.give("preview", "-s", "prod")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "prod: 2 to create", "stacks share nothing")

	code, out = at.give("down")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: 2 deleted")
	assert.Contains(t, out, "local: nothing is left, in the state or on the twin")
	code, out = at.give("down")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: there was nothing to take down")
}
