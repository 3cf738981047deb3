package world

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

// size is one size of instance: virtual CPUs and MiB of memory.
type size struct{ cpus, memory float64 }

// sizes are those of the general-purpose families (AWS, "Amazon EC2 instance types", 2025).
var sizes = map[string]map[string]size{
	"t": {"nano": {2, 512}, "micro": {2, 1024}, "small": {2, 2048}, "medium": {2, 4096}, "large": {2, 8192}, "xlarge": {4, 16384},
		"2xlarge": {8, 32768}},
	"m": {"medium": {1, 4096}, "large": {2, 8192}, "xlarge": {4, 16384}, "2xlarge": {8, 32768}, "4xlarge": {16, 65536},
		"8xlarge": {32, 131072}},
	"c": {"medium": {1, 2048}, "large": {2, 4096}, "xlarge": {4, 8192}, "2xlarge": {8, 16384}, "4xlarge": {16, 32768},
		"8xlarge": {32, 65536}},
	"r": {"medium": {1, 8192}, "large": {2, 16384}, "xlarge": {4, 32768}, "2xlarge": {8, 65536}, "4xlarge": {16, 131072},
		"8xlarge": {32, 262144}},
}

// families are the general-purpose families that the twin offers.
var families = []string{"t3", "t3a", "t4g", "m5", "m6g", "m6i", "m7g", "m7i", "m8g", "c5", "c6g", "c6i", "c7g", "c7i", "c8g", "r5", "r6g",
	"r6i", "r7g", "r7i", "r8g"}

// instanceSize returns the size of an instance type, and whether there is such a type.
func instanceSize(name string) (size, bool) {
	family, sizeName, _ := strings.Cut(name, ".")
	if !slices.Contains(families, family) {
		return size{}, false
	}
	s, known := sizes[family[:1]][sizeName]
	return s, known
}

func arm(family string) bool { return strings.HasSuffix(strings.SplitN(family, ".", 2)[0], "g") }

// getInstanceType leaves out what the twin does not know about a type, such as its network speed (EC2 API, "Error codes").
func getInstanceType(_ *Call, q Query) (value.Map, error) {
	name, _ := q.Args["instanceType"].(string)
	s, known := instanceSize(name)
	if !known {
		return nil, fault("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", name)
	}
	architecture := "x86_64"
	if arm(name) {
		architecture = "arm64"
	}
	return value.Map{"id": name, "instanceType": name, "defaultVcpus": s.cpus, "memorySize": s.memory, "currentGeneration": true,
		"bareMetal": false, "hypervisor": "nitro",
		"burstablePerformanceSupported": name[0] == 't', "supportedArchitectures": []any{architecture},
		"encryptionInTransitSupported": !strings.HasPrefix(name, "t"),
		"ebsEncryptionSupport":         "supported", "ebsNvmeSupport": "required", "ebsOptimizedSupport": "default",
		"enaSupport":               "required",
		"ipv6Supported":            true,
		"instanceStorageSupported": false, "supportedRootDeviceTypes": []any{"ebs"}, "supportedVirtualizationTypes": []any{"hvm"},
		"supportedUsagesClasses": []any{"on-demand", "spot"}, "freeTierEligible": strings.HasSuffix(name, ".micro")}, nil
}

func getInstanceTypeOfferings(_ *Call, q Query) (value.Map, error) {
	wanted := map[string]bool{}
	for _, f := range objectsIn(q.Args["filters"]) {
		if f["name"] == "instance-type" {
			for _, v := range texts(f["values"]) {
				wanted[v] = true
			}
		}
	}
	locations := []string{q.Region}
	locationType, _ := q.Args["locationType"].(string)
	locationType = cmp.Or(locationType, "region")
	if locationType == "availability-zone" {
		locations = Zones(q.Region)
	}
	var types, where, kinds []any
	for _, name := range instanceTypes() {
		if len(wanted) > 0 && !wanted[name] {
			continue
		}
		for _, l := range locations {
			types, where, kinds = append(types, name), append(where, l), append(kinds, locationType)
		}
	}
	return value.Map{"id": q.Region, "instanceTypes": types, "locations": where, "locationTypes": kinds}, nil
}

func instanceTypes() (names []string) {
	for _, f := range families {
		for s := range sizes[f[:1]] {
			names = append(names, f+"."+s)
		}
	}
	sort.Strings(names)
	return names
}

func getEngineVersion(_ *Call, q Query) (value.Map, error) {
	engine, _ := q.Args["engine"].(string)
	version, _ := q.Args["version"].(string)
	for _, preferred := range texts(q.Args["preferredVersions"]) {
		if version == "" && actualVersion(engine, preferred) != "" {
			version = preferred
		}
	}
	actual := actualVersion(engine, version)
	if actual == "" {
		return nil, fmt.Errorf("no RDS engine versions match %s %s: the twin has %s", engine, version,
			strings.Join(engineVersions[engine], ", "))
	}
	return value.Map{"id": actual, "version": actual, "versionActual": actual, "parameterGroupFamily": engineFamily(engine, actual),
		"status":            "available",
		"engineDescription": engine, "versionDescription": engine + " " + actual, "supportsReadReplica": true,
		"supportsLogExportsToCloudwatch": true,
		"supportsGlobalDatabases":        strings.HasPrefix(engine, "aurora"), "supportsParallelQuery": false,
		"supportsLimitlessDatabase": false,
		"exportableLogTypes":        []any{}, "defaultCharacterSet": "", "supportedCharacterSets": []any{},
		"supportedFeatureNames": []any{},
		"supportedModes":        []any{"provisioned"}, "supportedTimezones": []any{},
		"validMajorTargets": []any{}, "validMinorTargets": []any{}, "validUpgradeTargets": []any{}}, nil
}

// getOrderable says what a database class can do, by the same rules that refuse what it cannot.
func getOrderable(c *Call, q Query) (value.Map, error) {
	engine, _ := q.Args["engine"].(string)
	version, _ := q.Args["engineVersion"].(string)
	class, _ := q.Args["instanceClass"].(string)
	storage, _ := q.Args["storageType"].(string)
	storage = cmp.Or(storage, "gp3")
	actual := actualVersion(engine, version)
	can := func(class string, wanted value.Map, rules ...rule) bool {
		outputs := value.Map{"engine": engine, "engineVersion": actual, "instanceClass": class}
		maps.Copy(outputs, wanted)
		for _, r := range rules {
			if r(c, &Object{Outputs: outputs}) != nil {
				return false
			}
		}
		return class != ""
	}
	for _, preferred := range texts(q.Args["preferredInstanceClasses"]) {
		if class == "" && can(preferred, nil, classExists, classOfEngine) {
			class = preferred
		}
	}
	if actual == "" || !can(class, nil, classExists, classOfEngine) {
		return nil, fmt.Errorf("no RDS DB instance offering matches %s %s %s", engine, version, class)
	}
	cluster := strings.HasPrefix(engine, "aurora")
	bounds := storageBounds[storage]
	iops := storage == "gp3" || storage == "io1" || storage == "io2"
	least, most := 0.0, 0.0
	if iops {
		least, most = 1000, 256000
	}
	if storage == "gp3" {
		least, most = 12000, 64000
	}
	return value.Map{"id": class, "instanceClass": class, "engineVersion": actual, "availabilityZones": list(Zones(q.Region)),
		"availabilityZoneGroup": "", "licenseModel": licenseModel(engine),
		"multiAzCapable": !cluster, "storageType": storage, "minStorageSize": bounds[0], "maxStorageSize": bounds[1], "vpc": true,
		"minIopsPerDbInstance": least, "maxIopsPerDbInstance": most, "minIopsPerGib": 0.5, "maxIopsPerGib": 50.0,
		"supportsStorageEncryption":         can(class, value.Map{"storageEncrypted": true}, classEncrypts),
		"supportsPerformanceInsights":       can(class, value.Map{"performanceInsightsEnabled": true}, classHasInsights),
		"supportsIamDatabaseAuthentication": true, "supportsKerberosAuthentication": true, "supportsEnhancedMonitoring": true,
		"supportsMultiAz": true, "supportsClusters": cluster,
		"supportsGlobalDatabases": cluster, "supportsStorageAutoscaling": !cluster, "supportedNetworkTypes": []any{"IPV4", "DUAL"},
		"supportedEngineModes": []any{}, "outpostCapable": false,
		"readReplicaCapable": true, "supportsIops": iops}, nil
}
