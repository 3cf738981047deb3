package front

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/causeway-iac/causeway/twin/fault"
)

// gate lets so many calls per second through to each service (a token bucket that holds one second's worth).
type gate struct {
	rate   float64
	mu     sync.Mutex
	tokens map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

func newGate(rate float64) *gate { return &gate{rate: rate, tokens: map[string]bucket{}} }

// enter takes a token, if there is one.
func (g *gate) enter(service string, now time.Time) bool {
	if g.rate <= 0 {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	full := max(g.rate, 1)
	b, known := g.tokens[service]
	if !known {
		b = bucket{left: full, at: now}
	}
	b.left = min(full, b.left+now.Sub(b.at).Seconds()*g.rate)
	b.at = now
	entered := b.left >= 1
	if entered {
		b.left--
	}
	g.tokens[service] = b
	return entered
}

// The real provider's patience: it tries 25 times, waiting twice as long each time, up to 20 seconds (AWS SDK for Go v2,
// retry.DefaultMaxBackoff; the provider's setting maxRetries).
const (
	attempts   = 25
	firstWait  = 50 * time.Millisecond
	longestGap = 20 * time.Second
)

// queue asks until the service lets the call in, as the provider does, and fails when its patience runs out. Each refusal
// is an event.
func (f *Front) queue(ctx context.Context, c fault.Call, urn, id string) error {
	wait := firstWait
	for attempt := 1; !f.gate.enter(fault.ServiceOf(c.Type), time.Now()); attempt++ {
		f.record(c, urn, id, "api error "+fault.ThrottleCode(c.Type)+": Rate exceeded; asked again")
		if attempt == attempts {
			return errors.New(fault.Message(fault.Throttle, c))
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.sleep(wait); err != nil {
			return err
		}
		wait = min(2*wait, longestGap)
	}
	return nil
}
