// Package cloudinit writes the user data that turns an instance of Amazon Linux 2023 into a server of one tier: it
// fetches a release from S3, checks its hash, and runs it under systemd as a user that may do nothing else.
//
// The service's output goes to a file, which the CloudWatch agent sends on, rather than to the journal: every version
// of the agent reads files, but only those since 2026 read the journal (amazon-cloudwatch-agent, pull request 2121),
// and an image may have an older one. The file is rotated every hour.
//
// The instance needs a way to S3 (a gateway endpoint is enough): to the bucket of its releases, and to
// al2023-repos-<region>-de612dc2, where Amazon Linux keeps its packages. With LogGroup it needs a way to CloudWatch
// Logs too.
package cloudinit

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"text/template"

	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/infra"
)

// Limit is the largest size of user data in bytes, before base64 (AWS, EC2 user guide, "Run commands when you launch
// an EC2 instance with user data input").
const Limit = 16 << 10

// fetchSeconds is how long one start of the service tries to get its release.
const fetchSeconds = 300

// User is the account that the service runs as.
const User = "causeway"

// Service describes what an instance runs. None of it may be secret: anyone who may describe a launch template can
// read its user data.
type Service struct {
	// Name is the systemd unit's and the executable's: lower-case letters, digits and hyphens, for
	// example "web".
	Name string
	// Command is the arguments of an executable, or for an archive the program to run and its arguments: a program of
	// the image or of Packages, or one of the archive by a path with a slash.
	Command []string
	// Release is what is fetched; for a Container, only its region is used.
	Release Release
	// Container is the image that is run in place of a release: REGISTRY/REPOSITORY@sha256:DIGEST. Command is then
	// what the image's entry point is given in place of the image's own words, if not empty.
	Container string
	// Before is run like Command, once for each release, before any server with that release starts its service. Once
	// is the program that ensures this, using the database that the environment names. A server that starts waits for
	// it for up to BeforeSeconds.
	Before []string
	Once   Release
	// Packages are installed before the service first starts, from Amazon Linux's own repository.
	Packages []string
	// JIT lets the process write memory and then execute it, as just-in-time compilers do.
	JIT bool
	// Environment is what the service is told. These are added unless they are set: LISTEN_ADDRESS, which is ":" and
	// Port, or localhost and HTTPPort if that is set; PORT, which is HTTPPort if that is set; RELEASE, the first 12
	// digits of the release's hash; and AWS_EC2_METADATA_V1_DISABLED, "true".
	Environment map[string]string
	// Port is where the load balancer connects with TLS, 1024 to 65535: to the service itself, unless HTTPPort is
	// set. 0 for a service that receives no requests.
	Port int
	// Schedule is when the service runs, to its end, in systemd's syntax and in UTC (systemd.time, "Calendar
	// events"). Empty if it always runs.
	Schedule string
	// DoneGroup is the log group that records each scheduled run that succeeded.
	DoneGroup string
	// HTTPPort is where the service listens without TLS, with nginx in front to speak TLS for it. 0 if it speaks TLS
	// itself.
	HTTPPort int
	// HTTP2 says that the load balancer speaks HTTP/2, and GRPC that it uses HTTP/2 for gRPC.
	HTTP2, GRPC bool
	// LogGroup is the CloudWatch log group that the service's output is sent to, in a stream named after the
	// instance. If empty, the output stays in the instance's journal.
	LogGroup string
}

// Release is an object in S3 that is an executable file, or an archive.
type Release struct {
	Bucket string
	Key    string // for example "releases/<SHA256>"
	SHA256 string // of its content, in lower-case hexadecimal
	Region string // of the bucket
	Format string // of an archive: tar.gz, tar.zst, zip, or any of them; empty for an executable
}

// Render returns the user data: a #cloud-config text, the same for the same service. It fails if the service is not
// valid or the text is longer than EC2 allows.
func (s Service) Render() (string, error) {
	if err := s.Validate(); err != nil {
		return "", fmt.Errorf("writing the user data of %s: %w", s.Name, err)
	}
	config, err := s.config()
	if err != nil {
		return "", fmt.Errorf("writing the user data of %s: %w", s.Name, err)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "#cloud-config\n# Makes an instance of Amazon Linux 2023 a server of %q.\n", s.Name)
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(config); err != nil {
		return "", fmt.Errorf("writing the user data of %s: %w", s.Name, err)
	}
	if out.Len() > Limit {
		return "", fmt.Errorf("writing the user data of %s: %w", s.Name, s.tooLong(out.Len()))
	}
	return out.String(), nil
}

// tooLong says what takes up most of user data that is too long.
func (s Service) tooLong(size int) error {
	var problems infra.Problems
	where, told := "environment", len(strings.Join(s.Command, " "))
	for name, value := range s.Environment {
		told -= len(name) + len(value)
	}
	if told > 0 {
		where = "command"
	}
	problems.Addf(where, fmt.Sprintf("shorten it by %d, or have the program read some of it from a bucket", size-Limit),
		"the user data has %d bytes, and EC2 takes %d", size, Limit)
	return problems
}

type cloudConfig struct {
	Users      []systemUser  `yaml:"users"`
	WriteFiles []writtenFile `yaml:"write_files"`
	RunCommand []command     `yaml:"runcmd"`
}

type systemUser struct {
	Name         string `yaml:"name"`
	System       bool   `yaml:"system"`
	NoCreateHome bool   `yaml:"no_create_home"`
	Shell        string `yaml:"shell"`
}

type writtenFile struct {
	Path        string `yaml:"path"`
	Permissions string `yaml:"permissions"`
	Content     string `yaml:"content"`
}

type command struct {
	Words []string `yaml:",flow"`
}

// MarshalYAML writes a command on one line.
func (c command) MarshalYAML() (any, error) {
	node := &yaml.Node{}
	if err := node.Encode(c.Words); err != nil {
		return nil, err
	}
	node.Style = yaml.FlowStyle
	return node, nil
}

func run(words ...string) command { return command{Words: words} }

func (s Service) config() (cloudConfig, error) {
	v := s.view()
	w := &writer{view: v}
	w.file(v.EnvironmentFile, "0640", s.environmentFile())
	fetch, unit := "fetch.tmpl", "service.tmpl"
	if s.Container != "" {
		fetch, unit = "pull.tmpl", "container.service.tmpl"
	}
	w.template(v.FetchScript, "0755", fetch)
	if len(s.Before) > 0 {
		w.view = s.onceView()
		w.template(w.view.FetchScript, "0755", "fetch.tmpl")
		w.view = v
	}
	w.template("/etc/systemd/system/"+s.Name+".service", "0644", unit)
	commands := []command{
		run("systemctl", "daemon-reload"),
		// Session Manager is the way in.
		run("systemctl", "disable", "--now", "sshd.service"),
		run("systemctl", "enable", "--now", "--no-block", s.starts()),
	}
	if s.Schedule != "" {
		w.template("/etc/systemd/system/"+s.starts(), "0644", "timer.tmpl")
		w.file(v.DoneFile, "0600", "")
	}
	// The image's own login is omitted.
	users := []systemUser{{Name: User, System: true, NoCreateHome: true, Shell: "/sbin/nologin"}}
	if s.terminates() {
		commands = append(commands, s.terminator(w)...)
		users = append(users, systemUser{Name: Terminator, System: true, NoCreateHome: true, Shell: "/sbin/nologin"})
	}
	if s.LogGroup != "" {
		w.file(v.LogFile, "0600", "")
		w.template("/etc/logrotate.d/causeway", "0644", "logrotate.tmpl")
		w.template("/etc/systemd/system/logrotate.timer.d/hourly.conf", "0644", "hourly.tmpl")
		w.file(v.AgentFile, "0644", s.agentConfiguration())
		w.template("/etc/systemd/system/"+logsUnit, "0644", "logs.service.tmpl")
		commands = append(commands,
			run("systemctl", "restart", "logrotate.timer"),
			run("systemctl", "enable", "--now", "--no-block", logsUnit))
	}
	return cloudConfig{
		Users:      users,
		WriteFiles: w.files,
		RunCommand: commands,
	}, w.err
}

// starts is the unit that is started at boot.
func (s Service) starts() string {
	if s.Schedule != "" {
		return s.Name + ".timer"
	}
	return s.Name + ".service"
}

// logsUnit brings the CloudWatch agent. The service does not wait for it.
const logsUnit = "causeway-logs.service"

//go:embed templates
var templateFiles embed.FS

var templates = template.Must(template.ParseFS(templateFiles, "templates/*.tmpl"))

// view is the data that the templates are filled with.
type view struct {
	Service
	User, Short, Source, Link, ExecStart, ExecBefore string
	EnvironmentFile, FetchScript, LogFile, AgentFile string
	DoneFile                                         string
	Terminator, TLSScript, TLSConfiguration          string
	Packages, Files, Unpack, Unset                   string
	FetchSeconds, PackageSeconds, StartSeconds       int
}

// unpackers unpack the archive "$program" into the folder "$fresh". The files do not belong to whoever packed them.
var unpackers = map[string]string{
	"tar.gz":  `tar --extract --gzip --no-same-owner --file "$program" --directory "$fresh"`,
	"tar.zst": `tar --extract --zstd --no-same-owner --file "$program" --directory "$fresh"`,
	"zip":     `unzip -q "$program" -d "$fresh"`,
	"any":     `{ tar --extract --no-same-owner --file "$program" --directory "$fresh" || unzip -q "$program" -d "$fresh"; }`,
}

// packages are the service's own, and those needed to unpack its archive.
func (s Service) packages() []string {
	all := slices.Clone(s.Packages)
	tools := map[string][]string{"tar.zst": {"zstd"}, "zip": {"unzip"}, "any": {"zstd", "unzip"}}
	for _, tool := range tools[s.Release.Format] {
		if !slices.Contains(all, tool) {
			all = append(all, tool)
		}
	}
	return all
}

// short is the first 12 digits of the hash of what runs.
func (s Service) short() string {
	_, sum, found := strings.Cut(s.Container, "@sha256:")
	if !found {
		sum = s.Release.SHA256
	}
	return sum[:12]
}

// filesFolder is where an archive is unpacked, below the folder of its release.
const filesFolder = "files"

// line is a command line of the unit. command is an executable's arguments, or for an archive the whole command line.
// systemd searches the usual folders for a program without a slash, and so does the program that runs Before.
func (s Service) line(command []string) string {
	if s.Container != "" {
		return s.container("", command)
	}
	program, arguments := "/opt/causeway/current/"+s.Name, command
	if s.Release.Format != "" {
		program, arguments = command[0], command[1:]
		if strings.Contains(program, "/") && !strings.HasPrefix(program, "/") {
			program = path.Join("/opt/causeway/current", filesFolder, program)
		}
	}
	if !plainProgram.MatchString(program) {
		program = quoteArgument(program)
	}
	words := []string{program}
	for _, argument := range arguments {
		words = append(words, quoteArgument(argument))
	}
	return strings.Join(words, " ")
}

// onceName is the name of the program that runs Before once.
const onceName = "before"

// BeforeSeconds is how long Before may take, including the wait for another server that runs it.
const BeforeSeconds = 600

func (s Service) execBefore() string {
	if len(s.Before) == 0 {
		return ""
	}
	return "/opt/causeway/" + onceName + "/" + onceName + " once " + s.Name + " " + s.line(s.Before)
}

// onceView fills the script that fetches the program that runs Before once.
func (s Service) onceView() view {
	return Service{Name: onceName, Release: s.Once, Environment: s.Environment}.view()
}

// packageSeconds is how long one start of the service tries to install packages.
const packageSeconds = 300

func (s Service) view() view {
	start := fetchSeconds + 150 // the last attempt may begin at the deadline and take 120 s
	if len(s.Before) > 0 {
		start += start + BeforeSeconds
	}
	run := s.line(s.Command)
	if s.Container != "" {
		start += packageSeconds
		run = s.container(s.Name, s.Command)
	}
	link := "current"
	if s.Name == onceName {
		link = onceName
	}
	if len(s.packages()) > 0 {
		start += packageSeconds
	}
	return view{
		Service: s, User: User, Short: s.short(), Packages: strings.Join(s.packages(), " "),
		Files: filesFolder, Unpack: unpackers[s.Release.Format], Unset: s.unset(),
		Source:          quoteShell("s3://" + s.Release.Bucket + "/" + s.Release.Key),
		Link:            link,
		ExecStart:       run,
		ExecBefore:      s.execBefore(),
		EnvironmentFile: "/etc/causeway/" + s.Name + ".env",
		FetchScript:     "/opt/causeway/bin/fetch-" + s.Name,
		LogFile:         "/var/log/causeway/" + s.Name + ".log",
		AgentFile:       "/etc/causeway/logs.json",
		DoneFile:        s.doneFile(),
		Terminator:      Terminator, TLSScript: "/opt/causeway/bin/tls-" + s.Name,
		TLSConfiguration: "/etc/causeway/nginx.conf",
		FetchSeconds:     fetchSeconds,
		PackageSeconds:   packageSeconds,
		StartSeconds:     start,
	}
}

func (s Service) doneFile() string { return "/var/log/causeway/" + s.Name + ".done" }

type writer struct {
	view  view
	files []writtenFile
	err   error
}

func (w *writer) file(path, permissions, content string) {
	w.files = append(w.files, writtenFile{Path: path, Permissions: permissions, Content: content})
}

func (w *writer) template(path, permissions, name string) {
	var content bytes.Buffer
	if err := templates.ExecuteTemplate(&content, name, w.view); err != nil && w.err == nil {
		w.err = err
	}
	w.file(path, permissions, content.String())
}

// agentConfiguration is the CloudWatch agent's: it sends the service's log and the log of the instance's own first
// steps.
func (s Service) agentConfiguration() string {
	file := func(path, group, stream string) map[string]string {
		return map[string]string{
			"file_path": path, "log_group_name": group, "log_stream_name": "{instance_id}/" + stream, "timezone": "UTC",
		}
	}
	files := []any{
		file("/var/log/causeway/"+s.Name+".log", s.LogGroup, s.Name),
		file("/var/log/cloud-init-output.log", s.LogGroup, "boot"),
	}
	if s.Schedule != "" {
		files = append(files, file(s.doneFile(), s.DoneGroup, "done"))
	}
	collected := map[string]any{"files": map[string]any{"collect_list": files}}
	configuration := map[string]any{"logs": map[string]any{"logs_collected": collected}}
	text, err := json.MarshalIndent(configuration, "", "  ")
	if err != nil {
		panic(err) // strings and maps of strings always encode
	}
	return string(text) + "\n"
}
