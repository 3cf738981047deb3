package world

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/rules"
	"github.com/causeway-iac/causeway/twin/value"
)

// at returns every text at a path such as defaultActions.targetGroupArn, through lists and objects.
func at(m value.Map, path string) []string {
	name, rest, nested := strings.Cut(path, ".")
	v := m[name]
	if !nested {
		if s, ok := v.(string); ok {
			if s == "" {
				return nil
			}
			return []string{s}
		}
		return texts(v)
	}
	var out []string
	for _, inner := range objectsIn(v) {
		out = append(out, at(inner, rest)...)
	}
	return out
}

// refers refuses a reference to something that does not exist. The message's %s is the reference.
func refers(path, code, message string, types ...string) rule {
	return func(c *Call, o *Object) error {
		for _, id := range at(o.Outputs, path) {
			if c.any(id, types...) == nil && !external(id, c.accountID()) {
				return fault(code, message+"%s", id, c.instead(id, types...))
			}
		}
		return nil
	}
}

// instead says in which other region a reference that was not found exists.
func (c *Call) instead(reference string, types ...string) string {
	if region := c.elsewhere(reference, types...); region != "" {
		return " (it is in " + region + ", and this is asked of " + c.scope + ")"
	}
	return ""
}

func inRegion(region string) string {
	if region == "" {
		return ""
	}
	return " in " + region
}

// external says whether AWS itself or another account owns what a reference names.
func external(id, account string) bool {
	if strings.Contains(id, "alias/aws/") || strings.Contains(id, ":iam::aws:") {
		return true
	}
	parts := strings.SplitN(id, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && parts[4] != "" && parts[4] != account
}

// any finds an object of any of the types by its id, its ARN or its name.
func (c *Call) any(reference string, types ...string) *Object {
	for _, typ := range types {
		if o := c.find(typ, reference); o != nil && !c.unseen(o) {
			return o
		}
		for _, property := range []string{"arn", "name"} {
			if o := c.where(typ, property, reference); o != nil && !c.unseen(o) {
				return o
			}
		}
	}
	return nil
}

// use is a property of another type that may refer to what is being deleted.
type use struct{ typ, path string }

// unused refuses to delete what others refer to by id, ARN or name. The message's %s is the id.
func unused(code, message string, uses ...use) rule {
	return func(c *Call, o *Object) error {
		for _, u := range uses {
			if user := c.user(o, u); user != nil {
				return fault(code, message+" (it is used by %s: delete that first, or have it use another)", o.ID, called(user))
			}
		}
		return nil
	}
}

// unusedUnless is unused, except while a flag is set that deletes the users too.
func unusedUnless(flag, code, message string, uses ...use) rule {
	refuse := unused(code, message, uses...)
	return func(c *Call, o *Object) error {
		if o.Flag(flag) {
			return nil
		}
		return refuse(c, o)
	}
}

func (c *Call) user(o *Object, u use) *Object {
	names := map[string]bool{o.ID: true}
	for _, property := range []string{"arn", "name"} {
		if s := o.Text(property); s != "" {
			names[s] = true
		}
	}
	for name := range names {
		if user := first(c.having(u.typ, u.path, name), func(other *Object) bool { return !other.Implicit }); user != nil {
			return user
		}
	}
	return nil
}

// unique refuses a second object of the type with the same values of the properties.
func unique(code, message string, properties ...string) rule {
	return func(c *Call, o *Object) error {
		for other := range c.maybe(o.Type, properties[0], o.Text(properties[0])) {
			if other.ID != o.ID && sameIn(properties, o, other) {
				return fault(code, message+" (by %s)", o.Text(properties[0]), called(other))
			}
		}
		return nil
	}
}

func sameIn(properties []string, a, b *Object) bool {
	return !slices.ContainsFunc(properties, func(p string) bool {
		return value.Canonical(a.Outputs[p]) != value.Canonical(b.Outputs[p])
	})
}

// protected refuses to delete while a flag is set.
func protected(flag, code, message string) rule {
	return func(_ *Call, o *Object) error {
		if o.Flag(flag) {
			return fault(code, message+" (set %s to false and deploy that first)", o.ID, flag)
		}
		return nil
	}
}

// jsonText refuses texts that are not JSON documents.
func jsonText(property, code, message string) rule {
	return func(_ *Call, o *Object) error {
		if text := o.Text(property); text != "" && !validDocument(text) {
			return fault(code, "%s", message)
		}
		return nil
	}
}

// wrongCodes are the services' codes for values that conflict, by the module of the type.
var wrongCodes = map[string]string{"aws:lb": "ValidationError", "aws:autoscaling": "ValidationError",
	"aws:vpc": "InvalidParameterCombination"}

// defaultsFit checks the rules about several properties on the object as it will be: a value that fits what the
// program wrote may not fit what the cloud fills in, such as a health check's timeout (Not documented: as one rule of
// each service; the actions' pages state the relations that twin/rules lists).
func defaultsFit(_ *Call, o *Object) error {
	var wrong []string
	rules.Compare(o.Type, o.Outputs, func(path, format string, args ...any) {
		wrong = append(wrong, path+": "+fmt.Sprintf(format, args...))
	})
	if len(wrong) == 0 {
		return nil
	}
	module, _, _ := strings.Cut(o.Type, "/")
	return fault(wrongCodes[module], "%s (with what is filled in where the program is silent)", strings.Join(wrong, ", "))
}
