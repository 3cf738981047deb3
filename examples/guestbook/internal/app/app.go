// Package app is the application tier: the guestbook's entries as a JSON API.
package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/causeway-iac/causeway/examples/guestbook/internal/entry"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/serve"
)

// pageLength is how many entries GET /entries returns.
const pageLength = 50

// bodyLimit is enough for the longest entry with every character escaped.
const bodyLimit = 16 << 10

// Store keeps entries.
type Store interface {
	Latest(ctx context.Context, limit int) ([]entry.Entry, error)
	Add(ctx context.Context, d entry.Draft) (entry.Entry, error)
	Ping(ctx context.Context) error
}

// Problem is the body of every answer that is not a success.
type Problem struct {
	Error string `json:"error"` // for the person who wrote the request
}

type api struct {
	store Store
	log   *slog.Logger
}

// Handler answers GET and POST /entries, /healthz (this process alone), /readyz (with the database)
// and /version.
func Handler(store Store, release string, log *slog.Logger) http.Handler {
	a := api{store: store, log: log}
	mux := http.NewServeMux()
	serve.Common(mux, release)
	mux.HandleFunc("GET /readyz", a.ready)
	mux.HandleFunc("GET /entries", a.list)
	mux.HandleFunc("POST /entries", a.add)
	return mux
}

func (a api) ready(w http.ResponseWriter, r *http.Request) {
	if err := a.store.Ping(r.Context()); err != nil {
		a.unavailable(w, r, err)
		return
	}
	w.Write([]byte("ok\n"))
}

func (a api) list(w http.ResponseWriter, r *http.Request) {
	entries, err := a.store.Latest(r.Context(), pageLength)
	if err != nil {
		a.unavailable(w, r, err)
		return
	}
	serve.JSON(w, http.StatusOK, entries)
}

func (a api) add(w http.ResponseWriter, r *http.Request) {
	var draft entry.Draft
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit)).Decode(&draft); err != nil {
		serve.JSON(w, http.StatusBadRequest, Problem{"The entry is not JSON, or too long."})
		return
	}
	draft = draft.Clean()
	if problem := draft.Problem(); problem != "" {
		serve.JSON(w, http.StatusUnprocessableEntity, Problem{problem})
		return
	}
	added, err := a.store.Add(r.Context(), draft)
	if err != nil {
		a.unavailable(w, r, err)
		return
	}
	serve.JSON(w, http.StatusCreated, added)
}

// unavailable tells the log why and the client nothing of it.
func (a api) unavailable(w http.ResponseWriter, r *http.Request, err error) {
	a.log.Error("the database does not answer", "request_id", serve.Trace(r.Context()), "error", err)
	serve.JSON(w, http.StatusServiceUnavailable, Problem{"The guestbook is not available."})
}
