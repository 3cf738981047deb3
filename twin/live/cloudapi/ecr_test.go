package cloudapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

const (
	registry   = account + ".dkr.ecr.eu-west-1.amazonaws.com"
	repository = "arn:aws:ecr:eu-west-1:" + account + ":repository/shop/web"
)

// withECR is an API at which the role may pull shop/web.
func withECR(t *testing.T) *cloud {
	c := opening(t)
	p := &c.config.Plan.Cloud
	p.Services = append(p.Services, plan.Service{Name: plan.ECR, Host: "api.ecr.eu-west-1.amazonaws.com"},
		plan.Service{Name: plan.Registry, Host: "dkr.ecr.eu-west-1.amazonaws.com"})
	p.Roles[0].Policies = append(p.Roles[0].Policies, plan.Policy{Name: "pull", Document: statements(
		`{"Effect":"Allow","Action":"ecr:GetAuthorizationToken","Resource":"*"}`,
		`{"Effect":"Allow","Action":["ecr:BatchGetImage","ecr:GetDownloadUrlForLayer"],"Resource":"`+repository+`"}`)})
	c.update()
	return c
}

func (c *cloud) ask(r *http.Request) ([]byte, error) {
	response, err := c.client.Do(r)
	require.NoError(c.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(response.Status + " " + string(body))
	}
	return body, nil
}

func (c *cloud) request(method, address, body string) *http.Request {
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	require.NoError(c.t, err)
	return r
}

func (c *cloud) password() (string, error) {
	r := c.request(http.MethodPost, "https://api.ecr.eu-west-1.amazonaws.com/", "{}")
	r.Header.Set("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken")
	keys, err := c.aws().Credentials.Retrieve(context.Background())
	require.NoError(c.t, err)
	require.NoError(c.t, v4.NewSigner().SignHTTP(context.Background(), keys, r, hexHash([]byte("{}")), "ecr", "eu-west-1", time.Now()))
	answer, err := c.ask(r)
	if err != nil {
		return "", err
	}
	var given struct {
		AuthorizationData []struct{ AuthorizationToken string }
	}
	require.NoError(c.t, json.Unmarshal(answer, &given))
	token, err := base64.StdEncoding.DecodeString(given.AuthorizationData[0].AuthorizationToken)
	return strings.TrimPrefix(string(token), "AWS:"), err
}

// pull goes the way of docker pull, and returns where it ends.
func (c *cloud) pull(name string) error {
	password, err := c.password()
	if err != nil {
		return err
	}
	r := c.request(http.MethodGet, "https://"+registry+"/v2/"+name+"/manifests/sha256:1", "")
	r.SetBasicAuth("AWS", password)
	answer, err := c.ask(r)
	if err != nil {
		return err
	}
	var manifest struct{ Layers []struct{ URLs []string } }
	require.NoError(c.t, json.Unmarshal(answer, &manifest))
	_, err = c.ask(c.request(http.MethodGet, manifest.Layers[0].URLs[0], ""))
	return err
}

// An image is pulled by whom the role, its boundary and the endpoints let, and by nobody else.
func TestWhoMayPullAnImage(t *testing.T) {
	c := withECR(t)
	require.NoError(t, c.pull("shop/web"))
	assert.ErrorContains(t, c.pull("shop/app"), "not authorized to perform: ecr:BatchGetImage on resource: "+
		"arn:aws:ecr:eu-west-1:"+account+":repository/shop/app")

	for name, change := range map[string]struct {
		do   func(p *plan.Plan)
		want string
	}{
		"no right to log in": {func(p *plan.Plan) {
			d := &p.Cloud.Roles[0].Policies[1].Document
			*d = strings.Replace(*d, "ecr:GetAuthorizationToken", "ecr:DescribeImages", 1)
		}, "not authorized to perform: ecr:GetAuthorizationToken"},
		"no right to layers": {func(p *plan.Plan) {
			d := &p.Cloud.Roles[0].Policies[1].Document
			*d = strings.Replace(*d, "ecr:GetDownloadUrlForLayer", "ecr:DescribeImages", 1)
		}, "not authorized to perform: ecr:GetDownloadUrlForLayer"},
		"a boundary": {func(p *plan.Plan) {
			p.Cloud.Roles[0].Boundary = &plan.Policy{Name: "b", Document: statements(`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)}
		}, "no permissions boundary allows the ecr:GetAuthorizationToken action"},
		"an endpoint that has no layers": {func(p *plan.Plan) {
			p.Cloud.Endpoints[0].Policy = statements(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",` +
				`"Resource":"arn:aws:s3:::releases/*"}`)
		}, "no VPC endpoint policy allows the s3:GetObject action"},
	} {
		t.Run(name, func(t *testing.T) {
			c := withECR(t)
			change.do(c.config.Plan)
			c.update()
			assert.ErrorContains(t, c.pull("shop/web"), change.want)
		})
	}
}

// A registry takes nobody's word, and no password of another region.
func TestARegistryAsksForAPassword(t *testing.T) {
	c := withECR(t)
	good, err := c.password()
	require.NoError(t, err)
	for _, password := range []string{"", "eu-west-1:", strings.Replace(good, "eu-west-1", "us-east-1", 1), good + "x"} {
		r := c.request(http.MethodGet, "https://"+registry+"/v2/", "")
		r.SetBasicAuth("AWS", password)
		_, err := c.ask(r)
		assert.ErrorContains(t, err, "401")
	}
	_, err = c.ask(c.request(http.MethodGet, "https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com/x?session=y", ""))
	assert.Error(t, err, "an address that nobody signed")
}
