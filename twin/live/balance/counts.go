package balance

import (
	"sync"

	"github.com/causeway-iac/causeway/twin/live/node"
)

// counts are the requests since the last report.
type counts struct {
	mu  sync.Mutex
	all map[string]node.Traffic
}

func (c *counts) add(to string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string]node.Traffic{}
	}
	t := c.all[to]
	t.To, t.Count = to, t.Count+1
	if status >= 500 {
		t.Failed++
	}
	c.all[to] = t
}

func (c *counts) tell(port *node.Port) {
	c.mu.Lock()
	all := c.all
	c.all = nil
	c.mu.Unlock()
	for _, t := range all {
		port.Say(t)
	}
}
