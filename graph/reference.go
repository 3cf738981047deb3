package graph

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Resolution is what the value of a property refers to.
type Resolution struct {
	// Resources are the ones referred to: first those in the known parts of the value, in its order, then those that
	// an unknown part comes from, in the order of their URNs.
	Resources []*Resource
	// Outside are known texts that identify no resource of the graph.
	Outside []string
	// Unnamed are resources that the engine saw a known value come from although the value does not name them, except
	// those that were given the value from outside and pass it on.
	Unnamed []*Resource
	// Undecided says that a part is unknown and nothing shows where it comes from.
	Undecided bool
}

// Ref returns the resources that r's property at path refers to; if types are given, only those of the types. A known
// value is looked up among the identifiers of the clouds, and is outside if it names no resource; an unknown one is
// resolved to the resources that the engine saw it come from.
func (g *Graph) Ref(r *Resource, path string, types ...string) []*Resource {
	found := g.Resolve(r, path).Resources
	if len(types) == 0 {
		return found
	}
	return slices.DeleteFunc(slices.Clone(found), func(r *Resource) bool { return !slices.Contains(types, r.Type) })
}

// Resolve is Ref, but also returns what could not be resolved.
func (g *Graph) Resolve(r *Resource, path string) Resolution {
	value, ok := r.Get(path)
	if !ok {
		return Resolution{}
	}
	res := &resolver{g: g, of: r, sources: g.sources(r, path)}
	res.walk(value)
	for _, source := range res.sources {
		switch {
		case res.unknown:
			res.add(source)
		case !slices.Contains(res.found.Resources, source) && !slices.ContainsFunc(res.found.Outside, source.passesOn):
			res.found.Unnamed = append(res.found.Unnamed, source)
		}
	}
	res.found.Undecided = res.unknown && len(res.sources) == 0
	return res.found
}

type resolver struct {
	g       *Graph
	of      *Resource // the resource itself, which its values do not refer to
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
			if number, ok := element.(float64); ok { // a number in a place for names
				res.outside(strconv.FormatFloat(number, 'f', -1, 64))
				continue
			}
			res.walk(element)
		}
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		for _, key := range keys {
			res.walk(v[key])
		}
	}
}

// isIdentifier reports whether a text is unique to one thing: an ARN, a name in DNS, an id such as
// vpc-0123456789abcdef0. Anything else is a mere name, which many things can share.
func isIdentifier(text string) bool {
	return strings.ContainsAny(text, ":./") || len(text) < 64 && id.MatchString(text)
}

var id = regexp.MustCompile(`^[a-z]+-[0-9a-f]{8,}$`)

// text adds the resources known under the text. If there are several, it prefers those that the engine saw it come
// from. Under a mere name it accepts only those, resources of their types, or what they pass on. It adds no source
// that the text does not name, since an Apply can compute any text from anything.
func (res *resolver) text(text string) {
	if text == "" {
		return
	}
	known := slices.DeleteFunc(slices.Clone(res.g.ByIdentity(text)), func(r *Resource) bool { return r == res.of })
	narrowed := slices.DeleteFunc(slices.Clone(known), func(r *Resource) bool { return !slices.Contains(res.sources, r) })
	if len(narrowed) > 0 {
		known = narrowed
	} else if len(res.sources) > 0 && !isIdentifier(text) {
		known = slices.DeleteFunc(known, func(r *Resource) bool {
			return !slices.ContainsFunc(res.sources, func(s *Resource) bool { return s.Type == r.Type || s.passesOn(text) })
		})
	}
	if len(known) == 0 {
		for _, source := range res.sources {
			if source.within(text) {
				known = append(known, source)
			}
		}
	}
	for _, r := range known {
		res.add(r)
	}
	if len(known) == 0 {
		res.outside(text)
	}
}

// passesOn reports whether the resource was itself given the text, and so passes it on.
func (r *Resource) passesOn(text string) bool {
	for _, value := range r.Inputs {
		if value == text {
			return true
		}
	}
	return false
}

// isCompound reports whether a text is composed of several: a pattern of ARNs, a policy, an address. A reference to
// another account is not: 999999999999/sg-0123456789abcdef0 is that account's group.
func isCompound(text string) bool {
	return strings.ContainsAny(text, ":/{ \t\r\n") && text == strings.TrimSpace(text) && !ofAccount.MatchString(text)
}

var ofAccount = regexp.MustCompile(`^\d{12}/`)

// within reports whether the text is, or as a compound contains, an identifier of the resource or of something that
// was made along with it, such as a database's secret. In an ARN the name is not enough, since another account may
// have something of the same name.
func (r *Resource) within(text string) bool {
	own := r.identities()
	if arn, _ := r.Outputs["arn"].(string); arn != "" && strings.HasPrefix(text, "arn:") {
		own = []string{arn}
	}
	for key, value := range r.Outputs {
		if r.Inputs[key] == nil {
			own = append(own, made(value)...)
		}
	}
	if !isCompound(text) {
		return slices.Contains(own, text)
	}
	return slices.ContainsFunc(own, func(name string) bool {
		before, held := holds(text, name)
		// If the resource's own identifier is app/NAME/8519, app/NAME/ffff belongs to another.
		return held && !slices.ContainsFunc(own, func(longer string) bool {
			return before != "" && strings.HasPrefix(longer, before+name) && !strings.Contains(text, longer)
		})
	})
}

// made are the identifiers in an answer of the cloud.
func made(value any) (all []string) {
	switch v := value.(type) {
	case string:
		if isIdentifier(v) {
			all = append(all, v)
		}
	case []any:
		for _, element := range v {
			all = append(all, made(element)...)
		}
	case map[string]any:
		for _, element := range v {
			all = append(all, made(element)...)
		}
	}
	return all
}

// holds reports whether the text contains the part as a whole, with no name continuing to its left or right; before
// is the text up to it.
func holds(text, part string) (before string, ok bool) {
	for from := 0; ; {
		i := strings.Index(text[from:], part)
		if i < 0 {
			return "", false
		}
		start, end := from+i, from+i+len(part)
		if (start == 0 || !inName(text[start-1])) && (end == len(text) || !inName(text[end])) {
			return text[:start], true
		}
		from = start + 1
	}
}

func inName(c byte) bool {
	return c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func (res *resolver) outside(text string) { res.found.Outside = append(res.found.Outside, text) }

func (res *resolver) add(r *Resource) {
	if !slices.Contains(res.found.Resources, r) {
		res.found.Resources = append(res.found.Resources, r)
	}
}

// sources are the resources that the input containing path comes from.
func (g *Graph) sources(r *Resource, path string) []*Resource {
	return g.dependencies(r, strings.SplitN(strings.SplitN(path, ".", 2)[0], "[", 2)[0], 0)
}

func (g *Graph) dependencies(r *Resource, property string, depth int) (sources []*Resource) {
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

// owners are the resources that another stands in for.
func (g *Graph) owners(r *Resource, through string, depth int) []*Resource {
	if text, ok := r.Inputs[through].(string); ok {
		if known := g.ByIdentity(text); len(known) > 0 {
			return known
		}
	}
	return g.dependencies(r, through, depth)
}

// owner is the property by which a resource of the type names the one that it merely adds something to. Its id is
// that of its owner, and a program passes it on only to wait for it: the reference really means the owner.
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
