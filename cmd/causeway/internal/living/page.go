package living

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

//go:embed page.html
var pageText string

//go:embed page.js
var pageScript string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// Serve shows the world on a local port until the listener closes. It only shows: whatever changes something goes through
// the control socket.
func (h *Host) Serve(l net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", h.page)
	mux.HandleFunc("GET /page.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		fmt.Fprint(w, pageScript)
	})
	mux.Handle("GET /state", answer(h.shown))
	mux.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		h.follow(r.Context(), w, func(t Told) error {
			b, err := json.Marshal(t)
			if err == nil {
				_, err = fmt.Fprintf(w, "data: %s\n\n", b)
			}
			return err
		})
	})
	server := &http.Server{Handler: onlyHere(l.Addr(), mux), ReadHeaderTimeout: 5 * time.Second}
	return server.Serve(l)
}

// onlyHere refuses requests that another site's page makes under a name of its own (DNS rebinding), and lets no other
// page read or frame this one.
func onlyHere(at net.Addr, next http.Handler) http.Handler {
	_, port, _ := net.SplitHostPort(at.String())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "127.0.0.1:"+port && r.Host != "localhost:"+port {
			http.Error(w, "this page is for this computer", http.StatusForbidden)
			return
		}
		w.Header().
			Set("Content-Security-Policy",
				"default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		w.Header().Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func (h *Host) page(w http.ResponseWriter, _ *http.Request) {
	view := struct {
		Stack   string
		Picture template.HTML
		Why     string
	}{Stack: h.World.Plan().Stack}
	if svg, err := h.Draw(); err != nil {
		view.Why = "There is no picture: " + err.Error()
	} else {
		view.Picture = template.HTML(svg) // our own drawing, whose texts are escaped
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = pageTemplate.Execute(w, view)
}

// shownNode is a node with its box in the picture.
type shownNode struct {
	live.NodeStatus
	Box     string `json:"box"`
	Healthy string `json:"healthy,omitempty"` // what load balancers find it to be
}

// shown is the state as the page gets it.
func (h *Host) shown(r *http.Request) (any, error) {
	s, err := h.World.Status(r.Context(), true)
	if err != nil {
		return nil, err
	}
	p := h.World.Plan()
	nodes := make([]shownNode, len(s.Nodes))
	for i, n := range s.Nodes {
		nodes[i].NodeStatus = n
		if is := p.Node(n.Name); is != nil { // the plan may be newer
			nodes[i].Box = boxOf(p, is)
		}
		for _, t := range s.Targets {
			if t.Target == n.Name {
				nodes[i].Healthy = worst(t.States)
			}
		}
	}
	var drops []string
	for _, d := range h.World.Drops() {
		drops = append(drops, d.At.Format("15:04:05")+" "+Drop(d))
	}
	slices.Reverse(drops)
	return map[string]any{"nodes": nodes, "urls": s.URLs, "door": s.Door, "lost": s.Lost, "memory": s.Memory,
		"faults": h.faults.list(p), "drops": drops[:min(len(drops), 12)], "unplayed": s.Unplayed}, nil
}

// worst is the worst state that a visitor may meet.
func worst(states map[string]string) string {
	for _, s := range []string{"unhealthy", "draining", "initial", "unused", "healthy"} {
		for _, found := range states {
			if found == s {
				return s
			}
		}
	}
	return ""
}

// boxOf is the title of the picture's box that a node belongs to.
func boxOf(p *plan.Plan, n *plan.Node) string {
	switch n.Kind {
	case plan.KindBalancer:
		if b := p.Balancer(n.Plays); b != nil && b.Internal {
			return "Internal load balancer"
		}
		return "Edge load balancer"
	case plan.KindMachine:
		m := p.Machine(n.Plays)
		switch {
		case m == nil || m.Tags["causeway:tier"] == "worker": // which the picture lists beside the path of requests
			return ""
		case m.Tags["causeway:tier"] == "app" || strings.HasSuffix(m.Name, "app"):
			return "Application servers"
		}
		return "Web servers"
	case plan.KindDatabase:
		return "Database"
	}
	return ""
}
