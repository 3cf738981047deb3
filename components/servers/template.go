package servers

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const (
	// rootDevice is what Amazon Linux 2023 calls its root volume; encryption set for any other name would leave the
	// root volume as the image has it.
	rootDevice = "/dev/xvda"
	// amazonLinux is where AWS publishes the newest Amazon Linux 2023 for a processor
	// (AWS, Amazon Linux 2023 user guide, "Launching AL2023 using the SSM parameter").
	amazonLinux = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
)

// image is what a server starts from: the pinned image, or a parameter that EC2 resolves at every launch.
func (a Args) image() string {
	if a.Image != "" {
		return a.Image
	}
	t, _ := ParseInstanceType(a.InstanceType) // Validate has refused invalid types
	return amazonLinux + t.Architecture()
}

func (b *builder) description() string { return "Servers of the " + b.part + " tier" }

func (b *builder) launchTemplate() error {
	t, err := ParseInstanceType(b.args.InstanceType)
	if err != nil {
		return err
	}
	tags := b.p.TagsFor(b.name, b.tier)
	args := &ec2.LaunchTemplateArgs{
		Description:                       pulumi.String(b.description()),
		ImageId:                           pulumi.String(b.args.image()),
		InstanceType:                      pulumi.String(b.args.InstanceType),
		UserData:                          b.userData,
		UpdateDefaultVersion:              pulumi.Bool(true),
		EbsOptimized:                      pulumi.String("true"),
		InstanceInitiatedShutdownBehavior: pulumi.String("terminate"),
		IamInstanceProfile:                &ec2.LaunchTemplateIamInstanceProfileArgs{Arn: b.profile},
		Monitoring:                        &ec2.LaunchTemplateMonitoringArgs{Enabled: pulumi.Bool(true)},
		MetadataOptions: &ec2.LaunchTemplateMetadataOptionsArgs{
			HttpEndpoint:            pulumi.String("enabled"),
			HttpTokens:              pulumi.String("required"),
			HttpPutResponseHopLimit: pulumi.Int(1),
			HttpProtocolIpv6:        pulumi.String("disabled"),
			InstanceMetadataTags:    pulumi.String("disabled"),
		},
		BlockDeviceMappings: ec2.LaunchTemplateBlockDeviceMappingArray{&ec2.LaunchTemplateBlockDeviceMappingArgs{
			DeviceName: pulumi.String(rootDevice),
			Ebs: &ec2.LaunchTemplateBlockDeviceMappingEbsArgs{
				VolumeType:          pulumi.String("gp3"),
				VolumeSize:          pulumi.Int(b.args.VolumeGiB),
				Encrypted:           pulumi.String("true"),
				KmsKeyId:            b.wiring.Keys.Data.ARN,
				DeleteOnTermination: pulumi.String("true"),
			},
		}},
		NetworkInterfaces: ec2.LaunchTemplateNetworkInterfaceArray{&ec2.LaunchTemplateNetworkInterfaceArgs{
			DeviceIndex:              pulumi.Int(0),
			AssociatePublicIpAddress: pulumi.String("false"),
			SecurityGroups:           pulumi.StringArray{b.wiring.Group.ID},
			DeleteOnTermination:      pulumi.String("true"),
		}},
		Tags: tags,
	}
	if b.args.Image != "" { // said a second time, so that an image that nobody asked for shows
		args.Tags = b.p.TagsFor(b.name, b.tier)
		args.Tags.(pulumi.StringMap)["causeway:image"] = pulumi.String(b.args.Image)
	}
	// The group's own tags reach only instances, and the provider's default tags reach nothing that a template
	// launches, so everything to be tagged is listed here.
	var marked ec2.LaunchTemplateTagSpecificationArray
	for _, kind := range []string{"instance", "network-interface", "volume"} {
		marked = append(marked,
			&ec2.LaunchTemplateTagSpecificationArgs{ResourceType: pulumi.String(kind), Tags: tags})
	}
	args.TagSpecifications = marked
	if t.Burstable() {
		// With this, a server that runs out of credits costs more instead of failing its health checks.
		args.CreditSpecification = &ec2.LaunchTemplateCreditSpecificationArgs{CpuCredits: pulumi.String("unlimited")}
	}
	template, err := ec2.NewLaunchTemplate(b.ctx, b.name, args, b.child())
	if err != nil {
		return fmt.Errorf("making the launch template: %w", err)
	}
	b.template = template
	b.version = template.LatestVersion.ApplyT(strconv.Itoa).(pulumi.StringOutput)
	b.g.TemplateVersion = b.version
	return nil
}
