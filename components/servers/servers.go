// Package servers is a tier of servers: a launch template, the group that keeps the right number of instances of it
// behind a target group, the instances' role, and the log group that they write to. The servers run a release, which
// cloud-init fetches, verifies and hands to systemd.
//
// # Deploying
//
// A new build has a new hash, and therefore leads to a new object in the releases bucket, new user data, a new
// version of the launch template and a rolling instance refresh. The same build changes nothing. The object is named
// by the hash and stays in the bucket when a new one takes its place, and the role may read every release of its
// tier. A server that starts from the previous template can therefore still fetch the old release, whether the
// deployment is under way or has failed, and going back needs no upload.
//
// Rolling replaces the group's servers by an instance refresh, which keeps all of them in service and goes on only as
// new ones pass the load balancer's health check. The provider starts the refresh and returns; resources that depend
// on the group wait here for its end, so that `pulumi up` ends with the refresh. If it fails, so does `pulumi up`,
// and the remaining old servers stay in service. The automatic rollback is off, because it would return a group to
// its launch template, which the provider has set to the new one by then.
//
// Replace makes another group, waits until its servers pass the health check, gives it as many servers as the scaler
// had given the old group, and only then lets the old group drain and go. A release that does not become healthy
// fails `pulumi up`, and nothing of the old group has changed.
package servers

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/bucket"
	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra"
)

// Group is a tier of servers.
type Group struct {
	pulumi.ResourceState

	// Name is the Auto Scaling group's name, ARN its ARN.
	Name, ARN pulumi.StringOutput
	// MinSize and MaxSize bound the number of servers.
	MinSize, MaxSize int
	// Release names what the servers run: sha256: and the hash of its content, or a container's image.
	Release string
	// UserData is the servers' cloud-init, as a person reads it.
	UserData pulumi.StringOutput
	// TemplateVersion is the launch template's version that the group launches.
	TemplateVersion pulumi.StringOutput
	// RoleARN and RoleName identify the servers' role.
	RoleARN, RoleName pulumi.StringOutput
	// LogGroup is the name of the log group that the servers write to.
	LogGroup pulumi.StringOutput
	// Target is the target group that the servers are in, nil for workers; Others are target groups of further load
	// balancers.
	Target *loadbalancer.TargetGroup
	Others []*loadbalancer.TargetGroup
	// DoneGroup is the name of the log group that records every scheduled run that succeeded.
	DoneGroup pulumi.StringOutput
	// Scheduled says that the servers' program runs by the clock, to its end.
	Scheduled bool
}

// Wiring is what a tier of servers depends on.
type Wiring struct {
	Network  network.Place
	Group    *firewall.Group           `missing:"write a sentence of the firewall that leads to the tier"`
	Target   *loadbalancer.TargetGroup // what sends requests to the servers; nil for workers, which receive none
	Keys     *keys.Keys
	Releases *bucket.Bucket
	Boundary *identity.Boundary
}

// New declares a tier of servers. The security group's party says which: web, app, or one that a program adds.
// Without a target group the servers are workers, which receive no requests.
func New(ctx *pulumi.Context, name string, p *infra.Platform, w Wiring, args Args, opts ...pulumi.ResourceOption) (*Group, error) {
	args = args.withDefaults()
	args.Worker = w.Target == nil
	problems := args.Validate()
	g := &Group{MinSize: args.MinSize, MaxSize: args.MaxSize, Target: w.Target, Others: args.Targets, Scheduled: args.Schedule != ""}
	b := &builder{ctx: ctx, name: name, p: p, args: args, g: g, wiring: w}
	if w.Group != nil {
		if w.Group.Party.Kind != firewall.Servers {
			problems.Addf("Group", "pass the group of web, app or other servers", "is the security group of %s, which has no servers",
				w.Group.Party)
		}
		b.subnets, b.tier, b.part = network.App, w.Group.Party.Tier, w.Group.Party.Name
		if w.Group.Party == firewall.Web {
			b.subnets = network.Web
		}
	}
	if w.Target == nil && args.Rollout == Replace {
		problems.Add("rollout", "leave it out", "what replaces a group waits for its load balancer, and workers have none")
	}
	var wiring any = w
	if w.Target == nil && b.tier == infra.TierWorker {
		wiring = struct {
			Network  network.Place
			Group    *firewall.Group
			Keys     *keys.Keys
			Releases *bucket.Bucket
			Boundary *identity.Boundary
		}{w.Network, w.Group, w.Keys, w.Releases, w.Boundary}
	}
	err := infra.Declare(ctx, infra.Component{
		Type: "autoscaling:Group", Name: name, Platform: p, Wiring: wiring, Problems: problems, Options: opts,
	}, g, func() (pulumi.Map, error) {
		err := infra.InOrder(b.logGroup, b.upload, b.roleAndProfile, b.renderUserData, b.launchTemplate, b.autoScalingGroup,
			b.rollout, b.scaling)
		return pulumi.Map{"name": g.Name, "arn": g.ARN, "templateVersion": g.TemplateVersion, "logGroup": g.LogGroup}, err
	})
	return g, err
}

// builder holds the state that the parts of one tier share while they are declared.
type builder struct {
	ctx  *pulumi.Context
	name string
	tier infra.Tier
	part string // what the servers are called: web, app, or a worker's name
	p    *infra.Platform
	args Args
	g    *Group

	wiring  Wiring
	subnets network.Tier

	key      string // of the release's object
	objects  []pulumi.Resource
	logs     *cloudwatch.LogGroup
	done     *cloudwatch.LogGroup // nil without a schedule
	role     *identity.Role
	profile  pulumi.StringOutput
	userData pulumi.StringOutput
	template *ec2.LaunchTemplate
	version  pulumi.StringOutput
	scaled   *autoscaling.Group
}

func (b *builder) child() pulumi.ResourceOption { return pulumi.Parent(b.g) }

func (b *builder) logGroup() error {
	logs, err := cloudwatch.NewLogGroup(b.ctx, b.name, &cloudwatch.LogGroupArgs{
		KmsKeyId:        b.wiring.Keys.Logs.ARN,
		RetentionInDays: pulumi.Int(b.args.LogDays),
		Tags:            b.p.TagsFor(b.name, b.tier),
	}, b.child())
	if err != nil {
		return fmt.Errorf("making the log group: %w", err)
	}
	b.logs, b.g.LogGroup = logs, logs.Name
	if b.args.Schedule == "" {
		return nil
	}
	b.done, err = cloudwatch.NewLogGroup(b.ctx, b.name+"-done", &cloudwatch.LogGroupArgs{
		KmsKeyId:        b.wiring.Keys.Logs.ARN,
		RetentionInDays: pulumi.Int(b.args.LogDays),
		Tags:            b.p.TagsFor(b.name+"-done", b.tier),
	}, b.child())
	if err != nil {
		return fmt.Errorf("making the log group of what is done: %w", err)
	}
	b.g.DoneGroup = b.done.Name
	return nil
}
