package settings

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// FromEngine returns the settings of a struct as the engine gives them to the program: from the file, --config, or an
// environment. Whatever a person left empty is absent, so that its default applies.
func FromEngine(ctx *pulumi.Context, of any) (map[string]any, infra.Problems) {
	tree := map[string]any{}
	var problems infra.Problems
	for _, f := range fields(reflect.TypeOf(of)) {
		name := f.Tag.Get("setting")
		key := ctx.Project() + ":" + name
		text, ok := ctx.GetConfig(key)
		if !ok || text == "" || text == "{}" {
			continue
		}
		if ctx.IsConfigSecret(key) {
			problems = append(problems, secret(name))
			continue
		}
		switch f.Type.Kind() {
		case reflect.Struct, reflect.Map, reflect.Slice:
			var value any
			if err := json.Unmarshal([]byte(text), &value); err != nil {
				problems.Add(name, "indent its settings below it", fmt.Sprintf("%q is not a group of settings", text))
				continue
			}
			tree[name] = value
		default:
			tree[name] = text
		}
	}
	return tree, problems
}

// SecretsAre returns a problem for each secret value: what a program is told ends up in user data and in the state,
// where no secret may be.
func (f *File) SecretsAre() infra.Problems {
	var problems infra.Problems
	for _, path := range f.Secrets {
		problems = append(problems, secret(path))
	}
	return problems
}

// Unread returns a problem for each thing in the file that nothing reads: keys that are not settings of the struct,
// keys of unknown namespaces, and keys that are written twice.
func (f *File) Unread(project string, of any) infra.Problems {
	var problems infra.Problems
	known := Names(of)
	for _, key := range slices.Sorted(maps.Keys(f.Tree)) {
		group := key[:max(strings.IndexAny(key, ".["), 0)]
		switch {
		case slices.Contains(known, key):
		case slices.Contains(known, group):
			problems.Addf(key, fmt.Sprintf("write it below %s:%s, as `pulumi config set --path %[1]s:%[3]s VALUE` does, "+
				"and remove this with `pulumi config rm %[1]s:%[3]s`", project, group, key), "is one name for Pulumi, and no setting")
		default:
			problems.Add(key, Suggest(key, known), "there is no such setting")
		}
	}
	for _, path := range f.Twice {
		problems.Add(path, "remove one of the two", "is set twice")
	}
	for _, key := range f.Strange {
		problems.Add(key, Suggest(key, slices.Clone(beside)), "Pulumi reads no such key")
	}
	for _, key := range f.Foreign {
		namespace, name, _ := strings.Cut(key, ":")
		if !slices.Contains([]string{"aws", "cloudflare", "pulumi"}, namespace) {
			problems.Add(key, "did you mean "+project+":"+name+"?", "nothing reads settings of "+namespace)
		}
	}
	return problems
}

// confidential matches the groups of settings in which somebody may write a secret: those that a program is told.
var confidential = regexp.MustCompile(`\.(environment|arguments|command)\b`)

func secret(path string) infra.Problem {
	if !confidential.MatchString(path) {
		return infra.Problem{
			Where: path, What: "is encrypted, and no secret: it shows in names, tags and the state",
			Remedy: "set it again without --secret",
		}
	}
	return infra.Problem{
		Where:  path,
		What:   "a secret cannot be a setting, since settings end in user data that an instance's role can read",
		Remedy: "keep it in Secrets Manager and list its ARN under web.secrets or app.secrets",
	}
}
