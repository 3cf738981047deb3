package twin

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/fault"
	"github.com/causeway-iac/causeway/twin/world"
)

// Pick returns the things that a person means: by name, id or ARN, and by type where one is given, in
// full ("aws:lb/listener:Listener"), without what repeats ("lb/listener") or as its last word alone.
func Pick(items []Item, typ, name string) (found []Item) {
	for _, item := range items {
		if (typ == "" || isType(typ, item.Type)) && (name == item.Name || name == item.ID || name == item.ARN || name == item.URN) {
			found = append(found, item)
		}
	}
	return found
}

func isType(said, typ string) bool {
	return slices.ContainsFunc(ways(typ), func(way string) bool { return strings.EqualFold(said, way) })
}

// ways are how a type may be written: in full, without the word that repeats, without its provider, and as its last word.
func ways(typ string) []string {
	short := typ
	if i := strings.LastIndexByte(typ, ':'); i > 0 && strings.Contains(typ, "/") {
		short = typ[:i]
	}
	all := []string{typ, short, typ[strings.LastIndexByte(typ, ':')+1:]}
	for _, way := range []string{typ, short} {
		_, rest, _ := strings.Cut(way, ":")
		all = append(all, rest)
	}
	return all
}

// Kind is a pattern of types, in which * is any text. A service stands for all of its types, as "aws:lb" and "lb".
type Kind string

// Has says whether a type is like the pattern; "" is every type. A type may be written in any case and a service
// in lower case only, so that Vpc is aws:ec2/vpc:Vpc and not all of the service vpc.
func (k Kind) Has(typ string) bool {
	service := serviceOf(typ)
	_, module, _ := strings.Cut(service, ":")
	lower := func(way string) bool { return fault.Like(strings.ToLower(string(k)), strings.ToLower(way)) }
	return k == "" || fault.Like(string(k), service) || fault.Like(string(k), module) || slices.ContainsFunc(ways(typ), lower)
}

// Check refuses a pattern that no type or function of the twin is like.
func (k Kind) Check() error {
	if k.Has(world.TypeMachine) {
		return nil
	}
	known := map[string]bool{}
	for _, pkg := range []*facts.Package{facts.AWS(), facts.Cloudflare()} {
		for _, token := range slices.Concat(slices.Collect(maps.Keys(pkg.Resources)), slices.Collect(maps.Keys(pkg.Functions))) {
			if k.Has(token) {
				return nil
			}
			for _, way := range append(ways(token), serviceOf(token)) {
				known[way] = true
			}
		}
	}
	return fmt.Errorf("no type or function of the twin is like %q; the nearest is %q", string(k), facts.Nearest(string(k), known))
}

// absent is that thing, for whoever asks whether it is there.
type absent struct{ typ, name string }

// Absent says that a thing that a person means is not there.
func Absent(typ, name string) error { return &absent{cmp.Or(typ, "thing"), name} }

func (a *absent) Error() string {
	return fmt.Sprintf("there is no %s named %s on the twin: `causeway twin resources` lists what there is", a.typ, a.name)
}

func (a *absent) Unwrap() error { return world.ErrNotFound }

// one is the thing that a person means, if it is one only.
func (t *Twin) one(typ, name string) (Item, error) {
	found := Pick(t.Items(true), typ, name)
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Item{}, Absent(typ, name)
	}
	var ids []string
	for _, item := range found {
		ids = append(ids, item.Type+" "+item.ID)
	}
	return Item{}, fmt.Errorf("%d things go by the name %s: give the type and the id of one:\n    %s", len(found), name,
		strings.Join(ids, "\n    "))
}
