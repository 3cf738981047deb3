package loadbalancer_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/infra/infratest"
)

// routed is a load balancer with routes of all kinds.
func routed(t *testing.T, app []loadbalancer.Match, answers ...loadbalancer.AnswerArgs) map[string]map[string]any {
	t.Helper()
	all, err := inPlatform(t, func(ctx *pulumi.Context, p *platform) error {
		l, err := p.balance(ctx, "prod-edge", loadbalancer.Args{Routed: true})
		require.NoError(t, err)
		if _, err := l.Forward(ctx, "prod-web", loadbalancer.TargetArgs{Hosts: []string{"example.com", "*.example.com"},
			Port: 8443}); err != nil {
			return err
		}
		if _, err := l.Forward(ctx, "prod-app", loadbalancer.TargetArgs{Matches: app, Port: 9443}); err != nil {
			return err
		}
		for _, a := range answers {
			if err := l.Answer(ctx, "prod-route", a); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
	found := map[string]map[string]any{}
	for _, r := range infratest.OfType(all, rule) {
		found[r.Name] = r.Plain()
		for _, value := range r.Plain()["tags"].(map[string]any) {
			assert.Regexp(t, `^[\pL\pN +\-=._:/@]*$`, value)
		}
	}
	return found
}

// Of the rules that a request matches, the one that says most comes first, and none moves when another comes.
func TestRoutesComeBeforeTheirHosts(t *testing.T) {
	app := []loadbalancer.Match{match("example.com", "/api/*"), match("example.com", "/api/v1/*"), match("example.com", "/api/v1"),
		match("*.example.com", "/api/*"), match("a.example.com", "/*")}
	rules := routed(t, app)
	priority := func(name string) float64 {
		t.Helper()
		require.Contains(t, rules, name)
		return rules[name]["priority"].(float64)
	}
	inOrder := []string{"prod-app-example.com/api/v1", "prod-app-example.com/api/v1/any", "prod-app-example.com/api/any",
		"prod-web-example.com",
		"prod-app-any.example.com/api/any", "prod-web-any.example.com"}
	for i, name := range inOrder[1:] {
		assert.Less(t, priority(inOrder[i]), priority(name), "%s before %s", inOrder[i], name)
	}
	assert.Less(t, priority("prod-app-a.example.com/any"), priority("prod-web-any.example.com"))
	assert.Equal(t, []any{
		map[string]any{"hostHeader": map[string]any{"values": []any{"example.com"}}},
		map[string]any{"pathPattern": map[string]any{"values": []any{"/api/*"}}},
	}, rules["prod-app-example.com/api/any"]["conditions"])
	for name, r := range routed(t, app[1:]) {
		assert.Equal(t, rules[name]["priority"], r["priority"], name)
	}
}

func match(host, path string) loadbalancer.Match { return loadbalancer.Match{Host: host, Path: path} }

func TestAnswers(t *testing.T) {
	at := func(path string) []loadbalancer.Match { return []loadbalancer.Match{match("example.com", path)} }
	rules := routed(t, at("/api/*"),
		loadbalancer.AnswerArgs{Matches: at("/old"), Redirect: "https://www.example.com/new?from=old", Status: 301},
		loadbalancer.AnswerArgs{Matches: at("/shop/*"), Redirect: "https://shop.example.com"},
		loadbalancer.AnswerArgs{Matches: at("/gone"), Text: "gone", Status: 410})
	action := func(name string) any { return rules[name]["actions"].([]any)[0] }
	assert.Equal(t, map[string]any{"type": "redirect", "redirect": map[string]any{"protocol": "HTTPS", "host": "www.example.com",
		"port": "443",
		"path": "/new", "query": "from=old", "statusCode": "HTTP_301"}}, action("prod-route-example.com/old"))
	assert.Equal(t, map[string]any{"type": "redirect", "redirect": map[string]any{"protocol": "HTTPS", "host": "shop.example.com",
		"port": "443",
		"path": "/#{path}", "query": "#{query}", "statusCode": "HTTP_302"}}, action("prod-route-example.com/shop/any"))
	assert.Equal(t, map[string]any{"type": "fixed-response", "fixedResponse": map[string]any{"contentType": "text/plain",
		"messageBody": "gone",
		"statusCode":  "410"}}, action("prod-route-example.com/gone"))
	_, err := inPlatform(t, func(ctx *pulumi.Context, p *platform) error {
		l, err := p.balance(ctx, "prod-edge", loadbalancer.Args{Routed: true})
		require.NoError(t, err)
		for want, args := range map[string]loadbalancer.AnswerArgs{
			"the certificate does not cover example.org": {Matches: []loadbalancer.Match{match("example.org", "/x")}, Text: "x"},
			"redirect:":                  {Matches: at("/x"), Redirect: "http://example.com"},
			"a port that does not exist": {Matches: at("/x"), Redirect: "https://example.com:65536"},
			"of 129 characters":          {Matches: at("/x"), Redirect: "https://example.com/" + strings.Repeat("x", 128)},
			"query of 130 characters":    {Matches: at("/x"), Redirect: "https://example.com/?" + strings.Repeat("x", 130)},
			"status: 200 is no redirect": {Matches: at("/x"),
				Redirect: "https://example.com", Status: 200},
			"status: 302 is no status of an answer": {Matches: at("/x"), Status: 302}, "text: has 1025 bytes": {Matches: at("/x"),
				Text: strings.Repeat("x", 1025)},
			"paths[0]:": {Matches: at("/x y"), Text: "x"}, "has more than 60 characters": {Matches: at("/" + strings.Repeat("x", 60)),
				Text: "x"},
		} {
			assert.ErrorContains(t, l.Answer(ctx, "prod-other", args), want)
		}
		return nil
	})
	require.NoError(t, err)
}
