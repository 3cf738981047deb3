package world

import (
	"fmt"

	"github.com/causeway-iac/causeway/twin/value"
)

// Query is a function call.
type Query struct {
	Function    string
	Region      string
	DefaultTags map[string]string
	Args        value.Map
}

// function answers one function. Its answer includes the arguments, as the providers' answers do.
type function func(c *Call, q Query) (value.Map, error)

// Invoke answers a function call.
func (w *World) Invoke(q Query) (value.Map, error) {
	f, ok := functions[q.Function]
	if !ok {
		return nil, fmt.Errorf("the twin knows the function %s and cannot answer it: there is nothing behind it", q.Function)
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	c := w.call(Request{Type: q.Function, Region: q.Region})
	c.hides = true
	out, err := f(c, q)
	if err != nil {
		return nil, err
	}
	result := value.CopyMap(q.Args)
	for k, v := range out {
		result[k] = v
	}
	return result, nil
}
