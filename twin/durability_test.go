package twin_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin"
)

// serveVar makes the test binary serve a twin of a file until it is killed.
const serveVar = "TWIN_TEST_SERVE"

func TestMain(m *testing.M) {
	if path := os.Getenv(serveVar); path != "" {
		tw, err := twin.Start(context.Background(), twin.Options{Path: path})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(tw.Attach())
		select {}
	}
	os.Exit(m.Run())
}

func TestAKilledTwinLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twin.db")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), serveVar+"="+path)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	attach, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)

	s := site{targetPort: 8443, image: "ami-1", owner: "one"}
	e := newEngine(t, nil, s.program)
	require.NoError(t, e.stack.Workspace().SetEnvVars(map[string]string{"PULUMI_DEBUG_PROVIDERS": strings.TrimSpace(attach)}))
	e.up()
	require.NoError(t, child.Process.Kill())
	_ = child.Wait()

	tw, err := twin.Start(context.Background(), twin.Options{Path: path})
	require.NoError(t, err)
	defer tw.Close()
	created := 0
	for _, event := range tw.Events() {
		if event.Operation == "create" && event.Answer == "ok" {
			created++
		}
	}
	assert.Equal(t, len(tw.Resources()), created, "what was made before the kill is still in the log")
	e.attach(tw)
	assert.Equal(t, map[string]int{"same": siteResources}, *e.up().Summary.ResourceChanges)
	e.destroy()
	assert.Empty(t, tw.Resources())
}

func TestSecretsStaySecret(t *testing.T) {
	const password = "correct-horse-battery-staple"
	path := filepath.Join(t.TempDir(), "twin.db")
	tw, err := twin.Start(context.Background(), twin.Options{Path: path})
	require.NoError(t, err)
	e := newEngine(t, tw, func(ctx *pulumi.Context) error {
		if _, err := resource(ctx, "aws:sns/topic:Topic", "t",
			pulumi.Map{"displayName": pulumi.ToSecret(pulumi.String(password + "-marked"))}); err != nil {
			return err
		}
		_, err := resource(ctx, "aws:ssm/parameter:Parameter", "p",
			pulumi.Map{"type": pulumi.String("SecureString"), "value": pulumi.String(password)})
		return err
	})
	e.up()
	assert.Equal(t, password, first(t, tw, "aws:ssm/parameter:Parameter").Outputs["value"], "the world itself holds it")
	state, err := os.ReadFile(filepath.Join(e.state, ".pulumi", "stacks", "twin", "test.json"))
	require.NoError(t, err)
	assert.False(t, bytes.Contains(state, []byte(password)))
	require.NoError(t, tw.Close())
	for _, file := range []string{path, path + ".key"} {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.False(t, bytes.Contains(data, []byte(password)), file)
		info, err := os.Stat(file)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), file)
	}
}

func TestAZoneThatExistsAlreadyIsFound(t *testing.T) {
	tw, err := twin.Start(context.Background(),
		twin.Options{CloudflareZones: []string{"example.test"}, Route53Zones: []string{"example.net"}})
	require.NoError(t, err)
	defer tw.Close()
	e := newEngine(t, tw, func(ctx *pulumi.Context) error {
		var cloudflare struct {
			ID          string   `pulumi:"id"`
			NameServers []string `pulumi:"nameServers"`
		}
		if err := ctx.Invoke("cloudflare:index/getZone:getZone", map[string]any{"name": "example.test"}, &cloudflare); err != nil {
			return err
		}
		var route53 struct {
			ZoneID string `pulumi:"zoneId"`
		}
		if err := ctx.Invoke("aws:route53/getZone:getZone", map[string]any{"name": "example.net"}, &route53); err != nil {
			return err
		}
		if _, err := resource(ctx, "cloudflare:index/record:Record", "www", pulumi.Map{"zoneId": pulumi.String(cloudflare.ID),
			"name": pulumi.String("www"), "type": pulumi.String("CNAME"), "content": pulumi.String("example.net")}); err != nil {
			return err
		}
		_, err := resource(ctx, "aws:route53/record:Record", "www",
			pulumi.Map{"zoneId": pulumi.String(route53.ZoneID), "name": pulumi.String("www"),
				"type": pulumi.String("A"), "ttl": pulumi.Int(60), "records": pulumi.ToStringArray([]string{"192.0.2.1"})})
		return err
	})
	e.up()
	assert.Equal(t, "www.example.test", first(t, tw, "cloudflare:index/record:Record").Outputs["hostname"])
	assert.Equal(t, "www.example.net", first(t, tw, "aws:route53/record:Record").Outputs["fqdn"])
	e.destroy()
	assert.Empty(t, tw.Resources(), "the zones themselves are not the stack's")
	assert.Equal(t, map[string]int{"create": 3}, *e.up().Summary.ResourceChanges, "the zones are still there")
}
