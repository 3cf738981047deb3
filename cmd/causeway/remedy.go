package main

import (
	"errors"
	"io/fs"
	"syscall"
)

// remedy is what a person can do about an error of the disk, if it is one.
func remedy(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "the disk is full: free some space and start again; what was there is kept"
	case errors.Is(err, syscall.EROFS):
		return "nothing was changed: mount the disk for writing, or move the project to one that is"
	case errors.Is(err, fs.ErrPermission):
		return "nothing was changed: give your account the right to that file, as `sudo chown -R $USER .causeway` does where another account made it"
	}
	return ""
}
