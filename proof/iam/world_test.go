package iam_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/specimen"
)

type in = specimen.Inputs

const (
	ops     = "arn:aws:iam::111122223333:role/ops"
	account = "arn:aws:iam::111122223333:root"
)

func document(statements string) string { return `{"Statement": [` + statements + `]}` }

func allows(principal, action string) string {
	return document(`{"Effect": "Allow", "Principal": ` + principal + `, "Action": "` + action + `", "Resource": "*"}`)
}

// stack has a role "ops" with a policy, and whatever more is added.
func stack(t *testing.T, own string, more func(s *specimen.Stack)) (*iam.Model, *iam.Identity, *graph.Graph) {
	t.Helper()
	s := specimen.Empty(t)
	r := s.Add("iam/role:Role", "ops", in{"name": "ops", "assumeRolePolicy": allows(`{"Service": "ec2.amazonaws.com"}`, "sts:AssumeRole"),
		"tags": map[string]any{"team": "blue"}}).
		Answer("arn", ops).Answer("name", "ops")
	if own != "" {
		s.Add("iam/rolePolicy:RolePolicy", "own", in{"role": r.ID(), "policy": document(own)})
	}
	more(s)
	g := s.Graph()
	w := iam.Read(g)
	return w, w.Of(g.ByURN(r.URN())), g
}

// Who may do something with a resource is said by the resource and by the identity.
func TestResourcesHavePoliciesToo(t *testing.T) {
	const use = `{"Effect": "Allow", "Action": "*", "Resource": "*"}`
	for name, c := range map[string]struct {
		own, kind, action string
		policies          func(s *specimen.Stack, of string)
		inputs            in
		may               bool
	}{
		"a bucket without a policy": {own: use, kind: "s3/bucketV2:BucketV2", action: "s3:GetObject", may: true},
		"a bucket that names the role": {kind: "s3/bucketV2:BucketV2", action: "s3:GetObject",
			policies: about("s3/bucketPolicy:BucketPolicy", "bucket", allows(`{"AWS": "`+ops+`"}`, "s3:*")), may: true},
		"a bucket that names a session": {kind: "s3/bucketV2:BucketV2", action: "s3:GetObject",
			policies: about("s3/bucketPolicy:BucketPolicy", "bucket",
				allows(`{"AWS": "arn:aws:sts::111122223333:assumed-role/ops/i-1"}`, "s3:*")), may: true},
		"a bucket that names another role": {kind: "s3/bucketV2:BucketV2", action: "s3:GetObject",
			policies: about("s3/bucketPolicy:BucketPolicy", "bucket", allows(`{"AWS": "`+ops+`2"}`, "s3:*"))},
		"a bucket that leaves it to the owner": {kind: "s3/bucketV2:BucketV2", action: "s3:GetObject",
			policies: about("s3/bucketPolicy:BucketPolicy", "bucket", allows(`{"AWS": "`+account+`"}`, "s3:*"))},
		"a bucket that refuses all but others": {own: use, kind: "s3/bucketV2:BucketV2", action: "s3:GetObject",
			policies: about("s3/bucketPolicy:BucketPolicy", "bucket",
				document(`{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", `+
					`"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/dev"}}}`))},
		"a bucket that refuses all but a team": {own: use, kind: "s3/bucketV2:BucketV2", action: "s3:GetObject", may: true,
			policies: about("s3/bucketPolicy:BucketPolicy", "bucket",
				document(`{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", `+
					`"Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "blue"}}}`))},
		"a bucket that refuses what is plain": {own: use, kind: "s3/bucketV2:BucketV2", action: "s3:GetObject", may: true,
			policies: about("s3/bucketPolicy:BucketPolicy", "bucket",
				document(`{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", `+
					`"Condition": {"Bool": {"aws:SecureTransport": "false"}}}`))},
		"a denial of the role's own": {own: `{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}`, kind: "s3/bucketV2:BucketV2",
			action: "s3:GetObject", policies: about("s3/bucketPolicy:BucketPolicy", "bucket", allows(`"*"`, "s3:*"))},
		"a queue that names everybody": {kind: "sqs/queue:Queue", action: "sqs:SendMessage",
			policies: about("sqs/queuePolicy:QueuePolicy", "queueUrl", allows(`"*"`, "sqs:*")), may: true},
		"a topic for another action": {kind: "sns/topic:Topic", action: "sns:Publish",
			policies: about("sns/topicPolicy:TopicPolicy", "arn", allows(`"*"`, "sns:Subscribe"))},
		"a secret whose own policy names it": {kind: "secretsmanager/secret:Secret", action: "secretsmanager:GetSecretValue",
			inputs: in{"policy": allows(`{"AWS": "`+ops+`"}`, "secretsmanager:Get*")}, may: true},
		"a key that does not know the role": {own: use, kind: "kms/key:Key", action: "kms:Decrypt",
			inputs: in{"policy": allows(`{"Service": "logs.amazonaws.com"}`, "kms:*")}},
		"a key that leaves it to the account": {own: use, kind: "kms/key:Key", action: "kms:Decrypt",
			inputs: in{"policy": allows(`{"AWS": "`+account+`"}`, "kms:*")}, may: true},
		"a key that leaves only its care": {own: use, kind: "kms/key:Key", action: "kms:Decrypt",
			inputs: in{"policy": allows(`{"AWS": "`+account+`"}`, "kms:PutKeyPolicy")}},
		"a key whose policy names the role": {kind: "kms/key:Key", action: "kms:Decrypt",
			policies: about("kms/keyPolicy:KeyPolicy", "keyId", allows(`{"AWS": "`+ops+`"}`, "kms:Decrypt")), may: true},
		"a key with a grant": {kind: "kms/key:Key", action: "kms:Decrypt",
			inputs: in{"policy": allows(`{"AWS": "`+account+`"}`, "kms:CreateGrant")}, may: true,
			policies: func(s *specimen.Stack, of string) {
				s.Add("kms/grant:Grant", "grant", in{"keyId": of, "granteePrincipal": ops, "operations": []any{"Decrypt"}})
			}},
		"a key with a grant of something else": {kind: "kms/key:Key", action: "kms:Decrypt", policies: func(s *specimen.Stack, of string) {
			s.Add("kms/grant:Grant", "grant", in{"keyId": of, "granteePrincipal": ops, "operations": []any{"Encrypt"}})
		}},
		"a policy that is not known": {kind: "s3/bucketV2:BucketV2", action: "s3:GetObject", own: use,
			inputs: in{"policy": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}, may: true},
	} {
		w, role, g := stack(t, c.own, func(s *specimen.Stack) {
			if c.inputs == nil {
				c.inputs = in{}
			}
			r := s.Add(c.kind, "it", c.inputs).Answer("arn", "arn:aws:x:eu-west-1:111122223333:it")
			if c.policies != nil {
				c.policies(s, r.ID())
			}
		})
		assert.Equal(t, c.may, w.MayOn(role, c.action, g.ByType("aws:" + c.kind)[0]) != nil, name)
	}
}

func about(kind, property, policy string) func(*specimen.Stack, string) {
	return func(s *specimen.Stack, of string) { s.Add(kind, "policy", in{property: of, "policy": policy}) }
}

// AWS's own policies are known by their whole ARN, and what is not known may allow all.
func TestPoliciesOutsideOfTheStack(t *testing.T) {
	for arn, c := range map[string]struct{ secret, known bool }{
		"arn:aws:iam::aws:policy/AdministratorAccess":                      {true, true},
		"arn:aws:iam::aws:policy/SecretsManagerReadWrite":                  {true, true},
		"arn:aws:iam::aws:policy/PowerUserAccess":                          {true, true},
		"arn:aws:iam::aws:policy/ReadOnlyAccess":                           {false, true},
		"arn:aws-cn:iam::aws:policy/AmazonS3ReadOnlyAccess":                {false, true},
		"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": {false, true},
		"arn:aws:iam::aws:policy/SomethingNew":                             {true, false},
		"arn:aws:iam::111122223333:policy/ReadOnlyAccess":                  {true, false},
		"arn:aws:iam::111122223333:policy/aws:policy/ReadOnlyAccess":       {true, false},
	} {
		_, role, _ := stack(t, "", func(s *specimen.Stack) {
			s.Add("iam/rolePolicyAttachment:RolePolicyAttachment", "a", in{"role": s.The("iam/role:Role", "ops").ID(), "policyArn": arn})
		})
		by := role.May("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x")
		assert.Equal(t, c.secret, by != nil, arn)
		assert.Equal(t, c.known, role.Unreadable() == nil, arn)
	}
}

// A policy that names its role by a name that the cloud has not given yet still counts.
func TestPoliciesOfRolesThatAreNotMadeYet(t *testing.T) {
	s := specimen.Empty(t)
	s.Add("iam/role:Role", "web", in{"name": "web", "assumeRolePolicy": `{"Statement": []}`})
	s.Add("iam/rolePolicy:RolePolicy", "web",
		in{"role": "web", "policy": document(`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`)})
	w := iam.Read(s.Graph())
	require.Len(t, w.Identities, 1)
	assert.NotNil(t, w.Identities[0].May("s3:GetObject", "*"))
}

func TestBoundariesLimitAndDenialsCountAgainstAll(t *testing.T) {
	for boundary, may := range map[string]bool{
		document(`{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}`):    true,
		document(`{"Effect": "Allow", "Action": "sns:*", "Resource": "*"}`):   false,
		document(`{"Effect": "Allow", "Action": "*", "Resource": "arn:x:y"}`): false,
		"": true, "no policy": true,
	} {
		s := specimen.Empty(t)
		r := s.Add("iam/role:Role", "web", in{"assumeRolePolicy": `{"Statement": []}`})
		s.Add("iam/rolePolicy:RolePolicy", "one",
			in{"role": r.ID(), "policy": document(`{"Effect": "Allow", "Action": "*", "Resource": "*"}`)})
		s.Add("iam/rolePolicy:RolePolicy", "two",
			in{"role": r.ID(), "policy": document(`{"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}`)})
		if boundary != "" {
			s.Add("iam/policy:Policy", "boundary", in{"policy": boundary}).Answer("arn", "arn:aws:iam::1:policy/b")
			r.Set("permissionsBoundary", "arn:aws:iam::1:policy/b")
		}
		i := iam.Read(s.Graph()).Identities[0]
		assert.Equal(t, may, i.May("s3:GetObject", "arn:aws:s3:::b/x") != nil, boundary)
		assert.Nil(t, i.May("sqs:SendMessage", "*"))
	}
}

// Conditions of which the answer is known decide; others may be met.
func TestConditions(t *testing.T) {
	for condition, want := range map[string]bool{
		`{"StringEquals": {"aws:PrincipalAccount": "111122223333"}}`:                                 true,
		`{"StringEquals": {"aws:PrincipalAccount": "999999999999"}}`:                                 false,
		`{"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}`:                              false,
		`{"StringEqualsIfExists": {"aws:PrincipalAccount": ["1", "2"]}}`:                             false,
		`{"ForAnyValue:StringLike": {"AWS:PrincipalArn": "arn:aws:iam::*:role/o*"}}`:                 true,
		`{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/dev"}}`:                               false,
		`{"StringEqualsIgnoreCase": {"aws:PrincipalTag/Team": "BLUE"}}`:                              true,
		`{"Bool": {"aws:PrincipalIsAWSService": "true"}}`:                                            false,
		`{"Null": {"aws:PrincipalArn": "true"}}`:                                                     false,
		`{"Null": {"aws:PrincipalArn": "false"}}`:                                                    true,
		`{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`:                                          true,
		`{"StringEquals": {"aws:PrincipalArn": "${aws:PrincipalArn}"}}`:                              true,
		`{"StringEquals": {"aws:SourceVpc": "vpc-1"}}`:                                               true,
		`{"StringEquals": {"aws:PrincipalAccount": "111122223333", "aws:PrincipalTag/team": "red"}}`: false,
	} {
		_, role, _ := stack(t, `{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": `+condition+`}`,
			func(*specimen.Stack) {})
		assert.Equal(t, want, role.May("s3:GetObject", "*") != nil, condition)
	}
}
