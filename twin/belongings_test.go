package twin_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

const listType = "aws:ec2/managedPrefixList:ManagedPrefixList"

// partners is a file that lists a prefix list with these entries.
func partners(entries string) string {
	return "account:\n  - type: ec2/managedPrefixList\n    id: pl-0123456789abcdef0\n    properties:\n      name: partners\n" +
		"      addressFamily: IPv4\n      maxEntries: 3\n      entries: [" + entries + "]\n"
}

// An account has what its file lists, by the id that settings name: also when the file changes, in another run, after
// a reset, and no longer than it is listed.
func TestAnAccountHasWhatItsFileLists(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twin.db")
	var open *twin.Twin
	run := func(text string) {
		t.Helper()
		m, err := mannersOf(text)
		require.NoError(t, err)
		o := twin.Options{Path: path, Account: "111122223333", Region: "eu-west-1", Manners: m}
		require.NoError(t, o.CheckAccount())
		if open != nil {
			require.NoError(t, open.Close())
		}
		open, err = twin.Start(t.Context(), o)
		require.NoError(t, err)
	}
	rule := func() error {
		w := open.World()
		make := func(typ string, in value.Map) (*world.Object, error) {
			return w.Create(world.Request{Type: typ, URN: "urn:pulumi:s::p::" + typ + "::x", Region: "eu-west-1", Inputs: in,
				Planned: value.CopyMap(in)})
		}
		vpc, err := make("aws:ec2/vpc:Vpc", value.Map{"cidrBlock": "10.0.0.0/16"})
		require.NoError(t, err)
		group, err := make("aws:ec2/securityGroup:SecurityGroup", value.Map{"vpcId": vpc.ID, "name": vpc.ID})
		require.NoError(t, err)
		_, err = make("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", value.Map{"securityGroupId": group.ID, "ipProtocol": "tcp",
			"fromPort": 587.0, "toPort": 587.0, "prefixListId": "pl-0123456789abcdef0"})
		return err
	}
	list := func() *world.Object { return open.World().Get(listType, "pl-0123456789abcdef0") }

	run("seed: 1\n")
	require.ErrorContains(t, rule(), "InvalidPrefixListID.NotFound")
	run(partners("{cidr: 198.51.100.0/24}"))
	require.NoError(t, rule())
	assert.Equal(t, "arn:aws:ec2:eu-west-1:111122223333:prefix-list/pl-0123456789abcdef0", list().Text("arn"))
	for _, r := range open.Resources() {
		assert.NotEqual(t, listType, r.Type, "it is nobody's, so that nothing is left where it is")
	}
	run(partners("{cidr: 198.51.100.0/25}, {cidr: 203.0.113.0/24}"))
	assert.Len(t, list().Objects("entries"), 2)
	require.NoError(t, open.Reset())
	require.NotNil(t, list())
	require.NoError(t, open.Close())
	looked, err := twin.Look(path, twin.Manners{})
	require.NoError(t, err)
	assert.NotNil(t, looked.World().Get(listType, "pl-0123456789abcdef0"), "to look changes nothing")
	require.NoError(t, looked.Close())
	run("account: []\n")
	assert.Nil(t, list())
	require.NoError(t, open.Close())
}

// Whatever settings and programs name may be listed: it is found by its id, and what refers to it is accepted.
func TestAnAccountMayHaveAnythingThatATwinHolds(t *testing.T) {
	m, err := mannersOf(`account:
  - {type: kms/key, id: 0f0f0f0f-1111-4222-a333-444455556666, properties: {description: of the audit}}
  - {type: kms/alias, properties: {name: alias/audit, targetKeyId: 0f0f0f0f-1111-4222-a333-444455556666}}
  - type: secretsmanager/secret
    id: arn:aws:secretsmanager:eu-west-1:111122223333:secret:mail-AbCdEf
    properties: {name: mail, kmsKeyId: alias/audit}
  - type: secretsmanager/secretVersion
    properties: {secretId: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:mail-AbCdEf", secretString: hush}
  - {type: acm/certificate, id: "arn:aws:acm:us-east-1:111122223333:certificate/1", region: us-east-1, properties: {domainName: a.test}}
  - {type: "aws:iam/role:Role", properties: {name: boss, assumeRolePolicy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` +
		`"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'}}
  - {type: ecr/repository, properties: {name: shop/app}}
  - {type: route53/zone, properties: {name: shop.test}}
  - {type: cloudflare:index/zone, properties: {accountId: 0123456789abcdef0123456789abcdef, zone: other.test}}
`)
	require.NoError(t, err)
	tw, err := twin.Start(t.Context(), twin.Options{Account: "111122223333", Region: "eu-west-1", Manners: m})
	require.NoError(t, err)
	defer tw.Close()
	certificate := tw.World().Get("aws:acm/certificate:Certificate", "arn:aws:acm:us-east-1:111122223333:certificate/1")
	require.NotNil(t, certificate)
	assert.Equal(t, "ISSUED", certificate.Text("status"))
	assert.NotNil(t, tw.World().Get("aws:iam/role:Role", "boss"))
	assert.Empty(t, tw.Resources())
	assert.Len(t, tw.Delegations(), 2)
	told, err := json.Marshal(tw.Status())
	require.NoError(t, err)
	assert.NotContains(t, string(told), "hush")
}

// Every mistake is told with its line and what to write, whether the file shows it or only the cloud's rules.
func TestEveryMistakeOfAnAccount(t *testing.T) {
	_, err := mannersOf(`account:
  - {type: ec2/managedPrefixLists}
  - type: instance
    properties: {ami: ami-0}
  - {id: pl-0}
  - [ec2/vpc]
  - type: ec2/managedPrefixList
    name: partners
    region: [eu-west-1]
    region: eu-west-1
    properties:
      addressFamily: IPv4
      maxEntries: many
      entries:
        - cidr: 198.51.100.0/24
          cdir: x
  - {type: ec2/vpc, properties: none}
`)
	require.Error(t, err)
	assert.Equal(t, strings.TrimSpace(mistakes), err.Error())
	for text, says := range map[string]string{
		"account: {type: ec2/vpc}":                                    "Twin.local.yaml:1: account is a list",
		"account: [" + strings.Repeat("{type: ec2/vpc}, ", 101) + "]": "lists 101 things and may list 100",
	} {
		_, err = mannersOf(text)
		assert.ErrorContains(t, err, says)
	}
	m, err := mannersOf(partners("") +
		"  - {type: ec2/managedPrefixList, id: vpc-1, properties: {name: a, addressFamily: IPv4, maxEntries: 1}}\n" +
		`  - {type: sqs/queue, id: jobs, properties: {name: jobs}}
  - {type: kms/alias, properties: {name: alias/a, targetKeyId: none}}
  - {type: ec2/vpc, properties: {cidrBlock: 10.0.0.0/16}}
`)
	require.NoError(t, err)
	m.Quotas = map[string]int{"vpcs": 0}
	err = twin.Options{Account: "111122223333", Region: "eu-west-1", Manners: m}.CheckAccount()
	require.Error(t, err)
	assert.Equal(t, strings.TrimSpace(refusals), err.Error())
	assert.ErrorContains(t, twin.Options{Manners: m}.CheckAccount(), "Twin.local.yaml:2: say its region: write region: eu-west-1")
}

const mistakes = `
Twin.local.yaml:2: no type or function of the twin is like "ec2/managedPrefixLists"; the nearest is "ec2/managedPrefixList"
Twin.local.yaml:3: "instance" may be aws:ec2/instance:Instance or aws:rds/instance:Instance: write one of them
Twin.local.yaml:5: its type is missing: write one, such as type: ec2/managedPrefixList
Twin.local.yaml:6: what the account has is a type with properties: write {type: ec2/managedPrefixList, properties: {…}}
Twin.local.yaml:8: there is no "name" here: it may have type, id, region and properties
Twin.local.yaml:10: region is set twice: leave one
Twin.local.yaml:11: name: missing required property "name"
Twin.local.yaml:13: maxEntries: expected a number, got the string "many"
Twin.local.yaml:16: entries[0].cdir: there is no property "cdir" here; the nearest is "cidr"
Twin.local.yaml:17: properties are names with values: write {name: partners}`

const refusals = `
Twin.local.yaml:9: the id "vpc-1" is none of aws:ec2/managedPrefixList:ManagedPrefixList: those begin with pl-
Twin.local.yaml:10: the id "jobs": its properties make it "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs", so leave the id out
Twin.local.yaml:11: creating aws:kms/alias:Alias alias/a: api error NotFoundException: Key 'none' does not exist
Twin.local.yaml:12: creating aws:ec2/vpc:Vpc account/4: api error VpcLimitExceeded: VPCs per Region: eu-west-1 ` +
	"would have 1 and may have 0; ask AWS for more and rehearse that with --quota vpcs=MORE"
