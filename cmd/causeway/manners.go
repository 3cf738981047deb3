package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/twin"
	"github.com/causeway-iac/causeway/twin/fault"
)

// The flags that say how the twin behaves.
const (
	latencyFlag     = "latency"
	consistencyFlag = "consistency"
	throttleFlag    = "throttle"
	seedFlag        = "fault-seed"
	faultFlag       = "fault"
	quotaFlag       = "quota"
	delegationFlag  = "delegation"
)

// choosesManners gives a command the flags that say how the twin behaves.
func choosesManners(cmd *cobra.Command) *cobra.Command {
	f := cmd.Flags()
	f.StringArray(faultFlag, nil, `a failure of the cloud, KIND:TYPE:OPERATION[:HOW OFTEN], such as "throttle:aws:lb/*:create:3";
docs/twin.md has them all; may be given more than once`)
	f.Uint64(seedFlag, 0, "the seed of the faults that strike by chance; a random one by default")
	f.String(latencyFlag, "", `how long things take: "none", or "realistic" with a scale, such as "realistic×0.01"`)
	f.Duration(consistencyFlag, 0, "how long what was made is not seen by others, such as 300ms")
	f.Float64(throttleFlag, 0, "calls per second that each service answers; 0 is any number")
	f.StringToInt(quotaFlag, nil, `what the account may have other than AWS's default, NAME=NUMBER, such as vpcs=10; "all" is every
quota, and "causeway twin quotas --all" lists them; may be given more than once`)
	f.String(delegationFlag, "", `whether zones that the program makes are delegated "at-once", which is the default, or "by-hand",
by "causeway twin delegate"`)
	return cmd
}

// readManners are the stack's own, of Twin.<stack>.yaml, with the command's flags over them.
func readManners(cmd *cobra.Command, p project.Project, stack string) (twin.Manners, error) {
	m, err := twin.ReadManners(p.Manners(stack))
	if err != nil {
		return m, &codedError{exitConfiguration, err}
	}
	f := cmd.Flags()
	if f.Lookup(faultFlag) == nil {
		return m, nil
	}
	if f.Changed(latencyFlag) {
		m.Latency, _ = f.GetString(latencyFlag)
	}
	if f.Changed(consistencyFlag) {
		m.Consistency, _ = f.GetDuration(consistencyFlag)
	}
	if f.Changed(throttleFlag) {
		m.Throttle, _ = f.GetFloat64(throttleFlag)
	}
	if f.Changed(seedFlag) {
		m.Seed, _ = f.GetUint64(seedFlag)
	}
	if f.Changed(delegationFlag) {
		m.Delegation, _ = f.GetString(delegationFlag)
	}
	quotas, _ := f.GetStringToInt(quotaFlag)
	if m.Quotas == nil {
		m.Quotas = map[string]int{}
	}
	maps.Copy(m.Quotas, quotas)
	more, _ := f.GetStringArray(faultFlag)
	m.Faults = append(m.Faults, more...)
	if m.Seed == 0 {
		m.Seed = 1 + rand.Uint64N(9999)
	}
	if err := m.Check(); err != nil {
		return m, &codedError{exitConfiguration, err}
	}
	return m, nil
}

const mannersPrefix = "the twin behaves as asked; to see the same again: "

// describeManners is a line for a person, with all that it takes to see the same again.
func describeManners(m twin.Manners) string {
	var parts []string
	if m.Latency != "" {
		parts = append(parts, "--latency "+m.Latency)
	}
	if m.Consistency > 0 {
		parts = append(parts, "--consistency "+m.Consistency.Round(time.Millisecond).String())
	}
	if m.Throttle > 0 {
		parts = append(parts, fmt.Sprintf("--throttle %v", m.Throttle))
	}
	for _, name := range slices.Sorted(maps.Keys(m.Quotas)) {
		parts = append(parts, fmt.Sprintf("--quota %s=%d", name, m.Quotas[name]))
	}
	if m.Delegation == twin.DelegatedByHand {
		parts = append(parts, "--delegation "+m.Delegation)
	}
	for _, text := range m.Faults {
		parts = append(parts, "--fault "+quote(text))
	}
	if len(m.Faults) > 0 {
		parts = append(parts, fmt.Sprintf("--fault-seed %d", m.Seed))
	}
	return mannersPrefix + strings.Join(parts, " ")
}

// kill ends the processes that a fault names, at once and for good.
func (r *rehearsal) kill(process string) {
	if process != fault.Twin && r.engine != nil {
		r.engine.Kill()
	}
	if process != fault.Engine {
		killSelf()
	}
}
