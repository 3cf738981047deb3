package platform

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/stacks"
	"github.com/causeway-iac/causeway/twin"
)

// These tests deploy the platform itself, through the real engine, on a twin.

// baseSettings is the least that a stack of the platform needs.
var baseSettings = func() string {
	text, err := os.ReadFile("../../testdata/Pulumi.base.yaml")
	if err != nil {
		panic(err)
	}
	return string(text)
}()

// setting is what a twin must have before a stack is there. The test of the real provider gives it another brain.
var setting = Before

// site is a project with one stack, and the twin that it lives on.
type site struct {
	t       *testing.T
	project project.Project
	stack   string
	world   string
	twin    *twin.Twin
	engine  *engine.Engine
	steps   bool // the engine writes the state at every step, as it does for a person: that takes longer than all the rest
}

func newSite(t *testing.T, stack string, lines ...string) *site {
	t.Helper()
	s := newFiles(t, stack, lines...)
	s.start()
	return s
}

// newFiles is a site whose twin is not started.
func newFiles(t *testing.T, stack string, lines ...string) *site {
	t.Helper()
	root := t.TempDir()
	s := &site{t: t, stack: stack, world: filepath.Join(root, "world.db")}
	data, err := os.ReadFile("../../../../Pulumi.yaml")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(root, "Pulumi.yaml"), data, 0o644))
	for _, tier := range []string{"web", "app"} {
		require.NoError(t, os.WriteFile(filepath.Join(root, tier+".sh"), []byte("#!/bin/sh\n# "+tier+"\n"), 0o755))
	}
	s.project = project.Project{Root: root}
	s.write(lines...)
	s.project, err = project.Find(root)
	require.NoError(t, err)
	return s
}

// write sets the stack's settings: the base's, with lines in place of those for the same key.
func (s *site) write(lines ...string) {
	s.t.Helper()
	text := baseSettings
	for _, line := range lines {
		key, _, _ := strings.Cut(line, ": ")
		kept := slices.DeleteFunc(strings.Split(strings.TrimSpace(text), "\n"), func(old string) bool {
			return strings.HasPrefix(old, "  causeway:"+key+":")
		})
		text = strings.Join(append(kept, "  causeway:"+line), "\n") + "\n"
	}
	require.NoError(s.t, os.WriteFile(filepath.Join(s.project.Root, "Pulumi."+s.stack+".yaml"), []byte(text), 0o644))
}

func (s *site) start() {
	s.t.Helper()
	pulumiCommand, err := filepath.Abs("../../../../bin/pulumi")
	require.NoError(s.t, err)
	options, err := setting(s.project, s.stack)
	require.NoError(s.t, err)
	options.Path = s.world
	s.twin, err = twin.Start(s.t.Context(), options)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = s.twin.Close() })
	s.open(pulumiCommand)
}

// open opens the stack, which copies its settings.
func (s *site) open(pulumiCommand string) {
	s.t.Helper()
	var err error
	s.engine, err = engine.Open(s.t.Context(), engine.Options{
		Project: s.project, Stack: s.stack, Program: stacks.Deploy, Attach: s.twin.Attach(), Command: pulumiCommand,
		Home: s.project.Home(s.stack), Throwaway: !s.steps,
	})
	require.NoError(s.t, err)
}

// set changes settings of a stack that is there.
func (s *site) set(lines ...string) {
	s.t.Helper()
	s.write(lines...)
	pulumiCommand, err := filepath.Abs("../../../../bin/pulumi")
	require.NoError(s.t, err)
	s.open(pulumiCommand)
}

// restart stops the twin and starts it again from its file, as after a night.
func (s *site) restart() {
	s.t.Helper()
	require.NoError(s.t, s.engine.Close())
	require.NoError(s.t, s.twin.Close())
	s.start()
}

func (s *site) up() engine.Outcome {
	s.t.Helper()
	outcome, err := s.engine.Up(s.t.Context(), nil)
	require.NoError(s.t, err, "%+v", outcome.Problems)
	return outcome
}

// changed is what an operation did, each as "update autoscaling/group:Group dev-web".
func changed(o engine.Outcome) (lines []string) {
	for _, c := range o.Changes {
		name := c.Path[strings.LastIndex(c.Path, "/")+1:]
		_, kind, _ := strings.Cut(c.Type, ":")
		lines = append(lines, string(c.Op)+" "+kind+" "+name)
	}
	slices.Sort(lines)
	return lines
}

func (s *site) unchanged() {
	s.t.Helper()
	require.Empty(s.t, changed(s.up()), "a second deployment changes something")
}

// one is the id of the twin's only resource of a type whose logical name is name.
func (s *site) one(typ, name string) string {
	s.t.Helper()
	var found []string
	for _, r := range s.twin.Resources() {
		if r.Type == typ && strings.HasSuffix(r.URN, "::"+name) {
			found = append(found, r.ID)
		}
	}
	require.Len(s.t, found, 1, "%s %s", typ, name)
	return found[0]
}

func TestThePlatformsLife(t *testing.T) {
	s := newFiles(t, "dev")
	s.steps = true
	s.start()

	planned, err := s.engine.Preview(t.Context(), nil)
	require.NoError(t, err)
	made := s.up()
	assert.Equal(t, changed(planned), changed(made), "the preview shows exactly what up does")
	assert.Greater(t, len(made.Changes), 150)
	assert.Empty(t, made.Problems)
	s.unchanged()

	t.Run("a restart of the twin loses nothing", func(t *testing.T) {
		s.restart()
		s.unchanged()
	})
	t.Run("a setting is updated in place", func(t *testing.T) {
		s.set(`web: {release: web.sh, maxSize: 5}`)
		assert.Equal(t, []string{
			"update autoscaling/group:Group dev-web",
			"update cloudwatch/dashboard:Dashboard dev",
			"update cloudwatch/metricAlarm:MetricAlarm dev-web-ceiling",
		}, changed(s.up()))
	})
	t.Run("a new build is a new template version, of its own tier only", func(t *testing.T) {
		require.NoError(t, os.WriteFile(filepath.Join(s.project.Root, "web.sh"), []byte("#!/bin/sh\n# web 2\n"), 0o755))
		did := changed(s.up())
		assert.Contains(t, did, "update ec2/launchTemplate:LaunchTemplate dev-web")
		assert.Contains(t, did, "update autoscaling/group:Group dev-web")
		for _, line := range did {
			assert.Contains(t, line, "dev-web", "the app tier has nothing to do with it")
		}
		assert.Contains(t, did, "replace s3/bucketObjectv2:BucketObjectv2 dev-web")
		assert.NotContains(t, did, "replace autoscaling/group:Group dev-web")
		s.unchanged()
	})
	// Pain 18: subnets laid out again.
	t.Run("a third zone moves nothing", func(t *testing.T) {
		s.set(`web: {release: web.sh, maxSize: 5}`, `network: {cidr: 10.40.0.0/16, zones: 3}`)
		did := changed(s.up())
		assert.Contains(t, did, "create ec2/subnet:Subnet dev-network-data-c")
		for _, line := range did {
			assert.NotRegexp(t, "^(replace|delete) ", line)
		}
	})
	t.Run("drift is seen and repaired", func(t *testing.T) {
		rule := s.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "dev-edge-to-web-8443")
		require.NoError(t, s.twin.Remove("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", rule))
		group := s.one("aws:autoscaling/group:Group", "dev-app")
		require.NoError(t, s.twin.Alter("aws:autoscaling/group:Group", group, map[string]any{"maxSize": 20}))

		_, err := s.engine.Refresh(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, []string{
			"create vpc/securityGroupIngressRule:SecurityGroupIngressRule dev-edge-to-web-8443",
			"update autoscaling/group:Group dev-app",
		}, changed(s.up()))
		s.unchanged()
	})
	t.Run("it is taken down to nothing", func(t *testing.T) {
		_, err := s.engine.Destroy(t.Context(), nil)
		require.NoError(t, err)
		assert.Empty(t, s.twin.Resources())
	})
}

func TestBadSettingsRegisterNothing(t *testing.T) {
	s := newSite(t, "dev")
	s.set(`web: {release: web.sh, minSize: 9, maxSize: 2}`, `database: {version: "16.4"}`)
	outcome, err := s.engine.Up(t.Context(), nil)
	require.Error(t, err)
	assert.Empty(t, s.twin.Resources())
	var said []string
	for _, p := range outcome.Problems {
		said = append(said, p.Message)
	}
	text := strings.Join(said, "\n") + err.Error()
	assert.Contains(t, text, "Pulumi.dev.yaml: web.maxSize (line 8)")
	assert.Contains(t, text, "Pulumi.dev.yaml: database.version (line 9)")
}
