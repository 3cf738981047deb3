package engine

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/fence"
)

// places are the directories and files of a rehearsal.
type places struct {
	work       string // copies of Pulumi.yaml and Pulumi.<stack>.yaml
	state      string // the file backend
	pulumi     string // PULUMI_HOME
	user       string // HOME of the engine's process
	passphrase string // file
}

// arrange makes the places below home.
func arrange(home string) (places, error) {
	p := places{
		work:       filepath.Join(home, "work"),
		state:      filepath.Join(home, "state"),
		pulumi:     filepath.Join(home, "pulumi"),
		user:       filepath.Join(home, "home"),
		passphrase: filepath.Join(home, "passphrase"),
	}
	for _, dir := range []string{p.work, p.state, p.pulumi, p.user} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return places{}, fmt.Errorf("making a place for the state: %w", err)
		}
	}
	if err := refuseLogs(filepath.Join(p.pulumi, "logs")); err != nil {
		return places{}, err
	}
	return p, ensurePassphrase(p.passphrase)
}

// refuseLogs puts an empty file where the engine would keep the log of every command: all properties
// of all resources, which takes it a third of a preview's time. It has no setting for that, and does
// without a log where it cannot make the directory.
func refuseLogs(path string) error {
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
		return nil
	}
	if err := os.RemoveAll(path); err != nil {
		return fmt.Errorf("removing the engine's logs: %w", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		return fmt.Errorf("keeping the engine from logging: %w", err)
	}
	return nil
}

// ensurePassphrase makes the passphrase that secrets in the state are encrypted with, once.
func ensurePassphrase(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was faster
	}
	if err != nil {
		return fmt.Errorf("making a passphrase: %w", err)
	}
	if _, err := f.WriteString(rand.Text()); err != nil {
		return errors.Join(fmt.Errorf("writing the passphrase: %w", err), f.Close(), os.Remove(path))
	}
	return f.Close()
}

// backend is the file backend as Pulumi wants it named.
func (p places) backend() string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(p.state)}).String()
}

// Variables are those of Pulumi's own environment variables that put a stack on the twin.
func (p places) variables(attach string) map[string]string {
	return map[string]string{
		"PULUMI_BACKEND_URL":                          p.backend(),
		"PULUMI_CONFIG_PASSPHRASE_FILE":               p.passphrase,
		"PULUMI_DEBUG_PROVIDERS":                      attach,
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		"PULUMI_SKIP_UPDATE_CHECK":                    "true",
		"PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER":    "true",
	}
}

// environment is all that the engine's process sees.
func environment(p places, o Options) []string {
	vars := fence.Environment(os.Environ())
	maps.Copy(vars, p.variables(o.Attach))
	maps.Copy(vars, map[string]string{
		"HOME":        p.user,
		"PULUMI_HOME": p.pulumi,
		"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
		ProjectDirVar: o.Project.Root,
	})
	if o.Throwaway {
		vars["PULUMI_EXPERIMENTAL"] = "true" // without it the next is not heard
		vars["PULUMI_SKIP_CHECKPOINTS"] = "true"
	}
	env := make([]string, 0, len(vars))
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		env = append(env, name+"="+vars[name])
	}
	return env
}
