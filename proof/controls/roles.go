package controls

import (
	"errors"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
)

// document is the policy at path.
func document(r *graph.Resource, path string) (iam.Document, outcome) {
	s := iam.SourceAt(r, path)
	if s.Err != nil {
		return iam.Document{}, unreadable(s)
	}
	return s.Document, holds()
}

// unreadable is the outcome where a policy cannot be read.
func unreadable(s iam.Source) outcome {
	switch {
	case errors.Is(s.Err, iam.ErrAbsent):
		return broken("%s is not set", s.Path)
	case errors.Is(s.Err, iam.ErrUnknown):
		o := undecided("%s of %s %s", s.Path, s.Name, s.Err)
		o.later = true
		return o
	case errors.Is(s.Err, iam.ErrNotKnown), errors.Is(s.Err, iam.ErrSecret):
		return undecided("%s %s", s.Name, s.Err)
	}
	return undecided("%s of %s cannot be read: %s", s.Path, s.Name, s.Err)
}

// rolesOf are the roles that servers of the template have.
func (v *view) rolesOf(template *graph.Resource) []*iam.Identity {
	return v.iam.ActsAs(template, "iamInstanceProfile")
}
