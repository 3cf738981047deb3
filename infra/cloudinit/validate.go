package cloudinit

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/causeway-iac/causeway/infra"
)

var (
	namePattern     = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)
	variablePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	// bucketPattern: AWS, S3 user guide, "General purpose bucket naming rules".
	bucketPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	// keyPattern: AWS, S3 user guide, "Naming Amazon S3 objects", safe characters; 1,024 bytes at most.
	keyPattern = regexp.MustCompile(`^[A-Za-z0-9/!_.*'()-]+$`)
	// plainProgram is a program's name or path that needs no quotes in a unit file.
	plainProgram = regexp.MustCompile(`^[A-Za-z0-9._/+-]+$`)
	// packagePattern: RPM's names (rpm.org, "Package naming").
	packagePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)
	hashPattern    = regexp.MustCompile(`^[0-9a-f]{64}$`)
	regionPattern  = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d$`)
	// schedulePattern matches the characters of a schedule (systemd.time, "Calendar events").
	schedulePattern = regexp.MustCompile(`^[A-Za-z0-9*.,/: -]{1,500}$`)
	// groupPattern: AWS, CloudWatch Logs API reference, CreateLogGroup.
	groupPattern = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)

	secretName = regexp.MustCompile(`(?i)(^|_)(password|passwd|token|secret|api_?key|access_?key|private_?key|credentials?)(_|$)`)
	// pointerName matches the end of a variable's name that says where a secret is, rather than what it is.
	pointerName = regexp.MustCompile(`(?i)_(arn|file|name|id|url|path)s?$`)
	secretValue = regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{16}\b|://[^/@\s]*:[^/@\s]+@|-----BEGIN `)
)

// Validate returns an error that names everything wrong with the service.
func (s Service) Validate() error {
	var ps infra.Problems
	if !namePattern.MatchString(s.Name) || s.Name+".service" == logsUnit || s.Name == onceName {
		ps.Addf("name", "write up to 31 lower-case letters, digits and hyphens, a letter first", "%q cannot name a service", s.Name)
	}
	ps = append(ps, CheckPackages("packages", s.Packages)...)
	if s.Release.Format != "" && unpackers[s.Release.Format] == "" {
		ps.Addf("release.format", "write tar.gz, tar.zst, zip or any", "there is no archive %q", s.Release.Format)
	}
	if s.Release.Format != "" && (len(s.Command) == 0 || s.Command[0] == "") {
		ps.Add("command", "write what is run of the archive, such as [node, server.js]", "is missing")
	}
	if s.Release.Format != "" && len(s.Command) > 0 {
		ps = append(ps, CheckProgram("command[0]", s.Command[0])...)
	}
	ps = append(ps, CheckWords("command", s.Command)...)
	ps = append(ps, CheckWords("before", s.Before)...)
	if len(s.Before) > 0 {
		s.Once.validate(&ps)
	}
	if s.Schedule != "" && (!schedulePattern.MatchString(s.Schedule) || !groupPattern.MatchString(s.DoneGroup)) {
		ps.Addf("schedule", "write one such as *-*-* 03:00:00, and a log group", "%q is not when to run", s.Schedule)
	}
	if s.Port != 0 && (s.Port < 1024 || s.Port > 65535) {
		ps.Addf("port", "write 1024 to 65535, since the service is not root", "%d cannot be listened on", s.Port)
	}
	switch {
	case s.HTTPPort == 0:
	case s.Port == 0:
		ps.Add("httpPort", "write port too", "nobody would reach it")
	case s.HTTPPort < 1024 || s.HTTPPort > 65535:
		ps.Addf("httpPort", "write 1024 to 65535, since the service is not root", "%d cannot be listened on", s.HTTPPort)
	case s.HTTPPort == s.Port:
		ps.Addf("httpPort", "write another, such as 8080", "%d is where nginx speaks TLS", s.HTTPPort)
	}
	if s.LogGroup != "" && !groupPattern.MatchString(s.LogGroup) {
		ps.Addf("logGroup", "write letters, digits and . - _ / #", "%q cannot name a log group", s.LogGroup)
	}
	if s.Container == "" {
		s.Release.validate(&ps)
	} else if _, ok := ParseImage(s.Container); !ok {
		ps.Addf("container", "write REGISTRY/REPOSITORY@sha256:DIGEST", "%q names no image", s.Container)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
		ps = append(ps, CheckVariable(name, s.Environment[name])...)
	}
	return ps.Err()
}

func (r Release) validate(ps *infra.Problems) {
	if !bucketPattern.MatchString(r.Bucket) {
		ps.Addf("release.bucket", "write the name of the bucket, without s3://", "%q cannot name a bucket", r.Bucket)
	}
	if !keyPattern.MatchString(r.Key) || len(r.Key) > 1024 || strings.HasPrefix(r.Key, "/") || strings.HasSuffix(r.Key, "/") {
		ps.Addf("release.key", "write releases/ and the file's SHA-256", "%q cannot be the key of a release", r.Key)
	}
	if !hashPattern.MatchString(r.SHA256) {
		ps.Addf("release.sha256", "write 64 lower-case hexadecimal digits", "%q is not a SHA-256", r.SHA256)
	}
	if !regionPattern.MatchString(r.Region) {
		ps.Addf("release.region", "write one such as eu-west-1", "%q is not a region", r.Region)
	}
}

// mostPackages keeps the boot short.
const mostPackages = 20

// CheckPackages reports names that cannot be packages of Amazon Linux.
func CheckPackages(where string, packages []string) (ps infra.Problems) {
	for i, name := range packages {
		at := fmt.Sprintf("%s[%d]", where, i)
		switch {
		case !packagePattern.MatchString(name):
			ps.Addf(at, "write one such as nodejs22, from Amazon Linux's repository", "%q is not the name of a package", name)
		case slices.Contains(packages[:i], name):
			ps.Addf(at, "write each package once", "%s is listed twice", name)
		}
	}
	if len(packages) > mostPackages {
		ps.Addf(where, "", "must be at most %d packages, not %d", mostPackages, len(packages))
	}
	return ps
}

// CheckProgram reports a program that the unit would not start as it is written (systemd.service, "Command lines").
func CheckProgram(where, program string) infra.Problems {
	var ps infra.Problems
	name, own := "", strings.Contains(program, "/") && !path.IsAbs(program)
	if !strings.Contains(program, "/") {
		name = program
	}
	switch {
	case program == "" || name == "." || name == ".." || own && !filepath.IsLocal(program),
		path.IsAbs(program) && path.Clean(program) != program:
		ps.Addf(where, "write a name such as node, or a path such as ./bin/serve", "%q names no program", program)
	case name != "" && strings.ContainsAny(name[:1], "@-:+!|"):
		ps.Addf(where, "write ./"+name+" if it is the release's, or another name",
			"systemd takes the %q at the beginning of %s for an order", name[:1], name)
	case strings.Contains(program, "$"):
		ps.Addf(where, "rename it", "%q has a dollar, which systemd does not take for a part of a name", program)
	}
	return ps
}

// CheckWords reports words that the unit's command line cannot contain.
func CheckWords(where string, words []string) (ps infra.Problems) {
	for i, word := range words {
		if !oneLine(word) {
			ps.Addf(fmt.Sprintf("%s[%d]", where, i), "write text without control characters", "%q cannot be an argument", word)
		}
	}
	return ps
}

// CheckVariable reports an environment variable that user data cannot or must not contain. It never quotes a value,
// which might be the very thing that must not be shown.
func CheckVariable(name, value string) (ps infra.Problems) {
	where := "environment." + name
	switch {
	case !variablePattern.MatchString(name):
		ps.Addf(where, "write letters, digits and underscores, no digit first", "%q cannot name a variable", name)
	case slices.Contains(ofServer, name):
		ps.Addf(where, "set it for the program alone, such as command: [env, "+name+"=…, …], or in a script",
			"what the server itself runs before the program would take %s too", name)
	case !oneLine(value):
		ps.Add(where, "write it on one line, for example in base64", "its value has a line break or another control character")
	case secretName.MatchString(name) && !pointerName.MatchString(name), secretValue.MatchString(value):
		ps.Add(where, "keep it in Secrets Manager and give its ARN, as "+name+"_ARN",
			"user data can be read by whoever may describe the launch template, and this looks like a secret")
	}
	return ps
}

// ofServer are variables that no script can get rid of: how it and its shell find what they run.
var ofServer = []string{"PATH", "BASH_ENV", "SHELLOPTS", "BASHOPTS"}

// swaying matches variables that a program is told, and that would change what the scripts before it do: where AWS's
// tools look for credentials, Python for modules, and programs for libraries and proxies.
var swaying = regexp.MustCompile(`^(AWS|LD|PYTHON|DOCKER|SSL|CURL|OPENSSL|RPM|LC)_|^PYTHON|(?i)_proxy$|^(HOME|LANG|TMPDIR|IFS|CDPATH)$`)

// unset are the service's variables that the scripts forget.
func (s Service) unset() string {
	return strings.Join(slices.DeleteFunc(slices.Sorted(maps.Keys(s.Environment)), func(name string) bool {
		return name == "AWS_REGION" || !swaying.MatchString(name)
	}), " ")
}

func oneLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
