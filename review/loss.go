package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/graph"
)

// Loss is a change that could lose data or identity: it deletes or replaces what holds it, switches a protection off,
// shortens how long something is kept, or shrinks what cannot grow back.
type Loss struct {
	URN  string `json:"urn"`
	Name string `json:"name"`
	Type string `json:"type"`
	// What happens, one sentence.
	What string `json:"what"`
	// Why is the property that forces it, as "path: old → new", or another cause.
	Why string `json:"why,omitempty"`
	// Protection is what prevents it today: "" if nothing does.
	Protection string `json:"protection,omitempty"`
	// Consequence is what it means for users: which of old and new comes first, and the downtime.
	Consequence string `json:"consequence"`
	// Allowed is the reason for which the stack's settings allow it, "" if they do not; Refused is why what they say does
	// not allow it.
	Allowed string `json:"allowed,omitempty"`
	Refused string `json:"refused,omitempty"`

	rank int // what is gone comes before what only could be
}

// Losses are the changes of a preview that could lose data or identity, including those that the stack's settings allow
// on the given day.
func Losses(p *graph.Preview, now time.Time) []Loss {
	found := losses(p, changes(p))
	allow(found, p, now)
	return found
}

func losses(p *graph.Preview, all []Change) []Loss {
	told, goes := map[string]Change{}, map[string]bool{}
	for _, c := range all {
		told[c.URN] = c
		goes[c.URN] = c.Action == graph.Delete
	}
	var found []Loss
	add := func(c graph.Change, l Loss) {
		r := either(c)
		l.URN, l.Name, l.Type = r.URN, r.Name, r.Type
		found = append(found, l)
	}
	for _, c := range p.Changes {
		if !either(c).Custom {
			continue
		}
		if c.Before == nil {
			for _, l := range begun(p, c.After) {
				add(c, l)
			}
			continue
		}
		h, holds := holders[c.Before.Type]
		guarded, guards := guardians[c.Before.Type]
		switch {
		case holds && c.Action == graph.Delete && c.Before.Retained:
			add(c, Loss{
				What: "would leave the stack, with " + h.holds, Why: "the program no longer declares it",
				Consequence: "it stays in the account, where nothing manages it any more", Protection: protection(c.Before),
			})
		case holds && c.Action == graph.Delete:
			add(c, Loss{
				rank: h.rank(), What: "would be deleted, with " + h.holds, Why: "the program no longer declares it" + another(p, c.Before),
				Consequence: h.outage, Protection: protection(c.Before),
			})
		case holds && c.Action == graph.Replace:
			add(c, Loss{
				rank: h.rank(), What: h.replaced(), Why: why(told[c.URN]),
				Consequence: order(c) + h.outage, Protection: protection(c.Before),
			})
		case guards && c.Action == graph.Delete && !c.Before.Retained && !follows(c.Before, goes):
			add(c, Loss{
				rank: unguarded, What: "would be deleted: " + guarded, Why: "the program no longer declares it",
				Consequence: notYet, Protection: protection(c.Before),
			})
		}
		if c.After != nil {
			for _, l := range weakened(c) {
				add(c, l)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Loss) int { return cmp.Or(b.rank-a.rank, strings.Compare(a.Name, b.Name)) })
	return found
}

// another is a hint at what a deleted resource may have become: the one that is new of its type, where none but it goes.
func another(p *graph.Preview, r *graph.Resource) string {
	var made []string
	deleted := 0
	for _, c := range p.Changes {
		switch {
		case c.Action == graph.Create && c.After.Type == r.Type:
			made = append(made, c.After.Name)
		case c.Action == graph.Delete && c.Before.Type == r.Type:
			deleted++
		}
	}
	if len(made) != 1 || deleted != 1 {
		return ""
	}
	return fmt.Sprintf(", but a new %s: if it is the same under another name, give that an alias", made[0])
}

// The ranks of losses.
const (
	unguarded = iota + 1
	faded     // what was logged or cached, or an address
	gone
)

func (h holder) rank() int {
	if slices.Contains([]string{logged, noCache, noPartner}, h.outage) {
		return faded
	}
	return gone
}

const (
	notYet      = "nothing is lost yet: the next change or mistake could lose it"
	shorterTime = "a shorter time"
	olderGoes   = "what is older than that goes"
)

// follows says that a resource goes away together with the one it is part of.
func follows(r *graph.Resource, gone map[string]bool) bool {
	for _, urns := range r.PropertyDependencies {
		if slices.ContainsFunc(urns, func(urn string) bool { return gone[urn] }) {
			return true
		}
	}
	return false
}

// begun is what a new lifecycle would delete from an existing bucket.
func begun(p *graph.Preview, r *graph.Resource) []Loss {
	if p.Before == nil || !strings.HasPrefix(r.Type, "aws:s3/bucketLifecycleConfiguration") {
		return nil
	}
	was := func(bucket *graph.Resource) bool { return p.Before.ByURN(bucket.URN) != nil }
	if !slices.ContainsFunc(p.After.Ref(r, "bucket"), was) {
		return nil
	}
	return shorter(shortened(r, nil, r.Inputs), "")
}

// order says which of the two exists first.
func order(c graph.Change) string {
	if c.DeletedFirst {
		return "the old one goes before the new one is made: "
	}
	return "the new one is made before the old one goes: "
}

// why is what forces a replacement.
func why(c Change) string {
	var reasons []string
	for _, d := range c.Differences {
		if d.Forces {
			reasons = append(reasons, d.Path+": "+d.Text())
		}
	}
	if len(reasons) == 0 && c.Caused != "" {
		return c.Caused + " is replaced"
	}
	if len(reasons) == 0 && len(c.Differences) > 0 {
		for _, d := range c.Differences {
			reasons = append(reasons, d.Path+": "+d.Text())
		}
		return "one of what differs forces it: " + strings.Join(reasons, "; ")
	}
	return cmp.Or(strings.Join(reasons, "; "), "the provider does not say which property forces it")
}

// protection is what keeps a resource from being deleted today.
func protection(r *graph.Resource) string {
	var all []string
	if r.Protect {
		all = append(all, "Pulumi's protect")
	}
	for _, path := range []string{"deletionProtection", "enableDeletionProtection", "deletionProtectionEnabled"} {
		if on, _ := r.Bool(path); on {
			all = append(all, "AWS's "+path)
		}
	}
	if skips, known := r.Bool("skipFinalSnapshot"); known && !skips {
		all = append(all, "a final snapshot")
	}
	if property := force[r.Type]; property != "" {
		if forced, _ := r.Bool(property); !forced {
			all = append(all, "AWS, which deletes none that is not empty")
		}
	}
	for _, path := range []string{"deletionWindowInDays", "recoveryWindowInDays"} {
		if days, _ := r.Int(path); days > 0 {
			all = append(all, fmt.Sprintf("%d days in which its deletion can be cancelled", days))
		}
	}
	return strings.Join(all, ", ")
}

// force is the property by which a thing is deleted with what is in it. Without it, AWS deletes it only when it is empty.
var force = map[string]string{
	"aws:s3/bucketV2:BucketV2": "forceDestroy", "aws:s3/bucket:Bucket": "forceDestroy", "aws:backup/vault:Vault": "forceDestroy",
	"aws:ecr/repository:Repository": "forceDelete", "aws:ecrpublic/repository:Repository": "forceDestroy",
}

// weakened are the protections that a change removes from a resource.
func weakened(c graph.Change) []Loss {
	var found []Loss
	protection := protection(c.After)
	add := func(what, path, before, after string) {
		l := Loss{What: what, Why: path + ": " + before + " → " + after, Consequence: notYet, Protection: protection}
		if strings.Contains(what, shorterTime) {
			l.Consequence = olderGoes
		}
		found = append(found, l)
	}
	if c.Before.Protect && !c.After.Protect {
		add("loses Pulumi's protection from deletion", "protect", "true", "false")
	}
	for _, g := range guards {
		before, _ := c.Before.Get(g.path)
		after, _ := c.After.Get(g.path)
		if g.unclear(before, after) || !unknown(after) && g.weaker(before, after) {
			add(g.what, g.path, brief(before), brief(after))
		}
	}
	return append(found, shorter(shortened(c.Before, c.Before.Inputs, c.After.Inputs), protection)...)
}

func shorter(all []Difference, protection string) (found []Loss) {
	for _, d := range all {
		found = append(found, Loss{
			What: "keeps something for " + shorterTime, Why: d.Path + ": " + d.Before + " → " + d.After, Protection: protection,
			Consequence: olderGoes,
		})
	}
	return found
}

func unknown(value any) bool {
	switch value.(type) {
	case graph.Unknown, graph.Secret:
		return true
	}
	return false
}

// together are losses that are one thing to a reader: those of one resource that have the same consequence, and those that
// read the same but for whose they are.
func together(all []Loss) []Loss {
	var each []Loss
	for _, l := range all {
		i := slices.IndexFunc(each, func(o Loss) bool {
			o.What, o.Why = l.What, l.Why
			return o == l
		})
		if i < 0 {
			each = append(each, l)
			continue
		}
		if each[i].Why += "; " + l.Why; !strings.Contains(each[i].What, l.What) {
			each[i].What += ", and " + l.What
		}
	}
	var told []Loss
	names := map[int][]string{}
	for _, l := range each {
		i := slices.IndexFunc(told, func(o Loss) bool {
			o.URN, o.Name, o.Type = l.URN, l.Name, l.Type
			return o == l
		})
		if i < 0 {
			i = len(told)
			told = append(told, l)
		}
		names[i] = append(names[i], l.Name)
	}
	for i := range told {
		if of := unique(names[i]); len(of) > 1 {
			told[i].Name, told[i].What = strings.Join(of, ", "), "each "+told[i].What
		}
	}
	return told
}
