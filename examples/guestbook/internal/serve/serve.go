// Package serve runs an HTTPS server that an operator can live with: bounded in time and size, logged,
// traceable from tier to tier, and stopped without dropping requests.
package serve

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/causeway-iac/causeway/examples/guestbook/internal/settings"
)

// grace is how long requests in flight may take once the process is told to stop.
const grace = 20 * time.Second

// Listen opens the server's socket, so that a taken port is known before anything else starts.
func Listen(s settings.Server) (net.Listener, error) {
	certificate, err := certificate(s)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", s.ListenAddress)
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	return tls.NewListener(listener, &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
	}), nil
}

// Run serves until ctx ends, then lets requests in flight finish.
func Run(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           traced(logged(handler, log)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      20 * time.Second,
		// Longer than the load balancer's 60 s, so that it never reuses a connection being closed
		// (AWS, Application Load Balancer user guide, "Troubleshoot", HTTP 502).
		IdleTimeout:    75 * time.Second,
		MaxHeaderBytes: 32 << 10,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	log.Info("serving", "address", listener.Addr().String())
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping", "grace", grace.String())
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off: %w", err), server.Close())
	}
	return nil
}

// Common answers what load balancers and operators ask of every tier. Its health path tells of this
// process alone: a tier that fails when a lower one does is replaced for no reason.
func Common(mux *http.ServeMux, release string) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		JSON(w, http.StatusOK, map[string]string{"release": release, "go": runtime.Version()})
	})
}

// JSON writes value as the answer.
func JSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(value)
}
