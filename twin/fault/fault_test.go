package fault_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/fault"
)

func rule(t *testing.T, text string) fault.Rule {
	t.Helper()
	r, err := fault.Parse(text)
	require.NoError(t, err)
	return r
}

func TestARuleIsRead(t *testing.T) {
	for text, want := range map[string]fault.Rule{
		"throttle:aws:lb/*:create:3": {Kind: fault.Throttle, Type: "aws:lb/*", Operation: fault.Create, First: 1, Times: 3},
		"error:aws:rds/instance:Instance:*:2@4": {Kind: fault.Internal, Type: "aws:rds/instance:Instance", Operation: fault.Any,
			First: 4, Times: 2},
		"half:aws:ec2/instance:Instance@web*:create": {Kind: fault.Half, Type: "aws:ec2/instance:Instance", Name: "web*",
			Operation: fault.Create, First: 1, Times: 1},
		"lost:*:delete:12.5%": {Kind: fault.Lost, Type: "*", Operation: fault.Delete, First: 1, Times: 1,
			Chance: 0.125},
		"timeout:aws:lb/listener:update": {Kind: fault.Timeout, Type: "aws:lb/listener", Operation: fault.Update, First: 1,
			Times: 1},
		"capacity:eu-west-1a":   {Kind: fault.Capacity, Zone: "eu-west-1a", First: 1},
		"capacity:eu-west-1a:2": {Kind: fault.Capacity, Zone: "eu-west-1a", First: 1, Times: 2},
		"kill:both:16":          {Kind: fault.Kill, Process: fault.Both, First: 16, Times: 1},
		"kill:engine":           {Kind: fault.Kill, Process: fault.Engine, First: 1, Times: 1},
	} {
		got := rule(t, text)
		assert.Equal(t, text, got.String())
		want.Kind = got.Kind
		assert.Equal(t, fmt.Sprintf("%+v", fields(want)), fmt.Sprintf("%+v", fields(got)), text)
	}
}

func fields(r fault.Rule) []any {
	return []any{r.Kind, r.Type, r.Name, r.Operation, r.Zone, r.Process, r.First, r.Times, r.Chance}
}

func TestAWrongRuleSaysWhatToWrite(t *testing.T) {
	for text, says := range map[string]string{
		"":                            `there is no kind "": write KIND:TYPE:OPERATION`,
		"slow:*:create":               `there is no kind "slow"`,
		"throttle":                    "write KIND:TYPE:OPERATION",
		"throttle:create":             "write KIND:TYPE:OPERATION",
		"throttle::create":            "the type is missing",
		"throttle:aws:lb/*:make":      `"make" is neither an operation (create, read, update, delete, invoke, launch or *) nor how often`,
		"throttle:aws:lb/*:create:0":  `"0" is not how often: write 3`,
		"throttle:aws:lb/*:create:-1": `"-1" is not how often`,
		"throttle:*:create:101%":      `"101%" is not how often`,
		"throttle:*:create:2@0":       `"2@0" is not how often`,
		"half:*:delete":               "a half cannot strike at delete: it can at create",
		"timeout:*:invoke":            "a timeout cannot strike at invoke: it can at create, update, delete, *",
		"error:[a:create":             `"[a" is not a pattern`,
		"sick:*:create":               "a sick cannot strike at create: it can at launch",
		"capacity:":                   "the zone is missing",
		"kill:world":                  `there is no process "world": write kill:engine:N`,
		"kill:twin:0":                 `"0" is not a number of a change`,
	} {
		if _, err := fault.Parse(text); assert.Error(t, err, text) {
			assert.Contains(t, err.Error(), says, text)
			assert.Contains(t, err.Error(), fmt.Sprintf("the fault %q: ", text))
		}
	}
}

func TestCountedRulesStrikeTheCallsTheyName(t *testing.T) {
	p := fault.New(1, rule(t, "throttle:aws:lb/*:create:2@2"), rule(t, "lost:aws:lb/listener:create:9@1"), rule(t, "half:*@db:create"))
	listener := fault.Call{Operation: fault.Create, Type: "aws:lb/listener:Listener", Name: "https"}
	var got []fault.Kind
	for range 4 {
		got = append(got, p.Next(listener))
	}
	assert.Equal(t, []fault.Kind{fault.Lost, fault.Throttle, fault.Throttle, fault.Lost}, got, "the first rule that strikes")
	for _, other := range []fault.Call{
		{Operation: fault.Update, Type: listener.Type, Name: "https"},
		{Operation: fault.Create, Type: "aws:ec2/vpc:Vpc", Name: "https"},
	} {
		assert.Empty(t, p.Next(other), other)
	}
	assert.Equal(t, fault.Half, p.Next(fault.Call{Operation: fault.Create, Type: "aws:rds/instance:Instance", Name: "db"}))
	assert.Equal(t, []fault.Status{
		{Rule: "throttle:aws:lb/*:create:2@2", Seen: 4, Struck: 2, Over: true},
		{Rule: "lost:aws:lb/listener:create:9@1", Seen: 4, Struck: 2},
		{Rule: "half:*@db:create", Seen: 1, Struck: 1, Over: true},
	}, p.Status())
}

// A seed is a promise: the same calls fail again, in whatever order the engine asks for them.
func TestASeedIsReplayed(t *testing.T) {
	struck := func(seed uint64, backwards bool) (names []string) {
		p := fault.New(seed, rule(t, "error:*:create:25%"))
		hit := map[int]bool{}
		for i := range 400 {
			n := i
			if backwards {
				n = 399 - i
			}
			hit[n] = p.Next(fault.Call{Operation: fault.Create, Type: "aws:ec2/vpc:Vpc", Name: fmt.Sprint(n)}) != ""
		}
		for n := range 400 {
			if hit[n] {
				names = append(names, fmt.Sprint(n))
			}
		}
		return names
	}
	one := struck(1, false)
	assert.Equal(t, one, struck(1, true))
	assert.NotEqual(t, one, struck(2, false))
	assert.InDelta(t, 100, len(one), 30, "25%% of 400")
}

func TestAZoneWithoutRoom(t *testing.T) {
	p := fault.New(1, rule(t, "capacity:eu-west-1a"), rule(t, "capacity:eu-west-1b:1"))
	for range 3 {
		assert.False(t, p.Room("eu-west-1a"))
	}
	assert.False(t, p.Room("eu-west-1b"))
	assert.True(t, p.Room("eu-west-1b"), "after one refusal")
	assert.True(t, p.Room("eu-west-1c"))
	p.Clear()
	assert.True(t, p.Room("eu-west-1a"))
}

func TestTheChangeThatKills(t *testing.T) {
	p := fault.New(1, rule(t, "kill:engine:3"))
	assert.Equal(t, []string{"", "", "engine", ""}, []string{p.Changed(), p.Changed(), p.Changed(), p.Changed()})
	var none *fault.Plan
	assert.Empty(t, none.Changed())
	assert.True(t, none.Room("x"))
	assert.Empty(t, none.Next(fault.Call{}))
}

func TestRefusalsHaveTheServicesCodes(t *testing.T) {
	for _, c := range []struct {
		kind fault.Kind
		typ  string
		says string
	}{
		{fault.Throttle, "aws:ec2/vpc:Vpc", "StatusCode: 503, api error RequestLimitExceeded: "},
		{fault.Throttle, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "RequestLimitExceeded"},
		{fault.Throttle, "aws:lb/listener:Listener", "StatusCode: 400, api error Throttling: Rate exceeded"},
		{fault.Throttle, "aws:lambda/function:Function", "TooManyRequestsException"},
		{fault.Throttle, "aws:s3/bucketV2:BucketV2", "StatusCode: 503, api error SlowDown"},
		{fault.Throttle, "cloudflare:index/record:Record", "HTTP status 429"},
		{fault.Internal, "aws:iam/role:Role", "StatusCode: 500, api error ServiceFailure"},
		{fault.Internal, "aws:kms/key:Key", "KMSInternalException"},
		{fault.Internal, "cloudflare:index/record:Record", "HTTP status 500"},
	} {
		assert.Contains(t, fault.Message(c.kind, fault.Call{Operation: fault.Create, Type: c.typ}), c.says)
	}
}
