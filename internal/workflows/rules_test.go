package workflows

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const folder = "../../.github"

func read(t *testing.T, path string) string {
	b, err := os.ReadFile(filepath.Join(folder, path))
	require.NoError(t, err)
	return string(b)
}

func TestThePipelineKeepsItsRules(t *testing.T) {
	files, err := filepath.Glob(folder + "/workflows/*")
	require.NoError(t, err)
	actions, err := filepath.Glob(folder + "/actions/*/action.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 6)
	require.NotEmpty(t, actions)
	for _, file := range append(files, actions...) {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Empty(t, Check(filepath.Base(file), b))
		assert.Equal(t, ".yaml", filepath.Ext(file), "the linter reads *.yaml")
	}
}

const commenters = "    permissions:\n      contents: read\n      actions: read\n      pull-requests: write\n      security-events: write\n"

// Each rule is broken once in the real workflow that it guards.
func TestEachRuleRefusesItsMutant(t *testing.T) {
	for name, c := range map[string]struct{ file, old, new, want string }{
		"a tag for a commit": {"workflows/test.yaml", "checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2",
			"checkout@v6", "not pinned"},
		"a short commit": {"workflows/test.yaml", "checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd",
			"checkout@de0fac2", "not pinned"},
		"a branch in a composite action": {"actions/cloud/action.yaml", "actions@8e5e406f4007fca908480587cb9893c07090f58d # v7.0.0",
			"actions@main", "not pinned"},
		"a workflow of others, by tag": {"workflows/deploy.yaml", "uses: ./.github/workflows/test.yaml",
			"uses: o/r/.github/workflows/test.yaml@v1", "not pinned"},
		"no version beside the commit": {"workflows/test.yaml", " # v6.0.2", "", "no version"},
		"a major version only":         {"workflows/test.yaml", " # v6.0.2", " # v6", "no version"},
		"no permissions":               {"workflows/test.yaml", "permissions:\n  contents: read\n", "", "permissions are missing"},
		"all permissions": {"workflows/test.yaml", "permissions:\n  contents: read\n", "permissions: write-all\n",
			"permissions at the top"},
		"more at the top": {"workflows/preview.yaml", "permissions:\n  contents: read\n",
			"permissions:\n  contents: read\n  issues: write\n", "permissions at the top"},
		"writing contents": {"workflows/comment.yaml", "      contents: read\n", "      contents: write\n",
			"permission contents: write"},
		"all permissions of a job": {"workflows/comment.yaml", commenters, "    permissions: write-all\n", "give everything"},
		"an identity and a pen": {"workflows/preview.yaml", "      id-token: write\n",
			"      id-token: write\n      pull-requests: write\n", "split it in two"},
		"pull_request_target": {"workflows/preview.yaml", "on:\n  pull_request:\n", "on:\n  pull_request_target:\n",
			"pull_request_target"},
		"pull_request_target in a list": {"workflows/preview.yaml", "on:\n  pull_request:\n", "on: [push, pull_request_target]\n",
			"pull_request_target"},
		"checking out after workflow_run": {"workflows/comment.yaml", "          persist-credentials: false\n",
			"          persist-credentials: false\n          ref: ${{ github.event.workflow_run.head_sha }}\n", "what a stranger wrote"},
		"no shell": {"workflows/drift.yaml", "    shell: bash\n", "    shell: sh\n", "defaults.run.shell"},
		"an identity without environment": {"workflows/preview.yaml", "    environment: ${{ matrix.stack }}-preview\n", "",
			"no environment"},
		"a secret without environment": {"workflows/test.yaml", "      - run: .ci/run\n",
			"      - run: .ci/run\n        env:\n          T: ${{ secrets.T }}\n", "no environment"},
		"secrets passed on": {"workflows/deploy.yaml", "uses: ./.github/workflows/test.yaml\n",
			"uses: ./.github/workflows/test.yaml\n    secrets: inherit\n", "passes secrets on"},
		"no timeout": {"workflows/test.yaml", "    timeout-minutes: 60\n", "", "no timeout-minutes"},
		"a job longer than its credentials": {"workflows/deploy.yaml", "timeout-minutes: 115", "timeout-minutes: 121",
			"may run for 121 minutes"},
		"a session that is too short": {"actions/cloud/action.yaml", "role-duration-seconds: 7200", "role-duration-seconds: 3600",
			"role-duration-seconds must be 7200"},
		"a long-lived key": {"actions/cloud/action.yaml", "        role-duration-seconds: 7200\n",
			"        role-duration-seconds: 7200\n        aws-access-key-id: x\n", "long-lived key"},
		"an up without concurrency": {"workflows/deploy.yaml",
			"    concurrency:\n      group: stack-dev\n      cancel-in-progress: false\n", "", "job dev changes a stack"},
		"an up that is cancelled": {"workflows/deploy.yaml", "      group: stack-prod\n      cancel-in-progress: false\n",
			"      group: stack-prod\n      cancel-in-progress: true\n", "job prod changes a stack"},
		"a recovery beside an up": {"workflows/recover.yaml",
			"    concurrency:\n      group: stack-${{ inputs.stack }}\n      cancel-in-progress: false\n", "",
			"job recover changes a stack"},
		"a workflow that is cancelled": {"workflows/deploy.yaml", "jobs:\n",
			"concurrency:\n  group: deploy\n  cancel-in-progress: true\njobs:\n", "would cut off job dev"},
		"an up that is killed": {"workflows/deploy.yaml", "timeout --foreground --signal=INT --kill-after=10m 90m",
			"timeout 90m", "strands its lock"},
		"a refresh that is kept": {"workflows/drift.yaml", "--preview-only ", "", "rewrites the state"},
		"a branch's name in a script": {"workflows/preview.yaml", "run: make build", "run: make build ${{ github.head_ref }}",
			"pass it by env"},
		"a title in a composite action": {"actions/cloud/action.yaml", "    - uses: pulumi/actions@",
			"    - run: echo ${{ github.event.pull_request.title }}\n      shell: bash\n    - uses: pulumi/actions@", "pass it by env"},
		"a token that stays": {"workflows/test.yaml", "          persist-credentials: false\n", "          fetch-depth: 0\n",
			"persist-credentials"},
		"a cache under an identity": {"actions/cloud/action.yaml", "        cache: false\n", "        cache: true\n",
			"cache: false"},
		"a cache beside a pen": {"workflows/comment.yaml", "          cache: false\n", "", "cache: false"},
		"another cache under an identity": {"actions/cloud/action.yaml", "    - uses: pulumi/actions@",
			"    - uses: actions/cache@0057852bfaa89a56745cba8c7296529d2fc39830 # v4.3.0\n    - uses: pulumi/actions@",
			"must not use a cache"},
		"secrets shown": {"workflows/deploy.yaml", "stack export --stack prod >",
			"stack export --show-secrets --stack prod >", "--show-secrets can print"},
		"the engine's traffic logged": {"workflows/drift.yaml", "      STACK: ${{ matrix.stack }}\n",
			"      STACK: ${{ matrix.stack }}\n      PULUMI_DEBUG_GRPC: log.json\n", "PULUMI_DEBUG_GRPC can print"},
		"the provider's log": {"workflows/preview.yaml", "      STACK: ${{ matrix.stack }}\n",
			"      STACK: ${{ matrix.stack }}\n      TF_LOG: debug\n", "TF_LOG can print"},
	} {
		t.Run(name, func(t *testing.T) {
			text := read(t, c.file)
			require.Contains(t, text, c.old, "the mutation has nothing to change")
			found := Check(c.file, []byte(strings.Replace(text, c.old, c.new, 1)))
			assert.Contains(t, strings.Join(found, "\n"), c.want)
		})
	}
}

func TestWhatCannotBeReadIsNotSafe(t *testing.T) {
	assert.NotEmpty(t, Check("empty", nil))
	assert.NotEmpty(t, Check("broken", []byte("a: [")))
}

// One action has one version everywhere: Dependabot moves them together, and a person who pins by hand
// must too.
func TestAnActionHasOneVersion(t *testing.T) {
	pins := map[string]string{}
	files, err := filepath.Glob(folder + "/*/*.yaml")
	require.NoError(t, err)
	nested, err := filepath.Glob(folder + "/*/*/*.yaml")
	require.NoError(t, err)
	uses := regexp.MustCompile(`uses: ([\w./-]+)@(\S+ # \S+)`)
	for _, file := range append(files, nested...) {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range uses.FindAllStringSubmatch(string(b), -1) {
			if pins[m[1]] == "" {
				pins[m[1]] = m[2]
			}
			assert.Equal(t, pins[m[1]], m[2], "%s in %s", m[1], file)
		}
	}
	assert.GreaterOrEqual(t, len(pins), 6)
}

// The engine that deploys is of the release that the program and the twin are built with.
func TestPulumiIsTheProgramsRelease(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	sdk := regexp.MustCompile(`github\.com/pulumi/pulumi/sdk/v3 v(\S+)`).FindStringSubmatch(string(mod))
	require.NotNil(t, sdk)
	assert.Contains(t, read(t, "actions/cloud/action.yaml"), "pulumi-version: "+sdk[1]+"\n")
}
