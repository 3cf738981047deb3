// Package front stands between the twin's providers and its world, and makes the world behave like a remote service: it
// is slow, eventually consistent, throttled and faulty, if asked to be. Without settings it passes every call on
// unchanged.
package front

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/causeway-iac/causeway/twin/fault"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// Front is a world behind its manners.
type Front struct {
	*world.World
	faults  *fault.Plan
	latency Latency
	gate    *gate
	kill    func(process string)
	closed  chan struct{}
	one     sync.Mutex // held while a change is written and counted

	mu     sync.Mutex
	states map[string]string // of what is under way, by type and id
}

// Options of a front.
type Options struct {
	Faults   *fault.Plan // nil is none
	Latency  Latency     // the zero value takes no time
	Throttle float64     // calls per second that each service answers; 0 is unlimited

	// Kill ends a process that a fault names (fault.Engine, fault.Twin, fault.Both). It is called after a change was
	// written and before its answer is given.
	Kill func(process string)
}

// New puts a front before a world.
func New(w *world.World, o Options) *Front {
	f := &Front{World: w, faults: o.Faults, latency: o.Latency, gate: newGate(o.Throttle), kill: o.Kill,
		closed: make(chan struct{}), states: map[string]string{}}
	if f.faults == nil {
		f.faults = fault.New(0)
	}
	w.Hook(world.Hooks{Room: f.faults.Room, Pace: f.latency.Scale, Sick: func(name string) bool {
		return f.faults.Next(fault.Call{Operation: fault.Launch, Type: world.TypeGroup, Name: name}) == fault.Sick
	}})
	return f
}

// Faults are the faults at work.
func (f *Front) Faults() *fault.Plan { return f.faults }

// Close ends every wait. What was being deleted then stays.
func (f *Front) Close() { close(f.closed) }

// ErrLost says that the answer never arrives: the request was carried out, and the caller does not know.
var ErrLost = errors.New("the answer was lost: the connection was closed before it")

// Partial says that something exists but is not as requested.
type Partial struct {
	Object *world.Object
	Reason string
}

func (p *Partial) Error() string { return p.Reason }

// errClosed ends the calls that are waiting when the twin is stopped.
var errClosed = errors.New("the twin was stopped meanwhile")

// Create makes what the request describes.
func (f *Front) Create(ctx context.Context, q world.Request) (*world.Object, error) {
	c := called(fault.Create, q)
	kind, err := f.admit(ctx, c, q.URN, q.ID)
	if err != nil {
		return nil, err
	}
	if err := f.room(c, q); err != nil {
		return nil, err
	}
	missing := ""
	if kind == fault.Half {
		q.Planned, missing = withoutTags(q.Planned)
	}
	takes := f.latency.of(q.Type).create
	if onlyWaits[q.Type] {
		if err := f.sleep(takes); err != nil {
			return nil, err
		}
		takes = 0
	}
	o, err := f.create(q)
	if err != nil {
		return nil, err
	}
	if err := f.become(o, "creating", takes, f.waitsForCapacity(o, nil)); err != nil {
		return o, err
	}
	switch kind {
	case fault.Half:
		return o, &Partial{o, fmt.Sprintf("creating %s: made as %s, but %s: %s", q.Type, o.ID, missing, fault.Message(fault.Internal, c))}
	case fault.Timeout:
		return o, &Partial{o, notReady("create", o, "creating")}
	case fault.Lost:
		if err := f.Lose(o.Type, o.Key); err != nil {
			return nil, err
		}
		return nil, f.lost(c, q.URN, o.ID)
	}
	return o, nil
}

// Update changes what exists.
func (f *Front) Update(ctx context.Context, q world.Request) (*world.Object, error) {
	c := called(fault.Update, q)
	kind, err := f.admit(ctx, c, q.URN, q.ID)
	if err != nil {
		return nil, err
	}
	var o *world.Object
	err = f.change(func() (err error) { o, err = f.World.Update(q); return err })
	if err != nil {
		return nil, err
	}
	if err := f.become(o, "modifying", f.latency.of(q.Type).update, f.waitsForCapacity(o, q.State)); err != nil {
		return o, err
	}
	switch kind {
	case fault.Timeout:
		return o, &Partial{o, notReady("update", o, "modifying")}
	case fault.Lost:
		return nil, f.lost(c, q.URN, o.ID)
	}
	return o, nil
}

// Delete removes what exists. What must not be removed is refused at once, before any time passes.
func (f *Front) Delete(ctx context.Context, q world.Request) error {
	c := called(fault.Delete, q)
	kind, err := f.admit(ctx, c, q.URN, q.ID)
	if err != nil {
		return err
	}
	for left := true; left && f.Lives() && f.Refusal(q) == nil; {
		if left, err = f.Drain(q); err == nil && left {
			err = f.sleep(time.Second)
		}
		if err != nil {
			return err
		}
	}
	if takes := f.latency.of(q.Type).remove; takes > 0 && f.Refusal(q) == nil {
		if err := f.become(&world.Object{Type: q.Type, ID: q.ID}, "deleting", takes, false); err != nil {
			return err
		}
	}
	if err := f.change(func() error { return f.World.Delete(q) }); err != nil {
		return err
	}
	switch kind {
	case fault.Timeout:
		return errors.New(notReady("delete", &world.Object{Type: q.Type, ID: q.ID}, "deleting"))
	case fault.Lost:
		return f.lost(c, q.URN, q.ID)
	}
	return nil
}

// Read returns what exists now, or nil.
func (f *Front) Read(ctx context.Context, q world.Request) (*world.Object, error) {
	c := called(fault.Read, q)
	kind, err := f.admit(ctx, c, q.URN, q.ID)
	if err != nil {
		return nil, err
	}
	if kind == fault.Lost {
		return nil, f.lost(c, q.URN, q.ID)
	}
	return f.World.Read(q)
}

// Invoke answers a function.
func (f *Front) Invoke(ctx context.Context, q world.Query) (value.Map, error) {
	c := fault.Call{Operation: fault.Invoke, Type: q.Function}
	kind, err := f.admit(ctx, c, "", "")
	if err != nil {
		return nil, err
	}
	if kind == fault.Lost {
		return nil, f.lost(c, "", "")
	}
	return f.World.Invoke(q)
}

func called(o fault.Operation, q world.Request) fault.Call {
	return fault.Call{Operation: o, Type: q.Type, Name: q.URN[strings.LastIndex(q.URN, ":")+1:]}
}

// admit lets a call in, late if the service has too many, or refuses it as a fault says.
func (f *Front) admit(ctx context.Context, c fault.Call, urn, id string) (fault.Kind, error) {
	if err := f.queue(ctx, c, urn, id); err != nil {
		return "", err
	}
	kind := f.faults.Next(c)
	if kind != fault.Throttle && kind != fault.Internal {
		return kind, nil
	}
	err := errors.New(fault.Message(kind, c))
	f.refused(c, urn, id, err.Error())
	return "", err
}

// refused records the answer to a call that never reached the world, which records its own. (The provider records reads,
// whatever comes of them.)
func (f *Front) refused(c fault.Call, urn, id, answer string) {
	if c.Operation != fault.Read && c.Operation != fault.Invoke {
		f.record(c, urn, id, answer)
	}
}

func (f *Front) record(c fault.Call, urn, id, answer string) {
	f.Record(world.Event{Operation: string(c.Operation), Type: c.Type, URN: urn, ID: id, Answer: answer})
}

func (f *Front) lost(c fault.Call, urn, id string) error {
	f.refused(c, urn, id, ErrLost.Error())
	return ErrLost
}

// change makes one change, and then kills what a fault says is killed after it, before another is made.
func (f *Front) change(do func() error) error {
	f.one.Lock()
	defer f.one.Unlock()
	if err := do(); err != nil {
		return err
	}
	if process := f.faults.Changed(); process != "" && f.kill != nil {
		f.kill(process)
	}
	return nil
}

// create creates it once what it refers to is visible: like the real provider, which retries for a while when a service
// does not find yet what another call has just created.
func (f *Front) create(q world.Request) (*world.Object, error) {
	for {
		var o *world.Object
		err := f.change(func() (err error) { o, err = f.World.Create(q); return err })
		var early *world.UnseenError
		if !errors.As(err, &early) {
			return o, err
		}
		if err := f.sleep(early.Left); err != nil {
			return nil, err
		}
	}
}

// withoutTags leaves out what the provider sets by a second request, and says what is missing.
func withoutTags(planned value.Map) (value.Map, string) {
	_, tags := planned["tags"]
	_, all := planned["tagsAll"]
	if !tags && !all {
		return planned, "reading it back failed"
	}
	out := value.CopyMap(planned)
	for _, name := range []string{"tags", "tagsAll"} {
		delete(out, name)
	}
	return out, "setting its tags failed"
}

func notReady(operation string, o *world.Object, state string) string {
	return fmt.Sprintf("waiting for %s (%s) to %s: timeout while waiting for its state to become 'available' (last state: '%s')", o.Type,
		o.ID, operation, state)
}

// State is what something is doing: creating, modifying, deleting, or else what its outputs say.
func (f *Front) State(o *world.Object) string {
	f.mu.Lock()
	state := f.states[o.Type+" "+o.ID]
	f.mu.Unlock()
	if state != "" {
		return state
	}
	if o.Ringing() {
		return "alarm"
	}
	for _, name := range []string{"status", "state"} {
		if s := o.Text(name); s != "" {
			return strings.ToLower(strings.ReplaceAll(s, "_", "-"))
		}
	}
	return "available"
}

// become lets time pass for something, in a state that can be seen meanwhile. It ends with a Partial if a group does not
// get its machines.
func (f *Front) become(o *world.Object, state string, takes time.Duration, capacity bool) error {
	if takes <= 0 && !capacity {
		return nil
	}
	key := o.Type + " " + o.ID
	f.mu.Lock()
	f.states[key] = state
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.states, key)
		f.mu.Unlock()
	}()
	if err := f.sleep(takes); err != nil || !capacity {
		return err
	}
	return f.capacity(o)
}

// sleep does not end with the caller: a service goes on when its caller is gone.
func (f *Front) sleep(takes time.Duration) error {
	if takes <= 0 {
		return nil
	}
	timer := time.NewTimer(takes)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-f.closed:
		return errClosed
	}
}
