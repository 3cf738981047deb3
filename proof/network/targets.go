package network

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Listener is where a load balancer answers.
type Listener struct {
	Resource *graph.Resource
	Node     *Node
	Protocol string
	// May is what it answers, as far as it is not ruled out; Sure says that it is known.
	May  Traffic
	Sure bool
	// Forwards are the target groups it passes requests on to, by default or by a rule.
	Forwards []Forward
	// Rules are its rules, in the order in which they are tried.
	Rules []*graph.Resource
}

// Forward says that a listener passes requests on to a target group.
type Forward struct {
	Listener *Listener
	// Rule is the listener's rule, nil for its default action.
	Rule  *graph.Resource
	Group *graph.Resource
	sure  bool
}

// Target says that a load balancer opens connections to a node.
type Target struct {
	Forward
	To *Node
	// Requests and Health are what it sends, as far as it is not ruled out.
	Requests, Health Traffic
	// Sure says that nothing about the requests is unknown, HealthSure the same of the checks.
	Sure, HealthSure bool
}

const (
	listenerType    = "aws:lb/listener:Listener"
	targetGroupType = "aws:lb/targetGroup:TargetGroup"
)

func index(list string, i int, key string) string { return fmt.Sprintf("%s[%d].%s", list, i, key) }

func (w *Model) readTargets() {
	listeners := map[*graph.Resource]*Listener{}
	for _, r := range w.all(listenerType) {
		balancer, _ := w.target(r, "loadBalancerArn", balancerType)
		n := w.nodes[balancer]
		if balancer == nil || n == nil {
			w.problem(r, "which load balancer it is of is not known", "wire loadBalancerArn to a load balancer of the stack")
			continue
		}
		l := &Listener{Resource: r, Node: n, Protocol: r.String("protocol")}
		l.May, l.Sure = l.traffic()
		n.Listeners = append(n.Listeners, l)
		listeners[r] = l
		w.forwards(l, r, nil, "defaultActions")
	}
	for _, r := range w.all("aws:lb/listenerRule:ListenerRule") {
		of, _ := w.target(r, "listenerArn", listenerType)
		l := listeners[of]
		if l == nil {
			w.problem(r, "which listener it is of is not known", "wire listenerArn to a listener of the stack")
			continue
		}
		w.forwards(l, r, r, "actions")
		l.Rules = append(l.Rules, r)
	}
	for _, l := range listeners {
		slices.SortStableFunc(l.Rules, byPriority)
	}
	members := w.members()
	for _, n := range w.OfKind(LoadBalancer) {
		for _, l := range n.Listeners {
			for _, f := range l.Forwards {
				for _, m := range members[f.Group] {
					n.Targets = append(n.Targets, w.newTarget(f, m))
				}
			}
		}
	}
}

func (l *Listener) traffic() (t Traffic, known bool) {
	ports := allPorts
	port, known := l.Resource.Int("port")
	if known {
		ports = PortRange(Port(port), Port(port))
	}
	switch strings.ToUpper(l.Protocol) {
	case "HTTP", "HTTPS", "TCP", "TLS":
		return Traffic{TCP: ports}, known
	case "UDP", "QUIC":
		return Traffic{UDP: ports}, known
	}
	return Traffic{TCP: ports, UDP: ports}, known && (l.Protocol == "TCP_UDP" || l.Protocol == "TCP_QUIC")
}

// forwards reads actions. A redirect and a fixed response lead nowhere. Requests that must sign in first are taken to go
// on to the action that follows.
func (w *Model) forwards(l *Listener, r, rule *graph.Resource, path string) {
	actions, unknown := items(r, path)
	if unknown {
		w.problem(r, "what it does with requests is not known", "write its actions, or verify what is deployed")
	}
	for i, action := range actions {
		switch kind, _ := action["type"].(string); kind {
		case "redirect", "fixed-response", "authenticate-oidc", "authenticate-cognito", "jwt-validation":
			continue
		case "forward":
		default:
			w.problem(r, fmt.Sprintf("what an action of type %q does is not modelled", kind), "use forward, redirect or fixed-response")
			continue
		}
		for _, key := range []string{"targetGroupArn", "forward"} {
			if value := action[key]; value == nil || value == "" {
				continue
			}
			res := w.Graph.Resolve(r, index(path, i, key))
			for _, named := range res.Resources {
				if canonical(named.Type) == targetGroupType {
					l.Forwards = append(l.Forwards, Forward{l, rule, named, len(res.Resources) == 1 && !res.Undecided &&
						!weightless(action["forward"])})
				}
			}
			if res.Undecided {
				w.problem(r, "which target group it forwards to is not known", "wire it to a target group of the stack")
			}
			for _, id := range res.Outside {
				if strings.HasPrefix(id, "arn:") {
					w.problem(r, "it forwards to "+id+", which is not of this stack", "wire it to a target group of the stack")
				}
			}
		}
	}
}

// weightless says that a target group may be sent nothing, since its weight is 0.
func weightless(forward any) bool {
	block, _ := forward.(map[string]any)
	groups, _ := block["targetGroups"].([]any)
	return slices.ContainsFunc(groups, func(group any) bool {
		of, _ := group.(map[string]any)
		weight, asked := of["weight"]
		number, known := weight.(float64)
		return asked && weight != nil && (!known || number == 0)
	})
}

// member is a node in a target group.
type member struct {
	node *Node
	port Ports // nil for the target group's own
	sure bool
}

func (w *Model) members() map[*graph.Resource][]member {
	all := map[*graph.Resource][]member{}
	add := func(r *graph.Resource, path string, m member) {
		value, ok := inputsOf(r).Get(path)
		if !ok || value == nil || value == "" {
			return
		}
		res := w.Graph.Resolve(r, path)
		if res.Undecided || len(res.Outside) > 0 {
			w.problem(r, "which target groups it is in is not known", "wire "+path+" to target groups of the stack")
		}
		for _, group := range res.Resources {
			if canonical(group.Type) == targetGroupType {
				all[group] = append(all[group], m)
			}
		}
	}
	for _, n := range w.OfKind(Servers) {
		add(n.Resource, "targetGroupArns", member{node: n, sure: true})
		for _, path := range []string{"loadBalancers", "trafficSources"} {
			if value := n.Resource.Inputs[path]; value != nil && !isEmptyList(value) {
				w.problem(n.Resource, path+" is not modelled", "name target groups in targetGroupArns")
			}
		}
	}
	for _, r := range w.all("aws:autoscaling/attachment:Attachment") {
		servers, _ := w.target(r, "autoscalingGroupName", "aws:autoscaling/group:Group")
		if servers == nil {
			w.problem(r, "which servers it puts in the target group is not known",
				"wire autoscalingGroupName to an Auto Scaling group of the stack")
			continue
		}
		add(r, "lbTargetGroupArn", member{node: w.nodes[servers], sure: true})
	}
	for _, r := range w.all("aws:lb/targetGroupAttachment:TargetGroupAttachment") {
		found := w.attached(r)
		if len(found) == 0 {
			w.problem(r, "what it puts in the target group is not modelled", "attach an instance or an Auto Scaling group of the stack")
		}
		for _, m := range found {
			add(r, "targetGroupArn", m)
		}
	}
	return all
}

// attached is what an attachment puts into a target group: a resource, or whatever may have the address.
func (w *Model) attached(r *graph.Resource) []member {
	var ports Ports
	if port, ok := r.Int("port"); ok {
		ports = PortRange(Port(port), Port(port))
	}
	var found []member
	for _, named := range w.Graph.Resolve(r, "targetId").Resources {
		if n := w.nodes[named]; n != nil {
			found = append(found, member{n, ports, true})
		}
	}
	if addr, err := netip.ParseAddr(r.String("targetId")); err == nil && len(found) == 0 {
		at := AddrsOf(netip.PrefixFrom(addr, addr.BitLen()))
		for _, n := range w.Nodes {
			if slices.ContainsFunc(n.Subnets, func(s *Subnet) bool { return at.Within(s.V4.Union(s.V6)) }) {
				found = append(found, member{n, ports, false})
			}
		}
	}
	return found
}

func (w *Model) newTarget(f Forward, m member) *Target {
	t := &Target{Forward: f, To: m.node, Sure: f.sure && m.sure && fits(f.Group, m.node)}
	carrier := func(ports Ports) Traffic {
		switch protocol := strings.ToUpper(f.Group.String("protocol")); protocol {
		case "UDP", "QUIC":
			return Traffic{UDP: ports}
		case "HTTP", "HTTPS", "TCP", "TLS":
			return Traffic{TCP: ports}
		default:
			t.Sure = t.Sure && strings.HasPrefix(protocol, "TCP_")
		}
		return Traffic{TCP: ports, UDP: ports}
	}
	ports := m.port
	if ports == nil {
		ports = allPorts
		if port, ok := f.Group.Int("port"); ok {
			ports = PortRange(Port(port), Port(port))
		} else {
			t.Sure = false
		}
	}
	t.Requests, t.Health, t.HealthSure = carrier(ports), Traffic{TCP: ports}, t.Sure
	switch health, ok := f.Group.Get("healthCheck.port"); {
	case !ok || health == nil || health == "" || health == "traffic-port":
	default:
		t.Health, t.HealthSure = Traffic{TCP: allPorts}, false
		if port, ok := f.Group.Int("healthCheck.port"); ok {
			t.Health, t.HealthSure = TCP(Port(port)), m.sure && f.sure
		}
	}
	switch on := truth(f.Group, "healthCheck.enabled", true); {
	case !on.may:
		t.Health = Traffic{}
	case !on.must:
		t.HealthSure = false
	}
	return t
}

// fits says that servers can be targets of the group: by addresses that they have; those that Auto Scaling starts, by
// instance only.
func fits(group *graph.Resource, n *Node) bool {
	kind := group.String("targetType")
	return !n.Compute() || kind != "lambda" && (kind != "ip" || n.Kind == Instance) &&
		(group.String("ipAddressType") != "ipv6" || n.IPv6(Must))
}

// Sends is what the load balancer sends to the node, requests and health checks, for all its target groups, as far as it
// is not ruled out; entered is the listeners through which requests have come, nil for any.
func (n *Node) Sends(to *Node, entered func(*Listener) bool) Traffic {
	return n.sends(May, to, entered)
}

func (n *Node) sends(m Mode, to *Node, entered func(*Listener) bool) Traffic {
	var all Traffic
	for _, t := range n.Targets {
		if t.To != to || entered != nil && !entered(t.Listener) {
			continue
		}
		if m == May || t.Sure && t.Listener.Sure {
			all = all.Union(t.Requests)
		}
		if entered == nil && (m == May || t.HealthSure) {
			all = all.Union(t.Health)
		}
	}
	return all
}

// preserves says whether a network load balancer's packets to the node have the clients' addresses (AWS, target groups of
// network load balancers, client IP preservation).
func (n *Node) preserves(to *Node) fact {
	if !n.passesSourceIP {
		return fact{}
	}
	all, first := fact{}, true
	for _, t := range n.Targets {
		if t.To != to {
			continue
		}
		f := truth(t.Group, "preserveClientIp", preservedByDefault(t.Group))
		if all.may = all.may || f.may; first {
			all.must, first = f.must, false
		}
		all.must = all.must && f.must
	}
	return all
}

func preservedByDefault(group *graph.Resource) bool {
	if group.String("targetType") != "ip" {
		return true
	}
	protocol := strings.ToUpper(group.String("protocol"))
	return protocol != "TCP" && protocol != "TLS"
}

func isEmptyList(value any) bool {
	list, ok := value.([]any)
	return ok && len(list) == 0
}
