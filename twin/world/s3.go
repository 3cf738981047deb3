package world

import (
	"net/netip"
	"regexp"
	"slices"
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

// bucketParts are the configurations of a bucket, which are deleted with it.
var bucketParts = []string{typeBucketPolicy, typeVersioning, typeEncryption, typeLifecycle, typeLogging, typeOwnership, typePublicAccess,
	typeBucketNotification, typeWebsite}

var s3Kinds = map[string]*kind{
	typeBucket: {
		id:      byOutput("bucket"),
		arn:     "arn:{partition}:s3:::{bucket}",
		taken:   "BucketAlreadyOwnedByYou",
		prepare: []func(*Call, *Object){bucketFromPrefix},
		create:  []rule{bucketName},
		fill:    fillBucket,
		remove:  []rule{bucketEmpty},
		removed: func(c *Call, o *Object) {
			for _, typ := range append([]string{typeObject}, bucketParts...) {
				c.dropUsers(o, use{typ, "bucket"})
			}
		},
	},
	typeBucketPolicy: bucketPart(policyText("policy", bucketPolicy), policyOfBucket, actionsFit,
		principalsExist("policy", bucketPolicy.code), policyNotPublic),
	typeVersioning:   bucketPart(),
	typeEncryption:   bucketPart(),
	typeLifecycle:    bucketPart(lifecycleRules, lifecycleDays),
	typeLogging:      bucketPart(bucketExists("targetBucket", "InvalidTargetBucketForLogging"), logsNear),
	typeOwnership:    bucketPart(),
	typePublicAccess: bucketPart(),
	typeObject: {
		id:  byOutput("key"),
		arn: "arn:{partition}:s3:::{bucket}/{key}",
		put: true,
		key: keyIn("bucket", "/"),
		check: []rule{
			bucketExists("bucket", "NoSuchBucket"),
			bucketNear,
			objectTags,
			objectACL,
			keyUsable("kmsKeyId", "KMS.NotFoundException"),
			defaultKeyUsable,
		},
		fill:  fillS3Object,
		adopt: func(c *Call, id string) *Object { return c.find(typeObject, strings.TrimPrefix(id, "s3://")) },
	},
}

// bucketPart is a configuration of a bucket: each bucket has one of each type, and the last one put counts.
func bucketPart(more ...rule) *kind {
	return &kind{id: byOutput("bucket"), put: true, check: append([]rule{bucketExists("bucket", "NoSuchBucket"), bucketNear}, more...)}
}

func bucketExists(property, code string) rule {
	return refers(property, code, "The specified bucket does not exist: %s", typeBucket)
}

// bucketNear: a bucket is addressed in its own region (S3 API, error PermanentRedirect).
func bucketNear(c *Call, o *Object) error {
	if bucket := c.find(typeBucket, o.Text("bucket")); bucket != nil && bucket.Region != "" && o.Region != "" &&
		bucket.Region != o.Region {
		return fault("PermanentRedirect",
			"The bucket you are attempting to access must be addressed using the specified endpoint: %s is in %s, and this is asked of %s",
			bucket.ID, bucket.Region, o.Region)
	}
	return nil
}

func bucketFromPrefix(c *Call, o *Object) {
	if p := o.Text("bucketPrefix"); p != "" && o.Text("bucket") == "" {
		o.Outputs["bucket"] = p + c.Now.Format("20060102150405") + c.hex(12, "name")
	}
}

var bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// bucketName: S3 user guide, "General purpose bucket naming rules".
func bucketName(_ *Call, o *Object) error {
	name := o.Text("bucket")
	_, ipErr := netip.ParseAddr(name)
	if !bucketPattern.MatchString(name) || strings.Contains(name, "..") || ipErr == nil || strings.HasPrefix(name, "xn--") ||
		strings.HasSuffix(name, "-s3alias") {
		return fault("InvalidBucketName", "The specified bucket is not valid: %s", name)
	}
	return nil
}

// bucketZones are the hosted zones of S3's website endpoints (AWS, General Reference, "Amazon S3 endpoints and quotas").
var bucketZones = map[string]string{
	"us-east-1": "Z3AQBSTGFYJSTF", "us-east-2": "Z2O1EMRO9K5GLX", "us-west-1": "Z2F56UZL2M1ACD", "us-west-2": "Z3BJ6K6RIION7M",
	"eu-central-1": "Z21DNDUVLTQW6Q", "eu-west-1": "Z1BKCTXD74EZPE", "eu-west-2": "Z3GKZC51ZF0DB4", "eu-west-3": "Z3R1K369G5AVDG",
	"eu-north-1": "Z3BAZG2TWCNX0D", "ap-northeast-1": "Z2M4EHUR26P7ZW", "ap-southeast-1": "Z3O0J2DXBE1FTB",
	"ap-southeast-2": "Z1WCIGYICN2BYD",
	"ap-south-1":     "Z11RGJOFQNVJUP", "ca-central-1": "Z1QDHH18159H29", "sa-east-1": "Z7KQH4QJS55SO", "af-south-1": "Z83WF9RJE8B12",
	"ap-east-1": "ZNB98KWMFR0R6", "ap-east-2": "Z064739330DAH7WJVOO93", "ap-northeast-2": "Z3W03O7B5YMIYP",
	"ap-northeast-3": "Z2YQB5RD63NC85",
	"ap-south-2":     "Z02976202B4EZMXIPMXF7", "ap-southeast-3": "Z01846753K324LI26A3VV", "ap-southeast-4": "Z0312387243XT5FE14WFO",
	"ap-southeast-5": "Z08660063OXLMA7F1FJHU", "ap-southeast-6": "Z05686083R66JX5C163TC", "ap-southeast-7": "Z0031014GXUMRZG6I14G",
	"ca-west-1": "Z03565811Z33SLEZTHOUL", "eu-central-2": "Z030506016YDQGETNASS", "eu-south-1": "Z30OZKI7KPW7MI",
	"eu-south-2":   "Z0081959F7139GRJC19J",
	"il-central-1": "Z09640613K4A3MN55U7GU", "me-central-1": "Z06143092I8HRXZRUZROF", "me-south-1": "Z1MPMWCPA7YB62",
	"mx-central-1":  "Z057606446ZNVQJJ8WOP",
	"us-gov-east-1": "Z2NIFVYYW2VKV1", "us-gov-west-1": "Z31GFT0UA1I2HV", "cn-north-1": "Z5CN8UMXT92WN",
	"cn-northwest-1": "Z282HJ1KT0DH03",
}

func fillBucket(c *Call, o, _ *Object) {
	name := o.Text("bucket")
	setDefaults(o, value.Map{"bucketDomainName": name + ".s3.amazonaws.com",
		"bucketRegionalDomainName": name + ".s3." + o.Region + ".amazonaws.com",
		"region":                   o.Region, "hostedZoneId": bucketZones[o.Region], "requestPayer": "BucketOwner",
		"objectLockEnabled":  false,
		"accelerationStatus": "", "policy": "",
		"corsRules": []any{}, "lifecycleRules": []any{}, "loggings": []any{},
		"replicationConfigurations": []any{}, "websites": []any{},
		"versionings": []any{value.Map{"enabled": false, "mfaDelete": false}},
		"grants": []any{value.Map{"id": c.hexFor("canonical user", 64), "type": "CanonicalUser",
			"permissions": []any{"FULL_CONTROL"}, "uri": ""}},
		"serverSideEncryptionConfigurations": []any{value.Map{"rule": value.Map{
			"applyServerSideEncryptionByDefault": value.Map{"sseAlgorithm": "AES256", "kmsMasterKeyId": ""}, "bucketKeyEnabled": false}}}})
}

// bucketEmpty: a bucket can be deleted only when it is empty, or by force (S3 API, DeleteBucket).
func bucketEmpty(c *Call, o *Object) error {
	if object := c.where(typeObject, "bucket", o.ID); object != nil && !o.Flag("forceDestroy") {
		return fault("BucketNotEmpty", "The bucket you tried to delete is not empty: %s has %s; delete its objects first, or set "+
			"forceDestroy and deploy that first", o.ID, object.ID)
	}
	return nil
}

// policyOfBucket: a bucket's policy is about that bucket (S3 user guide, "Bucket policies").
func policyOfBucket(_ *Call, o *Object) error {
	d, _ := parseDocument(o.Text("policy"))
	own := "arn:" + Partition(o.Region) + ":s3:::" + o.Text("bucket")
	for _, s := range d.Statement {
		for _, r := range append(oneOrMore(s.Resource), oneOrMore(s.NotResource)...) {
			if r != own && !strings.HasPrefix(r, own+"/") && !strings.HasPrefix(r, own+"*") {
				return fault("MalformedPolicy", "Policy has invalid resource: %s is not %s or in it (statement %q)", r, own, s.Sid)
			}
		}
	}
	return nil
}

// actionsFit: actions on objects need an object resource, and actions on the bucket the bucket itself (S3 user guide,
// "Policy actions for Amazon S3").
func actionsFit(_ *Call, o *Object) error {
	d, _ := parseDocument(o.Text("policy"))
	for _, s := range d.Statement {
		objects, bucket := false, s.Resource == nil
		for _, r := range oneOrMore(s.Resource) {
			if strings.Contains(r, "/") {
				objects = true
			} else {
				bucket = true
			}
		}
		for _, a := range oneOrMore(s.Action) {
			onObjects := slices.Contains(objectActions, strings.ToLower(a))
			onBucket := slices.Contains(bucketActions, strings.ToLower(a))
			if s.Resource != nil && (onObjects && !objects || onBucket && !bucket) {
				return fault("MalformedPolicy",
					"Action does not apply to any resource(s) in statement: %s (statement %q); objects are bucket/*, and the bucket "+
						"itself has no /", a, s.Sid)
			}
		}
	}
	return nil
}

var (
	objectActions = strings.Fields("s3:getobject s3:putobject s3:deleteobject s3:getobjectversion s3:deleteobjectversion " +
		"s3:putobjectacl s3:getobjectacl s3:getobjecttagging s3:putobjecttagging s3:abortmultipartupload s3:restoreobject")
	bucketActions = strings.Fields("s3:listbucket s3:listbucketversions s3:getbucketlocation s3:getbucketacl s3:getbucketpolicy " +
		"s3:putbucketpolicy s3:listbucketmultipartuploads s3:getencryptionconfiguration")
)

// policyNotPublic: a new bucket refuses a policy for everybody until its public access block allows it (S3 user
// guide, "Blocking public access"; all four settings are on for buckets made since April 2023).
func policyNotPublic(c *Call, o *Object) error {
	if block := c.find(typePublicAccess, o.Text("bucket")); block != nil && !block.Flag("blockPublicPolicy") {
		return nil
	}
	d, _ := parseDocument(o.Text("policy"))
	for _, s := range d.Statement {
		everybody := slices.ContainsFunc(s.principals(), func(p string) bool { return p == "*" || p == "AWS:*" })
		if s.Effect == "Allow" && everybody && s.Condition == nil {
			return fault("AccessDenied", "Access Denied: because public policies are blocked by the BlockPublicPolicy block public "+
				"access setting: statement %q lets everybody; name principals, or put a public access block without blockPublicPolicy "+
				"first", s.Sid)
		}
	}
	return nil
}

// lifecycleRules: rules have unique names (S3 API, PutBucketLifecycleConfiguration).
func lifecycleRules(_ *Call, o *Object) error {
	seen := map[any]bool{}
	for _, r := range o.Objects("rules") {
		if seen[r["id"]] {
			return fault("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule: %v", r["id"])
		}
		seen[r["id"]] = true
	}
	return nil
}

// lifecycleDays: objects move to infrequent access after a month at the earliest, and expire after any transition (S3
// user guide, "Transitioning objects using Amazon S3 Lifecycle" and "Expiring objects").
func lifecycleDays(_ *Call, o *Object) error {
	for _, r := range o.Objects("rules") {
		last := 0.0
		for _, t := range objectsIn(r["transitions"]) {
			days, given := t["days"].(float64)
			class, _ := t["storageClass"].(string)
			if given && days < 30 && (class == "STANDARD_IA" || class == "ONEZONE_IA") {
				return fault("InvalidArgument",
					"'Days' in Transition action must be greater than or equal to 30 for storageClass '%s' (rule %v)", class, r["id"])
			}
			last = max(last, days)
		}
		for _, e := range objectsIn(r["expiration"]) {
			if days, given := e["days"].(float64); given && days > 0 && days <= last {
				return fault("InvalidArgument",
					"'Days' in the Expiration action must be greater than 'Days' in the Transition action (rule %v)", r["id"])
			}
		}
	}
	return nil
}

// logsNear: a bucket's own logs go to a bucket in its region (S3 user guide, "Logging requests with server access
// logging").
func logsNear(c *Call, o *Object) error {
	from, to := c.find(typeBucket, o.Text("bucket")), c.find(typeBucket, o.Text("targetBucket"))
	if from != nil && to != nil && from.Region != to.Region {
		return fault("CrossLocationLoggingProhibited", "Cross S3 location logging not allowed: %s is in %s and %s in %s", from.ID,
			from.Region, to.ID, to.Region)
	}
	return nil
}
