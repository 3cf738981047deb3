// Package conformance asks a brain about resources that are not the platform's. Its cases are derived from one valid
// specimen of each type (folder specimens) and the provider's facts, and from programs that are not ours (folder
// programs).
package conformance

import (
	"embed"
	"fmt"
	"path"
	"sort"

	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/twin/value"
)

//go:embed specimens/*.yaml
var specimenFiles embed.FS

// Specimen is the smallest valid resource of a type, and what else is worth asking of the type.
type Specimen struct {
	Type    string
	Minimal value.Map
	Values  map[string]any       // a valid value of a property, by path, where a derived one would not do
	Others  map[string]any       // a second valid value
	Around  map[string]value.Map // what the properties at and below a path need around them
	Cases   []Written
}

// Written is a case written by hand: Minimal with some properties set, or removed where null.
type Written struct {
	Says    string    `yaml:"says"`
	With    value.Map `yaml:"-"`
	Refused string    `yaml:"refused"` // the path that a refusal must name; "" where it is accepted
}

// Specimens returns the specimens of all types, sorted by type.
func Specimens() ([]Specimen, error) {
	files, err := specimenFiles.ReadDir("specimens")
	if err != nil {
		return nil, fmt.Errorf("listing the specimens: %w", err)
	}
	var all []Specimen
	for _, f := range files {
		text, err := specimenFiles.ReadFile(path.Join("specimens", f.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading specimens: %w", err)
		}
		some, err := parseSpecimens(text)
		if err != nil {
			return nil, fmt.Errorf("specimens/%s: %w", f.Name(), err)
		}
		all = append(all, some...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Type < all[j].Type })
	return all, nil
}

func parseSpecimens(text []byte) ([]Specimen, error) {
	var types map[string]struct {
		Minimal yaml.Node            `yaml:"minimal"`
		Values  map[string]yaml.Node `yaml:"values"`
		Others  map[string]yaml.Node `yaml:"others"`
		Around  map[string]yaml.Node `yaml:"around"`
		Cases   []struct {
			Written `yaml:",inline"`
			Node    yaml.Node `yaml:"with"`
		} `yaml:"cases"`
	}
	if err := yaml.Unmarshal(text, &types); err != nil {
		return nil, err
	}
	var all []Specimen
	for name, t := range types {
		s := Specimen{Type: name, Values: map[string]any{}, Others: map[string]any{}, Around: map[string]value.Map{}}
		var ok bool
		if s.Minimal, ok = plain(&t.Minimal).(value.Map); !ok {
			return nil, fmt.Errorf("%s: write a map of properties under minimal", name)
		}
		for at, node := range t.Values {
			s.Values[at] = plain(&node)
		}
		for at, node := range t.Others {
			s.Others[at] = plain(&node)
		}
		for at, node := range t.Around {
			if s.Around[at], ok = plain(&node).(value.Map); !ok {
				return nil, fmt.Errorf("%s: write a map of properties under around: %s", name, at)
			}
		}
		for _, c := range t.Cases {
			if c.With, ok = plain(&c.Node).(value.Map); !ok || c.Says == "" {
				return nil, fmt.Errorf("%s: a case has says, and a map of properties under with", name)
			}
			s.Cases = append(s.Cases, c.Written)
		}
		all = append(all, s)
	}
	return all, nil
}

// plain is a node as a property value: numbers are float64, !unknown is unknown, !secret is secret.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := value.Map{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, e := range n.Content {
			list[i] = plain(e)
		}
		return list
	case yaml.AliasNode:
		return plain(n.Alias)
	}
	switch n.Tag {
	case "!unknown":
		return value.Unknown{}
	case "!secret":
		return value.Secret{Value: n.Value}
	case "!!int", "!!float":
		var f float64
		if n.Decode(&f) == nil {
			return f
		}
	case "!!bool":
		return n.Value == "true"
	case "!!null":
		return nil
	}
	return n.Value
}
