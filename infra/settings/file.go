package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/infra"
)

// File is a stack's settings file, Pulumi.<stack>.yaml, as a person wrote it. The engine gives a program only values;
// the file adds the line of each, and the keys that nothing reads.
type File struct {
	// Name is the file's base name, which errors begin with.
	Name string
	// Tree is the plain settings of the project's namespace by key; secrets are
	// left out.
	Tree map[string]any
	// Foreign are the keys of other namespaces, such as aws:region.
	Foreign []string
	// Secrets are the paths of values that are encrypted.
	Secrets []string
	// Strange are the keys beside config that the engine does not know.
	Strange []string
	// Twice are the paths that are set more than once.
	Twice []string
	lines map[string]int
	// altered are the numbers that YAML reads differently from how they are written, by path.
	altered map[string]bare
}

// FolderVariable names the environment variable that says where Pulumi.yaml is, for
// a program that the engine runs in another folder.
const FolderVariable = "CAUSEWAY_PROJECT_DIR"

// beside are the keys that the engine keeps in the file beside config.
var beside = []string{"config", "encryptedkey", "encryptionsalt", "environment", "secretsprovider"}

// Open reads the settings file of a stack in the project's folder. A file that
// does not exist gives an empty one: its stack may keep its settings elsewhere.
func Open(folder, project, stack string) (*File, error) {
	f := &File{Name: "Pulumi." + stack + ".yaml", Tree: map[string]any{}, lines: map[string]int{}, altered: map[string]bare{}}
	document, err := Read(filepath.Join(folder, f.Name))
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	top := keys(document)
	for i, key := range top {
		if slices.ContainsFunc(top[:i], func(earlier *yaml.Node) bool { return earlier.Value == key.Value }) {
			return nil, fmt.Errorf("%s:%d: %s is listed twice, and only the first would be read; make one of the two", f.Name, key.Line,
				key.Value)
		}
		if !slices.Contains(beside, key.Value) {
			f.Strange = append(f.Strange, key.Value)
			f.lines[key.Value] = key.Line
		}
	}
	config := child(document, "config")
	if config == nil || config.Tag == "!!null" {
		return f, nil
	}
	if config.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: config must hold settings, one a line", f.Name, config.Line)
	}
	for i := 0; i+1 < len(config.Content); i += 2 {
		key, value := config.Content[i], config.Content[i+1]
		name, ours := strings.CutPrefix(key.Value, project+":")
		if !ours && strings.Contains(key.Value, ":") {
			f.Foreign = append(f.Foreign, key.Value)
			f.lines[key.Value] = key.Line
			continue
		}
		f.note(name, key.Line)
		if plain, ok := f.plain(value, name); ok {
			f.Tree[name] = plain
		}
	}
	return f, nil
}

// Placed returns the problems with the file's name, and the line if it is known, put before the path of each.
func (f *File) Placed(problems infra.Problems) infra.Problems {
	out := slices.Clone(problems)
	for i, p := range out {
		where := f.Name + ": " + p.Where
		if line := f.Line(p.Where); line > 0 {
			where += fmt.Sprintf(" (line %d)", line)
		}
		out[i].Where = strings.TrimSuffix(where, ": ")
	}
	return out
}

// Line is the line of the setting at path, or of its nearest ancestor that was written; 0 if there is none.
func (f *File) Line(path string) int {
	for path != "" {
		if line, ok := f.lines[path]; ok {
			return line
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return 0
		}
		path = path[:cut]
	}
	return 0
}

// note records the line of a path, and whether the path occurred before.
func (f *File) note(path string, line int) {
	if _, there := f.lines[path]; there {
		f.Twice = append(f.Twice, path)
	}
	f.lines[path] = line
}

func mapping(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	if n.Kind != yaml.MappingNode {
		return &yaml.Node{}
	}
	return n
}

func keys(n *yaml.Node) []*yaml.Node {
	var found []*yaml.Node
	for i, item := range mapping(n).Content {
		if i%2 == 0 {
			found = append(found, item)
		}
	}
	return found
}

func child(n *yaml.Node, key string) *yaml.Node {
	for i, item := range keys(n) {
		if item.Value == key {
			return mapping(n).Content[2*i+1]
		}
	}
	return nil
}

// plain turns a node into maps, lists and scalars, recording lines and secrets on the way. It returns false for a
// secret.
func (f *File) plain(n *yaml.Node, path string) (any, bool) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch n.Kind {
	case yaml.MappingNode:
		if len(n.Content) == 2 && n.Content[0].Value == "secure" {
			f.Secrets = append(f.Secrets, path)
			return nil, false
		}
		tree := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i].Value
			at := path + "." + key
			f.note(at, n.Content[i].Line)
			if value, ok := f.plain(n.Content[i+1], at); ok {
				tree[key] = value
			}
		}
		return tree, true
	case yaml.SequenceNode:
		list := []any{}
		for i, item := range n.Content {
			at := fmt.Sprintf("%s[%d]", path, i)
			f.lines[at] = item.Line
			if value, ok := f.plain(item, at); ok {
				list = append(list, value)
			}
		}
		return list, true
	default:
		if n.Tag == "!!str" || n.Tag == "!!timestamp" {
			return n.Value, true
		}
		var value any
		if err := n.Decode(&value); err != nil {
			return n.Value, true
		}
		if read, ok := scalarText(value); ok && read != n.Value {
			f.altered[path] = bare{n.Value, read}
		}
		return value, true
	}
}
