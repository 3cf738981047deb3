// Package metadata is the instance metadata service: what a server can ask at 169.254.169.254, and with which token.
package metadata

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Address is where clients find the service. It listens at Port, to which traffic to Address must be redirected: port 80
// belongs to the machine's own servers.
const (
	Address = "169.254.169.254:80"
	Port    = 65080
)

// Credentials is the key of node.Config.Keep that holds the role's credentials, as JSON of this type.
const Credentials = "credentials"

// Keys are credentials of a role's session as the service hands them out.
type Keys struct {
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	Token           string
	Expiration      time.Time
}

const (
	tokenHeader = "X-Aws-Ec2-Metadata-Token"
	ttlHeader   = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"
	longest     = 21600 // the longest life of a token, in seconds (EC2 user guide, "Use IMDSv2")
)

// Service answers for one machine.
type Service struct {
	seal [32]byte // of its tokens: none is known to another machine, or after a restart
	now  atomic.Pointer[facts]
}

type facts struct {
	imds  plan.IMDS
	paths map[string]string
}

// New makes a service that answers nothing before its first Update.
func New() *Service {
	s := &Service{}
	rand.Read(s.seal[:])
	return s
}

// Update reads the machine's data from its node's config.
func (s *Service) Update(c *node.Config) error {
	n := c.Node()
	if n == nil {
		return fmt.Errorf("%s is not in the plan", c.Name)
	}
	m := c.Plan.Machine(n.Plays)
	if m == nil {
		return fmt.Errorf("the machine %s is not in the plan", n.Plays)
	}
	f := &facts{imds: m.IMDS, paths: paths(c.Plan, n, m)}
	if text := c.Keep[Credentials]; len(text) > 0 {
		if err := f.addRole(m, text); err != nil {
			return err
		}
	}
	s.now.Store(f)
	return nil
}

// addRole adds the profile and its role's credentials.
func (f *facts) addRole(m *plan.Machine, text []byte) error {
	var keys Keys
	if json.Unmarshal(text, &keys) != nil {
		return errors.New("the role's credentials cannot be read") // whose text stays out of the error
	}
	role := m.Role[strings.LastIndexByte(m.Role, '/')+1:]
	now := time.Now().UTC().Format(time.RFC3339)
	f.add("meta-data/iam/info", document(map[string]string{"Code": "Success", "LastUpdated": now, "InstanceProfileArn": m.Profile,
		"InstanceProfileId": "AIPA"}))
	f.add("meta-data/iam/security-credentials/"+role, document(map[string]string{"Code": "Success", "LastUpdated": now, "Type": "AWS-HMAC",
		"AccessKeyId": keys.AccessKeyID, "SecretAccessKey": keys.SecretAccessKey, "Token": keys.Token,
		"Expiration": keys.Expiration.UTC().Format(time.RFC3339)}))
	return nil
}

func document(v any) string {
	text, _ := json.MarshalIndent(v, "", "  ") // maps of strings always encode
	return string(text)
}

func (f *facts) add(path, value string) { f.paths[path] = value }

// paths are what the machine's own programs and SDKs ask for (EC2 user guide, "Instance metadata categories").
func paths(p *plan.Plan, n *plan.Node, m *plan.Machine) map[string]string {
	address := n.Address().String()
	host := "ip-" + strings.ReplaceAll(address, ".", "-") + "." + p.Region + ".compute.internal"
	all := map[string]string{
		"meta-data/instance-id":                 m.ID,
		"meta-data/instance-type":               m.Type,
		"meta-data/local-ipv4":                  address,
		"meta-data/local-hostname":              host,
		"meta-data/hostname":                    host,
		"meta-data/placement/region":            p.Region,
		"meta-data/placement/availability-zone": m.Zone,
		"meta-data/services/domain":             "amazonaws.com",
		"meta-data/services/partition":          "aws",
		"dynamic/instance-identity/document": document(map[string]string{"accountId": p.Account, "architecture": m.Arch,
			"availabilityZone": m.Zone,
			"instanceId":       m.ID, "instanceType": m.Type, "privateIp": address, "region": p.Region, "version": "2017-09-30"}),
	}
	if len(m.UserData) > 0 {
		all["user-data"] = string(m.UserData)
	}
	if m.IMDS.Tags {
		for k, v := range m.Tags {
			all["meta-data/tags/instance/"+k] = v
		}
	}
	return all
}

// ServeHTTP answers one request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", "EC2ws")
	f := s.now.Load()
	_, path, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/") // after the version: latest, or a date
	switch {
	case f == nil:
		w.WriteHeader(http.StatusServiceUnavailable)
	case f.imds.Disabled:
		w.WriteHeader(http.StatusForbidden)
	case path == "api/token":
		s.token(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.WriteHeader(http.StatusMethodNotAllowed)
	case !s.may(r, f.imds.V1):
		w.WriteHeader(http.StatusUnauthorized)
	default:
		f.answer(w, path)
	}
}

// token hands out a token, but not through a proxy (EC2 user guide, "Use IMDSv2").
func (s *Service) token(w http.ResponseWriter, r *http.Request) {
	seconds, err := strconv.Atoi(r.Header.Get(ttlHeader))
	switch {
	case r.Method != http.MethodPut:
		w.WriteHeader(http.StatusMethodNotAllowed)
	case r.Header.Get("X-Forwarded-For") != "":
		w.WriteHeader(http.StatusForbidden)
	case err != nil || seconds < 1 || seconds > longest:
		w.WriteHeader(http.StatusBadRequest)
	default:
		w.Header().Set(ttlHeader, strconv.Itoa(seconds))
		fmt.Fprint(w, s.sealed(strconv.FormatInt(time.Now().Add(time.Duration(seconds)*time.Second).Unix(), 36)))
	}
}

func (s *Service) sealed(until string) string {
	mac := hmac.New(sha256.New, s.seal[:])
	mac.Write([]byte(until))
	return until + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s *Service) may(r *http.Request, v1 bool) bool {
	token := r.Header.Get(tokenHeader)
	if token == "" {
		return v1
	}
	until, _, _ := strings.Cut(token, ".")
	end, err := strconv.ParseInt(until, 36, 64)
	return err == nil && hmac.Equal([]byte(token), []byte(s.sealed(until))) && time.Now().Unix() < end
}

// answer gives a path's value, or lists what is below it.
func (f *facts) answer(w http.ResponseWriter, path string) {
	w.Header().Set("Content-Type", "text/plain")
	path = strings.TrimSuffix(path, "/")
	if value, ok := f.paths[path]; ok {
		fmt.Fprint(w, value)
		return
	}
	prefix := path + "/"
	if path == "" {
		prefix = ""
	}
	var below []string
	for p := range f.paths {
		if rest, ok := strings.CutPrefix(p, prefix); ok {
			name, _, more := strings.Cut(rest, "/")
			if more {
				name += "/"
			}
			below = append(below, name)
		}
	}
	if len(below) == 0 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	slices.Sort(below)
	fmt.Fprint(w, strings.Join(slices.Compact(below), "\n"))
}

// Listen opens the service's socket. Its answers live for as many hops as the machine's metadata options allow, so that
// with one hop none leaves the machine.
func (s *Service) Listen(ctx context.Context, address string) (net.Listener, error) {
	hops := 1
	if f := s.now.Load(); f != nil && f.imds.Hops > 0 {
		hops = f.imds.Hops
	}
	var set error
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		err := c.Control(func(fd uintptr) { set = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_TTL, hops) })
		return errors.Join(err, set)
	}}
	l, err := config.Listen(ctx, "tcp4", address)
	if err != nil {
		return nil, fmt.Errorf("opening the metadata service: %w", err)
	}
	return l, nil
}
