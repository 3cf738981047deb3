package controls

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// expression evaluates what CloudWatch computes: metric math, and the rules of composite alarms (AWS, CloudWatch user
// guide, "Using math expressions with CloudWatch metrics" and "Creating a composite alarm"). Anything not known here
// is an error.
type expression struct {
	tokens []string
	at     int
	// value returns the value of a name; call returns that of a function applied to values or to a quoted name.
	value func(name string) (float64, error)
	call  func(name string, args []float64, quoted string) (float64, error)
}

var errNotEvaluated = errors.New("it is not evaluated here")

var token = regexp.MustCompile(`\s*("[^"]*"|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|[A-Za-z_][A-Za-z0-9_:/.-]*|` +
	`<=|>=|==|!=|&&|\|\||[-+*/^()<>,])`)

func evaluate(text string, e expression) (float64, error) {
	for rest := text; strings.TrimSpace(rest) != ""; {
		m := token.FindStringSubmatchIndex(rest)
		if m == nil || m[0] != 0 {
			return 0, errNotEvaluated
		}
		e.tokens = append(e.tokens, rest[m[2]:m[3]])
		rest = rest[m[1]:]
	}
	v, err := e.binary(0)
	if err == nil && e.at < len(e.tokens) {
		err = errNotEvaluated
	}
	return v, err
}

func (e *expression) peek() string {
	if e.at < len(e.tokens) {
		return e.tokens[e.at]
	}
	return ""
}

func (e *expression) take(what string) bool {
	if strings.EqualFold(e.peek(), what) && what != "" {
		e.at++
		return true
	}
	return false
}

// levels are the operators, from the weakest binding to the strongest.
var levels = [][]string{{"||", "OR"}, {"&&", "AND"}, {"<=", ">=", "==", "!=", "<", ">"}, {"+", "-"}, {"*", "/"}, {"^"}}

func (e *expression) binary(level int) (float64, error) {
	if level == len(levels) {
		return e.unary()
	}
	left, err := e.binary(level + 1)
	for err == nil {
		operator := ""
		for _, candidate := range levels[level] {
			if operator == "" && e.take(candidate) {
				operator = candidate
			}
		}
		if operator == "" {
			return left, nil
		}
		var right float64
		if right, err = e.binary(level + 1); err == nil {
			left = operate(operator, left, right)
		}
	}
	return 0, err
}

func operate(operator string, a, b float64) float64 {
	switch operator {
	case "||", "OR":
		return one(a != 0 || b != 0)
	case "&&", "AND":
		return one(a != 0 && b != 0)
	case "<=":
		return one(a <= b)
	case ">=":
		return one(a >= b)
	case "==":
		return one(a == b)
	case "!=":
		return one(a != b)
	case "<":
		return one(a < b)
	case ">":
		return one(a > b)
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	}
	return math.Pow(a, b)
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func (e *expression) unary() (float64, error) {
	if e.take("-") {
		v, err := e.unary()
		return -v, err
	}
	if e.take("NOT") {
		v, err := e.unary()
		return one(v == 0), err
	}
	if e.take("(") {
		v, err := e.binary(0)
		if err == nil && !e.take(")") {
			err = errNotEvaluated
		}
		return v, err
	}
	word := e.peek()
	e.at++
	switch number, err := strconv.ParseFloat(word, 64); {
	case err == nil:
		return number, nil
	case strings.EqualFold(word, "TRUE"), strings.EqualFold(word, "FALSE"):
		return one(strings.EqualFold(word, "TRUE")), nil
	case word == "" || !token.MatchString(word) || strings.ContainsAny(word[:1], `"+*/^(),<>=!&|`):
		return 0, errNotEvaluated
	}
	if !e.take("(") {
		return e.value(word)
	}
	var args []float64
	quoted := ""
	for !e.take(")") {
		if name := e.peek(); strings.HasPrefix(name, `"`) || e.at+1 < len(e.tokens) && e.tokens[e.at+1] == ")" && len(args) == 0 &&
			e.value == nil {
			quoted = strings.Trim(name, `"`)
			e.at++
			continue
		}
		v, err := e.binary(0)
		if err != nil {
			return 0, err
		}
		args = append(args, v)
		if !e.take(",") && e.peek() != ")" {
			return 0, errNotEvaluated
		}
	}
	return e.call(strings.ToUpper(word), args, quoted)
}
