package rules

import "slices"

// storage is S3.
func storage() map[string]ofType {
	return map[string]ofType{
		"aws:s3/bucketV2:BucketV2": {s3("CreateBucket"), []row{
			at("bucket", length(0, 63)),
			at("bucketPrefix", length(0, 37)),
			at("accelerationStatus", oneOf("Enabled", "Suspended")),
			at("acl", oneOf(bucketACLs...)),
			at("policy", policy()),
			at("requestPayer", oneOf("Requester", "BucketOwner")),
			at("grants.permissions", oneOf("FULL_CONTROL", "READ", "READ_ACP", "WRITE", "WRITE_ACP")),
			at("grants.type", oneOf("CanonicalUser", "Group")),
			at("lifecycleRules.id", length(0, 255)),
			at("lifecycleRules.expiration.date", date()),
			at("lifecycleRules.expiration.days", atLeast(0)),
			at("lifecycleRules.noncurrentVersionExpiration.days", atLeast(1)),
			at("lifecycleRules.noncurrentVersionTransitions.days", atLeast(0)),
			at("lifecycleRules.noncurrentVersionTransitions.storageClass", oneOf(transitionClasses...)),
			at("lifecycleRules.transitions.date", date()),
			at("lifecycleRules.transitions.days", atLeast(0)),
			at("lifecycleRules.transitions.storageClass", oneOf(transitionClasses...)),
			at("objectLockConfiguration.objectLockEnabled", oneOf("Enabled")),
			at("objectLockConfiguration.rule.defaultRetention.mode", oneOf("GOVERNANCE", "COMPLIANCE")),
			at("objectLockConfiguration.rule.defaultRetention.days", atLeast(1)),
			at("objectLockConfiguration.rule.defaultRetention.years", atLeast(1)),
			at("replicationConfigurations.role", arn()),
			at("replicationConfigurations.rules.deleteMarkerReplicationStatus", oneOf("Enabled")),
			at("replicationConfigurations.rules.destination.accessControlTranslation.owner", oneOf("Destination")),
			at("replicationConfigurations.rules.destination.accountId", accountID()),
			at("replicationConfigurations.rules.destination.bucket", arn()),
			at("replicationConfigurations.rules.destination.metrics.minutes", between(10, 15)),
			at("replicationConfigurations.rules.destination.metrics.status", oneOf("Enabled", "Disabled")),
			at("replicationConfigurations.rules.destination.replicationTime.minutes", between(15, 15)),
			at("replicationConfigurations.rules.destination.replicationTime.status", oneOf("Enabled", "Disabled")),
			at("replicationConfigurations.rules.destination.storageClass", oneOf(storageClasses...)),
			at("replicationConfigurations.rules.filter.prefix", length(0, 1024)),
			at("replicationConfigurations.rules.id", length(0, 255)),
			at("replicationConfigurations.rules.prefix", length(0, 1024)),
			at("replicationConfigurations.rules.status", oneOf("Enabled", "Disabled")),
			at("serverSideEncryptionConfigurations.rule.applyServerSideEncryptionByDefault.sseAlgorithm", oneOf(encryptions...)),
			at("websites.routingRules", document()),
		}, nil},
		"aws:s3/bucketPolicy:BucketPolicy": {s3("PutBucketPolicy"), []row{at("policy", policy())}, nil},
		"aws:s3/bucketVersioningV2:BucketVersioningV2": {s3("PutBucketVersioning"), []row{
			at("bucket", length(1, 63)),
			at("expectedBucketOwner", accountID()),
			at("versioningConfiguration.mfaDelete", oneOf("Enabled", "Disabled")),
			at("versioningConfiguration.status", oneOf("Enabled", "Suspended", "Disabled")),
		}, nil},
		"aws:s3/bucketOwnershipControls:BucketOwnershipControls": {s3("PutBucketOwnershipControls"), []row{
			at("bucket", some()),
			at("rule.objectOwnership", oneOf("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")),
		}, nil},
		"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {s3("PutBucketEncryption"), []row{
			at("bucket", length(1, 63)),
			at("expectedBucketOwner", accountID()),
			at("rules.applyServerSideEncryptionByDefault.sseAlgorithm", oneOf(encryptions...)),
		}, nil},
		"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {s3("PutBucketLifecycleConfiguration"), []row{
			at("bucket", length(1, 63)),
			at("expectedBucketOwner", accountID()),
			at("rules.id", length(1, 255)),
			at("rules.filter.and.objectSizeGreaterThan", atLeast(0)),
			at("rules.filter.and.objectSizeLessThan", atLeast(1)),
			at("rules.status", oneOf("Enabled", "Disabled")),
			at("rules.expiration.date", timestamp()),
			at("rules.noncurrentVersionExpiration.newerNoncurrentVersions", count(1, 100)),
			at("rules.noncurrentVersionExpiration.noncurrentDays", atLeast(1)),
			at("rules.noncurrentVersionTransitions.newerNoncurrentVersions", count(1, 100)),
			at("rules.noncurrentVersionTransitions.noncurrentDays", atLeast(0)),
			at("rules.noncurrentVersionTransitions.storageClass", oneOf(transitionClasses...)),
			at("rules.transitions.date", timestamp()),
			at("rules.transitions.days", atLeast(0)),
			at("rules.transitions.storageClass", oneOf(transitionClasses...)),
		}, nil},
		"aws:s3/bucketLoggingV2:BucketLoggingV2": {s3("PutBucketLogging"), []row{
			at("bucket", length(1, 63)),
			at("expectedBucketOwner", accountID()),
			at("targetGrants.grantee.type", oneOf("CanonicalUser", "AmazonCustomerByEmail", "Group")),
			at("targetGrants.permission", oneOf("FULL_CONTROL", "READ", "WRITE")),
			at("targetObjectKeyFormat.partitionedPrefix.partitionDateSource", oneOf("EventTime", "DeliveryTime")),
		}, nil},
		"aws:s3/bucketObjectv2:BucketObjectv2": {s3("PutObject"), []row{
			at("bucket", some()),
			at("key", some()),
			at("acl", oneOf("private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read",
				"bucket-owner-full-control")),
			at("checksumAlgorithm", oneOf("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")),
			at("kmsKeyId", arn()),
			at("objectLockLegalHoldStatus", oneOf("ON", "OFF")),
			at("objectLockMode", oneOf("GOVERNANCE", "COMPLIANCE")),
			at("objectLockRetainUntilDate", timestamp()),
			at("serverSideEncryption", oneOf("AES256", "aws:kms", "aws:kms:dsse")),
			at("storageClass", oneOf(objectClasses...)),
		}, []relation{objectTags}},
	}
}

func s3(action string) string {
	return "https://docs.aws.amazon.com/AmazonS3/latest/API/API_" + action + ".html"
}

var (
	bucketACLs        = []string{"private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "log-delivery-write"}
	encryptions       = []string{"AES256", "aws:kms", "aws:kms:dsse"}
	transitionClasses = []string{"GLACIER", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "DEEP_ARCHIVE", "GLACIER_IR"}
	storageClasses    = []string{"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER",
		"DEEP_ARCHIVE", "OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE"}
	objectClasses = slices.Clone(storageClasses)
)

func accountID() Rule {
	return shaped(`^\d{12}$`, "an account's twelve digits").allowing("123456789012").refusing("1234", "account")
}
