package living

import (
	"context"
	"fmt"
	"io"

	"github.com/causeway-iac/causeway/twin/live/node"
)

// Console prints what happens until ctx ends or the world does. It says nothing of requests or of calls that were
// allowed.
func (h *Host) Console(ctx context.Context, out io.Writer) {
	events, stop := h.World.Watch()
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.World.Done():
			return
		case e := <-events:
			if quiet(e.What) {
				continue
			}
			if text := Words(h.World.Plan(), e); text != "" {
				fmt.Fprintln(out, e.At.Format("15:04:05"), text)
			}
		}
	}
}

func quiet(event any) bool {
	switch what := event.(type) {
	case node.Traffic, node.Note, node.Stored, node.Logged: // a note said so already
		return true
	case node.Call:
		return what.Allowed
	}
	return false
}
