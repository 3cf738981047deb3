package twin

import (
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/fleet"
	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/store"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// Item is one thing that exists, as a person looks at it.
type Item struct {
	Type    string         `json:"type"`
	Name    string         `json:"name"` // the resource's in the program; its own if the cloud made it
	ID      string         `json:"id"`
	ARN     string         `json:"arn,omitempty"`
	Region  string         `json:"region"`
	State   string         `json:"state"` // available, creating, modifying, deleting, or the service's own
	Created time.Time      `json:"created"`
	URN     string         `json:"urn,omitempty"`
	Cloud   bool           `json:"madeByTheCloud,omitempty"` // such as a VPC's default security group
	Inputs  map[string]any `json:"inputs,omitempty"`
	Outputs map[string]any `json:"outputs,omitempty"`
	Fleet   *fleet.Group   `json:"fleet,omitempty"` // of an Auto Scaling group

	key string
}

// Status is a twin at a glance.
type Status struct {
	Account   string         `json:"account"`
	Serving   string         `json:"serving,omitempty"` // PULUMI_DEBUG_PROVIDERS; empty when it is only looked at
	Caller    string         `json:"caller,omitempty"`
	Resources int            `json:"resources"`
	Services  map[string]int `json:"services"` // resources by service
	Events    int            `json:"events"`
	Refused   int            `json:"refused"` // events whose answer was an error
	Manners   Manners        `json:"manners"`
}

// Look opens a world to look at: nothing is served and nothing written. Close it soon, since no twin can start on it
// meanwhile. manners are those that a twin of it would have.
func Look(path string, m Manners) (*Twin, error) {
	s, err := store.Look(path)
	if err != nil {
		return nil, err
	}
	t := &Twin{store: s}
	if t.world, err = world.Open(world.Options{Store: s, Quotas: m.Quotas}); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	t.front = front.New(t.world, front.Options{})
	return t, nil
}

// Status is the twin at a glance.
func (t *Twin) Status() Status {
	s := Status{Account: t.account(), Caller: t.caller, Services: map[string]int{}, Manners: t.manners}
	if t.aws != nil {
		s.Serving = t.Attach()
	}
	for _, r := range t.Resources() {
		s.Resources++
		s.Services[serviceOf(r.Type)]++
	}
	for _, e := range t.Events() {
		s.Events++
		if e.Answer != "ok" {
			s.Refused++
		}
	}
	return s
}

// account is the world's; when it is only looked at, that is found in its contents.
func (t *Twin) account() string {
	for _, r := range t.Resources() {
		if parts := strings.SplitN(r.ARN, ":", 6); len(parts) == 6 && parts[4] != "" {
			return parts[4]
		}
	}
	return t.world.Account()
}

// serviceOf is the package and module of a type: "aws:lb".
func serviceOf(typ string) string {
	if i := strings.IndexByte(typ, '/'); i > 0 {
		return typ[:i]
	}
	return typ
}

// hidden stands in for a secret value.
const hidden = "[secret]"

// Items lists what exists, by type and id, including what the cloud made by itself. Values that the providers call
// sensitive are left out unless secrets is true.
func (t *Twin) Items(secrets bool) (items []Item) {
	for _, o := range t.world.Objects() {
		name := o.URN[strings.LastIndex(o.URN, ":")+1:]
		if name == "" {
			name = o.Text("name")
		}
		item := Item{Type: o.Type, Name: name, ID: o.ID, ARN: o.Text("arn"), Region: o.Region, State: t.front.State(o),
			Created: o.Created, URN: o.URN, Cloud: o.Implicit, Inputs: masked(o.Type, o.Inputs, secrets),
			Outputs: masked(o.Type, o.Outputs, secrets), key: o.Key}
		if o.Type == world.TypeGroup {
			item.Fleet = t.world.Fleet(o.Key)
			items = append(items, machines(item)...)
		}
		items = append(items, item)
	}
	sort.SliceStable(items, func(i, j int) bool { return items[i].Type < items[j].Type })
	return items
}

// machines are the items of a group's machines.
func machines(group Item) []Item {
	if group.Fleet == nil {
		return nil
	}
	var items []Item
	for _, i := range group.Fleet.Instances {
		state := strings.ToLower(i.State)
		if i.State == fleet.InService && (!i.Healthy || i.Sick) {
			state = "unhealthy"
		}
		items = append(items, Item{Type: world.TypeMachine, Name: group.Name, ID: i.ID, Region: group.Region, State: state,
			Created: i.Launched, Cloud: true,
			Outputs: map[string]any{"availabilityZone": i.Zone, "subnetId": i.Subnet, "launchTemplate": i.Template,
				"autoScalingGroup": group.ID}})
	}
	return items
}

func masked(typ string, properties value.Map, secrets bool) map[string]any {
	r := resourceFacts(typ)
	if secrets || r == nil {
		return properties
	}
	out := make(map[string]any, len(properties))
	for name, v := range properties {
		if p := r.Properties[name]; p != nil {
			v = maskedValue(p, v)
		}
		out[name] = v
	}
	for _, name := range r.SecretOutputs {
		if out[name] != nil {
			out[name] = hidden
		}
	}
	return out
}

func maskedValue(p *facts.Property, v any) any {
	switch x := v.(type) {
	case nil:
		return nil
	case value.Map:
		if !p.Sensitive && len(p.Properties) > 0 {
			out := make(value.Map, len(x))
			for name, inner := range x {
				if q := p.Properties[name]; q != nil {
					inner = maskedValue(q, inner)
				}
				out[name] = inner
			}
			return out
		}
	case []any:
		if !p.Sensitive {
			out := make([]any, len(x))
			for i, inner := range x {
				out[i] = maskedValue(p, inner)
			}
			return out
		}
	}
	if p.Sensitive && v != "" {
		return hidden
	}
	return v
}

func resourceFacts(typ string) *facts.Resource {
	pkg := facts.AWS()
	if strings.HasPrefix(typ, "cloudflare:") {
		pkg = facts.Cloudflare()
	}
	return pkg.Resources[typ]
}

// Change changes something behind Pulumi's back, to rehearse drift. Each setting is a property and its new value,
// "tags.owner=mallory"; an empty value removes the property. It returns what was changed.
func (t *Twin) Change(typ, name string, settings ...string) (Item, error) {
	item, err := t.one(typ, name)
	if err != nil {
		return item, err
	}
	if item.Type == world.TypeMachine {
		if len(settings) != 1 || settings[0] != "health=unhealthy" {
			return item, fmt.Errorf("changing %s: of a group's machine only health=unhealthy can be changed", item.ID)
		}
		return item, t.drifted(item, t.world.Harm(item.ID))
	}
	if world.IsAlarm(item.Type) && len(settings) == 1 && (settings[0] == "state=ALARM" || settings[0] == "state=OK") {
		return item, t.drifted(item, t.world.Ring(item.Type, item.key, settings[0] == "state=ALARM"))
	}
	changes := map[string]any{}
	for _, setting := range settings {
		if err := applySetting(item, changes, setting); err != nil {
			return item, fmt.Errorf("changing %s %s: %w", item.Type, item.ID, err)
		}
	}
	return item, t.drifted(item, t.world.Alter(item.Type, item.key, changes))
}

// drifted records what was done behind Pulumi's back.
func (t *Twin) drifted(item Item, err error) error {
	if err != nil {
		return err
	}
	return t.world.Keep(world.Event{Operation: "drift", Type: item.Type, URN: item.URN, ID: item.ID, Answer: "ok", Caller: driftCaller})
}

const driftCaller = "causeway twin drift"

// Drop deletes something behind Pulumi's back, without asking whether the cloud would.
func (t *Twin) Drop(typ, name string) (Item, error) {
	item, err := t.one(typ, name)
	if err != nil {
		return item, err
	}
	if item.Type == world.TypeMachine {
		return item, t.drifted(item, t.world.End(item.ID))
	}
	return item, t.drifted(item, t.world.Remove(item.Type, item.key))
}

// Add makes another thing like one that is there, with some settings of its own, behind Pulumi's back: no state knows of it.
func (t *Twin) Add(typ, like string, settings ...string) (Item, error) {
	item, err := t.one(typ, like)
	if err != nil {
		return item, err
	}
	if item.Type == world.TypeMachine {
		return item, fmt.Errorf("adding another machine like %s: its group launches machines", item.ID)
	}
	inputs := value.Map{}
	for _, o := range t.world.Objects() {
		if o.Type == item.Type && o.Key == item.key {
			inputs = value.CopyMap(o.Inputs)
		}
	}
	delete(inputs, "tags") // the program's
	changes := map[string]any{}
	for _, setting := range settings {
		if err := applySetting(Item{Type: item.Type, Outputs: inputs}, changes, setting); err != nil {
			return item, fmt.Errorf("adding another %s: %w", item.Type, err)
		}
	}
	for name, v := range changes {
		if inputs[name] = v; v == nil {
			delete(inputs, name)
		}
	}
	made, err := t.world.Create(world.Request{Type: item.Type, Region: item.Region, Inputs: inputs, Planned: value.CopyMap(inputs)})
	if err != nil {
		return item, err
	}
	item = Item{Type: made.Type, ID: made.ID, Region: made.Region, key: made.Key}
	return item, t.drifted(item, nil)
}

func applySetting(item Item, changes map[string]any, setting string) error {
	path, text, given := strings.Cut(setting, "=")
	if !given || path == "" {
		return fmt.Errorf("%q is not a change: write property=value, such as tags.owner=mallory", setting)
	}
	name, rest, nested := strings.Cut(path, ".")
	r := resourceFacts(item.Type)
	if r == nil || r.Properties[name] == nil {
		return fmt.Errorf("it has no property %q%s", name, nearest(name, r))
	}
	p := r.Properties[name]
	if !nested {
		v, err := parseValue(p.Kind, text)
		changes[name] = v
		return wrongValue(setting, err)
	}
	if p.Kind != facts.Map && p.Kind != facts.Object {
		return fmt.Errorf("%q is not a map: write %s=value", name, name)
	}
	current, _ := changes[name].(value.Map)
	if current == nil {
		current, _ = value.Copy(item.Outputs[name]).(value.Map)
	}
	if current == nil {
		current = value.Map{}
	}
	kind := p.Items
	if q := p.Properties[rest]; q != nil {
		kind = q.Kind
	}
	v, err := parseValue(kind, text)
	if err != nil {
		return wrongValue(setting, err)
	}
	current[rest] = v
	if v == nil {
		delete(current, rest)
	}
	changes[name] = current
	if name == "tags" && r.Properties["tagsAll"] != nil {
		return applySetting(item, changes, "tagsAll."+rest+"="+text)
	}
	return nil
}

func wrongValue(setting string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", setting, err)
}

func nearest(name string, r *facts.Resource) string {
	if r == nil {
		return ""
	}
	if near := facts.Nearest(name, r.Properties); near != "" {
		return fmt.Sprintf("; the nearest is %q", near)
	}
	return ""
}

// parseValue reads what a person wrote for a value of a kind. Lists and objects are written as JSON.
func parseValue(kind facts.Kind, text string) (any, error) {
	if text == "" {
		return nil, nil
	}
	switch kind {
	case facts.String, facts.Any, "":
		return text, nil
	case facts.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("%q is neither true nor false", text)
		}
		return b, nil
	case facts.Int, facts.Number:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", text)
		}
		return n, nil
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, fmt.Errorf("a %s is written as JSON: %w", kind, err)
	}
	return v, nil
}
