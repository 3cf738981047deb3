package cost

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// product multiplies the factors of "2 zones × 730 h × 0.045".
func product(t *testing.T, formula string) float64 {
	result := 1.0
	for factor := range strings.SplitSeq(formula, "×") {
		number, _, _ := strings.Cut(strings.TrimSpace(factor), " ")
		f, err := strconv.ParseFloat(number, 64)
		require.NoError(t, err, formula)
		result *= f
	}
	return result
}
