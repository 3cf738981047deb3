package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// released are the properties of a launch template and a group that another release changes; the group itself may be
// a new one. Resources that merely refer to them (alarms, policies, the dashboard) follow.
var (
	released = map[string][]resource.PropertyKey{
		"aws:ec2/launchTemplate:LaunchTemplate": {"userData"},
		"aws:autoscaling/group:Group":           {"launchTemplate"},
	}
	follows = []string{
		"aws:s3/bucketObjectv2:BucketObjectv2", "aws:autoscaling/policy:Policy", "aws:cloudwatch/metricAlarm:MetricAlarm",
		"aws:cloudwatch/compositeAlarm:CompositeAlarm", "aws:cloudwatch/dashboard:Dashboard",
	}
)

// onlyReleases refuses every change other than that of a release, at preview already: after a waiver has ended, its
// departure can neither be introduced nor extended.
func onlyReleases(ctx *pulumi.Context, ended infra.Problems, on refusal) (pulumi.ResourceOption, error) {
	more := fmt.Errorf("this changes more than the release: %s", strings.TrimSpace(ended.Error()))
	hook, err := ctx.RegisterResourceHook("only-releases", func(args *pulumi.ResourceHookArgs) error {
		kind := string(args.Type)
		if slices.Contains(follows, kind) {
			return nil
		}
		if len(args.OldInputs) == 0 && kind != "aws:autoscaling/group:Group" {
			return on(ctx, more)
		}
		if len(args.OldInputs) > 0 && !differAt(args.OldInputs, args.NewInputs, released[kind]) {
			return on(ctx, more)
		}
		return nil
	}, &pulumi.ResourceHookOptions{OnDryRun: true})
	if err != nil {
		return nil, err
	}
	hooks := []*pulumi.ResourceHook{hook}
	return pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeCreate: hooks, BeforeUpdate: hooks}), nil
}

// differAt reports whether the inputs differ in some of these properties and in no others.
func differAt(was, is resource.PropertyMap, these []resource.PropertyKey) bool {
	without := func(in resource.PropertyMap) resource.PropertyMap {
		kept := resource.PropertyMap{}
		for key, value := range in {
			if !slices.Contains(these, key) && !strings.HasPrefix(string(key), "__") {
				kept[key] = value
			}
		}
		return kept
	}
	return without(was).DeepEquals(without(is))
}
