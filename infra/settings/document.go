package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"
)

// Limits of a project's YAML. Whoever opens a pull request writes it and the pipeline reads it, so a file that
// explodes when its aliases are followed, or refers to itself, must cost no more than an error.
const (
	mostBytes = 256 << 10
	mostNodes = 20_000 // including everything that aliases repeat
	mostDepth = 30
)

// Read returns the one document of a YAML file of the project. If the file does not exist the error is
// fs.ErrNotExist.
func Read(path string) (*yaml.Node, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("reading the project's files: %w", err)
	}
	if !info.Mode().IsRegular() { // a pipe or a terminal, reached by a link, might never answer
		return nil, fmt.Errorf("%s: this is not a file; write one in its place", filepath.Base(path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the project's files: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the project's files: %w", err)
	}
	document, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s%w", filepath.Base(path), err)
	}
	return document, nil
}

// parse returns the document in data. Errors begin with the line, to be put after a file's name.
func parse(data []byte) (*yaml.Node, error) {
	if len(data) > mostBytes {
		return nil, fmt.Errorf(": this is longer than %d KiB, which no settings are; take out what is not one", mostBytes>>10)
	}
	var document, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	err := decoder.Decode(&document)
	if err == nil {
		err = decoder.Decode(&second)
	}
	switch {
	case err == nil:
		return nil, fmt.Errorf(":%d: a second document begins here, which nothing reads; move its settings up, without the line ---",
			second.Line)
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf(": this is not YAML: %w", err)
	}
	if _, err := measure(&document, map[*yaml.Node]*extent{}); err != nil {
		return nil, err
	}
	return &document, nil
}

// extent is the size of a node, including what its aliases stand for.
type extent struct{ nodes, height int }

// measure visits each node once, however often aliases repeat it: known holds what has been measured, and nil for
// nodes still being measured.
func measure(n *yaml.Node, known map[*yaml.Node]*extent) (extent, error) {
	if e, seen := known[n]; seen {
		if e == nil {
			return extent{}, fmt.Errorf(":%d: this alias leads to what it is a part of; write out what is meant", n.Line)
		}
		return *e, nil
	}
	known[n] = nil
	below := n.Content
	if n.Kind == yaml.AliasNode {
		below = []*yaml.Node{n.Alias}
	}
	e := extent{nodes: 1, height: 1}
	for _, child := range below {
		c, err := measure(child, known)
		if err != nil {
			return extent{}, err
		}
		e.nodes, e.height = e.nodes+c.nodes, max(e.height, c.height+1)
		switch {
		case e.nodes > mostNodes:
			return extent{}, fmt.Errorf(":%d: with all that aliases repeat, this is more than %d values; write out those that are meant",
				n.Line, mostNodes)
		case e.height > mostDepth:
			return extent{}, fmt.Errorf(":%d: this is indented more than %d times, which no setting is", n.Line, mostDepth)
		}
	}
	known[n] = &e
	return e, nil
}
