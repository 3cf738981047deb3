// Package settings reads a stack's settings into a typed struct and reports everything wrong with them at once:
// unknown keys with the nearest right one, wrong types, and secrets that are not allowed.
//
// A struct's fields are settings if they carry a `setting:"name"` tag. Values that the struct already holds are the
// defaults: only what a person wrote is replaced. A pointer distinguishes "not written" from a written zero. The
// entry "" of a map is the default of every entry that is written.
package settings

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	edlib "github.com/hbollon/go-edlib"

	"github.com/causeway-iac/causeway/infra"
)

// Decode writes tree into the struct that into points to.
func Decode(tree map[string]any, into any) infra.Problems {
	return decodeStruct(tree, reflect.ValueOf(into).Elem())
}

// Names are the settings of a struct, in the order of its fields.
func Names(of any) []string {
	var names []string
	for _, f := range fields(reflect.TypeOf(of)) {
		names = append(names, f.Tag.Get("setting"))
	}
	return names
}

func fields(t reflect.Type) []reflect.StructField {
	var found []reflect.StructField
	for _, f := range reflect.VisibleFields(t) {
		if f.Tag.Get("setting") != "" {
			found = append(found, f)
		}
	}
	return found
}

func decodeStruct(tree map[string]any, into reflect.Value) infra.Problems {
	var problems infra.Problems
	known := map[string]reflect.Value{}
	for _, f := range fields(into.Type()) {
		known[f.Tag.Get("setting")] = into.FieldByIndex(f.Index)
	}
	for _, key := range slices.Sorted(maps.Keys(tree)) {
		field, ok := known[key]
		if !ok {
			problems.Add(key, Suggest(key, slices.Collect(maps.Keys(known))), "there is no such setting")
			continue
		}
		problems = append(problems, decodeValue(tree[key], field).Under(key)...)
	}
	return problems
}

// Suggest is the remedy for a key that is not in known: the nearest of them if one is near, otherwise all of them.
func Suggest(key string, known []string) string {
	slices.Sort(known)
	if near := Near(key, known); near != "" {
		return near
	}
	return "the settings here are " + strings.Join(known, ", ")
}

// Near is the remedy for a word that is close to one of known: "did you mean eu-west-1?"
func Near(key string, known []string) string {
	if near := Nearest(key, known); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// Nearest is the word of known that somebody probably meant, "" if none is near. Two letters that changed places count
// once: how often one has mistyped.
func Nearest(key string, known []string) string {
	best, least := "", math.MaxInt
	for _, k := range known {
		if d := edlib.OSADamerauLevenshteinDistance(strings.ToLower(key), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	if least > max(1, len(key)/3) {
		return ""
	}
	return best
}

func decodeValue(value any, into reflect.Value) infra.Problems {
	var problems infra.Problems
	if value == nil {
		problems.Add("", "give it one, or remove the line", "has no value")
		return problems
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		return decodeValue(value, into.Elem())
	case reflect.Struct:
		tree, ok := value.(map[string]any)
		if !ok {
			return wrongType(value, "settings of its own, indented below it", into)
		}
		return append(empty(tree, into), decodeStruct(tree, into)...)
	case reflect.Map:
		return decodeMap(value, into)
	case reflect.Slice:
		return decodeList(value, into)
	case reflect.String:
		text, ok := scalarText(value)
		if _, written := value.(string); !written && into.Type() == reflect.TypeFor[Quoted]() {
			problems.Addf("", fmt.Sprintf("write it in quotes: %q", fmt.Sprint(value)), "%v is not a text", describe(value))
			return problems
		}
		if !ok {
			return wrongType(value, "a text", into)
		}
		into.SetString(text)
	case reflect.Bool:
		truth, ok := scalarBool(value)
		if !ok {
			return wrongType(value, "true or false", into)
		}
		into.SetBool(truth)
	case reflect.Int:
		number, ok := scalarInt(value)
		if !ok {
			return wrongType(value, "a whole number", into)
		}
		into.SetInt(number)
	case reflect.Float64:
		number, ok := scalarFloat(value)
		if !ok {
			return wrongType(value, "a number", into)
		}
		into.SetFloat(number)
	default:
		panic("settings: a field of kind " + into.Kind().String() + " cannot be read")
	}
	return problems
}

// empty returns a problem for each empty text written below a group: whoever writes one does not mean the default. At
// the top level, Pulumi itself passes on an empty text for a setting that is not written.
func empty(tree map[string]any, into reflect.Value) infra.Problems {
	var problems infra.Problems
	for _, f := range fields(into.Type()) {
		name := f.Tag.Get("setting")
		if text, written := tree[name].(string); written && text == "" && f.Type.Kind() == reflect.String {
			problems.Add(name, "write a value, or remove the line for the default", "is empty")
		}
	}
	return problems
}

func decodeMap(value any, into reflect.Value) infra.Problems {
	tree, ok := value.(map[string]any)
	if !ok {
		return wrongType(value, "names with values, indented below it", into)
	}
	var problems infra.Problems
	common := into.MapIndex(reflect.ValueOf("")) // the defaults of every entry
	into.Set(reflect.MakeMapWithSize(into.Type(), len(tree)))
	for _, key := range slices.Sorted(maps.Keys(tree)) {
		element := reflect.New(into.Type().Elem()).Elem()
		if common.IsValid() {
			element.Set(common)
		}
		problems = append(problems, decodeValue(tree[key], element).Under(key)...)
		into.SetMapIndex(reflect.ValueOf(key), element)
	}
	return problems
}

func decodeList(value any, into reflect.Value) infra.Problems {
	list, ok := value.([]any)
	if text, written := value.(string); written && !strings.HasPrefix(text, opening[reflect.Slice]) {
		remedy := "write [" + strings.Join(strings.Fields(text), ", ") + "]"
		return infra.Problems{{What: describe(value) + " is not a list", Remedy: remedy}}
	}
	if !ok {
		return wrongType(value, "a list, one entry a line after a dash", into)
	}
	var problems infra.Problems
	into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
	for i, item := range list {
		problems = append(problems, decodeValue(item, into.Index(i)).Under(fmt.Sprintf("[%d]", i))...)
	}
	return problems
}

func wrongType(value any, want string, into reflect.Value) infra.Problems {
	if text, written := value.(string); written && strings.HasPrefix(text, opening[into.Kind()]) && opening[into.Kind()] != "" {
		return infra.Problems{{What: "is a text with JSON in it", Remedy: "take the quotes around it away: YAML reads JSON as it is"}}
	}
	remedy := "write " + want
	if !into.IsZero() && into.Kind() != reflect.Struct {
		remedy += fmt.Sprintf(", such as %v", into.Interface())
	}
	return infra.Problems{{What: describe(value) + " is not " + want, Remedy: remedy}}
}

// opening begins the JSON of a kind.
var opening = map[reflect.Kind]string{reflect.Struct: "{", reflect.Map: "{", reflect.Slice: "["}

func describe(value any) string {
	switch v := value.(type) {
	case string:
		return strconv.Quote(v)
	case map[string]any:
		return "a group of settings"
	case []any:
		return "a list"
	default:
		return fmt.Sprint(v)
	}
}

func scalarText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		// YAML reads a bare 2027-06-30 as a point in time, and the engine writes it out as one.
		return strings.TrimSuffix(v, " 00:00:00 +0000 UTC"), true
	case int, int64, uint64, json.Number:
		return fmt.Sprint(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	default:
		return "", false
	}
}

func scalarBool(value any) (bool, bool) {
	switch v := value.(type) {
	case bool:
		return v, true
	case string:
		return v == "true", v == "true" || v == "false"
	default:
		return false, false
	}
}

func scalarInt(value any) (int64, bool) {
	switch v := value.(type) {
	case int:
		return int64(v), true
	case float64:
		return int64(v), v == math.Trunc(v) && math.Abs(v) < 1<<53
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	default:
		return 0, false
	}
}

// Number is a value that was written as a number, in quotes or not.
func Number(value any) (float64, bool) { return scalarFloat(value) }

// scalarFloat is a number that can be written down: neither infinite nor NaN.
func scalarFloat(value any) (n float64, ok bool) {
	switch v := value.(type) {
	case float64:
		n, ok = v, true
	case int:
		n, ok = float64(v), true
	case string:
		var err error
		n, err = strconv.ParseFloat(v, 64)
		ok = err == nil
	}
	return n, ok && !math.IsInf(n, 0) && !math.IsNaN(n)
}
