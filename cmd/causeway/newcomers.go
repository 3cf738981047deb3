package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/living"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/report"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// newcomers are the servers that boot while a stack is deployed into its living world. Only a server's log, and
// nothing that AWS says, tells why it does not become healthy.
type newcomers struct {
	world  *alive
	there  map[string]bool      // servers from before
	since  map[string]time.Time // when a newcomer was first seen
	told   map[string]bool      // tiers that a person has been told about
	why    map[string]string    // what load balancers last said of each newcomer
	unwell map[string]string    // of each tier, the newest unhealthy server that had time to say why
}

// watchNewcomers starts to watch, if the stack's world is running.
func (c *console) watchNewcomers(ctx context.Context) *newcomers {
	if c.under == nil || !c.under.Attached() {
		return nil
	}
	a, s, err := findAlive(ctx, c.stack)
	if err != nil {
		return nil
	}
	n := &newcomers{world: a, there: map[string]bool{}, since: map[string]time.Time{}, told: map[string]bool{}, why: map[string]string{},
		unwell: map[string]string{}}
	for _, v := range s.Nodes {
		n.there[v.Name] = true
	}
	return n
}

// slow is how long a server may take to become healthy before its last words are shown.
const slow = 20 * time.Second

// look finds servers that are not healthy, and reports once for each tier whose new server takes long.
func (n *newcomers) look(ctx context.Context, progress *report.Progress) {
	s, err := n.world.State(ctx)
	if err != nil {
		return
	}
	for _, v := range s.Nodes {
		if n.there[v.Name] || v.Kind != plan.KindMachine {
			continue
		}
		n.why[v.Name] = cmp.Or(v.Why, n.why[v.Name])
		if n.heed(v.Name, s.Found(v.Name), time.Now()) {
			progress.Say(fmt.Sprintf("%s is not healthy yet: `bin/causeway live%s logs %[1]s` has what it says", v.Name, n.world.flag))
		}
	}
}

// heed notes how a server was found, and reports whether a person is to be told. A server that has only begun has not
// said yet what is wrong, so its predecessor's words are kept until then.
func (n *newcomers) heed(name, found string, now time.Time) (tell bool) {
	if n.since[name].IsZero() {
		n.since[name] = now
	}
	tier := tierOf(name)
	late := now.Sub(n.since[name]) > slow
	switch before := n.unwell[tier]; {
	case found == "healthy" && (before == name || n.since[name].Sub(n.since[before]) > slow):
		delete(n.unwell, tier)
	case living.Ailing(found) && (late || before == ""):
		n.unwell[tier] = name
		tell = late && !n.told[tier]
		n.told[tier] = n.told[tier] || tell
	}
	return tell
}

// lastWords are the ends of the logs of the servers that did not become healthy.
func (n *newcomers) lastWords() (text string) {
	for _, name := range slices.Sorted(maps.Values(n.unwell)) {
		text += lastWords(n.world.home, name, n.why[name])
	}
	return text
}

// tierOf is the tier of a server, found from its node's name, such as web-a-1b2c.
func tierOf(name string) string {
	parts := strings.Split(name, "-")
	return strings.Join(parts[:max(1, len(parts)-2)], "-")
}

// unwellLogs are the ends of the logs of unhealthy servers, one for each tier.
func unwellLogs(home string, s living.State) (text string) {
	seen := map[string]bool{}
	for _, v := range s.Nodes {
		if v.Kind == plan.KindMachine && living.Ailing(s.Found(v.Name)) && !seen[tierOf(v.Name)] {
			seen[tierOf(v.Name)] = true
			text += lastWords(home, v.Name, v.Why)
		}
	}
	return text
}

// lastLines and widest limit what is shown of a log.
const lastLines, widest = 12, 240

// lastWords is the end of a server's log, for a person, and what the load balancer said of it.
func lastWords(home, name, why string) string {
	text, err := os.ReadFile(filepath.Join(liveHome(home), "log", name+".log"))
	if err != nil {
		return ""
	}
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(string(text)), "\n"), func(line string) bool {
		return strings.Contains(line, "-tls.service: ") || strings.Contains(line, "causeway-logs.service: ") // these say too much
	})
	out := name + " did not become healthy. The end of its log:\n"
	for _, line := range lines[max(0, len(lines)-lastLines):] {
		if len(line) > widest {
			line = line[:widest] + "…"
		}
		out += "  " + line + "\n"
	}
	if why != "" {
		out += "  the load balancer says: " + why + "\n"
	}
	return out
}
