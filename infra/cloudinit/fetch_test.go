package cloudinit

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// machine is a folder in place of an instance's root: the fetch script runs as it is, with the paths of
// its release and its console moved there, and with an aws command that reads a file.
type machine struct {
	t       *testing.T
	root    string
	service Service
}

// newMachine's aws command fails as often as the file "failures" says and then copies the file "object".
func newMachine(t *testing.T) machine {
	t.Helper()
	m := machine{t: t, root: t.TempDir(), service: web()}
	m.write("object", "test", 0o644)
	m.write("failures", "0", 0o644)
	m.write("bin/aws", `#!/bin/bash
cd "$(dirname "$0")/.."
echo "$*" >>calls
left=$(<failures)
if ((left > 0)); then echo $((left - 1)) >failures; echo 'fatal error: Could not connect to the endpoint' >&2; exit 1; fi
cp object "${@: -1}"
`, 0o755)
	m.write("bin/sleep", "#!/bin/bash\necho \"$1\" >>\"$(dirname \"$0\")/../sleeps\"\n", 0o755)
	return m
}

func (m machine) path(name string) string { return filepath.Join(m.root, name) }

func (m machine) write(name, content string, mode os.FileMode) {
	m.t.Helper()
	require.NoError(m.t, os.MkdirAll(filepath.Dir(m.path(name)), 0o755))
	require.NoError(m.t, os.WriteFile(m.path(name), []byte(content), mode))
}

func (m machine) read(name string) string {
	data, _ := os.ReadFile(m.path(name))
	return string(data)
}

// fetch runs the script and returns what it said, which the console must have too.
func (m machine) fetch(edits ...string) (string, error) {
	m.t.Helper()
	script := render(m.t, m.service).Files["/opt/causeway/bin/fetch-web"].Content
	edits = append(edits, "/opt/causeway", m.path("opt/causeway"), "tee /dev/console", "tee "+m.path("console"))
	m.write("fetch", strings.NewReplacer(edits...).Replace(script), 0o755)
	command := exec.Command("/bin/bash", "-c", "umask 0077; exec "+m.path("fetch")) // the unit's umask
	command.Env = append(os.Environ(), "PATH="+m.path("bin")+":/usr/bin:/bin")
	out, err := command.CombinedOutput()
	if last := lastLine(string(out)); last != "" {
		assert.Equal(m.t, last, lastLine(m.read("console")))
	}
	return string(out), err
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

// What the program is told is not for AWS's tools, which are in Python too.
func TestTheProgramsVariablesAreItsOwn(t *testing.T) {
	m := newMachine(t)
	m.write("bin/aws", "#!/bin/bash\ncd \"$(dirname \"$0\")/..\"\nenv >told\ncp object \"${@: -1}\"\n", 0o755)
	m.service.Environment = map[string]string{"PYTHONPATH": "lib", "AWS_PROFILE": "shop", "https_proxy": "http://p", "GREETING": "hello"}
	for name, value := range m.service.Environment {
		t.Setenv(name, value)
	}
	_, err := m.fetch()
	require.NoError(t, err)
	for _, name := range []string{"PYTHONPATH", "AWS_PROFILE", "https_proxy"} {
		assert.NotContains(t, m.read("told"), name+"=")
	}
	assert.Contains(t, m.read("told"), "GREETING=hello")
}

const installed = "opt/causeway/releases/" + hash + "/web"

func TestScriptsAreBash(t *testing.T) {
	for _, s := range []Service{web(), app()} {
		script := render(t, s).Files["/opt/causeway/bin/fetch-"+s.Name].Content
		command := exec.Command("/bin/bash", "-n")
		command.Stdin = strings.NewReader(script)
		out, err := command.CombinedOutput()
		assert.NoError(t, err, string(out))
	}
}

func TestFetchInstallsTheRelease(t *testing.T) {
	m := newMachine(t)
	out, err := m.fetch()
	require.NoError(t, err, out)
	assert.Equal(t, "web: installed release "+hash+"\n", out)
	assert.Equal(t, "test", m.read("opt/causeway/current/web"), "the unit runs what current points at")
	for _, path := range []string{installed, filepath.Dir(installed), "opt/causeway/releases", "opt/causeway"} {
		info, err := os.Stat(m.path(path))
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o755), info.Mode().Perm(), "the service's user may run %s, whatever the unit's umask", path)
	}
	calls := m.read("calls")
	assert.True(t, strings.HasPrefix(calls, "s3 cp --only-show-errors --region eu-west-1 s3://releases-1a2b/releases/"+hash+" "), calls)

	out, err = m.fetch()
	require.NoError(t, err, out)
	assert.Equal(t, calls, m.read("calls"), "a restart needs no network")
}

func TestFetchReplacesADamagedRelease(t *testing.T) {
	m := newMachine(t)
	m.write(installed, "half a fi", 0o755)
	out, err := m.fetch()
	require.NoError(t, err, out)
	assert.Equal(t, "test", m.read(installed))
}

func TestFetchSurvivesFailures(t *testing.T) {
	m := newMachine(t)
	m.write("failures", "7", 0o644)
	out, err := m.fetch()
	require.NoError(t, err, out)
	assert.Contains(t, out, "web: cannot fetch s3://releases-1a2b/releases/"+hash+": fatal error: Could not connect to the endpoint\n")
	assert.Equal(t, "1\n2\n4\n8\n16\n30\n30\n", m.read("sleeps"))
	assert.Equal(t, "test", m.read("opt/causeway/current/web"))
}

func TestFetchRefusesAnotherFile(t *testing.T) {
	m := newMachine(t)
	m.write("object", "not the test", 0o644)
	require.NoError(t, os.Remove(m.path("bin/sleep")))
	out, err := m.fetch("deadline=300", "deadline=1")
	require.Error(t, err)
	assert.Contains(t, out, "web: refusing s3://releases-1a2b/releases/"+hash+": its SHA-256 is ")
	assert.Contains(t, out, "and should be "+hash)
	assert.Contains(t, lastLine(out), "s; systemd starts over", "it says that it stops, and that it is not the end")
	left, err := filepath.Glob(m.path("opt/causeway/releases/" + hash + "/*"))
	require.NoError(t, err)
	assert.Empty(t, left, "nothing of the other file stays")
	assert.NoFileExists(t, m.path("opt/causeway/current"))
}

func TestFetchPointsCurrentAtTheNewRelease(t *testing.T) {
	m := newMachine(t)
	_, err := m.fetch()
	require.NoError(t, err)
	const other = "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9" // of "bar"
	m.write("object", "bar", 0o644)
	m.service.Release.SHA256, m.service.Release.Key = other, "releases/"+other
	out, err := m.fetch()
	require.NoError(t, err, out)
	assert.Equal(t, "bar", m.read("opt/causeway/current/web"))
	assert.Equal(t, "test", m.read(installed), "the release before stays whole")
}

func TestFetchQuotesTheKey(t *testing.T) {
	m := newMachine(t)
	m.service.Release.Key = "it's/(a)*key"
	out, err := m.fetch()
	require.NoError(t, err, out)
	assert.Contains(t, m.read("calls"), " s3://releases-1a2b/it's/(a)*key ")
}
