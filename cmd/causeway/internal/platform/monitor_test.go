package platform

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/causeway-iac/causeway/stacks"
	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/provider"
	"github.com/causeway-iac/causeway/twin/world"
)

// monitor takes a program's resources to a twin's providers at once, without an engine and its state: a first
// deployment as the twin sees it, in a twentieth of the time.
type monitor struct {
	front     *front.Front
	providers sync.Map // of *provider.Server, by a provider's name: the program registers them at once
}

// deployAtOnce makes everything that settings declare in a world of its own.
func deployAtOnce(t *testing.T, s stacks.Settings, folder string) error {
	t.Helper()
	o := world.Options{Account: s.AccountID, Granted: s.Quotas}
	switch {
	case s.DNS.Create:
	case s.DNS.Provider == "route53":
		o.Route53Zones = []string{s.DNS.Zone}
	default:
		o.CloudflareZones = []string{s.DNS.Zone}
	}
	w, err := world.Open(o)
	require.NoError(t, err)
	m := &monitor{front: front.New(w, front.Options{})}
	defer m.close()
	ctx, err := pulumi.NewContext(t.Context(), pulumi.RunInfo{
		Project: stacks.Project, Stack: s.Environment, Mocks: m, DryRun: true, // nothing waits for servers
	})
	require.NoError(t, err)
	defer ctx.Close()
	return pulumi.RunWithContext(ctx, func(ctx *pulumi.Context) error {
		_, err := stacks.Compose(ctx, s, folder)
		return err
	})
}

func (m *monitor) close() {
	m.providers.Range(func(_, p any) bool { p.(*provider.Server).Close(); return true })
	m.front.Close()
}

var wire = plugin.MarshalOptions{KeepSecrets: true, KeepUnknowns: true}

func (m *monitor) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if args.TypeToken == "pulumi:pulumi:Stack" || !args.Custom {
		return "", args.Inputs, nil
	}
	inputs, err := plugin.MarshalProperties(args.Inputs, wire)
	if err != nil {
		return "", nil, err
	}
	if pkg, is := strings.CutPrefix(args.TypeToken, "pulumi:providers:"); is {
		return args.Name, args.Inputs, m.serve(pkg, args.Name, inputs)
	}
	ctx, urn := context.Background(), "urn:pulumi:test::causeway::"+args.TypeToken+"::"+args.Name
	p := m.provider(args.Provider)
	checked, err := p.Check(ctx, &pulumirpc.CheckRequest{
		Urn: urn, Type: args.TypeToken, Name: args.Name, News: inputs, RandomSeed: []byte(args.Name),
	})
	if err != nil {
		return "", nil, err
	}
	for _, f := range checked.Failures {
		return "", nil, fmt.Errorf("%s %s: %s: %s", args.TypeToken, args.Name, f.Property, f.Reason)
	}
	made, err := p.Create(ctx, &pulumirpc.CreateRequest{Urn: urn, Type: args.TypeToken, Name: args.Name, Properties: checked.Inputs})
	if err != nil {
		return "", nil, fmt.Errorf("%s %s: %w", args.TypeToken, args.Name, err)
	}
	outputs, err := plugin.UnmarshalProperties(made.Properties, wire)
	return made.Id, outputs, err
}

func (m *monitor) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	in, err := plugin.MarshalProperties(args.Args, wire)
	if err != nil {
		return nil, err
	}
	said, err := m.provider(args.Provider).Invoke(context.Background(), &pulumirpc.InvokeRequest{Tok: args.Token, Args: in})
	if err != nil {
		return nil, err
	}
	for _, f := range said.Failures {
		return nil, errors.New(f.Property + ": " + f.Reason)
	}
	return plugin.UnmarshalProperties(said.Return, wire)
}

// serve starts a provider with a configuration.
func (m *monitor) serve(pkg, name string, in *structpb.Struct) error {
	known := map[string]*facts.Package{"aws": facts.AWS(), "cloudflare": facts.Cloudflare()}[pkg]
	p, err := provider.Serve(known, "0.0.0", brain.NewBuiltin(known), m.front, 0)
	if err != nil {
		return err
	}
	m.providers.Store(name, p)
	_, err = p.Configure(context.Background(), &pulumirpc.ConfigureRequest{Args: in})
	return err
}

// provider is the one of a reference, urn::id.
func (m *monitor) provider(reference string) *provider.Server {
	p, _ := m.providers.Load(reference[strings.LastIndex(reference, "::")+2:])
	return p.(*provider.Server)
}
