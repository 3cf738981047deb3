// Package query answers the calls that a deployment makes to AWS beside those of its provider: how a group's servers are
// doing, and what changes their number (AWS, EC2 Auto Scaling API reference and Elastic Load Balancing API reference). It
// listens on this computer only and asks for no credentials.
package query

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/fleet"
	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// Server answers.
type Server struct {
	front    *front.Front
	http     *http.Server
	listener net.Listener
}

// Serve answers for a world on a free port of 127.0.0.1.
func Serve(f *front.Front) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("serving the twin's Query API: %w", err)
	}
	s := &Server{front: f, listener: l}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(l) }()
	return s, nil
}

// Port is where it listens.
func (s *Server) Port() int { return s.listener.Addr().(*net.TCPAddr).Port }

// Close stops it.
func (s *Server) Close() { _ = s.http.Close() }

// action answers one call.
type action func(s *Server, form url.Values) (any, error)

var actions = map[string]action{
	"DescribeInstanceRefreshes": (*Server).refreshes,
	"StartInstanceRefresh":      (*Server).start,
	"CancelInstanceRefresh":     (*Server).cancel,
	"DescribeAutoScalingGroups": (*Server).groups,
	"SetDesiredCapacity":        (*Server).resize,
	"DescribeTargetHealth":      (*Server).health,
}

// refusal is an error with its code.
type refusal struct{ code, message string }

func (r *refusal) Error() string { return r.code + ": " + r.message }

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		refuse(w, &refusal{"InvalidQueryParameter", err.Error()})
		return
	}
	name := r.Form.Get("Action")
	answer, known := actions[name]
	if !known {
		refuse(w, &refusal{"InvalidAction", fmt.Sprintf("the twin does not play %q", name)})
		return
	}
	result, err := answer(s, r.Form)
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	text, err := xml.Marshal(result)
	if err != nil {
		refuse(w, err)
		return
	}
	fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", name, text)
}

func refuse(w http.ResponseWriter, err error) {
	code, message := "ValidationError", err.Error()
	var no *refusal
	if errors.As(err, &no) {
		code, message = no.code, no.message
	} else if _, said, found := strings.Cut(message, "api error "); found { // as the world refuses
		code, message, _ = strings.Cut(said, ": ")
	}
	text, _ := xml.Marshal(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: message}) // strings always encode
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, "<ErrorResponse>%s</ErrorResponse>", text)
}

// fleetOf is the machines of the group that a call names.
func (s *Server) fleetOf(form url.Values) (*fleet.Group, string, error) {
	name := form.Get("AutoScalingGroupName")
	g := s.front.Fleet(name)
	if g == nil {
		return nil, name, &refusal{"ValidationError", "AutoScalingGroup name not found - " + name}
	}
	return g, name, nil
}

type member struct {
	XMLName xml.Name `xml:"member"`
	ID      string   `xml:"InstanceRefreshId"`
	Group   string   `xml:"AutoScalingGroupName"`
	Status  string
	Reason  string `xml:"StatusReason,omitempty"`
	Done    int    `xml:"PercentageComplete"`
	Left    int    `xml:"InstancesToUpdate"`
	Started string `xml:"StartTime"`
}

func refreshID(group string, n int) string { return fmt.Sprintf("%s-%d", group, n+1) }

func (s *Server) refreshes(form url.Values) (any, error) {
	g, name, err := s.fleetOf(form)
	if err != nil {
		return nil, err
	}
	most, err := strconv.Atoi(form.Get("MaxRecords"))
	if err != nil {
		most = 50
	}
	var answer struct {
		XMLName xml.Name `xml:"InstanceRefreshes"`
		All     []member
	}
	for n, r := range slices.Backward(g.Refreshes) {
		if len(answer.All) == most {
			break
		}
		answer.All = append(answer.All, member{ID: refreshID(name, n), Group: name, Status: r.Status, Reason: r.Reason,
			Done: r.Done, Left: r.Left, Started: r.Started.Format(time.RFC3339)})
	}
	return answer, nil
}

func (s *Server) start(form url.Values) (any, error) {
	_, name, err := s.fleetOf(form)
	if err != nil {
		return nil, err
	}
	return nil, s.changed("StartInstanceRefresh", name, s.front.StartRefresh(name))
}

func (s *Server) cancel(form url.Values) (any, error) {
	_, name, err := s.fleetOf(form)
	if err != nil {
		return nil, err
	}
	return nil, s.changed("CancelInstanceRefresh", name, s.front.CancelRefresh(name))
}

func (s *Server) resize(form url.Values) (any, error) {
	_, name, err := s.fleetOf(form)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(form.Get("DesiredCapacity"))
	if err != nil {
		return nil, &refusal{"ValidationError", "DesiredCapacity is not a number"}
	}
	return nil, s.changed("SetDesiredCapacity", name, s.front.Resize(name, n))
}

// changed records a change in the events, with its answer.
func (s *Server) changed(call, group string, err error) error {
	answer := "ok"
	if err != nil {
		answer = err.Error()
	}
	s.front.Record(world.Event{Operation: call, Type: world.TypeGroup, ID: group, Answer: answer})
	return err
}

type groupMember struct {
	XMLName   xml.Name   `xml:"member"`
	Name      string     `xml:"AutoScalingGroupName"`
	Least     int        `xml:"MinSize"`
	Most      int        `xml:"MaxSize"`
	Desired   int        `xml:"DesiredCapacity"`
	Instances []instance `xml:"Instances>member"`
	Targets   []string   `xml:"TargetGroupARNs>member"`
}

type instance struct {
	ID     string `xml:"InstanceId"`
	State  string `xml:"LifecycleState"`
	Health string `xml:"HealthStatus"`
}

func (s *Server) groups(form url.Values) (any, error) {
	var answer struct {
		XMLName xml.Name `xml:"AutoScalingGroups"`
		All     []groupMember
	}
	key, wanted := form.Get("Filters.member.1.Name"), form.Get("Filters.member.1.Values.member.1")
	for _, o := range s.front.Objects() {
		if o.Type != world.TypeGroup || key != "" && !tagged(o, key, wanted) {
			continue
		}
		m := groupMember{Name: o.ID, Least: int(o.Number("minSize")), Most: int(o.Number("maxSize")),
			Desired: int(o.Number("desiredCapacity")), Targets: o.Texts("targetGroupArns")}
		if g := s.front.Fleet(o.ID); g != nil {
			for _, i := range g.Instances {
				health := map[bool]string{true: "Healthy", false: "Unhealthy"}[i.Healthy && !i.Sick]
				m.Instances = append(m.Instances, instance{i.ID, i.State, health})
			}
		}
		answer.All = append(answer.All, m)
	}
	return answer, nil
}

// tagged says whether a group has a tag: "tag:Name", and its value.
func tagged(o *world.Object, key, wanted string) bool {
	tags, _ := o.Outputs["tags"].([]any)
	return slices.ContainsFunc(tags, func(v any) bool {
		t, _ := v.(value.Map)
		return t != nil && key == "tag:"+fmt.Sprint(t["key"]) && t["value"] == wanted
	})
}

type health struct {
	XMLName xml.Name `xml:"member"`
	ID      string   `xml:"Target>Id"`
	State   string   `xml:"TargetHealth>State"`
}

func (s *Server) health(form url.Values) (any, error) {
	var answer struct {
		XMLName xml.Name `xml:"TargetHealthDescriptions"`
		All     []health
	}
	target := form.Get("TargetGroupArn")
	for _, o := range s.front.Objects() {
		if o.Type != world.TypeGroup || !slices.Contains(o.Texts("targetGroupArns"), target) {
			continue
		}
		g := s.front.Fleet(o.ID)
		if g == nil {
			continue
		}
		for _, i := range g.Instances {
			state := "unhealthy"
			switch {
			case i.State == fleet.Terminating:
				state = "draining"
			case s.front.Serving(i):
				state = "healthy"
			}
			answer.All = append(answer.All, health{ID: i.ID, State: state})
		}
	}
	return answer, nil
}
