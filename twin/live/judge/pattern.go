package judge

import "strings"

// literal marks a character of a filled pattern that stands for itself: no policy contains it.
const literal = '\x00'

// like matches a pattern in which * stands for any characters and ? for one.
func like(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
			continue
		case p+1 < len(pattern) && pattern[p] == literal && pattern[p+1] == s[i]:
			p, i = p+2, i+1
			continue
		case p < len(pattern) && pattern[p] != literal && (pattern[p] == '?' || pattern[p] == s[i]):
			p, i = p+1, i+1
			continue
		case star < 0:
			return false
		}
		mark++
		p, i = star+1, mark
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// fill replaces a pattern's variables by the request's values (IAM user guide, "Policy variables"). It fails if a
// variable has neither value nor default: nothing matches that.
func (r *Request) fill(pattern string, variables bool) (string, bool) {
	if !variables || !strings.Contains(pattern, "${") {
		return pattern, true
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(pattern, "${")
		out.WriteString(before)
		if !found {
			return out.String(), true
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", false
		}
		value, ok := r.variable(name)
		if !ok {
			return "", false
		}
		for _, b := range []byte(value) {
			if b == '*' || b == '?' {
				out.WriteByte(literal)
			}
			out.WriteByte(b)
		}
		pattern = after
	}
}

func (r *Request) variable(name string) (string, bool) {
	if name == "*" || name == "?" || name == "$" {
		return name, true
	}
	name, fallback, hasFallback := strings.Cut(name, ",")
	values, present, _ := r.value(strings.ToLower(strings.TrimSpace(name)))
	if present && len(values) == 1 {
		return values[0], true
	}
	return strings.Trim(strings.TrimSpace(fallback), "'"), hasFallback
}
