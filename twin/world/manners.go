package world

import (
	"fmt"
	"time"
)

// late is what makes a world eventually consistent: what was made is not seen by others for a while.
type late struct {
	takes time.Duration
	made  map[string]time.Time // when, by the object's key; of what may still be unseen
}

// Unseen makes what is created from now on seen by lookups, reads and references only after this long.
func (w *World) Unseen(takes time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.late = late{takes: takes, made: map[string]time.Time{}}
}

func (l *late) note(key string) {
	if l.takes <= 0 {
		return
	}
	now := time.Now()
	for k, at := range l.made {
		if now.Sub(at) > l.takes {
			delete(l.made, k)
		}
	}
	l.made[key] = now
}

// left is how long an object is still unseen.
func (l *late) left(o *Object) time.Duration {
	if len(l.made) == 0 {
		return 0
	}
	at, noted := l.made[objectKey(o.Type, o.Key)]
	if !noted {
		return 0
	}
	return max(0, l.takes-time.Since(at))
}

// UnseenError is a refusal for the only reason that what the call refers to is not seen yet.
type UnseenError struct {
	error
	Left time.Duration // until it is
}

func (e *UnseenError) Unwrap() error { return e.error }

// unseen says whether a reference to an object fails still, and remembers that it did.
func (c *Call) unseen(o *Object) bool {
	left := c.late.left(o)
	c.waits = max(c.waits, left)
	return left > 0
}

// early marks a refusal that is due to something not seen yet.
func (c *Call) early(err error) error {
	if err == nil || c.waits == 0 {
		return err
	}
	return &UnseenError{err, c.waits}
}

// Refusal is why the deletion that the request describes would be refused, or nil.
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

// lostMark marks what was made and whose answer was lost.
const lostMark = "lost"

// Lost says that the answer to this object's creation was lost.
func (o *Object) Lost() bool { return o.Hidden[lostMark] == true }

// Lose notes that the answer to an object's creation was lost.
func (w *World) Lose(typ, key string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[typ][key]
	if o == nil {
		return fmt.Errorf("%s %s: %w", typ, key, ErrNotFound)
	}
	o = o.copy()
	o.Hidden[lostMark] = true
	return w.commit(map[string]*Object{objectKey(o.Type, o.Key): o}, nil)
}

// Hooks are what a world asks of whoever decides its troubles.
type Hooks struct {
	Room func(zone string) bool // whether a zone has capacity for one more machine; nil is yes
	Sick func(name string) bool // whether the next machine of an Auto Scaling group is unhealthy; nil is no
	Pace float64                // seconds that pass here for one of a machine's; 0 is none
}

// Hook sets the hooks.
func (w *World) Hook(h Hooks) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hooks = h
}

// Placement is where a machine or a database would be, any of the zones, and the service's code for
// having no capacity there. It names no zone for what is no machine.
func (w *World) Placement(q Request) (code string, zones []string) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	c := w.call(q)
	o := &Object{Type: q.Type, Outputs: dropUnknown(q.Planned)}
	if zone := o.Text("availabilityZone"); zone != "" {
		zones = []string{zone}
	}
	switch q.Type {
	case typeInstance, typeClusterInstance:
		group := c.find(typeSubnetGroup, o.Text("dbSubnetGroupName"))
		if cluster := c.find(typeCluster, o.Text("clusterIdentifier")); cluster != nil && group == nil {
			group = c.find(typeSubnetGroup, cluster.Text("dbSubnetGroupName"))
		}
		if group != nil && len(zones) == 0 {
			for _, id := range group.Texts("subnetIds") {
				if s := c.find(typeSubnet, id); s != nil {
					zones = append(zones, s.Text("availabilityZone"))
				}
			}
		}
		return "InsufficientDBInstanceCapacity", zones
	}
	return "", nil
}
