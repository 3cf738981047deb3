// Package entry is what a guestbook holds, and what both tiers accept as such.
package entry

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits of an entry, in characters.
const (
	NameLimit    = 60
	MessageLimit = 500
)

// Entry is one line of the guestbook, as the application tier returns it.
type Entry struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name"`
	Message string    `json:"message"`
	Created time.Time `json:"created"`
}

// Draft is an entry that somebody wants to add.
type Draft struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

// Clean trims the spaces around both fields and makes line ends single.
func (d Draft) Clean() Draft {
	return Draft{
		Name:    strings.TrimSpace(d.Name),
		Message: strings.TrimSpace(strings.ReplaceAll(d.Message, "\r\n", "\n")),
	}
}

// Problem says to the writer why a cleaned draft cannot be an entry; it is empty when it can.
func (d Draft) Problem() string {
	switch {
	case d.Name == "":
		return "Please give a name."
	case d.Message == "":
		return "Please write a message."
	case utf8.RuneCountInString(d.Name) > NameLimit:
		return "The name is longer than 60 characters."
	case utf8.RuneCountInString(d.Message) > MessageLimit:
		return "The message is longer than 500 characters."
	case !printable(d.Name) || !printable(strings.ReplaceAll(d.Message, "\n", "")):
		return "The entry has characters that cannot be shown."
	}
	return ""
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
