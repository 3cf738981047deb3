package infra

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Statement is one statement of an IAM, key, bucket or topic policy. The zero
// Effect is Allow.
type Statement struct {
	Sid        string
	Effect     string
	Principals map[string][]string            // "Service" or "AWS" to principals
	Actions    []string                       // never empty
	Resources  pulumi.StringArray             // ARNs; may be outputs
	Conditions map[string]map[string][]string // operator, key, values
}

// Deny is the effect of a statement that forbids.
const Deny = "Deny"

// PolicyDocument renders statements as a policy's JSON. It is known at preview if every resource in it is.
func PolicyDocument(statements ...Statement) pulumi.StringOutput {
	resources := make(pulumi.StringArrayArray, len(statements))
	for i, s := range statements {
		resources[i] = s.Resources
	}
	return resources.ToStringArrayArrayOutput().ApplyT(func(known [][]string) (string, error) {
		return renderPolicy(statements, known)
	}).(pulumi.StringOutput)
}

// PolicyWithin is the PolicyDocument of a component, limited to limit characters: IAM counts all but white space. If
// it is longer, the Problem is reported at the Sid of the longest statement.
func PolicyWithin(limit int, component string, statements ...Statement) pulumi.StringOutput {
	resources := make(pulumi.StringArrayArray, len(statements))
	for i, s := range statements {
		resources[i] = s.Resources
	}
	return pulumi.All(PolicyDocument(statements...), resources.ToStringArrayArrayOutput()).ApplyT(func(known []any) (string, error) {
		text, named := known[0].(string), known[1].([][]string)
		if len(text) <= limit {
			return text, nil
		}
		longest, most := 0, 0
		for i := range statements {
			if size := len(strings.Join(named[i], `","`)); size > most {
				longest, most = i, size
			}
		}
		fewer := int(math.Ceil(float64((len(text)-limit)*len(named[longest])) / float64(most)))
		refused := &Refused{Type: "identity:Role", Name: component}
		refused.Addf(statements[longest].Sid, fmt.Sprintf("name %d fewer", fewer),
			"with these, the policy has %d characters, and IAM takes %d", len(text), limit)
		return "", refused
	}).(pulumi.StringOutput)
}

// TrustPolicy lets one AWS service assume a role, under the given conditions.
func TrustPolicy(service string, conditions map[string]map[string][]string) (string, error) {
	return renderPolicy([]Statement{{
		Principals: map[string][]string{"Service": {service}},
		Actions:    []string{"sts:AssumeRole"},
		Conditions: conditions,
	}}, [][]string{nil})
}

type jsonStatement struct {
	Sid       string                    `json:"Sid,omitempty"`
	Effect    string                    `json:"Effect"`
	Principal any                       `json:"Principal,omitempty"`
	Action    any                       `json:"Action"`
	Resource  any                       `json:"Resource,omitempty"`
	Condition map[string]map[string]any `json:"Condition,omitempty"`
}

func renderPolicy(statements []Statement, resources [][]string) (string, error) {
	document := struct {
		Version   string          `json:"Version"`
		Statement []jsonStatement `json:"Statement"`
	}{Version: "2012-10-17"}
	for i, s := range statements {
		effect := cmp.Or(s.Effect, "Allow")
		out := jsonStatement{Sid: s.Sid, Effect: effect, Action: oneOrMany(s.Actions)}
		if len(resources[i]) > 0 {
			out.Resource = oneOrMany(resources[i])
		}
		if len(s.Principals) > 0 {
			principal := map[string]any{}
			for kind, names := range s.Principals {
				principal[kind] = oneOrMany(names)
			}
			out.Principal = principal
		}
		for operator, keys := range s.Conditions {
			if out.Condition == nil {
				out.Condition = map[string]map[string]any{}
			}
			out.Condition[operator] = map[string]any{}
			for key, values := range keys {
				out.Condition[operator][key] = oneOrMany(values)
			}
		}
		document.Statement = append(document.Statement, out)
	}
	text, err := json.Marshal(document)
	if err != nil {
		return "", fmt.Errorf("rendering a policy document: %w", err)
	}
	return string(text), nil
}

// oneOrMany writes a single value without a list, as AWS returns it, so that a refresh sees no difference.
func oneOrMany(values []string) any {
	if len(values) == 1 {
		return values[0]
	}
	return values
}
