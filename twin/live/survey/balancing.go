package survey

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

func (s *survey) balancing() {
	for _, o := range s.of["aws:lb/loadBalancer:LoadBalancer"] {
		s.balancer(o)
	}
	for _, o := range s.of["aws:lb/targetGroup:TargetGroup"] {
		s.plan.TargetGroups = append(s.plan.TargetGroups, s.targetGroup(o))
	}
	for _, o := range s.of["aws:acm/certificate:Certificate"] {
		names := append([]string{o.Text("domainName")}, o.Texts("subjectAlternativeNames")...)
		slices.Sort(names[1:])
		s.plan.Certificates = append(s.plan.Certificates,
			plan.Certificate{ARN: o.Text("arn"), Names: unique(names), Key: o.Text("keyAlgorithm")})
	}
	for _, o := range s.of["aws:lb/trustStore:TrustStore"] {
		s.plan.TrustStores = append(s.plan.TrustStores, plan.TrustStore{ARN: o.Text("arn"), Name: s.short(o),
			Bucket: o.Text("caCertificatesBundleS3Bucket"), Object: o.Text("caCertificatesBundleS3Key")})
	}
	for _, o := range s.of["aws:wafv2/webAclAssociation:WebAclAssociation"] {
		if b := s.find("aws:lb/loadBalancer:LoadBalancer", "arn", o.Text("resourceArn")); b != nil {
			s.unplayed("the web ACL of %s: every request passes it", name(b))
		}
	}
}

func unique(all []string) (out []string) {
	for _, t := range all {
		if t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

func (s *survey) balancer(o *world.Object) {
	b := plan.Balancer{ARN: o.Text("arn"), Name: s.short(o), DNSName: o.Text("dnsName"),
		Kind:     cmp.Or(o.Text("loadBalancerType"), "application"),
		Internal: o.Flag("internal"), Idle: cmp.Or(number(o.Outputs, "idleTimeout"), 60),
		KeepAlive:          cmp.Or(number(o.Outputs, "clientKeepAlive"), 3600),
		CrossZone:          o.Text("loadBalancerType") != "network" || o.Flag("enableCrossZoneLoadBalancing"),
		DropInvalidHeaders: o.Flag("dropInvalidHeaderFields"), PreserveHost: o.Flag("preserveHostHeader"),
		XFF:     cmp.Or(o.Text("xffHeaderProcessingMode"), "append"),
		XFFPort: o.Flag("enableXffClientPort"), TLSHeaders: o.Flag("enableTlsVersionAndCipherSuiteHeaders"),
		HTTP2: o.Outputs["enableHttp2"] != false, Desync: cmp.Or(o.Text("desyncMitigationMode"), "defensive"),
		AccessLogs: logTarget(o, "accessLogs"), ConnectionLogs: logTarget(o, "connectionLogs")}
	kind := plan.KindBalancer
	if b.Kind != "application" { // they pass packets on with their senders' addresses, which a process cannot
		kind = plan.KindIdle
		s.unplayed("the %s load balancer %s: whoever connects to it is refused; an application load balancer is played", b.Kind, name(o))
	}
	for _, l := range s.of["aws:lb/listener:Listener"] {
		if l.Text("loadBalancerArn") == b.ARN {
			b.Listeners = append(b.Listeners, s.listener(l))
		}
	}
	slices.SortFunc(b.Listeners, func(a, b plan.Listener) int { return a.Port - b.Port })
	s.plan.Balancers = append(s.plan.Balancers, b)
	held, public := o.Held(), o.Public()
	for k := range s.plan.Network.Subnets {
		n := &s.plan.Network.Subnets[k]
		if held[n.ID] == "" || !slices.Contains(o.Texts("subnets"), n.ID) {
			continue
		}
		i := s.at("elb-"+o.Text("name")+"-"+n.ID, n.ID, held[n.ID])
		i.Public, i.Groups, i.Guarded = address(public[n.ID]), o.Texts("securityGroups"), b.Kind == "application" ||
			len(o.Texts("securityGroups")) > 0
		if !strings.HasPrefix(o.Text("ipAddressType"), "dualstack") {
			i.Address6 = address("")
		}
		s.add(plan.Node{Name: s.balancerName(o) + zoneLetter(n.Zone), Kind: kind, Plays: b.ARN, Zone: n.Zone,
			Interfaces: []plan.Interface{i}})
	}
}

// balancerName is what its nodes are called.
func (s *survey) balancerName(o *world.Object) string {
	n := s.short(o)
	for _, suffix := range []string{"-alb", "-lb", "-loadbalancer", "-load-balancer"} {
		n = strings.TrimSuffix(n, suffix)
	}
	return n
}

func logTarget(o *world.Object, property string) *plan.LogTarget {
	for _, m := range o.Objects(property) {
		if flag(m, "enabled") {
			return &plan.LogTarget{Bucket: text(m, "bucket"), Prefix: text(m, "prefix")}
		}
	}
	return nil
}

// responseHeaders are the properties that set or rename headers, and those headers.
var responseHeaders = map[string]string{
	"routingHttpResponseStrictTransportSecurityHeaderValue":       "Strict-Transport-Security",
	"routingHttpResponseContentSecurityPolicyHeaderValue":         "Content-Security-Policy",
	"routingHttpResponseXContentTypeOptionsHeaderValue":           "X-Content-Type-Options",
	"routingHttpResponseXFrameOptionsHeaderValue":                 "X-Frame-Options",
	"routingHttpResponseAccessControlAllowOriginHeaderValue":      "Access-Control-Allow-Origin",
	"routingHttpResponseAccessControlAllowMethodsHeaderValue":     "Access-Control-Allow-Methods",
	"routingHttpResponseAccessControlAllowHeadersHeaderValue":     "Access-Control-Allow-Headers",
	"routingHttpResponseAccessControlAllowCredentialsHeaderValue": "Access-Control-Allow-Credentials",
	"routingHttpResponseAccessControlExposeHeadersHeaderValue":    "Access-Control-Expose-Headers",
	"routingHttpResponseAccessControlMaxAgeHeaderValue":           "Access-Control-Max-Age",
}

var requestHeaders = map[string]string{
	"routingHttpRequestXAmznTlsVersionHeaderName":                 "X-Amzn-Tls-Version",
	"routingHttpRequestXAmznTlsCipherSuiteHeaderName":             "X-Amzn-Tls-Cipher-Suite",
	"routingHttpRequestXAmznMtlsClientcertHeaderName":             "X-Amzn-Mtls-Clientcert",
	"routingHttpRequestXAmznMtlsClientcertIssuerHeaderName":       "X-Amzn-Mtls-Clientcert-Issuer",
	"routingHttpRequestXAmznMtlsClientcertLeafHeaderName":         "X-Amzn-Mtls-Clientcert-Leaf",
	"routingHttpRequestXAmznMtlsClientcertSerialNumberHeaderName": "X-Amzn-Mtls-Clientcert-Serial-Number",
	"routingHttpRequestXAmznMtlsClientcertSubjectHeaderName":      "X-Amzn-Mtls-Clientcert-Subject",
	"routingHttpRequestXAmznMtlsClientcertValidityHeaderName":     "X-Amzn-Mtls-Clientcert-Validity",
}

func renamed(o *world.Object, properties map[string]string) map[string]string {
	out := map[string]string{}
	for property, header := range properties {
		if v := o.Text(property); v != "" {
			out[header] = v
		}
	}
	return out
}

func (s *survey) listener(o *world.Object) plan.Listener {
	l := plan.Listener{ARN: o.Text("arn"), Port: int(o.Number("port")), Protocol: o.Text("protocol"), Policy: o.Text("sslPolicy"),
		Headers: renamed(o, responseHeaders), Renamed: renamed(o, requestHeaders),
		ServerHeader: o.Outputs["routingHttpResponseServerEnabled"] != false}
	if c := o.Text("certificateArn"); c != "" {
		l.Certificates = append(l.Certificates, c)
	}
	for _, c := range s.of["aws:lb/listenerCertificate:ListenerCertificate"] {
		if c.Text("listenerArn") == l.ARN {
			l.Certificates = append(l.Certificates, c.Text("certificateArn"))
		}
	}
	if m := object(o.Outputs, "mutualAuthentication"); m != nil && text(m, "mode") != "off" {
		l.MutualTLS = &plan.MutualTLS{Mode: text(m, "mode"), TrustStore: text(m, "trustStoreArn"),
			IgnoreExpired: flag(m, "ignoreClientCertificateExpiry")}
	}
	l.Default = s.actions(o, "defaultActions")
	for _, r := range s.of["aws:lb/listenerRule:ListenerRule"] {
		if r.Text("listenerArn") == l.ARN {
			l.Rules = append(l.Rules, plan.ListenerRule{Name: s.short(r), Priority: int(r.Number("priority")), Conditions: conditions(r),
				Actions: s.actions(r, "actions")})
		}
	}
	slices.SortFunc(l.Rules, func(a, b plan.ListenerRule) int { return a.Priority - b.Priority })
	return l
}

// conditionFields are the blocks of a condition that hold a list of values, and what a plan calls them.
var conditionFields = map[string]string{"hostHeader": "host", "pathPattern": "path", "httpRequestMethod": "method", "sourceIp": "source",
	"httpHeader": "header"}

func conditions(r *world.Object) (out []plan.Condition) {
	for _, c := range r.Objects("conditions") {
		for _, key := range slices.Sorted(maps.Keys(conditionFields)) {
			if m := object(c, key); m != nil {
				out = append(out, plan.Condition{Field: conditionFields[key], Header: text(m, "httpHeaderName"),
					Values: texts(m, "values")})
			}
		}
		if queries := objects(c, "queryStrings"); len(queries) > 0 {
			condition := plan.Condition{Field: "query"}
			for _, q := range queries {
				v := text(q, "value")
				if k := text(q, "key"); k != "" {
					v = k + "=" + v
				}
				condition.Values = append(condition.Values, v)
			}
			out = append(out, condition)
		}
	}
	return out
}

func (s *survey) actions(o *world.Object, property string) []plan.Action {
	all := o.Objects(property)
	slices.SortStableFunc(all, func(a, b value.Map) int { return number(a, "order") - number(b, "order") })
	var out []plan.Action
	for _, m := range all {
		a := plan.Action{Type: text(m, "type")}
		if t := text(m, "targetGroupArn"); t != "" {
			a.Forward = []plan.Weight{{TargetGroup: t, Weight: 1}}
		}
		if f := object(m, "forward"); f != nil {
			a.Forward = nil
			for _, t := range objects(f, "targetGroups") {
				w := plan.Weight{TargetGroup: text(t, "arn"), Weight: 1}
				if t["weight"] != nil {
					w.Weight = number(t, "weight")
				}
				a.Forward = append(a.Forward, w)
			}
			if st := object(f, "stickiness"); flag(st, "enabled") {
				a.Sticky = number(st, "duration")
			}
		}
		if r := object(m, "redirect"); r != nil {
			a.Redirect = &plan.Redirect{Status: map[string]int{"HTTP_302": 302}[text(r, "statusCode")],
				Protocol: cmp.Or(text(r, "protocol"), "#{protocol}"),
				Host:     cmp.Or(text(r, "host"), "#{host}"), Port: cmp.Or(text(r, "port"), "#{port}"),
				Path: cmp.Or(text(r, "path"), "/#{path}"), Query: cmp.Or(text(r, "query"), "#{query}")}
			a.Redirect.Status = cmp.Or(a.Redirect.Status, 301)
		}
		if f := object(m, "fixedResponse"); f != nil {
			a.Fixed = &plan.Fixed{Status: cmp.Or(number(f, "statusCode"), 200), ContentType: text(f, "contentType"),
				Body: text(f, "messageBody")}
		}
		if strings.HasPrefix(a.Type, "authenticate-") {
			s.unplayed("the action %s of %s: it is refused, since nobody can sign in", a.Type, name(o))
		}
		out = append(out, a)
	}
	return out
}

func (s *survey) targetGroup(o *world.Object) plan.TargetGroup {
	g := plan.TargetGroup{ARN: o.Text("arn"), Name: s.short(o), Protocol: o.Text("protocol"), ProtocolVersion: o.Text("protocolVersion"),
		Port:      int(o.Number("port")),
		Algorithm: o.Text("loadBalancingAlgorithmType"), Drain: delay(o), SlowStart: number(o.Outputs, "slowStart")}
	if st := object(o.Outputs, "stickiness"); st != nil && st["enabled"] != false && text(st, "type") != "" {
		g.Stickiness = &plan.Stickiness{Type: text(st, "type"), Cookie: text(st, "cookieName"), Seconds: number(st, "cookieDuration")}
	}
	h := object(o.Outputs, "healthCheck")
	g.Health = plan.HealthCheck{Enabled: h["enabled"] != false, Protocol: text(h, "protocol"), Port: text(h, "port"), Path: text(h, "path"),
		Matcher:  text(h, "matcher"),
		Interval: number(h, "interval"), Timeout: number(h, "timeout"), Healthy: number(h, "healthyThreshold"),
		Unhealthy: number(h, "unhealthyThreshold")}
	s.targets(&g, o)
	return g
}

// delay is how long a target of the group drains; 300 seconds unless it says otherwise.
func delay(o *world.Object) int {
	if o.Outputs["deregistrationDelay"] == nil {
		return 300
	}
	return number(o.Outputs, "deregistrationDelay")
}

// targets are the machines of the attached Auto Scaling groups: those in service, and those that are draining.
func (s *survey) targets(g *plan.TargetGroup, o *world.Object) {
	attached := map[string]bool{}
	for _, a := range s.of["aws:autoscaling/attachment:Attachment"] {
		if a.Text("lbTargetGroupArn") == g.ARN {
			attached[a.Text("autoscalingGroupName")] = true
		}
	}
	for k := range s.Servers {
		v := &s.Servers[k]
		if !slices.Contains(v.Group.Texts("targetGroupArns"), g.ARN) && !attached[v.Group.Text("name")] && !attached[v.Group.ID] ||
			v.State == "Pending" {
			continue
		}
		g.Targets = append(g.Targets, plan.Target{ID: v.ID, Address: v.Address, Port: g.Port, Zone: v.Zone,
			Draining: v.State == "Terminating"})
	}
	for _, a := range s.of["aws:lb/targetGroupAttachment:TargetGroupAttachment"] {
		if a.Text("targetGroupArn") != g.ARN {
			continue
		}
		t := plan.Target{ID: a.Text("targetId"), Address: a.Text("targetId"), Port: cmp.Or(int(a.Number("port")), g.Port)}
		switch at := s.plan.Playing(t.ID); {
		case len(at) > 0:
			t.Address, t.Zone = at[0].Address().String(), at[0].Zone
		case o.Text("targetType") != "ip":
			s.unplayed("the target %s of %s: it is no machine of the world", t.ID, name(o))
			continue
		}
		g.Targets = append(g.Targets, t)
	}
}
