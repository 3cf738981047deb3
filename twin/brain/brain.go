// Package brain answers what a resource's properties mean before anything exists: which are valid,
// what is defaulted and named, what a change replaces, and which outputs a plan can promise.
package brain

import (
	"context"

	"github.com/causeway-iac/causeway/twin/value"
)

// Brain is what a provider decides without touching a cloud. Implementations are safe for
// concurrent use.
type Brain interface {
	// Name tells a person which brain is at work.
	Name() string
	// Check validates inputs, and fills in defaults and names.
	Check(context.Context, CheckRequest) (CheckResult, error)
	// Diff compares checked inputs with what exists.
	Diff(context.Context, DiffRequest) (DiffResult, error)
	// Plan returns the outputs that a creation (no Old) or update would have: Unknown where only
	// the cloud can know.
	Plan(context.Context, PlanRequest) (value.Map, error)
}

// Settings are those of a provider's configuration that change what a brain answers.
type Settings struct {
	Region            string
	DefaultTags       map[string]string
	IgnoreTags        []string
	IgnoreTagPrefixes []string
}

// CheckRequest asks whether inputs are valid.
type CheckRequest struct {
	Type, Name string
	Old, New   value.Map // Old is nil for a resource that does not exist yet
	Seed       []byte
	Naming     Naming
	Settings   Settings
}

// Naming is the engine's autonaming configuration for one resource.
type Naming struct {
	Proposed string
	Mode     NamingMode
}

// NamingMode says what to do with a proposed name.
type NamingMode int

// The modes of Pulumi's autonaming: no configuration, a proposal that may be changed to fit, a name
// that must be used as it is, and no automatic name at all.
const (
	NamingDefault NamingMode = iota
	NamingPropose
	NamingEnforce
	NamingDisable
)

// CheckResult is the inputs to use, or what is wrong with them.
type CheckResult struct {
	Inputs   value.Map
	Failures []Failure
}

// Failure is one thing that is wrong with one property.
type Failure struct{ Property, Reason string }

// DiffRequest asks what changes between what exists (Old, its outputs) and checked inputs (New).
type DiffRequest struct {
	Type, ID            string
	Old, OldInputs, New value.Map
	IgnoreChanges       []string
	Settings            Settings
}

// DiffResult is what changes.
type DiffResult struct {
	Changes             []Change // sorted by path
	DeleteBeforeReplace bool
}

// Change is a difference at one property path.
type Change struct {
	Path    string // like tags.Name or ingress[0].fromPort
	Kind    ChangeKind
	Replace bool
}

// ChangeKind is the kind of a difference.
type ChangeKind int

// The kinds of a difference.
const (
	Add ChangeKind = iota
	Delete
	Update
)

// PlanRequest asks for the outputs that inputs would lead to.
type PlanRequest struct {
	Type, ID string    // ID is empty for a creation
	Old, New value.Map // Old is nil for a creation
	Settings Settings
}
