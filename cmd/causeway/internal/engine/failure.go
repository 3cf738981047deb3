package engine

import (
	"context"
	"errors"
	"strings"
)

// Failure is an operation that did not end well. What went wrong is in the Outcome's problems; a Failure has text of its
// own only where the outcome has none.
type Failure struct {
	Operation string
	Cancelled bool
	Detail    string // what the pulumi command said, when no problem was reported by an event
	cause     error
}

func (f *Failure) Error() string {
	switch {
	case f.Cancelled:
		return f.Operation + " was interrupted"
	case f.Detail != "":
		return f.Operation + " failed: " + f.Detail
	}
	return f.Operation + " failed"
}

func (f *Failure) Unwrap() error { return f.cause }

// failed makes a Failure of an Automation API error for a command without events.
func (e *Engine) failed(ctx context.Context, operation string, err error) error {
	return &Failure{Operation: operation, Cancelled: ctx.Err() != nil, Detail: said(err), cause: err}
}

// failedOperation does the same for an operation whose events were collected.
func (e *Engine) failedOperation(ctx context.Context, outcome Outcome, err error) error {
	f := &Failure{Operation: outcome.Operation, Cancelled: outcome.Cancelled || ctx.Err() != nil, cause: errors.Join(err, e.refused)}
	for _, p := range outcome.Problems {
		if !p.Warning {
			return f
		}
	}
	f.Detail = said(err)
	return f
}

// said is what the pulumi command wrote to standard error, cut from the text of an Automation API error: "...: exit
// status 1\ncode: 1\nstdout: ...\nstderr: ...".
func said(err error) string {
	text := err.Error()
	if _, stderr, ok := strings.Cut(text, "\nstderr: "); ok && strings.TrimSpace(stderr) != "" {
		text = stderr
	}
	if head, _, ok := strings.Cut(text, "\ncode: "); ok && strings.HasSuffix(head, "signal: killed") {
		return "the engine was killed: start it again, and it goes on from what was done"
	}
	text = strings.TrimPrefix(plain(text), "error: ")
	if strings.Contains(text, "no space left on device") {
		text = diskFull
	}
	return text
}

// Cancelled says whether the error is that of an operation that a person interrupted.
func Cancelled(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.Cancelled
}
