package controls

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

const environmentTag = "causeway:environment"

var programs = []Control{
	{
		Number: 229, Severity: report.High, Title: "Nothing that a control reads is hidden from changes",
		Remedy: "remove the property from ignoreChanges",
		whole:  nothingIgnored,
	},
	{
		Number: 230, Severity: report.High, Title: "Pulumi does not delete what cannot be made again",
		Types:   []string{databaseType, clusterType, keyType, bucketTypes[0], bucketTypes[1]},
		Waivers: []string{"unprotected"}, Remedy: "protect the resource", each: when(lasting, protected),
	},
	{
		Number: 231, Severity: report.High, Title: "Providers are held to an account, and have no lasting credentials",
		Types:  []string{"pulumi:providers:aws", "pulumi:providers:cloudflare"},
		Known:  "Checkov CKV_AWS_41",
		Remedy: "set allowedAccountIds and region, and leave out accessKey and secretKey; let apiToken be a secret", each: provider,
	},
	{
		Number: 232, House: true, Severity: report.Medium, Title: "Every resource names its provider",
		Remedy: "pass pulumi.Provider, and set pulumi:disable-default-providers to [\"*\"]",
		whole:  noDefaultProvider,
	},
	{
		Number: 233, Severity: report.Low, Title: "Everything that can carry tags tells its environment",
		Note:   "every cost and every finding is told by them",
		Known:  "FSBP EC2.33-53",
		Remedy: "set the tag " + environmentTag, whole: tagged,
	},
	{
		Number: 234, Severity: report.High, Title: "No output of the stack is a credential in plain text",
		Types:  []string{"pulumi:pulumi:Stack"},
		Remedy: "export it as a secret (pulumi.ToSecret), or export the secret's ARN", each: outputs,
	},
	{
		Number: 235, Severity: report.High, Title: "What is not known is not taken for safe",
		Note:   "a value that is not known breaks the control that reads it, unless that control can only be decided after a deployment",
		Remedy: "give the value when declaring, or pass it on from a resource of the stack", whole: nothingUnread,
	},
}

func nothingIgnored(v *view) []outcome {
	var all []outcome
	for _, r := range v.g.Resources {
		if !r.Custom || len(r.IgnoreChanges) == 0 {
			continue
		}
		o := holds()
		for _, path := range r.IgnoreChanges {
			property := strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' })
			if len(property) == 0 || !harmless(r.Type, property[0]) {
				o = broken("changes of %s are ignored", path)
			}
		}
		all = append(all, o.about(r))
	}
	return append(all, holds())
}

// ignorable are the properties that something other than the program may control, and that no control reads: the number
// of servers, and when a password was last shown.
var ignorable = map[string][]string{
	scalingType:        {"desiredCapacity"},
	memberType:         {"engineVersion"},
	clusterType:        {"engineVersion", "availabilityZones"},
	databaseType:       {"engineVersion"},
	"aws:backup/plan:": {"recoveryPointTags"},
}

func harmless(resourceType, property string) bool {
	return property == "tagsAll" || slices.Contains(ignorable[resourceType], property)
}

// lasting says that the resource's contents are lost with it: a bucket that keeps logs, a database, a key.
func lasting(v *view, r *graph.Resource) bool {
	return !slices.Contains(bucketTypes, r.Type) || v.takesBalancersLogs(r) || isData(v, r)
}

func protected(_ *view, r *graph.Resource) outcome {
	if !r.Protect {
		return broken("Pulumi may delete it")
	}
	return holds()
}

func noDefaultProvider(v *view) []outcome {
	var all []outcome
	for _, r := range v.g.Resources {
		if p := v.g.ByURN(r.Provider); r.Custom && p != nil && strings.HasPrefix(p.Name, "default") &&
			(strings.HasPrefix(r.Type, "aws:") || strings.HasPrefix(r.Type, "cloudflare:")) {
			all = append(all, broken("its provider is the one that Pulumi made by itself").about(r))
		}
	}
	if len(all) == 0 {
		return []outcome{holds()}
	}
	return all
}

// tagless are the types that have tags which nobody needs: parts of another resource, and what an account has once.
var tagless = []string{attachmentType}

// tagged demands the platform's tag of each, and of the resources of a stack that is not this project's any tag at all.
func tagged(v *view) []outcome {
	all := []outcome{}
	var bare []*graph.Resource
	for _, r := range v.g.Resources {
		if !r.Custom || !strings.HasPrefix(r.Type, "aws:") || slices.Contains(tagless, r.Type) || !canCarryTags(r) {
			continue
		}
		o := holds()
		if !v.ours {
			if !v.hasTags(r) {
				bare = append(bare, r)
			}
			continue
		}
		if r.Tag(environmentTag) == "" && r.String("tagsAll."+environmentTag) == "" && v.defaultTag(r) == "" {
			o = broken("it has no tag %s", environmentTag)
		}
		all = append(all, o.about(r))
	}
	switch {
	case v.ours:
		return all
	case len(bare) == 0:
		return []outcome{holds()}
	}
	o := broken("%d of what can carry tags has none", len(bare))
	if len(bare) == 1 {
		o = broken("it has no tag")
	}
	return []outcome{o.about(bare...).write("tag it by owner and environment")}
}

func (v *view) hasTags(r *graph.Resource) bool {
	tags, of := r.Inputs["tags"], r.Outputs["tagsAll"]
	if p := v.g.ByURN(r.Provider); p != nil && of == nil {
		of, _ = p.Get("defaultTags.tags")
	}
	some := func(value any) bool {
		all, isMap := value.(map[string]any)
		return value != nil && (!isMap || len(all) > 0)
	}
	return some(tags) || some(of)
}

// canCarryTags says that the resource has tags, or is of the types that everything else rests on.
func canCarryTags(r *graph.Resource) bool {
	for _, path := range []string{"tags", "tagsAll"} {
		if _, asked := r.Inputs[path]; asked {
			return true
		}
		if _, answered := r.Outputs[path]; answered {
			return true
		}
	}
	return slices.Contains([]string{vpcType, subnetType, groupType, balancerType, scalingType, templateType, databaseType, clusterType,
		keyType, logGroupType, roleType}, r.Type) ||
		slices.Contains(bucketTypes, r.Type)
}

func (v *view) defaultTag(r *graph.Resource) string {
	if p := v.g.ByURN(r.Provider); p != nil {
		value, _ := p.Inputs["defaultTags"].(map[string]any)
		tags, _ := value["tags"].(map[string]any)
		return text(orEmpty(tags[environmentTag]))
	}
	return ""
}

func orEmpty(value any) any {
	if value == nil {
		return ""
	}
	return value
}

var credential = regexp.MustCompile(`(?i)(password|passwd|secret|token|apikey|api_key|accesskey|access_key|privatekey|` +
	`private_key|credential|connectionstring)`)

// about are the last words of names that only describe a credential, such as tokenUrl.
var about = regexp.MustCompile(`(?i)(urls?|uri|endpoint|arns?|id|ids|name|path|version|type|length|days|ttl|` +
	`expiry|expires|policy|algorithm|issuer|audience|region)$`)

// namesCredential says that something of this name is a credential, and not about one.
func namesCredential(name string) bool {
	return credential.MatchString(name) && !about.MatchString(name)
}

func outputs(_ *view, r *graph.Resource) outcome {
	for _, name := range slices.Sorted(maps.Keys(r.Outputs)) {
		value, ok := r.Outputs[name].(string)
		if !ok {
			if list, some := r.Outputs[name].([]any); some {
				value = fmt.Sprint(list...)
			} else if m, some := r.Outputs[name].(map[string]any); some {
				value = fmt.Sprint(m)
			}
		}
		if found := findSecrets(value); len(found) > 0 {
			return broken("the output %s has %s in plain text", name, strings.Join(found, " and "))
		}
		if namesCredential(name) && value != "" && !strings.HasPrefix(value, "arn:") {
			return broken("the output %s is in plain text", name)
		}
	}
	return holds()
}

// readVersion demands that a provider have a major version whose names are known.
func readVersion(r *graph.Resource) outcome {
	provider, isProvider := strings.CutPrefix(r.Type, "pulumi:providers:")
	major, _, _ := strings.Cut(r.String("version"), ".")
	if known := graph.Majors[provider]; isProvider && major != "" && len(known) > 0 && !slices.Contains(known, major) {
		return undecided("version %s of the provider %s is not read: what it calls otherwise than versions %s is not known",
			r.String("version"), provider, strings.Join(known, " and "))
	}
	return holds()
}

// nothingUnread demands that no property be unknown without any sign of where its value will come from: no control can
// read such a value, before or after.
func nothingUnread(v *view) []outcome {
	var all []outcome
	for _, r := range v.g.Resources {
		if !r.Custom {
			continue
		}
		o := readVersion(r)
		for _, property := range slices.Sorted(maps.Keys(r.Inputs)) {
			if _, unknown := r.Inputs[property].(graph.Unknown); unknown && len(r.PropertyDependencies[property]) == 0 {
				o = undecided("%s is not known, and nothing tells where it comes from", property)
			}
		}
		all = append(all, o.about(r))
	}
	return all
}
