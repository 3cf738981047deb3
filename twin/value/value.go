// Package value holds property values in the form that the twin works with: the JSON kinds, plus
// Unknown and Secret. It converts them from and to Pulumi's wire form.
package value

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/structpb"
)

// Unknown stands for a value that only a deployment can know.
type Unknown struct{}

// Secret wraps a value that must not be shown.
type Secret struct{ Value any }

// Map is a set of properties by name.
type Map = map[string]any

// The wire form's marks, fixed by Pulumi's protocol (sdk/go/common/resource/sig and plugin/rpc.go).
const (
	signatureKey    = "4dabf18193072939515e22adb298388d"
	secretSignature = "1b47061264138c4ac30d75fd1eb44270"
	assetSignature  = "c44067f5952c0a294b673a41bacd8c17"
	archiveSig      = "0def7320c3a5731c473e5ecbe6d01bc7"
	unknownString   = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
)

var unknownMarks = map[string]bool{
	unknownString:                          true,
	"1c4a061d-8072-4f0a-a4cb-0ff528b18fe7": true,
	"3eeb2bf0-c639-47a8-9e75-3b44932eb421": true,
	"6a19a0b0-7e62-4c92-b797-7f8e31da9cc2": true,
	"030794c1-ac77-496b-92df-f27374a8bd58": true,
	"e48ece36-62e2-4504-bad9-02848725956a": true,
	"dd056dcd-154b-4c76-9bd3-c8f88648b5ff": true,
}

// FromWire reads a request's properties. Nulls are dropped.
func FromWire(s *structpb.Struct) Map {
	m := Map{}
	for k, v := range s.GetFields() {
		if x := fromWire(v); x != nil {
			m[k] = x
		}
	}
	return m
}

func fromWire(v *structpb.Value) any {
	switch k := v.GetKind().(type) {
	case *structpb.Value_StringValue:
		if len(k.StringValue) == len(unknownString) && unknownMarks[k.StringValue] {
			return Unknown{}
		}
		return k.StringValue
	case *structpb.Value_NumberValue:
		return k.NumberValue
	case *structpb.Value_BoolValue:
		return k.BoolValue
	case *structpb.Value_ListValue:
		list := make([]any, len(k.ListValue.GetValues()))
		for i, e := range k.ListValue.GetValues() {
			list[i] = fromWire(e)
		}
		return list
	case *structpb.Value_StructValue:
		m := FromWire(k.StructValue)
		if m[signatureKey] == secretSignature {
			return Secret{Value: m["value"]}
		}
		return m
	}
	return nil
}

// ToWire writes a response's properties.
func ToWire(m Map) (*structpb.Struct, error) {
	fields := make(map[string]*structpb.Value, len(m))
	for k, v := range m {
		w, err := toWire(v)
		if err != nil {
			return nil, fmt.Errorf("writing property %q: %w", k, err)
		}
		fields[k] = w
	}
	return &structpb.Struct{Fields: fields}, nil
}

func toWire(v any) (*structpb.Value, error) {
	switch x := v.(type) {
	case nil:
		return structpb.NewNullValue(), nil
	case Unknown:
		return structpb.NewStringValue(unknownString), nil
	case Secret:
		s, err := ToWire(Map{signatureKey: secretSignature, "value": x.Value})
		return structpb.NewStructValue(s), err
	case string:
		return structpb.NewStringValue(strings.ToValidUTF8(x, "\uFFFD")), nil
	case bool:
		return structpb.NewBoolValue(x), nil
	case float64:
		return structpb.NewNumberValue(x), nil
	case int:
		return structpb.NewNumberValue(float64(x)), nil
	case []string:
		list := make([]any, len(x))
		for i, e := range x {
			list[i] = e
		}
		return toWire(list)
	case []any:
		list := &structpb.ListValue{Values: make([]*structpb.Value, len(x))}
		for i, e := range x {
			w, err := toWire(e)
			if err != nil {
				return nil, err
			}
			list.Values[i] = w
		}
		return structpb.NewListValue(list), nil
	case Map:
		s, err := ToWire(x)
		return structpb.NewStructValue(s), err
	}
	return nil, fmt.Errorf("a %T has no wire form", v)
}

// Reveal returns the value without its Secret wrappers.
func Reveal(v any) any {
	switch x := v.(type) {
	case Secret:
		return Reveal(x.Value)
	case []any:
		list := make([]any, len(x))
		for i, e := range x {
			list[i] = Reveal(e)
		}
		return list
	case Map:
		return RevealMap(x)
	}
	return v
}

// RevealMap is Reveal for properties.
func RevealMap(m Map) Map {
	out := make(Map, len(m))
	for k, v := range m {
		out[k] = Reveal(v)
	}
	return out
}

// has says whether the value or a part of it is such.
func has(v any, such func(any) bool) bool {
	if such(v) {
		return true
	}
	switch x := v.(type) {
	case Secret:
		return has(x.Value, such)
	case []any:
		return slices.ContainsFunc(x, func(e any) bool { return has(e, such) })
	case Map:
		for _, e := range x {
			if has(e, such) {
				return true
			}
		}
	}
	return false
}

// HasSecret says whether the value or a part of it is secret.
func HasSecret(v any) bool { return has(v, func(v any) bool { _, is := v.(Secret); return is }) }

// HasUnknown says whether the value or a part of it is unknown.
func HasUnknown(v any) bool { return has(v, func(v any) bool { _, is := v.(Unknown); return is }) }

// IsAsset says whether the value is a Pulumi asset or archive.
func IsAsset(v any) bool {
	m, ok := v.(Map)
	return ok && (m[signatureKey] == assetSignature || m[signatureKey] == archiveSig)
}

// AssetHash returns the content hash (SHA-256, hexadecimal) that the engine sends with an asset.
func AssetHash(v any) string {
	m, _ := v.(Map)
	hash, _ := m["hash"].(string)
	return hash
}

// Copy returns a deep copy.
func Copy(v any) any {
	switch x := v.(type) {
	case []any:
		list := make([]any, len(x))
		for i, e := range x {
			list[i] = Copy(e)
		}
		return list
	case Map:
		return CopyMap(x)
	case Secret:
		return Secret{Copy(x.Value)}
	}
	return v
}

// CopyMap is Copy for properties.
func CopyMap(m Map) Map {
	out := make(Map, len(m))
	for k, v := range m {
		out[k] = Copy(v)
	}
	return out
}

// Zero says whether the value is absent or empty: the forms that Terraform's SDK cannot tell apart.
func Zero(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case bool:
		return !x
	case float64:
		return x == 0
	case int:
		return x == 0
	case []any:
		return len(x) == 0
	case Map:
		return len(x) == 0
	case Secret:
		return Zero(x.Value)
	}
	return false
}

// Canonical is a text that is equal for equal values.
func Canonical(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// HasMark says whether a value, or one within it, has a special wire form: a secret, a file, an unknown.
func HasMark(v any) bool {
	marked := func(v any) bool { m, _ := v.(Map); return m[signatureKey] != nil }
	return HasSecret(v) || HasUnknown(v) || has(v, marked)
}
