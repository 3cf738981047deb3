package infra

import (
	"fmt"
	"slices"
	"strings"
)

// logDays are the retention periods that CloudWatch Logs offers, in days (AWS, CloudWatch Logs API reference,
// PutRetentionPolicy).
var logDays = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// CheckLogDays reports a retention that CloudWatch Logs does not offer, under the setting's path.
func CheckLogDays(where string, days int) (problems Problems) {
	if !slices.Contains(logDays, days) {
		problems.Addf(where, "write one of "+strings.Trim(fmt.Sprint(logDays), "[]"), "CloudWatch Logs cannot keep logs for %d days", days)
	}
	return problems
}
