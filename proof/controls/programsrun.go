package controls

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/proof/userdata"
)

// releases is where the program is that was checked, and archive where an archive of it is unpacked.
const (
	releases = "/opt/causeway/current/"
	archive  = releases + "files"
	once     = "/opt/causeway/before/before"
)

const (
	anything = `.*`
	owned    = `("?\$\w*"?\S*|/(opt/causeway|run/causeway-|var/log/causeway/|tmp/|dev/(null|console))\S*|releases/\S*)`
	quietly  = `((-y|--assumeyes|-q|--quiet) )*`
)

// setsUp are the programs that set a server up, and what they may be told: nothing by which they run or load anything else.
var setsUp = values(anything, `: true false echo printf local export readonly set unset umask exit return shift cd wait sleep test [ [[ head
		tail cut tr sha256sum date`,
	`(-\w+ )*`+owned+`( `+owned+`)*`, `mktemp rm mkdir ln mv tee`, `(-\w )?(0?[0-7]{3}|a\+rX) `+owned, `chmod`,
	`--quiet -q [\w.+ -]+`, `rpm`, quietly+`install( [A-Za-z0-9][\w.+-]*)+`, `dnf`,
	`s3 cp --only-show-errors --region \S+ \S+ `+owned+`|ecr get-login-password --region \S+`, `aws`,
	`(login|pull|rm|image inspect|run) .*`, `docker /usr/bin/docker`,
	`--extract( --(gzip|zstd|no-same-owner))* --file `+owned+` --directory `+owned, `tar`, `-q `+owned+` -d `+owned, `unzip`,
	`req -config /tmp/openssl\.cnf -x509 .*`, `openssl`, `-e stderr -c /etc/causeway/nginx\.conf`, `nginx`,
	`-a fetch-config -m ec2 -s -c file:/etc/causeway/logs\.json`, `/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl`,
	`daemon-reload|disable (--now )?sshd?(\.service)?|(re)?start (logrotate\.timer|docker\.service)`, `systemctl`)

// tells are the programs whose words may become the value of a variable, and so a path.
var tells = words("echo printf set")

func namesAnothers(word string) bool { return strings.HasPrefix(word, "/") && !isOwned(word) }

// shellNames run what they are given after -c.
var shellNames = words("sh bash /bin/sh /bin/bash /usr/bin/sh /usr/bin/bash")

// script is the part of a script that runs something else, "" if none does. Release says whether a program that is not known is the
// release's own; nil that none is.
func (b booted) script(text string, release func(words []string) bool) string {
	read, err := userdata.Shell(text)
	if err != nil {
		return shortened(text) + ": " + err.Error()
	}
	for _, assigned := range read.Assigned {
		name, value, _ := strings.Cut(assigned, "=")
		if name == "PATH" || strings.HasPrefix(name, "LD_") || b.environment(userdata.File{Content: assigned}) != "" {
			return shortened(assigned) + ": it has other programs run, or others asked"
		}
		if strings.HasPrefix(value, "/") && !isOwned(value) {
			return shortened(assigned) + ": what is there is not the server's own"
		}
	}
	if unchecked.MatchString(text) {
		return "a check of a hash, and goes on whatever comes of it"
	}
	for _, name := range read.Functions {
		if setsUp[name] != nil || shellNames[name] {
			return "another " + name + " than the image's"
		}
	}
	for _, file := range read.Written {
		if !isOwned(file) {
			return "what writes to " + file
		}
	}
	for _, command := range read.Commands {
		if found := b.command(command, read.Functions, release); found != "" {
			return found
		}
	}
	return ""
}

var unchecked = regexp.MustCompile(`sha\d+sum[^\n;}]*--?c(heck)?\b[^\n;}]*(\|\||;\s*(true|:))`)

var ownedPath = regexp.MustCompile(`^` + owned + `$`)

func isOwned(file string) bool { return ownedPath.MatchString(file) && !leavesUpwards(file) }

func leavesUpwards(path string) bool { return slices.Contains(strings.Split(path, "/"), "..") }

func (b booted) command(command, functions []string, release func([]string) bool) string {
	program, rest := command[0], strings.Join(command[1:], " ")
	form := setsUp[program]
	switch {
	case slices.ContainsFunc(command, leavesUpwards), tells[program] && slices.ContainsFunc(command[1:], namesAnothers):
		// It is, or makes, the path of a file that is not the server's own.
	case len(command) > 1 && (program == "exec" || program == "command"):
		return b.command(command[1:], functions, release)
	case len(command) > 2 && program == "timeout":
		return b.command(command[2:], functions, release)
	case len(command) > 1 && program == "trap":
		return b.script(command[1], release)
	case len(command) > 2 && shellNames[program] && command[1] == "-c":
		return b.script(command[2], release)
	case slices.Contains(functions, program):
		return ""
	case slices.ContainsFunc(b.told.Files, func(f userdata.File) bool { return f.Path == program && strings.HasPrefix(f.Content, "#!") }):
		return "" // and its lines are judged
	case program == "systemctl" && b.starts(command[1:]):
		return ""
	case form != nil && form.MatchString(rest):
		return ""
	case release != nil && release(command):
		return ""
	}
	return shortened(strings.Join(command, " ")) + ": that is neither the release which is checked nor what sets a server up"
}

// starts says that the words start units that the user data writes.
func (b booted) starts(words []string) bool {
	if !slices.Contains(words, "enable") && !slices.Contains(words, "start") && !slices.Contains(words, "restart") {
		return false
	}
	for _, word := range words[1:] {
		if !strings.HasPrefix(word, "--") && !b.writes(word) {
			return false
		}
	}
	return true
}

func (b booted) writes(unit string) bool {
	return slices.ContainsFunc(b.told.Units, func(u userdata.Unit) bool { return u.Name() == unit || u.Name() == unit+".service" })
}

// executed is what a line of a unit runs beside the release.
func (b booted) executed(u userdata.Unit, line string) string {
	bare := strings.TrimLeft(line, "-+!@:|")
	asRoot := strings.ContainsAny(line[:len(line)-len(bare)], "+!")
	unpacked := strings.TrimPrefix(u.Last("WorkingDirectory"), "-") == archive
	release := func(words []string) bool {
		if words[0] == once && len(words) > 3 && words[1] == "once" {
			words = words[3:]
		}
		switch {
		case asRoot:
			return false
		case strings.HasPrefix(path.Clean(words[0]), releases):
			return true
		}
		told := shellNames[words[0]] && (len(words) < 2 || strings.HasPrefix(words[1], "-"))
		return unpacked && !fetchers.MatchString(words[0]) && !told
	}
	if words := strings.Fields(bare); len(words) > 0 && words[0] == once && len(words) > 3 && setsUp[words[3]] != nil {
		bare = strings.Join(words[3:], " ") // a container, which docker runs
	}
	return b.script(bare, release)
}

var fetchers = regexp.MustCompile(`(^|/)(curl|wget|aria2c|nc|ncat|socat|ssh|scp|rsync|git|dnf|yum|rpm)$`)

// unitKeys are the keys of units that run nothing, by the form of their values.
var unitKeys = values(anything, `Unit.Description Unit.Documentation Unit.StartLimitIntervalSec Unit.StartLimitBurst Service.Type
		Service.User Service.Group Service.Restart Service.RestartSec Service.TimeoutStartSec Service.TimeoutStopSec Service.TimeoutSec
		Service.RemainAfterExit Service.UMask Service.SyslogIdentifier Service.KillMode Service.KillSignal Service.Nice
		Service.DynamicUser Service.NoNewPrivileges Service.CapabilityBoundingSet Service.AmbientCapabilities Service.LockPersonality
		Service.MemoryDenyWriteExecute Service.KeyringMode Service.RemoveIPC Service.SystemCallFilter Service.SystemCallErrorNumber
		Service.SystemCallArchitectures Timer.OnCalendar Timer.AccuracySec Timer.RandomizedDelaySec Timer.Persistent`,
	`(network-online|network|multi-user)\.target|docker\.service`, `Unit.Wants Unit.After Unit.Requires Unit.Before`,
	`(multi-user|timers)\.target`, `Install.WantedBy`, `/etc/causeway/[\w.-]+\.env`, `Service.EnvironmentFile`,
	`-?`+archive, `Service.WorkingDirectory`, `journal|inherit|null|append:/var/log/causeway/[\w.-]+`,
	`Service.StandardOutput Service.StandardError`)

// sandboxing are the keys by which a service may do less, or has a share of the machine.
var sandboxing = regexp.MustCompile(`^Service\.(Protect|Private|Restrict|Limit|Memory|CPU|Tasks|IO|OOM)[A-Za-z0-9]+$`)

// setting is what a line of a unit has a server run beside the release, "" if it runs nothing.
func (b booted) setting(u userdata.Unit, section, key, value string) string {
	form := unitKeys[section+"."+key]
	switch {
	case section == "Service" && strings.HasPrefix(key, "Exec") && key != "ExecSearchPath" && key != "ExecPaths":
		if value == "" {
			return ""
		}
		if found := b.executed(u, value); found != "" {
			return "which runs " + found
		}
	case section == "Service" && key == "Environment":
		return b.environment(userdata.File{Content: strings.ReplaceAll(value, `"`, "")})
	case section == "Timer" && key == "Unit" && b.writes(value), sandboxing.MatchString(section + "." + key), value == "":
	case form == nil:
		return "and whether that runs something is not known"
	case !form.MatchString(value):
		return "which has it run, read or write what is not its own"
	}
	return ""
}
