// Package graph holds the resources of one stack as a typed graph: pictures, proofs and reviews read it instead of
// the program that declared them.
//
// A graph comes from an exported state (FromState), which tells what was deployed, or from a preview (FromPreview),
// which tells what would be. Either is complete or an error: with half a graph, a proof could pass because it does
// not see what it should.
package graph

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Graph is every resource of one stack. It does not change once it is made, and is
// safe for concurrent readers.
type Graph struct {
	// Stack and Project identify the stack that the graph was read from.
	Stack, Project string
	// Resources are all resources, components and providers included, ascending by URN.
	Resources []*Resource
	// Leftovers are resources that a replacement has not deleted yet. They still exist in the cloud, under the URN of
	// the resource that replaced them.
	Leftovers []*Resource
	// Before are the resources that a preview would delete, replace or update, as they are now. None of them is in
	// Resources.
	Before []*Resource

	byURN      map[string]*Resource
	byType     map[string][]*Resource
	byIdentity map[string][]*Resource
	once       sync.Map
}

// Once returns what make makes, which is kept for whoever asks for the key again.
func (g *Graph) Once(key string, make func() any) any {
	value, kept := g.once.Load(key)
	if !kept {
		value, _ = g.once.LoadOrStore(key, make())
	}
	return value
}

// Resource is one resource of a stack.
type Resource struct {
	// URN is the engine's name of the resource, unique in the graph.
	URN string
	// Type is the type token, such as aws:ec2/vpc:Vpc.
	Type string
	// Name is the logical name that the program gave, such as prod-network-vpc.
	Name string
	// Parent is the URN of the component that contains it, "" for the stack itself.
	Parent string
	// ID is the cloud's identifier, "" for a component and for a resource that does
	// not exist yet.
	ID string
	// Planned says that it would be made, or read for the first time, so that what the cloud computes is unknown.
	Planned bool
	// Custom says that a provider manages it, which is not true of a component.
	Custom bool
	// External says that it was only read, and is managed elsewhere.
	External bool
	// Protect is Pulumi's own protection from deletion.
	Protect bool
	// Retained says that it stays in the cloud when it leaves the stack.
	Retained bool
	// IgnoreChanges are the properties whose changes in the program are ignored.
	IgnoreChanges []string
	// Source is where the program declares it, such as components/database/database.go:210, as a path relative to the
	// project's folder; "" if that is unknown or elsewhere.
	Source string
	// Inputs is what was asked for, including the provider's defaults, and Outputs is what the cloud answered. A
	// value is nil, a bool, a float64, a string, []any, map[string]any, Unknown, Secret, Asset or Reference.
	Inputs, Outputs map[string]any
	// Defaulted are the inputs that nobody wrote: the provider filled in its default, or generated a name.
	Defaulted []string
	// Dependencies are the URNs of all resources that it waits for.
	Dependencies []string
	// PropertyDependencies are, for each input, the URNs that its value comes from.
	PropertyDependencies map[string][]string
	// Provider is the URN of the provider resource, whose inputs name region and account.
	Provider string

	unasked map[string]any // outputs of an update that a preview takes for unknown, although no step says that they differ
}

// New returns the graph of the resources, which must be a whole stack: it fails if one refers to another that is not
// among them.
func New(resources []*Resource) (*Graph, error) {
	if len(resources) == 0 {
		return nil, errors.New("making a graph: there are no resources")
	}
	g := &Graph{Resources: slices.Clone(resources)}
	if err := g.finish(); err != nil {
		return nil, fmt.Errorf("making a graph: %w", err)
	}
	return g, nil
}

// ByURN returns the resource with that URN, nil if there is none.
func (g *Graph) ByURN(urn string) *Resource { return g.byURN[urn] }

// ByType returns the resources of any of the types, in the order of Resources. What a bucket says within itself is found as the resource
// that says the same, with the bucket's URN.
func (g *Graph) ByType(types ...string) []*Resource {
	if len(types) == 1 {
		return g.byType[types[0]]
	}
	var found []*Resource
	for _, t := range types {
		found = append(found, g.byType[t]...)
	}
	slices.SortStableFunc(found, byURN)
	return slices.Compact(found)
}

// ByIdentity returns the resources that a cloud knows under the identifier: an id, an ARN, a physical name, or a name
// in DNS. Identifiers of different kinds may be equal.
func (g *Graph) ByIdentity(identifier string) []*Resource { return g.byIdentity[canonical(identifier)] }

// canonical returns the one form of a name in DNS, which may be written in any case, with a dot at its end and, for a
// load balancer, with dualstack before it.
func canonical(identifier string) string {
	if !strings.Contains(identifier, ".") || !inDNS.MatchString(identifier) {
		return identifier
	}
	return strings.TrimPrefix(strings.TrimSuffix(strings.ToLower(identifier), "."), "dualstack.")
}

var inDNS = regexp.MustCompile(`^[\w-]+(\.[\w-]+)+\.?$`)

// Root returns the stack's own resource, whose Outputs are the stack's; nil if the source has none.
func (g *Graph) Root() *Resource {
	if roots := g.byType[stackType]; len(roots) > 0 {
		return roots[0]
	}
	return nil
}

const stackType = "pulumi:pulumi:Stack"

func byURN(a, b *Resource) int { return strings.Compare(a.URN, b.URN) }

// identities are the properties under which a cloud knows a resource, and by which
// other resources refer to it.
var identities = []string{
	"arn", "arnSuffix", "name", "identifier", "clusterIdentifier", "bucket", "keyId",
	"dnsName", "endpoint", "address", "fqdn", "hostname", "allocationId",
}

func (g *Graph) index() {
	slices.SortFunc(g.Resources, byURN)
	slices.SortFunc(g.Leftovers, func(a, b *Resource) int { return cmp.Or(byURN(a, b), strings.Compare(a.ID, b.ID)) })
	slices.SortFunc(g.Before, byURN)
	g.byURN = make(map[string]*Resource, len(g.Resources))
	g.byType, g.byIdentity = map[string][]*Resource{}, map[string][]*Resource{}
	for _, r := range g.Resources {
		r.translate()
		g.byURN[r.URN] = r
		g.byType[r.Type] = append(g.byType[r.Type], r)
		if _, standsIn := owner(r.Type); standsIn || !r.Custom {
			continue
		}
		for _, identity := range r.identities() {
			g.byIdentity[canonical(identity)] = append(g.byIdentity[canonical(identity)], r)
		}
	}
	g.inherit()
}

// inherit gives a database replica the engine of its source if nobody wrote one, because AWS then accepts none.
func (g *Graph) inherit() {
	for _, r := range g.byType["aws:rds/instance:Instance"] {
		from := g.Ref(r, "replicateSourceDb", r.Type)
		if _, known := r.Get("engine"); known || len(from) != 1 {
			continue
		}
		r.Outputs = maps.Clone(r.Outputs)
		for _, property := range []string{"engine", "engineVersion"} {
			if value, ok := from[0].Get(property); ok && r.Outputs != nil {
				r.Outputs[property] = value
			}
		}
	}
}

func (r *Resource) identities() (all []string) {
	add := func(value any) {
		if s, ok := value.(string); ok && s != "" && !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	add(r.ID)
	for _, key := range identities {
		if key == "name" && r.Type == "aws:ec2/securityGroup:SecurityGroup" {
			continue // where AWS expects an id, it accepts no name
		}
		if add(r.Outputs[key]); r.Planned {
			add(r.Inputs[key])
		}
	}
	return all
}
