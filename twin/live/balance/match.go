package balance

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

// matches says whether all conditions of a rule hold (ELB user guide, "Condition types for listener rules").
func matches(conditions []plan.Condition, r *http.Request, from netip.Addr) bool {
	return !slices.ContainsFunc(conditions, func(c plan.Condition) bool {
		return !slices.ContainsFunc(c.Values, func(v string) bool { return meets(c, v, r, from) })
	})
}

func meets(c plan.Condition, value string, r *http.Request, from netip.Addr) bool {
	switch c.Field {
	case "host":
		return like(strings.ToLower(value), hostOf(r))
	case "path":
		return like(value, r.URL.Path)
	case "method":
		return value == r.Method
	case "source":
		block, err := netip.ParsePrefix(value)
		return err == nil && block.Contains(from)
	case "header":
		return slices.ContainsFunc(r.Header.Values(c.Header),
			func(h string) bool { return like(strings.ToLower(value), strings.ToLower(h)) })
	case "query":
		return inQuery(value, r)
	}
	return false
}

func inQuery(value string, r *http.Request) bool {
	wantKey, want, keyed := strings.Cut(strings.ToLower(value), "=")
	if !keyed {
		wantKey, want = "*", wantKey
	}
	for key, values := range r.URL.Query() {
		for _, v := range values {
			if like(wantKey, strings.ToLower(key)) && like(want, strings.ToLower(v)) {
				return true
			}
		}
	}
	return false
}

// like matches a pattern in which * stands for any characters and ? for one.
func like(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark, p = p, i, p+1
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p, i = p+1, i+1
		case star < 0:
			return false
		default:
			mark++
			p, i = star+1, mark
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// hostOf is the host that a request names, without a port.
func hostOf(r *http.Request) string {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(host)
}

// location fills in a redirect (ELB user guide, "Redirect actions").
func location(to *plan.Redirect, r *http.Request, protocol string, port int) string {
	fill := func(pattern, fallback string) string {
		pattern = cmp.Or(pattern, fallback)
		return strings.NewReplacer("#{protocol}", protocol, "#{host}", hostOf(r), "#{port}", fmt.Sprint(port),
			"#{path}", strings.TrimPrefix(r.URL.EscapedPath(), "/"), "#{query}", r.URL.RawQuery).Replace(pattern)
	}
	scheme := strings.ToLower(fill(to.Protocol, "#{protocol}"))
	out := scheme + "://" + fill(to.Host, "#{host}")
	if p := fill(to.Port, "#{port}"); p != map[string]string{"http": "80", "https": "443"}[scheme] {
		out += ":" + p
	}
	out += fill(to.Path, "/#{path}")
	if q := fill(to.Query, "#{query}"); q != "" {
		out += "?" + q
	}
	return out
}
