package platform

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// rolesMistakes are what people do to roles and keys.
var rolesMistakes = []codeMistake{
	{
		what:  "a role that may do anything",
		fails: "I25 C097 C099 C100 C101 C102 C104 C105 C106 C107",
		below: grants("everything", "web", `{"Effect": "Allow", "Action": "*", "Resource": "*"}`),
	},
	{
		what:  "the web servers may read every secret",
		fails: "I25 C099 C101",
		below: grants("secrets", "web", `{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}`),
	},
	{
		what:  "a pipeline's role for every repository",
		fails: "C113 C114",
		below: func(ctx *pulumi.Context, p *declared) error {
			github, err := iam.NewOpenIdConnectProvider(ctx, "github", &iam.OpenIdConnectProviderArgs{
				Url:             pulumi.String("https://token.actions.githubusercontent.com"),
				ClientIdLists:   pulumi.ToStringArray([]string{"sts.amazonaws.com"}),
				ThumbprintLists: pulumi.ToStringArray([]string{"6938fd4d98bab03faadb97b34396831e3780aea1"}), Tags: tagsOf("github", ""),
			}, p.provider())
			if err != nil {
				return err
			}
			_, err = iam.NewRole(ctx, "pipeline", &iam.RoleArgs{Tags: tagsOf("pipeline", ""),
				AssumeRolePolicy: pulumi.Sprintf(`{"Version": "2012-10-17", "Statement": [{
				"Effect": "Allow", "Principal": {"Federated": "%s"}, "Action": "sts:AssumeRoleWithWebIdentity",
				"Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}]}`, github.Arn)},
				p.provider())
			return err
		},
	},
	{
		what:  "a key that anybody may use",
		fails: "C144 C145 C148 C230",
		below: func(ctx *pulumi.Context, p *declared) error {
			_, err := kms.NewKey(ctx, "shared", &kms.KeyArgs{
				Description: pulumi.String("shared"), Tags: tagsOf("shared", "data"),
				Policy: pulumi.String(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, ` +
					`"Action": "kms:*", "Resource": "*"}]}`),
			}, p.provider())
			return err
		},
	},
	{
		what:  "a role that can pass on others, and has no boundary",
		fails: "I25 C099 C102 C103 C104 C106 C113",
		edit:  in("prod-web", func(a *iam.RoleArgs) { a.PermissionsBoundary = nil }),
		below: grants("pass", "web", `{"Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances"], "Resource": "*"}`),
	},
	{
		what:  "everybody may take the application's role",
		fails: "I25 C096 C108",
		edit: in("prod-app", func(a *iam.RoleArgs) {
			a.AssumeRolePolicy = pulumi.String(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, ` +
				`"Action": "sts:AssumeRole"}]}`)
		}),
	},
}
