package world

import (
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

func templateOf(o *Object) value.Map {
	if lt, ok := o.Outputs["launchTemplate"].(value.Map); ok {
		return lt
	}
	for _, policy := range o.Objects("mixedInstancesPolicy") {
		for _, lt := range objectsIn(policy["launchTemplate"]) {
			for _, spec := range objectsIn(lt["launchTemplateSpecification"]) {
				return value.Map{"id": spec["launchTemplateId"], "name": spec["launchTemplateName"], "version": spec["version"]}
			}
		}
	}
	return nil
}

// usedTemplate finds a group's launch template and the version that it asks for.
func (c *Call) usedTemplate(o *Object) (template *Object, version string) {
	spec := templateOf(o)
	id, _ := spec["id"].(string)
	version, _ = spec["version"].(string)
	if id != "" {
		return c.find(typeLaunchTemplate, id), version
	}
	return c.where(typeLaunchTemplate, "name", textIn(spec, "name")), version
}

// groupTemplate: a group has a launch template (EC2 Auto Scaling API, CreateAutoScalingGroup).
func groupTemplate(c *Call, o *Object) error {
	spec := templateOf(o)
	if spec == nil {
		if o.Text("launchConfiguration") != "" {
			return nil
		}
		return fault("ValidationError", "Valid requests must contain either launchTemplate, LaunchConfigurationName, InstanceId or "+
			"MixedInstancesPolicy parameter.")
	}
	if template, _ := c.usedTemplate(o); template == nil || c.unseen(template) {
		id, _ := spec["id"].(string)
		name, _ := spec["name"].(string)
		return fault("ValidationError", "You must use a valid fully-formed launch template. The specified launch template, with "+
			"template ID or name %s%s, does not exist%s.", id, name, c.instead(id+name, typeLaunchTemplate))
	}
	return nil
}

// templateVersionExists: the template has the version that a group names (EC2 Auto Scaling user guide, "Troubleshoot
// launch templates").
func templateVersionExists(c *Call, o *Object) error {
	template, version := c.usedTemplate(o)
	if template == nil || version == "" || strings.HasPrefix(version, "$") {
		return nil
	}
	if n, err := strconv.Atoi(version); err != nil || n < 1 || float64(n) > template.Number("latestVersion") {
		return fault("ValidationError", "You must use a valid fully-formed launch template. The specified launch template version %s "+
			"of %s does not exist: its latest is %v.", version, called(template), template.Number("latestVersion"))
	}
	return nil
}

// templateComplete: everything that a template's version names exists when a group uses it (EC2 Auto Scaling user
// guide, "Troubleshoot launch templates").
func templateComplete(c *Call, o *Object) error {
	template, version := c.usedTemplate(o)
	if template == nil {
		return nil
	}
	content := templateContent(template, version)
	for _, id := range append(at(content, "vpcSecurityGroupIds"), at(content, "networkInterfaces.securityGroups")...) {
		if c.any(id, typeSecurityGroup) == nil {
			return fault("ValidationError", "You must use a valid fully-formed launch template. The security group '%s' does not exist%s",
				id, c.instead(id, typeSecurityGroup))
		}
	}
	for _, id := range append(at(content, "iamInstanceProfile.arn"), at(content, "iamInstanceProfile.name")...) {
		if c.any(id, typeInstanceProfile) == nil {
			return fault("ValidationError",
				"You must use a valid fully-formed launch template. Value (%s) for parameter iamInstanceProfile is invalid. Invalid "+
					"IAM Instance Profile name", id)
		}
	}
	name, _ := content["instanceType"].(string)
	if family, _, _ := strings.Cut(name, "."); name != "" && !sizeKnown(family, name) {
		return fault("ValidationError", "You must use a valid fully-formed launch template. The following supplied instance types do "+
			"not exist: [%s]", name)
	}
	return nil
}

// sizeKnown says whether an instance size exists. It accepts any size of a family that the twin does not know.
func sizeKnown(family, name string) bool {
	if !slices.Contains(families, family) {
		return true
	}
	_, known := instanceSize(name)
	return known || strings.HasSuffix(name, "xlarge") || strings.HasSuffix(name, ".metal")
}
