package controls

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/report"
)

const logsNote = "load balancers write their logs into buckets encrypted by S3's own keys only; such a bucket must have AES256"

var buckets = []Control{
	{
		Number: 160, Severity: report.High, Title: "Buckets block public access", Types: bucketTypes,
		Known: "FSBP S3.8 S3.1; CIS v3.0/2.1.4 v5.0/2.1.4; Checkov CKV_AWS_53 CKV_AWS_54 CKV_AWS_55 CKV_AWS_56 CKV2_AWS_6; " +
			"Trivy AWS-0086 AWS-0087 AWS-0091 AWS-0093 AWS-0094; Prowler s3_bucket_level_public_access_block",
		Remedy: "add an s3.BucketPublicAccessBlock with all four set",
		each: companion("bucket", []string{"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"}, "nothing blocks public access",
			is("blockPublicAcls", true), is("blockPublicPolicy", true), is("ignorePublicAcls", true), is("restrictPublicBuckets", true)),
	},
	{
		Number: 161, Severity: report.Medium, Title: "Buckets are encrypted", Types: bucketTypes,
		Known:  "Checkov CKV_AWS_19; Trivy AWS-0088; Prowler s3_bucket_default_encryption",
		Remedy: "add an s3.BucketServerSideEncryptionConfigurationV2", each: encryption("AES256", "aws:kms", "aws:kms:dsse"),
	},
	{
		Number: 162, Severity: report.Low, Title: "Buckets are encrypted by a key of the platform's own", Types: bucketTypes,
		Note:   logsNote,
		Known:  "FSBP S3.17; Checkov CKV_AWS_145; Trivy AWS-0132; Prowler s3_bucket_kms_encryption",
		Remedy: "set sseAlgorithm aws:kms and kmsMasterKeyId", each: bucketKey,
	},
	{
		Number: 163, Severity: report.Medium, Title: "Buckets refuse requests without TLS", Types: bucketTypes, Later: true,
		Known:  "FSBP S3.5; CIS v3.0/2.1.1 v5.0/2.1.1; Checkov CKV_AWS_379; Prowler s3_bucket_secure_transport_policy",
		Remedy: "deny s3:* to everybody where aws:SecureTransport is false", each: onlyTLS,
	},
	{
		Number: 164, Severity: report.Medium, Title: "Buckets keep versions", Types: bucketTypes,
		Known:  "FSBP S3.14; Checkov CKV_AWS_21; Trivy AWS-0090; Prowler s3_bucket_object_versioning",
		Remedy: "add an s3.BucketVersioningV2 with status Enabled",
		each:   companion("bucket", part("Versioning"), "it keeps no versions", is("versioningConfiguration.status", "Enabled")),
	},
	{
		Number: 165, Severity: report.Low, Title: "Requests to buckets are logged", Types: bucketTypes, Later: true,
		Known:  "FSBP S3.9; Checkov CKV_AWS_18; Trivy AWS-0089; Prowler s3_bucket_server_access_logging_enabled",
		Note:   "the bucket that keeps the logs is not logged itself: each entry would write another",
		Remedy: "add an s3.BucketLoggingV2 with a target bucket", each: requestsLogged,
	},
	{
		Number: 166, Severity: report.Medium, Title: "Buckets have no access control lists", Types: bucketTypes,
		Known: "FSBP S3.12 S3.2 S3.3; Checkov CKV2_AWS_65 CKV_AWS_20 CKV_AWS_57 CKV_AWS_375 CKV2_AWS_43; Trivy AWS-0092; " +
			"Prowler s3_bucket_acl_prohibited",
		Remedy: "add an s3.BucketOwnershipControls with BucketOwnerEnforced, and no ACL", each: noACLs,
	},
	{
		Number: 167, Severity: report.Low, Title: "What buckets keep ends some day", Types: bucketTypes,
		Known:  "FSBP S3.13 S3.10; Checkov CKV2_AWS_61; Prowler s3_bucket_lifecycle_enabled",
		Remedy: "add an s3.BucketLifecycleConfigurationV2",
		each:   companion("bucket", part("LifecycleConfiguration"), "it keeps everything for ever", enabledRule, logsStay),
	},
	{
		Number: 168, Severity: report.Low, Title: "Uploads that were broken off are removed", Types: part("LifecycleConfiguration"),
		Known:  "Checkov CKV_AWS_300",
		Remedy: "set abortIncompleteMultipartUpload.daysAfterInitiation of a rule for the whole bucket", each: uploadsAborted,
	},
	{
		Number: 169, Severity: report.Critical, Title: "No bucket's policy lets in everybody, or another account",
		Types: []string{"aws:s3/bucketPolicy:BucketPolicy", "aws:s3/accessPoint:AccessPoint",
			"aws:s3control/accessPointPolicy:AccessPointPolicy"}, Later: true,
		Known: "FSBP S3.6; Checkov CKV_AWS_70 CKV_AWS_93 CKV_AWS_283; " +
			"Prowler s3_bucket_policy_public_write_access s3_bucket_cross_account_access",
		Note:   "the account by which AWS's load balancers of a region write their logs is not another's",
		Remedy: "name the services as Principal, with aws:SourceAccount", each: when(hasPolicy, bucketPolicy),
	},
	{
		Number: 170, Severity: report.Low, Title: "Data that only a bucket holds has a copy elsewhere", Types: bucketTypes,
		Known: "FSBP S3.7; Checkov CKV_AWS_144; Prowler s3_bucket_cross_region_replication",
		Note: "scanners want every bucket copied to another region; logs and releases, which can be made again, need no copy. A bucket " +
			"is taken to hold data if it says so by the tag causeway:tier = data",
		Remedy: "add an s3.BucketReplicationConfig",
		each:   when(isData, companion("bucket", []string{"aws:s3/bucketReplicationConfig:BucketReplicationConfig"}, "it has no copy")),
	},
	{
		Number: 171, Severity: report.Low, Title: "Changes of data that only a bucket holds are told", Types: bucketTypes,
		Known:  "FSBP S3.11; Checkov CKV2_AWS_62; Prowler s3_bucket_event_notifications_enabled",
		Note:   "scanners want events of every bucket; nothing of the platform listens to those of logs and releases. See C170",
		Remedy: "add an s3.BucketNotification with eventbridge",
		each:   when(isData, companion("bucket", []string{"aws:s3/bucketNotification:BucketNotification"}, "nobody is told")),
	},
	{
		Number: 172, Severity: report.Low, Title: "Data that only a bucket holds cannot be overwritten", Types: bucketTypes,
		Known:  "FSBP S3.15; Checkov CKV_AWS_143; Prowler s3_bucket_object_lock",
		Note:   "scanners want Object Lock on every bucket; versions keep logs and releases, and dev can be torn down. See C170",
		Remedy: "set objectLockEnabled", each: when(isData, is("objectLockEnabled", true)),
	},
	{
		Number: 174, Severity: report.Medium, Title: "Buckets have names that DNS takes, and are not deleted with what they hold",
		Types:   bucketTypes,
		Known:   "Trivy AWS-0320; Prowler s3_bucket_shadow_resource_vulnerability",
		Waivers: []string{"unprotected"}, Remedy: "leave out forceDestroy, and choose a name of letters, digits and hyphens",
		each: bucketName,
	},
}

// encryption demands one of the algorithms of a bucket.
func encryption(algorithms ...any) check {
	return companion("bucket", part("ServerSideEncryptionConfiguration"), "its encryption is not written",
		elements("rules", 1, func(at string) check {
			return is(at+".applyServerSideEncryptionByDefault.sseAlgorithm", algorithms...)
		}))
}

func bucketKey(v *view, r *graph.Resource) outcome {
	if v.takesBalancersLogs(r) {
		return encryption("AES256")(v, r)
	}
	return companion("bucket", part("ServerSideEncryptionConfiguration"), "its encryption is not written",
		elements("rules", 1, func(at string) check {
			return all(is(at+".applyServerSideEncryptionByDefault.sseAlgorithm", "aws:kms", "aws:kms:dsse"),
				isSet(at+".applyServerSideEncryptionByDefault.kmsMasterKeyId"))
		}))(v, r)
}

func (v *view) takesBalancersLogs(bucket *graph.Resource) bool {
	return len(v.pointing(bucket, "accessLogs.bucket", balancers...))+len(v.pointing(bucket, "connectionLogs.bucket", balancers...)) > 0
}

func onlyTLS(v *view, r *graph.Resource) outcome {
	policies := v.pointing(r, "bucket", "aws:s3/bucketPolicy:BucketPolicy")
	for _, p := range policies {
		d, o := document(p, "policy")
		if o.verdict != report.Holds {
			return o
		}
		for _, s := range d.Statements {
			everybody := slices.Contains(s.Principals["*"], "*") || slices.Contains(s.Principals["AWS"], "*")
			if s.Allow || !everybody || !slices.Contains(s.Actions, "s3:*") && !slices.Contains(s.Actions, "*") || len(s.Conditions) != 1 {
				continue
			}
			objects, itself := false, false
			for _, arn := range s.Resources {
				objects = objects || strings.HasSuffix(arn, "*")
				itself = itself || !strings.HasSuffix(arn, "/*")
			}
			tests := s.Conditions["bool"]
			if objects && itself && len(tests) == 1 && slices.Equal(tests["aws:securetransport"], []string{"false"}) {
				return holds()
			}
		}
	}
	return broken("its policy does not deny requests without TLS")
}

func requestsLogged(v *view, r *graph.Resource) outcome {
	others := only(v.pointing(r, "targetBucket", part("Logging")...),
		func(l *graph.Resource) bool { return !slices.Contains(v.g.Ref(l, "bucket"), r) })
	if v.takesBalancersLogs(r) || len(others) > 0 {
		return holds()
	}
	return companion("bucket", part("Logging"), "its requests are not logged", logsTo("targetBucket", bucketTypes...), requestLogs,
		func(v *view, l *graph.Resource) outcome {
			if slices.Contains(v.g.Ref(l, "targetBucket"), r) {
				return broken("it logs into itself, and each entry writes another")
			}
			return holds()
		})(v, r)
}

func noACLs(v *view, r *graph.Resource) outcome {
	if acls := v.pointing(r, "bucket", part("Acl")...); len(acls) > 0 {
		return broken("it has an access control list").because(acls[0].URN)
	}
	return companion("bucket", []string{"aws:s3/bucketOwnershipControls:BucketOwnershipControls"},
		"who owns what others write is not written",
		is("rule.objectOwnership", "BucketOwnerEnforced"))(v, r)
}

// logsStay demands that what load balancers and buckets log is kept for a week at least.
func logsStay(v *view, r *graph.Resource) outcome {
	for _, bucket := range v.g.Ref(r, "bucket", bucketTypes...) {
		writers := slices.Concat(v.pointing(bucket, "accessLogs", balancerType), v.pointing(bucket, "targetBucket", part("Logging")...),
			v.pointing(bucket, "logDestination", flowLogType))
		rules, _ := blocks(r, "rules")
		for i := range rules {
			at := fmt.Sprintf("rules[%d].", i)
			if days, ends := r.Int(at + "expiration.days"); ends && days > 0 && days < 7 && len(writers) > 0 &&
				bucket.Tag("causeway:environment") == "prod" && !has(at+"status",
				"Disabled")(v, r) {
				return broken("logs are deleted after %d days", days).write("keep logs for a week at least")
			}
		}
	}
	return holds()
}

func enabledRule(v *view, r *graph.Resource) outcome {
	value, known := read(r, "rules")
	list, _ := value.([]any)
	for _, element := range list {
		if rule, ok := element.(map[string]any); ok && rule["status"] == "Enabled" {
			return holds()
		}
	}
	if known == hidden {
		return unknown(r, "rules")
	}
	return broken("no rule of its lifecycle is enabled")
}

func uploadsAborted(_ *view, r *graph.Resource) outcome {
	value, known := read(r, "rules")
	if known == hidden {
		return unknown(r, "rules")
	}
	list, _ := value.([]any)
	for _, element := range list {
		rule, _ := element.(map[string]any)
		filter, _ := rule["filter"].(map[string]any)
		if rule["status"] == "Enabled" && rule["abortIncompleteMultipartUpload"] != nil && (len(filter) == 0 || filter["prefix"] == "") {
			return holds()
		}
	}
	return broken("uploads that were broken off stay for ever")
}

// regionalBalancers are the AWS accounts through which load balancers of the older regions write their logs. AWS, "Enable
// access logs for your Application Load Balancer".
var regionalBalancers = map[string]string{
	"us-east-1": "127311923021", "us-east-2": "033677994240", "us-west-1": "027434742980", "us-west-2": "797873946194",
	"af-south-1": "098369216593",
	"ap-east-1":  "754344448648", "ap-southeast-3": "589379963580", "ap-south-1": "718504428378", "ap-northeast-3": "383597477331",
	"ap-northeast-2": "600734575887",
	"ap-southeast-1": "114774131450", "ap-southeast-2": "783225319266", "ap-northeast-1": "582318560864", "ca-central-1": "985666609251",
	"eu-central-1": "054676820928",
	"eu-west-1":    "156460612806", "eu-west-2": "652711504416", "eu-south-1": "635631232127", "eu-west-3": "009996457667",
	"eu-north-1": "897822967062",
	"me-south-1": "076674570225", "sa-east-1": "507241528517",
}

// writesLogsOnly says that the statement admits only the load balancers' own account, and lets it do nothing but write.
func writesLogsOnly(s iam.Statement) bool {
	return len(s.Principals) == 1 && len(s.NotActions) == 0 && slices.Equal(s.Actions, []string{"s3:PutObject"}) &&
		!slices.ContainsFunc(s.Principals["AWS"], func(id string) bool {
			return !slices.ContainsFunc(slices.Collect(maps.Values(regionalBalancers)), func(account string) bool {
				return id == account || strings.HasPrefix(id, "arn:aws") && strings.HasSuffix(id, ":iam::"+account+":root")
			})
		}) && len(s.Principals["AWS"]) > 0
}

func bucketPolicy(v *view, r *graph.Resource) outcome {
	d, o := document(r, "policy")
	if o.verdict != report.Holds {
		return o
	}
	for i, s := range d.Statements {
		if !s.Allow && slices.Contains(s.Principals["AWS"], "*") && len(s.Conditions) == 0 &&
			(iam.Everything(s) || slices.Contains(s.Actions, "s3:*")) {
			return broken("its policy refuses everybody, also who would mend it").because(statementNamed(i, s))
		}
	}
	return all(func(v *view, r *graph.Resource) outcome {
		return letsIn(v, r, func(s iam.Statement, of *graph.Resource) []string {
			if writesLogsOnly(s) {
				return nil
			}
			return v.iam.Outsiders(s, of)
		})
	}, noneUnknown)(v, r)
}

// hasPolicy says that the resource is a bucket's policy, or an access point that has one.
func hasPolicy(_ *view, r *graph.Resource) bool {
	_, known := asked(r, "policy")
	return known != absent || r.Type == "aws:s3/bucketPolicy:BucketPolicy"
}

func isData(_ *view, r *graph.Resource) bool { return r.Tag("causeway:tier") == "data" }

var bucketNamePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)

func bucketName(v *view, r *graph.Resource) outcome {
	if name := r.String("bucket"); name != "" && !bucketNamePattern.MatchString(name) {
		return broken("its name is %s", name)
	}
	return isNot("forceDestroy", true)(v, r)
}
