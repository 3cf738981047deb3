package world

import (
	"cmp"
	"maps"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/value"
)

// fixture is a world and the objects made in it, by short names.
type fixture struct {
	t    *testing.T
	w    *World
	made map[string]*Object
	is   string // the last snapshot that it was

	region string // eu-central-1 when empty
	walks  bool   // instead of making an object, update an existing one to it
}

type in = value.Map

func newFixture(t *testing.T) *fixture {
	t.Helper()
	w, err := Open(Options{Account: "111122223333"})
	require.NoError(t, err)
	return &fixture{t: t, w: w, made: map[string]*Object{}, is: "empty"}
}

func (f *fixture) create(typ, name string, outputs in) error {
	planned := value.CopyMap(outputs)
	region := cmp.Or(f.region, "eu-central-1")
	o, err := f.w.Create(Request{Type: typ, URN: "urn:pulumi:s::p::" + typ + "::" + name, Region: region, Inputs: outputs,
		Planned: planned})
	if err == nil {
		f.made[name] = o
	}
	return err
}

func (f *fixture) must(typ, name string, outputs in) {
	f.t.Helper()
	require.NoError(f.t, f.create(typ, name, outputs), name)
}

func (f *fixture) update(name string, changes in) error {
	o := f.w.Get(f.made[name].Type, f.made[name].Key)
	if o == nil && f.walks {
		return errNoUpdate // the case removed it, since it stands for the second one
	}
	planned := value.CopyMap(o.Outputs)
	inputs := value.CopyMap(o.Inputs)
	for k, v := range changes {
		planned[k], inputs[k] = v, v
	}
	_, err := f.w.Update(Request{Type: o.Type, URN: o.URN, ID: o.ID, State: o.Outputs, Region: o.Region, Inputs: inputs,
		Planned: planned})
	return err
}

func (f *fixture) remove(name string) error {
	o := f.made[name]
	return f.w.Delete(Request{Type: o.Type, URN: o.URN, ID: o.ID, State: o.Outputs, Region: o.Region})
}

func (f *fixture) id(name string) string {
	f.t.Helper()
	require.NotNil(f.t, f.made[name], name)
	return f.made[name].ID
}

const trustEC2 = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},` +
	`"Action":"sts:AssumeRole"}]}`
const readOnly = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`

// policyFor lets a service do one thing with a resource.
func policyFor(action, resource string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"` + action +
		`","Resource":"` + resource + `"}]}`
}

func list1(s ...string) []any { return list(s) }

// snapshot is a fixture as it was first made; later ones are copies of it.
type snapshot struct {
	objects []*Object
	made    map[string]*Object
	counts  map[string]int
}

var (
	snapshotsMu sync.Mutex
	snapshots   = map[string]*snapshot{}
)

// as makes a fixture what build makes of it, but by a copy if nothing was done since the snapshot before.
func (f *fixture) as(name, before string, build func()) *fixture {
	f.t.Helper()
	snapshotsMu.Lock()
	defer snapshotsMu.Unlock()
	if f.is != before || len(f.w.Events()) > 0 || f.region != "" {
		f.is = ""
		build()
		return f
	}
	s := snapshots[name]
	if s == nil {
		build()
		s = &snapshot{objects: f.w.Objects(), made: maps.Clone(f.made), counts: maps.Clone(f.w.counts)}
		snapshots[name] = s
	}
	f.w.mu.Lock()
	f.w.clear()
	for _, o := range s.objects {
		f.w.place(o.copy())
	}
	f.w.counts = maps.Clone(s.counts)
	f.w.events = eventLog{}
	f.w.mu.Unlock()
	f.made, f.is = maps.Clone(s.made), name
	return f
}

// platform makes one of everything that the rules look at.
func (f *fixture) platform() *fixture {
	f.t.Helper()
	return f.as("platform", "empty", f.makePlatform)
}

func (f *fixture) makePlatform() {
	f.t.Helper()
	f.must(typeVPC, "vpc", in{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true})
	f.must(typeInternetGateway, "igw", in{"vpcId": f.id("vpc")})
	f.must(typeSubnet, "a", in{"vpcId": f.id("vpc"), "cidrBlock": "10.0.0.0/24", "availabilityZone": "eu-central-1a"})
	f.must(typeSubnet, "b", in{"vpcId": f.id("vpc"), "cidrBlock": "10.0.1.0/24", "availabilityZone": "eu-central-1b"})
	f.must(typeRouteTable, "table", in{"vpcId": f.id("vpc")})
	f.must(typeTableAssociation, "association", in{"subnetId": f.id("a"), "routeTableId": f.id("table")})
	f.must(typeRoute, "default", in{"routeTableId": f.id("table"), "destinationCidrBlock": "0.0.0.0/0", "gatewayId": f.id("igw")})
	f.must(typeEIP, "eip", in{})
	f.must(typeNAT, "nat", in{"subnetId": f.id("a"), "allocationId": f.id("eip"), "connectivityType": "public"})
	f.must(typeSecurityGroup, "edge", in{"vpcId": f.id("vpc"), "name": "edge"})
	f.must(typeSecurityGroup, "web", in{"vpcId": f.id("vpc"), "name": "web"})
	f.must(typeIngressRule, "rule", in{"securityGroupId": f.id("web"), "referencedSecurityGroupId": f.id("edge"), "ipProtocol": "tcp",
		"fromPort": 8443.0, "toPort": 8443.0})
	f.must(typeBucket, "bucket", in{"bucket": "logs-1234567"})
	f.must(typeObject, "object", in{"bucket": "logs-1234567", "key": "a.txt", "content": "hello"})
	f.must(typeZone, "zone", in{"name": "example.test"})
	f.must(typeCertificate, "cert", in{"domainName": "example.test", "subjectAlternativeNames": list1("*.example.test", "example.test"),
		"validationMethod": "DNS"})
	option := f.made["cert"].Objects("domainValidationOptions")[0]
	f.must(typeRecord, "validation", in{"zoneId": f.id("zone"), "name": option["resourceRecordName"], "type": "CNAME", "ttl": 60.0,
		"records": []any{option["resourceRecordValue"]}})
	f.must(typeValidation, "issued", in{"certificateArn": f.id("cert")})
	f.must(typeLoadBalancer, "lb", in{"name": "site", "loadBalancerType": "application", "subnets": list1(f.id("a"), f.id("b")),
		"securityGroups": list1(f.id("edge"))})
	f.must(typeTargetGroup, "target", in{"name": "web", "port": 8443.0, "protocol": "HTTPS", "vpcId": f.id("vpc"),
		"targetType": "instance"})
	f.must(typeListener, "listener", in{"loadBalancerArn": f.id("lb"), "port": 443.0, "protocol": "HTTPS", "certificateArn": f.id("cert"),
		"defaultActions": []any{in{"type": "forward", "targetGroupArn": f.id("target")}}})
	f.must(typeListenerRule, "host", in{"listenerArn": f.id("listener"), "priority": 10.0,
		"actions": []any{in{"type": "forward", "targetGroupArn": f.id("target")}}})
	f.must(typeRole, "role", in{"name": "web", "path": "/", "assumeRolePolicy": trustEC2})
	f.must(typePolicy, "policy", in{"name": "read", "path": "/", "policy": readOnly})
	f.must(typeRoleAttachment, "attachment", in{"role": "web", "policyArn": f.id("policy")})
	f.must(typeInstanceProfile, "profile", in{"name": "web", "path": "/", "role": "web"})
	f.must(typeKey, "key", in{})
	f.must(typeAlias, "alias", in{"name": "alias/data", "targetKeyId": f.id("key")})
	f.must(typeLaunchTemplate, "template", in{"name": "web", "imageId": "ami-1", "vpcSecurityGroupIds": list1(f.id("web"))})
	f.must(typeGroup, "group", in{"name": "web", "minSize": 1.0, "maxSize": 2.0, "vpcZoneIdentifiers": list1(f.id("a"), f.id("b")),
		"targetGroupArns": list1(f.id("target")), "launchTemplate": in{"id": f.id("template"), "version": "1"}})
	f.must(typeSubnetGroup, "subnets", in{"name": "data", "subnetIds": list1(f.id("a"), f.id("b"))})
	f.must(typeParameterGroup, "parameters", in{"name": "pg17", "family": "postgres17"})
	f.must(typeInstance, "db", in{"identifier": "db", "engine": "postgres", "engineVersion": "17", "instanceClass": "db.t4g.micro",
		"allocatedStorage": 20.0, "username": "app", "manageMasterUserPassword": true,
		"dbSubnetGroupName": "data", "parameterGroupName": "pg17", "vpcSecurityGroupIds": list1(f.id("web")), "deletionProtection": true})
	f.must(typeTopic, "topic", in{"name": "pages"})
	f.must(typeCloudflareZone, "cfzone", in{"zone": "example.org", "accountId": "x"})
	f.must(typeCloudflareRecord, "www", in{"zoneId": f.id("cfzone"), "name": "www", "type": "CNAME", "content": "example.test"})
	f.must(typeVault, "vault", in{"name": "vault"})
	f.must(typeBackupPlan, "plan", in{"name": "daily", "rules": []any{in{"ruleName": "d", "targetVaultName": "vault"}}})
	f.must(typeWebACL, "acl", in{"name": "acl", "scope": "REGIONAL"})
	f.must(typeACLAttachment, "aclAttachment", in{"webAclArn": f.made["acl"].Text("arn"), "resourceArn": f.id("lb")})
	f.must(typeSecret, "secret", in{"name": "secret"})
}
