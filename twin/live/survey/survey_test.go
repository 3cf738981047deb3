package survey

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	flags "flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/store"
	"github.com/causeway-iac/causeway/twin/world"
)

var (
	record = flags.String("record", "", "directory with a copy of local/twin.db and prod/twin.db to record anew, such as .causeway")
	update = flags.Bool("update", false, "write what the plans are now as what they should be")
)

// deployed is a recorded world: the twin's, with the platform of that stack deployed.
func deployed(t *testing.T, stack string) Source {
	t.Helper()
	path := filepath.Join("testdata", stack+".world.json.gz")
	if *record != "" {
		recordWorld(t, stack, path)
	}
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var w Source
	require.NoError(t, json.NewDecoder(z).Decode(&w))
	return w
}

func recordWorld(t *testing.T, stack, path string) {
	s, err := store.Open(filepath.Join(*record, stack, "twin.db"))
	require.NoError(t, err)
	defer s.Close()
	open, err := world.Open(world.Options{Store: s})
	require.NoError(t, err)
	w := Read(open, stack)
	for _, o := range w.Objects {
		o.Inputs = nil
	}
	f, err := os.Create(path)
	require.NoError(t, err)
	z := gzip.NewWriter(f)
	require.NoError(t, json.NewEncoder(z).Encode(w))
	require.NoError(t, z.Close())
	require.NoError(t, f.Close())
}

func planned(t *testing.T, w Source) *plan.Plan {
	t.Helper()
	p, err := Of(w)
	require.NoError(t, err)
	return p
}

// TestPlans holds what lives of local and prod to what a person has read once.
func TestPlans(t *testing.T) {
	for _, stack := range []string{"local", "prod"} {
		got := strings.Join(told(planned(t, deployed(t, stack))), "\n") + "\n"
		path := filepath.Join("testdata", stack+".plan.txt")
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, string(want), got, "go test ./twin/live/survey -update writes %s anew", path)
	}
}

// told is a plan in lines that a person can read.
func told(p *plan.Plan) []string {
	out := []string{fmt.Sprintf("%s in %s of %s, %v, resolver %s", p.Stack, p.Region, p.Account, p.Network.CIDRs, p.Network.Resolver)}
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	names := map[string]string{}
	for _, g := range p.Network.Groups {
		names[g.ID] = g.Name
	}
	for _, n := range p.Nodes {
		add("node %s: %s in %s", n.Name, n.Kind, cmp.Or(n.Zone, "no zone"))
		for _, i := range n.Interfaces {
			var groups []string
			for _, g := range i.Groups {
				groups = append(groups, names[g])
			}
			add("  %v public %v groups %v guarded %v endpoint %q", i.All(), i.Public, groups, i.Guarded, i.Endpoint)
		}
	}
	for _, s := range p.Network.Subnets {
		add("subnet %s %s in %s", s.Name, s.CIDR, s.Zone)
	}
	for _, r := range p.Network.RouteTables {
		for _, way := range r.Routes {
			add("route %s: %s by %s", r.Name, way.To, way.Via)
		}
	}
	for _, a := range p.Network.ACLs {
		add("acl %s: %d in, %d out", a.Name, len(a.Ingress), len(a.Egress))
	}
	for _, g := range p.Network.Groups {
		for _, r := range g.Ingress {
			add("group %s in: %s %d-%d %v%s", g.Name, r.Protocol, r.From, r.To, r.Prefixes, names[r.Group])
		}
		for _, r := range g.Egress {
			add("group %s out: %s %d-%d %v%s", g.Name, r.Protocol, r.From, r.To, r.Prefixes, names[r.Group])
		}
	}
	return append(out, slices.Sorted(slices.Values(parts(p)))...)
}

func parts(p *plan.Plan) (out []string) {
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, b := range p.Balancers {
		for _, l := range b.Listeners {
			add("listener %s %s:%d %s, %d certificates, %d rules, headers %v", b.Name, l.Protocol, l.Port, l.Policy, len(l.Certificates),
				len(l.Rules), slices.Sorted(maps.Keys(l.Headers)))
		}
	}
	for _, g := range p.TargetGroups {
		add("targets %s: %s on %d, %d of them, %s, drained in %d s, %+v", g.Name, g.Protocol, g.Port, len(g.Targets), g.Algorithm, g.Drain,
			g.Health)
	}
	for _, c := range p.Certificates {
		add("certificate %v %s", c.Names, c.Key)
	}
	for _, z := range p.Zones {
		for _, r := range z.Records {
			add("record of %s at %s (private %v, served %v): %s %s %d %v%s", z.Name, z.At, z.Private, z.Served, r.Name, r.Type, r.TTL,
				r.Values, r.Alias)
		}
	}
	for _, m := range p.Machines {
		add("machine %s: %s in %s, %d bytes of user data, role %s, %+v", m.Name, m.Arch, m.Zone, len(m.UserData), m.Role, m.IMDS)
	}
	for _, d := range p.Databases {
		add("database %s: %s %s at %s:%d in %s, Multi-AZ %v, user %s, secret %s, %d parameters, "+
			"from snapshot %q, last one %q, backups %v", d.ID, d.Engine, d.Version, d.Host, d.Port,
			d.Zone, d.MultiAZ, d.User, d.Secret, len(d.Parameters), d.Snapshot, d.Final, d.Backups)
	}
	for _, r := range p.Cloud.Roles {
		add("role %s: %d policies, bounded %v", r.Name, len(r.Policies), r.Boundary != nil)
	}
	for _, e := range p.Cloud.Endpoints {
		add("endpoint %s gateway %v private DNS %v", e.Service, e.Gateway, e.PrivateDNS)
	}
	for _, o := range p.Cloud.Objects {
		add("object %s/%s kms %v", o.Bucket, o.Key, o.KMS != "")
	}
	for _, s := range p.Cloud.Secrets {
		add("secret %s of %s", s.ARN, s.Database)
	}
	for _, s := range p.Unplayed {
		add("unplayed: %s", s)
	}
	return out
}

// No secret is in a plan: it travels to processes that run users' programs.
func TestNoSecretInAPlan(t *testing.T) {
	w := deployed(t, "local")
	for _, o := range w.Objects {
		if o.Type == "aws:rds/instance:Instance" {
			o.Outputs["password"] = "hunter2"
		}
	}
	w.Objects = append(w.Objects, &world.Object{Type: "aws:secretsmanager/secretVersion:SecretVersion", ID: "v",
		Outputs: map[string]any{"secretId": "s", "secretString": "hunter3"}})
	text, err := json.Marshal(planned(t, w))
	require.NoError(t, err)
	assert.NotContains(t, string(text), "hunter")
}

func TestNoNetwork(t *testing.T) {
	_, err := Of(Source{})
	assert.ErrorContains(t, err, "no VPC")
	w := deployed(t, "local")
	_, err = Of(Source{Objects: append(w.Objects, &world.Object{Type: "aws:ec2/vpc:Vpc", ID: "vpc-other", Outputs: map[string]any{}})})
	assert.ErrorContains(t, err, "2 VPCs")
}

// Who restores a snapshot that was made elsewhere must not take an empty database for it.
func TestAMissingSnapshotIsSaid(t *testing.T) {
	w := deployed(t, "local")
	w.Objects = append(w.Objects, &world.Object{Type: "aws:rds/snapshot:Snapshot", ID: "last", Outputs: map[string]any{"name": "last"}})
	for from, said := range map[string]bool{"": false, "last": false, "arn:aws:rds:eu-west-1:111122223333:snapshot:last": false,
		"lost": true, "arn:aws:rds:eu-west-1:111122223333:snapshot:lost": true} {
		for _, o := range w.Objects {
			if o.Type == "aws:rds/instance:Instance" {
				o.Outputs["snapshotIdentifier"] = from
			}
		}
		p := planned(t, w)
		assert.Equal(t, from[strings.LastIndexByte(from, ':')+1:], p.Databases[0].Snapshot)
		assert.Equal(t, said, strings.Contains(strings.Join(p.Unplayed, "\n"), "the snapshot lost, which"), from)
	}
}
