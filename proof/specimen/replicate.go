package specimen

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
)

// Replicate is an exported state with all that it has n times, each with names and identifiers
// of its own. Name is what its resources' names begin with, and host the first label of its domain.
func Replicate(export []byte, n int, name, host string) ([]byte, error) {
	var state map[string]any
	if err := json.Unmarshal(export, &state); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	deployment, ok := state["deployment"].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("the state has no deployment")
	}
	raw, err := json.Marshal(deployment["resources"])
	if err != nil {
		return nil, fmt.Errorf("reading the resources: %w", err)
	}
	var all []any
	had := map[any]bool{} // what no copy has its own of: the stack, and what is named after no platform
	for i := range n {
		renamed := func(text []byte) []byte {
			text = identifiers.ReplaceAllFunc(text, func(id []byte) []byte { return append(fmt.Appendf(nil, "%03x", i), id[3:]...) })
			for old, own := range map[string]string{"::" + name + `"`: fmt.Sprintf(`::p%03d"`, i), name + "-": fmt.Sprintf("p%03d-", i),
				host + ".": fmt.Sprintf("%s%d.", host, i)} {
				text = bytes.ReplaceAll(text, []byte(old), []byte(own))
			}
			return text
		}
		copied := renamed(raw)
		copied = userData.ReplaceAllFunc(copied, func(encoded []byte) []byte {
			plain, err := base64.StdEncoding.DecodeString(string(encoded[len(`"userData":"`) : len(encoded)-1]))
			if err != nil {
				return encoded
			}
			return fmt.Appendf(nil, `"userData":%q`, base64.StdEncoding.EncodeToString(renamed(plain)))
		})
		var resources []map[string]any
		if err := json.Unmarshal(copied, &resources); err != nil {
			return nil, fmt.Errorf("renaming the resources: %w", err)
		}
		for _, r := range resources {
			if !had[r["urn"]] {
				had[r["urn"]] = true
				all = append(all, r)
			}
		}
	}
	deployment["resources"] = all
	return json.Marshal(state)
}

var userData = regexp.MustCompile(`"userData":"[A-Za-z0-9+/]+=*"`)

var identifiers = regexp.MustCompile(`[0-9a-f]{13,}|[0-9a-f]{8}-[0-9a-f]{4}-`)
