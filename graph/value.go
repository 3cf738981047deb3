package graph

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
)

// Unknown stands for a value that only a deployment can tell.
type Unknown struct{}

// Secret stands for a value that the state keeps encrypted. It holds neither the plaintext nor the ciphertext, so
// that no report can leak it.
type Secret struct{}

// Asset stands for a file or a text that a resource uploads, or an archive of them.
type Asset struct {
	// Hash is the SHA-256 of the content, in hex.
	Hash string
	// Path, URI or Text is where the content comes from; all are empty for an archive
	// of several assets.
	Path, URI, Text string
}

// Reference stands for a resource passed as a value.
type Reference struct{ URN string }

// What the engine writes in place of a value that it does not know or may not show.
const (
	unknownMark = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
	secretMark  = "[secret]"
)

// unknownOfAKind are sent to plugins in place of values that are not text: a bool, a number, a list, an asset, an
// archive, an object.
var unknownOfAKind = map[string]bool{
	"1c4a061d-8072-4f0a-a4cb-0ff528b18fe7": true, "3eeb2bf0-c639-47a8-9e75-3b44932eb421": true,
	"6a19a0b0-7e62-4c92-b797-7f8e31da9cc2": true, "030794c1-ac77-496b-92df-f27374a8bd58": true,
	"e48ece36-62e2-4504-bad9-02848725956a": true, "dd056dcd-154b-4c76-9bd3-c8f88648b5ff": true,
}

// bookkeeping are the keys that the engine and the Terraform bridge add to properties.
var bookkeeping = map[string]bool{"__defaults": true, "__internal": true, "__meta": true}

// DecodeProperties reads the properties of a resource as the engine writes them into a state, and as it sends them to
// a plugin. It fails if one is of an unknown kind.
func DecodeProperties(raw map[string]any) (map[string]any, error) {
	properties := make(map[string]any, len(raw))
	for key, value := range raw {
		if bookkeeping[key] {
			continue
		}
		decoded, err := decodeValue(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		properties[key] = decoded
	}
	return properties, nil
}

func decodeValue(value any) (any, error) {
	switch v := value.(type) {
	case string:
		// A text with an unknown part is unknown as a whole.
		if strings.Contains(v, unknownMark) || unknownOfAKind[v] {
			return Unknown{}, nil
		}
		if v == secretMark {
			return Secret{}, nil
		}
		return v, nil
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			decoded, err := decodeValue(element)
			if err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
			list[i] = decoded
		}
		return list, nil
	case map[string]any:
		if kind, signed := v[sig.Key]; signed {
			return decodeSigned(kind, v)
		}
		return DecodeProperties(v)
	default:
		return v, nil
	}
}

func decodeSigned(kind any, v map[string]any) (any, error) {
	text := func(key string) string { s, _ := v[key].(string); return s }
	switch kind {
	case sig.Secret:
		return Secret{}, nil
	case sig.AssetSig, sig.ArchiveSig:
		return Asset{Hash: text("hash"), Path: text("path"), URI: text("uri"), Text: text("text")}, nil
	case sig.ResourceReference:
		return Reference{URN: text("urn")}, nil
	case sig.ByteString:
		for key, encoded := range v {
			if s, ok := encoded.(string); ok && key != sig.Key {
				raw, err := base64.StdEncoding.DecodeString(s)
				return string(raw), err
			}
		}
	case sig.OutputValue:
		if value, known := v["value"]; known && v["secret"] != true {
			return decodeValue(value)
		} else if known {
			return Secret{}, nil
		}
		return Unknown{}, nil
	}
	return nil, fmt.Errorf("a value of a kind that this version of causeway does not know (%v): use a newer one", kind)
}

// Get returns the property at path, such as "vpcId" or "versioning.status" or "ingress[0].cidrBlocks": as the program
// asked for it or, if it asked for nothing, as the cloud answered. It returns false if there is neither. A block that
// a program may write only once can be read both as an object and as a list of one.
func (r *Resource) Get(path string) (any, bool) {
	if value, ok := at(r.Inputs, path); ok && value != nil {
		return value, true
	}
	return at(r.Outputs, path)
}

// Output returns the property at path as the cloud answered, Unknown if it has not been asked yet.
func (r *Resource) Output(path string) (any, bool) {
	value, ok := at(r.Outputs, path)
	if !ok && r.Planned {
		return Unknown{}, true
	}
	return value, ok
}

// String returns the text at path, "" if it is absent or not a known text.
func (r *Resource) String(path string) string {
	value, _ := r.Get(path)
	text, _ := value.(string)
	return text
}

// Int returns the whole number at path, false if it is absent or not known.
func (r *Resource) Int(path string) (int, bool) {
	switch value, _ := r.Get(path); v := value.(type) {
	case float64:
		return int(v), v == float64(int(v))
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil
	}
	return 0, false
}

// Bool returns the boolean at path, false and false if it is absent or not known. Some AWS types hold it as the text
// "true".
func (r *Resource) Bool(path string) (value, known bool) {
	switch v, _ := r.Get(path); v := v.(type) {
	case bool:
		return v, true
	case string:
		return v == "true", v == "true" || v == "false"
	}
	return false, false
}

// Strings returns the known texts in the list at path.
func (r *Resource) Strings(path string) []string {
	value, _ := r.Get(path)
	list, _ := value.([]any)
	var texts []string
	for _, element := range list {
		if s, ok := element.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

// Tag returns the value of the tag, "" if the resource does not carry it. The tags of an Auto Scaling group are a
// list of keys and values.
func (r *Resource) Tag(key string) string {
	switch tags, _ := r.Get("tags"); tags := tags.(type) {
	case map[string]any:
		value, _ := tags[key].(string)
		return value
	case []any:
		return tagInList(tags, key)
	}
	list, _ := r.Get("tagsCollection")
	tags, _ := list.([]any)
	return tagInList(tags, key)
}

func tagInList(tags []any, key string) string {
	for _, element := range tags {
		if tag, ok := element.(map[string]any); ok && tag["key"] == key {
			value, _ := tag["value"].(string)
			return value
		}
	}
	return ""
}

func at(properties map[string]any, path string) (any, bool) {
	var value any = properties
	for step := range strings.FieldsFuncSeq(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' }) {
		i, number := index(step)
		if list, ok := value.([]any); ok && !number && len(list) == 1 {
			value = list[0]
		}
		switch v := value.(type) {
		case map[string]any:
			element, ok := v[step]
			if !ok && (!number || i != 0) {
				return nil, false
			}
			if ok {
				value = element
			}
		case []any:
			if !number || i >= len(v) {
				return nil, false
			}
			value = v[i]
		case Unknown, Secret:
			return v, true
		default:
			return nil, false
		}
	}
	return value, true
}

// index is a step of a path as a position in a list, false if it is a name. Most names are recognised by their first
// character, which spares an error of Atoi's.
func index(step string) (int, bool) {
	if step[0] < '0' || step[0] > '9' {
		return 0, false
	}
	i, err := strconv.Atoi(step)
	return i, err == nil
}
