package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/hold"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/twin"
)

// A real stack's guards hold in its rehearsal, and are lifted there only when asked for.
func TestDownOfAProtectedStack(t *testing.T) {
	at := newPlace(t, func(ctx *pulumi.Context) error {
		vpc, err := declare(ctx, "aws:ec2/vpc:Vpc", "vpc", pulumi.Map{"cidrBlock": pulumi.String("10.0.0.0/16")}, pulumi.Protect(true))
		if err != nil {
			return err
		}
		_, err = declare(ctx, "aws:ec2/subnet:Subnet", "a", pulumi.Map{"vpcId": vpc.ID(), "cidrBlock": pulumi.String("10.0.0.0/24")})
		if err != nil {
			return err
		}
		_, err = declare(ctx, "aws:rds/instance:Instance", "database", pulumi.Map{
			"engine": pulumi.String("postgres"), "instanceClass": pulumi.String("db.t4g.micro"), "allocatedStorage": pulumi.Int(20),
			"username": pulumi.String("shop"), "manageMasterUserPassword": pulumi.Bool(true),
			"deletionProtection": pulumi.Bool(true), "skipFinalSnapshot": pulumi.Bool(true),
		})
		if err != nil {
			return err
		}
		bucket, err := declare(ctx, "aws:s3/bucketV2:BucketV2", "releases", pulumi.Map{"forceDestroy": pulumi.Bool(false)})
		if err != nil {
			return err
		}
		_, err = declare(ctx, "aws:s3/bucketObjectv2:BucketObjectv2", "release", pulumi.Map{
			"bucket": bucket.ID(), "key": pulumi.String("releases/1"), "content": pulumi.String("1"),
		}, pulumi.RetainOnDelete(true))
		return err
	})
	code, out := at.give("up", "-s", "prod")
	require.Equal(t, 0, code, out)

	code, out = at.give("down", "-s", "prod")
	assert.Equal(t, exitResource, code)
	assert.Contains(t, out, "nothing was taken down: 2 resources are protected against deletion")
	assert.Contains(t, out, "vpc (aws:ec2/vpc:Vpc)")
	assert.Contains(t, out, "database (aws:rds/instance:Instance)")
	assert.Contains(t, out, "`causeway down --stack prod --unprotect`")
	code, out = at.give("up", "-s", "prod")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "nothing to change: 5 resources as declared")

	// What is deployed goes, whatever the settings say by now: here they are wrong, and the program would make more.
	program = func(ctx *pulumi.Context) error { panic("down runs no program") }
	setting = func(project.Project, string) (twin.Options, error) {
		return twin.Options{}, errors.New("wrong settings")
	}
	code, out = at.give("down", "-s", "prod", "--unprotect")
	require.Equal(t, exitResource, code, out)
	assert.Contains(t, out, "protections of 2 resources lifted")
	assert.Contains(t, out, "BucketNotEmpty", "a bucket with something in it stays, as at AWS")
	assert.Contains(t, out, "start `causeway down --stack prod` again")
	code, out = at.give("twin", "drift", "delete", "BucketObjectv2", "release", "-s", "prod")
	require.Equal(t, 0, code, out)
	code, out = at.give("down", "-s", "prod")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "prod: nothing is left")
}

// What the program keeps when its stack goes is told apart from what nobody knows of.
func TestDownTellsWhatIsKept(t *testing.T) {
	logs := "logs-of-shop"
	at := newPlace(t, func(ctx *pulumi.Context) error {
		_, err := declare(ctx, "aws:s3/bucketV2:BucketV2", "logs", pulumi.Map{"bucket": pulumi.String(logs)},
			pulumi.RetainOnDelete(true))
		if err != nil {
			return err
		}
		_, err = declare(ctx, "aws:rds/instance:Instance", "database", pulumi.Map{
			"engine": pulumi.String("postgres"), "instanceClass": pulumi.String("db.t4g.micro"), "allocatedStorage": pulumi.Int(20),
			"username": pulumi.String("shop"), "manageMasterUserPassword": pulumi.Bool(true),
			"finalSnapshotIdentifier": pulumi.String("shop-last"),
		})
		return err
	})
	code, out := at.give("up")
	require.Equal(t, 0, code, out)
	logs = "logs-of-shop-too" // the other is replaced, and kept like the last one
	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	code, out = at.give("down")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: 3 resources are kept, as in the cloud, where they cost until somebody deletes them:\n    "+
		"aws:s3/bucketV2:BucketV2 logs-of-shop\n    aws:s3/bucketV2:BucketV2 logs-of-shop-too\n    aws:rds/snapshot:Snapshot shop-last\n")
	assert.NotContains(t, out, "nothing is left")
	code, out = at.give("twin", "drift", "delete", "Snapshot", "shop-last")
	require.Equal(t, 0, code, out)
	code, out = at.give("twin", "drift", "delete", "BucketV2", "logs-of-shop-too")
	require.Equal(t, 0, code, out)
	code, out = at.give("down")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "1 resource is kept, as in the cloud, where it costs until somebody deletes it", "it is known of later, too")
	code, out = at.give("twin", "reset", "--yes")
	require.Equal(t, 0, code, out)
	code, out = at.give("down")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: nothing is left")
}

func TestTheCloudsRefusalIsReadable(t *testing.T) {
	at := newPlace(t, network)
	at.write("Pulumi.local.yaml", fmt.Sprintf(settingsText, "192.168.0.0/24", "web"))
	code, out := at.give("up")
	assert.Equal(t, exitResource, code, out)
	assert.Contains(t, out, "error in network/public (aws:ec2/subnet:Subnet):\n    ")
	assert.Contains(t, out, "InvalidSubnet.Range")
	assert.Contains(t, out, "until then: 1 created")
	assert.Contains(t, out, "to go on, start `causeway up` again; to take it down, `causeway down`")
	assert.NotContains(t, out, "goroutine")
	assert.NotContains(t, out, "rpc error")

	at.write("Pulumi.local.yaml", fmt.Sprintf(settingsText, "10.0.0.0/24", "web"))
	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: 1 created, 1 as they were")
}

func TestWrongSettingsStartNothing(t *testing.T) {
	at := newPlace(t, network)
	setting = func(project.Project, string) (twin.Options, error) {
		return twin.Options{}, &codedError{exitConfiguration, errors.New("Pulumi.local.yaml:2: cidr: too small")}
	}
	for _, command := range []string{"up", "preview"} {
		code, out := at.give(command)
		assert.Equal(t, exitConfiguration, code)
		assert.Equal(t, "causeway: Pulumi.local.yaml:2: cidr: too small\n", out)
	}
	_, err := os.Stat(filepath.Join(at.root, ".causeway"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	code, out := at.give("down")
	assert.Equal(t, 0, code, "what is there can be taken down all the same: %s", out)
}

func TestExitCodesOfWrongCommandLines(t *testing.T) {
	at := newPlace(t, network)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"up", "-s", "produ"}, exitStackNotFound, `there is no stack "produ": the project has local, prod`},
		{[]string{"up", "-s", "../x"}, exitStackNotFound, `"../x" is not a stack's name`},
		{[]string{"up", "-s", ""}, exitStackNotFound, `"" is not a stack's name`},
		{[]string{"up", "--stak", "x"}, exitConfiguration, "unknown flag: --stak: did you mean --stack?"},
		{[]string{"up", "--colour"}, exitConfiguration, "unknown flag: --colour: `causeway up --help` lists the flags"},
		{[]string{"up", "--quota", "vpcs"}, exitConfiguration, `--quota "vpcs": write NAME=NUMBER`},
		{[]string{"up", "--consistency", "5"}, exitConfiguration, `--consistency "5": write a time, such as 300ms`},
		{[]string{"up", "--brain", "gcp"}, exitConfiguration, `--brain "gcp": write builtin, aws, cloudflare or auto, or a provider's path`},
		{[]string{"down", "--unprotect=maybe"}, exitConfiguration, `--unprotect "maybe": write true or false`},
		{[]string{"donw"}, exitConfiguration, "there is no `causeway donw`: did you mean `causeway down`?"},
		{[]string{"gaph"}, exitConfiguration, "did you mean `causeway graph`?"},
		{[]string{"pre"}, exitConfiguration, "did you mean `causeway preview`?"},
		{[]string{"upp"}, exitConfiguration, "there is no `causeway upp`: did you mean `causeway up`?"},
		{[]string{"deploy"}, exitConfiguration, "there is no `causeway deploy`: there are check, completion, cost, down,"},
		{[]string{"up", "prod"}, exitConfiguration, "\"prod\": `causeway up` takes flags only"},
		{[]string{"twin", "reste"}, exitConfiguration, "there is no `causeway twin reste`: did you mean `causeway twin reset`?"},
		{[]string{"twin", "drift", "undo"}, exitConfiguration, "there is no `causeway twin drift undo`: there are add, change, delete"},
		{[]string{"userdata"}, exitConfiguration, "write `causeway userdata TIER"},
		{[]string{"userdata", "web", "app"}, exitConfiguration, "write `causeway userdata TIER"},
		{[]string{"twin", "--env"}, exitError, "no twin of local is being served: start `causeway twin --stack local`"},
	} {
		code, out := at.give(c.args...)
		assert.Equal(t, c.code, code, c.args)
		assert.Contains(t, out, c.says)
	}
	t.Chdir(t.TempDir())
	code, out := at.give("up")
	assert.Equal(t, exitConfiguration, code)
	assert.Contains(t, out, "go to the repository's directory first")
}

func TestAStackInUse(t *testing.T) {
	at := newPlace(t, network)
	h, err := hold.Take(filepath.Join(at.root, ".causeway", "local", "lock"), "local", "causeway up")
	require.NoError(t, err)
	code, out := at.give("up")
	assert.Equal(t, exitError, code)
	assert.Contains(t, out, fmt.Sprintf("stack local is in use by `causeway up` (process %d", os.Getpid()))
	require.NoError(t, h.Release())
}

// The ordinary pulumi command, in a shell with the environment that `causeway twin` prints, works on
// the twin's stack.
func TestTheOrdinaryCommandOnTheTwin(t *testing.T) {
	at := newPlace(t, network)
	code, out := at.give("up")
	require.Equal(t, 0, code, out)

	ctx, interrupt := context.WithCancel(t.Context())
	served := make(chan string, 1)
	go func() {
		_, out := give(ctx, "twin")
		served <- out
	}()
	stop := func() string { interrupt(); return <-served }
	defer interrupt()
	require.Eventually(t, func() bool { code, _ := at.give("twin", "--env"); return code == 0 }, 20*time.Second, 50*time.Millisecond)

	script := `set -e
eval "$ENVIRONMENT"
test -z "$AWS_SECRET_ACCESS_KEY"
bin/pulumi refresh -s local --yes --skip-preview --non-interactive
bin/pulumi stack output vpc -s local
bin/pulumi destroy -s local --yes --skip-preview --non-interactive
`
	_, environment := at.give("twin", "--env")
	assert.NotContains(t, environment, "PULUMI_CONFIG_PASSPHRASE=", "a passphrase is printed")
	shell := exec.Command("sh", "-c", script)
	shell.Env = append(os.Environ(), "PULUMI_HOME="+t.TempDir(), "AWS_SECRET_ACCESS_KEY=", "ENVIRONMENT="+environment)
	b, err := shell.CombinedOutput()
	require.NoError(t, err, string(b))
	assert.Contains(t, string(b), "- 4 deleted")

	code, out = at.give("up")
	assert.Equal(t, exitError, code)
	assert.Contains(t, out, "stack local is in use by `causeway twin`")

	said := stop()
	assert.Contains(t, said, "the twin is ended; its world is kept")
	code, _ = at.give("twin", "--env")
	assert.Equal(t, exitError, code, "the environment of a twin that is gone")
	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "local: 2 created", "what the ordinary command did is seen")
}

// Ctrl-C: what is under way is finished, the rest is not begun, and the next run goes on.
func TestAnInterruptedDeploymentGoesOn(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	at := newPlace(t, func(pc *pulumi.Context) error {
		vpc, err := declare(pc, "aws:ec2/vpc:Vpc", "vpc", pulumi.Map{"cidrBlock": pulumi.String("10.0.0.0/16")})
		if err != nil {
			return err
		}
		vpc.ID().ApplyT(func(pulumi.ID) string { interrupt(); return "" })
		last := pulumi.Resource(vpc)
		for i := range 20 {
			next, err := declare(pc, "aws:ec2/subnet:Subnet", fmt.Sprint("subnet", i), pulumi.Map{
				"vpcId": vpc.ID(), "cidrBlock": pulumi.Sprintf("10.0.%d.0/24", i),
			}, pulumi.DependsOn([]pulumi.Resource{last}))
			if err != nil {
				return err
			}
			last = next
		}
		return nil
	})
	code, out := give(ctx, "up")
	require.Equal(t, exitCancelled, code, out)
	assert.Contains(t, out, "interrupted: the engine finishes what is under way")
	assert.Contains(t, out, "to go on, start `causeway up` again")
	assert.Contains(t, out, "causeway: up was interrupted")
	assert.NotContains(t, out, "error", "what was under way was cut off")

	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	assert.NotContains(t, out, "21 created")
	code, out = at.give("down")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "21 deleted")
}

func TestQuote(t *testing.T) {
	for value, want := range map[string]string{
		"aws:1,cloudflare:2": "aws:1,cloudflare:2", "": "''", "/a b": "'/a b'", "it's": `'it'\''s'`, "$(rm)": "'$(rm)'",
	} {
		assert.Equal(t, want, quote(value))
		out, err := exec.Command("sh", "-c", "printf %s "+quote(value)).Output()
		require.NoError(t, err)
		assert.Equal(t, value, string(out))
	}
	assert.Equal(t, "export A=1\nexport B='x y'\n", exports(map[string]string{"B": "x y", "A": "1"}))
	assert.False(t, strings.Contains(exports(nil), "\n"))
}

// A run that is killed between making a thing and noting it leaves an open operation. Here the
// subnet, which exists, is made one; and another that does not exist.
func TestAKilledRunIsSettled(t *testing.T) {
	at := newPlace(t, network)
	code, out := at.give("up")
	require.Equal(t, 0, code, out)

	file := filepath.Join(at.root, ".causeway", "local", "state", ".pulumi", "stacks", "shop", "local.json")
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	var state map[string]any
	require.NoError(t, json.Unmarshal(b, &state))
	latest := state["checkpoint"].(map[string]any)["latest"].(map[string]any)
	var kept, open []any
	for _, r := range latest["resources"].([]any) {
		resource := r.(map[string]any)
		if resource["type"] != "aws:ec2/subnet:Subnet" {
			kept = append(kept, resource)
			continue
		}
		delete(resource, "id")
		delete(resource, "outputs")
		other := maps.Clone(resource)
		other["urn"] = resource["urn"].(string) + "-never-made"
		open = append(open, map[string]any{"resource": resource, "type": "creating"}, map[string]any{"resource": other, "type": "creating"})
	}
	require.Len(t, open, 2)
	latest["resources"], latest["pending_operations"] = kept, open
	b, err = json.Marshal(state)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, b, 0o600))

	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	assert.Contains(t, out, "note: settled 2 operations that a killed run had left open; of these, 1 had made a resource, which is kept")
	assert.Contains(t, out, "local: nothing to change: 2 resources as declared")
	code, out = at.give("up")
	require.Equal(t, 0, code, out)
	assert.NotContains(t, out, "settled")
}

func TestUserdataIsReadable(t *testing.T) {
	at := newPlace(t, func(ctx *pulumi.Context) error {
		for _, tier := range []string{"web", "app"} {
			text := base64.StdEncoding.EncodeToString([]byte("#cloud-config\n# of " + tier + "\n"))
			if _, err := declare(ctx, "aws:ec2/launchTemplate:LaunchTemplate", "shop-"+tier, pulumi.Map{
				"imageId": pulumi.String("ami-0123456789abcdef0"), "userData": pulumi.String(text),
			}); err != nil {
				return err
			}
		}
		return nil
	})
	code, out := at.give("userdata", "app")
	require.Equal(t, 0, code, out)
	assert.Equal(t, "#cloud-config\n# of app\n", out)
	_, err := os.Stat(filepath.Join(at.root, ".causeway"))
	assert.ErrorIs(t, err, os.ErrNotExist, "something was kept")

	code, out = at.give("userdata", "wep")
	assert.Equal(t, exitConfiguration, code)
	assert.Contains(t, out, `no tier is named "wep"; there are launch templates for shop-app, shop-web`)
}
