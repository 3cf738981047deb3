package servers

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/infra/release"
)

func TestDefaultsAreValid(t *testing.T) {
	assert.NoError(t, Args{Release: &release.Release{}}.Validate().Err())
}

func TestValidate(t *testing.T) {
	percent := func(p int) *int { return &p }
	for _, c := range []struct {
		what  string
		args  Args
		where string
		says  string
	}{
		{"no instance type", Args{InstanceType: "m7g"}, "instanceType", "write one such as t4g.small"},
		{"no other type", Args{MoreInstanceTypes: []string{"large"}}, "moreInstanceTypes[0]", "write one such as t4g.small"},
		{"same type", Args{MoreInstanceTypes: []string{"t4g.small"}}, "moreInstanceTypes[0]", "there already"},
		{"other processor", Args{MoreInstanceTypes: []string{"t3.small"}}, "moreInstanceTypes[0]", "t3.small has an x86_64 processor, t4g.small an arm64 one"},
		{"release for another processor", Args{Release: &release.Release{Path: "x", Architecture: "amd64"}}, "release", "GOARCH=arm64"},
		{"image by name", Args{Image: "al2023"}, "image", "is not the id of an image"},
		{"image too short", Args{Image: "ami-123"}, "image", "17 hex digits"},
		{"variable", Args{Environment: map[string]pulumi.StringInput{"A-B": pulumi.String("")}}, "environment.A-B", "cannot be the name"},
		{"nobody", Args{MinSize: -1, MaxSize: 1}, "minSize", "serve nobody"},
		{"min over max", Args{MinSize: 4, MaxSize: 3}, "maxSize", "3 is below minSize, 4"},
		{"cold servers", Args{TargetCPU: 5}, "targetCpu", "10 to 90"},
		{"hot servers", Args{TargetCPU: 95}, "targetCpu", "10 to 90"},
		{"requests", Args{RequestsPerTarget: -1}, "requestsPerTarget", "or 0"},
		{"warm-up", Args{Warmup: 5}, "warmup", "30 to 3600"},
		{"small disk", Args{VolumeSize: 4}, "volumeSize", "8 to 16384"},
		{"old servers", Args{InstanceDays: 90}, "instanceDays", "1 to 30"},
		{"log days", Args{LogDays: 100}, "logDays", "cannot keep"},
		{"healthy share", Args{MinHealthyPercentage: percent(101), MaxHealthyPercentage: 200}, "minHealthyPercentage", "0 to 100"},
		{"too wide", Args{MinHealthyPercentage: percent(50), MaxHealthyPercentage: 200}, "maxHealthyPercentage", "write 100 to 150"},
		{"stuck", Args{MaxHealthyPercentage: 100}, "maxHealthyPercentage", "no server could be replaced"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if c.args.Release == nil {
				c.args.Release = &release.Release{}
			}
			problems := c.args.Validate()
			if assert.Len(t, problems, 1) {
				assert.Equal(t, c.where, problems[0].Where)
				assert.Contains(t, problems[0].String(), c.says)
			}
		})
	}
	missing := Args{}.Validate()
	assert.ErrorContains(t, missing.Err(), "release: there is nothing to run")
}

// A pinned image is what is launched; otherwise the parameter is, by processor, and
// nothing is looked up.
func TestImage(t *testing.T) {
	const parameter = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
	assert.Equal(t, parameter+"arm64", Args{InstanceType: "m7g.large"}.image())
	assert.Equal(t, parameter+"x86_64", Args{InstanceType: "m7i.large"}.image())
	assert.Equal(t, "ami-0123456789abcdef0", Args{InstanceType: "m7i.large", Image: "ami-0123456789abcdef0"}.image())
}
