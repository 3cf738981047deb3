package release

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKept(t *testing.T) {
	sum := strings.Repeat("0a", 32)
	r, meant, err := Kept("sha256:" + sum)
	require.NoError(t, err)
	assert.True(t, meant)
	assert.Equal(t, Release{SHA256: sum, Key: "releases/" + sum}, r)
	r, meant, err = Kept("s3://dev-releases-1a2b/app/releases/" + sum)
	require.NoError(t, err)
	assert.True(t, meant)
	assert.Equal(t, Release{SHA256: sum, Key: "releases/" + sum, Bucket: "dev-releases-1a2b", Tier: "app"}, r)
	for _, path := range []string{"", "bin/web", "sha256", "../s3://x"} {
		_, meant, err = Kept(path)
		assert.False(t, meant || err != nil, path)
	}
	for _, bad := range []string{"sha256:", "sha256:" + sum + "0", "sha256:" + strings.ToUpper(sum), "s3://bucket",
		"s3://bucket/releases/" + sum} {
		_, meant, err = Kept(bad)
		assert.True(t, meant, bad)
		assert.ErrorContains(t, err, "names no release in a bucket; write sha256:", bad)
	}
}
