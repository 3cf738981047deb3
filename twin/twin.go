// Package twin is a local cloud: a provider for aws and one for cloudflare, served to the ordinary
// Pulumi engine over a world of its own. It needs no account and no network.
//
// A twin answers Check, Diff and previews from a brain (package brain), and keeps what exists in a
// world (package world) that refuses what the clouds refuse. Attach gives the value of
// PULUMI_DEBUG_PROVIDERS that makes the engine use it. A type, property or function that it does
// not know is an error that names it.
package twin

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/contents"
	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/provider"
	"github.com/causeway-iac/causeway/twin/query"
	"github.com/causeway-iac/causeway/twin/store"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// Options of a twin. The zero value is an in-memory world on free ports.
type Options struct {
	Path           string // file of the world, created if absent, with its key in Path.key; "" keeps it in memory
	AWSPort        int    // 0 picks a free port
	CloudflarePort int    // 0 picks a free port

	// Account is the AWS account's twelve digits. Empty takes the first account that a provider's
	// allowedAccountIds names, and 000000000000 until then.
	Account string

	// Region is that of the account's belongings that name none.
	Region string

	// CloudflareZones and Route53Zones are domains whose zones exist already, for programs that look one up instead of
	// creating it.
	CloudflareZones []string
	Route53Zones    []string

	// Granted are the quotas that AWS has granted the account, by name. Manners have the last word.
	Granted map[string]int

	// Brain answers what needs no cloud: Check, Diff and previews, for aws, or for the provider that it says it speaks
	// for. nil is the built-in brain; brain.OpenPlugin gives a real provider. The caller closes it, after the twin.
	Brain brain.Brain

	// Manners are how the cloud behaves: the zero value is instant, consistent and never fails.
	Manners Manners

	// Kill ends a process that a fault of the kind "kill" names, after a change was written and before its answer is
	// given; nil ignores such faults.
	Kill func(process string)

	// Caller names the caller in the events: "causeway up (process 12)".
	Caller string
}

// Twin is a running local cloud.
type Twin struct {
	world   *world.World
	front   *front.Front
	manners Manners
	caller  string

	killed      time.Time // when the killed run had begun
	interrupted bool      // there was one, and it is not settled
	store       *store.Store
	aws         *provider.Server
	cloudflare  *provider.Server
	query       *query.Server
	closeOnce   sync.Once
	closeErr    error
}

// Resource is one thing that exists in the twin. Secrets are in the clear: take care where it goes.
type Resource struct {
	Type    string
	ID      string
	ARN     string
	URN     string
	Region  string
	Created time.Time
	Inputs  map[string]any
	Outputs map[string]any
}

// Plain is the outputs that the provider would answer unchanged, those that are neither secrets nor files, and whether
// these are all.
func (r Resource) Plain() (outputs map[string]any, all bool) {
	f := resourceFacts(r.Type)
	if f == nil {
		return nil, false
	}
	outputs = map[string]any{}
	for name, x := range r.Outputs {
		p := f.Properties[name]
		if !value.HasMark(x) && (p == nil || !p.Sensitive) && !slices.Contains(f.SecretOutputs, name) {
			outputs[name] = x
		}
	}
	return outputs, len(outputs) == len(r.Outputs)
}

// Event is one call that the twin answered.
type Event = world.Event

// Contents keeps the contents of the files that a world's objects were made from, beside the world's own file. A world in
// memory keeps none.
func Contents(path string) *contents.Store {
	if path == "" {
		return nil
	}
	return contents.In(filepath.Join(filepath.Dir(path), "objects", "content"))
}

// Start serves a twin until it is closed or ctx is done. It fails if the file cannot be opened or a port is taken.
func Start(ctx context.Context, o Options) (*Twin, error) {
	t := &Twin{}
	if o.Path != "" {
		s, err := store.Open(o.Path)
		if err != nil {
			return nil, err
		}
		t.store = s
	}
	if err := t.open(o); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	context.AfterFunc(ctx, func() { _ = t.Close() })
	return t, nil
}

func (t *Twin) open(o Options) (err error) {
	if err := o.Manners.Check(); err != nil {
		return err
	}
	w := o.world()
	w.Store, w.Contents = t.store, Contents(o.Path)
	if t.world, err = world.Open(w); err != nil {
		return err
	}
	aws, cloudflare := facts.AWS(), facts.Cloudflare()
	if t.killed, t.interrupted, err = t.world.Begin(); err != nil {
		return err
	}
	if t.front, err = o.Manners.before(t.world, o.Kill); err != nil {
		return err
	}
	t.manners, t.caller = o.Manners, o.Caller
	brains := map[string]brain.Brain{"aws": brain.NewBuiltin(aws), "cloudflare": brain.NewBuiltin(cloudflare)}
	if speaker, says := o.Brain.(interface{ Speaks() string }); says {
		brains[speaker.Speaks()] = o.Brain
	} else if o.Brain != nil {
		brains["aws"] = o.Brain
	}
	if t.aws, err = provider.Serve(aws, facts.AWSVersion, brains["aws"], t.front, o.AWSPort); err != nil {
		return err
	}
	if t.query, err = query.Serve(t.front); err != nil {
		return err
	}
	t.cloudflare, err = provider.Serve(cloudflare, facts.CloudflareVersion, brains["cloudflare"], t.front, o.CloudflarePort)
	return err
}

// Grant has the account have the quotas that AWS has granted it, from now on.
func (t *Twin) Grant(quotas map[string]int) { t.world.Grant(quotas) }

// Attach returns the value of PULUMI_DEBUG_PROVIDERS: "aws:PORT,cloudflare:PORT,query:PORT". The engine knows no provider
// of the last name: it is where the twin answers AWS's Query API.
func (t *Twin) Attach() string {
	return fmt.Sprintf("aws:%d,cloudflare:%d,query:%d", t.aws.Port(), t.cloudflare.Port(), t.query.Port())
}

// Account returns the twelve digits of the twin's AWS account.
func (t *Twin) Account() string { return t.world.Account() }

// Resources returns what exists, sorted by type and id, without what the cloud made by itself.
func (t *Twin) Resources() []Resource {
	return t.resources(func(o *world.Object) bool { return !o.Implicit })
}

// Lost returns what exists although its creation was not answered, because of a fault of that kind: the caller took the
// call for failed.
func (t *Twin) Lost() []Resource { return t.resources((*world.Object).Lost) }

// Snapshots returns what RDS made of databases that are gone: their final snapshots.
func (t *Twin) Snapshots() []Resource {
	return t.resources(func(o *world.Object) bool { return o.Type == world.TypeSnapshot })
}

func (t *Twin) resources(wanted func(*world.Object) bool) (out []Resource) {
	for _, o := range t.world.Objects() {
		if !wanted(o) {
			continue
		}
		out = append(out, Resource{Type: o.Type, ID: o.ID, ARN: o.Text("arn"), URN: o.URN, Region: o.Region,
			Created: o.Created, Inputs: o.Inputs, Outputs: o.Outputs})
	}
	return out
}

// Events returns the latest calls, oldest first.
func (t *Twin) Events() []Event { return t.world.Events() }

// Alter changes outputs of a resource behind Pulumi's back, to rehearse drift. A nil value removes one. It fails if there
// is no such resource.
func (t *Twin) Alter(typ, id string, changes map[string]any) error {
	return t.world.Alter(typ, id, value.CopyMap(changes))
}

// Remove deletes a resource behind Pulumi's back, without asking whether the cloud would.
func (t *Twin) Remove(typ, id string) error { return t.world.Remove(typ, id) }

// Reset empties the world.
func (t *Twin) Reset() error { return t.world.Reset() }

// Close stops serving and closes the file.
func (t *Twin) Close() error {
	t.closeOnce.Do(func() {
		if t.front != nil {
			t.front.Close()
		}
		if t.query != nil {
			t.query.Close()
		}
		for _, s := range []*provider.Server{t.aws, t.cloudflare} {
			if s != nil {
				s.Close()
			}
		}
		if t.store != nil {
			if t.cloudflare != nil && !t.interrupted {
				t.closeErr = t.world.EndRun()
			}
			t.closeErr = errors.Join(t.closeErr, t.store.Close())
		}
	})
	return t.closeErr
}

// World is what exists, for the package that makes it live.
func (t *Twin) World() *world.World { return t.world }

// Quota is an account's limit on something, and how much of it is used.
type Quota = world.Quota

// Quotas lists the account's limits and what it uses of each, by service.
func (t *Twin) Quotas() []Quota { return t.world.Quotas() }

// Delegation is a public zone, and whether it is delegated.
type Delegation = world.Delegation

// Delegations lists the public zones of both clouds.
func (t *Twin) Delegations() []Delegation { return t.world.Delegations() }

// Delegate delegates a zone, named by its domain or id, or ends its delegation, as somebody at the registrar would. It
// returns how the zones stand then, and fails if there is no such zone, or more than one.
func (t *Twin) Delegate(zone string, on bool) ([]Delegation, error) {
	changed, err := t.world.Delegate(zone, on)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(t.Delegations(), func(d Delegation) bool { return !slices.Contains(changed, d.Zone) }), nil
}
