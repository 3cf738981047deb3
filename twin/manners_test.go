package twin_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/twin"
)

func mannered(t *testing.T, m twin.Manners) *twin.Twin {
	t.Helper()
	tw, err := twin.Start(context.Background(), twin.Options{Manners: m, Caller: "the test"})
	require.NoError(t, err)
	t.Cleanup(func() { _ = tw.Close() })
	return tw
}

func small(ctx *pulumi.Context) error {
	vpc, err := resource(ctx, "aws:ec2/vpc:Vpc", "main",
		pulumi.Map{"cidrBlock": pulumi.String("10.0.0.0/16"), "tags": pulumi.StringMap{"owner": pulumi.String("me")}})
	if err != nil {
		return err
	}
	_, err = resource(ctx, "aws:ec2/securityGroup:SecurityGroup", "web", pulumi.Map{"vpcId": vpc.ID(), "description": pulumi.String("web")})
	return err
}

const smallResources = 3 // with the stack itself

// Each fault is met at creation, by the real engine; the next run, without it, converges: what was made
// is kept, and nothing is made twice.
func TestFaultsOfCreation(t *testing.T) {
	for _, c := range []struct {
		fault  string
		says   string
		exists int // the networks on the twin after the failed run
		known  bool
	}{
		{"throttle:aws:ec2/vpc:create", "api error RequestLimitExceeded: Rate exceeded", 0, false},
		{"error:aws:ec2/vpc:*", "api error InternalError", 0, false},
		{"half:aws:ec2/vpc@main:create", "setting its tags failed", 1, true},
		{"timeout:aws:ec2/vpc:create", "timeout while waiting for its state to become 'available' (last state: 'creating')", 1, true},
	} {
		t.Run(c.fault, func(t *testing.T) {
			tw := mannered(t, twin.Manners{Faults: []string{c.fault}})
			e := newEngine(t, tw, small)
			_, err := e.tryUp()
			require.Error(t, err)
			assert.Contains(t, err.Error(), c.says)
			var networks []twin.Resource
			for _, r := range tw.Resources() {
				if r.Type == "aws:ec2/vpc:Vpc" {
					networks = append(networks, r)
				}
			}
			require.Len(t, networks, c.exists)
			if strings.HasPrefix(c.fault, "half") {
				assert.Nil(t, networks[0].Outputs["tags"])
			}
			state, err := os.ReadFile(filepath.Join(e.state, ".pulumi", "stacks", "twin", "test.json"))
			require.NoError(t, err)
			assert.Equal(t, c.known, c.exists == 1 && strings.Contains(string(state), networks[0].ID), "the state knows what was made")

			e.up()
			assert.Equal(t, map[string]int{"same": smallResources}, *e.up().Summary.ResourceChanges)
			assert.Len(t, tw.Resources(), smallResources-1)
			assert.Equal(t, "me", first(t, tw, "aws:ec2/vpc:Vpc").Outputs["tags"].(map[string]any)["owner"])
			assert.Equal(t, []twin.FaultStatus{{Rule: c.fault, Seen: tw.Faults()[0].Seen, Struck: 1, Over: true}}, tw.Faults())
		})
	}
}

// A lost answer leaves an operation open in the state, as a cut connection does.
func TestALostAnswer(t *testing.T) {
	tw := mannered(t, twin.Manners{Faults: []string{"lost:aws:ec2/vpc:create"}})
	e := newEngine(t, tw, small)
	_, err := e.tryUp()
	require.Error(t, err)
	vpc := first(t, tw, "aws:ec2/vpc:Vpc")
	state, err := os.ReadFile(filepath.Join(e.state, ".pulumi", "stacks", "twin", "test.json"))
	require.NoError(t, err)
	assert.NotContains(t, string(state), vpc.ID)
	var answers []string
	for _, event := range tw.Events() {
		if event.Operation == "create" && event.Type == vpc.Type {
			answers = append(answers, event.Answer)
		}
	}
	assert.Equal(t, []string{"ok", "the answer was lost: the connection was closed before it"}, answers)
}

func TestFaultsOfDeletionAndReading(t *testing.T) {
	tw := mannered(t, twin.Manners{})
	e := newEngine(t, tw, small)
	e.up()
	require.NoError(t, tw.AddFaults("timeout:aws:ec2/securityGroup:delete", "throttle:aws:ec2/vpc:read"))
	require.ErrorContains(t, tw.AddFaults("lost:*:create", "nonsense"), "there is no kind")
	require.Len(t, tw.Faults(), 2, "none is added if one is wrong")
	_, err := e.stack.Refresh(context.Background())
	require.ErrorContains(t, err, "RequestLimitExceeded")
	_, err = e.tryDestroy()
	require.ErrorContains(t, err, "last state: 'deleting'")
	e.destroy()
	assert.Empty(t, tw.Resources())
	require.NoError(t, tw.ClearFaults())
	assert.Empty(t, tw.Faults())
}

// Chances come from the seed: another twin with the same one fails the same.
func TestFaultsAreReplayed(t *testing.T) {
	program := func(ctx *pulumi.Context) error {
		for i := range 8 {
			if _, err := resource(ctx, "aws:sns/topic:Topic", fmt.Sprint("topic", i), pulumi.Map{}); err != nil {
				return err
			}
		}
		return nil
	}
	run := func(seed uint64) string {
		tw := mannered(t, twin.Manners{Seed: seed, Faults: []string{"error:aws:sns/*:create:40%"}})
		e := newEngine(t, tw, program)
		for range 12 { // a run ends at its first failures
			if _, err := e.tryUp(); err == nil {
				break
			}
		}
		var b strings.Builder
		for i := range 8 {
			refused := 0
			for _, event := range tw.Events() {
				if event.Operation == "create" && strings.HasSuffix(event.URN, fmt.Sprint("::topic", i)) && event.Answer != "ok" {
					refused++
				}
			}
			fmt.Fprint(&b, refused, " ")
		}
		return b.String()
	}
	one := run(7)
	assert.Equal(t, one, run(7))
	assert.NotEqual(t, one, run(8))
}

func TestThingsTakeTimeInStates(t *testing.T) {
	tw := mannered(t, twin.Manners{Latency: "realistic×0.5"}) // a network and a group take half a second each
	e := newEngine(t, tw, small)
	seen := map[string]bool{}
	watch := func(do func()) {
		done := make(chan struct{})
		go func() { do(); close(done) }()
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
				for _, item := range tw.Items(false) {
					if item.Type == "aws:ec2/vpc:Vpc" {
						seen[item.State] = true
					}
				}
			}
		}
	}
	watch(func() { e.up() })
	assert.Equal(t, map[string]bool{"creating": true, "available": true}, seen)
	watch(func() { e.destroy() })
	assert.True(t, seen["deleting"])
	assert.Empty(t, tw.Items(false))
}

// A caller that asks for what it just made is told that it is not there, for a while: the provider
// waits where one resource refers to another, and a lookup does not.
func TestWhatWasMadeIsSeenLate(t *testing.T) {
	tw := mannered(t, twin.Manners{Consistency: 1500 * time.Millisecond})
	e := newEngine(t, tw, small)
	e.up()
	_, err := tw.Change("Vpc", "main", "tags.owner=x")
	require.NoError(t, err)
	var group, network time.Time
	refused := 0
	for _, event := range tw.Events() {
		switch {
		case event.Operation != "create":
		case event.Answer != "ok":
			refused++
			assert.Contains(t, event.Answer, "InvalidVpcID.NotFound")
		case strings.Contains(event.Type, "vpc:Vpc"):
			network = event.Time
		default:
			group = event.Time
		}
	}
	assert.Equal(t, 1, refused)
	assert.GreaterOrEqual(t, group.Sub(network), time.Second)
	made, err := tw.Add("Vpc", "main", "cidrBlock=10.9.0.0/16", "tags.owner=mallory")
	require.NoError(t, err)
	another := twin.Pick(tw.Items(false), "Vpc", made.ID)[0]
	assert.Equal(t, "10.9.0.0/16", another.Outputs["cidrBlock"])
	assert.Equal(t, map[string]any{"owner": "mallory"}, another.Outputs["tags"])
	assert.Empty(t, another.URN, "no state knows it")
	_, err = tw.Add("Vpc", "main", "cidr=10.9.0.0/16")
	assert.ErrorContains(t, err, `it has no property "cidr"`)
	_, err = tw.Add("Vpc", "main", "cidrBlock=10.9.0.0/8")
	assert.ErrorContains(t, err, "InvalidVpc.Range")
	require.Equal(t, map[string]int{"same": smallResources}, *e.up().Summary.ResourceChanges)
}

func TestAServiceThatIsAskedTooOften(t *testing.T) {
	tw := mannered(t, twin.Manners{Throttle: 2})
	e := newEngine(t, tw, func(ctx *pulumi.Context) error {
		for i := range 6 {
			if _, err := resource(ctx, "aws:ec2/vpc:Vpc", fmt.Sprint(i),
				pulumi.Map{"cidrBlock": pulumi.String("10.0.0.0/16")}); err != nil {
				return err
			}
		}
		return nil
	})
	began := time.Now()
	_, err := e.tryUp()
	took := time.Since(began)
	throttled := 0
	for _, event := range tw.Events() {
		if strings.Contains(event.Answer, "RequestLimitExceeded") {
			throttled++
		}
	}
	assert.Positive(t, throttled)
	assert.Greater(t, took, 1500*time.Millisecond)
	if err != nil { // a quota of networks may be in force
		assert.NotContains(t, err.Error(), "RequestLimitExceeded")
	}
}

func TestAGroupsMachines(t *testing.T) {
	tw := mannered(t, twin.Manners{Faults: []string{"capacity:eu-central-1a"}})
	s := site{targetPort: 8443, image: "ami-1", owner: "one", more: func(ctx *pulumi.Context, _ *bare) error {
		_, err := resource(ctx, "aws:cloudwatch/metricAlarm:MetricAlarm", "errors",
			pulumi.Map{"comparisonOperator": pulumi.String("GreaterThanThreshold"),
				"evaluationPeriods": pulumi.Int(1), "threshold": pulumi.Float64(1),
				"metricName": pulumi.String("HTTPCode_Target_5XX_Count"),
				"namespace":  pulumi.String("AWS/ApplicationELB"), "period": pulumi.Int(60), "statistic": pulumi.String("Sum")})
		return err
	}}
	e := newEngine(t, tw, s.program)
	e.up()
	machines := func() (all []twin.Item) {
		for _, item := range tw.Items(false) {
			if item.Type == "aws:ec2/instance:Instance" {
				all = append(all, item)
			}
		}
		return all
	}
	require.Len(t, machines(), 1)
	one := machines()[0]
	assert.Equal(t, "eu-central-1b", one.Outputs["availabilityZone"], "the other zone has no room")

	_, err := tw.Add("ec2/instance", one.ID, "health=unhealthy")
	require.ErrorContains(t, err, "its group launches machines")
	_, err = tw.Change("ec2/instance", one.ID, "health=unhealthy")
	require.NoError(t, err)
	require.Len(t, machines(), 1)
	two := machines()[0]
	assert.NotEqual(t, one.ID, two.ID)
	_, err = tw.Drop("ec2/instance", two.ID)
	require.NoError(t, err)
	require.Len(t, machines(), 1)
	assert.NotEqual(t, two.ID, machines()[0].ID)
	alarm, err := tw.Change("MetricAlarm", "errors", "state=ALARM")
	require.NoError(t, err)
	assert.Equal(t, "alarm", twin.Pick(tw.Items(false), "MetricAlarm", alarm.ID)[0].State)
	_, err = tw.Change("MetricAlarm", "errors", "state=OK")
	require.NoError(t, err)
	assert.Equal(t, "available", twin.Pick(tw.Items(false), "MetricAlarm", alarm.ID)[0].State)
	assert.Equal(t, map[string]int{"same": siteResources + 1}, *e.refresh().Summary.ResourceChanges,
		"machines and alarms are no business of the program")
	_, err = tw.Change("ec2/instance", one.ID, "health=unhealthy")
	require.ErrorContains(t, err, "there is no ec2/instance named")

	var did []string
	for _, event := range tw.Events() {
		if event.Operation == "scaling" {
			did = append(did, event.Answer)
		}
	}
	assert.Contains(t, strings.Join(did, "\n"), "terminating "+one.ID+": it failed its health check")
	e.destroy()
	assert.Empty(t, machines())
}

func TestAGroupWhoseMachinesStaySick(t *testing.T) {
	tw := mannered(t, twin.Manners{Faults: []string{"sick:aws:autoscaling/group@web:launch:999"}})
	e := newEngine(t, tw, site{targetPort: 8443, image: "ami-1", owner: "one"}.program)
	_, err := e.tryUp()
	require.ErrorContains(t, err, "capacity satisfied: timeout: it has 0 of 1 healthy machines")
	require.NoError(t, tw.ClearFaults())
	e.up()
	assert.Equal(t, map[string]int{"same": siteResources}, *e.up().Summary.ResourceChanges)
}

func TestWrongMannersAreRefused(t *testing.T) {
	_, err := twin.Start(context.Background(),
		twin.Options{Manners: twin.Manners{Latency: "slow", Throttle: -1, Consistency: -1, Faults: []string{"x"}}})
	for _, says := range []string{`there is no profile "slow": write none, realistic`, "the throttle -1", "the consistency -1ns",
		`there is no kind "x"`} {
		assert.ErrorContains(t, err, says)
	}
	_, err = twin.Start(context.Background(), twin.Options{Manners: twin.Manners{Latency: "realistic×fast"}})
	assert.ErrorContains(t, err, `"fast" is not a scale`)

	m, err := mannersOf("latency: realistic x0.5\nconsistency: 300ms\nthrottle: 20\nseed: 7\nfaults:\n  - lost:*:create:1%\n")
	require.NoError(t, err)
	assert.Equal(t, twin.Manners{Latency: "realistic x0.5", Consistency: 300 * time.Millisecond, Throttle: 20, Seed: 7,
		Faults: []string{"lost:*:create:1%"}, Account: []twin.Belonging{}}, m)
	m, err = mannersOf("# nothing is set\n")
	require.NoError(t, err)
	assert.True(t, m.Plain())
}

func mannersOf(text string) (twin.Manners, error) {
	var page yaml.Node
	if err := yaml.Unmarshal([]byte(text), &page); err != nil {
		return twin.Manners{}, err
	}
	return twin.ReadManners("Twin.local.yaml", &page)
}

// Every mistake of a file is told at once, with its line and what to write instead.
func TestEveryMistakeOfAFileOfManners(t *testing.T) {
	_, err := mannersOf(`latencies: none
consistency: fast
throttle: [20]
faults:
  - lost:aws:ec2/vpcs:create
  - lost:aws:ec2/vpc:create:often
  - {kind: lost}
  - capacity:eu-west-1z
seed: -1
latency: realistic×fast
seed: 7
quotas: {vpc: 10}
delegation: soon
`)
	require.Error(t, err)
	assert.Equal(t, `Twin.local.yaml:1: there is no setting "latencies", the nearest is "latency": it may have `+
		`latency, consistency, throttle, seed, faults, quotas, delegation and account
Twin.local.yaml:2: the consistency "fast" is not a time: write one, such as 300ms
Twin.local.yaml:3: throttle is one value: write it behind the colon
Twin.local.yaml:5: the fault "lost:aws:ec2/vpcs:create": no type or function of the twin is `+
		`like "aws:ec2/vpcs"; the nearest is "aws:ec2/vpc"
Twin.local.yaml:6: the fault "lost:aws:ec2/vpc:create:often": `+
		`"often" is neither an operation (create, read, update, delete, invoke, launch or *) nor how often (3, 2@5 or 25%): `+
		`write KIND:TYPE:OPERATION[:HOW OFTEN], such as throttle:aws:lb/*:create:3
Twin.local.yaml:7: a fault is one text: write it in quotes, such as "throttle:aws:lb/*:create:3"
Twin.local.yaml:8: the fault "capacity:eu-west-1z": there is no zone "eu-west-1z": write a zone's name, such as eu-west-1a
Twin.local.yaml:9: the seed "-1" is not a whole number: write the one that a run printed, such as 7
Twin.local.yaml:10: the latency "realistic×fast": "fast" is not a scale: write none, `+
		`realistic, or realistic and a scale, such as realistic×0.01
Twin.local.yaml:11: seed is set twice: leave one
Twin.local.yaml:12: the quota "vpc" is not known; the nearest is "vpcs": `+"`causeway twin quotas`"+` lists them, and all means every one
Twin.local.yaml:13: the delegation "soon": write at-once or by-hand`, err.Error())
	for text, says := range map[string]string{
		"just words": "Twin.local.yaml:1: this is not a setting: write NAME: VALUE", "faults: lost": "Twin.local.yaml:1: faults is a list",
	} {
		_, err = mannersOf(text)
		assert.ErrorContains(t, err, says)
	}
}

// Two engines, each with a stack of its own, work on one twin at once.
func TestTwoEnginesOnOneTwin(t *testing.T) {
	tw := mannered(t, twin.Manners{})
	one, two := newEngine(t, tw, small), newEngine(t, tw, small)
	run := func(do func(*engine) error) {
		t.Helper()
		failed := make(chan error, 2)
		for _, e := range []*engine{one, two} {
			go func() { failed <- do(e) }()
		}
		require.NoError(t, <-failed)
		require.NoError(t, <-failed)
	}
	run(func(e *engine) error { _, err := e.tryUp(); return err })
	ids := map[string]bool{}
	for _, r := range tw.Resources() {
		ids[r.Type+r.ID] = true
	}
	assert.Len(t, ids, 2*(smallResources-1), "each has its own")
	for _, e := range []*engine{one, two} {
		assert.Equal(t, map[string]int{"same": smallResources}, *e.up().Summary.ResourceChanges)
	}
	run(func(e *engine) error { _, err := e.tryDestroy(); return err })
	assert.Empty(t, tw.Resources())
}
