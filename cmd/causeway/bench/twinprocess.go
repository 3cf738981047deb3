package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin"
)

// serveTwin is the command's first argument in a process that is a twin and nothing else, so that memory and processor
// time are its own.
const serveTwin = "serve-twin"

// usage is what a twin's process has used so far.
type usage struct {
	CPU  time.Duration `json:"cpu"`  // of processors, in nanoseconds
	Peak int64         `json:"peak"` // peak bytes of memory
	Live int64         `json:"live"` // bytes in use, without what the collector will free
}

// twinProcess is a twin in a process of its own.
type twinProcess struct {
	cmd    *exec.Cmd
	asks   io.WriteCloser
	told   *bufio.Reader
	attach string
}

// startTwin starts a twin's process. Its world is in memory.
func startTwin(ctx context.Context, o twin.Options) (_ *twinProcess, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("starting a twin of its own: %w", err)
	}
	options, err := json.Marshal(worldOptions{o.Account, o.CloudflareZones, o.Route53Zones, o.Manners})
	if err != nil {
		return nil, fmt.Errorf("starting a twin of its own: %w", err)
	}
	p := &twinProcess{cmd: exec.CommandContext(ctx, self, serveTwin, string(options))}
	p.cmd.Stderr = os.Stderr
	if p.asks, err = p.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting a twin of its own: %w", err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting a twin of its own: %w", err)
	}
	p.told = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting a twin of its own: %w", err)
	}
	if p.attach, err = p.told.ReadString('\n'); err != nil {
		return nil, errors.Join(fmt.Errorf("starting a twin of its own: %w", err), p.stop())
	}
	p.attach = strings.TrimSpace(p.attach)
	return p, nil
}

// worldOptions are the options that a twin's process is given.
type worldOptions struct {
	Account                       string
	CloudflareZones, Route53Zones []string
	Manners                       twin.Manners
}

// usage asks the process what it has used.
func (p *twinProcess) usage() (u usage, err error) {
	if _, err = fmt.Fprintln(p.asks); err == nil {
		err = json.NewDecoder(p.told).Decode(&u)
	}
	if err != nil {
		return usage{}, fmt.Errorf("asking a twin's process what it takes: %w", err)
	}
	return u, nil
}

func (p *twinProcess) stop() error {
	if err := errors.Join(p.asks.Close(), p.cmd.Wait()); err != nil {
		return fmt.Errorf("ending a twin's process: %w", err)
	}
	return nil
}

// twinMain is the twin's process: it prints where it listens, answers each line it is sent with what it has used, and
// ends with its input.
func twinMain(ctx context.Context, options string, in io.Reader, out io.Writer) error {
	var w worldOptions
	if err := json.Unmarshal([]byte(options), &w); err != nil {
		return fmt.Errorf("reading the twin's options: %w", err)
	}
	t, err := twin.Start(ctx, twin.Options{Account: w.Account, CloudflareZones: w.CloudflareZones, Route53Zones: w.Route53Zones,
		Manners: w.Manners})
	if err != nil {
		return fmt.Errorf("starting the twin: %w", err)
	}
	fmt.Fprintln(out, t.Attach())
	encoder := json.NewEncoder(out)
	for lines := bufio.NewScanner(in); lines.Scan(); {
		u := usage{CPU: cpuTime(), Peak: ownPeak()}
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		u.Live = int64(m.HeapAlloc)
		if err := encoder.Encode(u); err != nil {
			return errors.Join(fmt.Errorf("telling what the twin takes: %w", err), t.Close())
		}
	}
	return t.Close()
}
