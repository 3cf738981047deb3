package node

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Counts are the requests of a node since its last word.
type Counts struct {
	mu  sync.Mutex
	all map[string]Traffic
}

// Add counts one that was passed on, or answered by the node itself where to is empty.
func (c *Counts) Add(to string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string]Traffic{}
	}
	t := c.all[to]
	t.To, t.Count = to, t.Count+1
	if status >= http.StatusInternalServerError {
		t.Failed++
	}
	c.all[to] = t
}

// Tell tells them, and begins anew.
func (c *Counts) Tell(port *Port) {
	c.mu.Lock()
	all := c.all
	c.all = nil
	c.mu.Unlock()
	for _, t := range all {
		port.Say(t)
	}
}

// Report tells them often, until ctx ends.
func (c *Counts) Report(ctx context.Context, port *Port) {
	often := time.NewTicker(500 * time.Millisecond)
	defer often.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-often.C:
			c.Tell(port)
		}
	}
}
