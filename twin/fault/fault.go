// Package fault decides which calls to the twin fail, and how: rules that a person writes, and a seed
// by which the same calls fail again.
//
// A rule is one line:
//
//	KIND:TYPE:OPERATION[:HOW OFTEN]
//
//	throttle:aws:lb/*:create:3            the first three creations of a balancer's parts are throttled
//	error:aws:rds/instance:Instance:*:2@4 the fourth and fifth call for a database fail
//	lost:*:create:5%                      one creation in twenty is made, and its answer never arrives
//	half:aws:ec2/instance@web*:create     by the resource's name in the program, too
//	sick:aws:autoscaling/group@*-web:launch:9  the next nine machines of that group never become healthy
//	capacity:eu-west-1a                   that zone has no room
//	kill:engine:16                        the engine is killed after the sixteenth change
package fault

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Kind is a way to fail.
type Kind string

// The ways to fail.
const (
	Throttle Kind = "throttle" // refused as too many requests, with the service's own code
	Internal Kind = "error"    // an error inside the service; nothing was done
	Timeout  Kind = "timeout"  // done, but the provider stopped waiting for it to become ready
	Half     Kind = "half"     // created without what a second request sets: its tags
	Lost     Kind = "lost"     // done, and the answer never arrives
	Capacity Kind = "capacity" // a zone has no capacity for machines
	Sick     Kind = "sick"     // a machine of an Auto Scaling group starts and fails its health check
	Kill     Kind = "kill"     // a process is killed after a change, before its answer
)

// Operation is what a call asks for.
type Operation string

// The operations of a call.
const (
	Create Operation = "create"
	Read   Operation = "read"
	Update Operation = "update"
	Delete Operation = "delete"
	Invoke Operation = "invoke"
	Launch Operation = "launch" // of a machine, by an Auto Scaling group
	Any    Operation = "*"
)

var operations = []Operation{Create, Read, Update, Delete, Invoke, Launch, Any}

// possible are the operations at which a kind can strike: those that fail after a change need one.
var possible = map[Kind][]Operation{
	Throttle: {Create, Read, Update, Delete, Invoke, Any},
	Internal: {Create, Read, Update, Delete, Invoke, Any},
	Timeout:  {Create, Update, Delete, Any},
	Half:     {Create},
	Lost:     {Create, Read, Update, Delete, Invoke, Any},
	Sick:     {Launch},
}

// Kinds are all the ways to fail.
func Kinds() []Kind { return append(slices.Sorted(maps.Keys(possible)), Capacity, Kill) }

// Strikes are the operations at which a kind strikes; none for capacity and kill, whose rules name none.
func (k Kind) Strikes() []Operation {
	return slices.DeleteFunc(slices.Clone(possible[k]), func(o Operation) bool { return o == Any })
}

// The processes that a kill ends.
const (
	Engine = "engine"
	Twin   = "twin"
	Both   = "both"
)

// Rule is one line, read. Which fields count depends on the kind.
type Rule struct {
	Kind      Kind
	Type      string    // a pattern of resource types or functions, with * for any text
	Name      string    // a pattern of the resource's name in the program; "" is any
	Operation Operation // Any is each
	Zone      string    // of Capacity
	Process   string    // of Kill

	First  int     // the first matching call that fails, from 1
	Times  int     // how many fail from there; 0 means all
	Chance float64 // if not 0, each matching call fails with this probability, and First and Times do not count

	text string
}

// String is the rule as it was written.
func (r Rule) String() string { return r.text }

const grammar = "KIND:TYPE:OPERATION[:HOW OFTEN], such as throttle:aws:lb/*:create:3"

// Parse reads one rule. Its error says what to write instead.
func Parse(text string) (Rule, error) {
	r, err := parse(strings.TrimSpace(text))
	if err != nil {
		return Rule{}, fmt.Errorf("the fault %q: %w", text, err)
	}
	return r, nil
}

func parse(text string) (Rule, error) {
	name, rest, _ := strings.Cut(text, ":")
	r := Rule{Kind: Kind(name), First: 1, Times: 1, text: text}
	switch r.Kind {
	case Capacity:
		return r, r.parseCapacity(rest)
	case Kill:
		return r, r.parseKill(rest)
	}
	if possible[r.Kind] == nil {
		return r, fmt.Errorf("there is no kind %q: write %s, where the kind is throttle, error, timeout, half, lost, "+
			"sick, capacity or kill", name, grammar)
	}
	return r, r.parseCall(rest)
}

func (r *Rule) parseCall(rest string) error {
	parts := strings.Split(rest, ":")
	last := len(parts) - 1
	if last >= 1 && !isOperation(parts[last]) && often(parts[last]) {
		if err := r.parseOften(parts[last]); err != nil {
			return err
		}
		last--
	}
	if last < 1 {
		return fmt.Errorf("write %s; the type and the operation may be *", grammar)
	}
	r.Operation = Operation(parts[last])
	if !isOperation(parts[last]) {
		return fmt.Errorf("%q is neither an operation (create, read, update, delete, invoke, launch or *) nor how often (3, 2@5 or "+
			"25%%): write %s", parts[last], grammar)
	}
	if !slices.Contains(possible[r.Kind], r.Operation) {
		return fmt.Errorf("a %s cannot strike at %s: it can at %s", r.Kind, r.Operation, list(possible[r.Kind]))
	}
	r.Type, r.Name, _ = strings.Cut(strings.Join(parts[:last], ":"), "@")
	if r.Type == "" {
		return fmt.Errorf("the type is missing: write %s; * is every type", grammar)
	}
	for _, pattern := range []string{r.Type, r.Name} {
		if strings.ContainsAny(pattern, `[]{}\`) {
			return fmt.Errorf("%q is not a pattern: * stands for any text, ? for one character", pattern)
		}
	}
	return nil
}

func (r *Rule) parseCapacity(rest string) error {
	zone, count, counted := strings.Cut(rest, ":")
	if zone == "" {
		return fmt.Errorf("the zone is missing: write capacity:ZONE, such as capacity:eu-west-1a")
	}
	r.Zone, r.Times = zone, 0
	if counted {
		return r.parseOften(count)
	}
	return nil
}

func (r *Rule) parseKill(rest string) error {
	process, count, counted := strings.Cut(rest, ":")
	if process != Engine && process != Twin && process != Both {
		return fmt.Errorf("there is no process %q: write kill:engine:N, kill:twin:N or kill:both:N, to kill it after the Nth change",
			process)
	}
	r.Process = process
	if !counted {
		return nil
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 {
		return fmt.Errorf("%q is not a number of a change: write kill:%s:N, from 1", count, process)
	}
	r.First = n
	return nil
}

// often says whether a text is meant to say how often.
func often(text string) bool {
	return text != "" && (text[0] >= '0' && text[0] <= '9' || text[0] == '-')
}

func (r *Rule) parseOften(text string) error {
	wrong := fmt.Errorf("%q is not how often: write 3 (the first three), 2@5 (two, from the fifth) or 25%% (each with that probability)",
		text)
	if percent, ok := strings.CutSuffix(text, "%"); ok {
		n, err := strconv.ParseFloat(percent, 64)
		if err != nil || !(n > 0 && n <= 100) {
			return wrong
		}
		r.Chance = n / 100
		return nil
	}
	times, first, shifted := strings.Cut(text, "@")
	var err error
	if r.Times, err = strconv.Atoi(times); err != nil || r.Times < 1 {
		return wrong
	}
	if shifted {
		if r.First, err = strconv.Atoi(first); err != nil || r.First < 1 {
			return wrong
		}
	}
	return nil
}

func isOperation(text string) bool { return slices.Contains(operations, Operation(text)) }

func list(all []Operation) string {
	texts := make([]string, len(all))
	for i, o := range all {
		texts[i] = string(o)
	}
	return strings.Join(texts, ", ")
}
