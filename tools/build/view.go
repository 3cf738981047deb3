package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"
)

// view shows the progress of one program: one line that is rewritten on a terminal, a line every fifteen seconds
// elsewhere. A build that ends sooner shows only its last line.
type view struct {
	name     string
	out      io.Writer
	terminal bool
	every    time.Duration
	begun    time.Time
	stop     chan struct{}
	once     sync.Once

	mu       sync.Mutex
	text     string   // the stage, when nothing is being counted
	work     work     // what is to be compiled, when it is
	jobs     int      // packages at a time
	order    []string // packages started, oldest first
	size     int64    // their source
	compiled time.Time
	last     time.Time // when the most recent of them was started
	shown    bool
}

func newView(name string) *view {
	v := &view{name: name, out: os.Stderr, terminal: terminal(os.Stderr), begun: time.Now(), stop: make(chan struct{})}
	v.every = 15 * time.Second
	if v.terminal {
		v.every = 200 * time.Millisecond
	}
	go v.tick()
	return v
}

func (v *view) tick() {
	t := time.NewTicker(v.every)
	defer t.Stop()
	for {
		select {
		case <-v.stop:
			return
		case <-t.C:
			v.mu.Lock()
			v.show()
			v.mu.Unlock()
		}
	}
}

// show writes the current line; the lock is held.
func (v *view) show() {
	line := v.line()
	if !v.terminal {
		fmt.Fprintln(v.out, line)
		return
	}
	if w := width(); len(line) > w {
		line = line[:w]
	}
	fmt.Fprint(v.out, "\r\033[K"+line)
	v.shown = true
}

// line is what there is to say now.
func (v *view) line() string {
	elapsed := short(v.elapsed())
	if v.work.packages == nil {
		return fmt.Sprintf("%s: %s, %s", v.name, v.text, elapsed)
	}
	total := len(v.work.packages)
	if len(v.order) >= total {
		return fmt.Sprintf("%s: compiling the last of %d packages, then linking, %s", v.name, total, elapsed)
	}
	part := v.finished()
	line := fmt.Sprintf("%s: %d of %d packages compiled, %.0f%%, %s", v.name, v.count(), total, 100*part, elapsed)
	line += v.estimate(part)
	if n := len(v.order); n > 0 {
		line += ": " + v.order[n-1]
	}
	return line
}

// estimate is how long the rest will take. The go command reports starts and not ends: if nothing has started for longer
// than the rest should take, a large package is still under way.
func (v *view) estimate(part float64) string {
	since := time.Since(v.compiled)
	if part <= 0.05 || since <= 10*time.Second {
		return ""
	}
	left := time.Duration(float64(since) * (1 - part) / part)
	if time.Since(v.last) > max(left, 10*time.Second) {
		return ", a large package is being compiled"
	}
	return fmt.Sprintf(", about %s left", rough(left))
}

// count is the number of packages that are compiled: those started, less those still under way.
func (v *view) count() int { return max(0, len(v.order)-v.jobs) }

// finished is the share of the source that is compiled.
func (v *view) finished() float64 {
	done := v.size
	for _, p := range v.order[v.count():] {
		done -= v.work.packages[p]
	}
	return float64(done) / float64(max(1, v.work.bytes))
}

func (v *view) stage(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.text = text
}

func (v *view) downloading(n int, what string) {
	v.stage(fmt.Sprintf("downloading modules, %d so far: %s", n, what))
}

func (v *view) compiling(w work, jobs int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.work, v.jobs, v.compiled = w, jobs, time.Now()
}

func (v *view) started(pkg string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.order, v.last = append(v.order, pkg), time.Now()
	v.size += v.work.packages[pkg]
}

func (v *view) elapsed() time.Duration { return time.Since(v.begun) }

// say writes a line that stays.
func (v *view) say(text string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.wipe()
	fmt.Fprintln(v.out, text)
}

// done ends the view with a line that stays.
func (v *view) done(text string) {
	v.close()
	v.say(text)
}

// close stops the view and wipes what is not meant to stay.
func (v *view) close() {
	v.once.Do(func() {
		close(v.stop)
		v.mu.Lock()
		defer v.mu.Unlock()
		v.wipe()
	})
}

func (v *view) wipe() {
	if v.shown {
		fmt.Fprint(v.out, "\r\033[K")
		v.shown = false
	}
}

func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb" && os.Getenv("CI") == ""
}

func width() int {
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 20 {
		return n - 1
	}
	return 79
}

// short is a duration for people: 0.4s, 12s, 3m5s.
func short(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// rough is an estimate for people: it claims no more than it knows.
func rough(d time.Duration) string {
	if d < 90*time.Second {
		return fmt.Sprintf("%d s", int(d.Seconds()/10+1)*10)
	}
	return fmt.Sprintf("%d min", int(d.Minutes()+0.9))
}
