package machine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/causeway-iac/causeway/twin/live/gate"
	"github.com/causeway-iac/causeway/twin/live/metadata"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// New plays a machine.
func New(p *node.Port) node.Player { return &player{port: p, metadata: metadata.New()} }

type player struct {
	port     *node.Port
	metadata *metadata.Service
	stop     context.CancelFunc
	ended    chan struct{}
}

// Apply boots the machine the first time. After that a machine changes by being replaced.
func (p *player) Apply(_ context.Context, c *node.Config) error {
	if err := p.metadata.Update(c); err != nil || p.ended != nil {
		return err
	}
	n := c.Node()
	self := c.Plan.Machine(n.Plays)
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	at := netip.MustParseAddrPort(metadata.Address)
	if err := gate.Redirect(at, metadata.Port); err != nil {
		return fmt.Errorf("leading to the metadata service: %w", err)
	}
	listener, err := p.metadata.Listen(ctx, netip.AddrPortFrom(at.Addr(), metadata.Port).String())
	if err != nil {
		return err
	}
	server := &http.Server{Handler: p.metadata, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // for as long as the machine exists
	root := filepath.Join(c.Dir, "root")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return fmt.Errorf("making the machine's file system: %w", err)
	}
	tool, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	err = Boot(Config{Hostname: "ip-" + strings.ReplaceAll(n.Address().String(), ".", "-"), Root: root, Tool: tool,
		Resolver: c.Plan.Network.Resolver.String(), Search: c.Plan.Region + ".compute.internal", Authorities: c.Keep["ca"],
		Image: string(c.Keep[plan.KeepImage])})
	if err != nil {
		return err
	}
	p.ended = make(chan struct{})
	go func() {
		defer close(p.ended)
		booted := func(failed int) {
			e := node.Started{OK: failed == 0}
			if !e.OK {
				e.Why = fmt.Sprintf("%d steps of its user data failed: its log says which", failed)
			}
			p.port.Say(e)
		}
		if err := Run(ctx, string(self.UserData), os.Stderr, booted); err != nil {
			p.port.Say(node.Started{Why: err.Error()})
		}
	}()
	return nil
}

// Ask answers "fill" and "empty": the machine's disk becomes full, and recovers.
func (p *player) Ask(_ context.Context, what string, _ json.RawMessage) (any, error) {
	switch what {
	case "fill":
		return nil, resizeDisk(true)
	case "empty":
		return nil, resizeDisk(false)
	}
	return nil, fmt.Errorf("a machine cannot %q", what)
}

// resizeDisk makes the machine's file system as small as its contents, or restores its size.
func resizeDisk(full bool) error {
	size := int64(diskMiB) << 20
	if full {
		var now unix.Statfs_t
		if err := unix.Statfs("/", &now); err != nil {
			return fmt.Errorf("looking at the machine's disk: %w", err)
		}
		size = int64(now.Blocks-now.Bfree) * now.Bsize
	}
	if err := unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_NOSUID|unix.MS_NODEV, fmt.Sprintf("size=%d", size)); err != nil {
		return fmt.Errorf("resizing the machine's disk: %w", err)
	}
	return nil
}

// Close shuts the machine down: its units are told to end, the last started first.
func (p *player) Close(ctx context.Context) error {
	if p.ended == nil {
		return nil
	}
	p.stop()
	select {
	case <-p.ended:
		return nil
	case <-ctx.Done():
		return errors.New("the machine's units did not end in time")
	}
}
