package controls

import (
	"fmt"
	"slices"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

func behindBalancer(v *view, r *graph.Resource) bool {
	if len(v.pointing(r, "autoscalingGroupName", "aws:autoscaling/attachment:Attachment",
		"aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment")) > 0 {
		return true
	}
	for _, path := range []string{"targetGroupArns", "loadBalancers", "trafficSources"} {
		if _, known := asked(r, path); known != absent {
			return true
		}
	}
	return false
}

func usesSpot(v *view, r *graph.Resource) bool {
	value, known := read(r, "mixedInstancesPolicy.instancesDistribution.onDemandPercentageAboveBaseCapacity")
	if known != absent && text(value) != "100" {
		return true
	}
	for _, t := range slices.Concat(v.g.Ref(r, "launchTemplate", templateType), v.g.Ref(r, "mixedInstancesPolicy", templateType)) {
		if has("instanceMarketOptions.marketType", "spot")(v, t) {
			return true
		}
	}
	return false
}

func severalTypes(v *view, r *graph.Resource) outcome {
	if !usesSpot(v, r) {
		return holds()
	}
	overrides, _ := read(r, "mixedInstancesPolicy.launchTemplate.overrides")
	types := map[string]bool{}
	list, _ := overrides.([]any)
	for i := range list {
		at := fmt.Sprintf("mixedInstancesPolicy.launchTemplate.overrides[%d].", i)
		if _, known := read(r, at+"instanceRequirements"); known != absent {
			return holds()
		}
		types[r.String(at+"instanceType")] = true
	}
	if len(types) < 2 {
		return broken("it uses spot servers of one type")
	}
	return holds()
}

func fromTemplate(v *view, r *graph.Resource) outcome {
	if r.Type != scalingType {
		return broken("it is a launch configuration")
	}
	if _, known := asked(r, "launchConfiguration"); known != absent {
		return broken("launchConfiguration is set")
	}
	return either(isSet("launchTemplate"), isSet("mixedInstancesPolicy"))(v, r)
}

func inPrivate(v *view, r *graph.Resource) outcome {
	found, o := v.subnetsOf(r)
	for _, s := range found {
		if v.public(s) {
			return broken("%s has a route to the internet gateway", s.Name)
		}
	}
	return o
}

// managedBySSM demands what the agent needs to register and to open sessions.
func managedBySSM(v *view, r *graph.Resource) outcome {
	roles := v.rolesOf(r)
	if len(roles) == 0 {
		return undecided("its role is not in the stack")
	}
	for _, role := range roles {
		for _, action := range []string{"ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel",
			"ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"} {
			switch by := role.May(action, "*"); {
			case by == nil:
				return broken("its role may not %s", action)
			case by.Err != nil:
				return unreadable(*by)
			}
			if o := v.admitted(v.iam.Serves(role, "ec2.amazonaws.com", action, "", v.byService(r)), "EC2 may take %s",
				role.Resource.Name); o.verdict != report.Holds {
				return o
			}
		}
	}
	return holds()
}
