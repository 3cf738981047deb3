package servers

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra/query"
)

// How servers come to run another release.
const (
	// Rolling replaces the servers of the group, which may double meanwhile.
	Rolling = "rolling"
	// Replace makes another group beside the current one, which is deleted when the new one serves.
	Replace = "replace"
)

// patience is how long it may take until one more server passes its health checks: a quarter of an hour for packages,
// the release, two good answers and the usual warmup, and less for servers with a shorter warmup.
func (a Args) patience() time.Duration {
	return time.Duration(6+(3*a.WarmupSeconds+59)/60) * time.Minute
}

// rollout holds up whatever depends on the group, and with it the deployment, until the group's servers run what is
// deployed. The provider itself waits only for a new group's minimum of servers, and not at all for a group whose
// servers it replaces. This check runs in every deployment rather than in a hook on the group's update: a deployment
// after a failed one has nothing to update, and would succeed while the servers still run the previous release.
func (b *builder) rollout() error {
	b.g.Name, b.g.ARN = b.scaled.Name, b.scaled.Arn
	if b.ctx.DryRun() {
		return nil
	}
	w := &watch{ask: query.New(b.p.Region), warmup: b.args.WarmupSeconds, patience: b.args.patience()}
	if w.ask.Local(query.AutoScaling) { // on the twin, where a server boots in seconds
		w.patience = time.Duration(b.args.WarmupSeconds)*time.Second + 2*time.Minute
	}
	w.least, w.most = b.args.bounds()
	target := pulumi.String("").ToStringOutput()
	if b.wiring.Target != nil {
		target = b.wiring.Target.ARN
	}
	b.g.Name = pulumi.All(b.scaled.Name, target).ApplyTWithContext(b.ctx.Context(),
		func(ctx context.Context, known []any) (string, error) {
			name, target := known[0].(string), known[1].(string)
			if b.args.Rollout == Replace {
				return name, w.takesOver(ctx, name, b.name, target)
			}
			return name, w.refreshed(ctx, name, b.name, target)
		}).(pulumi.StringOutput)
	return nil
}

// watch observes a group's servers.
type watch struct {
	ask         *query.Client
	warmup      int // seconds
	patience    time.Duration
	least, most int // percent of the group in service
}

func (w *watch) pause(ctx context.Context) error {
	if w.ask.Local(query.AutoScaling) {
		return query.Pause(ctx, 100*time.Millisecond)
	}
	return query.Pause(ctx, 10*time.Second)
}

// instanceRefresh is one replacement of a group's servers (EC2 Auto Scaling API reference, InstanceRefresh).
type instanceRefresh struct {
	ID     string `xml:"InstanceRefreshId"`
	Status string
	Done   int    `xml:"PercentageComplete"`
	Reason string `xml:"StatusReason"`
}

func (w *watch) latest(ctx context.Context, group string) (instanceRefresh, error) {
	var answer struct {
		Refreshes []instanceRefresh `xml:"InstanceRefreshes>member"`
	}
	err := w.ask.Ask(ctx, query.AutoScaling, "DescribeInstanceRefreshes",
		url.Values{"AutoScalingGroupName": {group}, "MaxRecords": {"1"}}, &answer)
	if err != nil || len(answer.Refreshes) == 0 {
		return instanceRefresh{}, err
	}
	return answer.Refreshes[0], nil
}

// refreshed waits until the group's latest refresh has succeeded. One that failed before this deployment is started
// again, since nothing else would replace the servers.
func (w *watch) refreshed(ctx context.Context, group, tier, target string) error {
	ours, further, done := false, time.Now(), -1
	for {
		r, err := w.latest(ctx, group)
		if err != nil {
			return err
		}
		switch r.Status {
		case "Successful": // by the servers' own account; they may have failed since
			if target != "" {
				return w.serves(ctx, group, tier, target, 1)
			}
			return nil
		case "":
			return nil
		case "Pending", "InProgress", "Baking":
			ours = true
			if r.Done > done {
				further, done = time.Now(), r.Done
			}
			if time.Since(further) > w.patience {
				return w.giveUp(ctx, group, r)
			}
		case "Cancelling", "RollbackInProgress":
			ours = true
		default:
			if ours {
				return fmt.Errorf("the servers of %s do not run what is deployed: their replacement ended as %s: %s. %s",
					group, r.Status, cmp.Or(r.Reason, "AWS gives no reason"), wayBack)
			}
			if err := w.begin(ctx, group); err != nil {
				return err
			}
			ours = true
		}
		if err := w.pause(ctx); err != nil {
			return err
		}
	}
}

const wayBack = "Those that were well before serve on. The next deployment tries again, with this release or with another"

// giveUp ends a refresh that keeps replacing one unhealthy server by another: AWS would go on for an hour.
func (w *watch) giveUp(ctx context.Context, group string, r instanceRefresh) error {
	if err := w.ask.Ask(ctx, query.AutoScaling, "CancelInstanceRefresh", url.Values{"AutoScalingGroupName": {group}}, nil); err != nil {
		return err
	}
	return fmt.Errorf("the servers of %s do not run what is deployed: at %d%% no new server became healthy for %s, so their "+
		"replacement is cancelled. %s", group, r.Done, w.patience, wayBack)
}

func (w *watch) begin(ctx context.Context, group string) error {
	return w.ask.Ask(ctx, query.AutoScaling, "StartInstanceRefresh", url.Values{
		"AutoScalingGroupName": {group}, "Strategy": {"Rolling"},
		"Preferences.MinHealthyPercentage": {strconv.Itoa(w.least)},
		"Preferences.MaxHealthyPercentage": {strconv.Itoa(w.most)},
		"Preferences.InstanceWarmup":       {strconv.Itoa(w.warmup)},
		"Preferences.SkipMatching":         {"true"},
	}, nil)
}

// scalingGroup is an Auto Scaling group (EC2 Auto Scaling API reference, AutoScalingGroup).
type scalingGroup struct {
	Name      string `xml:"AutoScalingGroupName"`
	Desired   int    `xml:"DesiredCapacity"`
	Most      int    `xml:"MaxSize"`
	Status    string // empty unless it is being deleted
	Instances []struct {
		ID string `xml:"InstanceId"`
	} `xml:"Instances>member"`
	Targets []string `xml:"TargetGroupARNs>member"`
}

// groups are those of a tier: one, or during a replacement two.
func (w *watch) groups(ctx context.Context, tier, target string) ([]scalingGroup, error) {
	var answer struct {
		Groups []scalingGroup `xml:"AutoScalingGroups>member"`
	}
	err := w.ask.Ask(ctx, query.AutoScaling, "DescribeAutoScalingGroups",
		url.Values{"Filters.member.1.Name": {"tag:Name"}, "Filters.member.1.Values.member.1": {tier}}, &answer)
	return slices.DeleteFunc(answer.Groups, func(g scalingGroup) bool { return !slices.Contains(g.Targets, target) || g.Status != "" }), err
}

// takesOver gives a new group as many servers as the group that it replaces has: the scaler may have raised their
// number above the minimum, and they are needed.
func (w *watch) takesOver(ctx context.Context, group, tier, target string) error {
	all, err := w.groups(ctx, tier, target)
	if err != nil {
		return err
	}
	own := slices.IndexFunc(all, func(g scalingGroup) bool { return g.Name == group })
	if own < 0 {
		return fmt.Errorf("the group %s is not behind %s any more", group, target)
	}
	wanted := all[own].Desired
	for _, g := range all {
		wanted = max(wanted, min(g.Desired, all[own].Most))
	}
	if len(all) == 1 { // nothing is replaced, unless a refresh failed before `rollout` became replace
		return w.refreshed(ctx, group, tier, target)
	}
	if wanted > all[own].Desired {
		err := w.ask.Ask(ctx, query.AutoScaling, "SetDesiredCapacity", url.Values{
			"AutoScalingGroupName": {group}, "DesiredCapacity": {strconv.Itoa(wanted)}, "HonorCooldown": {"false"},
		}, nil)
		if err != nil {
			return err
		}
	}
	return w.serves(ctx, group, tier, target, wanted)
}

// serves waits until the load balancer finds want of the group's servers healthy.
func (w *watch) serves(ctx context.Context, group, tier, target string, wanted int) error {
	for end := time.Now().Add(w.patience); ; {
		healthy, err := w.healthy(ctx, group, tier, target)
		if err != nil || healthy >= wanted {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("the group %s has %d of %d servers that the load balancer finds healthy, after %s. A group before "+
				"it serves on. The next deployment tries again, with this release or with another", group, healthy, wanted, w.patience)
		}
		if err := w.pause(ctx); err != nil {
			return err
		}
	}
}

func (w *watch) healthy(ctx context.Context, group, tier, target string) (n int, err error) {
	all, err := w.groups(ctx, tier, target)
	if err != nil {
		return 0, err
	}
	var answer struct {
		Targets []struct {
			ID    string `xml:"Target>Id"`
			State string `xml:"TargetHealth>State"`
		} `xml:"TargetHealthDescriptions>member"`
	}
	if err := w.ask.Ask(ctx, query.LoadBalancing, "DescribeTargetHealth", url.Values{"TargetGroupArn": {target}}, &answer); err != nil {
		return 0, err
	}
	well := map[string]bool{}
	for _, t := range answer.Targets {
		well[t.ID] = t.State == "healthy"
	}
	for _, g := range all {
		for _, i := range g.Instances {
			if g.Name == group && well[i.ID] {
				n++
			}
		}
	}
	return n, nil
}
