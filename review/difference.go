package review

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/causeway-iac/causeway/graph"
)

// Difference is one property that would change, in words.
type Difference struct {
	// Path is the property's, such as "tags.owner" or "rules[2].priority".
	Path string `json:"path"`
	// Before and After are the old and the new value, short enough for a line: one is empty if an element is added or
	// removed.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Forces says that this property forces the replacement.
	Forces bool `json:"forces,omitempty"`
}

// none is how an absent value is written.
const none = "(none)"

// Text is the difference as people write it: "+ x" and "- x" for elements, "a → b" for values.
func (d Difference) Text() string {
	switch {
	case d.Before == "":
		return "+ " + d.After
	case d.After == "":
		return "- " + d.Before
	}
	return d.Before + " → " + d.After
}

// name replaces resources' ids by their names.
func (d *Difference) name(known map[string]string) {
	for _, text := range []*string{&d.Before, &d.After} {
		if name := known[*text]; name != "" && name != *text {
			*text = name + " (" + *text + ")"
		}
	}
}

// differences are what differs between two values, by the deepest path that both have. Lists of texts are compared as
// sets, since the clouds keep no order in them.
func differences(path string, before, after any) []Difference {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	if b, a, ok := bothJSON(before, after); ok {
		return differences(path, b, a)
	}
	if b, a, ok := bothEncoded(before, after); ok {
		return differences(path, b, a)
	}
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			return inMaps(path, b, a)
		}
	case []any:
		if a, ok := after.([]any); ok {
			return inLists(path, b, a)
		}
	}
	if empty(before) {
		if a, ok := after.([]any); ok && allTexts(a) {
			return inLists(path, nil, a)
		}
	}
	short, long := inTexts(brief(before), brief(after))
	return []Difference{{Path: path, Before: short, After: long}}
}

func inMaps(path string, before, after map[string]any) []Difference {
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	var all []Difference
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		b, had := before[key]
		a, has := after[key]
		at := join(path, key)
		switch {
		case key == "__defaults":
		case !had:
			all = append(all, Difference{Path: at, Before: none, After: brief(a)})
		case !has:
			all = append(all, Difference{Path: at, Before: brief(b), After: none})
		default:
			all = append(all, differences(at, b, a)...)
		}
	}
	return all
}

func inLists(path string, before, after []any) []Difference {
	if allTexts(before) && allTexts(after) {
		return inSets(path, before, after)
	}
	if b, a, ok := keyed(before, after); ok {
		return inMaps(path, b, a)
	}
	var all []Difference
	for i := range max(len(before), len(after)) {
		at := index(path, i)
		switch {
		case i >= len(before):
			all = append(all, Difference{Path: at, After: brief(after[i])})
		case i >= len(after):
			all = append(all, Difference{Path: at, Before: brief(before[i])})
		default:
			all = append(all, differences(at, before[i], after[i])...)
		}
	}
	return all
}

func inSets(path string, before, after []any) (all []Difference) {
	for _, element := range before {
		if !slices.Contains(after, element) {
			all = append(all, Difference{Path: path, Before: brief(element)})
		}
	}
	for _, element := range after {
		if !slices.Contains(before, element) {
			all = append(all, Difference{Path: path, After: brief(element)})
		}
	}
	if len(all) == 0 && len(before) != len(after) {
		all = append(all, Difference{Path: path, Before: plural(len(before), "element"), After: plural(len(after), "element")})
	}
	return all
}

// keys are the fields by which the clouds identify the elements of a list.
var keys = []string{"key", "name", "Sid", "sid", "id", "ruleId", "ruleName", "priority", "deviceName", "resourceType"}

// keyed makes maps of two lists whose elements have a key, so that an element that moved is no difference.
func keyed(before, after []any) (b, a map[string]any, ok bool) {
	for _, key := range keys {
		if b, ok = byKey(before, key); !ok {
			continue
		}
		if a, ok = byKey(after, key); ok {
			return b, a, true
		}
	}
	return nil, nil, false
}

func byKey(list []any, key string) (map[string]any, bool) {
	all := map[string]any{}
	for _, element := range list {
		m, _ := element.(map[string]any)
		name := brief(m[key])
		if m[key] == nil || unknown(m[key]) || all[name] != nil {
			return nil, false
		}
		// A tag in a list reads like one in a map.
		if value, isTag := m["value"]; isTag && key == "key" && len(m) <= 3 {
			all[name] = value
			continue
		}
		all[name] = element
	}
	return all, true
}

// allTexts says that a list's elements can be compared as a set: texts, or values not known yet.
func allTexts(list []any) bool {
	for _, element := range list {
		switch element.(type) {
		case string, graph.Unknown, graph.Secret:
		default:
			return false
		}
	}
	return true
}

// bothJSON reads two texts as JSON objects or lists, such as policies and dashboards.
func bothJSON(before, after any) (any, any, bool) {
	b, isText := before.(string)
	a, also := after.(string)
	if !isText || !also {
		return nil, nil, false
	}
	x, ok := structure(b)
	y, also := structure(a)
	return x, y, ok && also && reflect.TypeOf(x) == reflect.TypeOf(y)
}

func structure(text string) (value any, ok bool) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return nil, false
	}
	return value, json.Unmarshal([]byte(text), &value) == nil
}

// bothEncoded reads two texts as base64 of readable text, such as user data.
func bothEncoded(before, after any) (string, string, bool) {
	b, ok := decoded(before)
	a, also := decoded(after)
	return b, a, ok && also
}

func decoded(value any) (string, bool) {
	text, _ := value.(string)
	raw, err := base64.StdEncoding.DecodeString(text)
	return string(raw), err == nil && len(raw) > longest && utf8.Valid(raw)
}

// around is how much of a long text is shown on either side of a difference.
const (
	around  = 24
	longest = 80
)

// inTexts shortens two texts to where they differ, so that neither a common beginning nor a common end hides it.
func inTexts(before, after string) (string, string) {
	b, a := []rune(before), []rune(after)
	if len(b) <= longest && len(a) <= longest {
		return before, after
	}
	start := 0
	for start < len(b) && start < len(a) && b[start] == a[start] {
		start++
	}
	end := 0
	for end < len(b)-start && end < len(a)-start && b[len(b)-1-end] == a[len(a)-1-end] {
		end++
	}
	return window(b, start, len(b)-end), window(a, start, len(a)-end)
}

// window is what stands between start and end, with a little around it.
func window(text []rune, start, end int) string {
	from, to := max(0, start-around), min(len(text), end+around)
	middle := string(text[from:to])
	if end-start > longest {
		middle = string(text[from:start+longest/2]) + "…" + string(text[end-longest/2:to])
	}
	if from > 0 {
		middle = "…" + middle
	}
	if to < len(text) {
		middle += "…"
	}
	return middle
}

// brief writes a value in one line.
func brief(value any) string {
	switch v := value.(type) {
	case nil:
		return none
	case string:
		return cmp.Or(strings.Join(strings.Fields(v), " "), `""`)
	case graph.Unknown:
		return "known after apply"
	case graph.Secret:
		return "[secret]"
	case graph.Asset:
		return "a file" + strings.TrimRight(" "+v.Hash[:min(8, len(v.Hash))], " ")
	case graph.Reference:
		return v.URN[strings.LastIndex(v.URN, ":")+1:]
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	text, err := json.Marshal(plain(value))
	if err != nil {
		return fmt.Sprintf("a %T", value)
	}
	return string(text)
}

// plain turns a value into one that JSON can write without giving a secret away.
func plain(value any) any {
	switch v := value.(type) {
	case map[string]any:
		all := map[string]any{}
		for key, element := range v {
			if key != "__defaults" {
				all[key] = plain(element)
			}
		}
		return all
	case []any:
		all := make([]any, len(v))
		for i, element := range v {
			all[i] = plain(element)
		}
		return all
	case string, float64, bool, nil:
		return v
	}
	return brief(value)
}

func empty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	}
	return false
}

func join(path, key string) string {
	switch {
	case path == "":
		return key
	case strings.ContainsAny(key, ".[]"):
		return path + `["` + key + `"]`
	}
	return path + "." + key
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
