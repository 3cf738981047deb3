package recorded

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

// Like the engine, it refuses a second resource of a name and a type, unless it is below another type.
func TestWhatIsDeclaredTwice(t *testing.T) {
	for _, c := range []struct{ one, two, below, says string }{
		{"a", "b", "", ""},
		{"a", "a", "", "test:index:Thing a is declared twice"},
		{"a", "a", "test:index:Group", ""},
	} {
		_, err := Run(nil, func(ctx *pulumi.Context) error {
			var one, two, group pulumi.ResourceState
			if err := ctx.RegisterComponentResource("test:index:Thing", c.one, &one); err != nil {
				return err
			}
			var opts []pulumi.ResourceOption
			if c.below != "" {
				if err := ctx.RegisterComponentResource(c.below, "group", &group); err != nil {
					return err
				}
				opts = append(opts, pulumi.Parent(&group))
			}
			return ctx.RegisterComponentResource("test:index:Thing", c.two, &two, opts...)
		})
		if c.says == "" {
			assert.NoError(t, err)
		} else {
			assert.ErrorContains(t, err, c.says)
		}
	}
}
