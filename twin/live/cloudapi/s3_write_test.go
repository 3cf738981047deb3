package cloudapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// withBucket gives the role a bucket of its own, encrypted with the key, as a tier's setting does.
func withBucket(t *testing.T) (*cloud, *s3.Client) {
	c := opening(t)
	p := c.config.Plan
	p.Cloud.Buckets = append(p.Cloud.Buckets, plan.Bucket{Name: "own", Key: keyARN, OwnerOnly: true})
	p.Cloud.Roles[0].Policies = append(p.Cloud.Roles[0].Policies, plan.Policy{Name: "own", Document: statements(
		`{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::own"}`,
		`{"Effect":"Allow","Action":["s3:AbortMultipartUpload","s3:DeleteObject","s3:GetObject","s3:PutObject"],`+
			`"Resource":"arn:aws:s3:::own/*"}`,
		`{"Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"`+keyARN+`"}`)})
	c.update()
	return c, s3.NewFromConfig(c.aws())
}

func put(ctx context.Context, own *s3.Client, key string, content io.Reader) error {
	_, err := own.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("own"), Key: &key, Body: content,
		ContentType: aws.String("text/x-thing"),
		Metadata:    map[string]string{"by": "Ada"}})
	return err
}

func TestServersKeepObjects(t *testing.T) {
	ctx := context.Background()
	c, own := withBucket(t)
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<17) // 2 MiB: more than other calls may send
	contents := map[string]string{"a": "one", "a/b": "below what is an object itself", "a/../b": "a key is no path", "ü %+/x": "spelled",
		"large": string(large), "none": ""}
	for key, content := range contents {
		// What cannot be read twice goes with its checksum behind it, in pieces.
		require.NoError(t, put(ctx, own, key, io.MultiReader(strings.NewReader(content))), key)
		require.NoError(t, put(ctx, own, key, strings.NewReader(content)), key)
	}
	for key, content := range contents {
		got, err := own.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("own"), Key: &key})
		require.NoError(t, err, key)
		body, err := io.ReadAll(got.Body)
		require.NoError(t, err)
		assert.True(t, content == string(body), key)
		assert.Equal(t, "text/x-thing", *got.ContentType)
		assert.Equal(t, map[string]string{"by": "Ada"}, got.Metadata)
		assert.Equal(t, keyARN, *got.SSEKMSKeyId)
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(contents)), keysOfAll(t, own, ""))

	_, err := own.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("own"), Key: aws.String("a"), Body: strings.NewReader("two"),
		IfNoneMatch: aws.String("*")})
	assert.Equal(t, "PreconditionFailed", code(err))
	for range 2 { // what is gone is gone
		_, err = own.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("own"), Key: aws.String("a")})
		require.NoError(t, err)
	}
	_, err = c.get("own", "a")
	assert.Equal(t, "NoSuchKey", code(err))
	_, err = own.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("own")})
	require.NoError(t, err)

	require.NoError(t, Tidy(string(c.config.Keep[keepObjects]), c.config.Plan.Cloud.Buckets))
	_, err = c.get("own", "a/b")
	require.NoError(t, err)
	require.NoError(t, Tidy(string(c.config.Keep[keepObjects]), c.config.Plan.Cloud.Buckets[:2]))
	_, err = c.get("own", "a/b")
	assert.Equal(t, "NoSuchKey", code(err), "what was in the bucket ends with it")
	_, err = c.get("logs", "access/one.log.gz")
	require.NoError(t, err)
}

func keysOfAll(t *testing.T, own *s3.Client, prefix string) (keys []string) {
	t.Helper()
	pages := s3.NewListObjectsV2Paginator(own, &s3.ListObjectsV2Input{Bucket: aws.String("own"), Prefix: &prefix, MaxKeys: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Contents), 2)
		for _, o := range page.Contents {
			keys = append(keys, *o.Key)
		}
	}
	return keys
}

// Lists come in pages, whatever the size of a page, with what is below a delimiter as one.
func TestLists(t *testing.T) {
	_, own := withBucket(t)
	keys := []string{"a/1", "a/2", "a/b/3", "a0", "b/1", "c", "d/e/f", "d/e/g"}
	for _, key := range keys {
		require.NoError(t, put(context.Background(), own, key, strings.NewReader(key)))
	}
	for size := int32(1); size < 9; size++ {
		for prefix, want := range map[string]string{"": "a/ a0 b/ c d/", "a/": "a/1 a/2 a/b/", "d": "d/", "x": ""} {
			var got []string
			pages := s3.NewListObjectsV2Paginator(own, &s3.ListObjectsV2Input{Bucket: aws.String("own"), Prefix: &prefix,
				Delimiter: aws.String("/"), MaxKeys: &size,
				EncodingType: types.EncodingTypeUrl})
			for pages.HasMorePages() {
				page, err := pages.NextPage(context.Background())
				require.NoError(t, err)
				assert.EqualValues(t, len(page.Contents)+len(page.CommonPrefixes), *page.KeyCount)
				for _, o := range page.Contents {
					got = append(got, *o.Key)
				}
				for _, p := range page.CommonPrefixes {
					got = append(got, *p.Prefix)
				}
			}
			slices.Sort(got)
			assert.Equal(t, want, strings.ReplaceAll(strings.Join(got, " "), "%2F", "/"), "%q by %d", prefix, size)
		}
	}
}

func TestUploadsInParts(t *testing.T) {
	ctx := context.Background()
	_, own := withBucket(t)
	begin := func() *string {
		u, err := own.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: aws.String("own"), Key: aws.String("film"),
			ContentType: aws.String("video/mp4")})
		require.NoError(t, err)
		return u.UploadId
	}
	id := begin()
	var parts []types.CompletedPart
	for n := int32(1); n <= 3; n++ {
		p, err := own.UploadPart(ctx, &s3.UploadPartInput{Bucket: aws.String("own"), Key: aws.String("film"), UploadId: id,
			PartNumber: &n, Body: strings.NewReader(fmt.Sprint("part ", n, ";"))})
		require.NoError(t, err)
		parts = append(parts, types.CompletedPart{ETag: p.ETag, PartNumber: &n})
	}
	complete := func(id *string, key string, parts ...types.CompletedPart) error {
		_, err := own.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: aws.String("own"), Key: &key, UploadId: id,
			MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
		return err
	}
	assert.Equal(t, "InvalidPartOrder", code(complete(id, "film", parts[1], parts[0])))
	assert.Equal(t, "InvalidPart", code(complete(id, "film", types.CompletedPart{ETag: parts[1].ETag, PartNumber: parts[0].PartNumber})))
	assert.Equal(t, "NoSuchUpload", code(complete(id, "another", parts...)))
	assert.Empty(t, keysOfAll(t, own, ""), "nothing is there before all is")
	require.NoError(t, complete(id, "film", parts...))
	got, err := own.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("own"), Key: aws.String("film")})
	require.NoError(t, err)
	body, _ := io.ReadAll(got.Body)
	assert.Equal(t, "part 1;part 2;part 3;", string(body))
	assert.Equal(t, "video/mp4", *got.ContentType)
	assert.Equal(t, "NoSuchUpload", code(complete(id, "film", parts...)))

	id = begin()
	_, err = own.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: aws.String("own"), Key: aws.String("film"), UploadId: id})
	require.NoError(t, err)
	assert.Equal(t, "NoSuchUpload", code(complete(id, "film", parts...)))
}

// Each way to write is judged: by the role, the bucket's policy with its conditions, and the key's.
func TestWritingIsJudged(t *testing.T) {
	ctx := context.Background()
	refusing := func(condition string) func(*plan.Plan) {
		return func(p *plan.Plan) {
			p.Cloud.Buckets[2].Policy = statements(
				`{"Sid":"No","Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*","Condition":` + condition + `}`)
		}
	}
	without := func(action string) func(*plan.Plan) {
		return func(p *plan.Plan) {
			d := &p.Cloud.Roles[0].Policies[1].Document
			*d = strings.Replace(*d, action, "s3:GetBucketLocation", 1)
		}
	}
	for name, c := range map[string]struct {
		change    func(*plan.Plan)
		do        func(own *s3.Client) error
		want, say string
	}{
		"no right to write":   {without("s3:PutObject"), nil, "AccessDenied", "perform: s3:PutObject on resource: arn:aws:s3:::own/x"},
		"no right to the key": {without("kms:GenerateDataKey"), nil, "AccessDenied", "perform: kms:GenerateDataKey on resource: " + keyARN},
		"encrypted otherwise": {refusing(`{"StringNotEqualsIfExists":{"s3:x-amz-server-side-encryption":"aws:kms"}}`),
			func(own *s3.Client) error {
				_, err := own.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("own"), Key: aws.String("x"),
					ServerSideEncryption: types.ServerSideEncryptionAes256})
				return err
			}, "AccessDenied", "explicit deny"},
		"a list of its own": {func(*plan.Plan) {}, func(own *s3.Client) error {
			_, err := own.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("own"), Key: aws.String("x"),
				ACL: types.ObjectCannedACLPublicRead})
			return err
		}, "AccessControlListNotSupported", ""},
		"a copy": {func(*plan.Plan) {}, func(own *s3.Client) error {
			_, err := own.CopyObject(ctx, &s3.CopyObjectInput{Bucket: aws.String("own"), Key: aws.String("x"),
				CopySource: aws.String("releases/web/1")})
			return err
		}, "NotPlayedByTheLivingWorld", ""},
		"no right to delete": {without("s3:DeleteObject"), func(own *s3.Client) error {
			_, err := own.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("own"), Key: aws.String("x")})
			return err
		}, "AccessDenied", "perform: s3:DeleteObject"},
		"no right to abort": {without("s3:AbortMultipartUpload"), func(own *s3.Client) error {
			_, err := own.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: aws.String("own"), Key: aws.String("x"),
				UploadId: aws.String("1")})
			return err
		}, "AccessDenied", "perform: s3:AbortMultipartUpload"},
		"no right to begin parts": {without("s3:PutObject"), func(own *s3.Client) error {
			_, err := own.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: aws.String("own"), Key: aws.String("x")})
			return err
		}, "AccessDenied", "perform: s3:PutObject"},
	} {
		t.Run(name, func(t *testing.T) {
			at, own := withBucket(t)
			c.change(at.config.Plan)
			at.update()
			if c.do == nil {
				c.do = func(own *s3.Client) error { return put(ctx, own, "x", strings.NewReader("x")) }
			}
			err := c.do(own)
			assert.Equal(t, c.want, code(err), "%v", err)
			assert.ErrorContains(t, err, c.say)
			assert.Empty(t, keysOfAll(t, own, ""))
		})
	}
}
