package stacks

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// place is the provider's inputs that say where everything of a stack is, by the settings that they come from.
var place = map[resource.PropertyKey]string{"allowedAccountIds": "accountId", "region": "region"}

// staysInPlace refuses to move what is deployed to another account or region, at preview already. A provider that
// changes its place is an update to the engine: it would look for everything in the new place, find nothing
// there, and a refresh would then make the state forget what runs in the old one.
func (b *builder) staysInPlace(part string) (pulumi.ResourceOption, error) {
	hook, err := b.ctx.RegisterResourceHook(b.p.Named(part)+"-stays-in-place", func(args *pulumi.ResourceHookArgs) error {
		for key, setting := range place {
			was, is := written(args.OldInputs[key]), written(args.NewInputs[key])
			if was != "" && was != is {
				return fmt.Errorf("%s: this stack is deployed in %s, and its settings now say %s; what is deployed cannot move. "+
					"Set it back to %s; or keep both for as long as it takes: put the new settings into a stack of their own (a new Pulumi.<stack>.yaml), "+
					"deploy that, move the data and the domain, then destroy this one", setting, was, is, was)
			}
		}
		return nil
	}, &pulumi.ResourceHookOptions{OnDryRun: true})
	if err != nil {
		return nil, fmt.Errorf("holding the stack in its place: %w", err)
	}
	return pulumi.ResourceHooks(&pulumi.ResourceHookBinding{BeforeUpdate: []*pulumi.ResourceHook{hook}}), nil
}

// written is an input of a provider as text. The engine hands lists to providers as JSON.
func written(v resource.PropertyValue) string {
	for v.IsSecret() {
		v = v.SecretValue().Element
	}
	var items []string
	switch {
	case v.IsString():
		if json.Unmarshal([]byte(v.StringValue()), &items) != nil {
			return v.StringValue()
		}
	case v.IsArray():
		for _, x := range v.ArrayValue() {
			items = append(items, written(x))
		}
	}
	return strings.Join(items, ", ")
}
