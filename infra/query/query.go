// Package query asks AWS what its Pulumi provider does not tell: how a replacement of servers is progressing. It
// speaks the protocol that EC2 Auto Scaling and Elastic Load Balancing share (AWS, "Query API"), with the credentials
// that the provider finds.
package query

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
)

// Service is a service of AWS that speaks the protocol.
type Service struct{ host, version, variable string }

// The services that can be asked, by the name in their addresses. The variables are those of AWS's SDKs (AWS, SDKs
// and tools reference guide, "Service-specific endpoints").
var (
	AutoScaling   = Service{"autoscaling", "2011-01-01", "AWS_ENDPOINT_URL_AUTO_SCALING"}
	LoadBalancing = Service{"elasticloadbalancing", "2015-12-01", "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2"}
)

// Endpoints are the environment variables that direct the questions to every service to one address.
func Endpoints(address string) map[string]string {
	return map[string]string{AutoScaling.variable: address, LoadBalancing.variable: address}
}

// Client asks the services of one region.
type Client struct {
	region      string
	credentials aws.CredentialsProvider // nil until they are needed
}

// New is a client for a region. It looks for credentials when it is first asked.
func New(region string) *Client { return &Client{region: region} }

// Local reports whether a service is simulated on this computer, where nothing takes long.
func (c *Client) Local(s Service) bool {
	address, err := url.Parse(c.endpoint(s))
	return err == nil && net.ParseIP(address.Hostname()).IsLoopback()
}

func (c *Client) endpoint(s Service) string {
	for _, name := range []string{s.variable, "AWS_ENDPOINT_URL"} {
		if address := os.Getenv(name); address != "" {
			return address
		}
	}
	return "https://" + s.host + "." + c.region + ".amazonaws.com/"
}

// attempts is how often a question is asked while AWS is too busy to answer.
const attempts = 6

// Ask sends a request and decodes its result, the element of the answer named after the action with "Result"
// appended, into answer.
func (c *Client) Ask(ctx context.Context, s Service, action string, parameters url.Values, answer any) error {
	form := url.Values{"Action": {action}, "Version": {s.version}}
	for name, values := range parameters {
		form[name] = values
	}
	for attempt := 1; ; attempt++ {
		body, err := c.send(ctx, s, []byte(form.Encode()))
		if err == nil {
			return readResult(action, body, answer)
		}
		var again *laterError
		if !errors.As(err, &again) || attempt == attempts {
			return fmt.Errorf("asking AWS, %s:%s: %w", s.host, action, err)
		}
		if err := Pause(ctx, time.Second<<attempt/2); err != nil {
			return err
		}
	}
}

// Pause waits, or ends with the context.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// laterError is the error of a question that may be answered if it is asked again.
type laterError struct{ err error }

func (e *laterError) Error() string { return e.err.Error() }
func (e *laterError) Unwrap() error { return e.err }

func (c *Client) send(ctx context.Context, s Service, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint(s), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	if !c.Local(s) { // a simulated service gets no credentials
		if err := c.sign(ctx, s, request, body); err != nil {
			return nil, err
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, &laterError{err}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return nil, &laterError{err}
	case response.StatusCode >= 500 || response.StatusCode == http.StatusTooManyRequests || bytes.Contains(text, []byte("Throttling")):
		return nil, &laterError{refusal(response.Status, text)}
	case response.StatusCode != http.StatusOK:
		return nil, refusal(response.Status, text)
	}
	return text, nil
}

func (c *Client) sign(ctx context.Context, s Service, request *http.Request, body []byte) error {
	if c.credentials == nil {
		loaded, err := config.LoadDefaultConfig(ctx, config.WithRegion(c.region))
		if err != nil {
			return err
		}
		c.credentials = loaded.Credentials
	}
	found, err := c.credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	return v4.NewSigner().SignHTTP(ctx, found, request, hex.EncodeToString(sum[:]), s.host, c.region, time.Now())
}

// Error is a refusal by AWS.
type Error struct{ Code, Message string }

func (e *Error) Error() string { return strings.TrimSuffix(e.Code+": "+e.Message, ": ") }

func refusal(status string, body []byte) error {
	var answer struct {
		Error Error `xml:"Error"`
	}
	if xml.Unmarshal(body, &answer) != nil || answer.Error.Code == "" {
		return &Error{Code: status}
	}
	return &answer.Error
}

// readResult finds the result in an answer.
func readResult(action string, body []byte, answer any) error {
	if answer == nil {
		return nil
	}
	for d := xml.NewDecoder(bytes.NewReader(body)); ; {
		token, err := d.Token()
		if err != nil {
			return fmt.Errorf("reading the answer to %s: %w", action, err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == action+"Result" {
			return d.DecodeElement(answer, &start)
		}
	}
}
