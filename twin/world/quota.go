package world

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/causeway-iac/causeway/twin/facts"
)

// quota bounds how much of something an account may have.
type quota struct {
	name       string // as a person sets it
	title      string // as Service Quotas calls it
	code       string // Service Quotas' service and code, "vpc/L-F678F1CE"; "" where it has none
	limit      int    // the default
	most       int    // the most that AWS grants; 0 if not published
	fixed      bool   // AWS raises it for nobody
	source     string // the document that states the limit
	refusal    string // the service's error code
	answer     string // the document that states the code, or "not documented" and the evidence
	types      []string
	only       func(*Call, *Object) bool   // which objects count; nil is all
	size       func(*Call, *Object) int    // how much of it one object uses; nil is one
	by         string                      // the output that names the scope, such as the VPC; "" is the region or the account
	per        func(*Call, *Object) string // the scope, where one output cannot name it
	eachObject bool                        // the quota applies to each object separately
}

// quotasOf are the quotas that a type counts toward.
var quotasOf = func() map[string][]*quota {
	byType := map[string][]*quota{}
	for i := range quotas {
		for _, typ := range quotas[i].types {
			byType[typ] = append(byType[typ], &quotas[i])
		}
	}
	return byType
}()

func (q *quota) sizeOf(c *Call, o *Object) int {
	switch {
	case q.only != nil && !q.only(c, o):
		return 0
	case q.size != nil:
		return q.size(c, o)
	}
	return 1
}

// place is the scope in which an object counts toward the quota.
func (q *quota) place(c *Call, o *Object) string {
	switch {
	case q.eachObject:
		return called(o)
	case q.per != nil:
		return q.per(c, o)
	case q.by != "":
		return o.Text(q.by)
	case globalTypes[o.Type]:
		return "the account"
	}
	return o.Region
}

// used is how much a place uses, leaving out one object: an earlier state of the one being counted.
func (q *quota) used(c *Call, o *Object, place string, without *Object) int {
	if q.eachObject || place == "" {
		return 0
	}
	total := 0
	for _, typ := range q.types {
		for other := range c.maybe(typ, q.by, o.Text(q.by)) {
			if (without == nil || other.Key != without.Key) && q.place(c, other) == place {
				total += q.sizeOf(c, other)
			}
		}
	}
	return total
}

// few says whether so few objects exist that the quota cannot be exceeded, without counting by place.
func (q *quota) few(c *Call, limit int) bool {
	if q.size != nil {
		return false
	}
	n := 1 + len(c.pending)
	for _, typ := range q.types {
		n += len(c.objects[typ])
	}
	return n <= limit
}

// withinQuotas refuses what would exceed a quota. old is nil at creation.
func (c *Call) withinQuotas(o, old *Object) error {
	for _, q := range quotasOf[o.Type] {
		limit := c.limitOf(q)
		size := q.sizeOf(c, o)
		if size == 0 || q.few(c, limit) {
			continue
		}
		place := q.place(c, o)
		if old != nil && q.sizeOf(c, old) >= size && q.place(c, old) == place {
			continue
		}
		if n := q.used(c, o, place, old) + size; n > limit {
			return fault(q.refusal, "%s: %s would have %d and may have %d%s", q.title, place, n, limit, q.advice())
		}
	}
	return nil
}

func (q *quota) advice() string {
	switch {
	case q.fixed:
		return "; AWS raises this quota for nobody"
	case q.most > 0:
		return fmt.Sprintf("; ask AWS for more, up to %d, and rehearse that with --quota %s=MORE", q.most, q.name)
	}
	return fmt.Sprintf("; ask AWS for more and rehearse that with --quota %s=MORE", q.name)
}

func (w *World) limitOf(q *quota) int {
	if n, set := w.options.Quotas[q.name]; set {
		return n
	}
	if n, set := w.options.Quotas[everyQuota]; set && !q.fixed {
		return n
	}
	return max(q.limit, w.options.Granted[q.name])
}

// Grant has the account have what AWS has granted it, from now on.
func (w *World) Grant(limits map[string]int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.options.Granted = limits
}

// everyQuota stands for all quotas that AWS raises.
const everyQuota = "all"

// CheckQuotas says what is wrong with limits by name.
func CheckQuotas(limits map[string]int) error {
	known := map[string]*quota{}
	for i := range quotas {
		known[quotas[i].name] = &quotas[i]
	}
	var errs []error
	for name, n := range limits {
		q := known[name]
		switch {
		case q == nil && name != everyQuota:
			hint := ""
			if near := facts.Nearest(name, known); near != "" {
				hint = fmt.Sprintf("; the nearest is %q", near)
			}
			errs = append(errs, fmt.Errorf("the quota %q is not known%s: `causeway twin quotas` lists them, and all means every one", name,
				hint))
		case q != nil && q.fixed:
			errs = append(errs, fmt.Errorf("the quota %q is %d for everybody: AWS raises it for nobody", name, q.limit))
		case n < 0:
			errs = append(errs, fmt.Errorf("the quota %s=%d: write a number from 0", name, n))
		case q != nil && q.most > 0 && n > q.most:
			errs = append(errs, fmt.Errorf("the quota %s=%d: AWS raises it to %d at most", name, n, q.most))
		}
	}
	if err := rulesOfAnInterface(known, limits); err != nil {
		errs = append(errs, err)
	}
	sort.Slice(errs, func(i, j int) bool { return errs[i].Error() < errs[j].Error() })
	return errors.Join(errs...)
}

// rulesOfAnInterface: the number of an interface's groups times the rules of each is at most 1,000 (VPC user guide,
// "Amazon VPC quotas").
func rulesOfAnInterface(known map[string]*quota, limits map[string]int) error {
	product, asked := 1, false
	var names []string
	for _, name := range []string{"rules-per-security-group", "security-groups-per-interface"} {
		n, set := limits[name]
		if !set {
			n = known[name].limit
		}
		product, asked = product*n, asked || set
		names = append(names, fmt.Sprintf("%s=%d", name, n))
	}
	if asked && product > 1000 {
		return fmt.Errorf("the quotas %s: AWS keeps their product at 1000 or less, and it is %d", strings.Join(names, " and "), product)
	}
	return nil
}

// Quota is how much of something an account may have, and how much one place uses.
type Quota struct {
	Name       string `json:"name"`           // as it is set
	Title      string `json:"title"`          // as AWS calls it
	Code       string `json:"code,omitempty"` // Service Quotas' service and code
	Default    int    `json:"default"`
	Limit      int    `json:"limit"`
	Adjustable bool   `json:"adjustable"`
	Most       int    `json:"most,omitempty"`  // the most that AWS grants, where published
	Source     string `json:"source"`          // the document that states the default
	Used       int    `json:"used"`            // by the place that uses the most
	Where      string `json:"where,omitempty"` // that place: a region, the account, a VPC and so on
}

// Quotas lists every quota with its use.
func (w *World) Quotas() []Quota {
	w.mu.RLock()
	defer w.mu.RUnlock()
	c := w.call(Request{})
	var out []Quota
	for i := range quotas {
		q := &quotas[i]
		entry := Quota{Name: q.name, Title: q.title, Code: q.code, Default: q.limit, Limit: w.limitOf(q), Adjustable: !q.fixed,
			Most: q.most, Source: q.source}
		used := map[string]int{}
		for _, typ := range q.types {
			for o := range c.each(typ) {
				if place := q.place(c, o); place != "" {
					used[place] += q.sizeOf(c, o)
				}
			}
		}
		for place, n := range used {
			if n > entry.Used || n == entry.Used && n > 0 && place < entry.Where {
				entry.Used, entry.Where = n, place
			}
		}
		out = append(out, entry)
	}
	return out
}

// quotaOf finds a quota by Service Quotas' service and code, or its title.
func quotaOf(service, code, title string) *quota {
	for i := range quotas {
		if s, k, _ := strings.Cut(quotas[i].code, "/"); s == service && (k == code || quotas[i].title == title) {
			return &quotas[i]
		}
	}
	return nil
}

// sizeAt counts what an object has at a path.
func sizeAt(paths ...string) func(*Call, *Object) int {
	return func(_ *Call, o *Object) int {
		n := 0
		for _, path := range paths {
			n = max(n, len(at(o.Outputs, path)))
		}
		return n
	}
}

func ofFamily(family string) func(*Call, *Object) bool {
	return func(_ *Call, o *Object) bool { return balancerFamily(o) == family }
}
