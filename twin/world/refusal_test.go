package world

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/value"
)

// refusal is something that a cloud refuses, with its code and part of its message. It must not change the world.
type refusal struct {
	name string
	do   step
	code string
	says string
}

// step is one thing done to the fixture's platform. In its values "@lb" is the id of the fixture's lb, and "@acl.arn"
// an output.
type step func(*fixture) error

func create(typ string, outputs in) step {
	return func(f *fixture) error {
		if f.walks {
			return f.becomes(typ, "", f.resolve(outputs).(in))
		}
		return f.create(typ, "x", f.resolve(outputs).(in))
	}
}

// another makes a second thing like one of the fixture's, except for some properties; nil leaves one out.
func another(name string, changes in) step {
	return func(f *fixture) error {
		outputs := value.CopyMap(f.made[name].Inputs)
		for k, v := range f.resolve(changes).(in) {
			outputs[k] = v
			if v == nil {
				delete(outputs, k)
			}
		}
		if f.walks {
			return f.becomes(f.made[name].Type, name, outputs)
		}
		return f.create(f.made[name].Type, "x", outputs)
	}
}

func update(name string, changes in) step {
	return func(f *fixture) error { return f.update(name, f.resolve(changes).(in)) }
}

func remove(name string) step { return func(f *fixture) error { return f.remove(name) } }

// gone removes something behind Pulumi's back, so that references to it lead nowhere.
func gone(name string) step {
	return func(f *fixture) error { return f.w.Remove(f.made[name].Type, f.made[name].Key) }
}

// made makes something under a name, for the steps that follow.
func made(typ, name string, outputs in) step {
	return func(f *fixture) error { return f.create(typ, name, f.resolve(outputs).(in)) }
}

func madeIn(region, typ, name string, outputs in) step {
	return func(f *fixture) error {
		f.region = region
		defer func() { f.region = "" }()
		return f.create(typ, name, f.resolve(outputs).(in))
	}
}

// whole makes one of every type first.
func whole(f *fixture) error { f.rest(); return nil }

// after does steps that succeed, and then one that is refused.
func after(steps ...step) step {
	return func(f *fixture) error {
		for _, s := range steps[:len(steps)-1] {
			err := s(f)
			if f.walks && err != nil {
				return err
			}
			require.NoError(f.t, err)
		}
		return steps[len(steps)-1](f)
	}
}

func (f *fixture) resolve(v any) any {
	switch x := v.(type) {
	case string:
		if name, property, _ := strings.Cut(strings.TrimPrefix(x, "@"), "."); strings.HasPrefix(x, "@") {
			if property != "" {
				return f.made[name].Text(property)
			}
			return f.id(name)
		}
	case in:
		out := in{}
		for k, e := range x {
			out[k] = f.resolve(e)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = f.resolve(e)
		}
		return out
	}
	return v
}

var refusals = [][]refusal{vpcRefusals, gatewayRefusals, securityGroupRefusals, endpointRefusals, balancerRefusals, listenerRefusals,
	scalingRefusals,
	databaseRefusals, storageRefusals, clusterRefusals, dnsRefusals, certificateRefusals, cloudflareRefusals, iamRefusals, policyRefusals,
	keyRefusals, s3Refusals,
	observeRefusals, wafRefusals, secretRefusals, regionRefusals, serverRefusals, functionRefusals, containerRefusals, distributionRefusals,
	userRefusals}

// TestRefusals: the world refuses what AWS and Cloudflare refuse, with their code and the name of what is in the way,
// and nothing changes. A rule that refuses nothing in any case fails this test.
func TestRefusals(t *testing.T) {
	refused := watchRules(t)
	for _, service := range refusals {
		for _, c := range service {
			t.Run(c.name, func(t *testing.T) {
				f := newFixture(t).platform()
				err := c.do(f)
				var refusal *Fault
				require.True(t, errors.As(err, &refusal), "%v", err)
				assert.Equal(t, c.code, refusal.Code, err.Error())
				assert.Contains(t, err.Error(), c.says)
				events := f.w.Events()
				assert.Contains(t, events[len(events)-1].Answer, refusal.Error(), "the refusal is in the log")
			})
		}
	}
	for slot, did := range refused {
		assert.True(t, *did, "%s refuses nothing in any case of this test", slot)
	}
}

// watchRules notes for every rule of every kind whether it refused something.
func watchRules(t *testing.T) map[string]*bool {
	refused := map[string]*bool{}
	slot := func(typ, list string, i int, f any) *bool {
		name := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
		did := new(bool)
		refused[fmt.Sprintf("%s: rule %d of %s, %s", typ, i, list, name[strings.LastIndexByte(name, '/')+1:])] = did
		return did
	}
	for typ, k := range kinds {
		before := *k
		t.Cleanup(func() { *k = before })
		for list, rules := range map[string]*[]rule{"check": &k.check, "create": &k.create, "remove": &k.remove} {
			watched := make([]rule, len(*rules))
			for i, r := range *rules {
				did := slot(typ, list, i, r)
				watched[i] = func(c *Call, o *Object) error {
					err := r(c, o)
					*did = *did || err != nil
					return err
				}
			}
			*rules = watched
		}
		watched := make([]func(c *Call, o, old *Object) error, len(k.update))
		for i, r := range k.update {
			did := slot(typ, "update", i, r)
			watched[i] = func(c *Call, o, old *Object) error {
				err := r(c, o, old)
				*did = *did || err != nil
				return err
			}
		}
		k.update = watched
	}
	return refused
}

// TestRefusedCallsChangeNothing: a call refused halfway leaves the world as it was.
func TestRefusedCallsChangeNothing(t *testing.T) {
	f := newFixture(t).platform()
	before := f.w.Objects()
	assert.Error(t, f.remove("zone"))
	assert.Error(t, f.create(typeNAT, "x", in{"subnetId": f.id("b"), "allocationId": f.id("eip")}))
	assert.Equal(t, before, f.w.Objects())
}

// TestARefusalTellsAPersonWhatIsInTheWay: by its name in the program and its id, and what to do.
func TestARefusalTellsAPersonWhatIsInTheWay(t *testing.T) {
	f := newFixture(t).platform()
	assert.EqualError(t, f.remove("target"),
		"deleting aws:lb/targetGroup:TargetGroup target ("+f.id("target")+"): api error ResourceInUse: Target group '"+f.id("target")+
			"' is currently in use by a listener or a rule (it is used by aws:lb/listener:Listener listener ("+f.id("listener")+"): "+
			"delete that first, or have it use another)")
	assert.ErrorContains(t, f.remove("db"), "set deletionProtection to false and deploy that first")
}

// TestTakenDownInOrder: everything can be deleted when what uses it goes first, and nothing is left.
func TestTakenDownInOrder(t *testing.T) {
	f := newFixture(t).platform()
	require.NoError(t, f.update("db", in{"deletionProtection": false, "skipFinalSnapshot": true}))
	for _, name := range strings.Fields(`secret aclAttachment acl plan vault www cfzone topic db parameters subnets group template
		alias key profile attachment policy role
		host listener target lb issued validation cert zone object bucket rule web edge nat eip default association table b a igw vpc`) {
		require.NoError(t, f.remove(name), name)
	}
	for _, o := range f.w.Objects() {
		assert.Contains(t, []string{typeScheduledKey, typeScheduledSecret}, o.Type, "only what waits to be deleted is left")
	}
}
