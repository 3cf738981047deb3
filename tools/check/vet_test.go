package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestOfACloudsSDKNothingIsLearnt(t *testing.T) {
	for _, c := range []struct {
		path     string
		only, is bool
	}{
		{"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2", true, true},
		{"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2", false, false},
		{"github.com/pulumi/pulumi/sdk/v3/go/pulumi", true, false},
	} {
		dir := t.TempDir()
		facts, config := filepath.Join(dir, "vet.out"), filepath.Join(dir, "vet.cfg")
		text, err := json.Marshal(map[string]any{"ImportPath": c.path, "VetxOnly": c.only, "VetxOutput": facts})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(config, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if done, err := learnNothing(config); done != c.is || err != nil {
			t.Errorf("%v: %v %v", c, done, err)
		}
		if _, err := os.Stat(facts); (err == nil) != c.is {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// What vet finds it finds with this program in between, in functions that wrap others too.
func TestVetStillFinds(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":    "module example.com/x\n\ngo 1.26\n",
		"a/a.go":    "package a\n\nimport \"fmt\"\n\nfunc Sayf(format string, args ...any) { fmt.Printf(format, args...) }\n",
		"b/main.go": "package main\n\nimport \"example.com/x/a\"\n\nfunc main() { a.Sayf(\"%d\", \"text\") }\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	self := filepath.Join(t.TempDir(), "check")
	if out, err := exec.Command("go", "build", alike, "-o", self, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	found, err := exec.Command("go", "tool", "-n", "vet").Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "vet", alike, "-vettool="+self, "./...")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), realVet+"="+strings.TrimSpace(string(found)))
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), `Sayf format %d has arg "text" of wrong type string`) {
		t.Errorf("%v: %s", err, out)
	}
}
