package survey

import (
	"cmp"
	"encoding/base64"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// served are the services of AWS whose names resolve. Calls that are not played get an error that names the call.
var served = []string{"s3", "secretsmanager", "sts", "logs", "ssm", "kms", "ec2", "monitoring", "ssmmessages", "ec2messages"}

func (s *survey) cloud() {
	c := &s.plan.Cloud
	for _, n := range served {
		a := services
		if n == "s3" {
			a = s3Address
		}
		c.Services = append(c.Services, plan.Service{Name: n, Host: n + "." + s.plan.Region + ".amazonaws.com", Addresses: []netip.Addr{a}})
	}
	s.registries()
	s.endpoints()
	s.storage()
	s.secrets()
	s.roles()
	for _, o := range s.of["aws:cloudwatch/logGroup:LogGroup"] {
		c.LogGroups = append(c.LogGroups, o.Text("name"))
	}
	for _, o := range s.of["aws:ssm/parameter:Parameter"] {
		if o.Text("type") != "SecureString" {
			c.Settings = append(c.Settings, plan.Parameter{Name: o.Text("name"), Value: cmp.Or(o.Text("value"), o.Text("insecureValue"))})
		}
	}
}

// registries adds Amazon ECR in the stack's region and in those of machines' images, with the S3 that holds the layers.
func (s *survey) registries() {
	c := &s.plan.Cloud
	regions := []string{s.plan.Region}
	for _, m := range s.plan.Machines {
		registry, _, _ := strings.Cut(m.Image, "/")
		if _, region, found := strings.Cut(registry, ".dkr.ecr."); found {
			regions = append(regions, strings.TrimSuffix(region, ".amazonaws.com"))
		}
	}
	slices.Sort(regions)
	for _, region := range slices.Compact(regions) {
		abroad, names := region != s.plan.Region, map[string]string{plan.ECR: "api.ecr", plan.Registry: "dkr.ecr"}
		if abroad {
			names["s3"] = "s3"
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			c.Services = append(c.Services, plan.Service{Name: name, Host: names[name] + "." + region + ".amazonaws.com", Abroad: abroad,
				Addresses: []netip.Addr{services}})
		}
	}
}

func (s *survey) endpoints() {
	for _, o := range s.of["aws:ec2/vpcEndpoint:VpcEndpoint"] {
		n := o.Text("serviceName")
		if _, below, found := strings.Cut(n, "."+s.plan.Region+"."); found {
			n = below
		}
		e := plan.Endpoint{ID: o.ID, Service: n, Gateway: gatewayEndpoint(o),
			PrivateDNS: o.Flag("privateDnsEnabled"),
			List:       o.Text("prefixListId"), Policy: o.Text("policy")}
		for _, d := range o.Objects("dnsEntries") {
			e.Names = append(e.Names, text(d, "dnsName"))
		}
		for _, p := range o.Texts("cidrBlocks") {
			e.Prefixes = append(e.Prefixes, cidr(p))
		}
		s.plan.Cloud.Endpoints = append(s.plan.Cloud.Endpoints, e)
	}
}

func (s *survey) storage() {
	for _, typ := range []string{"aws:s3/bucketV2:BucketV2", "aws:s3/bucket:Bucket"} {
		for _, o := range s.of[typ] {
			s.plan.Cloud.Buckets = append(s.plan.Cloud.Buckets, s.bucket(o))
		}
	}
	for _, typ := range []string{"aws:s3/bucketObjectv2:BucketObjectv2", "aws:s3/bucketObject:BucketObject"} {
		for _, o := range s.of[typ] {
			s.plan.Cloud.Objects = append(s.plan.Cloud.Objects, content(o))
		}
	}
}

func (s *survey) bucket(o *world.Object) plan.Bucket {
	n := o.Text("bucket")
	b := plan.Bucket{Name: n, Policy: o.Text("policy")}
	if p := s.find("aws:s3/bucketPolicy:BucketPolicy", "bucket", n); p != nil {
		b.Policy = p.Text("policy")
	}
	if e := s.find("aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", "bucket", n); e != nil {
		for _, r := range e.Objects("rules") {
			b.Key = cmp.Or(b.Key, text(object(r, "applyServerSideEncryptionByDefault"), "kmsMasterKeyId"))
		}
	}
	if v := s.find("aws:s3/bucketVersioningV2:BucketVersioningV2", "bucket", n); v != nil {
		b.Versioned = text(object(v.Outputs, "versioningConfiguration"), "status") == "Enabled"
	}
	if p := s.find("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "bucket", n); p != nil {
		b.BlockPublic = p.Flag("blockPublicPolicy") && p.Flag("restrictPublicBuckets")
	}
	b.OwnerOnly = true
	if w := s.find("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "bucket", n); w != nil {
		b.OwnerOnly = text(object(w.Outputs, "rule"), "objectOwnership") == "BucketOwnerEnforced"
	}
	return b
}

func content(o *world.Object) plan.Object {
	p := plan.Object{Bucket: o.Text("bucket"), Key: o.Text("key"), Type: o.Text("contentType"), Version: o.Text("versionId"),
		KMS: o.Text("kmsKeyId")}
	switch {
	case o.Text("content") != "":
		p.Content = o.Text("content")
	case o.Text("contentBase64") != "":
		b, _ := base64.StdEncoding.DecodeString(o.Text("contentBase64"))
		p.Content = string(b)
	default:
		p.Hash = value.AssetHash(o.Outputs["source"])
		p.Path = text(object(o.Outputs, "source"), "path")
	}
	return p
}

func (s *survey) secrets() {
	c := &s.plan.Cloud
	for _, o := range s.of["aws:secretsmanager/secret:Secret"] {
		secret := plan.Secret{ARN: o.Text("arn"), Name: o.Text("name"), Policy: o.Text("policy"), Key: o.Text("kmsKeyId")}
		if p := s.find("aws:secretsmanager/secretPolicy:SecretPolicy", "secretArn", secret.ARN); p != nil {
			secret.Policy = p.Text("policy")
		}
		c.Secrets = append(c.Secrets, secret)
	}
	for _, typ := range []string{"aws:rds/instance:Instance", "aws:rds/cluster:Cluster"} {
		for _, o := range s.of[typ] {
			for _, m := range o.Objects("masterUserSecrets") {
				arn := text(m, "secretArn")
				n := arn[strings.LastIndexByte(arn, ':')+1:]
				secret := plan.Secret{ARN: arn, Name: n[:max(0, len(n)-7)], Key: text(m, "kmsKeyId"), Database: o.Text("arn"), Rotate: 7}
				if p := s.find("aws:secretsmanager/secretPolicy:SecretPolicy", "secretArn", arn); p != nil {
					secret.Policy = p.Text("policy")
				}
				c.Secrets = append(c.Secrets, secret)
			}
		}
	}
	for _, r := range s.of["aws:secretsmanager/secretRotation:SecretRotation"] {
		for k := range c.Secrets {
			if c.Secrets[k].ARN == r.Text("secretId") {
				c.Secrets[k].Rotate = cmp.Or(number(object(r.Outputs, "rotationRules"), "automaticallyAfterDays"), c.Secrets[k].Rotate)
			}
		}
	}
	for _, o := range s.of["aws:kms/key:Key"] {
		k := plan.Key{ARN: o.Text("arn"), Policy: o.Text("policy")}
		for _, a := range s.of["aws:kms/alias:Alias"] {
			if a.Text("targetKeyId") == o.Text("keyId") || a.Text("targetKeyArn") == k.ARN {
				k.Aliases = append(k.Aliases, a.Text("name"))
			}
		}
		if p := s.find("aws:kms/keyPolicy:KeyPolicy", "keyId", o.Text("keyId")); p != nil {
			k.Policy = p.Text("policy")
		}
		c.Keys = append(c.Keys, k)
	}
}

func (s *survey) roles() {
	documents := map[string]plan.Policy{}
	for _, p := range s.of["aws:iam/policy:Policy"] {
		documents[p.Text("arn")] = plan.Policy{Name: s.short(p), ARN: p.Text("arn"), Document: p.Text("policy")}
	}
	known := func(arn string) plan.Policy {
		if p, ok := documents[arn]; ok {
			return p
		}
		return plan.Policy{Name: arn[strings.LastIndexByte(arn, '/')+1:], ARN: arn} // AWS's own
	}
	for _, o := range s.of["aws:iam/role:Role"] {
		r := plan.Role{ARN: o.Text("arn"), Name: o.Text("name"), Trust: o.Text("assumeRolePolicy")}
		for _, m := range o.Objects("inlinePolicies") {
			if text(m, "policy") != "" {
				r.Policies = append(r.Policies, plan.Policy{Name: text(m, "name"), Document: text(m, "policy")})
			}
		}
		for _, p := range s.of["aws:iam/rolePolicy:RolePolicy"] {
			if p.Text("role") == r.Name {
				r.Policies = append(r.Policies, plan.Policy{Name: s.short(p), Document: p.Text("policy")})
			}
		}
		for _, arn := range s.attached(o) {
			r.Policies = append(r.Policies, known(arn))
		}
		if b := o.Text("permissionsBoundary"); b != "" {
			p := known(b)
			r.Boundary = &p
		}
		s.plan.Cloud.Roles = append(s.plan.Cloud.Roles, r)
	}
}

// attached are the ARNs of a role's managed policies.
func (s *survey) attached(role *world.Object) []string {
	arns := slices.Clone(role.Texts("managedPolicyArns"))
	for _, a := range s.of["aws:iam/rolePolicyAttachment:RolePolicyAttachment"] {
		if a.Text("role") == role.Text("name") {
			arns = append(arns, a.Text("policyArn"))
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns)
}
