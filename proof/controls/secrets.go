package controls

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// secretPatterns are what credentials look like, each with what it is, and what must be
// in a text for it to be worth a look. A value in the user data of a server or in a policy
// is readable by everybody who may describe it.
var secretPatterns = []struct {
	what    string
	needles []string
	pattern *regexp.Regexp
}{
	{"an AWS access key", []string{"AKIA", "ASIA"}, regexp.MustCompile(`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`)},
	{"an AWS secret key", []string{"secret", "SECRET", "Secret", "session", "SESSION", "Session"}, regexp.MustCompile(`(?i)aws_?(?:secret_?access_?key|secret_?key|session_?token)["']?\s*[:=]\s*["']?[0-9A-Za-z/+=]{30,}`)},
	{"a private key", []string{"PRIVATE KEY"}, regexp.MustCompile(`-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----`)},
	{"a password in a URL", []string{"://"}, regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://[^/\s:@"'${}<>]*:[^/\s:@"'${}<>]+@[^\s/]`)},
	{"a token of GitHub", []string{"gh", "github_pat_"}, regexp.MustCompile(`\b(?:gh[pousr]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{50,})\b`)},
	{"a token of Slack", []string{"xox"}, regexp.MustCompile(`\bxox[abprs]-[0-9A-Za-z-]{10,}`)},
	{"a key of Stripe", []string{"_live_"}, regexp.MustCompile(`\b(?:sk|rk)_live_[0-9A-Za-z]{16,}`)},
	{"a token of Pulumi", []string{"pul-"}, regexp.MustCompile(`\bpul-[0-9a-f]{40}\b`)},
	{"a JSON web token", []string{"eyJ"}, regexp.MustCompile(`\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}`)},
}

// assignment is a password by the name that it is given: programs and settings have it, and
// other texts may well have something that only looks like it.
var assignment = regexp.MustCompile(`(?im)(?:^|[^a-z0-9_:!-])(?:[a-z0-9_-]*(?:password|passwd|pwd|_pass|passphrase|secret|secret_?key|api_?key|token))["']?\s*[:=]\s*["']?([^\s"',;}\])]{6,})`)

// innocent are values of a password's place that are not one: a reference, a command, an
// ARN, or a word of a program.
var innocent = regexp.MustCompile(`^(?:[$<{(!%]|arn:|file:|/|ssm:|resolve:|secretsmanager:|true$|false$|none$|null$|required$|changeme$|\*+$)`)

// findCredentials is what of the text is a credential by its form, without the credential.
func findCredentials(content string) []string {
	var found []string
	for _, p := range secretPatterns {
		worth := slices.ContainsFunc(p.needles, func(n string) bool { return strings.Contains(content, n) })
		if worth && p.pattern.MatchString(content) {
			found = append(found, p.what)
		}
	}
	return found
}

// findSecrets is findCredentials with what is given the name of a password.
func findSecrets(content string) []string {
	found := findCredentials(content)
	for _, at := range assignment.FindAllStringSubmatchIndex(content, -1) {
		value := content[at[2]:at[3]]
		quoted := at[2] > 0 && strings.ContainsRune(`"'`, rune(content[at[2]-1]))
		if !innocent.MatchString(value) && (quoted || !lookUp.MatchString(value)) {
			return append(found, "a password")
		}
	}
	for _, file := range secretFile.FindAllStringSubmatch(content, -1) {
		if !innocent.MatchString(file[1]) {
			return append(found, "a password in a file")
		}
	}
	return found
}

// lookUp is a call or a look-up in place of a literal, such as client.get_secret_value(…)
// or os.environ[…]: what a program does that keeps no password.
var lookUp = regexp.MustCompile(`^(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+[(\[]|(?:get_?env|get_?secret\w*|open|input|read\w*|load\w*|fetch\w*|json\.\w+)\()`)

// secretFile is a file of cloud-init's whose name says that its content is a credential.
var secretFile = regexp.MustCompile(`(?i)path:\s*["']?\S*(?:password|passwd|secret|token|api[_-]?key|credentials)(?:\.txt)?["']?\s*\n(?:\s+(?:permissions|owner|encoding|append|defer):.*\n)*\s+content:\s*["']?([^\s"'|>]{4,})`)

// unpacked is user data as a server reads it: from base64, and from gzip. The parts within
// that are encoded themselves, as in cloud-init's write_files, follow it.
func unpacked(data string) string {
	var all strings.Builder
	unpack(data, 0, &all)
	return all.String()
}

var encoded = regexp.MustCompile(`[0-9A-Za-z+/]{40,}={0,2}`)

// content is what a file of cloud-init's holds where that is encoded, however short it is: the value
// of the key, or a line of nothing else.
var content = regexp.MustCompile(`(?m)(?:content["']?:\s*(?:!!binary\s+)?["']?|^\s*)([0-9A-Za-z+/]{8,39}={0,2})["']?,?\s*$`)

// contents are the short parts that are encoded, and readable once they are not.
func contents(data string) []string {
	var all []string
	for _, match := range content.FindAllStringSubmatch(data, -1) {
		raw, err := base64.StdEncoding.DecodeString(match[1])
		if err == nil && (bytes.HasPrefix(raw, []byte("\x1f\x8b")) || utf8.Valid(raw) && !bytes.ContainsFunc(raw, func(c rune) bool { return c < ' ' && c != '\n' && c != '\t' && c != '\r' })) {
			all = append(all, match[1])
		}
	}
	return all
}

func unpack(data string, depth int, into *strings.Builder) {
	into.WriteString(data)
	into.WriteByte('\n')
	if depth > 4 {
		return
	}
	if raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(data), "")); err == nil && len(raw) > 0 {
		unpack(string(raw), depth+1, into)
		return
	}
	if strings.HasPrefix(data, "\x1f\x8b") {
		if reader, err := gzip.NewReader(bytes.NewReader([]byte(data))); err == nil {
			raw, _ := io.ReadAll(io.LimitReader(reader, 1<<20))
			unpack(string(raw), depth+1, into)
		}
		return
	}
	for _, part := range append(encoded.FindAllString(data, -1), contents(data)...) {
		if raw, err := base64.StdEncoding.DecodeString(part); err == nil {
			unpack(string(raw), depth+1, into)
		}
	}
}
