// Package ca makes the certificate authorities of a living world. Each vouches for a few names only, and says so in its
// own certificate, so that a person who trusts one trusts it for those names and no others.
package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

const (
	authorityLife = 365 * 24 * time.Hour
	leafLife      = 90 * 24 * time.Hour
	renewBefore   = 100 * 24 * time.Hour // an authority outlives every certificate that it issues
	backdated     = time.Hour            // for clocks that are behind
)

// Scope is all that an authority may vouch for: servers of some domains, or clients.
type Scope struct {
	Domains []string // these names and all below them
	Clients bool     // clients, by a common name, and no server
}

// Authority signs certificates within its scope.
type Authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// New makes an authority whose certificate carries its scope.
func New(name string, scope Scope) (*Authority, error) {
	if (len(scope.Domains) == 0) != scope.Clients {
		return nil, fmt.Errorf("making the authority %s: it vouches for domains or for clients", name)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the key of %s: %w", name, err)
	}
	template := certificate(name, authorityLife)
	template.NotBefore = template.NotBefore.Add(-24 * time.Hour) // so that it can issue what has expired already
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	template.PermittedDNSDomainsCritical = true
	// A constraint on one form of name leaves the others free (RFC 5280, 4.2.1.10): exclude every address.
	template.ExcludedIPRanges = []*net.IPNet{{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}, {IP: net.IPv6zero,
		Mask: net.CIDRMask(0, 128)}}
	template.PermittedDNSDomains = scope.Domains
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if scope.Clients {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		template.ExcludedDNSDomains = []string{""}
	}
	signed, err := sign(template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making the authority %s: %w", name, err)
	}
	return &Authority{signed, key}, nil
}

// Open reads the authority that a directory keeps in file.pem and file.key. It makes a new one if there is none, if that
// has another scope, or if it is about to end.
func Open(dir, file, name string, scope Scope) (*Authority, error) {
	chain, key := filepath.Join(dir, file+".pem"), filepath.Join(dir, file+".key")
	kept, err := read(chain, key)
	if err == nil && kept.fits(scope) {
		return kept, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the authority %s: %w", name, err)
	}
	made, err := New(name, scope)
	if err != nil {
		return nil, err
	}
	pair, err := encode(made.key, made.certificate)
	if err != nil {
		return nil, err
	}
	// The key comes first: a crash in between leaves a certificate that is remade, not one without its key.
	os.Remove(chain)
	if err := os.WriteFile(key, pair.Key, 0o600); err != nil {
		return nil, fmt.Errorf("keeping the key of %s: %w", name, err)
	}
	if err := os.WriteFile(chain, pair.Chain, 0o644); err != nil {
		return nil, fmt.Errorf("keeping the authority %s: %w", name, err)
	}
	return made, nil
}

func read(chain, key string) (*Authority, error) {
	var pair Pair
	var err error
	if pair.Chain, err = os.ReadFile(chain); err != nil {
		return nil, err
	}
	if pair.Key, err = os.ReadFile(key); err != nil {
		return nil, err
	}
	c, err := pair.TLS()
	if err != nil {
		return nil, err
	}
	return &Authority{c.Leaf, c.PrivateKey.(crypto.Signer)}, nil
}

func (a *Authority) fits(scope Scope) bool {
	clients := slices.Contains(a.certificate.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
	return clients == scope.Clients && slices.Equal(a.certificate.PermittedDNSDomains, scope.Domains) &&
		time.Until(a.certificate.NotAfter) > renewBefore
}

// Certificate is the authority's own.
func (a *Authority) Certificate() *x509.Certificate { return a.certificate }

// PEM is the certificate to trust.
func (a *Authority) PEM() []byte { return encodeCertificate(a.certificate) }

// Pool trusts this authority and no other.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// Order is a certificate to be issued.
type Order struct {
	Names        []string  // of a server
	Client       string    // a client's common name
	KeyAlgorithm string    // in ACM's words, such as RSA_2048; empty for EC_prime256v1
	Ends         time.Time // zero for three months from now; the past for one that has expired
}

// Issue makes a certificate and its key. The chain ends in the authority itself: browsers that were given its fingerprint
// look for it there.
func (a *Authority) Issue(o Order) (*Pair, error) {
	what := o.Client
	if len(o.Names) > 0 {
		what = o.Names[0]
	}
	key, err := newKey(o.KeyAlgorithm)
	if err != nil {
		return nil, fmt.Errorf("making the key of %s: %w", what, err)
	}
	template := certificate(what, leafLife)
	template.DNSNames, template.KeyUsage = o.Names, x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = a.certificate.ExtKeyUsage
	if !o.Ends.IsZero() {
		template.NotAfter = o.Ends
		if !template.NotBefore.Before(o.Ends) {
			template.NotBefore = o.Ends.Add(-leafLife)
		}
	}
	leaf, err := sign(template, a.certificate, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("issuing a certificate for %s: %w", what, err)
	}
	if err := a.vouchesFor(leaf); err != nil {
		return nil, fmt.Errorf("issuing a certificate for %s: %w", what, err)
	}
	return encode(key, leaf, a.certificate)
}

// vouchesFor refuses at once what every client would refuse later.
func (a *Authority) vouchesFor(leaf *x509.Certificate) error {
	_, err := leaf.Verify(x509.VerifyOptions{Roots: a.Pool(), KeyUsages: a.certificate.ExtKeyUsage,
		CurrentTime: leaf.NotAfter.Add(-time.Minute)})
	return err
}

// newKey supports the algorithms of ACM (ACM API, RequestCertificate, KeyAlgorithm).
func newKey(algorithm string) (crypto.Signer, error) {
	switch algorithm {
	case "", "EC_prime256v1":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "EC_secp384r1":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "EC_secp521r1":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "RSA_2048":
		return rsa.GenerateKey(rand.Reader, 2048)
	case "RSA_3072":
		return rsa.GenerateKey(rand.Reader, 3072)
	case "RSA_4096":
		return rsa.GenerateKey(rand.Reader, 4096)
	}
	return nil, fmt.Errorf("%q is not a key algorithm that the living world has", algorithm)
}

func certificate(name string, life time.Duration) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{Subject: pkix.Name{CommonName: shortened(name)}, NotBefore: now.Add(-backdated), NotAfter: now.Add(life)}
}

// shortened cuts a name to the 64 characters that a common name may have (RFC 5280, appendix A.1).
func shortened(name string) string { return name[:min(len(name), 64)] }

func sign(template, parent *x509.Certificate, public crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// Pair is a chain of certificates and the key of the first, both PEM.
type Pair struct{ Chain, Key []byte }

// TLS is the pair as a server or client presents it.
func (p *Pair) TLS() (tls.Certificate, error) {
	c, err := tls.X509KeyPair(p.Chain, p.Key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("reading a certificate and its key: %w", err)
	}
	return c, nil
}

func encode(key crypto.Signer, chain ...*x509.Certificate) (*Pair, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("writing a key: %w", err)
	}
	pair := &Pair{Key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})}
	for _, c := range chain {
		pair.Chain = append(pair.Chain, encodeCertificate(c)...)
	}
	return pair, nil
}

func encodeCertificate(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// PEM is the chain and its key in one text, as Read takes them.
func (p *Pair) PEM() []byte { return append(append([]byte{}, p.Chain...), p.Key...) }

// Read reads the text of a Pair.PEM as a server or client presents it.
func Read(text []byte) (tls.Certificate, error) { return (&Pair{Chain: text, Key: text}).TLS() }
