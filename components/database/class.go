package database

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ServerlessClass is the class of Aurora that grows and shrinks by itself.
const ServerlessClass = "db.serverless"

// Sizes of the families of instance classes (AWS, RDS user guide and Aurora user
// guide, "DB instance class types" and "Hardware specifications").
var (
	sizesBurst   = sizes("micro small medium large xlarge 2xlarge")
	sizesTo16    = sizes("large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge")
	sizesTo24    = sizes("large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge")
	sizesTo32    = sizes("large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge")
	sizesTo48    = sizes("large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge")
	sizesX2iedn  = sizes("xlarge 2xlarge 4xlarge 8xlarge 16xlarge 24xlarge 32xlarge")
	sizesX2idn   = sizes("16xlarge 24xlarge 32xlarge")
	sizesAurora  = sizes("medium large")
	sizesRead6gd = sizes("2xlarge 4xlarge 8xlarge 12xlarge 16xlarge")
	sizesRead6id = sizes("24xlarge 32xlarge")
)

// rdsClasses are the current families of RDS for PostgreSQL and MySQL.
var rdsClasses = classes(map[string][]string{
	"t3": sizesBurst, "t4g": sizesBurst,
	"m5": sizesTo24, "m5d": sizesTo24, "m6g": sizesTo16, "m6gd": sizesTo16, "m6i": sizesTo32, "m6id": sizesTo32,
	"m6idn": sizesTo32, "m6in": sizesTo32, "m7g": sizesTo16, "m7i": sizesTo48, "m8g": sizesTo48,
	"r5": sizesTo24, "r5b": sizesTo24, "r5d": sizesTo24, "r6g": sizesTo16, "r6gd": sizesTo16, "r6i": sizesTo32,
	"r6id": sizesTo32, "r6idn": sizesTo32, "r6in": sizesTo32, "r7g": sizesTo16, "r7i": sizesTo48, "r8g": sizesTo48,
	"x2g": sizesTo16, "x2idn": sizesX2idn, "x2iedn": sizesX2iedn,
})

// auroraClasses are the current families of Aurora PostgreSQL. It has no M classes, and its burstable ones begin at
// medium.
var auroraClasses = append(classes(map[string][]string{
	"t3": sizesAurora, "t4g": sizesAurora,
	"r5": sizesTo24, "r6g": sizesTo16, "r6gd": sizesRead6gd, "r6i": sizesTo32, "r6id": sizesRead6id,
	"r7g": sizesTo16, "r7i": sizesTo48, "r8g": sizesTo48, "x2g": sizesTo16,
}), ServerlessClass)

func sizes(names string) []string { return strings.Fields(names) }

func classes(families map[string][]string) (all []string) {
	for family, names := range families {
		for _, size := range names {
			all = append(all, "db."+family+"."+size)
		}
	}
	slices.Sort(all)
	return all
}

// explainClass says why class is not one of the engine's, and what to write instead.
func (e engine) explainClass(class string) (what, remedy string) {
	if !strings.HasPrefix(class, "db.") {
		if slices.Contains(e.classes, "db."+class) {
			return fmt.Sprintf("%q is an EC2 instance type, not a database class", class), "write db." + class
		}
		return fmt.Sprintf("%q is not a database class", class), "write one such as " + e.class
	}
	if parts := strings.Split(class, "."); len(parts) == 3 {
		family := parts[0] + "." + parts[1] + "."
		var have []string
		for _, c := range e.classes {
			if size, ok := strings.CutPrefix(c, family); ok {
				have = append(have, size)
			}
		}
		if len(have) > 0 {
			slices.SortFunc(have, bySize)
			return fmt.Sprintf("%s has no class %s", e.title, class),
				fmt.Sprintf("the sizes of %s are %s", strings.TrimSuffix(family, "."), strings.Join(have, ", "))
		}
	}
	return fmt.Sprintf("%s has no class %s", e.title, class),
		"its families are " + strings.Join(e.families(), ", ") + "; the least is " + e.smallest()
}

func (e engine) families() (names []string) {
	for _, c := range e.classes {
		if parts := strings.Split(c, "."); len(parts) == 3 && !slices.Contains(names, parts[1]) {
			names = append(names, parts[1])
		}
	}
	return names
}

func (e engine) smallest() string {
	if e.aurora {
		return "db.t4g.medium"
	}
	return "db.t4g.micro"
}

var sizeOrder = sizes("micro small medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge")

func bySize(a, b string) int { return slices.Index(sizeOrder, a) - slices.Index(sizeOrder, b) }

// burstable reports whether the class spends CPU credits.
func burstable(class string) bool { return strings.HasPrefix(class, "db.t") }

// insights reports whether the class supports Performance Insights: MySQL's smallest classes lack the memory (AWS,
// RDS user guide, "Amazon RDS DB engine, Region, and instance class support for Performance Insights").
func (e engine) insights(class string) bool {
	return e.postgres() || !burstable(class) ||
		!strings.HasSuffix(class, ".micro") && !strings.HasSuffix(class, ".small")
}

// memoryOfLarge is the memory in GiB of a family's large size; each larger size doubles it. Families that are not
// listed have 8 (M) or 16 (R) (AWS, RDS user guide, "Hardware specifications for DB instance classes").
var memoryOfLarge = map[string]float64{"x2g": 32, "x2idn": 32, "x2iedn": 64}

// memoryGiB is an instance class's memory. A serverless class has 2 GiB for each of at most this many capacity units.
func memoryGiB(class string, units float64) float64 {
	if class == ServerlessClass {
		return 2 * units
	}
	parts := strings.Split(class, ".")
	family, size := parts[1], parts[2]
	large, special := memoryOfLarge[family]
	switch {
	case special:
	case strings.HasPrefix(family, "r"):
		large = 16
	default:
		large = 8
	}
	switch size {
	case "micro":
		return large / 8
	case "small":
		return large / 4
	case "medium":
		return large / 2
	case "large":
		return large
	}
	times := 1
	if n, err := strconv.Atoi(strings.TrimSuffix(size, "xlarge")); err == nil {
		times = n
	}
	return large * 2 * float64(times)
}

// maxConnections estimates the engine's default limit: memory divided by 9,531,392 bytes and at most 5000 for
// PostgreSQL, divided by 12,582,880 for MySQL (AWS, RDS user guide, "Quotas and constraints for Amazon RDS", maximum
// number of database connections), after subtracting what RDS needs for itself.
func (e engine) maxConnections(memoryGiB float64) int {
	const mebibyte = 1 << 20
	usable := memoryGiB*1024*0.96 - 256
	if e.postgres() {
		return min(5000, int(usable*mebibyte/9531392))
	}
	return int(usable * mebibyte / 12582880)
}
