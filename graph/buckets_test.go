package graph_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

// insideABucket are parts of buckets as both types of buckets say them, and as they say it themselves.
var insideABucket = []struct {
	part      string
	old, both object // old is what aws.s3.Bucket alone says, and both in BucketV2's words
	itself    object
}{
	{"Policy", object{"policy": "{}"}, object{"policy": "{}"}, object{"policy": "{}"}},
	{"RequestPaymentConfiguration", object{"requestPayer": "Requester"}, object{"requestPayer": "Requester"}, object{"payer": "Requester"}},
	{"AccelerateConfiguration", object{"accelerationStatus": "Enabled"}, object{"accelerationStatus": "Enabled"},
		object{"status": "Enabled"}},
	{"Acl", object{"acl": "public-read"}, object{"acl": "public-read"}, object{"acl": "public-read"}},
	{"Versioning", object{"versioning": object{"enabled": true}}, object{"versionings": []any{object{"enabled": true}}},
		object{"versioningConfiguration": object{"status": "Enabled"}}},
	{"Versioning", object{"versioning": object{}}, object{"versionings": []any{object{"enabled": false}}},
		object{"versioningConfiguration": object{"status": "Suspended"}}},
	{"Logging", object{"logging": object{"targetBucket": "b"}}, object{"loggings": []any{object{"targetBucket": "b"}}},
		object{"targetBucket": "b"}},
	{"WebsiteConfiguration", object{"website": object{"redirectAllRequestsTo": "h"}},
		object{"websites": []any{object{"redirectAllRequestsTo": "h"}}}, object{"redirectAllRequestsTo": "h"}},
	{"ReplicationConfig", object{"replicationConfiguration": object{"role": "r"}},
		object{"replicationConfigurations": []any{object{"role": "r"}}}, object{"role": "r"}},
	{"ServerSideEncryptionConfiguration",
		object{"serverSideEncryptionConfiguration": object{"rule": object{
			"applyServerSideEncryptionByDefault": object{"sseAlgorithm": "x"}}}},
		object{"serverSideEncryptionConfigurations": []any{object{"rules": []any{
			object{"applyServerSideEncryptionByDefaults": []any{object{"sseAlgorithm": "x"}}}}}}},
		object{"rules": []any{object{"applyServerSideEncryptionByDefault": object{"sseAlgorithm": "x"}}}}},
	{"LifecycleConfiguration",
		object{"lifecycleRules": []any{object{"enabled": true, "expiration": object{"days": 1.0},
			"abortIncompleteMultipartUploadDays": 2.0}}},
		object{"lifecycleRules": []any{object{"enabled": true, "expirations": []any{object{"days": 1.0}},
			"abortIncompleteMultipartUploadDays": 2.0}}},
		object{"rules": []any{object{"status": "Enabled", "expiration": object{"days": 1.0},
			"abortIncompleteMultipartUpload": object{"daysAfterInitiation": 2.0}}}}},
}

// What a bucket says within itself is found as the part that says the same.
func TestWhatABucketSaysWithinItself(t *testing.T) {
	partsOf := func(kind string, inputs object) (*graph.Graph, *graph.Resource) {
		bucket := &graph.Resource{URN: "urn:pulumi:s::p::" + kind + "::b", Type: kind, Custom: true, ID: "b", Inputs: inputs}
		g, err := graph.New([]*graph.Resource{bucket})
		require.NoError(t, err)
		return g, bucket
	}
	for _, c := range insideABucket {
		for kind, inputs := range map[string]object{"aws:s3/bucket:Bucket": c.old, bucketType: c.both} {
			g, bucket := partsOf(kind, inputs)
			parts := g.ByType(graph.PartOfBucket(c.part)...)
			require.Len(t, parts, 1, "%s of a %s", c.part, kind)
			assert.Equal(t, []*graph.Resource{bucket}, g.Ref(parts[0], "bucket"))
			assert.Len(t, g.Resources, 1)
			for path, wanted := range flat(c.itself, "") {
				found, _ := parts[0].Get(path)
				assert.Equal(t, wanted, found, "%s of a %s: %s", c.part, kind, path)
			}
			for property := range inputs {
				g, _ := partsOf(kind, object{property: graph.Unknown{}})
				require.Len(t, g.ByType(graph.PartOfBucket(c.part)...), 1, "%s, which is not known", property)
			}
		}
	}
	g, _ := partsOf(bucketType, object{"acl": "private", "requestPayer": "", "corsRules": []any{}})
	for _, c := range insideABucket {
		assert.Empty(t, g.ByType(graph.PartOfBucket(c.part)...), c.part)
	}
}

// flat are the values within an object by their paths.
func flat(value any, at string) object {
	all := object{}
	switch v := value.(type) {
	case object:
		for key := range v {
			for path, inner := range flat(v[key], at+"."+key) {
				all[path] = inner
			}
		}
	case []any:
		for path, inner := range flat(v[0], at+"[0]") {
			all[path] = inner
		}
	default:
		all[at] = value
	}
	return all
}
