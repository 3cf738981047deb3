package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"sync"

	"google.golang.org/grpc/stats"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// configuration is what one provider instance was configured with.
type configuration struct {
	brain.Settings
	AllowedAccounts, ForbiddenAccounts []string
}

// connection holds the configuration of one provider instance: the engine opens a connection for each, and no later
// request says which instance it belongs to.
type connection struct {
	mu     sync.Mutex
	config *configuration
}

type connectionKey struct{}

// connections tags every connection, so that a request finds its instance's configuration.
type connections struct{}

func (connections) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context {
	return context.WithValue(ctx, connectionKey{}, &connection{})
}
func (connections) HandleConn(context.Context, stats.ConnStats)                     {}
func (connections) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }
func (connections) HandleRPC(context.Context, stats.RPCStats)                       {}

func (s *Server) configure(ctx context.Context, c *configuration) {
	s.mu.Lock()
	s.latest = c
	s.mu.Unlock()
	if conn, ok := ctx.Value(connectionKey{}).(*connection); ok {
		conn.mu.Lock()
		conn.config = c
		conn.mu.Unlock()
	}
}

// config returns the configuration of the request's provider instance. A connection that was lost and dialled again takes
// the latest configuration, which is its own if there is only one instance.
func (s *Server) config(ctx context.Context) *configuration {
	if conn, ok := ctx.Value(connectionKey{}).(*connection); ok {
		conn.mu.Lock()
		defer conn.mu.Unlock()
		if conn.config != nil {
			return conn.config
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.latest != nil {
		return s.latest
	}
	return &configuration{Settings: brain.Settings{Region: defaultRegion}}
}

const defaultRegion = "us-east-1"

// configKeys are the settings that each provider accepts. Credentials are accepted and ignored.
var configKeys = map[string]map[string]bool{
	"aws": set("accessKey", "allowedAccountIds", "assumeRole", "assumeRoleWithWebIdentity", "assumeRoles",
		"customCaBundle", "defaultTags", "ec2MetadataServiceEndpoint", "ec2MetadataServiceEndpointMode", "endpoints",
		"forbiddenAccountIds", "httpProxy", "httpsProxy", "ignoreTags", "insecure", "maxRetries", "noProxy", "profile",
		"region", "retryMode", "s3UsEast1RegionalEndpoint", "s3UsePathStyle", "secretKey", "sharedConfigFiles",
		"sharedCredentialsFiles", "skipCredentialsValidation", "skipMetadataApiCheck", "skipRegionValidation",
		"skipRequestingAccountId", "stsRegion", "token", "tokenBucketRateLimiterCapacity", "useDualstackEndpoint",
		"useFipsEndpoint"),
	"cloudflare": set("apiBasePath", "apiClientLogging", "apiHostname", "apiKey", "apiToken", "apiUserServiceKey",
		"email", "maxBackoff", "minBackoff", "retries", "rps", "userAgentOperatorSuffix"),
}

func set(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

// internalConfig are keys that the engine and the SDKs add.
func internalConfig(key string) bool {
	return key == "version" || key == "pluginDownloadURL" || strings.HasPrefix(key, "__")
}

func (s *Server) checkConfig(in value.Map) (failures []brain.Failure) {
	known := configKeys[s.pkg.Name]
	for key := range in {
		if known[key] || internalConfig(key) {
			continue
		}
		reason := fmt.Sprintf("the %s provider has no setting %q", s.pkg.Name, key)
		if near := facts.Nearest(key, known); near != "" {
			reason += fmt.Sprintf("; the nearest is %q", near)
		}
		failures = append(failures, brain.Failure{Property: key, Reason: reason})
	}
	sort.Slice(failures, func(i, j int) bool { return failures[i].Property < failures[j].Property })
	return failures
}

func readConfig(in value.Map) *configuration {
	in = value.RevealMap(in)
	c := &configuration{}
	if c.Region, _ = in["region"].(string); c.Region == "" {
		c.Region = defaultRegion
	}
	c.AllowedAccounts = stringList(nested(in["allowedAccountIds"]))
	c.ForbiddenAccounts = stringList(nested(in["forbiddenAccountIds"]))
	if tags, ok := nested(in["defaultTags"]).(value.Map); ok {
		c.DefaultTags = stringMap(nested(tags["tags"]))
	}
	if ignore, ok := nested(in["ignoreTags"]).(value.Map); ok {
		c.IgnoreTags = stringList(nested(ignore["keys"]))
		c.IgnoreTagPrefixes = stringList(nested(ignore["keyPrefixes"]))
	}
	return c
}

// asText turns settings that are not scalars into JSON text, as the real providers keep them.
func asText(in value.Map) value.Map {
	for key, v := range in {
		switch v.(type) {
		case []any, value.Map:
			if text, err := json.Marshal(v); err == nil && !value.HasSecret(v) && !value.HasUnknown(v) {
				in[key] = string(text)
			}
		}
	}
	return in
}

// nested reads a setting that is not a scalar: the engine sends those as JSON text.
func nested(v any) any {
	text, ok := v.(string)
	if !ok || text == "" {
		return v
	}
	var parsed any
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		return v
	}
	return parsed
}

func stringList(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		out = append(out, fmt.Sprint(e))
	}
	return out
}

func stringMap(v any) map[string]string {
	m, _ := v.(value.Map)
	out := map[string]string{}
	for k, e := range m {
		out[k] = fmt.Sprint(e)
	}
	return out
}
