package stacks

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Lasting holds the settings that cannot be changed once a stack is deployed. It is in the state as a component
// without parts, whose inputs the engine compares with those of the previous deployment. The providers wait for it,
// and everything else waits for them. An edit that could not be deployed, or would leave data behind, is therefore
// refused before anything is made: at preview already, with plain Pulumi too. Taking the edit back is no change.
type Lasting struct {
	pulumi.ResourceState
}

// last are the settings that cannot change, each with the reason. A state belongs to one account and region: to the
// engine, a provider that moves is an update, after which it would look for everything in the new place, and a
// refresh would then forget the old resources. AWS keeps a VPC's block and a database's engine for life, and a
// replacement cannot have the name, the address or the association that the resource it replaces still holds.
var last = []struct {
	setting string
	value   func(Settings) string
	why     string
}{
	{"region", func(s Settings) string { return s.Region }, "what is deployed cannot move"},
	{"accountId", func(s Settings) string { return s.AccountID }, "what is deployed cannot move"},
	{"name", func(s Settings) string { return s.Name }, "everything is named by it, and would be made anew beside what is there"},
	{"network.cidr", func(s Settings) string { return s.Network.CIDR },
		"a VPC keeps its block for life, and all that stands in it would be replaced"},
	{"database.engine", func(s Settings) string { return s.Database.Engine },
		"a database keeps its engine for life, and another one would begin empty"},
	{"database.version", func(s Settings) string { return s.Database.Version }, "a database never goes back to an earlier version"},
	{"dns.provider", func(s Settings) string { return s.DNS.Provider }, ownZone},
	{"dns.zone", func(s Settings) string { return s.DNS.Zone }, ownZone},
	{"dns.accountId", func(s Settings) string { return s.DNS.AccountID }, ownZone},
	{"dns.create", func(s Settings) string { return strconv.FormatBool(s.DNS.Create) }, ownZone},
	{"network.zones", func(s Settings) string { return strings.Join(s.zoneList(), " ") },
		"the database is in a zone that would go, and cannot leave it"},
}

const ownZone = "a zone that a stack makes goes with it, and with it every name that leads here"

// refusal decides what to do about settings that cannot be deployed over the existing stack.
type refusal func(ctx *pulumi.Context, refused error) error

func refuse(_ *pulumi.Context, refused error) error { return refused }

// Refused begins a warning about something that a deployment would refuse.
const Refused = "refused: "

func warn(ctx *pulumi.Context, refused error) error {
	if refused == nil {
		return nil
	}
	return ctx.Log.Warn(Refused+refused.Error(), nil)
}

const lastingType = "causeway:stacks:Lasting"

// newLasting registers the settings that last, and refuses them if they differ from the deployed ones.
func newLasting(ctx *pulumi.Context, s Settings, on refusal) (*Lasting, error) {
	hook, err := ctx.RegisterResourceHook("lasting", func(args *pulumi.ResourceHookArgs) error {
		return on(ctx, s.lasts(args.OldInputs, args.OldOutputs))
	}, &pulumi.ResourceHookOptions{OnDryRun: true})
	if err != nil {
		return nil, fmt.Errorf("holding what cannot change: %w", err)
	}
	inputs := pulumi.Map{}
	for _, l := range last {
		inputs[l.setting] = pulumi.String(l.value(s))
	}
	made := &Lasting{}
	err = ctx.RegisterComponentResourceV2(lastingType, "lasting", inputs, made,
		pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeUpdate: []*pulumi.ResourceHook{hook}}))
	if err != nil {
		return nil, fmt.Errorf("registering what cannot change: %w", err)
	}
	return made, nil
}

// lasts refuses the settings if they differ from those of the previous deployment in something that cannot be
// changed.
func (s Settings) lasts(deployed, known resource.PropertyMap) error {
	was := func(setting string) string {
		if v := deployed[resource.PropertyKey(setting)]; v.IsString() {
			return v.StringValue()
		}
		return ""
	}
	var refused []error
	for _, l := range last {
		old, is := was(l.setting), l.value(s)
		if old == "" || old == is {
			continue
		}
		switch l.setting {
		case "database.version":
			if was("database.engine") != s.Database.Engine || !earlier(is, old) {
				continue
			}
		case "dns.provider", "dns.zone", "dns.accountId":
			if was("dns.create") != "true" {
				continue
			}
		case "dns.create":
			if was("dns.provider") != s.DNS.Provider || was("dns.zone") != s.DNS.Zone {
				continue
			}
		case "network.zones":
			if was("region") != s.Region || !s.abandons(known["databaseZones"]) {
				continue
			}
		}
		refused = append(refused, fmt.Errorf("%s: this stack is deployed in %s, and its settings now say %s: %s. Set it back to %s%s",
			l.setting, old, is, l.why, old, s.instead()))
	}
	return errors.Join(refused...)
}

// instead is another way to get what the settings ask for.
func (s Settings) instead() string {
	anew := ""
	if s.disposable() {
		anew = "; or, since this stack can be made anew, take it down first (down with the settings set back, then up with these)"
	}
	return anew + "; or keep both for as long as it takes: put the new settings into a stack of their own (a new Pulumi.<stack>.yaml), " +
		"deploy that, move the data and the domain, then destroy this one"
}

// zoneList are the zones that the settings name, or else as many of the region's first zones as they count.
func (s Settings) zoneList() []string {
	if len(s.Network.ZoneNames) > 0 {
		return s.Network.ZoneNames
	}
	var names []string
	for i := range s.Network.Zones {
		names = append(names, s.Region+string(rune('a'+i)))
	}
	return names
}

// abandons reports whether the database is in a zone that the settings no longer contain.
func (s Settings) abandons(zones resource.PropertyValue) bool {
	return zones.IsArray() && slices.ContainsFunc(zones.ArrayValue(), func(z resource.PropertyValue) bool {
		return z.IsString() && !slices.Contains(s.zoneList(), z.StringValue())
	})
}

// earlier reports whether the major version a comes before b, as 8.0 does before 8.4.
func earlier(a, b string) bool {
	x, xErr := strconv.ParseFloat(a, 64)
	y, yErr := strconv.ParseFloat(b, 64)
	return xErr == nil && yErr == nil && x < y
}
