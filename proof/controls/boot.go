package controls

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/userdata"
)

// toldBy runs a check on what a template or an instance tells its servers.
func toldBy(then func(v *view, r *graph.Resource, told userdata.Data) string) check {
	return func(v *view, r *graph.Resource) outcome {
		told, known := userdata.Of(v.g, r)
		if !known {
			return unknown(r, "userData")
		}
		if found := then(v, r, told); found != "" {
			return broken("%s", found)
		}
		return holds()
	}
}

// harmlessModules are the keys of a cloud-config that let nobody in and load nothing from anywhere (cloud-init,
// "Module reference"). Users, files and commands are examined separately.
var harmlessModules = words(`users groups write_files runcmd bootcmd packages package_update package_upgrade
	package_reboot_if_required repo_update repo_upgrade timezone locale locale_configfile hostname fqdn preserve_hostname
	prefer_fqdn_over_hostname manage_etc_hosts swap mounts mount_default_fields growpart resize_rootfs disk_setup fs_setup
	device_aliases final_message output keyboard power_state ssh_deletekeys ssh_genkeytypes no_ssh_fingerprints disable_root
	disable_root_opts ssh_pwauth datasource datasource_list merge_how merge_type ntp rsyslog`)

// harmlessOfUsers are the keys of a user that give nobody a way in.
var harmlessOfUsers = words(`name gecos system no_create_home homedir shell primary_group groups uid lock_passwd inactive expiredate
	no_user_group no_log_init selinux_user create_groups`)

func words(text string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(text) {
		all[word] = true
	}
	return all
}

var (
	// keyFiles and keyCommands match what determines who may log in or become root.
	keyFiles    = regexp.MustCompile(`(^|/)authorized_keys2?$|^/etc/(ssh/|sudoers|passwd|shadow|g?shadow-?|group$|pam\.d/)`)
	keyCommands = regexp.MustCompile(`authorized_keys|ssh-import-id|\bchpasswd\b|\bpasswd\s+(-[a-z]+\s+)?[a-z]|` +
		`/etc/sudoers|/etc/ssh/sshd_config|` +
		`\b(useradd|usermod)\b[^\n]*\b(wheel|sudo|root|adm)\b|\buseradd\b[^\n]*\s-p|` +
		`systemctl[^\n]*\b(enable|start|restart|unmask)\b[^\n]*\bsshd?(\.service)?\b`)
)

// logsIn returns who is let in by what servers are told, "" if nobody is.
func logsIn(_ *view, _ *graph.Resource, told userdata.Data) string {
	for _, key := range []string{"ssh_authorized_keys", "ssh_keys", "ssh_import_id", "chpasswd", "password", "user"} {
		if told.Config[key] != nil {
			return "its user data has " + key
		}
	}
	if same(true, told.Config["ssh_pwauth"]) || same(false, told.Config["disable_root"]) {
		return "its user data lets people log in by a password, or as root"
	}
	for _, element := range userdata.List(told.Config["users"]) {
		user, ok := element.(map[string]any)
		if !ok {
			continue // the image's own user
		}
		for _, key := range slices.Sorted(maps.Keys(user)) {
			member := fmt.Sprint(user["groups"])
			switch {
			case !harmlessOfUsers[key]:
				return fmt.Sprintf("its user data gives the user %v %s", user["name"], key)
			case key == "lock_passwd" && same(false, user[key]), key == "uid" && same("0", user[key]):
				return fmt.Sprintf("its user data gives the user %v %s: %v", user["name"], key, user[key])
			case key == "groups" && rootGroups.MatchString(member), key == "primary_group" && rootGroups.MatchString(fmt.Sprint(user[key])):
				return fmt.Sprintf("its user data makes the user %v one of %s", user["name"], member)
			}
		}
	}
	for _, f := range told.Files {
		if keyFiles.MatchString(f.Path) {
			return "its user data writes " + f.Path
		}
	}
	for _, command := range told.Commands {
		if found := keyCommands.FindString(strings.Join(userdata.Lines(command), "\n")); found != "" {
			return "its user data runs " + found
		}
	}
	return ""
}

var rootGroups = regexp.MustCompile(`\b(wheel|sudo|root|adm|docker)\b`)

var (
	// shells are programs that run what they read.
	shells  = `(?:sudo\s+(?:-\S+\s+)*)?(?:/\S*/)?(?:ba|z|da|k)?sh\b|python3?\b|perl\b|node\b|ruby\b`
	piped   = regexp.MustCompile(`\b(?:curl|wget|fetch|aws s3 cp|nc|ncat)\b[^\n;&]*\|[^\n;&]*(?:\|\s*|\s)(?:` + shells + `)`)
	nested  = regexp.MustCompile(`(?:<\(|\$\(|` + "`" + `)\s*(?:curl|wget)\b`)
	runs    = regexp.MustCompile(`\b(?:eval|source|exec|(?:ba|z|da|k)?sh)\b|(?:^|\s)\.\s`)
	loaders = regexp.MustCompile(`\b(?:curl|wget|aria2c|dnf|yum|rpm|apt|apt-get|dpkg|snap|pip3?|npm|npx|gem|go|cargo|git|scp|rsync|` +
		`urlopen|urllib|urlretrieve|requests|tar|unzip|ansible-pull|Invoke-WebRequest|iwr)\b`)
	checked = regexp.MustCompile(`\b(?:sha256sum|sha512sum|shasum)\s+(?:-\S+\s+)*?(?:-c\b|--check\b)|` +
		`\bgpg\b[^\n]*--verify|\bcosign\s+verify`)
	// unpinned matches installations of packages by name, from whoever owns the name today.
	unpinned = regexp.MustCompile(`\bpip3?\s+install\b|\bnpm\s+(?:install|i)\b[^\n]*\s(?:-g|--global)\b|\bnpx\s|\bgem\s+install\b|` +
		`\bcargo\s+install\b|\bgo\s+install\b|\bpipx?\s+install\b`)
	// unsigned matches packages whose signature is not checked, or sources that somebody else maintains.
	unsigned = regexp.MustCompile(`--nogpgcheck|--no-gpg-checks?|gpgcheck=0|--allow-unauthenticated|\[trusted=yes\]|` +
		`config-manager\s[^\n]*--add-repo|\bcopr\s+enable|add-apt-repository`)
	// astray matches names and packets that are redirected elsewhere, and shells that are handed out.
	astray = regexp.MustCompile(`(?:>|\btee\b[^\n]*|\bsed\s+-i[^\n]*)\s*/etc/(?:hosts|resolv\.conf|ld\.so\.preload)|` +
		`\b(?:iptables|nft)\b[^\n]*\b(?:DNAT|REDIRECT|dnat|redirect)\b|\b(?:nc|ncat)\b[^\n]*\s-(?:e|c)\b|\bsocat\b[^\n]*\bEXEC\b|/dev/tcp/`)
	strayFiles = regexp.MustCompile(`^/etc/(hosts|resolv\.conf|nsswitch\.conf|ld\.so\.preload)$`)
	images     = regexp.MustCompile(`\b(?:docker|podman)\s+(?:run|pull)\b`)
	sources    = regexp.MustCompile(`^/etc/(yum\.repos\.d|dnf|apt)/`)
)

// stranger returns code from somebody else that servers are told to load, "" if there is none.
func stranger(v *view, r *graph.Resource, told userdata.Data) string {
	if len(told.Unread) > 0 {
		return "its user data has what is not understood: " + told.Unread[0]
	}
	for _, key := range slices.Sorted(maps.Keys(told.Config)) {
		if !harmlessModules[key] && !strings.HasPrefix(key, "ssh_") && key != "chpasswd" && key != "password" && key != "user" {
			return "its user data has " + key + ", which is not known to load nothing of others"
		}
	}
	for _, name := range userdata.List(told.Config["packages"]) {
		if strings.ContainsAny(fmt.Sprint(name), "/:") {
			return fmt.Sprintf("its user data installs %v", name)
		}
	}
	for _, f := range told.Files {
		switch {
		case strayFiles.MatchString(f.Path):
			return "its user data writes " + f.Path
		case f.Source != "" && len(v.strangersIn(f.Source)) > 0, sources.MatchString(f.Path) && len(v.strangersIn(f.Content)) > 0:
			return "its user data has " + f.Path + " come from " + v.strangersIn(f.Source + "\n" + f.Content)[0]
		}
	}
	for _, command := range told.Commands {
		if found := v.strangeCommand(strings.Join(userdata.Lines(command), "\n")); found != "" {
			return "its user data runs " + found
		}
	}
	return ""
}

// strangeCommand returns the part of a script that loads code from somebody else, "" if there is none.
func (v *view) strangeCommand(script string) string {
	for _, line := range strings.Split(script, "\n") {
		strangers := v.strangersIn(line)
		switch {
		case len(strangers) > 0 && strings.Contains(line, "s3://"):
			return shortened(line) + ": " + strangers[0] + " is neither AWS's nor the stack's"
		case piped.MatchString(line), nested.MatchString(line) && runs.MatchString(line):
			return shortened(line) + ": whatever is there is run"
		case len(strangers) > 0 && loaders.MatchString(line) && !checked.MatchString(script):
			return shortened(line) + ": " + strangers[0] + " is neither AWS's nor the stack's, and nothing checks a hash"
		case unpinned.MatchString(line) && !strings.Contains(line, "--require-hashes"), unsigned.MatchString(line):
			return shortened(line) + ": a package of whoever has the name"
		case images.MatchString(line) && !strings.Contains(line, "@sha256:") && !strings.Contains(line, "$"):
			return shortened(line) + ": an image without its digest"
		case astray.MatchString(line):
			return shortened(line)
		}
	}
	if digested.MatchString(script) && !checked.MatchString(script) {
		return "a script that names a hash, and checks it nowhere"
	}
	return ""
}

var digested = regexp.MustCompile(`(?m)^\s*sha(?:256|512)=["']?[0-9a-f]{64}`)

func shortened(line string) string {
	if runes := []rune(strings.TrimSpace(line)); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return strings.TrimSpace(line)
}

// publicBuckets are AWS's own, which its packages are in.
var publicBuckets = regexp.MustCompile(`^(amazoncloudwatch-agent|amazon-ssm|aws-ssm|amazon-ssm-packages|aws-codedeploy|` +
	`al2023-repos|amazonlinux|` +
	`aws-ssm-document-attachments|patch-baseline-snapshot|ec2-linux-nvidia-drivers)(-[a-z]{2}(-[a-z]+)+-\d(-[a-z0-9]+)?)?$`)

// strangersIn returns the hosts and buckets in a text that belong neither to AWS, nor to the stack, nor to the
// machine itself.
func (v *view) strangersIn(text string) []string {
	var all []string
	for _, a := range userdata.Addresses(text) {
		host := a.Host
		switch {
		case a.Scheme == "file", !strings.Contains(host, ".") && a.Scheme != "s3", strings.HasPrefix(host, "127."),
			strings.HasPrefix(host, "169.254."):
		case a.Scheme == "s3":
			if !publicBuckets.MatchString(host) && len(v.g.ByIdentity(host)) == 0 {
				all = append(all, "the bucket "+host)
			}
		case strings.HasSuffix(host, ".amazonaws.com"), strings.HasSuffix(host, ".amazonaws.com.cn"),
			strings.HasSuffix(host, ".amazonlinux.com"), strings.HasSuffix(host, ".amazontrust.com"):
			if bucket, _, in := strings.Cut(host, ".s3."); in && !publicBuckets.MatchString(bucket) && len(v.g.ByIdentity(bucket)) == 0 {
				all = append(all, "the bucket "+bucket)
			}
		case !v.ownHost(host, false):
			all = append(all, host)
		}
	}
	return all
}

// asRoot returns a program that servers are told to run as root for longer than setting something up takes, "" if
// there is none.
func asRoot(_ *view, _ *graph.Resource, told userdata.Data) string {
	for _, u := range told.Units {
		user := u.Last("User")
		root := user == "root" || user == "0"
		if added := strings.Contains(u.Path, ".d/"); added || !strings.HasSuffix(u.Path, ".service") {
			if root || privileged(u) {
				return u.Path + " has it run as root"
			}
			continue
		}
		once := u.Last("Type") == "oneshot" && len(u.Service["EnvironmentFile"]) == 0
		starts := u.Service["ExecStart"]
		switch {
		case once || len(starts) == 0:
		case u.Last("Type") != "oneshot" && slices.ContainsFunc(starts, func(s string) bool {
			return strings.HasPrefix(s, "+") || strings.HasPrefix(s, "!")
		}):
			return u.Name() + " starts " + starts[0] + " as root"
		case contained(starts):
		case root, user == "" && !same(true, u.Last("DynamicUser")) && u.Last("DynamicUser") != "yes":
			return u.Name() + " runs as root"
		}
		if privileged(u) {
			return u.Name() + " lets its program gain privileges"
		}
	}
	return ""
}

// contained reports whether the process that is started is only the client of a container that runs without root.
func contained(starts []string) bool {
	return !slices.ContainsFunc(starts, func(s string) bool {
		user := containerUser.FindStringSubmatch(s)
		return !images.MatchString(s) || strings.Contains(s, "--privileged") || user == nil || user[1] == "0" || user[1] == "root"
	})
}

var containerUser = regexp.MustCompile(`\s(?:--user|-u)[ =]([A-Za-z0-9_-]+)`)

// privileged reports whether a unit that does not run as root can gain privileges (systemd.exec, "Capabilities" and
// "Security").
func privileged(u userdata.Unit) bool {
	given := strings.Join(append(u.Service["AmbientCapabilities"], u.Service["CapabilityBoundingSet"]...), " ")
	no := u.Last("NoNewPrivileges")
	return no == "no" || no == "false" || no == "0" || no == "off" || dangerous.MatchString(given)
}

var dangerous = regexp.MustCompile(`(?i)^[^~]*\bCAP_(SYS_|SETUID|SETGID|DAC_|CHOWN|FOWNER|NET_ADMIN|NET_RAW|BPF|MKNOD|SETFCAP|SETPCAP)`)
