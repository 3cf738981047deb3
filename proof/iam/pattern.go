package iam

import "strings"

// Matches says that the pattern, with * and ?, matches every text that the other one, which may have them too, stands
// for.
func Matches(pattern, text string) bool {
	p, t := 0, 0
	star, mark := -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == text[t] || pattern[p] == '?' && text[t] != '*'):
			p, t = p+1, t+1
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// Overlap says that some text matches both patterns.
func Overlap(a, b string) bool {
	p, q := literal(a), literal(b)
	if n := min(p, q); a[:n] != b[:n] {
		return false
	}
	if p == len(a) && q == len(b) {
		return a == b
	}
	reach := make([]bool, len(b)+1)
	reach[0] = true
	for j := 0; j < len(b) && b[j] == '*'; j++ {
		reach[j+1] = true
	}
	for i := 0; i < len(a); i++ {
		next := make([]bool, len(b)+1)
		for j := 0; j <= len(b); j++ {
			if a[i] == '*' {
				next[j] = next[j] || reach[j] // stands for nothing
				if j > 0 && next[j-1] {
					next[j] = true // takes one more
				}
				continue
			}
			if j > 0 && b[j-1] == '*' {
				next[j] = next[j] || reach[j] || next[j-1]
			}
			if j > 0 && reach[j-1] && (a[i] == b[j-1] || a[i] == '?' || b[j-1] == '?') {
				next[j] = true
			}
		}
		reach = next
	}
	return reach[len(b)]
}

// literal is how long the beginning of a pattern is that stands for itself.
func literal(pattern string) int {
	if i := strings.IndexAny(pattern, "*?"); i >= 0 {
		return i
	}
	return len(pattern)
}
