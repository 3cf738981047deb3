package controls

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/userdata"
)

// othersRun is what a server of this project's is told to run beside the release that it checks, "" if that is nothing. The world is
// closed: files, keys of units and programs are those that a server is set up with, or are named here.
func othersRun(v *view, _ *graph.Resource, told userdata.Data) string {
	if !v.ours {
		return ""
	}
	b := booted{v, told}
	for _, f := range told.Files {
		if found := b.place(f); found != "" {
			return "its user data writes " + f.Path + ", " + found
		}
	}
	executed := map[string]bool{}
	for _, u := range told.Units {
		for _, s := range u.Settings {
			if found := b.setting(u, s[0], s[1], s[2]); found != "" {
				return fmt.Sprintf("its user data has %s say %s=%s, %s", u.Path, s[1], shortened(s[2]), found)
			}
			executed[s[2]] = executed[s[2]] || strings.HasPrefix(s[1], "Exec")
		}
	}
	for _, command := range told.Commands {
		if executed[command] {
			continue
		}
		if found := b.script(command, nil); found != "" {
			return "its user data runs " + found
		}
	}
	return b.elsewhere()
}

type booted struct {
	v    *view
	told userdata.Data
}

// places are where a server's files are, and what must not be in them.
var places = []struct {
	at      *regexp.Regexp
	refuses func(b booted, f userdata.File) string
}{
	{regexp.MustCompile(`^/opt/causeway/bin/[a-z0-9-]+$`), nil}, // judged as a script
	{regexp.MustCompile(`^/etc/systemd/system/([\w@.-]+|[\w@.-]+\.d/[\w.-]+\.conf)$`), nil},
	{regexp.MustCompile(`^/etc/causeway/[\w.-]+\.env$`), booted.environment},
	{regexp.MustCompile(`^/etc/causeway/logs\.json$`), booted.agent},
	{regexp.MustCompile(`^/etc/causeway/nginx\.conf$`), onlyLines(terminating)},
	{regexp.MustCompile(`^/etc/logrotate\.d/causeway$`), onlyLines(rotating)},
	{regexp.MustCompile(`^/var/log/causeway/[\w.-]+$`), onlyLines(regexp.MustCompile(`^$`))},
}

// place is why a file must not be there, or not say what it does.
func (b booted) place(f userdata.File) string {
	if f.Source != "" {
		return "which comes from " + f.Source
	}
	for _, element := range userdata.List(b.told.Config["write_files"]) {
		file, _ := element.(map[string]any)
		if mode := fmt.Sprint(file["permissions"]); file["path"] == f.Path && file["permissions"] != nil && !closedMode.MatchString(mode) {
			return "which others than root may write: " + mode
		}
	}
	for _, p := range places {
		if p.at.MatchString(f.Path) {
			if p.refuses == nil {
				return ""
			}
			return p.refuses(b, f)
		}
	}
	return "and what reads that is not known"
}

var closedMode = regexp.MustCompile(`^0?[0-7][0145][0145]$`)

// onlyLines refuses a file with a line of another form.
func onlyLines(of *regexp.Regexp) func(booted, userdata.File) string {
	return func(_ booted, f userdata.File) string {
		for _, line := range userdata.Lines(f.Content) {
			if line = strings.TrimSpace(line); !of.MatchString(line) {
				return "and what it does by this is not known: " + shortened(line)
			}
		}
		return ""
	}
}

var (
	rotating = regexp.MustCompile(`^(/var/log/causeway/[\w.-]+ \{|\}|(size|maxsize|rotate) \d+[kMG]?|copytruncate|missingok|notifempty|` +
		`daily|hourly|weekly|(delay)?compress|dateext)$`)
	// terminating is nginx that passes everything on to the same server.
	terminating = regexp.MustCompile(`^(\}|"" "";|default upgrade;|(events|http|server|location /|upstream program) \{|` +
		`map \$http_upgrade \$connection_upgrade \{|server 127\.0\.0\.1:\d+;|(proxy_pass http|grpc_pass grpc)://program;|` +
		`(daemon|worker_\w+|access_log off|server_tokens|keepalive\w*|client_(max|header|body_timeout)\w*|send_timeout|listen|` +
		`large_client_header_buffers|ssl_(protocols|session_tickets)|proxy_(http_version|redirect off|buffering|request_buffering|` +
		`\w+_timeout)|grpc_\w+_timeout)\b[^;{}]*;|(proxy|grpc)_set_header (Host \$http_host|Upgrade \$http_upgrade|` +
		`Connection \$connection_upgrade);|(pid|ssl_certificate|ssl_certificate_key|\w+_temp_path) /tmp/[\w./-]+;|error_log stderr \w+;)$`)
)

var (
	// steering are the variables by which a program loads code that is in no file, and asking those by which it asks somebody else.
	steering = regexp.MustCompile(`^(BASH_ENV|PERL5OPT|RUBYOPT|DOCKER_HOST)$`)
	asking   = regexp.MustCompile(`^((?i:https?|all|ftp)_(?i:proxy)|AWS_ENDPOINT_URL\w*)$`)
	inline   = regexp.MustCompile(`\bdata:|--inspect`)
)

func (b booted) environment(f userdata.File) string {
	for _, line := range userdata.Lines(f.Content) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		name = strings.TrimPrefix(name, "export ")
		if steering.MatchString(name) || asking.MatchString(name) && len(b.v.strangersIn(value)) > 0 ||
			strings.HasSuffix(name, "_OPTIONS") && inline.MatchString(value) {
			return "in which " + name + " has programs load code, or ask somebody else"
		}
	}
	return ""
}

// agentKeys are the keys of the agent's configuration by which it reads files and sends them to groups of logs.
var agentKeys = words("logs logs_collected files collect_list file_path log_group_name log_stream_name timezone")

func (b booted) agent(f userdata.File) string {
	var read any
	if err := json.Unmarshal([]byte(f.Content), &read); err != nil {
		return "which is no JSON"
	}
	return strange(read)
}

func strange(value any) string {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			if found := strange(element); found != "" {
				return found
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if path, _ := v[key].(string); !agentKeys[key] || key == "file_path" && !strings.HasPrefix(path, "/var/log/") {
				return fmt.Sprintf("in which %s: %v has the agent do what is not known", key, v[key])
			}
			if found := strange(v[key]); found != "" {
				return found
			}
		}
	}
	return ""
}

// elsewhere is what other keys of the cloud-config lead servers to.
func (b booted) elsewhere() string {
	config := b.told.Config
	for _, key := range []string{"datasource", "datasource_list", "rsyslog", "locale_configfile", "mounts", "fs_setup", "disk_setup"} {
		if config[key] != nil {
			return "its user data has " + key + ", which leads servers to others, or is not needed"
		}
	}
	for _, of := range []string{"servers", "pools", "peers"} {
		ntp, _ := config["ntp"].(map[string]any)
		for _, server := range userdata.List(ntp[of]) {
			if name := fmt.Sprint(server); !strings.HasPrefix(name, "169.254.") && !strings.HasSuffix(name, ".amazon.pool.ntp.org") {
				return "its user data has servers take the time from " + name
			}
		}
	}
	return ""
}
