package bucket_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/bucket"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/infratest"
)

const (
	token   = "aws:s3/bucketV2:BucketV2"
	policy  = "aws:s3/bucketPolicy:BucketPolicy"
	logging = "aws:s3/bucketLoggingV2:BucketLoggingV2"
)

func named(d infratest.Declared) map[string]any {
	if d.Type == token {
		return map[string]any{"bucket": d.Name + "-1234567"}
	}
	return nil
}

func both(t *testing.T, p *infra.Platform) []infratest.Declared {
	t.Helper()
	return infratest.Record(t, named, func(ctx *pulumi.Context) error {
		k, err := keys.New(ctx, "prod-keys", p, keys.Args{})
		if err != nil {
			return err
		}
		logs, err := bucket.Logs(ctx, "prod-logs", p, bucket.LogsArgs{Args: bucket.Args{Protect: true}})
		if err != nil {
			return err
		}
		_, err = bucket.Releases(ctx, "prod-releases", p, bucket.Wiring{Keys: k, Logs: logs}, bucket.Args{})
		return err
	})
}

// Controls 160 to 168 and 174.
func TestEveryBucketIsPrivateEncryptedAndVersioned(t *testing.T) {
	all := both(t, infratest.Platform("prod"))
	for _, name := range []string{"prod-logs", "prod-releases"} {
		part := func(kind string) map[string]any {
			p := infratest.Named(t, all, "aws:s3/"+kind, name).Plain()
			assert.Equal(t, name+"-1234567", p["bucket"], kind)
			return p
		}
		b := infratest.Named(t, all, token, name).Plain()
		assert.Equal(t, false, b["forceDestroy"])
		assert.NotContains(t, b, "bucket", "auto-named")
		block := part("bucketPublicAccessBlock:BucketPublicAccessBlock")
		for _, property := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
			assert.Equal(t, true, block[property], property)
		}
		assert.Equal(t, map[string]any{"objectOwnership": "BucketOwnerEnforced"},
			part("bucketOwnershipControls:BucketOwnershipControls")["rule"])
		assert.Equal(t, map[string]any{"status": "Enabled"}, part("bucketVersioningV2:BucketVersioningV2")["versioningConfiguration"])
		rules := part("bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2")["rules"].([]any)
		assert.Equal(t, map[string]any{
			"id": "tidy", "status": "Enabled", "filter": map[string]any{"prefix": ""},
			"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 7.0},
			"noncurrentVersionExpiration":    map[string]any{"noncurrentDays": 30.0},
		}, rules[0])
		assert.Contains(t, infratest.Named(t, all, policy, name).Plain()["policy"],
			`{"Sid":"RefusePlainHTTP","Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*",`+
				`"Resource":["arn:aws:s3:::`+name+`-1234567","arn:aws:s3:::`+name+`-1234567/*"],`+
				`"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`)
	}
	assert.True(t, infratest.Named(t, all, token, "prod-logs").Options.GetProtect())
}

func TestEncryption(t *testing.T) {
	all := both(t, infratest.Platform("prod"))
	const kind = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	assert.Equal(t, []any{map[string]any{
		"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES256"}, "bucketKeyEnabled": false,
	}}, infratest.Named(t, all, kind, "prod-logs").Plain()["rules"], "pain 26: load balancers cannot write with another")
	rule := infratest.Named(t, all, kind, "prod-releases").Plain()["rules"].([]any)[0].(map[string]any)
	assert.Equal(t, true, rule["bucketKeyEnabled"])
	with := rule["applyServerSideEncryptionByDefault"].(map[string]any)
	assert.Equal(t, "aws:kms", with["sseAlgorithm"])
	assert.Contains(t, with["kmsMasterKeyId"], "prod-keys-data")
}

// Pain 26.
func TestLoadBalancersOfTheAccountMayWriteTheirLogs(t *testing.T) {
	service := `{"Sid":"LoadBalancerLogs","Effect":"Allow","Principal":{"Service":"logdelivery.elasticloadbalancing.amazonaws.com"},` +
		`"Action":"s3:PutObject","Resource":["arn:PART:s3:::prod-logs-1234567/access/AWSLogs/123456789012/*",` +
		`"arn:PART:s3:::prod-logs-1234567/connection/AWSLogs/123456789012/*"],` +
		`"Condition":{"ArnLike":{"aws:SourceArn":"arn:PART:elasticloadbalancing:REGION:123456789012:loadbalancer/*"},` +
		`"StringEquals":{"aws:SourceAccount":"123456789012"}}}`
	for region, account := range map[string]string{
		"eu-west-1": "arn:aws:iam::156460612806:root", "us-east-1": "arn:aws:iam::127311923021:root",
		"us-gov-west-1": "arn:aws-us-gov:iam::048591011584:root", "cn-north-1": "arn:aws-cn:iam::638102146993:root",
		"eu-south-2": "", "il-central-1": "",
	} {
		p := infratest.Platform("prod")
		p.Region = region
		text := infratest.Named(t, both(t, p), policy, "prod-logs").Plain()["policy"].(string)
		assert.Contains(t, text, strings.NewReplacer("PART", p.Partition(), "REGION", region).Replace(service), region)
		if account == "" {
			assert.NotContains(t, text, ":root", "%s has no such account", region)
			continue
		}
		assert.Contains(t, text, `"Principal":{"AWS":"`+account+`"}`, region)
	}
}

func TestLogsExpireAndATrustStoreDoesNot(t *testing.T) {
	rules := infratest.Named(t, both(t, infratest.Platform("prod")),
		"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", "prod-logs").Plain()["rules"].([]any)
	var prefixes []string
	for _, r := range rules {
		rule := r.(map[string]any)
		if expiration, ok := rule["expiration"].(map[string]any); ok {
			assert.Equal(t, 365.0, expiration["days"])
			prefixes = append(prefixes, rule["filter"].(map[string]any)["prefix"].(string))
		}
	}
	assert.Equal(t, []string{"access/", "connection/", "requests/"}, prefixes)
}

func TestReleasesStayInTheAccountAndTheirReadersAreRecorded(t *testing.T) {
	all := both(t, infratest.Platform("prod"))
	assert.Contains(t, infratest.Named(t, all, policy, "prod-releases").Plain()["policy"],
		`"Condition":{"Bool":{"aws:PrincipalIsAWSService":"false"},"StringNotEquals":{"aws:PrincipalAccount":"123456789012"}}`)
	record := infratest.One(t, all, logging)
	assert.Equal(t, map[string]any{
		"bucket": "prod-releases-1234567", "targetBucket": "prod-logs-1234567", "targetPrefix": "requests/prod-releases/",
	}, record.Plain())
	assert.Contains(t, infratest.Named(t, all, policy, "prod-logs").Plain()["policy"],
		`"Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::prod-logs-1234567/requests/*"`)
}

func TestSettingsThatCannotBe(t *testing.T) {
	for want, args := range map[string]bucket.LogsArgs{
		"logDays: logs cannot be kept for -1 days":                     {LogDays: -1},
		"disposable: a protected bucket cannot be disposable":          {Args: bucket.Args{Disposable: true, Protect: true}},
		"disposable: would throw away what a prod bucket holds; leave": {Args: bucket.Args{Disposable: true}},
	} {
		_, err := infratest.TryRecord(named, func(ctx *pulumi.Context) error {
			_, err := bucket.Logs(ctx, "prod-logs", infratest.Platform("prod"), args)
			return err
		})
		assert.ErrorContains(t, err, want)
	}
	_, err := infratest.TryRecord(named, func(ctx *pulumi.Context) error {
		_, err := bucket.Logs(ctx, "dev-logs", infratest.Platform("dev"), bucket.LogsArgs{Args: bucket.Args{Disposable: true}})
		require.NoError(t, err)
		_, err = bucket.Releases(ctx, "dev-releases", infratest.Platform("dev"), bucket.Wiring{}, bucket.Args{})
		return err
	})
	assert.ErrorContains(t, err, "Keys: is missing from the component's wiring")
	assert.ErrorContains(t, err, "Logs: is missing from the component's wiring")
}

// A program's own bucket is closed and recorded as releases are, and forgets when it is told to.
func TestABucketOfAProgram(t *testing.T) {
	all := infratest.Record(t, named, func(ctx *pulumi.Context) error {
		p := infratest.Platform("prod")
		k, err := keys.New(ctx, "prod-keys", p, keys.Args{})
		require.NoError(t, err)
		logs, err := bucket.Logs(ctx, "prod-logs", p, bucket.LogsArgs{})
		require.NoError(t, err)
		wiring := bucket.Wiring{Keys: k, Logs: logs}
		_, err = bucket.Data(ctx, "prod-uploads", p, wiring, bucket.DataArgs{ExpireDays: 30})
		require.NoError(t, err)
		_, err = bucket.Data(ctx, "prod-kept", p, wiring, bucket.DataArgs{})
		return err
	})
	assert.Contains(t, infratest.Named(t, all, policy, "prod-uploads").Plain()["policy"],
		`"StringNotEquals":{"aws:PrincipalAccount":"123456789012"}`)
	assert.Equal(t, "requests/prod-uploads/", infratest.Named(t, all, logging, "prod-uploads").Plain()["targetPrefix"])
	rules := func(name string) []any {
		const lifecycle = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
		return infratest.Named(t, all, lifecycle, name).Plain()["rules"].([]any)
	}
	require.Len(t, rules("prod-uploads"), 2)
	assert.Equal(t, map[string]any{"days": 30.0}, rules("prod-uploads")[1].(map[string]any)["expiration"])
	assert.Len(t, rules("prod-kept"), 1)
}

func TestNamesAtTheirLimit(t *testing.T) {
	long := "prod-" + strings.Repeat("x", 70)
	all := infratest.Record(t, named, func(ctx *pulumi.Context) error {
		_, err := bucket.Logs(ctx, long, infratest.Platform("prod"), bucket.LogsArgs{})
		return err
	})
	name := infratest.One(t, all, token).Name
	assert.Len(t, name, 63-infra.AutoNameSuffix)
	assert.Equal(t, strings.ToLower(name), name)
}
