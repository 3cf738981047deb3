package machine

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// contained is a program that has nothing but itself.
const contained = `package main

import ("fmt"; "os"; "os/signal"; "syscall")

func main() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	there, _ := os.ReadDir("/")
	at, _ := os.Getwd()
	_, listed := os.Stat("/usr")
	fmt.Print("as ", os.Getuid(), " in ", at, " with ", len(there), listed != nil, os.Args[1:], " ")
	fmt.Println(os.Getenv("SAID"), os.Getenv("UNSAID"), os.Getenv("FROM"))
	resolver, _ := os.ReadFile("/etc/resolv.conf")
	fmt.Print("resolver ", len(resolver) > 0, " root ", os.WriteFile("/mine", nil, 0o600) != nil)
	fmt.Println(" tmp", os.WriteFile("/tmp/mine", nil, 0o600))
	<-end
	fmt.Println("BYE")
	os.Exit(3)
}
`

const runsContainer = `#cloud-config
write_files:
  - path: /etc/systemd/system/web.service
    content: |
      [Service]
      Environment=SAID=this UNSAID=that
      ExecStartPre=systemctl start docker.service
      ExecStartPre=-docker rm --force web
      ExecStartPre=docker pull --quiet example.com/web@sha256:1
      ExecStart=docker run --rm --pull never --network host --read-only --tmpfs /tmp:rw --user 65532:65532 --cap-drop ALL ` +
	`--ulimit nofile=4096 --name web --env SAID example.com/web@sha256:1 "serve it"
runcmd:
  - [systemctl, enable, --now, web.service]
`

// A container is its image's program with the image's files, the variables that it is given and no others.
func TestAContainerRunsInItsImage(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "main.go"), []byte(contained), 0o600))
	root := filepath.Join(folder, plan.ImageRoot)
	for _, name := range append(plan.ImageMounted, "srv", "bin") {
		require.NoError(t, os.MkdirAll(filepath.Join(root, name), 0o755))
	}
	for _, name := range plan.ImageLent {
		require.NoError(t, os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, name), nil, 0o644))
	}
	build := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(root, "bin/program"), filepath.Join(folder, "main.go"))
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	about, err := json.Marshal(plan.ImageConfig{Entrypoint: []string{"program"}, Cmd: []string{"nothing"}, WorkingDir: "/srv",
		Env: []string{"PATH=/sbin:/bin", "FROM=image"}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, plan.ImageConfigFile), about, 0o600))

	t.Setenv("TEST_IMAGE", folder)
	m := boot(t, runsContainer)
	m.says(t, "web.service: as 65532 in /srv with 6 true [serve it] this  image")
	m.says(t, "web.service: resolver true root true tmp <nil>")
	m.shutDown(t)
	assert.Contains(t, m.log.String(), "web.service: BYE", "it is told to end and may finish")
}

func TestAContainerWithoutAnImage(t *testing.T) {
	m := boot(t, runsContainer)
	m.says(t, "docker: the image is not on this computer: `causeway live status` says where it is looked for")
	m.shutDown(t)
}
