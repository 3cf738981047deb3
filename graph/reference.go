package graph

import (
	"regexp"
	"slices"
	"strings"
)

// Resolution is what the value of a property refers to.
type Resolution struct {
	// Resources are the ones referred to: in the order of the value as far as it is
	// known, then those that an unknown part comes from, in the order of their URNs.
	Resources []*Resource
	// Outside are known texts that identify no resource of the graph.
	Outside []string
	// Undecided says that a part is unknown and nothing tells where it comes from.
	Undecided bool
}

// Ref is the resources that r's property at path refers to, of the given types only
// if any are given. A known value is looked up by what the clouds know resources
// under; an unknown one is resolved by the resources that the engine saw it come from.
func (g *Graph) Ref(r *Resource, path string, types ...string) []*Resource {
	found := g.Resolve(r, path).Resources
	if len(types) == 0 {
		return found
	}
	return slices.DeleteFunc(slices.Clone(found), func(r *Resource) bool { return !slices.Contains(types, r.Type) })
}

// Resolve is Ref with what it could not resolve.
func (g *Graph) Resolve(r *Resource, path string) Resolution {
	value, ok := r.Get(path)
	if !ok {
		return Resolution{}
	}
	res := &resolver{g: g, of: r, sources: g.sources(r, path)}
	res.walk(value)
	out := res.found
	// A text that names nothing itself, such as a policy or a pattern of ARNs, refers
	// to whatever it was made from.
	if res.unknown || len(out.Resources) == 0 {
		for _, source := range res.sources {
			res.add(source)
		}
		out = res.found
		out.Undecided = res.unknown && len(res.sources) == 0
	}
	return out
}

type resolver struct {
	g       *Graph
	of      *Resource // which does not refer to itself
	sources []*Resource
	found   Resolution
	unknown bool
}

func (res *resolver) walk(value any) {
	switch v := value.(type) {
	case string:
		res.text(v)
	case Reference:
		if r := res.g.byURN[v.URN]; r != nil {
			res.add(r)
		}
	case Unknown, Secret:
		res.unknown = true
	case []any:
		for _, element := range v {
			res.walk(element)
		}
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			res.walk(v[key])
		}
	}
}

// identifier is a text that no two things share: an ARN, a name in DNS, an id such as
// vpc-0123456789abcdef0. Anything else is a mere name, and many things have that.
var identifier = regexp.MustCompile(`[:./]|^[a-z]+-[0-9a-f]{8,}$`)

// text adds what is known under the text: of several, what the engine saw it come from,
// and under a mere name nothing but that, if it saw it come from anything.
func (res *resolver) text(text string) {
	known := slices.DeleteFunc(slices.Clone(res.g.byIdentity[text]), func(r *Resource) bool { return r == res.of })
	narrowed := slices.DeleteFunc(slices.Clone(known), func(r *Resource) bool { return !slices.Contains(res.sources, r) })
	if len(narrowed) > 0 || len(res.sources) > 0 && !identifier.MatchString(text) {
		known = narrowed
	}
	for _, r := range known {
		res.add(r)
	}
	if len(known) == 0 && text != "" {
		res.found.Outside = append(res.found.Outside, text)
	}
}

func (res *resolver) add(r *Resource) {
	if !slices.Contains(res.found.Resources, r) {
		res.found.Resources = append(res.found.Resources, r)
	}
}

// sources is the resources that the input which holds path comes from.
func (g *Graph) sources(r *Resource, path string) []*Resource {
	return g.dependencies(r, strings.SplitN(strings.SplitN(path, ".", 2)[0], "[", 2)[0], 0)
}

func (g *Graph) dependencies(r *Resource, property string, depth int) []*Resource {
	var sources []*Resource
	for _, urn := range r.PropertyDependencies[property] {
		source := g.byURN[urn]
		if source == nil {
			continue
		}
		found := []*Resource{source}
		if through, ok := owner(source.Type); ok && depth < 4 {
			if owners := g.owners(source, through, depth+1); len(owners) > 0 {
				found = owners
			}
		}
		for _, s := range found {
			if !slices.Contains(sources, s) {
				sources = append(sources, s)
			}
		}
	}
	slices.SortFunc(sources, byURN)
	return sources
}

// owners is the resource that another stands in for.
func (g *Graph) owners(r *Resource, through string, depth int) []*Resource {
	if text, ok := r.Inputs[through].(string); ok {
		if known := g.byIdentity[text]; len(known) > 0 {
			return known
		}
	}
	return g.dependencies(r, through, depth)
}

// owner is the property by which a resource of the type names the one that it only
// adds something to. Its id is that of its owner, and a program passes it on to wait
// for it: whoever follows the reference means the owner.
func owner(resourceType string) (property string, ok bool) {
	if p, ok := standIns[resourceType]; ok {
		return p, true
	}
	name, isBucket := strings.CutPrefix(resourceType, "aws:s3/bucket")
	part, _, _ := strings.Cut(name, ":")
	switch part {
	case "", "V2", "Object", "Objectv2", "ObjectCopy":
		return "", false
	}
	return "bucket", isBucket
}

var standIns = map[string]string{
	"aws:acm/certificateValidation:CertificateValidation":                "certificateArn",
	"aws:backup/vaultLockConfiguration:VaultLockConfiguration":           "backupVaultName",
	"aws:backup/vaultNotifications:VaultNotifications":                   "backupVaultName",
	"aws:backup/vaultPolicy:VaultPolicy":                                 "backupVaultName",
	"aws:kms/keyPolicy:KeyPolicy":                                        "keyId",
	"aws:route53/hostedZoneDnsSec:HostedZoneDnsSec":                      "hostedZoneId",
	"aws:secretsmanager/secretPolicy:SecretPolicy":                       "secretArn",
	"aws:secretsmanager/secretRotation:SecretRotation":                   "secretId",
	"aws:secretsmanager/secretVersion:SecretVersion":                     "secretId",
	"aws:sns/topicPolicy:TopicPolicy":                                    "arn",
	"aws:sqs/queuePolicy:QueuePolicy":                                    "queueUrl",
	"cloudflare:index/authenticatedOriginPulls:AuthenticatedOriginPulls": "zoneId",
	"cloudflare:index/zoneDnssec:ZoneDnssec":                             "zoneId",
	"cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride":         "zoneId",
}
