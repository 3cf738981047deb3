package balance

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// rollout replaces both targets under load, as a refresh of their group does: the new one first, then the old one
// drains, and then it is gone. How many requests failed?
func rollout(t *testing.T, drain bool) (sent, failed int64) {
	busy := func(http.ResponseWriter, *http.Request) bool {
		time.Sleep(2 * time.Millisecond)
		return false
	}
	old := []*httptest.Server{application(t, "old", busy), application(t, "old", busy)}
	s := setUp(t, old...)
	s.apply()
	s.state("i-0", healthy)
	s.state("i-1", healthy)

	var n, bad atomic.Int64
	stop := make(chan struct{})
	var visitors sync.WaitGroup
	for range 16 {
		visitors.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				n.Add(1)
				response, err := s.client.Get("https://guestbook.test/")
				if err != nil {
					bad.Add(1)
					continue
				}
				_, _ = io.Copy(io.Discard, response.Body)
				response.Body.Close()
				if response.StatusCode != 200 {
					bad.Add(1)
				}
			}
		})
	}
	for i, server := range old {
		s.group().Targets = append(s.group().Targets, targetOf(application(t, "new", busy), []string{"i-2", "i-3"}[i]))
		s.apply()
		s.state([]string{"i-2", "i-3"}[i], healthy)
		if drain {
			s.group().Targets[0].Draining = true
			s.apply()
			s.state([]string{"i-0", "i-1"}[i], unused)
		}
		server.CloseClientConnections() // the machine is gone
		server.Listener.Close()
		time.Sleep(50 * time.Millisecond)
		s.group().Targets = s.group().Targets[1:]
		s.apply()
	}
	for n.Load() < 4000 {
		time.Sleep(time.Millisecond)
	}
	close(stop)
	visitors.Wait()
	return n.Load(), bad.Load()
}

func TestARolloutUnderLoad(t *testing.T) {
	sent, failed := rollout(t, true)
	assert.Zero(t, failed, "of %d requests", sent)
	sent, failed = rollout(t, false)
	assert.NotZero(t, failed, "of %d requests, without draining", sent)
}
