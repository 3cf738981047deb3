// Package docs holds what the documents say to what is true.
package docs

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var number = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)

func read(t *testing.T, path string) string {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

func cells(line string) []string {
	var c []string
	for _, cell := range strings.Split(strings.Trim(line, "|"), "|") {
		c = append(c, strings.TrimSpace(strings.ReplaceAll(cell, "**", "")))
	}
	return c
}

// product multiplies the factors of "2 × 730 h × 0.045".
func product(t *testing.T, text string) float64 {
	result := 1.0
	for _, factor := range strings.Split(text, "×") {
		f, err := strconv.ParseFloat(number.FindString(factor), 64)
		require.NoError(t, err, text)
		result *= f
	}
	return result
}

// Each figure is the product of what stands beside it, each sum that of its column, and each price has
// a source.
func TestCostsAddUp(t *testing.T) {
	text := read(t, "costs.md")
	table, sources, found := strings.Cut(text, "## Sources")
	require.True(t, found)
	sums, told := [2]float64{}, [2]float64{}
	rows := 0
	for line := range strings.Lines(table) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "| line") {
			continue
		}
		c := cells(line)
		require.Len(t, c, 5, line)
		for i := range sums {
			how, figure := c[1+2*i], c[2+2*i]
			if figure == "" {
				continue
			}
			value, err := strconv.ParseFloat(figure, 64)
			require.NoError(t, err, line)
			if c[0] == "sum" {
				told[i] = value
				continue
			}
			assert.InDelta(t, product(t, how), value, 0.005, line)
			sums[i] += value
		}
		if c[0] != "sum" {
			rows++
			ref := regexp.MustCompile(`\[([0-9]+)\]`).FindStringSubmatch(c[0])
			require.NotNil(t, ref, "no source: %s", line)
		}
	}
	assert.GreaterOrEqual(t, rows, 12)
	for i := range sums {
		assert.Equal(t, told[i], math.Round(sums[i]*100)/100)
	}
	for _, ref := range regexp.MustCompile(`\[([0-9]+)\]`).FindAllStringSubmatch(table, -1) {
		assert.Contains(t, sources, "\n"+ref[1]+". ", "source %s is missing", ref[1])
	}
}
