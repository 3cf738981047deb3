package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/causeway-iac/causeway/twin"
)

// Run is what a run of the engine needs of a twin, whichever process holds it.
type Run interface {
	Attach() string
	Resources() []twin.Resource
	Lost() []twin.Resource
	Snapshots() []twin.Resource
	Faults() []twin.FaultStatus
	Interrupted() bool
	Interrupt()
	Changed() []string
	Unanswered(known func(urn, id string) bool) []twin.Resource
	Undo(lost []twin.Resource) error
	Change(typ, name string, settings ...string) (twin.Item, error)
	Close() error
}

// Attached is the Run of a twin that another process goes on serving. Close returns the errors of calls that could not be
// made.
type Attached struct {
	client *Client
	errs   []error
}

// NewAttached makes one over a client.
func NewAttached(c *Client) *Attached { return &Attached{client: c} }

func (a *Attached) ask(q request, result any) {
	if err := a.client.ask(q, result); err != nil && len(a.errs) == 0 {
		a.errs = append(a.errs, err)
	}
}

// The methods of Attached ask the serving process.
func (a *Attached) Attach() string {
	var s twin.Status
	a.ask(request{Do: "status"}, &s)
	return s.Serving
}

// Resources lists what exists.
func (a *Attached) Resources() (all []twin.Resource) {
	a.ask(request{Do: "resources"}, &all)
	return all
}

// Snapshots lists what databases left that are gone.
func (a *Attached) Snapshots() (left []twin.Resource) {
	a.ask(request{Do: "snapshots"}, &left)
	return left
}

// Lost lists what exists although its creation was never answered.
func (a *Attached) Lost() (lost []twin.Resource) {
	a.ask(request{Do: "lost"}, &lost)
	return lost
}

// Faults lists the faults at work.
func (a *Attached) Faults() (faults []twin.FaultStatus) {
	a.ask(request{Do: "faults"}, &faults)
	return faults
}

// Interrupted says that a run on this twin left it unsettled.
func (a *Attached) Interrupted() (yes bool) {
	a.ask(request{Do: "interrupted"}, &yes)
	return yes
}

// Interrupt leaves this run as a killed one.
func (a *Attached) Interrupt() { a.ask(request{Do: "interrupt"}, nil) }

// Changed are the URNs of what a killed run updated or deleted.
func (a *Attached) Changed() (urns []string) {
	a.ask(request{Do: "changed"}, &urns)
	return urns
}

// Unanswered is what a killed run created and may have told nobody about.
func (a *Attached) Unanswered(known func(urn, id string) bool) (lost []twin.Resource) {
	a.ask(request{Do: "unanswered"}, &lost)
	return slices.DeleteFunc(lost, func(r twin.Resource) bool { return known(r.URN, r.ID) })
}

// Undo removes what Unanswered returned.
func (a *Attached) Undo(lost []twin.Resource) error {
	texts := make([]string, len(lost))
	for i, r := range lost {
		b, err := json.Marshal(twin.Resource{Type: r.Type, ID: r.ID, URN: r.URN})
		if err != nil {
			return fmt.Errorf("asking the twin: %w", err)
		}
		texts[i] = string(b)
	}
	return a.client.ask(request{Do: "undo", Texts: texts}, nil)
}

// Change changes something behind Pulumi's back.
func (a *Attached) Change(typ, name string, settings ...string) (twin.Item, error) {
	return a.client.Change(typ, name, settings...)
}

// Grant has the account have the quotas that AWS has granted it.
func (a *Attached) Grant(quotas map[string]int) { a.ask(request{Do: "grant", Quotas: quotas}, nil) }

// Close leaves the twin to the process that serves it.
func (a *Attached) Close() error { return errors.Join(a.errs...) }

// served is the twin that answers, also where Local is embedded in something else.
func (l Local) served() *twin.Twin { return l.Twin }

// run answers a request of a run; known is false if it is not one.
func run(t *twin.Twin, q request) (result any, known bool, err error) {
	switch q.Do {
	case "resources":
		return t.Resources(), true, nil
	case "snapshots":
		return t.Snapshots(), true, nil
	case "lost":
		return t.Lost(), true, nil
	case "interrupted":
		return t.Interrupted(), true, nil
	case "interrupt":
		t.Interrupt()
		return nil, true, nil
	case "changed":
		return t.Changed(), true, nil
	case "unanswered":
		return t.Unanswered(func(string, string) bool { return false }), true, nil
	case "grant":
		t.Grant(q.Quotas)
		return nil, true, nil
	case "undo":
		lost := make([]twin.Resource, len(q.Texts))
		for i, text := range q.Texts {
			if err := json.Unmarshal([]byte(text), &lost[i]); err != nil {
				return nil, true, fmt.Errorf("reading what to undo: %w", err)
			}
		}
		return nil, true, t.Undo(lost)
	}
	return nil, false, nil
}
