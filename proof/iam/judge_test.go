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

func TestWhoIsLetIn(t *testing.T) {
	for name, c := range map[string]struct {
		principal, condition string
		public               bool
	}{
		"everybody":                           {`"*"`, `{}`, true},
		"every account":                       {`{"AWS": "*"}`, `{}`, true},
		"everybody but one":                   {``, `{}`, true},
		"one account":                         {`{"AWS": "arn:aws:iam::111122223333:root"}`, `{}`, false},
		"one service":                         {`{"Service": "ec2.amazonaws.com"}`, `{}`, false},
		"held to an account":                  {`"*"`, `{"StringEquals": {"aws:PrincipalAccount": "111122223333"}}`, false},
		"in another case":                     {`"*"`, `{"StringEquals": {"AWS:principalaccount": "111122223333"}}`, false},
		"held to an organisation's part":      {`"*"`, `{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a/r-b/*"}}`, false},
		"held to a network":                   {`"*"`, `{"StringEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}`, false},
		"only if there is one":                {`"*"`, `{"StringEqualsIfExists": {"aws:PrincipalAccount": "111122223333"}}`, true},
		"of all values, of which may be none": {`"*"`, `{"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-a/"}}`, true},
		"all but one":                         {`"*"`, `{"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}`, true},
		"any account":                         {`"*"`, `{"StringLike": {"aws:PrincipalAccount": "*"}}`, true},
		"accounts that begin alike":           {`"*"`, `{"StringLike": {"aws:PrincipalAccount": "1111*"}}`, true},
		"one account or any":                  {`"*"`, `{"StringLike": {"aws:PrincipalAccount": ["111122223333", "*"]}}`, true},
		"the caller's own":                    {`"*"`, `{"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}`, true},
		"a role of any account":               {`"*"`, `{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}}`, true},
		"from an address":                     {`"*"`, `{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`, true},
		"over TLS":                            {`"*"`, `{"Bool": {"aws:SecureTransport": "true"}}`, true},
	} {
		who := `"Principal": ` + c.principal
		if c.principal == "" {
			who = `"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}`
		}
		s := statement(t, `{"Effect": "Allow", `+who+`, "Action": "s3:GetObject", "Resource": "*", "Condition": `+c.condition+`}`)
		assert.Equal(t, c.public, iam.Public(s), name)
	}
	assert.False(t, iam.Public(statement(t, `{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}`)))
}

func TestWhatIsAllThereIs(t *testing.T) {
	for resource, broad := range map[string]bool{
		"*": true, "arn:aws:s3:::*": true, "arn:aws:s3:::*/*": true, "arn:aws:*:*:*:*": true, "arn:aws:secretsmanager:eu-west-1:1:secret:*": true,
		"arn:aws:iam::1:role/*": true, "arn:aws:kms:*:*:key/*": true, "arn:aws:s3:::releases/*": false, "arn:aws:s3:::prod-*": false,
		"arn:aws:iam::1:role/prod-*": false, "arn:aws:kms:eu-west-1:1:key/1234": false, "arn:aws:logs:eu-west-1:1:log-group:web:*": false,
	} {
		assert.Equal(t, broad, iam.Broad(resource), resource)
	}
}

func TestWhatIsAllowedOnAllThereIs(t *testing.T) {
	for s, found := range map[string]bool{
		`{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}`:                                                                      true,
		`{"Effect": "Allow", "Action": "S3:GETOBJECT", "Resource": "*"}`:                                                                 true,
		`{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}`:                                                                     true,
		`{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::one"}`:                                                          true,
		`{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}`:                                                                      false,
		`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::one/*"}`:                                                false,
		`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceAccount": "1111"}}}`: false,
		`{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringLike": {"aws:ResourceAccount": "*"}}}`:      true,
		`{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}`:                                                                  false,
	} {
		assert.Equal(t, found, len(iam.BroadlyAllows(statement(t, s), "s3:GetObject")) > 0, s)
	}
}

func TestWhatCouldBeNarrower(t *testing.T) {
	s := statement(t, `{"Effect": "Allow", "Action": ["ec2:DescribeInstances", "ec2:TerminateInstances", "ssm:GetParameter", "ssmmessages:OpenDataChannel"], "Resource": "*"}`)
	assert.Equal(t, []string{"ec2:TerminateInstances", "ssm:GetParameter"}, iam.Restrictable(s))
	assert.Equal(t, []string{"ec2:TerminateInstances"}, iam.Writes(s))
	assert.NotEmpty(t, iam.Restrictable(statement(t, `{"Effect": "Allow", "Action": "ec2:TerminateInstances", "Resource": "arn:aws:ec2:*:*:*"}`)))
	assert.NotEmpty(t, iam.Restrictable(statement(t, `{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}`)), "what is wider than what cannot be narrowed")
}

func TestEscalation(t *testing.T) {
	allow := func(actions, resource string) iam.Document {
		return parse(t, `{"Effect": "Allow", "Action": [`+actions+`], "Resource": "`+resource+`"}`)
	}
	pass, run := allow(`"iam:PassRole"`, "*"), allow(`"ec2:Run*"`, "*")
	assert.Empty(t, iam.Escalation(nil, pass))
	assert.Empty(t, iam.Escalation(nil, run))
	assert.Contains(t, iam.Escalation(nil, pass, run), "another role", "taken together")
	assert.Contains(t, iam.Escalation(nil, allow(`"iam:PassRole"`, "arn:aws:iam::1:role/app-*"), run), "another role", "whoever makes app-x is passed on")
	assert.Empty(t, iam.Escalation(nil, allow(`"iam:PassRole"`, "arn:aws:iam::1:role/app"), run), "one role only")
	boundary := allow(`"ec2:*"`, "*")
	assert.Empty(t, iam.Escalation(&boundary, pass, run), "the boundary does not let it pass on roles")
	denied := parse(t, `{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": ["iam:*", "sts:*", "lambda:*", "glue:*", "ssm:*", "ec2*:*", "codebuild:*", "ecs:*", "sagemaker:*"], "Resource": "*"}`)
	assert.Empty(t, iam.Escalation(nil, denied))
	assert.NotEmpty(t, iam.Escalation(nil, allow(`"*"`, "*")))
}

func TestKnownSource(t *testing.T) {
	service := func(condition string) iam.Statement {
		return statement(t, `{"Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*", "Condition": `+condition+`}`)
	}
	assert.True(t, iam.FromKnownSource(service(`{"StringEquals": {"aws:SourceAccount": "111122223333"}}`)))
	assert.True(t, iam.FromKnownSource(service(`{"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111122223333:log-group:*"}}`)))
	assert.False(t, iam.FromKnownSource(service(`{"ArnLike": {"aws:SourceArn": "arn:aws:logs:*:*:log-group:*"}}`)))
	assert.False(t, iam.FromKnownSource(service(`{"Bool": {"aws:SecureTransport": "true"}}`)))
}
