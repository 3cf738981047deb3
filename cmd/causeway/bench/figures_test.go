package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 9, 2}, 3},
		{[]float64{100, 1, 1}, 1},
	} {
		given := append([]float64(nil), c.values...)
		assert.Equal(t, c.want, median(c.values), c.values)
		assert.Equal(t, given, c.values, "the order of the rounds is lost")
	}
	assert.True(t, math.IsNaN(median(nil)))
}

// The machine was twice as slow in the second round: the ratio of the medians, 60/30,
// would say 2.
func TestRatioComparesWithinARound(t *testing.T) {
	platform := Figure{Seconds: []float64{30, 60, 90}}
	floor := Figure{Seconds: []float64{20, 40, 30}}
	assert.Equal(t, 1.5, ratio(platform, floor))
	assert.True(t, math.IsNaN(cpuRatio(platform, floor)), "the processors' time is another")
	platform.CPU, floor.CPU = []float64{8, 9, 7}, []float64{2, 3, 1}
	assert.Equal(t, 4.0, cpuRatio(platform, floor))
	assert.Equal(t, 3.0, ratio(Figure{Seconds: []float64{30}}, Figure{Seconds: []float64{10, 1}}), "rounds that both have")
	assert.True(t, math.IsNaN(ratio(platform, Figure{})))
}

func TestEachResourceWithoutTheEmptyProgram(t *testing.T) {
	f := Figure{Resources: 200, Seconds: []float64{1.5, 0.9, 0.7}, CPU: []float64{2, 1.6, 1}}
	took, cpu := each(f, Figure{Seconds: []float64{0.4}, CPU: []float64{0.2}})
	assert.InDelta(t, 2.5, took, 1e-9)
	assert.InDelta(t, 7, cpu, 1e-9)
	took, _ = each(Figure{Seconds: []float64{1}}, Figure{Seconds: []float64{1}})
	assert.True(t, math.IsNaN(took))
}

func TestFindTellsFiguresApart(t *testing.T) {
	all := Figures{
		{Program: "bare", Operation: "up", Platforms: 1, Seconds: []float64{1}},
		{Program: "bare", Operation: "up", Platforms: 5, Seconds: []float64{2}},
		{Program: "bare", Operation: "up", Platforms: 5, Kept: true, Seconds: []float64{3}},
		{Program: "bare", Operation: "preview", Platforms: 5, Kept: true, Seconds: []float64{4}},
		{Program: "platform", Operation: "preview", Platforms: 5, Kept: true, Seconds: []float64{5}},
	}
	for _, f := range all {
		assert.Equal(t, *f, all.find(f.Program, f.Operation, f.Kept, f.Platforms))
	}
	assert.Empty(t, all.find("empty", "up", false, 1).Seconds)
}

func TestRoundsShrinkWithSize(t *testing.T) {
	o := options{runs: 5}
	assert.Equal(t, []int{5, 2, 1, 1}, []int{o.rounds(1, false), o.rounds(5, false), o.rounds(20, false), o.rounds(200, false)})
	assert.Equal(t, []int{2, 1, 1}, []int{o.rounds(1, true), o.rounds(2, true), o.rounds(20, true)})
}
