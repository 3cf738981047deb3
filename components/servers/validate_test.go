package servers

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/infra/release"
)

func TestDefaultsAreValid(t *testing.T) {
	assert.NoError(t, Args{Release: &release.Release{}}.Validate().Err())
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		what  string
		args  Args
		where string
		says  string
	}{
		{"no instance type", Args{InstanceType: "m7g"}, "instanceType", "write one such as t4g.small"},
		{"release for another processor", Args{Release: &release.Release{Path: "x", Architecture: "amd64"}}, "release", "GOARCH=arm64"},
		{"archive without command", Args{Release: archive(t)}, "command", "write what is run of the archive"},
		{"command of an executable", Args{Command: []string{"node"}}, "command", "write arguments instead"},
		{"arguments of an archive", Args{Release: archive(t), Command: []string{"bin/run"}, Arguments: []string{"-v"}}, "arguments",
			"write them in command"},
		{"runtime without its package", Args{Release: archive(t), Command: []string{"node", "server.js"}}, "command[0]",
			"write packages: [nodejs22]"},
		{"program that is not there", Args{Release: archive(t), Command: []string{"./bin/serve"}}, "command[0]", "has no file ./bin/serve"},
		{"package by a bad name", Args{Packages: []string{"node js"}}, "packages[0]", "is not the name of a package"},
		{"image by name", Args{Image: "al2023"}, "image", "is not the id of an image"},
		{"image too short", Args{Image: "ami-123"}, "image", "17 hex digits"},
		{"variable", Args{Environment: map[string]pulumi.StringInput{"A-B": pulumi.String("")}}, "environment.A-B", "cannot be the name"},
		{"nobody", Args{MinSize: -1, MaxSize: 1}, "minSize", "must be 1 or more"},
		{"min over max", Args{MinSize: 4, MaxSize: 3}, "maxSize", "3 is below minSize, 4"},
		{"cold servers", Args{TargetCPU: 5}, "targetCpu", "must be 10 to 90 percent"},
		{"hot servers", Args{TargetCPU: 95}, "targetCpu", "must be 10 to 90 percent"},
		{"warm-up", Args{WarmupSeconds: 5}, "warmupSeconds", "must be 60 to 3600 seconds, not 5"},
		{"small disk", Args{VolumeGiB: 4}, "volumeGiB", "must be 8 to 16384 GiB, not 4"},
		{"log days", Args{LogDays: 100}, "logDays", "cannot keep"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if c.args.Release == nil {
				c.args.Release = &release.Release{}
			}
			if problems := c.args.Validate(); assert.Len(t, problems, 1) {
				assert.Equal(t, c.where, problems[0].Where)
				assert.Contains(t, problems[0].String(), c.says)
			}
		})
	}
	missing := Args{}.Validate()
	assert.ErrorContains(t, missing.Err(), "release: there is nothing to run")
}

// archive is a release of one script and what else is named.
func archive(t *testing.T, more ...string) *release.Release {
	t.Helper()
	folder := t.TempDir()
	for _, name := range append(more, "bin/run") {
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755))
	}
	r, err := release.Open(folder, t.TempDir())
	require.NoError(t, err)
	return &r
}

// What makes code as it runs is known by its command or its package, or told.
func TestJIT(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		args Args
		want bool
	}{
		{Args{}, false}, {Args{JIT: &yes}, true},
		{Args{Command: []string{"/usr/bin/node", "server.js"}}, true},
		{Args{Command: []string{"./serve"}, Packages: []string{"java-21-amazon-corretto-headless"}}, true},
		{Args{Command: []string{"python3", "main.py"}}, false},
		{Args{Command: []string{"node"}, JIT: &no}, false},
		{Args{Packages: []string{"php8.4-cli"}}, true}, {Args{Packages: []string{"ruby3.4"}}, true},
		{Args{Packages: []string{"dotnet-sdk-8.0"}}, true}, {Args{Packages: []string{"aspnetcore-runtime-9.0"}}, true},
		{Args{Command: []string{"./bin/pypy3.11", "main.py"}}, true}, {Args{Command: []string{"./luajit-2.1"}}, true},
		{Args{Command: []string{"./julian"}}, false}, {Args{Command: []string{"./serve"}, Release: archive(t)}, false},
		{Args{Command: []string{"./bin/shop", "start"}, Release: archive(t, "erts-15.2/bin/beam.smp")}, true},
		{Args{Command: []string{"./Shop"}, Release: archive(t, "libcoreclr.so")}, true},
		{Args{Command: []string{"./start"}, Release: archive(t, "jre/lib/server/libjvm.so")}, true},
		{Args{Command: []string{"./start"}, Release: &release.Release{Format: release.Any}}, true},
		{Args{Command: []string{"python3", "main.py"}, Release: &release.Release{Format: release.Any}}, false},
	} {
		assert.Equal(t, c.want, *c.args.withDefaults().JIT, "%v", c.args)
	}
	good := Args{Release: archive(t), Command: []string{"node", "server.js"}, Packages: []string{"nodejs22"}}
	assert.Empty(t, good.Validate())
}

// A pinned image is what is launched; otherwise the parameter is, by processor, and
// nothing is looked up.
func TestImage(t *testing.T) {
	const parameter = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
	assert.Equal(t, parameter+"arm64", Args{InstanceType: "m7g.large"}.image())
	assert.Equal(t, parameter+"x86_64", Args{InstanceType: "m7i.large"}.image())
	assert.Equal(t, "ami-0123456789abcdef0", Args{InstanceType: "m7i.large", Image: "ami-0123456789abcdef0"}.image())
}
