package servers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Architectures of an instance type's processor, as AWS's image names spell them.
const (
	ARM64 = "arm64"
	X86   = "x86_64"
)

// InstanceType is an EC2 instance type, taken apart: c7gn.2xlarge is series c,
// generation 7, attributes gn, size 2xlarge (AWS, EC2 instance types guide,
// "Naming conventions").
type InstanceType struct {
	Series     string // c
	Generation int    // 7
	Attributes string // gn: Graviton, network
	Flex       bool   // m7i-flex
	Size       string // 2xlarge
}

var typePattern = regexp.MustCompile(
	`^([a-z]{1,4})([1-9])([a-z]{0,4})(-flex)?\.(nano|micro|small|medium|large|xlarge|[1-9][0-9]{0,2}xlarge|metal(?:-[0-9]+xl)?)$`)

// oldest is the first generation on Nitro of each series that runs servers. Encrypted, EBS-optimised, IPv6-capable
// instances without remnants of paravirtualisation need Nitro (AWS, EC2 instance types guide, "Instances built on the
// Nitro System"). Accelerators and Macs are left out.
var oldest = map[string]int{
	"a": 1, "c": 5, "hpc": 6, "i": 4, "im": 4, "is": 4, "m": 5, "r": 5, "t": 3, "x": 2, "z": 1,
}

var (
	// early are Nitro families that are older than their series' first all-Nitro generation.
	early = []string{"i3en"}
	// credited are all T families since Nitro: T types without a Graviton or AMD letter ended at t3.
	credited = []string{"t3", "t3a", "t4g"}
	// burstable are the sizes of T types.
	burstable = []string{"nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"}
	// small are the sizes that only T types have.
	small = []string{"nano", "micro", "small"}
)

// ParseInstanceType reads an instance type such as m7g.large. It refuses text that is not one, types that do not run
// on Nitro, and types that are not for general servers.
func ParseInstanceType(text string) (InstanceType, error) {
	m := typePattern.FindStringSubmatch(text)
	if m == nil {
		return InstanceType{}, fmt.Errorf("%q is not an EC2 instance type", text)
	}
	t := InstanceType{Series: m[1], Generation: int(m[2][0] - '0'), Attributes: m[3], Flex: m[4] != "", Size: m[5]}
	first, known := oldest[t.Series]
	switch {
	case t.repeats():
		return t, fmt.Errorf("%q is not an EC2 instance type", text)
	case !known:
		return t, fmt.Errorf("%q is of the %s series, which is not for servers like these", text, t.Series)
	case t.Generation < first && !slices.Contains(early, t.family()):
		return t, fmt.Errorf("%q is of a previous generation, from before the Nitro system", text)
	case t.Burstable() && !slices.Contains(credited, t.family()):
		return t, fmt.Errorf("%q does not exist: the burstable families are %s", text, strings.Join(credited, ", "))
	case !t.hasSize():
		return t, fmt.Errorf("%q does not exist: %s has no size %s", text, t.family(), t.Size)
	}
	return t, nil
}

// hasSize reports whether the family can have the type's size. Medium is for Graviton and, from the seventh
// generation, AMD; no burstable or flex type is metal.
func (t InstanceType) hasSize() bool {
	switch {
	case t.Burstable():
		return slices.Contains(burstable, t.Size)
	case t.Size == "medium":
		return t.Architecture() == ARM64 || strings.HasPrefix(t.Attributes, "a") && t.Generation >= 7
	case t.Flex && strings.HasPrefix(t.Size, "metal"):
		return false
	default:
		return !slices.Contains(small, t.Size)
	}
}

// repeats reports whether a letter occurs twice in the attributes, as after a typing error.
func (t InstanceType) repeats() bool {
	for i, letter := range t.Attributes {
		if strings.ContainsRune(t.Attributes[:i], letter) {
			return true
		}
	}
	return false
}

// Architecture is arm64 for Graviton, whose attributes contain a g, and x86_64 for the rest. A1 is the first Graviton
// and predates that letter.
func (t InstanceType) Architecture() string {
	if strings.Contains(t.Attributes, "g") || t.Series == "a" {
		return ARM64
	}
	return X86
}

// GOARCH is the architecture as Go names it.
func (t InstanceType) GOARCH() string {
	if t.Architecture() == X86 {
		return "amd64"
	}
	return ARM64
}

// Burstable reports whether the type spends CPU credits.
func (t InstanceType) Burstable() bool { return t.Series == "t" }

func (t InstanceType) family() string {
	name := fmt.Sprintf("%s%d%s", t.Series, t.Generation, t.Attributes)
	if t.Flex {
		name += "-flex"
	}
	return name
}
