package cloudapi

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

func TestWhatServersCall(t *testing.T) {
	c := opening(t)
	body, err := c.get("releases", "web/1")
	require.NoError(t, err)
	assert.Equal(t, release, body)
	head, err := s3.NewFromConfig(c.aws()).
		HeadObject(context.Background(), &s3.HeadObjectInput{Bucket: aws.String("releases"), Key: aws.String("web/1")})
	require.NoError(t, err)
	assert.Equal(t, int64(len(release)), *head.ContentLength)
	assert.Equal(t, "aws:kms", string(head.ServerSideEncryption))
	part, err := s3.NewFromConfig(c.aws()).
		GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("releases"), Key: aws.String("web/1"),
			Range: aws.String("bytes=4-")})
	require.NoError(t, err)
	rest, _ := io.ReadAll(part.Body)
	assert.Equal(t, release[4:], string(rest))
	body, err = c.get("logs", "access/one.log.gz")
	require.NoError(t, err)
	assert.Equal(t, "log", body, "what a load balancer delivered")
	body, err = c.get("logs", "note")
	require.NoError(t, err)
	assert.Equal(t, "hello", body, "what the program wrote itself")

	for _, id := range []string{secret, strings.TrimSuffix(secret, "-abcdef"), "rds!db-1"} {
		got, err := c.secret(id)
		require.NoError(t, err, id)
		assert.Equal(t, value, got)
	}
	who, err := sts.NewFromConfig(c.aws()).GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:sts::"+account+":assumed-role/web/i-1", *who.Arn)
	assert.Contains(t, c.events(), node.Call{Who: "web", Action: "s3:GetObject", Resource: "arn:aws:s3:::releases/web/1", Allowed: true,
		Why: "an identity-based policy allows it"})
}

func TestRotation(t *testing.T) {
	c := opening(t)
	c.config.Keep[keepFormer+secret], c.config.Keep[keepSecret+secret] = []byte(value), []byte("new")
	c.update()
	got, err := c.secret(secret)
	require.NoError(t, err)
	assert.Equal(t, "new", got)
	before, err := secretsmanager.NewFromConfig(c.aws()).
		GetSecretValue(context.Background(),
			&secretsmanager.GetSecretValueInput{SecretId: aws.String(secret), VersionStage: aws.String("AWSPREVIOUS")})
	require.NoError(t, err)
	assert.Equal(t, value, *before.SecretString)
}

// Every policy that has a say is asked, and its word is in the error.
func TestEveryPolicyHasItsSay(t *testing.T) {
	deny := func(more string) string {
		return statements(`{"Sid":"No","Effect":"Deny","Principal":"*","Action":"*","Resource":"*"` + more + `}`)
	}
	for name, change := range map[string]struct {
		do   func(p *plan.Plan)
		want string
	}{
		"no right to the object": {func(p *plan.Plan) {
			p.Cloud.Roles[0].Policies[0].Document = statements(`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}`)
		}, "no identity-based policy allows the s3:GetObject action"},
		"no right to the key": {func(p *plan.Plan) {
			p.Cloud.Roles[0].Policies[0].Document = strings.Replace(p.Cloud.Roles[0].Policies[0].Document, "kms:Decrypt", "kms:Encrypt", 1)
		}, "not authorized to perform: kms:Decrypt on resource: " + keyARN},
		"the key by others only": {func(p *plan.Plan) {
			p.Cloud.Keys[0].Policy = statements(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account +
				`:role/x"},"Action":"kms:*","Resource":"*"}`)
		}, "no resource-based policy allows the kms:Decrypt action"},
		"the boundary": {func(p *plan.Plan) {
			p.Cloud.Roles[0].Boundary = &plan.Policy{Name: "b", Document: statements(`{"Effect":"Allow","Action":"logs:*","Resource":"*"}`)}
		}, "no permissions boundary allows the s3:GetObject action"},
		"the bucket": {func(p *plan.Plan) { p.Cloud.Buckets[0].Policy = deny("") },
			"explicit deny in a resource-based policy: No of the policy of the bucket releases"},
		"the endpoint": {func(p *plan.Plan) {
			p.Cloud.Endpoints[0].Policy = statements(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",` +
				`"Resource":"arn:aws:s3:::other/*"}`)
		}, "no VPC endpoint policy allows the s3:GetObject action"},
		"only from elsewhere": {func(p *plan.Plan) {
			p.Cloud.Buckets[0].Policy = deny(`,"Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-2"}}`)
		}, "explicit deny"},
		"a key of no one's": {func(p *plan.Plan) {
			p.Cloud.Buckets[0].Policy = deny(`,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"x"}}`)
		}, "does not evaluate the condition key aws:principaltag/team in No"},
		"a policy that is broken": {func(p *plan.Plan) { p.Cloud.Buckets[0].Policy = `{"Statement":{"Effect":"Maybe"}}` },
			"cannot read a policy"},
	} {
		t.Run(name, func(t *testing.T) {
			c := opening(t)
			change.do(c.config.Plan)
			c.update()
			_, err := c.get("releases", "web/1")
			assert.Equal(t, "AccessDenied", code(err))
			assert.ErrorContains(t, err, change.want)
			verdicts, err := c.server.Judge([]Question{{roleARN, "s3:GetObject", "arn:aws:s3:::releases/web/1"}})
			require.NoError(t, err)
			assert.Contains(t, verdicts[0].Why, change.want, "asked without a call")
		})
	}
}

func TestRefused(t *testing.T) {
	c := opening(t)
	_, err := c.get("releases", "app/1")
	assert.Equal(t, "AccessDenied", code(err), "another tier's release")
	_, err = c.get("releases", "web/none")
	assert.Equal(t, "AccessDenied", code(err), "who may not list is not told that there is none")
	_, err = c.get("logs", "../content/x")
	assert.Error(t, err)
	_, err = c.secret(strings.Replace(secret, "db-1", "db-2", 1))
	assert.Equal(t, "AccessDeniedException", code(err))
	_, err = c.secret("arn:aws:secretsmanager:eu-west-1:" + account + ":secret:rds!db-1-zzzzzz")
	assert.Equal(t, "AccessDeniedException", code(err), "another secret of that name")

	_, err = s3.NewFromConfig(c.aws()).
		PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("releases"), Key: aws.String("x"),
			Body: strings.NewReader("x")})
	assert.Equal(t, "AccessDenied", code(err))
	_, err = s3.NewFromConfig(c.aws()).GetBucketAcl(context.Background(), &s3.GetBucketAclInput{Bucket: aws.String("releases")})
	assert.Equal(t, "NotPlayedByTheLivingWorld", code(err))
	assert.ErrorContains(t, err, "GET /?acl= of S3")
	_, err = sts.NewFromConfig(c.aws()).
		AssumeRole(context.Background(), &sts.AssumeRoleInput{RoleArn: aws.String(roleARN), RoleSessionName: aws.String("x")})
	assert.ErrorContains(t, err, "does not play AssumeRole of STS")
}

func TestWhoeverIsNotWhoTheySay(t *testing.T) {
	c := opening(t)
	good := c.keys
	for name, change := range map[string]struct {
		do   func()
		want string
	}{
		"no token": {func() { c.keys.Token = "" }, "InvalidClientTokenId"},
		"a token of his own": {func() { c.keys = Mint([]byte("other"), roleARN, "i-1", time.Now().Add(time.Hour)) },
			"InvalidClientTokenId"},
		"another secret":    {func() { c.keys.SecretAccessKey = "x" }, "SignatureDoesNotMatch"},
		"another key id":    {func() { c.keys.AccessKeyID = "ASIAX" }, "InvalidClientTokenId"},
		"an old token":      {func() { c.keys = Mint(seal, roleARN, "i-1", time.Now().Add(-time.Minute)) }, "ExpiredToken"},
		"a dead machine":    {func() { c.keys = Mint(seal, roleARN, "i-2", time.Now().Add(time.Hour)) }, "InvalidClientTokenId"},
		"a role it has not": {func() { c.keys = Mint(seal, roleARN+"x", "i-1", time.Now().Add(time.Hour)) }, "InvalidClientTokenId"},
	} {
		c.keys = good
		change.do()
		_, err := c.get("releases", "web/1")
		assert.Equal(t, change.want, code(err), "%s: %v", name, err)
	}
	r, err := c.client.Get("https://releases.s3.eu-west-1.amazonaws.com/web/1")
	require.NoError(t, err)
	assert.Equal(t, 403, r.StatusCode, "nobody")
}

// No part of what was signed can be changed on the way.
func TestTampering(t *testing.T) {
	c := opening(t)
	inner := c.client.Transport
	for name, change := range map[string]func(r *http.Request){
		"path":   func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/web/2", "" },
		"method": func(r *http.Request) { r.Method = "HEAD" },
		"query":  func(r *http.Request) { r.URL.RawQuery = "versionId=1" },
		"host":   func(r *http.Request) { r.URL.Host, r.Host = "logs.s3.eu-west-1.amazonaws.com", "" },
		"header": func(r *http.Request) { r.Header.Set("X-Amz-Date", time.Now().Add(time.Minute).UTC().Format(clock)) },
	} {
		c.client = &http.Client{Transport: changing(func(r *http.Request) (*http.Response, error) {
			change(r)
			return inner.RoundTrip(r)
		})}
		_, err := c.get("releases", "web/1")
		var failed interface{ HTTPStatusCode() int }
		require.ErrorAs(t, err, &failed, name)
		assert.Equal(t, 403, failed.HTTPStatusCode(), "%s: %v", name, err)
	}
}

type changing func(*http.Request) (*http.Response, error)

func (c changing) RoundTrip(r *http.Request) (*http.Response, error) { return c(r) }
