package world

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// citation matches how a comment or a row names its basis: a guide and its page, an API and its action, an RFC, or
// that nothing is documented and what it rests on instead.
const citation = `(guide|reference|API), |Cloudflare, "|Pulumi (AWS|Cloudflare)|RFC \d+|[nN]ot documented[^:]*: `

// general refuse on behalf of others, which name their code and so its document in codes.txt.
var general = map[string]bool{"refers": true, "unused": true, "unique": true, "protected": true, "jsonText": true, "policyText": true,
	"keyUsable":       true,
	"keyNotScheduled": true, "withinQuotas": true, "exists": true, "Update": true}

// TestEveryRuleNamesItsDocument: a reader of a refusal can look up that the cloud refuses the same.
func TestEveryRuleNamesItsDocument(t *testing.T) {
	files, err := parser.ParseDir(token.NewFileSet(), ".", func(f os.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") },
		parser.ParseComments)
	require.NoError(t, err)
	named, rules := regexp.MustCompile(citation), 0
	for _, pkg := range files {
		ast.Inspect(pkg, func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncDecl); ok && refuses(f) && !general[f.Name.Name] {
				rules++
				text := strings.Join(strings.Fields(f.Doc.Text()), " ")
				assert.Regexp(t, named, text,
					"%s: name in its comment the document that states what it refuses, as (VPC user guide, \"Subnet CIDR blocks\"), "+
						"or write: Not documented: and what it rests on", f.Name.Name)
			}
			return true
		})
	}
	assert.Greater(t, rules, 150, "the rules are found")
}

func refuses(f *ast.FuncDecl) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			name, _ := call.Fun.(*ast.Ident)
			found = found || name != nil && (name.Name == "fault" || name.Name == "message")
		}
		return true
	})
	return found
}

// stated reads testdata/codes.txt: the document by service and code.
func stated(t *testing.T) map[string]map[string]string {
	text, err := os.ReadFile("testdata/codes.txt")
	require.NoError(t, err)
	all := map[string]map[string]string{}
	var service, from string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\n"); line == "" || line[0] == '#' {
			continue
		}
		if line[0] != '\t' {
			service, from, _ = strings.Cut(line, ": ")
			require.Regexp(t, citation, from+" ", "%s: the document of its codes", service)
			continue
		}
		if all[service] == nil {
			all[service] = map[string]string{}
		}
		for _, code := range strings.Fields(line) {
			all[service][code] = from
		}
	}
	return all
}

// serviceOf is the service that answers for a type, as codes.txt calls it.
func serviceOf(typ string) string {
	provider, rest, _ := strings.Cut(typ, ":")
	module, _, _ := strings.Cut(rest, "/")
	switch {
	case typ == typeLogGroup, typ == typeLogPolicy, typ == typeLogStream:
		return "logs"
	case typ == typeEventRule, typ == typeEventTarget:
		return "events"
	case provider == "cloudflare":
		return provider
	case module == "vpc", module == "ebs":
		return "ec2"
	case module == "lb":
		return "elasticloadbalancing"
	}
	return module
}

// TestEveryCodeIsTheServicesOwn: every code of a case of TestRefusals, of a quota and of too many tags is documented
// for its service, or marked as not documented.
func TestEveryCodeIsTheServicesOwn(t *testing.T) {
	documents := stated(t)
	known := func(typ, code string, own bool, what string) {
		service := serviceOf(typ)
		if own {
			service = "provider"
		}
		assert.NotEmpty(t, documents[service][code], "%s: testdata/codes.txt has no %s of %s", what, code, service)
	}
	for _, group := range refusals {
		for _, c := range group {
			f := newFixture(t).platform()
			err := c.do(f)
			events := f.w.Events()
			var refusal *Fault
			require.ErrorAs(t, err, &refusal, c.name)
			known(events[len(events)-1].Type, c.code, refusal.own, c.name)
		}
	}
	for _, q := range quotas {
		for _, typ := range q.types {
			known(typ, q.refusal, false, q.name)
			undocumented := strings.HasPrefix(documents[serviceOf(typ)][q.refusal], "not documented")
			assert.True(t, !undocumented || strings.HasPrefix(q.answer, "not documented"),
				"%s: its row names a document for its code, and testdata/codes.txt has none", q.name)
		}
	}
	for typ := range kinds {
		module, _, _ := strings.Cut(typ, "/")
		if code, listed := tagCodes[module]; listed {
			known(typ, code, false, "tags of "+typ)
		}
		if k := kinds[typ]; k.taken != "" {
			known(typ, k.taken, false, "another "+typ)
		}
	}
}
