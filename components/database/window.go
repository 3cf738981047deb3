package database

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

const (
	minutesOfDay  = 24 * 60
	minutesOfWeek = 7 * minutesOfDay
	// leastWindow is the shortest window that RDS takes (AWS, RDS API reference,
	// CreateDBInstance, PreferredBackupWindow and PreferredMaintenanceWindow).
	leastWindow = 30
)

// window is a stretch of minutes within a day or a week, which may run past its end.
type window struct{ start, length int }

var (
	dailyPattern  = regexp.MustCompile(`^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$`)
	weeklyPattern = regexp.MustCompile(
		`^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):([0-5]\d)-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):([0-5]\d)$`)
	weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
)

func parseDaily(text string) (window, error) {
	m := dailyPattern.FindStringSubmatch(text)
	if m == nil {
		return window{}, fmt.Errorf("%q is not a time of day", text)
	}
	return between(text, clock(m[1], m[2]), clock(m[3], m[4]), minutesOfDay)
}

func parseWeekly(text string) (window, error) {
	m := weeklyPattern.FindStringSubmatch(text)
	if m == nil {
		return window{}, fmt.Errorf("%q is not a time of week", text)
	}
	start := slices.Index(weekdays, m[1])*minutesOfDay + clock(m[2], m[3])
	end := slices.Index(weekdays, m[4])*minutesOfDay + clock(m[5], m[6])
	return between(text, start, end, minutesOfWeek)
}

func between(text string, start, end, cycle int) (window, error) {
	w := window{start: start, length: (end - start + cycle) % cycle}
	if w.length < leastWindow {
		return w, fmt.Errorf("%q is shorter than half an hour", text)
	}
	if w.length > minutesOfDay {
		return w, fmt.Errorf("%q is longer than a day", text)
	}
	return w, nil
}

// meetsDaily is whether a weekly window shares a minute with a daily one.
func (w window) meetsDaily(daily window) bool {
	for minute := range w.length {
		if at := (w.start + minute - daily.start + minutesOfWeek) % minutesOfDay; at < daily.length {
			return true
		}
	}
	return false
}

func clock(hours, minutes string) int {
	h, _ := strconv.Atoi(hours)
	m, _ := strconv.Atoi(minutes)
	return h*60 + m
}
