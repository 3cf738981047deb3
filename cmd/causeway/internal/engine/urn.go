package engine

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

func nameOf(s string) string { return urn.URN(s).Name() }

func typeOf(s string) string { return string(urn.URN(s).Type()) }

// markup is the engine's colour markup, "<{%fg 1%}>", and the terminal's own.
var markup = regexp.MustCompile(`<\{%[^%]*%\}>|\x1b\[[0-9;]*m`)

// plain is a message without colours and surrounding space.
func plain(message string) string {
	return strings.TrimSpace(markup.ReplaceAllString(message, ""))
}

// union joins two lists, sorted, each entry once.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
