package machine

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// order is what systemctl asks of the machine's manager, answered by reply, or what another program has to say in its log.
type order struct {
	Args      []string
	Who, Says string
}

type reply struct {
	Code int
	Text string
}

// onImage are units that Amazon Linux has and this image has not: stopping or restarting them is no mistake.
var onImage = []string{"sshd.service", "logrotate.timer", "amazon-ssm-agent.service", "chronyd.service"}

// listen answers systemctl until stop is called.
func (m *machine) listen() (stop func(), err error) {
	path := filepath.Join(m.root, managerSocket)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("starting the machine's manager: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("starting the machine's manager: %w", err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				var o order
				if json.NewDecoder(c).Decode(&o) != nil {
					return
				}
				if o.Says != "" {
					m.say(o.Who, o.Says)
				}
				_ = json.NewEncoder(c).Encode(m.obey(o.Args))
			}()
		}
	}()
	return func() { l.Close() }, nil
}

// obey carries out a systemctl command line.
func (m *machine) obey(args []string) reply {
	now, block, verb := false, true, ""
	var names []string
	for _, a := range args {
		switch {
		case a == "--now":
			now = true
		case a == "--no-block":
			block = false
		case strings.HasPrefix(a, "-"): // such as --quiet
		case verb == "":
			verb = a
		default:
			names = append(names, a)
		}
	}
	switch verb {
	case "daemon-reload", "daemon-reexec", "reset-failed":
		return reply{}
	case "enable", "disable":
		if !now {
			return reply{} // a machine boots once
		}
		verb = map[string]string{"enable": "start", "disable": "stop"}[verb]
	}
	var texts []string
	code := 0
	for _, name := range names {
		if filepath.Ext(name) == "" {
			name += ".service"
		}
		r := m.control(verb, name, block)
		code = max(code, r.Code)
		if r.Text != "" {
			texts = append(texts, r.Text)
		}
	}
	return reply{code, strings.Join(texts, "\n")}
}

func (m *machine) control(verb, name string, block bool) reply {
	m.mu.Lock()
	running := m.units[name]
	m.mu.Unlock()
	switch verb {
	case "is-active", "status", "show":
		if running == nil {
			return reply{3, "inactive"}
		}
		state := running.current()
		return reply{map[bool]int{true: 0, false: 3}[state == "active"], state}
	case "stop", "kill":
		if running != nil {
			running.stop()
		}
		return reply{}
	case "start", "restart", "try-restart", "reload-or-restart":
	default:
		return reply{1, fmt.Sprintf("systemctl %s is not played in the living world", verb)}
	}
	if running != nil && verb == "start" && slices.Contains([]string{"active", "activating"}, running.current()) {
		return reply{}
	}
	u, err := readUnit(m.root, name)
	if errors.Is(err, errNoUnit) && name == "docker.service" { // whose command needs no engine here
		return reply{}
	}
	if errors.Is(err, errNoUnit) && slices.Contains(onImage, name) {
		m.say("systemctl", name+" is of Amazon Linux's image and is not played")
		return reply{}
	}
	if err != nil {
		return reply{5, err.Error()}
	}
	if running != nil {
		running.stop()
	}
	s := m.begin(u)
	if block {
		<-s.up
		if s.current() == "failed" {
			return reply{1, name + " failed to start: its log says why"}
		}
	}
	return reply{}
}
