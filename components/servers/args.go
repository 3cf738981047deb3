package servers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/release"
)

// Args are a tier's settings. The zero value of each field is its default, where
// it has one.
type Args struct {
	// Release is what the servers run, for the processor of InstanceType. Required.
	Release *release.Release
	// Arguments follow the program's name on its command line.
	Arguments []string
	// Environment is the program's variables. No secret belongs here: user data can
	// be read by whoever may describe the launch template, so a secret output is
	// refused.
	Environment map[string]pulumi.StringInput
	// Secrets are the ARNs of the secrets that the program reads itself; the role
	// may read these and no other. Default none.
	Secrets []pulumi.StringInput

	// InstanceType is the servers' EC2 type; its processor decides the image.
	// Default t4g.small.
	InstanceType string
	// MoreInstanceTypes are taken, in this order, where InstanceType has no
	// capacity. All need its kind of processor. Default none.
	MoreInstanceTypes []string
	// Image is an image's id (ami-...). Default: the newest Amazon Linux 2023 of the
	// moment at which a server starts. It is never looked up at preview, where every
	// new image would be drift.
	Image string
	// VolumeSize is the encrypted root volume's GiB, 8 to 16384. Default 10.
	VolumeSize int

	// MinSize is the least number of servers, MaxSize the most; between them the
	// number is the scaler's, and no deployment resets it. Default 2, and three times
	// MinSize.
	MinSize, MaxSize int
	// TargetCPU is the average CPU, in percent, that the scaler holds: less leaves
	// more headroom and costs more servers. 10 to 90, default 50.
	TargetCPU int
	// RequestsPerTarget is the requests per minute and server that the scaler holds
	// besides. Default 0: it scales on CPU alone.
	RequestsPerTarget int
	// Warmup is the seconds from a server's launch to its full share of work: until
	// then the scaler leaves its CPU out and failed health checks do not replace it.
	// 30 to 3600, default 180.
	Warmup int

	// MinHealthyPercentage of the servers stay in service while they are replaced,
	// 0 to 100. 100, the default, starts new ones before it stops old ones; less
	// needs no room for more servers than there are.
	MinHealthyPercentage *int
	// MaxHealthyPercentage is how far the group may grow while it is replaced, 100 to
	// 200 and at most 100 above MinHealthyPercentage. Default 200, or what
	// MinHealthyPercentage leaves.
	MaxHealthyPercentage int
	// InstanceDays is the days until a server is replaced, and its packages with it:
	// 1 to 30. Default 14.
	InstanceDays int
	// StopAlarms are names of CloudWatch alarms that stop a replacement when they
	// ring. Default none.
	StopAlarms []string
	// LogDays is how many days logs are kept, of those that CloudWatch offers.
	// Default 365.
	LogDays int
}

func (a Args) withDefaults() Args {
	a.InstanceType = or(a.InstanceType, "t4g.small")
	a.VolumeSize = or(a.VolumeSize, 10)
	a.MinSize = or(a.MinSize, 2)
	a.MaxSize = or(a.MaxSize, 3*a.MinSize)
	a.TargetCPU = or(a.TargetCPU, 50)
	a.Warmup = or(a.Warmup, 180)
	if a.MinHealthyPercentage == nil {
		all := 100
		a.MinHealthyPercentage = &all
	}
	a.MaxHealthyPercentage = or(a.MaxHealthyPercentage, min(200, 100+*a.MinHealthyPercentage))
	a.InstanceDays = or(a.InstanceDays, 14)
	a.LogDays = or(a.LogDays, 365)
	return a
}

var (
	imagePattern    = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)
	variablePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() infra.Problems {
	a = a.withDefaults()
	var ps infra.Problems
	if a.Release == nil {
		ps.Add("release", "name the file of a static executable", "there is nothing to run")
	}
	a.checkTypes(&ps)
	if a.Image != "" && !imagePattern.MatchString(a.Image) {
		ps.Addf("image", "write ami- and 17 hex digits, or leave it out for the newest Amazon Linux 2023",
			"%q is not the id of an image", a.Image)
	}
	for name := range a.Environment {
		if !variablePattern.MatchString(name) {
			ps.Addf("environment."+name, "write letters, digits and underscores, no digit first", "%q cannot be the name of a variable", name)
		}
	}
	a.checkSizes(&ps)
	a.checkReplacement(&ps)
	for _, bound := range []struct {
		path               string
		value, least, most int
		unit               string
	}{
		{"volumeSize", a.VolumeSize, 8, 16384, "GiB"},
		{"targetCpu", a.TargetCPU, 10, 90, "percent"},
		{"warmup", a.Warmup, 30, 3600, "seconds"},
		{"instanceDays", a.InstanceDays, 1, 30, "days"},
	} {
		if bound.value < bound.least || bound.value > bound.most {
			ps.Addf(bound.path, fmt.Sprintf("write %d to %d", bound.least, bound.most), "%d %s is out of bounds", bound.value, bound.unit)
		}
	}
	ps = append(ps, infra.CheckLogDays("logDays", a.LogDays)...)
	slices.SortStableFunc(ps, func(x, y infra.Problem) int { return strings.Compare(x.Where, y.Where) })
	return ps
}

func (a Args) checkTypes(ps *infra.Problems) {
	first, err := ParseInstanceType(a.InstanceType)
	if err != nil {
		ps.Add("instanceType", "write one such as t4g.small or m7g.large", err.Error())
	} else if a.Release != nil {
		if err := a.Release.RunsOn(first.GOARCH()); err != nil {
			ps.Add("release", "", err.Error())
		}
	}
	seen := []string{a.InstanceType}
	for i, name := range a.MoreInstanceTypes {
		where := fmt.Sprintf("moreInstanceTypes[%d]", i)
		other, err2 := ParseInstanceType(name)
		switch {
		case err2 != nil:
			ps.Add(where, "write one such as "+a.InstanceType, err2.Error())
		case slices.Contains(seen, name):
			ps.Addf(where, "leave it out", "%q is there already", name)
		case err == nil && other.Architecture() != first.Architecture():
			ps.Addf(where, "write a type of the same processor, since one image serves all",
				"%s has an %s processor, %s an %s one", name, other.Architecture(), a.InstanceType, first.Architecture())
		}
		seen = append(seen, name)
	}
}

func (a Args) checkSizes(ps *infra.Problems) {
	if a.MinSize < 1 {
		ps.Addf("minSize", "write 1 or more, 2 to outlive a zone", "%d servers serve nobody", a.MinSize)
	}
	if a.MaxSize < a.MinSize {
		ps.Addf("maxSize", fmt.Sprintf("write %d or more", a.MinSize), "%d is below minSize, %d", a.MaxSize, a.MinSize)
	}
	if a.RequestsPerTarget < 0 {
		ps.Addf("requestsPerTarget", "write the requests per minute that a server should have, or 0", "%d is no number of requests", a.RequestsPerTarget)
	}
}

// checkReplacement holds the percentages to AWS's rules (AWS, EC2 Auto Scaling
// API reference, RefreshPreferences).
func (a Args) checkReplacement(ps *infra.Problems) {
	least, most := *a.MinHealthyPercentage, a.MaxHealthyPercentage
	if least < 0 || least > 100 {
		ps.Addf("minHealthyPercentage", "write 0 to 100", "%d percent is out of bounds", least)
		return
	}
	switch {
	case most < 100 || most > 200 || most-least > 100:
		ps.Addf("maxHealthyPercentage", fmt.Sprintf("write 100 to %d", min(200, least+100)), "%d percent is out of bounds", most)
	case least == 100 && most == 100:
		ps.Add("maxHealthyPercentage", "write 110 to 200", "no server could be replaced: none may stop and none may start")
	}
}

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
