package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// property is what the facts say of a property, in the field names of twin/facts.
type property struct {
	Type          string               `json:"type"`
	Items         string               `json:"items,omitempty"`
	Properties    map[string]*property `json:"properties,omitempty"`
	Required      bool                 `json:"required,omitempty"`
	Optional      bool                 `json:"optional,omitempty"`
	Computed      bool                 `json:"computed,omitempty"`
	ForceNew      bool                 `json:"forceNew,omitempty"`
	Sensitive     bool                 `json:"sensitive,omitempty"`
	Default       any                  `json:"default,omitempty"`
	MinItems      int                  `json:"minItems,omitempty"`
	MaxItems      int                  `json:"maxItems,omitempty"`
	ConflictsWith []string             `json:"conflictsWith,omitempty"`
	ExactlyOneOf  []string             `json:"exactlyOneOf,omitempty"`
}

type resource struct {
	Autoname      *autoname            `json:"autoname,omitempty"`
	SecretOutputs []string             `json:"secretOutputs,omitempty"`
	Properties    map[string]*property `json:"properties"`
}

type autoname struct {
	Property  string `json:"property"`
	MaxLength int    `json:"maxLength,omitempty"`
}

// module is one package of the SDK, parsed.
type module struct {
	structs   map[string]*ast.StructType
	functions map[string]*ast.FuncDecl
}

// readModule parses the file of each type, and those of nested types.
func readModule(dir string, files []string) (*module, error) {
	nested, err := filepath.Glob(filepath.Join(dir, "pulumiTypes*.go"))
	if err != nil {
		return nil, err
	}
	m := &module{structs: map[string]*ast.StructType{}, functions: map[string]*ast.FuncDecl{}}
	for _, file := range append(nested, files...) {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("reading the SDK: %w", err)
		}
		for _, d := range parsed.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					m.functions[d.Name.Name] = d
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if t, ok := s.(*ast.TypeSpec); ok {
						if st, ok := t.Type.(*ast.StructType); ok {
							m.structs[t.Name.Name] = st
						}
					}
				}
			}
		}
	}
	return m, nil
}

// resource is what the SDK says of a type: its inputs from the plain form of its arguments, which shows what is optional,
// what is required from its constructor, and its outputs from its fields.
func (m *module) resource(name string) (*resource, error) {
	plain, outputs, create := m.structs[lower(name)+"Args"], m.structs[name], m.functions["New"+name]
	if plain == nil || outputs == nil || create == nil {
		return nil, fmt.Errorf("the SDK has no %s", name)
	}
	r := &resource{Properties: m.object(plain, 0)}
	for _, property := range required(create) {
		for n, p := range r.Properties {
			if strings.EqualFold(n, property) {
				p.Required, p.Optional = true, false
			}
		}
	}
	r.SecretOutputs = secrets(create)
	for _, f := range outputs.Fields.List {
		n := tag(f)
		if n == "" {
			continue
		}
		kind := types(f.Type)
		p := r.Properties[n]
		switch {
		case p == nil:
			p = m.output(kind)
			p.Computed = true
			r.Properties[n] = p
		case p.Optional && !strings.HasSuffix(kind, "PtrOutput") && !strings.HasSuffix(kind, "ArrayOutput") &&
			!strings.HasSuffix(kind, "MapOutput"):
			p.Computed = true
		}
		if n == "tagsAll" {
			p.Computed, p.Optional = true, true
		}
	}
	return r, nil
}

// object is the properties of a plain struct.
func (m *module) object(st *ast.StructType, depth int) map[string]*property {
	all := map[string]*property{}
	for _, f := range st.Fields.List {
		if n := tag(f); n != "" {
			all[n] = m.property(f.Type, depth)
		}
	}
	return all
}

var scalars = map[string]string{"string": "string", "bool": "bool", "int": "int", "float64": "number"}

func (m *module) property(t ast.Expr, depth int) *property {
	p := &property{Required: true}
	if star, ok := t.(*ast.StarExpr); ok {
		p.Required, t = false, star.X
	}
	switch t := t.(type) {
	case *ast.ArrayType:
		p.Required, p.Type = false, "list"
		element := m.property(t.Elt, depth)
		p.Items, p.Properties = element.Type, element.Properties
	case *ast.MapType:
		p.Required, p.Type = false, "map"
		p.Items = m.property(t.Value, depth).Type
	case *ast.Ident:
		if kind := scalars[t.Name]; kind != "" {
			p.Type = kind
		} else if st := m.structs[t.Name]; st != nil && depth < 8 {
			p.Type, p.Properties = "object", m.object(st, depth+1)
		} else if st != nil {
			p.Type = "any"
		} else {
			p.Type = "string" // an enumeration
		}
	default:
		p.Required, p.Type = false, "any" // a file, an archive, or anything
	}
	p.Optional = !p.Required
	return p
}

var outputPattern = regexp.MustCompile(`^(?:pulumi\.)?(\w+?)(Ptr)?(Array|Map)?Output$`)

// output is a property that only the cloud sets, read from the type of its field.
func (m *module) output(kind string) *property {
	match := outputPattern.FindStringSubmatch(kind)
	if match == nil {
		return &property{Type: "any"}
	}
	p := &property{Type: map[string]string{"String": "string", "Bool": "bool", "Int": "int", "Float64": "number"}[match[1]]}
	if st := m.structs[match[1]]; st != nil {
		p.Type, p.Properties = "object", m.object(st, 1)
	}
	p.Type = cmp.Or(p.Type, "any")
	if match[3] != "" {
		p.Items, p.Type = p.Type, map[string]string{"Array": "list", "Map": "map"}[match[3]]
	}
	return p
}

func types(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return types(e.X) + "." + e.Sel.Name
	}
	return ""
}

func tag(f *ast.Field) string {
	if f.Tag == nil {
		return ""
	}
	text, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return ""
	}
	return reflect.StructTag(text).Get("pulumi")
}

var requiredPattern = regexp.MustCompile(`invalid value for required argument '(\w+)'`)

func required(create *ast.FuncDecl) []string { return quoted(create, requiredPattern) }

// secrets are the outputs that the constructor marks as secret.
func secrets(create *ast.FuncDecl) (names []string) {
	ast.Inspect(create, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || types(call.Fun) != "pulumi.AdditionalSecretOutputs" {
			return true
		}
		ast.Inspect(call, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					names = append(names, s)
				}
			}
			return true
		})
		return false
	})
	return names
}

func quoted(f *ast.FuncDecl, pattern *regexp.Regexp) (names []string) {
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok {
			if match := pattern.FindStringSubmatch(lit.Value); match != nil {
				names = append(names, match[1])
			}
		}
		return true
	})
	return names
}

func lower(name string) string {
	r := []rune(name)
	for i := range r {
		if i > 0 && i+1 < len(r) && unicode.IsLower(r[i+1]) {
			break
		}
		r[i] = unicode.ToLower(r[i])
	}
	return string(r)
}
