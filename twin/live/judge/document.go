package judge

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Document is a policy's text, and what a person calls it.
type Document struct{ Name, Text string }

// policy is a document that was read.
type policy struct {
	name       string
	variables  bool // since 2012-10-17
	statements []statement
}

type statement struct {
	called       string // the statement's name: its Sid, or its place
	deny         bool
	principals   map[string][]string
	anyPrincipal bool
	notPrincipal bool
	actions      list
	notActions   list
	resources    list
	notResources list
	conditions   []condition
}

type condition struct {
	operator, key string
	values        []string
}

// list is a JSON string or list of strings.
type list []string

func (l *list) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*l = list{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(data, &many); err != nil {
		return errors.New("is neither a text nor a list of texts")
	}
	*l = many
	return nil
}

// written is a statement in JSON.
type written struct {
	Sid                                      string
	Effect                                   string
	Principal, NotPrincipal                  json.RawMessage
	Action, NotAction, Resource, NotResource list
	Condition                                map[string]map[string]json.RawMessage
}

// read parses a document. Anything in it that is not known is an error: a policy that is half understood is not
// understood.
func read(d Document) (*policy, error) {
	var whole struct {
		Version, ID string
		Statement   json.RawMessage
	}
	if err := strictly(d.Text, &whole); err != nil {
		return nil, fmt.Errorf("reading %s: %w", d.Name, err)
	}
	var statements []json.RawMessage
	if json.Unmarshal(whole.Statement, &statements) != nil {
		statements = []json.RawMessage{whole.Statement}
	}
	p := &policy{name: d.Name, variables: whole.Version == "2012-10-17"}
	for i, text := range statements {
		s, err := readStatement(text, i)
		if err != nil {
			return nil, fmt.Errorf("reading statement %d of %s: %w", i+1, d.Name, err)
		}
		p.statements = append(p.statements, s)
	}
	return p, nil
}

func strictly(text string, into any) error {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func readStatement(text json.RawMessage, place int) (statement, error) {
	var w written
	if err := strictly(string(text), &w); err != nil {
		return statement{}, err
	}
	s := statement{called: w.Sid, deny: w.Effect == "Deny", notPrincipal: w.NotPrincipal != nil,
		actions: w.Action, notActions: w.NotAction, resources: w.Resource, notResources: w.NotResource}
	if s.called == "" {
		s.called = fmt.Sprintf("statement %d", place+1)
	}
	switch {
	case w.Effect != "Allow" && w.Effect != "Deny":
		return s, fmt.Errorf("its Effect is %q", w.Effect)
	case (w.Action == nil) == (w.NotAction == nil):
		return s, errors.New("it does not have exactly one of Action and NotAction")
	case (w.Resource == nil) == (w.NotResource == nil):
		return s, errors.New("it does not have exactly one of Resource and NotResource")
	}
	if err := s.readPrincipal(w.Principal); err != nil {
		return s, err
	}
	return s, s.readConditions(w.Condition)
}

func (s *statement) readPrincipal(text json.RawMessage) error {
	if text == nil {
		return nil
	}
	var everybody string
	if json.Unmarshal(text, &everybody) == nil {
		if everybody != "*" {
			return fmt.Errorf("its Principal is %q", everybody)
		}
		s.anyPrincipal = true
		return nil
	}
	var kinds map[string]list
	if err := json.Unmarshal(text, &kinds); err != nil {
		return fmt.Errorf("its Principal: %w", err)
	}
	s.principals = map[string][]string{}
	for kind, names := range kinds {
		s.principals[kind] = names
	}
	return nil
}

func (s *statement) readConditions(operators map[string]map[string]json.RawMessage) error {
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		for _, key := range slices.Sorted(maps.Keys(operators[operator])) {
			values, err := readValues(operators[operator][key])
			if err != nil {
				return fmt.Errorf("its condition %s of %s: %w", operator, key, err)
			}
			s.conditions = append(s.conditions, condition{operator, strings.ToLower(key), values})
		}
	}
	return nil
}

// readValues accepts texts, numbers and booleans as a condition's values (IAM user guide, "Condition").
func readValues(text json.RawMessage) ([]string, error) {
	var many []json.RawMessage
	if json.Unmarshal(text, &many) != nil {
		many = []json.RawMessage{text}
	}
	var values []string
	for _, one := range many {
		var v any
		decoder := json.NewDecoder(strings.NewReader(string(one)))
		decoder.UseNumber()
		if err := decoder.Decode(&v); err != nil {
			return nil, err
		}
		switch v.(type) {
		case string, json.Number, bool:
			values = append(values, fmt.Sprint(v))
		default:
			return nil, fmt.Errorf("%s is no value", one)
		}
	}
	return values, nil
}
