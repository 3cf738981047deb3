package picture_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/picture"
)

var update = flag.Bool("update", false, "write the pictures of testdata anew")

type object = map[string]any

// states are stacks that were deployed on the twin and exported.
var states = []string{"local", "prod"}

func read(t *testing.T, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "graph", "testdata", file))
	require.NoError(t, err)
	return raw
}

// state is an exported state that a test may change.
func state(t *testing.T, stack string) (whole object, resources []any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(read(t, stack+".json"), &whole))
	return whole, whole["deployment"].(object)["resources"].([]any)
}

func load(t *testing.T, raw []byte) *graph.Graph {
	t.Helper()
	g, err := graph.FromState(bytes.NewReader(raw))
	require.NoError(t, err)
	return g
}

func reload(t *testing.T, whole object, resources []any) *graph.Graph {
	t.Helper()
	whole["deployment"].(object)["resources"] = resources
	raw, err := json.Marshal(whole)
	require.NoError(t, err)
	return load(t, raw)
}

// draw is all three renderings, by the ends of their files' names.
func draw(t *testing.T, g *graph.Graph) map[string]string {
	t.Helper()
	svg, err := picture.SVG(g)
	require.NoError(t, err)
	mermaid, err := picture.Mermaid(g)
	require.NoError(t, err)
	text, err := picture.Text(g, 100)
	require.NoError(t, err)
	return map[string]string{"svg": string(svg), "mmd": mermaid, "txt": text}
}

func TestPicturesOfDeployedStacks(t *testing.T) {
	for _, stack := range states {
		for end, got := range draw(t, load(t, read(t, stack+".json"))) {
			path := filepath.Join("testdata", stack+"."+end)
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, string(want), got, "%s: if this is meant, look at it after `go test ./picture -update`", path)
		}
	}
}

func TestPreviewLooksLikeWhatItDeploys(t *testing.T) {
	for _, stack := range states {
		planned, err := graph.FromPreview(bytes.NewReader(read(t, stack+"-preview.json")))
		require.NoError(t, err)
		assert.Equal(t, draw(t, load(t, read(t, stack+".json"))), draw(t, planned))
	}
}

func TestOrderOfTheStateMeansNothing(t *testing.T) {
	whole, resources := state(t, "local")
	want := draw(t, reload(t, whole, resources))
	for range 5 {
		rand.Shuffle(len(resources), func(i, j int) { resources[i], resources[j] = resources[j], resources[i] })
		require.Equal(t, want, draw(t, reload(t, whole, resources)))
	}
}

// A platform that is deployed again gets other identifiers and other random suffixes.
func TestNothingRandomIsShown(t *testing.T) {
	for _, stack := range states {
		g := load(t, read(t, stack+".json"))
		for end, got := range draw(t, g) {
			for _, r := range g.Resources {
				for _, property := range []string{"id", "arn", "dnsName", "name", "identifier", "address"} {
					value, _ := r.Outputs[property].(string)
					if _, asked := r.Inputs[property]; (!asked || strings.HasPrefix(value, r.Name+"-")) && len(value) > 3 &&
						value != r.Name {
						assert.False(t, strings.Contains(got, value), "%s.%s shows %s, the %s of %s", stack, end, value, property, r.URN)
					}
				}
			}
		}
	}
}

// Whatever the terminal's width, no line wraps, and frames close in one column.
func TestTextFitsATerminal(t *testing.T) {
	for _, stack := range states {
		g := load(t, read(t, stack+".json"))
		for columns := 20; columns <= 130; columns++ {
			text, err := picture.Text(g, columns)
			require.NoError(t, err)
			lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			assert.LessOrEqual(t, len(lines), 30)
			wide, frame := min(columns, 100), 0
			for _, line := range lines {
				require.LessOrEqual(t, utf8.RuneCountInString(line), wide, "%d columns: %s", columns, line)
				assert.Equal(t, strings.TrimRight(line, " "), line)
				if strings.ContainsAny(line[:min(3, len(line))], "┌│└") {
					frame++
					assert.Equal(t, wide, utf8.RuneCountInString(line), "frames close in one column: %s", line)
				}
			}
			assert.Equal(t, columns >= 64, frame > 0, "%d columns", columns)
			for _, box := range []string{"Browser", "HTTPS", "Web", "App", "Database"} {
				assert.Contains(t, strings.ToLower(text), strings.ToLower(box), "%d columns", columns)
			}
		}
	}
}

func TestSVGStandsAlone(t *testing.T) {
	for _, stack := range states {
		svg := draw(t, load(t, read(t, stack+".json")))["svg"]
		names := elements(t, svg)
		assert.Subset(t, []string{"svg", "title", "desc", "style", "rect", "path", "circle", "text"}, names)
		assert.NotContains(t, strings.ReplaceAll(svg, "http://www.w3.org/2000/svg", ""), "//www")
		for _, outside := range []string{"href", "url(", "@import", "font-face", "<script", "onload"} {
			assert.NotContains(t, svg, outside)
		}
		assert.Contains(t, svg, "prefers-color-scheme:dark")
		assert.Contains(t, svg, `role="img" aria-labelledby="causeway-title causeway-desc"`)
		assert.Regexp(t, `<desc id="causeway-desc">Browser, https://.*; then Database, .*\.</desc>`, svg)
	}
}

// elements are the names of all elements of well-formed XML.
func elements(t *testing.T, document string) []string {
	t.Helper()
	var names []string
	decoder := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return names
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok && !slices.Contains(names, start.Name.Local) {
			names = append(names, start.Name.Local)
		}
	}
}

func TestNamesThatLookLikeMarkup(t *testing.T) {
	const evil = `</text><script>alert(1)</script>"#quot;&amp;` + "`\x1b[31m"
	whole, resources := state(t, "local")
	raw, err := json.Marshal(resources)
	require.NoError(t, err)
	quoted, err := json.Marshal(evil)
	require.NoError(t, err)
	inside := strings.Trim(string(quoted), `"`)
	raw = regexp.MustCompile(`::local-(edge|web|database)"`).ReplaceAll(raw, []byte(`::local-$1`+strings.ReplaceAll(inside, "$", "$$")+`"`))
	raw = bytes.ReplaceAll(raw, []byte(`"causeway:platform":"local"`), []byte(`"causeway:platform":"`+inside+`"`))
	raw = bytes.ReplaceAll(raw, []byte(`"guestbook.test"`), []byte(`"guestbook`+inside+`.test"`))
	require.NoError(t, json.Unmarshal(raw, &resources))
	for _, r := range resources { // those of the groups are a list
		for _, values := range []string{"inputs", "outputs"} {
			properties, _ := r.(object)[values].(object)
			tags, _ := properties["tags"].([]any)
			for _, tag := range tags {
				if tag := tag.(object); tag["key"] == "causeway:platform" {
					tag["value"] = evil
				}
			}
		}
	}
	got := draw(t, reload(t, whole, resources))

	assert.NotContains(t, elements(t, got["svg"]), "script")
	assert.Contains(t, got["svg"], "&lt;script&gt;alert(1)")
	assert.Contains(t, got["mmd"], "#60;script#62;alert(1)#60;/script#62;#34;#35;quot;#38;amp;#96;")
	assert.NotContains(t, got["mmd"], "<script")
	for _, line := range strings.Split(got["mmd"], "\n") {
		assert.Zero(t, strings.Count(line, `"`)%2, "a label that does not end: %s", line)
	}
	for end, text := range got {
		assert.NotContains(t, text, "\x1b", end)
	}
	for _, line := range strings.Split(got["txt"], "\n") {
		assert.LessOrEqual(t, utf8.RuneCountInString(line), 100)
	}
}

// without leaves out resources and every mention that the engine keeps of them, as if the
// rest had been made by hand.
func without(resources []any, out func(r object) bool) []any {
	gone := map[string]bool{}
	for _, r := range resources {
		if r := r.(object); out(r) {
			gone[text(r["urn"])] = true
		}
	}
	var kept []any
	for _, r := range resources {
		r := r.(object)
		if gone[text(r["urn"])] {
			continue
		}
		there := func(urns any) []any {
			list, _ := urns.([]any)
			return slices.DeleteFunc(list, func(urn any) bool { return gone[text(urn)] })
		}
		r["dependencies"] = there(r["dependencies"])
		properties, _ := r["propertyDependencies"].(object)
		for property, urns := range properties {
			properties[property] = there(urns)
		}
		kept = append(kept, r)
	}
	return kept
}

func text(value any) string { s, _ := value.(string); return s }

func TestWhatIsNotThereIsNotDrawn(t *testing.T) {
	of := func(kinds ...string) func(object) bool {
		return func(r object) bool { return slices.Contains(kinds, text(r["type"])) }
	}
	named := func(kind, end string) func(object) bool {
		return func(r object) bool { return text(r["type"]) == kind && strings.HasSuffix(text(r["urn"]), end) }
	}
	for name, c := range map[string]struct {
		out           func(object) bool
		gone, present []string
	}{
		"database": {of("aws:rds/instance:Instance"), []string{"Database", "app → database", "Backups", "ncryption at rest"},
			[]string{"internal → app :9443"}},
		"edge": {named("aws:lb/loadBalancer:LoadBalancer", "-edge"),
			[]string{"Browser", "Edge load balancer", "Web ACL", "HTTPS :443                TLS"}, []string{"Database"}},
		"records":  {of("cloudflare:index/record:Record"), []string{"Browser                  https"}, nil},
		"listener": {of("aws:lb/listener:Listener"), []string{"TLS", "certificate"}, []string{"Edge load balancer"}},
		"everything": {func(r object) bool {
			return text(r["type"]) != "pulumi:pulumi:Stack" && !strings.HasPrefix(text(r["type"]), "pulumi:providers")
		}, []string{"│", "→", "Firewall"}, []string{"0 resources"}},
		"subnets": {of("aws:ec2/subnet:Subnet"), []string{"/22", "2 zones"},
			[]string{"Edge load balancer", "app → database :5433", "10.10.0.0/16"}},
		"VPC": {of("aws:ec2/vpc:Vpc"), []string{"10.10.0.0/16", "Flow log", "NAT gateways"}, []string{"10.10.0.0/22"}},
		// One end of a sentence lets no packet pass.
		"one end": {named("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "edge-to-web-8443"), []string{"edge → web"},
			[]string{"web → internal :443", "Web servers"}},
		"other end": {named("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "app-to-database-5433"),
			[]string{"app → database"},
			[]string{"Database"}},
		"entrance": {named("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "internet-to-edge-443"),
			[]string{"internet → edge"}, []string{"Edge load balancer"}},
	} {
		whole, resources := state(t, "local")
		kept := without(resources, c.out)
		require.Less(t, len(kept), len(resources), name)
		for end, got := range draw(t, reload(t, whole, kept)) {
			if end == "svg" {
				elements(t, got)
			}
			for _, absent := range c.gone {
				assert.False(t, strings.Contains(got, absent), "%s.%s shows %q", name, end, absent)
			}
			for _, present := range c.present {
				assert.True(t, strings.Contains(got, present), "%s.%s does not show %q", name, end, present)
			}
		}
	}
}

// edit changes the inputs of the resources of a type whose name ends so.
func edit(t *testing.T, resources []any, kind, end string, change func(inputs object)) {
	t.Helper()
	found := false
	for _, r := range resources {
		if r := r.(object); text(r["type"]) == kind && strings.HasSuffix(text(r["urn"]), end) {
			change(r["inputs"].(object))
			found = true
		}
	}
	require.True(t, found, kind)
}

func TestOriginLock(t *testing.T) {
	const ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	whole, resources := state(t, "local")
	edit(t, resources, "cloudflare:index/record:Record", "local-edge-guestbook.test", func(in object) { in["proxied"] = true })
	edit(t, resources, "aws:lb/listener:Listener", "local-edge-https",
		func(in object) { in["mutualAuthentication"].(object)["mode"] = "verify" })
	edit(t, resources, ingress, "internet-to-edge-443", func(in object) { in["cidrIpv4"] = "173.245.48.0/20" })
	for _, r := range slices.Clone(resources) { // a second rule, for a second prefix
		if r := r.(object); text(r["type"]) == ingress && strings.HasSuffix(text(r["urn"]), "internet-to-edge-443") {
			raw, err := json.Marshal(r)
			require.NoError(t, err)
			var second object
			require.NoError(t, json.Unmarshal(raw, &second))
			second["urn"] = text(r["urn"]) + "-2"
			second["inputs"].(object)["cidrIpv4"] = "103.21.244.0/22"
			resources = append(resources, second)
		}
	}
	for end, got := range draw(t, reload(t, whole, resources)) {
		assert.Contains(t, got, "2 prefixes → edge :443", end)
		assert.Contains(t, got, "client certificate", end)
		assert.Contains(t, got, "proxied", end)
		assert.NotContains(t, got, "internet → edge", end)
	}
}

func TestCertificateThatCoversAnotherName(t *testing.T) {
	for names, want := range map[string]string{
		"guestbook.test": "certificate for every name", "*.test": "certificate for every name",
		"*.guestbook.test": "certificate for *.guestbook.test", "other.test": "certificate for other.test",
	} {
		whole, resources := state(t, "local")
		edit(t, resources, "aws:acm/certificate:Certificate", "::local-certificate", func(in object) {
			in["domainName"], in["subjectAlternativeNames"] = names, []any{}
		})
		for end, got := range draw(t, reload(t, whole, resources)) {
			assert.Contains(t, got, want, end)
		}
	}
}

func TestSentencesAreWhatBothEndsAllow(t *testing.T) {
	const ingress, egress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
		"aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	for name, c := range map[string]struct {
		change func(resources []any)
		want   string
		unwant string
	}{
		"ranges meet": {func(rs []any) {
			edit(t, rs, ingress, "edge-to-web-8443", func(in object) { in["fromPort"], in["toPort"] = 8000, 8500 })
			edit(t, rs, egress, "edge-to-web-8443", func(in object) { in["fromPort"], in["toPort"] = 8400, 9000 })
		}, "edge → web :8400-8500", "edge → web :8443"},
		"ranges miss": {func(rs []any) {
			edit(t, rs, ingress, "edge-to-web-8443", func(in object) { in["fromPort"], in["toPort"] = 9000, 9000 })
		}, "Web servers", "edge → web"},
		"protocols miss": {func(rs []any) {
			edit(t, rs, ingress, "edge-to-web-8443", func(in object) { in["ipProtocol"] = "udp" })
		}, "Web servers", "edge → web"},
		"another peer": {func(rs []any) {
			id := ""
			for _, r := range rs {
				if r := r.(object); strings.HasSuffix(text(r["urn"]), "securityGroup:SecurityGroup::local-app") {
					id = text(r["id"])
				}
			}
			require.NotEmpty(t, id)
			edit(t, rs, ingress, "edge-to-web-8443", func(in object) { in["referencedSecurityGroupId"] = id })
		}, "Web servers", "edge → web"},
		"udp": {func(rs []any) {
			edit(t, rs, ingress, "edge-to-web-8443", func(in object) { in["ipProtocol"] = "udp" })
			edit(t, rs, egress, "edge-to-web-8443", func(in object) { in["ipProtocol"] = "-1" })
		}, "edge → web :8443/udp", ""},
		"everything": {func(rs []any) {
			for _, kind := range []string{ingress, egress} {
				edit(t, rs, kind, "edge-to-web-8443",
					func(in object) { in["ipProtocol"] = "-1"; delete(in, "fromPort"); delete(in, "toPort") })
			}
		}, "edge → web everything", ""},
	} {
		whole, resources := state(t, "local")
		c.change(resources)
		for end, got := range draw(t, reload(t, whole, resources)) {
			assert.True(t, strings.Contains(got, c.want), "%s.%s does not show %q", name, end, c.want)
			assert.False(t, c.unwant != "" && strings.Contains(got, c.unwant), "%s.%s shows %q", name, end, c.unwant)
		}
	}
}

// What is beside the way of a request is told beside the picture: who works there, and who goes out to whom.
func TestWorkersAndWaysOut(t *testing.T) {
	whole, resources := state(t, "local")
	edit(t, resources, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "app-to-internet-443", func(in object) {
		in["cidrIpv4"], in["fromPort"], in["toPort"] = "198.51.100.0/24", 587, 587
	})
	edit(t, resources, "aws:autoscaling/group:Group", "local-web", func(in object) {
		for _, tag := range in["tags"].([]any) {
			if tag := tag.(object); tag["key"] == "causeway:tier" {
				tag["value"] = "worker"
			}
		}
	})
	drawn := draw(t, reload(t, whole, resources))
	for end, told := range map[string]string{"svg": "Workers", "txt": "workers     web: 1–2 ×"} {
		assert.Contains(t, drawn[end], "app → 198.51.100.0/24", end)
		assert.Contains(t, drawn[end], ":587", end)
		assert.Contains(t, drawn[end], told, end)
		assert.NotContains(t, drawn[end], "Web servers", end)
	}
}

func TestTiersStayInOrderWithoutArrows(t *testing.T) {
	whole, resources := state(t, "local")
	kept := without(resources, func(r object) bool { return text(r["type"]) == "aws:rds/instance:Instance" })
	mermaid := draw(t, reload(t, whole, kept))["mmd"]
	assert.Contains(t, mermaid, "\n  app_subnets ~~~ data_subnets\n")
	assert.Equal(t, 1, strings.Count(mermaid, "~~~"))
}

func TestOnePictureShowsOnePlatform(t *testing.T) {
	whole, resources := state(t, "local")
	more := resources[len(resources)-1].(object)
	for _, r := range resources {
		if r := r.(object); text(r["type"]) == "aws:ec2/vpc:Vpc" {
			more = r
		}
	}
	more["inputs"].(object)["tags"].(object)["causeway:platform"] = "other"
	g := reload(t, whole, resources)
	for _, err := range []error{second(picture.SVG(g)), second(picture.Mermaid(g)), second(picture.Text(g, 100))} {
		assert.ErrorContains(t, err, "drawing stack local: it holds 2 platforms (local, other), and a picture shows one")
	}
}

func second[T any](_ T, err error) error { return err }
