// Package versions holds that whatever names a version of Pulumi or of a provider names go.mod's:
// CONTRIBUTING says how one moves.
package versions

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const root = "../.."

// named is how a module's version is written elsewhere. Each begins a version that is not a made-up one.
var named = map[string][]string{
	"github.com/pulumi/pulumi/sdk/v3": {
		`pulumi-version: `, `pulumiVersion = "`, `pulumi/(?:sdk|pkg)/v3 v`,
	},
	"github.com/pulumi/pulumi-aws/sdk/v6":        {`resource aws v`, `AWSVersion += "`, `pulumi-aws/sdk/v6 v`},
	"github.com/pulumi/pulumi-cloudflare/sdk/v5": {`CloudflareVersion += "`, `pulumi-cloudflare/sdk/v5 v`},
}

// TestVersionsAgree fails for a version that a move has forgotten.
func TestVersionsAgree(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	out, err := exec.Command("git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		t.Skip("this is not a clone of the repository, so there is no list of its files:", err)
	}
	files := map[string]string{}
	for _, name := range strings.Fields(string(out)) {
		if strings.HasSuffix(name, "go.sum") || strings.Contains(name, "testdata/") || strings.HasPrefix(name, "internal/versions/") ||
			name == "CHANGELOG.md" {
			continue
		}
		if text, err := os.ReadFile(filepath.Join(root, name)); err == nil {
			files[name] = string(text)
		}
	}
	for module, ways := range named {
		version := regexp.MustCompile(regexp.QuoteMeta(module) + ` v(\S+)`).FindStringSubmatch(string(mod))
		require.NotNil(t, version, "go.mod has no %s", module)
		for _, way := range ways {
			written, times := regexp.MustCompile(way+`(\d+\.\d+\.\d+)`), 0
			for name, text := range files {
				for _, found := range written.FindAllStringSubmatch(text, -1) {
					times++
					assert.Equal(t, version[1], found[1], "%s names another version of %s than go.mod", name, module)
				}
			}
			assert.Positive(t, times, "nothing is written like %q any more", way)
		}
	}
}
