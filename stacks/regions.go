package stacks

import "cmp"

// regions are AWS's regions in the partition aws (AWS, Regions and Zones user guide, "AWS Regions"). A new region
// must be added here: without this list, a wrong one in a settings file would show only after minutes.
var regions = []string{
	"af-south-1",
	"ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
	"ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
	"ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
	"ca-central-1", "ca-west-1",
	"eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2",
	"eu-west-1", "eu-west-2", "eu-west-3",
	"il-central-1",
	"me-central-1", "me-south-1", "mx-central-1",
	"sa-east-1",
	"us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// zoneLetters are the zones of the regions that have zones other than a, b and c, as seen by an account that has
// requested none.
var zoneLetters = map[string]string{
	"us-east-1": "abcdef", "us-west-1": "ac", "us-west-2": "abcd",
	"ap-northeast-1": "acd", "ap-northeast-2": "abcd", "ca-central-1": "abd",
}

// zonesOf are the names of a region's zones.
func zonesOf(region string) []string {
	var zones []string
	for _, letter := range cmp.Or(zoneLetters[region], "abc") {
		zones = append(zones, region+string(letter))
	}
	return zones
}
