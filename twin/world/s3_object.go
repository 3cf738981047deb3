package world

import (
	"cmp"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime"
	"os"
	"path"

	"github.com/causeway-iac/causeway/twin/value"
)

// objectTags: an object has at most ten tags (S3 user guide, "Categorizing your storage using tags").
func objectTags(_ *Call, o *Object) error {
	if tags, _ := o.Outputs["tagsAll"].(value.Map); len(tags) > 10 {
		return fault("BadRequest", "Object tags cannot be greater than 10: this has %d, default tags included", len(tags))
	}
	return nil
}

// objectACL: a bucket today has no ACLs unless its ownership controls allow them (S3 user guide, "Controlling
// ownership of objects").
func objectACL(c *Call, o *Object) error {
	acl, _ := o.Inputs["acl"].(string)
	if acl == "" || acl == "private" || acl == "bucket-owner-full-control" {
		return nil
	}
	if ownership := c.find(typeOwnership, o.Text("bucket")); ownership != nil {
		for _, who := range at(ownership.Outputs, "rule.objectOwnership") {
			if who != "BucketOwnerEnforced" {
				return nil
			}
		}
	}
	return fault("AccessControlListNotSupported",
		"The bucket does not allow ACLs: %s for %s; leave acl out, or give %s ownership controls first", acl, o.Text("key"),
		o.Text("bucket"))
}

// defaultKeyUsable: putting an object into a bucket that encrypts with a key by default needs that key.
func defaultKeyUsable(c *Call, o *Object) error {
	encryption := c.find(typeEncryption, o.Text("bucket"))
	if encryption == nil || o.Text("kmsKeyId") != "" {
		return nil
	}
	return keyUsable("rules.applyServerSideEncryptionByDefault.kmsMasterKeyId", "KMS.DisabledException")(c,
		&Object{Outputs: encryption.Outputs, Inputs: encryption.Inputs})
}

func fillS3Object(c *Call, o, old *Object) {
	setDefaults(o, value.Map{"acl": "private", "storageClass": "STANDARD", "bucketKeyEnabled": false, "serverSideEncryption": "AES256",
		"kmsKeyId":      "",
		"checksumCrc32": "", "checksumCrc32c": "", "checksumSha1": "", "checksumSha256": ""})
	contentType := cmp.Or(mime.TypeByExtension(path.Ext(o.ID)), "application/octet-stream")
	setDefault(o, "contentType", contentType)
	if encryption := c.find(typeEncryption, o.Text("bucket")); encryption != nil && o.Inputs["serverSideEncryption"] == nil {
		for _, algorithm := range at(encryption.Outputs, "rules.applyServerSideEncryptionByDefault.sseAlgorithm") {
			o.Outputs["serverSideEncryption"] = algorithm
		}
	}
	body := contentHash(o)
	if old != nil && body == old.Hidden["body"] {
		setDefaults(o, value.Map{"etag": old.Outputs["etag"], "versionId": old.Outputs["versionId"]})
		return
	}
	o.Hidden["body"] = body
	if o.Inputs["etag"] == nil {
		o.Outputs["etag"] = body + inParts(o)
	}
	o.Outputs["versionId"] = ""
	if versioning := c.find(typeVersioning, o.Text("bucket")); versioning != nil {
		for _, status := range at(versioning.Outputs, "versioningConfiguration.status") {
			if status == "Enabled" {
				o.Outputs["versionId"] = c.hex(32, "version", body)
			}
		}
	}
}

// partSize is the most that the provider uploads at once; more goes in parts, and their number ends the etag.
const partSize = 5 << 20

func inParts(o *Object) string {
	size := int64(len(textIn(o.Outputs, "content")))
	asset, _ := o.Outputs["source"].(value.Map)
	if name, _ := asset["path"].(string); name != "" {
		if info, err := os.Stat(name); err == nil {
			size = info.Size()
		}
	}
	if size <= partSize {
		return ""
	}
	return fmt.Sprintf("-%d", (size+partSize-1)/partSize)
}

// contentHash is the MD5 of an object's text, or 32 digits of the hash that the engine gives for a file.
func contentHash(o *Object) string {
	sum := func(b []byte) string {
		h := md5.Sum(b)
		return hex.EncodeToString(h[:])
	}
	if text, ok := o.Outputs["content"].(string); ok {
		return sum([]byte(text))
	}
	if text, ok := o.Outputs["contentBase64"].(string); ok {
		if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
			return sum(raw)
		}
	}
	if hash := value.AssetHash(o.Outputs["source"]); len(hash) >= 32 {
		return hash[:32]
	}
	return sum(nil)
}
