package iam_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/iam"
)

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		a, b             string
		matches, overlap bool
	}{
		{"*", "arn:aws:s3:::a", true, true},
		{"arn:aws:s3:::a*", "arn:aws:s3:::abc", true, true},
		{"arn:aws:s3:::a?c", "arn:aws:s3:::abc", true, true},
		{"arn:aws:s3:::a?c", "arn:aws:s3:::ac", false, false},
		{"a*c", "abbc", true, true},
		{"a*c", "abbd", false, false},
		{"a*", "*b", false, true},
		{"*a", "b*", false, true},
		{"a*", "b*", false, false},
		{"a*", "a?*", true, true},
		{"a?", "a*", false, true},
		{"abc", "a*c", false, true},
		{"", "*", false, true},
		{"*", "", true, true},
		{"x", "", false, false},
		{"secret:rds!*", "secret:*", false, true},
	} {
		assert.Equal(t, c.matches, iam.Matches(c.a, c.b), "%s matches %s", c.a, c.b)
		assert.Equal(t, c.overlap, iam.Overlap(c.a, c.b), "%s overlaps %s", c.a, c.b)
		assert.Equal(t, c.overlap, iam.Overlap(c.b, c.a), "%s overlaps %s", c.b, c.a)
	}
}

func TestDocumentsAreEvaluated(t *testing.T) {
	const secret = "arn:aws:secretsmanager:eu-west-1:1:secret:db-x"
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":` + s + `}` }
	allow := `{"Effect":"Allow","Action":"*","Resource":"*"}`
	for name, c := range map[string]struct {
		text    string
		allowed bool
	}{
		"exactly": {statement(`{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"` + secret + `"}`),
			true},
		"any case, any ending": {statement(`[{"Effect":"Allow","Action":["SecretsManager:get*"],` +
			`"Resource":["arn:aws:secretsmanager:*"]}]`), true},
		"another action": {statement(`{"Effect":"Allow","Action":"secretsmanager:DescribeSecret","Resource":"*"}`), false},
		"another resource": {statement(`{"Effect":"Allow","Action":"*",` +
			`"Resource":"arn:aws:secretsmanager:eu-west-1:1:secret:other"}`), false},
		"all but another action":   {statement(`{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`), true},
		"all but this action":      {statement(`{"Effect":"Allow","NotAction":"secretsmanager:*","Resource":"*"}`), false},
		"all but this resource":    {statement(`{"Effect":"Allow","Action":"*","NotResource":"` + secret + `"}`), false},
		"all but another resource": {statement(`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:s3:::*"}`), true},
		"a variable": {statement(`{"Effect":"Allow","Action":"*",` +
			`"Resource":"arn:aws:secretsmanager:*:1:secret:${aws:PrincipalTag/x}"}`), true},
		"a condition may be met": {statement(`{"Effect":"Allow","Action":"*","Resource":"*",` +
			`"Condition":{"Bool":{"aws:SecureTransport":"true"}}}`), true},
		"denied": {statement(`[` + allow + `,{"Effect":"Deny","Action":"secretsmanager:*","Resource":"*"}]`), false},
		"a denial may not be met": {statement(`[` + allow +
			`,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"a":"true"}}}]`), true},
		"a denial of something else": {statement(`[` + allow + `,{"Effect":"Deny","Action":"*","Resource":"arn:aws:s3:::*"}]`), true},
	} {
		d, err := iam.Parse(c.text)
		require.NoError(t, err, name)
		assert.Equal(t, c.allowed, d.MayAllow("secretsmanager:GetSecretValue", secret) != nil, name)
	}
	_, err := iam.Parse(`{"Statement":[{"Effect":"allow"}]}`)
	assert.ErrorContains(t, err, `the effect "allow" is neither Allow nor Deny`)
}

func TestDenialMustCoverWhatIsMeant(t *testing.T) {
	d, err := iam.Parse(`{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"*",` +
		`"Resource":"arn:a:1"}]}`)
	require.NoError(t, err)
	assert.Nil(t, d.MayAllow("x:y", "arn:a:1"))
	assert.NotNil(t, d.MayAllow("x:y", "arn:a:*"), "others that match are not denied")
}

func TestPrincipals(t *testing.T) {
	d, err := iam.Parse(`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"a:b"},{"Effect":"Allow","Principal":{"AWS":"r",` +
		`"Service":["s","t"]},"Action":"a:b","Condition":{"Bool":{"x":true}}}]}`)
	require.NoError(t, err)
	assert.Equal(t, map[string][]string{"*": {"*"}}, d.Statements[0].Principals)
	assert.Equal(t, map[string][]string{"AWS": {"r"}, "Service": {"s", "t"}}, d.Statements[1].Principals)
	assert.Equal(t, []string{"true"}, d.Statements[1].Conditions["bool"]["x"])
}
