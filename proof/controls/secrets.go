package controls

import (
	"regexp"
	"slices"
	"strings"
)

// secretPatterns are what credentials look like, each with what it is, and what a text must contain to be worth a look. A
// value in a server's user data or in a policy can be read by everybody who may describe it.
var secretPatterns = []struct {
	what    string
	needles []string
	pattern *regexp.Regexp
}{
	{"an AWS access key", []string{"AKIA", "ASIA"}, regexp.MustCompile(`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`)},
	{"an AWS secret key", []string{"secret", "SECRET", "Secret", "session", "SESSION", "Session"},
		regexp.MustCompile(`(?i)aws_?(?:secret_?access_?key|secret_?key|session_?token)["']?\s*[:=]\s*["']?[0-9A-Za-z/+=]{30,}`)},
	{"a private key", []string{"PRIVATE KEY"}, regexp.MustCompile(`-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----`)},
	{"a password in a URL", []string{"://"}, regexp.MustCompile(`\b[a-z][a-z0-9+.-]*://[^/\s:@"'${}<>]*:[^/\s:@"'${}<>]+@[^\s/]`)},
	{"a token of GitHub", []string{"gh", "github_pat_"},
		regexp.MustCompile(`\b(?:gh[pousr]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{50,})\b`)},
	{"a token of Slack", []string{"xox"}, regexp.MustCompile(`\bxox[abprs]-[0-9A-Za-z-]{10,}`)},
	{"a key of Stripe", []string{"_live_"}, regexp.MustCompile(`\b(?:sk|rk)_live_[0-9A-Za-z]{16,}`)},
	{"a token of Pulumi", []string{"pul-"}, regexp.MustCompile(`\bpul-[0-9a-f]{40}\b`)},
	{"a JSON web token", []string{"eyJ"}, regexp.MustCompile(`\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}`)},
}

// assignment is a password recognised by the name it is assigned to: this is for programs and settings, since other texts
// may contain something that only looks like it.
var assignment = regexp.MustCompile(`(?im)(?:^|[^a-z0-9_:!-])` +
	`(?:[a-z0-9_-]*(?:password|passwd|pwd|_pass|passphrase|secret|secret_?key|api_?key|token))["']?\s*[:=]\s*["']?([^\s"',;}\])]{6,})`)

// innocent are values in a password's place that are none: a reference, a command, an ARN, or a keyword.
var innocent = regexp.MustCompile(`^(?:[$<{(!%]|arn:|file:|/|ssm:|resolve:|` +
	`secretsmanager:|true$|false$|none$|null$|required$|changeme$|\*+$)`)

// findCredentials finds what in the text is a credential by its form, and leaves the credential out.
func findCredentials(content string) []string {
	var found []string
	for _, p := range secretPatterns {
		if slices.ContainsFunc(passages(content, content, nil, p.needles...), p.pattern.MatchString) {
			found = append(found, p.what)
		}
	}
	return found
}

// findSecrets is findCredentials, and finds what is assigned to a password's name as well.
func findSecrets(content string) []string {
	found := findCredentials(content)
	small := lower(content)
	if slices.ContainsFunc(passages(content, small, isAssigned, "password", "passwd", "pwd", "_pass", "passphrase", "secret", "key",
		"token"), assignsPassword) {
		return append(found, "a password")
	}
	if slices.ContainsFunc(passages(content, small, nil, "chpasswd", "mysql", "mariadb"), given.MatchString) {
		return append(found, "a password")
	}
	for _, part := range passages(content, small, nil, "path:") {
		for _, file := range secretFile.FindAllStringSubmatch(part, -1) {
			if !innocent.MatchString(file[1]) {
				return append(found, "a password in a file")
			}
		}
	}
	return found
}

// given is a password passed to a command: user:password to chpasswd, and -p of MySQL's programs.
var given = regexp.MustCompile(`chpasswd[^\n]*\n(?:[^\n]*\n){0,2}?\s*(?:-\s*)?["']?[a-z_][a-z0-9_-]*:[^\s:$<{(]{4,}\s*(?:\n|$)` +
	`|[a-z_][a-z0-9_-]*:[^\s:$<{("']{4,}["']?\s*\|\s*(?:sudo )?chpasswd|\b(?:mysql|mariadb)\w*\b[^\n|;]* -p[^\s$"'-]\S*`)

func assignsPassword(text string) bool {
	for _, at := range assignment.FindAllStringSubmatchIndex(text, -1) {
		value := text[at[2]:at[3]]
		quoted := at[2] > 0 && strings.ContainsRune(`"'`, rune(text[at[2]-1]))
		if !innocent.MatchString(value) && (quoted || !lookUp.MatchString(value)) {
			return true
		}
	}
	return false
}

// lookUp is a call or a look-up in place of a literal, such as client.get_secret_value(…) or os.environ[…]: what a
// program does that keeps no password.
var lookUp = regexp.MustCompile(`^(?:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+[(\[]|(?:get_?env|get_?secret\w*|` +
	`open|input|read\w*|load\w*|fetch\w*|json\.\w+)\()`)

// secretFile is a file of cloud-init's whose name says that its content is a credential.
var secretFile = regexp.MustCompile(`(?i)path:\s*["']?\S*(?:password|passwd|secret|token|api[_-]?key|credentials)` +
	`(?:\.txt)?["']?\s*\n(?:\s+(?:permissions|owner|encoding|append|defer):.*\n)*\s+content:\s*["']?([^\s"'|>]{4,})`)
