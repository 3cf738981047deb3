package cloudapi

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// bodyLimit is the most that a call of the platform's servers sends (CloudWatch Logs quotas: 1 MiB a batch), and
// objectLimit the largest object in one call: S3 takes 5 GB, and larger ones in parts.
const (
	bodyLimit   = 2 << 20
	objectLimit = 64 << 20
)

// Server is AWS's API.
type Server struct {
	port *node.Port
	now  atomic.Pointer[world]
	logs streams
}

// Update answers from a new config from now on.
func (s *Server) Update(c *node.Config) { s.now.Store(newWorld(c)) }

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	world := s.now.Load()
	if world == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	service, bucket := world.serviceOf(r.Host)
	limit := int64(bodyLimit)
	if service == "s3" {
		limit = objectLimit
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		answerError(w, r, service, refuse(413, "EntityTooLarge", "the living world takes %d bytes in one call", limit))
		return
	}
	var c *call
	switch {
	case service == plan.Registry:
		err = s.registry(world, w, r)
	case service == "s3" && strings.HasSuffix(bucket, "-starport-layer-bucket"):
		err = s.layer(world, bucket, w, r)
	default:
		if c, err = s.call(world, service, r, body); err == nil {
			err = s.dispatch(c, bucket, w, r, body)
		}
	}
	if err != nil {
		s.tellUnplayed(c, service, r, body, err)
		answerError(w, r, service, err)
	}
}

// call finds out who is calling, and how the call got here.
func (s *Server) call(world *world, service string, r *http.Request, body []byte) (*call, error) {
	now := time.Now()
	session, signed, err := authenticate(world.keep[keepSeal], r, body, now)
	if err != nil {
		return nil, err
	}
	if service == "" {
		return nil, unplayed(signed.service, callName(r, body))
	}
	role, err := world.roleOf(session)
	if err != nil {
		return nil, err
	}
	if name, region := world.signedFor(service, r.Host); signed.service != name || signed.region != region {
		return nil, refuse(403, "SignatureDoesNotMatch", "Credential should be scoped to %s in %s, not %s in %s.", name, region,
			signed.service, signed.region)
	}
	from := remote(r)
	return &call{world: world, session: session, role: role, service: service, endpoint: world.endpointAt(localAddr(r), from, service),
		from: from, secure: r.TLS != nil, agent: r.UserAgent(), now: now, say: s.tell}, nil
}

func (s *Server) dispatch(c *call, bucket string, w http.ResponseWriter, r *http.Request, body []byte) error {
	switch c.service {
	case "s3":
		return c.s3(bucket, w, r, body)
	case plan.ECR:
		_, region := c.signedFor(c.service, r.Host)
		return c.ecr(w, r, region, callName(r, body))
	case "secretsmanager":
		return c.secrets(w, callName(r, body), body)
	case "sts":
		return c.sts(w, callName(r, body))
	case "logs":
		return s.logs.answer(c, s.port, w, callName(r, body), body)
	}
	return unplayed(c.service, callName(r, body))
}

func (s *Server) tell(j judged) {
	s.port.Say(node.Call{Who: j.who, Action: j.action, Resource: j.resource, Allowed: j.verdict.Allowed, Why: j.verdict.Why})
}

// tellUnplayed tells the person watching of a call that failed before it was judged.
func (s *Server) tellUnplayed(c *call, service string, r *http.Request, body []byte, err error) {
	var no *refusal
	if !errors.As(err, &no) || slices.Contains([]string{"AccessDenied", "AccessDeniedException", "DENIED"}, no.code) {
		return
	}
	who := remote(r).String()
	if c != nil {
		who = c.role.Name
	}
	s.port.Say(node.Call{Who: who, Action: service + ":" + callName(r, body), Why: err.Error()})
}

func parseForm(body []byte) url.Values {
	form, _ := url.ParseQuery(string(body)) // what cannot be parsed names no action
	return form
}

func requestID() string {
	id := make([]byte, 16)
	rand.Read(id)
	return hex.EncodeToString(id)
}
