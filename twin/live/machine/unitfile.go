package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// unitFile is a systemd unit with its drop-ins: by section and key, what each line set.
type unitFile struct {
	name     string
	settings map[string][]string // "Service.ExecStart"
}

// unitFolder is where user data puts units.
const unitFolder = "/etc/systemd/system"

// searchPath is where the machine looks for programs: first among those that are played.
const (
	toolFolder = "/run/live"
	shimFolder = toolFolder + "/bin"
	searchPath = "PATH=" + shimFolder + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
)

// errNoUnit is what systemctl says of a unit that is not there.
var errNoUnit = errors.New("there is no such unit")

// readUnit reads a unit under root, then its drop-ins: those for all services first.
func readUnit(root, name string) (*unitFile, error) {
	u := &unitFile{name: name, settings: map[string][]string{}}
	folder := filepath.Join(root, unitFolder)
	text, err := os.ReadFile(filepath.Join(folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", name, errNoUnit)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if err := u.parse(name, string(text)); err != nil {
		return nil, err
	}
	for _, pattern := range []string{strings.TrimPrefix(filepath.Ext(name), "."), name} {
		dropIns, _ := filepath.Glob(filepath.Join(folder, pattern+".d", "*.conf"))
		for _, path := range dropIns {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, fmt.Errorf("reading %s: %w", path, err)
			}
			if err := u.parse(path, string(text)); err != nil {
				return nil, err
			}
		}
	}
	return u, nil
}

// parse adds a file's settings. An empty value discards what was set before (systemd.syntax).
func (u *unitFile) parse(path, text string) error {
	section := ""
	text = strings.ReplaceAll(text, "\\\n", " ")
	for number, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
			continue
		}
		if strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]") {
			section = strings.Trim(line, "[]")
			continue
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || section == "" {
			return fmt.Errorf("%s:%d: %q is not a setting of a section", path, number+1, line)
		}
		key, value = section+"."+strings.TrimSpace(key), strings.TrimSpace(value)
		if value == "" {
			u.settings[key] = []string{}
			continue
		}
		u.settings[key] = append(u.settings[key], value)
	}
	return nil
}

// all is what a setting of [Service] was set to, one value for each line.
func (u *unitFile) all(key string) []string { return u.settings["Service."+key] }

// get is the last value.
func (u *unitFile) get(key string) string {
	if v := u.all(key); len(v) > 0 {
		return v[len(v)-1]
	}
	return ""
}

// has says whether a setting was written, even if it is empty.
func (u *unitFile) has(key string) bool { return u.settings["Service."+key] != nil }

func (u *unitFile) yes(key string) bool {
	return slices.Contains([]string{"yes", "true", "on", "1"}, strings.ToLower(u.get(key)))
}

// span reads a time span (systemd.time): "5", "1min 30s", "infinity".
func (u *unitFile) span(key string, otherwise time.Duration) time.Duration {
	text := u.get(key)
	if text == "" {
		return otherwise
	}
	if text == "infinity" {
		return 100 * 365 * 24 * time.Hour
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return time.Duration(seconds * float64(time.Second))
	}
	var sum time.Duration
	for _, part := range strings.Fields(strings.NewReplacer("min", "m", "sec", "s", "msec", "ms").Replace(text)) {
		d, err := time.ParseDuration(part)
		if err != nil {
			return otherwise
		}
		sum += d
	}
	return sum
}

// words splits a line as systemd does (systemd.syntax, "Quoting"): C escapes, both quotes.
func words(line string) ([]string, error) {
	var out []string
	var word strings.Builder
	within, quote := false, byte(0)
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\\' && i+1 < len(line):
			i++
			word.WriteByte(unescaped(line[i]))
			within = true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, within = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			if within {
				out = append(out, word.String())
			}
			word.Reset()
			within = false
		default:
			word.WriteByte(c)
			within = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("the quotation in %q does not end", line)
	}
	if within {
		out = append(out, word.String())
	}
	return out, nil
}

func unescaped(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 's':
		return ' '
	}
	return c
}

// expand replaces specifiers and variables in the words of a command line (systemd.service, "Command lines"): $$ and %%
// stand for themselves, ${X} for a variable's value, and $X as a whole word for the words of its value.
func (u *unitFile) expand(line string, env []string) ([]string, error) {
	parts, err := words(line)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", u.name, err)
	}
	var out []string
	for _, part := range parts {
		if strings.HasPrefix(part, "$") && !strings.HasPrefix(part, "$$") && !strings.HasPrefix(part, "${") {
			out = append(out, strings.Fields(valueOf(env, part[1:]))...)
			continue
		}
		word, err := u.expandWord(part, env)
		if err != nil {
			return nil, err
		}
		out = append(out, word)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: %q is not a command", u.name, line)
	}
	return out, nil
}

func (u *unitFile) expandWord(word string, env []string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(word); i++ {
		rest := word[i:]
		switch {
		case strings.HasPrefix(rest, "$$"), strings.HasPrefix(rest, "%%"):
			out.WriteByte(rest[0])
			i++
		case strings.HasPrefix(rest, "%n"), strings.HasPrefix(rest, "%N"):
			out.WriteString(strings.TrimSuffix(u.name, map[byte]string{'n': "", 'N': filepath.Ext(u.name)}[rest[1]]))
			i++
		case rest[0] == '%':
			return "", fmt.Errorf("%s: the specifier in %q is not played", u.name, word)
		case strings.HasPrefix(rest, "${") && strings.Contains(rest, "}"):
			name, _, _ := strings.Cut(rest[2:], "}")
			out.WriteString(valueOf(env, name))
			i += len(name) + 2
		default:
			out.WriteByte(rest[0])
		}
	}
	return out.String(), nil
}

func valueOf(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(env[i], name+"="); ok {
			return value
		}
	}
	return ""
}

// environment is the environment of the unit's processes: the manager's own, then Environment=, then the files.
func (u *unitFile) environment(root string) ([]string, error) {
	env := []string{searchPath, "LANG=C.UTF-8"}
	for _, line := range u.all("Environment") {
		assignments, err := words(line)
		if err != nil {
			return nil, fmt.Errorf("%s: Environment=: %w", u.name, err)
		}
		env = append(env, assignments...)
	}
	for _, path := range u.all("EnvironmentFile") {
		optional := strings.HasPrefix(path, "-")
		path = strings.TrimPrefix(path, "-")
		text, err := os.ReadFile(filepath.Join(root, path))
		if optional && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: EnvironmentFile=: %w", u.name, err)
		}
		for _, line := range strings.Split(string(text), "\n") {
			name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
			if !ok || strings.HasPrefix(name, "#") || strings.HasPrefix(name, ";") {
				continue
			}
			plain, err := words(value)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", u.name, path, err)
			}
			env = append(env, name+"="+strings.Join(plain, " "))
		}
	}
	return env, nil
}
