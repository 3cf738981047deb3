package twin_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin"
	"github.com/causeway-iac/causeway/twin/fault"
)

// These tests meet every kind of fault at every operation at which it can strike, by the real engine. Each
// time the run fails and says why; the next one, without the fault, converges, or says what stands in its
// way.

// kinds are those that strike calls, and what a run says of each.
var kinds = map[fault.Kind]string{
	fault.Throttle: "api error Throttled: Rate exceeded",
	fault.Internal: "api error InternalError: An internal error has occurred",
	fault.Timeout:  "timeout while waiting for its state to become 'available'",
	fault.Half:     "setting its tags failed: ",
	fault.Lost:     "the answer was lost",
}

// struckAt are the kinds that strike at an operation.
func struckAt(o fault.Operation) (all []fault.Kind) {
	for kind := range kinds {
		if slices.Contains(kind.Strikes(), o) {
			all = append(all, kind)
		}
	}
	slices.Sort(all)
	return all
}

// topics is a program with a topic for each kind, and the faults that strike each topic with its kind.
func topics(o fault.Operation, owner string) (program pulumi.RunFunc, faults []string) {
	for _, kind := range struckAt(o) {
		faults = append(faults, fmt.Sprintf("%s:aws:sns/topic@%s:%s", kind, kind, o))
	}
	return func(ctx *pulumi.Context) error {
		for _, kind := range struckAt(o) {
			in := pulumi.Map{"tags": pulumi.StringMap{"owner": pulumi.String(owner)}}
			if _, err := resource(ctx, "aws:sns/topic:Topic", string(kind), in); err != nil {
				return err
			}
		}
		return nil
	}, faults
}

// all lets a run go on after a failure, so that one run meets every fault.
func (e *engine) all() error {
	_, err := e.stack.Up(context.Background(), optup.ContinueOnError(), optup.SuppressProgress(), optup.ErrorProgressStreams(io.Discard))
	return err
}

// known are the resources of the cloud in the state, each as its URN and id.
func (e *engine) known() (all []string) {
	e.t.Helper()
	b, err := os.ReadFile(filepath.Join(e.state, ".pulumi", "stacks", "twin", "test.json"))
	require.NoError(e.t, err)
	var state struct {
		Checkpoint struct {
			Latest struct {
				Resources []struct {
					URN, ID, Type string
					Custom        bool
				}
			}
		}
	}
	require.NoError(e.t, json.Unmarshal(b, &state))
	for _, r := range state.Checkpoint.Latest.Resources {
		if r.Custom && !strings.HasPrefix(r.Type, "pulumi:") {
			all = append(all, r.URN+" "+r.ID)
		}
	}
	slices.Sort(all)
	return all
}

func names(resources []twin.Resource) (all []string) {
	for _, r := range resources {
		all = append(all, r.URN+" "+r.ID)
	}
	slices.Sort(all)
	return all
}

// atOne checks that the state and the world name the same, but for what is lost.
func (e *engine) atOne(tw *twin.Twin, owner string) {
	e.t.Helper()
	exist := names(tw.Resources())
	for _, lost := range names(tw.Lost()) {
		exist = slices.DeleteFunc(exist, func(s string) bool { return s == lost })
	}
	assert.Equal(e.t, e.known(), exist)
	for _, r := range tw.Resources() {
		if slices.Contains(e.known(), r.URN+" "+r.ID) {
			assert.Equal(e.t, owner, r.Outputs["tags"].(map[string]any)["owner"], r.URN)
		}
	}
}

func struck(t *testing.T, tw *twin.Twin) {
	t.Helper()
	for _, f := range tw.Faults() {
		assert.Equal(t, 1, f.Struck, f.Rule)
	}
	require.NoError(t, tw.ClearFaults())
}

func TestEveryFaultAtEveryChange(t *testing.T) {
	create, faults := topics(fault.Create, "one")
	tw := mannered(t, twin.Manners{Faults: faults})
	e := newEngine(t, tw, create)
	err := e.all()
	for _, kind := range struckAt(fault.Create) {
		require.ErrorContains(t, err, kinds[kind])
	}
	struck(t, tw)
	e.up()
	e.atOne(tw, "one")
	require.Len(t, tw.Lost(), 1, "the state knows nothing of it, as at AWS: the next run made another")
	assert.Contains(t, tw.Lost()[0].URN, "::lost")
	_, err = tw.Drop("", tw.Lost()[0].ID)
	require.NoError(t, err)
	assert.Empty(t, tw.Lost())

	update, faults := topics(fault.Update, "two")
	e.program(update)
	e.up()
	more, _ := topics(fault.Update, "three")
	e.program(more)
	require.NoError(t, tw.AddFaults(faults...))
	err = e.all()
	for _, kind := range struckAt(fault.Update) {
		require.ErrorContains(t, err, kinds[kind])
	}
	struck(t, tw)
	e.up()
	e.atOne(tw, "three")

	_, faults = topics(fault.Delete, "")
	require.NoError(t, tw.AddFaults(faults...))
	_, err = e.stack.Destroy(context.Background(), optdestroy.ContinueOnError(), optdestroy.ErrorProgressStreams(io.Discard))
	for _, kind := range struckAt(fault.Delete) {
		if kind != fault.Timeout {
			require.ErrorContains(t, err, kinds[kind])
		}
	}
	require.ErrorContains(t, err, "last state: 'deleting'")
	struck(t, tw)
	e.destroy()
	assert.Empty(t, tw.Resources())
}

// What fails in reading changes nothing: the next refresh or run is as if it had not been.
func TestEveryFaultInReading(t *testing.T) {
	tw := mannered(t, twin.Manners{})
	e := newEngine(t, tw, func(ctx *pulumi.Context) error {
		var zones struct {
			Names []string `pulumi:"names"`
		}
		if err := ctx.Invoke("aws:index/getAvailabilityZones:getAvailabilityZones", map[string]any{}, &zones); err != nil {
			return err
		}
		ctx.Export("zones", pulumi.ToStringArray(zones.Names))
		_, err := resource(ctx, "aws:sns/topic:Topic", "topic", pulumi.Map{"tags": pulumi.StringMap{"owner": pulumi.String("one")}})
		return err
	})
	e.up()
	for _, kind := range struckAt(fault.Read) {
		require.NoError(t, tw.AddFaults(fmt.Sprintf("%s:aws:sns/topic:read", kind)))
		_, err := e.stack.Refresh(context.Background())
		require.ErrorContains(t, err, kinds[kind])
		struck(t, tw)
		e.atOne(tw, "one")
	}
	for _, kind := range struckAt(fault.Invoke) {
		require.NoError(t, tw.AddFaults(fmt.Sprintf("%s:aws:index/getAvailabilityZones:invoke", kind)))
		_, err := e.tryUp()
		require.Error(t, err, kind)
		struck(t, tw)
		e.atOne(tw, "one")
	}
	assert.Equal(t, map[string]int{"same": 2}, *e.up().Summary.ResourceChanges)
	e.destroy()
	assert.Empty(t, tw.Resources())
}

// What has a name of its own cannot be made again: the run says so until someone takes it away.
func TestALostThingWithAName(t *testing.T) {
	tw := mannered(t, twin.Manners{Faults: []string{"lost:aws:s3/*:create"}})
	e := newEngine(t, tw, func(ctx *pulumi.Context) error {
		_, err := resource(ctx, "aws:s3/bucketV2:BucketV2", "assets", pulumi.Map{"bucket": pulumi.String("shop-assets")})
		return err
	})
	_, err := e.tryUp()
	require.ErrorContains(t, err, kinds[fault.Lost])
	for range 2 {
		_, err = e.tryUp()
		require.ErrorContains(t, err, "BucketAlreadyOwnedByYou")
	}
	require.Len(t, tw.Lost(), 1)
	_, err = tw.Drop("", "shop-assets")
	require.NoError(t, err)
	e.up()
	assert.Empty(t, tw.Lost())
	assert.Len(t, tw.Resources(), 1)
}

// Where no zone has room there is no database, and no machine; once there is room, the next run makes it.
func TestNoRoomAnywhere(t *testing.T) {
	tw := mannered(t, twin.Manners{Faults: []string{"capacity:eu-central-1?"}})
	s := site{targetPort: 8443, image: "ami-1", owner: "one", more: func(ctx *pulumi.Context, vpc *bare) error {
		var ids pulumi.Array
		for i, zone := range []string{"a", "b"} {
			subnet, err := resource(ctx, "aws:ec2/subnet:Subnet", "data-"+zone, pulumi.Map{"vpcId": vpc.ID(),
				"cidrBlock": pulumi.Sprintf("10.0.%d.0/24", 10+i), "availabilityZone": pulumi.String("eu-central-1" + zone)})
			if err != nil {
				return err
			}
			ids = append(ids, subnet.ID())
		}
		group, err := resource(ctx, "aws:rds/subnetGroup:SubnetGroup", "data", pulumi.Map{"name": pulumi.String("data"), "subnetIds": ids})
		if err != nil {
			return err
		}
		_, err = resource(ctx, "aws:rds/instance:Instance", "data",
			pulumi.Map{"engine": pulumi.String("postgres"), "instanceClass": pulumi.String("db.t4g.micro"),
				"allocatedStorage": pulumi.Int(20), "username": pulumi.String("shop"), "manageMasterUserPassword": pulumi.Bool(true),
				"skipFinalSnapshot": pulumi.Bool(true), "dbSubnetGroupName": group.ID()})
		return err
	}}
	e := newEngine(t, tw, s.program)
	err := e.all()
	require.ErrorContains(t, err,
		"InsufficientDBInstanceCapacity: there is no capacity for it in eu-central-1a, eu-central-1b at the moment")
	require.ErrorContains(t, err,
		"capacity satisfied: timeout: it has 0 of 1 healthy machines: could not launch a machine: InsufficientInstanceCapacity")
	require.NoError(t, tw.ClearFaults())
	e.up()
	assert.Equal(t, map[string]int{"same": siteResources + 4}, *e.up().Summary.ResourceChanges)
	assert.Equal(t, e.known(), names(tw.Resources()))
}

// The list above is of all kinds that strike calls: a new one is met here too, or this fails.
func TestEveryKindIsMet(t *testing.T) {
	for _, kind := range fault.Kinds() {
		switch kind {
		case fault.Capacity, fault.Sick, fault.Kill: // have tests of their own
		default:
			assert.Contains(t, kinds, kind)
		}
	}
}
