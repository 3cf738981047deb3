// Package cloudapi answers the part of AWS's API that a platform's servers use, with AWS's signatures and errors, and
// judges each call by the deployed policies. Any other call is an error that names it.
package cloudapi

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// What node.Config.Keep holds for the cloud's node.
const (
	keepSeal    = "seal"    // of session tokens
	keepCert    = "cert"    // of every service's name
	keepObjects = "objects" // the directory with contents: content/<SHA-256>, and delivered/<bucket>/<key>
	keepSecret  = "secret:" // and the secret's ARN: its value
	keepFormer  = "former:" // the value before
)

// world is what the API answers from. It never changes: a new config makes a new one.
type world struct {
	plan    *plan.Plan
	keep    map[string][]byte
	buckets map[string]*plan.Bucket
	objects map[string]*plan.Object // by bucket/key
	roles   map[string]*plan.Role
	own     *plan.Node
}

func newWorld(c *node.Config) *world {
	w := &world{plan: c.Plan, keep: c.Keep, buckets: map[string]*plan.Bucket{}, objects: map[string]*plan.Object{},
		roles: map[string]*plan.Role{}, own: c.Node()}
	cloud := &c.Plan.Cloud
	for i := range cloud.Buckets {
		w.buckets[cloud.Buckets[i].Name] = &cloud.Buckets[i]
	}
	for i := range cloud.Objects {
		w.objects[cloud.Objects[i].Bucket+"/"+cloud.Objects[i].Key] = &cloud.Objects[i]
	}
	for i := range cloud.Roles {
		w.roles[cloud.Roles[i].ARN] = &cloud.Roles[i]
	}
	return w
}

// roleOf is the role of a session: it must exist, and so must the instance that has it.
func (w *world) roleOf(s Session) (*plan.Role, error) {
	role := w.roles[s.Role]
	if m := w.plan.Machine(s.Instance); role == nil || m == nil || m.Role != s.Role {
		return nil,
			refuse(403, "InvalidClientTokenId", "The security token included in the request is invalid: %s has no such role any more.",
				s.Instance)
	}
	return role, nil
}

// endpointAt is the VPC endpoint that a request came through: an interface endpoint by the address that it was sent to,
// S3's gateway endpoint by the private address that it came from.
func (w *world) endpointAt(local, from netip.Addr, service string) *plan.Endpoint {
	id := ""
	if w.own != nil {
		for _, i := range w.own.Interfaces {
			if i.Endpoint != "" && slices.Contains(i.All(), local) {
				id = i.Endpoint
			}
		}
	}
	private := slices.ContainsFunc(w.plan.Network.CIDRs, func(p netip.Prefix) bool { return p.Contains(from) })
	for i := range w.plan.Cloud.Endpoints {
		e := &w.plan.Cloud.Endpoints[i]
		if id != "" && e.ID == id || id == "" && private && e.Gateway && e.Service == service {
			return e
		}
	}
	return nil
}

// serviceOf is the service that a host name belongs to and, for S3, the bucket that it names. VPC endpoints' names belong
// to the service too.
func (w *world) serviceOf(host string) (service, bucket string) {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, s := range w.plan.Cloud.Services {
		if host == s.Host {
			return s.Name, ""
		}
		if b, ok := strings.CutSuffix(host, "."+s.Host); ok && s.Below() {
			return s.Name, b
		}
	}
	for _, e := range w.plan.Cloud.Endpoints {
		if slices.Contains(e.Names, host) {
			return e.Service, ""
		}
	}
	return "", ""
}

func localAddr(r *http.Request) netip.Addr {
	a, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if a == nil {
		return netip.Addr{}
	}
	return a.AddrPort().Addr().Unmap()
}

// callName is what a request asks for, in the service's own words where its protocol has them.
func callName(r *http.Request, body []byte) string {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		return target[strings.LastIndexByte(target, '.')+1:]
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if form := parseForm(body); form.Get("Action") != "" {
			return form.Get("Action")
		}
	}
	return fmt.Sprintf("%s %s", r.Method, r.URL.RequestURI())
}
