package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/review"
)

// compare tells who reaches whom that did not before, and returns an error if there is a new way.
func compare(out io.Writer, before, after *graph.Graph) error {
	r := review.Between(before, after)
	for what, of := range r.Told() {
		fmt.Fprintf(out, "%s: %s\n", what, of)
	}
	switch {
	case len(r.Unmodelled) > 0:
		return &codedError{exitPolicy, errors.New("a part of the network is not modelled, so that there may be ways that are not shown")}
	case len(r.Opened) > 0:
		return &codedError{exitPolicy, fmt.Errorf("%d of the ways were not there before", len(r.Opened))}
	case len(r.Closed)+len(r.Surer)+len(r.Doubtful) == 0:
		fmt.Fprintln(out, "who can reach whom is as it was")
	}
	return nil
}

// readAny reads a stack from an exported state or from a preview.
func readAny(in io.Reader, path string) (*graph.Graph, error) {
	f, err := opened(in, path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("reading the stack: %w", err)
	}
	g, err := graph.FromState(bytes.NewReader(raw))
	if err == nil {
		return g, nil
	}
	if planned, second := graph.FromPreview(bytes.NewReader(raw)); second == nil {
		return planned, nil
	}
	return nil, fmt.Errorf("%s: %w", path, err)
}
