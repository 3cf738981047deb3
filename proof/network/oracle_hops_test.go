package network_test

import (
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// forwards is what a load balancer sends requests to when they come in by a listener: the
// target's id and the port.
func (o *oracle) forwards(listener *graph.Resource) map[string]int {
	sent := map[string]int{}
	actions, _ := listener.Get("defaultActions[0].targetGroupArn")
	for _, a := range o.g.ByType("aws:lb/targetGroupAttachment:TargetGroupAttachment") {
		if group := a.String("targetGroupArn"); group == actions {
			sent[a.String("targetId")], _ = o.byID[group].Int("port")
		}
	}
	return sent
}

func (o *oracle) listeners(balancer string) []*graph.Resource {
	return slices.DeleteFunc(slices.Clone(o.g.ByType("aws:lb/listener:Listener")),
		func(l *graph.Resource) bool { return l.String("loadBalancerArn") != balancer })
}

// reachable is every node that packets lead to from one, hop by hop. Load balancers pass
// on what came in by a listener, to its targets; everybody else whatever they like.
func (o *oracle) reachable(from string, nodes []string) map[string]bool {
	reached := map[string]bool{}
	type state struct {
		node     string
		listener *graph.Resource
	}
	seen := map[state]bool{}
	var visit func(state)
	arrive := func(to string, port int) {
		if to == from {
			return
		}
		reached[to] = true
		if strings.HasPrefix(o.byIDType(to), "aws:lb/") {
			for _, l := range o.listeners(to) {
				if p, _ := l.Int("port"); p == port {
					visit(state{to, l})
				}
			}
			return
		}
		visit(state{node: to})
	}
	visit = func(at state) {
		if seen[at] {
			return
		}
		seen[at] = true
		if at.listener != nil {
			for to, port := range o.forwards(at.listener) {
				if o.answers(to, port) && o.may(at.node, to, port) {
					arrive(to, port)
				}
			}
			return
		}
		for _, to := range nodes {
			for _, port := range o.ports {
				if to != at.node && o.answers(to, port) && o.may(at.node, to, port) {
					arrive(to, port)
				}
			}
		}
	}
	visit(state{node: from})
	return reached
}

func (o *oracle) byIDType(id string) string {
	if r := o.byID[id]; r != nil {
		return r.Type
	}
	return ""
}

// answers says that a load balancer has a listener at the port; all others take anything.
func (o *oracle) answers(node string, port int) bool {
	if !strings.HasPrefix(o.byIDType(node), "aws:lb/") {
		return true
	}
	return slices.ContainsFunc(o.listeners(node), func(l *graph.Resource) bool { p, _ := l.Int("port"); return p == port })
}
