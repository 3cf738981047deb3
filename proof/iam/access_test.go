package iam_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/specimen"
)

const (
	prodState  = "../../graph/testdata/prod.json"
	rolePolicy = "iam/rolePolicy:RolePolicy"
	roleKind   = "iam/role:Role"
)

// sentences are what changes of who may do what, in words.
func sentences(before, after *graph.Graph) []string {
	var all []string
	for _, c := range iam.Changes(before, after) {
		all = append(all, c.Sentence())
	}
	return all
}

// What a change gives and takes is told, and nothing else.
func TestChangesOfAccess(t *testing.T) {
	base := specimen.Read(t, prodState)
	secret := base.The("rds/instance:Instance", "prod-database").Get("masterUserSecrets").([]any)[0].(map[string]any)["secretArn"].(string)
	data := base.The("kms/key:Key", "prod-data")
	own := func(s *specimen.Stack, role string) string { return s.The(rolePolicy, role).Get("policy").(string) }
	add := func(role, statement string) func(*specimen.Stack) {
		return func(s *specimen.Stack) {
			s.The(rolePolicy, role).Set("policy", strings.TrimSuffix(own(s, role), "]}")+","+statement+"]}")
		}
	}
	for name, c := range map[string]struct {
		change func(*specimen.Stack)
		want   []string
	}{
		"nothing": {func(*specimen.Stack) {}, nil},
		"a secret": {add("prod-web", `{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"`+secret+`"}`),
			[]string{"prod-web may now read the secret of prod-database: statement 6 of prod-web"}},
		"every secret, within the boundary": {add("prod-web",
			`{"Sid":"All","Effect":"Allow","Action":"*","Resource":"arn:aws:secretsmanager:eu-west-1:444455556666:secret:*"}`),
			[]string{"prod-web may now read arn:aws:secretsmanager:eu-west-1:444455556666:secret:*: statement 6, All, of prod-web",
				"prod-web may now do secretsmanager:DescribeSecret on arn:aws:secretsmanager:eu-west-1:444455556666:secret:*: statement " +
					"6, All, of prod-web"}},
		"what the boundary does not leave": {add("prod-web", `{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}`),
			[]string{"prod-web is now allowed to pass on everything: statement 6 of prod-web, but its boundary does not let it"}},
		"what it had already": {add("prod-web", `{"Effect":"Allow","Action":"ssmmessages:OpenDataChannel","Resource":"*"}`),
			nil},
		"what it had, on conditions": {add("prod-web", `{"Effect":"Allow","Action":"kms:Decrypt",`+
			`"Resource":"`+data.Get("arn").(string)+`"}`), []string{"prod-web may now decrypt with key prod-data: " +
			"statement 6 of prod-web"}},
		"what it had, on more conditions": {add("prod-web",
			`{"Effect":"Allow","Action":"ssmmessages:OpenDataChannel","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`),
			nil},
		"the boundary is gone": {func(s *specimen.Stack) {
			add("prod-web", `{"Effect":"Allow","Action":"iam:PassRole","Resource":"*"}`)(s)
			s.The(roleKind, "prod-web").Set("permissionsBoundary", nil)
		}, []string{"prod-web may now pass on everything: statement 6 of prod-web"}},
		"a policy is gone": {func(s *specimen.Stack) { s.Remove(rolePolicy, "prod-network-flows") }, []string{
			"prod-network-flows may no longer do logs:CreateLogStream on loggroup prod-network-flows: statement 1 of prod-network-flows"}},
		"a trust": {func(s *specimen.Stack) {
			s.The(roleKind, "prod-app").
				Set("assumeRolePolicy",
					`{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com","AWS":"arn:aws:iam::999999999999:root"},`+
						`"Action":"sts:AssumeRole"}]}`)
		}, []string{"arn:aws:iam::999999999999:root may now act as role prod-app: statement 1 of prod-app"}},
		"a key for somebody": {func(s *specimen.Stack) {
			s.Add("kms/grant:Grant", "grant", in{"keyId": data.ID(), "granteePrincipal": "arn:aws:iam::999999999999:role/x",
				"operations": []any{"Decrypt"}})
		}, []string{"arn:aws:iam::999999999999:role/x may now decrypt with key prod-data: statement 1 of grant"}},
		"a bucket for everybody": {func(s *specimen.Stack) {
			p := s.The("s3/bucketPolicy:BucketPolicy", "prod-releases")
			p.Set("policy",
				strings.TrimSuffix(p.Get("policy").(string),
					"]}")+`,{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`)
		}, []string{"everybody may now read objects of bucket prod-releases: statement 3 of prod-releases"}},
		"a policy that nobody knows": {func(s *specimen.Stack) {
			s.The(rolePolicy, "prod-web").Set("policy", "04da6b54-80e4-46f7-96ec-b56ff0331ba9")
		},
			[]string{"what prod-web may do cannot be told: its policy prod-web is not known before the deployment"}},
	} {
		s := base.Copy()
		c.change(s)
		got := sentences(base.Graph(), s.Graph())
		if c.want == nil {
			assert.Empty(t, got, name)
			continue
		}
		require.GreaterOrEqual(t, len(got), len(c.want), name)
		assert.Equal(t, c.want, got[:len(c.want)], name)
	}
}

// A denial that goes away gives what it denied.
func TestADenialThatGoesAway(t *testing.T) {
	s := specimen.Empty(t)
	r := s.Add(roleKind, "web", in{"assumeRolePolicy": `{"Statement": []}`})
	p := s.Add(rolePolicy, "web",
		in{"role": r.ID(),
			"policy": document(`{"Effect":"Allow","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:GetObject",` +
				`"Resource":"arn:aws:s3:::logs/*"}`)})
	before := s.Graph()
	p.Set("policy", document(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`))
	assert.Equal(t, []string{"web is no longer denied to read objects of arn:aws:s3:::logs/*: statement 2 of web"},
		sentences(before, s.Graph()))
	assert.Equal(t, []string(nil), sentences(s.Graph(), before), "a denial gives nobody anything")
}

// A preview tells of the same roles by the same names, and of policies that it does not know yet.
func TestChangesUpToAPreview(t *testing.T) {
	file, err := os.Open("../../graph/testdata/local-unchanged.json")
	require.NoError(t, err)
	defer file.Close()
	after, err := graph.FromPreview(file)
	require.NoError(t, err)
	assert.Empty(t, sentences(specimen.Read(t, "../../graph/testdata/local.json").Graph(), after), "nothing changes")
}

// People ask who can do something, and what somebody can do.
func TestQuestions(t *testing.T) {
	s := specimen.Read(t, prodState)
	s.Add(roleKind, "ops", in{"name": "ops", "assumeRolePolicy": `{"Statement":[{"Effect":"Allow","Principal":{"AWS":"` +
		s.The(roleKind, "prod-web").Get("arn").(string) + `"},"Action":"sts:AssumeRole"}]}`}).
		Answer("arn", "arn:aws:iam::444455556666:role/ops").Answer("name", "ops")
	s.Add(rolePolicy, "ops", in{"role": "ops", "policy": document(`{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}`)})
	w := iam.Read(s.Graph())
	answers, err := w.WhoCan("secretsmanager:GetSecretValue", "prod-database")
	require.NoError(t, err)
	ways := map[string][]string{}
	for _, a := range answers {
		ways[a.Who] = a.Way
	}
	assert.Equal(t, map[string][]string{
		"prod-app": {"statement 5, ReadSecrets, of prod-app"},
		"ops":      {"statement 1 of ops"},
		"prod-web": {"prod-web takes ops, by the trust of ops", "ops: statement 1 of ops"},
	}, ways)

	answers, err = w.WhoCan("kms:Decrypt", "prod-topics")
	require.NoError(t, err)
	var who []string
	for _, a := range answers {
		who = append(who, a.Who)
	}
	assert.Equal(t, []string{"prod-backup", "cloudwatch.amazonaws.com", "events.rds.amazonaws.com"}, who,
		"the account decides by its roles' policies, as the key's policy leaves it to")

	does, becomes, err := w.WhatCan("prod-web")
	require.NoError(t, err)
	assert.Len(t, becomes, 1)
	var all []string
	for _, a := range does {
		all = append(all, a.String())
	}
	assert.Contains(t, all,
		"decrypt with key prod-data, if kms:viaservice stringequals s3.eu-west-1.amazonaws.com: statement 5, Decrypt, of prod-web")

	_, err = w.WhoCan("kms:Decrypt", "nothing")
	assert.ErrorContains(t, err, `no "nothing"`)
	_, _, err = w.WhatCan("nobody")
	assert.ErrorContains(t, err, "it has ops, prod-")
}

// What may be done with objects is told by their bucket, and not by one of those that are in it.
func TestObjectsAreToldByTheirBucket(t *testing.T) {
	s := specimen.Empty(t)
	s.Add("s3/bucketObjectv2:BucketObjectv2", "index", specimen.Inputs{"bucket": "files-1", "key": "pages/index"}).
		Answer("bucket", "files-1")
	s.Add("s3/bucketV2:BucketV2", "files", specimen.Inputs{"bucket": "files-1"}).Answer("bucket", "files-1")
	role := s.Add("iam/role:Role", "web", specimen.Inputs{"assumeRolePolicy": `{"Statement":[]}`})
	s.Add("iam/rolePolicy:RolePolicy", "web", specimen.Inputs{"role": role.ID(),
		"policy": `{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::files-1/pages/*"}]}`})
	does, _, err := iam.Read(s.Graph()).WhatCan("web")
	require.NoError(t, err)
	require.Len(t, does, 1)
	assert.Equal(t, "read objects of bucket files, pages/: statement 1 of web", does[0].String())
}
