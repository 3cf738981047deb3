// Package facts holds what the real AWS and Cloudflare providers say of every property of the resource types and
// functions that the twin serves. README.md says how it was obtained.
package facts

import (
	"bytes"
	"cmp"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"

	edlib "github.com/hbollon/go-edlib"
)

// The versions of the providers that the facts are of. go.mod names the SDKs of the same versions.
const (
	AWSVersion        = "6.83.2"
	CloudflareVersion = "5.49.1"
)

//go:embed provider-facts-aws.json.gz
var awsData []byte

//go:embed provider-facts-aws-sdk.json.gz
var awsSDKData []byte

//go:embed provider-facts-cloudflare.json.gz
var cloudflareData []byte

// Kind is the type of a property.
type Kind string

// The kinds of a property. A Set is unordered. An Any is not judged.
const (
	String Kind = "string"
	Bool   Kind = "bool"
	Int    Kind = "int"
	Number Kind = "number"
	Map    Kind = "map"
	List   Kind = "list"
	Set    Kind = "set"
	Object Kind = "object"
	Any    Kind = "any"
)

// Package is all that is known of one provider.
type Package struct {
	Name      string               `json:"package"`
	SDK       string               `json:"sdk"` // the module of the Go SDK and its version
	Resources map[string]*Resource `json:"resources"`
	Functions map[string]*Function `json:"functions"`
}

// Resource is one resource type.
type Resource struct {
	Token         string               `json:"-"`
	Terraform     string               `json:"terraform"`
	Autoname      *Autoname            `json:"autoname"`
	SecretOutputs []string             `json:"secretOutputs"`
	FromSDK       bool                 `json:"-"` // read from the Go SDK, not from the provider
	Properties    map[string]*Property `json:"properties"`
}

// Autoname says which property is filled in when absent, and how long it may be.
type Autoname struct {
	Property  string `json:"property"`
	MaxLength int    `json:"maxLength"`
}

// Function is one function (a Terraform data source).
type Function struct {
	Token      string               `json:"-"`
	Terraform  string               `json:"terraform"`
	Properties map[string]*Property `json:"properties"`
}

// Property is one property of a type, of an object, or of the elements of a collection.
type Property struct {
	Kind       Kind                 `json:"type"`
	Items      Kind                 `json:"items"`
	Properties map[string]*Property `json:"properties"`
	Required   bool                 `json:"required"`
	Optional   bool                 `json:"optional"`
	Computed   bool                 `json:"computed"`
	ForceNew   bool                 `json:"forceNew"`
	Sensitive  bool                 `json:"sensitive"`
	Default    any                  `json:"default"`
	MinItems   int                  `json:"minItems"`
	MaxItems   int                  `json:"maxItems"`
	Note       string               `json:"note"`

	// ConflictsWith and ExactlyOneOf name siblings, or top-level properties with a leading "/".
	ConflictsWith []string `json:"conflictsWith"`
	ExactlyOneOf  []string `json:"exactlyOneOf"`
}

// Input says whether a program may set the property.
func (p *Property) Input() bool { return p.Required || p.Optional }

// OutputOnly says whether only the cloud sets the property.
func (p *Property) OutputOnly() bool { return p.Computed && !p.Input() }

// Element describes one element of a list, set or map.
func (p *Property) Element() *Property {
	kind := cmp.Or(p.Items, Any)
	return &Property{Kind: kind, Properties: p.Properties, Optional: true}
}

// AWS returns the facts of the aws provider.
func AWS() *Package { return aws() }

// Cloudflare returns the facts of the cloudflare provider.
func Cloudflare() *Package { return cloudflare() }

var (
	aws        = sync.OnceValue(func() *Package { return merged(mustParse(awsData), mustParse(awsSDKData)) })
	cloudflare = sync.OnceValue(func() *Package { return mustParse(cloudflareData) })
)

// merged is a package with another's types, which were read from the SDK.
func merged(p, sdk *Package) *Package {
	for token, r := range sdk.Resources {
		r.FromSDK = true
		p.Resources[token] = r
	}
	return p
}

// replacing is what replaces a resource by a plan of the provider's own, which its schema, and so the data, does not
// tell. Found by asking the provider.
var replacing = [][2]string{
	{"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "securityGroupId"},
	{"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "securityGroupId"},
	{"cloudflare:index/ruleset:Ruleset", "name"},
	{"cloudflare:index/ruleset:Ruleset", "phase"},
}

func mustParse(packed []byte) *Package {
	p, err := parse(packed)
	if err != nil {
		panic(fmt.Sprintf("reading the embedded provider facts: %v", err))
	}
	return p
}

func parse(packed []byte) (*Package, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	p := &Package{}
	if err := json.NewDecoder(r).Decode(p); err != nil {
		return nil, err
	}
	for _, path := range replacing {
		if r := p.Resources[path[0]]; r != nil {
			r.Properties[path[1]].ForceNew = true
		}
	}
	for token, resource := range p.Resources {
		resource.Token = token
		resolve(resource.Properties, true)
	}
	for token, function := range p.Functions {
		function.Token = token
		resolve(function.Properties, true)
	}
	return p, nil
}

// resolve rewrites the Terraform paths of nested properties to names of siblings: every dotted
// path in the data leads to the property's own object.
func resolve(properties map[string]*Property, top bool) {
	for _, p := range properties {
		if !top {
			p.ConflictsWith = resolvePaths(p.ConflictsWith, properties)
			p.ExactlyOneOf = resolvePaths(p.ExactlyOneOf, properties)
		}
		resolve(p.Properties, false)
	}
}

func resolvePaths(paths []string, siblings map[string]*Property) (names []string) {
	for _, path := range paths {
		segments := strings.Split(path, ".")
		name := camel(segments[len(segments)-1])
		switch {
		case len(segments) == 1:
			names = append(names, "/"+name)
		case siblings[name] != nil:
			names = append(names, name)
		case siblings[name+"s"] != nil:
			names = append(names, name+"s")
		}
	}
	return names
}

func camel(snake string) string {
	var b strings.Builder
	upper := false
	for _, r := range snake {
		if r == '_' {
			upper = true
			continue
		}
		if upper {
			r = unicode.ToUpper(r)
			upper = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Nearest returns the known name that is most like the given one, or "" if none is close. Two letters that changed places count once.
func Nearest[V any](name string, known map[string]V) string {
	names := slices.Sorted(maps.Keys(known))
	best, bestDistance := "", len(name)/2+2
	for _, k := range names {
		if d := edlib.OSADamerauLevenshteinDistance(strings.ToLower(name), strings.ToLower(k)); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}
