package brain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/blang/semver"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"

	"github.com/causeway-iac/causeway/twin/value"
)

// Plugin is the brain that asks a real provider: a pulumi-resource-aws or -cloudflare of the version that the twin speaks
// for, started with credentials that open nothing and an environment that leads nowhere. It is asked only for what it
// answers without a cloud: Check, Diff, and Create and Update as previews.
//
// The real provider holds one configuration a process, so each combination of Settings has a process of its own, started
// when it is first asked.
type Plugin struct {
	of      *served
	path    string
	version string
	home    string // an empty directory: the processes' HOME

	patience time.Duration // for one answer

	plainAssets atomic.Bool // see translation

	mu        sync.Mutex
	processes map[string]*starting
	closed    bool
}

// starting is a process that is starting or has started.
type starting struct {
	once    sync.Once
	process *process
	err     error
}

// OpenPlugin starts the provider at path, whose name tells which cloud it is for. It fails if its major version is not
// the one that the twin speaks for. Starting takes up to several seconds, and about 300 MB of memory for each Settings
// that is asked for.
func OpenPlugin(ctx context.Context, path string) (*Plugin, error) {
	home, err := os.MkdirTemp("", "causeway-plugin-")
	if err != nil {
		return nil, fmt.Errorf("making a home for the plugin: %w", err)
	}
	of := servedBy(path)
	p := &Plugin{of: of, path: path, home: home, patience: answerTimeout, processes: map[string]*starting{}}
	first, err := p.started(ctx, Settings{Region: "us-east-1"})
	if err == nil {
		p.version, err = first.version(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", path, err), p.Close())
	}
	v, err := semver.ParseTolerant(p.version)
	switch speaks := fmt.Sprintf("the twin speaks for version %d", of.major()); {
	case err != nil:
		err = fmt.Errorf("%s calls its version %q, which is not a version: %s of the %s provider: %s", path, p.version, speaks, of.called,
			of.howToInstall())
	case v.Major != of.major():
		err = fmt.Errorf("%s is version %s of the %s provider, and %s: %s", path, p.version, of.called, speaks, of.howToInstall())
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Name implements Brain.
func (p *Plugin) Name() string {
	return fmt.Sprintf("%s %s (%s)", p.of.plugin(), p.version, p.path)
}

// Speaks is the provider that the plugin is: aws, or cloudflare.
func (p *Plugin) Speaks() string { return p.of.name }

// Close ends the processes.
func (p *Plugin) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, s := range p.processes {
		s.once.Do(func() { s.err = errClosed })
		if s.process != nil {
			s.process.stop()
		}
	}
	if err := os.RemoveAll(p.home); err != nil {
		return fmt.Errorf("removing the plugin's home: %w", err)
	}
	return nil
}

var errClosed = errors.New("the plugin is closed")

// process returns the process for settings, and starts it if there is none. It outlives the request that first asks for
// it.
func (p *Plugin) process(ctx context.Context, s Settings) (*process, error) {
	return p.started(context.WithoutCancel(ctx), s)
}

func (p *Plugin) started(ctx context.Context, s Settings) (*process, error) {
	key := value.Canonical(map[string]any{"region": s.Region, "tags": s.DefaultTags, "ignore": s.IgnoreTags,
		"prefixes": s.IgnoreTagPrefixes})
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, errClosed
	}
	known := p.processes[key]
	if known == nil {
		known = &starting{}
		p.processes[key] = known
	}
	p.mu.Unlock()
	known.once.Do(func() {
		known.process, known.err = start(ctx, p.of, p.path, p.home, s)
	})
	return known.process, known.err
}

// typeOnly is a URN for a resource whose own URN does not matter: the provider reads only the type and the name from it.
func typeOnly(typ, name string) string {
	name = cmp.Or(name, "resource")
	return "urn:pulumi:twin::causeway::" + typ + "::" + strings.ReplaceAll(name, "::", "-")
}

// Schema is the provider's package schema, as JSON.
func (p *Plugin) Schema(ctx context.Context) ([]byte, error) {
	process, err := p.process(ctx, Settings{Region: "us-east-1"})
	if err != nil {
		return nil, err
	}
	r, err := process.GetSchema(ctx, &pulumirpc.GetSchemaRequest{})
	if err != nil {
		return nil, fmt.Errorf("asking the provider for its schema: %w", err)
	}
	return []byte(r.Schema), nil
}
