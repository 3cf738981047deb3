package controls

import (
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/userdata"
)

var (
	machines     = []string{templateType, instanceType}
	templateOnly = []string{templateType}
)

var launchTemplates = []Control{
	{
		Number: 74, Severity: report.High, Title: "Servers give out their credentials only to those who ask by IMDSv2", Types: machines,
		Known: "FSBP EC2.170 EC2.8 AutoScaling.3; CIS v3.0/5.6 v5.0/5.7; Checkov CKV_AWS_79; Trivy AWS-0130 AWS-0028; " +
			"Prowler ec2_launch_template_imdsv2_required",
		Remedy: "set metadataOptions with httpTokens required",
		each:   all(isNot("metadataOptions.httpEndpoint", "disabled"), is("metadataOptions.httpTokens", "required")),
	},
	{
		Number: 75, Severity: report.Medium, Title: "A server's credentials do not travel further than itself", Types: machines,
		Known:  "FSBP AutoScaling.4; Checkov CKV_AWS_341",
		Note:   "Checkov lets a template without metadataOptions pass",
		Remedy: "set metadataOptions.httpPutResponseHopLimit to 1", each: is("metadataOptions.httpPutResponseHopLimit", 1),
	},
	{
		Number: 76, Severity: report.High, Title: "Servers have no public address", Types: machines,
		Known: "FSBP EC2.25 EC2.9 AutoScaling.5; Checkov CKV_AWS_88 CKV_AWS_389; Trivy AWS-0009; " +
			"Prowler ec2_launch_template_no_public_ip",
		Remedy: "set networkInterfaces with associatePublicIpAddress false", each: noPublicAddress,
	},
	{
		Number: 77, Severity: report.High, Title: "Servers' volumes are encrypted", Types: append(slices.Clone(machines), volumeType),
		Later: true,
		Known: "FSBP EC2.181 EC2.3; CIS v3.0/2.2.1 v5.0/5.1.1; Checkov CKV_AWS_8 CKV_AWS_3 CKV2_AWS_2; " +
			"Trivy AWS-0008 AWS-0131 AWS-0026; Prowler ec2_ebs_volume_encryption",
		Note:   "Checkov and Trivy read instances and launch configurations, and no launch template",
		Remedy: "set blockDeviceMappings with the root device and ebs.encrypted", each: encryptedVolumes,
	},
	{
		Number: 78, Severity: report.Low, Title: "Servers' volumes are encrypted by a key of the platform's own",
		Types:  append(slices.Clone(machines), volumeType),
		Known:  "Checkov CKV_AWS_189; Trivy AWS-0027",
		Remedy: "set ebs.kmsKeyId", each: volumesOwnKey,
	},
	{
		Number: 79, Severity: report.Critical, Title: "No credential is in what servers read when they boot", Types: machines, Later: true,
		Known:  "Checkov CKV_AWS_46; Trivy AWS-0129 AWS-0029; Prowler ec2_launch_template_no_secrets",
		Note:   "user data is decoded, from base64 and gzip, and so are the files in it",
		Remedy: "keep it in Secrets Manager, and pass on the secret's ARN", each: toldBy(noSecretInUserData),
	},
	{
		Number: 80, Severity: report.Medium, Title: "Servers have no SSH key, and what they read when they boot lets nobody in",
		Types:  machines,
		Later:  true,
		Note:   "users, files and commands of the user data are looked into: keys, passwords, sudo and groups of root",
		Remedy: "leave out keyName, and users who can log in: servers are reached by Session Manager",
		each:   all(isUnset("keyName"), toldBy(logsIn)),
	},
	{
		Number: 81, Severity: report.Low, Title: "Servers have a role", Types: machines,
		Known:  "CIS v3.0/1.18 v5.0/1.17; Checkov CKV2_AWS_41; Prowler ec2_instance_profile_attached",
		Remedy: "set iamInstanceProfile", each: either(isSet("iamInstanceProfile.arn"), isSet("iamInstanceProfile.name"),
			textSet("iamInstanceProfile")),
	},
	{
		Number: 82, Severity: report.Low, Title: "Servers are measured every minute", Types: machines,
		Known:  "Checkov CKV_AWS_126; Prowler ec2_instance_detailed_monitoring_enabled",
		Remedy: "set monitoring.enabled", each: either(is("monitoring.enabled", true), is("monitoring", true)),
	},
	{
		Number: 83, Severity: report.Low, Title: "Servers' disks have a network of their own", Types: machines,
		Known:  "Checkov CKV_AWS_135",
		Remedy: "set ebsOptimized", each: either(is("ebsOptimized", true), optimized),
	},
	{
		Number: 84, Severity: report.Low, Title: "Servers have one network interface", Types: machines,
		Known:  "FSBP EC2.17; Prowler ec2_instance_uses_single_eni",
		Remedy: "declare at most one in networkInterfaces", each: oneInterface,
	},
	{
		Number: 85, Severity: report.Low, Title: "Servers' types are of the Nitro system", Types: machines,
		Known:  "FSBP EC2.24; Prowler ec2_instance_paravirtual_type",
		Remedy: "choose a type of a newer family, such as m7g.large", each: modernType,
	},
	{
		Number: 86, Severity: report.Medium,
		Title: "Servers' image is AWS's public one or pinned, and what they load when they boot is too",
		Types: machines, Later: true,
		Known: "Checkov CKV_AWS_386; Trivy AWS-0344; Prowler ec2_instance_with_outdated_ami",
		Note: "who was asked for an image is not in a graph: a lookup shows as the image that it found. A stack of this project's names " +
			"such an image in the tag causeway:image too, and runs what it checks and nothing else",
		Remedy: "set imageId to resolve:ssm:/aws/service/… or to an image's id; load from the image's own package sources or a bucket " +
			"of the stack, or check a hash",
		each: all(trustedImage, ownDisks, toldBy(stranger), toldBy(othersRun)),
	},
	{
		Number: 87, House: true, Severity: report.Low, Title: "Servers do not show their tags to what runs on them", Types: machines,
		Remedy: "set metadataOptions.instanceMetadataTags to disabled", each: isNot("metadataOptions.instanceMetadataTags", "enabled"),
	},
	{
		Number: 88, Severity: report.Medium, Title: "A server that the load balancer finds ill is replaced", Types: []string{scalingType},
		Known:  "FSBP AutoScaling.1; Checkov CKV2_AWS_15; Prowler autoscaling_group_elb_health_check_enabled",
		Remedy: "set healthCheckType to ELB", each: when(behindBalancer, all(is("healthCheckType", "ELB"), replacesIll)),
	},
	{
		Number: 89, Severity: report.Medium, Title: "Servers run in two zones or more", Types: []string{scalingType},
		Known:  "FSBP AutoScaling.2; Prowler autoscaling_group_multiple_az",
		Remedy: "name subnets of two zones or more in vpcZoneIdentifiers", each: inZones("vpcZoneIdentifiers"),
	},
	{
		Number: 90, Severity: report.Low, Title: "Servers can be of more than one type, where they need to", Types: []string{scalingType},
		Known: "FSBP AutoScaling.6; Prowler autoscaling_group_multiple_instance_types",
		Note: "Security Hub wants two types in each group; with on-demand servers, which AWS does not take away, one type keeps " +
			"servers alike. A group that uses spot servers needs two",
		Remedy: "name two types or more in mixedInstancesPolicy.launchTemplate.overrides", each: severalTypes,
	},
	{
		Number: 91, Severity: report.Medium, Title: "Groups start servers from a launch template",
		Types:  []string{scalingType, "aws:ec2/launchConfiguration:LaunchConfiguration"},
		Known:  "FSBP AutoScaling.9; Checkov CKV_AWS_315; Prowler autoscaling_group_using_ec2_launch_template",
		Remedy: "set launchTemplate, and remove the launch configuration", each: fromTemplate,
	},
	{
		Number: 92, Severity: report.Low, Title: "Servers carry the tags of their group", Types: []string{scalingType},
		Known:  "Checkov CKV_AWS_153",
		Remedy: "set propagateAtLaunch of every tag",
		each:   elements("tags", 1, func(at string) check { return is(at+".propagateAtLaunch", true) }),
	},
	{
		Number: 93, Severity: report.Low, Title: "A spot server is replaced before AWS takes it away", Types: []string{scalingType},
		Known:  "Prowler autoscaling_group_capacity_rebalance_enabled",
		Remedy: "set capacityRebalance", each: when(usesSpot, is("capacityRebalance", true)),
	},
	{
		Number: 94, Severity: report.High, Title: "Servers are in private subnets", Types: []string{scalingType, instanceType},
		Remedy: "name subnets whose route table has no internet gateway", each: inPrivate,
	},
	{
		Number: 95, Severity: report.Medium, Title: "Servers are patched by being replaced, every month at least",
		Types:  []string{scalingType},
		Remedy: "set instanceRefresh, and maxInstanceLifetime to 2592000 or less",
		each:   all(isSet("instanceRefresh.strategy"), atMost("maxInstanceLifetime", 30*24*3600)),
	},
	{
		Number: 96, Severity: report.Low, Title: "Servers can register with Systems Manager", Types: templateOnly, Later: true,
		Known:  "FSBP SSM.1 SSM.2 SSM.3; Prowler ec2_instance_managed_by_ssm ssm_managed_compliant_patching",
		Remedy: "allow the role ssm:UpdateInstanceInformation and ssmmessages:*", each: managedBySSM,
	},
	{
		Number: 236, Severity: report.Medium, Title: "No program of a server runs as root", Types: machines, Later: true,
		Note:   "units of systemd in the user data are read; what sets a server up once may be root",
		Remedy: "set User and NoNewPrivileges in the unit's [Service]", each: toldBy(asRoot),
	},
}

// optimized says that the machine's disks have a network of their own unless a program turns it off, as with everything
// AWS has brought out since 2015.
func optimized(v *view, r *graph.Resource) outcome {
	family, _, _ := strings.Cut(r.String("instanceType"), ".")
	if slices.Contains([]string{"", "c1", "c3", "cc2", "cr1", "g2", "hs1", "i2", "m1", "m2", "m3", "r3", "t1", "t2"}, family) {
		return broken("%s has none by itself", r.String("instanceType"))
	}
	return isUnset("ebsOptimized")(v, r)
}

// textSet is isSet for a property that is plain text in some types and a block in others.
func textSet(path string) check {
	return func(_ *view, r *graph.Resource) outcome {
		value, known := read(r, path)
		if _, block := value.(map[string]any); known == absent || block {
			return broken("%s is not set", path)
		}
		return holds()
	}
}

func noPublicAddress(v *view, r *graph.Resource) outcome {
	if r.Type == instanceType {
		return v.instanceAddress(r)
	}
	if _, known := read(r, "networkInterfaces"); known != absent {
		return elements("networkInterfaces", 1, func(at string) check {
			return func(v *view, r *graph.Resource) outcome {
				o := is(at+".associatePublicIpAddress", false)(v, r)
				if _, addresses := read(r, at+".ipv4AddressCount"); o.verdict == report.Holds && addresses == hidden {
					return unknown(r, at+".ipv4AddressCount")
				}
				return o
			}
		})(v, r)
	}
	for _, group := range slices.Concat(v.pointing(r, "launchTemplate", scalingType, instanceType),
		v.pointing(r, "mixedInstancesPolicy", scalingType)) {
		if o := v.givenAddress(group); o.verdict != report.Holds {
			return o
		}
	}
	return holds()
}

// givenAddress is the outcome for servers that do not say whether they want a public address: their subnets decide.
func (v *view) givenAddress(r *graph.Resource) outcome {
	subnets, o := v.subnetsOf(r)
	for _, s := range subnets {
		given := isNot("mapPublicIpOnLaunch", true)(v, s)
		switch given.verdict {
		case report.Broken:
			return broken("it does not say, and %s gives public addresses", s.Name)
		case report.Undecided:
			return given
		}
	}
	return o
}

// instanceAddress demands that an instance have no public address, neither at its start nor later.
func (v *view) instanceAddress(r *graph.Resource) outcome {
	if addresses := slices.Concat(v.pointing(r, "instance", eipType),
		v.pointing(r, "instanceId", "aws:ec2/eipAssociation:EipAssociation")); len(addresses) > 0 {
		return broken("it has the address of %s", addresses[0].Name)
	}
	if _, known := asked(r, "associatePublicIpAddress"); known == absent {
		return v.givenAddress(r)
	}
	return isNot("associatePublicIpAddress", true)(v, r)
}

// subnetsOf are the subnets that servers are in, and the outcome if some are not in the stack.
func (v *view) subnetsOf(r *graph.Resource) ([]*graph.Resource, outcome) {
	var found []*graph.Resource
	o := holds()
	for _, path := range []string{"vpcZoneIdentifiers", "subnetId", "subnetIds"} {
		resolved := v.g.Resolve(r, path)
		found = append(found, only(resolved.Resources, func(r *graph.Resource) bool { return r.Type == subnetType })...)
		if len(resolved.Outside) > 0 || resolved.Undecided {
			o = undecided("%s names subnets that are not in the stack", path)
		}
	}
	if len(found) == 0 {
		o = undecided("its subnets are not in the stack")
	}
	return found, o
}

func encryptedVolumes(v *view, r *graph.Resource) outcome {
	if r.Type == volumeType {
		return is("encrypted", true)(v, r)
	}
	if r.Type == instanceType {
		return all(is("rootBlockDevice.encrypted", true),
			elements("ebsBlockDevices", 0, func(at string) check { return is(at+".encrypted", true) }))(v, r)
	}
	volumes := 0
	o := elements("blockDeviceMappings", 1, func(at string) check {
		return func(v *view, r *graph.Resource) outcome {
			if _, known := read(r, at+".ebs"); known == absent {
				return holds() // a disk of the host, or none
			}
			volumes++
			return is(at+".ebs.encrypted", true)(v, r)
		}
	})(v, r)
	if o.verdict == report.Holds && volumes == 0 {
		return broken("blockDeviceMappings has no volume, so the image's own is as the account has it")
	}
	return o
}

func volumesOwnKey(v *view, r *graph.Resource) outcome {
	if r.Type == volumeType {
		return ownKey("kmsKeyId")(v, r)
	}
	if r.Type == instanceType {
		return all(isSet("rootBlockDevice.kmsKeyId"),
			elements("ebsBlockDevices", 0, func(at string) check { return isSet(at + ".kmsKeyId") }))(v, r)
	}
	return elements("blockDeviceMappings", 1, func(at string) check {
		return when(has(at+".ebs"), isSet(at+".ebs.kmsKeyId"))
	})(v, r)
}

func noSecretInUserData(_ *view, _ *graph.Resource, told userdata.Data) string {
	if found := findSecrets(told.Text); len(found) > 0 {
		return "its user data has " + strings.Join(found, " and ")
	}
	return ""
}

func oneInterface(_ *view, r *graph.Resource) outcome {
	value, _ := read(r, "networkInterfaces")
	if list, _ := value.([]any); len(list) > 1 {
		return broken("it has %d network interfaces", len(list))
	}
	return holds()
}

// old are the families before the Nitro system. AWS, "Previous generation instances".
var old = []string{"t1", "t2", "m1", "m2", "m3", "m4", "c1", "c3", "c4", "cc2", "cr1", "r3", "r4", "i2", "i3", "d2", "g2", "g3", "hs1",
	"hi1", "p2", "p3", "x1", "x1e", "h1", "f1"}

func modernType(_ *view, r *graph.Resource) outcome {
	value, known := read(r, "instanceType")
	switch {
	case known == hidden:
		return unknown(r, "instanceType")
	case known == absent:
		if _, requirements := read(r, "instanceRequirements"); requirements != absent {
			return holds()
		}
		return broken("instanceType is not set")
	}
	family, _, _ := strings.Cut(text(value), ".")
	image := r.String("imageId") + r.String("ami")
	arm := graviton.MatchString(family)
	switch {
	case slices.Contains(old, family):
		return broken("instanceType is %s", text(value))
	case arm && strings.Contains(image, "x86_64"), !arm && strings.Contains(image, "arm64"):
		return broken("instanceType is %s, on which the image %s does not start", text(value), image).
			write("choose a type of the image's architecture")
	}
	return holds()
}

// graviton are the families whose processor is Arm's. AWS, "Amazon EC2 instance types", naming conventions.
var graviton = regexp.MustCompile(`^(a1|[a-z]+\d+g[a-z0-9-]*|im4gn|is4gen)$`)

// replacesIll demands that nothing keeps a group from replacing a server that is ill, and that it does not wait for hours.
func replacesIll(v *view, r *graph.Resource) outcome {
	for _, process := range r.Strings("suspendedProcesses") {
		if slices.Contains([]string{"Terminate", "HealthCheck", "ReplaceUnhealthy", "Launch"}, process) {
			return broken("%s is suspended", process).write("leave it out of suspendedProcesses")
		}
	}
	grace, asked := r.Int("healthCheckGracePeriod")
	if asked && grace < 30 && v.ours {
		return broken("healthCheckGracePeriod is %d: servers are replaced before they have started", grace).
			write("set healthCheckGracePeriod to what a server needs to start")
	}
	if asked && grace > 3600 {
		return broken("healthCheckGracePeriod is %d: for so many seconds nobody replaces a server that is ill", grace).
			write("set healthCheckGracePeriod to what a server needs to start")
	}
	return holds()
}
