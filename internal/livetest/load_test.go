package livetest

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// load is visitors who ask for a page, one request after the other each, until it is stopped or has made the most requests
// that it may.
type load struct {
	made   atomic.Int64
	stop   chan struct{}
	ended  sync.WaitGroup
	mu     sync.Mutex
	failed []failure
}

type failure struct {
	at  time.Time
	why string
}

// most bounds a load.
const most = 60_000

// begin has so many visitors ask for address, each with a pause between its requests.
func begin(c *http.Client, address string, visitors int, pause time.Duration) *load {
	l := &load{stop: make(chan struct{})}
	for range visitors {
		l.ended.Go(func() {
			for l.made.Add(1) <= most {
				began := time.Now()
				if _, err := page(c, address); err != nil {
					l.mu.Lock()
					l.failed = append(l.failed, failure{began, err.Error()})
					l.mu.Unlock()
				}
				select {
				case <-l.stop:
					return
				case <-time.After(pause):
				}
			}
		})
	}
	return l
}

// end stops the load and returns how many requests were made and those that failed.
func (l *load) end() (made int, failed []failure) {
	close(l.stop)
	l.ended.Wait()
	return int(min(l.made.Load(), most)), l.failed
}

// until waits for something, and then for so many requests.
func (l *load) until(t testing.TB, least int, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(6 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		if done() {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: it did not come to that within 6 minutes", what)
		}
	}
	for l.made.Load() < int64(least) && l.made.Load() < most {
		time.Sleep(50 * time.Millisecond)
	}
}

func reasons(failed []failure) string {
	counts := map[string]int{}
	for _, f := range failed {
		counts[f.why]++
	}
	return fmt.Sprint(counts)
}
