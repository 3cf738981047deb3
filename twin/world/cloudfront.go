package world

import (
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeDistribution  = "aws:cloudfront/distribution:Distribution"
	typeOriginID      = "aws:cloudfront/originAccessIdentity:OriginAccessIdentity"
	typeOriginControl = "aws:cloudfront/originAccessControl:OriginAccessControl"
)

// distributionZone is the hosted zone of every distribution (Route 53 API, AliasTarget).
const distributionZone = "Z2FDTNDATAQYW2"

var distributionKinds = map[string]*kind{
	typeDistribution: {
		id:  func(c *Call, _ *Object) string { return "E" + strings.ToUpper(c.hex(13)) },
		arn: "arn:{partition}:cloudfront::{account}:distribution/{id}",
		check: []rule{
			distributionOrigins,
			refers("origins.originAccessControlId", "InvalidOriginAccessControl", "The origin access control %s does not exist",
				typeOriginControl),
			distributionCertificate,
			distributionNames,
		},
		fill: fillDistribution,
	},
	typeOriginID: {
		id:     func(c *Call, _ *Object) string { return "E" + strings.ToUpper(c.hex(13)) },
		arn:    "arn:{partition}:cloudfront::{account}:origin-access-identity/{id}",
		remove: []rule{identityUnused},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"callerReference": "terraform-" + c.hex(12, "caller"),
				"etag":                         "E" + strings.ToUpper(c.hex(13, "etag")),
				"cloudfrontAccessIdentityPath": "origin-access-identity/cloudfront/" + o.ID, "s3CanonicalUserId": c.hex(64, "user"),
				"iamArn": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity " + o.ID})
		},
	},
	typeOriginControl: {
		id:     func(c *Call, _ *Object) string { return "E" + strings.ToUpper(c.hex(13)) },
		arn:    "arn:{partition}:cloudfront::{account}:origin-access-control/{id}",
		create: []rule{unique("OriginAccessControlAlreadyExists", "An origin access control with the name %s already exists", "name")},
		fill:   func(c *Call, o, _ *Object) { setDefault(o, "etag", "E"+strings.ToUpper(c.hex(13, "etag"))) },
		remove: []rule{unused("OriginAccessControlInUse", "Cannot delete the origin access control %s because it's in use",
			use{typeDistribution, "origins.originAccessControlId"})},
	},
}

// distributionOrigins: a behaviour names an origin or origin group of the distribution, and their ids are unique
// (CloudFront API, CreateDistribution).
func distributionOrigins(_ *Call, o *Object) error {
	known := append(at(o.Outputs, "origins.originId"), at(o.Outputs, "originGroups.originId")...)
	for i, id := range known {
		if slices.Contains(known[:i], id) {
			return fault("InvalidArgument", "The parameter Origin Id must be unique: %s stands twice", id)
		}
	}
	for _, path := range []string{"defaultCacheBehavior.targetOriginId", "orderedCacheBehaviors.targetOriginId"} {
		for _, id := range at(o.Outputs, path) {
			if !slices.Contains(known, id) {
				return fault("NoSuchOrigin", "One or more of your origins or origin groups do not exist: %s", id)
			}
		}
	}
	return nil
}

// distributionCertificate: alternate domain names need a certificate that ACM has issued in us-east-1 (CloudFront
// guide, "Requirements for using SSL/TLS certificates with CloudFront").
func distributionCertificate(c *Call, o *Object) error {
	arns := at(o.Outputs, "viewerCertificate.acmCertificateArn")
	if len(arns) == 0 && len(at(o.Outputs, "viewerCertificate.iamCertificateId")) == 0 && len(o.Texts("aliases")) > 0 {
		return fault("InvalidViewerCertificate", "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a "+
			"trusted certificate that validates your authorization to use the domain name: %s", strings.Join(o.Texts("aliases"), ", "))
	}
	for _, arn := range arns {
		certificate := c.find(typeCertificate, arn)
		if external(arn, c.accountID()) {
			continue
		}
		if certificate == nil || certificate.Region != "us-east-1" || certificate.Text("status") != "ISSUED" {
			return fault("InvalidViewerCertificate",
				"The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or "+
					"doesn't include a valid certificate chain: %s", arn)
		}
	}
	return nil
}

// distributionNames: an alternate domain name belongs to one distribution (CloudFront guide, "Requirements for using
// alternate domain names").
func distributionNames(c *Call, o *Object) error {
	for _, name := range o.Texts("aliases") {
		if taken := first(c.having(typeDistribution, "aliases", name), func(d *Object) bool { return d.Key != o.Key }); taken != nil {
			return fault("CNAMEAlreadyExists", "One or more of the CNAMEs you provided are already associated with a different resource: "+
				"%s is of %s", name, called(taken))
		}
	}
	return nil
}

// identityUnused: an identity can be deleted only when no distribution uses it (CloudFront API,
// DeleteCloudFrontOriginAccessIdentity).
func identityUnused(c *Call, o *Object) error {
	for user := range c.having(typeDistribution, "origins.s3OriginConfig.originAccessIdentity", o.Text("cloudfrontAccessIdentityPath")) {
		return fault("CloudFrontOriginAccessIdentityInUse", "The CloudFront origin access identity is still being used: by %s",
			called(user))
	}
	return nil
}

func fillDistribution(c *Call, o, old *Object) {
	setDefaults(o, value.Map{"domainName": "d" + c.hexFor(o.ID, 13) + ".cloudfront.net", "hostedZoneId": distributionZone,
		"status":          "Deployed",
		"callerReference": "terraform-" + c.hexFor("caller of "+o.ID, 12), "continuousDeploymentPolicyId": "",
		"trustedKeyGroups": []any{value.Map{"enabled": false, "items": []any{}}},
		"trustedSigners":   []any{value.Map{"enabled": false, "items": []any{}}}})
	if old == nil || value.Canonical(old.Inputs) != value.Canonical(o.Inputs) {
		o.Outputs["lastModifiedTime"], o.Outputs["etag"] = c.Now.Format(time.RFC3339), "E"+strings.ToUpper(c.hex(13, "etag"))
	}
}
