package twin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/twin/fault"
	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/world"
)

// Manners are how a twin behaves. They are written in YAML, or given as flags:
//
//	latency: realistic×0.01   # how long things take: none, or realistic and a scale
//	consistency: 300ms        # how long what was made is not seen by others
//	throttle: 20              # calls per second that each service answers; 0 is any number
//	seed: 7                   # of the faults that strike by chance
//	faults: ["throttle:aws:lb/*:create:3"]
//	quotas: {vpcs: 10}        # what the account may have other than AWS's defaults
//	delegation: by-hand       # zones that the program makes are delegated when a person says so
type Manners struct {
	Latency     string        `yaml:"latency" json:"latency"`
	Consistency time.Duration `yaml:"consistency" json:"consistency"`
	Throttle    float64       `yaml:"throttle" json:"throttle"`
	Seed        uint64        `yaml:"seed" json:"seed"`
	Faults      []string      `yaml:"faults" json:"faults"`

	Quotas     map[string]int `yaml:"quotas" json:"quotas,omitempty"`
	Delegation string         `yaml:"delegation" json:"delegation,omitempty"` // at-once, or "", and by-hand
}

// The ways in which a zone that a program makes comes to be delegated.
const (
	DelegatedAtOnce = "at-once"
	DelegatedByHand = "by-hand"
)

// Plain says that the twin behaves as if it had no manners at all.
func (m Manners) Plain() bool {
	latency, err := front.ParseLatency(m.Latency)
	return err == nil && latency.Zero() && m.Consistency == 0 && m.Throttle == 0 && len(m.Faults) == 0 &&
		len(m.Quotas) == 0 && m.Delegation != DelegatedByHand
}

// ReadManners reads a file of manners. One that is not there is the zero value.
func ReadManners(path string) (Manners, error) {
	var m Manners
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, fmt.Errorf("reading how the twin behaves: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil && !errors.Is(err, io.EOF) {
		return m, fmt.Errorf("%s: %w: it may have latency, consistency, throttle, seed, faults, quotas and delegation", path, err)
	}
	if err := m.Check(); err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// Check says everything that is wrong with them.
func (m Manners) Check() error {
	_, latencyErr := front.ParseLatency(m.Latency)
	errs := []error{latencyErr}
	if m.Consistency < 0 {
		errs = append(errs, fmt.Errorf("the consistency %v: write a time, such as 300ms", m.Consistency))
	}
	if m.Throttle < 0 {
		errs = append(errs, fmt.Errorf("the throttle %v: write how many calls per second a service answers, such as 20", m.Throttle))
	}
	if m.Delegation != "" && m.Delegation != DelegatedAtOnce && m.Delegation != DelegatedByHand {
		errs = append(errs, fmt.Errorf("the delegation %q: write %s or %s", m.Delegation, DelegatedAtOnce, DelegatedByHand))
	}
	errs = append(errs, world.CheckQuotas(m.Quotas))
	_, faultsErr := parseFaults(m.Faults)
	return errors.Join(append(errs, faultsErr)...)
}

func parseFaults(texts []string) ([]fault.Rule, error) {
	var rules []fault.Rule
	var errs []error
	for _, text := range texts {
		r, err := fault.Parse(text)
		rules, errs = append(rules, r), append(errs, err)
	}
	return rules, errors.Join(errs...)
}

// before puts the manners before a world.
func (m Manners) before(w *world.World, kill func(string)) (*front.Front, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	latency, err := front.ParseLatency(m.Latency)
	if err != nil {
		return nil, err
	}
	rules, err := parseFaults(m.Faults)
	if err != nil {
		return nil, err
	}
	if m.Consistency > 0 {
		w.Unseen(m.Consistency)
	}
	return front.New(w, front.Options{Faults: fault.New(m.Seed, rules...), Latency: latency, Throttle: m.Throttle, Kill: kill}), nil
}

// FaultStatus is a fault and what became of it.
type FaultStatus = fault.Status

// Faults lists the faults at work.
func (t *Twin) Faults() []FaultStatus { return t.front.Faults().Status() }

// AddFaults adds faults to a running twin; none is added if one is wrong.
func (t *Twin) AddFaults(texts ...string) error {
	rules, err := parseFaults(texts)
	if err != nil {
		return err
	}
	t.front.Faults().Add(rules...)
	return nil
}

// ClearFaults ends all faults.
func (t *Twin) ClearFaults() { t.front.Faults().Clear() }
