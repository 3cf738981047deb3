package balance

import (
	"crypto/tls"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/ca"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

func TestTLSPolicies(t *testing.T) {
	s := setUp(t, application(t, "one", nil))
	handshake := func(c *tls.Config) error {
		c.RootCAs, c.ServerName = s.ca.Pool(), "guestbook.test"
		conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.listener().Port), c)
		if err == nil {
			conn.Close()
		}
		return err
	}
	weak := []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
	for _, c := range []struct {
		policy        string
		v10, v12, v13 bool
		weak          bool
	}{
		{"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", false, true, true, false},
		{"ELBSecurityPolicy-TLS13-1-3-2021-06", false, false, true, false},
		{"ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06", false, true, true, true},
		{"ELBSecurityPolicy-FS-1-2-Res-2020-10", false, true, false, false},
		{"ELBSecurityPolicy-2016-08", true, true, false, true},
		{"ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04", false, true, true, false},
	} {
		s.listener().Policy = c.policy
		s.apply()
		for version, want := range map[uint16]bool{tls.VersionTLS10: c.v10, tls.VersionTLS12: c.v12, tls.VersionTLS13: c.v13} {
			err := handshake(&tls.Config{MinVersion: version, MaxVersion: version})
			assert.Equal(t, want, err == nil, "%s %s: %v", c.policy, versionName(version), err)
		}
		err := handshake(&tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: weak})
		assert.Equal(t, c.weak, err == nil, "%s with CBC: %v", c.policy, err)
	}
	_, err := tlsPolicy("ELBSecurityPolicy-None-2025-01")
	assert.ErrorContains(t, err, "None-2025-01")
	assert.Equal(t, "ECDHE-RSA-AES128-GCM-SHA256", suiteName(tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256))
	assert.Equal(t, "AES128-SHA", suiteName(tls.TLS_RSA_WITH_AES_128_CBC_SHA))
}

func TestCertificateOfTheName(t *testing.T) {
	s := setUp(t)
	s.apply()
	for name, want := range map[string]string{"www.guestbook.test": "guestbook.test", "other.test": "other.test",
		"none.test": "guestbook.test", "": "guestbook.test"} {
		c, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.listener().Port), &tls.Config{ServerName: name, InsecureSkipVerify: true})
		require.NoError(t, err)
		assert.Equal(t, want, c.ConnectionState().PeerCertificates[0].DNSNames[0], name)
		c.Close()
	}
}

func TestClientCertificates(t *testing.T) {
	s := setUp(t, application(t, "one", nil))
	clients, err := ca.New("clients", ca.Scope{Clients: true})
	require.NoError(t, err)
	strangers, err := ca.New("strangers", ca.Scope{Clients: true})
	require.NoError(t, err)
	shown := func(a *ca.Authority, ends time.Time) func(*tls.Config) {
		pair, err := a.Issue(ca.Order{Client: "ada", Ends: ends})
		require.NoError(t, err)
		c, err := ca.Read(pair.PEM())
		require.NoError(t, err)
		return func(config *tls.Config) {
			config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &c, nil }
		}
	}
	s.config.Keep["trust:store"] = clients.PEM()
	s.listener().MutualTLS = &plan.MutualTLS{Mode: "verify", TrustStore: "store"}
	s.apply()
	s.state("i-0", healthy)
	past := time.Now().Add(-time.Hour)
	for name, c := range map[string]struct {
		show    func(*tls.Config)
		ignore  bool
		welcome bool
	}{
		"none": {nil, false, false}, "ours": {shown(clients, time.Time{}), false, true},
		"a stranger's": {shown(strangers, time.Time{}), false, false},
		"an old one":   {shown(clients, past), false, false}, "an old one, forgiven": {shown(clients, past), true, true},
		"a stranger's old one": {shown(strangers, past), true, false},
	} {
		s.listener().MutualTLS.IgnoreExpired = c.ignore
		s.apply()
		s.client = s.clientWith(c.show)
		_, err := s.client.Get("https://guestbook.test/")
		assert.Equal(t, c.welcome, err == nil, "%s: %v", name, err)
	}
	s.client = s.clientWith(shown(clients, time.Time{}))
	_, body := s.get("https://guestbook.test/")
	assert.Contains(t, body, "X-Amzn-Mtls-Clientcert-Subject: CN=ada")
	assert.Contains(t, body, "X-Amzn-Mtls-Clientcert-Leaf: -----BEGIN%20CERTIFICATE-----%0A")

	s.listener().MutualTLS = &plan.MutualTLS{Mode: "passthrough"}
	s.apply()
	s.client = s.clientWith(shown(strangers, time.Time{}))
	_, body = s.get("https://guestbook.test/")
	assert.Contains(t, body, "X-Amzn-Mtls-Clientcert: -----BEGIN%20CERTIFICATE-----%0A", "it is the target's to judge")
}
