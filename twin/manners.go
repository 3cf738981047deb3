package twin

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/facts"
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
//	account: [{type: ec2/managedPrefixList, id: pl-0123456789abcdef0, properties: {…}}] # what else the account has
type Manners struct {
	Latency     string        `yaml:"latency" json:"latency"`
	Consistency time.Duration `yaml:"consistency" json:"consistency"`
	Throttle    float64       `yaml:"throttle" json:"throttle"`
	Seed        uint64        `yaml:"seed" json:"seed"`
	Faults      []string      `yaml:"faults" json:"faults"`

	Quotas     map[string]int `yaml:"quotas" json:"quotas,omitempty"`
	Delegation string         `yaml:"delegation" json:"delegation,omitempty"` // at-once, or "", and by-hand

	// Account is what the account has besides; nil leaves it as it was. It is not told: a secret may be in it.
	Account []Belonging `yaml:"-" json:"-"`
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

// Check says everything that is wrong with them.
func (m Manners) Check() error {
	_, latencyErr := front.ParseLatency(m.Latency)
	_, faultsErr := parseFaults(m.Faults)
	return errors.Join(latencyErr, checkConsistency(m.Consistency), checkThrottle(m.Throttle), checkDelegation(m.Delegation),
		world.CheckQuotas(m.Quotas), faultsErr)
}

func checkDelegation(how string) error {
	if how != "" && how != DelegatedAtOnce && how != DelegatedByHand {
		return fmt.Errorf("the delegation %q: write %s or %s", how, DelegatedAtOnce, DelegatedByHand)
	}
	return nil
}

func checkConsistency(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("the consistency %v: write a time, such as 300ms", d)
	}
	return nil
}

func checkThrottle(n float64) error {
	if n < 0 || math.IsNaN(n) || math.IsInf(n, 0) {
		return fmt.Errorf("the throttle %v: write how many calls per second a service answers, such as 20", n)
	}
	return nil
}

func parseFaults(texts []string) ([]fault.Rule, error) {
	var rules []fault.Rule
	var errs []error
	for _, text := range texts {
		r, err := parseFault(text)
		rules, errs = append(rules, r), append(errs, err)
	}
	return rules, errors.Join(errs...)
}

// parseFault reads a rule, and refuses one that could never strike: its type is none that the twin knows.
func parseFault(text string) (fault.Rule, error) {
	r, err := fault.Parse(text)
	if err == nil && r.Zone != "" && !world.AnyZone(func(zone string) bool { return fault.Like(r.Zone, zone) }) {
		return r, fmt.Errorf("the fault %q: there is no zone %q: write a zone's name, such as eu-west-1a", text, r.Zone)
	}
	if err != nil || r.Type == "" {
		return r, err
	}
	known := map[string]bool{}
	for _, pkg := range []*facts.Package{facts.AWS(), facts.Cloudflare()} {
		for token := range pkg.Resources {
			known[token] = true
		}
		for token := range pkg.Functions {
			known[token] = true
		}
	}
	for token := range known {
		if r.Concerns(token) {
			return r, nil
		}
	}
	short := map[string]bool{}
	for token := range known {
		short[token[:strings.LastIndexByte(token, ':')]] = true
	}
	return r, fmt.Errorf("the fault %q: no type or function of the twin is like %q; the nearest is %q", text, r.Type,
		facts.Nearest(r.Type, short))
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
	if err := t.world.CatchUp(); err != nil {
		return err
	}
	t.front.Faults().Add(rules...)
	return nil
}

// ClearFaults ends all faults.
func (t *Twin) ClearFaults() error {
	if err := t.world.CatchUp(); err != nil {
		return err
	}
	t.front.Faults().Clear()
	return nil
}
