package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/causeway-iac/causeway/twin/live/can"
)

// remedy is what a person can do about a disk error, if it is one.
func remedy(err error) string {
	switch {
	case errors.As(err, new(*can.Refusal)): // which says itself what would help, whatever the error number
		return ""
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "the disk is full: free some space and start again; what was there is kept"
	case errors.Is(err, syscall.EROFS):
		return "nothing was changed: mount the disk for writing, or move the project to one that is"
	case errors.Is(err, fs.ErrPermission):
		return "nothing was changed: give your account the right to " + rights(err)
	}
	return ""
}

// rights names the file that a person may not use, and says how to get at it.
func rights(err error) string {
	path := ""
	var of *fs.PathError
	if errors.As(err, &of) {
		path = of.Path
	}
	if path == "" || strings.Contains(path, string(filepath.Separator)+".causeway"+string(filepath.Separator)) {
		return "that file, as `sudo chown -R $USER .causeway` does where another account made it"
	}
	return fmt.Sprintf("%s, as `sudo chown $USER %[1]s` does where it is another account's, and `chmod u+rw %[1]s` where it is yours", path)
}
