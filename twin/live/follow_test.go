package live

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// A release is built for its servers' processor. On a computer with another kind, all of it would be deployed, boot and fail.
func TestServersOfAnotherProcessorLiveWhereTheirProgramsRun(t *testing.T) {
	other, theirs := "arm64", byte(0xb7)
	if runtime.GOARCH == "arm64" {
		other, theirs = "x86_64", 0x3e
	}
	self, err := os.Executable()
	require.NoError(t, err)
	program, err := os.ReadFile(self)
	require.NoError(t, err)
	native := []byte(string(program))
	program[18] = theirs
	w := &Living{o: Options{Objects: t.TempDir()}}
	require.NoError(t, os.Mkdir(filepath.Join(w.o.Objects, "content"), 0o700))
	for name, content := range map[string][]byte{"theirs": program, "ours": native, "script": []byte("#!/bin/sh")} {
		require.NoError(t, os.WriteFile(filepath.Join(w.o.Objects, "content", name), content, 0o600))
	}
	deployed := func(arch, hash string) *plan.Plan {
		return &plan.Plan{Machines: []plan.Machine{{Arch: arch}},
			Cloud: plan.Cloud{Objects: []plan.Object{{Bucket: "releases", Key: "web", Hash: hash}}}}
	}
	assert.NoError(t, w.runnable(deployed(other, "ours")))
	assert.NoError(t, w.runnable(deployed(other, "script")))
	assert.NoError(t, w.runnable(deployed("", "")))
	assert.ErrorContains(t, w.runnable(deployed(other, "theirs")), "web in the bucket releases is built for")
	mine := map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]
	assert.NoError(t, w.runnable(deployed(mine, "theirs")), "an object that no server needs to run")
}
