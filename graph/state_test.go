package graph_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

const (
	vpcType    = "aws:ec2/vpc:Vpc"
	subnetType = "aws:ec2/subnet:Subnet"
	certType   = "aws:acm/certificate:Certificate"
	validType  = "aws:acm/certificateValidation:CertificateValidation"
	listenType = "aws:lb/listener:Listener"
	bucketType = "aws:s3/bucketV2:BucketV2"
	policyType = "aws:s3/bucketPolicy:BucketPolicy"
)

type object = map[string]any

// A replica has the engine of its source, which no program writes.
func TestAReplicaHasItsSourcesEngine(t *testing.T) {
	const kind = "aws:rds/instance:Instance"
	source := &graph.Resource{URN: "urn:pulumi:s::p::" + kind + "::source", Type: kind, Custom: true, ID: "source",
		Inputs: map[string]any{"engine": "postgres"}}
	replica := &graph.Resource{URN: "urn:pulumi:s::p::" + kind + "::replica", Type: kind, Custom: true,
		Inputs: map[string]any{"replicateSourceDb": "source"}, Outputs: map[string]any{}}
	_, err := graph.New([]*graph.Resource{source, replica})
	require.NoError(t, err)
	assert.Equal(t, "postgres", replica.String("engine"))
}

// What hands on a name that it was given from outside vouches for it no more and no less than if it had been written twice.
func TestANameThatIsPassedOnIsOutside(t *testing.T) {
	first := &graph.Resource{URN: "urn:pulumi:s::p::a:b:C::first", Type: "a:b:C", Custom: true, Inputs: map[string]any{"zoneId": "z1"}}
	second := &graph.Resource{URN: "urn:pulumi:s::p::a:b:C::second", Type: "a:b:C", Custom: true, Inputs: map[string]any{"zoneId": "z1"},
		PropertyDependencies: map[string][]string{"zoneId": {first.URN}}}
	g, err := graph.New([]*graph.Resource{first, second})
	require.NoError(t, err)
	resolved := g.Resolve(second, "zoneId")
	assert.Equal(t, []string{"z1"}, resolved.Outside)
	assert.Empty(t, resolved.Unnamed)
	second.Inputs["zoneId"] = "z3"
	assert.Equal(t, []*graph.Resource{first}, g.Resolve(second, "zoneId").Unnamed)
}

func urn(kind, name string) string {
	return fmt.Sprintf("urn:pulumi:dev::causeway::%s::%s", kind, name)
}

// resource is one resource of an exported state. What is in more replaces.
func resource(kind, name, id string, inputs, outputs object, more object) object {
	r := object{"urn": urn(kind, name), "type": kind, "custom": true, "id": id, "inputs": inputs, "outputs": outputs}
	for key, value := range more {
		r[key] = value
	}
	return r
}

func comesFrom(property string, urns ...string) object {
	return object{"propertyDependencies": object{property: urns}, "dependencies": urns}
}

func export(t *testing.T, resources ...object) string {
	t.Helper()
	return document(t, object{"version": 3, "deployment": object{
		"manifest": object{"time": "2026-01-01T00:00:00Z"}, "resources": resources,
	}})
}

func document(t *testing.T, value any) string {
	t.Helper()
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	return string(raw)
}

func small() []object {
	return []object{
		{"urn": urn("pulumi:pulumi:Stack", "causeway-dev"), "type": "pulumi:pulumi:Stack", "outputs": object{"address": "https://a.test"}},
		resource("pulumi:providers:aws", "aws", "p-1", object{"region": "eu-west-1"}, nil, nil),
		resource(vpcType, "net", "vpc-1", object{"cidrBlock": "10.0.0.0/16", "__defaults": []any{}},
			object{"cidrBlock": "10.0.0.0/16", "arn": "arn:aws:ec2:eu-west-1:1:vpc/vpc-1", "mainRouteTableId": "rtb-1"},
			object{"provider": urn("pulumi:providers:aws", "aws") + "::p-1", "protect": true}),
		resource(subnetType, "b", "subnet-b", object{"vpcId": "vpc-1"}, object{"vpcId": "vpc-1"}, comesFrom("vpcId", urn(vpcType, "net"))),
		resource(subnetType, "a", "subnet-a", object{"vpcId": "vpc-1"}, object{"vpcId": "vpc-1"}, comesFrom("vpcId", urn(vpcType, "net"))),
	}
}

func fromState(t *testing.T, resources ...object) *graph.Graph {
	t.Helper()
	g, err := graph.FromState(strings.NewReader(export(t, resources...)))
	require.NoError(t, err)
	return g
}

func names(resources []*graph.Resource) (all []string) {
	for _, r := range resources {
		all = append(all, r.Name)
	}
	return all
}

func TestStateIsLookedUpByEverything(t *testing.T) {
	g := fromState(t, small()...)
	assert.Equal(t, "dev", g.Stack)
	assert.Equal(t, "causeway", g.Project)
	vpc := g.ByURN(urn(vpcType, "net"))
	require.NotNil(t, vpc)
	assert.Equal(t, "net", vpc.Name)
	assert.Equal(t, vpcType, vpc.Type)
	assert.True(t, vpc.Protect)
	assert.Equal(t, "eu-west-1", g.ByURN(vpc.Provider).String("region"))
	assert.Equal(t, []string{"net"}, names(g.ByIdentity("vpc-1")))
	assert.Equal(t, []string{"net"}, names(g.ByIdentity("arn:aws:ec2:eu-west-1:1:vpc/vpc-1")))
	assert.Empty(t, g.ByIdentity("rtb-1"), "an output that is another resource's id is not an identity")
	assert.Equal(t, []string{"a", "b"}, names(g.ByType(subnetType)))
	assert.Equal(t, []string{"a", "b", "net"}, names(g.ByType(subnetType, vpcType)))
	assert.Equal(t, "https://a.test", g.Root().String("address"))
	assert.NotContains(t, vpc.Inputs, "__defaults")
}

func TestOrderOfTheFileMeansNothing(t *testing.T) {
	resources := small()
	want := fromState(t, resources...)
	for range 20 {
		rand.Shuffle(len(resources), func(i, j int) { resources[i], resources[j] = resources[j], resources[i] })
		require.Equal(t, want, fromState(t, resources...))
	}
}

func TestSecretsNeverReachTheGraph(t *testing.T) {
	const signature = "4dabf18193072939515e22adb298388d"
	secret := func(key string) object {
		return object{signature: "1b47061264138c4ac30d75fd1eb44270", key: `"hunter2"`}
	}
	g := fromState(t, append(small(), resource("aws:ssm/parameter:Parameter", "p", "p", object{
		"plain": secret("plaintext"), "cipher": secret("ciphertext"), "nested": []any{object{"x": secret("plaintext")}},
		"output": object{signature: "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": "hunter2", "secret": true},
	}, nil, nil))...)
	p := g.ByType("aws:ssm/parameter:Parameter")[0]
	for _, path := range []string{"plain", "cipher", "nested[0].x", "output", "plain.inside"} {
		value, ok := p.Get(path)
		require.True(t, ok, path)
		assert.Equal(t, graph.Secret{}, value, path)
	}
	assert.NotContains(t, fmt.Sprintf("%#v", p), "hunter2")
}

func TestValuesOfAllKinds(t *testing.T) {
	const signature = "4dabf18193072939515e22adb298388d"
	g := fromState(t, append(small(), resource("aws:s3/bucketObjectv2:BucketObjectv2", "o", "o", object{
		"source": object{signature: "c44067f5952c0a294b673a41bacd8c17", "hash": "abc", "path": "release"},
		"ref":    object{signature: "5cf8f73096256a8f31e491e813e4eb8e", "urn": urn(vpcType, "net")},
		"bytes":  object{signature: "803fd3297a5875dc03ca845dda5d2a98", "bytes": "AP8="},
		"port":   8443.0, "share": 0.5, "text": "443", "yes": "true", "no": false, "nothing": nil,
		"tags": object{"a:b": "c"},
	}, object{"nothing": "from the cloud"}, nil))...)
	o := g.ByType("aws:s3/bucketObjectv2:BucketObjectv2")[0]
	source, _ := o.Get("source")
	assert.Equal(t, graph.Asset{Hash: "abc", Path: "release"}, source)
	assert.Equal(t, "\x00\xff", o.String("bytes"))
	assert.Equal(t, []string{"net"}, names(g.Ref(o, "ref")))
	assert.Equal(t, "from the cloud", o.String("nothing"))
	assert.Equal(t, "c", o.Tag("a:b"))
	for path, want := range map[string]int{"port": 8443, "text": 443} {
		n, ok := o.Int(path)
		assert.True(t, ok)
		assert.Equal(t, want, n)
	}
	_, whole := o.Int("share")
	assert.False(t, whole)
	for path, want := range map[string]bool{"yes": true, "no": false} {
		value, known := o.Bool(path)
		assert.True(t, known, path)
		assert.Equal(t, want, value, path)
	}
	_, known := o.Bool("text")
	assert.False(t, known)
}

// A real provider keeps a list among its settings as JSON text: who asks for the accounts finds them in either form.
func TestAProvidersSettingsAreAsTheyWereWritten(t *testing.T) {
	for _, accounts := range []any{[]any{"111122223333"}, `["111122223333"]`} {
		g, err := graph.FromState(strings.NewReader(export(t, resource("pulumi:providers:aws", "dev-aws", "id",
			object{"allowedAccountIds": accounts, "region": "eu-west-1", "profile": ""}, nil, nil))))
		require.NoError(t, err)
		assert.Equal(t, []string{"111122223333"}, g.ByType("pulumi:providers:aws")[0].Strings("allowedAccountIds"))
	}
}

func TestStateFailsClosed(t *testing.T) {
	whole := export(t, small()...)
	edit := func(change func(deployment object)) string {
		var d object
		require.NoError(t, json.Unmarshal([]byte(whole), &d))
		change(d["deployment"].(object))
		return document(t, d)
	}
	add := func(more ...object) string { return export(t, append(small(), more...)...) }
	for name, c := range map[string]struct{ file, message string }{
		"empty":           {"", "it is empty: export it again with `pulumi stack export`"},
		"cut off":         {whole[:len(whole)/2], "it is cut off: export it again"},
		"two documents":   {whole + whole, "something follows its end"},
		"not an export":   {`{"hello": 1}`, "it has no deployment: give the file that `pulumi stack export` writes"},
		"a preview":       {`{"steps": [], "changeSummary": {}}`, "this is a preview: give it with --preview"},
		"old version":     {strings.Replace(whole, `"version":3`, `"version":2`, 1), "its version is 2, and only 3 and 4 are known"},
		"future version":  {strings.Replace(whole, `"version":3`, `"version":5`, 1), "its version is 5"},
		"unknown feature": {strings.Replace(whole, `"version":3`, `"version":4,"features":["telepathy"]`, 1), `it uses "telepathy"`},
		"not deployed":    {export(t), "it has no resources: deploy the stack first"},
		"interrupted": {edit(func(d object) { d["pending_operations"] = []any{object{"resource": small()[2], "type": "creating"}} }),
			"what became of urn:pulumi:dev::causeway::aws:ec2/vpc:Vpc::net is not known: run `pulumi refresh`"},
		"damaged": {edit(func(d object) { d["metadata"] = object{"integrity_error": object{"error": "x"}} }),
			"pulumi state repair"},
		"half replaced": {add(resource(vpcType, "x", "", nil, nil, object{"pendingReplacement": true})),
			"was deleted and not made again"},
		"twice":  {add(small()[2]), "vpc:Vpc::net occurs twice"},
		"no URN": {add(object{"urn": "vpc", "type": vpcType}), `"vpc" is not the URN of a resource`},
		"missing source": {add(resource(subnetType, "c", "c", object{"vpcId": "v"}, nil,
			object{"propertyDependencies": object{"vpcId": []string{urn(vpcType, "gone")}}})),
			"it is only a part: urn:pulumi:dev::causeway::aws:ec2/subnet:Subnet::c names urn:pulumi:dev::causeway::aws:ec2/vpc:Vpc::gone"},
		"missing dependsOn": {add(resource(subnetType, "c", "c", nil, nil, object{"dependencies": []string{urn(vpcType, "gone")}})),
			"it is only a part"},
		"missing parent": {add(resource(subnetType, "c", "c", nil, nil, object{"parent": urn("x:y:Z", "gone")})), "it is only a part"},
		"missing provider": {add(resource(subnetType, "c", "c", nil, nil,
			object{"provider": urn("pulumi:providers:aws", "gone") + "::id"})), "it is only a part"},
		"unknown kind": {add(resource(subnetType, "c", "c", object{"x": object{"4dabf18193072939515e22adb298388d": "new"}}, nil, nil)),
			"a value of a kind that this version of causeway does not know"},
	} {
		if _, err := graph.FromState(strings.NewReader(c.file)); assert.Error(t, err, name) {
			assert.Contains(t, err.Error(), "reading an exported state: ", name)
			assert.Contains(t, err.Error(), c.message, name)
		}
	}
}

func TestEveryCutOfAStateIsRefused(t *testing.T) {
	whole := export(t, small()...)
	for i := range len(whole) {
		_, err := graph.FromState(strings.NewReader(whole[:i]))
		require.Error(t, err, "the first %d bytes", i)
	}
}

func TestVersion4AndLeftovers(t *testing.T) {
	old := resource(vpcType, "net", "vpc-0", object{"cidrBlock": "10.0.0.0/16"}, nil, object{"delete": true})
	file := strings.Replace(export(t, append(small(), old)...), `"version":3`, `"version":4,"features":["hooks"]`, 1)
	g, err := graph.FromState(strings.NewReader(file))
	require.NoError(t, err)
	require.Len(t, g.Leftovers, 1)
	assert.Equal(t, "vpc-0", g.Leftovers[0].ID)
	assert.Equal(t, "vpc-1", g.ByURN(urn(vpcType, "net")).ID)
}

func TestReferences(t *testing.T) {
	certificate := resource(certType, "cert", "arn:c", object{"domainName": "a.test"}, object{"arn": "arn:c"}, nil)
	validation := resource(validType, "cert", "2026-01-01 00:00", object{"certificateArn": "arn:c"}, object{"certificateArn": "arn:c"},
		comesFrom("certificateArn", urn(certType, "cert")))
	listener := resource(listenType, "l", "arn:l", object{"certificateArn": "arn:c"}, nil,
		comesFrom("certificateArn", urn(validType, "cert")))
	bucket := resource(bucketType, "logs", "logs-1", nil, object{"bucket": "logs-1", "arn": "arn:b"}, nil)
	policy := resource(policyType, "logs", "logs-1", object{"bucket": "logs-1"}, object{"bucket": "logs-1"},
		comesFrom("bucket", urn(bucketType, "logs")))
	balancer := resource("aws:lb/loadBalancer:LoadBalancer", "edge", "arn:lb", object{
		"accessLogs": object{"bucket": "logs-1", "prefix": "access"},
		"subnets":    []any{"subnet-b", "subnet-a", "subnet-elsewhere"}, "securityGroups": []any{"sg-literal"},
		"customerOwnedIpv4Pool": "pool made of vpc-1",
	}, nil, object{"propertyDependencies": object{
		"accessLogs": []string{urn(policyType, "logs")}, "subnets": []string{urn(subnetType, "a"), urn(subnetType, "b")},
		"customerOwnedIpv4Pool": []string{urn(vpcType, "net")},
	}})
	g := fromState(t, append(small(), certificate, validation, listener, bucket, policy, balancer)...)
	l, lb := g.ByType(listenType)[0], g.ByURN(urn("aws:lb/loadBalancer:LoadBalancer", "edge"))

	assert.Equal(t, []*graph.Resource{g.ByType(certType)[0]}, g.Ref(l, "certificateArn"), "the validation passes on the certificate's ARN")
	assert.Equal(t, []*graph.Resource{g.ByType(bucketType)[0]}, g.Ref(lb, "accessLogs.bucket"), "a policy has its bucket's id")
	assert.Equal(t, []string{"b", "a"}, names(g.Ref(lb, "subnets")), "in the order of the value")
	assert.Equal(t, []string{"a"}, names(g.Ref(lb, "subnets[1]")))
	assert.Equal(t, []string{"subnet-elsewhere"}, g.Resolve(lb, "subnets").Outside)
	assert.Empty(t, g.Ref(lb, "subnets", vpcType))
	assert.Equal(t, graph.Resolution{Outside: []string{"sg-literal"}}, g.Resolve(lb, "securityGroups"))
	assert.Equal(t, []string{"net"}, names(g.Ref(lb, "customerOwnedIpv4Pool")), "made from the VPC's id")
	assert.Equal(t, graph.Resolution{}, g.Resolve(lb, "absent"))
	assert.Len(t, g.ByIdentity("logs-1"), 1)
}

// Two things of one name are told apart by what the engine saw a value come from.
func TestEqualIdentifiersAreToldApart(t *testing.T) {
	group := resource("aws:rds/subnetGroup:SubnetGroup", "db", "prod-db", object{"name": "prod-db"}, object{"name": "prod-db"}, nil)
	database := resource("aws:rds/instance:Instance", "db", "db-XYZ", object{"dbSubnetGroupName": "prod-db", "identifier": "prod-db"},
		object{"identifier": "prod-db"}, comesFrom("dbSubnetGroupName", urn("aws:rds/subnetGroup:SubnetGroup", "db")))
	g := fromState(t, append(small(), group, database)...)
	found := g.Ref(g.ByType("aws:rds/instance:Instance")[0], "dbSubnetGroupName")
	require.Len(t, found, 1)
	assert.Equal(t, "aws:rds/subnetGroup:SubnetGroup", found[0].Type)
}

// A word that happens to be the name of something refers to it only if it came from there;
// an ARN that is written out refers to what has it.
func TestMereNamesAreNotIdentifiers(t *testing.T) {
	vault := resource("aws:backup/vault:Vault", "v", "prod-vault", object{}, object{"name": "prod-vault"}, nil)
	dashboard := resource("aws:cloudwatch/dashboard:Dashboard", "prod", "prod", object{}, object{"name": "prod", "arn": "arn:d"}, nil)
	plan := resource("aws:backup/plan:Plan", "p", "p-1",
		object{"rules": []any{object{"target": "prod-vault", "tag": "prod", "arn": "arn:d"}}, "name": "prod"},
		nil, comesFrom("rules", urn("aws:backup/vault:Vault", "v")))
	g := fromState(t, append(small(), vault, dashboard, plan)...)
	p := g.ByType("aws:backup/plan:Plan")[0]
	assert.Equal(t, []string{"v"}, names(g.Ref(p, "rules[0].target")))
	assert.Empty(t, g.Ref(p, "rules[0].tag"), "is the name of something that the rules do not come from")
	assert.Equal(t, []string{"prod"}, g.Resolve(p, "rules[0].tag").Outside)
	assert.Equal(t, []string{"prod", "v"}, names(g.Ref(p, "rules")), "by the ARN, and by where the name came from")
	assert.Equal(t, []string{"prod"}, names(g.Ref(p, "name")), "nothing is known of where it came from")
}

// What an Apply made of a value is known, and is not what it was made of.
func TestAKnownValueThatNamesNothingIsOutside(t *testing.T) {
	parameters := resource("aws:rds/parameterGroup:ParameterGroup", "db", "prod-postgres17", nil,
		object{"name": "prod-postgres17", "arn": "arn:aws:rds:r:1:pg:prod-postgres17"}, nil)
	another := resource("aws:rds/parameterGroup:ParameterGroup", "old", "old-postgres15", nil, object{"name": "old-postgres15"}, nil)
	made := resource("aws:rds/instance:Instance", "other", "db-1", nil,
		object{"masterUserSecrets": []any{object{"secretArn": "arn:secret"}}}, nil)
	for value, want := range map[string]graph.Resolution{
		"prod-postgres17":                        {Resources: []*graph.Resource{{Name: "db"}}},
		"old-postgres15":                         {Resources: []*graph.Resource{{Name: "old"}}},
		"default.postgres17":                     {Outside: []string{"default.postgres17"}},
		"arn:aws:rds:r:1:pg:prod-postgres17:*":   {Resources: []*graph.Resource{{Name: "db"}}},
		"arn:aws:rds:r:1:pg:prod-postgres17-old": {Outside: []string{"arn:aws:rds:r:1:pg:prod-postgres17-old"}},
		"arn:aws:rds:r:2:pg:prod-postgres17":     {Outside: []string{"arn:aws:rds:r:2:pg:prod-postgres17"}},
		"s3://exports/prod-postgres17/":          {Resources: []*graph.Resource{{Name: "db"}}},
		"arn:secret":                             {Resources: []*graph.Resource{{Name: "other"}}},
	} {
		database := resource("aws:rds/instance:Instance", "db", "db-XYZ", object{"parameterGroupName": value}, nil,
			object{"propertyDependencies": object{"parameterGroupName": []string{urn("aws:rds/parameterGroup:ParameterGroup", "db"),
				urn("aws:rds/instance:Instance", "other")}}})
		g := fromState(t, append(small(), parameters, another, made, database)...)
		got := g.Resolve(g.ByURN(urn("aws:rds/instance:Instance", "db")), "parameterGroupName")
		assert.Equal(t, names(want.Resources), names(got.Resources), value)
		assert.Equal(t, want.Outside, got.Outside, value)
	}
	balancer := resource("aws:lb/loadBalancer:LoadBalancer", "edge", "arn:lb", nil, object{"name": "edge", "arnSuffix": "app/edge/8519"},
		nil)
	for value, outside := range map[string]int{"app/edge/8519": 0, "app/edge/ffff": 1, "logs of app/edge/8519": 0, "/aws/edge": 0} {
		alarm := resource("aws:cloudwatch/metricAlarm:MetricAlarm", "a", "a", object{"dimensions": object{"LoadBalancer": value}}, nil,
			comesFrom("dimensions", urn("aws:lb/loadBalancer:LoadBalancer", "edge")))
		g := fromState(t, append(small(), balancer, alarm)...)
		got := g.Resolve(g.ByType("aws:cloudwatch/metricAlarm:MetricAlarm")[0], "dimensions")
		assert.Len(t, got.Outside, outside, value)
		assert.Len(t, got.Unnamed, outside, value)
	}
	numbers := resource("aws:rds/instance:Instance", "db", "db-XYZ", object{"vpcSecurityGroupIds": []any{7}}, nil,
		comesFrom("vpcSecurityGroupIds", urn(vpcType, "net")))
	g := fromState(t, append(small(), numbers)...)
	got := g.Resolve(g.ByType("aws:rds/instance:Instance")[0], "vpcSecurityGroupIds")
	assert.Equal(t, []string{"7"}, got.Outside)
	assert.Equal(t, []string{"net"}, names(got.Unnamed))
}

func TestNothingRefersToItself(t *testing.T) {
	vpc := resource(vpcType, "other", "vpc-9", object{"name": "vpc-9"}, nil, nil)
	g := fromState(t, append(small(), vpc)...)
	assert.Empty(t, g.Ref(g.ByURN(urn(vpcType, "other")), "name"))
}

func TestTagsOfAnAutoScalingGroup(t *testing.T) {
	g := fromState(t, append(small(), resource("aws:autoscaling/group:Group", "web", "web", object{
		"tags": []any{object{"key": "causeway:tier", "value": "web"}},
	}, nil, nil))...)
	assert.Equal(t, "web", g.ByType("aws:autoscaling/group:Group")[0].Tag("causeway:tier"))
	assert.Empty(t, g.ByType("aws:autoscaling/group:Group")[0].Tag("other"))
}

func TestReaderThatFails(t *testing.T) {
	f, err := os.Open(t.TempDir())
	require.NoError(t, err)
	defer f.Close()
	_, err = graph.FromState(f)
	assert.ErrorContains(t, err, "reading an exported state")
}

func TestNewIsTheSameGraphAgain(t *testing.T) {
	want := deployed(t, "prod")
	got, err := graph.New(want.Resources)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	_, err = graph.New(want.Resources[1:])
	assert.ErrorContains(t, err, "only a part", "the first is the parent of others")
	_, err = graph.New(nil)
	assert.Error(t, err)
}

func TestIgnoredChangesAreRead(t *testing.T) {
	g, err := graph.FromState(strings.NewReader(`{"version": 3, "deployment": {"resources": [
		{"urn": "urn:pulumi:s::p::aws:ec2/vpc:Vpc::v", "custom": true, "type": "aws:ec2/vpc:Vpc", "ignoreChanges": ["tags"]}]}}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"tags"}, g.Resources[0].IgnoreChanges)
}

func TestAResourceIsWhereTheProgramDeclaresIt(t *testing.T) {
	for position, want := range map[string]string{
		"project:///main.go#12,3": "main.go:12", "project:///components/a.go#7": "components/a.go:7", "": "", "project:///main.go": "",
		"project:///../../../github.com/o/shop/stacks/deploy.go#74":            "stacks/deploy.go:74",
		"project:///../../go/pkg/mod/github.com/o/modules@v1.2.3/vpc/vpc.go#9": "",
		"project:///../../../github.com/o/modules@v1.2.3/vpc/vpc.go#9":         "",
	} {
		g := fromState(t, resource(vpcType, "net", "vpc-1", object{}, object{}, object{"sourcePosition": position}))
		assert.Equal(t, want, g.ByType(vpcType)[0].Source, position)
	}
}
