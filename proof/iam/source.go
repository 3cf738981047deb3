package iam

import (
	"errors"
	"fmt"

	"github.com/causeway-iac/causeway/graph"
)

// Source is a policy of a graph, and where it is written.
type Source struct {
	Document
	// Name is what a report calls the policy.
	Name string
	// Resource and Path are where it is written, or attached.
	Resource *graph.Resource
	Path     string
	// ARN is that of a policy outside of the stack, "" for one of the stack.
	ARN string
	// Err is why nobody can read it, nil if it was read. Then it may say anything.
	Err error
}

// Why a policy cannot be read.
var (
	ErrAbsent  = errors.New("is not set")
	ErrUnknown = errors.New("is not known before the deployment")
	ErrSecret  = errors.New("is a secret, and cannot be looked into")
)

// At is the policy that a resource has at path.
func At(r *graph.Resource, path string) (Document, error) {
	value, _ := r.Get(path)
	switch v := value.(type) {
	case nil:
		return Document{}, ErrAbsent
	case graph.Unknown:
		return Document{}, ErrUnknown
	case graph.Secret:
		return Document{}, ErrSecret
	case string:
		if v == "" {
			return Document{}, ErrAbsent
		}
		d, err := Parse(v)
		if err == nil && len(d.Statements) == 0 {
			err = errors.New("it has no statements")
		}
		return d, err
	}
	return Document{}, fmt.Errorf("it is not text, but %T", value)
}

// SourceAt is At as a source. A policy that cannot be read may allow everything.
func SourceAt(r *graph.Resource, path string) Source {
	d, err := At(r, path)
	return Source{Document: d, Name: r.Name, Resource: r, Path: path, Err: err}.closed()
}

// closed lets what cannot be read allow everything.
func (s Source) closed() Source {
	if s.Err != nil {
		s.Document = Document{Statements: []Statement{{Allow: true, Actions: []string{"*"}, Resources: []string{"*"}}}}
	}
	return s
}
