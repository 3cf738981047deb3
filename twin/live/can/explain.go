package can

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
)

// machine is what decides which cause an error has.
type machine interface {
	setting(name string) string // of the kernel, such as kernel.unprivileged_userns_clone; "" if it has none
	filtered() bool             // system calls are filtered, as containers do
}

// thisMachine is this computer.
type thisMachine struct{}

func (thisMachine) setting(name string) string {
	text, _ := os.ReadFile("/proc/sys/" + strings.ReplaceAll(name, ".", "/")) // one that is not there is ""
	return strings.TrimSpace(string(text))
}

func (thisMachine) filtered() bool {
	text, _ := os.ReadFile("/proc/self/status")
	return strings.Contains(string(text), "Seccomp:\t2")
}

// causes are tried in order. said is what the system and the small world's log say.
var causes = []struct {
	holds       func(err error, said string, m machine) bool
	why, remedy string
}{
	{func(err error, _ string, m machine) bool {
		return errors.Is(err, syscall.ENOSPC) || m.setting("user.max_user_namespaces") == "0"
	}, "this computer allows no more user namespaces (user.max_user_namespaces)",
		"`sudo sysctl user.max_user_namespaces=15000` allows them"},

	{func(err error, _ string, m machine) bool {
		return refused(err) && m.setting("kernel.unprivileged_userns_clone") == "0"
	}, "this computer allows user namespaces to root alone, as old Debian does (kernel.unprivileged_userns_clone)",
		"`sudo sysctl kernel.unprivileged_userns_clone=1` allows them"},

	// Ubuntu 24.04 lets the namespaces be created and takes their capabilities away.
	{func(err error, said string, m machine) bool {
		return m.setting("kernel.apparmor_restrict_unprivileged_userns") == "1" && (refused(err) || has(said, "permission denied",
			"operation not permitted"))
	}, "AppArmor takes the rights away from user namespaces, as Ubuntu does since 24.04 (kernel.apparmor_restrict_unprivileged_userns)",
		"`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0` gives them back, or an AppArmor " +
			"profile for bin/world with `userns,`"},

	{func(err error, _ string, m machine) bool { return refused(err) && m.filtered() },
		"system calls are filtered and namespaces refused, as Docker does by default (seccomp)",
		"run it outside of the container, or start that with `--security-opt seccomp=unconfined`"},

	{func(err error, _ string, _ machine) bool { return refused(err) },
		"this computer does not let you make user namespaces", "ask whoever looks after it to allow them"},

	{func(_ error, said string, _ machine) bool {
		return strings.Contains(said, "mounting /proc: operation not permitted")
	},
		"parts of /proc are masked, as in a container, so that no fresh one can be mounted",
		"run it outside of the container, or start that with `--security-opt systempaths=unconfined`"},

	{func(_ error, said string, _ machine) bool {
		return has(said, "veth") && has(said, "operation not supported", "no such device")
	}, "the kernel has no veth links", "`sudo modprobe veth` loads them"},

	{func(_ error, said string, _ machine) bool {
		return has(said, "rule", "nft", "netfilter", "firewall", "masquerad") && has(said, "no such file", "not supported",
			"no such device", "protocol not")
	}, "the kernel lacks a part of nftables",
		"`sudo modprobe -a nf_tables nft_ct nft_nat nft_masq nft_log nft_limit nfnetlink_log` loads them"},

	{func(_ error, said string, _ machine) bool { return has(said, "deadline exceeded") },
		"this computer is so busy that a very small world took longer than 20 seconds", "try again when it is less so"},
}

func refused(err error) bool { return errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) }

func has(said string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(said, w) })
}

// explain finds the cause of a small world's failure.
func explain(err error, log string, m machine) *Refusal {
	said := strings.ToLower(err.Error() + "\n" + log)
	for _, c := range causes {
		if c.holds(err, said, m) {
			return &Refusal{c.why, c.remedy, err}
		}
	}
	last := strings.TrimSpace(log)
	last = last[strings.LastIndexByte(last, '\n')+1:]
	return &Refusal{"a very small world could not live here", "the system said: " + strings.TrimSpace(fmt.Sprintf("%v %s", err, last)), err}
}
