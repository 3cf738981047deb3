package world

import (
	"encoding/base64"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeLaunchTemplate = "aws:ec2/launchTemplate:LaunchTemplate"
	typePrefixList     = "aws:ec2/managedPrefixList:ManagedPrefixList"
	typeInsightsPath   = "aws:ec2/networkInsightsPath:NetworkInsightsPath"
)

var computeKinds = map[string]*kind{
	typeLaunchTemplate: {
		id: prefixed("lt"), arn: ec2ARN + "launch-template/{id}",
		check:  []rule{userData, groupsExist("vpcSecurityGroupIds"), groupsExist("networkInterfaces.securityGroups"), templateProfile},
		create: []rule{nameFromPrefix, unique("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use: %s", "name")},
		fill:   fillLaunchTemplate,
	},
	typePrefixList: {
		id: prefixed("pl"), arn: ec2ARN + "prefix-list/{id}", text: map[string]string{"ownerId": "{account}"},
		check: []rule{prefixListSize},
		fill: func(_ *Call, o, old *Object) {
			setDefault(o, "entries", []any{})
			setDefault(o, "version", 1.0)
			if old != nil && value.Canonical(old.Outputs["entries"]) != value.Canonical(o.Outputs["entries"]) {
				o.Outputs["version"] = old.Number("version") + 1
			}
		},
		remove: []rule{unused("DependencyViolation", "The prefix list '%s' is in use.", use{typeIngressRule, "prefixListId"},
			use{typeEgressRule, "prefixListId"}, use{typeRoute, "destinationPrefixListId"})},
	},
	typeInsightsPath: {
		id: prefixed("nip"), arn: ec2ARN + "network-insights-path/{id}",
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"sourceArn": o.Text("source"), "destinationArn": o.Text("destination")})
		},
	},
}

// nameFromPrefix gives the name that a prefix asks for.
func nameFromPrefix(c *Call, o *Object) error {
	if prefix := o.Text("namePrefix"); prefix != "" && o.Text("name") == "" {
		o.Outputs["name"] = prefix + c.Now.Format("20060102150405") + c.hex(12, "name")
	}
	return nil
}

// userData must be Base64 and at most 16 KB before encoding (EC2 user guide, "Run commands at launch").
func userData(_ *Call, o *Object) error {
	text := o.Text("userData")
	if text == "" {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return fault("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
	}
	if len(raw) > 16384 {
		return fault("InvalidParameterValue", "User data is limited to 16384 bytes; this has %d", len(raw))
	}
	return nil
}

func templateProfile(c *Call, o *Object) error {
	for _, path := range []string{"iamInstanceProfile.arn", "iamInstanceProfile.name"} {
		for _, id := range at(o.Outputs, path) {
			if c.any(id, typeInstanceProfile) == nil {
				return fault("InvalidIamInstanceProfile.NotFound", "Invalid IAM Instance Profile: %s", id)
			}
		}
	}
	return nil
}

// versionsKey is where a launch template keeps its versions' inputs, the first first.
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
		metadata = value.Map{}
	}
	for k, v := range (value.Map{"httpEndpoint": "enabled", "httpProtocolIpv6": "disabled", "httpPutResponseHopLimit": 1.0, "httpTokens": "optional", "instanceMetadataTags": "disabled"}) {
		if metadata[k] == nil && o.Outputs["metadataOptions"] != nil {
			metadata[k] = v
		}
	}
	if o.Outputs["metadataOptions"] != nil {
		o.Outputs["metadataOptions"] = metadata
	}
}

// versionChanged says whether an update touches what a version holds: the template's own tags and
// its default version are not part of one.
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

func prefixListSize(_ *Call, o *Object) error {
	if n := len(o.Objects("entries")); float64(n) > o.Number("maxEntries") {
		return fault("PrefixListMaxEntriesExceeded", "the list has %d entries and maxEntries is %v", n, o.Number("maxEntries"))
	}
	return nil
}
