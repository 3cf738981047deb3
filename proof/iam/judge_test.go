package iam_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/iam"
)

func parse(t *testing.T, statements string) iam.Document {
	t.Helper()
	d, err := iam.Parse(`{"Version": "2012-10-17", "Statement": [` + statements + `]}`)
	require.NoError(t, err)
	return d
}

func statement(t *testing.T, s string) iam.Statement {
	t.Helper()
	return parse(t, s).Statements[0]
}

func TestWhatIsAllThereIs(t *testing.T) {
	for resource, broad := range map[string]bool{
		"*": true, "arn:aws:s3:::*": true, "arn:aws:s3:::*/*": true, "arn:aws:*:*:*:*": true,
		"arn:aws:secretsmanager:eu-west-1:1:secret:*": true,
		"arn:aws:iam::1:role/*":                       true, "arn:aws:kms:*:*:key/*": true, "arn:aws:s3:::releases/*": false,
		"arn:aws:s3:::prod-*":        false,
		"arn:aws:iam::1:role/prod-*": false, "arn:aws:kms:eu-west-1:1:key/1234": false, "arn:aws:logs:eu-west-1:1:log-group:web:*": false,
	} {
		assert.Equal(t, broad, iam.Broad(resource), resource)
	}
}

func TestWhatIsAllowedOnAllThereIs(t *testing.T) {
	for s, found := range map[string]bool{
		`{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}`:                       true,
		`{"Effect": "Allow", "Action": "S3:GETOBJECT", "Resource": "*"}`:                  true,
		`{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}`:                      true,
		`{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::one"}`:           true,
		`{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}`:                       false,
		`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::one/*"}`: false,
		`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", ` +
			`"Condition": {"StringEquals": {"aws:ResourceAccount": "1111"}}}`: false,
		`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringLike": {"aws:ResourceAccount": "*"}}}`: true,
		`{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}`:                                                             false,
	} {
		assert.Equal(t, found, len(iam.BroadlyAllows(statement(t, s), "s3:GetObject")) > 0, s)
	}
}

func TestWhatCouldBeNarrower(t *testing.T) {
	s := statement(t,
		`{"Effect": "Allow", "Action": ["ec2:DescribeInstances", "ec2:TerminateInstances", "ssm:GetParameter", `+
			`"ssmmessages:OpenDataChannel"], "Resource": "*"}`)
	assert.Equal(t, []string{"ec2:TerminateInstances", "ssm:GetParameter"}, iam.Restrictable(s))
	assert.Equal(t, []string{"ec2:TerminateInstances"}, iam.Writes(s))
	assert.NotEmpty(t,
		iam.Restrictable(statement(t, `{"Effect": "Allow", "Action": "ec2:TerminateInstances", "Resource": "arn:aws:ec2:*:*:*"}`)))
	assert.NotEmpty(t, iam.Restrictable(statement(t, `{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}`)),
		"what is wider than what cannot be narrowed")
}

func TestEscalation(t *testing.T) {
	allow := func(actions, resource string) iam.Document {
		return parse(t, `{"Effect": "Allow", "Action": [`+actions+`], "Resource": "`+resource+`"}`)
	}
	pass, run := allow(`"iam:PassRole"`, "*"), allow(`"ec2:Run*"`, "*")
	assert.Empty(t, iam.Escalation(nil, pass))
	assert.Empty(t, iam.Escalation(nil, run))
	assert.Contains(t, iam.Escalation(nil, pass, run), "another role", "taken together")
	assert.Contains(t, iam.Escalation(nil, allow(`"iam:PassRole"`, "arn:aws:iam::1:role/app-*"), run), "another role",
		"whoever makes app-x is passed on")
	assert.Empty(t, iam.Escalation(nil, allow(`"iam:PassRole"`, "arn:aws:iam::1:role/app"), run), "one role only")
	boundary := allow(`"ec2:*"`, "*")
	assert.Empty(t, iam.Escalation(&boundary, pass, run), "the boundary does not let it pass on roles")
	denied := parse(t,
		`{"Effect": "Allow", "Action": "*", "Resource": "*"}, `+
			`{"Effect": "Deny", "Action": ["iam:*", "sts:*", "lambda:*", "glue:*", "ssm:*", "ec2*:*", "codebuild:*", "ecs:*", `+
			`"sagemaker:*"], "Resource": "*"}`)
	assert.Empty(t, iam.Escalation(nil, denied))
	assert.NotEmpty(t, iam.Escalation(nil, allow(`"*"`, "*")))
}
