package brain

import "github.com/causeway-iac/causeway/twin/value"

// rule is one value rule of a resource type: it reports what is wrong with checked inputs.
type rule func(c *checker, in value.Map)

// valueRules are the rules that the facts lack, by resource type.
var valueRules = map[string][]rule{}

func (c *checker) rules(token string, in value.Map) {
	if len(valueRules[token]) == 0 {
		return
	}
	in = value.RevealMap(in)
	for _, r := range valueRules[token] {
		r(c, in)
	}
}
