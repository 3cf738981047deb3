package balance

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// addMutual makes a listener ask for a client's certificate (ELB user guide, "Mutual authentication with TLS").
func addMutual(c *tls.Config, m *plan.MutualTLS, bundle []byte) error {
	switch {
	case m == nil || m.Mode == "" || m.Mode == "off":
		return nil
	case m.Mode == "passthrough":
		c.ClientAuth = tls.RequestClientCert
		return nil
	case m.Mode != "verify":
		return fmt.Errorf("the living world does not play mutual authentication %q", m.Mode)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(bundle) {
		return fmt.Errorf("the trust store %s holds no certificate", m.TrustStore)
	}
	c.ClientAuth = tls.RequireAnyClientCert
	c.VerifyConnection = func(s tls.ConnectionState) error { return verifyClient(s.PeerCertificates, roots, m.IgnoreExpired) }
	return nil
}

func verifyClient(chain []*x509.Certificate, roots *x509.CertPool, ignoreExpired bool) error {
	if len(chain) == 0 {
		return errors.New("the client shows no certificate")
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	o := x509.VerifyOptions{Roots: roots, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	if ignoreExpired && time.Now().After(chain[0].NotAfter) {
		o.CurrentTime = chain[0].NotAfter
	}
	_, err := chain[0].Verify(o)
	return err
}

// mutualHeaders tell a target whose certificate it was. What a client itself sends under these names is dropped.
func mutualHeaders(h http.Header, m *plan.MutualTLS, s *tls.ConnectionState) {
	for name := range h {
		if strings.HasPrefix(name, "X-Amzn-Mtls-") {
			delete(h, name)
		}
	}
	if m == nil || s == nil || len(s.PeerCertificates) == 0 {
		return
	}
	leaf := s.PeerCertificates[0]
	if m.Mode == "passthrough" {
		h.Set("X-Amzn-Mtls-Clientcert", encoded(s.PeerCertificates...))
		return
	}
	h.Set("X-Amzn-Mtls-Clientcert-Serial-Number", fmt.Sprintf("%X", leaf.SerialNumber))
	h.Set("X-Amzn-Mtls-Clientcert-Issuer", leaf.Issuer.String())
	h.Set("X-Amzn-Mtls-Clientcert-Subject", leaf.Subject.String())
	h.Set("X-Amzn-Mtls-Clientcert-Validity", "NotBefore="+leaf.NotBefore.UTC().Format(time.RFC3339)+";NotAfter="+leaf.NotAfter.UTC().
		Format(time.RFC3339))
	h.Set("X-Amzn-Mtls-Clientcert-Leaf", encoded(leaf))
}

func encoded(chain ...*x509.Certificate) string {
	var text strings.Builder
	for _, c := range chain {
		text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	// Safe are the letters, digits, and +=/ (the same guide, "HTTP headers and mutual TLS").
	return strings.NewReplacer("%2B", "+", "%3D", "=", "%2F", "/", "+", "%20").Replace(url.QueryEscape(text.String()))
}
