package front

import (
	"fmt"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/fault"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// room refuses a machine or a database when all zones that it could be in are out of capacity.
func (f *Front) room(c fault.Call, q world.Request) error {
	code, zones := f.Placement(q)
	if len(zones) == 0 {
		return nil
	}
	for _, zone := range zones {
		if f.faults.Room(zone) {
			return nil
		}
	}
	err := fmt.Errorf("creating %s: api error %s: there is no capacity for it in %s at the moment", q.Type, code, strings.Join(zones, ", "))
	f.refused(c, q.URN, "", err.Error())
	return err
}

// waitsForCapacity says whether the provider waits until a group has its machines: when it is new, and when its minimum
// or desired number changes (pulumi-aws, autoscaling.Group, "Waiting for Capacity"). before is the group as the caller
// knows it; nil when it is new.
func (f *Front) waitsForCapacity(o *world.Object, before value.Map) bool {
	if o.Type != world.TypeGroup || patience(o) <= 0 {
		return false
	}
	return before == nil || before["minSize"] != o.Outputs["minSize"] || before["desiredCapacity"] != o.Outputs["desiredCapacity"]
}

// patience is how long the provider waits for a group's machines.
func patience(o *world.Object) time.Duration {
	d, err := time.ParseDuration(o.Text("waitForCapacityTimeout"))
	if err != nil {
		return 0
	}
	return d
}

// look is how often a group's machines are counted.
const look = 5 * time.Second

// capacity waits until a group has its desired number of healthy machines, as long as the provider does. Machines that
// really run take the time that they take; they boot in seconds, so that nobody has to wait as long as at AWS for one that
// does not become healthy.
func (f *Front) capacity(o *world.Object) error {
	wait, pause := f.latency.scaled(patience(o)), f.latency.scaled(look)
	if f.Lives() {
		grace := time.Duration(o.Number("healthCheckGracePeriod")) * time.Second
		wait, pause = min(patience(o), grace+2*time.Minute), time.Second
	}
	for end := time.Now().Add(wait); ; {
		short := f.short(o)
		if short == "" {
			return nil
		}
		if !time.Now().Before(end) {
			return &Partial{o, short}
		}
		if err := f.sleep(pause); err != nil {
			return err
		}
	}
}

// short says how many healthy machines a group lacks.
func (f *Front) short(o *world.Object) string {
	g := f.Fleet(o.ID)
	if g == nil {
		return ""
	}
	healthy, why := 0, ""
	for _, i := range g.Instances {
		if f.Serving(i) {
			healthy++
		}
	}
	if healthy >= g.Settings.Desired {
		return ""
	}
	for _, a := range g.Activities {
		if a.Failed || strings.HasPrefix(a.Text, "terminating") {
			why = ": " + a.Text
		}
	}
	return fmt.Sprintf("waiting for Auto Scaling Group (%s) capacity satisfied: timeout: it has %d of %d healthy machines%s", o.ID, healthy,
		g.Settings.Desired, why)
}
