package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/causeway-iac/causeway/examples/guestbook/internal/entry"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/serve"
)

// attemptTimeout bounds one attempt, which is more than the application tier takes for a query that fails.
const attemptTimeout = 7 * time.Second

// answerLimit is more than fifty of the longest entries.
const answerLimit = 1 << 20

// Client calls the application tier.
type Client struct {
	base *url.URL
	http *http.Client
}

// NewClient calls the tier at base. Its certificate is verified against the system's authorities and,
// when caFile is not empty, those of that PEM file.
func NewClient(base *url.URL, caFile string) (*Client, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("reading the system's certificate authorities: %w", err)
	}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("reading APP_CA_FILE: %w", err)
		}
		if !roots.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("APP_CA_FILE: %s holds no PEM certificate", caFile)
		}
	}
	return &Client{base: base, http: &http.Client{
		Timeout: attemptTimeout,
		Transport: &http.Transport{
			TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			DialContext:         (&net.Dialer{Timeout: 2 * time.Second}).DialContext,
			TLSHandshakeTimeout: 3 * time.Second,
			MaxIdleConnsPerHost: 16,
			IdleConnTimeout:     50 * time.Second, // before the load balancer's 60 s
			ForceAttemptHTTP2:   true,
			// A load balancer's node that is lost says nothing: without pings its one connection takes every
			// request until TCP gives up, a quarter of an hour later.
			HTTP2: &http.HTTP2Config{SendPingTimeout: 2 * time.Second, PingTimeout: 2 * time.Second},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// refusal is what the application tier found wrong with an entry, for its writer.
type refusal string

func (r refusal) Error() string { return string(r) }

func (c *Client) latest(ctx context.Context) ([]entry.Entry, error) {
	var entries []entry.Entry
	return entries, c.call(ctx, http.MethodGet, nil, http.StatusOK, &entries)
}

func (c *Client) add(ctx context.Context, d entry.Draft) error {
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encoding an entry: %w", err)
	}
	return c.call(ctx, http.MethodPost, body, http.StatusCreated, &entry.Entry{})
}

func (c *Client) call(ctx context.Context, method string, body []byte, want int, into any) error {
	response, err := c.send(ctx, method, body)
	if method == http.MethodGet && unanswered(response, err) && ctx.Err() == nil {
		if err == nil {
			response.Body.Close()
		}
		// Another connection is another node of the load balancer, perhaps, and another server behind it.
		c.http.CloseIdleConnections()
		response, err = c.send(ctx, method, body)
	}
	if err != nil {
		return fmt.Errorf("calling the application tier: %w", err)
	}
	defer response.Body.Close()
	decoder := json.NewDecoder(io.LimitReader(response.Body, answerLimit))
	switch response.StatusCode {
	case want:
		if err := decoder.Decode(into); err != nil {
			return fmt.Errorf("reading the application tier's answer: %w", err)
		}
		return nil
	case http.StatusUnprocessableEntity:
		var problem struct{ Error string }
		if err := decoder.Decode(&problem); err != nil {
			return fmt.Errorf("reading the application tier's refusal: %w", err)
		}
		return refusal(problem.Error)
	}
	return fmt.Errorf("calling the application tier: it answered %s", response.Status)
}

func (c *Client) send(ctx context.Context, method string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base.JoinPath("entries").String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(serve.TraceHeader, serve.Trace(ctx))
	return c.http.Do(request)
}

// unanswered says that no server of the tier answered: nobody did, or the load balancer for them.
func unanswered(response *http.Response, err error) bool {
	return err != nil || response.StatusCode == http.StatusBadGateway || response.StatusCode == http.StatusGatewayTimeout
}
