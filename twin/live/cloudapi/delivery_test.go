package cloudapi

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

func TestDeliveredLogs(t *testing.T) {
	const lb = "arn:aws:elasticloadbalancing:eu-west-1:" + account + ":loadbalancer/app/edge/1"
	policy := func(source string) string {
		return statements(`{"Effect":"Allow","Principal":{"Service":"logdelivery.elasticloadbalancing.amazonaws.com"},` +
			`"Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/access/AWSLogs/` + account + `/*",` +
			`"Condition":{"StringEquals":{"aws:SourceAccount":"` + account + `"},"ArnLike":{"aws:SourceArn":"` + source + `"}}}`)
	}
	log := node.Stored{Bucket: "logs", Key: "access/AWSLogs/" + account + "/x.log.gz", Content: []byte("log")}
	for name, c := range map[string]struct {
		change func(*plan.Bucket, *node.Stored)
		want   string
	}{
		"as declared":    {func(*plan.Bucket, *node.Stored) {}, ""},
		"no policy":      {func(b *plan.Bucket, _ *node.Stored) { b.Policy = "" }, "no resource-based policy allows"},
		"another's":      {func(b *plan.Bucket, _ *node.Stored) { b.Policy = policy(lb + "2") }, "no resource-based policy allows"},
		"another prefix": {func(_ *plan.Bucket, o *node.Stored) { o.Key = "other/" + o.Key }, "no resource-based policy allows"},
		"a key of KMS":   {func(b *plan.Bucket, _ *node.Stored) { b.Key = keyARN }, "S3's own key only"},
		"another bucket": {func(_ *plan.Bucket, o *node.Stored) { o.Bucket = "none" }, "NoSuchBucket"},
		"out of the bucket": {func(_ *plan.Bucket, o *node.Stored) { o.Key = "access/AWSLogs/" + account + "/../../../../../x" },
			"leads out of the bucket"},
		"a policy that fails": {func(b *plan.Bucket, _ *node.Stored) { b.Policy = "{" }, "reading the policy"},
	} {
		p := &plan.Plan{Region: "eu-west-1", Account: account,
			Cloud: plan.Cloud{Buckets: []plan.Bucket{{Name: "logs", Policy: policy(lb)}}}}
		o, dir := log, t.TempDir()
		c.change(&p.Cloud.Buckets[0], &o)
		err := Deliver(p, dir, lb, o)
		if c.want != "" {
			assert.ErrorContains(t, err, c.want, name)
			assert.NoDirExists(t, filepath.Join(dir, "delivered"), name)
			continue
		}
		require.NoError(t, err, name)
		got, err := os.ReadFile(filepath.Join(dir, "delivered", "logs", filepath.FromSlash(o.Key)))
		require.NoError(t, err)
		assert.Equal(t, "log", string(got))
	}
}
