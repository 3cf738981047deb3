package balance

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/ca"
)

// Who is connected when a certificate is replaced has what is under way answered, and then sees the new one: also one
// that has expired. Rules and targets that change leave connections alone.
func TestACertificateIsReplacedUnderOpenConnections(t *testing.T) {
	for _, proto := range []string{"http/1.1", "h2"} {
		s := setUp(t, application(t, "web", nil))
		s.apply()
		s.state("i-0", healthy)
		shaken := 0
		s.client = s.clientWith(func(c *tls.Config) {
			c.NextProtos = []string{proto}
			c.VerifyConnection = func(tls.ConnectionState) error { shaken++; return nil }
		})
		get := func() { s.get("https://guestbook.test/") }
		get()
		s.group().Drain++
		s.apply()
		get()
		assert.Equal(t, 1, shaken, "%s: its connection goes on", proto)

		expired, err := s.ca.Issue(ca.Order{Names: []string{"guestbook.test"}, Ends: time.Now().Add(-time.Minute)})
		require.NoError(t, err)
		s.config.Keep["cert:c1"] = expired.PEM()
		s.apply()
		get()
		_, err = s.client.Get("https://guestbook.test/")
		var invalid x509.CertificateInvalidError
		require.ErrorAs(t, err, &invalid, proto)
		assert.Equal(t, x509.Expired, invalid.Reason)
	}
}
