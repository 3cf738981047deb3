package rules

// keeping is AWS Backup and Secrets Manager.
func keeping() map[string]ofType {
	return map[string]ofType{
		"aws:backup/vault:Vault": {backup("CreateBackupVault"), []row{
			at("name", vaultName()),
			at("kmsKeyArn", arn()),
		}, nil},
		"aws:backup/plan:Plan": {backup("CreateBackupPlan"), []row{
			at("advancedBackupSettings.resourceType", oneOf("EC2")),
			at("rules.ruleName", backupName()),
			at("rules.schedule", schedule(6).optional()),
			at("rules.targetVaultName", vaultName()),
			at("rules.copyActions.destinationVaultArn", arn()),
		}, nil},
		"aws:backup/selection:Selection": {backup("CreateBackupSelection"), []row{
			at("name", backupName()),
			at("iamRoleArn", arn()),
			at("selectionTags.type", oneOf("STRINGEQUALS")),
		}, nil},
		"aws:secretsmanager/secret:Secret": {secrets("CreateSecret"), []row{
			at("name", secretName(512)...),
			at("namePrefix", secretName(486)...),
			at("policy", policy()),
			at("recoveryWindowInDays", orBetween([]float64{0}, 7, 30)),
		}, nil},
		"aws:secretsmanager/secretVersion:SecretVersion": {secrets("PutSecretValue"), []row{at("secretBinary", encoded())}, nil},
		"aws:secretsmanager/secretRotation:SecretRotation": {secrets("RotateSecret"), []row{
			at("rotationLambdaArn", arn()),
			at("rotationRules.automaticallyAfterDays", between(1, 1000)),
			at("rotationRules.duration", shaped(`[0-9h]`, "hours such as 3h").allowing("3h").refusing("text")),
			at("rotationRules.scheduleExpression", shaped(`[0-9A-Za-z()#?*\-/, ]+`, "cron(0 8 1 * ? *) or rate(10 days)").
				allowing("cron(0 8 1 * ? *)", "rate(10 days)").refusing("")),
		}, nil},
	}
}

func backup(action string) string {
	return "https://docs.aws.amazon.com/aws-backup/latest/devguide/API_" + action + ".html"
}

func secrets(action string) string {
	return "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_" + action + ".html"
}

func vaultName() Rule {
	return shaped(`^[0-9A-Za-z_-]{2,50}$`, "2 to 50 letters, digits, hyphens and underscores").allowing("main_vault-1").
		refusing("v", "my vault")
}

func backupName() Rule {
	return shaped(`^[0-9A-Za-z_.-]{1,50}$`, "at most 50 letters, digits, hyphens, underscores and periods").allowing("daily_1.a-b").
		refusing("my rule")
}

func secretName(longest int) []Rule {
	return []Rule{length(1, longest), shaped(`^[0-9A-Za-z/_+=.@-]*$`, "letters, digits and /_+=.@-").allowing("orders/database").
		refusing("my secret")}
}
