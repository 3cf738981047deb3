package servers

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/bucket"
	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/cloudinit"
	"github.com/causeway-iac/causeway/infra/release"
)

// Args are a tier's settings. The zero value of each field is its default, where
// it has one.
type Args struct {
	// Release is what the servers run, for the processor of InstanceType. Required without a Container.
	Release *release.Release
	// Container is run in place of a release: REGISTRY/REPOSITORY@sha256:DIGEST. Of a registry of Amazon ECR,
	// Permissions must let the role pull it. Command is what its entry point is given.
	Container string
	// Arguments follow an executable's name on its command line.
	Arguments []string
	// Command is what is run of an archive: a program of Packages or of the image, or one
	// of the archive by a path with a slash, and its arguments. Required for an archive.
	Command []string
	// Before is what is run once for each release, before any server of it serves, like Arguments or Command: a change of
	// the database, say. Servers that start meanwhile wait; if it fails they do not serve. Default nothing.
	Before []string
	// Once sees to Before, with a lock of the database that the environment tells of: the guestbook, for the servers'
	// processor. Required with Before.
	Once *release.Release
	// Packages are installed from Amazon Linux's own repository, by way of S3. Default
	// none.
	Packages []string
	// JIT lets the process write memory and then execute it, which just-in-time compilers
	// do. Default: true where Command or Packages name a runtime that is known to.
	JIT *bool
	// HTTPPort is where the program listens on localhost, 1024 to 65535, if it speaks HTTP without TLS: nginx then speaks
	// TLS for it, on the target group's port. Default 0: the program speaks HTTPS on that port itself.
	HTTPPort int
	// Targets are target groups of other load balancers that the servers join too. Default none.
	Targets []*loadbalancer.TargetGroup
	// Schedule is when the program runs, to its end, on the one server that there then is: in systemd's words and UTC
	// (systemd.time, "Calendar events"). Default: it always runs.
	Schedule string
	// Environment is the program's variables. No secret belongs here: user data can
	// be read by whoever may describe the launch template, so a secret output is
	// refused.
	Environment map[string]pulumi.StringInput
	// Secrets are the ARNs of the secrets that the program reads itself; the role
	// may read these and no other. Default none.
	Secrets []pulumi.StringInput
	// Buckets are the tier's own, by name: its role may read, write and delete their
	// objects. Default none.
	Buckets map[string]*bucket.Bucket
	// Permissions are what the role may do besides. The boundary must allow it too.
	// Default none.
	Permissions []infra.Statement

	// InstanceType is the servers' EC2 type; its processor decides the image.
	// Default t4g.micro.
	InstanceType string
	// Image is an image's id (ami-...). Default: the newest Amazon Linux 2023 of the
	// moment at which a server starts. It is never looked up at preview, where every
	// new image would be drift.
	Image string
	// VolumeGiB is the encrypted root volume's size, 8 to 16384. Default 10.
	VolumeGiB int

	// MinSize is the least number of servers, MaxSize the most; between them the
	// number is the scaler's, and no deployment resets it. Default 1, and twice
	// MinSize.
	MinSize, MaxSize int
	// TargetCPU is the average CPU, in percent, that the scaler holds: less leaves
	// more headroom and costs more servers. 10 to 90, default 50.
	TargetCPU int
	// WarmupSeconds pass from a server's launch to its full share of work: until then
	// the scaler leaves its CPU out and failed health checks do not replace it. 30 to
	// 3600, default 180.
	WarmupSeconds int
	// Rollout is how servers come to run another release: Rolling replaces them in their group; Replace makes a
	// new group beside it, which takes over once it is healthy. Either costs up to twice the servers while it
	// lasts. Default Rolling.
	Rollout string
	// LogDays is how many days logs are kept, of those that CloudWatch offers.
	// Default 365.
	LogDays int
}

func (a Args) withDefaults() Args {
	a.InstanceType = cmp.Or(a.InstanceType, "t4g.micro")
	a.VolumeGiB = cmp.Or(a.VolumeGiB, 10)
	a.MinSize = cmp.Or(a.MinSize, 1)
	a.MaxSize = cmp.Or(a.MaxSize, 2*a.MinSize)
	a.TargetCPU = cmp.Or(a.TargetCPU, 50)
	a.WarmupSeconds = cmp.Or(a.WarmupSeconds, 180)
	a.Rollout = cmp.Or(a.Rollout, Rolling)
	a.LogDays = cmp.Or(a.LogDays, 365)
	if a.JIT == nil {
		compiles := a.compilesAsItRuns()
		a.JIT = &compiles
	}
	return a
}

// MostTargets is how many servers a load balancer sends requests to (AWS, ELB user guide, "Quotas for your Application Load
// Balancers": targets per target group).
const MostTargets = 1000

var (
	imagePattern    = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)
	variablePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() infra.Problems {
	a = a.withDefaults()
	var ps infra.Problems
	if a.Release == nil && a.Container == "" {
		ps.Add("release", "name an executable, an archive or a folder", "there is nothing to run")
	}
	if a.Container != "" {
		if _, ok := cloudinit.ParseImage(a.Container); !ok {
			ps.Addf("container", "write REGISTRY/REPOSITORY@sha256:DIGEST", "%q names no image", a.Container)
		}
		if a.Release != nil {
			ps.Add("release", "pass one of the two", "there is a container to run")
		}
		if a.Schedule != "" {
			ps.Add("schedule", "run a release by it", "a container runs all the time")
		}
	}
	a.checkTypes(&ps)
	a.checkCommand(&ps)
	for where, words := range map[string][]string{"arguments": a.Arguments, "command": a.Command, "before": a.Before} {
		ps = append(ps, cloudinit.CheckWords(where, words)...)
	}
	if len(a.Before) > 0 && a.Once == nil {
		ps.Add("Once", "pass the guestbook's release", "is missing, and Before needs it")
	}
	ps = append(ps, cloudinit.CheckPackages("packages", a.Packages)...)
	if a.Image != "" && !imagePattern.MatchString(a.Image) {
		ps.Addf("image", "write ami- and 17 hex digits, or leave it out for the newest Amazon Linux 2023",
			"%q is not the id of an image", a.Image)
	}
	if a.Schedule != "" && (a.MinSize != 1 || a.MaxSize != 1) {
		ps.Add("maxSize", "write minSize: 1 and maxSize: 1", "what runs by a schedule runs on one server")
	}
	if a.HTTPPort != 0 {
		ps.Range("httpPort", a.HTTPPort, 1024, 65535, "")
	}
	for name := range a.Environment {
		if !variablePattern.MatchString(name) {
			ps.Addf("environment."+name, "write letters, digits and underscores, no digit first", "%q cannot be the name of a variable",
				name)
		}
	}
	if a.MinSize < 1 {
		ps.Addf("minSize", "write 1, or 2 to outlive a zone", "must be 1 or more, not %d", a.MinSize)
	}
	ps.AtMost("minSize", a.MinSize, MostTargets, "servers, the targets of one load balancer")
	ps.AtMost("maxSize", a.MaxSize, MostTargets, "servers, the targets of one load balancer")
	if a.MaxSize < a.MinSize && a.MinSize <= MostTargets {
		ps.Addf("maxSize", fmt.Sprintf("write %d or more", a.MinSize), "%d is below minSize, %d", a.MaxSize, a.MinSize)
	}
	ps = append(ps, identity.CheckStatements("permissions", a.Permissions)...)
	ps.Range("volumeGiB", a.VolumeGiB, 8, 16384, "GiB")
	ps.Range("targetCpu", a.TargetCPU, 10, 90, "percent")
	ps.Range("warmupSeconds", a.WarmupSeconds, 30, 3600, "seconds")
	if a.Rollout != Rolling && a.Rollout != Replace {
		ps.Addf("rollout", "write rolling or replace", "there is no rollout %q", a.Rollout)
	}
	ps = append(ps, infra.CheckLogDays("logDays", a.LogDays)...)
	slices.SortStableFunc(ps, func(x, y infra.Problem) int { return strings.Compare(x.Where, y.Where) })
	return ps
}

func (a Args) checkTypes(ps *infra.Problems) {
	kind, err := ParseInstanceType(a.InstanceType)
	if err != nil {
		ps.Add("instanceType", "write one such as t4g.small or m7g.large", err.Error())
	} else if a.Release != nil {
		if err := a.Release.RunsOn(kind.GOARCH()); err != nil {
			ps.Add("release", "", err.Error())
		}
		if lacking := a.Release.Libraries; len(lacking) > 0 && len(a.Packages) == 0 {
			ps.Addf("release", "name the packages that have them under packages, or link it statically",
				"needs %s, which Amazon Linux 2023 does not have by itself", strings.Join(lacking, ", "))
		}
	}
}
