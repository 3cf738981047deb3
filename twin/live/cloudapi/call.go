package cloudapi

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live/judge"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// call is one request to a service, by a known caller.
type call struct {
	*world
	session  Session
	role     *plan.Role
	service  string
	endpoint *plan.Endpoint // that it came through; nil is the internet
	from     netip.Addr
	secure   bool
	agent    string
	now      time.Time
	say      func(judged)
}

// judged is how one question to the judge was answered.
type judged struct {
	who, action, resource string
	verdict               judge.Verdict
}

// partition is the role's, such as aws.
func (c *call) partition() string { return strings.Split(c.role.ARN, ":")[1] }

// sessionARN is how errors refer to the caller.
func (c *call) sessionARN() string {
	return fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", c.partition(), c.plan.Account, c.role.Name, c.session.Instance)
}

func (c *call) arn(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", c.partition(), service, c.plan.Region, c.plan.Account, resource)
}

// question is one thing that must be allowed for a call to succeed.
type question struct {
	action, resource string
	policy           *judge.Document     // the resource's own
	key              bool                // the resource is a KMS key
	keys             map[string][]string // condition keys of this action
}

// allowed asks the judge, reports the verdict, and returns AWS's error for a refusal.
func (c *call) allowed(q question) error { return c.allowedBy(q, c.policies(q)) }

func (c *call) allowedBy(q question, p judge.Policies) error {
	verdict, err := judge.Decide(c.request(q), p)
	if err != nil {
		verdict = judge.Verdict{Why: "because the living world cannot read a policy: " + err.Error()}
	}
	c.say(judged{c.role.Name, q.action, q.resource, verdict})
	if verdict.Allowed {
		return nil
	}
	return c.denied(q, verdict.Why)
}

func (c *call) denied(q question, why string) error {
	code, status := "AccessDeniedException", 400
	if c.service == "s3" || c.service == "sts" {
		code, status = "AccessDenied", 403
	}
	return refuse(status, code, "User: %s is not authorized to perform: %s on resource: %s %s", c.sessionARN(), q.action, q.resource, why)
}

func (c *call) policies(q question) judge.Policies {
	p := judge.Policies{Resource: q.policy, Key: q.key}
	for _, one := range c.role.Policies {
		if one.Document == "" {
			p.Unread = append(p.Unread, one.Name)
			continue
		}
		p.Identity = append(p.Identity, judge.Document{Name: one.Name, Text: one.Document})
	}
	if b := c.role.Boundary; b != nil {
		p.Boundary = &judge.Document{Name: b.Name, Text: b.Document}
	}
	// The service uses a key on the caller's behalf, and not through the endpoint.
	if e := c.endpoint; e != nil && e.Policy != "" && !q.key {
		p.Endpoint = &judge.Document{Name: "the policy of the endpoint " + e.ID, Text: e.Policy}
	}
	return p
}

// request is everything known of a call (IAM user guide, "AWS global condition context keys").
func (c *call) request(q question) judge.Request {
	r := judge.Request{Action: q.action, Resource: q.resource, Owner: c.plan.Account,
		Caller: judge.Caller{Account: c.plan.Account, Role: c.role.ARN, Session: c.sessionARN()}}
	yes := map[bool]string{true: "true", false: "false"}
	one := func(s string) []string { return []string{s} }
	r.Keys = map[string][]string{
		"aws:principalarn": one(c.role.ARN), "aws:principalaccount": one(c.plan.Account), "aws:principaltype": one("AssumedRole"),
		"aws:principalisawsservice": one("false"), "aws:username": nil, "aws:principalorgid": nil, "aws:principalorgpaths": nil,
		"aws:principalservicename": nil, "aws:principalservicenameslist": nil,
		"aws:resourceaccount": one(c.plan.Account), "aws:resourceorgid": nil, "aws:resourceorgpaths": nil,
		"aws:requestedregion": one(c.plan.Region), "aws:securetransport": one(yes[c.secure]), "aws:useragent": one(c.agent),
		"aws:referer":     nil,
		"aws:currenttime": one(c.now.UTC().Format(time.RFC3339)), "aws:epochtime": one(fmt.Sprint(c.now.Unix())),
		"aws:viaawsservice": one("false"), "aws:calledvia": nil, "aws:calledviafirst": nil, "aws:calledvialast": nil,
		"aws:sourceaccount": nil, "aws:sourcearn": nil, "aws:sourceorgid": nil, "aws:sourceorgpaths": nil,
		"aws:multifactorauthpresent": nil, "aws:multifactorauthage": nil, "aws:federatedprovider": nil, "aws:sourceidentity": nil,
		"aws:requesttag/": nil, "aws:tagkeys": nil,
		"aws:sourceip": nil, "aws:sourcevpc": nil, "aws:sourcevpce": nil, "aws:vpcsourceip": nil, "aws:sourcevpcarn": nil,
		"ec2:sourceinstancearn": one(c.arn("ec2", "instance/"+c.session.Instance)), "ec2:roledelivery": one("2.0"),
		"aws:ec2instancesourcevpc": one(c.plan.Network.ID), "aws:ec2instancesourceprivateipv4": nil,
	}
	if nodes := c.plan.Playing(c.session.Instance); len(nodes) > 0 {
		r.Keys["aws:ec2instancesourceprivateipv4"] = one(nodes[0].Address().String())
	}
	if c.endpoint == nil {
		r.Keys["aws:sourceip"] = one(c.from.String())
	} else {
		r.Keys["aws:sourcevpc"], r.Keys["aws:sourcevpce"], r.Keys["aws:vpcsourceip"] = one(c.plan.Network.ID), one(c.endpoint.ID),
			one(c.from.String())
	}
	for k, v := range q.keys {
		r.Keys[k] = v
	}
	if q.key { // the service asks on its caller's behalf (KMS developer guide, "kms:ViaService")
		r.Keys["aws:viaawsservice"], r.Keys["aws:calledvia"] = one("true"), one(c.service+".amazonaws.com")
		r.Keys["aws:calledviafirst"], r.Keys["aws:calledvialast"] = r.Keys["aws:calledvia"], r.Keys["aws:calledvia"]
		r.Keys["kms:viaservice"], r.Keys["kms:calleraccount"] = one(c.service+"."+c.plan.Region+".amazonaws.com"), one(c.plan.Account)
		r.Keys["kms:grantisforawsresource"], r.Keys["kms:encryptioncontext:"] = one("false"), nil
	}
	return r
}

// useKey asks whether the caller may use the key that something is encrypted with, for the given encryption context.
func (c *call) useKey(action, key string, context map[string]string) error {
	if key == "" {
		return nil // the service's own key, which everybody in the account may use
	}
	at := slices.IndexFunc(c.plan.Cloud.Keys, func(k plan.Key) bool {
		return k.ARN == key || strings.HasSuffix(k.ARN, "key/"+key) || slices.Contains(k.Aliases, key)
	})
	if at < 0 {
		return refuse(400, "KMS.NotFoundException", "the key %s is not in the world", key)
	}
	k := c.plan.Cloud.Keys[at]
	keys := map[string][]string{}
	for name, value := range context {
		keys["kms:encryptioncontext:"+strings.ToLower(name)] = []string{value}
		keys["kms:encryptioncontextkeys"] = append(keys["kms:encryptioncontextkeys"], name)
	}
	return c.allowed(question{action: action, resource: k.ARN, key: true, keys: keys,
		policy: &judge.Document{Name: "the policy of the key " + k.ARN, Text: k.Policy}})
}

// remote is the address that a request came from.
func remote(r *http.Request) netip.Addr {
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	return from.Addr().Unmap()
}
