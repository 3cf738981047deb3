package arrows

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Pain 24: what is made inside an Apply is in no preview, since an Apply is not called while its
// value is unknown.
func TestNothingIsMadeInsideAnApply(t *testing.T) {
	applies := 0
	for _, part := range []string{"components", "stacks", "infra"} {
		require.NoError(t, filepath.WalkDir(filepath.Join("../..", part), func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			n, made := insideApplies(file)
			applies += n
			assert.Empty(t, made, "%s makes something inside an Apply", path)
			return nil
		}))
	}
	assert.Greater(t, applies, 5, "no Apply was looked into")
}

func TestWhatIsMadeInsideAnApplyIsFound(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", `package x
func f() {
	id.ApplyT(func(id string) error { _, err := vpc.NewRoute(ctx, "r", nil); return err })
	pulumi.All(a, b).ApplyTWithContext(c, func(all []any) error { return ctx.RegisterComponentResource("t", "n", nil) })
	id.ApplyT(strings.NewReplacer("a", "b").Replace)
}`, 0)
	require.NoError(t, err)
	n, made := insideApplies(file)
	assert.Equal(t, 3, n)
	assert.Equal(t, []string{"NewRoute", "RegisterComponentResource"}, made)
}

// insideApplies counts the calls of Apply in a file, and names what their functions make.
func insideApplies(file *ast.File) (applies int, made []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		if !strings.HasPrefix(called(n), "Apply") {
			return true
		}
		applies++
		for _, arg := range n.(*ast.CallExpr).Args {
			ast.Inspect(arg, func(n ast.Node) bool {
				if name := called(n); makes(name, n) {
					made = append(made, name)
				}
				return true
			})
		}
		return true
	})
	return applies, made
}

// makes says that a call registers a resource: New something with a context first, or the context's
// own methods.
func makes(name string, n ast.Node) bool {
	switch name {
	case "RegisterResource", "RegisterComponentResource", "ReadResource":
		return true
	}
	if !strings.HasPrefix(name, "New") {
		return false
	}
	args := n.(*ast.CallExpr).Args
	if len(args) == 0 {
		return false
	}
	switch first := args[0].(type) {
	case *ast.Ident:
		return first.Name == "ctx"
	case *ast.SelectorExpr:
		return first.Sel.Name == "ctx"
	}
	return false
}

// called is the name of the method or function that a node calls.
func called(n ast.Node) string {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return ""
	}
	if f, ok := call.Fun.(*ast.SelectorExpr); ok {
		return f.Sel.Name
	}
	return ""
}
