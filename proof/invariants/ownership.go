package invariants

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/network"
)

// belongings are the identifiers that no two environments may both use.
var belongings = map[string]string{
	"aws:ec2/vpc:Vpc": "VPC", "aws:ec2/securityGroup:SecurityGroup": "security group", "aws:kms/key:Key": "key",
	"aws:secretsmanager/secret:Secret": "secret", "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": "peering",
}

// wires are the inputs through which a resource uses something that belongs to an environment.
var wires = []string{
	"vpcId", "vpcSecurityGroupIds", "securityGroups", "securityGroupIds", "securityGroupId", "referencedSecurityGroupId",
	"sourceSecurityGroupId", "kmsKeyId", "masterUserSecretKmsKeyId", "performanceInsightsKmsKeyId", "kmsKeyArn", "kmsMasterKeyId",
	"secretId", "secretArn", "optionGroupName",
}

func alone(v *view) result {
	r := result{applies: len(v.w.VPCs) > 0, holds: "nothing that the stack uses belongs to another environment"}
	for _, resource := range v.g.ByType("aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
		"aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
		"aws:ec2transitgateway/vpcAttachment:VpcAttachment") {
		r.add(breach{resources: one(resource), found: resource.Name + " connects the VPC to another",
			remedy: "remove it: environments share no network"})
	}
	for _, resource := range v.g.Resources {
		if resource.Custom {
			v.uses(resource, &r)
		}
	}
	for i, a := range v.w.VPCs {
		for _, b := range v.w.VPCs[i+1:] {
			if a.Resource != nil && b.Resource != nil && a.V4.Overlaps(b.V4) {
				r.add(breach{resources: []*graph.Resource{a.Resource, b.Resource},
					found:  fmt.Sprintf("the addresses of %s and %s overlap", a.Name(), b.Name()),
					remedy: "give each VPC a CIDR of its own"})
			}
		}
	}
	for _, other := range v.beside {
		v.compare(other, &r)
	}
	return r
}

// uses compares what a resource names, however deep in its inputs, with what is the stack's own.
func (v *view) uses(resource *graph.Resource, r *result) {
	own := resource.Tag(environmentTag)
	for property, value := range resource.Inputs {
		v.elsewhere(resource, property, value, r)
		var whole graph.Resolution
		asked := false
		v.named(property, value, func(path, key string) {
			if !asked {
				whole, asked = v.g.Resolve(resource, property), true
			}
			unnamed := whole.Unnamed
			res := v.g.Resolve(resource, path)
			wired := slices.Contains(wires, key)
			for _, id := range res.Outside {
				switch {
				case strings.HasPrefix(id, "alias/aws/") || strings.HasPrefix(id, "default:") || ownDefault(v, id):
				case len(unnamed) > 0:
					r.add(breach{resources: one(resource), found: fmt.Sprintf("%s of %s is %s, which is not of this stack", path,
						resource.Name, id),
						evidence: []string{"the program takes it from " + unnamed[0].Name + ", which is called otherwise"},
						remedy:   "pass the resource's own output on as it is"})
				case wired:
					r.add(breach{resources: one(resource), found: fmt.Sprintf("%s of %s is %s, which is not of this stack", path,
						resource.Name, id), remedy: "make one for this environment"})
				}
			}
			for _, used := range res.Resources {
				if theirs := used.Tag(environmentTag); wired && own != "" && theirs != "" && theirs != own {
					r.add(breach{resources: []*graph.Resource{resource, used},
						found:  fmt.Sprintf("%s of %s uses %s of %s", resource.Name, own, used.Name, theirs),
						remedy: "make one for each environment"})
				}
			}
		})
	}
}

// elsewhere finds what a resource uses of another account and not of the stack, by an ARN that is a value of its own. Who may do what
// is I25's, and what AWS lends to everybody is its own.
func (v *view) elsewhere(resource *graph.Resource, property string, value any, r *result) {
	own := v.iam().AccountsOf(resource)
	switch element := value.(type) {
	case string:
		if account := ofARN.FindStringSubmatch(element); account != nil && len(own) > 0 && !slices.Contains(own, account[1]) &&
			!lent.MatchString(property) && !strings.HasPrefix(resource.Type, "pulumi:") &&
			!slices.ContainsFunc(v.g.ByIdentity(element), func(named *graph.Resource) bool { return !named.External }) {
			r.add(breach{resources: one(resource), found: fmt.Sprintf("%s of %s is %s, of another account", property, resource.Name,
				element),
				remedy: "make one in this account"})
			return
		}
		var within map[string]any
		if strings.HasPrefix(element, "{") && !strings.Contains(element, `"Effect"`) && json.Unmarshal([]byte(element), &within) == nil {
			v.elsewhere(resource, property, within, r)
			return
		}
		v.leadsAway(resource, property, element, r)
	case []any:
		for i := range element {
			v.elsewhere(resource, property, element[i], r)
		}
	case map[string]any:
		for key := range element {
			v.elsewhere(resource, property+"."+key, element[key], r)
		}
	}
}

// leadsAway finds where something is written to, or called, that is not of the stack. Whose bucket it is, its name does not tell; another
// thing of the account may be anybody's who may write there.
func (v *view) leadsAway(resource *graph.Resource, property, text string, r *result) {
	name := bucketNamed(resource, property, text)
	if name == "" && !called.MatchString(text) {
		return
	}
	found := slices.Concat(v.g.ByIdentity(text), v.g.ByIdentity(name), v.g.ByIdentity(qualifier.ReplaceAllString(text, "$1")))
	b := breach{resources: one(resource), remedy: "make it in the stack, and name it by its own output"}
	switch {
	case lent.MatchString(property) || strings.HasPrefix(resource.Type, "pulumi:"),
		slices.ContainsFunc(found, func(r *graph.Resource) bool { return !r.External && r != resource }):
		return
	case name != "" && !strings.ContainsAny(name, "*?${"):
		b.found, b.undecided = fmt.Sprintf("%s of %s leads to the bucket %s, which is not of this stack", property, resource.Name, name),
			len(found) > 0
	case called.MatchString(text):
		b.found, b.undecided = fmt.Sprintf("%s of %s leads to %s, which is not of this stack", property, resource.Name, text), true
	default:
		return
	}
	r.add(b)
}

// bucketNamed is the bucket that a text is an address of, or the name of where the property is one.
func bucketNamed(resource *graph.Resource, property, text string) string {
	if strings.Contains(text, "s3") {
		if m := ofBucket.FindStringSubmatch(text); m != nil {
			return m[1] + m[2]
		}
	}
	key := strings.TrimSuffix(strings.ToLower(property), "name")
	if strings.HasSuffix(key, "bucket") && (property != "bucket" || !slices.Contains(buckets, resource.Type)) {
		return text
	}
	return ""
}

var buckets = []string{"aws:s3/bucketV2:BucketV2", "aws:s3/bucket:Bucket", "aws:s3/directoryBucket:DirectoryBucket"}

var (
	// ofBucket is a bucket, in each of the forms that are no mere name.
	ofBucket = regexp.MustCompile(`^(?:arn:[\w-]+:s3:::|s3://)([a-z0-9][a-z0-9.-]+)(?:/.*)?$|` +
		`^(?:https?://)?([a-z0-9][a-z0-9.-]+?)\.s3[.\w-]*\.amazonaws\.com(?:/.*)?$`)
	// called is what data goes to, or what acts on it.
	called    = regexp.MustCompile(`^arn:[\w-]+:(?:sqs|sns|lambda|kinesis|firehose|events|states|logs|codebuild):[\w-]*:\d{12}:`)
	qualifier = regexp.MustCompile(`^(arn:[\w-]+:(?:lambda:[\w-]*:\d+:function:[\w-]+|logs:[\w-]*:\d+:log-group:[^:]+)):.*$`)
)

// lent is where others are named rightly: principals and roles, which are judged as such, and layers of functions.
var lent = regexp.MustCompile(`(?i)principal|layers|assume|policyArn|permissionsBoundary|rolearn|iamRole|accountId|(^|\.)sourceArn|` +
	`^tags|allowed`)

var ofARN = regexp.MustCompile(`^arn:[^:]*:[^:]*:[^:]*:(\d{12}):`)

// reference is what inputs that name another resource are called.
var reference = regexp.MustCompile(`(Ids?|Arns?|^arn|[rR]ole|[bB]ucket|[tT]opic|GroupName|VaultName|` +
	`Boundary|Destination|DestinationConfigs|snapshotIdentifier|replicateSourceDb|replicationSourceIdentifier|` +
	`ClusterIdentifier|dimensions|(alarm|ok|Data)Actions)$`)

// named visits the paths in a value at which a resource is named.
func (v *view) named(path string, value any, visit func(path, key string)) {
	key := path[strings.LastIndex(path, ".")+1:]
	names, seen := v.names[key]
	if !seen {
		names = reference.MatchString(key) || slices.Contains(wires, key)
		v.names[key] = names
	}
	if names {
		visit(path, key)
		return
	}
	switch block := value.(type) {
	case []any:
		for i, element := range block {
			if _, deeper := element.(map[string]any); deeper {
				v.named(fmt.Sprintf("%s[%d]", path, i), element, visit)
			}
		}
	case map[string]any:
		for key, element := range block {
			if !strings.ContainsAny(key, ".[]") {
				v.named(path+"."+key, element, visit)
			}
		}
	}
}

// ownDefault says that the id belongs to something that AWS made with a VPC of the stack.
func ownDefault(v *view, id string) bool {
	return slices.ContainsFunc(v.g.ByType("aws:ec2/vpc:Vpc"), func(vpc *graph.Resource) bool {
		return vpc.String("defaultSecurityGroupId") == id
	})
}

// compare compares the stack with another environment.
func (v *view) compare(other *graph.Graph, r *result) {
	theirs := network.New(other)
	for _, a := range v.w.VPCs {
		for _, b := range theirs.VPCs {
			if a.V4.Overlaps(b.V4) {
				r.add(breach{resources: one(a.Resource), found: fmt.Sprintf("the addresses of %s and of %s in stack %s overlap", a.Name(),
					b.Name(), other.Stack),
					evidence: []string{network.FormatAddrs(a.V4.Intersect(b.V4))}, remedy: "give each environment a CIDR of its own"})
			}
		}
	}
	for kind, what := range belongings {
		for _, resource := range v.g.ByType(kind) {
			if resource.ID != "" && len(other.ByIdentity(resource.ID)) > 0 {
				r.add(breach{resources: one(resource), found: fmt.Sprintf("%s %s is in stack %s too", what, resource.Name, other.Stack),
					remedy: "make one for each environment"})
			}
		}
	}
}
