package judge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	account = "111122223333"
	role    = "arn:aws:iam::111122223333:role/web"
	session = "arn:aws:sts::111122223333:assumed-role/web/i-1"
	object  = "arn:aws:s3:::releases/web/1"
)

func doc(name string, statements ...string) Document {
	return Document{name, `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`}
}

func ptr(d Document) *Document { return &d }

func request() Request {
	return Request{Action: "s3:GetObject", Resource: object, Owner: account, Caller: Caller{Account: account, Role: role, Session: session},
		Keys: map[string][]string{"aws:principalaccount": {account}, "aws:sourceip": {"10.0.0.7"}, "aws:securetransport": {"true"},
			"aws:sourcevpce":  nil,
			"aws:currenttime": {"2026-11-30T05:00:00Z"}, "aws:epochtime": {"1795928400"}, "s3:max-keys": {"10"}, "aws:principalarn": {role},
			"aws:tagkeys": {"a", "b"}, "aws:userid": {"*"}, "aws:requesttag/": nil, "kms:encryptioncontext:": nil, "aws:username": {"ada"}}}
}

const allowAll = `{"Effect":"Allow","Action":"*","Resource":"*"}`

// Who decides, and in whose words a refusal is given.
func TestWhoDecides(t *testing.T) {
	allow := func(action, principal string) string {
		return fmt.Sprintf(`{"Effect":"Allow","Action":%q,"Resource":"*"%s}`, action, principal)
	}
	by := func(who string) string { return fmt.Sprintf(`,"Principal":{"AWS":%q}`, who) }
	root, nobody, others := by("arn:aws:iam::111122223333:root"), doc("none", allow("ec2:*", "")),
		by("arn:aws:iam::111122223333:role/other")
	get := doc("get", allow("s3:GetObject", ""))
	denied := `{"Sid":"Stop","Effect":"Deny","Action":"s3:*","Resource":"*"}`
	for name, c := range map[string]struct {
		policies Policies
		change   func(*Request)
		allowed  bool
		why      string
	}{
		"nothing":        {policies: Policies{}, why: "no identity-based policy allows the s3:GetObject action"},
		"the role":       {policies: Policies{Identity: []Document{nobody, get}}, allowed: true},
		"another action": {policies: Policies{Identity: []Document{nobody}}, why: "no identity-based"},
		"denied by the role": {policies: Policies{Identity: []Document{get, doc("no", denied)}},
			why: "explicit deny in an identity-based policy: Stop of no"},
		"beyond the boundary": {policies: Policies{Identity: []Document{get}, Boundary: &nobody},
			why: "no permissions boundary allows"},
		"denied by the boundary": {policies: Policies{Identity: []Document{get}, Boundary: ptr(doc("b", allowAll, denied))},
			why: "explicit deny in a permissions boundary"},
		"the boundary alone": {policies: Policies{Boundary: ptr(doc("b", allowAll))}, why: "no identity-based"},
		"not by the endpoint": {policies: Policies{Identity: []Document{get},
			Endpoint: ptr(doc("e", allow("s3:PutObject", by("*"))))}, why: "no VPC endpoint policy allows"},
		"by the endpoint": {policies: Policies{Identity: []Document{get}, Endpoint: ptr(doc("e", allow("s3:*", by("*"))))},
			allowed: true},
		"the endpoint alone":        {policies: Policies{Endpoint: ptr(doc("e", allow("s3:*", by("*"))))}, why: "no identity-based"},
		"the bucket names the role": {policies: Policies{Resource: ptr(doc("r", allow("s3:*", by(role))))}, allowed: true},
		"and the boundary limits that": {policies: Policies{Resource: ptr(doc("r", allow("s3:*", by(role)))), Boundary: &nobody},
			why: "no permissions boundary allows"},
		"but not of the session": {policies: Policies{Resource: ptr(doc("r", allow("s3:*", by(session)))), Boundary: &nobody},
			allowed: true},
		"the bucket names the account": {policies: Policies{Resource: ptr(doc("r", allow("s3:*", root)))}, why: "no identity-based"},
		"the bucket names another":     {policies: Policies{Resource: ptr(doc("r", allow("s3:*", others)))}, why: "no identity-based"},
		"denied by the bucket": {policies: Policies{Identity: []Document{get},
			Resource: ptr(doc("r", `{"Sid":"Stop","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`))},
			why: "explicit deny in a resource-based policy"},
		"denied to another": {policies: Policies{Identity: []Document{get},
			Resource: ptr(doc("r", `{"Effect":"Deny"`+others+`,"Action":"s3:*","Resource":"*"}`))}, allowed: true},
		"a key by its policy": {policies: Policies{Key: true, Resource: ptr(doc("k", allow("s3:*", by(role))))}, allowed: true},
		"a key by the account": {policies: Policies{Key: true, Identity: []Document{get},
			Resource: ptr(doc("k", allow("s3:*", root)))}, allowed: true},
		"a key by the account only": {policies: Policies{Key: true, Resource: ptr(doc("k", allow("s3:*", root)))},
			why: "no identity-based"},
		"a key that knows nobody": {policies: Policies{Key: true, Identity: []Document{get},
			Resource: ptr(doc("k", allow("s3:*", others)))}, why: "no resource-based policy allows"},
		"another account's": {policies: Policies{Identity: []Document{get}},
			change: func(r *Request) { r.Owner = "999999999999" }, why: "no resource-based policy allows"},
		"another account's, welcome": {policies: Policies{Identity: []Document{get}, Resource: ptr(doc("r", allow("s3:*", root)))},
			change: func(r *Request) { r.Owner = "999999999999" }, allowed: true},
		"another's, not by us": {policies: Policies{Resource: ptr(doc("r", allow("s3:*", by(role))))},
			change: func(r *Request) { r.Owner = "999999999999" }, why: "no identity-based"},
		"a service": {policies: Policies{Resource: ptr(doc("r",
			`{"Effect":"Allow","Principal":{"Service":"logs.amazonaws.com"},"Action":"s3:*","Resource":"*"}`))},
			change: func(r *Request) { r.Caller = Caller{Service: "logs.amazonaws.com"} }, allowed: true},
		"another service": {policies: Policies{Resource: ptr(doc("r",
			`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"s3:*","Resource":"*"}`))},
			change: func(r *Request) { r.Caller = Caller{Service: "logs.amazonaws.com"} }, why: "no resource-based"},
		"a policy of AWS's own": {policies: Policies{Unread: []string{"ReadOnlyAccess"}},
			why: "does not evaluate the policy ReadOnlyAccess"},
		"NotPrincipal": {policies: Policies{Identity: []Document{get},
			Resource: ptr(doc("r", `{"Sid":"Odd","Effect":"Deny","NotPrincipal":{"AWS":"`+role+`"},"Action":"s3:*","Resource":"*"}`))},
			why: "does not evaluate NotPrincipal in Odd of r"},
	} {
		r := request()
		if c.change != nil {
			c.change(&r)
		}
		v, err := Decide(r, c.policies)
		require.NoError(t, err, name)
		assert.Equal(t, c.allowed, v.Allowed, "%s: %s", name, v.Why)
		assert.Contains(t, v.Why, c.why, name)
	}
}

func TestWhatAStatementIsAbout(t *testing.T) {
	for statement, want := range map[string]bool{
		`{"Effect":"Allow","Action":"S3:getobject","Resource":"*"}`:                                    true,
		`{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::releases/*"}`:                   true,
		`{"Effect":"Allow","Action":["ec2:*","s3:G?tObject"],"Resource":["x","arn:aws:s3:::*/web/?"]}`: true,
		`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::Releases/*"}`:              false,
		`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::releases"}`:                false,
		`{"Effect":"Allow","NotAction":"ec2:*","Resource":"*"}`:                                        true,
		`{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}`:                                         false,
		`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::releases/app/*"}`:                  true,
		`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::releases/*"}`:                      false,
		`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::releases/${aws:PrincipalAccount}"}`:   false,
		`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::*/${none, 'web'}/1"}`:                 true,
		`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::releases/${aws:username}/1"}`:         false,
		`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::releases/${none}"}`:                   false,
		`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::releases/${aws:userid}/1"}`:           false, // a literal star
		`{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::releases/web${*}"}`:                   false,
	} {
		v, err := Decide(request(), Policies{Identity: []Document{doc("p", statement)}})
		require.NoError(t, err)
		assert.Equal(t, want, v.Allowed, statement)
	}
}

func TestConditions(t *testing.T) {
	for condition, want := range map[string]answer{
		`"StringEquals":{"aws:PrincipalAccount":"111122223333"}`:                    yes,
		`"StringEquals":{"AWS:principalaccount":["x","111122223333"]}`:              yes,
		`"StringEquals":{"aws:PrincipalAccount":"1"}`:                               no,
		`"StringNotEquals":{"aws:PrincipalAccount":["1","2"]}`:                      yes,
		`"StringNotEquals":{"aws:PrincipalAccount":["1","111122223333"]}`:           no,
		`"StringNotEquals":{"aws:SourceVpce":"vpce-1"}`:                             yes, // absent
		`"StringEquals":{"aws:SourceVpce":"vpce-1"}`:                                no,
		`"StringEqualsIfExists":{"aws:SourceVpce":"vpce-1"}`:                        yes,
		`"StringEqualsIfExists":{"aws:PrincipalAccount":"1"}`:                       no,
		`"StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/w?b"}`:               yes,
		`"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/web"}`:             no,
		`"StringEqualsIgnoreCase":{"aws:username":"ADA"}`:                           yes,
		`"StringLike":{"aws:PrincipalArn":"*:role/${aws:username}"}`:                no,
		`"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}`:                    yes,
		`"ArnLike":{"aws:PrincipalArn":"arn:aws:*:role/web"}`:                       no, // a star stays in its part
		`"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/other"}`:           yes,
		`"Bool":{"aws:SecureTransport":true}`:                                       yes,
		`"Bool":{"aws:SecureTransport":"false"}`:                                    no,
		`"IpAddress":{"aws:SourceIp":["192.0.2.0/24","10.0.0.0/8"]}`:                yes,
		`"NotIpAddress":{"aws:SourceIp":"10.0.0.7"}`:                                no,
		`"NumericLessThanEquals":{"s3:max-keys":10}`:                                yes,
		`"NumericGreaterThan":{"s3:max-keys":"10"}`:                                 no,
		`"NumericEquals":{"aws:username":"1"}`:                                      no,
		`"DateLessThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"}`:                 yes,
		`"DateGreaterThan":{"aws:EpochTime":"2026-01-01"}`:                          yes,
		`"DateLessThan":{"aws:CurrentTime":"2026-01-01"}`:                           no,
		`"Null":{"aws:SourceVpce":"true"}`:                                          yes,
		`"Null":{"aws:PrincipalAccount":"true"}`:                                    no,
		`"Null":{"aws:RequestTag/team":true}`:                                       yes,
		`"ForAnyValue:StringEquals":{"aws:TagKeys":["b","c"]}`:                      yes,
		`"ForAllValues:StringEquals":{"aws:TagKeys":["b","c"]}`:                     no,
		`"ForAllValues:StringEquals":{"aws:TagKeys":["a","b","c"]}`:                 yes,
		`"ForAllValues:StringEquals":{"aws:SourceVpce":"x"}`:                        yes,
		`"ForAnyValue:StringNotEquals":{"aws:SourceVpce":"x"}`:                      no,
		`"StringEquals":{"aws:TagKeys":"a"}`:                                        unknown,
		`"StringEquals":{"aws:PrincipalTag/team":"x"}`:                              unknown,
		`"StringEquals":{"kms:EncryptionContext:aws:s3:arn":"x"}`:                   no,
		`"BinaryEquals":{"aws:username":"YWRh"}`:                                    unknown,
		`"ForNoValue:StringEquals":{"aws:TagKeys":"a"}`:                             unknown,
		`"StringEquals":{"aws:PrincipalAccount":"111122223333","aws:username":"x"}`: no, // all must hold
	} {
		statement := func(effect, more string) string {
			return fmt.Sprintf(`{"Sid":"S","Effect":%q,"Action":"*","Resource":"*","Condition":{%s}%s}`, effect, condition, more)
		}
		v, err := Decide(request(), Policies{Identity: []Document{doc("p", statement("Allow", ""))}})
		require.NoError(t, err, condition)
		assert.Equal(t, want == yes, v.Allowed, condition)
		assert.Equal(t, want == unknown, strings.Contains(v.Why, "does not evaluate"), "%s: %s", condition, v.Why)

		v, err = Decide(request(), Policies{Identity: []Document{doc("p", allowAll, statement("Deny", ""))}})
		require.NoError(t, err, condition)
		assert.Equal(t, want == no, v.Allowed, "as a deny: %s", condition)
		assert.Equal(t, want == unknown, strings.Contains(v.Why, "does not evaluate"), "what may deny is not passed over: %s", condition)
	}
}

func TestHalfUnderstoodIsNotUnderstood(t *testing.T) {
	for text, want := range map[string]string{
		`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Unless":1}]}`:                         "Unless",
		`{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}`:                                    "Effect",
		`{"Statement":[{"Effect":"Allow","Resource":"*"}]}`:                                                 "Action and NotAction",
		`{"Statement":[{"Effect":"Allow","Action":"*","NotAction":"x","Resource":"*"}]}`:                    "Action and NotAction",
		`{"Statement":[{"Effect":"Allow","Action":"*"}]}`:                                                   "Resource and NotResource",
		`{"Statement":[{"Effect":"Allow","Action":{"a":1},"Resource":"*"}]}`:                                "neither a text nor a list",
		`{"Statement":[{"Effect":"Allow","Principal":"me","Action":"*","Resource":"*"}]}`:                   `Principal is "me"`,
		`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"x":{"y":1}}}}]}`: "is no value",
		`{"Version":"2012-10-17","Statement":[],"More":1}`:                                                  "More",
		`not JSON`: "reading p",
	} {
		_, err := Decide(request(), Policies{Identity: []Document{{"p", text}}})
		assert.ErrorContains(t, err, want, text)
	}
	v, err := Decide(request(), Policies{Identity: []Document{{"p", `{"Statement":` + allowAll + `}`}}})
	require.NoError(t, err, "one statement without a list")
	assert.True(t, v.Allowed)
}

// Before 2012-10-17 a policy had no variables.
func TestOldPolicies(t *testing.T) {
	r := request()
	r.Resource = "arn:aws:s3:::x/${aws:username}"
	v, err := Decide(r,
		Policies{Identity: []Document{{"p",
			`{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::x/${aws:username}"}]}`}}})
	require.NoError(t, err)
	assert.True(t, v.Allowed)
}

func TestLike(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{{"", "", true}, {"*", "", true}, {"a*", "ab", true}, {"a*c", "abbc", true}, {"a*c", "abb", false}, {"a?c", "abc", true},
		{"?", "", false}, {"**", "x", true}, {"a*b*c", "axbxbxc", true},
		{"\x00*", "*", true}, {"\x00*", "x", false}, {"*\x00?", "ab?", true}} {
		assert.Equal(t, c.want, like(c.pattern, c.s), "%q %q", c.pattern, c.s)
	}
}
