package engine

import (
	"context"
	"sync"
)

// Digest finds what Up would change, as `pulumi preview --json --show-sames` writes it: the form that reviews and proofs
// read.
func (e *Engine) Digest(ctx context.Context, observe Observer) ([]byte, Outcome, error) {
	e.now.digest.ask()
	outcome, err := e.Preview(ctx, observe)
	return e.now.digest.take(), outcome, err
}

// digest says whether a preview is to be written as JSON, and holds what it wrote.
type digest struct {
	mu    sync.Mutex
	asked bool
	said  string
}

func (d *digest) ask() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked, d.said = true, ""
}

func (d *digest) take() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = false
	return []byte(d.said)
}

// arguments are a command's arguments, plus what makes a preview a digest where one was asked for.
func (d *digest) arguments(args []string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.asked || len(args) == 0 || args[0] != "preview" {
		return args
	}
	return append(args, "--json", "--show-sames")
}

func (d *digest) note(args []string, said string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asked && len(args) > 0 && args[0] == "preview" {
		d.said = said
	}
}
