package world

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const typeLaunchTemplate = "aws:ec2/launchTemplate:LaunchTemplate"

// EC2 deletes a template even if it is in use, and accepts one that names what does not exist: a group made from it
// is refused instead (EC2 user guide, "Delete a launch template"; EC2 API, CreateLaunchTemplate's warnings).
var templateKinds = map[string]*kind{
	typeLaunchTemplate: {
		id:      prefixed("lt"),
		arn:     ec2ARN + "launch-template/{id}",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check:   []rule{userData},
		create: []rule{
			unique("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use: %s", "name"),
		},
		fill: fillLaunchTemplate,
	},
}

func nameFromPrefix(c *Call, o *Object) {
	if prefix := o.Text("namePrefix"); prefix != "" && o.Text("name") == "" {
		o.Outputs["name"] = prefix + c.Now.Format("20060102150405") + c.hex(12, "name")
	}
}

// userData must be Base64 (EC2 user guide, "Run commands at launch").
func userData(_ *Call, o *Object) error {
	if _, err := base64.StdEncoding.DecodeString(o.Text("userData")); err != nil {
		return fault("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
	}
	return nil
}

// versionsKey is where a launch template keeps its versions' inputs, oldest first.
const versionsKey = "versions"

func fillLaunchTemplate(_ *Call, o, old *Object) {
	versions, _ := o.Hidden[versionsKey].([]any)
	if old == nil || versionChanged(old.Inputs, o.Inputs) {
		versions = append(versions, o.Inputs)
		o.Hidden[versionsKey] = versions
	}
	o.Outputs["latestVersion"] = float64(len(versions))
	if o.Flag("updateDefaultVersion") {
		o.Outputs["defaultVersion"] = float64(len(versions))
	}
	setDefault(o, "defaultVersion", 1.0)
	metadata, _ := o.Outputs["metadataOptions"].(value.Map)
	if metadata == nil {
		return
	}
	for k, v := range (value.Map{"httpEndpoint": "enabled", "httpProtocolIpv6": "disabled", "httpPutResponseHopLimit": 1.0,
		"httpTokens": "optional", "instanceMetadataTags": "disabled"}) {
		if metadata[k] == nil {
			metadata[k] = v
		}
	}
}

// versionChanged says whether an update touches what a version holds: the template's own tags and default version are
// not part of one.
func versionChanged(old, news value.Map) bool {
	part := func(in value.Map) string {
		in = value.CopyMap(in)
		for _, k := range []string{"tags", "updateDefaultVersion", "defaultVersion", "__defaults"} {
			delete(in, k)
		}
		return value.Canonical(in)
	}
	return part(old) != part(news)
}

// templateContent is what a version of a template says; version is a number, $Latest, $Default or "".
func templateContent(template *Object, version string) value.Map {
	versions, _ := template.Hidden[versionsKey].([]any)
	n, err := strconv.Atoi(version)
	switch {
	case version == "$Latest":
		n = len(versions)
	case err != nil:
		n = int(template.Number("defaultVersion"))
	}
	if n < 1 || n > len(versions) {
		return template.Outputs
	}
	content, _ := versions[n-1].(value.Map)
	return content
}

// templateGroups are the security groups of machines launched from a template's version, such as "lt-…:2".
func (c *Call) templateGroups(machineTemplate string) []string {
	id, version, _ := strings.Cut(machineTemplate, ":")
	template := c.find(typeLaunchTemplate, id)
	if template == nil {
		return nil
	}
	content := templateContent(template, version)
	return append(at(content, "vpcSecurityGroupIds"), at(content, "networkInterfaces.securityGroups")...)
}
