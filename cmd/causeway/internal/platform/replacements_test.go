package platform

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/stacks"
	"github.com/causeway-iac/causeway/twin"
	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// TestEveryReplacementHasRoom changes, one after another, each property of dev and of prod that forces a replacement, to
// what a second platform beside has, and makes what would replace the resource as the engine does: beside it, unless
// it is deleted first. What holds an address, a name or an association that only one can have must be deleted first.
func TestEveryReplacementHasRoom(t *testing.T) {
	everyEdit(t)
	home := t.TempDir()
	for _, v := range variants {
		if !slices.Contains([]string{"dev", "prod, Route 53 created and signed"}, v.name) {
			continue
		}
		t.Run(v.name, func(t *testing.T) {
			tr := newTrial(t, home, v.stack, v.lines...)
			var mu sync.Mutex
			first := map[string]bool{} // what the program has deleted first
			_, outcome, err := tr.deploy(func(ctx *pulumi.Context) error {
				err := ctx.RegisterStackTransformation(func(r *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
					o, err := pulumi.NewResourceOptions(r.Opts...)
					mu.Lock()
					defer mu.Unlock()
					first[r.Name+" "+r.Type] = err == nil && o.DeleteBeforeReplace
					return nil
				})
				return errors.Join(err, stacks.Deploy(ctx), besides(ctx, tr.folder, v.stack))
			})
			require.NoError(t, err, "%+v", outcome.Problems)
			held, types, decided := map[string]string{}, map[string]error{}, map[string]bool{}
			for _, r := range tr.twin.Resources() {
				name := nameOf(r)
				if r.URN == "" || !there(tr.twin, r) || strings.HasPrefix(name, "spare") || neverReplaced[r.Type] {
					continue
				}
				for _, property := range forcing(r) {
					deleted, err := replaced(t, tr.twin, r, property)
					types[r.Type] = cmp.Or(types[r.Type], err)
					decided[r.Type] = decided[r.Type] || err == nil || isHeld(r, err)
					if err != nil && !deleted && isHeld(r, err) && !first[name+" "+r.Type] {
						held[r.Type+"."+property] = err.Error()
					}
				}
			}
			assert.Empty(t, held, "to be declared with DeleteBeforeReplace")
			for typ, err := range types {
				assert.True(t, decided[typ] || undecided[typ] != "", "%s: nothing is known to replace it with: %v", typ, err)
			}
			assert.Greater(t, len(decided), 20)
		})
	}
}

// undecided is what nothing can be put beside, and why.
var undecided = map[string]string{
	"aws:acm/certificateValidation:CertificateValidation": "it is a wait, and holds nothing",
	"aws:ec2/eip:Eip":                                     "it is given an address, and holds nothing that is another's",
	"aws:ec2/networkAcl:NetworkAcl":                       "its subnets would be of another VPC; a subnet moves from one to the other",
	"aws:ec2/route:Route":                                 "it holds a destination in a table, and another of either is another route",
	"aws:ec2/routeTableAssociation:RouteTableAssociation": "it holds a subnet, and is replaced for another subnet alone",
	"aws:ec2/vpcEndpoint:VpcEndpoint":                     "its tables and subnets would be of another VPC",
	"aws:lb/listener:Listener":                            "it holds a port of a load balancer, and is replaced for another alone",
	"aws:lb/listenerRule:ListenerRule":                    "it holds a priority of a listener, and is replaced for another listener alone",
	"aws:route53/queryLog:QueryLog":                       "its log group must be one that its policy names",
	"aws:s3/bucketPolicy:BucketPolicy":                    "its statements must be of the bucket",
	"aws:wafv2/webAcl:WebAcl":                             "its name is made for each, and CLOUDFRONT is of another region",
	"cloudflare:index/record:Record":                      "what has its name beside must be of its type",
}

// besides declares a second platform, whose parts are those that another value of a property may name.
func besides(ctx *pulumi.Context, folder, stack string) error {
	s, err := stacks.Check(folder, stack, time.Now())
	if err != nil {
		return err
	}
	s.Name, s.Domain, s.DNS.Names, s.Network.CIDR, s.Network.NAT = "spare", "spare."+s.DNS.Zone, nil, "10.41.0.0/16", "single"
	if s.DNS.Create {
		s.DNS.Zone, s.Domain = "spare.net", "spare.net"
	}
	_, err = stacks.Compose(ctx, s.Settings, folder)
	return err
}

// there says that a resource exists still: what another was put over does not.
func there(tw *twin.Twin, r twin.Resource) bool {
	return slices.ContainsFunc(tw.Resources(), func(o twin.Resource) bool { return o.URN == r.URN && o.ID == r.ID })
}

func nameOf(r twin.Resource) string { return r.URN[strings.LastIndex(r.URN, "::")+2:] }

// neverReplaced is what holds data, which the settings refuse to replace, and what comes and goes with its zone.
var neverReplaced = map[string]bool{"aws:rds/instance:Instance": true, "aws:rds/cluster:Cluster": true, "aws:ec2/subnet:Subnet": true}

// isHeld says that what would replace a resource is refused since the resource has what it needs.
func isHeld(r twin.Resource, err error) bool {
	return strings.Contains(err.Error(), "("+r.ID+")") || strings.Contains(err.Error(), "("+r.ARN+")") && r.ARN != ""
}

// forcing is the properties that the program sets of a resource and whose change forces a replacement.
func forcing(r twin.Resource) []string {
	f := factsOf(r.Type)
	if f == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(r.Inputs)), func(name string) bool {
		return f.Properties[name] == nil || !f.Properties[name].ForceNew || name == "__defaults" || defaulted(r, name)
	})
}

func factsOf(typ string) *facts.Resource {
	return cmp.Or(facts.AWS().Resources[typ], facts.Cloudflare().Resources[typ])
}

// defaulted says that the provider filled a property in.
func defaulted(r twin.Resource, name string) bool {
	names, _ := r.Inputs["__defaults"].([]any)
	return slices.Contains(names, any(name))
}

// replaced makes what would replace a resource if a property had another value. It says whether the provider
// deletes first, in which case nothing is made.
func replaced(t *testing.T, tw *twin.Twin, r twin.Resource, property string) (deletesFirst bool, err error) {
	t.Helper()
	pkg := facts.AWS()
	if strings.HasPrefix(r.Type, "cloudflare:") {
		pkg = facts.Cloudflare()
	}
	b := brain.NewBuiltin(pkg)
	settings := brain.Settings{Region: r.Region}
	if !there(tw, r) {
		return false, errors.New("another was put over it")
	}
	for i, other := range others(tw, r, property) {
		in := value.Map{}
		for name, v := range r.Inputs {
			if name != "__defaults" && !defaulted(r, name) {
				in[name] = value.Copy(v)
			}
		}
		in[property] = other
		checked, checkErr := b.Check(t.Context(), brain.CheckRequest{Type: r.Type, Name: nameOf(r), New: in,
			Seed: []byte(fmt.Sprint(property, i)), Settings: settings})
		require.NoError(t, checkErr)
		if len(checked.Failures) > 0 {
			err = cmp.Or(err, fmt.Errorf("%v", checked.Failures))
			continue
		}
		diff, diffErr := b.Diff(t.Context(), brain.DiffRequest{Type: r.Type, ID: r.ID, Old: r.Outputs, OldInputs: r.Inputs,
			New: checked.Inputs, Settings: settings})
		require.NoError(t, diffErr)
		if !slices.ContainsFunc(diff.Changes, func(c brain.Change) bool { return c.Replace }) {
			err = cmp.Or(err, errors.New("it replaces nothing"))
			continue
		}
		if diff.DeleteBeforeReplace {
			return true, nil
		}
		plan, planErr := b.Plan(t.Context(), brain.PlanRequest{Type: r.Type, New: checked.Inputs, Settings: settings})
		require.NoError(t, planErr)
		q := world.Request{Type: r.Type, URN: r.URN + "-anew", Region: r.Region, Inputs: value.RevealMap(checked.Inputs), Planned: plan}
		made, createErr := tw.World().Create(q)
		if createErr == nil && !there(tw, r) {
			return false, fmt.Errorf("it is the same to the cloud, by its id (%s), so that deleting the old one deletes the new one", r.ID)
		}
		if createErr == nil {
			require.NoError(t, tw.World().Undo(made.Type, made.Key))
			return false, nil
		}
		if isHeld(r, createErr) {
			return false, createErr
		}
		err = cmp.Or(err, createErr)
	}
	return false, err
}

// others are values that a property could have instead: what others of the type have, and what is known to be valid.
func others(tw *twin.Twin, r twin.Resource, property string) []any {
	var found []any
	if known := instead[property]; known != nil {
		found = append(found, known)
	}
	was := value.Canonical(r.Inputs[property])
	for _, o := range tw.Resources() {
		v := o.Inputs[property]
		ofSpare := strings.HasPrefix(nameOf(o), "spare")
		if ofSpare && o.Type == r.Type && o.Region == r.Region && v != nil && value.Canonical(v) != was && len(found) < 4 {
			found = append(found, v)
		}
	}
	if len(found) > 0 {
		return found
	}
	switch v := r.Inputs[property].(type) {
	case string:
		return []any{v + "x"}
	case float64:
		return []any{v + 1}
	case bool:
		return []any{!v}
	}
	return nil
}

// instead are other values of properties for which any would not do.
var instead = map[string]any{
	"trafficType": "REJECT", "maxAggregationInterval": 60.0, "protocolVersion": "HTTP2", "ruleAction": "deny", "protocol": "udp",
	"domainName": "other.example.com", "keyAlgorithm": "RSA_2048",
}
