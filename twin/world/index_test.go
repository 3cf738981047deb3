package world

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// found asks the index, scanned looks at every object.
func found(w *World, typ, path, text string) (ids []string) {
	for o := range w.call(Request{}).having(typ, path, text) {
		ids = append(ids, o.Key)
	}
	return ids
}

func scanned(w *World, typ, path, text string) (ids []string) {
	for o := range w.call(Request{}).each(typ) {
		if slices.Contains(at(o.Outputs, path), text) {
			ids = append(ids, o.Key)
		}
	}
	return ids
}

// indexed checks the index's answers against a scan of all objects.
func indexed(t *testing.T, w *World, when string) {
	t.Helper()
	asked := 0
	for typ, objects := range w.objects {
		for _, path := range []string{"arn", "name", "vpcId", "subnets", "vpcSecurityGroupIds", "defaultActions.targetGroupArn",
			"launchTemplate.id"} {
			for _, o := range objects {
				for _, text := range at(o.Outputs, path) {
					asked++
					assert.ElementsMatch(t, scanned(w, typ, path, text), found(w, typ, path, text), "%s: %s by %s %s", when, typ, path,
						text)
				}
			}
			assert.Empty(t, found(w, typ, path, "gone"), "%s: %s by %s", when, typ, path)
		}
	}
	require.Greater(t, asked, 50)
}

func TestTheIndexFollowsTheWorld(t *testing.T) {
	f := newFixture(t)
	f.must(typeVPC, "early", in{"cidrBlock": "10.9.0.0/16"})
	f.must(typeSecurityGroup, "first", in{"vpcId": f.id("early"), "name": "gone"})
	assert.Len(t, found(f.w, typeSecurityGroup, "name", "gone"), 1, "made before anybody asked")
	require.NoError(t, f.w.Alter(typeSecurityGroup, f.id("first"), in{"name": "other"}))
	assert.Empty(t, found(f.w, typeSecurityGroup, "name", "gone"), "altered")

	f.platform()
	indexed(t, f.w, "created")
	require.NoError(t, f.update("target", in{"name": "web", "healthCheck": in{"path": "/"}}))
	require.NoError(t, f.update("template", in{"vpcSecurityGroupIds": list1(f.id("edge"))}))
	require.NoError(t, f.w.Alter(typeLoadBalancer, f.id("lb"), in{"subnets": list1(f.id("b"), f.id("b"), f.id("a"))}))
	indexed(t, f.w, "updated")
	assert.Len(t, found(f.w, typeLoadBalancer, "subnets", f.id("b")), 1, "a text that is there twice is one object")
	require.NoError(t, f.remove("host"))
	require.NoError(t, f.w.Remove(typeTopic, f.id("topic")))
	indexed(t, f.w, "deleted")
	assert.Empty(t, found(f.w, typeTopic, "name", "pages"))
	require.NoError(t, f.w.Reset())
	assert.Empty(t, found(f.w, typeSecurityGroup, "name", "web"))
}

// A call sees its own changes before they are committed, and no longer what they replaced.
func TestACallFindsWhatItChanged(t *testing.T) {
	f := newFixture(t).platform()
	require.Len(t, found(f.w, typeSecurityGroup, "name", "web"), 1)
	c := f.w.call(Request{})
	changed := f.w.Get(typeSecurityGroup, f.id("web"))
	changed.Outputs["name"] = "renamed"
	c.Put(changed)
	assert.Nil(t, c.where(typeSecurityGroup, "name", "web"))
	assert.Equal(t, changed, c.where(typeSecurityGroup, "name", "renamed"))
	c.Drop(changed)
	assert.Nil(t, c.where(typeSecurityGroup, "name", "renamed"))
}

// The cost of one more resource must not depend on how many there are.
func BenchmarkOneMoreBeside(b *testing.B) {
	for _, many := range []int{500, 5000} {
		b.Run(fmt.Sprint(many), func(b *testing.B) {
			w, err := Open(Options{Account: "111122223333", Quotas: map[string]int{everyQuota: 1_000_000}})
			require.NoError(b, err)
			make := func(typ, name string, outputs in) *Object {
				o, err := w.Create(Request{Type: typ, URN: "urn:pulumi:s::p::" + typ + "::" + name, Region: "eu-central-1",
					Inputs: outputs, Planned: outputs})
				require.NoError(b, err)
				return o
			}
			role := func(name string) (role, attachment *Object) {
				role = make(typeRole, name, in{"name": name, "path": "/", "assumeRolePolicy": trustEC2})
				return role, make(typeRoleAttachment, name, in{"role": name, "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"})
			}
			for i := range many / 2 {
				role(fmt.Sprintf("role-%d", i))
			}
			for b.Loop() {
				r, a := role("one-more")
				for _, o := range []*Object{a, r} {
					require.NoError(b, w.Delete(Request{Type: o.Type, URN: o.URN, ID: o.ID, State: o.Outputs, Region: o.Region}))
				}
			}
		})
	}
}
