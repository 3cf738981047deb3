package tree

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// processes reports what each node uses, and the world itself.
func (w *Root) processes() []Process {
	of := map[int]string{1: "world"}
	kinds := map[string]string{"world": "router"}
	for name, c := range w.nodes {
		of[c.pid()], kinds[name] = name, string(c.kind)
	}
	sums := map[string]*Process{}
	parents := map[int]int{}
	entries, _ := filepath.Glob("/proc/[0-9]*")
	for _, e := range entries {
		pid, _ := strconv.Atoi(filepath.Base(e))
		parents[pid] = parent(pid)
	}
	for pid := range parents {
		at := pid
		for at > 1 && of[at] == "" {
			at = parents[at]
		}
		name := of[max(at, 1)]
		if sums[name] == nil {
			sums[name] = &Process{Node: name, Kind: kinds[name]}
		}
		sums[name].Count++
		sums[name].Memory += share(pid)
		sums[name].CPU += spent(pid)
	}
	out := make([]Process, 0, len(sums))
	for _, p := range sums {
		out = append(out, *p)
	}
	return out
}

// stat is the fields of /proc/PID/stat after the program's name.
func stat(pid int) []string {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // one that has ended uses nothing
	_, after, _ := strings.Cut(string(b), ") ")
	return strings.Fields(after)
}

func parent(pid int) int {
	if f := stat(pid); len(f) > 1 {
		n, _ := strconv.Atoi(f[1])
		return n
	}
	return 0
}

// spent is a process's processor time: user and system, in hundredths of a second each.
func spent(pid int) float64 {
	f := stat(pid)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(f[11], 64)
	system, _ := strconv.ParseFloat(f[12], 64)
	return (user + system) / 100
}

// share is a process's proportional share of memory.
func share(pid int) int {
	f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if rest, ok := strings.CutPrefix(s.Text(), "Pss:"); ok {
			n, _ := strconv.Atoi(strings.Fields(rest)[0])
			return n << 10
		}
	}
	return 0
}
