package invariants

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/userdata"
)

// boot is what one node's servers are told when they start, and the roles they act as.
type boot struct {
	*platform
	r        *result
	n        *network.Node
	of       *graph.Resource // the template, or the instance
	told     userdata.Data
	roles    []*iam.Identity
	settings map[string]string // of environment files
}

// boots compares what servers are told to fetch, read, write and call with what they are allowed to and can reach. What
// the deployment is about to make of that is not known before.
func (p *platform) boots(r *result) {
	for _, n := range p.servers() {
		b := boot{platform: p, r: r, n: n, of: cmp.Or(n.Template, n.Resource), roles: p.identitiesOf(n), settings: map[string]string{}}
		var known bool
		if b.told, known = userdata.Of(b.g, b.of); b.planned() {
			r.add(breach{resources: []*graph.Resource{n.Resource, b.of}, undecided: true, later: true,
				found:  "whether " + n.Name + " may and can do what it is told is not known before the deployment",
				remedy: "verify what is deployed, or what is declared: `causeway verify --declared`"})
			continue
		} else if !known {
			continue
		}
		for _, line := range userdata.Lines(b.told.Text) {
			if m := setting.FindStringSubmatch(line); m != nil {
				b.settings[m[1]] = m[2]
			}
		}
		b.fetches()
		b.reads()
		b.logs()
		b.services()
		b.installs()
		b.pulls()
		b.names()
		b.shadows()
		b.calls()
		b.asksDatabase()
		b.asksNext()
		b.listens()
		b.starts()
		b.runs()
		b.hooks()
	}
}

// planned says that the deployment will make the servers' template or role, or what they are told of.
func (b boot) planned() bool {
	if b.of.Planned || slices.ContainsFunc(b.roles, func(i *iam.Identity) bool { return i.Resource.Planned }) {
		return true
	}
	for _, path := range []string{"userData", "userDataBase64"} {
		value, _ := b.of.Get(path)
		if _, unknown := value.(graph.Unknown); unknown || slices.ContainsFunc(b.of.PropertyDependencies[path], b.isPlanned) {
			return true
		}
	}
	return false
}

func (b boot) isPlanned(urn string) bool {
	r := b.g.ByURN(urn)
	return r != nil && r.Planned
}

// hooks demands that a hook that keeps new servers waiting also lets them go on.
func (b boot) hooks() {
	halts := func(r *graph.Resource, at string) bool {
		return r.String(at+"lifecycleTransition") == "autoscaling:EC2_INSTANCE_LAUNCHING" && r.String(at+"defaultResult") != "CONTINUE" &&
			r.String(at+"notificationTargetArn") == "" && !strings.Contains(b.told.Text, "complete-lifecycle-action")
	}
	found := false
	list, _ := b.n.Resource.Inputs["initialLifecycleHooks"].([]any)
	for i := range list {
		found = found || halts(b.n.Resource, fmt.Sprintf("initialLifecycleHooks[%d].", i))
	}
	for _, hook := range b.g.ByType("aws:autoscaling/lifecycleHook:LifecycleHook") {
		found = found || slices.Contains(b.g.Ref(hook, "autoscalingGroupName"), b.n.Resource) && halts(hook, "")
	}
	if found {
		b.lacks(report.High, "set defaultResult to CONTINUE, or have the server complete the action",
			"is given up while it starts, by a hook "+
				"that nobody answers")
	}
}

var setting = regexp.MustCompile(`^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)=["']?([^"']*)["']?\s*$`)

func (b boot) lacks(severity report.Severity, remedy, format string, args ...any) {
	b.r.add(breach{resources: []*graph.Resource{b.n.Resource, b.of}, found: b.n.Name + " " + fmt.Sprintf(format, args...), remedy: remedy,
		severity: severity})
}

// must demands that the servers' role may do something, and that the endpoint through which they ask lets them.
func (b boot) must(severity report.Severity, service, action, on string, r *graph.Resource) {
	known := iam.Context{"aws:principalisawsservice": "false", "aws:securetransport": "true", "aws:viaawsservice": "false"}
	if b.n.VPC != nil {
		known["aws:sourcevpc"] = b.n.VPC.ID
	}
	if parts := strings.SplitN(on, ":", 6); len(parts) == 6 {
		known["aws:requestedregion"] = parts[3]
		known["aws:resourceaccount"] = parts[4]
	}
	if r != nil {
		known["aws:resourceaccount"] = strings.Join(b.iam().AccountsOf(r), "")
	}
	by, _ := b.way(service)
	if by != nil {
		known["aws:sourcevpce"] = by.ID
	}
	for _, role := range b.roles {
		q := iam.Request{Action: action, On: on, Known: known}
		b.certain(severity, b.iam().Must(role, r, q), action+" on "+on, "as "+role.Resource.Name,
			"let the role do it, within its boundary, and let no policy deny it")
		b.byEndpoint(severity, by, role, q, known)
	}
}

// byEndpoint demands that the policy of the endpoint, if it has one, lets the role ask.
func (b boot) byEndpoint(severity report.Severity, endpoint *graph.Resource, role *iam.Identity, q iam.Request, known iam.Context) {
	if endpoint == nil {
		return
	}
	q.Principals, q.Known = role.Principals(), role.Known(known)
	for _, s := range b.policiesOf(endpoint) {
		b.certain(severity, s.Admits(q), strings.TrimSuffix(q.Action+" on "+q.On, " on "), "by the endpoint "+endpoint.Name,
			"let the endpoint's policy allow it")
	}
}

func (b boot) certain(severity report.Severity, c iam.Certainty, what, how, remedy string) {
	switch c {
	case iam.Refused:
		b.lacks(severity, remedy, "needs %s, and cannot do it %s", what, how)
	case iam.Unsure:
		b.lacks(severity, remedy, "needs %s, and it is not known that it can do it %s", what, how)
		last := &b.r.breaches[len(b.r.breaches)-1]
		last.undecided, last.later = true, slices.ContainsFunc(b.g.Resources, func(r *graph.Resource) bool { return r.Planned })
	}
}

// policiesOf are an endpoint's policies, none if it has AWS's own, which admits everything.
func (b boot) policiesOf(endpoint *graph.Resource) (all []iam.Source) {
	for _, p := range append(b.g.ByType("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"), endpoint) {
		if p != endpoint && !slices.Contains(b.g.Ref(p, "vpcEndpointId"), endpoint) {
			continue
		}
		if s := iam.SourceAt(p, "policy"); s.Err != iam.ErrAbsent {
			all = append(all, s)
		}
	}
	return all
}

// way returns the endpoint through which the servers reach an AWS service, nil if they use the internet; why says why
// they cannot, "" if they can.
func (b boot) way(service string) (endpoint *graph.Resource, why string) {
	https := network.TCP(443)
	for _, to := range b.w.OfKind(network.Endpoint, network.Service) {
		name := to.Resource.String("serviceName")
		region := iam.Region(b.of.String("arn"))
		if to.VPC != b.n.VPC || !strings.HasSuffix(name, "."+service) || !strings.Contains(name, region) {
			continue
		}
		private, known := to.Resource.Bool("privateDnsEnabled")
		gateway := to.Kind == network.Service
		switch open := b.w.Edge(network.Must, b.n, to); {
		case gateway && !open.Overlaps(https), !gateway && !(private && known):
			continue // its names lead to the internet
		case !open.Overlaps(https):
			return to.Resource, cmp.Or(b.w.Stopped(network.Must, b.n, to), "nothing gets to "+to.Name+" by 443")
		}
		return to.Resource, ""
	}
	if b.w.Edge(network.Must, b.n, b.w.Internet).Overlaps(https) {
		return nil, ""
	}
	return nil, "there is no endpoint for it that they reach, and no way to the internet by 443"
}

// object returns what the stack uploads under the key; some reports whether it uploads anything into the same folder.
// What it does not upload may have been there before.
func (b boot) object(bucket *graph.Resource, key string) (found *graph.Resource, some bool) {
	for _, o := range b.g.ByType(objects...) {
		if !slices.Contains(b.g.Ref(o, "bucket"), bucket) {
			continue
		}
		some = some || folder(o.String("key")) == folder(key)
		switch {
		case strings.TrimPrefix(o.String("key"), "/") != key:
		case found != nil:
			b.lacks(report.High, "upload it once", "fetches %s, which %s and %s both upload", key, found.Name, o.Name)
		default:
			found = o
		}
	}
	return found, some
}

func unique(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

// about is the lines of what the server is told that have one of the words.
func (b boot) about(words ...string) string { return userdata.About(b.told.Text, words...) }

func submatches(e *regexp.Regexp, text string) (all []string) {
	for _, m := range e.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}
