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
	// Release is what the servers run, built for the processor of InstanceType. Required without a Container.
	Release *release.Release
	// Container is run in place of a release: REGISTRY/REPOSITORY@sha256:DIGEST. If its registry is Amazon ECR,
	// Permissions must let the role pull it. Command is what its entry point is given.
	Container string
	// Arguments follow an executable's name on its command line.
	Arguments []string
	// Command is the program of an archive to run, and its arguments: a program of Packages or of the image, or one
	// of the archive by a path with a slash. Required for an archive.
	Command []string
	// Before is run once for each release, before any server with that release serves, such as a database migration;
	// it is written like Arguments or Command. Servers that start meanwhile wait; if it fails they do not serve.
	// Default none.
	Before []string
	// Once is the program that runs Before, using a lock in the database that the environment names: the guestbook,
	// for the servers' processor. Required with Before.
	Once *release.Release
	// Packages are installed from Amazon Linux's own repository, through S3. Default none.
	Packages []string
	// JIT lets the process write memory and then execute it, as just-in-time compilers do. Default: true if Command,
	// Packages or the files of an archive name a runtime that is known to need it.
	JIT *bool
	// HTTPPort is where the program listens on localhost, 1024 to 65535, if it speaks HTTP without TLS: nginx then speaks
	// TLS for it, on the target group's port. Default 0: the program speaks HTTPS on that port itself.
	HTTPPort int
	// Targets are target groups of other load balancers that the servers join too. Default none.
	Targets []*loadbalancer.TargetGroup
	// Worker says that nobody sends the servers requests, so that they are no load balancer's targets. Default false.
	Worker bool
	// Schedule is when the program runs, to its end, on the group's only server: in systemd's syntax and in UTC
	// (systemd.time, "Calendar events"). Default: it always runs.
	Schedule string
	// Environment is the program's variables. No secret belongs here: anyone who may describe the launch template can
	// read user data, so a secret output is refused.
	Environment map[string]pulumi.StringInput
	// Secrets are the ARNs of the secrets that the program reads itself; the role
	// may read these and no other. Default none.
	Secrets []pulumi.StringInput
	// Buckets are the tier's own buckets, by name: its role may read, write and delete their objects. Default none.
	Buckets map[string]*bucket.Bucket
	// Permissions are what else the role may do. The boundary must allow it too. Default none.
	Permissions []infra.Statement

	// InstanceType is the servers' EC2 type; its processor decides the image.
	// Default t4g.micro.
	InstanceType string
	// Image is an image's id (ami-...). Default: the newest Amazon Linux 2023 whenever a server starts. It is never
	// looked up at preview, where every new image would show as drift.
	Image string
	// VolumeGiB is the encrypted root volume's size, 8 to 16384. Default 10.
	VolumeGiB int

	// MinSize and MaxSize bound the number of servers. Between them the scaler decides, and no deployment resets the
	// number. Default 1, and twice MinSize.
	MinSize, MaxSize int
	// TargetCPU is the average CPU, in percent, that the scaler aims at: a lower value leaves more headroom and costs
	// more servers. 10 to 90, default 50.
	TargetCPU int
	// WarmupSeconds is how long a new server takes to carry its full share of work: until then the scaler ignores its
	// CPU and failed health checks do not replace it. 60 to 3600, default 180.
	WarmupSeconds int
	// Rollout is how servers come to run another release: Rolling replaces them in their group; Replace makes a
	// new group beside it, which takes over once it is healthy. Either costs up to twice the servers while it
	// lasts. Default Rolling.
	Rollout string
	// LogDays is how many days logs are kept: one of the periods that CloudWatch offers. Default 365.
	LogDays int
	// Quotas are what the account may have beyond AWS's defaults. Default none.
	Quotas infra.Quotas
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

// leastWarmup is how many seconds a load balancer needs to find a new server unhealthy, by three checks in half a minute
// after it is registered, and as many again: once the warmup is over the servers before are ended.
const leastWarmup = 60

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
	if !a.Worker {
		a.checkTargets(&ps)
	}
	if a.MaxSize < a.MinSize && !slices.ContainsFunc(ps, func(p infra.Problem) bool { return p.Where == "minSize" }) {
		ps.Addf("maxSize", fmt.Sprintf("write %d or more", a.MinSize), "%d is below minSize, %d", a.MaxSize, a.MinSize)
	}
	ps = append(ps, identity.CheckStatements("permissions", a.Permissions)...)
	ps.Range("volumeGiB", a.VolumeGiB, 8, 16384, "GiB")
	ps.Range("targetCpu", a.TargetCPU, 10, 90, "percent")
	ps.Range("warmupSeconds", a.WarmupSeconds, leastWarmup, 3600, "seconds")
	if a.Rollout != Rolling && a.Rollout != Replace {
		ps.Addf("rollout", "write rolling or replace", "there is no rollout %q", a.Rollout)
	}
	ps = append(ps, infra.CheckLogDays("logDays", a.LogDays)...)
	slices.SortStableFunc(ps, func(x, y infra.Problem) int { return strings.Compare(x.Where, y.Where) })
	return ps
}

// MostAtOnce is how many servers there are while they are replaced, where the old ones wait for all of the new ones.
func (a Args) MostAtOnce() int {
	if a.Rollout == Replace {
		return 2 * a.MaxSize
	}
	return a.MaxSize
}

// checkTargets reports more servers than the target groups of a load balancer take (AWS, ELB user guide, "Quotas for
// your Application Load Balancers").
func (a Args) checkTargets(ps *infra.Problems) {
	targets := []infra.Quota{infra.TargetsPerGroup, infra.TargetsPerBalancer}
	most, where, size := a.Quotas.Of(targets...), "maxSize", a.MaxSize
	if a.MinSize > most {
		where, size = "minSize", a.MinSize
	}
	needed := size * a.MostAtOnce() / max(a.MaxSize, 1)
	switch {
	case needed <= most:
	case a.MaxSize < a.MinSize:
		ps.Addf(where, fmt.Sprintf("write %d or less", a.MaxSize), "must be at most %d servers, maxSize, not %d", a.MaxSize, size)
	case needed == size:
		ps.Addf(where, a.Quotas.Raise(needed, fmt.Sprintf("write %d or less", most), targets...),
			"must be at most %d servers, the targets of one load balancer, not %d", most, size)
	default:
		ps.Addf(where, a.Quotas.Raise(needed, fmt.Sprintf("write %d or less, or rollout: rolling", most/2), targets...),
			"with rollout: replace, must be at most %d servers, since old and new ones are targets together, not %d", most/2, size)
	}
}

func (a Args) checkTypes(ps *infra.Problems) {
	if kind, err := ParseInstanceType(a.InstanceType); err != nil {
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
