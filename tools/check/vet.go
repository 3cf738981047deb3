package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// elsewhere are packages with files for Linux alone, which must compile on a Mac too. They link no cloud's SDK, whose
// compilation for a second system would take minutes.
const elsewhere = "./twin/live/..."

// vet runs `go vet`, with this program between the go command and it: see between.
func vet(ctx context.Context, out io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	found, err := exec.CommandContext(ctx, "go", "tool", "-n", "vet").Output()
	if err != nil {
		return fmt.Errorf("finding go vet: %w", err)
	}
	real := realVet + "=" + strings.TrimSpace(string(found))
	err = inModules(func(dir string) error {
		return command(ctx, out, dir, "env", real, "go", "vet", alike, "-vettool="+self, "./...")
	})
	return errors.Join(err, command(ctx, out, ".", "env", "GOOS=darwin", "go", "vet", alike, elsewhere))
}

// realVet is the variable that names the vet that is between's.
const realVet = "CAUSEWAY_CHECK_VET"

// factless are packages of which vet has nothing to learn for those that import them: they wrap no function that prints.
// The clouds' SDKs are so large that looking for it takes four minutes.
var factless = []string{"github.com/pulumi/pulumi-aws/", "github.com/pulumi/pulumi-cloudflare/"}

// between answers the go command in place of vet, of which it asks version, flags, and then one package at a time: of a
// factless one nothing is learnt, and all else is vet's. It returns false where the go command did not call.
func between(args []string) (is bool, err error) {
	real := os.Getenv(realVet)
	if real == "" || len(args) == 0 {
		return false, nil
	}
	last := args[len(args)-1]
	if strings.HasSuffix(last, ".cfg") {
		done, err := learnNothing(last)
		if done || err != nil {
			return true, err
		}
	}
	cmd := exec.Command(real, args...)
	cmd.Stderr = os.Stderr
	said, err := cmd.Output()
	if last == "-V=full" { // under which the go command keeps what it learns: not as if from vet itself
		said = bytes.Replace(said, []byte("vet version"), []byte("between version"), 1)
	}
	os.Stdout.Write(said)
	return true, err
}

// learnNothing writes that a package has no facts, where it is factless and only they are asked for.
func learnNothing(config string) (done bool, err error) {
	var of struct {
		ImportPath, VetxOutput, Stdout string
		VetxOnly                       bool
	}
	text, err := os.ReadFile(config)
	if err == nil {
		err = json.Unmarshal(text, &of)
	}
	if err != nil {
		return false, fmt.Errorf("reading what the go command asks of vet: %w", err)
	}
	if !of.VetxOnly || !slices.ContainsFunc(factless, func(p string) bool { return strings.HasPrefix(of.ImportPath, p) }) {
		return false, nil
	}
	for _, path := range []string{of.VetxOutput, of.Stdout} {
		if path != "" {
			err = errors.Join(err, os.WriteFile(path, nil, 0o644))
		}
	}
	return true, err
}
