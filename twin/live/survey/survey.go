// Package survey reads the twin's world and plans what lives. It is pure: the same world gives the same plan. What it
// finds and cannot plan it names, and never leaves out silently.
package survey

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// Source is what is surveyed.
type Source struct {
	Stack   string
	Account string
	Objects []*world.Object
	Servers []world.Server

	Delegated map[string]bool // public zones that are delegated, by id
}

// Read takes a world as it is now.
func Read(w *world.World, stack string) Source {
	return Source{Stack: stack, Account: w.Account(), Objects: w.Objects(), Servers: w.Servers(), Delegated: w.Delegated()}
}

// ErrNothing says that nothing is deployed that could live.
var ErrNothing = errors.New("there is no VPC in the world: nothing of it can live")

// Of plans a world. It fails if the world has no network to live in, which is ErrNothing, or several.
func Of(w Source) (*plan.Plan, error) {
	s := &survey{Source: w, of: map[string][]*world.Object{}, plan: &plan.Plan{Stack: w.Stack, Account: w.Account}}
	for _, o := range w.Objects {
		s.of[o.Type] = append(s.of[o.Type], o)
	}
	vpc, err := s.vpc()
	if err != nil {
		return nil, err
	}
	s.plan.Region = vpc.Region
	if parts := strings.Split(vpc.Text("arn"), ":"); len(parts) > 4 && parts[4] != "" {
		s.plan.Account = parts[4] // a world that is only looked at does not know it otherwise
	}
	s.network(vpc)
	s.gateways()
	s.servers()
	s.balancing()
	s.databases()
	s.cloud()
	s.zones()
	s.outside()
	slices.SortFunc(s.plan.Nodes, func(a, b plan.Node) int { return cmp.Compare(a.Name, b.Name) })
	slices.Sort(s.plan.Unplayed)
	s.plan.Unplayed = slices.Compact(s.plan.Unplayed)
	return s.plan, nil
}

type survey struct {
	Source
	of   map[string][]*world.Object
	plan *plan.Plan
}

func (s *survey) vpc() (*world.Object, error) {
	all := slices.DeleteFunc(slices.Clone(s.of["aws:ec2/vpc:Vpc"]), func(v *world.Object) bool { return v.Implicit }) // the account's
	switch len(all) {
	case 0:
		return nil, ErrNothing
	case 1:
		return all[0], nil
	}
	var names []string
	for _, v := range all {
		names = append(names, name(v))
	}
	return nil, fmt.Errorf("there are %d VPCs in the world (%s): one can live, since their addresses may be the same", len(all),
		strings.Join(names, ", "))
}

// unplayed says what the world has and the living world does not play.
func (s *survey) unplayed(format string, args ...any) {
	s.plan.Unplayed = append(s.plan.Unplayed, fmt.Sprintf(format, args...))
}

// add makes a node, and makes its name unique.
func (s *survey) add(n plan.Node) string {
	base := hostName(n.Name)
	n.Name = base
	for k := 2; s.plan.Node(n.Name) != nil; k++ {
		n.Name = fmt.Sprintf("%s-%d", base, k)
	}
	s.plan.Nodes = append(s.plan.Nodes, n)
	return n.Name
}

// name is what the program calls something, without the stack's own name before it.
func name(o *world.Object) string {
	n := o.URN[strings.LastIndexByte(o.URN, ':')+1:]
	return cmp.Or(n, o.Text("name"), o.ID)
}

// short is a resource's name without the prefix that all names of a stack have.
func (s *survey) short(o *world.Object) string {
	n := name(o)
	return cmp.Or(strings.TrimPrefix(n, s.Stack+"-"), n)
}

// hostName turns a name into one that a machine can have: lower case letters, digits and hyphens, 40 at most.
func hostName(n string) string {
	n = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, n)
	if len(n) > 40 {
		n = n[:40]
	}
	return strings.Trim(n, "-")
}

// find is the object of a type whose output is that value, or nil.
func (s *survey) find(typ, property, is string) *world.Object {
	for _, o := range s.of[typ] {
		if is != "" && (property == "id" && o.ID == is || o.Text(property) == is) {
			return o
		}
	}
	return nil
}

// Reading of what is nested.

func text(m value.Map, key string) string { t, _ := m[key].(string); return t }
func flag(m value.Map, key string) bool   { b, _ := m[key].(bool); return b }

func number(m value.Map, key string) int {
	switch n := m[key].(type) {
	case float64:
		return int(n)
	case string:
		var k int
		_, _ = fmt.Sscan(n, &k)
		return k
	}
	return 0
}

func object(m value.Map, key string) value.Map {
	if all := objects(m, key); len(all) > 0 {
		return all[0]
	}
	return nil
}

func objects(m value.Map, key string) []value.Map {
	return (&world.Object{Outputs: m}).Objects(key)
}

func texts(m value.Map, key string) []string {
	if t, ok := m[key].(string); ok && t != "" {
		return []string{t}
	}
	return (&world.Object{Outputs: m}).Texts(key)
}
