package review

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/graph"
)

// allowance is a loss that a stack's settings allow: of one resource, for a reason, until a day. Allowances are listed
// under PROJECT:losses by the resource's name or, where several resources of that name would lose something, by type and
// name as at the end of the URN.
type allowance struct {
	Reason  string `json:"reason"`
	Expires string `json:"expires"`
}

const setting = "losses"

// allow records in losses what the settings say of them.
func allow(losses []Loss, p *graph.Preview, now time.Time) {
	text, set := p.Config[p.After.Project+":"+setting]
	if !set {
		return
	}
	named := map[string]allowance{}
	err := json.Unmarshal([]byte(text), &named)
	for i := range losses {
		l := &losses[i]
		if err != nil {
			l.Refused = fmt.Sprintf("the settings' %s cannot be read: each is a name with a reason and an expiry", setting)
			continue
		}
		a, ok := named[l.place()]
		if !ok {
			if a, ok = named[l.Name]; ok && l.shared(losses) {
				l.Refused = fmt.Sprintf("the settings allow it of %q, which is the name of several: write %q", l.Name, l.place())
				continue
			}
		}
		if ok {
			l.Allowed, l.Refused = a.on(now)
		}
	}
}

// place is the resource's type and name, which are unique below one parent.
func (l *Loss) place() string { return l.Type + "::" + l.Name }

func (l *Loss) shared(all []Loss) bool {
	return slices.ContainsFunc(all, func(other Loss) bool { return other.Name == l.Name && other.URN != l.URN })
}

// on is the reason or, if it does not hold on that day, why not.
func (a allowance) on(now time.Time) (allowed, refused string) {
	a.Expires = a.Expires[:min(len(a.Expires), len(time.DateOnly))] // YAML reads a day as a time
	end, err := time.Parse(time.DateOnly, a.Expires)
	switch {
	case strings.TrimSpace(a.Reason) == "":
		return "", "the settings allow it without a reason"
	case err != nil:
		day := now.AddDate(0, 1, 0).Format(time.DateOnly)
		return "", fmt.Sprintf("the settings allow it until %q, which is not a day such as %s", a.Expires, day)
	case !now.Before(end.AddDate(0, 0, 1)):
		return "", "the settings allowed it until " + a.Expires
	case end.After(now.AddDate(1, 0, 0)):
		return "", "the settings allow it until " + a.Expires + ", which is more than a year away"
	}
	return a.Reason + " (until " + a.Expires + ")", ""
}

// Sentence is the loss in one line, with why it is not allowed if the settings mention it.
func (l Loss) Sentence() string {
	text := l.Name + " " + l.What
	if l.Refused != "" {
		text += "; " + l.Refused
	}
	return text
}

// Remedy is what to write to allow those of a stack's losses that are not allowed.
func Remedy(project string, losses []Loss, now time.Time) string {
	var names []string
	for _, l := range losses {
		name := l.Name
		if l.shared(losses) {
			name = l.place()
		}
		if l.Allowed == "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	more := ""
	if len(names) > 1 {
		more = fmt.Sprintf(", and likewise %s", strings.Join(names[1:], ", "))
	}
	return fmt.Sprintf(`to allow it, name it in the stack's settings: %s:%s: {"%s": {reason: "...", expires: %s}}%s`,
		project, setting, names[0], now.AddDate(0, 0, 7).Format(time.DateOnly), more)
}
