package rules

// instances is launch templates.
func instances() map[string]ofType {
	return map[string]ofType{
		"aws:ec2/launchTemplate:LaunchTemplate": {ec2("CreateLaunchTemplate"), join([]row{
			at("name", length(3, 125), templateName()),
			at("namePrefix", length(3, 99), templateName()),
			at("defaultVersion", atLeast(1)),
			at("description", length(0, 255)),
			at("ebsOptimized", truth()),
			at("instanceInitiatedShutdownBehavior", oneOf("stop", "terminate")),
			at("blockDeviceMappings.ebs.deleteOnTermination", truth()),
			at("blockDeviceMappings.ebs.encrypted", truth()),
			at("blockDeviceMappings.ebs.kmsKeyId", arn()),
			at("blockDeviceMappings.ebs.throughput", between(125, 1000)),
			at("blockDeviceMappings.ebs.volumeType", oneOf("standard", "io1", "io2", "gp2", "gp3", "sc1", "st1")),
			at("capacityReservationSpecification.capacityReservationPreference", oneOf("open", "none", "capacity-reservations-only")),
			at("capacityReservationSpecification.capacityReservationTarget.capacityReservationResourceGroupArn", arn()),
			at("cpuOptions.amdSevSnp", oneOf("enabled", "disabled")),
			at("creditSpecification.cpuCredits", oneOf("standard", "unlimited")),
			at("iamInstanceProfile.arn", arn()),
			at("instanceMarketOptions.marketType", oneOf("spot", "capacity-block")),
			at("instanceMarketOptions.spotOptions.blockDurationMinutes", oneOfNumbers(0, 60, 120, 180, 240, 300, 360)),
			at("instanceMarketOptions.spotOptions.instanceInterruptionBehavior", oneOf("hibernate", "stop", "terminate")),
			at("instanceMarketOptions.spotOptions.spotInstanceType", oneOf("one-time", "persistent")),
			at("instanceMarketOptions.spotOptions.validUntil", timestamp()),
			at("licenseSpecifications.licenseConfigurationArn", arn()),
			at("maintenanceOptions.autoRecovery", oneOf("default", "disabled")),
			at("metadataOptions.httpEndpoint", oneOf("enabled", "disabled")),
			at("metadataOptions.httpProtocolIpv6", oneOf("enabled", "disabled")),
			at("metadataOptions.httpPutResponseHopLimit", between(1, 64)),
			at("metadataOptions.httpTokens", oneOf("optional", "required")),
			at("metadataOptions.instanceMetadataTags", oneOf("enabled", "disabled")),
			at("networkInterfaces.associateCarrierIpAddress", truth()),
			at("networkInterfaces.associatePublicIpAddress", truth()),
			at("networkInterfaces.deleteOnTermination", truth()),
			at("networkInterfaces.interfaceType", oneOf("interface", "efa", "efa-only")),
			at("networkInterfaces.ipv4Addresses", address(true, false)),
			at("networkInterfaces.ipv4Prefixes", block4()),
			at("networkInterfaces.ipv6Addresses", address(false, true)),
			at("networkInterfaces.ipv6Prefixes", block6()),
			at("networkInterfaces.primaryIpv6", truth()),
			at("networkInterfaces.privateIpAddress", address(true, false)),
			at("placement.hostResourceGroupArn", arn()),
			at("placement.tenancy", oneOf("default", "dedicated", "host")),
			at("privateDnsNameOptions.hostnameType", oneOf("ip-name", "resource-name")),
			at("tagSpecifications.resourceType", oneOf("instance", "volume", "network-interface", "spot-instances-request", "elastic-gpu")),
		}, requirementRows("instanceRequirements.", allChips)), nil},
	}
}

func templateName() Rule {
	return shaped(`^[0-9A-Za-z()./_\-]*$`, "letters, digits and ().-/_").refusing("web server", "wéb")
}

// chips are the processors and accelerators that a service knows by name.
type chips struct{ accelerators, kinds, acceleratorMakers, processorMakers []string }

var (
	allChips = chips{
		[]string{"a100", "a10g", "h100", "inferentia", "k520", "k80", "m60", "radeon-pro-v520", "t4", "t4g", "vu9p", "v100", "l4", "l40s",
			"gaudi-hl-205", "inferentia2", "trainium", "trainium2", "u30"},
		[]string{"gpu", "fpga", "inference", "media"}, []string{"amazon-web-services", "amd", "nvidia", "xilinx", "habana"},
		[]string{"intel", "amd", "amazon-web-services", "apple"},
	}
	scalingChips = chips{
		[]string{"a100", "v100", "k80", "t4", "m60", "radeon-pro-v520", "vu9p"},
		[]string{"gpu", "fpga", "inference"}, []string{"amazon-web-services", "amd", "nvidia", "xilinx"},
		[]string{"intel", "amd", "amazon-web-services"},
	}
)

// requirementRows: attribute-based choice of instance types (EC2 API reference, InstanceRequirementsRequest).
func requirementRows(in string, c chips) []row {
	return []row{
		at(in+"acceleratorCount.min", atLeast(1)),
		at(in+"acceleratorCount.max", atLeast(0)),
		at(in+"acceleratorManufacturers", oneOf(c.acceleratorMakers...)),
		at(in+"acceleratorNames", oneOf(c.accelerators...)),
		at(in+"acceleratorTotalMemoryMib.min", atLeast(1)),
		at(in+"acceleratorTotalMemoryMib.max", atLeast(1)),
		at(in+"acceleratorTypes", oneOf(c.kinds...)),
		at(in+"bareMetal", oneOf("included", "required", "excluded")),
		at(in+"baselineEbsBandwidthMbps.min", atLeast(1)),
		at(in+"baselineEbsBandwidthMbps.max", atLeast(1)),
		at(in+"burstablePerformance", oneOf("included", "required", "excluded")),
		at(in+"cpuManufacturers", oneOf(c.processorMakers...)),
		at(in+"instanceGenerations", oneOf("current", "previous")),
		at(in+"localStorage", oneOf("included", "required", "excluded")),
		at(in+"localStorageTypes", oneOf("hdd", "ssd")),
		at(in+"maxSpotPriceAsPercentageOfOptimalOnDemandPrice", atLeast(1)),
		at(in+"memoryGibPerVcpu.max", moreThan(0)),
		at(in+"memoryGibPerVcpu.min", moreThan(0)),
		at(in+"networkBandwidthGbps.max", moreThan(0)),
		at(in+"networkBandwidthGbps.min", moreThan(0)),
		at(in+"totalLocalStorageGb.max", moreThan(0)),
		at(in+"totalLocalStorageGb.min", moreThan(0)),
		at(in+"memoryMib.min", atLeast(1)),
		at(in+"memoryMib.max", atLeast(1)),
		at(in+"networkInterfaceCount.min", atLeast(1)),
		at(in+"networkInterfaceCount.max", atLeast(1)),
		at(in+"onDemandMaxPricePercentageOverLowestPrice", atLeast(1)),
		at(in+"spotMaxPricePercentageOverLowestPrice", atLeast(1)),
		at(in+"vcpuCount.min", atLeast(1)),
		at(in+"vcpuCount.max", atLeast(1)),
	}
}
