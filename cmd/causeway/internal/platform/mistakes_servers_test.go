package platform

import (
	"encoding/base64"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// serversMistakes are what people do to servers.
var serversMistakes = []codeMistake{
	{
		what:  "a bastion: a public address, SSH and a key",
		fails: "I11 I15 C032 C035 C036 C039 C042 C047 C074 C075 C076 C077 C078 C080 C081 C082 C086 C096 C233",
		below: func(ctx *pulumi.Context, p *declared) error {
			group, err := ec2.NewSecurityGroup(ctx, "bastion",
				&ec2.SecurityGroupArgs{VpcId: p.id("ec2/vpc:Vpc", "network"), Description: pulumi.String("bastion")}, p.provider())
			if err != nil {
				return err
			}
			if _, err := vpc.NewSecurityGroupIngressRule(ctx, "bastion", &vpc.SecurityGroupIngressRuleArgs{
				SecurityGroupId: group.ID(), IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(22), ToPort: pulumi.Int(22),
				CidrIpv4: pulumi.String("0.0.0.0/0"),
			}, p.provider()); err != nil {
				return err
			}
			_, err = ec2.NewLaunchTemplate(ctx, "bastion", &ec2.LaunchTemplateArgs{
				ImageId: pulumi.String("ami-0123456789abcdef0"), InstanceType: pulumi.String("t4g.micro"), KeyName: pulumi.String("me"),
				NetworkInterfaces: ec2.LaunchTemplateNetworkInterfaceArray{ec2.LaunchTemplateNetworkInterfaceArgs{
					AssociatePublicIpAddress: pulumi.String("true"), SubnetId: p.id("ec2/subnet:Subnet", "network-public-a"),
					SecurityGroups: pulumi.StringArray{group.ID()},
				}},
			}, p.provider())
			return err
		},
	},
	{
		what:  "web servers with public addresses",
		fails: "I1 C076",
		edit: in("prod-web", func(a *ec2.LaunchTemplateArgs) {
			a.NetworkInterfaces.(ec2.LaunchTemplateNetworkInterfaceArray)[0].(*ec2.LaunchTemplateNetworkInterfaceArgs).
				AssociatePublicIpAddress = pulumi.String("true")
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
			a.BlockDeviceMappings = append(a.BlockDeviceMappings.(ec2.LaunchTemplateBlockDeviceMappingArray),
				&ec2.LaunchTemplateBlockDeviceMappingArgs{
					DeviceName: pulumi.String("/dev/sdf"), Ebs: &ec2.LaunchTemplateBlockDeviceMappingEbsArgs{VolumeSize: pulumi.Int(100),
						VolumeType: pulumi.String("gp3")},
				})
		}),
	},
	{
		what:  "a password in the user data",
		fails: "C079",
		edit: in("prod-app", func(a *ec2.LaunchTemplateArgs) {
			script := "#!/bin/sh\nexport DATABASE_URL=postgres://app:hunter22@db/app\n"
			a.UserData = pulumi.String(base64.StdEncoding.EncodeToString([]byte(script)))
		}),
	},
	{
		what:  "application servers in the web servers' group",
		fails: "I6 I7 I8 I12 I13 I15 I16 I20 I26 I27 C043",
		edit: func(p *declared, name string, args any) {
			if a, ok := args.(*ec2.LaunchTemplateArgs); ok && name == "prod-app" {
				a.NetworkInterfaces.(ec2.LaunchTemplateNetworkInterfaceArray)[0].(*ec2.LaunchTemplateNetworkInterfaceArgs).
					SecurityGroups = pulumi.StringArray{p.group("web")}
			}
		},
	},
}
