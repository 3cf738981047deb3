// Package web is the web tier: the guestbook as a page, whose entries the application tier keeps.
package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"html/template"
	"log/slog"
	"net/http"

	"github.com/causeway-iac/causeway/examples/guestbook/internal/entry"
	"github.com/causeway-iac/causeway/examples/guestbook/internal/serve"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var style string

var page = template.Must(template.New("page").Parse(pageSource))

// formLimit is enough for the longest entry with every byte percent-encoded.
const formLimit = 16 << 10

// view is what the page shows.
type view struct {
	Style        template.CSS
	Release      string
	Reference    string // of a request that failed
	Notice       string
	Unavailable  bool
	Entries      []entry.Entry
	Draft        entry.Draft
	NameLimit    int
	MessageLimit int
}

type site struct {
	client  *Client
	release string
	log     *slog.Logger
	policy  string
}

// Handler answers / with the page, /healthz (this process alone) and /version. A form sent from
// another site is refused.
func Handler(client *Client, release string, log *slog.Logger) http.Handler {
	sum := sha256.Sum256([]byte(style))
	s := site{client: client, release: release, log: log,
		// The style is in the page, named by its hash: nothing else is loaded, and while two releases
		// serve side by side no page asks the other one for its style.
		policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
			"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"}
	mux := http.NewServeMux()
	serve.Common(mux, release)
	mux.HandleFunc("GET /{$}", s.show)
	mux.HandleFunc("POST /{$}", s.add)
	return s.secured(http.NewCrossOriginProtection().Handler(mux))
}

func (s site) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", s.policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Strict-Transport-Security", "max-age=31536000")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (s site) show(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, view{})
}

func (s site) add(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, formLimit)
	if err := r.ParseForm(); err != nil {
		s.render(w, r, http.StatusRequestEntityTooLarge, view{Notice: "The entry is too long."})
		return
	}
	draft := entry.Draft{Name: r.PostFormValue("name"), Message: r.PostFormValue("message")}.Clean()
	if problem := draft.Problem(); problem != "" {
		s.render(w, r, http.StatusUnprocessableEntity, view{Notice: problem, Draft: draft})
		return
	}
	var refused refusal
	switch err := s.client.add(r.Context(), draft); {
	case errors.As(err, &refused):
		s.render(w, r, http.StatusUnprocessableEntity, view{Notice: refused.Error(), Draft: draft})
	case err != nil:
		s.unavailable(w, r, err)
	default:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func (s site) render(w http.ResponseWriter, r *http.Request, status int, v view) {
	entries, err := s.client.latest(r.Context())
	if err != nil {
		s.unavailable(w, r, err)
		return
	}
	v.Entries = entries
	s.write(w, status, v)
}

// unavailable tells the log why, and the visitor only how to ask about it.
func (s site) unavailable(w http.ResponseWriter, r *http.Request, err error) {
	s.log.Error("the application tier does not answer", "request_id", serve.Trace(r.Context()), "error", err)
	w.Header().Set("Retry-After", "10")
	s.write(w, http.StatusServiceUnavailable, view{Unavailable: true, Reference: serve.Trace(r.Context())})
}

func (s site) write(w http.ResponseWriter, status int, v view) {
	v.Style, v.Release = template.CSS(style), s.release
	v.NameLimit, v.MessageLimit = entry.NameLimit, entry.MessageLimit
	var body bytes.Buffer
	if err := page.Execute(&body, v); err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(body.Bytes())
}
