package controls

// Excluded is a control that is not decided here, and why.
type Excluded struct {
	Number int
	// Known is the ids under which others know it, as Control.Known has them.
	Known  string
	Title  string
	Reason string
}

const (
	ofAccount = "it is a matter of the account, and belongs to the stack that sets accounts up"
	atRunTime = "it only shows at run time"
)

// OutOfScope are the controls that nothing in a workload's graph can decide.
var OutOfScope = []Excluded{
	{5, "FSBP EC2.172", "VPC Block Public Access", ofAccount + "; it would also refuse the load balancer that browsers reach"},
	{115, "FSBP IAM.3-10 IAM.19 IAM.22 IAM.26; CIS v3.0/1.4-1.14; Checkov CKV_AWS_9 CKV_AWS_10 CKV_AWS_11 CKV_AWS_12 CKV_AWS_13 " +
		"CKV_AWS_14 CKV_AWS_15; Trivy AWS-0056 AWS-0057 AWS-0058 AWS-0059 AWS-0060 AWS-0061 AWS-0062 AWS-0063 AWS-0140 AWS-0146 AWS-0165 " +
		"AWS-0169", "Root, users, passwords and multi-factor authentication", ofAccount},
	{156, "FSBP SecretsManager.2 SecretsManager.3; Prowler secretsmanager_secret_unused",
		"Rotations of secrets succeed, and secrets are used", atRunTime},
	{173, "FSBP S3.20; CIS v3.0/2.1.2 v5.0/2.1.2; Trivy AWS-0170; Prowler s3_bucket_no_mfa_delete",
		"Deleting a version from a bucket needs a second factor", "only the account's root can turn it on, with a device at hand"},
	{175, "FSBP S3.19 S3.24; CIS v3.0/3.8 v3.0/3.9 v3.0/2.1.3; Checkov CKV_AWS_392; Trivy AWS-0171 AWS-0172",
		"Requests for objects in CloudTrail, Macie, access points", ofAccount},
	{180, "FSBP CloudWatch.1-14; CIS v3.0/4.1-4.15 v5.0/4.1-4.15; Trivy AWS-0147 AWS-0148 AWS-0149 AWS-0150 AWS-0151 AWS-0152 AWS-0153 " +
		"AWS-0154 AWS-0155 AWS-0156 AWS-0157 AWS-0158 AWS-0159 AWS-0160 AWS-0174", "Metrics and alarms on the account's trail", ofAccount},
	{192, "Checkov CKV_AWS_377", "The domain is locked and private at its registrar", "it is a matter of the registrar"},
	{226, "FSBP EC2.7 EC2.182 EC2.1; Checkov CKV_AWS_106; Prowler ec2_ebs_default_encryption " +
		"ec2_ebs_snapshot_account_block_public_access ec2_instance_account_imdsv2_enabled",
		"Defaults of volumes, snapshots, images and metadata", ofAccount},
	{227, "FSBP CloudTrail.1 CloudTrail.2 CloudTrail.4-7; CIS v3.0/3.1-3.5 v5.0/3.1-3.5; Checkov CKV_AWS_35 CKV_AWS_36 CKV_AWS_67 " +
		"CKV_AWS_251 CKV_AWS_252 CKV2_AWS_10; Trivy AWS-0014 AWS-0015 AWS-0016 AWS-0161 AWS-0163", "CloudTrail in every region", ofAccount},
	{228, "FSBP Config.1 GuardDuty.1 GuardDuty.5-13 Inspector.1-4 Account.1; CIS v3.0/1.20 v3.0/3.3 v3.0/4.16; Checkov CKV_AWS_121 " +
		"CKV_AWS_238 CKV2_AWS_3 CKV2_AWS_45 CKV2_AWS_48; Trivy AWS-0019 AWS-0175; Prowler securityhub_enabled accessanalyzer_enabled",
		"Config, GuardDuty, Inspector, Security Hub, Access Analyzer, contacts", ofAccount},
}
