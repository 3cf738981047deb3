package cloudapi

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// target is where a call writes.
type target struct {
	bucket    *plan.Bucket
	name, key string
}

// write answers PutObject, DeleteObject and uploads in parts.
func (c *call) write(t target, q url.Values, w http.ResponseWriter, r *http.Request, body []byte) error {
	upload := filepath.Base(q.Get("uploadId"))
	part, _ := strconv.Atoi(q.Get("partNumber"))
	copied := r.Header.Get("X-Amz-Copy-Source") != ""
	switch {
	case copied:
	case r.Method == http.MethodPut && len(q) == 0:
		return c.put(t, w, r, body)
	case r.Method == http.MethodDelete && len(q) == 0:
		return c.remove(t, w)
	case r.Method == http.MethodPost && q.Has("uploads"):
		return c.beginUpload(t, w, r)
	case r.Method == http.MethodPut && part > 0 && q.Has("uploadId"):
		return c.putPart(t, upload, part, w, r, body)
	case r.Method == http.MethodPost && q.Has("uploadId"):
		return c.endUpload(t, upload, w, body)
	case r.Method == http.MethodDelete && q.Has("uploadId"):
		return c.abortUpload(t, upload, w)
	}
	return unplayed("S3", r.Method+" "+r.URL.RequestURI())
}

// askedFor are the headers of a write that policies can test (service authorization reference, S3).
var askedFor = []string{"x-amz-acl", "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-storage-class",
	"x-amz-content-sha256", "x-amz-server-side-encryption-customer-algorithm", "if-none-match", "if-match"}

// mayPut asks whether an object may be written, and with which KMS key; it returns the key, or "" for S3's own.
func (c *call) mayPut(t target, asked, answer http.Header) (key string, err error) {
	keys := map[string][]string{"s3:requestobjecttag/": nil, "s3:requestobjecttagkeys": nil, "s3:x-amz-copy-source": nil,
		"s3:x-amz-grant-read": nil,
		"s3:object-lock-mode": nil, "s3:object-lock-legal-hold": nil, "s3:x-amz-website-redirect-location": nil}
	for _, name := range askedFor {
		keys["s3:"+name] = asked.Values(name)
	}
	arn := c.bucketARN(t.name) + "/" + t.key
	if err := c.mayInBucket("s3:PutObject", t.bucket, arn, keys); err != nil {
		return "", err
	}
	if t.bucket == nil {
		return "", refuse(404, "NoSuchBucket", "The specified bucket does not exist")
	}
	for name := range asked {
		switch name = strings.ToLower(name); {
		case name == "x-amz-acl" && t.bucket.OwnerOnly && asked.Get(name) != "bucket-owner-full-control":
			return "", refuse(400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
		case name == "x-amz-acl" && asked.Get(name) == "bucket-owner-full-control": // which is so
		case name == "x-amz-acl", name == "x-amz-tagging", strings.HasPrefix(name, "x-amz-grant-"), strings.HasPrefix(name,
			"x-amz-object-lock-"),
			name == "x-amz-server-side-encryption-customer-algorithm":
			return "", unplayed("S3", "PutObject with "+name)
		}
	}
	if key = asked.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"); key == "" && asked.Get("X-Amz-Server-Side-Encryption") != "AES256" {
		key = t.bucket.Key
	}
	return key, c.encrypted("kms:GenerateDataKey", key, arn, answer)
}

// payload is what a request holds, unwrapped if its checksum follows it (S3 API, "aws-chunked").
func payload(r *http.Request, body []byte) ([]byte, error) {
	switch hash := r.Header.Get("X-Amz-Content-Sha256"); {
	case hash == trailing:
		content, err := io.ReadAll(httputil.NewChunkedReader(bufio.NewReader(bytes.NewReader(body))))
		if length := r.Header.Get("X-Amz-Decoded-Content-Length"); err != nil || length != strconv.Itoa(len(content)) {
			return nil, refuse(400, "IncompleteBody", "The request body terminated unexpectedly")
		}
		return content, nil
	case strings.HasPrefix(hash, "STREAMING-"):
		return nil, unplayed("S3", "a body that is "+hash)
	}
	return body, nil
}

func (c *call) put(t target, w http.ResponseWriter, r *http.Request, body []byte) error {
	key, err := c.mayPut(t, r.Header, w.Header())
	if err != nil {
		return err
	}
	if r.Header.Get("If-None-Match") == "*" && slices.ContainsFunc(c.all(t.name), func(o listed) bool { return o.Key == t.key }) {
		return refuse(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
	}
	content, err := payload(r, body)
	if err != nil {
		return err
	}
	o := written{Key: t.key, ETag: etag(content), Headers: keptHeaders(r.Header), KMS: key, At: c.now}
	if err := c.store(t.name, o, bytes.NewReader(content)); err != nil {
		return err
	}
	w.Header().Set("Etag", o.ETag)
	return nil
}

// remove answers DeleteObject, which succeeds for a missing object too.
func (c *call) remove(t target, w http.ResponseWriter) error {
	if err := c.mayInBucket("s3:DeleteObject", t.bucket, c.bucketARN(t.name)+"/"+t.key, nil); err != nil {
		return err
	}
	if c.objects[t.name+"/"+t.key] != nil {
		return unplayed("S3", "the deletion of an object of the program's, "+t.key)
	}
	err := os.Remove(c.path(t.name, t.key))
	if path := filepath.FromSlash(t.key); os.IsNotExist(err) && filepath.IsLocal(path) {
		err = os.Remove(filepath.Join(string(c.keep[keepObjects]), "delivered", t.name, path))
	}
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// beginUpload records what the parts are to become.
func (c *call) beginUpload(t target, w http.ResponseWriter, r *http.Request) error {
	key, err := c.mayPut(t, r.Header, w.Header())
	if err != nil {
		return err
	}
	id := requestID()
	if err := c.store(uploadOf(id), written{Key: t.key, Bucket: t.name, Headers: keptHeaders(r.Header), KMS: key}, nil); err != nil {
		return err
	}
	writeXML(w, 200, struct {
		XMLName               xml.Name `xml:"InitiateMultipartUploadResult"`
		Bucket, Key, UploadID string
	}{xml.Name{}, t.name, t.key, id}, false)
	return nil
}

// uploadOf is where parts are kept: no bucket has such a name.
func uploadOf(id string) string { return "UPLOAD-" + id }

func (c *call) upload(t target, id string) (written, error) {
	f, o, err := c.open(uploadOf(id), t.key)
	if err != nil || o.Bucket != t.name {
		return o, refuse(404, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have "+
			"been aborted or completed.")
	}
	return o, f.Close()
}

func partKey(n int) string { return "part " + strconv.Itoa(n) }

func (c *call) putPart(t target, id string, n int, w http.ResponseWriter, r *http.Request, body []byte) error {
	if _, err := c.mayPut(t, r.Header, w.Header()); err != nil {
		return err
	}
	if _, err := c.upload(t, id); err != nil {
		return err
	}
	content, err := payload(r, body)
	if err != nil {
		return err
	}
	o := written{Key: partKey(n), ETag: etag(content), At: c.now}
	if err := c.store(uploadOf(id), o, bytes.NewReader(content)); err != nil {
		return err
	}
	w.Header().Set("Etag", o.ETag)
	return nil
}

// endUpload makes the object from its parts, in the order of their numbers.
func (c *call) endUpload(t target, id string, w http.ResponseWriter, body []byte) error {
	arn := c.bucketARN(t.name) + "/" + t.key
	if err := c.mayInBucket("s3:PutObject", t.bucket, arn, nil); err != nil {
		return err
	}
	o, err := c.upload(t, id)
	if err != nil {
		return err
	}
	var asked struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	if err := xml.Unmarshal(body, &asked); err != nil || len(asked.Part) == 0 {
		return refuse(400, "MalformedXML", "The XML you provided was not well-formed")
	}
	var parts []io.Reader
	var sums strings.Builder
	for i, p := range asked.Part {
		if i > 0 && p.PartNumber <= asked.Part[i-1].PartNumber {
			return refuse(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
		}
		f, part, err := c.open(uploadOf(id), partKey(p.PartNumber))
		if err != nil || strings.Trim(part.ETag, `"`) != strings.Trim(p.ETag, `"`) {
			return refuse(400, "InvalidPart", "One or more of the specified parts could not be found.")
		}
		defer f.Close()
		parts = append(parts, f)
		sums.WriteString(part.ETag)
	}
	o.Bucket, o.At = "", c.now
	o.ETag = strings.TrimSuffix(etag([]byte(sums.String())), `"`) + "-" + strconv.Itoa(len(parts)) + `"`
	if err := c.store(t.name, o, io.MultiReader(parts...)); err != nil {
		return err
	}
	writeXML(w, 200, struct {
		XMLName           xml.Name `xml:"CompleteMultipartUploadResult"`
		Bucket, Key, ETag string
	}{xml.Name{}, t.name, t.key, o.ETag}, false)
	return os.RemoveAll(c.folder(uploadOf(id)))
}

func (c *call) abortUpload(t target, id string, w http.ResponseWriter) error {
	if err := c.mayInBucket("s3:AbortMultipartUpload", t.bucket, c.bucketARN(t.name)+"/"+t.key, nil); err != nil {
		return err
	}
	if _, err := c.upload(t, id); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return os.RemoveAll(c.folder(uploadOf(id)))
}

// keptHeaders are those that are returned with the object.
func keptHeaders(h http.Header) map[string]string {
	kept := map[string]string{}
	for name := range maps.Keys(h) {
		switch {
		case strings.HasPrefix(name, "X-Amz-Meta-"), slices.Contains([]string{"Content-Type", "Content-Encoding", "Content-Disposition",
			"Content-Language", "Cache-Control"}, name):
			if v := strings.Trim(strings.ReplaceAll(h.Get(name), "aws-chunked", ""), ", "); v != "" {
				kept[name] = v
			}
		}
	}
	return kept
}
