package machine

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// calendar is when a timer elapses: weekdays, months, days, hours, minutes and seconds, each nil for any.
type calendar struct {
	weekdays []string
	parts    [5][]int
}

var calendarPattern = regexp.MustCompile(`^(?:([A-Za-z,]+) )?\*-([0-9*,]+)-([0-9*,]+) ([0-9*,]+):([0-9*,]+):([0-9*,]+)(?: UTC)?$`)

// readCalendar reads the supported calendar events: lists and asterisks (systemd.time, "Calendar events").
func readCalendar(text string) (c calendar, err error) {
	match := calendarPattern.FindStringSubmatch(text)
	if match == nil {
		return c, fmt.Errorf("OnCalendar=%s is not played in the living world", text)
	}
	if match[1] != "" {
		c.weekdays = strings.Split(match[1], ",")
	}
	for i, list := range match[2:] {
		if list == "*" {
			continue
		}
		for _, word := range strings.Split(list, ",") {
			n, err := strconv.Atoi(word)
			if err != nil {
				return c, fmt.Errorf("OnCalendar=%s: %w", text, err)
			}
			c.parts[i] = append(c.parts[i], n)
		}
	}
	return c, nil
}

// elapses says that the timer elapses in the second.
func (c calendar) elapses(at time.Time) bool {
	now := []int{int(at.Month()), at.Day(), at.Hour(), at.Minute(), at.Second()}
	for i, allowed := range c.parts {
		if allowed != nil && !slices.Contains(allowed, now[i]) {
			return false
		}
	}
	return c.weekdays == nil || slices.Contains(c.weekdays, at.Weekday().String()[:3])
}

// tick is a timer: it starts the service of its name whenever its calendar says so, unless that is still running.
func (s *service) tick(ctx context.Context, started func()) {
	name := strings.TrimSuffix(s.unit.name, filepath.Ext(s.unit.name)) + ".service"
	var calendars []calendar
	for _, text := range s.unit.settings["Timer.OnCalendar"] {
		c, err := readCalendar(text)
		if err != nil {
			s.set("failed")
			s.say("failed", err)
			return
		}
		calendars = append(calendars, c)
	}
	s.set("active")
	s.say("waits for "+strings.Join(s.unit.settings["Timer.OnCalendar"], ", "), nil)
	started()
	for {
		next := time.Now().Truncate(time.Second).Add(time.Second)
		select {
		case <-ctx.Done():
			s.set("inactive")
			return
		case <-time.After(time.Until(next)):
		}
		if slices.ContainsFunc(calendars, func(c calendar) bool { return c.elapses(next.UTC()) }) {
			if r := s.m.control("start", name, false); r.Code != 0 {
				s.say(r.Text, nil)
			}
		}
	}
}
