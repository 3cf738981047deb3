package node

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"time"
)

// The events that nodes report. A new kind is added here and below.
type (
	// Started says that a machine's own services run, or why not.
	Started struct {
		OK  bool   `json:"ok"`
		Why string `json:"why,omitempty"`
	}
	// Health is what a load balancer node thinks of a target.
	Health struct {
		TargetGroup string `json:"targetGroup"` // ARN
		Target      string `json:"target"`      // id
		Port        int    `json:"port"`
		State       string `json:"state"` // initial, healthy, unhealthy, draining, unused
		Reason      string `json:"reason,omitempty"`
	}
	// Traffic counts requests that a node answered or passed on since its last report.
	Traffic struct {
		To     string `json:"to,omitempty"` // name or address of the target; empty: answered here
		Count  int    `json:"count"`
		Failed int    `json:"failed,omitempty"` // answered 5xx
	}
	// Drop is a packet that was refused, and by which gates.
	Drop struct {
		At       time.Time  `json:"at"`
		From     netip.Addr `json:"from"`
		To       netip.Addr `json:"to"`
		FromNode string     `json:"fromNode,omitempty"`
		ToNode   string     `json:"toNode,omitempty"`
		Protocol string     `json:"protocol"`
		Port     int        `json:"port,omitempty"`
		Reply    bool       `json:"reply,omitempty"` // an answer was refused, not a request: Port is then the source's
		Gates    []string   `json:"gates"`           // in words: what refused it, and what is missing there
		Count    int        `json:"count"`           // packets like it since the last report
	}
	// Call is one call of AWS's API, judged.
	Call struct {
		Who      string `json:"who"` // role, or machine
		Action   string `json:"action"`
		Resource string `json:"resource,omitempty"`
		Allowed  bool   `json:"allowed"`
		Why      string `json:"why,omitempty"`
	}
	// Stored is an object that a node put into a bucket, such as an access log.
	Stored struct {
		Bucket  string `json:"bucket"`
		Key     string `json:"key"`
		Content []byte `json:"content"`
	}
	// Logged is lines for a log group.
	Logged struct {
		Group  string   `json:"group"`
		Stream string   `json:"stream"`
		Lines  []string `json:"lines"`
	}
	// Note is a sentence for the person watching.
	Note struct {
		Text string `json:"text"`
	}
	// Gone says that a node's process has ended.
	Gone struct {
		Why   string `json:"why,omitempty"`
		Asked bool   `json:"asked,omitempty"`
	}
)

// Kind names the kind of an event: its type's name.
func Kind(event any) string { return strings.ToLower(reflect.TypeOf(event).Name()) }

// events are how each kind is read.
var events = map[string]func(Message) any{}

func init() {
	know[Started]()
	know[Health]()
	know[Traffic]()
	know[Drop]()
	know[Call]()
	know[Stored]()
	know[Logged]()
	know[Note]()
	know[Gone]()
}

func know[T any]() {
	var zero T
	events[Kind(zero)] = func(m Message) any {
		var e T
		if json.Unmarshal(m.Body, &e) != nil {
			return nil
		}
		return e
	}
}

// Decode returns the event in a message, or nil if it is none.
func Decode(m Message) any {
	if read := events[m.Kind]; read != nil {
		return read(m)
	}
	return nil
}

// From is the event as a message from a node that can no longer speak for itself.
func (g Gone) From(name string) Message {
	return Message{Node: name, Kind: Kind(g), Body: encode(g)}
}
