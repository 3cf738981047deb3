package balance

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

func TestHealth(t *testing.T) {
	var sick atomic.Bool
	var checks atomic.Int64
	sick.Store(true)
	one := application(t, "one", func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/healthz" {
			return false
		}
		checks.Add(1)
		assert.Equal(t, "ELB-HealthChecker/2.0", r.UserAgent())
		if sick.Load() {
			w.WriteHeader(500)
		}
		return true
	})
	s := setUp(t, one, application(t, "two", nil))
	s.apply()
	s.state("i-1", healthy)
	require.Eventually(t, func() bool { return checks.Load() > 4 }, 5*time.Second, 10*time.Millisecond)
	s.state("i-0", initial)
	s.state("i-0", unhealthy) // after as many intervals as the threshold says, which is what its group goes by
	for range 10 {
		response, _ := s.get("https://guestbook.test/")
		assert.Equal(t, "two", response.Header.Get("X-From"), "none for a target that was never well")
	}
	sick.Store(false)
	s.state("i-0", healthy)
	sick.Store(true)
	s.state("i-0", unhealthy)
	for range 10 {
		response, _ := s.get("https://guestbook.test/")
		assert.Equal(t, "two", response.Header.Get("X-From"))
	}
	before := checks.Load()
	sick.Store(false)
	s.state("i-0", healthy)
	assert.GreaterOrEqual(t, checks.Load()-before, int64(2), "as often as the threshold says")

	s.mu.Lock()
	defer s.mu.Unlock()
	assert.Contains(t, s.events, node.Health{TargetGroup: "g1", Target: "i-0", Port: s.group().Targets[0].Port, State: "unhealthy",
		Reason: "Target.ResponseCodeMismatch: 500"})
}

func TestMatcher(t *testing.T) {
	for _, c := range []struct {
		matcher string
		code    int
		ok      bool
	}{{"200", 200, true}, {"200", 204, false}, {"200-299", 204, true}, {"200,301", 301, true}, {"200, 300-302", 302, true}, {"", 200, true},
		{"x", 200, false}} {
		assert.Equal(t, c.ok, within(c.code, c.matcher, "200") == nil, "%v", c)
	}
}

// A target that is leaving gets no new request, and finishes those that it has.
func TestDraining(t *testing.T) {
	hold := make(chan struct{})
	slow := application(t, "slow", func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/slow" {
			<-hold
		}
		return false
	})
	s := setUp(t, slow)
	s.apply()
	s.state("i-0", healthy)
	answer := make(chan string)
	go func() {
		response, err := s.client.Get("https://guestbook.test/slow")
		if err != nil {
			answer <- err.Error()
			return
		}
		answer <- response.Status
	}()
	require.Eventually(t, func() bool { return s.flying() == 1 }, 5*time.Second, time.Millisecond)
	s.group().Targets[0].Draining = true
	s.group().Targets = append(s.group().Targets, targetOf(application(t, "new", nil), "i-1"))
	s.apply()
	s.state("i-0", draining)
	s.state("i-1", healthy)
	for range 5 {
		response, _ := s.get("https://guestbook.test/")
		assert.Equal(t, "new", response.Header.Get("X-From"))
	}
	close(hold)
	assert.Equal(t, "200 OK", <-answer)
	s.state("i-0", unused) // its last request was answered
}

func (s *stand) flying() int64 {
	b := s.player.(*balancer)
	b.mu.Lock()
	defer b.mu.Unlock()
	total := int64(0)
	for _, g := range b.groups {
		g.mu.Lock()
		for _, t := range g.targets {
			total += t.flying.Load()
		}
		g.mu.Unlock()
	}
	return total
}

// What a target leaves unanswered at the end of its delay is broken off, and not sent to another.
func TestBrokenOff(t *testing.T) {
	var asked atomic.Int64
	hang := func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/hang" {
			return false
		}
		asked.Add(1)
		<-r.Context().Done()
		return true
	}
	s := setUp(t, application(t, "one", hang), application(t, "two", hang))
	s.apply()
	s.state("i-0", healthy)
	s.state("i-1", healthy)
	status := make(chan int)
	go func() {
		response, err := s.client.Get("https://guestbook.test/hang")
		assert.NoError(t, err)
		status <- response.StatusCode
	}()
	require.Eventually(t, func() bool { return asked.Load() == 1 }, 5*time.Second, time.Millisecond)
	s.group().Targets = nil
	s.apply()
	assert.Equal(t, 502, <-status)
	assert.Equal(t, int64(1), asked.Load())
	response, body := s.get("https://guestbook.test/")
	assert.Equal(t, 503, response.StatusCode)
	assert.Contains(t, body, "503 Service Temporarily Unavailable")
}

// Go's transport would send such requests again over another connection, and hide what an ALB answers.
func TestATargetThatBreaksOffIsA502(t *testing.T) {
	var asked atomic.Int64
	rude := application(t, "rude", func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/rude" {
			return false
		}
		asked.Add(1)
		panic(http.ErrAbortHandler)
	})
	s := setUp(t, rude)
	s.apply()
	s.state("i-0", healthy)
	s.get("https://guestbook.test/") // a connection that will be used again
	response, body := s.get("https://guestbook.test/rude")
	assert.Equal(t, 502, response.StatusCode)
	assert.Contains(t, body, "502 Bad Gateway")
	assert.Equal(t, int64(1), asked.Load())
}

func TestATargetThatIsSlowIsA504(t *testing.T) {
	s := setUp(t, application(t, "slow", func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/slow" {
			<-r.Context().Done()
			return true
		}
		return false
	}))
	s.balancer().Idle = 1
	s.apply()
	s.state("i-0", healthy)
	response, _ := s.get("https://guestbook.test/slow")
	assert.Equal(t, 504, response.StatusCode)
}

func TestStickiness(t *testing.T) {
	s := setUp(t, application(t, "one", nil), application(t, "two", nil))
	s.group().Stickiness = &plan.Stickiness{Type: "lb_cookie", Seconds: 60}
	s.apply()
	s.state("i-0", healthy)
	s.state("i-1", healthy)
	response, _ := s.get("https://guestbook.test/")
	from, cookie := response.Header.Get("X-From"), response.Cookies()[0]
	assert.Equal(t, "AWSALB", cookie.Name)
	assert.Equal(t, "AWSALBCORS", response.Cookies()[1].Name)
	for range 10 {
		response, _ := s.get("https://guestbook.test/", "Cookie", cookie.Name+"="+cookie.Value)
		assert.Equal(t, from, response.Header.Get("X-From"))
	}
	seen := map[string]bool{}
	for range 10 {
		response, _ := s.get("https://guestbook.test/")
		seen[response.Header.Get("X-From")] = true
	}
	assert.Len(t, seen, 2, "without the cookie, both")
}

func TestSlowStart(t *testing.T) {
	now := time.Now()
	veteran, rookie := &target{}, &target{since: now.Add(-3 * time.Second)}
	assert.Equal(t, 1.0, veteran.share(30*time.Second, now))
	assert.InDelta(t, 0.1, rookie.share(30*time.Second, now), 0.01)
	assert.Equal(t, 1.0, rookie.share(0, now))
	g := &group{plan: plan.TargetGroup{SlowStart: 30}, targets: []*target{veteran, rookie}}
	veteran.state, rookie.state = healthy, healthy
	for range 1000 {
		g.pick("")
	}
	assert.InDelta(t, 100, rookie.flying.Load(), 70)
}

func TestOwnZoneFirst(t *testing.T) {
	near, far := &target{Target: plan.Target{Zone: "a"}, state: healthy}, &target{Target: plan.Target{Zone: "b"}, state: healthy}
	g := &group{zone: "a", targets: []*target{near, far}}
	for range 10 {
		assert.Same(t, near, g.pick(""))
	}
	g.zone = ""
	assert.Len(t, g.choice(), 2)
}
