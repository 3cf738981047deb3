package world

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"mime"
	"net/netip"
	"path"
	"regexp"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeBucket       = "aws:s3/bucketV2:BucketV2"
	typeBucketPolicy = "aws:s3/bucketPolicy:BucketPolicy"
	typeObject       = "aws:s3/bucketObjectv2:BucketObjectv2"
	typeVersioning   = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	typeEncryption   = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	typeLifecycle    = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	typeLogging      = "aws:s3/bucketLoggingV2:BucketLoggingV2"
	typeOwnership    = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	typePublicAccess = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
)

var s3Kinds = map[string]*kind{
	typeBucket: {
		id: byOutput("bucket"), arn: "arn:{partition}:s3:::{bucket}", taken: "BucketAlreadyOwnedByYou",
		create: []rule{bucketFromPrefix, bucketName}, fill: fillBucket, remove: []rule{bucketEmpty}, removed: removeBucketParts,
	},
	typeBucketPolicy: bucketPart(policyText("policy", "MalformedPolicy", true)),
	typeVersioning:   bucketPart(nil),
	typeEncryption:   bucketPart(refers("rules.applyServerSideEncryptionByDefault.kmsMasterKeyId", "InvalidArgument", "KMS key %s does not exist", typeKey, typeAlias)),
	typeLifecycle:    bucketPart(nil),
	typeLogging:      bucketPart(bucketExists("targetBucket", "InvalidTargetBucketForLogging")),
	typeOwnership:    bucketPart(nil),
	typePublicAccess: bucketPart(nil),
	typeObject: {
		id: byOutput("key"), arn: "arn:{partition}:s3:::{bucket}/{key}",
		key: func(outputs value.Map, id string) string {
			bucket, _ := outputs["bucket"].(string)
			return bucket + "/" + id
		},
		check: []rule{bucketExists("bucket", "NoSuchBucket")}, fill: fillS3Object,
		adopt: func(c *Call, id string) *Object { return c.find(typeObject, strings.TrimPrefix(id, "s3://")) },
	},
}

// bucketPart is a configuration of a bucket: one of a type for each bucket.
func bucketPart(extra rule) *kind {
	k := &kind{id: byOutput("bucket"), check: []rule{bucketExists("bucket", "NoSuchBucket")}}
	if extra != nil {
		k.check = append(k.check, extra)
	}
	return k
}

func bucketExists(property, code string) rule {
	return refers(property, code, "The specified bucket does not exist: %s", typeBucket)
}

func bucketFromPrefix(c *Call, o *Object) error {
	if p := o.Text("bucketPrefix"); p != "" && o.Text("bucket") == "" {
		o.Outputs["bucket"] = p + c.Now.Format("20060102150405") + c.hex(12, "name")
	}
	return nil
}

var bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// bucketName: S3 user guide, "General purpose bucket naming rules".
func bucketName(_ *Call, o *Object) error {
	name := o.Text("bucket")
	_, ipErr := netip.ParseAddr(name)
	if !bucketPattern.MatchString(name) || strings.Contains(name, "..") || ipErr == nil || strings.HasPrefix(name, "xn--") || strings.HasSuffix(name, "-s3alias") {
		return fault("InvalidBucketName", "The specified bucket is not valid: %s", name)
	}
	return nil
}

// bucketZones are the hosted zones of S3's website endpoints (AWS, General Reference, "Amazon S3 endpoints and quotas").
var bucketZones = map[string]string{
	"us-east-1": "Z3AQBSTGFYJSTF", "us-east-2": "Z2O1EMRO9K5GLX", "us-west-1": "Z2F56UZL2M1ACD", "us-west-2": "Z3BJ6K6RIION7M",
	"eu-central-1": "Z21DNDUVLTQW6Q", "eu-west-1": "Z1BKCTXD74EZPE", "eu-west-2": "Z3GKZC51ZF0DB4", "eu-west-3": "Z3R1K369G5AVDG",
	"eu-north-1": "Z3BAZG2TWCNX0D", "ap-northeast-1": "Z2M4EHUR26P7ZW", "ap-southeast-1": "Z3O0J2DXBE1FTB", "ap-southeast-2": "Z1WCIGYICN2BYD",
	"ap-south-1": "Z11RGJOFQNVJUP", "ca-central-1": "Z1QDHH18159H29", "sa-east-1": "Z7KQH4QJS55SO",
}

func fillBucket(c *Call, o, _ *Object) {
	name := o.Text("bucket")
	setDefaults(o, value.Map{"bucketDomainName": name + ".s3.amazonaws.com", "bucketRegionalDomainName": name + ".s3." + o.Region + ".amazonaws.com",
		"region": o.Region, "hostedZoneId": bucketZones[o.Region], "requestPayer": "BucketOwner", "objectLockEnabled": false, "accelerationStatus": "", "policy": "",
		"websiteDomain": "", "websiteEndpoint": "", "corsRules": []any{}, "lifecycleRules": []any{}, "loggings": []any{}, "replicationConfigurations": []any{}, "websites": []any{},
		"versionings":                        []any{value.Map{"enabled": false, "mfaDelete": false}},
		"grants":                             []any{value.Map{"id": c.hexFor("canonical user", 64), "type": "CanonicalUser", "permissions": []any{"FULL_CONTROL"}, "uri": ""}},
		"serverSideEncryptionConfigurations": []any{value.Map{"rule": value.Map{"applyServerSideEncryptionByDefault": value.Map{"sseAlgorithm": "AES256", "kmsMasterKeyId": ""}, "bucketKeyEnabled": false}}}})
}

func bucketEmpty(c *Call, o *Object) error {
	var objects []*Object
	c.each(typeObject, func(object *Object) bool {
		if object.Text("bucket") == o.ID {
			objects = append(objects, object)
		}
		return true
	})
	if len(objects) > 0 && !o.Flag("forceDestroy") {
		return fault("BucketNotEmpty", "The bucket you tried to delete is not empty: %s has %s", o.ID, objects[0].ID)
	}
	for _, object := range objects {
		c.Drop(object)
	}
	return nil
}

func removeBucketParts(c *Call, o *Object) {
	for _, typ := range []string{typeBucketPolicy, typeVersioning, typeEncryption, typeLifecycle, typeLogging, typeOwnership, typePublicAccess} {
		if part := c.find(typ, o.ID); part != nil {
			c.Drop(part)
		}
	}
}

func fillS3Object(c *Call, o, old *Object) {
	setDefaults(o, value.Map{"acl": "private", "storageClass": "STANDARD", "bucketKeyEnabled": false, "serverSideEncryption": "AES256", "kmsKeyId": "",
		"checksumCrc32": "", "checksumCrc32c": "", "checksumSha1": "", "checksumSha256": ""})
	contentType := mime.TypeByExtension(path.Ext(o.ID))
	if contentType == "" {
		contentType = "application/octet-stream"
	}
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
		o.Outputs["etag"] = body
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
