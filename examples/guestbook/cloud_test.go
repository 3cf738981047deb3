package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const secretARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1a2b-AbCdEf"

// account is as much of AWS as an instance of the application tier meets: an instance metadata service
// that refuses version 1, and a Secrets Manager with one secret that only the instance's role may read.
// It checks no signatures.
type account struct {
	mu      sync.Mutex
	secret  string
	fetches int
	lost    bool
}

// startAccount points the AWS SDK of this process at the account, which keeps that password.
func startAccount(t *testing.T, password string) *account {
	t.Helper()
	a := &account{}
	a.keep(password)
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL":                  server.URL,
		"AWS_EC2_METADATA_SERVICE_ENDPOINT": server.URL,
		"AWS_CONFIG_FILE":                   filepath.Join(t.TempDir(), "absent"),
		"AWS_SHARED_CREDENTIALS_FILE":       filepath.Join(t.TempDir(), "absent"),
		"AWS_PROFILE":                       "", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "",
		"AWS_WEB_IDENTITY_TOKEN_FILE": "", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_EC2_METADATA_DISABLED": "",
	} {
		t.Setenv(name, value)
	}
	return a
}

func (a *account) keep(password string) {
	secret, _ := json.Marshal(map[string]string{"username": "master", "password": password})
	a.mu.Lock()
	defer a.mu.Unlock()
	a.secret = string(secret)
}

// lose has the account answer nothing any more, as when the way to it is lost.
func (a *account) lose() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lost = true
}

func (a *account) fetched() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.fetches
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const token = "session-token"
	a.mu.Lock()
	lost := a.lost
	a.mu.Unlock()
	if lost {
		_, _ = io.Copy(io.Discard, r.Body) // until then nobody notices that the client has gone
		<-r.Context().Done()
		return
	}
	switch metadata := strings.HasPrefix(r.URL.Path, "/latest/"); {
	case r.URL.Path == "/latest/api/token" && r.Method == http.MethodPut:
		w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "21600")
		fmt.Fprint(w, token)
	case metadata && r.Header.Get("X-Aws-Ec2-Metadata-Token") != token:
		http.Error(w, "", http.StatusUnauthorized)
	case r.URL.Path == "/latest/meta-data/iam/security-credentials/":
		fmt.Fprint(w, "app-role")
	case r.URL.Path == "/latest/meta-data/iam/security-credentials/app-role":
		fmt.Fprintf(w, `{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIAROLE","SecretAccessKey":"k","Token":"t","Expiration":%q}`,
			time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	case metadata:
		http.NotFound(w, r)
	default:
		a.secretsManager(w, r)
	}
}

func (a *account) secretsManager(w http.ResponseWriter, r *http.Request) {
	var input struct{ SecretId string }
	json.NewDecoder(r.Body).Decode(&input)
	fail := func(code string) {
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"__type": code})
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue":
		fail("InvalidRequestException")
	case !strings.Contains(r.Header.Get("Authorization"), "Credential=ASIAROLE/") ||
		!strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/secretsmanager/"):
		fail("AccessDeniedException")
	case input.SecretId != secretARN:
		fail("ResourceNotFoundException")
	default:
		a.fetches++
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		json.NewEncoder(w).Encode(map[string]string{"ARN": secretARN, "SecretString": a.secret})
	}
}

// authority signs certificates for a test.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	file        string
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "ca.pem")
	write(t, file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return authority{certificate: certificate, key: key, file: file}
}

// issue signs a certificate for name and returns it and its key as PEM.
func (a authority) issue(t *testing.T, name string) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.certificate, private.Public(), a.key)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
