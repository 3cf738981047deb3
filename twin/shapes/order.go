package shapes

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// The provider keeps a set as Terraform's type library does (github.com/zclconf/go-cty), and gives it in that library's
// order: texts by their bytes, numbers by size, objects by a text that is made of all their attributes, by name. What is
// null comes after every value, and what is not known yet last.

func (w *walk) ordered(known map[string]*facts.Property, m value.Map, path string) value.Map {
	return w.object(known, m, path, func(known map[string]*facts.Property, m value.Map, path string) {
		for name, v := range m {
			if p := known[name]; p != nil && p.Kind == facts.Set {
				m[name] = w.set(p, v, join(path, name))
			}
		}
	})
}

func (w *walk) set(p *facts.Property, v any, path string) any {
	if s, secret := v.(value.Secret); secret {
		return value.Secret{Value: w.set(p, s.Value, path)}
	}
	list, ok := v.([]any)
	if !ok {
		return v
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b any) int { return w.compare(p, value.Reveal(a), value.Reveal(b), path) })
	return list
}

func (w *walk) compare(p *facts.Property, a, b any, path string) int {
	if by := cmp.Compare(rank(a), rank(b)); by != 0 || rank(a) > 0 {
		return by
	}
	x, isText := a.(string)
	y, areTexts := b.(string)
	if isText && areTexts {
		return cmp.Compare(x, y)
	}
	n, isNumber := a.(float64)
	m, areNumbers := b.(float64)
	if isNumber && areNumbers {
		return cmp.Compare(n, m)
	}
	return cmp.Compare(w.element(p, a, path), w.element(p, b, path))
}

func rank(v any) int {
	switch v.(type) {
	case value.Unknown:
		return 2
	case nil:
		return 1
	}
	return 0
}

// element is the text by which an element of a set is placed.
func (w *walk) element(p *facts.Property, v any, path string) string {
	if m, ok := v.(value.Map); ok && p.Properties != nil {
		return w.attributes(p.Properties, m, path)
	}
	return text(v)
}

// attributes are those of an object in the order of their names, which are Terraform's.
func (w *walk) attributes(known map[string]*facts.Property, m value.Map, path string) string {
	var b strings.Builder
	b.WriteByte('<')
	for _, name := range slices.SortedFunc(maps.Keys(known), func(a, b string) int { return cmp.Compare(snake(a), snake(b)) }) {
		p, v, at := known[name], value.Reveal(m[name]), join(path, name)
		if v == nil {
			v = w.unset(p, at)
		}
		switch x := v.(type) {
		case value.Map:
			if p.Properties != nil { // an object is a list of one
				v = []any{x}
			}
		case nil:
			if p.Properties != nil { // a block is never null
				v = []any{}
			}
		}
		if list, ok := v.([]any); ok {
			b.WriteByte('[')
			for _, e := range list {
				b.WriteString(w.element(p, e, at) + ";")
			}
			b.WriteString("];")
			continue
		}
		b.WriteString(text(v) + ";")
	}
	b.WriteByte('>')
	return b.String()
}

// unset is what an attribute of an element is when nothing sets it: empty, unless it was recorded to be null.
func (w *walk) unset(p *facts.Property, path string) any {
	as := w.forms[path]
	if as == "" {
		as = empty
	}
	v, _ := as.value(p, w.stage)
	return v
}

func text(v any) string {
	switch x := v.(type) {
	case nil:
		return "~"
	case value.Unknown:
		return "?"
	case bool:
		return strings.ToUpper(strconv.FormatBool(x)[:1])
	case float64:
		return strconv.FormatFloat(x, 'g', 10, 64)
	case value.Map:
		var b strings.Builder
		for _, k := range slices.Sorted(maps.Keys(x)) {
			b.WriteString(text(k) + ":" + text(x[k]) + ";")
		}
		return "{" + b.String() + "}"
	}
	return fmt.Sprintf("%q", v)
}

// snake is a property's name as Terraform writes it.
func snake(camel string) string {
	var b strings.Builder
	for _, r := range camel {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
