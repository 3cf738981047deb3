package cloudapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"

	"github.com/causeway-iac/causeway/twin/live/node"
)

// streams are CloudWatch's log streams, by group. They live as long as the process; the lines go to the outside.
type streams struct {
	mu  sync.Mutex
	all map[string][]string
}

type logsInput struct {
	LogGroupName, LogStreamName, LogStreamNamePrefix string
	LogEvents                                        []struct {
		Timestamp int64
		Message   string
	}
}

// answer is CloudWatch Logs as an agent uses it.
func (s *streams) answer(c *call, port *node.Port, w http.ResponseWriter, name string, body []byte) error {
	var in logsInput
	if err := json.Unmarshal(body, &in); err != nil {
		return refuse(400, "SerializationException", "the request is not JSON")
	}
	switch name {
	case "CreateLogStream", "PutLogEvents", "DescribeLogStreams":
	default:
		return unplayed("CloudWatch Logs", name)
	}
	resource := c.arn("logs", "log-group:"+in.LogGroupName+":log-stream:"+in.LogStreamName)
	if err := c.allowed(question{action: "logs:" + name, resource: resource}); err != nil {
		return err
	}
	if !slices.Contains(c.plan.Cloud.LogGroups, in.LogGroupName) {
		return refuse(400, "ResourceNotFoundException", "The specified log group does not exist.")
	}
	switch name {
	case "CreateLogStream":
		return s.create(w, in)
	case "PutLogEvents":
		return s.put(port, w, in)
	}
	s.describe(w, in)
	return nil
}

func (s *streams) create(w http.ResponseWriter, in logsInput) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(s.all[in.LogGroupName], in.LogStreamName) {
		return refuse(400, "ResourceAlreadyExistsException", "The specified log stream already exists")
	}
	if s.all == nil {
		s.all = map[string][]string{}
	}
	s.all[in.LogGroupName] = append(s.all[in.LogGroupName], in.LogStreamName)
	writeJSON(w, 200, struct{}{})
	return nil
}

func (s *streams) put(port *node.Port, w http.ResponseWriter, in logsInput) error {
	s.mu.Lock()
	known := slices.Contains(s.all[in.LogGroupName], in.LogStreamName)
	s.mu.Unlock()
	if !known {
		return refuse(400, "ResourceNotFoundException", "The specified log stream does not exist.")
	}
	lines := node.Logged{Group: in.LogGroupName, Stream: in.LogStreamName}
	for _, e := range in.LogEvents {
		lines.Lines = append(lines.Lines, e.Message)
	}
	port.Say(lines)
	writeJSON(w, 200, struct{}{})
	return nil
}

func (s *streams) describe(w http.ResponseWriter, in logsInput) {
	s.mu.Lock()
	defer s.mu.Unlock()
	type stream struct {
		LogStreamName string `json:"logStreamName"`
	}
	all := []stream{}
	for _, name := range s.all[in.LogGroupName] {
		all = append(all, stream{name})
	}
	writeJSON(w, 200, map[string]any{"logStreams": all})
}
