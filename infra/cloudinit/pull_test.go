package cloudinit

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pull runs the script that pulls an image, with commands that note how they are called. Docker fails as often as the file
// "failures" says.
func pull(t *testing.T, s Service) (machine, string) {
	t.Helper()
	m := newMachine(t)
	note := "#!/bin/bash\ncd \"$(dirname \"$0\")/..\"\necho \"${0##*/} $*\" >>calls\n"
	m.write("bin/rpm", note+"exit 1\n", 0o755)
	m.write("bin/dnf", note, 0o755)
	m.write("bin/systemctl", note, 0o755)
	m.write("bin/aws", note+"echo the-password\n", 0o755)
	m.write("bin/docker", note+`case $1 in
image) exit 1 ;;
login) [[ $(cat) = the-password ]] && touch "$DOCKER_CONFIG" ;;
pull)
  left=$(<failures)
  ((left == 0)) || { echo $((left - 1)) >failures; echo 'error: no such host' >&2; exit 1; } ;;
esac
`, 0o755)
	m.write("failures", "2", 0o644)
	script := render(t, s).Files["/opt/causeway/bin/fetch-image"].Content
	here := strings.NewReplacer("tee /dev/console", "tee "+m.path("console"), "/run/causeway-image", m.path("config"))
	m.write("pull", here.Replace(script), 0o755)
	command := exec.Command("/bin/bash", m.path("pull"))
	command.Env = []string{"PATH=" + m.path("bin") + ":/usr/bin:/bin"}
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.NoFileExists(t, m.path("config"), "a password stays on the server")
	return m, string(out)
}

func TestAnImageIsPulledWithTheRole(t *testing.T) {
	m, out := pull(t, image())
	calls := m.read("calls")
	assert.Contains(t, calls, "dnf --assumeyes install docker\n")
	assert.Contains(t, calls, "systemctl start docker.service\n")
	assert.Contains(t, calls, "aws ecr get-login-password --region eu-west-1\n")
	assert.Contains(t, calls, "docker login --username AWS --password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com\n")
	assert.Equal(t, 3, strings.Count(calls, "docker pull --quiet "+image().Container+"\n"), "it tries again")
	assert.Contains(t, out, "image: cannot pull "+image().Container+": error: no such host")
	assert.NotContains(t, calls+out, "the-password")
}

// A registry takes a password of its own region alone, and says of another no more than that the request is bad.
func TestAnImageOfAnotherRegion(t *testing.T) {
	s := image()
	s.Container = strings.Replace(s.Container, "eu-west-1", "us-east-1", 1)
	m, _ := pull(t, s)
	assert.Contains(t, m.read("calls"), "aws ecr get-login-password --region us-east-1\n")
}

func TestAnImageThatAnybodyMayPull(t *testing.T) {
	s := image()
	s.Container = "public.ecr.aws/nginx/nginx@sha256:" + hash
	m, _ := pull(t, s)
	assert.NotContains(t, m.read("calls"), "login")
}
