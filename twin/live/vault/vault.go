// Package vault holds what a living world keeps secret, and gives each of its nodes what that node alone may have:
// authorities and the certificates that they issue, passwords, and roles' credentials.
package vault

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/causeway-iac/causeway/twin/live/ca"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Vault is kept in a directory that only its owner can read.
type Vault struct {
	dir string

	mu               sync.Mutex
	kept             kept
	plan             *plan.Plan
	declared         map[string]string
	objects          string
	zone, aws, pulls *ca.Authority
	issued           map[string][]byte // PEM, by what it was issued for
	expired          map[string]bool   // ARNs of certificates that are to appear expired
	now              func() time.Time
}

// kept is what outlives the process, beside the authorities.
type kept struct {
	Seal    []byte
	Secrets map[string]*secret // by ARN: of databases' master users
}

type secret struct {
	Current, Former string
	Since           time.Time
}

// Open reads the vault of a directory, or makes it.
func Open(dir string) (*Vault, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the living world's vault: %w", err)
	}
	v := &Vault{dir: dir, issued: map[string][]byte{}, expired: map[string]bool{}, now: time.Now}
	text, err := os.ReadFile(v.file())
	switch {
	case errors.Is(err, os.ErrNotExist):
		v.kept.Seal = make([]byte, 32)
		rand.Read(v.kept.Seal)
	case err != nil:
		return nil, fmt.Errorf("reading the living world's vault: %w", err)
	case json.Unmarshal(text, &v.kept) != nil: // whose error could quote a secret
		return nil, fmt.Errorf("reading the living world's vault: %s is damaged: delete it, and new passwords are made", v.file())
	}
	if v.kept.Secrets == nil {
		v.kept.Secrets = map[string]*secret{}
	}
	return v, v.save()
}

func (v *Vault) file() string { return filepath.Join(v.dir, "secrets.json") }

func (v *Vault) save() error {
	text, err := json.Marshal(v.kept)
	if err != nil {
		return fmt.Errorf("keeping the living world's vault: %w", err)
	}
	next := v.file() + ".new"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return fmt.Errorf("keeping the living world's vault: %w", err)
	}
	return os.Rename(next, v.file())
}

// Update makes what a plan needs and forgets what it no longer has. declared are the values that the program itself
// supplies, by the ARN of the secret or database; objects is the directory of objects' contents.
func (v *Vault) Update(p *plan.Plan, declared map[string]string, objects string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.plan, v.declared, v.objects = p, declared, objects
	if err := v.openAuthorities(); err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, s := range p.Cloud.Secrets {
		wanted[s.ARN] = s.Database != ""
	}
	for arn := range v.kept.Secrets {
		if !wanted[arn] {
			delete(v.kept.Secrets, arn)
		}
	}
	for arn, managed := range wanted {
		if managed && v.kept.Secrets[arn] == nil {
			v.kept.Secrets[arn] = &secret{Current: password(), Since: v.now()}
		}
	}
	return v.save()
}

// openAuthorities opens three: one for the stack's names, which a person may trust, one for AWS's names, which never
// leaves the world, and one for the certificates that Cloudflare shows to origins.
func (v *Vault) openAuthorities() (err error) {
	called := "Causeway living world " + v.plan.Stack
	domains := domains(v.plan)
	if len(domains) == 0 {
		domains = []string{"invalid"}
	}
	if v.zone, err = ca.Open(v.dir, "zone", called, ca.Scope{Domains: domains}); err != nil {
		return err
	}
	if v.aws, err = ca.Open(v.dir, "aws", called+" (AWS)", ca.Scope{Domains: []string{"amazonaws.com", "amazonaws.com.cn"}}); err != nil {
		return err
	}
	v.pulls, err = ca.Open(v.dir, "pulls", called+" (origin pulls)", ca.Scope{Clients: true})
	return err
}

// domains are the fewest that contain all names of the stack.
func domains(p *plan.Plan) []string {
	var names []string
	for _, z := range p.Zones {
		names = append(names, z.Name)
	}
	for _, c := range p.Certificates {
		for _, n := range c.Names {
			names = append(names, strings.TrimPrefix(n, "*."))
		}
	}
	slices.SortFunc(names, func(a, b string) int { return len(a) - len(b) })
	var fewest []string
	for _, n := range names {
		if !slices.ContainsFunc(fewest, func(above string) bool { return n == above || strings.HasSuffix(n, "."+above) }) {
			fewest = append(fewest, n)
		}
	}
	slices.Sort(fewest)
	return fewest
}

// Roots are whom a person trusts to see the stack's pages: PEM.
func (v *Vault) Roots() []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.zone.PEM()
}

// Expire makes an ACM certificate appear expired, or renews it.
func (v *Vault) Expire(arn string, expired bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.expired[arn] = expired
}

// Rotate makes a new password for a secret that RDS manages.
func (v *Vault) Rotate(arn string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	s := v.kept.Secrets[arn]
	if s == nil {
		return fmt.Errorf("rotating %s: it is not a secret of a database that RDS manages", arn)
	}
	*s = secret{Current: password(), Former: s.Current, Since: v.now()}
	return v.save()
}

// Due are the secrets that are due for rotation.
func (v *Vault) Due() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var due []string
	for _, s := range v.plan.Cloud.Secrets {
		if k := v.kept.Secrets[s.ARN]; k != nil && s.Rotate > 0 && v.now().Sub(k.Since) > time.Duration(s.Rotate)*24*time.Hour {
			due = append(due, s.ARN)
		}
	}
	return due
}

// password makes one as RDS does: without the characters that RDS refuses (RDS API, CreateDBInstance).
func password() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,-.:;<=>?[]^_{|}~"
	out := make([]byte, 0, 32)
	for b := make([]byte, 64); len(out) < cap(out); {
		rand.Read(b)
		for _, c := range b {
			// Bytes beyond the last whole round would make some letters likelier.
			if int(c) < 256/len(letters)*len(letters) && len(out) < cap(out) {
				out = append(out, letters[int(c)%len(letters)])
			}
		}
	}
	return string(out)
}
