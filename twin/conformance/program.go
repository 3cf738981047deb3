package conformance

import (
	"embed"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/twin/value"
)

//go:embed programs/*.yaml
var programFiles embed.FS

// Program is somebody else's program, in Pulumi's YAML form, as far as it declares resources.
type Program struct {
	Name      string
	Resources []Declared // in the order of the file: what is referred to comes first
}

// Declared is a resource of a program. References are texts such as ${vpc.id}.
type Declared struct {
	Logical, Type string
	Properties    value.Map
}

// Programs returns the programs.
func Programs() ([]Program, error) {
	files, err := programFiles.ReadDir("programs")
	if err != nil {
		return nil, fmt.Errorf("listing the programs: %w", err)
	}
	var all []Program
	for _, f := range files {
		text, err := programFiles.ReadFile(path.Join("programs", f.Name()))
		if err != nil {
			return nil, fmt.Errorf("reading programs: %w", err)
		}
		p, err := parseProgram(text)
		if err != nil {
			return nil, fmt.Errorf("programs/%s: %w", f.Name(), err)
		}
		all = append(all, p)
	}
	return all, nil
}

func parseProgram(text []byte) (Program, error) {
	var file struct {
		Name      string    `yaml:"name"`
		Resources yaml.Node `yaml:"resources"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return Program{}, err
	}
	p := Program{Name: file.Name}
	for i := 0; i+1 < len(file.Resources.Content); i += 2 {
		name := file.Resources.Content[i].Value
		body, _ := plain(file.Resources.Content[i+1]).(value.Map)
		token, _ := body["type"].(string)
		properties, _ := body["properties"].(value.Map)
		p.Resources = append(p.Resources, Declared{name, fullToken(token), properties})
	}
	return p, nil
}

// fullToken is a type as the engine writes it: aws:ec2:Vpc is aws:ec2/vpc:Vpc.
func fullToken(short string) string {
	parts := strings.Split(short, ":")
	if len(parts) != 3 || strings.Contains(parts[1], "/") || parts[2] == "" {
		return short
	}
	return parts[0] + ":" + parts[1] + "/" + strings.ToLower(parts[2][:1]) + parts[2][1:] + ":" + parts[2]
}

// reference is ${certificate.arn}, or ${certificate.domainValidationOptions[0].resourceRecordName}.
var reference = regexp.MustCompile(`^\$\{(\w+)\.(\w+)(?:\[(\d+)\]\.(\w+))?\}$`)

// Resolved is properties with references resolved and secrets marked.
func Resolved(v any, lookup func(logical, property string) any) any {
	switch x := v.(type) {
	case string:
		if m := reference.FindStringSubmatch(x); m != nil {
			return within(lookup(m[1], m[2]), m[3], m[4])
		}
	case value.Map:
		if hidden, ok := x["fn::secret"]; ok {
			return value.Secret{Value: hidden}
		}
		out := value.Map{}
		for k, e := range x {
			out[k] = Resolved(e, lookup)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = Resolved(e, lookup)
		}
		return out
	}
	return v
}

// within is a property of an object of a list, or the value itself where no index is given.
func within(v any, index, property string) any {
	if index == "" {
		return v
	}
	list, _ := v.([]any)
	if i, err := strconv.Atoi(index); err == nil && i < len(list) {
		if object, ok := list[i].(value.Map); ok {
			return object[property]
		}
	}
	return value.Unknown{}
}

// Cases asks about each resource of a program as its preview does: what other resources decide is unknown.
func (p Program) Cases() []Case {
	unknown := func(string, string) any { return value.Unknown{} }
	var all []Case
	for _, d := range p.Resources {
		in := Resolved(d.Properties, unknown).(value.Map)
		for _, q := range []Question{Check, Fill, Plan} {
			all = append(all, Case{Question: q, Type: d.Type, At: p.Name, What: d.Logical, Inputs: in, Logical: d.Logical, program: true})
		}
	}
	return all
}
