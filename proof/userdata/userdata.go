// Package userdata reads what a server is told when it boots, as cloud-init does: it decodes user data and takes it
// apart.
package userdata

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/causeway-iac/causeway/graph"
)

// Data is what a server is told.
type Data struct {
	// Text is all of it, followed by the decoded form of any encoded parts.
	Text string
	// Config is the #cloud-config, nil if there is none, and Files are those that it writes.
	Config map[string]any
	Files  []File
	// Commands are those that are run: whole scripts, the commands of a cloud-config, and what units start.
	Commands []string
	Units    []Unit
	// Unread are the parts in a format that is not understood.
	Unread []string
}

// File is a file that cloud-init writes; Source is where it is fetched from, and Permissions are as written, such as 0644.
type File struct{ Path, Content, Source, Permissions string }

// Unit is a systemd unit, or an addition to one: the values of each key of its section [Service].
type Unit struct {
	Path    string
	Service map[string][]string
	// Settings are all of its lines, as section, key and value.
	Settings [][3]string
	// Installed says that it asks to be started at boot once it is enabled.
	Installed bool
}

// Name is a file name such as app.service.
func (u Unit) Name() string { return u.Path[strings.LastIndexByte(u.Path, '/')+1:] }

// Of returns what a launch template or an instance tells its servers; known is false if that is known only after
// deployment. Without user data the result is empty. A text is taken apart once for each graph.
func Of(g *graph.Graph, r *graph.Resource) (d Data, known bool) {
	for _, path := range []string{"userData", "userDataBase64"} {
		switch value, _ := r.Get(path); v := value.(type) {
		case nil:
		case string:
			if v != "" {
				return g.Once(v, func() any { return Read(v) }).(Data), true
			}
		default:
			return d, false
		}
	}
	return d, true
}

// most is the most that is taken apart, which is more than EC2 accepts: 16 KB, which may be compressed.
const most = 256 << 10

// Read takes user data apart (AWS, EC2 user guide, "Run commands when you launch an EC2 instance with user data
// input"; cloud-init, "User-data formats").
func Read(data string) Data {
	d := Data{Text: Unpack(data)}
	text := plain(data)
	if len(text) > most {
		d.Unread = append(d.Unread, fmt.Sprintf("%d bytes, which EC2 does not take", len(text)))
		return d
	}
	for _, part := range parts(text) {
		d.read(strings.TrimSpace(part))
	}
	return d
}

// plain returns a text after decoding.
func plain(text string) string {
	if raw, ok := decodes(text); ok {
		text = string(raw)
	}
	if unpacked, ok := gunzip(text, most+1); ok {
		return unpacked
	}
	return text
}

var boundary = regexp.MustCompile(`(?mi)^content-type:\s*multipart/[^\n]*(?:\n\s+[^\n]*)*?boundary="?([^"\s;]+)`)

// parts are the parts of a MIME multipart text, or the text itself.
func parts(text string) []string {
	found := boundary.FindStringSubmatch(text[:min(len(text), 2048)])
	if found == nil {
		return []string{text}
	}
	var all []string
	for _, part := range strings.Split(text, "--"+found[1])[1:] {
		if _, body, ok := strings.Cut(strings.ReplaceAll(part, "\r\n", "\n"), "\n\n"); ok {
			all = append(all, plain(strings.TrimSpace(body)))
		}
	}
	return all
}

func (d *Data) read(part string) {
	first, _, _ := strings.Cut(part, "\n")
	switch {
	case part == "":
	case strings.HasPrefix(first, "#cloud-config"):
		var config map[string]any
		if err := yaml.Unmarshal([]byte(part), &config); err != nil {
			d.Unread = append(d.Unread, "a cloud-config that is no YAML")
			return
		}
		d.configure(config)
	case strings.HasPrefix(first, "#!"), strings.HasPrefix(first, "<"): // a script, for Windows too
		d.Commands = append(d.Commands, part)
	default:
		d.Unread = append(d.Unread, first)
	}
}

func (d *Data) configure(config map[string]any) {
	if d.Config == nil {
		d.Config = map[string]any{}
	}
	maps.Copy(d.Config, config)
	for _, key := range []string{"bootcmd", "runcmd"} {
		for _, command := range List(config[key]) {
			var words []string
			for _, word := range List(command) {
				words = append(words, fmt.Sprint(word))
			}
			d.Commands = append(d.Commands, strings.Join(words, " "))
		}
	}
	d.Commands = append(d.Commands, elsewhere(config)...)
	for _, element := range List(config["write_files"]) {
		file, _ := element.(map[string]any)
		d.file(file)
	}
}

// elsewhere are the commands in other keys of a cloud-config (cloud-init, "Module reference"): conditions, filters of output, and what
// makes file systems.
func elsewhere(config map[string]any) []string {
	var all []string
	add := func(value any) {
		if command, isText := value.(string); isText {
			all = append(all, strings.TrimLeft(command, "| "))
		}
	}
	at := func(key, inner string) any {
		block, _ := config[key].(map[string]any)
		return block[inner]
	}
	add(at("power_state", "condition"))
	for _, word := range List(at("rsyslog", "service_reload_command")) {
		if word != "auto" {
			add(word)
		}
	}
	for _, element := range List(config["fs_setup"]) {
		made, _ := element.(map[string]any)
		add(made["cmd"])
	}
	outputs, _ := config["output"].(map[string]any)
	for _, of := range outputs {
		for _, to := range List(of) {
			if text, _ := to.(string); strings.HasPrefix(strings.TrimSpace(text), "|") {
				add(to)
			}
		}
	}
	return all
}

func (d *Data) file(file map[string]any) {
	text := func(key string) string { s, _ := file[key].(string); return s }
	f := File{Path: text("path"), Content: text("content"), Permissions: fmt.Sprint(cmp.Or(file["permissions"], any("0644")))}
	if text("encoding") != "" {
		f.Content = plain(f.Content)
	}
	if source, ok := file["source"].(map[string]any); ok {
		f.Source = fmt.Sprint(source["uri"])
	}
	d.Files = append(d.Files, f)
	switch {
	case strings.HasPrefix(f.Content, "#!"), strings.HasPrefix(f.Path, "/etc/cron"), strings.HasPrefix(f.Path, "/etc/profile.d/"):
		d.Commands = append(d.Commands, f.Content)
	case strings.HasPrefix(f.Path, "/etc/systemd/") || strings.Contains(f.Path, "/systemd/system/"):
		d.Units = append(d.Units, unit(f))
		for key, values := range d.Units[len(d.Units)-1].Service {
			if strings.HasPrefix(key, "Exec") {
				d.Commands = append(d.Commands, values...)
			}
		}
	}
}

// unit reads a systemd file. Setting a key to nothing clears its earlier values (systemd.syntax).
func unit(f File) Unit {
	u := Unit{Path: f.Path, Service: map[string][]string{}}
	section := ""
	for _, line := range strings.Split(strings.ReplaceAll(f.Content, "\\\n", " "), "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = line
			u.Installed = u.Installed || line == "[Install]"
		}
		key, value, found := strings.Cut(line, "=")
		if !found || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue
		}
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		u.Settings = append(u.Settings, [3]string{strings.Trim(section, "[]"), key, value})
		if section != "[Service]" {
			continue
		}
		if value == "" {
			delete(u.Service, key)
			continue
		}
		u.Service[key] = append(u.Service[key], value)
	}
	return u
}

// Last is the value of a key that takes effect, "" if it has none.
func (u Unit) Last(key string) string {
	if values := u.Service[key]; len(values) > 0 {
		return values[len(values)-1]
	}
	return ""
}

// List returns the elements of a list, or the value itself if it is not a list.
func List(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{value}
}

// Lines are the lines of a script or file that are neither empty nor comments.
func Lines(text string) []string {
	lines := strings.Split(strings.ReplaceAll(text, "\\\n", " "), "\n")
	return slices.DeleteFunc(lines, func(line string) bool {
		line = strings.TrimSpace(line)
		return line == "" || strings.HasPrefix(line, "#")
	})
}

// About is the lines of a text that have one of the words, each with the line after it. To find a word is a hundred times
// faster than to match an expression that needs it, and a text may be megabytes long.
func About(text string, words ...string) string {
	var b strings.Builder
	has := false
	for line := range strings.Lines(text) {
		before := has
		if has = slices.ContainsFunc(words, func(word string) bool { return strings.Contains(line, word) }); has || before {
			b.WriteString(line)
		}
	}
	return b.String()
}

// Address is a host in a URL of a text.
type Address struct {
	Scheme, Host string
	Port         string // as written, "" for the scheme's
}

var address = regexp.MustCompile(`\b([a-z][a-z0-9+.-]*)://(?:[^/\s"'@]*@)?([A-Za-z0-9_.-]+)(?::(\d+))?`)

// Addresses are the hosts in the URLs of a text.
func Addresses(text string) []Address {
	var all []Address
	for _, m := range address.FindAllStringSubmatch(About(text, "://"), -1) {
		if a := (Address{m[1], strings.ToLower(strings.Trim(m[2], ".")), m[3]}); !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}
