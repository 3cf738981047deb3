// Package tree is the live world's processes: one that is pid 1 of the world's namespaces and its router, and under it
// one for each node. It does what it is told from outside, and decides nothing.
package tree

import (
	"os"

	"github.com/causeway-iac/causeway/twin/live/node"
)

// Top is the world's process as its master sees it.
type Top struct {
	Link *node.Link
	Gone <-chan struct{} // closed when it has ended, and with it everything of the world

	process *os.Process
}

// Kill ends the world at once.
func (t *Top) Kill() { _ = t.process.Kill() }

// PID is the process's, on the host.
func (t *Top) PID() int { return t.process.Pid }

// Links asks the world to cut nodes off, or to have them back.
type Links struct {
	Nodes []string `json:"nodes"`
	Down  bool     `json:"down"`
}

// Slow asks the world to make a node's links slow; none of either makes them as they were.
type Slow struct {
	Node  string  `json:"node"`
	Delay int     `json:"delay"` // milliseconds, one way
	Loss  float64 `json:"loss"`  // percent
}

// The questions that the world answers.
const (
	AskLinks     = "links"
	AskSlow      = "slow"
	AskProcesses = "processes"
	AskKill      = "kill"
)

// Process is what a node's processes use.
type Process struct {
	Node   string  `json:"node"`
	Kind   string  `json:"kind"`
	Count  int     `json:"count"`  // of processes
	Memory int     `json:"memory"` // bytes, what is shared counted by its share
	CPU    float64 `json:"cpu"`    // seconds so far
}
