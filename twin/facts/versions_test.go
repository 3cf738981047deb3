package facts

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFactsAreOfTheVersionsThatTheProgramUses: the SDKs in go.mod, the twin and its facts speak of the same providers.
func TestFactsAreOfTheVersionsThatTheProgramUses(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	for module, version := range map[string]string{"github.com/pulumi/pulumi-aws/sdk/v6": AWSVersion,
		"github.com/pulumi/pulumi-cloudflare/sdk/v5": CloudflareVersion} {
		found := regexp.MustCompile(regexp.QuoteMeta(module) + ` v(\S+)`).FindSubmatch(mod)
		require.NotNil(t, found, module)
		assert.Equal(t, string(found[1]), version, "%s: see README.md for how to move", module)
	}
	for _, packed := range [][]byte{awsData, awsSDKData} {
		p, err := parse(packed)
		require.NoError(t, err)
		assert.Equal(t, "github.com/pulumi/pulumi-aws/sdk/v6 v"+AWSVersion, p.SDK)
	}
	p, err := parse(cloudflareData)
	require.NoError(t, err)
	assert.Equal(t, "github.com/pulumi/pulumi-cloudflare/sdk/v5 v"+CloudflareVersion, p.SDK)
}
