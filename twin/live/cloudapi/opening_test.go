package cloudapi

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/ca"
	"github.com/causeway-iac/causeway/twin/live/metadata"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

const (
	account = "123456789012"
	roleARN = "arn:aws:iam::" + account + ":role/web"
	keyARN  = "arn:aws:kms:eu-west-1:" + account + ":key/k1"
	secret  = "arn:aws:secretsmanager:eu-west-1:" + account + ":secret:rds!db-1-abcdef"
	release = "the release"
	value   = `{"username":"master","password":"p"}`
)

var seal = []byte("seal")

// cloud is an API on the loopback address, and AWS's own SDK that calls it.
type cloud struct {
	t      *testing.T
	config *node.Config
	server *Server
	keys   metadata.Keys
	client *http.Client
	events func() []any
}

func opening(t *testing.T) *cloud {
	t.Helper()
	store := t.TempDir()
	sum := sha256.Sum256([]byte(release))
	hash := hex.EncodeToString(sum[:])
	write(t, filepath.Join(store, "content", hash), release)
	write(t, filepath.Join(store, "delivered", "logs", "access", "one.log.gz"), "log")
	c := &cloud{t: t, keys: Mint(seal, roleARN, "i-1", time.Now().Add(time.Hour))}
	c.config = &node.Config{Name: "aws",
		Keep: map[string][]byte{keepSeal: seal, keepObjects: []byte(store), keepSecret + secret: []byte(value)}, Plan: &plan.Plan{
			Region: "eu-west-1", Account: account,
			Network:  plan.Network{ID: "vpc-1", CIDRs: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
			Nodes:    []plan.Node{{Name: "aws", Kind: plan.KindCloud}},
			Machines: []plan.Machine{{ID: "i-1", Role: roleARN}},
			Cloud: plan.Cloud{
				Services: []plan.Service{{Name: "s3", Host: "s3.eu-west-1.amazonaws.com"},
					{Name: "secretsmanager", Host: "secretsmanager.eu-west-1.amazonaws.com"},
					{Name: "sts", Host: "sts.eu-west-1.amazonaws.com"}, {Name: "logs", Host: "logs.eu-west-1.amazonaws.com"}},
				Endpoints: []plan.Endpoint{{ID: "vpce-1", Service: "s3", Gateway: true}},
				Buckets:   []plan.Bucket{{Name: "releases", Key: keyARN}, {Name: "logs"}},
				Objects: []plan.Object{{Bucket: "releases", Key: "web/1", Hash: hash}, {Bucket: "releases", Key: "app/1", Hash: hash},
					{Bucket: "logs", Key: "note", Content: "hello"}},
				Secrets: []plan.Secret{{ARN: secret, Name: "rds!db-1", Key: keyARN}},
				Keys: []plan.Key{{ARN: keyARN,
					Policy: statements(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account +
						`:root"},"Action":"kms:*","Resource":"*"}`)}},
				Roles: []plan.Role{{ARN: roleARN, Name: "web", Policies: []plan.Policy{{Name: "web", Document: statements(
					`{"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::releases/web/*","arn:aws:s3:::logs/*"]}`,
					`{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"`+secret+`"}`,
					`{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],`+
						`"Resource":"arn:aws:logs:eu-west-1:`+account+`:log-group:web:*"}`,
					`{"Effect":"Allow","Action":"kms:Decrypt","Resource":"`+keyARN+`",`+
						`"Condition":{"StringEquals":{"kms:ViaService":["s3.eu-west-1.amazonaws.com",`+
						`"secretsmanager.eu-west-1.amazonaws.com"]}}}`)}}}},
				LogGroups: []string{"web"},
			}}}
	c.start()
	return c
}

func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}

func statements(all ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(all, ",") + `]}`
}

func (c *cloud) start() {
	authority, err := ca.New("amazonaws.com", ca.Scope{Domains: []string{"amazonaws.com"}})
	require.NoError(c.t, err)
	pair, err := authority.Issue(ca.Order{Names: []string{"*.eu-west-1.amazonaws.com", "*.s3.eu-west-1.amazonaws.com",
		"*.ecr.eu-west-1.amazonaws.com", "*.dkr.ecr.eu-west-1.amazonaws.com"}})
	require.NoError(c.t, err)
	certificate, err := ca.Read(pair.PEM())
	require.NoError(c.t, err)
	port, events := listening(c.t)
	c.server, c.events = &Server{port: port}, events
	c.update()
	s := httptest.NewUnstartedServer(c.server)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	s.StartTLS()
	c.t.Cleanup(s.Close)
	c.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Pool()},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", s.Listener.Addr().String())
		}}}
}

// listening is a node's port whose events a test can read.
func listening(t *testing.T) (*node.Port, func() []any) {
	t.Helper()
	ours, theirs := net.Pipe()
	all := make(chan any, 1000)
	go func() {
		link := node.NewLink(theirs)
		for {
			m, err := link.Receive()
			if err != nil {
				return
			}
			all <- node.Decode(m)
		}
	}()
	t.Cleanup(func() { ours.Close() })
	return node.NewPort("aws", node.NewLink(ours)), func() []any {
		var out []any
		for {
			select {
			case e := <-all:
				out = append(out, e)
			case <-time.After(50 * time.Millisecond):
				return out
			}
		}
	}
}

// update makes changes of the plan hold.
func (c *cloud) update() {
	text, err := json.Marshal(c.config)
	require.NoError(c.t, err)
	var copied node.Config
	require.NoError(c.t, json.Unmarshal(text, &copied))
	c.server.Update(&copied)
}

func (c *cloud) aws() aws.Config {
	return aws.Config{Region: "eu-west-1", HTTPClient: c.client, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(c.keys.AccessKeyID, c.keys.SecretAccessKey, c.keys.Token)}
}

func (c *cloud) get(bucket, key string) (string, error) {
	out, err := s3.NewFromConfig(c.aws()).GetObject(context.Background(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return "", err
	}
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	return string(body), err
}

func (c *cloud) secret(id string) (string, error) {
	out, err := secretsmanager.NewFromConfig(c.aws()).
		GetSecretValue(context.Background(), &secretsmanager.GetSecretValueInput{SecretId: &id})
	if err != nil {
		return "", err
	}
	return *out.SecretString, nil
}

func code(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return ""
}
