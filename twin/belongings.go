package twin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// Belonging is something that the account has besides what programs make: a prefix list that the network's people keep, a
// secret, a zone.
type Belonging = world.Belonging

// mostBelongings bounds what a file can have the twin make each time that it starts.
const mostBelongings = 100

// CheckAccount says what is wrong with the account's belongings, by giving them to an account that has nothing else.
func (o Options) CheckAccount() error {
	if len(o.Manners.Account) == 0 {
		return nil
	}
	_, err := world.Open(o.world())
	return err
}

// world describes the world in memory that the options ask for.
func (o Options) world() world.Options {
	return world.Options{Account: o.Account, CloudflareZones: o.CloudflareZones, Route53Zones: o.Route53Zones, Caller: o.Caller,
		Quotas: o.Manners.Quotas, Granted: o.Granted, Undelegated: o.Manners.Delegation == DelegatedByHand,
		Belongings: o.Manners.Account, Region: o.Region}
}

// account reads what the account has: a type, an id or a region where they matter, and properties as a program has them.
func (f *mannersFile) account(list *yaml.Node) {
	switch {
	case list.Tag == "!!null":
		return
	case list.Kind != yaml.SequenceNode:
		f.refuse(list, errors.New("account is a list of what else the account has: write each after a dash, such as\n"+
			"  - {type: ec2/managedPrefixList, id: pl-0123456789abcdef0, properties: {…}}"))
		return
	case len(list.Content) > mostBelongings:
		f.refuse(list, fmt.Errorf("account lists %d things and may list %d: leave those that the stack names", len(list.Content),
			mostBelongings))
		return
	}
	for _, n := range list.Content {
		f.belonging(n)
	}
}

func (f *mannersFile) belonging(n *yaml.Node) {
	y := &yamlValues{lines: map[string]*yaml.Node{"": n}}
	entry, isMap := y.read(n, "").(value.Map)
	if !isMap {
		f.refuse(n, errors.New("what the account has is a type with properties: write {type: ec2/managedPrefixList, properties: {…}}"))
		return
	}
	for _, twice := range y.twice {
		f.refuse(twice, fmt.Errorf("%s is set twice: leave one", twice.Value))
	}
	b := Belonging{At: fmt.Sprintf("%s:%d", f.name, n.Line), Inputs: value.Map{}}
	texts := map[string]*string{"type": &b.Type, "id": &b.ID, "region": &b.Region}
	for name, v := range entry {
		text, isText := v.(string)
		switch into := texts[name]; {
		case into != nil && isText:
			*into = text
		case into != nil:
			f.refuse(y.at(name), fmt.Errorf("%s is a text: write it behind the colon", name))
		case name != "properties":
			f.refuse(y.at(name), fmt.Errorf("there is no %q here: it may have type, id, region and properties", name))
		default:
			if b.Inputs, isMap = v.(value.Map); !isMap {
				f.refuse(y.at(name), errors.New("properties are names with values: write {name: partners}"))
			}
		}
	}
	r, err := oneType(b.Type)
	if err != nil {
		f.refuse(y.at("type"), err)
		return
	}
	b.Type = r.Token
	failures, err := judged(r, &b)
	f.refuse(n, err)
	for _, failure := range failures {
		f.refuse(y.at("properties."+failure.Property), fmt.Errorf("%s: %s", cmp.Or(failure.Property, "properties"), failure.Reason))
	}
	f.manners.Account = append(f.manners.Account, b)
}

// judged checks a belonging as the provider would check a program's resource, and plans it.
func judged(r *facts.Resource, b *Belonging) ([]brain.Failure, error) {
	pkg := facts.AWS()
	if strings.HasPrefix(r.Token, "cloudflare:") {
		pkg = facts.Cloudflare()
	}
	builtin := brain.NewBuiltin(pkg)
	checked, err := builtin.Check(context.Background(), brain.CheckRequest{Type: r.Token, New: b.Inputs, Naming: brain.Naming{
		Mode: brain.NamingDisable}})
	if err != nil || len(checked.Failures) > 0 {
		return checked.Failures, err
	}
	b.Inputs = value.RevealMap(checked.Inputs)
	b.Planned, err = builtin.Plan(context.Background(), brain.PlanRequest{Type: r.Token, New: checked.Inputs})
	return nil, err
}

// oneType is the type that a person writes, in full or as shortly as it is the only one.
func oneType(said string) (*facts.Resource, error) {
	if said == "" {
		return nil, errors.New("its type is missing: write one, such as type: ec2/managedPrefixList")
	}
	var found []*facts.Resource
	for _, pkg := range []*facts.Package{facts.AWS(), facts.Cloudflare()} {
		for token, r := range pkg.Resources {
			if isType(said, token) {
				found = append(found, r)
			}
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		if err := Kind(said).Check(); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%q is not one type: write one, such as ec2/managedPrefixList", said)
	}
	tokens := make([]string, len(found))
	for i, r := range found {
		tokens[i] = r.Token
	}
	slices.Sort(tokens)
	return nil, fmt.Errorf("%q may be %s: write one of them", said, strings.Join(tokens, " or "))
}

// yamlValues turns YAML into property values, and remembers where each was.
type yamlValues struct {
	lines map[string]*yaml.Node
	twice []*yaml.Node
}

// at is the node at a path, or of its nearest ancestor that is written.
func (y *yamlValues) at(path string) *yaml.Node {
	for y.lines[path] == nil {
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return y.lines[path]
}

func (y *yamlValues) read(n *yaml.Node, path string) any {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch n.Kind {
	case yaml.MappingNode:
		out := value.Map{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			at := strings.TrimPrefix(path+"."+key.Value, ".")
			if _, there := out[key.Value]; there {
				y.twice = append(y.twice, key)
			}
			y.lines[at] = key
			out[key.Value] = y.read(n.Content[i+1], at)
		}
		return out
	case yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i, item := range n.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			y.lines[at] = item
			out[i] = y.read(item, at)
		}
		return out
	}
	var number float64
	switch {
	case n.Tag == "!!null":
		return nil
	case n.Tag == "!!bool":
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE"
	case (n.Tag == "!!int" || n.Tag == "!!float") && n.Decode(&number) == nil:
		return number
	}
	return n.Value
}
