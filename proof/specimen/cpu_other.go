//go:build !unix

package specimen

import "time"

var began = time.Now()

// CPU is the time since the process began, where the processor's own is not told.
func CPU() time.Duration { return time.Since(began) }
