package engine

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/fence"
	"github.com/causeway-iac/causeway/infra/query"
	"github.com/causeway-iac/causeway/infra/settings"
)

// places are the directories and files of a rehearsal.
type places struct {
	work       string // copies of Pulumi.yaml and Pulumi.<stack>.yaml
	state      string // the file backend
	pulumi     string // PULUMI_HOME
	user       string // HOME of the engine's process
	passphrase string // file
}

// arrange creates the places below home.
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
	if err := dropSidecars(p.state); err != nil {
		return places{}, err
	}
	return p, ensurePassphrase(p.passphrase)
}

// dropSidecars removes the files in which the file backend notes the content type and checksum of each of its files,
// unless told not to (see backend). It writes them in place, so an engine killed at that moment leaves an empty one, and
// then nothing can be read: "EOF". Nothing needs them.
func dropSidecars(state string) error { return dropFiles(state, ".attrs") }

// dropHalves removes what a killed engine was writing: the file backend writes to a file beside and then renames. No
// engine may be running.
func dropHalves(state string) error { return dropFiles(state, ".tmp") }

func dropFiles(state, extension string) error {
	return filepath.WalkDir(state, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != extension {
			return ignoreGone(err)
		}
		if err := ignoreGone(os.Remove(path)); err != nil {
			return fmt.Errorf("clearing the state of what is not needed: %w", err)
		}
		return nil
	})
}

func ignoreGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// refuseLogs puts an empty file where the engine would keep the log of every command: all properties of all resources, a
// third of a preview's time. There is no setting for that, but it goes without a log if it cannot make the directory.
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

// ensurePassphrase creates, once, the passphrase that encrypts secrets in the state.
func ensurePassphrase(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	// Written beside and linked, so that no kill leaves an empty one.
	f, err := os.CreateTemp(filepath.Dir(path), "passphrase-*")
	if err != nil {
		return fmt.Errorf("making a passphrase: %w", err)
	}
	defer os.Remove(f.Name())
	if _, err := f.WriteString(rand.Text()); err != nil {
		return errors.Join(fmt.Errorf("writing the passphrase: %w", err), f.Close())
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("writing the passphrase: %w", err)
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) { // another process was faster
		return fmt.Errorf("making a passphrase: %w", err)
	}
	return nil
}

// backend is the file backend's URL. It replaces each file at once, except for the sidecars that this leaves out
// (gocloud.dev/blob/fileblob, "metadata=skip").
func (p places) backend() string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(p.state), RawQuery: "metadata=skip"}).String()
}

// Variables are the Pulumi environment variables that put a stack on the twin.
func (p places) variables(attach string) map[string]string {
	vars := query.Endpoints(queryAddress(attach))
	maps.Copy(vars, map[string]string{
		"PULUMI_BACKEND_URL":                          p.backend(),
		"PULUMI_CONFIG_PASSPHRASE_FILE":               p.passphrase,
		"PULUMI_DEBUG_PROVIDERS":                      attach,
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		"PULUMI_SKIP_UPDATE_CHECK":                    "true",
		"PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER":    "true",
	})
	return vars
}

// queryAddress is where the twin answers AWS's Query API.
func queryAddress(attach string) string {
	_, port, _ := strings.Cut(attach, "query:")
	return "http://127.0.0.1:" + cmp.Or(port, "1")
}

// environment is everything that the engine's process sees.
func environment(p places, o Options) []string {
	vars := fence.Environment(os.Environ())
	maps.Copy(vars, p.variables(o.Attach))
	maps.Copy(vars, map[string]string{
		"HOME":        p.user,
		"PULUMI_HOME": p.pulumi,
		"PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
		settings.FolderVariable:                         o.Project.Root,
	})
	if o.IgnoreProtect {
		vars["PULUMI_OPTION_IGNORE_PROTECT"] = "true"
	}
	if o.Throwaway {
		vars["PULUMI_EXPERIMENTAL"] = "true" // without it the next has no effect
		vars["PULUMI_SKIP_CHECKPOINTS"] = "true"
	}
	env := make([]string, 0, len(vars))
	for _, name := range slices.Sorted(maps.Keys(vars)) {
		env = append(env, name+"="+vars[name])
	}
	return env
}
