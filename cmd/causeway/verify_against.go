package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/review"
)

// against compares who reaches whom with a base, and is an error where there is a way that was not.
func (v *verification) compare(in io.Reader, out io.Writer, g *graph.Graph) error {
	base, err := readAny(in, v.against)
	if err != nil {
		return err
	}
	r := review.Between(base, g)
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

// readAny reads a stack from an exported state or, where the file is one, from a preview.
func readAny(in io.Reader, path string) (*graph.Graph, error) {
	if path == "-" {
		return graph.FromState(in)
	}
	g, err := readGraph(nil, path, graph.FromState)
	if err == nil || errors.Is(err, os.ErrNotExist) {
		return g, err
	}
	if planned, second := readGraph(nil, path, graph.FromPreview); second == nil {
		return planned, nil
	}
	return nil, err
}
