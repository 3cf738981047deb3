package controls

import (
	"maps"
	"slices"

	"github.com/causeway-iac/causeway/graph"
)

// ofTemplate is an instance merged with its launch template, in the form that instances have: what the instance says
// itself comes first. An instance without a template in the stack, or of another version than the one that the stack
// shows, is as it was written.
func (v *view) ofTemplate(r *graph.Resource) *graph.Resource {
	templates := v.g.Ref(r, "launchTemplate", templateType)
	if r.Type != instanceType || len(templates) != 1 || !current(r, templates[0]) {
		return r
	}
	t := templates[0]
	whole := *r
	whole.Inputs, whole.PropertyDependencies = map[string]any{}, maps.Clone(r.PropertyDependencies)
	give := func(property string, value any, from string) {
		if value == nil {
			return
		}
		whole.Inputs[property] = value
		if whole.PropertyDependencies == nil {
			whole.PropertyDependencies = map[string][]string{}
		}
		if _, own := r.Inputs[property]; !own {
			whole.PropertyDependencies[property] = t.PropertyDependencies[from]
		}
	}
	for _, property := range []string{"metadataOptions", "instanceType", "keyName", "iamInstanceProfile", "monitoring", "ebsOptimized",
		"userData", "vpcSecurityGroupIds", "networkInterfaces"} {
		give(property, t.Inputs[property], property)
	}
	give("ami", t.Inputs["imageId"], "imageId")
	if devices, known := blocks(t, "blockDeviceMappings"); known == present {
		volumes := volumesOf(devices)
		if len(volumes) > 0 {
			give("rootBlockDevice", volumes[0], "blockDeviceMappings")
			give("ebsBlockDevices", volumes, "blockDeviceMappings")
		}
	}
	if value, known := read(t, "networkInterfaces.associatePublicIpAddress"); known != absent {
		give("associatePublicIpAddress", value, "networkInterfaces")
	}
	maps.Copy(whole.Inputs, r.Inputs)
	v.asMade[&whole] = r
	return &whole
}

// current says that the instance starts from the version of the template that the stack shows.
func current(r, template *graph.Resource) bool {
	latest, _ := read(template, "latestVersion")
	byDefault, _ := read(template, "defaultVersion")
	isLatest := latest == nil || byDefault != nil && text(latest) == text(byDefault) || same(true, template.Inputs["updateDefaultVersion"])
	switch version, known := read(r, "launchTemplate.version"); {
	case known == hidden:
		return slices.Contains(r.PropertyDependencies["launchTemplate"], template.URN)
	case known == absent, text(version) == "$Default":
		return isLatest
	default:
		return text(version) == "$Latest" || latest != nil && text(version) == text(latest)
	}
}

// volumesOf are the volumes of a template's devices.
func volumesOf(devices []any) []any {
	var all []any
	for _, device := range devices {
		mapping, _ := device.(map[string]any)
		if ebs := mapping["ebs"]; ebs != nil {
			all = append(all, ebs)
		}
	}
	return all
}
