package living

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/causeway-iac/causeway/twin/live"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

func encoded(body any) (io.Reader, error) {
	if body == nil {
		return nil, nil
	}
	b, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("asking the living world: %w", err)
	}
	return bytes.NewReader(b), nil
}

// Words is an event as a line for a person; empty where there is nothing to say.
func Words(p *plan.Plan, e live.Event) string {
	switch what := e.What.(type) {
	case node.Started:
		if what.OK {
			return e.Node + " is up"
		}
		return e.Node + " does not come up: " + what.Why
	case node.Health:
		text := fmt.Sprintf("%s finds %s %s", e.Node, called(p, what.Target), what.State)
		if what.Reason != "" {
			text += ": " + what.Reason
		}
		return text
	case node.Traffic:
		return traffic(e.Node, what)
	case node.Drop:
		return Drop(what)
	case node.Call:
		verdict := "may"
		if !what.Allowed {
			verdict = "may not"
		}
		return strings.TrimSuffix(fmt.Sprintf("%s %s %s %s: %s", what.Who, verdict, what.Action, what.Resource, what.Why), ": ")
	case node.Stored:
		return fmt.Sprintf("%s delivered %s to %s", e.Node, what.Key, what.Bucket)
	case node.Gone:
		return strings.TrimSuffix(e.Node+" is gone: "+what.Why, ": ")
	case node.Note:
		return e.Node + ": " + what.Text
	}
	return ""
}

func traffic(from string, t node.Traffic) string {
	text := fmt.Sprintf("%s answered %d", from, t.Count)
	if t.To != "" {
		text = fmt.Sprintf("%s passed %d on to %s", from, t.Count, t.To)
	}
	if t.Failed > 0 {
		text += fmt.Sprintf(", of which %d failed", t.Failed)
	}
	return text
}

// called is the name of the node that plays something.
func called(p *plan.Plan, id string) string {
	if p != nil {
		for _, n := range p.Playing(id) {
			return n.Name
		}
	}
	return id
}

// Drop is a refused packet in words: from whom to whom, and what is missing where.
func Drop(d node.Drop) string {
	port := ""
	if d.Port > 0 {
		port = fmt.Sprintf(":%d", d.Port)
	}
	what := "packet"
	if d.Reply {
		what = "answer"
	}
	text := fmt.Sprintf("%s → %s %s%s dropped", end(d.FromNode, d.From), end(d.ToNode, d.To), d.Protocol, port)
	if d.Reply || d.Count > 1 {
		text += fmt.Sprintf(" (%d %ss)", d.Count, what)
	}
	if len(d.Gates) > 0 {
		text += ": " + strings.Join(d.Gates, "; ")
	}
	return text
}

func end(name string, a netip.Addr) string {
	if name == "" {
		return a.String()
	}
	return name + " " + a.String()
}
