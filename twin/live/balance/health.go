package balance

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// eager is how often a target is checked until it first answers. ELB keeps to the interval from the beginning; a person
// who waits for a page does not.
const eager = 250 * time.Millisecond

// watch checks a target until it is gone.
func (g *group) watch(t *target) {
	for {
		g.mu.Lock()
		check, state := g.plan.Health, t.state
		protocol, version := g.plan.Protocol, g.plan.ProtocolVersion
		g.mu.Unlock()
		if state != draining && state != unused {
			reason := probe(t.life, check, protocol, version, t.Target)
			if t.life.Err() != nil {
				return
			}
			state = g.heard(t, check, reason)
		}
		pause := time.Duration(check.Interval) * time.Second
		if state == initial {
			pause = min(pause, eager)
		}
		select {
		case <-t.life.Done():
			return
		case <-t.wake:
		case <-time.After(pause):
		}
	}
}

// heard counts a check's result. A target is initial until its first success, and healthy at that; without one it is
// unhealthy once it had the time to fail as many checks as the threshold says.
func (g *group) heard(t *target, check plan.HealthCheck, reason string) State {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.state == draining || t.state == unused {
		return t.state
	}
	if reason == "" {
		t.ok, t.bad = t.ok+1, 0
		if !t.proved || t.state == unhealthy && t.ok >= check.Healthy {
			t.proved = true
			g.become(t, healthy, "")
		}
		return t.state
	}
	t.ok, t.bad = 0, t.bad+1
	switch {
	case t.state == initial && time.Since(t.registered) < time.Duration(check.Unhealthy*check.Interval)*time.Second:
		g.become(t, initial, "Elb.InitialHealthChecking")
	case t.bad >= check.Unhealthy:
		g.become(t, unhealthy, reason)
	}
	return t.state
}

// probe checks a target once and returns the reason for a failure in ELB's words, or "".
func probe(ctx context.Context, check plan.HealthCheck, protocol, version string, t plan.Target) string {
	if !check.Enabled {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(max(1, check.Timeout))*time.Second)
	defer cancel()
	port := strconv.Itoa(t.Port)
	if check.Port != "" && check.Port != "traffic-port" {
		port = check.Port
	}
	address := net.JoinHostPort(t.Address, port)
	var err error
	switch {
	case !strings.HasPrefix(check.Protocol, "HTTP"):
		err = connect(ctx, address)
	case version == "GRPC":
		err = askGRPC(ctx, check, address)
	default:
		err = askHTTP(ctx, check, version, address)
	}
	return reasonOf(ctx, err)
}

// mismatch is an answer other than the healthy one.
type mismatch struct{ got string }

func (m mismatch) Error() string { return "answered " + m.got }

func reasonOf(ctx context.Context, err error) string {
	var wrong mismatch
	var slow net.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &wrong):
		return "Target.ResponseCodeMismatch: " + wrong.got
	case ctx.Err() != nil, errors.As(err, &slow) && slow.Timeout():
		return "Target.Timeout"
	}
	return "Target.FailedHealthChecks"
}

func connect(ctx context.Context, address string) error {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return c.Close()
}

// checker uses a new connection each time. A target's certificate is not verified (ELB user guide, "Target groups for
// your Application Load Balancers", Routing configuration).
func checker(version string) *http.Client {
	t := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true, Protocols: protocols(version)}
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func askHTTP(ctx context.Context, check plan.HealthCheck, version, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.ToLower(check.Protocol)+"://"+address+check.Path, nil)
	if err != nil {
		return err
	}
	r.Header.Set("User-Agent", "ELB-HealthChecker/2.0")
	response, err := checker(version).Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)); err != nil {
		return err
	}
	return within(response.StatusCode, check.Matcher, "200")
}

// askGRPC calls the method that the path names, with an empty message.
func askGRPC(ctx context.Context, check plan.HealthCheck, address string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.ToLower(check.Protocol)+"://"+address+check.Path,
		bytes.NewReader(make([]byte, 5)))
	if err != nil {
		return err
	}
	r.Header.Set("User-Agent", "ELB-HealthChecker/2.0")
	r.Header.Set("Content-Type", "application/grpc")
	r.Header.Set("Te", "trailers")
	response, err := checker("GRPC").Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20)); err != nil {
		return err
	}
	status := response.Trailer.Get("Grpc-Status")
	if status == "" {
		status = response.Header.Get("Grpc-Status")
	}
	code, err := strconv.Atoi(status)
	if err != nil {
		return mismatch{"no gRPC status"}
	}
	return within(code, check.Matcher, "12")
}

// within matches a code against a matcher such as "200", "200-299" or "200,301".
func within(code int, matcher, fallback string) error {
	matcher = cmp.Or(matcher, fallback)
	for _, part := range strings.Split(matcher, ",") {
		low, high, ranged := strings.Cut(strings.TrimSpace(part), "-")
		if !ranged {
			high = low
		}
		from, err := strconv.Atoi(low)
		to, err2 := strconv.Atoi(high)
		if err == nil && err2 == nil && from <= code && code <= to {
			return nil
		}
	}
	return mismatch{fmt.Sprint(code)}
}
