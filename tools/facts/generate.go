package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"

	"gopkg.in/yaml.v3"
)

// factsOf is the file that twin/facts embeds.
type factsOf struct {
	Package   string               `json:"package"`
	SDK       string               `json:"sdk"`
	Source    string               `json:"source"`
	Resources map[string]*resource `json:"resources"`
}

// added is what types.yaml says of a type.
type added struct {
	Name struct {
		Property  string `yaml:"property"`
		MaxLength int    `yaml:"maxLength"`
	} `yaml:"name"`
	Replaces []string       `yaml:"replaces"`
	Computed []string       `yaml:"computed"`
	Sets     []string       `yaml:"sets"`
	Secret   []string       `yaml:"secret"`
	Defaults map[string]any `yaml:"defaults"`
	Apart    [][]string     `yaml:"apart"`
	One      [][]string     `yaml:"one"`
}

// generate reads the SDK, in the version that root's go.mod names.
func generate(root, list string) (*factsOf, error) {
	text, err := os.ReadFile(list)
	if err != nil {
		return nil, err
	}
	var types map[string]added
	if err := yaml.Unmarshal(text, &types); err != nil {
		return nil, fmt.Errorf("reading %s: %w", list, err)
	}
	dir, version, err := sdk(root)
	if err != nil {
		return nil, err
	}
	files := map[string][]string{}
	for token := range types {
		module, file, _ := split(token)
		files[module] = append(files[module], filepath.Join(dir, "go/aws", module, file+".go"))
	}
	modules := map[string]*module{}
	for name, list := range files {
		if modules[name], err = readModule(filepath.Join(dir, "go/aws", name), list); err != nil {
			return nil, err
		}
	}
	p := &factsOf{Package: "aws", SDK: sdkModule + " " + version, Source: "the Go SDK, and tools/facts/types.yaml",
		Resources: map[string]*resource{}}
	for token, more := range types {
		module, _, name := split(token)
		r, err := modules[module].resource(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", token, err)
		}
		if err := r.add(more); err != nil {
			return nil, fmt.Errorf("types.yaml: %s: %w", token, err)
		}
		p.Resources[token] = r
	}
	return p, nil
}

// split cuts a token such as aws:sqs/queue:Queue into module, file and name.
func split(token string) (module, file, name string) {
	rest, name, _ := strings.Cut(strings.TrimPrefix(token, "aws:"), ":")
	module, file, _ = strings.Cut(rest, "/")
	return module, file, name
}

func sdk(root string) (dir, version string, err error) {
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}} {{.Version}}", sdkModule)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return "", "", fmt.Errorf("looking for the SDK: %w", err)
	}
	dir, version, _ = strings.Cut(strings.TrimSpace(string(out)), " ")
	return dir, version, nil
}

// add applies what types.yaml says.
func (r *resource) add(more added) error {
	if more.Name.Property != "" {
		r.Autoname = &autoname{more.Name.Property, more.Name.MaxLength}
	}
	if len(more.Secret) > 0 {
		r.SecretOutputs = more.Secret
	}
	var unknown []string
	each := func(paths []string, f func(*property)) {
		for _, path := range paths {
			if p := r.at(path); p != nil {
				f(p)
			} else {
				unknown = append(unknown, path)
			}
		}
	}
	if len(more.Replaces) == 1 && more.Replaces[0] == "*" {
		more.Replaces = nil
		for name, p := range r.Properties {
			if (p.Optional || p.Required) && name != "tags" && name != "tagsAll" {
				more.Replaces = append(more.Replaces, name)
			}
		}
	}
	each(more.Replaces, func(p *property) { p.ForceNew = true })
	each(more.Computed, func(p *property) { p.Computed = true })
	each(more.Sets, func(p *property) { p.Type = "set" })
	for name, v := range more.Defaults {
		each([]string{name}, func(p *property) { p.Default, p.Computed = v, false })
	}
	for _, pair := range more.Apart {
		each(pair[:1], func(p *property) { p.ConflictsWith = append(p.ConflictsWith, pair[1]) })
		each(pair[1:2], func(p *property) { p.ConflictsWith = append(p.ConflictsWith, pair[0]) })
	}
	for _, group := range more.One {
		each(group, func(p *property) { p.ExactlyOneOf = group })
	}
	if len(unknown) > 0 {
		sort.Strings(unknown)
		return fmt.Errorf("the SDK has no %s", strings.Join(unknown, ", "))
	}
	return nil
}

// at is the property at a path, or nil.
func (r *resource) at(path string) *property {
	properties := r.Properties
	var p *property
	for name := range strings.SplitSeq(path, ".") {
		if p = properties[name]; p == nil {
			return nil
		}
		properties = p.Properties
	}
	return p
}

// judge applies what a provider's schema says of the types that it has: which properties force a replacement, and which
// are secret.
func (p *factsOf) judge(text []byte) error {
	type property struct {
		WillReplaceOnChanges bool `json:"willReplaceOnChanges"`
		Secret               bool `json:"secret"`
	}
	var schema struct {
		Resources map[string]struct {
			InputProperties map[string]property `json:"inputProperties"`
			Properties      map[string]property `json:"properties"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		return fmt.Errorf("reading the provider's schema: %w", err)
	}
	for token, r := range p.Resources {
		said, has := schema.Resources[token]
		if !has {
			continue
		}
		for name, mine := range r.Properties {
			mine.ForceNew = said.InputProperties[name].WillReplaceOnChanges
			mine.Sensitive = said.Properties[name].Secret
		}
	}
	return nil
}

// pack is the file's content: the same for the same facts.
func (p *factsOf) pack() ([]byte, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
