// Package secret fetches the database's user and password from where they are kept, and again when
// the database refuses them because they were rotated.
package secret

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// Credentials is the part of an RDS master secret that a client needs. It never prints its password.
type Credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// String hides the password from logs.
func (c Credentials) String() string { return c.Username + ":***" }

// GoString hides the password from %#v.
func (c Credentials) GoString() string { return c.String() }

// Fetch gets the credentials as they are now.
type Fetch func(ctx context.Context) (Credentials, error)

// FromSecretsManager fetches the secret of that ARN with the identity of the process: on an instance,
// its role. AWS_ENDPOINT_URL is honoured.
func FromSecretsManager(ctx context.Context, arn, region string) (Fetch, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return nil, fmt.Errorf("reading the AWS configuration: %w", err)
	}
	client := secretsmanager.NewFromConfig(cfg)
	return func(ctx context.Context) (Credentials, error) {
		out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(arn)})
		if err != nil {
			return Credentials{}, fmt.Errorf("fetching the database's secret: %w", err)
		}
		return parse([]byte(aws.ToString(out.SecretString)))
	}, nil
}

// FromFile reads the secret from a file each time it is fetched.
func FromFile(path string) Fetch {
	return func(context.Context) (Credentials, error) {
		data, err := os.ReadFile(path)
		if err != nil {
			return Credentials{}, fmt.Errorf("reading the database's secret: %w", err)
		}
		return parse(data)
	}
}

// parse never wraps the decoder's error: it could quote the secret.
func parse(data []byte) (Credentials, error) {
	var c Credentials
	if json.Unmarshal(data, &c) != nil || c.Username == "" || c.Password == "" {
		return Credentials{}, errors.New("the database's secret is not JSON with a username and a password")
	}
	return c, nil
}

// pause is the shortest time between two fetches because of refusals: a rotation may set the secret a moment after the
// password.
const pause = 2 * time.Second

// Cache keeps credentials until the database refuses them.
type Cache struct {
	fetch Fetch

	mu      sync.Mutex
	current Credentials
	asked   time.Time // for other ones, the last time
}

// NewCache fetches through fetch at the first use.
func NewCache(fetch Fetch) *Cache { return &Cache{fetch: fetch} }

// Get returns the credentials.
func (c *Cache) Get(ctx context.Context) (Credentials, error) {
	return c.Instead(ctx, Credentials{})
}

// Instead returns credentials other than those that the database refused, or the same ones if others were asked for a
// moment ago. It fetches unless somebody has: many connections can be refused at once, and the refusal of old credentials
// says nothing of those that came after them.
func (c *Cache) Instead(ctx context.Context, refused Credentials) (Credentials, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != refused || c.current != (Credentials{}) && time.Since(c.asked) < pause {
		return c.current, nil
	}
	fresh, err := c.fetch(ctx)
	c.asked = time.Now()
	if err != nil {
		return Credentials{}, err
	}
	c.current = fresh
	return fresh, nil
}
