package serve

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"
)

// TraceHeader carries a request's id from the edge to the last tier (AWS, Application Load Balancer
// user guide, "Request tracing").
const TraceHeader = "X-Amzn-Trace-Id"

type traceKey struct{}

// Trace is the id of the request that ctx belongs to.
func Trace(ctx context.Context) string {
	id, _ := ctx.Value(traceKey{}).(string)
	return id
}

// traceForm keeps what somebody else wrote from forging log lines or the page.
var traceForm = regexp.MustCompile(`^[A-Za-z0-9=;:._-]{1,256}$`)

func traced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(TraceHeader)
		if !traceForm.MatchString(id) {
			id = newTrace()
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), traceKey{}, id)))
	})
}

func newTrace() string {
	var random [12]byte
	rand.Read(random[:])
	return fmt.Sprintf("Root=1-%08x-%s", time.Now().Unix(), hex.EncodeToString(random[:]))
}

// logged writes one line for each request: its route and outcome, never its query, headers or body.
func logged(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		recorder := &recorder{ResponseWriter: w}
		defer func() {
			if cause := recover(); cause != nil {
				log.Error("panic", "request_id", Trace(r.Context()), "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
				if recorder.status == 0 {
					http.Error(recorder, "internal error", http.StatusInternalServerError)
				}
			}
			level := slog.LevelInfo
			if r.Pattern == "GET /healthz" || r.Pattern == "GET /readyz" {
				level = slog.LevelDebug
			}
			log.Log(r.Context(), level, "request",
				"request_id", Trace(r.Context()), "method", r.Method, "route", r.Pattern,
				"status", recorder.status, "bytes", recorder.bytes, "duration_ms", time.Since(start).Milliseconds())
		}()
		next.ServeHTTP(recorder, r)
	})
}

type recorder struct {
	http.ResponseWriter
	status, bytes int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += n
	return n, err
}
