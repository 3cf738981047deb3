package fault

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"sync"
)

// Call is one call as the rules see it.
type Call struct {
	Operation Operation
	Type      string // of the resource, or the function
	Name      string // of the resource in the program
}

// Plan is the rules at work. It is safe for concurrent use; nil has no rules.
type Plan struct {
	seed  uint64
	mu    sync.Mutex
	rules []*counted
}

type counted struct {
	Rule
	seen, struck int
	calls        map[string]int // of each resource and operation, for probabilities
}

// New makes a plan of rules. The seed decides which calls the rules with a probability strike: the same seed, rules and
// program give the same failures, in whatever order the engine makes its calls.
func New(seed uint64, rules ...Rule) *Plan {
	p := &Plan{seed: seed}
	p.Add(rules...)
	return p
}

// Seed is the plan's seed.
func (p *Plan) Seed() uint64 { return p.seed }

// Add adds rules.
func (p *Plan) Add(rules ...Rule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range rules {
		p.rules = append(p.rules, &counted{Rule: r, calls: map[string]int{}})
	}
}

// Clear removes all rules.
func (p *Plan) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = nil
}

// Status is a rule and what it has done.
type Status struct {
	Rule   string `json:"rule"`
	Seen   int    `json:"seen"`   // calls that it matched
	Struck int    `json:"struck"` // calls that failed because of it
	Over   bool   `json:"over"`
}

// Status lists the rules.
func (p *Plan) Status() []Status {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Status, 0, len(p.rules))
	for _, r := range p.rules {
		over := r.Chance == 0 && r.Times > 0 && r.seen >= r.First+r.Times-1
		out = append(out, Status{Rule: r.text, Seen: r.seen, Struck: r.struck, Over: over})
	}
	return out
}

// Next counts a call and says how it fails, "" if it does not. If several rules match, each counts the call and the first
// that strikes does.
func (p *Plan) Next(c Call) Kind {
	if p == nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var kind Kind
	for _, r := range p.rules {
		if r.matches(c) && p.strikes(r, c) && kind == "" {
			kind = r.Kind
			r.struck++
		}
	}
	return kind
}

func (r *counted) matches(c Call) bool {
	if r.Kind == Capacity || r.Kind == Kill || r.Operation != Any && r.Operation != c.Operation {
		return false
	}
	// A rule for any operation does not count those at which it cannot strike.
	return slices.Contains(possible[r.Kind], c.Operation) && match(r.Type, c.Type) && (r.Name == "" || match(r.Name, c.Name))
}

// Concerns says whether a rule's type matches this type or function.
func (r Rule) Concerns(token string) bool { return match(r.Type, token) }

// match compares with a pattern in which * is any text, including slashes. A type may be shortened to its module and
// name: aws:lb/listener is aws:lb/listener:Listener.
func match(pattern, text string) bool {
	if glob(pattern, text) {
		return true
	}
	short := strings.LastIndex(text, ":")
	return strings.Contains(text, "/") && short > 0 && glob(pattern, text[:short])
}

// Like compares a text with a pattern in which * is any text, including slashes, and ? one character.
func Like(pattern, text string) bool { return glob(pattern, text) }

func glob(pattern, text string) bool {
	if pattern == "" {
		return text == ""
	}
	if pattern[0] == '*' {
		for i := 0; i <= len(text); i++ {
			if glob(pattern[1:], text[i:]) {
				return true
			}
		}
		return false
	}
	return text != "" && (pattern[0] == '?' || pattern[0] == text[0]) && glob(pattern[1:], text[1:])
}

func (p *Plan) strikes(r *counted, c Call) bool {
	r.seen++
	if r.Chance == 0 {
		return r.seen >= r.First && (r.Times == 0 || r.seen < r.First+r.Times)
	}
	// By the resource's own count, so that the order of the engine's calls does not matter.
	who := string(c.Operation) + " " + c.Type + " " + c.Name
	r.calls[who]++
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s %s %d", p.seed, r.text, who, r.calls[who])
	return float64(mix(h.Sum64())>>11)/(1<<53) < r.Chance
}

// mix spreads a hash over all bits (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Room says whether a zone has capacity for one more machine, and counts the refusal.
func (p *Plan) Room(zone string) bool {
	if p == nil {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	room := true
	for _, r := range p.rules {
		if r.Kind == Capacity && match(r.Zone, zone) && p.strikes(r, Call{Operation: Create, Type: "zone", Name: zone}) {
			r.struck++
			room = false
		}
	}
	return room
}

// Changed counts a change, and says which process is to be killed now: "" for none.
func (p *Plan) Changed() (process string) {
	if p == nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.rules {
		if r.Kind == Kill && p.strikes(r, Call{}) {
			r.struck++
			process = r.Process
		}
	}
	return process
}
