package vault

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"crypto/x509"

	"github.com/causeway-iac/causeway/twin/live/ca"
	"github.com/causeway-iac/causeway/twin/live/cloudapi"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// sessionHours is how long a role's credentials last; new ones arrive every hour, long before.
const sessionHours = 6

// Keep is what a node alone may have, by the names that its player knows.
func (v *Vault) Keep(n *plan.Node) (map[string][]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	keep := map[string][]byte{"ca": append(v.zone.PEM(), v.aws.PEM()...)}
	var err error
	switch n.Kind {
	case plan.KindBalancer:
		err = v.forBalancer(keep, n.Plays)
	case plan.KindCloud:
		err = v.forCloud(keep)
	case plan.KindMachine:
		err = v.forMachine(keep, n.Plays)
	case plan.KindDatabase:
		err = v.forDatabase(keep, n.Plays)
	case plan.KindEdge:
		err = v.forEdge(keep)
	}
	if err != nil {
		return nil, fmt.Errorf("keeping what %s needs: %w", n.Name, err)
	}
	return keep, nil
}

// issue has a certificate issued, or gives the one that was issued for the same: a key of RSA takes its time.
func (v *Vault) issue(a *ca.Authority, o ca.Order) ([]byte, error) {
	key := fmt.Sprint(a.Certificate().SerialNumber, o.Names, o.Client, o.KeyAlgorithm, o.Ends.IsZero())
	if known := v.issued[key]; known != nil {
		return known, nil
	}
	sum := sha256.Sum256([]byte(key))
	file := filepath.Join(v.dir, "issued-"+hex.EncodeToString(sum[:16]))
	if text, err := os.ReadFile(file); err == nil && o.Ends.IsZero() {
		if c, err := ca.Read(text); err == nil && v.now().Add(renewed).Before(c.Leaf.NotAfter) {
			v.issued[key] = text
			return text, nil
		}
	}
	pair, err := a.Issue(o)
	if err != nil {
		return nil, err
	}
	v.issued[key] = pair.PEM()
	if !o.Ends.IsZero() {
		return v.issued[key], nil
	}
	return v.issued[key], os.WriteFile(file, v.issued[key], 0o600)
}

// renewed is how long before its end a certificate that was kept is issued anew.
const renewed = 30 * 24 * time.Hour

func (v *Vault) forBalancer(keep map[string][]byte, arn string) error {
	b := v.plan.Balancer(arn)
	if b == nil {
		return fmt.Errorf("the load balancer %s is not in the plan", arn)
	}
	for _, l := range b.Listeners {
		for _, c := range v.plan.Certificates {
			if !slices.Contains(l.Certificates, c.ARN) {
				continue
			}
			order := ca.Order{Names: c.Names, KeyAlgorithm: c.Key}
			if v.expired[c.ARN] {
				order.Ends = v.now().Add(-time.Minute)
			}
			text, err := v.issue(v.zone, order)
			if err != nil {
				return err
			}
			keep["cert:"+c.ARN] = text
		}
		if l.MutualTLS == nil || l.MutualTLS.TrustStore == "" {
			continue
		}
		bundle, _, err := v.bundle(l.MutualTLS.TrustStore)
		if err != nil {
			return err
		}
		keep["trust:"+l.MutualTLS.TrustStore] = bundle
	}
	return nil
}

// bundle is a trust store's certificates, and whether Cloudflare's authority was among them: only Cloudflare has its key,
// so the world's own authority takes its place.
func (v *Vault) bundle(arn string) (bundle []byte, substituted bool, err error) {
	at := slices.IndexFunc(v.plan.TrustStores, func(t plan.TrustStore) bool { return t.ARN == arn })
	if at < 0 {
		return nil, false, fmt.Errorf("the trust store %s is not in the plan", arn)
	}
	store := v.plan.TrustStores[at]
	declared, err := v.content(store.Bucket, store.Object)
	if err != nil {
		return nil, false, err
	}
	var out bytes.Buffer
	for block, rest := pem.Decode(declared); block != nil; block, rest = pem.Decode(rest) {
		if isOriginPull(block) {
			out.Write(v.pulls.PEM())
			substituted = true
			continue
		}
		if err := pem.Encode(&out, block); err != nil {
			return nil, false, err
		}
	}
	return out.Bytes(), substituted, nil
}

// isOriginPull says whether a certificate is the authority of Cloudflare's global origin pulls.
func isOriginPull(block *pem.Block) bool {
	c, err := x509.ParseCertificate(block.Bytes)
	return err == nil && c.Subject.CommonName == "origin-pull.cloudflare.net" && c.CheckSignatureFrom(c) == nil
}

func (v *Vault) content(bucket, key string) ([]byte, error) {
	at := slices.IndexFunc(v.plan.Cloud.Objects, func(o plan.Object) bool { return o.Bucket == bucket && o.Key == key })
	if at < 0 {
		return nil, fmt.Errorf("the object s3://%s/%s is not in the plan", bucket, key)
	}
	o := v.plan.Cloud.Objects[at]
	if o.Hash == "" {
		return []byte(o.Content), nil
	}
	return os.ReadFile(filepath.Join(v.objects, "content", o.Hash))
}

// Sentences are what a person must know of substitutions.
func (v *Vault) Sentences() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var out []string
	for _, t := range v.plan.TrustStores {
		if _, substituted, err := v.bundle(t.ARN); err == nil && substituted {
			out = append(out, fmt.Sprintf("The trust store %s holds Cloudflare's authority for origin pulls, whose key is Cloudflare's "+
				"alone: the living world's own stands in its place.", t.Name))
		}
	}
	return out
}

func (v *Vault) forCloud(keep map[string][]byte) error {
	var names []string
	for _, s := range v.plan.Cloud.Services {
		names = append(names, s.Host)
		if s.Below() {
			names = append(names, "*."+s.Host)
		}
	}
	for _, e := range v.plan.Cloud.Endpoints {
		names = append(names, e.Names...)
	}
	cert, err := v.issue(v.aws, ca.Order{Names: names})
	if err != nil {
		return err
	}
	keep["cert"], keep["seal"] = cert, v.kept.Seal
	for _, s := range v.plan.Cloud.Secrets {
		if current, former := v.value(&s); current != nil {
			keep["secret:"+s.ARN] = current
			if former != nil {
				keep["former:"+s.ARN] = former
			}
		}
	}
	return nil
}

// value is a secret's: supplied by the program, or a master user's as RDS writes it.
func (v *Vault) value(s *plan.Secret) (current, former []byte) {
	k := v.kept.Secrets[s.ARN]
	if k == nil {
		if text, ok := v.declared[s.ARN]; ok {
			return []byte(text), nil
		}
		return nil, nil
	}
	user := ""
	for _, d := range v.plan.Databases {
		if d.Secret == s.ARN || d.ARN == s.Database {
			user = d.User
		}
	}
	written := func(password string) []byte {
		text, _ := json.Marshal(struct {
			Username string `json:"username"`
			Password string `json:"password"`
		}{user, password}) // two texts always encode
		return text
	}
	if current = written(k.Current); k.Former != "" {
		former = written(k.Former)
	}
	return current, former
}

func (v *Vault) forMachine(keep map[string][]byte, id string) error {
	m := v.plan.Machine(id)
	if m == nil || m.Role == "" {
		return nil
	}
	until := v.now().UTC().Truncate(time.Hour).Add(sessionHours * time.Hour) // the same within an hour, so that it is no news
	text, err := json.Marshal(cloudapi.Mint(v.kept.Seal, m.Role, id, until))
	keep["credentials"] = text
	return err
}

func (v *Vault) forDatabase(keep map[string][]byte, arn string) error {
	d := v.plan.Database(arn)
	if d == nil {
		return fmt.Errorf("the database %s is not in the plan", arn)
	}
	names := []string{d.Host}
	if d.Readers != "" {
		names = append(names, d.Readers)
	}
	var err error
	if keep["cert"], err = v.issue(v.aws, ca.Order{Names: names, KeyAlgorithm: "RSA_2048"}); err != nil {
		return err
	}
	switch k := v.kept.Secrets[d.Secret]; {
	case k != nil:
		keep["password"] = []byte(k.Current)
	case v.declared[arn] != "":
		keep["password"] = []byte(v.declared[arn])
	default:
		return fmt.Errorf("the database %s has no master password: neither a secret that RDS manages nor one of the program", d.ID)
	}
	return nil
}

func (v *Vault) forEdge(keep map[string][]byte) error {
	var names []string
	for _, z := range v.plan.Zones {
		for _, r := range z.Records {
			if r.Proxied && !slices.Contains(names, strings.ToLower(r.Name)) {
				names = append(names, strings.ToLower(r.Name))
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	var err error
	if keep["cert"], err = v.issue(v.zone, ca.Order{Names: names}); err != nil {
		return err
	}
	keep["client"], err = v.issue(v.pulls, ca.Order{Client: "origin-pull.cloudflare.net"})
	return err
}
