package world

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// tagLimit is the maximum number of tags on a resource (AWS general reference, "Tagging your AWS resources"). S3
// objects have their own rule for ten.
const tagLimit = 50

// tagCodes are the services' codes for too many tags, by the module of a type.
var tagCodes = map[string]string{"aws:ec2": "TagLimitExceeded", "aws:vpc": "TagLimitExceeded", "aws:lb": "TooManyTags",
	"aws:iam": "LimitExceeded", "aws:sns": "TagLimitExceeded",
	"aws:kms": "LimitExceededException", "aws:secretsmanager": "InvalidRequestException", "aws:rds": "InvalidParameterValue",
	"aws:s3": "BadRequest", "aws:wafv2": "WAFLimitsExceededException",
	"aws:route53": "InvalidInput", "aws:ssm": "TooManyTagsError"}

// tagsOnce: tag keys of IAM do not differ only in case (IAM user guide, "Tags for AWS Identity and Access Management
// resources").
func tagsOnce(_ *Call, o *Object) error {
	if !strings.HasPrefix(o.Type, "aws:iam/") {
		return nil
	}
	seen := map[string]string{}
	tags := tagsOf(o)
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if other, twice := seen[strings.ToLower(key)]; twice {
			return fault("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive: %s and %s", other, key)
		}
		seen[strings.ToLower(key)] = key
	}
	return nil
}

// fewTags refuses a resource with too many tags, the provider's default tags included (AWS general reference,
// "Tagging your AWS resources").
func fewTags(_ *Call, o *Object) error {
	n := len(tagsOf(o))
	if n <= tagLimit {
		return nil
	}
	module, _, _ := strings.Cut(o.Type, "/")
	code := cmp.Or(tagCodes[module], "TooManyTagsException")
	return fault(code, "The maximum number of tags for a resource is %d: this has %d, default tags included", tagLimit, n)
}
