package proof_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/specimen"
)

// program is a stack of somebody else's, in Pulumi's YAML, as it is once it is deployed: each resource has an
// id, an ARN and a name in DNS of its own.
func program(t *testing.T, path string) *specimen.Stack {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var file struct {
		Resources yaml.Node `yaml:"resources"`
	}
	require.NoError(t, yaml.Unmarshal(raw, &file))
	s := specimen.Empty(t)
	made := map[string]*specimen.Resource{}
	nodes := file.Resources.Content
	for round := range 2 { // what is referred to may come later
		for i := 0; i+1 < len(nodes); i += 2 {
			var body struct {
				Type       string         `yaml:"type"`
				Properties map[string]any `yaml:"properties"`
				Options    struct {
					Provider string `yaml:"provider"`
				} `yaml:"options"`
			}
			require.NoError(t, nodes[i+1].Decode(&body))
			name := nodes[i].Value
			if round == 0 {
				r := s.Add(token(body.Type), name, specimen.Inputs{})
				if strings.HasPrefix(body.Type, "pulumi:providers:") {
					made[name] = r.Set("allowedAccountIds", body.Properties["allowedAccountIds"])
					continue
				}
				module := strings.Split(body.Type, ":")[1]
				account := "111122223333"
				if p := made[strings.Trim(body.Options.Provider, "${}")]; p != nil {
					account = p.Get("allowedAccountIds").([]any)[0].(string)
					r.By(p)
				}
				if host, named := body.Properties["name"].(string); named && strings.HasSuffix(body.Type, ":Record") {
					r.Answer("fqdn", host)
				}
				made[name] = r.Answer("arn", "arn:aws:"+module+":eu-west-1:"+account+":"+strings.ToLower(r.ID())).
					Answer("dnsName", name+".eu-west-1.elb.amazonaws.com").Answer("name", name)
				continue
			}
			for property, value := range body.Properties {
				from := map[string]*specimen.Resource{}
				made[name].Set(property, filled(value, made, from))
				made[name].DependsOn(property, slices.Collect(maps.Values(from))...)
			}
		}
	}
	return s
}

// token is a type as the engine writes it: aws:ec2:Vpc is aws:ec2/vpc:Vpc.
func token(short string) string {
	parts := strings.Split(short, ":")
	if parts[0] != "aws" {
		return short
	}
	return parts[0] + ":" + parts[1] + "/" + strings.ToLower(parts[2][:1]) + parts[2][1:] + ":" + parts[2]
}

var interpolated = regexp.MustCompile(`\$\{(\w+)\.(\w+)[^}]*\}`)

// filled is the value with what it refers to, as far as the cloud's answer is known, and from where that is.
func filled(value any, made, from map[string]*specimen.Resource) any {
	switch v := value.(type) {
	case string:
		return interpolated.ReplaceAllStringFunc(v, func(reference string) string {
			m := interpolated.FindStringSubmatch(reference)
			r := made[m[1]]
			from[m[1]] = r
			if known, ok := r.Get(m[2]).(string); ok {
				return known
			}
			return r.ID()
		})
	case int:
		return float64(v)
	case []any:
		for i := range v {
			v[i] = filled(v[i], made, from)
		}
	case map[string]any:
		for key := range v {
			v[key] = filled(v[key], made, from)
		}
		if hidden, ok := v["fn::secret"]; ok {
			return map[string]any{"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
				"ciphertext": fmt.Sprint(len(fmt.Sprint(hidden)))}
		}
	}
	return value
}

// What is said of other people's stacks is counted: a line more is a false alarm until somebody has looked at it.
func TestWhatIsSaidOfOtherPeoplesStacks(t *testing.T) {
	var paths []string
	for _, pattern := range []string{"testdata/foreign/*.yaml", "../twin/conformance/programs/*.yaml"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, found)
		paths = append(paths, found...)
	}
	var text strings.Builder
	told := map[report.Severity]int{}
	spared, critical := 0, 0
	for _, path := range paths {
		worst := false
		said := map[string]int{}
		for _, f := range proof.Verify(program(t, path).Graph(), report.FromState, time.Now()).Findings {
			switch f.Verdict {
			case report.NotApplicable:
				if f.Found == report.NotOurs {
					spared++
				}
			case report.Broken:
				told[f.Severity]++
				worst = worst || f.Severity == report.Critical
				said[f.ID]++
			case report.Undecided:
				said[f.ID+"?"]++
			}
		}
		if worst {
			critical++
		}
		total := 0
		line := ""
		for _, id := range slices.Sorted(maps.Keys(said)) {
			total += said[id]
			if line += " " + id; said[id] > 1 {
				line += fmt.Sprintf("×%d", said[id])
			}
		}
		fmt.Fprintf(&text, "%s %d:%s\n", strings.TrimSuffix(filepath.Base(path), ".yaml"), total, line)
	}
	page := fmt.Sprintf("%d programs. Something critical is found in %d. In all, %d findings are critical, %d high, %d medium and %d low; "+
		"%d verdicts on this project's own conventions are spared.\n", len(paths), critical, told[report.Critical], told[report.High],
		told[report.Medium], told[report.Low], spared)
	specimen.Section(t, "../docs/mutants.md", "foreign", page, *update)
	const golden = "testdata/foreign.txt"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(text.String()), 0o600))
	}
	known, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(known), text.String(), "what is said has changed: look whether rightly, and run this test with -update")
}
