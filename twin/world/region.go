package world

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

// zonesOf says how many zones an account sees in a region, and the zone ids' prefix (AWS,
// "Regions and Availability Zones", 2025).
var zonesOf = map[string]struct {
	letters, prefix, name string
}{
	"us-east-1":      {"abcdef", "use1", "US East (N. Virginia)"},
	"us-east-2":      {"abc", "use2", "US East (Ohio)"},
	"us-west-1":      {"ac", "usw1", "US West (N. California)"},
	"us-west-2":      {"abcd", "usw2", "US West (Oregon)"},
	"ca-central-1":   {"abd", "cac1", "Canada (Central)"},
	"sa-east-1":      {"abc", "sae1", "South America (Sao Paulo)"},
	"eu-west-1":      {"abc", "euw1", "Europe (Ireland)"},
	"eu-west-2":      {"abc", "euw2", "Europe (London)"},
	"eu-west-3":      {"abc", "euw3", "Europe (Paris)"},
	"eu-central-1":   {"abc", "euc1", "Europe (Frankfurt)"},
	"eu-central-2":   {"abc", "euc2", "Europe (Zurich)"},
	"eu-north-1":     {"abc", "eun1", "Europe (Stockholm)"},
	"eu-south-1":     {"abc", "eus1", "Europe (Milan)"},
	"eu-south-2":     {"abc", "eus2", "Europe (Spain)"},
	"ap-south-1":     {"abc", "aps1", "Asia Pacific (Mumbai)"},
	"ap-southeast-1": {"abc", "apse1", "Asia Pacific (Singapore)"},
	"ap-southeast-2": {"abc", "apse2", "Asia Pacific (Sydney)"},
	"ap-northeast-1": {"acd", "apne1", "Asia Pacific (Tokyo)"},
	"ap-northeast-2": {"abcd", "apne2", "Asia Pacific (Seoul)"},
	"ap-northeast-3": {"abc", "apne3", "Asia Pacific (Osaka)"},
	"ap-east-1":      {"abc", "ape1", "Asia Pacific (Hong Kong)"},
	"me-south-1":     {"abc", "mes1", "Middle East (Bahrain)"},
	"me-central-1":   {"abc", "mec1", "Middle East (UAE)"},
	"af-south-1":     {"abc", "afs1", "Africa (Cape Town)"},
	"il-central-1":   {"abc", "ilc1", "Israel (Tel Aviv)"},
	"ap-south-2":     {"abc", "aps2", "Asia Pacific (Hyderabad)"},
	"ap-southeast-3": {"abc", "apse3", "Asia Pacific (Jakarta)"},
	"ap-southeast-4": {"abc", "apse4", "Asia Pacific (Melbourne)"},
	"ap-southeast-5": {"abc", "apse5", "Asia Pacific (Malaysia)"},
	"ap-southeast-6": {"abc", "apse6", "Asia Pacific (New Zealand)"},
	"ap-southeast-7": {"abc", "apse7", "Asia Pacific (Thailand)"},
	"ap-east-2":      {"abc", "ape2", "Asia Pacific (Taipei)"},
	"ca-west-1":      {"abc", "caw1", "Canada West (Calgary)"},
	"mx-central-1":   {"abc", "mxc1", "Mexico (Central)"},
	"us-gov-east-1":  {"abc", "usge1", "AWS GovCloud (US-East)"},
	"us-gov-west-1":  {"abc", "usgw1", "AWS GovCloud (US-West)"},
	"cn-north-1":     {"abd", "cnn1", "China (Beijing)"},
	"cn-northwest-1": {"abc", "cnnw1", "China (Ningxia)"},
}

// Zones returns the names of a region's availability zones.
func Zones(region string) []string {
	letters := "abc"
	if z, ok := zonesOf[region]; ok {
		letters = z.letters
	}
	var zones []string
	for _, letter := range letters {
		zones = append(zones, region+string(letter))
	}
	return zones
}

// AnyZone says whether a region that the twin knows has a zone for which such is true.
func AnyZone(such func(zone string) bool) bool {
	for region := range zonesOf {
		if slices.ContainsFunc(Zones(region), such) {
			return true
		}
	}
	return false
}

func zoneID(region string, index int) string {
	prefix := strings.ReplaceAll(region, "-", "")
	if z, ok := zonesOf[region]; ok {
		prefix = z.prefix
	}
	return fmt.Sprintf("%s-az%d", prefix, index+1)
}

// zoneIDOf returns the id of a zone by its name, or "".
func zoneIDOf(zone string) string {
	region := strings.TrimRight(zone, "abcdef")
	if i := slices.Index(Zones(region), zone); i >= 0 {
		return zoneID(region, i)
	}
	return ""
}

func list(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}

func availabilityZones(_ *Call, q Query) (value.Map, error) {
	var names, ids []string
	excluded := append(texts(q.Args["excludeNames"]), texts(q.Args["excludeZoneIds"])...)
	state, _ := q.Args["state"].(string)
	for i, name := range Zones(q.Region) {
		id := zoneID(q.Region, i)
		if slices.Contains(excluded, name) || slices.Contains(excluded, id) || (state != "" && state != "available") ||
			!zoneMatches(q, name, id) {
			continue
		}
		names, ids = append(names, name), append(ids, id)
	}
	return value.Map{"id": q.Region, "names": list(names), "zoneIds": list(ids), "groupNames": []any{q.Region}}, nil
}

// zoneMatches applies the filters of DescribeAvailabilityZones.
func zoneMatches(q Query, name, id string) bool {
	actual := map[string]string{"zone-name": name, "zone-id": id, "zone-type": "availability-zone", "state": "available",
		"region-name": q.Region, "group-name": q.Region, "opt-in-status": "opt-in-not-required"}
	for _, filter := range objectsIn(q.Args["filters"]) {
		if key, _ := filter["name"].(string); !slices.Contains(texts(filter["values"]), actual[key]) {
			return false
		}
	}
	return true
}

// availabilityZone fails as the service does (EC2 API, DescribeAvailabilityZones).
func availabilityZone(_ *Call, q Query) (value.Map, error) {
	name, _ := q.Args["name"].(string)
	id, _ := q.Args["zoneId"].(string)
	for i, zone := range Zones(q.Region) {
		if zone == name || zoneID(q.Region, i) == id {
			return value.Map{"id": zone, "name": zone, "zoneId": zoneID(q.Region, i), "nameSuffix": strings.TrimPrefix(zone, q.Region),
				"region": q.Region, "state": "available", "groupName": q.Region, "networkBorderGroup": q.Region,
				"optInStatus": "opt-in-not-required", "zoneType": "availability-zone", "parentZoneId": "", "parentZoneName": ""}, nil
		}
	}
	return nil, fault("InvalidParameterValue", "Invalid availability zone: [%s%s]", name, id)
}

func callerIdentity(c *Call, q Query) (value.Map, error) {
	account := c.accountID()
	return value.Map{"id": account, "accountId": account, "userId": "AIDACAUSEWAYTWIN00000",
		"arn": fmt.Sprintf("arn:%s:iam::%s:user/twin", Partition(q.Region), account)}, nil
}

func partition(_ *Call, q Query) (value.Map, error) {
	p := Partition(q.Region)
	suffix, reverse := "amazonaws.com", "com.amazonaws"
	if p == "aws-cn" {
		suffix, reverse = "amazonaws.com.cn", "cn.com.amazonaws"
	}
	return value.Map{"id": p, "partition": p, "dnsSuffix": suffix, "reverseDnsPrefix": reverse}, nil
}

// region fails as the service does (EC2 API, DescribeRegions).
func region(_ *Call, q Query) (value.Map, error) {
	name, _ := q.Args["name"].(string)
	name = cmp.Or(name, q.Region)
	z, known := zonesOf[name]
	if !known {
		return nil, fault("InvalidParameterValue", "Invalid region: [%s]", name)
	}
	return value.Map{"id": name, "name": name, "description": z.name, "endpoint": "ec2." + name + ".amazonaws.com"}, nil
}

func defaultTags(_ *Call, q Query) (value.Map, error) {
	tags := value.Map{}
	for k, v := range q.DefaultTags {
		tags[k] = v
	}
	return value.Map{"id": Partition(q.Region), "tags": tags}, nil
}
