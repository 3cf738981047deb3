package world

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// Belonging is something that the account has besides what programs make.
type Belonging struct {
	Type   string
	ID     string // "" lets the world choose
	Region string // "" is the world's
	At     string // where it is written, such as Twin.local.yaml:12

	Inputs, Planned value.Map // as of a Request
}

// belongingMark is what a belonging was made from. An object without it was made otherwise.
const belongingMark = "belonging"

// belong gives the account its belongings. Those that are described otherwise than before, or no more, go first, whatever
// uses them.
func (w *World) belong() error {
	if w.options.Belongings == nil {
		return nil
	}
	wanted := map[string]bool{}
	for _, b := range w.options.Belongings {
		wanted[w.from(b)] = true
	}
	c, there := w.call(Request{}), map[string]bool{}
	for _, byKey := range w.objects {
		for _, o := range byKey {
			if mark, brought := o.Hidden[belongingMark].(string); brought && wanted[mark] {
				there[mark] = true
			} else if brought {
				c.Drop(o)
			}
		}
	}
	var errs []error
	if len(c.pending) > 0 {
		errs = append(errs, w.commit(c.pending, nil))
	}
	for i, b := range w.options.Belongings {
		if there[w.from(b)] {
			continue
		}
		if err := w.bring(b, fmt.Sprintf("account/%d", i)); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", b.At, err))
		}
	}
	return errors.Join(errs...)
}

func (w *World) from(b Belonging) string {
	return value.Canonical([]any{b.Type, b.ID, w.regionOf(b), b.Inputs})
}

func (w *World) regionOf(b Belonging) string {
	if globalTypes[b.Type] {
		return cmp.Or(b.Region, w.options.Region, "us-east-1")
	}
	return cmp.Or(b.Region, w.options.Region)
}

// bring makes a belonging. place is what its id is derived from if it has neither id nor name.
func (w *World) bring(b Belonging, place string) error {
	k, err := kindOf(b.Type)
	if err != nil {
		return err
	}
	region := w.regionOf(b)
	if region == "" {
		return errors.New("say its region: write region: eu-west-1")
	}
	if r := facts.AWS().Resources[b.Type]; r != nil && r.Autoname != nil && b.Inputs[r.Autoname.Property] != nil {
		place = fmt.Sprint(b.Inputs[r.Autoname.Property])
	}
	c := w.call(Request{Type: b.Type, URN: place, Region: region, Inputs: b.Inputs, Planned: b.Planned})
	o := &Object{Type: b.Type, ID: b.ID, Region: region, Inputs: b.Inputs, Outputs: dropUnknown(b.Planned),
		Hidden: value.Map{belongingMark: w.from(b)}, Created: c.Now, Implicit: true}
	if err := c.create(k, o); err != nil {
		return err
	}
	if err := c.identified(k, o); err != nil {
		return err
	}
	if o.Type == typeCertificate { // whoever has it had it validated
		issueCertificate(c, &Object{Outputs: value.Map{"certificateArn": o.ID}}, nil)
	}
	return w.commit(c.pending, nil)
}

// identified refuses an id that its type does not have: of two that the world would choose, what both begin with is the
// type's, and if they are the same it follows from the properties.
func (c *Call) identified(k *kind, o *Object) error {
	other := *c
	other.URN += "'"
	one, two := k.identify(c, o), k.identify(&other, o)
	switch {
	case o.ID == one:
		return nil
	case one == two:
		return fmt.Errorf("the id %q: its properties make it %q, so leave the id out", o.ID, one)
	}
	n := 0
	for n < min(len(one), len(two)) && one[n] == two[n] {
		n++
	}
	if begin := strings.TrimRight(one[:n], "0123456789abcdef"); !strings.HasPrefix(o.ID, begin) || o.ID == begin {
		return fmt.Errorf("the id %q is none of %s: those begin with %s", o.ID, o.Type, begin)
	}
	return nil
}
