package world

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/twin/fleet"
	"github.com/causeway-iac/causeway/twin/value"
)

// templates are the properties whose change always starts an instance refresh (pulumi-aws, autoscaling.Group,
// instanceRefresh.triggers).
var templates = []string{"launchTemplate", "launchConfiguration", "mixedInstancesPolicy"}

// refreshes says whether changing a group starts an instance refresh.
func refreshes(o, old *Object) bool {
	if old == nil || len(o.Objects("instanceRefresh")) == 0 {
		return false
	}
	names := slices.Clone(templates)
	for _, r := range o.Objects("instanceRefresh") {
		for _, trigger := range texts(r["triggers"]) {
			names = append(names, property(trigger), property(trigger)+"s")
		}
	}
	return changedAny(o, old, names)
}

// changedAny says whether the program changes any of these properties.
func changedAny(o, old *Object, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return !reflect.DeepEqual(o.Inputs[name], old.Inputs[name]) })
}

// property is Pulumi's name for a trigger, which is written as in Terraform: "max_size".
func property(trigger string) string {
	words := strings.Split(trigger, "_")
	for i, word := range words[1:] {
		if word != "" {
			words[i+1] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}

// preferences are those of a group for its instance refreshes.
func preferences(o *Object) value.Map {
	for _, r := range o.Objects("instanceRefresh") {
		for _, p := range objectsIn(r["preferences"]) {
			return p
		}
	}
	return value.Map{}
}

// refreshRules reads how a group's machines are replaced. The defaults are the API's (RefreshPreferences).
func refreshRules(o *Object) fleet.Rules {
	p := preferences(o)
	rules := fleet.Rules{
		MinHealthy: wholeNumber(p["minHealthyPercentage"], 90), MaxHealthy: wholeNumber(p["maxHealthyPercentage"], 100),
		Warmup:          seconds(float64(wholeNumber(p["instanceWarmup"], defaultWarmup(o)))),
		CheckpointDelay: seconds(float64(wholeNumber(p["checkpointDelay"], 3600))),
	}
	rules.AutoRollback, _ = p["autoRollback"].(bool)
	rules.SkipMatching, _ = p["skipMatching"].(bool)
	points, _ := p["checkpointPercentages"].([]any)
	for _, point := range points {
		rules.Checkpoints = append(rules.Checkpoints, wholeNumber(point, 100))
	}
	for _, a := range objectsIn(p["alarmSpecification"]) {
		rules.Alarms = append(rules.Alarms, texts(a["alarms"])...)
	}
	return rules
}

// defaultWarmup is the group's default warmup, or else its health check grace period, in seconds.
func defaultWarmup(o *Object) int {
	if n := o.Number("defaultInstanceWarmup"); n > 0 {
		return int(n)
	}
	return int(o.Number("healthCheckGracePeriod"))
}

// wholeNumber reads a number, which some properties hold as text.
func wholeNumber(v any, otherwise int) int {
	switch x := v.(type) {
	case float64:
		return int(x)
	case string:
		if n, err := strconv.Atoi(x); err == nil {
			return n
		}
	}
	return otherwise
}

// rollbackPossible: a refresh can roll back only to a numbered version of a launch template whose image is not an SSM
// parameter (EC2 Auto Scaling API, RollbackInstanceRefresh).
func rollbackPossible(c *Call, o, old *Object) error {
	if rollback, _ := preferences(o)["autoRollback"].(bool); !rollback || !refreshes(o, old) {
		return nil
	}
	spec := templateOf(o)
	if spec == nil {
		return fault("ValidationError", "The request isn't valid. The AutoRollback parameter cannot be set to true when the "+
			"DesiredConfiguration parameter is empty. "+
			"Set AutoRollback to false or specify a desired configuration and try again.")
	}
	if version, _ := spec["version"].(string); version == "" || strings.HasPrefix(version, "$") {
		return fault("ValidationError", "The request isn't valid. A refresh cannot roll back a group that uses the version $Latest or "+
			"$Default of its launch template. "+
			"Set AutoRollback to false or use a numbered version and try again.")
	}
	if t := c.launchTemplate(spec); t != nil && strings.HasPrefix(t.Text("imageId"), "resolve:ssm:") {
		return fault("ValidationError", "The request isn't valid. A refresh cannot roll back a group whose launch template %s names "+
			"its image by an SSM parameter. "+
			"Set AutoRollback to false or use an AMI id and try again.", t.ID)
	}
	return nil
}

// refreshUnderWay: what machines are launched from cannot change during a refresh with a desired configuration, which
// the provider sends for its rollback (EC2 Auto Scaling user guide, "Limitations" of instance refreshes).
func refreshUnderWay(_ *Call, o, old *Object) error {
	s := machines(old)
	if s == nil || s.Refreshing() == nil || !s.Refreshing().Rules.AutoRollback || !changedAny(o, old, templates) {
		return nil
	}
	return fault("ValidationError", "An active instance refresh with a desired configuration exists. All configuration options "+
		"derived from the desired configuration "+
		"are not available for update while the instance refresh is active.")
}

// launchTemplate is the template that a specification names by id or name, or nil.
func (c *Call) launchTemplate(spec value.Map) *Object {
	if t := c.find(typeLaunchTemplate, textIn(spec, "id")); t != nil {
		return t
	}
	return c.where(typeLaunchTemplate, "name", textIn(spec, "name"))
}

// StartRefresh begins to replace a group's machines by its own preferences (EC2 Auto Scaling API,
// StartInstanceRefresh).
func (w *World) StartRefresh(group string) error {
	return w.direct(group, func(o *Object, s *staffed) error {
		if s.Refreshing() != nil {
			return fault("InstanceRefreshInProgress",
				"An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.")
		}
		s.Start(refreshRules(o), "")
		return nil
	})
}

// CancelRefresh ends the refresh under way (EC2 Auto Scaling API, CancelInstanceRefresh).
func (w *World) CancelRefresh(group string) error {
	return w.direct(group, func(_ *Object, s *staffed) error {
		if !s.Cancel("it was cancelled by request") {
			return fault("ActiveInstanceRefreshNotFound",
				"No in progress or pending Instance Refresh found for Auto Scaling group %s", group)
		}
		return nil
	})
}

// Resize sets how many machines a group has, within its bounds (EC2 Auto Scaling API, SetDesiredCapacity).
func (w *World) Resize(group string, n int) error {
	return w.direct(group, func(o *Object, s *staffed) error {
		if low, high := int(o.Number("minSize")), int(o.Number("maxSize")); n < low || n > high {
			return fault("ValidationError",
				"New SetDesiredCapacity value %d is outside of the bounds %d to %d of the AutoScalingGroup.", n, low, high)
		}
		o.Outputs["desiredCapacity"] = float64(n)
		s.Settings.Desired = n
		return nil
	})
}

// direct runs an operation on a group that does not come from the program (EC2 Auto Scaling API, common errors).
func (w *World) direct(group string, do func(*Object, *staffed) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.objects[typeGroup][group]
	if o == nil || machines(o) == nil {
		return fault("ValidationError", "AutoScalingGroup name not found - %s", group)
	}
	o = o.copy()
	s, refused := machines(o), error(nil)
	if err := w.tend(o, s, func() { refused = do(o, s) }); err != nil {
		return err
	}
	return refused
}

// Serving says whether a machine does its work: it is in service and, where machines really run, its load balancers
// find it healthy.
func (w *World) Serving(i fleet.Instance) bool {
	w.mu.RLock()
	body := w.body
	w.mu.RUnlock()
	return i.State == fleet.InService && i.Healthy && !i.Sick && (body == nil || body.Serving(i.ID))
}
