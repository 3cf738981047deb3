package stacks

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/infra/settings"
)

var update = flag.Bool("update", false, "write the tables into README.md")

// TestTablesOfTheReadmeAreTrue holds the tables of settings and of environments to
// the code that they are made from.
func TestTablesOfTheReadmeAreTrue(t *testing.T) {
	data, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	text := string(data)
	defer func(before string) { processor = before }(processor)
	processor = "arm64" // the table is the same on every computer
	for name, table := range map[string]string{"settings": settingsTable(t), "environments": environmentsTable(t)} {
		begin, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
		before, rest, found := strings.Cut(text, begin)
		require.True(t, found, "README.md has no marker %s", begin)
		_, after, found := strings.Cut(rest, end)
		require.True(t, found, "README.md has no marker %s", end)
		text = before + begin + table + end + after
	}
	if *update {
		require.NoError(t, os.WriteFile("../README.md", []byte(text), 0o644))
		return
	}
	require.Equal(t, string(data), text, "the tables of README.md are stale: go test ./stacks -run Readme -update")
}

// leaf is one setting that holds a value.
type leaf struct {
	path, field string
	of          reflect.Type
}

func leaves(of reflect.Type, prefix string) []leaf {
	var found []leaf
	for _, f := range reflect.VisibleFields(of) {
		name := f.Tag.Get("setting")
		switch {
		case name == "" || name == "app":
		case f.Type.Kind() == reflect.Struct:
			found = append(found, leaves(f.Type, prefix+name+".")...)
		default:
			found = append(found, leaf{prefix + name, f.Name, of})
		}
	}
	return found
}

func settingsTable(t *testing.T) string {
	docs := fieldDocs(t)
	var b strings.Builder
	b.WriteString("| setting | what it is |\n| --- | --- |\n")
	for _, l := range leaves(reflect.TypeOf(Settings{}), "") {
		doc := docs[l.of.Name()+"."+l.field]
		require.NotEmpty(t, doc, "%s has no description", l.path)
		for _, f := range reflect.VisibleFields(l.of) { // settings by their own names, and not Go's
			if name := f.Tag.Get("setting"); name != "" {
				doc = regexp.MustCompile(`\b`+f.Name+`\b`).ReplaceAllString(doc, "`"+name+"`")
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.Replace(l.path, "web.", "web.` and `app.", 1), strings.ReplaceAll(doc, "|", "\\|"))
	}
	return b.String()
}

// fieldDocs is the comment of each field of settings.go, in one line. Fields that
// share a line share its comment.
func fieldDocs(t *testing.T) map[string]string {
	file, err := parser.ParseFile(token.NewFileSet(), "settings.go", nil, parser.ParseComments)
	require.NoError(t, err)
	waivers, err := parser.ParseFile(token.NewFileSet(), "waivers.go", nil, parser.ParseComments)
	require.NoError(t, err)
	docs := map[string]string{}
	for _, parsed := range []*ast.File{file, waivers} {
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			body, ok := spec.Type.(*ast.StructType)
			if !ok {
				return true
			}
			doc := ""
			for _, f := range body.Fields.List {
				if f.Doc != nil {
					doc = strings.Join(strings.Fields(f.Doc.Text()), " ")
				}
				for _, name := range f.Names {
					docs[spec.Name.Name+"."+name.Name] = withoutSubject(doc, name.Name)
				}
			}
			return true
		})
	}
	return docs
}

// withoutSubject is a field's comment for a reader who sees the setting's name
// beside it: "Region is the AWS region." becomes "the AWS region."
func withoutSubject(doc, field string) string {
	for _, verb := range []string{" is ", " are "} {
		if rest, ok := strings.CutPrefix(doc, field+verb); ok {
			return rest
		}
	}
	return doc
}

func environmentsTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| setting | local | dev | prod |\n| --- | --- | --- | --- |\n")
	for _, row := range environmentRows(t) {
		if row[1] != row[2] || row[2] != row[3] {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", row[0], row[1], row[2], row[3])
		}
	}
	return b.String()
}

func environmentRows(t *testing.T) [][4]string {
	var rows [][4]string
	columns := map[string]map[string]string{}
	for _, environment := range Environments {
		s := Profile(environment).derive(environment)
		columns[environment] = map[string]string{}
		flatten(reflect.ValueOf(s), "", columns[environment])
	}
	for _, group := range settings.Names(Settings{}) {
		for _, l := range leavesWithApp() {
			if l == group || strings.HasPrefix(l, group+".") {
				if group == "environment" || group == "name" {
					continue
				}
				rows = append(rows, [4]string{l, columns["local"][l], columns["dev"][l], columns["prod"][l]})
			}
		}
	}
	require.NotEmpty(t, rows)
	return rows
}

func leavesWithApp() []string {
	var paths []string
	for _, l := range leaves(reflect.TypeOf(Settings{}), "") {
		paths = append(paths, l.path)
	}
	for _, l := range leaves(reflect.TypeOf(TierSettings{}), "app.") {
		paths = append(paths, l.path)
	}
	return paths
}

func flatten(v reflect.Value, prefix string, into map[string]string) {
	for _, f := range reflect.VisibleFields(v.Type()) {
		name, value := f.Tag.Get("setting"), v.FieldByIndex(f.Index)
		if name == "" {
			continue
		}
		for value.Kind() == reflect.Pointer && !value.IsNil() {
			value = value.Elem()
		}
		if value.Kind() == reflect.Struct {
			flatten(value, prefix+name+".", into)
			continue
		}
		into[prefix+name] = fmt.Sprint(value.Interface())
		if value.IsZero() && value.Kind() != reflect.Bool { // an unset pointer too
			into[prefix+name] = ""
		}
	}
}
