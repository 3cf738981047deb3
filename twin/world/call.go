package world

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/shapes"
	"github.com/causeway-iac/causeway/twin/store"
	"github.com/causeway-iac/causeway/twin/value"
)

// Request is one call that may change the world.
type Request struct {
	Type, URN, ID string
	Region        string
	Inputs        value.Map // without the wrappers of secrets
	State         value.Map // the outputs that the engine remembers; nil at creation
	Planned       value.Map // the outputs that are already certain; Unknown where the world decides

	Timeout time.Duration // how long the program would wait; 0 is the provider's default
}

// Call is a request under way. Rules and kinds look at the world through it; what they write takes effect only when
// the whole call succeeds.
type Call struct {
	*World
	Request
	Now     time.Time
	count   int
	pending map[string]*Object
	scope   string          // the region that the call is confined to; "" means none
	asked   map[string]bool // subnets in which the call's object holds an address
	hides   bool            // it leaves out what others do not see yet
	waits   time.Duration   // how long until what this call refers to is seen
}

func (w *World) call(q Request) *Call {
	return &Call{World: w, Request: q, Now: time.Now().UTC().Truncate(time.Second), count: w.counts[q.URN], pending: map[string]*Object{},
		scope: scopeOf(q), asked: map[string]bool{}}
}

// begin starts a call of a type that the world can hold.
func (w *World) begin(q Request) (*Call, *kind, error) {
	k, err := kindOf(q.Type)
	if err != nil {
		return nil, nil, err
	}
	return w.call(q), k, nil
}

// Create makes what the request describes and returns it.
func (w *World) Create(q Request) (*Object, error) {
	if err := w.options.Contents.Keep(q.Inputs); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c, k, err := w.begin(q)
	if err != nil {
		return nil, err
	}
	o := &Object{Type: q.Type, URN: q.URN, Region: q.Region, Inputs: q.Inputs, Outputs: dropUnknown(q.Planned), Hidden: value.Map{},
		Created: c.Now}
	if err := c.create(k, o); err != nil {
		return nil, c.refused("create", o.ID, err)
	}
	w.counts[q.URN]++
	return c.finish(o, c.event("create", o.ID, nil))
}

func (c *Call) create(k *kind, o *Object) error {
	k.prepared(c, o)
	if err := c.passes(o, []rule{fewTags, tagsOnce}, k.check, k.create); err != nil {
		return c.early(c.wrap("creating", err))
	}
	if err := c.withinQuotas(o, nil); err != nil {
		return c.wrap("creating", err)
	}
	if o.ID == "" { // a belonging of the account has one
		o.ID = k.identify(c, o)
	}
	o.Key = c.keyFor(k, o)
	if existing := c.find(o.Type, k.storageKey(o.Outputs, o.ID)); existing != nil && !k.put && !o.Flag("allowOverwrite") {
		return c.wrap("creating", k.exists(o, existing))
	}
	k.complete(c, o, nil)
	if err := c.passes(o, []rule{defaultsFit}, k.check); err != nil {
		return c.early(c.wrap("creating", err))
	}
	c.Put(o)
	return nil
}

// passes applies rules until one refuses.
func (c *Call) passes(o *Object, lists ...[]rule) error {
	for _, rules := range lists {
		for _, rule := range rules {
			if err := rule(c, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// Update changes what exists and returns it.
func (w *World) Update(q Request) (*Object, error) {
	if err := w.options.Contents.Keep(q.Inputs); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c, k, err := w.begin(q)
	if err != nil {
		return nil, err
	}
	old := c.find(q.Type, k.storageKey(q.State, q.ID))
	if old == nil {
		err := c.wrap("updating", fault("NotFoundException", "%s does not exist%s: refresh the stack", q.ID, inRegion(c.scope)))
		return nil, c.refused("update", q.ID, err)
	}
	o := old.copy()
	o.Inputs, o.Outputs = q.Inputs, moved(q.Type, old.Outputs, q.State, q.Planned)
	if err := c.update(k, o, old); err != nil {
		return nil, c.refused("update", q.ID, c.wrap("updating", err))
	}
	return c.finish(o, c.event("update", q.ID, nil))
}

// moved applies a plan, made from what the engine remembers, to what exists now: what the plan does not change stays
// as it is now, since a provider asks the cloud only for changes. The order of a set is no change.
func moved(typ string, now, remembered, planned value.Map) value.Map {
	out, before := dropUnknown(planned), dropUnknown(remembered)
	was, becomes := before, out
	if r := facts.AWS().Resources[typ]; r != nil {
		was, becomes = shapes.Ordered(r, before), shapes.Ordered(r, out)
	}
	for name, v := range now {
		if _, open := planned[name].(value.Unknown); !open && value.Canonical(becomes[name]) == value.Canonical(was[name]) {
			out[name] = v
		}
	}
	return out
}

func (c *Call) update(k *kind, o, old *Object) error {
	k.prepared(c, o)
	if err := c.passes(o, []rule{fewTags, tagsOnce}, k.check); err != nil {
		return err
	}
	for _, rule := range k.update {
		if err := rule(c, o, old); err != nil {
			return err
		}
	}
	if err := c.withinQuotas(o, old); err != nil {
		return err
	}
	k.complete(c, o, old)
	if err := c.passes(o, []rule{defaultsFit}, k.check); err != nil {
		return err
	}
	c.release(o)
	c.Put(o)
	return nil
}

// Delete removes what exists. Deleting what is already gone is no error.
func (w *World) Delete(q Request) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, k, err := w.begin(q)
	if err != nil {
		return err
	}
	o := c.found(k)
	switch {
	case o != nil:
		err = c.remove(k, o)
	case k.gone != nil:
		if err = k.gone(c, "delete"); err != nil {
			err = c.wrap("deleting", err)
		}
	}
	if err != nil {
		return c.refused("delete", q.ID, err)
	}
	_, err = c.finish(nil, c.event("delete", q.ID, nil))
	return err
}

func (c *Call) remove(k *kind, o *Object) error {
	if err := c.passes(o, k.remove); err != nil {
		return c.wrap("deleting", err)
	}
	c.Drop(o)
	if k.removed != nil {
		k.removed(c, o)
	}
	return nil
}

// Read returns what exists now, or nil.
func (w *World) Read(q Request) (*Object, error) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	c, k, err := w.begin(q)
	if err != nil {
		return nil, err
	}
	c.hides = true
	if k.imports != nil && len(q.State) == 0 {
		return k.imports(c, q.ID)
	}
	o := c.found(k)
	if o == nil && k.adopt != nil {
		o = k.adopt(c, q.ID)
	}
	if o == nil && k.gone != nil {
		return nil, k.gone(c, "read")
	}
	if o == nil {
		return nil, nil
	}
	if k.readable != nil {
		if err := k.readable(c, o); err != nil {
			return nil, err
		}
	}
	return o.copy(), nil
}

// found is the object of the call, or nil if it or what held it is gone.
func (c *Call) found(k *kind) *Object {
	o := c.find(c.Type, k.storageKey(c.State, c.ID))
	if o != nil && k.within != nil && !k.within(c, o) {
		return nil
	}
	return o
}

// event is the call as the log records it.
func (c *Call) event(operation, id string, err error) Event {
	return Event{Time: c.Now, Operation: operation, Type: c.Type, URN: c.URN, ID: id, Answer: answer(err)}
}

// refused logs the refusal of the call, and returns it.
func (c *Call) refused(operation, id string, err error) error {
	c.events.add(c.event(operation, id, err))
	return err
}

func answer(err error) string {
	if err == nil {
		return "ok"
	}
	return err.Error()
}

func (c *Call) finish(o *Object, e Event) (*Object, error) {
	records := c.recordChange(e)
	if e.Operation == "create" && c.options.Store != nil {
		n, err := json.Marshal(c.counts[c.URN])
		if err != nil {
			return nil, err
		}
		records = append(records, store.Change{Key: countPrefix + c.URN, Data: n})
	}
	if err := c.commit(c.pending, records); err != nil {
		return nil, err
	}
	if o == nil {
		return nil, nil
	}
	if e.Operation == "create" {
		c.late.note(objectKey(o.Type, o.Key))
	}
	return o.copy(), nil
}

// hex derives digits from the resource's URN, so that the same program gets the same ids again.
func (c *Call) hex(digits int, purpose ...string) string {
	seed := fmt.Sprintf("%s\x00%s\x00%d\x00%s", c.Type, c.URN, c.count, strings.Join(purpose, "\x00"))
	sum := sha256.Sum256([]byte(seed))
	text := hex.EncodeToString(sum[:])
	return text[:digits]
}

// Refusal is the reason why the deletion in the request would be refused, or nil.
func (w *World) Refusal(q Request) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	c, k, err := w.begin(q)
	if err != nil {
		return err
	}
	o := c.find(q.Type, k.storageKey(q.State, q.ID))
	if o == nil {
		return nil
	}
	return c.remove(k, o.copy())
}
