// Package living is a living world as its user meets it: what the process that holds it answers over the stack's control
// socket, the page on localhost, and events in words.
package living

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/control"
	"github.com/causeway-iac/causeway/twin/live"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Host answers for a world in this process.
type Host struct {
	World *live.Living
	Stop  func()                 // ends the world and its process
	Page  string                 // where a browser finds it
	Draw  func() ([]byte, error) // the picture of what is deployed, as SVG

	faults faults
}

// State is what Client.State answers.
type State struct {
	live.Status
	Page   string   `json:"page"`
	Faults []string `json:"faults,omitempty"` // at work
}

// Told is an event, with the words for it.
type Told struct {
	At   time.Time `json:"at"`
	Node string    `json:"node,omitempty"`
	Kind string    `json:"kind"`
	Text string    `json:"text"`
	What any       `json:"what,omitempty"`
}

// Control adds to a control socket what only the same user may ask.
func (h *Host) Control(handle func(pattern string, handler http.Handler)) {
	handle("GET /live/state", answer(h.state))
	handle("GET /live/drops", answer(func(*http.Request) (any, error) { return h.World.Drops(), nil }))
	handle("GET /live/events", http.HandlerFunc(h.events))
	handle("POST /live/stop", answer(func(*http.Request) (any, error) {
		time.AfterFunc(50*time.Millisecond, h.Stop) // when this is answered
		return nil, nil
	}))
	handle("POST /live/try", answer(func(r *http.Request) (any, error) {
		var q trial
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			return nil, fmt.Errorf("reading the probes: %w", err)
		}
		return h.World.Try(r.Context(), q.From, q.Probes, q.Wait)
	}))
	handle("POST /live/ask", answer(func(r *http.Request) (any, error) {
		var q question
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			return nil, fmt.Errorf("reading the question: %w", err)
		}
		var result json.RawMessage
		return &result, h.World.Ask(r.Context(), q.Node, q.What, q.Body, &result)
	}))
	handle("GET /live/plan", answer(func(*http.Request) (any, error) { return h.World.Plan(), nil }))
	handle("POST /live/fault", answer(func(r *http.Request) (any, error) {
		var f Fault
		if err := json.NewDecoder(r.Body).Decode(&f); err != nil {
			return nil, fmt.Errorf("reading the fault: %w", err)
		}
		return h.fault(r.Context(), f)
	}))
}

func (h *Host) state(r *http.Request) (any, error) {
	s, err := h.World.Status(r.Context(), r.URL.Query().Has("measured"))
	return State{Status: s, Page: h.Page, Faults: h.faults.list(h.World.Plan())}, err
}

// events writes each event as a line of JSON until the reader is gone.
func (h *Host) events(w http.ResponseWriter, r *http.Request) {
	h.follow(r.Context(), w, func(t Told) error { return json.NewEncoder(w).Encode(t) })
}

func (h *Host) follow(ctx context.Context, w http.ResponseWriter, write func(Told) error) {
	events, stop := h.World.Watch()
	defer stop()
	flush := http.NewResponseController(w)
	_ = flush.Flush()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.World.Done():
			return
		case e := <-events:
			if write(h.tell(e)) != nil || flush.Flush() != nil {
				return
			}
		}
	}
}

func (h *Host) tell(e live.Event) Told {
	return Told{At: e.At, Node: e.Node, Kind: node.Kind(e.What), Text: Words(h.World.Plan(), e), What: e.What}
}

// trial is connections to be tried from a node.
type trial struct {
	From   string        `json:"from"`
	Probes []node.Probe  `json:"probes"`
	Wait   time.Duration `json:"wait"`
}

// question is one for a node's player.
type question struct {
	Node string          `json:"node"`
	What string          `json:"what"`
	Body json.RawMessage `json:"body,omitempty"`
}

// failure is how an error is sent.
type failure struct {
	Error string `json:"error"`
}

func answer(ask func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		result, err := ask(r)
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			w.WriteHeader(http.StatusConflict)
			result = failure{err.Error()}
		}
		_ = json.NewEncoder(w).Encode(result)
	})
}

// Client asks the process that holds a world.
type Client struct{ http *http.Client }

// NewClient makes one over a control socket.
func NewClient(c *http.Client) *Client { return &Client{c} }

// ErrNotAlive says that the process serves a twin only.
var ErrNotAlive = errors.New("the twin is served, but its world is not alive")

func (c *Client) do(ctx context.Context, method, path string, body, result any) error {
	response, err := c.open(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusConflict {
		var f failure
		if err := json.NewDecoder(response.Body).Decode(&f); err != nil {
			return fmt.Errorf("asking the living world: %w", err)
		}
		return errors.New(f.Error)
	}
	if result == nil {
		return nil
	}
	if err := json.NewDecoder(response.Body).Decode(result); err != nil {
		return fmt.Errorf("asking the living world: %w", err)
	}
	return nil
}

func (c *Client) open(ctx context.Context, method, path string, body any) (*http.Response, error) {
	reader, err := encoded(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://twin"+path, reader)
	if err != nil {
		return nil, fmt.Errorf("asking the living world: %w", err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking the living world: %w", err)
	}
	if response.StatusCode == http.StatusNotFound || response.StatusCode == http.StatusMethodNotAllowed ||
		response.Header.Get(control.TwinHeader) != "" {
		response.Body.Close()
		return nil, ErrNotAlive
	}
	return response, nil
}

// State is the world at a glance.
func (c *Client) State(ctx context.Context) (s State, err error) {
	return s, c.do(ctx, http.MethodGet, "/live/state", nil, &s)
}

// Measured is the same with what its processes use.
func (c *Client) Measured(ctx context.Context) (s State, err error) {
	return s, c.do(ctx, http.MethodGet, "/live/state?measured", nil, &s)
}

// Drops are the latest packets that were refused.
func (c *Client) Drops(ctx context.Context) (drops []live.Drop, err error) {
	return drops, c.do(ctx, http.MethodGet, "/live/drops", nil, &drops)
}

// Stop ends the world; its process ends a moment later.
func (c *Client) Stop(ctx context.Context) error {
	return c.do(ctx, http.MethodPost, "/live/stop", nil, nil)
}

// Fault makes something fail, or ends that.
func (c *Client) Fault(ctx context.Context, f Fault) (said []string, err error) {
	return said, c.do(ctx, http.MethodPost, "/live/fault", f, &said)
}

// Try has a node try connections; wait is how long each waits for an answer.
func (c *Client) Try(ctx context.Context, from string, probes []node.Probe, wait time.Duration) (out []node.Outcome, err error) {
	return out, c.do(ctx, http.MethodPost, "/live/try", trial{from, probes, wait}, &out)
}

// Ask puts a question to a node's player.
func (c *Client) Ask(ctx context.Context, name, what string, body, result any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("asking %s: %w", name, err)
	}
	return c.do(ctx, http.MethodPost, "/live/ask", question{name, what, b}, result)
}

// Plan is what lives.
func (c *Client) Plan(ctx context.Context) (p *plan.Plan, err error) {
	return p, c.do(ctx, http.MethodGet, "/live/plan", nil, &p)
}

// Events calls each for every event until ctx ends or the world does.
func (c *Client) Events(ctx context.Context, each func(Told)) error {
	response, err := c.open(ctx, http.MethodGet, "/live/events", nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	for d := json.NewDecoder(response.Body); ; {
		var t Told
		if err := d.Decode(&t); err != nil {
			return nil // the world ended, or the caller did
		}
		each(t)
	}
}

// Found is what load balancers find a node to be, if they check it.
func (s State) Found(name string) string {
	for _, t := range s.Targets {
		if t.Target == name {
			return worst(t.States)
		}
	}
	return ""
}

// Ailing says that a server which load balancers find so should serve, and does not.
func Ailing(found string) bool { return found == "initial" || found == "unhealthy" }

// Ailing says that some server does not serve.
func (s State) Ailing() bool {
	return slices.ContainsFunc(s.Nodes, func(n live.NodeStatus) bool { return n.Kind == plan.KindMachine && Ailing(s.Found(n.Name)) })
}

// Unwell lists the servers, load balancers and databases that do not serve yet, with what each is doing.
func (s State) Unwell() (lines []string) {
	for _, n := range s.Nodes {
		switch found := s.Found(n.Name); {
		case n.State != live.Running:
			lines = append(lines, strings.TrimSuffix(n.Name+" is "+n.State+": "+n.Why, ": "))
		case n.Kind == plan.KindMachine && Ailing(found):
			lines = append(lines, n.Name+" is "+found)
		}
	}
	return lines
}
