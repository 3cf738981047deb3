// Package infra holds what every component of the platform stands on: the
// platform's identity, names, tags, the address plan, IAM policy documents and
// the frame in which they are declared. It makes no resource of a cloud.
package infra

import (
	"maps"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Tag keys that the platform stamps on everything it makes. Tools that read a
// deployed platform recognise its parts by them.
const (
	TagName        = "Name"
	TagPlatform    = "causeway:platform"
	TagEnvironment = "causeway:environment"
	TagTier        = "causeway:tier"
)

// Platform is what all components of one platform have in common. It is plain
// data, known before anything is created, so that a preview shows every name,
// ARN and policy in full.
type Platform struct {
	// Name prefixes the logical name of every resource, and so the physical one:
	// lower-case letters, digits and dashes, at most 20 characters.
	Name string
	// Environment is the profile: local, dev or prod.
	Environment string
	// Region is the AWS region, such as eu-west-1.
	Region string
	// Account is the AWS account's twelve digits.
	Account string
	// Tags are stamped on every resource that can carry tags.
	Tags map[string]string
}

// Named is the logical name of the platform's part: "prod-web".
func (p *Platform) Named(part string) string { return p.Name + "-" + part }

// Partition is the ARN partition of the region.
func (p *Platform) Partition() string {
	switch {
	case strings.HasPrefix(p.Region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(p.Region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

// ARN is the name of a resource of the platform's own account and region.
func (p *Platform) ARN(service, resource string) string {
	return strings.Join([]string{"arn", p.Partition(), service, p.Region, p.Account, resource}, ":")
}

// GlobalARN is the name of a resource of a service without regions, such as IAM.
func (p *Platform) GlobalARN(service, resource string) string {
	return strings.Join([]string{"arn", p.Partition(), service, "", p.Account, resource}, ":")
}

// TagMap is the plain tags of the resource called name, in the given tier ("" for none).
func (p *Platform) TagMap(name, tier string) map[string]string {
	tags := maps.Clone(p.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	tags[TagName] = name
	tags[TagPlatform] = p.Name
	tags[TagEnvironment] = p.Environment
	if tier != "" {
		tags[TagTier] = tier
	}
	return tags
}

// TagsFor is TagMap as a Pulumi input.
func (p *Platform) TagsFor(name, tier string) pulumi.StringMap {
	return pulumi.ToStringMap(p.TagMap(name, tier))
}
