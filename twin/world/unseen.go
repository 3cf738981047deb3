package world

import "time"

// late makes a world eventually consistent: others do not see what was made for a while.
type late struct {
	takes time.Duration
	made  map[string]time.Time // when objects that may still be unseen were made, by key
}

// Unseen hides what is created from now on from lookups, reads and references for this long.
func (w *World) Unseen(takes time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.late = late{takes: takes, made: map[string]time.Time{}}
}

func (l *late) note(key string) {
	if l.takes <= 0 {
		return
	}
	now := time.Now()
	for k, at := range l.made {
		if now.Sub(at) > l.takes {
			delete(l.made, k)
		}
	}
	l.made[key] = now
}

// left is how long an object is still unseen.
func (l *late) left(o *Object) time.Duration {
	if len(l.made) == 0 {
		return 0
	}
	at, noted := l.made[objectKey(o.Type, o.Key)]
	if !noted {
		return 0
	}
	return max(0, l.takes-time.Since(at))
}

// UnseenError is a refusal whose only reason is that what the call refers to is not seen yet.
type UnseenError struct {
	error
	Left time.Duration // until it is seen
}

func (e *UnseenError) Unwrap() error { return e.error }

// unseen says whether references to an object still fail, and remembers for how long.
func (c *Call) unseen(o *Object) bool {
	left := c.late.left(o)
	c.waits = max(c.waits, left)
	return left > 0
}

// early marks a refusal that is due to something not seen yet.
func (c *Call) early(err error) error {
	if err == nil || c.waits == 0 {
		return err
	}
	return &UnseenError{err, c.waits}
}
