package cloudapi

import (
	"cmp"
	"encoding/xml"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live/judge"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// s3 answers what is done with objects one at a time, in parts or by a list, and a bucket's list and place.
func (c *call) s3(bucket string, w http.ResponseWriter, r *http.Request, body []byte) error {
	key := strings.TrimPrefix(r.URL.Path, "/")
	if bucket == "" {
		bucket, key, _ = strings.Cut(key, "/")
	}
	q := r.URL.Query()
	q.Del("x-id") // the SDK names the operation there
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case bucket == "":
	case key != "" && read && len(q) == 0:
		return c.object(c.buckets[bucket], bucket, key, w, r)
	case key != "" && !read:
		return c.write(target{c.buckets[bucket], bucket, key}, q, w, r, body)
	case key != "":
	case r.Method == http.MethodHead && len(q) == 0:
		return c.headBucket(bucket)
	case r.Method == http.MethodGet && q.Has("location"):
		return c.location(bucket, w)
	case r.Method == http.MethodGet && q.Get("list-type") == "2":
		return c.list(bucket, q, w)
	}
	return unplayed("S3", r.Method+" "+r.URL.RequestURI())
}

func bucketPolicy(b *plan.Bucket) *judge.Document {
	if b == nil || b.Policy == "" {
		return nil
	}
	return &judge.Document{Name: "the policy of the bucket " + b.Name, Text: b.Policy}
}

func (c *call) bucketARN(name string) string { return "arn:" + c.partition() + ":s3:::" + name }

// mayInBucket asks about an action on a bucket or on what is in it.
func (c *call) mayInBucket(action string, b *plan.Bucket, resource string, keys map[string][]string) error {
	all := map[string][]string{"s3:resourceaccount": {c.plan.Account}, "s3:authtype": {"REST-HEADER"}, "s3:signatureversion": {algorithm},
		"s3:tlsversion": {"1.3"}, "s3:existingobjecttag/": nil, "s3:versionid": nil, "s3:dataaccesspointarn": nil,
		"s3:dataaccesspointaccount": nil}
	if !c.secure {
		all["s3:tlsversion"] = nil
	}
	for k, v := range keys {
		all[k] = v
	}
	return c.allowed(question{action: action, resource: resource, policy: bucketPolicy(b), keys: all})
}

// object answers GetObject and HeadObject.
func (c *call) object(b *plan.Bucket, bucket, key string, w http.ResponseWriter, r *http.Request) error {
	if err := c.mayInBucket("s3:GetObject", b, c.bucketARN(bucket)+"/"+key, nil); err != nil {
		return err
	}
	if b == nil {
		return refuse(404, "NoSuchBucket", "The specified bucket does not exist")
	}
	h := w.Header()
	h.Set("X-Amz-Request-Id", requestID())
	if f, written, err := c.open(bucket, key); err == nil {
		defer f.Close()
		return c.serveWritten(bucket, written, f, w, r)
	}
	o := c.objects[bucket+"/"+key]
	content, err := c.content(o, bucket, key)
	if err != nil {
		return c.absent(b, err)
	}
	defer content.Close()
	if err := c.mayDecrypt(b, o, h); err != nil {
		return err
	}
	if o != nil {
		h.Set("Etag", `"`+o.Hash+`"`)
		if o.Version != "" {
			h.Set("X-Amz-Version-Id", o.Version)
		}
	}
	h.Set("Content-Type", typeOf(o))
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}

func typeOf(o *plan.Object) string {
	if o == nil || o.Type == "" {
		return "binary/octet-stream"
	}
	return o.Type
}

// absent: who may not list a bucket is not told that an object is missing (S3 API, GetObject).
func (c *call) absent(b *plan.Bucket, err error) error {
	if !os.IsNotExist(err) {
		return err
	}
	if c.mayInBucket("s3:ListBucket", b, c.bucketARN(b.Name), map[string][]string{"s3:prefix": nil}) != nil {
		return refuse(403, "AccessDenied", "Access Denied")
	}
	return refuse(404, "NoSuchKey", "The specified key does not exist.")
}

// mayDecrypt: what a key of KMS encrypts is read only by who may use the key. The bucket's default holds for objects
// that name none (S3 user guide, "Using SSE-KMS"; the encryption context is the object's ARN).
func (c *call) mayDecrypt(b *plan.Bucket, o *plan.Object, h http.Header) error {
	if o == nil {
		return c.encrypted("", "", "", h) // delivered logs: S3's own key
	}
	key := cmp.Or(o.KMS, b.Key)
	return c.encrypted("kms:Decrypt", key, c.bucketARN(b.Name)+"/"+o.Key, h)
}

// encrypted: what a key of KMS encrypts is read and written by who may use the key.
func (c *call) encrypted(action, key, arn string, h http.Header) error {
	h.Set("X-Amz-Server-Side-Encryption", "AES256")
	if key == "" {
		return nil
	}
	h.Set("X-Amz-Server-Side-Encryption", "aws:kms")
	h.Set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", key)
	return c.useKey(action, key, map[string]string{"aws:s3:arn": arn})
}

type file interface {
	io.ReadSeeker
	io.Closer
}

type text struct{ *strings.Reader }

func (text) Close() error { return nil }

// content opens what an object holds: declared, or delivered by a load balancer.
func (w *world) content(o *plan.Object, bucket, key string) (file, error) {
	store := string(w.keep[keepObjects])
	if o == nil {
		path := filepath.Join(bucket, filepath.FromSlash(key))
		if store == "" || !filepath.IsLocal(path) {
			return nil, os.ErrNotExist
		}
		return openFile(filepath.Join(store, "delivered", path))
	}
	if o.Hash == "" {
		return text{strings.NewReader(o.Content)}, nil
	}
	f, err := openFile(filepath.Join(store, "content", o.Hash))
	if os.IsNotExist(err) {
		return nil, refuse(500, "InternalError", "the content of s3://%s/%s is not on this machine: deploy again, and it will be", bucket,
			key)
	}
	return f, err
}

func openFile(path string) (file, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || info.IsDir() {
		f.Close()
		return nil, os.ErrNotExist
	}
	return f, nil
}

// headBucket says that the bucket is there (S3 API, HeadBucket).
func (c *call) headBucket(bucket string) error {
	b := c.buckets[bucket]
	if err := c.mayInBucket("s3:ListBucket", b, c.bucketARN(bucket), map[string][]string{"s3:prefix": nil, "s3:delimiter": nil,
		"s3:max-keys": nil}); err != nil {
		return err
	}
	if b == nil {
		return refuse(404, "NoSuchBucket", "The specified bucket does not exist")
	}
	return nil
}

func (c *call) location(bucket string, w http.ResponseWriter) error {
	b := c.buckets[bucket]
	if err := c.mayInBucket("s3:GetBucketLocation", b, c.bucketARN(bucket), nil); err != nil {
		return err
	}
	if b == nil {
		return refuse(404, "NoSuchBucket", "The specified bucket does not exist")
	}
	writeXML(w, 200, struct {
		XMLName xml.Name `xml:"LocationConstraint"`
		Region  string   `xml:",chardata"`
	}{Region: c.plan.Region}, false)
	return nil
}
