//go:build unix

package specimen

import (
	"syscall"
	"time"
)

// CPU is the processor's time that this process has used: on a busy machine the only
// time that says what something costs.
func CPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
