package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Scale is what many resources on one twin take: a twin in a process of its own, and one stack or several at once, each
// of them previewed, deployed and previewed without a change.
type Scale struct {
	Resources int                `json:"resources"`
	Stacks    int                `json:"stacks"`    // at once
	CPU       map[string]float64 `json:"cpu"`       // processor seconds by operation; "life" is all of them, the twin's included
	Twin      float64            `json:"twin"`      // processor seconds of the twin
	Peak      int64              `json:"peak"`      // peak bytes of memory of the twin
	Live      int64              `json:"live"`      // bytes that the twin still holds at the end
	Empty     usage              `json:"emptyTwin"` // of a twin with nothing in it
}

// wholeLife is the sum of a life's operations.
const wholeLife = "life"

// scales measures each size in one stack, and the largest again in several at once.
func (b *bench) scales(ctx context.Context) error {
	for i, size := range b.scale {
		crowds := []int{1}
		if i == len(b.scale)-1 && b.together > 1 {
			crowds = append(crowds, b.together)
		}
		for _, stacks := range crowds {
			n := over(over(size, b.count), stacks) * stacks // platforms, enough for at least that many resources
			say("%d resources in %d stacks at once, on one twin", n*b.count, stacks)
			s, err := b.crowd(ctx, n/stacks, stacks)
			if err != nil {
				return fmt.Errorf("%d resources in %d stacks: %w", n*b.count, stacks, err)
			}
			b.results.Scale = append(b.results.Scale, s)
		}
	}
	return nil
}

// crowd runs several stacks at once on one twin, each with some platforms of its own.
func (b *bench) crowd(ctx context.Context, each, together int) (s Scale, err error) {
	t, err := startTwin(ctx, b.site.world)
	if err != nil {
		return Scale{}, err
	}
	defer func() { err = errors.Join(err, t.stop()) }()
	s = Scale{Resources: each * together * b.count, Stacks: together, CPU: map[string]float64{}}
	if s.Empty, err = t.usage(); err != nil {
		return Scale{}, err
	}
	start := cpuTime()
	lives, problems := make([]life, together), make([]error, together)
	var running sync.WaitGroup
	for i := range together {
		running.Go(func() {
			sub := subject{fmt.Sprintf("stack %d", i), platforms(i*each, each, b.settings, b.site.project.Root)}
			lives[i], problems[i] = b.site.on(ctx, t.attach, sub, false, nil)
		})
	}
	running.Wait()
	if err := errors.Join(problems...); err != nil {
		return Scale{}, err
	}
	own := cpuTime() - start
	end, err := t.usage()
	if err != nil {
		return Scale{}, err
	}
	s.Twin = (end.CPU - s.Empty.CPU).Seconds()
	s.CPU[wholeLife] = own.Seconds() + s.Twin
	s.Peak, s.Live = end.Peak, end.Live
	if together == 1 { // otherwise the operations of different stacks overlap
		for _, operation := range operations {
			s.CPU[operation] = lives[0][operation].CPU.Seconds()
		}
	}
	return s, nil
}

// scaling is what many resources on one twin take, as a person reads it.
func (r *Results) scaling(before []Scale) table {
	t := table{
		title: "Many resources on one twin",
		note: "Milliseconds of processors for each resource: of program and engine for an operation, and for a whole life (preview, up, " +
			"preview without change) with the twin's and each engine's start. " +
			"The twin has a process of its own. peak: its memory at the most; per 1,000: what that is above an empty twin's, and what " +
			"stays in use. last: the life, in the run before.",
		header: []string{"resources", "stacks at once", "preview", "up", "no change", "life", "of it the twin", "last", "twin's peak MB",
			"MB per 1,000", "of it in use"},
	}
	for _, s := range r.Scale {
		each := func(seconds float64, known bool) string {
			if !known {
				return "-"
			}
			return number(1000*seconds/float64(s.Resources), 2)
		}
		perThousand := func(bytes int64) string {
			return number(float64(bytes)/float64(s.Resources)*1000/(1<<20), 1)
		}
		row := []string{fmt.Sprint(s.Resources), fmt.Sprint(s.Stacks)}
		for _, operation := range operations {
			seconds, known := s.CPU[operation]
			row = append(row, each(seconds, known))
		}
		row = append(row, each(s.CPU[wholeLife], true), each(s.Twin, true), "-",
			megabytes(s.Peak), perThousand(s.Peak-s.Empty.Peak), perThousand(s.Live-s.Empty.Live))
		for _, was := range before {
			if was.Stacks == s.Stacks && alike(was.Resources, s.Resources) {
				row[7] = number(1000*was.CPU[wholeLife]/float64(was.Resources), 2)
			}
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// over is a divided by b, rounded up.
func over(a, b int) int { return (a + b - 1) / b }

// alike says whether two numbers of resources are of one size, even if a platform has gained or lost a few.
func alike(a, b int) bool { return 10*max(a-b, b-a) <= b }
