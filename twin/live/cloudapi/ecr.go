package cloudapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live/judge"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Amazon ECR as far as who may pull an image: its API gives a password, a registry answers whoever has it with the
// address of the image's layer, and S3 sends that to whom the endpoint on the way lets it. What the image holds is no
// registry's here, but this computer's.

// ecr answers ECR's API. A password is the region that it is for, and the caller's sealed session.
func (c *call) ecr(w http.ResponseWriter, r *http.Request, region, name string) error {
	if name != "GetAuthorizationToken" {
		return unplayed("Amazon ECR", name)
	}
	if err := c.allowed(question{action: "ecr:GetAuthorizationToken", resource: "*"}); err != nil {
		return err
	}
	password := region + ":" + r.Header.Get("X-Amz-Security-Token")
	writeJSON(w, 200, map[string]any{"authorizationData": []any{map[string]any{
		"authorizationToken": base64.StdEncoding.EncodeToString([]byte("AWS:" + password)), "expiresAt": c.session.Until.Unix(),
	}}})
	return nil
}

// registry answers a registry's own API (OCI, "Distribution Specification", pulling manifests).
func (s *Server) registry(world *world, w http.ResponseWriter, r *http.Request) error {
	account, region := registryOf(r.Host)
	_, password, _ := r.BasicAuth()
	of, token, _ := strings.Cut(password, ":")
	c, err := s.bearer(world, r, "ecr.dkr", token)
	if err != nil || of != region {
		return refuse(401, "UNAUTHORIZED", "Your authorization token is of no use in %s: log in there.", region)
	}
	if r.URL.Path == "/v2/" {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	repository, digest, found := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/"), "/manifests/")
	if !found {
		return unplayed("a registry", r.Method+" "+r.URL.Path)
	}
	for _, action := range []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"} {
		q := question{action: action, resource: fmt.Sprintf("arn:%s:ecr:%s:%s:repository/%s", c.partition(), region, account, repository),
			keys: map[string][]string{"aws:resourceaccount": {account}}}
		if err := c.allowed(q); err != nil {
			no := err.(*refusal)
			return refuse(403, "DENIED", "%s", no.message)
		}
	}
	layers := "https://" + layerBucket(region) + ".s3." + region + ".amazonaws.com/"
	w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
	_ = json.NewEncoder(w).Encode(map[string]any{"schemaVersion": 2, "layers": []any{map[string]any{
		"digest": digest, "urls": []string{layers + digest + "?session=" + token},
	}}})
	return nil
}

// layer answers S3 for a layer, whose address ECR has signed: the endpoint on the way has the only say.
func (s *Server) layer(world *world, bucket string, w http.ResponseWriter, r *http.Request) error {
	c, err := s.bearer(world, r, "s3", r.URL.Query().Get("session"))
	if err != nil {
		return err
	}
	q := question{action: "s3:GetObject", resource: "arn:" + c.partition() + ":s3:::" + bucket + r.URL.Path,
		keys: map[string][]string{"aws:resourceaccount": {"amazon"}, "aws:principalaccount": {"amazon"}}}
	p := c.policies(q)
	p.Boundary, p.Unread = nil, nil
	p.Identity = []judge.Document{{Name: "ECR's signature", Text: `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`}}
	if err := c.allowedBy(q, p); err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

// bearer is the call of whoever a session's token was given to.
func (s *Server) bearer(world *world, r *http.Request, service, token string) (*call, error) {
	session, _, err := opened(world.keep[keepSeal], token, time.Now())
	if err != nil {
		return nil, err
	}
	role, err := world.roleOf(session)
	if err != nil {
		return nil, err
	}
	return &call{world: world, session: session, role: role, service: service, from: remote(r), secure: r.TLS != nil, agent: r.UserAgent(),
		endpoint: world.endpointAt(localAddr(r), remote(r), service), now: time.Now(), say: s.tell}, nil
}

func layerBucket(region string) string { return "prod-" + region + "-starport-layer-bucket" }

// registryOf is the account and the region of a private registry's name.
func registryOf(host string) (account, region string) {
	account, rest, _ := strings.Cut(host, ".")
	return account, strings.TrimSuffix(strings.TrimPrefix(rest, "dkr.ecr."), ".amazonaws.com")
}

// signedFor is the name under which requests to a service are signed, and the region.
func (w *world) signedFor(service, host string) (name, region string) {
	if service != plan.ECR {
		return service, w.plan.Region
	}
	return "ecr", strings.TrimSuffix(strings.TrimPrefix(host, "api.ecr."), ".amazonaws.com")
}
