package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// stateFile is where Pulumi's file backend keeps the stack's state. It replaces the file whole.
func (e *Engine) stateFile() string {
	return filepath.Join(e.places.state, ".pulumi", "stacks", e.options.Project.Name, e.options.Stack+".json")
}

// writable fails if the state cannot be written: the engine tries for a minute before it says so.
func (e *Engine) writable() error {
	f, err := os.CreateTemp(filepath.Dir(e.stateFile()), "*.tmp")
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a new stack, whose state the engine creates
	}
	if err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	return nil
}

// Full says that the disk has no space for the state once more. The engine writes all of it at every step and, on a full
// disk, tries again for minutes without a word. Nothing is written to find out: that would take the engine's last space.
func (e *Engine) Full() bool {
	var disk syscall.Statfs_t
	info, err := os.Stat(e.stateFile())
	if err != nil || syscall.Statfs(e.stateFile(), &disk) != nil {
		return false
	}
	return disk.Bavail*uint64(disk.Bsize) < uint64(info.Size())
}

// selected says whether the stack has a state.
func (e *Engine) selected() bool {
	info, err := os.Stat(e.stateFile())
	return err == nil && info.Mode().IsRegular()
}

// deployment is the stack's state in the envelope that `pulumi stack export` would give it, with its secrets still
// encrypted. It reads the file, which takes no process; a stack without a file is empty.
func (e *Engine) deployment() (apitype.DeploymentV3, apitype.UntypedDeployment, error) {
	return readDeployment(e.stateFile())
}

func readDeployment(path string) (apitype.DeploymentV3, apitype.UntypedDeployment, error) {
	empty := apitype.UntypedDeployment{Version: apitype.DeploymentSchemaVersionCurrent, Deployment: json.RawMessage("{}")}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return apitype.DeploymentV3{}, empty, nil
	}
	if err != nil {
		return apitype.DeploymentV3{}, empty, fmt.Errorf("reading the state: %w", err)
	}
	var file apitype.VersionedCheckpoint
	var checkpoint struct {
		Latest json.RawMessage `json:"latest"`
	}
	if err := json.Unmarshal(b, &file); err != nil {
		return apitype.DeploymentV3{}, empty, damaged(path, err)
	}
	if file.Version > apitype.DeploymentSchemaVersionLatest {
		return apitype.DeploymentV3{}, empty,
			fmt.Errorf("the state %s is of version %d and this program reads up to %d: use a newer program, or move the file away and "+
				"start anew",
				path, file.Version, apitype.DeploymentSchemaVersionLatest)
	}
	if err := json.Unmarshal(file.Checkpoint, &checkpoint); err != nil {
		return apitype.DeploymentV3{}, empty, damaged(path, err)
	}
	if len(checkpoint.Latest) == 0 || string(checkpoint.Latest) == "null" {
		return apitype.DeploymentV3{}, empty, nil
	}
	var state apitype.DeploymentV3
	if err := json.Unmarshal(checkpoint.Latest, &state); err != nil {
		return apitype.DeploymentV3{}, empty, damaged(path, err)
	}
	return state, apitype.UntypedDeployment{Version: file.Version, Features: file.Features, Deployment: checkpoint.Latest}, nil
}

// replaceDeployment writes the stack's state to the file it was read from.
func (e *Engine) replaceDeployment(state apitype.DeploymentV3) error {
	path := e.stateFile()
	b, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	var file apitype.VersionedCheckpoint
	var checkpoint map[string]json.RawMessage
	if err := json.Unmarshal(b, &file); err != nil {
		return damaged(path, err)
	}
	if err := json.Unmarshal(file.Checkpoint, &checkpoint); err != nil {
		return damaged(path, err)
	}
	if checkpoint["latest"], err = json.Marshal(state); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	if file.Checkpoint, err = json.Marshal(checkpoint); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	if b, err = json.Marshal(file); err != nil {
		return fmt.Errorf("writing the state: %w", err)
	}
	return replace(path, b)
}

func damaged(path string, err error) error {
	return fmt.Errorf("the state %s is damaged or cut short (%w): it was left as it is; put a copy of it back, such as %s.bak, which is "+
		"the one before, or move it away and start anew",
		path, err, filepath.Base(path))
}
