package ca

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func open(t *testing.T, dir string, domains ...string) *Authority {
	t.Helper()
	a, err := Open(dir, "zone", "Causeway living world", Scope{Domains: domains})
	require.NoError(t, err)
	return a
}

// handshake has a client that trusts the authority ask a server with the pair for a name.
func handshake(t *testing.T, pair *Pair, name string, roots *x509.CertPool) error {
	t.Helper()
	c, err := pair.TLS()
	require.NoError(t, err)
	client, server := net.Pipe()
	defer client.Close()
	go func() {
		defer server.Close()
		tls.Server(server, &tls.Config{Certificates: []tls.Certificate{c}}).Handshake()
	}()
	return tls.Client(client, &tls.Config{ServerName: name, RootCAs: roots}).Handshake()
}

func TestServersOfTheScope(t *testing.T) {
	a := open(t, t.TempDir(), "guestbook.test")
	for _, algorithm := range []string{"", "RSA_2048", "EC_secp384r1"} {
		pair, err := a.Issue(Order{Names: []string{"guestbook.test", "*.guestbook.test"}, KeyAlgorithm: algorithm})
		require.NoError(t, err)
		assert.NoError(t, handshake(t, pair, "guestbook.test", a.Pool()))
		assert.NoError(t, handshake(t, pair, "www.guestbook.test", a.Pool()))
		assert.Error(t, handshake(t, pair, "example.com", a.Pool()))
	}
	_, err := a.Issue(Order{Names: []string{"guestbook.test"}, KeyAlgorithm: "RSA_512"})
	assert.ErrorContains(t, err, "RSA_512")
}

// What a stolen key signs outside of the scope, no client takes.
func TestNothingOutsideOfTheScope(t *testing.T) {
	a := open(t, t.TempDir(), "guestbook.test")
	for _, name := range []string{"example.com", "evil-guestbook.test", "guestbook.test.example.com", "*.test"} {
		_, err := a.Issue(Order{Names: []string{name}})
		assert.Error(t, err, name)
	}
	template := certificate("an address", time.Hour)
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	leaf, err := sign(template, a.certificate, a.key.Public(), a.key)
	require.NoError(t, err)
	assert.Error(t, a.vouchesFor(leaf), "an address instead of a name")
	template = certificate("another authority", time.Hour)
	template.IsCA, template.BasicConstraintsValid = true, true
	below, err := sign(template, a.certificate, a.key.Public(), a.key)
	require.NoError(t, err)
	leaf, err = sign(certificate("x", time.Hour), below, a.key.Public(), a.key)
	require.NoError(t, err)
	between := x509.NewCertPool()
	between.AddCert(below)
	_, err = leaf.Verify(x509.VerifyOptions{Roots: a.Pool(), Intermediates: between})
	assert.Error(t, err, "an authority below the authority")
}

func TestClients(t *testing.T) {
	a, err := New("Origin pulls", Scope{Clients: true})
	require.NoError(t, err)
	pair, err := a.Issue(Order{Client: "edge"})
	require.NoError(t, err)
	c, err := pair.TLS()
	require.NoError(t, err)
	for usage, fits := range map[x509.ExtKeyUsage]bool{x509.ExtKeyUsageClientAuth: true, x509.ExtKeyUsageServerAuth: false} {
		_, err := c.Leaf.Verify(x509.VerifyOptions{Roots: a.Pool(), KeyUsages: []x509.ExtKeyUsage{usage}})
		assert.Equal(t, fits, err == nil, "%v: %v", usage, err)
	}
	_, err = a.Issue(Order{Names: []string{"guestbook.test"}})
	assert.Error(t, err, "a server")
	_, err = New("Nothing", Scope{})
	assert.Error(t, err)
}

func TestExpired(t *testing.T) {
	a := open(t, t.TempDir(), "guestbook.test")
	pair, err := a.Issue(Order{Names: []string{"guestbook.test"}, Ends: time.Now().Add(-time.Minute)})
	require.NoError(t, err)
	assert.ErrorContains(t, handshake(t, pair, "guestbook.test", a.Pool()), "expired")
}

func TestKept(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir, "guestbook.test")
	assert.Equal(t, first.PEM(), open(t, dir, "guestbook.test").PEM(), "a person trusts it once")
	info, err := os.Stat(filepath.Join(dir, "zone.key"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	other := open(t, dir, "other.test")
	assert.NotEqual(t, first.PEM(), other.PEM(), "another zone")
	require.NoError(t, os.Remove(filepath.Join(dir, "zone.pem")))
	open(t, dir, "other.test")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "zone.key"), []byte("x"), 0o600))
	_, err = Open(dir, "zone", "Causeway living world", Scope{Domains: []string{"other.test"}})
	assert.ErrorContains(t, err, "reading the authority")
}
