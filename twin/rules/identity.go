package rules

// identity is IAM, KMS and Systems Manager.
func identity() map[string]ofType {
	return map[string]ofType{
		"aws:iam/role:Role": {iam("CreateRole"), []row{
			at("name", length(1, 64), iamName()),
			at("namePrefix", length(1, 38), iamName()),
			at("assumeRolePolicy", policy(), some()),
			at("description", length(0, 1000)),
			at("inlinePolicies.name", length(1, 128), iamName()),
			at("inlinePolicies.policy", policy(), some()),
			at("managedPolicyArns", arn()),
			at("maxSessionDuration", between(3600, 43200)),
			at("path", length(0, 512)),
			at("permissionsBoundary", arn()),
		}, nil},
		"aws:iam/policy:Policy": {iam("CreatePolicy"), []row{
			at("name", length(1, 128), iamName()),
			at("namePrefix", length(1, 102), iamName()),
			at("policy", policy(), some()),
		}, nil},
		"aws:iam/rolePolicy:RolePolicy": {iam("PutRolePolicy"), []row{
			at("name", length(1, 128), iamName()),
			at("namePrefix", length(1, 102), iamName()),
			at("policy", policy(), some()),
			at("role", length(1, 128), unlike(`^arn:`, "is an ARN: the role's name is wanted").
				refusing("arn:aws:iam::123456789012:role/web")),
		}, nil},
		"aws:iam/rolePolicyAttachment:RolePolicyAttachment": {iam("AttachRolePolicy"), []row{at("policyArn", arn())}, nil},
		"aws:iam/instanceProfile:InstanceProfile": {iam("CreateInstanceProfile"), []row{
			at("name", length(1, 128), iamName()),
			at("namePrefix", length(1, 102), iamName()),
		}, nil},
		"aws:iam/openIdConnectProvider:OpenIdConnectProvider": {iam("CreateOpenIDConnectProvider"), []row{
			at("url", length(1, 255), shaped(`^https://`, "a URL that begins with https://").allowing("https://token.example.com").
				refusing("http://token.example.com", "token.example.com")),
			at("clientIdLists", length(1, 255)),
			at("thumbprintLists", length(40, 40)),
		}, nil},
		"aws:kms/key:Key": {kms("CreateKey"), []row{
			at("customerMasterKeySpec", oneOf("SYMMETRIC_DEFAULT", "RSA_2048", "RSA_3072", "RSA_4096", "HMAC_224", "HMAC_256", "HMAC_384",
				"HMAC_512", "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_SECG_P256K1", "SM2")),
			at("deletionWindowInDays", between(7, 30)),
			at("description", length(0, 8192)),
			at("keyUsage", oneOf("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT")),
			at("policy", document()),
			at("rotationPeriodInDays", between(90, 2560)),
			at("customKeyStoreId", length(1, 22)),
			at("xksKeyId", length(1, 128)),
		}, []relation{rotationPeriod, needs("xksKeyId", "customKeyStoreId")}},
		"aws:kms/alias:Alias": {kms("CreateAlias"), []row{
			at("name", aliasName()),
			at("namePrefix", aliasName()),
		}, nil},
		"aws:ssm/parameter:Parameter": {ssm("PutParameter"), []row{
			at("name", length(1, 2048)),
			at("type", oneOf("String", "StringList", "SecureString")),
			at("tier", oneOf("Standard", "Advanced", "Intelligent-Tiering")),
			at("allowedPattern", length(0, 1024)),
			at("dataType", oneOf("text", "aws:ec2:image", "aws:ssm:integration")),
			at("description", length(0, 1024)),
		}, []relation{exactlyOne("value", "insecureValue")}},
		"aws:ssm/document:Document": {ssm("CreateDocument"), []row{
			at("name", documentName()),
			at("attachmentsSources.key", oneOf("SourceUrl", "S3FileUrl", "AttachmentReference")),
			at("attachmentsSources.name", documentName()),
			at("attachmentsSources.values", length(1, 1024)),
			at("documentFormat", oneOf("YAML", "JSON", "TEXT")),
			at("documentType", oneOf("Command", "Policy", "Automation", "Session", "Package", "ApplicationConfiguration",
				"ApplicationConfigurationSchema", "DeploymentStrategy",
				"ChangeCalendar", "Automation.ChangeTemplate", "ProblemAnalysis", "ProblemAnalysisTemplate", "CloudFormation",
				"ConformancePackTemplate", "QuickSetup")),
			at("targetType", length(0, 200), shaped(`^/[0-9A-Za-z./:_-]*$`, "a type such as /AWS::EC2::Instance").
				allowing("/AWS::EC2::Instance").refusing("instance")),
			at("versionName", shaped(`^[0-9A-Za-z_.-]{3,128}$`, "3 to 128 letters, digits and _.-").allowing("1.0").refusing("v 1")),
		}, []relation{documentSharing}},
	}
}

func iam(action string) string {
	return "https://docs.aws.amazon.com/IAM/latest/APIReference/API_" + action + ".html"
}

func kms(action string) string {
	return "https://docs.aws.amazon.com/kms/latest/APIReference/API_" + action + ".html"
}

func ssm(action string) string {
	return "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_" + action + ".html"
}

func iamName() Rule {
	return shaped(`^[0-9A-Za-z_+=,.@-]*$`, "letters, digits and +=,.@-_").allowing("web_+=,.@-1").refusing("web server", "web/1")
}

func aliasName() Rule {
	return shaped(`^alias/[0-9A-Za-z_/-]+$`, "a name that begins with alias/ and has letters, digits and _/-").
		allowing("alias/main", "alias/a/b_c-1").refusing("main", "alias/", "alias/a b")
}

func documentName() Rule {
	return shaped(`^[0-9A-Za-z_.-]{3,128}$`, "3 to 128 letters, digits and _.-").allowing("patch_1.a-b").refusing("my document", "ab")
}
