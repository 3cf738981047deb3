package main

import (
	"os"
	"regexp"
)

// advice is an output in which this program goes by the name that it was called by: what is advised can be typed where
// the person is.
type advice struct {
	*os.File
	called string
}

var (
	advised = regexp.MustCompile("(`|\\$\\()(?:bin/)?causeway |(  )bin/causeway ")
	typable = regexp.MustCompile(`^[A-Za-z0-9_./+-]+$`)
)

func (a advice) Write(text []byte) (int, error) {
	if _, err := a.File.Write(asTyped(text, a.called)); err != nil {
		return 0, err
	}
	return len(text), nil
}

func asTyped(text []byte, called string) []byte {
	if !typable.MatchString(called) {
		return text
	}
	return advised.ReplaceAll(text, []byte("${1}${2}"+called+" "))
}
