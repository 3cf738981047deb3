package world

import (
	"encoding/json"
	"fmt"
	"sort"

	"github.com/causeway-iac/causeway/twin/value"
)

// getPolicyDocument writes a policy as the real provider does: a single value is not a list, several are sorted in
// descending order, and keys come in this order.
func getPolicyDocument(_ *Call, q Query) (value.Map, error) {
	type statementJSON struct {
		Sid          string `json:",omitempty"`
		Effect       string
		Action       any            `json:",omitempty"`
		NotAction    any            `json:",omitempty"`
		Resource     any            `json:",omitempty"`
		NotResource  any            `json:",omitempty"`
		Principal    any            `json:",omitempty"`
		NotPrincipal any            `json:",omitempty"`
		Condition    map[string]any `json:",omitempty"`
	}
	doc := struct {
		Version   string
		ID        string `json:"Id,omitempty"`
		Statement []any
	}{Version: "2012-10-17"}
	if v, ok := q.Args["version"].(string); ok {
		doc.Version = v
	}
	doc.ID, _ = q.Args["policyId"].(string)
	bySid := map[string]int{}
	add := func(sid string, s any, override bool) error {
		if i, taken := bySid[sid]; sid != "" && taken {
			if !override {
				return fmt.Errorf("duplicate Sid (%s) in the policy's sources", sid)
			}
			doc.Statement[i] = s
			return nil
		}
		bySid[sid] = len(doc.Statement)
		doc.Statement = append(doc.Statement, s)
		return nil
	}
	merge := func(sources []string, override bool) error {
		for _, text := range sources {
			var d struct{ Statement []map[string]any }
			if err := json.Unmarshal([]byte(text), &d); err != nil {
				return fmt.Errorf("reading a source policy: %w", err)
			}
			for _, s := range d.Statement {
				if err := add(textIn(s, "Sid"), s, override); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := merge(texts(q.Args["sourcePolicyDocuments"]), false); err != nil {
		return nil, err
	}
	for _, s := range objectsIn(q.Args["statements"]) {
		out := statementJSON{Effect: "Allow", Action: oneOrList(s["actions"]), NotAction: oneOrList(s["notActions"]),
			Resource:    oneOrList(s["resources"]),
			NotResource: oneOrList(s["notResources"]), Principal: policyPrincipals(s["principals"]),
			NotPrincipal: policyPrincipals(s["notPrincipals"]), Condition: policyConditions(s["conditions"])}
		out.Sid, _ = s["sid"].(string)
		if e, ok := s["effect"].(string); ok {
			out.Effect = e
		}
		if err := add(out.Sid, out, true); err != nil {
			return nil, err
		}
	}
	if err := merge(texts(q.Args["overridePolicyDocuments"]), true); err != nil {
		return nil, err
	}
	pretty, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, err
	}
	minified, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	return value.Map{"id": fmt.Sprint(len(pretty)), "json": string(pretty), "minifiedJson": string(minified)}, nil
}

func oneOrList(v any) any {
	all := texts(v)
	sort.Sort(sort.Reverse(sort.StringSlice(all)))
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0]
	}
	return all
}

func policyPrincipals(v any) any {
	out := map[string]any{}
	for _, p := range objectsIn(v) {
		kind, _ := p["type"].(string)
		who := oneOrList(p["identifiers"])
		if kind == "*" {
			return "*"
		}
		out[kind] = who
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func policyConditions(v any) map[string]any {
	out := map[string]any{}
	for _, condition := range objectsIn(v) {
		test, _ := condition["test"].(string)
		byVariable, _ := out[test].(map[string]any)
		if byVariable == nil {
			byVariable = map[string]any{}
		}
		byVariable[textIn(condition, "variable")] = oneOrList(condition["values"])
		out[test] = byVariable
	}
	if len(out) == 0 {
		return nil
	}
	return out
}
