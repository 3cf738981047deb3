package servers

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Architectures by type (AWS, EC2 instance types guide).
func TestArchitecture(t *testing.T) {
	for name, want := range map[string]string{
		"t3.micro": X86, "t3a.small": X86, "t4g.nano": ARM64, "m5.large": X86, "m6i.large": X86, "m7a.medium": X86, "m7g.medium": ARM64,
		"m7i-flex.large": X86, "c6gn.16xlarge": ARM64, "c7gd.metal": ARM64, "c8g.48xlarge": ARM64, "r6idn.32xlarge": X86,
		"r7iz.metal-16xl": X86, "x2gd.medium": ARM64, "x2iezn.2xlarge": X86, "im4gn.large": ARM64, "is4gen.medium": ARM64,
		"i3en.large": X86, "i4g.large": ARM64, "i4i.large": X86, "a1.medium": ARM64, "z1d.large": X86, "hpc7g.4xlarge": ARM64,
	} {
		got, err := ParseInstanceType(name)
		require.NoError(t, err, name)
		assert.Equal(t, want, got.Architecture(), name)
	}
}

func TestNoInstanceType(t *testing.T) {
	for name, says := range map[string]string{
		"":               "is not an EC2 instance type",
		"large":          "is not an EC2 instance type",
		"m7g":            "is not an EC2 instance type",
		"m7g.huge":       "is not an EC2 instance type",
		"db.m7g.large":   "is not an EC2 instance type",
		"M7G.large":      "is not an EC2 instance type",
		"m7gg.large":     "is not an EC2 instance type",
		"t2.micro":       "previous generation",
		"m4.large":       "previous generation",
		"m3.medium":      "previous generation",
		"c4.large":       "previous generation",
		"i3.large":       "previous generation",
		"t4.micro":       "the burstable families are t3, t3a, t4g",
		"t5g.micro":      "the burstable families are t3, t3a, t4g",
		"t4g.4xlarge":    "t4g has no size 4xlarge",
		"m7g.small":      "m7g has no size small",
		"m6i.medium":     "m6i has no size medium",
		"m7i-flex.metal": "m7i-flex has no size metal",
		"p4d.24xlarge":   "not for servers",
		"mac2.metal":     "not for servers",
		"g5.xlarge":      "not for servers",
	} {
		_, err := ParseInstanceType(name)
		assert.ErrorContains(t, err, says, name)
	}
}
