package brain

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/blang/semver"

	"github.com/causeway-iac/causeway/twin/facts"
)

// served is a provider whose plugin can be asked.
type served struct {
	name, called string
	version      string // of the facts, whose major version a plugin must have
	endpoint     string // of an emulated cloud that tests let it reach; "" leads nowhere
}

var (
	awsProvider        = &served{name: "aws", called: "AWS", version: facts.AWSVersion}
	cloudflareProvider = &served{name: "cloudflare", called: "Cloudflare", version: facts.CloudflareVersion}
)

const pluginName = "pulumi-resource-aws"

// servedBy is the provider that an executable's name says it is: AWS's unless it says otherwise.
func servedBy(path string) *served {
	if strings.HasPrefix(filepath.Base(path), "pulumi-resource-cloudflare") {
		return cloudflareProvider
	}
	return awsProvider
}

func (p *served) plugin() string { return "pulumi-resource-" + p.name }

// major is the major version that the twin speaks for.
func (p *served) major() uint64 { return semver.MustParse(p.version).Major }

func (p *served) howToInstall() string {
	return "install it with `pulumi plugin install resource " + p.name + " v" + p.version + "`"
}

// HowToInstall tells a person how to get the real AWS provider.
var HowToInstall = awsProvider.howToInstall()

// FindPlugin returns the path of the real AWS provider, or "" if none is installed: the one on PATH, as Pulumi itself
// prefers, or else the newest of the major version in the plugin cache. home is PULUMI_HOME, "" for ~/.pulumi.
func FindPlugin(home string) string { return awsProvider.find(home) }

// FindCloudflarePlugin is FindPlugin for the real Cloudflare provider.
func FindCloudflarePlugin(home string) string { return cloudflareProvider.find(home) }

// HowToInstallCloudflare tells a person how to get the real Cloudflare provider.
var HowToInstallCloudflare = cloudflareProvider.howToInstall()

func (p *served) find(home string) string {
	pluginName := p.plugin()
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
	found, _ := filepath.Glob(filepath.Join(home, "plugins", fmt.Sprintf("resource-%s-v%d*", p.name, p.major()), pluginName))
	var newest string
	var version semver.Version
	for _, path := range found {
		v, err := semver.ParseTolerant(strings.TrimPrefix(filepath.Base(filepath.Dir(path)), "resource-"+p.name+"-"))
		if err != nil || v.Major != p.major() || !executable(path) {
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
