// Package workflows holds .github to what makes the pipeline safe and actionlint does not ask: that
// code which nobody has approved gets no identity, no secret and no pen, that whatever has one runs
// only pinned actions, and that a deployment is never cut off.
package workflows

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

var (
	pinPattern     = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	versionPattern = regexp.MustCompile(`^# v[0-9]+\.[0-9]+\.[0-9]+$`)
	// changing are the commands that change a stack or its lock.
	changing  = regexp.MustCompile(`\bpulumi\s+(up|update|destroy|import|cancel|state)\b`)
	refresh   = regexp.MustCompile(`\bpulumi\s+refresh\b`)
	forbidden = regexp.MustCompile(`--show-secrets|PULUMI_DEBUG_GRPC|TF_LOG|\bset -x\b|\bprintenv\b|\bpulumi config get\b`)
)

// grants are the permissions that any job may have at all.
var grants = map[string][]string{
	"contents": {"read"}, "actions": {"read"}, "id-token": {"write"}, "pull-requests": {"write"}, "issues": {"write"},
	"security-events": {"write"},
}

// sessionMinutes is how long the AWS credentials of a job last: role-duration-seconds.
const sessionMinutes = 120

// Check says what is unsafe in a workflow, or in a composite action; nothing if it is safe.
func Check(name string, content []byte) []string {
	var root yaml.Node
	if err := yaml.Unmarshal(content, &root); err != nil || len(root.Content) == 0 {
		return []string{fmt.Sprintf("%s: cannot be read: %v", name, err)}
	}
	c := checker{name: name}
	c.text(root.Content[0])
	if runs := at(root.Content[0], "runs"); runs != nil {
		c.steps(at(runs, "steps"), job{trusted: true})
		return c.found
	}
	c.workflow(root.Content[0])
	return c.found
}

type checker struct {
	name  string
	found []string
}

// job is what its steps are judged by.
type job struct {
	node    *yaml.Node
	trusted bool // it has an identity in the cloud
	derived bool // it is started by another workflow's end, which anybody can cause
}

func (c *checker) say(n *yaml.Node, format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf("%s:%d: ", c.name, n.Line)+fmt.Sprintf(format, args...))
}

func (c *checker) workflow(root *yaml.Node) {
	triggers := at(root, "on")
	if has(triggers, "pull_request_target") {
		c.say(triggers, "pull_request_target runs with this repository's rights for anybody's pull request: use pull_request, or "+
			"workflow_run and data")
	}
	permissions := at(root, "permissions")
	switch {
	case permissions == nil:
		c.say(root, "permissions are missing: write `permissions: { contents: read }` at the top, and more for the job that needs it")
	case permissions.Kind != yaml.MappingNode || len(permissions.Content) != 2 || value(at(permissions, "contents")) != "read":
		c.say(permissions, "permissions at the top hold for every job: write contents: read, and more for the job that needs it")
	}
	if value(at(root, "defaults", "run", "shell")) != "bash" {
		c.say(root, "defaults.run.shell must be bash: without it a pipe hides the exit code of all but its last command")
	}
	cancels := at(root, "concurrency", "cancel-in-progress")
	each(at(root, "jobs"), func(name, n *yaml.Node) {
		c.job(job{node: n, derived: has(triggers, "workflow_run")}, name, cancels)
	})
}

func (c *checker) job(j job, name, cancels *yaml.Node) {
	if at(j.node, "uses") != nil {
		c.pin(at(j.node, "uses"))
		if at(j.node, "secrets") != nil {
			c.say(name, "job %s passes secrets on: give them to the job that needs them, by its environment", name.Value)
		}
		return
	}
	permissions := at(j.node, "permissions")
	j.trusted = value(at(permissions, "id-token")) == "write"
	c.permissions(j, permissions)
	if environment := at(j.node, "environment"); environment == nil && (j.trusted || mentions(j.node, "secrets.")) {
		c.say(name, "job %s has an identity or a secret and no environment: anybody's push would have them too", name.Value)
	}
	c.time(j, name)
	if c.changes(j.node) {
		own := at(j.node, "concurrency")
		if at(own, "group") == nil || value(at(own, "cancel-in-progress")) != "false" {
			c.say(name, "job %s changes a stack: give it a concurrency group of the stack, with cancel-in-progress: false", name.Value)
		}
		if cancels != nil && value(cancels) != "false" {
			c.say(cancels, "cancel-in-progress at the top would cut off job %s while it changes a stack", name.Value)
		}
	}
	c.steps(at(j.node, "steps"), j)
}

// permissions allows little, and never an identity in the cloud and a pen in the repository together.
func (c *checker) permissions(j job, permissions *yaml.Node) {
	if permissions == nil {
		return
	}
	if permissions.Kind != yaml.MappingNode {
		c.say(permissions, "permissions %s give everything: name each", permissions.Value)
		return
	}
	writes := false
	each(permissions, func(key, v *yaml.Node) {
		if !slices.Contains(grants[key.Value], v.Value) {
			c.say(key, "permission %s: %s is more than the pipeline needs", key.Value, v.Value)
		}
		writes = writes || v.Value == "write" && key.Value != "id-token"
	})
	if j.trusted && writes {
		c.say(permissions, "one job has an identity in the cloud and writes to the repository: split it in two")
	}
}

func (c *checker) time(j job, name *yaml.Node) {
	minutes, err := strconv.Atoi(value(at(j.node, "timeout-minutes")))
	switch {
	case err != nil:
		c.say(name, "job %s has no timeout-minutes: GitHub's own is six hours", name.Value)
	case j.trusted && minutes > sessionMinutes:
		c.say(name, "job %s may run for %d minutes, and its credentials for %d: an `up` without credentials loses its state", name.Value,
			minutes, sessionMinutes)
	}
}

func (c *checker) steps(steps *yaml.Node, j job) {
	if steps == nil {
		return
	}
	for _, step := range steps.Content {
		if run := at(step, "run"); run != nil {
			c.run(run)
		}
		if uses := at(step, "uses"); uses != nil {
			c.pin(uses)
			c.action(step, uses, j)
		}
	}
}

// run refuses every expression in a script, not only those known to hold what a stranger wrote: a
// value that comes by env cannot become a command.
func (c *checker) run(n *yaml.Node) {
	if strings.Contains(n.Value, "${{") {
		c.say(n, "an expression in a script is replaced before the shell reads it: pass it by env and write \"$NAME\"")
	}
	for _, line := range strings.Split(strings.ReplaceAll(n.Value, "\\\n", " "), "\n") {
		if refresh.MatchString(line) && !strings.Contains(line, "--preview-only") {
			c.say(n, "pulumi refresh without --preview-only rewrites the state")
		}
		if strings.Contains(line, "pulumi up") && !strings.Contains(line, "timeout --foreground --signal=INT") {
			c.say(n, "pulumi up without `timeout --foreground --signal=INT`: a job that runs out of time is killed, and strands its lock")
		}
	}
}

func (c *checker) action(step, uses *yaml.Node, j job) {
	action, _, _ := strings.Cut(uses.Value, "@")
	with := at(step, "with")
	switch action {
	case "actions/checkout":
		if value(at(with, "persist-credentials")) != "false" {
			c.say(uses, "checkout leaves the token where every later step can read it: write persist-credentials: false")
		}
		if j.derived && (at(with, "ref") != nil || at(with, "repository") != nil) {
			c.say(uses, "a job after workflow_run must not check out what a stranger wrote")
		}
	case "actions/setup-go":
		if (j.trusted || j.derived) && value(at(with, "cache")) != "false" {
			c.say(uses, "a job with rights must not build from a cache that a job without rights can write: write cache: false")
		}
	case "actions/cache":
		if j.trusted || j.derived {
			c.say(uses, "a job with rights must not use a cache that a job without rights can write")
		}
	case "aws-actions/configure-aws-credentials":
		if value(at(with, "role-duration-seconds")) != strconv.Itoa(sessionMinutes*60) {
			c.say(uses, "role-duration-seconds must be %d: a token that dies during an `up` loses its state", sessionMinutes*60)
		}
		if at(with, "aws-access-key-id") != nil || at(with, "aws-secret-access-key") != nil {
			c.say(uses, "a long-lived key: assume a role by OIDC")
		}
	}
}

// pin wants every action by a commit, with the version that a person reads and Dependabot updates.
func (c *checker) pin(uses *yaml.Node) {
	switch {
	case strings.HasPrefix(uses.Value, "./"):
	case !pinPattern.MatchString(uses.Value):
		c.say(uses, "%s is not pinned by a full commit: a tag can be moved", uses.Value)
	case !versionPattern.MatchString(uses.LineComment):
		c.say(uses, "%s has no version beside it: write # v1.2.3", uses.Value)
	}
}

// text looks through every scalar for what would show a secret.
func (c *checker) text(n *yaml.Node) {
	if found := forbidden.FindString(n.Value); n.Kind == yaml.ScalarNode && found != "" {
		c.say(n, "%s can print secrets into the log", found)
	}
	for _, child := range n.Content {
		c.text(child)
	}
}

func (c *checker) changes(job *yaml.Node) bool {
	if steps := at(job, "steps"); steps != nil {
		for _, step := range steps.Content {
			if changing.MatchString(value(at(step, "run"))) {
				return true
			}
		}
	}
	return false
}

// at follows keys into mappings; nil if one is absent.
func at(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		var next *yaml.Node
		each(n, func(k, v *yaml.Node) {
			if k.Value == key {
				next = v
			}
		})
		n = next
	}
	return n
}

func each(n *yaml.Node, do func(key, value *yaml.Node)) {
	if n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		do(n.Content[i], n.Content[i+1])
	}
}

func value(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	return n.Value
}

// has says whether triggers, in any of their three forms, name one.
func has(triggers *yaml.Node, name string) bool {
	if triggers == nil {
		return false
	}
	if triggers.Value == name || at(triggers, name) != nil {
		return true
	}
	return slices.ContainsFunc(triggers.Content, func(n *yaml.Node) bool { return n.Value == name })
}

func mentions(n *yaml.Node, text string) bool {
	return strings.Contains(n.Value, text) || slices.ContainsFunc(n.Content, func(child *yaml.Node) bool { return mentions(child, text) })
}
