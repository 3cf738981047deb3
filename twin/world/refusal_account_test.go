package world

import "strings"

const anyone = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",` +
	`"Resource":"arn:aws:s3:::logs-1234567/*"}]}`

// statementOf is a policy of one statement.
func statementOf(fields string) string {
	return `{"Version":"2012-10-17","Statement":[{` + fields + `}]}`
}

const noRole = `"AWS":"arn:aws:iam::111122223333:role/none"`

var iamRefusals = []refusal{
	{"role of two tags that differ in case", another("role", in{"name": "x", "tagsAll": in{"Owner": "a", "owner": "b"}}), "InvalidInput",
		"Owner and owner"},
	{"role with a policy", after(remove("profile"), remove("role")), "DeleteConflict", "detach"},
	{"role in a profile", remove("role"), "DeleteConflict", "InstanceProfile profile"},
	{"role with an inline policy", after(remove("profile"), remove("attachment"),
		made(typeRolePolicy, "p", in{"role": "web", "name": "p", "policy": readOnly}), remove("role")), "DeleteConflict",
		"delete policies first"},
	{"role named twice", another("role", in{}), "EntityAlreadyExists", "Role role"},
	{"role within no boundary", another("role", in{"name": "x", "permissionsBoundary": "arn:aws:iam::111122223333:policy/none"}),
		"NoSuchEntity", "policy/none"},
	{"role with no managed policy", another("role", in{"name": "x", "managedPolicyArns": list1("arn:aws:iam::111122223333:policy/none")}),
		"NoSuchEntity", "policy/none"},
	{"trust of a role that is gone",
		another("role",
			in{"name": "x", "assumeRolePolicy": statementOf(`"Effect":"Allow","Action":"sts:AssumeRole","Principal":{` + noRole + `}`)}),
		"MalformedPolicyDocument", "role/none"},
	{"trust that names a resource", another("role", in{"name": "x", "assumeRolePolicy": policyFor("sts:AssumeRole", "*")}),
		"MalformedPolicyDocument", "prohibited field Resource"},
	{"policy attached", remove("policy"), "DeleteConflict", "Attachment attachment"},
	{"policy that is a boundary", after(remove("attachment"), another("role", in{"name": "x", "permissionsBoundary": "@policy"}),
		remove("policy")), "DeleteConflict", "Role x"},
	{"policy that a role has of its own",
		after(remove("attachment"), another("role", in{"name": "x", "managedPolicyArns": list1("@policy")}), remove("policy")),
		"DeleteConflict", "Role x"},
	{"policy named twice", another("policy", in{}), "EntityAlreadyExists", "Policy policy"},
	{"policy that names a principal", create(typePolicy, in{"name": "x", "policy": trustEC2}), "MalformedPolicyDocument", "principal"},
	{"attachment of nothing", create(typeRoleAttachment, in{"role": "web", "policyArn": "arn:aws:iam::111122223333:policy/none"}),
		"NoSuchEntity", "none"},
	{"attachment to nobody", create(typeRoleAttachment, in{"role": "none", "policyArn": "@policy"}), "NoSuchEntity", "none"},
	{"inline policy of nobody", create(typeRolePolicy, in{"role": "none", "name": "x", "policy": readOnly}), "NoSuchEntity", "none"},
	{"inline policy that is none", create(typeRolePolicy, in{"role": "web", "name": "x", "policy": "allow all"}),
		"MalformedPolicyDocument", "is not JSON"},
	{"profile of nobody", create(typeInstanceProfile, in{"name": "x", "role": "none"}), "NoSuchEntity", "none"},
	{"profile named twice", another("profile", in{}), "EntityAlreadyExists", "InstanceProfile profile"},
	{"identity provider twice", after(whole, another("openidconnectprovider", in{})), "EntityAlreadyExists", "token.actions"},
}

// policyOf is an identity policy of one statement.
func policyOf(fields string) step {
	return create(typePolicy, in{"name": "x", "policy": statementOf(fields)})
}

// policyRefusals are about the policy language, whichever service holds the policy.
var policyRefusals = []refusal{
	{"no statement", create(typePolicy, in{"name": "x", "policy": `{"Version":"2012-10-17"}`}), "MalformedPolicyDocument", "no Statement"},
	{"a version that is none", create(typePolicy, in{"name": "x", "policy": strings.Replace(readOnly, "2012-10-17", "2024-01-01", 1)}),
		"MalformedPolicyDocument", "2024-01-01"},
	{"an effect that is none", policyOf(`"Effect":"Maybe","Action":"s3:*","Resource":"*"`), "MalformedPolicyDocument", "Allow or Deny"},
	{"no action", policyOf(`"Effect":"Allow","Resource":"*"`), "MalformedPolicyDocument", "actions"},
	{"an action and another", policyOf(`"Effect":"Allow","Action":"s3:*","NotAction":"s3:PutObject","Resource":"*"`),
		"MalformedPolicyDocument", "not both"},
	{"no resource", policyOf(`"Effect":"Allow","Action":"s3:*"`), "MalformedPolicyDocument", "must contain resources"},
	{"an action of no service", policyOf(`"Effect":"Allow","Action":"GetObject","Resource":"*"`), "MalformedPolicyDocument", "vendor"},
	{"a resource that is not an ARN", policyOf(`"Effect":"Allow","Action":"s3:*","Resource":"my-bucket"`), "MalformedPolicyDocument",
		"ARN format"},
	{"a condition that is none", policyOf(`"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringIs":{"a":"b"}}`),
		"MalformedPolicyDocument", "StringIs"},
	{"a statement's name with a dash", policyOf(`"Sid":"read-all","Effect":"Allow","Action":"s3:*","Resource":"*"`),
		"MalformedPolicyDocument", "alpha-numeric"},
	{"two statements of a name",
		create(typePolicy,
			in{"name": "x",
				"policy": `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"},{"Sid":"a",` +
					`"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`}), "MalformedPolicyDocument", "unique"},
	{"a principal that is none",
		another("role",
			in{"name": "x", "assumeRolePolicy": statementOf(`"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"web"}`)}),
		"MalformedPolicyDocument", "AWS:web"},
	{"a service that is none",
		another("role",
			in{"name": "x", "assumeRolePolicy": statementOf(`"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2"}`)}),
		"MalformedPolicyDocument", "Service:ec2"},
	{"trust in nobody", another("role", in{"name": "x", "assumeRolePolicy": statementOf(`"Effect":"Allow","Action":"sts:AssumeRole"`)}),
		"MalformedPolicyDocument", "Principal"},
	{"trust to read",
		another("role", in{"name": "x", "assumeRolePolicy": statementOf(`"Effect":"Allow","Action":"s3:GetObject","Principal":"*"`)}),
		"MalformedPolicyDocument", "only specify sts"},
}

// disabled makes a disabled key, under the name k.
var disabled = made(typeKey, "k", in{"isEnabled": false})

// scheduled makes a key scheduled for deletion, under the name k.
func scheduled(f *fixture) error {
	f.must(typeKey, "k", in{})
	return f.remove("k")
}

var keyRefusals = append([]refusal{
	{"alias twice", create(typeAlias, in{"name": "alias/data", "targetKeyId": "@key"}), "AlreadyExistsException", "Alias alias"},
	{"alias of AWS", create(typeAlias, in{"name": "alias/aws/x", "targetKeyId": "@key"}), "NotAuthorizedException", "alias/aws/x"},
	{"alias without its prefix", create(typeAlias, in{"name": "data", "targetKeyId": "@key"}), "NotAuthorizedException", "alias/"},
	{"alias of no key", create(typeAlias, in{"name": "alias/x", "targetKeyId": "none"}), "NotFoundException", "none"},
	{"alias of a key that waits to be deleted", after(scheduled, create(typeAlias, in{"name": "alias/x", "targetKeyId": "@k"})),
		"KMSInvalidStateException", "pending deletion"},
	{"key with a broken policy", create(typeKey, in{"policy": "{"}), "MalformedPolicyDocumentException", "syntax"},
	{"key for a role that is gone",
		create(typeKey, in{"policy": statementOf(`"Effect":"Allow","Action":"kms:*","Resource":"*","Principal":{` + noRole + `}`)}),
		"MalformedPolicyDocumentException", "role/none"},
	{"key that nobody could change",
		create(typeKey,
			in{"policy": statementOf(`"Effect":"Allow","Action":"kms:Encrypt","Resource":"*",` +
				`"Principal":{"AWS":"arn:aws:iam::111122223333:root"}`)}), "MalformedPolicyDocumentException", "update the key policy"},
	{"key that its account is denied",
		create(typeKey,
			in{"policy": statementOf(`"Effect":"Deny","Action":"kms:*","Resource":"*",` +
				`"Principal":{"AWS":"arn:aws:iam::111122223333:root"}`)}), "MalformedPolicyDocumentException", "update the key policy"},
}, usesOfKeys()...)

// usesOfKeys: each service refuses a key that is gone, disabled or scheduled for deletion, with its own code.
func usesOfKeys() []refusal {
	var all []refusal
	for _, u := range []struct {
		what, code string
		with       func(key string) step
	}{
		{"log group", "InvalidParameterException",
			func(key string) step { return create(typeLogGroup, in{"name": "x", "kmsKeyId": key}) }},
		{"topic", "KMSInvalidState", func(key string) step { return create(typeTopic, in{"name": "x", "kmsMasterKeyId": key}) }},
		{"secret", "InvalidParameterException", func(key string) step { return create(typeSecret, in{"name": "x", "kmsKeyId": key}) }},
		{"parameter", "InvalidKeyId", func(key string) step {
			return create(typeParameter, in{"name": "x", "type": "SecureString", "value": "v", "keyId": key})
		}},
		{"vault", "InvalidParameterValueException",
			func(key string) step { return create(typeVault, in{"name": "other", "kmsKeyArn": key}) }},
		{"object", "KMS.NotFoundException", func(key string) step {
			return create(typeObject, in{"bucket": "logs-1234567", "key": "x", "kmsKeyId": key})
		}},
		{"database", "KMSKeyNotAccessibleFault",
			func(key string) step { return database(in{"storageEncrypted": true, "kmsKeyId": key}) }},
	} {
		all = append(all,
			refusal{u.what + " with a key that is gone", u.with("arn:aws:kms:eu-central-1:111122223333:key/none"), u.code,
				"does not exist"},
			refusal{u.what + " with a disabled key", after(disabled, u.with("@k.arn")), u.code, "disabled"},
			refusal{u.what + " with a key that waits to be deleted", after(scheduled, u.with("@k.arn")), u.code, "pending deletion"})
	}
	return append(all, refusal{"object in a bucket with a disabled key",
		after(disabled, made(typeEncryption, "e",
			in{"bucket": "logs-1234567", "rules": []any{in{"applyServerSideEncryptionByDefault": in{"sseAlgorithm": "aws:kms",
				"kmsMasterKeyId": "@k.arn"}}}}),
			create(typeObject, in{"bucket": "logs-1234567", "key": "x"})), "KMS.DisabledException", "disabled"})
}

func bucketPolicyOf(policy string) step {
	return create(typeBucketPolicy, in{"bucket": "logs-1234567", "policy": policy})
}

var s3Refusals = append([]refusal{
	{"bucket not empty", remove("bucket"), "BucketNotEmpty", "a.txt"},
	{"bucket named badly", create(typeBucket, in{"bucket": "No_Good"}), "InvalidBucketName", "No_Good"},
	{"bucket named as an address", create(typeBucket, in{"bucket": "192.168.5.4"}), "InvalidBucketName", "192.168.5.4"},
	{"bucket named with two dots", create(typeBucket, in{"bucket": "a..b"}), "InvalidBucketName", "a..b"},
	{"bucket taken", create(typeBucket, in{"bucket": "logs-1234567"}), "BucketAlreadyOwnedByYou", "BucketV2 bucket"},
	{"object in no bucket", create(typeObject, in{"bucket": "none", "key": "x"}), "NoSuchBucket", "none"},
	{"object in another region's bucket", after(elsewhereBucket, create(typeObject, in{"bucket": "far-away", "key": "x"})),
		"PermanentRedirect", "us-east-1"},
	{"object with eleven tags", create(typeObject,
		in{"bucket": "logs-1234567", "key": "x",
			"tagsAll": in{"a": "", "b": "", "c": "", "d": "", "e": "", "f": "", "g": "", "h": "", "i": "", "j": "", "k": ""}}),
		"BadRequest", "11"},
	{"object for everybody", create(typeObject, in{"bucket": "logs-1234567", "key": "x", "acl": "public-read"}),
		"AccessControlListNotSupported", "public-read"},
	{"bucket policy that is none", bucketPolicyOf("{"), "MalformedPolicy", "syntax"},
	{"bucket policy about another bucket", bucketPolicyOf(policyFor("s3:GetObject", "arn:aws:s3:::other/*")), "MalformedPolicy",
		"other/*"},
	{"bucket policy about objects of the bucket alone", bucketPolicyOf(policyFor("s3:GetObject", "arn:aws:s3:::logs-1234567")),
		"MalformedPolicy", "does not apply"},
	{"bucket policy about the bucket of objects alone", bucketPolicyOf(policyFor("s3:ListBucket", "arn:aws:s3:::logs-1234567/*")),
		"MalformedPolicy", "does not apply"},
	{"bucket policy for a role that is gone",
		bucketPolicyOf(statementOf(`"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::logs-1234567/*","Principal":{` +
			noRole + `}`)), "MalformedPolicy", "role/none"},
	{"bucket policy for everybody", bucketPolicyOf(anyone), "AccessDenied", "BlockPublicPolicy"},
	{"lifecycle rules of a name", create(typeLifecycle, in{"bucket": "logs-1234567", "rules": []any{in{"id": "a"}, in{"id": "a"}}}),
		"InvalidArgument", "a"},
	{"infrequent access within a month", create(typeLifecycle,
		in{"bucket": "logs-1234567", "rules": []any{in{"id": "a",
			"transitions": []any{in{"days": 29.0, "storageClass": "STANDARD_IA"}}}}}), "InvalidArgument", "equal to 30"},
	{"an end before a transition", create(typeLifecycle,
		in{"bucket": "logs-1234567", "rules": []any{in{"id": "a", "transitions": []any{in{"days": 60.0, "storageClass": "GLACIER"}},
			"expiration": in{"days": 60.0}}}}), "InvalidArgument", "Expiration"},
	{"logs to no bucket", create(typeLogging, in{"bucket": "logs-1234567", "targetBucket": "none"}), "InvalidTargetBucketForLogging",
		"none"},
	{"logs to another region", after(elsewhereBucket, create(typeLogging, in{"bucket": "logs-1234567", "targetBucket": "far-away"})),
		"CrossLocationLoggingProhibited", "us-east-1"},
}, func() []refusal {
	var all []refusal
	for _, typ := range bucketParts {
		all = append(all, refusal{typ + " of no bucket", create(typ, in{"bucket": "none"}), "NoSuchBucket", "none"},
			refusal{typ + " of another region's bucket", after(elsewhereBucket, create(typ, in{"bucket": "far-away"})),
				"PermanentRedirect", "us-east-1"})
	}
	return all
}()...)

var observeRefusals = []refusal{
	{"log group named twice", after(whole, another("loggroup", in{})), "ResourceAlreadyExistsException", "LogGroup loggroup"},
	{"logs kept for two days", create(typeLogGroup, in{"name": "x", "retentionInDays": 2.0}), "InvalidParameterException", "2 days"},
	{"alarm of nothing", create(typeAlarm, in{"name": "x"}), "ValidationError", "metricName"},
	{"alarm of two results", create(typeAlarm,
		in{"name": "x", "metricQueries": []any{in{"id": "a", "returnData": true}, in{"id": "b", "returnData": true}}}), "ValidationError",
		"2 do"},
	{"alarm of no result", create(typeAlarm, in{"name": "x", "metricQueries": []any{in{"id": "a", "returnData": false}}}),
		"ValidationError", "0 do"},
	{"alarm in a composite one", after(whole, remove("metricalarm")), "ValidationError", "CompositeAlarm"},
	{"composite alarm in another", after(whole, made(typeCompositeAlarm, "outer", in{"alarmName": "outer", "alarmRule": "ALARM(any)"}),
		remove("compositealarm")), "ValidationError", "CompositeAlarm outer"},
	{"composite alarm of nothing", create(typeCompositeAlarm, in{"alarmName": "x", "alarmRule": `ALARM("none")`}), "ValidationError",
		"none"},
	{"dashboard that is not JSON", create(typeDashboard, in{"dashboardName": "x", "dashboardBody": "{"}), "InvalidParameterInput", "JSON"},
	{"topic named twice", another("topic", in{}), "InvalidParameter", "Topic topic"},
	{"topic that keeps the order by a plain name", create(typeTopic, in{"name": "x", "fifoTopic": true}), "InvalidParameter", ".fifo"},
	{"topic with a broken policy", create(typeTopic, in{"name": "x", "policy": "{"}), "InvalidParameter", "syntax"},
	{"topic for a role that is gone",
		create(typeTopic,
			in{"name": "x", "policy": statementOf(`"Effect":"Allow","Action":"sns:Publish","Resource":"*","Principal":{` + noRole + `}`)}),
		"InvalidParameter", "role/none"},
	{"policy of no topic", create(typeTopicPolicy, in{"arn": "arn:none"}), "NotFound", "arn:none"},
	{"broken policy of a topic", create(typeTopicPolicy, in{"arn": "@topic", "policy": "{"}), "InvalidParameter", "syntax"},
	{"policy of a topic for a role that is gone",
		create(typeTopicPolicy,
			in{"arn": "@topic", "policy": statementOf(`"Effect":"Allow","Action":"sns:Publish","Resource":"*","Principal":{` + noRole +
				`}`)}), "InvalidParameter", "role/none"},
	{"subscription to no topic", create(typeTopicSubscription,
		in{"topic": "arn:none", "protocol": "email", "endpoint": "a@example.test"}), "NotFound", "arn:none"},
	{"subscription of no address", create(typeTopicSubscription,
		in{"topic": "@topic", "protocol": "https", "endpoint": "http://example.test"}), "InvalidParameter", "Endpoint"},
	{"subscription by mail of no address",
		create(typeTopicSubscription, in{"topic": "@topic", "protocol": "email", "endpoint": "oncall"}), "InvalidParameter", "Endpoint"},
	{"budget named twice", after(whole, another("budget", in{})), "DuplicateRecordException", "Budget budget"},
	{"vault named badly", create(typeVault, in{"name": "v"}), "InvalidParameterValueException", "2 to 50"},
	{"vault of a long name", create(typeVault, in{"name": strings.Repeat("v", 51)}), "InvalidParameterValueException", "2 to 50"},
	{"vault named twice", another("vault", in{}), "AlreadyExistsException", "Vault vault"},
	{"vault with recovery points", after(func(f *fixture) error { return f.w.Alter(typeVault, "vault", in{"recoveryPoints": 3.0}) },
		remove("vault")), "InvalidRequestException", "recovery points"},
	{"plan that leaves cold storage early",
		create(typeBackupPlan, in{"name": "x",
			"rules": []any{in{"ruleName": "r", "targetVaultName": "vault",
				"lifecycle": in{"coldStorageAfter": 30.0, "deleteAfter": 119.0}}}}), "InvalidParameterValueException", "90 days apart"},
	{"plan to no vault", create(typeBackupPlan, in{"name": "x", "rules": []any{in{"targetVaultName": "none"}}}),
		"InvalidParameterValueException", "none"},
	{"plan with selections", after(whole, remove("plan")), "InvalidRequestException", "Selection"},
	{"selection of no plan", after(whole, another("selection", in{"planId": "none"})), "InvalidParameterValueException", "none"},
	{"selection by no role", after(whole, another("selection", in{"iamRoleArn": "arn:aws:iam::111122223333:role/none"})),
		"InvalidParameterValueException", "role/none"},
}

var wafRefusals = []refusal{
	{"IP set of no addresses", after(whole, another("ipset", in{"name": "x", "addresses": list1("0.0.0.0/0")})),
		"WAFInvalidParameterException", "0.0.0.0/0"},
	{"IP set of another family", after(whole, another("ipset", in{"name": "x", "addresses": list1("2001:db8::/32")})),
		"WAFInvalidParameterException", "2001:db8::/32"},
	{"IP set named twice", after(whole, another("ipset", in{})), "WAFDuplicateItemException", "IpSet ipset"},
	{"IP set for CloudFront elsewhere", after(whole, another("ipset", in{"scope": "CLOUDFRONT"})), "WAFInvalidParameterException",
		"us-east-1"},
	{"IP set in use", after(whole, update("acl",
		in{"rules": []any{in{"name": "r", "priority": 1.0, "statement": in{"ipSetReferenceStatement": in{"arn": "@ipset.arn"}}}}}),
		remove("ipset")), "WAFAssociatedItemException", "WebAcl acl"},
	{"web ACL for CloudFront elsewhere", another("acl", in{"scope": "CLOUDFRONT"}), "WAFInvalidParameterException", "us-east-1"},
	{"web ACL of no IP set", update("acl",
		in{"rules": []any{in{"name": "r", "priority": 1.0,
			"statement": in{"ipSetReferenceStatement": in{"arn": "arn:aws:wafv2:eu-central-1:111122223333:regional/ipset/none/0"}}}}}),
		"WAFNonexistentItemException", "none"},
	{"web ACL with a priority twice", update("acl",
		in{"rules": []any{in{"name": "a", "priority": 1.0}, in{"name": "b", "priority": 1.0}}}), "WAFInvalidParameterException", "b"},
	{"web ACL with a rule's name twice", update("acl",
		in{"rules": []any{in{"name": "a", "priority": 1.0}, in{"name": "a", "priority": 2.0}}}), "WAFInvalidParameterException", "a"},
	{"web ACL named twice", another("acl", in{}), "WAFDuplicateItemException", "WebAcl acl"},
	{"web ACL in use", remove("acl"), "WAFAssociatedItemException", "Association aclAttachment"},
	{"second web ACL of a balancer", another("aclAttachment", in{}), "WAFDuplicateItemException", "has a web ACL"},
	{"no web ACL on a balancer", another("aclAttachment", in{"webAclArn": "arn:none"}), "WAFNonexistentItemException", "arn:none"},
	{"web ACL on nothing", another("aclAttachment", in{"resourceArn": "arn:none"}), "WAFUnavailableEntityException", "arn:none"},
	{"WAF log of nothing", create(typeWebACLLogging, in{"resourceArn": "arn:none"}), "WAFNonexistentItemException", "arn:none"},
	{"WAF log by another name", create(typeWebACLLogging,
		in{"resourceArn": "@acl.arn", "logDestinationConfigs": list1("arn:aws:logs:eu-central-1:111122223333:log-group:web")}),
		"WAFInvalidParameterException", "aws-waf-logs-"},
	{"protection of nothing", create(typeShield, in{"name": "x", "resourceArn": "arn:none"}), "ResourceNotFoundException", "arn:none"},
	{"protection twice", after(whole, another("protection", in{})), "ResourceAlreadyExistsException", "protected already"},
}

var secretRefusals = []refusal{
	{"secret named twice", another("secret", in{}), "ResourceExistsException", "Secret secret"},
	{"secret named as one that waits to be deleted", after(remove("secret"), another("secret", in{})), "InvalidRequestException",
		"scheduled for deletion"},
	{"secret with a broken policy", another("secret", in{"name": "x", "policy": "{"}), "MalformedPolicyDocumentException", "syntax"},
	{"secret for a role that is gone",
		another("secret",
			in{"name": "x", "policy": statementOf(`"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*","Principal":{` +
				noRole + `}`)}), "MalformedPolicyDocumentException", "role/none"},
	{"version of no secret", create(typeSecretVersion, in{"secretId": "arn:none", "secretString": "x"}), "ResourceNotFoundException",
		"arn:none"},
	{"rotation of no secret", create(typeSecretRotation, in{"secretId": "arn:none"}), "ResourceNotFoundException", "arn:none"},
	{"parameter under aws", create(typeParameter, in{"name": "/aws/x", "type": "String", "value": "v"}), "ValidationException", "/aws/x"},
	{"parameter under ssm", create(typeParameter, in{"name": "SSM-x", "type": "String", "value": "v"}), "ValidationException", "SSM-x"},
	{"parameter named twice", after(whole, another("parameter", in{})), "ParameterAlreadyExists", "Parameter parameter"},
	{"document named twice", after(whole, another("document", in{})), "DocumentAlreadyExists", "Document document"},
	{"document that is not JSON", create(typeDocument, in{"name": "x", "documentType": "Command", "content": "run: ls"}),
		"InvalidDocumentContent", "is not JSON"},
}

// farAway makes the same names in another region, which is allowed.
func farAway(f *fixture) error {
	f.region = "us-east-1"
	defer func() { f.region = "" }()
	f.must(typeVPC, "farVPC", in{"cidrBlock": "10.0.0.0/16"})
	f.must(typeLogGroup, "farLogs", in{"name": "site"})
	f.must(typeTopic, "farTopic", in{"name": "far"})
	f.must(typeKey, "farKey", in{})
	return nil
}

var regionRefusals = []refusal{
	{"VPC of another region", after(farAway, create(typeSubnet, in{"vpcId": "@farVPC", "cidrBlock": "10.0.9.0/24"})),
		"InvalidVpcID.NotFound", "it is in us-east-1, and this is asked of eu-central-1"},
	{"topic of another region", after(farAway,
		create(typeTopicSubscription, in{"topic": "@farTopic", "protocol": "email", "endpoint": "a@example.test"})), "NotFound",
		"us-east-1"},
	{"key of another region", after(farAway, create(typeLogGroup, in{"name": "x", "kmsKeyId": "@farKey.arn"})),
		"InvalidParameterException", "us-east-1"},
	{"certificate of another region", after(func(f *fixture) error {
		f.region = "us-east-1"
		defer func() { f.region = "" }()
		f.must(typeCertificate, "far", in{"domainName": "example.test", "validationMethod": "DNS"})
		return f.create(typeValidation, "farIssued", in{"certificateArn": f.id("far")})
	}, another("listener", in{"port": 8443.0, "certificateArn": "@far"})), "CertificateNotFound", "us-east-1"},
	{"name taken in its own region", after(farAway, made(typeLogGroup, "near", in{"name": "site"}),
		create(typeLogGroup, in{"name": "site"})), "ResourceAlreadyExistsException", "LogGroup near"},
	{"global name in another region", after(func(f *fixture) error { f.region = "us-east-1"; return nil }, another("role", in{})),
		"EntityAlreadyExists", "Role role"},
	{"bucket name in another region", after(func(f *fixture) error { f.region = "us-east-1"; return nil }, another("bucket", in{})),
		"BucketAlreadyOwnedByYou", "BucketV2 bucket"},
}
