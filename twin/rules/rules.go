// Package rules is what clouds ask of values beyond their type: names, ranges, enumerations, forms, and which properties
// go together. A row is one rule of one property; each type says where its rows come from. The conformance suite asks the
// real provider about what each row allows and refuses.
package rules

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/causeway-iac/causeway/twin/value"
)

// Rule is one requirement of a value.
type Rule struct {
	complain func(v any) string // what is wrong with a value and what to write, "" if it is fine

	allowed, refused []any // samples, for the conformance suite
}

// row applies rules to the value at a path, through lists and objects.
type row struct {
	path  string
	rules []Rule
}

func at(path string, rules ...Rule) row { return row{path, rules} }

func join(groups ...[]row) []row { return slices.Concat(groups...) }

// relation is a rule between properties.
type relation func(in value.Map, fail Fail)

// ofType is what one resource type's values are held to, and the documents that say so.
type ofType struct {
	sources  string
	rows     []row
	together []relation
}

// Fail receives what is wrong, and where.
type Fail func(path, format string, args ...any)

// tables are all rules, by resource type. They hold hundreds of patterns, which are compiled only when somebody asks.
var tables = sync.OnceValue(func() map[string]ofType {
	return merged(network, instances, scaling, balancing, database, storage, keeping, identity, edge, watch, cloudflare)
})

func merged(all ...func() map[string]ofType) map[string]ofType {
	out := map[string]ofType{}
	for _, table := range all {
		for token, t := range table() {
			if _, twice := out[token]; twice {
				panic("two tables have rules for " + token)
			}
			out[token] = t
		}
	}
	return out
}

// Judge reports what is wrong with a resource's inputs. Nothing in them may be wrapped as a secret.
func Judge(token string, in value.Map, fail Fail) {
	t := tables()[token]
	for _, r := range t.rows {
		visit(in, r.path, "", func(path string, v any) {
			if _, unknown := v.(value.Unknown); unknown {
				return
			}
			for _, complaint := range r.complaints(v) {
				fail(path, "%s", complaint)
			}
		})
	}
	for _, r := range t.together {
		r(in, fail)
	}
}

// compared are the relations between values, whoever set them: those that also hold for what the cloud fills in.
var compared = map[string][]relation{
	"aws:autoscaling/group:Group":                               {groupSizes},
	"aws:lb/targetGroup:TargetGroup":                            {webHealthTimeout, healthProtocol},
	"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule":   {portsInOrder},
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {portsInOrder},
}

// Compare reports what is wrong between the values of a resource as it will be.
func Compare(token string, whole value.Map, fail Fail) {
	for _, r := range compared[token] {
		r(whole, fail)
	}
}

// Samples are values of a property that all its rules allow, and that one refuses; of its elements, if it is a list.
func Samples(token, path string) (allowed, refused []any) {
	for _, r := range tables()[token].rows {
		if r.path != path {
			continue
		}
		for _, rule := range r.rules {
			refused = append(refused, rule.refused...)
			for _, v := range rule.allowed {
				if len(r.complaints(v)) == 0 {
					allowed = append(allowed, v)
				}
			}
		}
	}
	return allowed, refused
}

// complaints are what is wrong with a value.
func (r row) complaints(v any) (all []string) {
	for _, rule := range r.rules {
		if c := rule.complain(v); c != "" {
			all = append(all, c)
		}
	}
	return all
}

// Types lists the resource types that have rules.
func Types() (all []string) {
	for token := range tables() {
		all = append(all, token)
	}
	slices.Sort(all)
	return all
}

func visit(v any, path, at string, f func(at string, v any)) {
	if list, ok := v.([]any); ok {
		for i, e := range list {
			visit(e, path, fmt.Sprintf("%s[%d]", at, i), f)
		}
		return
	}
	if path == "" {
		if v != nil {
			f(at, v)
		}
		return
	}
	m, ok := v.(value.Map)
	if !ok {
		return
	}
	name, rest, _ := strings.Cut(path, ".")
	if name == "*" {
		for key, inner := range m {
			visit(inner, rest, Join(at, key), f)
		}
		return
	}
	if inner, set := m[name]; set {
		visit(inner, rest, Join(at, name), f)
	}
}

// Join is the path of a property or map key below another.
func Join(path, name string) string {
	if !plain(name) {
		return fmt.Sprintf("%s[%q]", path, name)
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// plain says whether a name can stand in a path without quotes.
func plain(name string) bool {
	for i, r := range name {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != ""
}
