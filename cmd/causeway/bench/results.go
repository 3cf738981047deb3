package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// Results is what one run of the benchmark writes. Seconds belong to the machine and the hour; only ratios within one run
// can be compared.
type Results struct {
	Taken   time.Time `json:"taken"`
	Machine string    `json:"machine"`
	Go      string    `json:"go"`
	Figures Figures   `json:"figures"`
	Proofs  Figures   `json:"proofs,omitempty"`
	Scale   []Scale   `json:"scale,omitempty"`
	Path    Path      `json:"criticalPath"`
}

// Path is the longest chain of a deployment, by estimated creation times.
type Path struct {
	Steps   []Step  `json:"steps"`
	Seconds float64 `json:"seconds"`
	Sum     float64 `json:"sum"` // of all resources, made one after another
}

// Step is one resource of the path.
type Step struct {
	Name    string  `json:"name"`
	Type    string  `json:"type"`
	Seconds float64 `json:"seconds"`
}

func newResults(now time.Time) *Results {
	return &Results{
		Taken: now, Machine: fmt.Sprintf("%s/%s, %d CPUs", runtime.GOOS, runtime.GOARCH, runtime.NumCPU()), Go: runtime.Version(),
	}
}

// last is the newest results in a directory; nil if there are none.
func last(dir string) (*Results, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		return nil, err
	}
	newest := slices.Max(files) // their names begin with the time
	b, err := os.ReadFile(newest)
	if err != nil {
		return nil, fmt.Errorf("reading the last results: %w", err)
	}
	r := &Results{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("%s: %w: remove it", newest, err)
	}
	return r, nil
}

// write stores the results and their Markdown, and returns the path without suffix.
func (r *Results) write(dir, markdown string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("making a place for the results: %w", err)
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return "", fmt.Errorf("writing the results: %w", err)
	}
	path := filepath.Join(dir, r.Taken.UTC().Format("20060102T150405Z"))
	for suffix, text := range map[string][]byte{".json": b, ".md": []byte(markdown)} {
		if err := os.WriteFile(path+suffix, text, 0o644); err != nil {
			return "", fmt.Errorf("writing the results: %w", err)
		}
	}
	return path, nil
}
