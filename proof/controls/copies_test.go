package controls

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/proof/report"
)

// bucketPartsAndRest are types of the packages that keep data or carry it, as the provider has them: each is judged, is quiet for a
// reason, or cannot be decided.
var bucketPartsAndRest = map[string]string{
	"s3": "AccessPoint AccountPublicAccessBlock AnalyticsConfiguration Bucket BucketAccelerateConfigurationV2 BucketAclV2 " +
		"BucketCorsConfigurationV2 BucketIntelligentTieringConfiguration BucketLifecycleConfigurationV2 BucketLoggingV2 BucketMetric " +
		"BucketNotification BucketObject BucketObjectLockConfigurationV2 BucketObjectv2 BucketOwnershipControls BucketPolicy " +
		"BucketPublicAccessBlock BucketReplicationConfig BucketRequestPaymentConfigurationV2 " +
		"BucketServerSideEncryptionConfigurationV2 BucketV2 BucketVersioningV2 BucketWebsiteConfigurationV2 DirectoryBucket Inventory " +
		"ObjectCopy",
	"s3control": "AccessPointPolicy StorageLensConfiguration", "datasync": "S3Location", "dms": "ReplicationSubnetGroup",
	"s3tables": "Namespace TableBucket",
}

// handing are those that hand out data in a way that nobody models.
var handing = map[string]string{
	"s3": "BucketMetadataConfiguration SomethingNew", "s3outposts": "Endpoint",
	"s3control": "AccessGrant AccessGrantsInstance AccessGrantsInstanceResourcePolicy AccessGrantsLocation Bucket BucketPolicy " +
		"MultiRegionAccessPoint MultiRegionAccessPointPolicy ObjectLambdaAccessPoint ObjectLambdaAccessPointPolicy",
	"s3tables": "Table TableBucketPolicy TablePolicy", "datasync": "Task LocationAzureBlob LocationObjectStorage NfsLocation",
	"transfer": "Access Agreement Connector Server User Workflow", "appflow": "Flow",
	"dms": "Endpoint ReplicationConfig ReplicationInstance ReplicationTask S3Endpoint",
}

func TestEveryTypeThatKeepsOrCarriesDataIsKnown(t *testing.T) {
	each := func(types map[string]string, want bool) {
		for module, names := range types {
			for _, name := range strings.Fields(names) {
				kind := "aws:" + module + "/" + strings.ToLower(name[:1]) + name[1:] + ":" + name
				assert.Equal(t, want, ways[kind] == nil && carries(kind), kind)
			}
		}
	}
	each(bucketPartsAndRest, false)
	each(handing, true)
	for _, name := range []string{"Acl", "CorsConfiguration", "Logging", "WebsiteConfiguration", "Versioning"} {
		for _, kind := range part(name) {
			assert.False(t, ways[kind] == nil && carries(kind), kind)
		}
	}
}

// Every way in which what a bucket keeps leaves it, of every bucket.
func TestEveryWayOutOfABucket(t *testing.T) {
	hosts := []string{"stranger.example", "https://stranger.example", "guestbook.example.com.stranger.example", "*", "http://*"}
	tried := 0
	for _, bucket := range begin(t, "prod").resources {
		if bucket.Type != bucketTypes[0] {
			continue
		}
		try := func(what string, change func(*edit)) {
			s := begin(t, "prod")
			change(s)
			assert.NotEmpty(t, failingOn(s, 143), "%s of %s", what, bucket.Name)
			tried++
		}
		part := func(kind string, inputs in) {
			inputs["bucket"] = bucket.ID
			try(fmt.Sprint(kind, inputs), func(s *edit) { s.add(kind, "mutant", inputs) })
		}
		for _, host := range hosts {
			cors := list(in{"allowedMethods": list("GET"), "allowedOrigins": list("https://guestbook.example.com", host)})
			try("corsRules "+host, func(s *edit) { s.set(bucket.Type, bucket.Name, "corsRules", cors) })
			for _, kind := range []string{"aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2",
				"aws:s3/bucketCorsConfiguration:BucketCorsConfiguration"} {
				part(kind, in{"corsRules": cors})
			}
			if strings.HasSuffix(host, "*") {
				continue
			}
			for _, kind := range []string{"aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2",
				"aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration"} {
				part(kind, in{"redirectAllRequestsTo": in{"hostName": host}})
				part(kind, in{"routingRules": list(in{"redirect": in{"hostName": host}})})
			}
			try("website", func(s *edit) { s.set(bucket.Type, bucket.Name, "website", in{"redirectAllRequestsTo": host}) })
			part("aws:s3/bucketObjectv2:BucketObjectv2", in{"key": "x", "websiteRedirect": host})
		}
		for _, kind := range []string{"aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2",
			"aws:s3/objectCopy:ObjectCopy"} {
			for _, acl := range []string{"public-read", "public-read-write", "authenticated-read", "aws-exec-read"} {
				part(kind, in{"key": "x", "acl": acl})
			}
		}
		part("aws:s3/objectCopy:ObjectCopy", in{"key": "x", "grants": list(in{"type": "Group", "permissions": list("READ")})})
		for _, property := range []string{"accountId", "bucketAccountId"} {
			part("aws:s3/accessPoint:AccessPoint", in{"name": "x", property: "999999999999"})
		}
		for _, block := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
			part("aws:s3/accessPoint:AccessPoint", in{"name": "x", "publicAccessBlockConfiguration": in{block: false}})
			try("the account's "+block, func(s *edit) {
				s.add("aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", "mutant", in{block: false})
			})
		}
	}
	assert.Greater(t, tried, 100)
	t.Log(tried, "ways out of a bucket")
}

// What the roles of a database lead to is the stack's.
func TestADatabaseHandsNothingToStrangers(t *testing.T) {
	for arn, own := range map[string]bool{"arn:aws:s3:::stranger/*": false, "*": false, "arn:aws:s3:::prod-*": false,
		"arn:aws:lambda:eu-west-1:999999999999:function:x": false, "own": true} {
		s := begin(t, "prod")
		if own {
			arn = s.the(bucketTypes[0], "prod-logs").Outputs["arn"].(string) + "/exports/*"
		}
		policy := `{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "` + arn + `"}]}`
		r := s.add(roleType, "mutant", in{"name": "mutant", "inlinePolicies": list(in{"name": "x", "policy": policy}),
			"assumeRolePolicy": `{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
				"Principal": {"Service": "rds.amazonaws.com"}}]}`})
		r.Outputs["arn"] = "arn:aws:iam::444455556666:role/mutant"
		s.add("aws:rds/roleAssociation:RoleAssociation", "mutant", in{"featureName": "s3Export", "roleArn": r.Outputs["arn"],
			"dbInstanceIdentifier": s.the(databaseType, "prod-database")})
		found := ""
		for _, f := range Check(s.graph()) {
			if f.ID == "C143" && f.Verdict.Fails() {
				found += f.Found
			}
		}
		assert.Equal(t, own, found == "", "%s: %s", arn, found)
	}
}

// What a bucket may well have.
func TestWhatLetsNothingOut(t *testing.T) {
	bucket := begin(t, "prod").the(bucketTypes[0], "prod-releases").ID
	for kind, inputs := range map[string]in{
		"aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2": {"corsRules": list(in{"allowedMethods": list("PUT"),
			"allowedOrigins": list("https://guestbook.example.com")})},
		"aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2": {"indexDocument": in{"suffix": "index.html"}},
		"aws:s3/bucketObjectv2:BucketObjectv2":                             {"key": "x", "acl": "private", "websiteRedirect": "/there"},
		"aws:s3/accessPoint:AccessPoint":                                   {"name": "x", "accountId": "444455556666"},
		"aws:s3/bucketMetric:BucketMetric":                                 {"name": "x"},
		"aws:backup/globalSettings:GlobalSettings":                         {"globalSettings": in{"isCrossAccountBackupEnabled": "false"}},
	} {
		s := begin(t, "prod")
		inputs["bucket"] = bucket
		s.add(kind, "mutant", inputs)
		for _, f := range Check(s.graph()) {
			assert.True(t, f.ID != "C143" || f.Verdict == report.Holds, "%s: %s", kind, f.Found)
		}
	}
}

// Every type that has a policy, or is a permission, lets in a stranger.
func TestEveryOtherPolicyWithEveryStranger(t *testing.T) {
	for kind, property := range map[string]string{
		"aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument", "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
		"aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": "accessPolicy", "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
		"aws:efs/fileSystemPolicy:FileSystemPolicy": "policy", "aws:opensearch/domainPolicy:DomainPolicy": "accessPolicies",
		"aws:dynamodb/resourcePolicy:ResourcePolicy": "policy", "aws:glue/resourcePolicy:ResourcePolicy": "policy",
		"aws:something/new:New": "nested",
	} {
		for i, who := range append(outsiders, insiders...) {
			if strings.Contains(who, `{"Service"`) {
				continue // whom others serve is theirs to say
			}
			s := begin(t, "prod")
			away(s)
			policy := any(`{"Statement": [{"Effect": "Allow", ` + who + `, "Action": "*", "Resource": "*"}]}`)
			if property == "nested" {
				policy = list(in{"policy": policy})
			}
			r := s.add(kind, "mutant", in{property: policy})
			assert.Equal(t, i < len(outsiders), len(brokenOn(s, r.URN, 182)) > 0, "%s with %s", kind, who)
		}
	}
	for _, kind := range []string{"aws:lambda/permission:Permission", "aws:cloudwatch/eventPermission:EventPermission"} {
		for who, stranger := range map[string]bool{"*": true, "999999999999": true, "444455556666": false, "s3.amazonaws.com": false} {
			s := begin(t, "prod")
			r := s.add(kind, "mutant", in{"principal": who})
			assert.Equal(t, stranger, len(brokenOn(s, r.URN, 182)) > 0, "%s with %s", kind, who)
		}
	}
}
