package network

import (
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

var modelled = slices.Sorted(maps.Keys(modelledFields))

// Modelled are the types of which everything is known that decides what may flow.
func Modelled() []string { return slices.Clone(modelled) }

// networking are the packages whose every type carries packets, or decides where they go.
var networking = strings.Fields(`aws:ec2 aws:vpc aws:lb aws:elb aws:elasticloadbalancing aws:ec2clientvpn aws:ec2transitgateway
	aws:directconnect aws:networkfirewall aws:networkmanager aws:globalaccelerator aws:vpclattice aws:appmesh aws:outposts
	aws:mediaconnect aws:verifiedaccess`)

// canonical is the type's name without the SDK's aliases for it.
func canonical(resourceType string) string {
	for _, alias := range []string{"aws:alb/", "aws:applicationloadbalancing/", "aws:elasticloadbalancingv2/"} {
		if rest, ok := strings.CutPrefix(resourceType, alias); ok {
			return "aws:lb/" + rest
		}
	}
	return resourceType
}

// all is the resources of the types, under any alias.
func (w *Model) all(types ...string) []*graph.Resource {
	found := w.Graph.ByType(types...)
	for _, t := range types {
		if rest, ok := strings.CutPrefix(t, "aws:lb/"); ok {
			found = append(slices.Clip(found), w.Graph.ByType("aws:alb/"+rest, "aws:applicationloadbalancing/"+rest,
				"aws:elasticloadbalancingv2/"+rest)...)
		}
	}
	return found
}

// closed reports every resource that is neither modelled nor understood to be harmless.
func (w *Model) closed() {
	for _, r := range w.Graph.Resources {
		if what := w.strange(r); what != "" {
			w.touch(r)
			w.problem(r, r.Type+" "+what, "leave it out of the stack, or prove the stack without it by other means")
		}
	}
	for _, r := range w.Graph.Leftovers {
		if r.Custom && (strings.HasPrefix(r.Type, "aws:") || strings.HasPrefix(r.Type, "cloudflare:") || w.strange(r) != "") {
			w.Problems = append(w.Problems, Problem{r, "a replacement has left it in place, and how it is still attached is not known",
				"run `pulumi up` again to finish the replacement", true})
		}
	}
}

// strange is why nothing can be said of a resource, "" if something can.
func (w *Model) strange(r *graph.Resource) string {
	t := canonical(r.Type)
	of := packageOf(t)
	_, quiet := harmless[t]
	_, ofQuiet := harmless[of]
	_, alone := attachable[t]
	_, ofAlone := attachable[of]
	why := loud[t]
	switch {
	case why != "" || !r.Custom:
	case t == "aws:route53/zoneAssociation:ZoneAssociation" && len(w.Graph.Ref(r, "zoneId", "aws:route53/zone:Zone")) == 0:
		why = "leads names to a zone that is not in the stack"
	default:
		why = settles(r)
	}
	switch {
	case !r.Custom, slices.Contains(modelled, t), quiet && !alone && why == "":
		return ""
	case why != "":
		return why + ", and is not modelled"
	case slices.Contains(networking, of):
		return "is a networking type that is not modelled"
	case r.External, ofQuiet && !alone:
		return ""
	case of == "cloudflare":
		return "may lead requests elsewhere, or let somebody in, and is not modelled"
	case !alone && !ofAlone:
		return "is not known to be harmless, and what it makes or opens is not modelled"
	}
	if piece := w.touches(r); piece != nil {
		return "is attached to " + piece.Name + " (" + piece.Type + "), and how it carries packets is not modelled"
	}
	return ""
}

var pieces = []string{
	"aws:ec2/subnet:Subnet", "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/vpc:Vpc", "aws:lb/targetGroup:TargetGroup",
	"aws:lb/listener:Listener", "aws:lb/loadBalancer:LoadBalancer", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
}

// touch notes what an unmodelled resource is attached to.
func (w *Model) touch(r *graph.Resource) {
	for property := range r.Inputs {
		for _, piece := range w.Graph.Ref(r, property) {
			if w.touched == nil {
				w.touched = map[*graph.Resource]bool{}
			}
			w.touched[piece] = true
		}
	}
}

// Touched says that something unmodelled has the group, or is behind the load balancer, so that nobody knows what uses
// it.
func (w *Model) Touched(g *Group) bool {
	return g != nil && (w.touched[g.Resource] || slices.ContainsFunc(w.OfKind(LoadBalancer), func(n *Node) bool {
		return slices.Contains(n.Groups, g) && w.SendsUnseen(n)
	}))
}

// SendsUnseen says that the load balancer passes requests on to something unmodelled.
func (w *Model) SendsUnseen(n *Node) bool {
	return slices.ContainsFunc(n.Listeners, func(l *Listener) bool {
		return slices.ContainsFunc(l.Forwards, func(f Forward) bool { return w.touched[f.Group] })
	})
}

// touches is a piece of the network that a resource refers to.
func (w *Model) touches(r *graph.Resource) *graph.Resource {
	for property := range r.Inputs {
		for _, piece := range w.Graph.Ref(r, property) {
			if slices.Contains(pieces, canonical(piece.Type)) {
				return piece
			}
		}
	}
	return nil
}
