package world

import (
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

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
