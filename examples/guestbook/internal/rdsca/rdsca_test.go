package rdsca

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryCertificateOfTheBundleIsARootOfRDS(t *testing.T) {
	names := map[string]bool{}
	for rest := bundle; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		require.NoError(t, err)
		name := certificate.Subject.CommonName
		assert.True(t, certificate.IsCA, name)
		assert.NoError(t, certificate.CheckSignatureFrom(certificate), name)
		assert.True(t, strings.HasPrefix(name, "Amazon RDS "), name)
		names[name] = true
	}
	for _, region := range []string{"us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2"} {
		for _, key := range []string{"RSA2048", "RSA4096", "ECC384"} {
			assert.Contains(t, names, "Amazon RDS "+region+" Root CA "+key+" G1")
		}
	}
}

func TestPool(t *testing.T) {
	amazon, err := Pool("")
	require.NoError(t, err)

	start := strings.Index(string(bundle), "-----BEGIN")
	end := strings.Index(string(bundle), "-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")
	one := filepath.Join(t.TempDir(), "one.pem")
	require.NoError(t, os.WriteFile(one, bundle[start:end], 0o600))
	replaced, err := Pool(one)
	require.NoError(t, err)
	assert.False(t, replaced.Equal(amazon), "a file replaces Amazon's authorities, it does not add to them")

	_, err = Pool(filepath.Join(t.TempDir(), "absent.pem"))
	assert.ErrorContains(t, err, "absent.pem")

	empty := filepath.Join(t.TempDir(), "empty.pem")
	require.NoError(t, os.WriteFile(empty, []byte("not PEM"), 0o600))
	_, err = Pool(empty)
	assert.ErrorContains(t, err, "holds no PEM certificate")
}
