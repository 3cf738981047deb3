package metadata

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// serving is a service on the loopback address.
func serving(t *testing.T, imds plan.IMDS) (*Service, string) {
	t.Helper()
	keys, err := json.Marshal(Keys{"ASIAX", "secret", "token", time.Now().Add(time.Hour)})
	require.NoError(t, err)
	s := New()
	require.NoError(t,
		s.Update(&node.Config{Name: "web-a", Keep: map[string][]byte{Credentials: keys},
			Plan: &plan.Plan{Region: "eu-west-1", Account: "123456789012",
				Nodes: []plan.Node{{Name: "web-a", Kind: plan.KindMachine, Plays: "i-1",
					Interfaces: []plan.Interface{{Address: netip.MustParseAddr("10.0.0.7")}}}},
				Machines: []plan.Machine{{ID: "i-1", Type: "t3.micro", Zone: "eu-west-1a", Arch: "x86_64",
					UserData: []byte("#cloud-config\n"),
					IMDS:     imds,
					Role:     "arn:aws:iam::123456789012:role/path/web", Tags: map[string]string{"Name": "web"}}}}}))
	l, err := s.Listen(context.Background(), "127.0.0.1:0")
	require.NoError(t, err)
	server := &http.Server{Handler: s}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return s, "http://" + l.Addr().String()
}

func ask(t *testing.T, method, url string, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(body)
}

func TestOnlyWithToken(t *testing.T) {
	_, at := serving(t, plan.IMDS{Hops: 1})
	code, _ := ask(t, "GET", at+"/latest/meta-data/instance-id")
	assert.Equal(t, 401, code)
	for _, c := range []struct {
		headers []string
		code    int
	}{{[]string{ttlHeader, "60", "X-Forwarded-For", "10.0.0.9"}, 403}, {[]string{ttlHeader, "0"}, 400}, {[]string{ttlHeader, "21601"}, 400},
		{nil, 400}} {
		code, _ := ask(t, "PUT", at+"/latest/api/token", c.headers...)
		assert.Equal(t, c.code, code, "%v", c.headers)
	}
	code, token := ask(t, "PUT", at+"/latest/api/token", ttlHeader, "60")
	assert.Equal(t, 200, code)
	get := func(path string) string {
		_, body := ask(t, "GET", at+path, tokenHeader, token)
		return body
	}
	assert.Equal(t, "i-1", get("/latest/meta-data/instance-id"))
	assert.Equal(t, "#cloud-config\n", get("/latest/user-data"))
	assert.Equal(t, "web", get("/latest/meta-data/iam/security-credentials/"))
	assert.Contains(t, strings.Split(get("/latest/meta-data/"), "\n"), "placement/")
	assert.NotContains(t, get("/latest/meta-data/"), "tags")
	code, _ = ask(t, "GET", at+"/latest/meta-data/none", tokenHeader, token)
	assert.Equal(t, 404, code)
	code, _ = ask(t, "GET", at+"/latest/meta-data/", tokenHeader, token[1:])
	assert.Equal(t, 401, code)

	other, _ := serving(t, plan.IMDS{})
	r, _ := http.NewRequest("GET", at, nil)
	r.Header.Set(tokenHeader, token)
	assert.False(t, other.may(r, false), "another machine's token")
	short, until := New(), "0"
	r.Header.Set(tokenHeader, short.sealed(until))
	assert.False(t, short.may(r, false), "a token that has ended")
}

func TestOptions(t *testing.T) {
	_, at := serving(t, plan.IMDS{Hops: 1, V1: true, Tags: true})
	code, body := ask(t, "GET", at+"/latest/meta-data/tags/instance/Name")
	assert.Equal(t, 200, code)
	assert.Equal(t, "web", body)
	_, at = serving(t, plan.IMDS{Disabled: true})
	code, _ = ask(t, "GET", at+"/latest/meta-data/")
	assert.Equal(t, 403, code)
}

// The answer's packets live for one hop: a container behind the machine's own bridge would get none.
func TestHops(t *testing.T) {
	for _, hops := range []int{1, 2} {
		s, _ := serving(t, plan.IMDS{Hops: hops})
		l, err := s.Listen(context.Background(), "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close()
		go net.Dial("tcp", l.Addr().String())
		c, err := l.Accept()
		require.NoError(t, err)
		raw, err := c.(*net.TCPConn).SyscallConn()
		require.NoError(t, err)
		raw.Control(func(fd uintptr) {
			ttl, err := syscall.GetsockoptInt(int(fd), syscall.IPPROTO_IP, syscall.IP_TTL)
			assert.NoError(t, err)
			assert.Equal(t, hops, ttl)
		})
	}
}

// AWS's own SDK finds its region and its role's credentials.
func TestSDK(t *testing.T) {
	_, at := serving(t, plan.IMDS{Hops: 1})
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", at)
	t.Setenv("AWS_EC2_METADATA_V1_DISABLED", "true")
	c, err := config.LoadDefaultConfig(context.Background(), config.WithEC2IMDSRegion())
	require.NoError(t, err)
	assert.Equal(t, "eu-west-1", c.Region)
	keys, err := c.Credentials.Retrieve(context.Background())
	require.NoError(t, err)
	assert.Equal(t, []string{"ASIAX", "secret", "token"}, []string{keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken})
	assert.True(t, keys.CanExpire)
}
