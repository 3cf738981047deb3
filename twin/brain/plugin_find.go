package brain

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/blang/semver"

	"github.com/causeway-iac/causeway/twin/facts"
)

const pluginName = "pulumi-resource-aws"

// HowToInstall tells a person how to come by the real provider.
const HowToInstall = "install it with `pulumi plugin install resource aws v" + facts.AWSVersion + "`"

// FindPlugin returns the path of the real AWS provider, or "" where none is installed: the one on
// PATH, as Pulumi itself prefers, or else the newest version 6 of the plugin cache. home is
// PULUMI_HOME, "" for ~/.pulumi.
func FindPlugin(home string) string {
	if path, err := exec.LookPath(pluginName); err == nil {
		if path, err = filepath.Abs(path); err == nil {
			return path
		}
	}
	if home == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		home = filepath.Join(user, ".pulumi")
	}
	found, _ := filepath.Glob(filepath.Join(home, "plugins", "resource-aws-v6*", pluginName))
	var newest string
	var version semver.Version
	for _, path := range found {
		v, err := semver.ParseTolerant(strings.TrimPrefix(filepath.Base(filepath.Dir(path)), "resource-aws-"))
		if err != nil || v.Major != 6 || !executable(path) {
			continue
		}
		if newest == "" || v.GT(version) {
			newest, version = path, v
		}
	}
	return newest
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
