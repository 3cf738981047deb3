package provider_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/provider"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

type client = pulumirpc.ResourceProviderClient

func serve(t *testing.T, w *world.World) *provider.Server {
	t.Helper()
	s, err := provider.Serve(facts.AWS(), facts.AWSVersion, brain.NewBuiltin(facts.AWS()), front.New(w, front.Options{}), 0)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

func dial(t *testing.T, s *provider.Server) client {
	t.Helper()
	c, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", s.Port()), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return pulumirpc.NewResourceProviderClient(c)
}

func wire(t *testing.T, m value.Map) *structpb.Struct {
	t.Helper()
	s, err := value.ToWire(m)
	require.NoError(t, err)
	return s
}

func newWorld(t *testing.T) *world.World {
	t.Helper()
	w, err := world.Open(world.Options{})
	require.NoError(t, err)
	return w
}

const topicURN = "urn:pulumi:s::p::aws:sns/topic:Topic::t"

func TestASecretInputIsASecretOutput(t *testing.T) {
	c := dial(t, serve(t, newWorld(t)))
	in := wire(t, value.Map{"name": "t", "displayName": value.Secret{Value: "hidden"}})
	for _, preview := range []bool{true, false} {
		r, err := c.Create(context.Background(), &pulumirpc.CreateRequest{Urn: topicURN, Properties: in, Preview: preview})
		require.NoError(t, err)
		out := value.FromWire(r.Properties)
		assert.Equal(t, value.Secret{Value: "hidden"}, out["displayName"])
		assert.Equal(t, "t", out["name"])
		assert.Equal(t, preview, r.Id == "", "an id is real or absent")

		r, err = c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: "urn:pulumi:s::p::aws:acm/certificate:Certificate::c",
			Preview: preview, Properties: wire(t, value.Map{"domainName": "a.test", "validationMethod": "DNS"})})
		require.NoError(t, err)
		assert.Equal(t, value.Secret{}, value.FromWire(r.Properties)["privateKey"], "what is secret is so where it is null")
	}
}

// Where the engine shows outputs only, as to a policy pack, there is no other place to find the id.
func TestTheIDIsAmongTheOutputs(t *testing.T) {
	c := dial(t, serve(t, newWorld(t)))
	in := wire(t, value.Map{"name": "t"})
	planned, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: topicURN, Properties: in, Preview: true})
	require.NoError(t, err)
	assert.Equal(t, value.Unknown{}, value.FromWire(planned.Properties)["id"])
	made, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: topicURN, Properties: in})
	require.NoError(t, err)
	require.NotEmpty(t, made.Id)
	assert.Equal(t, made.Id, value.FromWire(made.Properties)["id"])

	read, err := c.Read(t.Context(), &pulumirpc.ReadRequest{Urn: topicURN, Id: made.Id, Properties: made.Properties, Inputs: in})
	require.NoError(t, err)
	assert.Equal(t, made.Id, value.FromWire(read.Properties)["id"])
	for _, preview := range []bool{true, false} {
		r, err := c.Update(t.Context(), &pulumirpc.UpdateRequest{Urn: topicURN, Id: made.Id, Olds: made.Properties,
			News: wire(t, value.Map{"name": "t", "displayName": "d"}), Preview: preview})
		require.NoError(t, err)
		assert.Equal(t, made.Id, value.FromWire(r.Properties)["id"])
	}
}

// The engine sees what the real provider fills in, and sets in its order. The world keeps neither, and so neither undoes what
// was changed behind the engine's back.
func TestTheWorldGoesByWhatWasSet(t *testing.T) {
	w := newWorld(t)
	c := dial(t, serve(t, w))
	life := func(urn string, in, change, drift value.Map) (shown, kept value.Map) {
		t.Helper()
		made, err := c.Create(t.Context(), &pulumirpc.CreateRequest{Urn: urn, Properties: wire(t, in)})
		require.NoError(t, err)
		typ := urn[len("urn:pulumi:s::p::"):strings.LastIndex(urn, "::")]
		require.NoError(t, w.Alter(typ, made.Id, drift))
		maps.Copy(in, change)
		_, err = c.Update(t.Context(), &pulumirpc.UpdateRequest{Urn: urn, Id: made.Id, Olds: made.Properties, News: wire(t, in)})
		require.NoError(t, err)
		return value.FromWire(made.Properties), w.Get(typ, made.Id).Outputs
	}
	shown, kept := life(topicURN, value.Map{"name": "t"}, value.Map{"displayName": "d"}, value.Map{})
	for _, unset := range []string{"archivePolicy", "namePrefix"} {
		assert.Equal(t, "", shown[unset])
		assert.NotContains(t, kept, unset)
	}

	b, a, x := value.Map{"cidr": "10.2.0.0/16"}, value.Map{"cidr": "10.1.0.0/16"}, value.Map{"cidr": "10.9.0.0/16"}
	shown, kept = life("urn:pulumi:s::p::aws:ec2/managedPrefixList:ManagedPrefixList::l",
		value.Map{"name": "l", "addressFamily": "IPv4", "maxEntries": 5.0, "entries": []any{b, a}}, value.Map{"tags": value.Map{"a": "b"}},
		value.Map{"entries": []any{b, a, x}})
	assert.Equal(t, []any{a, b}, shown["entries"])
	assert.Equal(t, []any{b, a, x}, kept["entries"], "an update of the tags leaves the entries alone")
	assert.Equal(t, value.Map{"a": "b"}, kept["tags"])
}

func TestConfigure(t *testing.T) {
	configure := func(c client, m value.Map) error {
		_, err := c.Configure(context.Background(), &pulumirpc.ConfigureRequest{Args: wire(t, m)})
		return err
	}
	w := newWorld(t)
	c := dial(t, serve(t, w))
	require.NoError(t, configure(c, value.Map{"region": "eu-west-1", "allowedAccountIds": `["111122223333"]`}))
	assert.Equal(t, "111122223333", w.Account(), "the first configuration says whose the twin is")
	assert.ErrorContains(t, configure(c, value.Map{"allowedAccountIds": `["444455556666"]`}),
		"AWS account ID not allowed: the twin is account 111122223333")
	assert.ErrorContains(t, configure(c, value.Map{"forbiddenAccountIds": []any{"111122223333"}}), "forbiddenAccountIds")

	r, err := c.CheckConfig(context.Background(),
		&pulumirpc.CheckRequest{News: wire(t, value.Map{"regin": "x", "profile": "p", "skipMetadataApiCheck": "true"})})
	require.NoError(t, err)
	require.Len(t, r.Failures, 1)
	assert.Contains(t, r.Failures[0].Reason, `no setting "regin"; the nearest is "region"`)
}

// The real providers keep what is not a scalar as JSON text, and find the same in either.
func TestSettingsAreKeptAsText(t *testing.T) {
	c := dial(t, serve(t, newWorld(t)))
	tags := value.Map{"tags": value.Map{"a": "b"}}
	in := wire(t, value.Map{"region": "x", "allowedAccountIds": []any{"111122223333"}, "defaultTags": tags})
	r, err := c.CheckConfig(context.Background(), &pulumirpc.CheckRequest{News: in})
	require.NoError(t, err)
	kept := value.Map{"region": "x", "allowedAccountIds": `["111122223333"]`, "defaultTags": `{"tags":{"a":"b"}}`}
	assert.Equal(t, kept, value.FromWire(r.Inputs))
	same, err := c.DiffConfig(context.Background(), &pulumirpc.DiffRequest{Olds: in, News: r.Inputs})
	require.NoError(t, err)
	assert.Empty(t, same.Diffs)
}

func TestWhatIsGoneReadsAsGone(t *testing.T) {
	c := dial(t, serve(t, newWorld(t)))
	r, err := c.Read(context.Background(), &pulumirpc.ReadRequest{Urn: topicURN, Id: "arn:aws:sns:us-east-1:000000000000:t"})
	require.NoError(t, err)
	assert.Empty(t, r.Id)
	_, err = c.Delete(context.Background(), &pulumirpc.DeleteRequest{Urn: topicURN, Id: "arn:aws:sns:us-east-1:000000000000:t"})
	assert.NoError(t, err, "deleting what is gone succeeds")
	_, err = c.Read(context.Background(), &pulumirpc.ReadRequest{Urn: "urn:pulumi:s::p::aws:sns/topics:Topics::t", Id: "x"})
	assert.ErrorContains(t, err, "aws:sns/topics:Topics")
}

func TestAnswersOfFunctions(t *testing.T) {
	c := dial(t, serve(t, newWorld(t)))
	ask := func(token string, args value.Map) value.Map {
		t.Helper()
		r, err := c.Invoke(context.Background(), &pulumirpc.InvokeRequest{Tok: token, Args: wire(t, args)})
		require.NoError(t, err)
		require.Empty(t, r.Failures)
		return value.FromWire(r.Return)
	}
	zones := ask("aws:index/getAvailabilityZones:getAvailabilityZones",
		value.Map{"state": "available", "excludeNames": []any{"us-east-1e"}})
	assert.Equal(t, []any{"us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1f"}, zones["names"])
	assert.Equal(t, "000000000000", ask("aws:index/getCallerIdentity:getCallerIdentity", value.Map{})["accountId"])
	assert.Equal(t, "Z35SXDOTRQ7X7K", ask("aws:elb/getHostedZoneId:getHostedZoneId", value.Map{})["id"])
	assert.Equal(t, "postgres17",
		ask("aws:rds/getEngineVersion:getEngineVersion", value.Map{"engine": "postgres", "version": "17"})["parameterGroupFamily"])
	policy := ask("aws:iam/getPolicyDocument:getPolicyDocument",
		value.Map{"statements": []any{value.Map{"actions": []any{"s3:GetObject"}, "resources": []any{"*"},
			"principals": []any{value.Map{"type": "Service", "identifiers": []any{"ec2.amazonaws.com"}}}}}})
	assert.JSONEq(t,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*",`+
			`"Principal":{"Service":"ec2.amazonaws.com"}}]}`, policy["json"].(string))
	_, err := c.Invoke(context.Background(),
		&pulumirpc.InvokeRequest{Tok: "aws:route53/getZone:getZone", Args: wire(t, value.Map{"name": "none.test"})})
	assert.ErrorContains(t, err, "seed the twin")
}
