package iam

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Services of AWS's have servers run something, or change what they are, by powers of their own: an agent asks them, or a role that only
// they have. The stack tells it by what names its servers from outside: their group, template or tags.

// serverTypes are servers, and what makes them.
var serverTypes = []string{"aws:autoscaling/group:Group", "aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/instance:Instance",
	"aws:ec2/launchConfiguration:LaunchConfiguration"}

// besides are the packages and types that may name servers and have them run nothing by themselves, and why.
var besides = func() map[string]string {
	all := map[string]string{}
	for reason, kinds := range map[string]string{
		"it makes or moves them, which is read": "aws:autoscaling aws:ec2 aws:vpc aws:lb aws:alb aws:elb aws:elasticloadbalancing " +
			"aws:elasticloadbalancingv2 aws:applicationloadbalancing",
		"it watches": "aws:cloudwatch aws:cfg aws:logs aws:budgets aws:costexplorer aws:inspector aws:inspector2 aws:guardduty " +
			"aws:resourcegroups aws:devopsguru aws:applicationinsights",
		"it copies their disks":                            "aws:backup aws:dlm",
		"it says who may do what, which is read":           "aws:iam aws:kms aws:secretsmanager aws:ram",
		"it is a value, or a message":                      "aws:s3 aws:sns aws:sqs aws:dynamodb aws:ssm/parameter:Parameter aws:route53",
		"it acts by its role alone, whose powers are read": "aws:lambda aws:sfn aws:ecs aws:codebuild",
	} {
		for _, kind := range strings.Fields(kinds) {
			all[kind] = reason
		}
	}
	return all
}()

// commanding are types and blocks of the packages that are besides by which servers run something after all.
var commanding = []string{"aws:cloudwatch/eventTarget:EventTarget", "aws:cfg/remediationConfiguration:RemediationConfiguration"}

// commanded is the server that a resource names so that it may have it run something, "" if it names none.
func (w *Model) commanded(r *graph.Resource) string {
	module, _, _ := strings.Cut(r.Type, "/")
	if !strings.HasPrefix(module, "aws:") || !slices.Contains(commanding, r.Type) && besides[r.Type]+besides[module] != "" {
		if module == "aws:dlm" && within(r.Inputs, "scripts") {
			return "what its scripts are for"
		}
		return ""
	}
	if w.tags == nil {
		w.tags = w.serverTags()
	}
	for _, property := range slices.Sorted(maps.Keys(r.Inputs)) {
		if property == "tags" || property == "name" {
			continue
		}
		for _, named := range w.g.Ref(r, property, serverTypes...) {
			return named.Name
		}
		if named := w.byTags(r.Inputs[property]); named != "" {
			return named
		}
	}
	return ""
}

// serverTags are the tags of servers, by key.
func (w *Model) serverTags() map[string][]string {
	all := map[string][]string{}
	add := func(tags any) {
		switch v := tags.(type) {
		case map[string]any:
			for key, value := range v {
				all[key] = append(all[key], fmt.Sprint(value))
			}
		case []any:
			for _, element := range v {
				if tag, _ := element.(map[string]any); tag != nil {
					all[fmt.Sprint(tag["key"])] = append(all[fmt.Sprint(tag["key"])], fmt.Sprint(tag["value"]))
				}
			}
		}
	}
	for _, r := range w.g.ByType(serverTypes...) {
		if r.Type != "aws:ec2/launchTemplate:LaunchTemplate" {
			add(r.Inputs["tags"])
		}
		specifications, _ := r.Inputs["tagSpecifications"].([]any)
		for _, element := range specifications {
			if s, _ := element.(map[string]any); s["resourceType"] == "instance" {
				add(s["tags"])
			}
		}
	}
	return all
}

// byTags is what a value chooses servers by, "" if it chooses none. How a service writes that, as a filter or as a map, makes no
// difference: the tag's key and one of its values, or no value, stand together.
func (w *Model) byTags(value any) string {
	switch v := value.(type) {
	case string:
		var read any
		if strings.HasPrefix(v, "{") && json.Unmarshal([]byte(v), &read) == nil {
			return w.byTags(read)
		}
		for _, r := range w.g.ByIdentity(path.Base(v)) { // autoScalingGroup/its name
			if slices.Contains(serverTypes, r.Type) {
				return r.Name
			}
		}
	case []any:
		for _, element := range v {
			if named := w.byTags(element); named != "" {
				return named
			}
		}
	case map[string]any:
		if named := w.chosen(v); named != "" {
			return named
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if named := w.byTags(v[key]); key != "tags" && named != "" {
				return named
			}
		}
	}
	return ""
}

func (w *Model) chosen(block map[string]any) string {
	said, open := map[string]bool{}, true // what it says, and whether that leaves the value open
	for key, value := range block {
		said[strings.TrimPrefix(key, "tag:")] = true
		for _, element := range append([]any{}, asList(value)...) {
			switch text := element.(type) {
			case string:
				said[strings.TrimPrefix(text, "tag:")] = true
			case graph.Unknown, graph.Secret:
				said["*"] = true
			}
		}
		lower := strings.ToLower(key)
		open = open && !strings.Contains(lower, "value")
	}
	switch {
	case said["InstanceIds"] && said["*"]:
		return "all servers"
	case said["resource-groups:Name"] || said["ResourceGroup"]:
		return "servers of a group of resources"
	}
	if group, _ := block["DeploymentGroupName"].(string); group != "" && len(w.g.ByIdentity(group)) == 0 {
		return "the servers of " + group
	}
	filter := block["key"] != nil || block["Key"] != nil
	for key, values := range w.tags {
		if !said[key] {
			continue
		}
		matches := func(text string) bool {
			return text != key && slices.ContainsFunc(values, func(value string) bool {
				matched, err := path.Match(text, value)
				return text == value || err == nil && matched
			})
		}
		if said["KEY_ONLY"] || said["tag-key"] || filter && open || slices.ContainsFunc(slices.Collect(maps.Keys(said)), matches) {
			return "servers with the tag " + key
		}
	}
	return ""
}

func asList(value any) []any {
	if list, several := value.([]any); several {
		return list
	}
	return []any{value}
}

// within says that a key is somewhere in the value.
func within(value any, key string) bool {
	switch v := value.(type) {
	case []any:
		return slices.ContainsFunc(v, func(element any) bool { return within(element, key) })
	case map[string]any:
		return v[key] != nil || slices.ContainsFunc(slices.Collect(maps.Values(v)), func(element any) bool { return within(element, key) })
	}
	return false
}
