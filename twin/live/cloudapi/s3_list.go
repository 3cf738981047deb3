package cloudapi

import (
	"encoding/base64"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// listed is an object in a list.
type listed struct {
	Key, LastModified, ETag string
	Size                    int64
	StorageClass            string
}

type commonPrefix struct{ Prefix string }

// list answers ListObjectsV2, page by page.
func (c *call) list(bucket string, q url.Values, w http.ResponseWriter) error {
	b := c.buckets[bucket]
	given := func(name string) []string { return q[name] }
	if err := c.mayInBucket("s3:ListBucket", b, c.bucketARN(bucket), map[string][]string{"s3:prefix": {q.Get("prefix")},
		"s3:delimiter": given("delimiter"), "s3:max-keys": given("max-keys")}); err != nil {
		return err
	}
	if b == nil {
		return refuse(404, "NoSuchBucket", "The specified bucket does not exist")
	}
	page := struct {
		XMLName                                           xml.Name `xml:"ListBucketResult"`
		Name, Prefix, Delimiter, StartAfter, EncodingType string
		ContinuationToken, NextContinuationToken          string `xml:",omitempty"`
		KeyCount, MaxKeys                                 int
		IsTruncated                                       bool
		Contents                                          []listed
		CommonPrefixes                                    []commonPrefix
	}{Name: bucket, Prefix: q.Get("prefix"), Delimiter: q.Get("delimiter"), StartAfter: q.Get("start-after"),
		EncodingType:      q.Get("encoding-type"),
		ContinuationToken: q.Get("continuation-token"), MaxKeys: 1000}
	if n, err := strconv.Atoi(q.Get("max-keys")); err == nil {
		page.MaxKeys = min(max(n, 0), page.MaxKeys)
	}
	after := page.StartAfter
	if page.ContinuationToken != "" {
		token, err := base64.URLEncoding.DecodeString(page.ContinuationToken)
		if err != nil {
			return refuse(400, "InvalidArgument", "The continuation token provided is incorrect")
		}
		after = string(token)
	}
	encode := func(key string) string { return key }
	if page.EncodingType == "url" {
		encode = escape
	}
	last := ""
	for _, o := range c.all(bucket) {
		rest, has := strings.CutPrefix(o.Key, page.Prefix)
		at := o.Key
		if cut := strings.Index(rest, page.Delimiter); has && page.Delimiter != "" && cut >= 0 {
			at = page.Prefix + rest[:cut+len(page.Delimiter)]
		}
		if !has || at <= after || at == last || at != o.Key && strings.HasPrefix(after, at) {
			continue
		}
		if page.KeyCount == page.MaxKeys {
			page.IsTruncated, page.NextContinuationToken = page.MaxKeys > 0, base64.URLEncoding.EncodeToString([]byte(last))
			break
		}
		page.KeyCount++
		if last = at; at != o.Key {
			page.CommonPrefixes = append(page.CommonPrefixes, commonPrefix{encode(at)})
			continue
		}
		o.Key, o.StorageClass = encode(o.Key), "STANDARD"
		page.Contents = append(page.Contents, o)
	}
	page.Prefix, page.Delimiter, page.StartAfter = encode(page.Prefix), encode(page.Delimiter), encode(page.StartAfter)
	writeXML(w, 200, page, false)
	return nil
}

// all are a bucket's objects, by their keys: declared, delivered, and written by servers.
func (c *call) all(bucket string) []listed {
	found := map[string]listed{}
	for i := range c.plan.Cloud.Objects {
		if o := &c.plan.Cloud.Objects[i]; o.Bucket == bucket {
			found[o.Key] = listed{Key: o.Key, Size: c.size(o), ETag: `"` + o.Hash + `"`, LastModified: stampOf(time.Time{})}
		}
	}
	root := filepath.Join(string(c.keep[keepObjects]), "delivered", bucket)
	_ = filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if rel, relErr := filepath.Rel(root, path); err == nil && relErr == nil && info.Mode().IsRegular() {
			key := filepath.ToSlash(rel)
			found[key] = listed{Key: key, Size: info.Size(), LastModified: stampOf(info.ModTime())}
		}
		return nil
	})
	files, _ := os.ReadDir(c.folder(bucket)) // where nothing was written there is no folder
	for _, f := range files {
		if o, content, err := openWritten(filepath.Join(c.folder(bucket), f.Name())); err == nil {
			found[o.Key] = listed{Key: o.Key, Size: o.Size, ETag: o.ETag, LastModified: stampOf(o.At)}
			content.Close()
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b listed) int { return strings.Compare(a.Key, b.Key) })
}

func stampOf(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (c *call) size(o *plan.Object) int64 {
	f, err := c.content(o, o.Bucket, o.Key)
	if err != nil {
		return 0
	}
	defer f.Close()
	n, _ := f.Seek(0, io.SeekEnd)
	return n
}
