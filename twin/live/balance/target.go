package balance

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// State of a target, as ELB calls it.
type State string

const (
	initial   State = "initial"
	healthy   State = "healthy"
	unhealthy State = "unhealthy"
	draining  State = "draining"
	unused    State = "unused"
)

// target is one that a group has, or that still has requests in flight.
type target struct {
	plan.Target
	state   State // with reason, ok, bad, since and leaving: the group's lock
	reason  string
	ok, bad int       // checks in a row
	since   time.Time // it became healthy

	registered time.Time
	proved     bool // it was healthy once

	flying atomic.Int64 // requests
	life   context.Context
	end    context.CancelFunc // breaks off what is in flight
	wake   chan struct{}      // triggers a check at once
}

func newTarget(t plan.Target) *target {
	life, end := context.WithCancel(context.Background())
	return &target{Target: t, state: initial, reason: "Elb.RegistrationInProgress", registered: time.Now(), life: life, end: end,
		wake: make(chan struct{}, 1)}
}

func (t *target) address() string { return net.JoinHostPort(t.Address, strconv.Itoa(t.Port)) }

func keyOf(t plan.Target) string { return fmt.Sprintf("%s:%s:%d", t.ID, t.Address, t.Port) }

// mark identifies the target in a cookie. It reveals nothing, and every node of the load balancer computes the same.
func mark(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p + "\n"))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// share is the fraction of its full share of requests that a target gets: during slow start it grows to 1 (ELB user
// guide, "Slow start mode").
func (t *target) share(slow time.Duration, now time.Time) float64 {
	if slow <= 0 || t.since.IsZero() {
		return 1
	}
	return max(0.05, min(1, float64(now.Sub(t.since))/float64(slow)))
}
