package twin

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/world"
)

// ReadManners reads the manners in a file of this name, whose one document is page. The error names everything that is
// wrong with it: the file, the line, the setting, what is wrong and what to write.
func ReadManners(name string, page *yaml.Node) (Manners, error) {
	f := &mannersFile{name: name, manners: Manners{Account: []Belonging{}}}
	if len(page.Content) > 0 && page.Content[0].Tag != "!!null" {
		f.read(page.Content[0])
	}
	slices.SortStableFunc(f.wrong, func(a, b wrongLine) int { return cmp.Compare(a.line, b.line) })
	errs := make([]error, len(f.wrong))
	for i, w := range f.wrong {
		errs[i] = w
	}
	return f.manners, errors.Join(errs...)
}

// mannersFile is a file while it is read.
type mannersFile struct {
	name    string
	manners Manners
	wrong   []wrongLine
}

// wrongLine is an error at a line of a file.
type wrongLine struct {
	file string
	line int
	error
}

func (w wrongLine) Error() string { return fmt.Sprintf("%s:%d: %v", w.file, w.line, w.error) }
func (w wrongLine) Unwrap() error { return w.error }

// refuse notes what is wrong at a node; nothing if err is nil.
func (f *mannersFile) refuse(at *yaml.Node, err error) {
	if err != nil {
		f.wrong = append(f.wrong, wrongLine{f.name, at.Line, err})
	}
}

// settings of the file, by name.
var mannersSettings = map[string]func(*mannersFile, *yaml.Node) error{
	"latency": func(f *mannersFile, n *yaml.Node) error {
		f.manners.Latency = n.Value
		_, err := front.ParseLatency(n.Value)
		return err
	},
	"consistency": func(f *mannersFile, n *yaml.Node) (err error) {
		if f.manners.Consistency, err = time.ParseDuration(n.Value); err != nil {
			return fmt.Errorf("the consistency %q is not a time: write one, such as 300ms", n.Value)
		}
		return checkConsistency(f.manners.Consistency)
	},
	"throttle": func(f *mannersFile, n *yaml.Node) error {
		if n.Decode(&f.manners.Throttle) != nil {
			return fmt.Errorf("the throttle %q is not a number: write how many calls per second a service answers, such as 20", n.Value)
		}
		return checkThrottle(f.manners.Throttle)
	},
	"delegation": func(f *mannersFile, n *yaml.Node) error {
		f.manners.Delegation = n.Value
		return checkDelegation(n.Value)
	},
	"seed": func(f *mannersFile, n *yaml.Node) error {
		if n.Decode(&f.manners.Seed) != nil {
			return fmt.Errorf("the seed %q is not a whole number: write the one that a run printed, such as 7", n.Value)
		}
		return nil
	},
}

func (f *mannersFile) read(page *yaml.Node) {
	if page.Kind != yaml.MappingNode {
		f.refuse(page, errors.New("this is not a setting: write NAME: VALUE, such as latency: realistic×0.01"))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(page.Content); i += 2 {
		name, value := page.Content[i], page.Content[i+1]
		read, known := mannersSettings[name.Value]
		switch {
		case seen[name.Value]:
			f.refuse(name, fmt.Errorf("%s is set twice: leave one", name.Value))
		case name.Value == "faults":
			f.faults(value)
		case name.Value == "quotas":
			f.quotas(value)
		case name.Value == "account":
			f.account(value)
		case !known:
			f.refuse(name,
				fmt.Errorf("there is no setting %q%s: it may have latency, consistency, throttle, seed, faults, quotas, delegation "+
					"and account",
					name.Value, nearestSetting(name.Value)))
		case value.Kind != yaml.ScalarNode:
			f.refuse(value, fmt.Errorf("%s is one value: write it behind the colon", name.Value))
		default:
			f.refuse(value, read(f, value))
		}
		seen[name.Value] = true
	}
}

func (f *mannersFile) faults(list *yaml.Node) {
	if list.Tag == "!!null" {
		return
	}
	if list.Kind != yaml.SequenceNode {
		f.refuse(list, errors.New("faults is a list: write each on a line of its own, such as\n  - throttle:aws:lb/*:create:3"))
		return
	}
	for _, n := range list.Content {
		if n.Kind != yaml.ScalarNode {
			f.refuse(n, errors.New(`a fault is one text: write it in quotes, such as "throttle:aws:lb/*:create:3"`))
			continue
		}
		_, err := parseFault(n.Value)
		f.refuse(n, err)
		f.manners.Faults = append(f.manners.Faults, n.Value)
	}
}

func (f *mannersFile) quotas(limits *yaml.Node) {
	if limits.Tag == "!!null" {
		return
	}
	if limits.Kind != yaml.MappingNode {
		f.refuse(limits, errors.New("quotas are limits by name: write {vpcs: 10}"))
		return
	}
	f.manners.Quotas = map[string]int{}
	for i := 0; i+1 < len(limits.Content); i += 2 {
		name, n := limits.Content[i], 0
		if limits.Content[i+1].Decode(&n) != nil {
			f.refuse(name, fmt.Errorf("the quota %s: %q is not a number: write one from 0", name.Value, limits.Content[i+1].Value))
			continue
		}
		f.refuse(name, world.CheckQuotas(map[string]int{name.Value: n}))
		f.manners.Quotas[name.Value] = n
	}
}

func nearestSetting(name string) string {
	known := map[string]bool{"faults": true, "quotas": true, "account": true}
	for n := range mannersSettings {
		known[n] = true
	}
	if near := facts.Nearest(name, known); near != "" {
		return fmt.Sprintf(", the nearest is %q", near)
	}
	return ""
}
