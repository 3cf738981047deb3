package vault

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/ca"
	"github.com/causeway-iac/causeway/twin/live/metadata"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

const (
	db     = "arn:aws:rds:eu-west-1:1:db:main"
	master = "arn:aws:secretsmanager:eu-west-1:1:secret:rds!db-1-abcdef"
	own    = "arn:aws:secretsmanager:eu-west-1:1:secret:own-abcdef"
)

func world() *plan.Plan {
	return &plan.Plan{
		Stack: "local",
		Zones: []plan.Zone{{Name: "guestbook.test", Records: []plan.Record{{Name: "www.guestbook.test", Proxied: true}}},
			{Name: "internal.guestbook.test", Private: true}},
		Certificates: []plan.Certificate{{ARN: "c1", Names: []string{"guestbook.test", "*.guestbook.test"}},
			{ARN: "c2", Names: []string{"*.shop.test"}, Key: "RSA_2048"},
			{ARN: "c3", Names: []string{"unused.test"}}},
		Balancers: []plan.Balancer{{ARN: "lb",
			Listeners: []plan.Listener{{Certificates: []string{"c1", "c2"},
				MutualTLS: &plan.MutualTLS{Mode: "verify", TrustStore: "ts"}}}}},
		TrustStores: []plan.TrustStore{{ARN: "ts", Name: "clients", Bucket: "logs", Object: "trust.pem"}},
		Machines:    []plan.Machine{{ID: "i-1", Role: "arn:aws:iam::1:role/web"}},
		Databases:   []plan.Database{{ARN: db, ID: "main", Host: "main.x.eu-west-1.rds.amazonaws.com", User: "master", Secret: master}},
		Cloud: plan.Cloud{
			Services: []plan.Service{{Name: "s3", Host: "s3.eu-west-1.amazonaws.com"},
				{Name: "logs", Host: "logs.eu-west-1.amazonaws.com"}},
			Secrets: []plan.Secret{{ARN: master, Database: db, Rotate: 7}, {ARN: own}},
			Objects: []plan.Object{{Bucket: "logs", Key: "trust.pem"}},
		},
	}
}

func opened(t *testing.T, dir string, p *plan.Plan) *Vault {
	t.Helper()
	v, err := Open(dir)
	require.NoError(t, err)
	require.NoError(t, v.Update(p, map[string]string{own: "declared"}, dir))
	return v
}

func keep(t *testing.T, v *Vault, kind plan.Kind, plays string) map[string][]byte {
	t.Helper()
	k, err := v.Keep(&plan.Node{Name: "n", Kind: kind, Plays: plays})
	require.NoError(t, err)
	return k
}

// leaf is a certificate as a client that trusts the node's own authorities sees it.
func leaf(t *testing.T, keep map[string][]byte, name string) *x509.Certificate {
	t.Helper()
	c, err := ca.Read(keep[name])
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(keep["ca"])
	_, err = c.Leaf.Verify(x509.VerifyOptions{Roots: roots})
	require.NoError(t, err)
	return c.Leaf
}

func bundleOf(t *testing.T, names ...string) string {
	var out strings.Builder
	for _, n := range names {
		a, err := ca.New(n, ca.Scope{Clients: true})
		require.NoError(t, err)
		out.Write(a.PEM())
	}
	return out.String()
}

// Nothing that a node has is of use for what another node plays.
func TestEachNodeHasItsOwn(t *testing.T) {
	p := world()
	p.Cloud.Objects[0].Content = bundleOf(t, "partners")
	v := opened(t, t.TempDir(), p)
	for kind, c := range map[plan.Kind]struct {
		plays string
		names []string
	}{
		plan.KindBalancer: {"lb", []string{"ca", "cert:c1", "cert:c2", "trust:ts"}},
		plan.KindCloud:    {"", []string{"ca", "cert", "seal", "secret:" + master, "secret:" + own}},
		plan.KindMachine:  {"i-1", []string{"ca", "credentials"}},
		plan.KindDatabase: {db, []string{"ca", "cert", "password"}},
		plan.KindEdge:     {"", []string{"ca", "cert", "client"}},
		plan.KindResolver: {"", []string{"ca"}},
		plan.KindInternet: {"", []string{"ca"}},
		plan.KindNAT:      {"nat", []string{"ca"}},
	} {
		got := slices.Collect(maps.Keys(keep(t, v, kind, c.plays)))
		assert.ElementsMatch(t, c.names, got, kind)
	}
	balancer := keep(t, v, plan.KindBalancer, "lb")
	assert.Equal(t, []string{"guestbook.test", "*.guestbook.test"}, leaf(t, balancer, "cert:c1").DNSNames,
		"exactly the names of the certificate")
	assert.Equal(t, x509.RSA, leaf(t, balancer, "cert:c2").PublicKeyAlgorithm)
	assert.Equal(t, balancer["cert:c1"], keep(t, v, plan.KindBalancer, "lb")["cert:c1"], "no news, no change")
	assert.Contains(t, leaf(t, keep(t, v, plan.KindCloud, ""), "cert").DNSNames, "*.s3.eu-west-1.amazonaws.com")
	assert.Equal(t, []string{"main.x.eu-west-1.rds.amazonaws.com"}, leaf(t, keep(t, v, plan.KindDatabase, db), "cert").DNSNames)
	assert.Empty(t, v.Sentences())

	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(v.Roots())
	c, err := ca.Read(keep(t, v, plan.KindCloud, "")["cert"])
	require.NoError(t, err)
	_, err = c.Leaf.Verify(x509.VerifyOptions{Roots: roots})
	assert.Error(t, err, "what a person trusts vouches for none of AWS's names")
}

func TestCredentialsOfARole(t *testing.T) {
	v := opened(t, t.TempDir(), world())
	text := keep(t, v, plan.KindMachine, "i-1")["credentials"]
	var keys metadata.Keys
	require.NoError(t, json.Unmarshal(text, &keys))
	assert.True(t, strings.HasPrefix(keys.AccessKeyID, "ASIA"))
	assert.Equal(t, text, keep(t, v, plan.KindMachine, "i-1")["credentials"])
	v.now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	assert.NotEqual(t, text, keep(t, v, plan.KindMachine, "i-1")["credentials"], "renewed long before they end")
}

func password1(t *testing.T, v *Vault) (string, map[string][]byte) {
	cloud := keep(t, v, plan.KindCloud, "")
	var s struct{ Username, Password string }
	require.NoError(t, json.Unmarshal(cloud["secret:"+master], &s))
	assert.Equal(t, "master", s.Username)
	assert.Equal(t, s.Password, string(keep(t, v, plan.KindDatabase, db)["password"]), "the value is what the database accepts")
	return s.Password, cloud
}

func TestPasswords(t *testing.T) {
	dir := t.TempDir()
	v := opened(t, dir, world())
	first, _ := password1(t, v)
	assert.Len(t, first, 32)
	assert.False(t, strings.ContainsAny(first, "/@\" '"), "what RDS refuses")
	assert.Empty(t, v.Due())
	again, _ := password1(t, opened(t, dir, world()))
	assert.Equal(t, first, again, "kept across restarts")
	info, err := os.Stat(filepath.Join(dir, "secrets.json"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	v.now = func() time.Time { return time.Now().Add(8 * 24 * time.Hour) }
	assert.Equal(t, []string{master}, v.Due())
	require.NoError(t, v.Rotate(master))
	assert.Empty(t, v.Due())
	second, cloud := password1(t, v)
	assert.NotEqual(t, first, second)
	assert.Contains(t, string(cloud["former:"+master]),
		strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(first, "&", `\u0026`), "<", `\u003c`), ">", `\u003e`))
	assert.ErrorContains(t, v.Rotate(own), "is not a secret of a database")

	p := world()
	p.Cloud.Secrets, p.Databases[0].Secret = p.Cloud.Secrets[1:], ""
	require.NoError(t, v.Update(p, map[string]string{db: "given"}, dir))
	assert.Equal(t, "given", string(keep(t, v, plan.KindDatabase, db)["password"]))
	require.NoError(t, v.Update(p, nil, dir))
	_, err = v.Keep(&plan.Node{Kind: plan.KindDatabase, Plays: db})
	assert.ErrorContains(t, err, "no master password")
	require.NoError(t, v.Update(world(), nil, dir))
	third, _ := password1(t, v)
	assert.NotEqual(t, second, third, "a secret that was gone is another")
}

func TestADamagedVaultTellsNothing(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "secrets.json"), []byte(`{"Secrets": "hunter2`), 0o600))
	_, err := Open(dir)
	assert.ErrorContains(t, err, "is damaged")
	assert.NotContains(t, err.Error(), "hunter2")
}

func TestExpired(t *testing.T) {
	v := opened(t, t.TempDir(), withBundle(t))
	fresh := keep(t, v, plan.KindBalancer, "lb")["cert:c1"]
	v.Expire("c1", true)
	c, err := ca.Read(keep(t, v, plan.KindBalancer, "lb")["cert:c1"])
	require.NoError(t, err)
	assert.True(t, c.Leaf.NotAfter.Before(time.Now()))
	v.Expire("c1", false)
	assert.Equal(t, fresh, keep(t, v, plan.KindBalancer, "lb")["cert:c1"])
}

func withBundle(t *testing.T) *plan.Plan {
	p := world()
	p.Cloud.Objects[0].Content = bundleOf(t, "partners", "origin-pull.cloudflare.net")
	return p
}

// Exactly Cloudflare's authority is put in another's place, and it is said.
func TestOriginPulls(t *testing.T) {
	p := withBundle(t)
	v := opened(t, t.TempDir(), p)
	block, rest := pem.Decode(keep(t, v, plan.KindBalancer, "lb")["trust:ts"])
	first, _ := pem.Decode([]byte(p.Cloud.Objects[0].Content))
	assert.Equal(t, first.Bytes, block.Bytes, "the partners' stays")
	assert.Equal(t, v.pulls.PEM(), rest)
	client, err := ca.Read(keep(t, v, plan.KindEdge, "")["client"])
	require.NoError(t, err)
	_, err = client.Leaf.Verify(x509.VerifyOptions{Roots: v.pulls.Pool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	assert.NoError(t, err)
	require.Len(t, v.Sentences(), 1)
	assert.Contains(t, v.Sentences()[0], "The trust store clients")
}

func TestDomains(t *testing.T) {
	assert.Equal(t, []string{"guestbook.test", "shop.test", "unused.test"}, domains(world()))
}
