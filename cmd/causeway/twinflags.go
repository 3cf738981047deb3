package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/cmd/causeway/internal/rehearsal"
	"github.com/causeway-iac/causeway/infra/settings"
	"github.com/causeway-iac/causeway/twin"
	"github.com/causeway-iac/causeway/twin/brain"
)

// Flags of the commands that start a twin.
const (
	latencyFlag     = "latency"
	consistencyFlag = "consistency"
	throttleFlag    = "throttle"
	seedFlag        = "fault-seed"
	faultFlag       = "fault"
	quotaFlag       = "quota"
	delegationFlag  = "delegation"
	brainFlag       = "brain"
	packFlag        = "policy-pack"
	refreshFlag     = "refresh"
)

// twinFlags are those of them that a command takes.
type twinFlags uint

const (
	manners twinFlags = 1 << iota // how the twin behaves
	brains                        // which brain checks and compares resources
	packs                         // which policy packs must agree
	refresh                       // to start from what exists rather than from what the state remembers

	deploys = manners | brains | packs | refresh
)

// The brains that --brain names; anything else is the path of a provider.
const (
	brainBuiltin    = "builtin"
	brainAWS        = "aws"
	brainCloudflare = "cloudflare"
	brainAuto       = "auto"
)

// add gives a command the flags.
func (t twinFlags) add(cmd *cobra.Command) *cobra.Command {
	f := cmd.Flags()
	if t&manners != 0 {
		addManners(cmd)
	}
	if t&brains != 0 {
		f.String(brainFlag, brainBuiltin, `who checks and compares resources: "builtin", "aws" or "cloudflare" (the real provider, offline,
from PATH or Pulumi's plugin cache), "auto" (aws if it is installed), or a provider's path`)
	}
	if t&packs != 0 {
		f.StringArray(packFlag, nil, "a policy pack that must agree, such as bin/policy (may be repeated)")
	}
	if t&refresh != 0 {
		f.Bool(refreshFlag, false, "read first what exists, and put right what was changed behind Pulumi's back")
	}
	return cmd
}

// readTwinFlags makes a rehearsal's options from a command's flags and Twin.<stack>.yaml. notes are lines for a person,
// once the stack is open.
func readTwinFlags(ctx context.Context, cmd *cobra.Command, sh shell, p project.Project,
	stack string) (o rehearsal.Options, notes []string, err error) {
	o = rehearsal.Options{Project: p, Stack: stack, Doing: "causeway " + cmd.Name(), Program: program, Passphrase: sh.passphrase}
	if o.PolicyPacks, err = readPacks(cmd); err != nil {
		return o, nil, err
	}
	if o.Twin.Manners, err = readManners(cmd, p, stack); err != nil {
		return o, nil, err
	}
	o.Refresh, _ = cmd.Flags().GetBool(refreshFlag)
	var which string
	if o.Brain, which, err = openBrain(ctx, cmd, sh); err != nil {
		return o, nil, err
	}
	if !o.Twin.Manners.Plain() {
		notes = append(notes, describeManners(o.Twin.Manners))
	}
	if which != "" {
		notes = append(notes, which)
	}
	return o, notes, nil
}

func addManners(cmd *cobra.Command) {
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
}

// mannersIn are those of Twin.<stack>.yaml, and none where there is no such file.
func mannersIn(path string) (m twin.Manners, err error) {
	page, err := settings.Read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return m, nil
	case err == nil:
		m, err = twin.ReadManners(filepath.Base(path), page)
	}
	if err != nil {
		return m, &codedError{exitConfiguration, err}
	}
	return m, nil
}

// readManners are the stack's own, with the command's flags over them.
func readManners(cmd *cobra.Command, p project.Project, stack string) (twin.Manners, error) {
	m, err := mannersIn(p.Manners(stack))
	if err != nil {
		return m, err
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

// describeManners is a line for a person, with everything needed to see the same again.
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

// openBrain opens the brain that the command line names, with a line for a person that says which is at work. It returns
// nil for the built-in one. If the named one does not work that is an error: nothing takes its place silently.
func openBrain(ctx context.Context, cmd *cobra.Command, sh shell) (*brain.Plugin, string, error) {
	flag := cmd.Flags().Lookup(brainFlag)
	if flag == nil {
		return nil, "", nil
	}
	if flag.Value.String() == brainBuiltin {
		return nil, "resources are checked and compared by the built-in rules; --brain aws asks the real AWS provider", nil
	}
	path, named, install := flag.Value.String(), "AWS", brain.HowToInstall
	switch path {
	case brainAWS, brainAuto:
		path = brain.FindPlugin(sh.pulumiHome)
	case brainCloudflare:
		path, named, install = brain.FindCloudflarePlugin(sh.pulumiHome), "Cloudflare", brain.HowToInstallCloudflare
	}
	if path == "" {
		missing := "the real " + named + " provider is neither on PATH nor in Pulumi's plugin cache: " + install
		if flag.Value.String() != brainAuto {
			return nil, "", &codedError{exitConfiguration, fmt.Errorf("%s, or leave --brain out", missing)}
		}
		return nil, missing + "; the built-in brain is at work", nil
	}
	b, err := brain.OpenPlugin(ctx, path)
	missing := errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist)
	if missing && !strings.ContainsRune(path, filepath.Separator) {
		err = fmt.Errorf("--%s %q: write %s, %s, %s or %s, or a provider's path", brainFlag, path, brainBuiltin, brainAWS, brainCloudflare,
			brainAuto)
	}
	if err != nil {
		return nil, "", &codedError{exitConfiguration, err}
	}
	return b, "resources are checked and compared by " + b.Name() + ", offline", nil
}

// readPacks is the policy packs that the command line names, by paths that hold wherever the engine runs.
func readPacks(cmd *cobra.Command) ([]string, error) {
	if cmd.Flags().Lookup(packFlag) == nil {
		return nil, nil
	}
	names, err := cmd.Flags().GetStringArray(packFlag)
	if err != nil {
		return nil, fmt.Errorf("reading --%s: %w", packFlag, err)
	}
	packs := make([]string, len(names))
	for i, name := range names {
		if _, err := os.Stat(name); err != nil {
			return nil, &codedError{exitConfiguration, fmt.Errorf("--%s: %w: `make build` in Causeway's repository makes bin/policy",
				packFlag, err)}
		}
		if packs[i], err = filepath.Abs(name); err != nil {
			return nil, fmt.Errorf("finding the policy pack: %w", err)
		}
	}
	return packs, nil
}

// refuseManners refuses flags that say how a twin behaves when the twin is already running.
func refuseManners(cmd *cobra.Command, flag string) error {
	var given []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch f.Name {
		case faultFlag, seedFlag, latencyFlag, consistencyFlag, throttleFlag, quotaFlag, delegationFlag, brainFlag:
			given = append(given, "--"+f.Name)
		}
	})
	if len(given) == 0 {
		return nil
	}
	return &codedError{exitConfiguration, fmt.Errorf("%s: the world is alive and its twin behaves as it was told when it started: "+
		"`causeway live%s --stop` first, or `causeway twin%[2]s faults add` for a fault", strings.Join(given, ", "), flag)}
}
