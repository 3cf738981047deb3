package dns

import (
	"net/netip"
	"strings"
)

// Normalise returns a name in the form in which it is compared and written everywhere: lower case, without
// surrounding spaces and without the trailing dot.
func Normalise(name string) string {
	return strings.TrimSuffix(strings.ToLower(strings.TrimSpace(name)), ".")
}

// Within reports whether name is domain or below it.
func Within(name, domain string) bool {
	name, domain = Normalise(name), Normalise(domain)
	return name == domain || strings.HasSuffix(name, "."+domain)
}

// Meant is the host name that somebody who writes an address means, despite capitals, spaces or a dot at the end; ""
// if none can be made out.
func Meant(text string) string {
	name := Normalise(text)
	if _, rest, is := strings.Cut(name, "://"); is {
		name = rest
	}
	name = Normalise(name[:strings.IndexAny(name+"/", "/:?#")])
	if NameProblem(name) != "" {
		return ""
	}
	return name
}

// NameProblem says why name is not a fully qualified host name, or "" if it is one (RFC 1035, section 2.3.1 and RFC
// 1123, section 2.1).
func NameProblem(name string) string {
	switch {
	case name == "":
		return "is empty"
	case strings.Contains(name, "://"), strings.Contains(name, "/"):
		return "is an address, not a name"
	case len(name) > 253:
		return "is longer than 253 characters"
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return "is an IP address"
	}
	labels := strings.Split(name, ".")
	if len(labels) < 2 {
		return "has no dot"
	}
	for _, label := range labels {
		if what := labelProblem(label); what != "" {
			return what
		}
	}
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return "ends in a number"
	}
	return ""
}

func labelProblem(label string) string {
	switch {
	case label == "":
		return "has an empty label"
	case len(label) > 63:
		return "has a label longer than 63 characters"
	case label[0] == '-' || label[len(label)-1] == '-':
		return "has a label that begins or ends with a dash"
	}
	for _, c := range label {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-':
		case c > 127:
			return "has letters beyond ASCII: write its xn-- form"
		default:
			return "has a character that host names do not have"
		}
	}
	return ""
}
