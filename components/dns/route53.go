package dns

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// route53Region is where AWS requires the resources that sign a public zone and log its queries to be (AWS, Route 53
// developer guide, "Working with customer managed keys for DNSSEC" and "Public DNS query logging").
const route53Region = "us-east-1"

func (a Args) route53Problems() infra.Problems {
	var ps infra.Problems
	for _, field := range []struct {
		path string
		set  bool
	}{
		{"proxied", a.Proxied},
		{"originLock", a.OriginLock},
		{"accountId", a.AccountID != ""},
	} {
		if field.set {
			ps.Add(field.path, "leave it out, or set provider to cloudflare", "applies to Cloudflare only, and the zone is in Route 53")
		}
	}
	return append(ps, infra.CheckLogDays("logDays", a.LogDays)...)
}

func (z *Zone) inRoute53(ctx *pulumi.Context, name string, p *infra.Platform, args Args) error {
	if err := z.route53Zone(ctx, name, p, args); err != nil {
		return err
	}
	if !args.DNSSEC && !args.QueryLog {
		return nil
	}
	global, err := args.global(z, p)
	if err != nil {
		return err
	}
	if args.DNSSEC {
		if err := z.sign(ctx, name, p, args, global); err != nil {
			return err
		}
	}
	if args.QueryLog {
		return z.logQueries(ctx, name, p, args, global)
	}
	return nil
}

// global are the options of a resource that must be in us-east-1.
func (a Args) global(z *Zone, p *infra.Platform) ([]pulumi.ResourceOption, error) {
	opts := []pulumi.ResourceOption{pulumi.Parent(z)}
	switch {
	case a.Global != nil:
		return append(opts, pulumi.Provider(a.Global)), nil
	case p.Region == route53Region:
		return opts, nil
	}
	return nil, fmt.Errorf(
		"DNSSEC and query logging of a Route 53 zone live in %s, and the platform is in %s: pass an aws provider of %s as Global",
		route53Region, p.Region, route53Region)
}

func (z *Zone) route53Zone(ctx *pulumi.Context, name string, p *infra.Platform, args Args) error {
	if !args.Create {
		public := false
		found, err := route53.LookupZone(ctx, &route53.LookupZoneArgs{Name: &args.Zone, PrivateZone: &public}, pulumi.Parent(z))
		if err != nil {
			return fmt.Errorf("looking up the zone %s in Route 53 (create it there, or set create to true): %w", args.Zone, err)
		}
		z.ID = pulumi.String(found.ZoneId).ToStringOutput()
		z.NameServers = pulumi.ToStringArray(found.NameServers).ToStringArrayOutput()
		return nil
	}
	made, err := route53.NewZone(ctx, name+"-zone", &route53.ZoneArgs{
		Name:         pulumi.String(args.Zone),
		Comment:      pulumi.String("Public names of the platform " + p.Name),
		ForceDestroy: pulumi.Bool(args.Disposable),
		Tags:         p.TagsFor(name+"-zone", infra.TierEdge),
	}, pulumi.Parent(z), pulumi.Protect(args.Protect))
	if err != nil {
		return err
	}
	z.ID = made.ZoneId
	z.NameServers = made.NameServers
	return nil
}

// sign turns on DNSSEC with the account's own key, which only Route 53's signer may use, and only for zones of this
// account.
func (z *Zone) sign(ctx *pulumi.Context, name string, p *infra.Platform, args Args, global []pulumi.ResourceOption) error {
	key, err := kms.NewKey(ctx, name+"-dnssec", &kms.KeyArgs{
		Description:           pulumi.String("Signs the zone " + args.Zone),
		CustomerMasterKeySpec: pulumi.String("ECC_NIST_P256"),
		KeyUsage:              pulumi.String("SIGN_VERIFY"),
		IsEnabled:             pulumi.Bool(true),
		MultiRegion:           pulumi.Bool(false),
		// KMS does not rotate asymmetric keys; a rollover needs a new DS record.
		EnableKeyRotation:    pulumi.Bool(false),
		DeletionWindowInDays: pulumi.Int(30),
		Policy:               signingPolicy(p),
		Tags:                 p.TagsFor(name+"-dnssec", infra.TierEdge),
	}, append(global, pulumi.Protect(args.Protect), pulumi.RetainOnDelete(false))...) // it is useless without its zone
	if err != nil {
		return err
	}
	signing, err := route53.NewKeySigningKey(ctx, name+"-ksk", &route53.KeySigningKeyArgs{
		HostedZoneId:            z.ID,
		KeyManagementServiceArn: key.Arn,
		Status:                  pulumi.String("ACTIVE"),
	}, pulumi.Parent(z), pulumi.Protect(args.Protect))
	if err != nil {
		return err
	}
	_, err = route53.NewHostedZoneDnsSec(ctx, name+"-dnssec", &route53.HostedZoneDnsSecArgs{
		// Taken from the key so that the zone is signed only once it has one.
		HostedZoneId:  signing.HostedZoneId,
		SigningStatus: pulumi.String("SIGNING"),
	}, pulumi.Parent(z))
	if err != nil {
		return err
	}
	z.DS = signing.DsRecord
	return nil
}

func signingPolicy(p *infra.Platform) pulumi.StringOutput {
	ours := map[string]map[string][]string{
		"StringEquals": {"aws:SourceAccount": {p.Account}},
		"ArnLike":      {"aws:SourceArn": {"arn:" + p.Partition() + ":route53:::hostedzone/*"}},
	}
	signer := map[string][]string{"Service": {"dnssec-route53.amazonaws.com"}}
	return infra.PolicyDocument(
		administration(p),
		infra.Statement{
			Sid: "Sign", Principals: signer, Resources: thisKey, Conditions: ours,
			Actions: []string{"kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"},
		},
		infra.Statement{
			Sid: "GrantToSigner", Principals: signer, Resources: thisKey,
			Actions:    []string{"kms:CreateGrant"},
			Conditions: map[string]map[string][]string{"Bool": {"kms:GrantIsForAWSResource": {"true"}}},
		},
	)
}

// administration lets the account's own IAM policies delegate the administration of a key, but not its use; without
// it a key can become unmanageable (AWS, KMS developer guide, "Default key policy").
func administration(p *infra.Platform) infra.Statement {
	return infra.Statement{
		Sid:        "AccountAdministers",
		Principals: map[string][]string{"AWS": {p.GlobalARN("iam", "root")}},
		Actions: []string{
			"kms:CancelKeyDeletion", "kms:CreateGrant", "kms:DescribeKey", "kms:DisableKey",
			"kms:DisableKeyRotation", "kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy",
			"kms:GetKeyRotationStatus", "kms:GetPublicKey", "kms:ListGrants", "kms:ListKeyPolicies",
			"kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:ScheduleKeyDeletion",
			"kms:TagResource", "kms:UntagResource", "kms:UpdateKeyDescription",
		},
		Resources: thisKey,
	}
}

// thisKey is the only resource that a key policy can name: the key that it is attached to.
var thisKey = pulumi.StringArray{pulumi.String("*")}

func (z *Zone) logQueries(ctx *pulumi.Context, name string, p *infra.Platform, args Args, global []pulumi.ResourceOption) error {
	group := "/aws/route53/" + args.Zone
	groups := "arn:" + p.Partition() + ":logs:" + route53Region + ":" + p.Account + ":log-group:" + group + "-*"
	key, err := kms.NewKey(ctx, name+"-queries", &kms.KeyArgs{
		Description:          pulumi.String("Encrypts the query log of " + args.Zone),
		IsEnabled:            pulumi.Bool(true),
		MultiRegion:          pulumi.Bool(false),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(30),
		Policy:               queryKeyPolicy(p, groups),
		Tags:                 p.TagsFor(name+"-queries", infra.TierEdge),
	}, append(slices.Clip(global), pulumi.Protect(args.Protect), pulumi.RetainOnDelete(false))...) // its log goes too
	if err != nil {
		return err
	}
	// The group's name starts with its logical name, and the policies match that prefix, so that a preview shows them
	// whole.
	logs, err := cloudwatch.NewLogGroup(ctx, group, &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(args.LogDays),
		KmsKeyId:        key.Arn,
		Tags:            p.TagsFor(name+"-queries", infra.TierEdge),
	}, global...)
	if err != nil {
		return err
	}
	// AWS silently overwrites a policy of the same name, so the name contains the domain.
	writes, err := cloudwatch.NewLogResourcePolicy(ctx, name+"-queries", &cloudwatch.LogResourcePolicyArgs{
		PolicyName:     pulumi.String(name + "-queries-" + args.Zone),
		PolicyDocument: queryLogPolicy(p, groups),
	}, global...)
	if err != nil {
		return err
	}
	_, err = route53.NewQueryLog(ctx, name+"-queries", &route53.QueryLogArgs{
		CloudwatchLogGroupArn: logs.Arn,
		ZoneId:                z.ID,
	}, pulumi.Parent(z), pulumi.DependsOn([]pulumi.Resource{writes}), pulumi.DeleteBeforeReplace(true)) // a zone can have only one
	return err
}

// queryLogPolicy lets Route 53 write to the groups, for zones of this account only (AWS, Route 53
// developer guide, "Public DNS query logging").
func queryLogPolicy(p *infra.Platform, groups string) pulumi.StringOutput {
	return infra.PolicyDocument(infra.Statement{
		Sid:        "WriteQueryLog",
		Principals: map[string][]string{"Service": {"route53.amazonaws.com"}},
		Actions:    []string{"logs:CreateLogStream", "logs:PutLogEvents"},
		Resources:  pulumi.StringArray{pulumi.String(groups + ":*")},
		Conditions: map[string]map[string][]string{
			"StringEquals": {"aws:SourceAccount": {p.Account}},
			"ArnLike":      {"aws:SourceArn": {"arn:" + p.Partition() + ":route53:::hostedzone/*"}},
		},
	})
}

func queryKeyPolicy(p *infra.Platform, groups string) pulumi.StringOutput {
	return infra.PolicyDocument(administration(p), infra.Statement{
		Sid:        "EncryptQueryLog",
		Principals: map[string][]string{"Service": {"logs." + route53Region + ".amazonaws.com"}},
		Actions:    []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"},
		Resources:  thisKey,
		Conditions: map[string]map[string][]string{"ArnLike": {"kms:EncryptionContext:aws:logs:arn": {groups}}},
	})
}
