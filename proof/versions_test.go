package proof_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
)

// export is the exported state of a platform, as the engine writes it.
func export(t *testing.T, name string) map[string]any {
	t.Helper()
	f, err := os.Open("controls/testdata/" + name + ".json.gz")
	require.NoError(t, err)
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	require.NoError(t, err)
	raw, err := io.ReadAll(unzipped)
	require.NoError(t, err)
	var state map[string]any
	require.NoError(t, json.Unmarshal(raw, &state))
	return state
}

func resourcesIn(state map[string]any) []any {
	return state["deployment"].(map[string]any)["resources"].([]any)
}

// newer is the state as the newer major versions of both providers would have written it,
// by their upgrade guides.
func newer(t *testing.T, state map[string]any) *graph.Graph {
	t.Helper()
	var all []any
	for _, raw := range resourcesIn(state) {
		r := raw.(map[string]any)
		all = append(all, r)
		in, _ := r["inputs"].(map[string]any)
		out, _ := r["outputs"].(map[string]any)
		switch kind := r["type"].(string); {
		case kind == "pulumi:providers:aws":
			in["version"] = "7.23.0"
		case kind == "pulumi:providers:cloudflare":
			in["version"] = "6.11.0"
		case kind == "cloudflare:index/zone:Zone":
			for _, part := range []map[string]any{in, out} {
				part["name"], part["account"] = part["zone"], map[string]any{"id": part["accountId"]}
				delete(part, "zone")
				delete(part, "accountId")
			}
		case kind == "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride":
			all = append(all[:len(all)-1], settingsOf(r, in)...)
		case strings.HasPrefix(kind, "aws:"):
			if arn, _ := out["arn"].(string); !strings.Contains(arn, ":us-east-1:") {
				in["region"] = "eu-west-1"
			}
		}
	}
	state["deployment"].(map[string]any)["resources"] = all
	raw, err := json.Marshal(state)
	require.NoError(t, err)
	text := string(raw)
	text = strings.ReplaceAll(text, "cloudflare:index/record:Record", "cloudflare:index/dnsRecord:DnsRecord")
	text = regexp.MustCompile(`aws:s3/bucket(\w*)V2:Bucket(\w*)V2`).ReplaceAllString(text, "aws:s3/bucket$1:Bucket$2")
	g, err := graph.FromState(bytes.NewReader([]byte(text)))
	require.NoError(t, err)
	return g
}

// settingsOf are the settings of a zone as resources of their own.
func settingsOf(override, inputs map[string]any) []any {
	ids := map[string]string{
		"alwaysOnline": "always_online", "alwaysUseHttps": "always_use_https", "automaticHttpsRewrites": "automatic_https_rewrites",
		"browserCheck": "browser_check",
		"challengeTtl": "challenge_ttl", "developmentMode": "development_mode", "emailObfuscation": "email_obfuscation",
		"hotlinkProtection": "hotlink_protection",
		"ipGeolocation":     "ip_geolocation", "minTlsVersion": "min_tls_version", "securityLevel": "security_level", "ssl": "ssl",
		"tls13": "tls_1_3", "zeroRtt": "0rtt",
	}
	var all []any
	settings := inputs["settings"].(map[string]any)
	add := func(id string, value any) {
		r := map[string]any{}
		for key, value := range override {
			r[key] = value
		}
		r["type"], r["id"] = "cloudflare:index/zoneSetting:ZoneSetting", id
		r["urn"] = strings.Replace(override["urn"].(string), "cloudflare:index/zoneSettingsOverride:ZoneSettingsOverride",
			"cloudflare:index/zoneSetting:ZoneSetting", 1) + "-" + id
		r["inputs"] = map[string]any{"zoneId": inputs["zoneId"], "settingId": id, "value": value}
		r["outputs"] = r["inputs"]
		all = append(all, r)
	}
	for name, id := range ids {
		add(id, settings[name])
	}
	header := settings["securityHeader"].(map[string]any)
	add("security_header", map[string]any{"strict_transport_security": map[string]any{
		"enabled": header["enabled"], "max_age": header["maxAge"], "include_subdomains": header["includeSubdomains"],
		"nosniff": header["nosniff"],
	}})
	return all
}

func verdictsOf(g *graph.Graph) map[string]report.Verdict {
	all := map[string]report.Verdict{}
	for _, f := range proof.Verify(g, report.FromState, time.Now()).Findings {
		if f.Verdict.Fails() || all[f.ID] == "" {
			all[f.ID] = f.Verdict
		}
	}
	return all
}

// A platform of the newer providers is proved as one of the older: the same holds, and the
// same breaks.
func TestTheNewerMajorVersionsAreRead(t *testing.T) {
	for _, name := range []string{"prod", "proxied", "aurora"} {
		want := export(t, name)
		raw, err := json.Marshal(want)
		require.NoError(t, err)
		older, err := graph.FromState(bytes.NewReader(raw))
		require.NoError(t, err)
		assert.Equal(t, verdictsOf(older), verdictsOf(newer(t, want)), name)
	}
}

func TestTheNewerMajorVersionsAreNotPassedOver(t *testing.T) {
	for id, change := range map[string]func(kind string, r, in map[string]any){
		"C205": func(kind string, _, in map[string]any) { replace(kind, "zoneSettingsOverride", in, "ssl", "flexible") },
		"C207": func(kind string, _, in map[string]any) {
			replace(kind, "zoneSettingsOverride", in, "minTlsVersion", "1.0")
		},
		"C208": func(kind string, _, in map[string]any) { replace(kind, "zoneSettingsOverride", in, "zeroRtt", "on") },
		"C216": func(kind string, r, in map[string]any) {
			if strings.Contains(kind, "record:Record") && in["type"] == "CNAME" && in["proxied"] == true {
				in["content"] = "old.example.org"
				delete(r, "propertyDependencies")
			}
		},
		"C164": func(kind string, _, in map[string]any) {
			if strings.Contains(kind, "bucketVersioningV2") {
				in["versioningConfiguration"] = map[string]any{"status": "Suspended"}
			}
		},
	} {
		state := export(t, "proxied")
		for _, raw := range resourcesIn(state) {
			r := raw.(map[string]any)
			in, _ := r["inputs"].(map[string]any)
			change(r["type"].(string), r, in)
		}
		assert.True(t, verdictsOf(newer(t, state))[id].Fails(), id)
	}
}

func replace(kind, of string, in map[string]any, setting string, value any) {
	if strings.Contains(kind, of) {
		in["settings"].(map[string]any)[setting] = value
	}
}
