package brain

import (
	"sort"

	"github.com/causeway-iac/causeway/twin/value"
)

// normal is what the real provider itself does to a type's checked inputs before it plans.
var normal = map[string]func(in value.Map) value.Map{
	"aws:acm/certificate:Certificate": certificateNames,
}

func normalised(token string, in value.Map) value.Map {
	if f := normal[token]; f != nil {
		return f(value.CopyMap(in))
	}
	return in
}

// certificateNames adds the domain to its alternative names, and plans one validation option a name.
func certificateNames(in value.Map) value.Map {
	domain, known := value.Reveal(in["domainName"]).(string)
	if !known || value.HasUnknown(in["subjectAlternativeNames"]) {
		return in
	}
	names := map[string]bool{domain: true}
	alternatives, _ := value.Reveal(in["subjectAlternativeNames"]).([]any)
	for _, n := range alternatives {
		if s, ok := n.(string); ok {
			names[s] = true
		}
	}
	sorted := sortedKeys(names)
	sort.Strings(sorted)
	list := make([]any, len(sorted))
	for i, n := range sorted {
		list[i] = n
	}
	in["subjectAlternativeNames"] = list
	return in
}
