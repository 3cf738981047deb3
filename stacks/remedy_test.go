package stacks

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/infra"
)

// judgement is the mistakes whose remedy is a thing to do, and no value to write.
var judgement = []string{
	"unknown key far from all", "bad variable", "variable of the platform", "variable of two lines", "secret in a variable",
	"secret value", "variable of a bucket", "release not there", "command without a release", "archive that is none",
	"program that the folder lacks", "tag of AWS", "tag with bad characters", "tags that IAM takes for one",
	"tag that IAM takes for the name", "tag without a key", "number for text", "set twice", "too much user data",
	"too long a command line", "plain setting that is encrypted", "setting by a path that Pulumi does not follow",
	"name with capitals", "name with two dashes", "name that AWS keeps", "bucket by a bad name", "zone without account",
	"unknown NAT", "no NAT for a tier with internet", "command of an executable", "folder without command",
	"permission over identities", "permission on nothing", "permissions of two services", "permission that cannot be used",
	"too many permissions", "permission on everything", "permission on all queues", "permission on another service",
	"class not for the engine", "unknown waiver", "log days that CloudWatch lacks", "proxied name too deep",
	"proxied wildcard too deep", "waiver without reason", "waiver for no reason", "a loss without reason",
	"program that is a folder", "program outside of the release", "program that is a folder of the server", "program by a way around",
	"no program", "before that is nothing",
}

// TestRemediesAreRight does what each mistake's remedy says, and expects nothing to be wrong then.
func TestRemediesAreRight(t *testing.T) {
	var applied atomic.Int32
	t.Cleanup(func() { assert.Greater(t, applied.Load(), int32(100), "remedies are no longer understood") })
	for _, c := range badSettings() {
		if slices.Contains(judgement, c.name) || strings.HasPrefix(c.name, "egress ") {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := c.error(t)
			var problems infra.Problems
			require.ErrorAs(t, err, &problems)
			p := problems[0]
			_, where, _ := strings.Cut(lineNumber.ReplaceAllString(p.Where, ""), ": ")
			if several.MatchString(where) {
				return // what is to be written has several parts
			}
			tree := map[string]any{}
			require.NoError(t, yaml.Unmarshal([]byte(strings.ReplaceAll(with(c.lines...), "  causeway:", "  ")), &tree))
			changes := changesOf(where, p)
			if len(changes) == 0 {
				return // a thing to do, and nothing to write
			}
			for _, change := range changes {
				applied.Add(1)
				copied := reread(t, tree)
				config := copied["config"].(map[string]any)
				change(config)
				err := checkFileOf(t, "prod", settingsFile(t, config))
				assert.NoError(t, err, "what %q says to write:\n%v", p.String(), config)
			}
		})
	}
}

// several is the settings that are lists or groups of groups.
var several = regexp.MustCompile(`egress|routes|workers`)

type change func(config map[string]any)

// remedies are what somebody does who is told so: the values to write, of a match; none is to leave the setting out.
var remedies = []struct {
	says *regexp.Regexp
	do   func(where string, m []string) []change
}{
	{regexp.MustCompile(`(leave the setting out, or )?say why under waivers\.(\w+)`), func(where string, m []string) []change {
		waive := write("waivers."+m[2], `{reason: "torn down every night", expires: "2027-01-31"}`)
		return append([]change{waive}, map[bool][]change{true: {remove(where)}}[m[1] != ""]...)
	}},
	{regexp.MustCompile(`leave \w+( and \w+)? out|remove it|remove the line|remove one of|each \w+ once`), func(
		where string, _ []string,
	) []change {
		return []change{remove(where)}
	}},
	{regexp.MustCompile(`did you mean ([^?]+)\?`), func(where string, m []string) []change {
		if where == "region" {
			return []change{write(where, m[1])}
		}
		return []change{func(config map[string]any) {
			value := value(config, where)
			remove(where)(config)
			put(config, where[:strings.LastIndex(where, ".")+1]+m[1][strings.LastIndex(m[1], ".")+1:], value)
		}}
	}},
	{regexp.MustCompile(`(?:write|name) (?:one of )?at most (\d+)|write (\d+) or less|name (\d+) fewer`), func(
		where string, m []string,
	) []change {
		return []change{fewer(where, m)}
	}},
	{regexp.MustCompile(`(?:must be|write) (-?[\d.]+) to (-?[\d.]+)`), func(where string, m []string) []change {
		return []change{write(where, m[1]), write(where, m[2])}
	}},
	{regexp.MustCompile(`must be at least ([\d.]+)|write ([\d.]+) or more|in quotes: ("[^"]*")|write ("[^"]*") in quotes`), func(
		where string, m []string,
	) []change {
		return []change{write(where, strings.Join(m[1:], ""))}
	}},
	{regexp.MustCompile(`write (\[[^;]+\])$`), func(where string, m []string) []change { return []change{write(where, m[1])} }},
	{regexp.MustCompile(`take the quotes`), func(where string, _ []string) []change {
		return []change{func(config map[string]any) { write(where, value(config, where).(string))(config) }}
	}},
	{regexp.MustCompile(`a name that ends in (\S+)`), func(where string, m []string) []change {
		return []change{write(where, "www."+m[1])}
	}},
	{regexp.MustCompile(`such as ([^,;]+)`), func(where string, m []string) []change { return eachOf(where, m[1]) }},
	{regexp.MustCompile(`write (\w+): ([^,;]+)$`), func(where string, m []string) []change {
		return []change{write(where[:strings.LastIndex(where, ".")+1]+m[1], m[2])}
	}},
	{regexp.MustCompile(`write (?:one of |some of )?([^;]+?)(?:, and|; |, in|$)`), func(where string, m []string) []change {
		return eachOf(where, m[1])
	}},
}

// changesOf is what a remedy has somebody write: for a range both its ends, for alternatives each.
func changesOf(where string, p infra.Problem) []change {
	instead, granted, _ := strings.Cut(p.Remedy, "; or ask AWS for ")
	var all []change
	if m := regexp.MustCompile(`write quotas: (\{.+\})$`).FindStringSubmatch(granted); m != nil {
		all = append(all, write("quotas", m[1]))
	}
	for _, r := range remedies {
		if m := r.says.FindStringSubmatch(p.What + "; " + instead); m != nil {
			return append(all, r.do(where, m)...)
		}
	}
	return all
}

func eachOf(where, text string) []change {
	var all []change
	for _, one := range regexp.MustCompile(`, | or | and `).Split(regexp.MustCompile(` \([^)]*\)`).ReplaceAllString(text, ""), -1) {
		if strings.Contains(one, " ") {
			return nil // words, and no value
		}
		if strings.HasSuffix(where, ".actions") {
			one = "[" + one + "]"
		}
		all = append(all, write(where, one))
	}
	return all
}

func write(where, text string) change {
	return func(config map[string]any) {
		var value any
		if yaml.Unmarshal([]byte(text), &value) != nil {
			value = text
		}
		put(config, where, value)
	}
}

func remove(where string) change {
	return func(config map[string]any) { put(config, where, nil) }
}

// fewer cuts a list, a group or a name to a number, or by one, or sets a number.
func fewer(where string, m []string) change {
	return func(config map[string]any) {
		n, _ := strconv.Atoi(strings.Join(m[1:], ""))
		switch old := value(config, where).(type) {
		case []any:
			if m[3] != "" {
				n = len(old) - n
			}
			put(config, where, old[:n])
		case map[string]any:
			for name := range old {
				if len(old) > n {
					delete(old, name)
				}
			}
		case string:
			put(config, where, old[len(old)-n:])
		default:
			put(config, where, n)
		}
	}
}

var pathStep = regexp.MustCompile(`[^.\[\]]+`)

func value(config map[string]any, where string) any {
	var at any = config
	for _, step := range pathStep.FindAllString(where, -1) {
		switch group := at.(type) {
		case map[string]any:
			at = group[step]
		case []any:
			i, _ := strconv.Atoi(step)
			at = group[i]
		}
	}
	return at
}

// put sets what is at a path, or takes it away where value is nil.
func put(config map[string]any, where string, value any) {
	putBelow(config, pathStep.FindAllString(where, -1), value)
}

func putBelow(at any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	if list, is := at.([]any); is {
		i, _ := strconv.Atoi(path[0])
		if list[i] = putBelow(list[i], path[1:], value); list[i] == nil {
			return append(list[:i:i], list[i+1:]...)
		}
		return list
	}
	group, is := at.(map[string]any)
	if !is {
		group = map[string]any{}
	}
	if group[path[0]] = putBelow(group[path[0]], path[1:], value); group[path[0]] == nil {
		delete(group, path[0])
	}
	return group
}

func reread(t *testing.T, tree map[string]any) map[string]any {
	t.Helper()
	text, err := yaml.Marshal(tree)
	require.NoError(t, err)
	copied := map[string]any{}
	require.NoError(t, yaml.Unmarshal(text, &copied))
	return copied
}

// settingsFile is a file with these settings.
func settingsFile(t *testing.T, config map[string]any) string {
	t.Helper()
	whole := map[string]any{}
	for key, value := range config {
		whole["causeway:"+key] = value
	}
	text, err := yaml.Marshal(map[string]any{"config": whole})
	require.NoError(t, err)
	return midnight.ReplaceAllString(string(text), "$1") // as people write days
}

var midnight = regexp.MustCompile(`(\d{4}-\d\d-\d\d)T00:00:00Z`)

// A file of 6 GB costs no more than a look at its size, be it the release or in a folder that is.
func TestAReleaseThatIsTooLargeIsNotRead(t *testing.T) {
	folder := t.TempDir()
	large := filepath.Join(folder, "app")
	require.NoError(t, os.WriteFile(large, []byte("#!/bin/sh\n"), 0o755))
	require.NoError(t, os.Truncate(large, 6<<30))
	for release, says := range map[string]string{large: "has 6144 MiB and may have 1024", folder: "its files have more than 2048 MiB"} {
		err := checkFileOf(t, "prod", with(`web: {release: "`+release+`", command: [./app]}`))
		assert.ErrorContains(t, err, says)
		var problems infra.Problems
		assert.True(t, errors.As(err, &problems) && strings.Contains(problems[0].Where, "web.release"))
	}
}
