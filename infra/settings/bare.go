package settings

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/infra"
)

// Quoted is a text that must not be written as a bare number or boolean: YAML reads 1.10 as 1.1 and 01234 as 668.
type Quoted string

// octal matches a number that a person takes for decimal and YAML does not.
var octal = regexp.MustCompile(`^[-+]?0[0-9_]+$`)

// bare is a number in the file: as it is written, and as YAML reads it.
type bare struct{ written, read string }

// Altered returns a problem for each number that YAML reads differently from how it is written, where that matters:
// in a text, or with a leading zero.
func (f *File) Altered(of any) infra.Problems {
	var problems infra.Problems
	for _, path := range slices.Sorted(maps.Keys(f.altered)) {
		n := f.altered[path]
		if kindAt(reflect.TypeOf(of), path) == reflect.String || octal.MatchString(n.written) {
			problems.Addf(path, fmt.Sprintf("write %q in quotes, or %s", n.written, n.read), "YAML reads %s as %s", n.written, n.read)
		}
	}
	return problems
}

// kindAt is the kind of the setting at a path; Invalid if there is none.
func kindAt(t reflect.Type, path string) reflect.Kind {
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		switch t.Kind() {
		case reflect.Struct:
			i := slices.IndexFunc(fields(t), func(f reflect.StructField) bool { return f.Tag.Get("setting") == step })
			if i < 0 {
				return reflect.Invalid
			}
			t = fields(t)[i].Type
		case reflect.Map, reflect.Slice:
			if t = t.Elem(); t.Kind() == reflect.String {
				return reflect.String // the rest of the path is the key, which may contain dots
			}
		default:
			return reflect.Invalid
		}
	}
	return t.Kind()
}
