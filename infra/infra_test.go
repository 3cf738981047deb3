package infra_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/infratest"
)

// Pain 2: names over 32 characters.
func TestShortNameLeavesRoomForTheSuffix(t *testing.T) {
	assert.Equal(t, "prod-edge", ShortName(32, "prod", "edge"))
	exact := strings.Repeat("a", 24)
	assert.Equal(t, exact, ShortName(32, exact))
	long := ShortName(32, "feature-with-a-long-name", "internal")
	assert.LessOrEqual(t, len(long)+AutoNameSuffix, 32)
	assert.Equal(t, long, ShortName(32, "feature-with-a-long-name", "internal"))
	assert.NotEqual(t, long, ShortName(32, "feature-with-a-long-name", "internet"))
	assert.NotContains(t, ShortName(32, "feature-with-a-lo-"+strings.Repeat("x", 30)), "--")
}

func TestPlatformNamesThings(t *testing.T) {
	p := Platform{Name: "shop", Environment: "dev", Region: "cn-north-1", Account: "123456789012",
		Tags: map[string]string{"owner": "me", TagName: "mine"}}
	assert.Equal(t, "arn:aws-cn:logs:cn-north-1:123456789012:log-group:x", p.ARN("logs", "log-group:x"))
	assert.Equal(t, "arn:aws-cn:iam::123456789012:role/x", p.GlobalARN("iam", "role/x"))
	tags := p.TagMap("shop-web", TierWeb)
	assert.Equal(t, map[string]string{"owner": "me", TagName: "shop-web", TagPlatform: "shop", TagEnvironment: "dev", TagTier: "web"}, tags)
	assert.Equal(t, "mine", p.Tags[TagName], "the platform's own map must stay as it was")
	assert.NotContains(t, p.TagMap("x", Everywhere), TagTier)
}

func TestProblemsKeepTheirPaths(t *testing.T) {
	var ps Problems
	require.NoError(t, ps.Err())
	ps.Add("minSize", "write 1", "0 is below 1")
	ps.Add("[1]", "", "is listed twice")
	ps.Add("", "write it", "is missing")
	assert.Equal(t, "web.minSize: 0 is below 1; write 1\nweb[1]: is listed twice\nweb: is missing; write it", ps.Under("web").Error())
	assert.Equal(t, "minSize", ps[0].Where)
}

func TestPolicyDocument(t *testing.T) {
	var got string
	infratest.Record(t, nil, func(ctx *pulumi.Context) error {
		ctx.Export("policy", PolicyDocument(
			Statement{Sid: "Read", Actions: []string{"s3:GetObject"}, Resources: pulumi.StringArray{pulumi.String("arn:aws:s3:::b/k")}},
			Statement{Effect: Deny, Principals: map[string][]string{"AWS": {"1", "2"}}, Actions: []string{"a:B", "a:C"},
				Conditions: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}}},
		).ApplyT(func(text string) string {
			got = text
			return text
		}))
		return nil
	})
	var document struct {
		Version   string
		Statement []map[string]any
	}
	require.NoError(t, json.Unmarshal([]byte(got), &document))
	assert.Equal(t, "2012-10-17", document.Version)
	assert.Equal(t, []map[string]any{
		{"Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/k"},
		{"Effect": "Deny", "Principal": map[string]any{"AWS": []any{"1", "2"}}, "Action": []any{"a:B", "a:C"},
			"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}}},
	}, document.Statement)
}

func TestTrustPolicyNamesOneService(t *testing.T) {
	text, err := TrustPolicy("ec2.amazonaws.com", nil)
	require.NoError(t, err)
	assert.JSONEq(t,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
		text)
}

// A bound that is hit is allowed; what is beyond it is told with the bounds and the value.
func TestRange(t *testing.T) {
	var ps Problems
	ps.Range("zones", 2, 2, 6, "")
	ps.Range("zones", 6, 2, 6, "")
	require.Empty(t, ps)
	ps.Range("zones", 7, 2, 6, "")
	ps.Range("warmup", 29, 30, 3600, "seconds")
	assert.Equal(t, "zones: must be 2 to 6, not 7\nwarmup: must be 30 to 3600 seconds, not 29", ps.Error())
}
