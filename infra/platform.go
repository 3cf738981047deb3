// Package infra holds what every component of the platform builds on: the platform's identity, names, tags, the
// address plan, IAM policy documents and the frame in which components are declared. It makes no cloud resources
// itself.
package infra

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Keys of the tags that the platform puts on everything it makes. Tools that read a deployed platform recognise its
// parts by them.
const (
	TagName        = "Name"
	TagPlatform    = "causeway:platform"
	TagEnvironment = "causeway:environment"
	TagTier        = "causeway:tier"
)

// Tier is the part of the picture that a resource belongs to: the value of TagTier.
type Tier string

const (
	Everywhere   Tier = ""         // belongs to no one part: the VPC, keys, buckets
	TierEdge     Tier = "edge"     // the public zone and load balancer
	TierWeb      Tier = "web"      // the web servers and their subnets
	TierInternal Tier = "internal" // the load balancer between web and application servers, and its zone
	TierApp      Tier = "app"      // the application servers and their subnets
	TierWorker   Tier = "worker"   // servers that receive no requests
	TierData     Tier = "data"     // the database, its copies and its subnets
	TierPublic   Tier = "public"   // the subnets that the internet reaches, and the ways in and out
	TierPrivate  Tier = "private"  // shared by the web and app tiers: route tables and endpoints
)

// Platform is what all components of one platform have in common. It is plain data, known before anything is created,
// so that a preview shows every name, ARN and policy in full.
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
	// Notices are tags that say something about the whole platform, such as a waiver and its last day. They are put
	// only on its VPC: in a launch template, a change of a notice would replace every server.
	Notices map[string]string
}

// Named is the logical name of a part of the platform: "prod-web".
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

// ARN is the ARN of a resource in the platform's own account and region.
func (p *Platform) ARN(service, resource string) string {
	return strings.Join([]string{"arn", p.Partition(), service, p.Region, p.Account, resource}, ":")
}

// GlobalARN is the ARN of a resource of a service without regions, such as IAM.
func (p *Platform) GlobalARN(service, resource string) string {
	return strings.Join([]string{"arn", p.Partition(), service, "", p.Account, resource}, ":")
}

// TagMap returns the plain tags of the resource called name, in the given tier.
func (p *Platform) TagMap(name string, tier Tier) map[string]string {
	tags := maps.Clone(p.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	tags[TagName] = name
	tags[TagPlatform] = p.Name
	tags[TagEnvironment] = p.Environment
	if tier != Everywhere {
		tags[TagTier] = string(tier)
	}
	return tags
}

// ObjectTags are the tags of an object in S3, which can have ten (AWS, S3 user guide, "Categorizing your storage
// using tags"): only the platform's own, without those that a person set.
func (p *Platform) ObjectTags(name string, tier Tier) pulumi.StringMap {
	own := &Platform{Name: p.Name, Environment: p.Environment}
	return own.TagsFor(name, tier)
}

// TagsFor is TagMap as a Pulumi input.
func (p *Platform) TagsFor(name string, tier Tier) pulumi.StringMap {
	return pulumi.ToStringMap(p.TagMap(name, tier))
}

// AutoNameSuffix is the length of what Pulumi adds to a logical name to make a
// physical one: a dash and seven random hex digits.
const AutoNameSuffix = 8

// ShortName joins parts with dashes into a logical name whose physical name fits
// in limit characters. A name that is too long is cut, and ends in a hash of the
// whole so that two long names stay apart.
//
// Limits: 32 for a load balancer or target group (AWS, ELB API reference,
// CreateLoadBalancer and CreateTargetGroup), 64 for an IAM role (IAM API
// reference, CreateRole), 63 for a bucket (S3 user guide, bucket naming rules).
func ShortName(limit int, parts ...string) string {
	const hash = 5
	name := strings.Join(parts, "-")
	room := limit - AutoNameSuffix
	if len(name) <= room {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	head := strings.TrimRight(name[:room-hash-1], "-")
	return head + "-" + hex.EncodeToString(sum[:])[:hash]
}
