// Package world is the twin's cloud: what exists, which ids and addresses it has, and what the cloud
// refuses. One file holds the kinds and rules of one service; a rule is one small function.
package world

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/causeway-iac/causeway/twin/contents"
	"github.com/causeway-iac/causeway/twin/fleet"
	"github.com/causeway-iac/causeway/twin/store"
	"github.com/causeway-iac/causeway/twin/value"
)

// Options of a world.
type Options struct {
	Store           *store.Store // nil keeps the world in memory
	Account         string       // twelve digits; empty takes the first that a configuration allows, else zeros
	CloudflareZones []string     // zones that exist in Cloudflare before any program runs
	Route53Zones    []string     // public zones that exist in Route 53 before any program runs
	Caller          string       // who calls, for the events

	Contents *contents.Store // the files that objects are made from; nil keeps none

	Quotas      map[string]int // limits other than AWS's defaults, by name
	Granted     map[string]int // those that AWS has granted the account, where Quotas says nothing
	Undelegated bool           // zones that programs make are not delegated until someone says so

	Belongings []Belonging // what the account has besides; nil leaves that as it was
	Region     string      // of belongings that name none
}

// World is everything that exists. It is safe for concurrent use.
type World struct {
	mu      sync.RWMutex
	options Options
	account string
	objects map[string]map[string]*Object // by type, then id
	index   *index
	counts  map[string]int // how often a URN has been created
	events  eventLog
	late    late
	hooks   Hooks
	body    *fleet.Body // of machines that really run

	follower func()    // called after each change
	run      time.Time // when the current run started, or one that was killed; zero is none
}

// Open returns the world that the store holds, or an empty one with its seeded zones.
func Open(o Options) (*World, error) {
	w := &World{options: o, account: o.Account, events: eventLog{caller: o.Caller}}
	w.clear()
	if o.Store != nil {
		if err := o.Store.Load(w.load); err != nil {
			return nil, err
		}
		if o.Account != "" && w.account != o.Account {
			return nil, fmt.Errorf("the twin's file belongs to account %s, not %s", w.account, o.Account)
		}
	}
	return w, w.seed()
}

func (w *World) clear() {
	w.objects = map[string]map[string]*Object{}
	w.index = &index{}
	w.counts = map[string]int{}
}

const (
	objectPrefix = "object/"
	countPrefix  = "count/"
	eventPrefix  = "event/"
	accountKey   = "account"
)

func (w *World) load(key string, data []byte) error {
	switch {
	case key == accountKey:
		w.account = string(data)
	case key == runKey:
		return json.Unmarshal(data, &w.run)
	case strings.HasPrefix(key, objectPrefix):
		o := &Object{}
		if err := json.Unmarshal(data, o); err != nil {
			return fmt.Errorf("reading %s: %w", key, err)
		}
		w.place(o)
	case strings.HasPrefix(key, countPrefix):
		var n int
		if err := json.Unmarshal(data, &n); err != nil {
			return fmt.Errorf("reading %s: %w", key, err)
		}
		w.counts[strings.TrimPrefix(key, countPrefix)] = n
	case strings.HasPrefix(key, eventPrefix):
		return w.events.restore(data)
	}
	return nil
}

func (w *World) place(o *Object) {
	if w.objects[o.Type] == nil {
		w.objects[o.Type] = map[string]*Object{}
	}
	w.index.place(o, w.objects[o.Type][o.Key])
	w.objects[o.Type][o.Key] = o
}

// Account returns the account's twelve digits.
func (w *World) Account() string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.accountID()
}

func (w *World) accountID() string {
	if w.account == "" {
		return "000000000000"
	}
	return w.account
}

// Claim takes the account that a provider's configuration allows, when none is fixed yet, and refuses a configuration
// that does not allow this world's account. A deployment begins with it, so it also does what the cloud did by itself
// in the meantime.
func (w *World) Claim(allowed, forbidden []string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.account == "" && len(allowed) > 0 {
		if err := w.write([]store.Change{{Key: accountKey, Data: []byte(allowed[0])}}); err != nil {
			return err
		}
		w.account = allowed[0]
	}
	id := w.accountID()
	for _, f := range forbidden {
		if f == id {
			return fmt.Errorf("AWS account ID not allowed: %s: forbiddenAccountIds lists it", id)
		}
	}
	if len(allowed) > 0 && !slices.Contains(allowed, id) {
		return fmt.Errorf("AWS account ID not allowed: the twin is account %s and allowedAccountIds has %s", id,
			strings.Join(allowed, ", "))
	}
	return w.issueWaiting()
}

func (w *World) write(changes []store.Change) error {
	if w.options.Store == nil || len(changes) == 0 {
		return nil
	}
	return w.options.Store.Apply(changes)
}

// Get returns a copy of one object, or nil.
func (w *World) Get(typ, id string) *Object {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if o := w.objects[typ][id]; o != nil {
		return o.copy()
	}
	return nil
}

// ErrNotFound says that an object does not exist.
var ErrNotFound = errors.New("there is no such object in the twin")

// Alter changes outputs of an object behind Pulumi's back. A nil value removes an output.
func (w *World) Alter(typ, id string, changes value.Map) error {
	return w.edit(typ, id, func(o *Object) {
		for k, v := range changes {
			if o.Outputs[k] = value.Copy(v); v == nil {
				delete(o.Outputs, k)
			}
		}
	})
}

// edit changes an object that no call asks for.
func (w *World) edit(typ, key string, change func(*Object)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[typ][key]
	if o == nil {
		return fmt.Errorf("%s %s: %w", typ, key, ErrNotFound)
	}
	o = o.copy()
	change(o)
	return w.commit(map[string]*Object{objectKey(o.Type, o.Key): o}, nil)
}

// Remove deletes an object behind Pulumi's back, without asking any rule.
func (w *World) Remove(typ, id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.objects[typ][id] == nil {
		return fmt.Errorf("%s %s: %w", typ, id, ErrNotFound)
	}
	return w.commit(map[string]*Object{objectKey(typ, id): nil}, nil)
}

// Reset empties the world, but for its seeded zones.
func (w *World) Reset() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var changes []store.Change
	for typ, byID := range w.objects {
		for id := range byID {
			changes = append(changes, store.Change{Key: objectKey(typ, id)})
		}
	}
	for urn := range w.counts {
		changes = append(changes, store.Change{Key: countPrefix + urn})
	}
	changes = append(changes, w.events.keys()...)
	if w.options.Account == "" {
		changes = append(changes, store.Change{Key: accountKey})
	}
	if err := w.write(changes); err != nil {
		return err
	}
	w.clear()
	w.events = eventLog{caller: w.options.Caller}
	w.account = w.options.Account
	return w.seed()
}

// commit writes objects (nil deletes) and records to the store, then to memory.
func (w *World) commit(objects map[string]*Object, records []store.Change) error {
	changes := records
	for key, o := range objects {
		c := store.Change{Key: key}
		if o != nil && w.options.Store != nil {
			data, err := json.Marshal(o)
			if err != nil {
				return fmt.Errorf("writing %s: %w", key, err)
			}
			c.Data = data
		}
		changes = append(changes, c)
	}
	if err := w.write(changes); err != nil {
		return err
	}
	for key, o := range objects {
		if o != nil {
			w.place(o)
			continue
		}
		typ, id, _ := strings.Cut(strings.TrimPrefix(key, objectPrefix), "\x00")
		if old := w.objects[typ][id]; old != nil {
			w.index.place(nil, old)
		}
		delete(w.objects[typ], id)
	}
	if w.follower != nil {
		w.follower()
	}
	return nil
}

// seed creates what exists before any program runs, unless it is there already.
func (w *World) seed() error {
	for _, domain := range w.options.CloudflareZones {
		if err := w.seedZone(typeCloudflareZone, "zone", domain,
			value.Map{"accountId": "0123456789abcdef0123456789abcdef", "paused": false, "type": "full", "jumpStart": false}); err != nil {
			return err
		}
	}
	for _, domain := range w.options.Route53Zones {
		if err := w.seedZone(typeZone, "name", domain,
			value.Map{"comment": "", "forceDestroy": false, "tagsAll": value.Map{}, "delegationSetId": ""}); err != nil {
			return err
		}
	}
	return w.belong()
}

func (w *World) seedZone(typ, property, domain string, outputs value.Map) error {
	c := w.call(Request{Type: typ, URN: "seed/" + domain, Region: "us-east-1"})
	if c.where(typ, property, domain) != nil {
		return nil
	}
	outputs[property] = domain
	o := &Object{Type: typ, Region: "us-east-1", Inputs: value.Map{}, Outputs: outputs, Hidden: value.Map{}, Created: time.Now().UTC(),
		Implicit: true}
	k := kinds[typ]
	o.ID = k.identify(c, o)
	k.complete(c, o, nil)
	c.Put(o)
	return w.commit(c.pending, nil)
}
