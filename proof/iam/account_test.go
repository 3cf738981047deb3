package iam_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/specimen"
)

const (
	own     = "111122223333"
	foreign = "999999999999"
)

// bucketOf is a stack of one account that also reads somebody else's key, and has a provider
// for a second account: neither makes that account its own.
func bucketOf(t *testing.T) (w *iam.Model, s *specimen.Stack, id string) {
	t.Helper()
	s = specimen.Empty(t)
	s.Add("pulumi:providers:aws", "home", in{"allowedAccountIds": []any{own}})
	s.Add("pulumi:providers:aws", "away", in{"allowedAccountIds": []any{foreign}})
	s.Add("iam/role:Role", "ops", in{"name": "ops"}).Answer("arn", ops).Answer("uniqueId", "AROAOPS")
	s.Add("kms/key:Key", "theirs", in{}).Answer("arn", "arn:aws:kms:eu-west-1:"+foreign+":key/1").External()
	s.Add("ec2/vpcEndpoint:VpcEndpoint", "endpoint", in{}).Answer("id", "vpce-0123456789abcdef0")
	s.Add("organizations/organization:Organization", "all", in{}).Answer("arn", "arn:aws:organizations::"+own+":organization/o-ours")
	id = s.Add("s3/bucketV2:BucketV2", "it", in{"bucket": "it"}).Answer("arn", "arn:aws:s3:::it").ID()
	return iam.Read(s.Graph()), s, id
}

// Whoever a statement names, in every form, is of the resource's account, or an outsider.
func TestOutsiders(t *testing.T) {
	w, s, id := bucketOf(t)
	bucket := s.Graph().ByIdentity(id)[0]
	endpoint, organization := s.The("ec2/vpcEndpoint:VpcEndpoint", "endpoint").ID(),
		s.The("organizations/organization:Organization", "all").ID()
	for name, c := range map[string]struct {
		principal, condition string
		outside              bool
	}{
		"the account":                   {`{"AWS": "arn:aws:iam::111122223333:root"}`, `{}`, false},
		"the account by its number":     {`{"AWS": "111122223333"}`, `{}`, false},
		"a role of the account":         {`{"AWS": "arn:aws:iam::111122223333:role/x"}`, `{}`, false},
		"a role of the stack by its id": {`{"AWS": "AROAOPS"}`, `{}`, false},
		"another account":               {`{"AWS": "arn:aws:iam::999999999999:root"}`, `{}`, true},
		"another account by its number": {`{"AWS": ["111122223333", "999999999999"]}`, `{}`, true},
		"a role of another account":     {`{"AWS": "arn:aws:iam::999999999999:role/ops"}`, `{}`, true},
		"a session of another account":  {`{"AWS": "arn:aws:sts::999999999999:assumed-role/ops/x"}`, `{}`, true},
		"an id that nobody here has":    {`{"AWS": "AROAELSEWHERE"}`, `{}`, true},
		"CloudFront for somebody":       {`{"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}`, `{}`, true},
		"an identity provider":          {`{"Federated": "cognito-identity.amazonaws.com"}`, `{}`, true},
		"a canonical user":              {`{"CanonicalUser": "79a59df900b949e5"}`, `{}`, true},
		"everybody":                     {`"*"`, `{}`, true},
		"every account":                 {`{"AWS": "*"}`, `{}`, true},
		"everybody but one":             {``, `{}`, true},
		"held to the account":           {`"*"`, `{"StringEquals": {"aws:PrincipalAccount": "111122223333"}}`, false},
		"in another case":               {`"*"`, `{"STRINGequals": {"AWS:principalaccount": "111122223333"}}`, false},
		"held to another account":       {`"*"`, `{"StringEquals": {"aws:PrincipalAccount": "999999999999"}}`, true},
		"held to the account and another": {`"*"`, `{"StringEquals": {"aws:PrincipalAccount": ["111122223333", "999999999999"]}}`,
			true},
		"held to callers of another account": {`"*"`, `{"StringEquals": {"kms:CallerAccount": "999999999999"}}`, true},
		"held to the stack's network":        {`"*"`, `{"StringEquals": {"aws:SourceVpce": "` + endpoint + `"}}`, false},
		"held to another network":            {`"*"`, `{"StringEquals": {"aws:SourceVpce": ["vpce-1", "` + endpoint + `"]}}`, true},
		"held to the stack's organisation":   {`"*"`, `{"StringEquals": {"aws:PrincipalOrgID": "` + organization + `"}}`, false},
		"held to some organisation":          {`"*"`, `{"StringEquals": {"aws:PrincipalOrgID": "o-theirs"}}`, true},
		"held to an organisation's part":     {`"*"`, `{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-theirs/r-b/*"}}`, true},
		"held to the stack's role by its id": {`"*"`, `{"StringLike": {"aws:userid": "AROAOPS:*"}}`, false},
		"held to another role by its id":     {`"*"`, `{"StringLike": {"aws:userid": "AROATHEIRS:*"}}`, true},
		"held to the stack's bucket": {`{"Service": "s3.amazonaws.com"}`, `{"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::it"}}`,
			false},
		"held to anybody's bucket": {`{"Service": "s3.amazonaws.com"}`, `{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::it*"}}`,
			true},
		"only if there is one":                {`"*"`, `{"StringEqualsIfExists": {"aws:PrincipalAccount": "111122223333"}}`, true},
		"of all values, of which may be none": {`"*"`, `{"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-a/"}}`, true},
		"all but one":                         {`"*"`, `{"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}`, true},
		"any account":                         {`"*"`, `{"StringLike": {"aws:PrincipalAccount": "*"}}`, true},
		"accounts that begin alike":           {`"*"`, `{"StringLike": {"aws:PrincipalAccount": "1111*"}}`, true},
		"the caller's own":                    {`"*"`, `{"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}`, true},
		"a role of any account":               {`"*"`, `{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}}`, true},
		"a role of the account by its ARN":    {`"*"`, `{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app"}}`, false},
		"from an address":                     {`"*"`, `{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`, true},
		"over TLS":                            {`"*"`, `{"Bool": {"aws:SecureTransport": "true"}}`, true},
		"a service":                           {`{"Service": "logs.amazonaws.com"}`, `{}`, true},
		"a service for the account": {`{"Service": "logs.amazonaws.com"}`,
			`{"StringEquals": {"aws:SourceAccount": "111122223333"}}`, false},
		"a service for another account": {`{"Service": "logs.amazonaws.com"}`,
			`{"StringEquals": {"aws:SourceAccount": "999999999999"}}`, true},
		"a service for the account's logs": {`{"Service": "logs.amazonaws.com"}`,
			`{"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111122223333:log-group:*"}}`, false},
		"a service for anybody's logs": {`{"Service": "logs.amazonaws.com"}`,
			`{"ArnLike": {"aws:SourceArn": "arn:aws:logs:*:*:log-group:*"}}`, true},
		"a service over TLS": {`{"Service": "logs.amazonaws.com"}`, `{"Bool": {"aws:SecureTransport": "true"}}`, true},
	} {
		who := `"Principal": ` + c.principal
		if c.principal == "" {
			who = `"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}`
		}
		d := statement(t, `{"Effect": "Allow", `+who+`, "Action": "s3:GetObject", "Resource": "*", "Condition": `+c.condition+`}`)
		assert.Equal(t, c.outside, len(w.Outsiders(d, bucket)) > 0, name)
	}
	assert.Empty(t, w.Outsiders(statement(t, `{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}`), bucket))
}

// Somebody else's key stays theirs, whatever reads it.
func TestWhatIsOnlyReadIsOfItsOwnAccount(t *testing.T) {
	w, s, _ := bucketOf(t)
	key := s.Graph().ByType("aws:kms/key:Key")[0]
	assert.True(t, w.Foreign(key))
	assert.Equal(t, []string{foreign}, w.AccountsOf(key))
	assert.False(t, w.Foreign(s.Graph().ByType("aws:s3/bucketV2:BucketV2")[0]))
}
