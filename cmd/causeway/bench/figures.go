package main

import (
	"math"
	"slices"
	"time"
)

// Figure is one quantity, measured several times.
type Figure struct {
	Program   string    `json:"program"`             // "platform", "bare", "same", "empty" or what was built
	Operation string    `json:"operation"`           // "preview", "up", "no change", "start", "rebuild", "relink", "cold build"
	Kept      bool      `json:"kept,omitempty"`      // state and world in files, written at every step
	Platforms int       `json:"platforms,omitempty"` // size, in platforms; for a bare program, that of the platforms it is compared with
	Resources int       `json:"resources,omitempty"` // that a provider manages
	Seconds   []float64 `json:"seconds"`
	CPU       []float64 `json:"cpu,omitempty"`   // processor seconds, in the same rounds
	Bytes     int64     `json:"bytes,omitempty"` // the largest process's peak memory
}

func (f *Figure) add(d time.Duration) { f.Seconds = append(f.Seconds, d.Seconds()) }

// median is the median of the samples, NaN if there are none.
func (f Figure) median() float64 { return median(f.Seconds) }

func (f Figure) least() float64 {
	if len(f.Seconds) == 0 {
		return math.NaN()
	}
	return slices.Min(f.Seconds)
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// ratio is how many times longer a takes than b: the median of the ratios of their rounds, since whatever else the
// machine does slows both sides of a round alike.
func ratio(a, b Figure) float64 { return roundsRatio(a.Seconds, b.Seconds) }

// cpuRatio is the same for processor time.
func cpuRatio(a, b Figure) float64 { return roundsRatio(a.CPU, b.CPU) }

func roundsRatio(a, b []float64) float64 {
	ratios := make([]float64, min(len(a), len(b)))
	for i := range ratios {
		ratios[i] = a[i] / b[i]
	}
	return median(ratios)
}

// each is the time for one resource, in milliseconds, less what an empty program takes: elapsed, and processor time.
func each(f, empty Figure) (took, cpu float64) {
	if f.Resources == 0 {
		return math.NaN(), math.NaN()
	}
	n := float64(f.Resources) / 1000
	return (f.median() - empty.median()) / n, (median(f.CPU) - median(empty.CPU)) / n
}

// Figures all belong to one run.
type Figures []*Figure

// find is the figure for a program's operation at a size, or an empty one if it was not measured.
func (all Figures) find(program, operation string, kept bool, platforms int) Figure {
	for _, f := range all {
		if f.Program == program && f.Operation == operation && f.Kept == kept && f.Platforms == platforms {
			return *f
		}
	}
	return Figure{}
}
