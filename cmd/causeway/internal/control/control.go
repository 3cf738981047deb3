// Package control lets one process inspect and change a twin that another serves, over a Unix socket that only the same
// user can open.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/causeway-iac/causeway/twin"
)

// Tool is what can be done with a twin, whichever process holds it.
type Tool interface {
	Status() (twin.Status, error)
	Items(secrets bool) ([]twin.Item, error)
	Events() ([]twin.Event, error)
	Faults() ([]twin.FaultStatus, error)
	AddFaults(texts ...string) error
	ClearFaults() error
	Add(typ, like string, settings ...string) (twin.Item, error)
	Change(typ, name string, settings ...string) (twin.Item, error)
	Drop(typ, name string) (twin.Item, error)
	Reset() error
	Quotas() ([]twin.Quota, error)
	Delegations() ([]twin.Delegation, error)
	Delegate(zone string, on bool) ([]twin.Delegation, error)
}

// Local is the Tool of a twin in this process.
type Local struct{ *twin.Twin }

// The methods of Local.
func (l Local) Status() (twin.Status, error)            { return l.Twin.Status(), nil }
func (l Local) Items(secrets bool) ([]twin.Item, error) { return l.Twin.Items(secrets), nil }
func (l Local) Events() ([]twin.Event, error)           { return l.Twin.Events(), nil }
func (l Local) Faults() ([]twin.FaultStatus, error)     { return l.Twin.Faults(), nil }
func (l Local) ClearFaults() error                      { return l.Twin.ClearFaults() }
func (l Local) Quotas() ([]twin.Quota, error)           { return l.Twin.Quotas(), nil }
func (l Local) Delegations() ([]twin.Delegation, error) { return l.Twin.Delegations(), nil }

// request is one call, and answer its result.
type request struct {
	Do         string
	Type, Name string
	Secrets    bool
	On         bool
	Texts      []string
	Quotas     map[string]int
}

type answer struct {
	Error  string          `json:",omitempty"`
	Result json.RawMessage `json:",omitempty"`
}

func do(t Tool, q request) (any, error) {
	switch q.Do {
	case "status":
		return t.Status()
	case "items":
		return t.Items(q.Secrets)
	case "events":
		return t.Events()
	case "faults":
		return t.Faults()
	case "add-faults":
		return nil, t.AddFaults(q.Texts...)
	case "clear-faults":
		return nil, t.ClearFaults()
	case "add":
		return t.Add(q.Type, q.Name, q.Texts...)
	case "change":
		return t.Change(q.Type, q.Name, q.Texts...)
	case "drop":
		return t.Drop(q.Type, q.Name)
	case "reset":
		return nil, t.Reset()
	case "quotas":
		return t.Quotas()
	case "delegations":
		return t.Delegations()
	case "delegate":
		return t.Delegate(q.Name, q.On)
	}
	if l, ok := t.(interface{ served() *twin.Twin }); ok {
		if result, known, err := run(l.served(), q); known {
			return result, err
		}
	}
	return nil, fmt.Errorf("the running twin does not know %q: another version of causeway started it", q.Do)
}

// Server answers for a twin.
type Server struct {
	http *http.Server
	mux  *http.ServeMux
	path string
	temp string
}

// pathLimit is what every system allows for a socket's path.
const pathLimit = 100

// Serve answers on the socket path. It replaces what a killed process left there.
func Serve(path string, t Tool) (*Server, error) {
	s := &Server{path: path, mux: http.NewServeMux()}
	if err := s.clear(); err != nil {
		return nil, err
	}
	at := path
	if len(path) > pathLimit { // then the socket is elsewhere, behind a link
		var err error
		if s.temp, err = os.MkdirTemp("", "causeway-"); err != nil {
			return nil, fmt.Errorf("making the twin's control socket: %w", err)
		}
		at = filepath.Join(s.temp, "twin.sock")
		if err := os.Symlink(at, path); err != nil {
			return nil, errors.Join(fmt.Errorf("making the twin's control socket: %w", err), os.RemoveAll(s.temp))
		}
	}
	l, err := listen(at)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("making the twin's control socket: %w", err), s.clear())
	}
	s.mux.Handle("/", handler(t))
	s.http = &http.Server{Handler: s.mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(l) }()
	return s, nil
}

// Handle lets the socket answer one more path beside the twin's.
func (s *Server) Handle(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// listen makes a socket that only its owner can open, from the first moment.
func listen(path string) (net.Listener, error) {
	old := syscall.Umask(0o177)
	l, err := net.Listen("unix", path)
	syscall.Umask(old)
	return l, err
}

func (s *Server) clear() error {
	err := os.Remove(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if s.temp != "" {
		err = errors.Join(err, os.RemoveAll(s.temp))
	}
	return err
}

// Close ends the answering.
func (s *Server) Close() error { return errors.Join(s.http.Close(), s.clear()) }

// TwinHeader marks answers that come from the twin and not from Handle.
const TwinHeader = "Causeway-Twin"

func handler(t Tool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q request
		var a answer
		err := json.NewDecoder(r.Body).Decode(&q)
		if err == nil {
			var result any
			if result, err = do(t, q); err == nil {
				a.Result, err = json.Marshal(result)
			}
		}
		if err != nil {
			a = answer{Error: err.Error()}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set(TwinHeader, "yes")
		_ = json.NewEncoder(w).Encode(a)
	})
}

// Client is the Tool of a twin that another process serves.
type Client struct{ http *http.Client }

// Dial finds the twin that is served at the socket path. It returns nil when there is none.
func Dial(path string) *Client {
	if target, err := os.Readlink(path); err == nil {
		path = target
	}
	dialer := net.Dialer{Timeout: 2 * time.Second}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return dialer.DialContext(ctx, "unix", path) }
	probe, err := dial(context.Background(), "", "")
	if err != nil {
		return nil
	}
	_ = probe.Close()
	return &Client{&http.Client{Transport: &http.Transport{DialContext: dial}, Timeout: time.Minute}}
}

// HTTP reaches what Handle added, at http://twin/.
func (c *Client) HTTP() *http.Client { return &http.Client{Transport: c.http.Transport} }

func (c *Client) ask(q request, result any) error {
	body, err := json.Marshal(q)
	if err != nil {
		return fmt.Errorf("asking the twin: %w", err)
	}
	response, err := c.http.Post("http://twin/", "application/json", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("asking the twin: %w", err)
	}
	defer response.Body.Close()
	var a answer
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		return fmt.Errorf("asking the twin: %w", err)
	}
	if a.Error != "" {
		return errors.New(a.Error)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(a.Result, result)
}

// The methods of Client ask the serving process.
func (c *Client) Status() (s twin.Status, err error) {
	err = c.ask(request{Do: "status"}, &s)
	return s, err
}

// Items lists what exists.
func (c *Client) Items(secrets bool) (items []twin.Item, err error) {
	err = c.ask(request{Do: "items", Secrets: secrets}, &items)
	return items, err
}

// Events lists the latest calls, oldest first.
func (c *Client) Events() (events []twin.Event, err error) {
	err = c.ask(request{Do: "events"}, &events)
	return events, err
}

// Faults lists the faults at work.
func (c *Client) Faults() (faults []twin.FaultStatus, err error) {
	err = c.ask(request{Do: "faults"}, &faults)
	return faults, err
}

// AddFaults adds faults, all or none.
func (c *Client) AddFaults(texts ...string) error {
	return c.ask(request{Do: "add-faults", Texts: texts}, nil)
}

// ClearFaults ends all faults.
func (c *Client) ClearFaults() error { return c.ask(request{Do: "clear-faults"}, nil) }

// Add makes another thing behind Pulumi's back.
func (c *Client) Add(typ, like string, settings ...string) (item twin.Item, err error) {
	err = c.ask(request{Do: "add", Type: typ, Name: like, Texts: settings}, &item)
	return item, err
}

// Change changes something behind Pulumi's back.
func (c *Client) Change(typ, name string, settings ...string) (item twin.Item, err error) {
	err = c.ask(request{Do: "change", Type: typ, Name: name, Texts: settings}, &item)
	return item, err
}

// Drop deletes something behind Pulumi's back.
func (c *Client) Drop(typ, name string) (item twin.Item, err error) {
	err = c.ask(request{Do: "drop", Type: typ, Name: name}, &item)
	return item, err
}

// Reset empties the world.
func (c *Client) Reset() error { return c.ask(request{Do: "reset"}, nil) }

// Quotas lists the account's quotas, and how much of each is used.
func (c *Client) Quotas() (quotas []twin.Quota, err error) {
	err = c.ask(request{Do: "quotas"}, &quotas)
	return quotas, err
}

// Delegations lists the public zones.
func (c *Client) Delegations() (zones []twin.Delegation, err error) {
	err = c.ask(request{Do: "delegations"}, &zones)
	return zones, err
}

// Delegate delegates a zone, or ends its delegation.
func (c *Client) Delegate(zone string, on bool) (zones []twin.Delegation, err error) {
	err = c.ask(request{Do: "delegate", Name: zone, On: on}, &zones)
	return zones, err
}
