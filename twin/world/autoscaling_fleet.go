package world

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/fleet"
	"github.com/causeway-iac/causeway/twin/value"
)

// TypeGroup is the type of an Auto Scaling group, TypeMachine the type of its machines.
const (
	TypeGroup   = typeGroup
	TypeMachine = "aws:ec2/instance:Instance"
)

// fleetKey is where a group keeps its machines.
const fleetKey = "fleet"

// activities is how many of its latest activities a group remembers.
const activities = 100

// staffed holds a group's machines and when they were last updated.
type staffed struct {
	fleet.Group
	At time.Time // wall-clock time
}

func machines(o *Object) *staffed {
	text, _ := o.Hidden[fleetKey].(string)
	s := &staffed{}
	if text == "" || json.Unmarshal([]byte(text), s) != nil {
		return nil
	}
	return s
}

func (s *staffed) keep(o *Object) error {
	if extra := len(s.Activities) - activities; extra > 0 {
		s.Activities = s.Activities[extra:]
	}
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("keeping the machines of %s: %w", o.ID, err)
	}
	if o.Hidden == nil {
		o.Hidden = value.Map{}
	}
	o.Hidden[fleetKey] = string(b)
	return nil
}

// staff gives a group the machines it asks for. Without a pace they exist at once.
func (c *Call) staff(o, old *Object) {
	now := time.Now().UTC()
	s := machines(o)
	if s == nil {
		s = &staffed{Group: fleet.Group{Now: now}, At: now}
	}
	told := len(s.Activities)
	c.pass(o, s, now)
	s.Ask(c.staffing(o))
	if refreshes(o, old) {
		s.Start(refreshRules(o), "") // the provider changes the group first and then starts the refresh
	}
	c.pass(o, s, now)
	c.tell(o, s, told)
	_ = s.keep(o) // the type has nothing that JSON cannot hold
}

// pass moves a group's machines forward by the time that has passed outside.
func (w *World) pass(o *Object, s *staffed, now time.Time) {
	cloud := w.sky(o)
	if pace := w.pace(); pace <= 0 {
		s.Settle(cloud)
		s.At = now
	} else {
		before := s.Now
		s.Advance(time.Duration(float64(now.Sub(s.At))/pace), cloud)
		s.At = s.At.Add(time.Duration(float64(s.Now.Sub(before)) * pace))
	}
	w.housed(o, s)
}

func (w *World) sky(o *Object) fleet.Cloud {
	name := o.URN[strings.LastIndexByte(o.URN, ':')+1:]
	return fleet.Cloud{
		Room: func(zone string) bool {
			return (w.hooks.Room == nil || w.hooks.Room(zone)) && (w.body == nil || w.body.Room(zone))
		},
		Sick:  func() bool { return w.hooks.Sick != nil && w.hooks.Sick(name) },
		Rings: w.ringing, Body: w.body,
		ID: func(n int) string {
			c := &Call{World: w, Request: Request{Type: TypeMachine, URN: o.URN}}
			return "i-0" + c.hex(16, o.ID, strconv.Itoa(n))
		},
	}
}

// tell adds a group's activities from index since on to the events.
func (w *World) tell(o *Object, s *staffed, since int) {
	for _, a := range s.Activities[since:] {
		w.events.add(Event{Time: a.At, Operation: "scaling", Type: typeGroup, URN: o.URN, ID: o.ID, Answer: a.Text,
			Caller: "autoscaling.amazonaws.com"})
	}
}

// staffing reads what a group asks for.
func (c *Call) staffing(o *Object) fleet.Settings {
	s := fleet.Settings{Desired: int(o.Number("desiredCapacity")), Template: c.templateVersion(o),
		Grace: seconds(o.Number("healthCheckGracePeriod"))}
	for _, id := range o.Texts("vpcZoneIdentifiers") {
		if subnet := c.find(typeSubnet, id); subnet != nil {
			s.Places = append(s.Places, fleet.Place{Zone: subnet.Text("availabilityZone"), Subnet: id})
		}
	}
	if len(s.Places) == 0 {
		for _, zone := range o.Texts("availabilityZones") {
			s.Places = append(s.Places, fleet.Place{Zone: zone, Subnet: zone})
		}
	}
	return s
}

func seconds(n float64) time.Duration { return time.Duration(max(n, 0) * float64(time.Second)) }

// templateVersion is a group's launch template with its version as a number, so that $Latest differs after a change.
func (c *Call) templateVersion(o *Object) string {
	spec := templateOf(o)
	if spec == nil {
		return o.Text("launchConfiguration")
	}
	id, _ := spec["id"].(string)
	version, _ := spec["version"].(string)
	template := c.launchTemplate(spec)
	if template != nil {
		switch version {
		case "$Latest":
			version = strconv.Itoa(int(template.Number("latestVersion")))
		case "", "$Default":
			version = strconv.Itoa(int(template.Number("defaultVersion")))
		}
		id = template.ID
	}
	return id + ":" + version
}

// Fleet is a group's machines, refreshes and activities as of now, or nil if there is no such group.
func (w *World) Fleet(id string) *fleet.Group {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[typeGroup][id]
	if o == nil {
		return nil
	}
	s := machines(o)
	if s == nil {
		return nil
	}
	if w.pace() > 0 {
		_ = w.tend(o, s, func() {})
	}
	return &s.Group
}

// CatchUp moves all machines forward by the time that has passed, before the conditions they run under change.
func (w *World) CatchUp() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.catchUp()
}

func (w *World) catchUp() error {
	if w.pace() <= 0 {
		return nil
	}
	for _, o := range w.objects[typeGroup] {
		if s := machines(o); s != nil {
			if err := w.tend(o, s, func() {}); err != nil {
				return err
			}
		}
	}
	return nil
}

// tend brings a group's machines up to date, does something to them and stores the result.
func (w *World) tend(o *Object, s *staffed, do func()) error {
	told, now, was := len(s.Activities), time.Now().UTC(), s.timeless()
	s.Settings.Template = w.call(Request{}).templateVersion(o) // $Latest may have moved on by now
	if w.pace() > 0 {
		w.pass(o, s, now)
	}
	do()
	w.pass(o, s, now)
	w.tell(o, s, told)
	o = o.copy()
	if err := s.keep(o); err != nil {
		return err
	}
	if s.timeless() == was { // only time has passed: nothing to announce or to store
		w.place(o)
		return nil
	}
	return w.commit(map[string]*Object{objectKey(o.Type, o.Key): o}, nil)
}

// timeless is all of a group but its clocks.
func (s *staffed) timeless() string {
	g := s.Group
	g.Now = time.Time{}
	b, _ := json.Marshal(g) // the type has nothing that JSON cannot hold
	return string(b)
}

// Drain begins to end the machines of a group about to be deleted, where they really run: the provider empties the
// group first (pulumi-aws, autoscaling.Group, forceDelete), so its load balancers lose no machine by surprise. It
// says whether any are left.
func (w *World) Drain(q Request) (left bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, k, err := w.begin(q)
	if err != nil || q.Type != typeGroup || w.body == nil {
		return false, err
	}
	o := c.found(k)
	if o == nil || o.Flag("forceDelete") {
		return false, nil
	}
	s := machines(o)
	if s == nil {
		return false, nil
	}
	err = w.tend(o, s, func() {
		s.Cancel("the group is deleted")
		s.Settings.Desired = 0
	})
	return len(s.Instances) > 0, err
}

// Harm makes a machine of a group fail its health check.
func (w *World) Harm(machine string) error {
	return w.machine(machine, func(s *staffed) bool { return s.Harm(machine) })
}

// End terminates a machine of a group.
func (w *World) End(machine string) error {
	return w.machine(machine, func(s *staffed) bool { return s.Kill(machine) })
}

func (w *World) machine(id string, do func(*staffed) bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, o := range w.objects[typeGroup] {
		s := machines(o)
		if s == nil {
			continue
		}
		for _, i := range s.Instances {
			if i.ID == id {
				return w.tend(o, s, func() { do(s) })
			}
		}
	}
	return fmt.Errorf("%s %s: %w", TypeMachine, id, ErrNotFound)
}
