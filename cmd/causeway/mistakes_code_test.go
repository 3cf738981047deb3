package main

import (
	"encoding/base64"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi-cloudflare/sdk/v5/go/cloudflare"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/stacks"
)

// codeMistake is what somebody changed of what the platform declares, or wrote below it.
type codeMistake struct {
	what    string
	edit    func(p *declared, name string, args any)
	below   func(ctx *pulumi.Context, p *declared) error
	fails   string // the checks that must fail, and no other
	refused string // how AWS refuses it, where it does
}

// declared is what the platform has declared, as a program's own variables would hold it.
type declared struct{ resources map[string]pulumi.Resource }

func (d *declared) get(kind, name string) pulumi.CustomResource {
	return d.resources["aws:"+kind+" prod-"+name].(pulumi.CustomResource)
}

func (d *declared) id(kind, name string) pulumi.StringOutput {
	return d.get(kind, name).ID().ToStringOutput()
}

func (d *declared) group(name string) pulumi.StringOutput {
	return d.id("ec2/securityGroup:SecurityGroup", name)
}

// provider is the platform's own.
func (d *declared) provider() pulumi.ResourceOption {
	return pulumi.Provider(d.resources["pulumi:providers:aws prod-aws"].(pulumi.ProviderResource))
}

func tagsOf(name, tier string) pulumi.StringMap {
	return (&infra.Platform{Name: "prod", Environment: "prod"}).TagsFor(name, tier)
}

// program is the platform with the mistake in it.
func (m codeMistake) program() pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		p := &declared{map[string]pulumi.Resource{}}
		err := ctx.RegisterStackTransformation(func(r *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
			p.resources[r.Type+" "+r.Name] = r.Resource
			if m.edit != nil {
				m.edit(p, r.Name, r.Props)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := stacks.Deploy(ctx); err != nil || m.below == nil {
			return err
		}
		return m.below(ctx, p)
	}
}

// in edits the arguments of the one resource of their type and that name.
func in[Args any](name string, edit func(*Args)) func(*declared, string, any) {
	return func(_ *declared, logical string, props any) {
		if args, ok := props.(*Args); ok && logical == name {
			edit(args)
		}
	}
}

func admits(name string, args *vpc.SecurityGroupIngressRuleArgs, group string) func(*pulumi.Context, *declared) error {
	return func(ctx *pulumi.Context, p *declared) error {
		args.SecurityGroupId, args.Description, args.Tags = p.group(group), pulumi.String(name), tagsOf(name, "")
		_, err := vpc.NewSecurityGroupIngressRule(ctx, name, args, p.provider())
		return err
	}
}

func grants(name, role, statement string) func(*pulumi.Context, *declared) error {
	return func(ctx *pulumi.Context, p *declared) error {
		_, err := iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{
			Role:   p.id("iam/role:Role", role),
			Policy: pulumi.String(`{"Version": "2012-10-17", "Statement": [` + statement + `]}`),
		}, p.provider())
		return err
	}
}

func routes(name, table string, args *ec2.RouteArgs, target func(*ec2.RouteArgs, *declared)) func(*pulumi.Context, *declared) error {
	return func(ctx *pulumi.Context, p *declared) error {
		args.RouteTableId = p.id("ec2/routeTable:RouteTable", table)
		target(args, p)
		_, err := ec2.NewRoute(ctx, name, args, p.provider())
		return err
	}
}

var codeMistakes = []codeMistake{
	{
		what:  "the database's port is opened to the internet, to look into it from home",
		fails: "I8 I10 C035 C036 C039 C047",
		below: admits("debug", &vpc.SecurityGroupIngressRuleArgs{IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(5433), ToPort: pulumi.Int(5433), CidrIpv4: pulumi.String("0.0.0.0/0")}, "database"),
	},
	{
		what:  "SSH from the office",
		fails: "I5 I10 I11 I15 C047",
		below: admits("office", &vpc.SecurityGroupIngressRuleArgs{IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(22), ToPort: pulumi.Int(22), CidrIpv4: pulumi.String("203.0.113.7/32")}, "web"),
	},
	{
		what:  "everything from the company's private range",
		fails: "I7 I9 I10 I11 C037 C038 C047",
		below: admits("company", &vpc.SecurityGroupIngressRuleArgs{IpProtocol: pulumi.String("-1"), CidrIpv4: pulumi.String("10.0.0.0/8")}, "app"),
	},
	{
		what:  "the application servers may open any connection",
		fails: "I10 I11 I16 C041 C047",
		below: func(ctx *pulumi.Context, p *declared) error {
			_, err := vpc.NewSecurityGroupEgressRule(ctx, "out", &vpc.SecurityGroupEgressRuleArgs{
				SecurityGroupId: p.group("app"), IpProtocol: pulumi.String("-1"), CidrIpv4: pulumi.String("0.0.0.0/0"),
				Description: pulumi.String("out"), Tags: tagsOf("out", ""),
			}, p.provider())
			return err
		},
	},
	{
		what:  "rules written inside a security group",
		fails: "I0 I5 I10 C040 C042 C044 C047",
		edit: in("prod-web", func(a *ec2.SecurityGroupArgs) {
			a.Ingress = ec2.SecurityGroupIngressArray{ec2.SecurityGroupIngressArgs{
				Protocol: pulumi.String("tcp"), FromPort: pulumi.Int(8443), ToPort: pulumi.Int(8443), CidrBlocks: pulumi.ToStringArray([]string{"10.40.0.0/16"}),
			}}
		}),
	},
	{
		what:  "a bastion: a public address, SSH and a key",
		fails: "I11 I15 C032 C035 C036 C039 C042 C047 C074 C075 C076 C077 C078 C080 C081 C082 C083 C096 C233",
		below: func(ctx *pulumi.Context, p *declared) error {
			group, err := ec2.NewSecurityGroup(ctx, "bastion", &ec2.SecurityGroupArgs{VpcId: p.id("ec2/vpc:Vpc", "network"), Description: pulumi.String("bastion")}, p.provider())
			if err != nil {
				return err
			}
			if _, err := vpc.NewSecurityGroupIngressRule(ctx, "bastion", &vpc.SecurityGroupIngressRuleArgs{
				SecurityGroupId: group.ID(), IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(22), ToPort: pulumi.Int(22), CidrIpv4: pulumi.String("0.0.0.0/0"),
			}, p.provider()); err != nil {
				return err
			}
			_, err = ec2.NewLaunchTemplate(ctx, "bastion", &ec2.LaunchTemplateArgs{
				ImageId: pulumi.String("ami-0123456789abcdef0"), InstanceType: pulumi.String("t4g.micro"), KeyName: pulumi.String("me"),
				NetworkInterfaces: ec2.LaunchTemplateNetworkInterfaceArray{ec2.LaunchTemplateNetworkInterfaceArgs{
					AssociatePublicIpAddress: pulumi.String("true"), SubnetId: p.id("ec2/subnet:Subnet", "network-public-a"), SecurityGroups: pulumi.StringArray{group.ID()},
				}},
			}, p.provider())
			return err
		},
	},
	{
		what:  "web servers with public addresses",
		fails: "I1 C076",
		edit: in("prod-web", func(a *ec2.LaunchTemplateArgs) {
			a.NetworkInterfaces.(ec2.LaunchTemplateNetworkInterfaceArray)[0].(*ec2.LaunchTemplateNetworkInterfaceArgs).AssociatePublicIpAddress = pulumi.String("true")
		}),
	},
	{
		what:  "instance metadata without a token, for an old SDK",
		fails: "C074",
		edit: in("prod-web", func(a *ec2.LaunchTemplateArgs) {
			a.MetadataOptions.(*ec2.LaunchTemplateMetadataOptionsArgs).HttpTokens = pulumi.String("optional")
		}),
	},
	{
		what:  "a second volume that is not encrypted",
		fails: "C077 C078",
		edit: in("prod-app", func(a *ec2.LaunchTemplateArgs) {
			a.BlockDeviceMappings = append(a.BlockDeviceMappings.(ec2.LaunchTemplateBlockDeviceMappingArray), &ec2.LaunchTemplateBlockDeviceMappingArgs{
				DeviceName: pulumi.String("/dev/sdf"), Ebs: &ec2.LaunchTemplateBlockDeviceMappingEbsArgs{VolumeSize: pulumi.Int(100), VolumeType: pulumi.String("gp3")},
			})
		}),
	},
	{
		what:  "a password in the user data",
		fails: "C079",
		edit: in("prod-app", func(a *ec2.LaunchTemplateArgs) {
			a.UserData = pulumi.String(base64.StdEncoding.EncodeToString([]byte("#!/bin/sh\nexport DATABASE_URL=postgres://app:hunter22@db/app\n")))
		}),
	},
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
		what:  "a bucket as the first example has it",
		fails: "C160 C161 C162 C163 C164 C165 C166 C167 C174 C231 C232 C233",
		below: func(ctx *pulumi.Context, _ *declared) error {
			_, err := s3.NewBucketV2(ctx, "uploads", &s3.BucketV2Args{ForceDestroy: pulumi.Bool(true)})
			return err
		},
	},
	{
		what: "a bucket's policy lets everybody read",
		edit: in("prod-releases", func(a *s3.BucketPolicyArgs) {
			a.Policy = pulumi.Sprintf(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::%s/*"}]}`, a.Bucket)
		}),
		refused: "public policies are blocked by the BlockPublicPolicy block public access setting",
	},
	{
		what:  "port 80 is open, and forwards",
		fails: "I2 I15 I22 C034 C035 C050 C051",
		below: func(ctx *pulumi.Context, p *declared) error {
			if err := admits("plain", &vpc.SecurityGroupIngressRuleArgs{IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(80), ToPort: pulumi.Int(80), CidrIpv4: pulumi.String("0.0.0.0/0")}, "edge")(ctx, p); err != nil {
				return err
			}
			_, err := lb.NewListener(ctx, "plain", &lb.ListenerArgs{
				LoadBalancerArn: p.id("lb/loadBalancer:LoadBalancer", "edge"), Port: pulumi.Int(80), Protocol: pulumi.String("HTTP"), Tags: tagsOf("plain", "edge"),
				DefaultActions: lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{Type: pulumi.String("forward"), TargetGroupArn: p.id("lb/targetGroup:TargetGroup", "web")}},
			}, p.provider())
			return err
		},
	},
	{
		what:  "an older policy of TLS, for an old client",
		fails: "C052",
		edit:  in("prod-edge-https", func(a *lb.ListenerArgs) { a.SslPolicy = pulumi.String("ELBSecurityPolicy-2016-08") }),
	},
	{
		what:  "plain HTTP to the application servers",
		fails: "I22 C070 C071",
		edit: in("prod-app", func(a *lb.TargetGroupArgs) {
			a.Protocol = pulumi.String("HTTP")
			check := a.HealthCheck.(lb.TargetGroupHealthCheckArgs)
			check.Protocol = pulumi.String("HTTP")
			a.HealthCheck = check
		}),
	},
	{
		what:  "the internal load balancer faces the internet",
		fails: "I1 C059 C061",
		edit:  in("prod-internal", func(a *lb.LoadBalancerArgs) { a.Internal = pulumi.Bool(false) }),
	},
	{
		what:  "a database that takes connections without TLS, for an old driver",
		fails: "I22 C130",
		edit: in("prod-database-postgres17", func(a *rds.ParameterGroupArgs) {
			for _, p := range a.Parameters.(rds.ParameterGroupParameterArray) {
				if p := p.(*rds.ParameterGroupParameterArgs); p.Name == pulumi.String("rds.force_ssl") {
					p.Value = pulumi.String("0")
				}
			}
		}),
	},
	{
		what:  "a database with a public address",
		fails: "I1 C116",
		edit:  in("prod-database", func(a *rds.InstanceArgs) { a.PubliclyAccessible = pulumi.Bool(true) }),
	},
	{
		what:  "a database that can be lost: no backups, no protection, no last snapshot",
		fails: "C120 C121 C138",
		edit: in("prod-database", func(a *rds.InstanceArgs) {
			a.BackupRetentionPeriod, a.DeletionProtection, a.SkipFinalSnapshot = pulumi.Int(0), pulumi.Bool(false), pulumi.Bool(true)
		}),
	},
	{
		what:  "a database in plain text",
		fails: "C117 C118 C128",
		edit: in("prod-database", func(a *rds.InstanceArgs) {
			a.StorageEncrypted, a.KmsKeyId, a.PerformanceInsightsKmsKeyId = pulumi.Bool(false), nil, nil
		}),
	},
	{
		what:  "the database may load its extensions from the internet",
		fails: "I17 C022 C133",
		below: routes("updates", "network-data", &ec2.RouteArgs{DestinationCidrBlock: pulumi.String("0.0.0.0/0")}, func(a *ec2.RouteArgs, p *declared) {
			a.NatGatewayId = p.id("ec2/natGateway:NatGateway", "network-nat-a")
		}),
	},
	{
		what:  "a private subnet with the routes of a public one",
		fails: "I15 I18 C012 C020 C021 C094",
		edit: func(p *declared, name string, args any) {
			if a, ok := args.(*ec2.RouteTableAssociationArgs); ok && name == "prod-network-web-a" {
				a.RouteTableId = p.id("ec2/routeTable:RouteTable", "network-public")
			}
		},
	},
	{
		what: "a second route table for a subnet",
		below: func(ctx *pulumi.Context, p *declared) error {
			_, err := ec2.NewRouteTableAssociation(ctx, "again", &ec2.RouteTableAssociationArgs{
				SubnetId: p.id("ec2/subnet:Subnet", "network-data-a"), RouteTableId: p.id("ec2/routeTable:RouteTable", "network-public"),
			}, p.provider(), pulumi.DependsOn([]pulumi.Resource{p.get("ec2/routeTableAssociation:RouteTableAssociation", "network-data-a")}))
			return err
		},
		refused: "Resource.AlreadyAssociated",
	},
	{
		what:  "IPv6 by the internet gateway",
		fails: "I18 C020 C021 C094",
		edit:  in("prod-network", func(a *ec2.VpcArgs) { a.AssignGeneratedIpv6CidrBlock = pulumi.Bool(true) }),
		below: routes("ipv6", "network-private-a", &ec2.RouteArgs{DestinationIpv6CidrBlock: pulumi.String("::/0")}, func(a *ec2.RouteArgs, p *declared) {
			a.GatewayId = p.id("ec2/internetGateway:InternetGateway", "network")
		}),
	},
	{
		what:  "a peer that is a whole network",
		fails: "I7 I10 I15 C015 C047",
		below: func(ctx *pulumi.Context, p *declared) error {
			for _, zone := range []string{"a", "b", "c"} {
				err := routes("peer-"+zone, "network-private-"+zone, &ec2.RouteArgs{DestinationCidrBlock: pulumi.String("10.99.0.0/16"), VpcPeeringConnectionId: pulumi.String("pcx-0123456789abcdef0")}, func(*ec2.RouteArgs, *declared) {})(ctx, p)
				if err != nil {
					return err
				}
			}
			return admits("peer", &vpc.SecurityGroupIngressRuleArgs{IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(9443), ToPort: pulumi.Int(9443), CidrIpv4: pulumi.String("10.99.0.0/16")}, "app")(ctx, p)
		},
	},
	{
		what:  "an ACL that lets everything through, to be rid of it",
		fails: "C027 C028 C029",
		below: func(ctx *pulumi.Context, p *declared) error {
			_, err := ec2.NewNetworkAclRule(ctx, "open", &ec2.NetworkAclRuleArgs{
				NetworkAclId: p.id("ec2/networkAcl:NetworkAcl", "network-web"), RuleNumber: pulumi.Int(1), RuleAction: pulumi.String("allow"),
				Protocol: pulumi.String("-1"), CidrBlock: pulumi.String("0.0.0.0/0"),
			}, p.provider())
			return err
		},
	},
	{
		what:  "an ACL that denies the replies",
		fails: "I12 I15 I26",
		below: func(ctx *pulumi.Context, p *declared) error {
			_, err := ec2.NewNetworkAclRule(ctx, "deny", &ec2.NetworkAclRuleArgs{
				NetworkAclId: p.id("ec2/networkAcl:NetworkAcl", "network-app"), RuleNumber: pulumi.Int(1), RuleAction: pulumi.String("deny"), Egress: pulumi.Bool(true),
				Protocol: pulumi.String("tcp"), FromPort: pulumi.Int(1024), ToPort: pulumi.Int(65535), CidrBlock: pulumi.String("0.0.0.0/0"),
			}, p.provider())
			return err
		},
	},
	{
		what:  "a pipeline's role for every repository",
		fails: "C113 C114",
		below: func(ctx *pulumi.Context, p *declared) error {
			github, err := iam.NewOpenIdConnectProvider(ctx, "github", &iam.OpenIdConnectProviderArgs{
				Url: pulumi.String("https://token.actions.githubusercontent.com"), ClientIdLists: pulumi.ToStringArray([]string{"sts.amazonaws.com"}),
				ThumbprintLists: pulumi.ToStringArray([]string{"6938fd4d98bab03faadb97b34396831e3780aea1"}), Tags: tagsOf("github", ""),
			}, p.provider())
			if err != nil {
				return err
			}
			_, err = iam.NewRole(ctx, "pipeline", &iam.RoleArgs{Tags: tagsOf("pipeline", ""), AssumeRolePolicy: pulumi.Sprintf(`{"Version": "2012-10-17", "Statement": [{
				"Effect": "Allow", "Principal": {"Federated": "%s"}, "Action": "sts:AssumeRoleWithWebIdentity",
				"Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}]}`, github.Arn)}, p.provider())
			return err
		},
	},
	{
		what:  "a token in a parameter that is plain text",
		fails: "C201",
		below: func(ctx *pulumi.Context, p *declared) error {
			_, err := declare(ctx, "aws:ssm/parameter:Parameter", "token", pulumi.Map{
				"type": pulumi.String("String"), "value": pulumi.String("sk_live_0123456789abcdefghijklmn"), "tags": tagsOf("token", "app"),
			}, p.provider())
			return err
		},
	},
	{
		what:  "logs for a week",
		fails: "C177",
		edit:  in("prod-app", func(a *cloudwatch.LogGroupArgs) { a.RetentionInDays = pulumi.Int(7) }),
	},
	{
		what:  "a name that leads to an old server",
		fails: "C213 C216",
		below: func(ctx *pulumi.Context, p *declared) error {
			zone := p.resources["cloudflare:index/record:Record prod-edge-shop.example.com"].(*cloudflare.Record).ZoneId
			_, err := cloudflare.NewRecord(ctx, "old", &cloudflare.RecordArgs{ZoneId: zone, Name: pulumi.String("old.example.com"), Type: pulumi.String("A"), Content: pulumi.String("203.0.113.9"), Ttl: pulumi.Int(300)},
				pulumi.Provider(p.resources["pulumi:providers:cloudflare prod-cloudflare"].(pulumi.ProviderResource)))
			return err
		},
	},
	{
		what:  "a key that anybody may use",
		fails: "C144 C145 C148 C230",
		below: func(ctx *pulumi.Context, p *declared) error {
			_, err := kms.NewKey(ctx, "shared", &kms.KeyArgs{
				Description: pulumi.String("shared"), Tags: tagsOf("shared", "data"),
				Policy: pulumi.String(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}]}`),
			}, p.provider())
			return err
		},
	},
}
