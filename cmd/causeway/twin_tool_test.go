package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin"
)

func TestTheTwinsSecretsAreNotShown(t *testing.T) {
	const password = "correct-horse-battery"
	at := newPlace(t, func(ctx *pulumi.Context) error {
		_, err := declare(ctx, "aws:ssm/parameter:Parameter", "key",
			pulumi.Map{"type": pulumi.String("SecureString"), "value": pulumi.String(password)})
		if err != nil {
			return err
		}
		_, err = declare(ctx, "aws:rds/instance:Instance", "database", pulumi.Map{
			"engine": pulumi.String("postgres"), "instanceClass": pulumi.String("db.t4g.micro"), "allocatedStorage": pulumi.Int(20),
			"username": pulumi.String("shop"), "password": pulumi.String(password), "skipFinalSnapshot": pulumi.Bool(true),
		})
		return err
	})
	code, out := at.give("up")
	require.Equal(t, 0, code, out)
	for _, args := range [][]string{{"twin", "show", "key"}, {"twin", "show", "key", "--json"}, {"twin", "show", "database"},
		{"twin", "resources", "--json"}, {"twin", "events", "--json"}} {
		code, out = at.give(args...)
		require.Equal(t, 0, code, out)
		assert.NotContains(t, out, password, args)
	}
	code, out = at.give("twin", "show", "Parameter", "key", "--show-secrets")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "value: "+password)
}

func TestTablesAsJSON(t *testing.T) {
	at := newPlace(t, network)
	for _, command := range []string{"status", "resources", "events"} {
		code, out := at.give("twin", command)
		assert.Equal(t, exitError, code)
		assert.Contains(t, out, "has no world yet: `causeway up --stack local` makes one")
	}
	code, out := at.give("up")
	require.Equal(t, 0, code, out)
	var items []twin.Item
	_, out = at.give("twin", "resources", "--name", "pub*", "--json")
	require.NoError(t, json.Unmarshal([]byte(out), &items), out)
	require.Len(t, items, 1)
	assert.Equal(t, "aws:ec2/subnet:Subnet", items[0].Type)
	assert.Equal(t, "10.0.0.0/24", items[0].Outputs["cidrBlock"])
	var events []twin.Event
	_, out = at.give("twin", "events", "--operation", "create", "--last", "1", "--json")
	require.NoError(t, json.Unmarshal([]byte(out), &events), out)
	require.Len(t, events, 1)
	assert.Equal(t, items[0].URN, events[0].URN)
	for _, typ := range []string{"aws:ec2", "ec2", "vpc", "ec2/vpc"} {
		code, out = at.give("twin", "resources", "--type", typ)
		require.Equal(t, 0, code, out)
		assert.Contains(t, out, "vpc-", typ)
	}
	for command, says := range map[string]string{
		"resources --type aws:ec2/vcp": `no type or function of the twin is like "aws:ec2/vcp"; the nearest is "aws:ec2/vpc"`,
		"resources --type aws:ec3":     `no type or function of the twin is like "aws:ec3"; the nearest is "aws:ec2"`,
		"events --type vcp":            `no type or function of the twin is like "vcp"`,
		"show":                         "write `causeway twin show [TYPE] NAME [flags]`: `causeway twin show --help` says more",
		"drift change Vpc vpc":         "write `causeway twin drift change TYPE NAME PROPERTY=VALUE... [flags]`",
		"drift delete Vpc":             "write `causeway twin drift delete TYPE NAME [flags]`",
		"delegate one two":             "write `causeway twin delegate [ZONE] [flags]`",
	} {
		code, out = at.give(append([]string{"twin"}, strings.Fields(command)...)...)
		assert.Equal(t, exitConfiguration, code, command)
		assert.Contains(t, out, says, command)
	}
	code, out = at.give("twin", "drift", "delete", "Subnet", "nothing")
	assert.Equal(t, exitError, code)
	assert.Contains(t, out, "causeway: there is no Subnet named nothing on the twin: `causeway twin resources` lists what there is")
	code, out = at.give("twin", "show", "Vpc", "public")
	assert.Equal(t, exitError, code)
	assert.Contains(t, out, "there is no Vpc named public")
}

func TestDriftIsFoundAndPutRight(t *testing.T) {
	at := newPlace(t, network)
	code, out := at.give("up")
	require.Equal(t, 0, code, out)
	code, out = at.give("twin", "drift", "delete", "Subnet", "public")
	require.Equal(t, 0, code, out)
	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "nothing to change", "Pulumi does not know")
	code, out = at.give("preview", "--refresh")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: 1 to create, 1 as they are")
	code, out = at.give("up", "--refresh")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: 1 created, 1 as they were")
	code, out = at.give("twin", "drift", "delete", "Subnet", "public")
	require.Equal(t, 0, code, out)
	code, out = at.give("twin", "reset")
	assert.Equal(t, exitConfiguration, code)
	assert.Contains(t, out, "add --yes")
	code, out = at.give("twin", "reset", "--yes", "--state")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "the world of local is empty: 1 resource is gone\nits state is forgotten\n")
	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: 2 created")
}

// The stack's own manners are of a file, and flags come on top of it.
func TestMannersOfAStack(t *testing.T) {
	at := newPlace(t, network)
	at.write("Twin.local.yaml", "faults: [\"error:aws:ec2/subnet:create\"]\nseed: 3\n")
	code, out := at.give("up", "--fault", "throttle:aws:ec2/vpc:create", "--latency", "none")
	assert.Equal(t, exitResource, code, out)
	assert.Contains(t, out, "--fault error:aws:ec2/subnet:create --fault throttle:aws:ec2/vpc:create --fault-seed 3\n")
	assert.Contains(t, out, "RequestLimitExceeded")
	code, out = at.give("up")
	assert.Equal(t, exitResource, code, out)
	assert.Contains(t, out, "api error InternalError")
	at.write("Twin.local.yaml", "fault: [x]\n")
	code, out = at.give("preview")
	assert.Equal(t, exitConfiguration, code)
	assert.Contains(t, out, "it may have latency, consistency, throttle, seed, faults, quotas, delegation and account")
	for _, kms := range []string{"none", "0f0f0f0f-1111-4222-a333-444455556666"} {
		at.write("Twin.local.yaml", "account:\n  - {type: kms/key, id: 0f0f0f0f-1111-4222-a333-444455556666, region: eu-west-1}\n"+
			"  - {type: kms/alias, region: eu-west-1, properties: {name: alias/a, targetKeyId: "+kms+"}}\n")
		code, out = at.give("preview")
		assert.Equal(t, kms == "none", code == exitConfiguration, out)
		assert.Equal(t, kms == "none", strings.Contains(out, "Twin.local.yaml:3: creating aws:kms/alias:Alias"), out)
	}
	require.NoError(t, os.Remove(filepath.Join(at.root, "Twin.local.yaml")))
	code, out = at.give("up", "--fault", "error:aws:rds/instance:create", "--fault", "throttle:aws:ec2/vpc:create:1@9")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "note: the fault error:aws:rds/instance:create struck nothing: no call matched it\n")
	assert.Contains(t, out, "note: the fault throttle:aws:ec2/vpc:create:1@9 struck nothing: ")
}

// What was made and whose answer was lost is told, with what a person must do, until it is taken in or away.
func TestALostThingIsTold(t *testing.T) {
	at := newPlace(t, network)
	code, out := at.give("up", "--fault", "lost:aws:ec2/vpc:create")
	assert.Equal(t, exitResource, code)
	says := regexp.MustCompile(`note: aws:ec2/vpc:Vpc vpc was made as (vpc-\w+), and its answer was lost: the state does not know it. ` +
		"Take it in by `pulumi import aws:ec2/vpc:Vpc vpc vpc-\\w+`, or away by `(causeway twin drift delete aws:ec2/vpc:Vpc vpc-\\w+)`")
	require.Regexp(t, says, out)
	another := regexp.MustCompile(`note: aws:ec2/vpc:Vpc vpc was made as (vpc-\w+), and its answer was lost: the state does not know it. ` +
		"There is another by now: take this one away by `(causeway twin drift delete aws:ec2/vpc:Vpc vpc-\\w+)`")
	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	require.Regexp(t, another, out)
	code, out = at.give("down")
	assert.Equal(t, exitResource, code)
	assert.Contains(t, out, "the state is empty, but 1 resource is left on the twin")
	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	does := another.FindStringSubmatch(out)
	require.Len(t, does, 3, out)
	code, out = at.give(strings.Fields(does[2])[1:]...)
	require.Equal(t, 0, code, out)
	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	assert.NotContains(t, out, "was lost")
	code, out = at.give("down")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "nothing is left")
}
