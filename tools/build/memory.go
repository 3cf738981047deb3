package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

const gib = 1 << 30

// memory is how many bytes this process may use: the machine's, or its control group's if less. It is 0 where neither can
// be read.
func memory() (total uint64) {
	if b, err := os.ReadFile("/proc/meminfo"); err == nil {
		total = meminfo(b)
	} else if runtime.GOOS == "darwin" {
		if out, err := exec.Command("sysctl", "-n", "hw.memsize").Output(); err == nil {
			total, _ = strconv.ParseUint(strings.TrimSpace(string(out)), 10, 64)
		}
	}
	for _, f := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		b, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		if limit, err := strconv.ParseUint(string(bytes.TrimSpace(b)), 10, 64); err == nil && limit < total {
			total = limit
		}
	}
	return total
}

// meminfo reads memory plus swap from the text of /proc/meminfo.
func meminfo(b []byte) (total uint64) {
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) >= 2 && (f[0] == "MemTotal:" || f[0] == "SwapTotal:") {
			if kb, err := strconv.ParseUint(f[1], 10, 64); err == nil {
				total += kb * 1024
			}
		}
	}
	return total
}

// parallel is how many packages may be compiled at a time with this much memory, and a warning if even one may be too
// many: the largest package takes 4 GB on its own.
func parallel(total uint64) (jobs int, warning string) {
	switch {
	case total == 0:
		return 2, ""
	case total < 5*gib:
		return 1, fmt.Sprintf("this machine has %.1f GB of memory and the first build needs about 5 GB: "+
			"if it is killed, add swap (or build on a larger machine) and start it again", float64(total)/gib)
	case total < 8*gib:
		return 1, ""
	}
	return 2, ""
}
