package balance

import (
	"net/http"
	"slices"
	"time"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Cookies of stickiness (ELB user guide, "Sticky sessions for your Application Load Balancer").
const (
	cookieTarget = "AWSALB"
	cookieCORS   = "AWSALBCORS"
	cookieApp    = "AWSALBAPP-0"
	cookieGroup  = "AWSALBTG"
)

// cookieOf is the mark of the target that the client was sent to before.
func cookieOf(r *http.Request, g *group) string {
	sticky := g.settings().Stickiness
	if sticky == nil {
		return ""
	}
	for _, name := range map[string][]string{"lb_cookie": {cookieTarget, cookieCORS}, "app_cookie": {cookieApp}}[sticky.Type] {
		if c, err := r.Cookie(name); err == nil {
			return c.Value
		}
	}
	return ""
}

// stick makes the client come back to the target: always, or once the application has set its own cookie.
func (l *listener) stick(h http.Header, response *http.Response, g *group, t *target) {
	sticky := g.settings().Stickiness
	if sticky == nil {
		return
	}
	ends := time.Now().Add(time.Duration(sticky.Seconds) * time.Second)
	if sticky.Type == "lb_cookie" {
		add(h, &http.Cookie{Name: cookieTarget, Value: g.mark(t), Path: "/", Expires: ends})
		add(h, &http.Cookie{Name: cookieCORS, Value: g.mark(t), Path: "/", Expires: ends, SameSite: http.SameSiteNoneMode, Secure: true})
		return
	}
	if slices.ContainsFunc(response.Cookies(), func(c *http.Cookie) bool { return c.Name == sticky.Cookie }) {
		add(h, &http.Cookie{Name: cookieApp, Value: g.mark(t), Path: "/", Expires: ends})
	}
}

func add(h http.Header, c *http.Cookie) { h.Add("Set-Cookie", c.String()) }

// share chooses among a forward action's groups by weight, or returns the one that the client was sent to before.
func share(a *plan.Action, r *http.Request, random func(int) int) (arn string, fresh bool) {
	total := 0
	was, _ := r.Cookie(cookieGroup)
	for _, f := range a.Forward {
		total += f.Weight
		if a.Sticky > 0 && was != nil && f.Weight > 0 && was.Value == mark(f.TargetGroup) {
			return f.TargetGroup, false
		}
	}
	if total == 0 {
		return "", false
	}
	n := random(total)
	for _, f := range a.Forward {
		if n -= f.Weight; n < 0 {
			return f.TargetGroup, a.Sticky > 0
		}
	}
	return "", false
}

// stayWith makes the client come back to the group.
func stayWith(h http.Header, arn string, seconds int) {
	add(h, &http.Cookie{Name: cookieGroup, Value: mark(arn), Path: "/", Expires: time.Now().Add(time.Duration(seconds) * time.Second)})
}
