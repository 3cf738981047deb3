// Package report tells a person what the engine does, did or would do.
package report

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"golang.org/x/term"
)

// Progress shows how far an operation is: one line that is rewritten on a terminal, a line every
// few seconds elsewhere.
type Progress struct {
	out      io.Writer
	terminal bool
	width    int
	verb     string
	begun    time.Time
	stop     chan struct{}
	once     sync.Once

	mu       sync.Mutex
	seen     map[string]bool   // resources that the engine began with
	ended    map[string]bool   // those of them that it ended with
	under    map[string]string // those under way, and what is being done to them
	order    []string          // of under, oldest first
	shown    bool
	closed   bool
	lastLine string
}

// NewProgress begins to show the progress of what verb says ("deploying").
func NewProgress(out io.Writer, verb string) *Progress {
	p := newProgress(out, verb)
	f, file := out.(interface{ Fd() uintptr })
	if file && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" && os.Getenv("CI") == "" {
		p.terminal, p.width = true, Columns(out)-1
	}
	go p.tick()
	return p
}

func newProgress(out io.Writer, verb string) *Progress {
	return &Progress{
		out: out, verb: verb, begun: time.Now(), stop: make(chan struct{}),
		seen: map[string]bool{}, ended: map[string]bool{}, under: map[string]string{},
	}
}

// unlimited is the width of what is not a terminal.
const unlimited = 1000

// Columns is a terminal's width; a file is as wide as it needs to be.
func Columns(out io.Writer) int {
	f, file := out.(interface{ Fd() uintptr })
	if !file || !term.IsTerminal(int(f.Fd())) {
		return unlimited
	}
	if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
		return max(w, 20)
	}
	return 80
}

func (p *Progress) tick() {
	every := 5 * time.Second
	if p.terminal {
		every = 100 * time.Millisecond
	}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-t.C:
			p.show()
		}
	}
}

// Observe takes an event of the engine.
func (p *Progress) Observe(e apitype.EngineEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case e.ResourcePreEvent != nil:
		p.begin(e.ResourcePreEvent.Metadata)
	case e.ResOutputsEvent != nil:
		p.end(e.ResOutputsEvent.Metadata.URN)
	case e.ResOpFailedEvent != nil:
		p.end(e.ResOpFailedEvent.Metadata.URN)
	}
}

func (p *Progress) begin(m apitype.StepEventMetadata) {
	state := m.New
	if state == nil {
		state = m.Old
	}
	if state == nil || !state.Custom || strings.HasPrefix(m.Type, "pulumi:providers:") {
		return
	}
	p.seen[m.URN] = true
	if m.Op == apitype.OpSame {
		p.ended[m.URN] = true
		return
	}
	delete(p.ended, m.URN)
	if _, known := p.under[m.URN]; !known {
		p.order = append(p.order, m.URN)
	}
	p.under[m.URN] = gerund(m.Op)
}

func (p *Progress) end(u string) {
	if _, known := p.under[u]; !known {
		return
	}
	delete(p.under, u)
	for i, other := range p.order {
		if other == u {
			p.order = append(p.order[:i], p.order[i+1:]...)
			break
		}
	}
	p.ended[u] = true
}

// gerund is what is being done, for people.
func gerund(op apitype.OpType) string {
	switch op {
	case apitype.OpCreate, apitype.OpCreateReplacement:
		return "creating"
	case apitype.OpUpdate:
		return "updating"
	case apitype.OpDelete, apitype.OpDeleteReplaced:
		return "deleting"
	case apitype.OpReplace:
		return "replacing"
	case apitype.OpRefresh, apitype.OpRead:
		return "reading"
	}
	return strings.ReplaceAll(string(op), "-", " ") + ":"
}

func (p *Progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed { // a late tick: a line printed now would land in the middle of the result
		return
	}
	line := p.line()
	if line == p.lastLine && !p.terminal {
		return
	}
	p.lastLine = line
	if !p.terminal {
		fmt.Fprintln(p.out, line)
		return
	}
	fmt.Fprint(p.out, "\r\033[K"+clip(line, p.width))
	p.shown = true
}

// line says how far it is, once there is something to count, and names the oldest step under way: the one that is waited
// for.
func (p *Progress) line() string {
	line := p.verb
	if len(p.seen) > 0 {
		line += fmt.Sprintf(": %d of %d resources", len(p.ended), len(p.seen))
	}
	line += ", " + Seconds(time.Since(p.begun))
	if len(p.order) > 0 {
		u := p.order[0]
		line += fmt.Sprintf(", %s %s", p.under[u], urn.URN(u).Name())
		if n := len(p.order); n > 1 {
			line += fmt.Sprintf(" and %d more", n-1)
		}
	}
	return line
}

// Say writes a line that stays, above the progress.
func (p *Progress) Say(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wipe()
	fmt.Fprintln(p.out, line)
}

// Close ends it and wipes the line.
func (p *Progress) Close() {
	p.once.Do(func() {
		close(p.stop)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.closed = true
		p.wipe()
	})
}

// Took is how long it has been going on.
func (p *Progress) Took() time.Duration { return time.Since(p.begun) }

func (p *Progress) wipe() {
	if p.shown {
		fmt.Fprint(p.out, "\r\033[K")
		p.shown = false
	}
}

// clip cuts a line to a terminal's width.
func clip(line string, width int) string {
	r := []rune(line)
	if len(r) <= width {
		return line
	}
	return string(r[:width-1]) + "…"
}

// Seconds is a duration for people: 0.4s, 12s, 3m5s.
func Seconds(d time.Duration) string {
	if d < 10*time.Second {
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + "s"
	}
	return d.Round(time.Second).String()
}
