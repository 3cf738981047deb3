//go:build !linux

package tree

import (
	"errors"
	"os"
)

// Launch starts nothing: the world needs Linux's namespaces.
func Launch(string, string, *os.File) (*Top, error) {
	return nil, errors.New("the living world needs Linux")
}
