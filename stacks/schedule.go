package stacks

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// schedule is when a job runs: the five fields of cron (POSIX, crontab), in UTC.
type schedule struct{ minutes, hours, days, months, weekdays []int }

// cronFields are the fields' names and bounds.
var cronFields = []struct {
	name        string
	first, last int
}{{"minute", 0, 59}, {"hour", 0, 23}, {"day", 1, 31}, {"month", 1, 12}, {"weekday", 0, 6}}

// readSchedule reads a schedule such as "30 3 * * *".
func readSchedule(text string) (s schedule, err error) {
	words := strings.Fields(text)
	if len(words) != len(cronFields) {
		return s, fmt.Errorf("%q does not have the five fields of cron", text)
	}
	into := []*[]int{&s.minutes, &s.hours, &s.days, &s.months, &s.weekdays}
	for i, f := range cronFields {
		if *into[i], err = readField(words[i], f.first, f.last); err != nil {
			return s, fmt.Errorf("%q: the %s %w", text, f.name, err)
		}
	}
	if len(s.days) < 31 && len(s.weekdays) < 7 {
		return s, fmt.Errorf("%q names days and weekdays, which cron takes for either", text)
	}
	if s.longest() == 0 {
		return s, fmt.Errorf("%q never comes", text)
	}
	return s, nil
}

// readField reads a list of numbers, ranges and steps.
func readField(text string, first, last int) ([]int, error) {
	var all []int
	for _, part := range strings.Split(text, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		from, to, step := first, last, 1
		var wrong error
		number := func(text string) int {
			n, err := strconv.Atoi(text)
			if err != nil || n < first || n > last {
				wrong = fmt.Errorf("%q is not %d to %d", part, first, last)
			}
			return n
		}
		if low, high, ranged := strings.Cut(span, "-"); ranged {
			from, to = number(low), number(high)
		} else if span != "*" {
			from = number(span)
			if to = from; stepped {
				to = last
			}
		}
		if stepped {
			if n, err := strconv.Atoi(stepText); err == nil && n > 0 {
				step = n
			} else {
				wrong = fmt.Errorf("%q has no step", part)
			}
		}
		if wrong != nil || from > to {
			return nil, fmt.Errorf("%q is not %d to %d, a range, * or a step of these", part, first, last)
		}
		for n := from; n <= to; n += step {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// calendar is the schedule in systemd's syntax (systemd.time, "Calendar events").
func (s schedule) calendar() string {
	list := func(numbers []int, all int) string {
		if len(numbers) == all {
			return "*"
		}
		var texts []string
		for _, n := range numbers {
			texts = append(texts, fmt.Sprintf("%02d", n))
		}
		return strings.Join(texts, ",")
	}
	calendar := fmt.Sprintf("*-%s-%s %s:%s:00", list(s.months, 12), list(s.days, 31), list(s.hours, 24), list(s.minutes, 60))
	if len(s.weekdays) < 7 {
		var names []string
		for _, day := range s.weekdays {
			names = append(names, time.Weekday(day).String()[:3])
		}
		calendar = strings.Join(names, ",") + " " + calendar
	}
	return calendar
}

// longest is the longest time from one run to the next, 0 if it does not run within four years.
func (s schedule) longest() time.Duration {
	var longest time.Duration
	var last time.Time
	for day := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2033; day = day.AddDate(0, 0, 1) {
		if !slices.Contains(s.months, int(day.Month())) || !slices.Contains(s.days, day.Day()) || !slices.Contains(s.weekdays,
			int(day.Weekday())) {
			continue
		}
		for _, hour := range s.hours {
			for _, minute := range s.minutes {
				at := day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
				if !last.IsZero() {
					longest = max(longest, at.Sub(last))
				}
				last = at
			}
		}
	}
	return longest
}
