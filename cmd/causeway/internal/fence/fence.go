// Package fence keeps a rehearsal on the twin away from real clouds.
//
// It builds environments from an allow-list, so that no credential of any kind gets through, whatever its name, and adds
// a second fence: the clouds' SDKs are pointed at empty credential files and at a local port that nobody listens on.
package fence

import (
	"maps"
	"os"
	"slices"
	"strings"
)

// nowhere is a local address that refuses every connection: port 1 is reserved and privileged.
const nowhere = "http://127.0.0.1:1"

// allowed are the variables that a rehearsal may see. None can hold a credential.
var allowed = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "CI",
	// what builds the example's release on demand
	"GOCACHE", "GOMODCACHE", "GOPATH", "GOROOT", "GOFLAGS", "GOTOOLCHAIN", "GOOS", "GOARCH", "XDG_CACHE_HOME",
	// the Go runtime's own
	"GOMAXPROCS", "GOGC", "GOMEMLIMIT", "GOTRACEBACK", "GOCOVERDIR",
}

// allowedPrefixes are families of variables that a rehearsal may see.
var allowedPrefixes = []string{"LC_", "CAUSEWAY_"}

// fences make a cloud's SDK fail at once, should anything start one.
var fences = map[string]string{
	"AWS_CONFIG_FILE":             os.DevNull,
	"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	"AWS_EC2_METADATA_DISABLED":   "true",
	"AWS_ENDPOINT_URL":            nowhere,
	"HTTP_PROXY":                  nowhere,
	"HTTPS_PROXY":                 nowhere,
	"NO_PROXY":                    "127.0.0.1,localhost,::1",
}

// Environment is what a rehearsal may keep of environ, which has the form of os.Environ.
func Environment(environ []string) map[string]string {
	vars := map[string]string{}
	for _, kv := range environ {
		if name, value, ok := strings.Cut(kv, "="); ok && passes(name) {
			vars[name] = value
		}
	}
	maps.Copy(vars, fences)
	return vars
}

func passes(name string) bool {
	return slices.Contains(allowed, name) ||
		slices.ContainsFunc(allowedPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

// Enter replaces this process's own environment with its Environment. The program of an inline
// deployment and the twin run in this process and inherit it.
func Enter() error {
	vars := Environment(os.Environ())
	os.Clearenv()
	for name, value := range vars {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// Shell are the second fence's variables for a shell that runs the ordinary pulumi command on the twin. The network stays
// open to it: pulumi builds the program there, and may need modules.
func Shell() map[string]string {
	vars := maps.Clone(fences)
	for _, proxy := range []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"} {
		delete(vars, proxy)
	}
	return vars
}

// Credentials names the variables of environ that a shell on the twin should drop: those of the clouds and of Pulumi's
// own service, and the real stack's passphrase, which would take precedence over the rehearsal's.
func Credentials(environ []string) (names []string) {
	for _, kv := range environ {
		name, _, ok := strings.Cut(kv, "=")
		if _, fenced := fences[name]; !ok || fenced {
			continue
		}
		if strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "CLOUDFLARE_") ||
			name == "PULUMI_ACCESS_TOKEN" || name == "PULUMI_CONFIG_PASSPHRASE" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
