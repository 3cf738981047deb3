package cost

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

const region = "eu-west-1"

// stack is a graph of resources with one provider in a region; types and inputs by name.
func stack(t *testing.T, region string, resources ...*graph.Resource) *graph.Graph {
	const provider = "urn:pulumi:s::p::pulumi:providers:aws::aws"
	all := []*graph.Resource{
		{URN: "urn:pulumi:s::p::pulumi:pulumi:Stack::p-s", Type: "pulumi:pulumi:Stack", Name: "p-s"},
		{URN: provider, Type: "pulumi:providers:aws", Name: "aws", Custom: true, Inputs: map[string]any{"region": region}},
	}
	for _, r := range resources {
		r.Custom, r.Provider = true, provider
		r.URN = "urn:pulumi:s::p::" + r.Type + "::" + r.Name
		all = append(all, r)
	}
	g, err := graph.New(all)
	require.NoError(t, err)
	return g
}

func thing(name, kind string, inputs map[string]any) *graph.Resource {
	return &graph.Resource{Name: name, Type: kind, Inputs: inputs}
}

// paid is what a line costs.
func paid(t *testing.T, e Estimate, name, what string) Line {
	for _, l := range e.Lines {
		if l.Name == name && l.What == what {
			return l
		}
	}
	require.Failf(t, "not priced", "%s for %s: %v %v", name, what, e.Lines, e.Unpriced)
	return Line{}
}

func load(t *testing.T, name string) *graph.Graph {
	f, err := os.Open("../graph/testdata/" + name)
	require.NoError(t, err)
	defer f.Close()
	g, err := graph.FromState(f)
	require.NoError(t, err)
	return g
}

// By AWS's own arithmetic for eu-west-1, reckoned by hand from its price list.
func TestProdIsPriced(t *testing.T) {
	e := Of(load(t, "prod.json"))
	assert.Empty(t, e.Unpriced)
	assert.InDelta(t, 2*730*0.186, paid(t, e, "prod-database", "postgres db.m7g.large").Least, 0.005)
	assert.InDelta(t, 730*0.048, paid(t, e, "prod-network-nat-a", "nat gateway").Least, 0.005)
	assert.InDelta(t, 3*730*0.011, paid(t, e, "prod-endpoints-kms", "interface endpoint").Least, 0.005)
	assert.InDelta(t, 3*730*0.005, paid(t, e, "prod-edge", "public ipv4 address").Least, 0.005)
	web := paid(t, e, "prod-web", "ec2 m7g.large")
	assert.InDelta(t, 3*730*0.091, web.Least, 0.005)
	assert.Greater(t, web.Most, web.Least, "a group is not priced at its maximum alone")
	for _, l := range e.Lines {
		assert.NotContains(t, l.Name, "s3", "a gateway endpoint costs nothing")
		assert.NotEmpty(t, l.Rate.Source)
	}
}

func TestMultiZoneDoublesAndTheBaselineIsFree(t *testing.T) {
	inputs := func(more map[string]any) map[string]any {
		all := map[string]any{"engine": "postgres", "instanceClass": "db.t4g.micro", "allocatedStorage": 100.0, "storageType": "gp3",
			"iops": 3000.0}
		for k, v := range more {
			all[k] = v
		}
		return all
	}
	single := Of(stack(t, region, thing("d", "aws:rds/instance:Instance", inputs(nil))))
	double := Of(stack(t, region, thing("d", "aws:rds/instance:Instance", inputs(map[string]any{"multiAz": true}))))
	one, _ := single.Sum()
	two, _ := double.Sum()
	assert.InDelta(t, 730*0.017+100*0.127, one, 0.005)
	assert.InDelta(t, 2*one, two, 0.005)
	for speed, more := range map[float64]float64{125: 0, 225: 100 * 0.044} {
		disk := Of(stack(t, region, thing("v", "aws:ebs/volume:Volume",
			map[string]any{"type": "gp3", "size": 100.0, "iops": 4000.0, "throughput": speed})))
		least, _ := disk.Sum()
		assert.InDelta(t, 100*0.088+1000*0.0055+more, least, 0.005)
	}
}

// What has no price is named, and is never 0.
func TestWhatHasNoPriceIsUnpriced(t *testing.T) {
	for name, g := range map[string]*graph.Graph{
		"a region without prices": stack(t, "ap-southeast-6", thing("x", "aws:ec2/natGateway:NatGateway", nil)),
		"an unknown region":       stack(t, "", thing("x", "aws:lb/loadBalancer:LoadBalancer", nil)),
		"a class that is too new": stack(t, region,
			thing("x", "aws:rds/instance:Instance", map[string]any{"engine": "postgres", "instanceClass": "db.m99g.large"})),
		"another engine": stack(t, region,
			thing("x", "aws:rds/instance:Instance", map[string]any{"engine": "oracle-ee", "instanceClass": "db.m5.large"})),
		"a type that is not known":  stack(t, region, thing("x", "aws:redshift/cluster:Cluster", nil)),
		"a type of another package": stack(t, region, thing("x", "gcp:compute/instance:Instance", nil)),
		"a group of mixed types": stack(t, region,
			thing("x", "aws:autoscaling/group:Group",
				map[string]any{"minSize": 1.0, "maxSize": 2.0, "mixedInstancesPolicy": map[string]any{}})),
		"a template elsewhere": stack(t, region,
			thing("x", "aws:autoscaling/group:Group",
				map[string]any{"minSize": 1.0, "maxSize": 2.0, "launchTemplate": map[string]any{"id": "lt-0123"}})),
		"a load balancer's gateway": stack(t, region,
			thing("x", "aws:lb/loadBalancer:LoadBalancer", map[string]any{"loadBalancerType": "gateway", "internal": true})),
	} {
		e := Of(g)
		assert.True(t, slices.ContainsFunc(e.Unpriced, func(u Unpriced) bool { return u.Name == "x" && u.Why != "" }), name)
		for _, l := range e.Lines {
			assert.NotZero(t, l.Most, name)
		}
	}
}

// A group of workers costs as any other does, from its least to its most: a job's, which stands for the time of its runs
// alone, from nothing. Every interface endpoint costs the same, a registry's two as well.
func TestWorkersAndTheirRegistryArePriced(t *testing.T) {
	template := thing("jobs", "aws:ec2/launchTemplate:LaunchTemplate", map[string]any{"instanceType": "t4g.small",
		"blockDeviceMappings": []any{map[string]any{"ebs": map[string]any{"volumeType": "gp3", "volumeSize": 10.0}}}})
	template.ID = "lt-0123"
	group := thing("jobs", "aws:autoscaling/group:Group", map[string]any{"minSize": 0.0, "maxSize": 2.0,
		"launchTemplate": map[string]any{"id": "lt-0123"}})
	resources := []*graph.Resource{template, group}
	for _, service := range []string{"ecr.api", "ecr.dkr"} {
		resources = append(resources, thing(service, "aws:ec2/vpcEndpoint:VpcEndpoint", map[string]any{"vpcEndpointType": "Interface",
			"serviceName": "com.amazonaws.eu-west-1." + service, "subnetIds": []any{"subnet-a", "subnet-b"}}))
	}
	e := Of(stack(t, region, resources...))
	assert.Empty(t, e.Unpriced)
	jobs := paid(t, e, "jobs", "ec2 t4g.small")
	assert.Zero(t, jobs.Least)
	assert.InDelta(t, 2*730*0.0184, jobs.Most, 0.005)
	assert.InDelta(t, 2*10*0.088, paid(t, e, "jobs", "gp3 volume").Most, 0.005)
	for _, service := range []string{"ecr.api", "ecr.dkr"} {
		assert.InDelta(t, 2*730*0.011, paid(t, e, service, "interface endpoint").Least, 0.005)
	}
}

// From version 7 of the AWS provider on, a resource may be in another region than its provider.
func TestAResourceIsPricedWhereItIs(t *testing.T) {
	e := Of(stack(t, region, thing("here", "aws:ec2/natGateway:NatGateway", nil),
		thing("there", "aws:ec2/natGateway:NatGateway", map[string]any{"region": "us-east-1"})))
	assert.InDelta(t, 730*0.048, paid(t, e, "here", "nat gateway").Least, 0.005)
	assert.InDelta(t, 730*0.045, paid(t, e, "there", "nat gateway").Least, 0.005)
}

func TestServerlessCostsBetweenItsBounds(t *testing.T) {
	cluster := thing("c", "aws:rds/cluster:Cluster",
		map[string]any{"serverlessv2ScalingConfiguration": map[string]any{"minCapacity": 0.5, "maxCapacity": 4.0}})
	cluster.ID = "c-1"
	machine := thing("m", "aws:rds/clusterInstance:ClusterInstance",
		map[string]any{"engine": "aurora-postgresql", "instanceClass": "db.serverless", "clusterIdentifier": "c-1"})
	l := paid(t, Of(stack(t, "us-east-1", cluster, machine)), "m", "aurora capacity unit")
	assert.InDelta(t, 0.5*730*0.12, l.Least, 0.005)
	assert.InDelta(t, 4*730*0.12, l.Most, 0.005)
}

// Every formula gives the figure beside it.
func TestFormulasAreTheFigures(t *testing.T) {
	for _, l := range Of(load(t, "prod.json")).Lines {
		least, most, ranges := strings.Cut(l.Formula, " to ")
		assert.InDelta(t, product(t, least), l.Least, 0.0001, l.Formula)
		if ranges {
			assert.InDelta(t, product(t, most), l.Most, 0.0001, l.Formula)
		}
	}
}

func TestEveryPriceHasASourceAndADate(t *testing.T) {
	n := 0
	for what, regions := range loaded() {
		for region, r := range regions {
			n++
			assert.NotEmpty(t, r.Source, "%s in %s", what, region)
			assert.True(t, r.Date.After(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)), "%s in %s", what, region)
			assert.Positive(t, r.USD)
		}
	}
	assert.Greater(t, n, 20_000)
}

func TestADamagedTableIsRefused(t *testing.T) {
	const said = "# source: x\n# date: 2026-01-01\n"
	whole := func() fstest.MapFS {
		files := fstest.MapFS{
			"rates/sources.csv":  {Data: []byte("source,date,where\ns,2026-01-01,x\n")},
			"rates/services.csv": {Data: []byte("what,region,usd,unit,source\nk,*,1,month,s\n")},
		}
		for name := range instances {
			files[name] = &fstest.MapFile{Data: []byte(said + "type,eu-west-1\nm.large,0.1\n")}
		}
		return files
	}
	_, err := readRates(whole())
	require.NoError(t, err)
	for name, change := range map[string][2]string{
		"no date":        {"rates/ec2.csv", "# source: x\ntype,eu-west-1\nm.large,0.1\n"},
		"no price":       {"rates/ec2.csv", said + "type,eu-west-1\nm.large,free\n"},
		"a price of 0":   {"rates/rds-mysql.csv", said + "type,eu-west-1\nm.large,0\n"},
		"no such source": {"rates/services.csv", "what,region,usd,unit,source\nk,*,1,month,other\n"},
		"nothing":        {"rates/services.csv", "what,region,usd,unit,source\n"},
		"a bad date":     {"rates/sources.csv", "source,date,where\ns,yesterday,x\n"},
	} {
		files := whole()
		files[change[0]] = &fstest.MapFile{Data: []byte(change[1])}
		_, err := readRates(files)
		assert.Error(t, err, name)
	}
}
