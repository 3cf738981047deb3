package cloudinit

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

var update = flag.Bool("update", false, "write testdata/*.yaml")

const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" // of "test"

func web() Service {
	return Service{
		Name: "web", Command: []string{"web"}, Port: 8443, LogGroup: "/causeway/prod/web",
		Release:     Release{Bucket: "releases-1a2b", Key: "releases/" + hash, SHA256: hash, Region: "eu-west-1"},
		Environment: map[string]string{"APP_URL": "https://app.example.com"},
	}
}

func app() Service {
	s := web()
	s.Name, s.Command, s.Port, s.LogGroup = "app", []string{"app", "it's 100% $HOME \"quoted\" \\"}, 9443, ""
	s.Before, s.Once = []string{"migrate"}, s.Release
	s.Environment = map[string]string{
		"DATABASE_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1a2b-AbCdEf",
		"GREETING":            "it's \"quoted\", costs $5, has a `tick`, a \\ and an é",
		"LISTEN_ADDRESS":      "127.0.0.1:9443",
		"EMPTY":               "",
	}
	return s
}

// plain is a service that speaks HTTP, with nginx in front of it.
func plain() Service {
	s := web()
	s.Name, s.HTTPPort = "plain", 8080
	return s
}

// mail is a job that is run every night.
func mail() Service {
	s := web()
	s.Name, s.Command, s.Port, s.Schedule, s.DoneGroup = "mail", nil, 0, "*-*-* 03:30:00", "/causeway/prod/mail-done"
	return s
}

func call() Service {
	s := plain()
	s.Name, s.HTTP2, s.GRPC, s.LogGroup = "call", true, true, ""
	return s
}

func image() Service {
	s := web()
	s.Name, s.Command, s.Release = "image", []string{"serve", "a b"}, Release{Region: "eu-west-1"}
	s.Container = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web@sha256:" + hash
	s.Before, s.Once = []string{"migrate"}, web().Release
	return s
}

// rendered is the user data as cloud-init reads it.
type rendered struct {
	Files map[string]writtenFile
	Run   [][]string
}

func render(t *testing.T, s Service) rendered {
	t.Helper()
	text, err := s.Render()
	require.NoError(t, err)
	var config struct {
		WriteFiles []writtenFile `yaml:"write_files"`
		RunCommand [][]string    `yaml:"runcmd"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(text), &config))
	files := map[string]writtenFile{}
	for _, f := range config.WriteFiles {
		files[f.Path] = f
	}
	return rendered{Files: files, Run: config.RunCommand}
}

func TestGolden(t *testing.T) {
	for _, s := range []Service{web(), app(), plain(), call(), mail(), image()} {
		got, err := s.Render()
		require.NoError(t, err)
		golden := filepath.Join("testdata", s.Name+".yaml")
		if *update {
			require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		assert.Equal(t, string(want), got, "if this is meant, run: go test ./infra/cloudinit -update")
	}
}

func TestRenderIsReadByCloudInitAndFitsEC2(t *testing.T) {
	text, err := web().Render()
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(text, "#cloud-config\n"), "cloud-init tells the kind of user data by its first line")
	assert.Less(t, len(text), 10<<10, "leave room for a user's environment")
	again, err := web().Render()
	require.NoError(t, err)
	assert.Equal(t, text, again)

	s := web()
	s.Environment["LONG"] = strings.Repeat("x", Limit)
	_, err = s.Render()
	assert.ErrorContains(t, err, "EC2 takes 16384; shorten it by")
}

func TestFilesAreNoMoreOpenThanNeeded(t *testing.T) {
	files := render(t, web()).Files
	for path, want := range map[string]string{
		"/etc/causeway/web.env": "0640", "/opt/causeway/bin/fetch-web": "0755",
		"/etc/systemd/system/web.service": "0644", "/var/log/causeway/web.log": "0600",
	} {
		assert.Equal(t, want, files[path].Permissions, path)
	}
}

// What speaks HTTP is told so, and nobody but nginx has the key.
func TestAPlainServiceListensOnLocalhost(t *testing.T) {
	r := render(t, plain())
	env := r.Files["/etc/causeway/plain.env"].Content
	assert.Contains(t, env, `LISTEN_ADDRESS="127.0.0.1:8080"`)
	assert.Contains(t, env, `PORT="8080"`)
	unit := r.Files["/etc/systemd/system/plain-tls.service"].Content
	assert.Contains(t, unit, "User="+Terminator)
	assert.Contains(t, unit, "PrivateTmp=yes", "the key is there")
	assert.Contains(t, unit, "ProtectSystem=strict")
	assert.Contains(t, r.Run, []string{"systemctl", "enable", "--now", "--no-block", "plain-tls.service"})
	assert.NotContains(t, render(t, web()).Files["/etc/causeway/web.env"].Content, "PORT=")
}

// A job runs by the clock and not at boot, and tells its log of every run that did not fail, and of no other.
func TestAScheduledServiceRunsByItsTimer(t *testing.T) {
	r := render(t, mail())
	assert.Contains(t, r.Run, []string{"systemctl", "enable", "--now", "--no-block", "mail.timer"})
	assert.NotContains(t, r.Run, []string{"systemctl", "enable", "--now", "--no-block", "mail.service"})
	assert.Contains(t, r.Files["/etc/systemd/system/mail.timer"].Content, "OnCalendar=*-*-* 03:30:00 UTC\n")
	unit := r.Files["/etc/systemd/system/mail.service"].Content
	assert.Contains(t, unit, "Type=oneshot")
	assert.NotContains(t, unit, "Restart=")
	assert.Less(t, strings.Index(unit, "ExecStart=/opt/causeway/current/mail"), strings.Index(unit, "mail.done"))
	assert.Contains(t, r.Files["/etc/causeway/logs.json"].Content, "/causeway/prod/mail-done")
	assert.NotContains(t, r.Files["/etc/causeway/mail.env"].Content, "LISTEN_ADDRESS")
}

func TestWithoutALogGroupTheJournalKeepsTheLog(t *testing.T) {
	r := render(t, app())
	assert.Len(t, r.Files, 4)
	assert.NotContains(t, r.Files["/etc/systemd/system/app.service"].Content, "append:")
	assert.NotContains(t, r.Run, []string{"systemctl", "enable", "--now", "--no-block", logsUnit})
}

func TestTheServiceIsStartedBeforeItsLogIsShipped(t *testing.T) {
	var units []string
	for _, words := range render(t, web()).Run {
		if words[1] == "enable" {
			assert.Contains(t, words, "--no-block", "a service that waits for its release must not hold up the boot")
			units = append(units, words[len(words)-1])
		}
	}
	assert.Equal(t, []string{"web.service", logsUnit}, units)
}

func TestTheAgentSendsTheFileThatTheServiceWrites(t *testing.T) {
	files := render(t, web()).Files
	var agent struct {
		Logs struct {
			Collected struct {
				Files struct {
					List []struct {
						Path   string `json:"file_path"`
						Group  string `json:"log_group_name"`
						Stream string `json:"log_stream_name"`
					} `json:"collect_list"`
				} `json:"files"`
			} `json:"logs_collected"`
		} `json:"logs"`
	}
	require.NoError(t, json.Unmarshal([]byte(files["/etc/causeway/logs.json"].Content), &agent))
	first := agent.Logs.Collected.Files.List[0]
	assert.Equal(t, "/causeway/prod/web", first.Group)
	assert.Equal(t, "{instance_id}/web", first.Stream)
	assert.Contains(t, files["/etc/systemd/system/web.service"].Content, "StandardOutput=append:"+first.Path+"\n")
	assert.Contains(t, files, first.Path, "systemd opens the file before it makes any folder")
	assert.True(t, strings.HasPrefix(files["/etc/logrotate.d/causeway"].Content, first.Path+" {"))
}

// systemd and a shell read the environment file by the same rules; a shell is everywhere.
func TestTheEnvironmentReachesTheService(t *testing.T) {
	file := filepath.Join(t.TempDir(), "env")
	require.NoError(t, os.WriteFile(file, []byte(render(t, app()).Files["/etc/causeway/app.env"].Content), 0o600))
	out, err := exec.Command("env", "-i", "/bin/sh", "-c", `set -a; . "$1"; exec env -0`, "sh", file).Output()
	require.NoError(t, err)
	got := map[string]string{}
	for _, pair := range strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		name, value, _ := strings.Cut(pair, "=")
		got[name] = value
	}
	for name, value := range app().Environment {
		assert.Equal(t, value, got[name], name)
	}
	assert.Equal(t, "true", got["AWS_EC2_METADATA_V1_DISABLED"])
	assert.Equal(t, "127.0.0.1:9443", got["LISTEN_ADDRESS"], "what is given stays")
	assert.Contains(t, render(t, web()).Files["/etc/causeway/web.env"].Content, `LISTEN_ADDRESS=":8443"`)
	assert.Equal(t, hash[:12], got["RELEASE"])
}

// Each restriction is listed, so that none is lost unseen.
func TestTheUnitIsHardened(t *testing.T) {
	unit := render(t, web()).Files["/etc/systemd/system/web.service"].Content
	for _, line := range []string{
		"User=causeway", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "AmbientCapabilities=", "SystemCallFilter=@system-service",
		"SystemCallArchitectures=native", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "RestrictNamespaces=yes",
		"RestrictRealtime=yes", "RestrictSUIDSGID=yes", "LockPersonality=yes", "MemoryDenyWriteExecute=yes", "ProtectSystem=strict",
		"ProtectHome=yes", "PrivateDevices=yes", "PrivateTmp=yes", "ProtectKernelLogs=yes", "ProtectKernelModules=yes",
		"ProtectKernelTunables=yes", "ProtectControlGroups=yes", "UMask=0077", "Restart=always", "StartLimitIntervalSec=0",
		"LimitNOFILE=65536",
	} {
		assert.Contains(t, unit, "\n"+line+"\n")
	}
}

// Each restriction of a container is listed, so that none is lost unseen; and it is told what an executable is.
func TestTheContainerIsHeld(t *testing.T) {
	files := render(t, image()).Files
	unit := files["/etc/systemd/system/image.service"].Content
	_, start, found := strings.Cut(unit, "\nExecStart=")
	require.True(t, found)
	start, _, _ = strings.Cut(start, "\n")
	for _, option := range []string{"--read-only", "--user 65532:65532", "--cap-drop ALL", "--security-opt no-new-privileges",
		"--pids-limit 4096", "--ulimit nofile=65536", "--pull never", "--name image",
		"--env APP_URL", "--env LISTEN_ADDRESS", "--env RELEASE"} {
		assert.Contains(t, start, " "+option+" ")
	}
	assert.True(t, strings.HasSuffix(start, image().Container+` "serve" "a b"`), start)
	assert.NotContains(t, start, "https://app.example.com", "a value is no argument, which everybody on the server could read")
	assert.NotContains(t, start, "--privileged")
	assert.Contains(t, files["/opt/causeway/bin/fetch-image"].Content, "docker login --username AWS --password-stdin 123456789012.dkr.ecr.")
	public := image()
	public.Container = "public.ecr.aws/nginx/nginx@sha256:" + hash
	assert.NotContains(t, render(t, public).Files["/opt/causeway/bin/fetch-image"].Content, "login")
}

func TestSystemdAcceptsTheUnits(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("NOT TESTED: systemd-analyze is not on PATH; install systemd to check the units")
	}
	for _, s := range []Service{web(), app(), image()} {
		// systemd looks for what a unit runs, below the root that it is given.
		root := t.TempDir()
		programs := []string{"/opt/causeway/current/" + s.Name, "/opt/causeway/before/before", "/bin/sh", "/usr/bin/docker",
			"/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"}
		for _, path := range programs {
			install(t, root, writtenFile{Path: path, Permissions: "0755", Content: "#!/bin/sh\n"})
		}
		for _, unit := range []string{"sysinit.target", "basic.target", "shutdown.target", "network-online.target", "multi-user.target"} {
			install(t, root, writtenFile{Path: "/etc/systemd/system/" + unit, Permissions: "0644", Content: "[Unit]\nDescription=x\n"})
		}
		units := []string{"verify", "--root=" + root, "--man=no", "--recursive-errors=yes"}
		for path, f := range render(t, s).Files {
			install(t, root, f)
			if strings.HasSuffix(path, ".service") {
				units = append(units, path)
			}
		}
		out, err := exec.Command(analyze, units...).CombinedOutput()
		assert.NoError(t, err, string(out))
		assert.Empty(t, string(out))
	}
}

func install(t *testing.T, root string, f writtenFile) {
	t.Helper()
	path := filepath.Join(root, f.Path)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	mode := os.FileMode(0o644)
	if f.Permissions == "0755" {
		mode = 0o755
	}
	require.NoError(t, os.WriteFile(path, []byte(f.Content), mode))
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		change func(*Service)
		want   string
	}{
		{func(s *Service) { s.Name = "Web" }, `name: "Web" cannot name a service`},
		{func(s *Service) { s.Name = "causeway-logs" }, "cannot name a service"},
		{func(s *Service) { s.Name = "before" }, "cannot name a service"},
		{func(s *Service) { s.Container = "registry.example.com/web:1.2" }, "container: \"registry.example.com/web:1.2\" names no image"},
		{func(s *Service) { s.Before, s.Once = []string{"a\nb"}, s.Release }, "before[0]:"},
		{func(s *Service) { s.Before = []string{"migrate"} }, "release.sha256:"},
		{func(s *Service) { s.Command = []string{"web", "a\nb"} }, "command[1]:"},
		{func(s *Service) { s.Port = 443 }, "port: 443 cannot be listened on; write 1024 to 65535"},
		{func(s *Service) { s.Schedule = "tonight" }, `schedule: "tonight" is not when to run`},
		{func(s *Service) { s.Port, s.HTTPPort = 0, 8080 }, "httpPort: nobody would reach it; write port too"},
		{func(s *Service) { s.HTTPPort = 80 }, "httpPort: 80 cannot be listened on; write 1024 to 65535"},
		{func(s *Service) { s.HTTPPort = 8443 }, "httpPort: 8443 is where nginx speaks TLS"},
		{func(s *Service) { s.LogGroup = "my group" }, `logGroup: "my group"`},
		{func(s *Service) { s.Release.Bucket = "s3://bucket" }, "without s3://"},
		{func(s *Service) { s.Release.Key = "/releases/x" }, "release.key:"},
		{func(s *Service) { s.Release.Key = "releases/$(id)" }, "release.key:"},
		{func(s *Service) { s.Release.SHA256 = strings.ToUpper(hash) }, "is not a SHA-256"},
		{func(s *Service) { s.Release.Region = "ireland" }, "write one such as eu-west-1"},
		{func(s *Service) { s.Environment["1X"] = "" }, `"1X" cannot name a variable`},
		{func(s *Service) { s.Environment["X"] = "a\nExecStart=/bin/sh" }, "environment.X: its value has a line break"},
		{func(s *Service) { s.Environment["X"] = "a\x00" }, "environment.X"},
		{func(s *Service) { s.Environment["X"] = "\xff" }, "environment.X"},
		{func(s *Service) { s.Environment["DB_PASSWORD"] = "hunter2" }, "environment.DB_PASSWORD: user data can be read"},
		{func(s *Service) { s.Environment["API_TOKEN"] = "hunter2" }, "as API_TOKEN_ARN"},
		{func(s *Service) { s.Environment["URL"] = "postgres://master:hunter2@db/x" }, "environment.URL: user data"},
		{func(s *Service) { s.Environment["X"] = "AKIAIOSFODNN7EXAMPLE" }, "environment.X: user data"},
	} {
		s := web()
		c.change(&s)
		if _, err := s.Render(); assert.ErrorContains(t, err, c.want) {
			assert.NotContains(t, err.Error(), "hunter2", "an error never shows a secret")
		}
	}
	bad := Service{}
	for _, where := range []string{"name:", "release.bucket:", "release.key:", "release.sha256:", "release.region:"} {
		assert.ErrorContains(t, bad.Validate(), where, "everything wrong is named at once")
	}
	for _, name := range []string{"TOKENIZER", "DATABASE_SECRET_ARN", "TOKEN_URL", "SECRET_FILE"} {
		s := web()
		s.Environment[name] = "x"
		assert.NoError(t, s.Validate(), name)
	}
}
