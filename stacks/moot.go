package stacks

import (
	"strings"

	"github.com/causeway-iac/causeway/infra"
)

// moot are settings that change nothing because of others. Whoever turns a switch at night need not remove them first, so
// they are spoken of and not refused.
func (s Settings) moot(tree map[string]any) infra.Problems {
	var problems infra.Problems
	note := func(is bool, since, remedy string, paths ...string) {
		for _, path := range paths {
			if is && wrote(tree, path) {
				problems.Add(path, remedy, "has no effect, since "+since)
			}
		}
	}
	note(!s.Edge.WebACL, "edge.webAcl is false", "write edge.webAcl: true, or remove it", "edge.requestsPerIp", "edge.countOnly")
	note(!s.DNS.Create, "the stack adopts its zone", "write dns.create: true, or remove it", "dns.accountId")
	for _, t := range s.tiers() {
		name, scheduled := strings.CutPrefix(t.setting, "workers.")
		scheduled = scheduled && s.Workers[name].Schedule != ""
		note(scheduled, "its alarm goes by the schedule", "remove it", t.setting+".silentMinutes")
		note(scheduled, "a job has one server", "remove it", t.setting+".targetCpu")
		note(!scheduled && t.MinSize == t.MaxSize, "minSize and maxSize are the same", "raise maxSize, or remove it", t.setting+".targetCpu")
	}
	return problems
}

// wrote reports whether a person wrote the setting at a path.
func wrote(tree map[string]any, path string) bool {
	group, below, nested := strings.Cut(path, ".")
	if nested {
		return wrote(written(tree, group), below)
	}
	return tree[path] != nil
}
